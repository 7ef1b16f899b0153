"""The tables of plant batches and of the stock harvested from them."""

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
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.batches.domain import Allocation, Batch, Growth, State, growth_documents, read_growth
from giatja_production.tables import mapper, metadata


class GrowthColumn(TypeDecorator[tuple[Growth, ...]]):
    """Growth stages kept whole, as JSON."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: tuple[Growth, ...] | None, dialect: Any) -> list[dict[str, str]] | None:
        """Write growth stages."""
        return growth_documents(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> tuple[Growth, ...] | None:
        """Read growth stages."""
        return read_growth(value) if value is not None else None


class StateColumn(TypeDecorator[State]):
    """A state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> State | None:
        """Read a state."""
        return State(value) if value is not None else None


batch = Table(
    "batch",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("plant", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("started", Integer, nullable=False),
    Column("stages", GrowthColumn, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("living", Integer, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("harvested", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    Column("state", StateColumn, nullable=False),
    Column("ended_on", Date),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "code", name="batch_code"),
    CheckConstraint(
        "started > 0 AND living >= 0 AND lost >= 0 AND harvested >= 0 AND started = living + lost + harvested",
        name="batch_balance",
    ),
    CheckConstraint("reserved >= 0 AND sold >= 0 AND reserved + sold <= harvested", name="batch_stock"),
    CheckConstraint("state IN ('growing', 'ready', 'sold_out', 'lost')", name="batch_state"),
    CheckConstraint("(state IN ('sold_out', 'lost')) = (ended_on IS NOT NULL)", name="batch_ended"),
    CheckConstraint("ended_on IS NULL OR (living = 0 AND harvested = sold)", name="batch_nothing_left"),
    CheckConstraint("stage_no BETWEEN 1 AND jsonb_array_length(stages)", name="batch_stage_no"),
    Index("batch_list", "lapas_id", "started_on", "id"),
    Index("batch_plant", "lapas_id", text("lower(plant)"), "started_on"),
)

batch_stage = Table(
    "batch_stage",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    Index("batch_stage_batch", "lapas_id", "batch_id", "entered_on"),
)

# A Lapas that has no row uses the kinds that are shipped (`cares.json`).
care_kind = Table(
    "care_kind",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("no", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

batch_care = Table(
    "batch_care",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("led_by", Uuid),
    Column("undone", Boolean, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    Index("batch_care_batch", "lapas_id", "batch_id", "day", "id"),
)

batch_care_worker = Table(
    "batch_care_worker",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("care_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("minutes", SmallInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "care_id"], ["batch_care.lapas_id", "batch_care.id"]),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    CheckConstraint("minutes BETWEEN 0 AND 720", name="batch_care_worker_minutes"),
    Index("batch_care_worker_inmate", "lapas_id", "inmate_id"),
)

# Entries are never deleted: taking one back adds its opposite.
batch_movement = Table(
    "batch_movement",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("cause", Text),
    Column("note", Text, nullable=False),
    Column("undone", Boolean, nullable=False),
    Column("undoes", Uuid),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    UniqueConstraint("lapas_id", "undoes", name="batch_movement_undone_once"),
    CheckConstraint("kind IN ('lost', 'harvested')", name="batch_movement_kind"),
    CheckConstraint("CASE WHEN undoes IS NULL THEN pieces > 0 ELSE pieces < 0 END", name="batch_movement_pieces"),
    CheckConstraint("(kind = 'lost') = (cause IS NOT NULL)", name="batch_movement_cause"),
    Index("batch_movement_batch", "lapas_id", "batch_id", "day"),
)

stock_allocation = Table(
    "stock_allocation",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("work_order_id", Uuid),
    Column("document", Text, nullable=False),
    Column("allocated_on", Date, nullable=False),
    Column("allocated_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settled_on", Date),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    CheckConstraint("pieces > 0", name="stock_allocation_pieces"),
    CheckConstraint("purpose IN ('sale', 'own_use', 'damaged')", name="stock_allocation_purpose"),
    CheckConstraint("work_order_id IS NOT NULL OR document <> ''", name="stock_allocation_paper"),
    CheckConstraint("work_order_id IS NULL OR purpose = 'sale'", name="stock_allocation_order"),
    CheckConstraint("state IN ('reserved', 'sold', 'released')", name="stock_allocation_state"),
    CheckConstraint("(state = 'reserved') = (settled_on IS NULL)", name="stock_allocation_settled"),
    Index("stock_allocation_batch", "lapas_id", "batch_id"),
    Index("stock_allocation_work_order", "lapas_id", "work_order_id"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Batch, batch, version_id_col=batch.c.version)
    mapper.map_imperatively(Allocation, stock_allocation, version_id_col=stock_allocation.c.version)
