"""The table of tracking links."""

from sqlalchemy import Column, Date, DateTime, ForeignKeyConstraint, LargeBinary, Table, Text, Uuid

from giatja_orders.tables import mapper, metadata
from giatja_orders.tracking.domain import TrackingLink

order_tracking = Table(
    "order_tracking",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "order_id"], ["orders.lapas_id", "orders.id"]),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(TrackingLink, order_tracking)
