"""Materials over HTTP; quantities are thousandths of the item's unit."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.materials import handlers, queries
from giatja_production.materials.domain import (
    BillLine,
    CountState,
    Kind,
    Line,
    MaterialKind,
    MaterialState,
    Owner,
)
from giatja_production.materials.handlers import Act
from giatja_production.work_orders.domain import State

routes = Routes("materials", tag="Bahan")

_MOST = 1_000_000_000_000
Quantity = Annotated[int, Field(gt=0, le=_MOST, description="Thousandths of the unit")]
Some = Annotated[int, Field(ge=0, le=_MOST, description="Thousandths of the unit")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Sort = Literal["name", "-name", "kind", "-kind", "own", "-own", "consigned", "-consigned"]


class MaterialInput(Input):
    """An item of the list."""

    name: str = Field(min_length=1, max_length=120)
    kind: MaterialKind
    unit: str = Field(min_length=1, max_length=20, description="m, pcs, cone, kg, ...")
    decimals: int = Field(0, ge=0, le=3, description="How finely it is counted")
    minimum: Some = 0
    note: str = Field("", max_length=500)


class MaterialChange(MaterialInput):
    """An item as it is to be."""

    active: bool


class ReceivedInput(Input):
    """What came of an item."""

    material_id: UUID
    counted: Quantity
    stated: Some | None = Field(None, description="By the papers that came with it")
    best_before: date | None = None
    note: str = Field("", max_length=200)


class ReceiptInput(Input):
    """Material that came in; without an order it is the Lapas' own."""

    order_id: UUID | None = None
    received_on: date
    reference: str = Field("", max_length=100, description="Number of the papers that came with it")
    note: str = Field("", max_length=200)
    lines: list[ReceivedInput] = Field(min_length=1, max_length=100)


class LineInput(Input):
    """How much of an item; without a lot it is taken from what spoils or came first."""

    material_id: UUID
    quantity: Quantity
    lot_id: UUID | None = None
    owner: Owner | None = None


class MoveInput(Input):
    """Material that moves.

    ``issue``, ``restore`` and ``use`` are of a work order; ``waste`` and ``loss`` of one, or of the store; ``return``
    and ``transfer`` of the store, of an order's consigned material. A transfer without a goal is given to the Lapas.
    """

    act: Act
    work_order_id: UUID | None = None
    order_id: UUID | None = None
    to_order_id: UUID | None = None
    reference: str = Field("", max_length=100)
    reason: str = Field("", max_length=200)
    lines: list[LineInput] = Field(min_length=1, max_length=100)


class BecauseInput(Input):
    """Why it is done."""

    reason: Reason


class CountInput(Input):
    """What of the store is to be counted; nothing named is all of it."""

    owner: Owner | None = None
    kind: MaterialKind | None = None
    note: str = Field("", max_length=200)


class CountedInput(Input):
    """What was found of a line."""

    nth: int = Field(ge=1, le=10_000)
    counted: Some
    reason: str = Field("", max_length=200)


class CountEntries(Input):
    """What was found of each line of the list."""

    lines: list[CountedInput] = Field(min_length=1, max_length=2000)


class Nothing(Input):
    """No fields."""


class BillLineInput(Input):
    """What one piece takes of a material."""

    material_id: UUID
    size: str = Field("", max_length=20, description="Empty: every size without a line of its own")
    quantity: Quantity
    waste: int = Field(0, ge=0, le=1000, description="Allowance, per mille")


class BillInput(Input):
    """What one piece of a product takes."""

    product_name: str = Field(min_length=1, max_length=200)
    lines: list[BillLineInput] = Field([], max_length=100)


class SettlementInput(Input):
    """What a settlement sheet says besides its figures."""

    tolerance: int = Field(20, ge=0, le=1000, description="Per mille")
    note: str = Field("", max_length=500)
    reasons: dict[UUID, Annotated[str, StringConstraints(max_length=200)]] = Field({}, max_length=200)


class SignatureInput(Input):
    """Who signed for the partner, when, and on which paper."""

    signed_by: str = Field(min_length=2, max_length=100)
    signed_on: date
    document_ref: str = Field(min_length=1, max_length=100)


