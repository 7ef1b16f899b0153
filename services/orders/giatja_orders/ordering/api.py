"""Orders over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_contracts.units import Pieces, Rupiah
from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_orders.facts import OrderedCell
from giatja_orders.ordering import handlers, queries
from giatja_orders.ordering.domain import ConsignedMaterial, FinishedFate, MaterialFate, MaterialOwner, Order, State

routes = Routes("ordering", tag="Pesanan")

Reason = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Sort = Literal["-created_at", "created_at", "due_date", "-due_date", "number", "-number"]


class CellInput(Input):
    """One size in one colour."""

    size: str = Field("-", min_length=1, max_length=20)
    colour: str = Field("-", min_length=1, max_length=40)
    quantity: int = Field(ge=1, le=1_000_000, description="Pieces")


class LineInput(Input):
    """A product at one rate with its size x colour grid; two rates are two lines."""

    product_id: UUID
    cells: list[CellInput] = Field(min_length=1, max_length=200)
    rate: int | None = Field(None, ge=0, le=100_000_000, description="Rupiah a piece; left out: the product's")
    unit: str | None = Field(None, max_length=20, description="As counted when ordered; left out: the product's")
    due_date: date | None = Field(None, description="Left out: the order's")
    note: str = Field("", max_length=500)


class OrderInput(Input):
    """An order; without a partner it is internal."""

    partner_id: UUID | None = None
    material_owner: MaterialOwner = "partner"
    due_date: date
    note: str = Field("", max_length=1000)
    lines: list[LineInput] = Field([], max_length=Order.MOST_LINES)

    def content(self) -> handlers.OrderContent:
        """Return what the order says."""
        return handlers.OrderContent(
            partner_id=self.partner_id,
            material_owner=self.material_owner,
            due_date=self.due_date,
            note=self.note,
            lines=tuple(
                handlers.LineContent(
                    product_id=line.product_id,
                    cells=tuple(
                        OrderedCell(size=c.size, colour=c.colour, quantity=Pieces(c.quantity)) for c in line.cells
                    ),
                    rate=None if line.rate is None else Rupiah(line.rate),
                    unit=line.unit,
                    due_date=line.due_date,
                    note=line.note,
                )
                for line in self.lines
            ),
        )


class Nothing(Input):
    """No fields."""


class BecauseInput(Input):
    """Why it is done."""

    reason: Reason


class DueDateInput(BecauseInput):
    """The day that is promised now, and why."""

    due_date: date


class CancelInput(BecauseInput):
    """Why it ends, and what becomes of what there is."""

    material: MaterialFate = Field(description="What happens to the material that is left")
    finished: FinishedFate = Field(description="Where the pieces go that have passed")


class OrderQuery(PageQuery):
    """How to narrow and sort the list of orders."""

    search: str | None = Field(None, max_length=100, description="In the number, the partner or the products")
    state: list[State] = Field([], max_length=8)
    partner_id: UUID | None = None
    late: bool | None = None
    at_risk: bool | None = Field(None, description="Likely to be finished after its due date")
    sort: Sort = "-created_at"


class OrderReceipt(BaseModel):
    """Where an order stands after an act."""

    id: UUID
    number: str
    state: State
    version: int


class OrderItem(BaseModel):
    """An order in a list; quantities are pieces."""

    id: UUID
    lapas_id: str
    number: str
    partner_id: UUID | None
    partner_name: str | None
    internal: bool
    material_owner: MaterialOwner
    products: str
    state: State
    held_from: State | None
    due_date: date
    accepted_on: date | None
    completed_on: date | None
    closed_on: date | None
    material: ConsignedMaterial
    created_at: datetime
    quantity: int
    passed: int
    late: bool
    likely_on: date | None
    likely_from: date | None
    likely_to: date | None
    forecast_cause: str | None
    at_risk: bool
    version: int


class OrderPage(BaseModel):
    """A page of orders."""

    items: list[OrderItem]
    next: str | None


class CellView(BaseModel):
    """One size in one colour."""

    size: str
    colour: str
    quantity: int


class StageView(BaseModel):
    """What a stage of a line holds, in pieces."""

    stage_id: UUID
    key: str
    name: str
    counts_quality: bool
    good: int
    waiting: int
    rework: int
    reject: int


class LineView(BaseModel):
    """A line, its grid and how far each stage is."""

    id: UUID
    product_id: UUID
    product_name: str
    workshop_kind: str
    unit: str
    rate: int
    due_date: date
    note: str
    quantity: int
    passed: int
    completed_on: date | None
    work_order_id: UUID | None
    cells: list[CellView]
    stages: list[StageView]


class EventView(BaseModel):
    """Something that happened to an order."""

    kind: str
    at: datetime
    role: str
    detail: dict[str, str | int]


class LinkView(BaseModel):
    """That a tracking link works; the link itself is shown once, when it is made."""

    expires_on: date
    made_at: datetime


class OrderView(BaseModel):
    """One order; ``planned`` is where an even pace would be today."""

    id: UUID
    lapas_id: str
    number: str
    partner_id: UUID | None
    partner_name: str | None
    internal: bool
    material_owner: MaterialOwner
    note: str
    state: State
    held_from: State | None
    due_date: date
    accepted_on: date | None
    completed_on: date | None
    closed_on: date | None
    material: ConsignedMaterial
    created_at: datetime
    quantity: int
    passed: int
    planned: int
    late: bool
    likely_on: date | None
    likely_from: date | None
    likely_to: date | None
    forecast_cause: str | None
    forecast_stage: str | None
    at_risk: bool
    version: int
    lines: list[LineView]
    timeline: list[EventView]
    tracking: LinkView | None


class SummaryOrder(BaseModel):
    """An order on the first page."""

    id: UUID
    number: str
    partner_name: str | None
    internal: bool
    state: State
    quantity: int
    passed: int | None = None
    planned: int | None = None
    accepted_on: date | None = None
    due_date: date
    late: bool
    likely_on: date | None = None
    likely_from: date | None = None
    likely_to: date | None = None
    forecast_cause: str | None = None
    at_risk: bool = False


class Summary(BaseModel):
    """What the first page says of orders that are open."""

    states: dict[str, int]
    late: int
    at_risk: int
    waiting: int
    waiting_orders: list[SummaryOrder]
    running_orders: list[SummaryOrder]


@routes.get("/orders", permission="orders.read", answer=OrderPage)
def list_orders(store: Store, query: OrderQuery) -> dict[str, Any]:
    """List orders."""
    return queries.orders(
        store,
        query,
        search=query.search,
        states=query.state,
        partner_id=query.partner_id,
        late=query.late,
        at_risk=query.at_risk,
        sort=query.sort,
    )


@routes.get("/orders/summary", permission="orders.read", answer=Summary)
def show_summary(store: Store) -> dict[str, Any]:
    """Sum up the open orders."""
    return queries.summary(store)


@routes.get("/orders/<id>", permission="orders.read", answer=OrderView)
def show_order(store: Store, path: ById) -> dict[str, Any]:
    """Show one order with its progress and its timeline."""
    return queries.order(store, path.id)


@routes.post("/orders", permission="orders.write", creates="/orders/{id}", answer=OrderReceipt)
def create_order(store: Store, body: OrderInput) -> dict[str, Any]:
    """Write down an order as a draft."""
    id_ = new_id()
    number = handlers.create_order(handlers.CreateOrder(id=id_, content=body.content()), store)
    return {"id": id_, "number": number, "state": "draft", "version": 1}


@routes.patch("/orders/<id>", permission="orders.write", answer=OrderReceipt)
def edit_order(store: Store, path: ById, version: int, body: OrderInput) -> dict[str, Any]:
    """Rewrite an order nobody has accepted yet, with all its lines."""
    handlers.edit_order(handlers.EditOrder(id=path.id, version=version, content=body.content()), store)
    return queries.receipt(store, path.id)


@routes.post("/orders/<id>/quote", permission="orders.write", updates=True, answer=OrderReceipt)
def quote_order(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Send the draft to the partner as a quote."""
    handlers.quote_order(handlers.QuoteOrder(id=path.id, version=version), store)
    return queries.receipt(store, path.id)


