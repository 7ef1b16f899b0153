"""The tables every service has, the register of inmates, permissions, competences and practice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from giatja_kit.schema import create_kit_tables, drop_kit_tables, secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP = "giatja_training_app"
TABLES = (
    "lapas",
    "inmate",
    "permit_requirement",
    "work_permit",
    "competence",
    "competence_award",
    "practice",
    "completed_order",
)


def upgrade() -> None:
    create_kit_tables(APP)
    op.create_table(
        "lapas",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
    )
    _inmates()
    _permits()
    _competences()
    _practice()
    for table in TABLES:
        secure(table, app=APP)


def _inmates() -> None:
    op.create_table(
        "inmate",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("register_number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("date_of_birth", sa.Date, nullable=False),
        sa.Column("expected_release", sa.Date),
        sa.Column("block", sa.Text, nullable=False),
        sa.Column("fitness", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lapas_id", "register_number", name="inmate_register_number"),
        sa.CheckConstraint("fitness IN ('fit', 'limited', 'not_fit')", name="inmate_fitness"),
        sa.CheckConstraint("status IN ('present', 'transferred', 'released')", name="inmate_status"),
        sa.CheckConstraint("(status = 'present') = (left_on IS NULL)", name="inmate_left_on"),
    )
    op.create_index("inmate_by_name", "inmate", ["lapas_id", "name", "id"])


def _permits() -> None:
    op.create_table(
        "permit_requirement",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "work_permit",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("checklist", JSONB, nullable=False),
        sa.Column("decided_on", sa.Date),
        sa.Column("decided_by", sa.Text),
        sa.Column("decision_note", sa.Text, nullable=False),
        sa.Column("sk_number", sa.Text),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("issued_by", sa.Text),
        sa.Column("ended_on", sa.Date),
        sa.Column("end_reason", sa.Text),
        sa.Column("end_note", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="work_permit_inmate"),
        sa.CheckConstraint(
            "state IN ('proposed', 'deferred', 'approved', 'refused', 'active', 'ended', 'withdrawn')",
            name="work_permit_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('active', 'ended') OR (sk_number IS NOT NULL AND valid_from IS NOT NULL)",
            name="work_permit_sk",
        ),
        sa.CheckConstraint("valid_until >= valid_from", name="work_permit_days"),
        sa.CheckConstraint("(state IN ('ended', 'withdrawn')) = (ended_on IS NOT NULL)", name="work_permit_ended"),
    )
    op.create_index(
        "work_permit_one_active",
        "work_permit",
        ["lapas_id", "inmate_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "work_permit_one_open",
        "work_permit",
        ["lapas_id", "inmate_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'deferred', 'approved')"),
    )
    op.create_index("work_permit_of_inmate", "work_permit", ["lapas_id", "inmate_id", "proposed_on"])
    op.create_index("work_permit_waiting", "work_permit", ["lapas_id", "state", "proposed_on", "id"])


def _competences() -> None:
    op.create_table(
        "competence",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "competence_award",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("competence", sa.Text, primary_key=True),
        sa.Column("awarded_on", sa.Date, nullable=False),
        sa.Column("awarded_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="competence_award_inmate"
        ),
        sa.ForeignKeyConstraint(
            ["lapas_id", "competence"], ["competence.lapas_id", "competence.key"], name="competence_award_competence"
        ),
    )


def _practice() -> None:
    op.create_table(
        "practice",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("work_order_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("stage", sa.Text, primary_key=True),
        sa.Column("work_date", sa.Date, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("line_id", sa.Uuid, nullable=False),
        sa.Column("competence", sa.Text),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("product_name", sa.Text, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.CheckConstraint("pieces > 0", name="practice_pieces"),
        sa.CheckConstraint("minutes >= 0", name="practice_minutes"),
    )
    op.create_index("practice_of_inmate", "practice", ["lapas_id", "inmate_id", "work_date"])
    op.create_table(
        "completed_order",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("partner_name", sa.Text),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.Column("on_time", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_kit_tables()