class MaterialQuery(PageQuery):
    """How to narrow and sort the list of items."""

    search: str | None = Field(None, max_length=100)
    kind: MaterialKind | None = None
    owner: Owner | None = Field(None, description="Of whom something is in the store")
    low: bool | None = None
    active: bool | None = None
    sort: Sort = "name"


class JournalQuery(PageQuery):
    """How to narrow the journal."""

    material_id: UUID | None = None
    order_id: UUID | None = None
    work_order_id: UUID | None = None
    kind: Kind | None = None


class BookQuery(Input):
    """The period of the stock book, this month unless named, and how to narrow it."""

    first: date | None = None
    last: date | None = None
    owner: Owner | None = None
    kind: MaterialKind | None = None
    order_id: UUID | None = None
    material_id: UUID | None = None


class OrderQuery(PageQuery):
    """How to narrow the list of orders."""

    search: str | None = Field(None, max_length=100)
    state: MaterialState | None = None
    owner: Owner | None = None


class MaterialRow(BaseModel):
    """An item, and what there is of it; ``own`` and ``consigned`` are in the store."""

    id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    minimum: int
    note: str
    active: bool
    version: int
    own: int
    consigned: int
    floor: int
    low: bool


class MaterialPage(BaseModel):
    """A page of items."""

    items: list[MaterialRow]
    next: str | None


class LotView(BaseModel):
    """A lot of which something is left."""

    id: UUID
    owner: Owner
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    stated: int | None
    counted: int
    received_on: date
    best_before: date | None
    note: str
    in_store: int
    floor: int


class MaterialView(MaterialRow):
    """An item with its lots."""

    lots: list[LotView]


class MovementView(BaseModel):
    """A line of the journal; ``store`` and ``floor`` are what it added there."""

    seq: int
    document_id: UUID
    number: str
    document_kind: str
    at: datetime
    reason: str
    reference: str
    actor: str
    kind: Kind
    reversal: bool
    material_id: UUID
    name: str
    unit: str
    owner: Owner
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    work_order_id: UUID | None
    product_name: str | None
    work_order_number: str | None
    quantity: int
    store: int
    floor: int
    lot_id: UUID
    received_on: date
    stated: int | None
    counted: int
    best_before: date | None
    note: str


class Journal(BaseModel):
    """A page of the journal, the newest first."""

    items: list[MovementView]
    next: str | None


class DocumentReceipt(BaseModel):
    """The document that was made."""

    id: UUID
    number: str


class DocumentView(BaseModel):
    """A document with its movements."""

    id: UUID
    number: str
    kind: str
    day: date
    at: datetime
    actor: str
    reference: str
    reason: str
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    work_order_id: UUID | None
    product_name: str | None
    work_order_number: str | None
    reverses: UUID | None
    reverses_number: str | None
    reversed_by: UUID | None
    reversed_by_number: str | None
    lines: list[MovementView]


class BookRow(BaseModel):
    """What was there, came, went and is left of an item, of one owner and order."""

    material_id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    owner: Owner
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    opening: int
    received: int
    transferred: int
    difference: int
    used: int
    waste: int
    lost: int
    returned: int
    closing: int
    store: int
    floor: int


class Book(BaseModel):
    """The stock book of a period."""

    first: date
    last: date
    items: list[BookRow]


class CountRow(BaseModel):
    """A count; ``off`` is how many lines differ."""

    id: UUID
    state: CountState
    note: str
    made_at: datetime
    made_by: str
    entered_by: str | None
    approved_by: str | None
    document_id: UUID | None
    version: int
    lines: int
    off: int


class CountPage(BaseModel):
    """A page of counts."""

    items: list[CountRow]
    next: str | None


class CountLineView(BaseModel):
    """A line of a count; the book is shown once it was entered."""

    nth: int
    material_id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    order_id: UUID | None
    order_number: str | None
    partner_name: str | None
    book: int | None
    counted: int | None
    reason: str


