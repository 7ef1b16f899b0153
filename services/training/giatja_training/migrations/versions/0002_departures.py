"""Inmates who leave together, and who is to arrive at another Lapas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from giatja_kit.schema import secure

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_training_app"
TABLES = ("departure", "departing", "arrival")


def upgrade() -> None:
    op.create_table(
        "departure",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("left_on", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("destination_lapas", sa.Text),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.CheckConstraint("reason IN ('transfer', 'release')", name="departure_reason"),
        sa.CheckConstraint(
            "destination_lapas IS NULL OR (reason = 'transfer' AND destination_lapas <> lapas_id)",
            name="departure_destination",
        ),
    )
    op.create_table(
        "departing",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("departure_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("returned_at", sa.DateTime(timezone=True)),
        sa.Column("returned_by", sa.Text),
        sa.ForeignKeyConstraint(
            ["lapas_id", "departure_id"], ["departure.lapas_id", "departure.id"], name="departing_departure"
        ),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="departing_inmate"),
    )
    op.create_index("departing_of_inmate", "departing", ["lapas_id", "inmate_id"])
    op.create_table(
        "arrival",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("departure_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("from_lapas", sa.Text, nullable=False),
        sa.Column("from_name", sa.Text, nullable=False),
        sa.Column("left_on", sa.Date, nullable=False),
        sa.Column("register_number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("date_of_birth", sa.Date, nullable=False),
        sa.Column("expected_release", sa.Date),
        sa.Column("fitness", sa.Text, nullable=False),
        sa.Column("competences", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'declined', 'withdrawn')", name="arrival_state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="arrival_decided"),
    )
    op.create_index("arrival_waiting", "arrival", ["lapas_id", "state", "name"])
    for table in TABLES:
        secure(table, app=APP)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
