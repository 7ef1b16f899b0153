"""Bundles and lots of a work order, and inspections of quality."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = ("bundle", "bundle_event", "inspection")


def upgrade() -> None:
    op.create_table(
        "bundle",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("work_order_id", sa.Uuid, nullable=False),
        sa.Column("no", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("cell_no", sa.SmallInteger, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("in_rework", sa.Boolean, nullable=False),
        sa.Column("mend_no", sa.SmallInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("merged_into", sa.Uuid),
        sa.Column("line", postgresql.JSONB, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "parent_id"], ["bundle.lapas_id", "bundle.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "merged_into"], ["bundle.lapas_id", "bundle.id"]),
        sa.UniqueConstraint("lapas_id", "code", name="bundle_code"),
        sa.CheckConstraint("kind IN ('bundle', 'lot')", name="bundle_kind"),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'lost', 'merged', 'split', 'rejected', 'cancelled')", name="bundle_state"
        ),
        sa.CheckConstraint("pieces > 0", name="bundle_pieces"),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="bundle_merged"),
        sa.CheckConstraint("mend_no IS NULL OR in_rework", name="bundle_mend"),
    )
    op.create_index("bundle_list", "bundle", ["lapas_id", "work_order_id", "no", "code"])
    op.create_index(
        "bundle_there",
        "bundle",
        ["lapas_id", "work_order_id", "stage_no", "cell_no"],
        postgresql_where=sa.text("state IN ('open', 'lost')"),
    )
    op.create_table(
        "bundle_event",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("bundle_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("from_rework", sa.Boolean, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("rework", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.Column("other_id", sa.Uuid),
        sa.Column("inmate_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "bundle_id"], ["bundle.lapas_id", "bundle.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "other_id"], ["bundle.lapas_id", "bundle.id"]),
        sa.CheckConstraint(
            "kind IN ('cut', 'recorded', 'taken_back', 'split', 'merged', 'lost', 'found', 'mended', 'dissolved')",
            name="bundle_event_kind",
        ),
        sa.CheckConstraint("kind <> 'recorded' OR good + rework + reject = pieces", name="bundle_event_whole"),
    )
    op.create_index("bundle_event_of", "bundle_event", ["lapas_id", "bundle_id", "seq"])
    # A bundle is paid once at a stage, whatever the code above believes.
    op.create_index(
        "bundle_stage_once",
        "bundle_event",
        ["lapas_id", "bundle_id", "stage_no"],
        unique=True,
        postgresql_where=sa.text("kind = 'recorded' AND good > 0 AND NOT undone"),
    )
    op.create_table(
        "inspection",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("work_order_id", sa.Uuid, nullable=False),
        sa.Column("stage_no", sa.SmallInteger, nullable=False),
        sa.Column("bundle_id", sa.Uuid),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("sample_size", sa.Integer),
        sa.Column("inspector", sa.Text, nullable=False),
        sa.Column("inspector_name", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "bundle_id"], ["bundle.lapas_id", "bundle.id"]),
        sa.CheckConstraint("inspector IN ('petugas', 'mitra')", name="inspection_inspector"),
        sa.CheckConstraint("(inspector = 'mitra') = (inspector_name IS NOT NULL)", name="inspection_name"),
        sa.CheckConstraint("pieces > 0 AND sample_size BETWEEN 1 AND pieces", name="inspection_sample"),
    )
    for table in TABLES:
        secure(table, app=APP)

    op.add_column("output", sa.Column("bundle_id", sa.Uuid))
    op.add_column("output", sa.Column("team_id", sa.Uuid))
    op.add_column("output", sa.Column("inspection_id", sa.Uuid))
    op.add_column("output", sa.Column("responsible_no", sa.SmallInteger))
    op.add_column("output", sa.Column("reverses", sa.Uuid))
    # Nobody inside made what an officer or the partner inspected, nor what was lost.
    op.alter_column("output", "inmate_id", nullable=True)
    _constrain("output", "output_by", "inmate_id IS NOT NULL OR inspection_id IS NOT NULL OR defect = 'hilang'")
    _constrain("output", "output_reverses", "reverses IS NULL OR reverses = undoes")
    for column in ("bundle", "inspection"):
        name = f"output_{column}_fkey"
        op.execute(
            f"ALTER TABLE output ADD CONSTRAINT {name} FOREIGN KEY (lapas_id, {column}_id)"
            f" REFERENCES {column} (lapas_id, id) NOT VALID"
        )
        op.execute(f"ALTER TABLE output VALIDATE CONSTRAINT {name}")
    op.create_index(
        "output_bundle",
        "output",
        ["lapas_id", "bundle_id", "stage_no"],
        postgresql_where=sa.text("bundle_id IS NOT NULL"),
    )
    op.create_index(
        "output_inspection",
        "output",
        ["lapas_id", "inspection_id"],
        postgresql_where=sa.text("inspection_id IS NOT NULL"),
    )

    op.add_column("credit", sa.Column("passed_by", sa.Uuid))
    op.add_column("credit", sa.Column("reverses", sa.Uuid))
    op.drop_constraint("credit_pieces", "credit")
    _constrain("credit", "credit_pieces", "pieces <> 0 AND (pieces < 0) = (reverses IS NOT NULL)")
    op.create_index(
        "credit_passed_by", "credit", ["lapas_id", "passed_by"], postgresql_where=sa.text("passed_by IS NOT NULL")
    )
    op.create_index(
        "credit_reversed_once",
        "credit",
        ["lapas_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def _constrain(table: str, name: str, rule: str) -> None:
    """Hold new rows to a rule at once; the rows there are looked at without keeping anybody waiting."""
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    # What the tables before could not say goes: entries of no inmate, and credits that were taken back.
    op.execute("DELETE FROM credit WHERE reverses IS NOT NULL OR id IN (SELECT reverses FROM credit)")
    op.execute(
        "DELETE FROM credit c USING output o WHERE o.lapas_id = c.lapas_id AND o.id = c.output_id AND o.inmate_id IS NULL"
    )
    op.execute("DELETE FROM output WHERE inmate_id IS NULL")
    op.drop_index("credit_reversed_once", "credit")
    op.drop_index("credit_passed_by", "credit")
    op.drop_constraint("credit_pieces", "credit")
    _constrain("credit", "credit_pieces", "pieces > 0")
    op.drop_column("credit", "reverses")
    op.drop_column("credit", "passed_by")
    op.drop_index("output_inspection", "output")
    op.drop_index("output_bundle", "output")
    for name in ("output_inspection_fkey", "output_bundle_fkey", "output_reverses", "output_by"):
        op.drop_constraint(name, "output")
    op.alter_column("output", "inmate_id", nullable=False)
    for column in ("reverses", "responsible_no", "inspection_id", "team_id", "bundle_id"):
        op.drop_column("output", column)
    for table in reversed(TABLES):
        op.drop_table(table)
