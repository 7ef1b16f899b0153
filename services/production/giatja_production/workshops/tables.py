"""The tables of workshops and their targets."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.tables import mapper, metadata
from giatja_production.workshops.domain import Route, Workshop


class RouteColumn(TypeDecorator[Route]):
    """A route kept whole, as JSON."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Route | None, dialect: Any) -> dict[str, Any] | None:
        """Write a route."""
        return value.document() if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> Route | None:
        """Read a route."""
        return Route.read(value) if value is not None else None


workshop = Table(
    "workshop",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("route", RouteColumn, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lapas_id", "name", name="workshop_name"),
)

month_target = Table(
    "month_target",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("workshop_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("pieces", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("pieces >= 0", name="month_target_pieces"),
    CheckConstraint("extract(day FROM month) = 1", name="month_target_month"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Workshop, workshop, version_id_col=workshop.c.version)
