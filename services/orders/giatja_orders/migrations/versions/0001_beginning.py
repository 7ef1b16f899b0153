"""The tables every service has; partners, products, orders and the links to follow them by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from giatja_kit.schema import create_kit_tables, drop_kit_tables, secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP = "giatja_orders_app"
_STATES = "'draft', 'quoted', 'accepted', 'in_production', 'completed', 'on_hold', 'cancelled'"
_OPEN = "state IN ('draft', 'quoted', 'accepted', 'in_production', 'on_hold')"


def upgrade() -> None:
    create_kit_tables(APP)
    _registers()
    _orders()
    _lines()
    _what_happened()
    for table in ("lapas", "partner", "product", "orders", "order_line", "order_cell", "line_stage"):
        secure(table, app=APP)
    secure("order_counter", app=APP, grants="SELECT, INSERT, UPDATE")
    secure("order_event", app=APP, grants="SELECT, INSERT")
    secure("order_tracking", app=APP)


def _registers() -> None:
    op.create_table(
        "lapas",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
    )
    op.create_table(
        "partner",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("partner_name", "partner", ["lapas_id", sa.text("lower(name)")], unique=True)
    op.create_table(
        "product",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("rate", sa.BigInteger, nullable=False),
        sa.Column("sizes", ARRAY(sa.Text), nullable=False),
        sa.Column("colours", ARRAY(sa.Text), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("rate >= 0", name="product_rate_whole"),
        sa.CheckConstraint("cardinality(sizes) > 0 AND cardinality(colours) > 0", name="product_has_a_variant"),
    )
    op.create_index("product_name", "product", ["lapas_id", sa.text("lower(name)")], unique=True)


def _orders() -> None:
    op.create_table(
        "order_counter",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.CheckConstraint("last > 0", name="order_counter_began"),
    )
    op.create_table(
        "orders",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("partner_id", sa.Uuid),
        sa.Column("partner_name", sa.Text),
        sa.Column("material_owner", sa.Text, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("held_from", sa.Text),
        sa.Column("accepted_on", sa.Date),
        sa.Column("completed_on", sa.Date),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("passed", sa.BigInteger, nullable=False),
        sa.Column("found_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lapas_id", "year", "nth", name="order_number"),
        sa.ForeignKeyConstraint(["lapas_id", "partner_id"], ["partner.lapas_id", "partner.id"]),
        sa.CheckConstraint(f"state IN ({_STATES})", name="order_state_known"),
        sa.CheckConstraint("(state = 'on_hold') = (held_from IS NOT NULL)", name="order_hold_remembers"),
        sa.CheckConstraint("held_from IN ('accepted', 'in_production')", name="order_held_from_known"),
        sa.CheckConstraint("(state = 'completed') = (completed_on IS NOT NULL)", name="order_completed_on_a_day"),
        sa.CheckConstraint(
            "state IN ('draft', 'quoted', 'cancelled') OR accepted_on IS NOT NULL", name="order_promised"
        ),
        sa.CheckConstraint("quantity >= 0 AND passed >= 0", name="order_quantities"),
        sa.CheckConstraint("material_owner IN ('partner', 'lapas')", name="order_material_owner_known"),
        sa.CheckConstraint("(partner_id IS NULL) = (partner_name IS NULL)", name="order_partner_named"),
        sa.CheckConstraint("partner_id IS NOT NULL OR material_owner = 'lapas'", name="order_internal_owns_material"),
        # Progress moves two columns that no index holds: room on the page keeps that one cheap write.
        postgresql_with={"fillfactor": 85},
    )
    op.create_index("order_id", "orders", ["id"])
    op.create_index("order_due", "orders", ["lapas_id", "due_date", "id"])
    op.create_index("order_partner", "orders", ["lapas_id", "partner_id", "id"])
    op.create_index("order_open", "orders", ["lapas_id", "due_date", "id"], postgresql_where=sa.text(_OPEN))


def _lines() -> None:
    op.create_table(
        "order_line",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_name", sa.Text, nullable=False),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("rate", sa.BigInteger, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("passed", sa.BigInteger, nullable=False),
        sa.Column("completed_on", sa.Date),
        sa.Column("work_order_id", sa.Uuid),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "product_id"], ["product.lapas_id", "product.id"]),
        sa.CheckConstraint("quantity > 0 AND passed >= 0", name="order_line_quantities"),
        sa.CheckConstraint("rate >= 0", name="order_line_rate_whole"),
    )
    op.create_index("order_line_order", "order_line", ["lapas_id", "order_id", "nth"], unique=True)
    op.create_table(
        "order_cell",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("size", sa.Text, primary_key=True),
        sa.Column("colour", sa.Text, primary_key=True),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "line_id"], ["order_line.lapas_id", "order_line.id"], ondelete="CASCADE"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name="order_cell_quantity"),
    )
    op.create_table(
        "line_stage",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("stage_id", sa.Uuid, primary_key=True),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("counts_quality", sa.Boolean, nullable=False),
        sa.Column("good", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.BigInteger, nullable=False),
        sa.Column("rework", sa.BigInteger, nullable=False),
        sa.Column("reject", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "line_id"], ["order_line.lapas_id", "order_line.id"]),
        sa.CheckConstraint("good >= 0 AND waiting >= 0 AND rework >= 0 AND reject >= 0", name="line_stage_quantities"),
        postgresql_with={"fillfactor": 85},
    )


def _what_happened() -> None:
    op.create_table(
        "order_event",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
    )
    op.create_table(
        "order_tracking",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
        sa.CheckConstraint("octet_length(token_hash) = 32", name="order_tracking_hashed"),
    )
    op.create_index("order_tracking_token", "order_tracking", ["token_hash"], unique=True)


def downgrade() -> None:
    for table in ("order_tracking", "order_event", "line_stage", "order_cell", "order_line", "orders", "order_counter"):
        op.drop_table(table)
    for table in ("product", "partner", "lapas"):
        op.drop_table(table)
    drop_kit_tables()
