"""Officers in turns: the roster, each turn with its reasons, and the log of a shift."""
