"""Tests of the whole: what no single package can show."""
