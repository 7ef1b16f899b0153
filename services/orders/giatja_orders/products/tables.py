"""The table of products."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Integer, Table, Text, Uuid

from giatja_orders.products.domain import Product
from giatja_orders.tables import mapper, metadata

product = Table(
    "product",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("sizes", ARRAY(Text), nullable=False),
    Column("colours", ARRAY(Text), nullable=False),
    Column("note", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Product, product, version_id_col=product.c.version)
