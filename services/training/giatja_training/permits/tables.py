"""The tables of work permissions and of the checklist they start from."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from giatja_training.permits.domain import Requirement, WorkPermit
from giatja_training.tables import mapper, metadata


class Checklist(TypeDecorator[Sequence[Requirement]]):
    """A checklist, kept as one JSON document: it is read and written whole."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Sequence[Requirement] | None, dialect: Dialect) -> Any:
        """Return the JSON form."""
        return [asdict(r) for r in value or ()]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Requirement, ...]:
        """Read the JSON form."""
        items = json.loads(value) if isinstance(value, str) else value
        return tuple(Requirement(**item) for item in items or ())


permit_requirement = Table(
    "permit_requirement",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
)

work_permit = Table(
    "work_permit",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("checklist", Checklist, nullable=False),
    Column("decided_on", Date),
    Column("decided_by", Text),
    Column("decision_note", Text, nullable=False),
    Column("sk_number", Text),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("issued_by", Text),
    Column("ended_on", Date),
    Column("end_reason", Text),
    Column("end_note", Text, nullable=False),
    Column("ended_by", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="work_permit_inmate"),
    CheckConstraint(
        "state IN ('proposed', 'deferred', 'approved', 'refused', 'active', 'ended', 'withdrawn')",
        name="work_permit_state",
    ),
    CheckConstraint(
        "state NOT IN ('active', 'ended') OR (sk_number IS NOT NULL AND valid_from IS NOT NULL)", name="work_permit_sk"
    ),
    CheckConstraint("valid_until >= valid_from", name="work_permit_days"),
    CheckConstraint("(state IN ('ended', 'withdrawn')) = (ended_on IS NOT NULL)", name="work_permit_ended"),
    Index("work_permit_one_active", "lapas_id", "inmate_id", unique=True, postgresql_where=text("state = 'active'")),
    Index(
        "work_permit_one_open",
        "lapas_id",
        "inmate_id",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'deferred', 'approved')"),
    ),
    Index("work_permit_of_inmate", "lapas_id", "inmate_id", "proposed_on"),
    Index("work_permit_waiting", "lapas_id", "state", "proposed_on", "id"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(WorkPermit, work_permit, version_id_col=work_permit.c.version)
