"""The floor and the front page over HTTP."""

import datetime as dt
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.web import Input, Routes
from giatja_production.floor import queries
from giatja_production.output.domain import Shift
from giatja_production.workshops.api import DefectView, StageView

routes = Routes("floor", tag="Lantai")


class FloorQuery(Input):
    """Which floor: one stage of one work order in one shift."""

    work_order_id: UUID
    stage_id: UUID
    work_date: date
    shift: Shift
    workshop_id: UUID | None = Field(None, description="Taken from the work order when it is left out")


class SummaryQuery(Input):
    """Which day; today at the Lapas when it is left out."""

    date: dt.date | None = None


class FloorWorkOrder(BaseModel):
    """The work order on the floor."""

    id: UUID
    order_number: str
    product_name: str
    partner_name: str | None
    unit: str
    quantity: int
    due_date: date
    state: str
    reason: str | None
    workshop_id: UUID
    workshop_kind: str
    workshop_name: str
    opened_on: date
    passed: int
    finished: int
    rejected: int
    month_target: int | None


class FloorCell(BaseModel):
    """What of one size and colour stands at the stage."""

    size: str
    colour: str
    waiting: int
    rework: int


class FloorWorker(BaseModel):
    """Somebody who may work that day, and what is recorded in that shift; the name is training's to tell."""

    inmate_id: UUID
    fitness: str
    good: int
    rework: int
    reject: int
    last_id: UUID | None
    last_credited: bool | None
    usual: bool
    recorded: bool


class FloorView(BaseModel):
    """One stage of a work order in one shift."""

    work_order: FloorWorkOrder
    stage: StageView
    defects: list[DefectView]
    cells: list[FloorCell]
    waiting: int
    rework: int
    good: int
    target: int
    actual: int
    gap: int
    today: date
    workers: list[FloorWorker]
    not_recorded: list[UUID]


class WorkshopSummary(BaseModel):
    """A workshop today and this month."""

    id: UUID
    kind: str
    name: str
    month_target: int | None
    month_done: int
    month_expected: int | None
    today: int
    workers_active: int
    rejected_today: int
    rework_today: int
    not_recorded: int
    open_work_orders: int
    late_work_orders: int
    on_hold: int


class SummaryView(BaseModel):
    """Production of the Lapas on a day."""

    date: dt.date
    workshops: list[WorkshopSummary]
    workers_allowed: int
    workers_active: int
    working_days_left: int = Field(description="After this day, to the end of the month, without Sundays")


@routes.get("/floor", permission="output.read", answer=FloorView)
def show_floor(store: Store, query: FloorQuery) -> dict[str, Any]:
    """Show who works at a stage in a shift, what is recorded and what is still to do."""
    return queries.floor(
        store,
        work_order_id=query.work_order_id,
        stage_id=query.stage_id,
        work_date=query.work_date,
        shift=query.shift,
    )


@routes.get("/production/summary", permission="work_orders.read", answer=SummaryView)
def show_summary(store: Store, query: SummaryQuery) -> dict[str, Any]:
    """Show each workshop today and this month."""
    return queries.summary(store, query.date)
