"""Alembic's entry: everything is in the kit."""

from giatja_kit.migrations import run_env
from giatja_orders import tables

tables.map_all()
run_env(tables.metadata)
