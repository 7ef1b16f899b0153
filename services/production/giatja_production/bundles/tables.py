"""The tables of bundles: where each is, and everything that happened to it."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
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

from giatja_production.bundles.domain import Bundle, Kind, Line, State
from giatja_production.tables import mapper, metadata


class LineColumn(TypeDecorator[Line]):
    """The line of a bundle, as JSON."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Line | None, dialect: Any) -> dict[str, int] | None:
        """Write a line."""
        return value.document() if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> Line | None:
        """Read a line."""
        return Line.read(value) if value is not None else None


class StateColumn(TypeDecorator[State]):
    """A state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> State | None:
        """Read a state."""
        return State(value) if value is not None else None


class KindColumn(TypeDecorator[Kind]):
    """A kind as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Kind | None:
        """Read a kind."""
        return Kind(value) if value is not None else None


bundle = Table(
    "bundle",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("work_order_id", Uuid, nullable=False),
    Column("no", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("kind", KindColumn, nullable=False),
    Column("cell_no", SmallInteger, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("in_rework", Boolean, nullable=False),
    Column("mend_no", SmallInteger),
    Column("state", StateColumn, nullable=False),
    Column("parent_id", Uuid),
    Column("merged_into", Uuid),
    Column("line", LineColumn, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    ForeignKeyConstraint(["lapas_id", "parent_id"], ["bundle.lapas_id", "bundle.id"]),
    ForeignKeyConstraint(["lapas_id", "merged_into"], ["bundle.lapas_id", "bundle.id"]),
    UniqueConstraint("lapas_id", "code", name="bundle_code"),
    CheckConstraint("kind IN ('bundle', 'lot')", name="bundle_kind"),
    CheckConstraint(
        "state IN ('open', 'done', 'lost', 'merged', 'split', 'rejected', 'cancelled')", name="bundle_state"
    ),
    CheckConstraint("pieces > 0", name="bundle_pieces"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="bundle_merged"),
    CheckConstraint("mend_no IS NULL OR in_rework", name="bundle_mend"),
    Index("bundle_list", "lapas_id", "work_order_id", "no", "code"),
    Index(
        "bundle_there",
        "lapas_id",
        "work_order_id",
        "stage_no",
        "cell_no",
        postgresql_where=text("state IN ('open', 'lost')"),
    ),
)

bundle_event = Table(
    "bundle_event",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("bundle_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("from_rework", Boolean, nullable=False),
    Column("good", Integer, nullable=False),
    Column("rework", Integer, nullable=False),
    Column("reject", Integer, nullable=False),
    Column("other_id", Uuid),
    Column("inmate_id", Uuid),
    Column("reason", Text),
    Column("undone", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "bundle_id"], ["bundle.lapas_id", "bundle.id"]),
    ForeignKeyConstraint(["lapas_id", "other_id"], ["bundle.lapas_id", "bundle.id"]),
    CheckConstraint(
        "kind IN ('cut', 'recorded', 'taken_back', 'split', 'merged', 'lost', 'found', 'mended', 'dissolved')",
        name="bundle_event_kind",
    ),
    CheckConstraint("kind <> 'recorded' OR good + rework + reject = pieces", name="bundle_event_whole"),
    Index("bundle_event_of", "lapas_id", "bundle_id", "seq"),
    # A bundle is paid once at a stage, whatever the code believes.
    Index(
        "bundle_stage_once",
        "lapas_id",
        "bundle_id",
        "stage_no",
        unique=True,
        postgresql_where=text("kind = 'recorded' AND good > 0 AND NOT undone"),
    ),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Bundle, bundle, version_id_col=bundle.c.version)
