"""Whether the books of production add up: what is kept as a sum, against what it is the sum of."""
