"""The tables of incidents, what is done about them, and the checks of protective gear."""

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
)

from giatja_production.tables import metadata

incident = Table(
    "incident",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("stage_key", Text),
    Column("machine_id", Uuid),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("what", Text, nullable=False),
    Column("first_aid", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("reported_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    ForeignKeyConstraint(["lapas_id", "machine_id"], ["machine.lapas_id", "machine.id"]),
    CheckConstraint("kind IN ('incident', 'near_miss')", name="incident_kind"),
    CheckConstraint("severity IN ('minor', 'moderate', 'serious', 'fatal')", name="incident_severity"),
    Index("incident_day", "lapas_id", "happened_at", "id"),
)

incident_injured = Table(
    "incident_injured",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("incident_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    ForeignKeyConstraint(["lapas_id", "incident_id"], ["incident.lapas_id", "incident.id"]),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("incident_id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("responsible", Text, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("result", Text),
    Column("done_at", DateTime(timezone=True)),
    Column("done_by", Text),
    ForeignKeyConstraint(["lapas_id", "incident_id"], ["incident.lapas_id", "incident.id"]),
    CheckConstraint(
        "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (result IS NULL)", name="follow_up_done"
    ),
    Index("follow_up_incident", "lapas_id", "incident_id"),
)

gear_check = Table(
    "gear_check",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("checked_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="gear_check_shift"),
    Index("gear_check_day", "lapas_id", "work_date", "workshop_id", "shift", "checked_at"),
)

gear_check_item = Table(
    "gear_check_item",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("check_id", Uuid, primary_key=True),
    Column("gear", Text, primary_key=True),
    Column("missing", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "check_id"], ["gear_check.lapas_id", "gear_check.id"]),
    CheckConstraint("missing >= 0", name="gear_check_item_missing"),
)
