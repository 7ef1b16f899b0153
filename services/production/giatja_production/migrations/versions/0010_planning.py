"""Planning and the board: forecasts as they were told, links to boards, calls for help."""

import sqlalchemy as sa
from alembic import op

from giatja_kit.schema import secure

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("order_forecast", "planning_look", "board_link", "board_call")


def upgrade() -> None:
    op.create_table(
        "order_forecast",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("likely_on", sa.Date),
        sa.Column("earliest_on", sa.Date),
        sa.Column("latest_on", sa.Date),
        sa.Column("late_days", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("stage_key", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cause IN ('pace', 'plan', 'on_hold', 'nobody')", name="order_forecast_cause"),
        sa.CheckConstraint("late_days >= 0", name="order_forecast_late"),
        sa.CheckConstraint(
            "CASE WHEN likely_on IS NULL THEN earliest_on IS NULL AND latest_on IS NULL"
            " ELSE earliest_on <= likely_on AND likely_on <= latest_on END",
            name="order_forecast_range",
        ),
    )
    op.create_index("order_forecast_late_first", "order_forecast", ["lapas_id", "late_days", "order_id"])
    op.create_table(
        "planning_look",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "board_link",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("workshop_id", sa.Uuid),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    )
    op.create_index("board_link_token", "board_link", ["token_hash"], unique=True)
    op.create_table(
        "board_call",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.Text, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("kind IN ('alat', 'bahan', 'mutu', 'medis', 'keamanan', 'lain')", name="board_call_kind"),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="board_call_answered"),
    )
    op.create_index(
        "board_call_open",
        "board_call",
        ["lapas_id", "workshop_id", "kind"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index("board_call_raised", "board_call", ["lapas_id", "raised_at"])
    for table in TABLES:
        secure(table, app=APP)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
