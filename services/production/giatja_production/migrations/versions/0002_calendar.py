"""Versions of routes, machines and the working calendar of a Lapas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("route_version", "machine", "machine_downtime", "work_calendar", "work_hours", "holiday", "roll_call")


def upgrade() -> None:
    op.add_column("workshop", sa.Column("route_version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("workshop", sa.Column("closed_on", sa.Date))
    op.add_column("work_order", sa.Column("route_version", sa.Integer))
    op.create_table(
        "route_version",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, primary_key=True),
        sa.Column("version_no", sa.Integer, primary_key=True),
        sa.Column("route", postgresql.JSONB, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("version_no > 0", name="route_version_no"),
    )
    op.create_table(
        "machine",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stage_key", sa.Text, nullable=False),
        sa.Column("capacity_minutes_per_day", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "workshop_id", "name", name="machine_name"),
        sa.CheckConstraint("capacity_minutes_per_day BETWEEN 1 AND 1440", name="machine_capacity"),
    )
    op.create_table(
        "machine_downtime",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("machine_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reported_by", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "machine_id"], ["machine.lapas_id", "machine.id"]),
        sa.CheckConstraint("ends_at >= starts_at", name="machine_downtime_period"),
        sa.CheckConstraint("(ends_at IS NULL) = (ended_by IS NULL)", name="machine_downtime_ended"),
    )
    op.create_table(
        "work_calendar",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "work_hours",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("weekday", sa.SmallInteger, primary_key=True),
        sa.Column("shift", sa.Text, primary_key=True),
        sa.Column("starts", sa.Time, nullable=False),
        sa.Column("ends", sa.Time, nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="work_hours_weekday"),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="work_hours_shift"),
        sa.CheckConstraint("starts <> ends", name="work_hours_some"),
    )
    op.create_table(
        "holiday",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "roll_call",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("at", sa.Time, primary_key=True),
        sa.Column("minutes", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 240", name="roll_call_minutes"),
    )
    op.create_index(
        "machine_downtime_open",
        "machine_downtime",
        ["lapas_id", "machine_id"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_index("machine_downtime_history", "machine_downtime", ["lapas_id", "machine_id", "starts_at"])
    for table in TABLES:
        secure(table, app=APP)
    # There are a handful of workshops in a Lapas: what each has now is its first version.
    op.execute(
        "INSERT INTO route_version (lapas_id, workshop_id, version_no, route, valid_from, changed_by, changed_at)"
        " SELECT lapas_id, id, 1, route, CAST(changed_at AS date), 'service:production', changed_at FROM workshop"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("work_order", "route_version")
    op.drop_column("workshop", "closed_on")
    op.drop_column("workshop", "route_version")
