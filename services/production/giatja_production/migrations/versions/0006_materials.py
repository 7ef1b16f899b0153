"""Materials: items, lots, movements, counts, bills of material, settlements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from giatja_kit.schema import secure

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = (
    "material",
    "order_material",
    "order_product",
    "material_lot",
    "material_custody",
    "material_counter",
    "material_document",
    "material_movement",
    "material_count",
    "material_count_line",
    "bill",
    "bill_line",
)
ONLY_ADDED = ("material_document", "material_movement")


def upgrade() -> None:
    _items()
    _stock()
    _journal()
    _counts()
    _bills()
    for table in TABLES:
        secure(table, app=APP, grants="SELECT, INSERT" if table in ONLY_ADDED else "SELECT, INSERT, UPDATE, DELETE")


def _items() -> None:
    op.create_table(
        "material",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("decimals", sa.SmallInteger, nullable=False),
        sa.Column("minimum", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "kind IN ('fabric', 'thread', 'button', 'trim', 'malam', 'dye', 'chemical', 'packing', 'plant', 'other')",
            name="material_kind",
        ),
        sa.CheckConstraint("decimals BETWEEN 0 AND 3", name="material_decimals"),
        sa.CheckConstraint("minimum >= 0", name="material_minimum"),
    )
    op.create_index("material_name", "material", ["lapas_id", sa.text("lower(name)")], unique=True)
    op.create_table(
        "order_material",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("partner_id", sa.Uuid),
        sa.Column("partner_name", sa.Text),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tolerance", sa.SmallInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("signed_by", sa.Text),
        sa.Column("signed_on", sa.Date),
        sa.Column("document_ref", sa.Text),
        sa.Column("document_id", sa.Uuid),
        sa.Column("sheet", JSONB(none_as_null=True)),
        sa.Column("closed_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("owner IN ('partner', 'lapas')", name="order_material_owner"),
        sa.CheckConstraint("state IN ('none', 'open', 'settled')", name="order_material_state"),
        sa.CheckConstraint("owner = 'partner' OR state = 'none'", name="order_material_consigned"),
        sa.CheckConstraint("tolerance BETWEEN 0 AND 1000", name="order_material_tolerance"),
        sa.CheckConstraint(
            "(state = 'settled') = (signed_by IS NOT NULL AND signed_on IS NOT NULL AND document_ref IS NOT NULL"
            " AND sheet IS NOT NULL AND document_id IS NOT NULL)",
            name="order_material_signed",
        ),
    )
    op.create_index("order_material_state", "order_material", ["lapas_id", "state", "id"])
    op.create_table(
        "order_product",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    )
    op.create_index("order_product_order", "order_product", ["lapas_id", "order_id"])


def _stock() -> None:
    op.create_table(
        "material_lot",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("stated", sa.BigInteger),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("best_before", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("in_store", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
        sa.CheckConstraint("(owner = 'partner') = (order_id IS NOT NULL)", name="material_lot_owned"),
        sa.CheckConstraint("owner IN ('partner', 'lapas')", name="material_lot_owner"),
        sa.CheckConstraint("in_store >= 0", name="material_lot_possible"),
        sa.CheckConstraint("counted > 0 AND stated >= 0", name="material_lot_received"),
    )
    op.create_index("material_lot_material", "material_lot", ["lapas_id", "material_id", "order_id"])
    op.create_index("material_lot_order", "material_lot", ["lapas_id", "order_id"])
    op.create_index(
        "material_lot_there", "material_lot", ["lapas_id", "material_id"], postgresql_where=sa.text("in_store > 0")
    )
    op.create_table(
        "material_custody",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("work_order_id", sa.Uuid, primary_key=True),
        sa.Column("lot_id", sa.Uuid, primary_key=True),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "lot_id"], ["material_lot.lapas_id", "material_lot.id"]),
        sa.CheckConstraint("quantity >= 0", name="material_custody_possible"),
    )
    op.create_index("material_custody_lot", "material_custody", ["lapas_id", "lot_id"])


def _journal() -> None:
    op.create_table(
        "material_counter",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.CheckConstraint("last > 0", name="material_counter_began"),
    )
    op.create_table(
        "material_document",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("work_order_id", sa.Uuid),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reverses", sa.Uuid),
        sa.UniqueConstraint("lapas_id", "year", "nth", name="material_document_number"),
        sa.UniqueConstraint("lapas_id", "reverses", name="material_document_reversed_once"),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "reverses"], ["material_document.lapas_id", "material_document.id"]),
        sa.CheckConstraint(
            "kind IN ('receipt', 'issue', 'restore', 'use', 'waste', 'loss', 'return', 'transfer', 'count', 'settlement')",
            name="material_document_kind",
        ),
        sa.CheckConstraint(
            "reason <> '' OR (reverses IS NULL AND kind NOT IN ('waste', 'loss', 'transfer'))",
            name="material_document_reason",
        ),
    )
    op.create_table(
        "material_movement",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("document_id", sa.Uuid, primary_key=True),
        sa.Column("nth", sa.SmallInteger, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("lot_id", sa.Uuid, nullable=False),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("work_order_id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reversal", sa.Boolean, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("store", sa.BigInteger, nullable=False),
        sa.Column("floor", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "document_id"], ["material_document.lapas_id", "material_document.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "lot_id"], ["material_lot.lapas_id", "material_lot.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
        sa.CheckConstraint(
            "CASE kind"
            " WHEN 'receipt' THEN store = quantity AND floor = 0"
            " WHEN 'transfer_in' THEN store = quantity AND floor = 0"
            " WHEN 'difference' THEN store = quantity AND floor = 0"
            " WHEN 'issue' THEN store = -quantity AND floor = quantity"
            " WHEN 'restore' THEN store = quantity AND floor = -quantity"
            " WHEN 'use' THEN store = 0 AND floor = -quantity"
            " WHEN 'return' THEN store = -quantity AND floor = 0"
            " WHEN 'transfer_out' THEN store = -quantity AND floor = 0"
            " WHEN 'waste' THEN store + floor = -quantity AND store * floor = 0"
            " WHEN 'loss' THEN store + floor = -quantity AND store * floor = 0"
            " ELSE false END",
            name="material_movement_effect",
        ),
        sa.CheckConstraint("(floor <> 0) = (work_order_id IS NOT NULL)", name="material_movement_place"),
        sa.CheckConstraint(
            "quantity <> 0 AND (kind = 'difference' OR (quantity < 0) = reversal)", name="material_movement_sign"
        ),
        sa.CheckConstraint("(owner = 'partner') = (order_id IS NOT NULL)", name="material_movement_owned"),
    )
    op.create_index("material_movement_material", "material_movement", ["lapas_id", "material_id", "seq"])
    op.create_index("material_movement_order", "material_movement", ["lapas_id", "order_id"])
    op.create_index("material_movement_work_order", "material_movement", ["lapas_id", "work_order_id"])
    op.create_index("material_movement_journal", "material_movement", ["lapas_id", "seq"])
    op.create_index("material_movement_day", "material_movement", ["lapas_id", "day"])


def _counts() -> None:
    op.create_table(
        "material_count",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Text),
        sa.Column("approved_by", sa.Text),
        sa.Column("document_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("state IN ('open', 'entered', 'approved', 'cancelled')", name="material_count_state"),
        sa.CheckConstraint(
            "state NOT IN ('entered', 'approved') OR entered_by IS NOT NULL", name="material_count_entered"
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_by IS NOT NULL) AND approved_by IS DISTINCT FROM entered_by"
            " OR state IN ('open', 'cancelled')",
            name="material_count_second_person",
        ),
    )
    op.create_index(
        "material_count_one",
        "material_count",
        ["lapas_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'entered')"),
    )
    op.create_table(
        "material_count_line",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("count_id", sa.Uuid, primary_key=True),
        sa.Column("nth", sa.SmallInteger, primary_key=True),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("book", sa.BigInteger),
        sa.Column("counted", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "count_id"], ["material_count.lapas_id", "material_count.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
        sa.CheckConstraint("counted >= 0 AND (counted IS NULL) = (book IS NULL)", name="material_count_line_counted"),
    )


def _bills() -> None:
    op.create_table(
        "bill",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("product_name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "bill_line",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("product_id", sa.Uuid, primary_key=True),
        sa.Column("nth", sa.SmallInteger, primary_key=True),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("size", sa.Text, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("waste", sa.SmallInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "product_id"], ["bill.lapas_id", "bill.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
        sa.UniqueConstraint("lapas_id", "product_id", "material_id", "size", name="bill_line_once"),
        sa.CheckConstraint("quantity > 0", name="bill_line_quantity"),
        sa.CheckConstraint("waste BETWEEN 0 AND 1000", name="bill_line_waste"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
