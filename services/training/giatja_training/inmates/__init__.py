"""Inmates: the register, the only place where their names are kept."""
