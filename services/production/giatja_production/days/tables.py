"""The tables of days: which are closed, and what is asked to be changed of them."""

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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.days.domain import Correction
from giatja_production.tables import mapper, metadata

# A row means closed; `sums` is what was seen when it was closed.
closed_day = Table(
    "closed_day",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("workshop_id", Uuid, primary_key=True),
    Column("work_date", Date, primary_key=True),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("note", Text),
    Column("sums", JSONB, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
)

correction = Table(
    "correction",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("inmate_id", Uuid),
    Column("output_id", Uuid),
    Column("proposal", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Column("answer", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    CheckConstraint("kind IN ('reversal', 'late', 'attendance')", name="correction_kind"),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="correction_shift"),
    CheckConstraint("state IN ('pending', 'confirmed', 'refused', 'withdrawn')", name="correction_state"),
    CheckConstraint(
        "(state = 'pending') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
        name="correction_decided",
    ),
    # Two people, whatever role each has on: an actor is "role:person".
    CheckConstraint(
        "state IN ('pending', 'withdrawn') OR split_part(decided_by, ':', 2) <> split_part(requested_by, ':', 2)",
        name="correction_second_person",
    ),
    CheckConstraint("(kind = 'reversal') = (output_id IS NOT NULL)", name="correction_output"),
    CheckConstraint("(kind = 'late') = (inmate_id IS NULL)", name="correction_inmate"),
    Index(
        "correction_output_once",
        "lapas_id",
        "output_id",
        unique=True,
        postgresql_where=text("state = 'pending' AND kind = 'reversal'"),
    ),
    Index(
        "correction_attendance_once",
        "lapas_id",
        "work_date",
        "shift",
        "inmate_id",
        unique=True,
        postgresql_where=text("state = 'pending' AND kind = 'attendance'"),
    ),
    Index("correction_pending", "lapas_id", "id", postgresql_where=text("state = 'pending'")),
    Index("correction_day", "lapas_id", "workshop_id", "work_date"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Correction, correction, version_id_col=correction.c.version)
