"""The tables of orders, their lines, cells and stages, and of what happened to them.

Only the order itself is mapped: it is what is locked and versioned. Its lines are read and written
whole, by the statements beside the handlers.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_orders.ordering.domain import Order
from giatja_orders.tables import mapper, metadata

order = Table(
    "orders",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("partner_name", Text),
    Column("material_owner", Text, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_from", Text),
    Column("accepted_on", Date),
    Column("completed_on", Date),
    Column("closed_on", Date),
    Column("material", Text, nullable=False, server_default="none"),
    Column("quantity", BigInteger, nullable=False),
    Column("passed", BigInteger, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("likely_on", Date),
    Column("likely_from", Date),
    Column("likely_to", Date),
    Column("forecast_cause", Text),
    Column("forecast_stage", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "partner_id"], ["partner.lapas_id", "partner.id"]),
)

order_counter = Table(
    "order_counter",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

order_line = Table(
    "order_line",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("product_name", Text, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("passed", BigInteger, nullable=False),
    Column("completed_on", Date),
    Column("work_order_id", Uuid),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
    ForeignKeyConstraint(["lapas_id", "product_id"], ["product.lapas_id", "product.id"]),
)

order_cell = Table(
    "order_cell",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("line_id", Uuid, primary_key=True),
    Column("size", Text, primary_key=True),
    Column("colour", Text, primary_key=True),
    Column("nth", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "line_id"], ["order_line.lapas_id", "order_line.id"], ondelete="CASCADE"),
)

line_stage = Table(
    "line_stage",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("line_id", Uuid, primary_key=True),
    Column("stage_id", Uuid, primary_key=True),
    Column("nth", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("counts_quality", Boolean, nullable=False),
    Column("good", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("rework", BigInteger, nullable=False),
    Column("reject", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "line_id"], ["order_line.lapas_id", "order_line.id"]),
)

order_event = Table(
    "order_event",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(
        Order,
        order,
        version_id_col=order.c.version,
        # What production foresees changes every day and is no reason to refuse what somebody was about to do.
        exclude_properties=[
            "year",
            "nth",
            "created_at",
            "likely_on",
            "likely_from",
            "likely_to",
            "forecast_cause",
            "forecast_stage",
        ],
    )
