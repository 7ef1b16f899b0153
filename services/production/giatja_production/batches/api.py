"""Plant batches and their stock over HTTP."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.batches import handlers, queries
from giatja_production.batches.domain import OPEN, Growth, Purpose, State

routes = Routes("batches", tag="Batch tanaman")
_MOST = 1_000_000
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]


class GrowthInput(Input):
    """One growth stage, in order; at the last the batch is ready."""

    name: Line = Field(min_length=2, max_length=60)
    name_en: Line | None = Field(None, max_length=60, description="Without one it is the name")


class BatchInput(Input):
    """A batch to start; without stages it has those of its workshop's route up to quality control."""

    workshop_id: UUID
    plant: Line = Field(min_length=2, max_length=80)
    origin: Line = Field("", max_length=40)
    unit: Line = Field("pot", min_length=1, max_length=20)
    started: int = Field(ge=1, le=_MOST)
    started_on: date = Field(ge=date(2000, 1, 1))
    stages: list[GrowthInput] = Field([], max_length=15)
    note: Text = ""


class StageInput(Input):
    """The stage a batch came to, and when."""

    stage_no: int = Field(ge=1, le=15)
    day: date


class CareWorkerInput(Input):
    """How long an inmate worked."""

    inmate_id: UUID
    minutes: int = Field(60, ge=0, le=720)


class CareInput(Input):
    """How a batch was cared for on a day."""

    day: date
    kind: str = Field(min_length=1, max_length=40)
    note: Text = ""
    led_by: UUID | None = None
    workers: list[CareWorkerInput] = Field([], max_length=100)


class CareKindInput(Input):
    """A new kind of care."""

    name: Line = Field(min_length=2, max_length=60)
    name_en: Line | None = Field(None, max_length=60, description="Without one it is the name")


class CareKindChange(CareKindInput):
    """A kind of care as it is to be."""

    active: bool


class ByKey(Input):
    """The path of one kind of care."""

    key: str = Field(max_length=40)


class LossInput(Input):
    """Plants that were lost, with the cause: a defect of the workshop."""

    day: date
    pieces: int = Field(ge=1, le=_MOST)
    cause: str = Field(min_length=1, max_length=40)
    note: Text = ""


class HarvestInput(Input):
    """Plants that come into stock."""

    day: date
    pieces: int = Field(ge=1, le=_MOST)
    note: Text = ""


class AllocationInput(Input):
    """A part of the stock for an order or a document; `handed_out` when it leaves at once."""

    pieces: int = Field(ge=1, le=_MOST)
    purpose: Purpose = Purpose.SALE
    work_order_id: UUID | None = Field(None, description="Of the order's line it is for")
    document: Line = Field("", max_length=80)
    handed_out: bool = False


class Nothing(Input):
    """No more is needed."""


class GrowthView(BaseModel):
    """One growth stage."""

    name: str
    name_en: str


class BatchRow(BaseModel):
    """A batch as the list shows it."""

    id: UUID
    code: str
    workshop_id: UUID
    workshop_name: str
    plant: str
    origin: str
    unit: str
    started_on: date
    started: int
    stages: list[GrowthView]
    stage_no: int
    entered_on: date
    note: str
    living: int
    lost: int
    harvested: int
    reserved: int
    sold: int
    free: int
    state: State
    ended_on: date | None
    age_days: int
    last_care_on: date | None
    version: int


class EnteredView(BaseModel):
    """When a batch came to a stage."""

    id: UUID
    stage_no: int
    entered_on: date
    recorded_by: str


class MovementView(BaseModel):
    """A loss or a harvest; negative where it takes another back."""

    id: UUID
    kind: Literal["lost", "harvested"]
    day: date
    pieces: int
    cause: str | None
    cause_name: str | None
    cause_name_en: str | None
    note: str
    undone: bool
    undoes: UUID | None
    recorded_at: datetime
    recorded_by: str


class CauseView(BaseModel):
    """A cause of loss that can be chosen."""

    key: str
    name: str
    name_en: str


class PointView(BaseModel):
    """What was lost and harvested until a day after the start, in shares of 1."""

    day: int
    lost: float
    harvested: float


class CurveView(BaseModel):
    """How a batch came on."""

    id: UUID
    code: str
    started: int
    points: list[PointView]


class BatchView(BatchRow):
    """A batch with everything about it; the first curve is its own, the others of former batches of the plant."""

    entered: list[EnteredView]
    movements: list[MovementView]
    causes: list[CauseView]
    curves: list[CurveView]


class BatchPage(BaseModel):
    """A page of batches."""

    items: list[BatchRow]
    next: str | None


class BatchQuery(PageQuery):
    """How to narrow the list; without a state it shows what is open."""

    state: Literal["open", "all", "growing", "ready", "sold_out", "lost"] = "open"
    workshop_id: UUID | None = None
    search: str | None = Field(None, max_length=100)


