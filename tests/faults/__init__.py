"""Faults on real processes, and a ledger that compares every source with every subscriber."""
