"""Officers in turns: who accompanies which workshop on which day, and the log of each shift."""
