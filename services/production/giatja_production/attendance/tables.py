"""The tables of attendance: who was at work in a shift, and the reasons a Lapas gives."""

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
    Uuid,
)

from giatja_production.tables import metadata

_STATUS = "status IN ('hadir', 'izin', 'sakit', 'tidak_hadir')"

# A Lapas that has no row uses the reasons that are shipped (`reasons.json`).
attendance_reason = Table(
    "attendance_reason",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("no", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint(_STATUS, name="attendance_reason_status"),
)

attendance = Table(
    "attendance",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("work_date", Date, primary_key=True),
    Column("shift", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason_key", Text),
    Column("attended", Boolean, nullable=False),
    Column("complied", Boolean, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("note", Text),
    Column("marked_at", DateTime(timezone=True), nullable=False),
    Column("marked_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="attendance_shift"),
    CheckConstraint(_STATUS, name="attendance_status"),
    CheckConstraint("attended = (status = 'hadir')", name="attendance_attended"),
    CheckConstraint("NOT (complied AND status = 'tidak_hadir')", name="attendance_complied"),
    CheckConstraint("minutes BETWEEN 0 AND 1440 AND (minutes = 0 OR status = 'hadir')", name="attendance_minutes"),
    Index("attendance_workshop", "lapas_id", "workshop_id", "work_date"),
    Index("attendance_inmate", "lapas_id", "inmate_id", "work_date"),
)