class CountView(BaseModel):
    """A count with its lines."""

    id: UUID
    state: CountState
    note: str
    made_at: datetime
    made_by: str
    entered_by: str | None
    entered_by_me: bool | None
    approved_by: str | None
    document_id: UUID | None
    document_number: str | None
    version: int
    lines: list[CountLineView]


class BillLineView(BaseModel):
    """What one piece takes of a material."""

    material_id: UUID
    name: str
    unit: str
    size: str
    quantity: int
    waste: int


class BillView(BaseModel):
    """What one piece of a product takes; version 0 where nobody has said it."""

    product_id: UUID
    product_name: str
    version: int
    lines: list[BillLineView]


class BillRow(BaseModel):
    """How many lines a product's bill has."""

    product_id: UUID
    product_name: str
    lines: int


class BillList(BaseModel):
    """All bills of the Lapas."""

    items: list[BillRow]


class NeedLine(BaseModel):
    """A material at a work order: what its pieces take, what it has, what is still missing."""

    material_id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    by_bill: bool
    needed: int
    custody: int
    used: int
    spoiled: int
    still: int
    consigned: int
    own: int
    short: int


class Needs(BaseModel):
    """What a work order has and needs."""

    work_order_id: UUID
    order_id: UUID
    order_number: str
    partner_name: str | None
    product_name: str
    product_id: UUID | None
    state: State
    quantity: int
    finished: int
    rejected: int
    owner: Owner | None
    material_state: MaterialState | None
    has_bill: bool
    lines: list[NeedLine]


class SheetLineView(BaseModel):
    """A material on a settlement sheet; deviation is per mille."""

    material_id: UUID
    name: str
    unit: str
    received: int
    transferred: int
    used: int
    waste: int
    lost: int
    returned: int
    store: int
    expected: int | None
    deviation: int
    within: bool
    reason: str


class OrderMaterialRow(BaseModel):
    """How the material of an order stands; tolerance is per mille."""

    order_id: UUID
    number: str
    partner_name: str | None
    owner: Owner
    state: MaterialState
    in_work: bool
    in_store: bool
    ended_on: date | None
    finished: int
    products: str | None
    tolerance: int
    note: str
    signed_by: str | None
    signed_on: date | None
    document_ref: str | None
    document_id: UUID | None
    document_number: str | None
    closed_on: date | None
    version: int


class OrderMaterialPage(BaseModel):
    """A page of orders."""

    items: list[OrderMaterialRow]
    next: str | None


class Settlement(OrderMaterialRow):
    """The settlement sheet of an order: as it stands now, or as it was signed."""

    lines: list[SheetLineView]


class LowItem(BaseModel):
    """An item below its minimum."""

    id: UUID
    name: str
    unit: str
    own: int
    minimum: int


class WaitingCount(BaseModel):
    """A count that waits for a second person."""

    id: UUID
    by_me: bool


class OrderToSettle(BaseModel):
    """An order that is worked through and not settled."""

    id: UUID
    number: str
    partner_name: str | None


class Summary(BaseModel):
    """What of the materials wants somebody."""

    low: int
    low_items: list[LowItem]
    count_waiting: WaitingCount | None
    to_settle: list[OrderToSettle]


@routes.get("/materials", permission="materials.read", answer=MaterialPage)
def list_materials(store: Store, query: MaterialQuery) -> dict[str, Any]:
    """List items with what there is of them."""
    return queries.materials(
        store,
        query,
        search=query.search,
        kind=query.kind,
        owner=query.owner,
        low=query.low,
        active=query.active,
        sort=query.sort,
    )


@routes.get("/materials/summary", permission="materials.read", answer=Summary)
def show_summary(store: Store) -> dict[str, Any]:
    """Sum up what wants somebody."""
    return queries.summary(store)


@routes.post("/materials", permission="materials.write", creates="/materials/{id}", answer=MaterialView)
def add_material(store: Store, body: MaterialInput) -> dict[str, Any]:
    """Put an item on the list."""
    id_ = new_id()
    handlers.add_material(handlers.AddMaterial(id=id_, **body.model_dump()), store)
    return queries.material(store, id_)


