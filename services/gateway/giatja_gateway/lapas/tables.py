"""The tables of the registry of Lapas."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from giatja_gateway.lapas.domain import Lapas
from giatja_gateway.tables import mapper, metadata

lapas = Table(
    "lapas",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("class", Text, nullable=False, key="lapas_class"),
    Column("zone", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("lapas_id ~ '^[A-Z0-9]{2,8}$'", name="lapas_code"),
    CheckConstraint("class IN ('I', 'IIA', 'IIB', 'III')", name="lapas_class"),
    CheckConstraint("zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')", name="lapas_zone"),
)

lapas_titles = Table(
    "lapas_titles",
    metadata,
    Column("lapas_id", Text, ForeignKey("lapas.lapas_id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("letterhead", ARRAY(Text), nullable=False),
    Column("titles", JSONB, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Lapas, lapas, version_id_col=lapas.c.version)
