"""The screens of materials: what is in the store, what moves, its counts, bills, stock book and settlement."""
