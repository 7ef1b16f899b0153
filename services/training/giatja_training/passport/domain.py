"""Practice and what it adds up to."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(kw_only=True, eq=False)
class Practice:
    """What one inmate did at one stage of one work order on one day, as far as it passed."""

    lapas_id: str
    work_order_id: UUID
    inmate_id: UUID
    stage: str
    work_date: date
    order_id: UUID
    line_id: UUID
    competence: str | None
    workshop_kind: str
    product_name: str
    pieces: int
    minutes: int


@dataclass(kw_only=True, eq=False)
class CompletedOrder:
    """An order of which every line passed."""

    lapas_id: str
    order_id: UUID
    number: str
    partner_name: str | None
    completed_on: date
    on_time: bool
