"""The tables of materials: items, lots, the journal, counts, bills of material, orders and their settlement."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.materials.domain import Count, Material, OrderMaterial
from giatja_production.tables import mapper, metadata

# Every quantity is in thousandths of the item's unit.
material = Table(
    "material",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("decimals", SmallInteger, nullable=False),
    Column("minimum", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "kind IN ('fabric', 'thread', 'button', 'trim', 'malam', 'dye', 'chemical', 'packing', 'plant', 'other')",
        name="material_kind",
    ),
    CheckConstraint("decimals BETWEEN 0 AND 3", name="material_decimals"),
    CheckConstraint("minimum >= 0", name="material_minimum"),
    Index("material_name", "lapas_id", text("lower(name)"), unique=True),
)

# One row for each order that was accepted; `id` is the order's. `sheet` is what was signed, as it was signed.
order_material = Table(
    "order_material",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("partner_name", Text),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tolerance", SmallInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("signed_by", Text),
    Column("signed_on", Date),
    Column("document_ref", Text),
    Column("document_id", Uuid),
    Column("sheet", JSONB(none_as_null=True)),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
    CheckConstraint("owner IN ('partner', 'lapas')", name="order_material_owner"),
    CheckConstraint("state IN ('none', 'open', 'settled')", name="order_material_state"),
    CheckConstraint("owner = 'partner' OR state = 'none'", name="order_material_consigned"),
    CheckConstraint("tolerance BETWEEN 0 AND 1000", name="order_material_tolerance"),
    CheckConstraint(
        "(state = 'settled') = (signed_by IS NOT NULL AND signed_on IS NOT NULL AND document_ref IS NOT NULL"
        " AND sheet IS NOT NULL AND document_id IS NOT NULL)",
        name="order_material_signed",
    ),
    Index("order_material_state", "lapas_id", "state", "id"),
)

# Which product a line of an order is: bills of material are kept by product.
order_product = Table(
    "order_product",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("line_id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    Index("order_product_order", "lapas_id", "order_id"),
)

material_lot = Table(
    "material_lot",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("material_id", Uuid, nullable=False),
    Column("owner", Text, nullable=False),
    Column("order_id", Uuid),
    Column("stated", BigInteger),
    Column("counted", BigInteger, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("best_before", Date),
    Column("note", Text, nullable=False),
    Column("in_store", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    CheckConstraint("(owner = 'partner') = (order_id IS NOT NULL)", name="material_lot_owned"),
    CheckConstraint("owner IN ('partner', 'lapas')", name="material_lot_owner"),
    CheckConstraint("in_store >= 0", name="material_lot_possible"),
    CheckConstraint("counted > 0 AND stated >= 0", name="material_lot_received"),
    Index("material_lot_material", "lapas_id", "material_id", "order_id"),
    Index("material_lot_order", "lapas_id", "order_id"),
    Index("material_lot_there", "lapas_id", "material_id", postgresql_where=text("in_store > 0")),
)

material_custody = Table(
    "material_custody",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("work_order_id", Uuid, primary_key=True),
    Column("lot_id", Uuid, primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    ForeignKeyConstraint(["lapas_id", "lot_id"], ["material_lot.lapas_id", "material_lot.id"]),
    CheckConstraint("quantity >= 0", name="material_custody_possible"),
    Index("material_custody_lot", "lapas_id", "lot_id"),
)

material_counter = Table(
    "material_counter",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    CheckConstraint("last > 0", name="material_counter_began"),
)

# Documents and movements are only ever added to: the service's role may not change them.
material_document = Table(
    "material_document",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("order_id", Uuid),
    Column("work_order_id", Uuid),
    Column("reference", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reverses", Uuid),
    UniqueConstraint("lapas_id", "year", "nth", name="material_document_number"),
    UniqueConstraint("lapas_id", "reverses", name="material_document_reversed_once"),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    ForeignKeyConstraint(["lapas_id", "reverses"], ["material_document.lapas_id", "material_document.id"]),
    CheckConstraint(
        "kind IN ('receipt', 'issue', 'restore', 'use', 'waste', 'loss', 'return', 'transfer', 'count', 'settlement')",
        name="material_document_kind",
    ),
    CheckConstraint(
        "reason <> '' OR (reverses IS NULL AND kind NOT IN ('waste', 'loss', 'transfer'))",
        name="material_document_reason",
    ),
)

material_movement = Table(
    "material_movement",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("lot_id", Uuid, nullable=False),
    Column("material_id", Uuid, nullable=False),
    Column("owner", Text, nullable=False),
    Column("order_id", Uuid),
    Column("work_order_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("reversal", Boolean, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("store", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "document_id"], ["material_document.lapas_id", "material_document.id"]),
    ForeignKeyConstraint(["lapas_id", "lot_id"], ["material_lot.lapas_id", "material_lot.id"]),
    ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    CheckConstraint(
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
    CheckConstraint("(floor <> 0) = (work_order_id IS NOT NULL)", name="material_movement_place"),
    CheckConstraint(
        "quantity <> 0 AND (kind = 'difference' OR (quantity < 0) = reversal)", name="material_movement_sign"
    ),
    CheckConstraint("(owner = 'partner') = (order_id IS NOT NULL)", name="material_movement_owned"),
    Index("material_movement_material", "lapas_id", "material_id", "seq"),
    Index("material_movement_order", "lapas_id", "order_id"),
    Index("material_movement_work_order", "lapas_id", "work_order_id"),
    Index("material_movement_journal", "lapas_id", "seq"),
    Index("material_movement_day", "lapas_id", "day"),
)

material_count = Table(
    "material_count",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("entered_by", Text),
    Column("approved_by", Text),
    Column("document_id", Uuid),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'entered', 'approved', 'cancelled')", name="material_count_state"),
    CheckConstraint("state NOT IN ('entered', 'approved') OR entered_by IS NOT NULL", name="material_count_entered"),
    CheckConstraint(
        "(state = 'approved') = (approved_by IS NOT NULL) AND approved_by IS DISTINCT FROM entered_by"
        " OR state IN ('open', 'cancelled')",
        name="material_count_second_person",
    ),
    # Two counts of the same store at once would book the same difference twice.
    Index(
        "material_count_one",
        "lapas_id",
        unique=True,
        postgresql_where=text("state IN ('open', 'entered')"),
    ),
)

material_count_line = Table(
    "material_count_line",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("count_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True),
    Column("material_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("book", BigInteger),
    Column("counted", BigInteger),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "count_id"], ["material_count.lapas_id", "material_count.id"]),
    ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["order_material.lapas_id", "order_material.id"]),
    CheckConstraint("counted >= 0 AND (counted IS NULL) = (book IS NULL)", name="material_count_line_counted"),
)

# What one piece of a product takes; a product's id is known from the orders, its list from there.
bill = Table(
    "bill",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("product_name", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

bill_line = Table(
    "bill_line",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("product_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True),
    Column("material_id", Uuid, nullable=False),
    Column("size", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("waste", SmallInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "product_id"], ["bill.lapas_id", "bill.id"]),
    ForeignKeyConstraint(["lapas_id", "material_id"], ["material.lapas_id", "material.id"]),
    UniqueConstraint("lapas_id", "product_id", "material_id", "size", name="bill_line_once"),
    CheckConstraint("quantity > 0", name="bill_line_quantity"),
    CheckConstraint("waste BETWEEN 0 AND 1000", name="bill_line_waste"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Material, material, version_id_col=material.c.version)
    mapper.map_imperatively(OrderMaterial, order_material, version_id_col=order_material.c.version)
    mapper.map_imperatively(Count, material_count, version_id_col=material_count.c.version)
