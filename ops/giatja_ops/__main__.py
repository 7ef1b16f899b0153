"""Lets ``python -m giatja_ops`` be the command ``giatja``."""

from giatja_ops.cli import main

main()
