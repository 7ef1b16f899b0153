"""The tables of departures and arrivals."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKeyConstraint, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from giatja_training.tables import metadata

departure = Table(
    "departure",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("left_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("destination_lapas", Text),
    Column("destination", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    CheckConstraint("reason IN ('transfer', 'release')", name="departure_reason"),
    CheckConstraint(
        "destination_lapas IS NULL OR (reason = 'transfer' AND destination_lapas <> lapas_id)",
        name="departure_destination",
    ),
)

departing = Table(
    "departing",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("departure_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("returned_at", DateTime(timezone=True)),
    Column("returned_by", Text),
    ForeignKeyConstraint(
        ["lapas_id", "departure_id"], ["departure.lapas_id", "departure.id"], name="departing_departure"
    ),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="departing_inmate"),
    Index("departing_of_inmate", "lapas_id", "inmate_id"),
)

# A row belongs to the Lapas that is to receive; what it needs to know of a person is written into it, so that
# neither Lapas ever reads the register of the other.
arrival = Table(
    "arrival",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("departure_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("from_lapas", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("left_on", Date, nullable=False),
    Column("register_number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("expected_release", Date),
    Column("fitness", Text, nullable=False),
    Column("competences", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    CheckConstraint("state IN ('waiting', 'taken', 'declined', 'withdrawn')", name="arrival_state"),
    CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="arrival_decided"),
    Index("arrival_waiting", "lapas_id", "state", "name"),
)
