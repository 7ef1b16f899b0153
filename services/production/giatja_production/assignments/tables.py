"""The tables of placements and of the places a workshop has."""

from sqlalchemy import (
    ARRAY,
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

from giatja_production.tables import metadata

# A workshop without a row here takes as many as come.
workshop_place = Table(
    "workshop_place",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("workshop_id", Uuid, primary_key=True),
    Column("places", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("places >= 0", name="workshop_place_places"),
)

# Both days are days of work; a row without a last day is open, and a person has one such at the most.
placement = Table(
    "placement",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("stage_key", Text),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("end_reason", Text),
    Column("end_note", Text, nullable=False),
    Column("override_reason", Text),
    Column("overridden", ARRAY(Text), nullable=False),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("ended_by", Text),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("(ends_on IS NULL) = (end_reason IS NULL)", name="placement_ended"),
    CheckConstraint("ends_on >= starts_on - 1", name="placement_days"),
    CheckConstraint("(override_reason IS NULL) = (cardinality(overridden) = 0)", name="placement_override"),
    Index("placement_open", "lapas_id", "inmate_id", unique=True, postgresql_where=text("ends_on IS NULL")),
    Index("placement_person", "lapas_id", "inmate_id", "starts_on"),
    Index("placement_workshop", "lapas_id", "workshop_id", "ends_on"),
)
