"""Attendance, teams, and days that are closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("attendance_reason", "attendance", "closed_day", "correction", "tally", "team")
SHIFT = "shift IN ('pagi', 'siang', 'malam')"
STATUS = "status IN ('hadir', 'izin', 'sakit', 'tidak_hadir')"


def upgrade() -> None:
    op.create_table(
        "attendance_reason",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("no", sa.SmallInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(STATUS, name="attendance_reason_status"),
    )
    op.create_table(
        "attendance",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("work_date", sa.Date, primary_key=True),
        sa.Column("shift", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason_key", sa.Text),
        sa.Column("attended", sa.Boolean, nullable=False),
        sa.Column("complied", sa.Boolean, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint(SHIFT, name="attendance_shift"),
        sa.CheckConstraint(STATUS, name="attendance_status"),
        sa.CheckConstraint("attended = (status = 'hadir')", name="attendance_attended"),
        sa.CheckConstraint("NOT (complied AND status = 'tidak_hadir')", name="attendance_complied"),
        sa.CheckConstraint(
            "minutes BETWEEN 0 AND 1440 AND (minutes = 0 OR status = 'hadir')", name="attendance_minutes"
        ),
    )
    op.create_index("attendance_workshop", "attendance", ["lapas_id", "workshop_id", "work_date"])
    op.create_index("attendance_inmate", "attendance", ["lapas_id", "inmate_id", "work_date"])
    op.create_table(
        "closed_day",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, primary_key=True),
        sa.Column("work_date", sa.Date, primary_key=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("sums", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    )
    op.create_table(
        "correction",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("inmate_id", sa.Uuid),
        sa.Column("output_id", sa.Uuid),
        sa.Column("proposal", postgresql.JSONB, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.CheckConstraint("kind IN ('reversal', 'late', 'attendance')", name="correction_kind"),
        sa.CheckConstraint(SHIFT, name="correction_shift"),
        sa.CheckConstraint("state IN ('pending', 'confirmed', 'refused', 'withdrawn')", name="correction_state"),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="correction_decided",
        ),
        # Two people, whatever role each has on: an actor is "role:person".
        sa.CheckConstraint(
            "state IN ('pending', 'withdrawn') OR split_part(decided_by, ':', 2) <> split_part(requested_by, ':', 2)",
            name="correction_second_person",
        ),
        sa.CheckConstraint("(kind = 'reversal') = (output_id IS NOT NULL)", name="correction_output"),
        sa.CheckConstraint("(kind = 'late') = (inmate_id IS NULL)", name="correction_inmate"),
    )
    op.create_index(
        "correction_output_once",
        "correction",
        ["lapas_id", "output_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending' AND kind = 'reversal'"),
    )
    op.create_index(
        "correction_attendance_once",
        "correction",
        ["lapas_id", "work_date", "shift", "inmate_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending' AND kind = 'attendance'"),
    )
    op.create_index(
        "correction_pending", "correction", ["lapas_id", "id"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("correction_day", "correction", ["lapas_id", "workshop_id", "work_date"])
    op.create_table(
        "tally",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("output_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint(SHIFT, name="tally_shift"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="tally_undone"),
    )
    op.create_index("tally_day", "tally", ["lapas_id", "workshop_id", "work_date", "shift"])
    op.create_table(
        "team",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tally_id", sa.Uuid, nullable=False),
        sa.Column("work_order_id", sa.Uuid, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("rework", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.Column("members", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "tally_id"], ["tally.lapas_id", "tally.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.CheckConstraint("key IN ('equal', 'hours', 'points')", name="team_key"),
        sa.CheckConstraint(
            "good >= 0 AND rework >= 0 AND reject >= 0 AND good + rework + reject > 0", name="team_pieces"
        ),
    )
    op.create_index("team_tally", "team", ["lapas_id", "tally_id"])
    for table in TABLES:
        secure(table, app=APP)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
