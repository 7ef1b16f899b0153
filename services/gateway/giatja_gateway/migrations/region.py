"""The tables of the regional read model, as revision 0001 makes them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from giatja_kit.schema import secure

_NAMES = (
    "region_order",
    "region_work_order",
    "region_day",
    "region_defect",
    "region_worker_day",
    "region_worker_month",
    "region_inmate",
    "region_permit",
    "region_competence",
)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _key(name: str, kind: Any) -> "sa.Column[object]":
    return sa.Column(name, kind, primary_key=True)


def _lapas() -> "sa.Column[str]":
    return sa.Column("lapas_id", sa.Text, primary_key=True)


def _pieces(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False)


def create_region_tables(app: str) -> None:
    """Create the read model and give the service its grants."""
    _create_orders()
    _create_production()
    _create_people()
    for table in _NAMES:
        secure(table, app=app)


def drop_region_tables() -> None:
    """Undo :func:`create_region_tables`."""
    for table in reversed(_NAMES):
        op.drop_table(table)


def _create_orders() -> None:
    op.create_table(
        "region_order",
        _lapas(),
        _key("order_id", sa.Uuid),
        _text("number"),
        sa.Column("internal", sa.Boolean, nullable=False),
        sa.Column("products", ARRAY(sa.Text), nullable=False),
        sa.Column("quantity", sa.BigInteger, sa.CheckConstraint("quantity > 0"), nullable=False),
        sa.Column("accepted_on", sa.Date, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column(
            "state", sa.Text, sa.CheckConstraint("state IN ('open', 'held', 'completed', 'cancelled')"), nullable=False
        ),
        sa.Column("completed_on", sa.Date),
        sa.Column("on_time", sa.Boolean),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("(state = 'completed') = (completed_on IS NOT NULL AND on_time IS NOT NULL)"),
        sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)"),
    )
    op.create_index("region_order_completed", "region_order", ["lapas_id", "completed_on"])
    op.create_table(
        "region_work_order",
        _lapas(),
        _key("work_order_id", sa.Uuid),
        sa.Column("order_id", sa.Uuid, nullable=False),
        _text("workshop_kind"),
        sa.Column("quantity", sa.BigInteger, sa.CheckConstraint("quantity > 0"), nullable=False),
        sa.Column("counting_stage_id", sa.Uuid, nullable=False),
        sa.Column("passed", sa.BigInteger, sa.CheckConstraint("passed >= 0"), nullable=False),
        sa.Column("completed_on", sa.Date),
    )
    op.create_index("region_work_order_order", "region_work_order", ["lapas_id", "order_id"])


def _create_production() -> None:
    op.create_table(
        "region_day",
        _lapas(),
        _key("day", sa.Date),
        _key("workshop_kind", sa.Text),
        _pieces("passed"),
        _pieces("rework"),
        _pieces("reject"),
    )
    op.create_table(
        "region_defect",
        _lapas(),
        _key("day", sa.Date),
        _key("workshop_kind", sa.Text),
        _key("code", sa.Text),
        _pieces("pieces"),
    )


def _create_people() -> None:
    op.create_table(
        "region_worker_day",
        _lapas(),
        _key("day", sa.Date),
        _key("inmate_id", sa.Uuid),
        sa.Column("minutes", sa.Integer, sa.CheckConstraint("minutes >= 0"), nullable=False),
    )
    op.create_table(
        "region_worker_month",
        _lapas(),
        _key("month", sa.Date),
        _key("workshop_kind", sa.Text),
        _key("inmate_id", sa.Uuid),
    )
    op.create_table("region_inmate", _lapas(), _key("inmate_id", sa.Uuid), sa.Column("left_on", sa.Date))
    op.create_table(
        "region_permit",
        _lapas(),
        _key("permission_id", sa.Uuid),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("ended_on", sa.Date),
    )
    op.create_index("region_permit_inmate", "region_permit", ["lapas_id", "inmate_id"])
    op.create_table(
        "region_competence",
        _lapas(),
        _key("inmate_id", sa.Uuid),
        _key("competence", sa.Text),
        sa.Column("awarded_on", sa.Date, nullable=False),
    )