class CareWorkerView(BaseModel):
    """How long an inmate worked."""

    inmate_id: UUID
    minutes: int


class CareView(BaseModel):
    """A line of the care log."""

    id: UUID
    day: date
    kind: str
    note: str
    led_by: UUID | None
    led_by_name: str | None
    undone: bool
    recorded_at: datetime
    recorded_by: str
    workers: list[CareWorkerView]


class CarePage(BaseModel):
    """A page of the care log."""

    items: list[CareView]
    next: str | None


class CareKind(BaseModel):
    """A kind of care."""

    key: str
    no: int
    name: str
    name_en: str
    active: bool
    version: int


class CareKinds(BaseModel):
    """The kinds of care that are told apart, those out of use too."""

    items: list[CareKind]
    own: bool = Field(description="Whether the Lapas has set them, or they are those that are shipped")


class StockRow(BaseModel):
    """What was harvested of a batch: on hand is free and reserved together."""

    id: UUID
    code: str
    plant: str
    unit: str
    workshop_id: UUID
    workshop_name: str
    state: State
    harvested: int
    reserved: int
    sold: int
    on_hand: int
    free: int
    harvested_on: date | None
    version: int


class StockPage(BaseModel):
    """A page of the stock."""

    items: list[StockRow]
    next: str | None


class StockQuery(PageQuery):
    """How to narrow the stock; without more it shows what is on hand."""

    available: bool = True
    search: str | None = Field(None, max_length=100)


class AllocationView(BaseModel):
    """A part of the stock that is promised, handed out or was released."""

    id: UUID
    pieces: int
    purpose: Purpose
    work_order_id: UUID | None
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    document: str
    allocated_on: date
    allocated_by: str
    state: Literal["reserved", "sold", "released"]
    settled_on: date | None
    version: int


class StockView(StockRow):
    """The stock of one batch with its allocations."""

    allocations: list[AllocationView]


class WantedView(BaseModel):
    """A line of an open order of plants, and how many of it may still come out of the stock."""

    work_order_id: UUID
    order_id: UUID
    order_number: str
    partner_name: str | None
    product_name: str
    unit: str
    due_date: date
    wanted: int


class WantedViews(BaseModel):
    """The open orders of plants that still want some."""

    items: list[WantedView]


@routes.get("/batches", permission="batches.read", answer=BatchPage)
def list_batches(store: Store, query: BatchQuery) -> dict[str, Any]:
    """List plant batches, the one started last at the top."""
    named = {"open": tuple(str(s) for s in OPEN), "all": tuple(str(s) for s in State)}
    return queries.batches(
        store,
        query,
        states=named.get(query.state, (query.state,)),
        workshop_id=query.workshop_id,
        search=query.search,
    )


@routes.get("/batch-cares", permission="batches.read", answer=CareKinds)
def list_cares(store: Store) -> dict[str, Any]:
    """List the kinds of care that are told apart, those out of use too; there are a handful."""
    found, own = queries.cares(store)
    return {"items": [asdict(kind) for kind in found], "own": own}


@routes.post("/batch-cares", permission="output.correct", creates="/batch-cares/{key}", answer=CareKind)
def add_care(store: Store, body: CareKindInput) -> dict[str, Any]:
    """Add a kind of care."""
    command = handlers.AddCare(name=body.name, name_en=body.name_en or body.name)
    return asdict(handlers.add_care(command, store))


@routes.patch("/batch-cares/<key>", permission="output.correct", answer=CareKind)
def change_care(store: Store, path: ByKey, version: int, body: CareKindChange) -> dict[str, Any]:
    """Rename a kind of care, or take it out of use."""
    command = handlers.ChangeCare(
        key=path.key, version=version, name=body.name, name_en=body.name_en or body.name, active=body.active
    )
    return asdict(handlers.change_care(command, store))


@routes.get("/batches/<id>", permission="batches.read", answer=BatchView)
def show_batch(store: Store, path: ById) -> dict[str, Any]:
    """Show one batch: stages with dates, losses and harvests, curves."""
    return queries.batch(store, path.id)


@routes.post("/batches", permission="batches.write", creates="/batches/{id}", answer=BatchView)
def start_batch(store: Store, body: BatchInput) -> dict[str, Any]:
    """Start a batch."""
    id_ = new_id()
    command = handlers.StartBatch(
        id=id_,
        workshop_id=body.workshop_id,
        plant=body.plant,
        origin=body.origin,
        unit=body.unit,
        started=body.started,
        started_on=body.started_on,
        stages=[Growth(name=s.name, name_en=s.name_en or s.name) for s in body.stages],
        note=body.note,
    )
    handlers.start_batch(command, store)
    return queries.batch(store, id_)


