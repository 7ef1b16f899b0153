"""The table of partners."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, Uuid

from giatja_orders.partners.domain import Partner
from giatja_orders.tables import mapper, metadata

partner = Table(
    "partner",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Partner, partner, version_id_col=partner.c.version)
