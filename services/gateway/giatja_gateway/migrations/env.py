"""Alembic's entry: everything is in the kit."""

from giatja_gateway import tables
from giatja_kit.migrations import run_env

tables.map_all()
run_env(tables.metadata)
