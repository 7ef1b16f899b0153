"""Work orders over HTTP; they are opened, held and closed with their order, or held with their workshop."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.work_orders import handlers, queries
from giatja_production.work_orders.domain import State

routes = Routes("work_orders", tag="Perintah kerja")


class StageStanding(BaseModel):
    """The pieces at one stage: waiting and in rework now, good and rejected so far."""

    id: UUID
    no: int
    key: str
    name: str
    name_en: str
    counts_quality: bool
    waiting: int
    rework: int
    good: int
    reject: int


class WorkOrderRow(BaseModel):
    """A work order as the board shows it."""

    id: UUID
    order_id: UUID
    line_id: UUID
    order_number: str
    partner_name: str | None
    product_name: str
    workshop_id: UUID
    workshop_name: str
    workshop_kind: str
    unit: str
    quantity: int
    due_date: date
    opened_on: date
    state: State
    reason: str | None
    workshop_hold: str | None
    passed: int
    finished: int
    rejected: int
    completed_on: date | None
    order_completed_on: date | None
    late: bool
    stages: list[StageStanding]


class CellStage(BaseModel):
    """The pieces of one cell at one stage."""

    waiting: int
    rework: int
    good: int
    reject: int


class GridCell(BaseModel):
    """One field of the grid, with its pieces at each stage in order."""

    no: int
    size: str
    colour: str
    quantity: int
    stages: list[CellStage]


class DayStage(BaseModel):
    """What one day brought at one stage."""

    work_date: date
    stage_no: int
    good: int
    rework: int
    reject: int
    people: int


class DefectCount(BaseModel):
    """How often a defect was found at a stage."""

    key: str
    name: str
    name_en: str
    stage_no: int
    rework: int
    reject: int
    pieces: int


class WorkOrderView(WorkOrderRow):
    """A work order with everything about it but the single entries."""

    grid: list[GridCell]
    days: list[DayStage]
    defects: list[DefectCount]
    version: int


class WorkOrderPage(BaseModel):
    """A page of the board."""

    items: list[WorkOrderRow]
    next: str | None


class BoardQuery(PageQuery):
    """How to narrow the board; without a state it shows what is open."""

    workshop_id: UUID | None = None
    order_id: UUID | None = None
    state: Literal["open", "all", "released", "in_progress", "on_hold", "completed", "cancelled"] = "open"
    search: str | None = Field(None, max_length=100)
    late: bool | None = None


class HoldInput(Input):
    """Why a whole workshop stands still."""

    reason: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(min_length=3, max_length=200)


class Standstill(BaseModel):
    """A time in which a workshop stood still."""

    id: UUID
    reason: str
    held_at: datetime
    held_by: str
    resumed_at: datetime | None
    resumed_by: str | None


class Standstills(BaseModel):
    """When a workshop stood still, and how many work orders the act concerned."""

    workshop_id: UUID
    work_orders: int | None = None
    items: list[Standstill]


@routes.get("/work-orders", permission="work_orders.read", answer=WorkOrderPage)
def list_work_orders(store: Store, query: BoardQuery) -> dict[str, Any]:
    """List work orders with the pieces in each stage, what is due first at the top."""
    named = {"open": queries.OPEN_STATES, "all": tuple(str(s) for s in State)}
    return queries.work_orders(
        store,
        query,
        workshop_id=query.workshop_id,
        states=named.get(query.state, (query.state,)),
        search=query.search,
        order_id=query.order_id,
        late=query.late,
    )


@routes.get("/work-orders/<id>", permission="work_orders.read", answer=WorkOrderView)
def show_work_order(store: Store, path: ById) -> dict[str, Any]:
    """Show one work order: its grid by stage, what was recorded by day, its defects."""
    return queries.work_order(store, path.id)


@routes.get("/workshops/<id>/holds", permission="workshops.read", answer=Standstills)
def list_holds(store: Store, path: ById) -> dict[str, Any]:
    """List when a workshop stood still, the newest first."""
    return {"workshop_id": path.id, "items": queries.holds(store, path.id)}


@routes.post(
    "/workshops/<id>/holds",
    permission="workshops.write",
    creates="/workshops/{workshop_id}/holds",
    answer=Standstills,
)
def hold_workshop(store: Store, path: ById, body: HoldInput) -> dict[str, Any]:
    """Let a whole workshop stand still: its open work orders are held together, and what is opened meanwhile."""
    held = handlers.hold_workshop(handlers.HoldWorkshop(id=new_id(), workshop_id=path.id, reason=body.reason), store)
    return {"workshop_id": path.id, "work_orders": held, "items": queries.holds(store, path.id)}


@routes.post("/workshops/<id>/resume", permission="workshops.write", answer=Standstills)
def resume_workshop(store: Store, path: ById) -> dict[str, Any]:
    """Let a workshop go on; work orders that their order holds stay held."""
    resumed = handlers.resume_workshop(handlers.ResumeWorkshop(workshop_id=path.id), store)
    return {"workshop_id": path.id, "work_orders": resumed, "items": queries.holds(store, path.id)}