@routes.get("/materials/<id>", permission="materials.read", answer=MaterialView)
def show_material(store: Store, path: ById) -> dict[str, Any]:
    """Show one item with its lots."""
    return queries.material(store, path.id)


@routes.patch("/materials/<id>", permission="materials.write", answer=MaterialView)
def change_material(store: Store, path: ById, version: int, body: MaterialChange) -> dict[str, Any]:
    """Change an item."""
    handlers.change_material(handlers.ChangeMaterial(id=path.id, version=version, **body.model_dump()), store)
    return queries.material(store, path.id)


@routes.post(
    "/material-receipts", permission="materials.write", creates="/material-documents/{id}", answer=DocumentReceipt
)
def receive(store: Store, body: ReceiptInput) -> dict[str, Any]:
    """Take material in, as it was counted."""
    command = handlers.Receive(
        id=new_id(),
        order_id=body.order_id,
        received_on=body.received_on,
        reference=body.reference,
        note=body.note,
        lines=[
            handlers.Received(
                lot_id=new_id(),
                material_id=line.material_id,
                counted=line.counted,
                stated=line.stated,
                best_before=line.best_before,
                note=line.note,
            )
            for line in body.lines
        ],
    )
    return {"id": command.id, "number": handlers.receive(command, store)}


@routes.post(
    "/material-movements", permission="materials.write", creates="/material-documents/{id}", answer=DocumentReceipt
)
def move(store: Store, body: MoveInput) -> dict[str, Any]:
    """Issue, take back, use, waste, lose, return or transfer material, all of it or nothing."""
    command = handlers.Move(
        id=new_id(),
        act=body.act,
        work_order_id=body.work_order_id,
        order_id=body.order_id,
        to_order_id=body.to_order_id,
        reference=body.reference,
        reason=body.reason,
        lines=[Line(**line.model_dump()) for line in body.lines],
    )
    return {"id": command.id, "number": handlers.move(command, store)}


@routes.get("/material-movements", permission="materials.read", answer=Journal)
def list_movements(store: Store, query: JournalQuery) -> dict[str, Any]:
    """List the journal, the newest first."""
    return queries.movements(
        store,
        query,
        material_id=query.material_id,
        order_id=query.order_id,
        work_order_id=query.work_order_id,
        kind=query.kind,
    )


@routes.get("/material-documents/<id>", permission="materials.read", answer=DocumentView)
def show_document(store: Store, path: ById) -> dict[str, Any]:
    """Show one document with its movements."""
    return queries.document(store, path.id)


@routes.post(
    "/material-documents/<id>/reverse",
    permission="materials.write",
    creates="/material-documents/{id}",
    answer=DocumentReceipt,
)
def reverse(store: Store, path: ById, body: BecauseInput) -> dict[str, Any]:
    """Take a document back by its opposite."""
    command = handlers.Reverse(id=path.id, new_id=new_id(), reason=body.reason)
    return {"id": command.new_id, "number": handlers.reverse(command, store)}


@routes.get("/material-book", permission="materials.read", answer=Book)
def show_book(store: Store, query: BookQuery) -> dict[str, Any]:
    """Show the stock book of a period; its closing is the balance on the last day."""
    first, last = queries.this_month(store)
    first = query.first or (query.last.replace(day=1) if query.last else first)
    last = query.last or max(first, last)
    items = queries.book(
        store,
        first=first,
        last=last,
        owner=query.owner,
        order_id=query.order_id,
        material_id=query.material_id,
        kind=query.kind,
    )
    return {"first": first, "last": last, "items": items}


@routes.get("/material-counts", permission="materials.read", answer=CountPage)
def list_counts(store: Store, query: PageQuery) -> dict[str, Any]:
    """List counts, the newest first."""
    return queries.counts(store, query)


@routes.post("/material-counts", permission="materials.write", creates="/material-counts/{id}", answer=CountView)
def start_count(store: Store, body: CountInput) -> dict[str, Any]:
    """List what is in the store, to be counted."""
    command = handlers.StartCount(id=new_id(), owner=body.owner, kind=body.kind, note=body.note)
    handlers.start_count(command, store)
    return queries.count(store, command.id)