@routes.post("/orders/<id>/accept", permission="orders.accept", updates=True, answer=OrderReceipt)
def accept_order(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Accept an order; production opens its work orders."""
    handlers.accept_order(handlers.AcceptOrder(id=path.id, version=version), store)
    return queries.receipt(store, path.id)


@routes.post("/orders/<id>/due-date", permission="orders.accept", updates=True, answer=OrderReceipt)
def move_due_date(store: Store, path: ById, version: int, body: DueDateInput) -> dict[str, Any]:
    """Move the due date of an accepted order."""
    handlers.move_due_date(
        handlers.MoveDueDate(id=path.id, version=version, due_date=body.due_date, reason=body.reason), store
    )
    return queries.receipt(store, path.id)


# Deliveries and payment, which come later, will stand between completed and closed.
@routes.post("/orders/<id>/close", permission="orders.close", updates=True, answer=OrderReceipt)
def close_order(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """End a completed order for good; refused while its consigned material is not settled."""
    handlers.close_order(handlers.CloseOrder(id=path.id, version=version), store)
    return queries.receipt(store, path.id)


# Holding, resuming and cancelling take no If-Match: the state decides, and a flood does not wait for
# a page to be reloaded because somebody recorded output meanwhile.
@routes.post("/orders/<id>/hold", permission="orders.hold", answer=OrderReceipt)
def hold_order(store: Store, path: ById, body: BecauseInput) -> dict[str, Any]:
    """Stop the work on an order for now."""
    handlers.hold_order(handlers.HoldOrder(id=path.id, reason=body.reason), store)
    return queries.receipt(store, path.id)


@routes.post("/orders/<id>/resume", permission="orders.hold", answer=OrderReceipt)
def resume_order(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """Let the work on an order go on."""
    handlers.resume_order(handlers.ResumeOrder(id=path.id), store)
    return queries.receipt(store, path.id)


@routes.post("/orders/<id>/cancel", permission="orders.cancel", answer=OrderReceipt)
def cancel_order(store: Store, path: ById, body: CancelInput) -> dict[str, Any]:
    """End an order unfinished."""
    handlers.cancel_order(
        handlers.CancelOrder(id=path.id, reason=body.reason, material=body.material, finished=body.finished), store
    )
    return queries.receipt(store, path.id)
