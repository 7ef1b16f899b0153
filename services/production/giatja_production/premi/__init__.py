"""Premi, the inmates' pay: schemes, what work earns, the monthly list, and the ledger of each inmate."""
