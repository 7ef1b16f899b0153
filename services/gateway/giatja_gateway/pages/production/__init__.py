"""Production: the board of work orders, one work order, the workshops."""
