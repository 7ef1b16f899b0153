"""Tools: who has which, from the issue to the return, and what is missing at the end of a shift."""
