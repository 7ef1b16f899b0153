"""The tables of work orders and of workshops that stand still."""

from typing import Any

from sqlalchemy import (
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
from giatja_production.work_orders.domain import Cell, State, WorkOrder, cell_documents, read_cells
from giatja_production.workshops.tables import RouteColumn


class CellsColumn(TypeDecorator[tuple[Cell, ...]]):
    """A grid kept whole, as JSON."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: tuple[Cell, ...] | None, dialect: Any) -> list[dict[str, Any]] | None:
        """Write a grid."""
        return cell_documents(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> tuple[Cell, ...] | None:
        """Read a grid."""
        return read_cells(value) if value is not None else None


class StateColumn(TypeDecorator[State]):
    """A state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> State | None:
        """Read a state."""
        return State(value) if value is not None else None


work_order = Table(
    "work_order",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("line_id", Uuid, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("partner_name", Text),
    Column("product_name", Text, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("cells", CellsColumn, nullable=False),
    Column("route", RouteColumn, nullable=False),
    Column("route_version", Integer),
    Column("due_date", Date, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("state", StateColumn, nullable=False),
    Column("held_from", StateColumn),
    Column("reason", Text),
    Column("passed", Integer, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("completed_on", Date),
    Column("order_completed_on", Date),
    Column("version", Integer, nullable=False),
    Column("workshop_hold", Text),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "line_id", name="work_order_line"),
    CheckConstraint(
        "state IN ('released', 'in_progress', 'on_hold', 'completed', 'cancelled')", name="work_order_state"
    ),
    CheckConstraint("(state = 'on_hold') = (held_from IS NOT NULL)", name="work_order_held"),
    CheckConstraint("(state = 'completed') = (completed_on IS NOT NULL)", name="work_order_completed"),
    CheckConstraint("workshop_hold IS NULL OR state = 'on_hold'", name="work_order_workshop_hold"),
    CheckConstraint(
        "quantity > 0 AND rejected >= 0 AND finished BETWEEN 0 AND quantity"
        " AND passed BETWEEN finished AND quantity + rejected",
        name="work_order_totals",
    ),
    Index("work_order_order", "lapas_id", "order_id"),
    Index("work_order_board", "lapas_id", "due_date", "id"),
    Index("work_order_workshop", "lapas_id", "workshop_id", "state"),
)

# A whole workshop that stands still; what is open in it, and what is opened meanwhile, is held with it.
workshop_hold = Table(
    "workshop_hold",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("held_at", DateTime(timezone=True), nullable=False),
    Column("held_by", Text, nullable=False),
    Column("resumed_at", DateTime(timezone=True)),
    Column("resumed_by", Text),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("(resumed_at IS NULL) = (resumed_by IS NULL)", name="workshop_hold_resumed"),
    Index(
        "workshop_hold_open",
        "lapas_id",
        "workshop_id",
        unique=True,
        postgresql_where=text("resumed_at IS NULL"),
    ),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(WorkOrder, work_order, version_id_col=work_order.c.version)
