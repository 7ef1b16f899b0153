"""Workshops, work orders and the output of each shift."""
