"""The table of Lapas."""

from sqlalchemy import Column, Table, Text

from giatja_production.lapas.domain import Lapas
from giatja_production.tables import mapper, metadata

lapas = Table(
    "lapas",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Lapas, lapas)
