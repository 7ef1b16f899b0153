"""The tables of the tally: what was recorded together, and how a team's pieces were shared."""

from sqlalchemy import (
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
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from giatja_production.tables import metadata

tally = Table(
    "tally",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("output_ids", ARRAY(Uuid), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="tally_shift"),
    CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="tally_undone"),
    Index("tally_day", "lapas_id", "workshop_id", "work_date", "shift"),
)

# The key is kept with what it gave each member, so that a share can be explained later.
team = Table(
    "team",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("tally_id", Uuid, nullable=False),
    Column("work_order_id", Uuid, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("good", Integer, nullable=False),
    Column("rework", Integer, nullable=False),
    Column("reject", Integer, nullable=False),
    Column("members", JSONB, nullable=False),
    ForeignKeyConstraint(["lapas_id", "tally_id"], ["tally.lapas_id", "tally.id"]),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    CheckConstraint("key IN ('equal', 'hours', 'points')", name="team_key"),
    CheckConstraint("good >= 0 AND rework >= 0 AND reject >= 0 AND good + rework + reject > 0", name="team_pieces"),
    Index("team_tally", "lapas_id", "tally_id"),
)
