"""The register of inmates."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, UniqueConstraint, Uuid

from giatja_training.inmates.domain import Inmate
from giatja_training.tables import mapper, metadata

inmate = Table(
    "inmate",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("register_number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("expected_release", Date),
    Column("block", Text, nullable=False),
    Column("fitness", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("left_on", Date),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lapas_id", "register_number", name="inmate_register_number"),
    CheckConstraint("fitness IN ('fit', 'limited', 'not_fit')", name="inmate_fitness"),
    CheckConstraint("status IN ('present', 'transferred', 'released')", name="inmate_status"),
    CheckConstraint("(status = 'present') = (left_on IS NULL)", name="inmate_left_on"),
    Index("inmate_by_name", "lapas_id", "name", "id"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Inmate, inmate, version_id_col=inmate.c.version)
