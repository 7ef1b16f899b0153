"""Beranda: what needs doing today, for each role its own."""
