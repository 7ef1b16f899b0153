"""The table of inspections; the pieces they judged are the entries of output that name them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from giatja_production.tables import metadata

inspection = Table(
    "inspection",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("work_order_id", Uuid, nullable=False),
    Column("stage_no", SmallInteger, nullable=False),
    Column("bundle_id", Uuid),
    Column("pieces", Integer, nullable=False),
    Column("sample_size", Integer),
    Column("inspector", Text, nullable=False),
    Column("inspector_name", Text),
    Column("note", Text),
    Column("work_date", Date, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "work_order_id"], ["work_order.lapas_id", "work_order.id"]),
    ForeignKeyConstraint(["lapas_id", "bundle_id"], ["bundle.lapas_id", "bundle.id"]),
    CheckConstraint("inspector IN ('petugas', 'mitra')", name="inspection_inspector"),
    CheckConstraint("(inspector = 'mitra') = (inspector_name IS NOT NULL)", name="inspection_name"),
    CheckConstraint("pieces > 0 AND sample_size BETWEEN 1 AND pieces", name="inspection_sample"),
)
