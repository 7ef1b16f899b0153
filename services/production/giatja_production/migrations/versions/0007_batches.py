"""Plant batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("batch", "batch_stage", "care_kind", "batch_care", "batch_care_worker", "batch_movement", "stock_allocation")


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("plant", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("started", sa.Integer, nullable=False),
        sa.Column("stages", postgresql.JSONB, nullable=False),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("living", sa.Integer, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("harvested", sa.Integer, nullable=False),
        sa.Column("reserved", sa.Integer, nullable=False),
        sa.Column("sold", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "code", name="batch_code"),
        sa.CheckConstraint(
            "started > 0 AND living >= 0 AND lost >= 0 AND harvested >= 0 AND started = living + lost + harvested",
            name="batch_balance",
        ),
        sa.CheckConstraint("reserved >= 0 AND sold >= 0 AND reserved + sold <= harvested", name="batch_stock"),
        sa.CheckConstraint("state IN ('growing', 'ready', 'sold_out', 'lost')", name="batch_state"),
        sa.CheckConstraint("(state IN ('sold_out', 'lost')) = (ended_on IS NOT NULL)", name="batch_ended"),
        sa.CheckConstraint("ended_on IS NULL OR (living = 0 AND harvested = sold)", name="batch_nothing_left"),
        sa.CheckConstraint("stage_no BETWEEN 1 AND jsonb_array_length(stages)", name="batch_stage_no"),
    )
    op.create_table(
        "batch_stage",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    )
    op.create_table(
        "care_kind",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("no", sa.SmallInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "batch_care",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("led_by", sa.Uuid),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
    )
    op.create_table(
        "batch_care_worker",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("care_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("minutes", sa.SmallInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "care_id"], ["batch_care.lapas_id", "batch_care.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.CheckConstraint("minutes BETWEEN 0 AND 720", name="batch_care_worker_minutes"),
    )
    op.create_table(
        "batch_movement",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.Column("undoes", sa.Uuid),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
        sa.UniqueConstraint("lapas_id", "undoes", name="batch_movement_undone_once"),
        sa.CheckConstraint("kind IN ('lost', 'harvested')", name="batch_movement_kind"),
        sa.CheckConstraint(
            "CASE WHEN undoes IS NULL THEN pieces > 0 ELSE pieces < 0 END", name="batch_movement_pieces"
        ),
        sa.CheckConstraint("(kind = 'lost') = (cause IS NOT NULL)", name="batch_movement_cause"),
    )
    op.create_table(
        "stock_allocation",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("work_order_id", sa.Uuid),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("allocated_on", sa.Date, nullable=False),
        sa.Column("allocated_by", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "batch_id"], ["batch.lapas_id", "batch.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.CheckConstraint("pieces > 0", name="stock_allocation_pieces"),
        sa.CheckConstraint("purpose IN ('sale', 'own_use', 'damaged')", name="stock_allocation_purpose"),
        sa.CheckConstraint("work_order_id IS NOT NULL OR document <> ''", name="stock_allocation_paper"),
        sa.CheckConstraint("work_order_id IS NULL OR purpose = 'sale'", name="stock_allocation_order"),
        sa.CheckConstraint("state IN ('reserved', 'sold', 'released')", name="stock_allocation_state"),
        sa.CheckConstraint("(state = 'reserved') = (settled_on IS NULL)", name="stock_allocation_settled"),
    )
    op.create_index("batch_list", "batch", ["lapas_id", "started_on", "id"])
    op.create_index("batch_plant", "batch", ["lapas_id", sa.text("lower(plant)"), "started_on"])
    op.create_index("batch_stage_batch", "batch_stage", ["lapas_id", "batch_id", "entered_on"])
    op.create_index("batch_care_batch", "batch_care", ["lapas_id", "batch_id", "day", "id"])
    op.create_index("batch_care_worker_inmate", "batch_care_worker", ["lapas_id", "inmate_id"])
    op.create_index("batch_movement_batch", "batch_movement", ["lapas_id", "batch_id", "day"])
    op.create_index("stock_allocation_batch", "stock_allocation", ["lapas_id", "batch_id"])
    op.create_index("stock_allocation_work_order", "stock_allocation", ["lapas_id", "work_order_id"])
    # What is handed out to an order counts as made there; nobody is named, for nobody made it for this order.
    op.add_column("output", sa.Column("allocation_id", sa.Uuid))
    op.execute(
        "ALTER TABLE output ADD CONSTRAINT output_allocation_fkey FOREIGN KEY (lapas_id, allocation_id)"
        " REFERENCES stock_allocation (lapas_id, id) NOT VALID"
    )
    op.execute("ALTER TABLE output VALIDATE CONSTRAINT output_allocation_fkey")
    op.create_index(
        "output_allocation",
        "output",
        ["lapas_id", "allocation_id"],
        postgresql_where=sa.text("allocation_id IS NOT NULL"),
    )
    _output_by("inmate_id IS NOT NULL OR inspection_id IS NOT NULL OR allocation_id IS NOT NULL OR defect = 'hilang'")
    for table in TABLES:
        secure(table, app=APP)


def _output_by(condition: str) -> None:
    op.execute("ALTER TABLE output DROP CONSTRAINT output_by")
    # Unvalidated first: no row of an older release is read under the lock.
    op.execute(f"ALTER TABLE output ADD CONSTRAINT output_by CHECK ({condition}) NOT VALID")
    op.execute("ALTER TABLE output VALIDATE CONSTRAINT output_by")


def downgrade() -> None:
    op.execute("SELECT set_config('giatja.lapas', '*', true)")
    op.execute("DELETE FROM output WHERE allocation_id IS NOT NULL")
    _output_by("inmate_id IS NOT NULL OR inspection_id IS NOT NULL OR defect = 'hilang'")
    op.drop_index("output_allocation", "output")
    op.drop_constraint("output_allocation_fkey", "output")
    op.drop_column("output", "allocation_id")
    for table in reversed(TABLES):
        op.drop_table(table)
