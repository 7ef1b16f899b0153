"""The tables of workshops and their targets."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.tables import mapper, metadata
from giatja_production.workshops.domain import Downtime, Machine, Route, Workshop


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
    Column("route_version", Integer, nullable=False, server_default="1"),
    Column("closed_on", Date),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lapas_id", "name", name="workshop_name"),
)

# Each change of a route makes a new one; those before it stay, for the work orders that follow them.
route_version = Table(
    "route_version",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("workshop_id", Uuid, primary_key=True),
    Column("version_no", Integer, primary_key=True),
    Column("route", RouteColumn, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("version_no > 0", name="route_version_no"),
)

machine = Table(
    "machine",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("stage_key", Text, nullable=False),
    Column("capacity_minutes_per_day", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "workshop_id", "name", name="machine_name"),
    CheckConstraint("capacity_minutes_per_day BETWEEN 1 AND 1440", name="machine_capacity"),
)

# While `ends_at` is empty the machine is down; there is one such row at the most.
machine_downtime = Table(
    "machine_downtime",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("machine_id", Uuid, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("ended_by", Text),
    ForeignKeyConstraint(["lapas_id", "machine_id"], ["machine.lapas_id", "machine.id"]),
    CheckConstraint("ends_at >= starts_at", name="machine_downtime_period"),
    CheckConstraint("(ends_at IS NULL) = (ended_by IS NULL)", name="machine_downtime_ended"),
    Index("machine_downtime_open", "lapas_id", "machine_id", unique=True, postgresql_where=text("ends_at IS NULL")),
    Index("machine_downtime_history", "lapas_id", "machine_id", "starts_at"),
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
    mapper.map_imperatively(Machine, machine, version_id_col=machine.c.version)
    mapper.map_imperatively(Downtime, machine_downtime)