@routes.post("/batches/<id>/stages", permission="batches.write", updates=True, answer=BatchView)
def move_batch(store: Store, path: ById, version: int, body: StageInput) -> dict[str, Any]:
    """Bring a batch to another growth stage; at the last it is ready for harvest."""
    command = handlers.MoveBatch(id=path.id, version=version, stage_no=body.stage_no, day=body.day)
    handlers.move_batch(command, store)
    return queries.batch(store, path.id)


@routes.get("/batches/<id>/care", permission="batches.read", answer=CarePage)
def list_care(store: Store, path: ById, query: PageQuery) -> dict[str, Any]:
    """List the care log of a batch, the newest day first."""
    return queries.care_log(store, query, path.id)


@routes.post("/batches/<id>/care", permission="batches.write", creates="/batches/{id}", answer=BatchView)
def record_care(store: Store, path: ById, body: CareInput) -> dict[str, Any]:
    """Write down how a batch was cared for, and who worked."""
    command = handlers.RecordCare(
        id=new_id(),
        batch_id=path.id,
        day=body.day,
        kind=body.kind,
        note=body.note,
        led_by=body.led_by,
        workers={w.inmate_id: w.minutes for w in body.workers},
    )
    handlers.record_care(command, store)
    return queries.batch(store, path.id)


@routes.post("/batches/<id>/losses", permission="batches.write", creates="/batches/{id}", answer=BatchView)
def record_loss(store: Store, path: ById, body: LossInput) -> dict[str, Any]:
    """Count plants as lost."""
    command = handlers.RecordLoss(
        id=new_id(), batch_id=path.id, day=body.day, pieces=body.pieces, cause=body.cause, note=body.note
    )
    handlers.record_loss(command, store)
    return queries.batch(store, path.id)


@routes.post("/batches/<id>/harvests", permission="batches.write", creates="/batches/{id}", answer=BatchView)
def harvest(store: Store, path: ById, body: HarvestInput) -> dict[str, Any]:
    """Bring plants of a ready batch into stock."""
    command = handlers.Harvest(id=new_id(), batch_id=path.id, day=body.day, pieces=body.pieces, note=body.note)
    handlers.harvest(command, store)
    return queries.batch(store, path.id)


@routes.post("/batch-movements/<id>/undo", permission="batches.write", answer=BatchView)
def undo_movement(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """Take a loss or a harvest back."""
    return queries.batch(store, handlers.undo_movement(handlers.UndoEntry(id=path.id), store))


@routes.post("/batch-care/<id>/undo", permission="batches.write", answer=BatchView)
def undo_care(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """Strike out a line of the care log."""
    return queries.batch(store, handlers.undo_care(handlers.UndoEntry(id=path.id), store))


@routes.get("/stock", permission="batches.read", answer=StockPage)
def list_stock(store: Store, query: StockQuery) -> dict[str, Any]:
    """List what was harvested and is on hand, by plant."""
    return queries.stock(store, query, available=query.available, search=query.search)


@routes.get("/stock-orders", permission="batches.read", answer=WantedViews)
def list_wanted(store: Store) -> dict[str, Any]:
    """List the open orders of plants that still want some, the first due at the top."""
    return {"items": queries.wanted(store)}


@routes.get("/stock/<id>", permission="batches.read", answer=StockView)
def show_stock(store: Store, path: ById) -> dict[str, Any]:
    """Show the stock of one batch with its allocations."""
    return queries.stock_of(store, path.id)


@routes.post("/stock/<id>/allocations", permission="batches.write", creates="/stock/{id}", answer=StockView)
def allocate_stock(store: Store, path: ById, body: AllocationInput) -> dict[str, Any]:
    """Reserve a part of the stock for an order or a document, or hand it out at once."""
    command = handlers.AllocateStock(
        id=new_id(),
        batch_id=path.id,
        pieces=body.pieces,
        purpose=body.purpose,
        work_order_id=body.work_order_id,
        document=body.document,
        handed_out=body.handed_out,
    )
    handlers.allocate_stock(command, store)
    return queries.stock_of(store, path.id)


@routes.post("/stock-allocations/<id>/handout", permission="batches.write", updates=True, answer=StockView)
def hand_out(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Hand out what was reserved."""
    return queries.stock_of(store, handlers.hand_out(handlers.SettleAllocation(id=path.id, version=version), store))


@routes.post("/stock-allocations/<id>/release", permission="batches.write", updates=True, answer=StockView)
def release(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Release what was reserved."""
    return queries.stock_of(store, handlers.release(handlers.SettleAllocation(id=path.id, version=version), store))


@routes.post("/stock-allocations/<id>/take-back", permission="batches.write", updates=True, answer=StockView)
def take_back(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Take back what was handed out; it is reserved again."""
    return queries.stock_of(store, handlers.take_back(handlers.SettleAllocation(id=path.id, version=version), store))
