"""The tables of officers, their leave, the roster of their turns and the log of each shift."""

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from giatja_production.duty.domain import Officer, Post, ShiftLog, Turn
from giatja_production.tables import mapper, metadata

officer = Table(
    "officer",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid),
    Column("name", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lapas_id", "person_id", name="officer_person"),
    CheckConstraint("rank BETWEEN 1 AND 17", name="officer_rank"),
)

officer_leave = Table(
    "officer_leave",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("officer_id", Uuid, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_by", Text),
    ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
    CheckConstraint("last_day >= first_day", name="officer_leave_days"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="officer_leave_withdrawn"),
    Index("officer_leave_days_of", "lapas_id", "officer_id", "first_day"),
)

# How many officers a workshop needs in a shift, on which days of the week.
duty_post = Table(
    "duty_post",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("shift", Text, nullable=False),
    Column("weekdays", ARRAY(SmallInteger), nullable=False),
    Column("officers", SmallInteger, nullable=False),
    Column("lowest_rank", SmallInteger),
    Column("senior_rank", SmallInteger),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "workshop_id", "shift", name="duty_post_place"),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="duty_post_shift"),
    CheckConstraint("officers BETWEEN 1 AND 10", name="duty_post_officers"),
    CheckConstraint("lowest_rank BETWEEN 1 AND 17 AND senior_rank BETWEEN 1 AND 17", name="duty_post_ranks"),
    CheckConstraint(
        "cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]", name="duty_post_weekdays"
    ),
)

# A turn without an officer is a vacancy: nobody could stand there when it was proposed, or somebody was taken off.
duty_turn = Table(
    "duty_turn",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("lowest_rank", SmallInteger),
    Column("officer_id", Uuid),
    Column("stands_in_for", Uuid),
    Column("state", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("why", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
    ForeignKeyConstraint(["lapas_id", "stands_in_for"], ["officer.lapas_id", "officer.id"]),
    UniqueConstraint("lapas_id", "work_date", "workshop_id", "shift", "place", name="duty_turn_place"),
    # Deferrable, so that two officers may change places in one statement.
    UniqueConstraint(
        "lapas_id", "work_date", "officer_id", name="duty_turn_once_a_day", deferrable=True, initially="IMMEDIATE"
    ),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="duty_turn_shift"),
    CheckConstraint("place BETWEEN 1 AND 10", name="duty_turn_place_no"),
    CheckConstraint("state IN ('proposed', 'published')", name="duty_turn_state"),
    CheckConstraint(
        "(state = 'published') = (published_at IS NOT NULL) AND (published_at IS NULL) = (published_by IS NULL)",
        name="duty_turn_published",
    ),
    CheckConstraint("stands_in_for <> officer_id", name="duty_turn_stands_in"),
    Index("duty_turn_officer", "lapas_id", "officer_id", "work_date"),
)

duty_change = Table(
    "duty_change",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("turn_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_officer_id", Uuid),
    Column("to_officer_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
    CheckConstraint("kind IN ('assigned', 'covered', 'swapped')", name="duty_change_kind"),
    Index("duty_change_turn", "lapas_id", "turn_id", "at"),
)

duty_swap = Table(
    "duty_swap",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("turn_id", Uuid, nullable=False),
    Column("other_turn_id", Uuid, nullable=False),
    Column("officer_id", Uuid, nullable=False),
    Column("other_officer_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    ForeignKeyConstraint(["lapas_id", "turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
    ForeignKeyConstraint(["lapas_id", "other_turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
    ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
    ForeignKeyConstraint(["lapas_id", "other_officer_id"], ["officer.lapas_id", "officer.id"]),
    CheckConstraint("state IN ('open', 'agreed', 'refused')", name="duty_swap_state"),
    CheckConstraint(
        "(state = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
        name="duty_swap_decided",
    ),
    Index("duty_swap_open", "lapas_id", "turn_id", unique=True, postgresql_where=text("state = 'open'")),
)

shift_log = Table(
    "shift_log",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("head_start", Integer, nullable=False),
    Column("head_end", Integer),
    Column("present", Integer),
    Column("tools_start", Integer, nullable=False),
    Column("tools_end", Integer),
    Column("gear", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("difference", Text, nullable=False),
    Column("handover", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "work_date", "workshop_id", "shift", name="shift_log_shift_of_day"),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="shift_log_shift"),
    CheckConstraint("state IN ('open', 'closed')", name="shift_log_state"),
    CheckConstraint(
        "(state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL)"
        " AND (closed_at IS NULL) = (head_end IS NULL) AND (closed_at IS NULL) = (tools_end IS NULL)",
        name="shift_log_closed",
    ),
    CheckConstraint(
        "head_start >= 0 AND head_end >= 0 AND tools_start >= 0 AND tools_end >= 0", name="shift_log_counts"
    ),
)

shift_log_addendum = Table(
    "shift_log_addendum",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("log_id", Uuid, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "log_id"], ["shift_log.lapas_id", "shift_log.id"]),
    Index("shift_log_addendum_log", "lapas_id", "log_id", "at"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Officer, officer, version_id_col=officer.c.version)
    mapper.map_imperatively(Post, duty_post, version_id_col=duty_post.c.version)
    mapper.map_imperatively(Turn, duty_turn, version_id_col=duty_turn.c.version)
    mapper.map_imperatively(ShiftLog, shift_log, version_id_col=shift_log.c.version)
