"""The tables of the regional read model; each row comes from facts and can be made again from them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from giatja_gateway.tables import metadata


def _lapas() -> "Column[str]":
    return Column("lapas_id", Text, primary_key=True)


region_order = Table(
    "region_order",
    metadata,
    _lapas(),
    Column("order_id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("products", ARRAY(Text), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("accepted_on", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("completed_on", Date),
    Column("on_time", Boolean),
    Column("cancelled_at", DateTime(timezone=True)),
    Index("region_order_completed", "lapas_id", "completed_on"),
)
region_work_order = Table(
    "region_work_order",
    metadata,
    _lapas(),
    Column("work_order_id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("counting_stage_id", Uuid, nullable=False),
    Column("passed", BigInteger, nullable=False),
    Column("completed_on", Date),
    Index("region_work_order_order", "lapas_id", "order_id"),
)
region_day = Table(
    "region_day",
    metadata,
    _lapas(),
    Column("day", Date, primary_key=True),
    Column("workshop_kind", Text, primary_key=True),
    Column("passed", BigInteger, nullable=False),
    Column("rework", BigInteger, nullable=False),
    Column("reject", BigInteger, nullable=False),
)
region_defect = Table(
    "region_defect",
    metadata,
    _lapas(),
    Column("day", Date, primary_key=True),
    Column("workshop_kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("pieces", BigInteger, nullable=False),
)
region_worker_day = Table(
    "region_worker_day",
    metadata,
    _lapas(),
    Column("day", Date, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("minutes", Integer, nullable=False),
)
region_worker_month = Table(
    "region_worker_month",
    metadata,
    _lapas(),
    Column("month", Date, primary_key=True),
    Column("workshop_kind", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
)
region_inmate = Table(
    "region_inmate",
    metadata,
    _lapas(),
    Column("inmate_id", Uuid, primary_key=True),
    Column("left_on", Date),
)
region_permit = Table(
    "region_permit",
    metadata,
    _lapas(),
    Column("permission_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("ended_on", Date),
    Index("region_permit_inmate", "lapas_id", "inmate_id"),
)
region_competence = Table(
    "region_competence",
    metadata,
    _lapas(),
    Column("inmate_id", Uuid, primary_key=True),
    Column("competence", Text, primary_key=True),
    Column("awarded_on", Date, nullable=False),
)

region_incident = Table(
    "region_incident",
    metadata,
    _lapas(),
    Column("incident_id", Uuid, primary_key=True),
    Column("day", Date, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Index("region_incident_day", "lapas_id", "day"),
)

region_premi = Table(
    "region_premi",
    metadata,
    _lapas(),
    Column("credit_id", Uuid, primary_key=True),
    Column("month", Date, nullable=False),
    Column("people", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Index("region_premi_month", "lapas_id", "month"),
)

TABLES = (
    region_order,
    region_work_order,
    region_day,
    region_defect,
    region_worker_day,
    region_worker_month,
    region_inmate,
    region_permit,
    region_competence,
    region_incident,
    region_premi,
)


def map_tables() -> None:
    """Make the tables known; the read model has rows and no objects."""
