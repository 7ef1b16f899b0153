"""The tables of the working calendar."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Integer, SmallInteger, Table, Text, Time

from giatja_production.tables import metadata

# It is there once a Lapas has set its own hours; before that those that are shipped are meant.
work_calendar = Table(
    "work_calendar",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

work_hours = Table(
    "work_hours",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("weekday", SmallInteger, primary_key=True),
    Column("shift", Text, primary_key=True),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="work_hours_weekday"),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="work_hours_shift"),
    CheckConstraint("starts <> ends", name="work_hours_some"),
)

holiday = Table(
    "holiday",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", Text, nullable=False),
)

roll_call = Table(
    "roll_call",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("at", Time, primary_key=True),
    Column("minutes", SmallInteger, nullable=False),
    CheckConstraint("minutes BETWEEN 1 AND 240", name="roll_call_minutes"),
)
