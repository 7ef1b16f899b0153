"""The tables every service has, and those of production."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import create_kit_tables, drop_kit_tables, secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = (
    "lapas", "worker", "work_permission", "workshop", "month_target", "work_order", "stage_balance", "output", "credit",
)  # fmt: skip


def upgrade() -> None:
    create_kit_tables(APP)
    op.create_table(
        "lapas",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
    )
    op.create_table(
        "worker",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("adult_on", sa.Date, nullable=False),
        sa.Column("fitness", sa.Text, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.CheckConstraint("fitness IN ('fit', 'limited', 'not_fit')", name="worker_fitness"),
    )
    op.create_table(
        "work_permission",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("permission_id", sa.Uuid, primary_key=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    )
    op.create_table(
        "workshop",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("route", postgresql.JSONB, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lapas_id", "name", name="workshop_name"),
    )
    op.create_table(
        "month_target",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("pieces >= 0", name="month_target_pieces"),
        sa.CheckConstraint("extract(day FROM month) = 1", name="month_target_month"),
    )
    op.create_table(
        "work_order",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("line_id", sa.Uuid, nullable=False),
        sa.Column("order_number", sa.Text, nullable=False),
        sa.Column("partner_name", sa.Text),
        sa.Column("product_name", sa.Text, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("cells", postgresql.JSONB, nullable=False),
        sa.Column("route", postgresql.JSONB, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("held_from", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("finished", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("completed_on", sa.Date),
        sa.Column("order_completed_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "line_id", name="work_order_line"),
        sa.CheckConstraint(
            "state IN ('released', 'in_progress', 'on_hold', 'completed', 'cancelled')", name="work_order_state"
        ),
        sa.CheckConstraint("(state = 'on_hold') = (held_from IS NOT NULL)", name="work_order_held"),
        sa.CheckConstraint("(state = 'completed') = (completed_on IS NOT NULL)", name="work_order_completed"),
        sa.CheckConstraint(
            "quantity > 0 AND rejected >= 0 AND finished BETWEEN 0 AND quantity"
            " AND passed BETWEEN finished AND quantity + rejected",
            name="work_order_totals",
        ),
    )
    op.create_table(
        "stage_balance",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("work_order_id", sa.Uuid, primary_key=True),
        sa.Column("stage_no", sa.SmallInteger, primary_key=True),
        sa.Column("cell_no", sa.SmallInteger, primary_key=True),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("rework", sa.Integer, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.CheckConstraint("waiting >= 0 AND rework >= 0 AND good >= 0 AND reject >= 0", name="stage_balance_possible"),
    )
    op.create_table(
        "output",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cell_no", sa.SmallInteger, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("work_order_id", sa.Uuid, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("stage_key", sa.Text, nullable=False),
        sa.Column("counts_quality", sa.Boolean, nullable=False),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("rework", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.Column("defect", sa.Text),
        sa.Column("from_rework", sa.Boolean, nullable=False),
        sa.Column("credited", sa.Integer, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.Column("undoes", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.UniqueConstraint("lapas_id", "undoes", "cell_no", name="output_undone_once"),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="output_shift"),
        sa.CheckConstraint(
            "CASE WHEN undoes IS NULL THEN good >= 0 AND rework >= 0 AND reject >= 0 AND good + rework + reject > 0"
            " ELSE good <= 0 AND rework <= 0 AND reject <= 0 AND reason IS NOT NULL END",
            name="output_pieces",
        ),
        sa.CheckConstraint("(rework = 0 AND reject = 0) OR defect IS NOT NULL", name="output_defect"),
        sa.CheckConstraint("NOT (from_rework AND rework <> 0)", name="output_rework"),
        sa.CheckConstraint("credited BETWEEN 0 AND greatest(good, 0)", name="output_credited"),
        sa.CheckConstraint("NOT undone OR credited = 0", name="output_undone"),
    )
    op.create_table(
        "credit",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("output_id", sa.Uuid, nullable=False),
        sa.Column("cell_no", sa.SmallInteger, nullable=False),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("stage_key", sa.Text, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lapas_id", "output_id", "cell_no"], ["output.lapas_id", "output.id", "output.cell_no"]
        ),
        sa.CheckConstraint("pieces > 0", name="credit_pieces"),
    )
    op.create_index("work_order_order", "work_order", ["lapas_id", "order_id"])
    op.create_index("work_order_board", "work_order", ["lapas_id", "due_date", "id"])
    op.create_index("work_order_workshop", "work_order", ["lapas_id", "workshop_id", "state"])
    op.create_index("output_work_order", "output", ["lapas_id", "work_order_id", "stage_no", "work_date"])
    op.create_index("output_day", "output", ["lapas_id", "work_date"])
    op.create_index(
        "output_uncredited",
        "output",
        ["lapas_id", "work_order_id", "cell_no", "stage_no", "seq"],
        postgresql_where=sa.text("credited < good AND NOT undone"),
    )
    op.create_index("credit_output", "credit", ["lapas_id", "output_id", "cell_no"])
    for table in TABLES:
        secure(table, app=APP)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_kit_tables()