@routes.get("/material-counts/<id>", permission="materials.read", answer=CountView)
def show_count(store: Store, path: ById) -> dict[str, Any]:
    """Show one count with its lines."""
    return queries.count(store, path.id)


@routes.post("/material-counts/<id>/entries", permission="materials.write", updates=True, answer=CountView)
def enter_count(store: Store, path: ById, version: int, body: CountEntries) -> dict[str, Any]:
    """Write down what was counted."""
    lines = [handlers.Counted(**line.model_dump()) for line in body.lines]
    handlers.enter_count(handlers.EnterCount(id=path.id, version=version, lines=lines), store)
    return queries.count(store, path.id)


@routes.post("/material-counts/<id>/approve", permission="materials.count", updates=True, answer=CountView)
def approve_count(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Book the differences of a count, as a second person."""
    handlers.approve_count(handlers.ApproveCount(id=path.id, version=version, document_id=new_id()), store)
    return queries.count(store, path.id)


@routes.post("/material-counts/<id>/cancel", permission="materials.write", updates=True, answer=CountView)
def cancel_count(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Give a count up."""
    handlers.cancel_count(handlers.CancelCount(id=path.id, version=version), store)
    return queries.count(store, path.id)


@routes.get("/bills", permission="materials.read", answer=BillList)
def list_bills(store: Store) -> dict[str, Any]:
    """List which products have a bill of material."""
    return {"items": queries.bills(store)}


@routes.get("/bills/<id>", permission="materials.read", answer=BillView)
def show_bill(store: Store, path: ById) -> dict[str, Any]:
    """Show what one piece of a product takes."""
    return queries.bill(store, path.id)


@routes.post("/bills/<id>", permission="materials.write", updates=True, answer=BillView)
def set_bill(store: Store, path: ById, version: int, body: BillInput) -> dict[str, Any]:
    """Say what one piece of a product takes; the first time with If-Match "v0"."""
    command = handlers.SetBill(
        product_id=path.id,
        product_name=body.product_name,
        version=version,
        lines=[BillLine(**line.model_dump()) for line in body.lines],
    )
    handlers.set_bill(command, store)
    return queries.bill(store, path.id)


@routes.get("/work-orders/<id>/materials", permission="materials.read", answer=Needs)
def show_needs(store: Store, path: ById) -> dict[str, Any]:
    """Show what a work order has and still needs by its bill of material, and what is missing for it."""
    return queries.needs(store, path.id)


@routes.get("/material-orders", permission="materials.read", answer=OrderMaterialPage)
def list_orders(store: Store, query: OrderQuery) -> dict[str, Any]:
    """List accepted orders with how their material stands, the newest first."""
    return queries.order_list(store, query, state=query.state, search=query.search, owner=query.owner)


@routes.get("/material-orders/<id>", permission="materials.read", answer=Settlement)
def show_settlement(store: Store, path: ById) -> dict[str, Any]:
    """Show the settlement sheet of an order."""
    return queries.settlement(store, path.id)


@routes.patch("/material-orders/<id>", permission="materials.settle", answer=Settlement)
def draft_settlement(store: Store, path: ById, version: int, body: SettlementInput) -> dict[str, Any]:
    """Write what the sheet says besides its figures."""
    handlers.draft_settlement(
        handlers.DraftSettlement(
            order_id=path.id, version=version, tolerance=body.tolerance, note=body.note, reasons=body.reasons
        ),
        store,
    )
    return queries.settlement(store, path.id)


@routes.post("/material-orders/<id>/sign", permission="materials.settle", updates=True, answer=Settlement)
def sign_settlement(store: Store, path: ById, version: int, body: SignatureInput) -> dict[str, Any]:
    """Settle: both sides have signed the sheet."""
    handlers.sign_settlement(
        handlers.SignSettlement(
            order_id=path.id,
            version=version,
            signed_by=body.signed_by,
            signed_on=body.signed_on,
            document_ref=body.document_ref,
            document_id=new_id(),
        ),
        store,
    )
    return queries.settlement(store, path.id)
