"""Who is placed in which workshop, what each is able to do, and workshops on hold."""

import sqlalchemy as sa
from alembic import op

from giatja_kit.schema import secure

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("worker_competence", "workshop_place", "placement", "workshop_hold")


def upgrade() -> None:
    op.create_table(
        "worker_competence",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("competence", sa.Text, primary_key=True),
        sa.Column("awarded_on", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    )
    op.create_table(
        "workshop_place",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, primary_key=True),
        sa.Column("places", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("places >= 0", name="workshop_place_places"),
    )
    op.create_table(
        "placement",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("stage_key", sa.Text),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("end_reason", sa.Text),
        sa.Column("end_note", sa.Text, nullable=False),
        sa.Column("override_reason", sa.Text),
        sa.Column("overridden", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("(ends_on IS NULL) = (end_reason IS NULL)", name="placement_ended"),
        # One that is taken back on the day it began leaves no day at all.
        sa.CheckConstraint("ends_on >= starts_on - 1", name="placement_days"),
        sa.CheckConstraint("(override_reason IS NULL) = (cardinality(overridden) = 0)", name="placement_override"),
    )
    op.create_index(
        "placement_open",
        "placement",
        ["lapas_id", "inmate_id"],
        unique=True,
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.create_index("placement_person", "placement", ["lapas_id", "inmate_id", "starts_on"])
    op.create_index("placement_workshop", "placement", ["lapas_id", "workshop_id", "ends_on"])
    op.create_table(
        "workshop_hold",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.Text, nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True)),
        sa.Column("resumed_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("(resumed_at IS NULL) = (resumed_by IS NULL)", name="workshop_hold_resumed"),
    )
    op.create_index(
        "workshop_hold_open",
        "workshop_hold",
        ["lapas_id", "workshop_id"],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    # Beside `reason`, which stays the reason of the order: the two holds come and go on their own.
    op.add_column("work_order", sa.Column("workshop_hold", sa.Text))
    op.create_check_constraint("work_order_workshop_hold", "work_order", "workshop_hold IS NULL OR state = 'on_hold'")
    for table in TABLES:
        secure(table, app=APP)


def downgrade() -> None:
    op.drop_constraint("work_order_workshop_hold", "work_order")
    op.drop_column("work_order", "workshop_hold")
    for table in reversed(TABLES):
        op.drop_table(table)
