"""The ledger of practice and the orders that were completed.

Evidence is not a third table: it is what these two say together, so it cannot matter which of the
two was heard first, nor can anybody be given evidence of one order twice. Neither refers to the
register: practice of somebody not yet known here is kept by id and shows as soon as they are.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Table, Text, Uuid

from giatja_training.passport.domain import CompletedOrder, Practice
from giatja_training.tables import mapper, metadata

practice = Table(
    "practice",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("work_order_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("work_date", Date, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("line_id", Uuid, nullable=False),
    Column("competence", Text),
    Column("workshop_kind", Text, nullable=False),
    Column("product_name", Text, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    CheckConstraint("pieces > 0", name="practice_pieces"),
    CheckConstraint("minutes >= 0", name="practice_minutes"),
    Index("practice_of_inmate", "lapas_id", "inmate_id", "work_date"),
)

completed_order = Table(
    "completed_order",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("partner_name", Text),
    Column("completed_on", Date, nullable=False),
    Column("on_time", Boolean, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Practice, practice)
    mapper.map_imperatively(CompletedOrder, completed_order)
