"""Premi over HTTP; every amount is whole rupiah."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.lapas.queries import today
from giatja_production.premi import handlers, queries
from giatja_production.premi.domain import (
    Account,
    ArrivalState,
    Day,
    ListState,
    PerPiece,
    SchemeState,
    ShareOfProceeds,
    Split,
    TeamPool,
    Terms,
    WithdrawalState,
)

routes = Routes("premi", tag="Premi")

Rupiah = Annotated[int, Field(gt=0, le=1_000_000_000_000, description="Whole rupiah")]
Some = Annotated[int, Field(ge=0, le=1_000_000_000_000, description="Whole rupiah")]
Rate = Annotated[int, Field(ge=0, le=100_000_000, description="Whole rupiah")]
Percent = Annotated[int, Field(ge=0, le=100)]
Document = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Purpose = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Place = Literal["bank_book", "card", "custody"]
Method = Literal["per_piece", "team_pool", "day", "share_of_proceeds"]
Kind = Literal["floor", "umk"]
_PEOPLE: Any = Field(None, min_length=1, max_length=500, description="Only these; left out: everybody")


class Nothing(Input):
    """No fields."""


class BecauseInput(Input):
    """Why it is done."""

    reason: Reason


# -- schemes


class PerPieceInput(Input):
    """Rupiah for each accepted piece: by stage, or of a finished piece, divided over its stages."""

    method: Literal["per_piece"]
    rates: dict[Annotated[str, StringConstraints(max_length=40)], Rate] | None = Field(
        None, min_length=1, max_length=40
    )
    finished: Rate | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "PerPieceInput":
        if (self.rates is None) == (self.finished is None):
            raise ValueError("rates or finished, one of them")
        return self

    def terms(self) -> Terms:
        """Return the terms."""
        return PerPiece(rates=self.rates, finished=self.finished)


class TeamPoolInput(Input):
    """An amount for so many finished pieces, shared in the team."""

    method: Literal["team_pool"]
    amount: Rupiah
    per: int = Field(ge=1, le=10_000, description="Finished pieces")
    key: Literal["equal", "hours", "points"]

    def terms(self) -> Terms:
        """Return the terms."""
        return TeamPool(amount=self.amount, per=self.per, key=self.key)


class DayInput(Input):
    """Rupiah for each attended day."""

    method: Literal["day"]
    amount: Rate
    grades: dict[Annotated[str, StringConstraints(max_length=40)], Rate] = Field({}, max_length=40)

    def terms(self) -> Terms:
        """Return the terms."""
        return Day(amount=self.amount, grades=self.grades)


class ShareInput(Input):
    """Percentages of what an order brings; the remainder of a rupiah goes to the share that is named."""

    method: Literal["share_of_proceeds"]
    premi: Percent
    capital: Percent
    pnbp: Percent
    other: Percent = 0
    remainder: Literal["premi", "capital", "pnbp", "other"] = "premi"
    estimate: Rate | None = Field(None, description="The base expected of one finished piece")

    def terms(self) -> Terms:
        """Return the terms.

        :raises SharesNotWhole:
        """
        return ShareOfProceeds(
            premi=self.premi,
            capital=self.capital,
            pnbp=self.pnbp,
            other=self.other,
            remainder=self.remainder,
            estimate=self.estimate,
        )


class SchemeInput(Input):
    """How a workshop, or one product of it, pays from a day on."""

    workshop_id: UUID
    product_name: str | None = Field(None, min_length=1, max_length=200)
    terms: Annotated[PerPieceInput | TeamPoolInput | DayInput | ShareInput, Field(discriminator="method")]
    saved_percent: Percent = 0
    valid_from: date
    document: Document


class SchemeQuery(PageQuery):
    """How to narrow the list of schemes."""

    workshop_id: UUID | None = None
    state: SchemeState | None = None


class SchemeView(BaseModel):
    """A scheme; ``terms`` are those that were proposed, with their method."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    workshop_kind: str
    product_name: str | None
    terms: dict[str, Any]
    saved_percent: int
    valid_from: date
    document: str
    state: SchemeState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    in_force: bool
    version: int


class SchemePage(BaseModel):
    """A page of schemes."""

    items: list[SchemeView]
    next: str | None


@routes.get("/premi/schemes", permission="premi.read", answer=SchemePage)
def list_schemes(store: Store, query: SchemeQuery) -> dict[str, Any]:
    """List schemes, the newest first."""
    return queries.schemes(store, query, workshop_id=query.workshop_id, state=query.state)


@routes.post("/premi/schemes", permission="premi.propose", creates="/premi/schemes/{id}", answer=SchemeView)
def propose_scheme(store: Store, body: SchemeInput) -> dict[str, Any]:
    """Propose a scheme."""
    command = handlers.ProposeScheme(
        id=new_id(),
        workshop_id=body.workshop_id,
        product_name=body.product_name,
        terms=body.terms.terms(),
        saved_percent=body.saved_percent,
        valid_from=body.valid_from,
        document=body.document,
    )
    handlers.propose_scheme(command, store)
    return queries.scheme(store, command.id)


@routes.get("/premi/schemes/<id>", permission="premi.read", answer=SchemeView)
def show_scheme(store: Store, path: ById) -> dict[str, Any]:
    """Show one scheme."""
    return queries.scheme(store, path.id)


@routes.post("/premi/schemes/<id>/approve", permission="premi.schemes", updates=True, answer=SchemeView)
def approve_scheme(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Let a scheme come into force, as another person than the one who proposed it."""
    handlers.approve_scheme(handlers.ApproveScheme(id=path.id, version=version), store)
    return queries.scheme(store, path.id)


@routes.post("/premi/schemes/<id>/refuse", permission="premi.schemes", updates=True, answer=SchemeView)
def refuse_scheme(store: Store, path: ById, version: int, body: BecauseInput) -> dict[str, Any]:
    """Turn a scheme down."""
    handlers.refuse_scheme(handlers.RefuseScheme(id=path.id, version=version, reason=body.reason), store)
    return queries.scheme(store, path.id)


# -- references


class ReferenceInput(Input):
    """What premi of a month is compared with from a day on."""

    kind: Kind
    valid_from: date
    amount: Rupiah
    document: Document


class ReferenceView(BaseModel):
    """An amount premi is compared with."""

    kind: Kind
    valid_from: date
    amount: int
    document: str


class References(BaseModel):
    """All of them, the newest first."""

    items: list[ReferenceView]


@routes.get("/premi/references", permission="premi.read", answer=References)
def list_references(store: Store) -> dict[str, Any]:
    """List what premi is compared with."""
    return {"items": queries.references(store)}


@routes.post("/premi/references", permission="premi.propose", answer=References)
def set_reference(store: Store, body: ReferenceInput) -> dict[str, Any]:
    """Say what premi is compared with from a day on."""
    handlers.set_reference(handlers.SetReference(**body.model_dump()), store)
    return {"items": queries.references(store)}


# -- proceeds


class ProceedsInput(Input):
    """Money of an order that came; without its parts the order's scheme splits it."""

    order_id: UUID
    base: Rupiah
    premi: Some | None = None
    capital: Some | None = None
    pnbp: Some | None = None
    other: Some | None = None
    document: Document
    split_on: date

    def split(self) -> Split | None:
        """Return the parts, if they were given.

        :raises SplitNotWhole:
        """
        if self.premi is None and self.capital is None and self.pnbp is None and self.other is None:
            return None
        return Split(
            base=self.base,
            premi=self.premi or 0,
            capital=self.capital or 0,
            pnbp=self.pnbp or 0,
            other=self.other or 0,
        )


class TakeBackInput(Input):
    """Why money of an order went back, when, and by which document."""

    document: Document
    reason: Reason
    split_on: date


class ProceedsQuery(PageQuery):
    """How to narrow the list of payments."""

    order_id: UUID | None = None


class ProceedsView(BaseModel):
    """A payment and what it was split into."""

    id: UUID
    order_id: UUID
    order_number: str | None
    partner_name: str | None
    base: int
    premi: int
    capital: int
    pnbp: int
    other: int
    document: str
    split_on: date
    reverses: UUID | None
    reason: str | None
    recorded_at: datetime
    recorded_by: str
    reversed: bool


class ProceedsPage(BaseModel):
    """A page of payments."""

    items: list[ProceedsView]
    next: str | None


class PaidOrderQuery(PageQuery):
    """How to narrow the list of orders."""

    search: str | None = Field(None, max_length=100)
    unpaid: bool | None = None


class PaidOrderRow(BaseModel):
    """An order: what accrued on it, what came of its money, and what lists took."""

    order_id: UUID
    order_number: str
    partner_name: str | None
    products: str
    quantity: int
    passed: int
    opened_on: date
    base: int
    premi: int
    listed: int
    accrued: int


class PaidOrderPage(BaseModel):
    """A page of orders."""

    items: list[PaidOrderRow]
    next: str | None


class PaidOrder(PaidOrderRow):
    """An order with its payments."""

    proceeds: list[ProceedsView]


class PreviewQuery(Input):
    """A base that is to be split."""

    base: Rupiah
    split_on: date | None = None


class Preview(BaseModel):
    """How the order's scheme splits a base; nothing where it does not say."""

    base: int
    split: dict[str, int] | None


@routes.get("/premi/proceeds", permission="premi.read", answer=ProceedsPage)
def list_proceeds(store: Store, query: ProceedsQuery) -> dict[str, Any]:
    """List payments, the newest first."""
    return queries.proceeds(store, query, order_id=query.order_id)


@routes.post("/premi/proceeds", permission="premi.pay", creates="/premi/proceeds/{id}", answer=ProceedsView)
def record_proceeds(store: Store, body: ProceedsInput) -> dict[str, Any]:
    """Make premi of an order payable: its money came, by a document."""
    command = handlers.RecordProceeds(
        id=new_id(),
        order_id=body.order_id,
        base=body.base,
        split=body.split(),
        document=body.document,
        split_on=body.split_on,
    )
    handlers.record_proceeds(command, store)
    return queries.one_proceeds(store, command.id)


@routes.get("/premi/proceeds/<id>", permission="premi.read", answer=ProceedsView)
def show_proceeds(store: Store, path: ById) -> dict[str, Any]:
    """Show one payment."""
    return queries.one_proceeds(store, path.id)


@routes.post(
    "/premi/proceeds/<id>/reverse", permission="premi.pay", creates="/premi/proceeds/{id}", answer=ProceedsView
)
def reverse_proceeds(store: Store, path: ById, body: TakeBackInput) -> dict[str, Any]:
    """Take a payment back by its opposite."""
    command = handlers.ReverseProceeds(
        id=path.id, new_id=new_id(), document=body.document, reason=body.reason, split_on=body.split_on
    )
    handlers.reverse_proceeds(command, store)
    return queries.one_proceeds(store, command.new_id)


@routes.get("/premi/orders", permission="premi.read", answer=PaidOrderPage)
def list_orders(store: Store, query: PaidOrderQuery) -> dict[str, Any]:
    """List orders with what accrued, came and was listed, the newest first."""
    return queries.orders(store, query, search=query.search, unpaid=query.unpaid)


@routes.get("/premi/orders/<id>", permission="premi.read", answer=PaidOrder)
def show_order(store: Store, path: ById) -> dict[str, Any]:
    """Show one order with its payments."""
    return queries.order(store, path.id)


@routes.get("/premi/orders/<id>/split", permission="premi.read", answer=Preview)
def preview_split(store: Store, path: ById, query: PreviewQuery) -> dict[str, Any]:
    """Show how a base would be split by the order's scheme."""
    split = handlers.split_of(store, path.id, base=query.base, day=query.split_on or today(store))
    parts = (
        {"premi": split.premi, "capital": split.capital, "pnbp": split.pnbp, "other": split.other} if split else None
    )
    return {"base": query.base, "split": parts}


# -- lists


class ListInput(Input):
    """The month of a list, by its first day."""

    period: date = Field(description="Its first day")

    @model_validator(mode="after")
    def _a_month(self) -> "ListInput":
        if self.period.day != 1:
            raise ValueError("the first day of a month")
        return self


class LinesQuery(PageQuery):
    """How to narrow the lines of a list."""

    workshop_id: UUID | None = None
    below: int | None = Field(None, ge=1, le=1_000_000_000, description="Whole rupiah")
    credited: bool | None = None
    corrected: bool | None = None
    sort: queries.Sort = "-gross"


class LinesSearch(LinesQuery):
    """The same, of some people only."""

    inmate_ids: list[UUID] = Field(max_length=500)


class CreditInput(Input):
    """Where premi goes, and the document that proves it."""

    way: Place
    document: Document
    inmate_ids: list[UUID] | None = _PEOPLE


class ListRow(BaseModel):
    """A list and how far it is; ``done`` of ``total`` while it is worked out."""

    id: UUID
    period: date
    until: date
    state: ListState
    requested_by: str
    requested_at: datetime
    computed_at: datetime | None
    people: int
    gross: int
    saved: int
    received: int
    unpriced_pieces: int
    unpriced_people: int
    proposed_by: str | None
    proposed_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    returned_reason: str | None
    credited_at: datetime | None
    credited_people: int
    done: int | None
    total: int | None
    version: int


class ListPage(BaseModel):
    """A page of lists."""

    items: list[ListRow]
    next: str | None


class ListWorkshop(BaseModel):
    """What a list pays in a workshop."""

    id: UUID
    name: str
    people: int
    gross: int


class ListView(ListRow):
    """A list, how its people stand beside floor and UMK, and its workshops.

    ``changed``: something was accepted, taken back, paid or priced since it was worked out.
    """

    changed: bool
    floor: int | None
    umk: int | None
    below_floor: int
    below_umk: int
    corrected: int
    carried: int
    average: int
    lines: int
    workshops: list[ListWorkshop]


class DidView(BaseModel):
    """Pieces at a stage, or days; without a rate a pool or what the order brought is shared."""

    method: Method
    stage: str | None
    stage_en: str | None
    count: int
    rate: int | None


class PartView(BaseModel):
    """What an order, or the days of a month, bring to a line; ``before`` is what earlier lists took of it."""

    order_id: UUID | None
    order_number: str | None
    month: date | None
    workshop_name: str
    pieces: int
    days: int
    amount: int
    before: int
    did: list[DidView]


class LineView(BaseModel):
    """An inmate on a list."""

    inmate_id: UUID
    workshop_id: UUID
    workshop_name: str
    pieces: int
    days: int
    earned: int
    carried_in: int
    gross: int
    saved: int
    received: int
    carried_out: int
    way: str | None
    document: str | None
    credited_at: datetime | None
    left_on: date | None
    parts: list[PartView]


class LinePage(BaseModel):
    """A page of lines."""

    items: list[LineView]
    next: str | None


class PaperQuery(Input):
    """What a list is taken out for."""

    purpose: str = Field("print", min_length=3, max_length=200)


class Paper(ListView):
    """A whole list."""

    all_lines: list[LineView]


class Discarded(BaseModel):
    """The draft that is no more."""

    discarded: UUID


class Credited(ListView):
    """A list as it is now, and how many people were credited just now."""

    credited_now: int


@routes.get("/premi/lists", permission="premi.read", answer=ListPage)
def list_lists(store: Store, query: PageQuery) -> dict[str, Any]:
    """List the lists, the newest month first."""
    return queries.lists(store, query)


@routes.post("/premi/lists", permission="premi.propose", creates="/premi/lists/{id}", answer=ListView)
def begin_list(store: Store, body: ListInput) -> dict[str, Any]:
    """Have the list of a month worked out; it is ready once its state is ``draft``."""
    command = handlers.BeginList(id=new_id(), period=body.period)
    handlers.begin_list(command, store)
    return queries.one_list(store, command.id)


@routes.get("/premi/lists/<id>", permission="premi.read", answer=ListView)
def show_list(store: Store, path: ById) -> dict[str, Any]:
    """Show one list."""
    return queries.one_list(store, path.id)


@routes.post("/premi/lists/<id>/compute", permission="premi.propose", updates=True, answer=ListView)
def compute_again(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Have a draft worked out anew."""
    handlers.compute_again(handlers.OfList(id=path.id, version=version), store)
    return queries.one_list(store, path.id)


@routes.post("/premi/lists/<id>/discard", permission="premi.propose", updates=True, answer=Discarded)
def discard_list(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Throw a draft away; the next list takes everything that was on it."""
    handlers.discard_list(handlers.OfList(id=path.id, version=version), store)
    return {"discarded": path.id}


@routes.post("/premi/lists/<id>/propose", permission="premi.propose", updates=True, answer=ListView)
def propose_list(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Put a draft before the head of the Lapas."""
    handlers.propose_list(handlers.OfList(id=path.id, version=version), store)
    return queries.one_list(store, path.id)


@routes.post("/premi/lists/<id>/return", permission="premi.approve", updates=True, answer=ListView)
def return_list(store: Store, path: ById, version: int, body: BecauseInput) -> dict[str, Any]:
    """Give a list back to be looked at again."""
    handlers.return_list(handlers.ReturnList(id=path.id, version=version, reason=body.reason), store)
    return queries.one_list(store, path.id)


@routes.post("/premi/lists/<id>/approve", permission="premi.approve", updates=True, answer=ListView)
def approve_list(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Approve and lock a list, as another person than who proposed it or recorded what it pays."""
    handlers.approve_list(handlers.OfList(id=path.id, version=version), store)
    return queries.one_list(store, path.id)


@routes.post("/premi/lists/<id>/credit", permission="premi.pay", updates=True, answer=Credited)
def credit_list(store: Store, path: ById, version: int, body: CreditInput) -> dict[str, Any]:
    """Credit premi of a locked list."""
    command = handlers.CreditList(
        id=path.id,
        credit_id=new_id(),
        version=version,
        way=Account(body.way),
        document=body.document,
        inmates=body.inmate_ids,
    )
    now = handlers.credit_list(command, store)
    return {**queries.one_list(store, path.id), "credited_now": now}


@routes.get("/premi/lists/<id>/lines", permission="premi.read", answer=LinePage)
def list_lines(store: Store, path: ById, query: LinesQuery) -> dict[str, Any]:
    """List the lines of a list, each with its parts."""
    return _lines(store, path.id, query, None)


@routes.ask("/premi/lists/<id>/lines/search", permission="premi.read", answer=LinePage)
def search_lines(store: Store, path: ById, body: LinesSearch) -> dict[str, Any]:
    """List the lines of some people."""
    return _lines(store, path.id, body, body.inmate_ids)


def _lines(store: Store, list_id: UUID, query: LinesQuery, inmates: list[UUID] | None) -> dict[str, Any]:
    return queries.lines(
        store,
        list_id,
        query,
        workshop_id=query.workshop_id,
        below=query.below,
        credited=query.credited,
        corrected=query.corrected,
        inmates=inmates,
        sort=query.sort,
    )


@routes.get("/premi/lists/<id>/paper", permission="premi.read", answer=Paper)
def show_paper(store: Store, path: ById, query: PaperQuery) -> dict[str, Any]:
    """Show a whole list, for paper and workbooks; who took it out, and what for, is kept."""
    found = queries.one_list(store, path.id)
    store.audit("premi.export", f"/api/production/v1/premi/lists/{path.id}", purpose=query.purpose)
    return {**found, "all_lines": queries.all_lines(store, path.id)}


# -- cards


class CardsQuery(PageQuery):
    """How to narrow the cards."""

    waiting: bool = Field(False, description="Only those whose premi waits to be handed over")


class CardsSearch(CardsQuery):
    """The same, of some people only."""

    inmate_ids: list[UUID] = Field(max_length=500)


class CardRow(BaseModel):
    """What stands in the accounts of an inmate."""

    inmate_id: UUID
    left_on: date | None
    left_reason: str | None
    payable: int
    bank_book: int
    card: int
    custody: int
    savings: int
    handover: int
    balance: int


class CardPage(BaseModel):
    """A page of cards."""

    items: list[CardRow]
    next: str | None


class MovementView(BaseModel):
    """An entry of the ledger; ``postings`` by account sum to nothing, ``balance`` is what stood after it.

    ``sent`` is how what went to another Lapas of the deployment stands there.
    """

    id: UUID
    number: str
    kind: str
    at: datetime
    by: str
    document: str
    note: str
    place: str | None
    period: date | None
    postings: dict[str, int]
    change: int
    balance: int
    sent: str | None


class CardMonth(BaseModel):
    """What a list says of an inmate."""

    period: date
    gross: int
    saved: int
    received: int
    state: ListState


class Card(BaseModel):
    """The premi card of an inmate; ``accrued`` is what this month's work is worth so far, ``total`` all that was ever locked."""

    inmate_id: UUID
    left_on: date | None
    left_reason: str | None
    balances: dict[str, int]
    balance: int
    accrued: int
    total: int
    months: list[CardMonth]
    movements: list[MovementView]
    floor: int | None
    umk: int | None


class HandOverInput(Input):
    """The document by which premi is handed over; of who was transferred, where to.

    ``to_lapas`` is a Lapas of this deployment, ``to_place`` any other, in words.
    """

    document: Document
    to_lapas: str | None = Field(None, min_length=1, max_length=20)
    to_place: str = Field("", max_length=100)


class RecallInput(Input):
    """Why what was sent is taken back, and by which document."""

    document: Document
    reason: Reason


class Destination(BaseModel):
    """Another Lapas of this deployment."""

    id: str
    name: str


class Destinations(BaseModel):
    """All of them."""

    items: list[Destination]


@routes.get("/premi/cards", permission="premi.read", answer=CardPage)
def list_cards(store: Store, query: CardsQuery) -> dict[str, Any]:
    """List cards with their balances."""
    return queries.cards(store, query, waiting=query.waiting, inmates=None)


@routes.ask("/premi/cards/search", permission="premi.read", answer=CardPage)
def search_cards(store: Store, body: CardsSearch) -> dict[str, Any]:
    """List the cards of some people."""
    return queries.cards(store, body, waiting=body.waiting, inmates=body.inmate_ids)


@routes.get("/premi/cards/<id>", permission="premi.read", answer=Card)
def show_card(store: Store, path: ById, query: PaperQuery) -> dict[str, Any]:
    """Show the card of an inmate; that it was read, and what for, is kept."""
    found = queries.card(store, path.id)
    store.audit("premi.card", f"/api/production/v1/premi/cards/{path.id}", purpose=query.purpose)
    return found


@routes.post("/premi/cards/<id>/hand-over", permission="premi.pay", answer=Card)
def hand_over(store: Store, path: ById, body: HandOverInput) -> dict[str, Any]:
    """Hand over what somebody who left has: to that person, or to where the person is now."""
    handlers.hand_over_premi(
        handlers.HandOver(inmate_id=path.id, document=body.document, place=body.to_lapas, place_name=body.to_place),
        store,
    )
    return queries.card(store, path.id)


@routes.post("/premi/sent/<id>/recall", permission="premi.pay", answer=Card)
def recall(store: Store, path: ById, body: RecallInput) -> dict[str, Any]:
    """Take back what was sent to another Lapas, as long as it was not taken in there."""
    inmate_id = handlers.recall_premi(handlers.Recall(id=path.id, document=body.document, reason=body.reason), store)
    return queries.card(store, inmate_id)


@routes.get("/premi/destinations", permission="premi.pay", answer=Destinations)
def list_destinations(store: Store) -> dict[str, Any]:
    """List the other Lapas of this deployment."""
    return {"items": queries.destinations(store)}


# -- what other Lapas sent


class ArrivalQuery(PageQuery):
    """How to narrow the list."""

    state: ArrivalState | None = None


class ArrivalView(BaseModel):
    """Premi that another Lapas sent after somebody; ``registered`` once the person is in the register here."""

    id: UUID
    inmate_id: UUID
    from_lapas: str
    from_name: str
    amount: int
    document: str
    sent_at: datetime
    state: ArrivalState
    receipt: str | None
    settled_at: datetime | None
    registered: bool
    version: int


class ArrivalPage(BaseModel):
    """A page of them."""

    items: list[ArrivalView]
    next: str | None


class AcceptInput(Input):
    """Where it goes here, and the receipt."""

    way: Place
    document: Document


@routes.get("/premi/arrivals", permission="premi.read", answer=ArrivalPage)
def list_arrivals(store: Store, query: ArrivalQuery) -> dict[str, Any]:
    """List what other Lapas sent, the newest first."""
    return queries.arrivals(store, query, state=query.state)


@routes.post("/premi/arrivals/<id>/accept", permission="premi.pay", updates=True, answer=ArrivalView)
def accept_arrival(store: Store, path: ById, version: int, body: AcceptInput) -> dict[str, Any]:
    """Take in what another Lapas sent: the account here opens with it."""
    handlers.accept_arrival(
        handlers.AcceptArrival(id=path.id, version=version, way=Account(body.way), receipt=body.document), store
    )
    return queries.arrival(store, path.id)


# -- withdrawals


class WithdrawalInput(Input):
    """What an inmate wants to take out, and what for."""

    inmate_id: UUID
    account: Place
    amount: Rupiah
    purpose: Purpose


class PaidInput(Input):
    """The receipt that the inmate signed."""

    document: Document


class WithdrawalQuery(PageQuery):
    """How to narrow the list of withdrawals."""

    state: WithdrawalState | None = None
    inmate_id: UUID | None = None


class WithdrawalView(BaseModel):
    """A withdrawal; ``balance`` is what stands in the account now, ``number`` that of its entry once it was paid."""

    id: UUID
    inmate_id: UUID
    account: Place
    amount: int
    purpose: str
    document: str | None
    state: WithdrawalState
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    refused_by: str | None
    refused_at: datetime | None
    reason: str | None
    balance: int
    number: str | None
    version: int


class WithdrawalPage(BaseModel):
    """A page of withdrawals."""

    items: list[WithdrawalView]
    next: str | None


@routes.get("/premi/withdrawals", permission="premi.read", answer=WithdrawalPage)
def list_withdrawals(store: Store, query: WithdrawalQuery) -> dict[str, Any]:
    """List withdrawals, the newest first."""
    return queries.withdrawals(store, query, state=query.state, inmate_id=query.inmate_id)


@routes.post("/premi/withdrawals", permission="premi.request", creates="/premi/withdrawals/{id}", answer=WithdrawalView)
def request_withdrawal(store: Store, body: WithdrawalInput) -> dict[str, Any]:
    """Ask for money of an inmate, for a purpose."""
    command = handlers.RequestWithdrawal(
        id=new_id(),
        inmate_id=body.inmate_id,
        account=Account(body.account),
        amount=body.amount,
        purpose=body.purpose,
    )
    handlers.request_withdrawal(command, store)
    return queries.withdrawal(store, command.id)


@routes.get("/premi/withdrawals/<id>", permission="premi.read", answer=WithdrawalView)
def show_withdrawal(store: Store, path: ById) -> dict[str, Any]:
    """Show one withdrawal."""
    return queries.withdrawal(store, path.id)


@routes.post("/premi/withdrawals/<id>/approve", permission="premi.approve", updates=True, answer=WithdrawalView)
def approve_withdrawal(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Allow a withdrawal to be paid, as a second person."""
    handlers.approve_withdrawal(handlers.OfWithdrawal(id=path.id, version=version), store)
    return queries.withdrawal(store, path.id)


@routes.post("/premi/withdrawals/<id>/refuse", permission="premi.approve", updates=True, answer=WithdrawalView)
def refuse_withdrawal(store: Store, path: ById, version: int, body: BecauseInput) -> dict[str, Any]:
    """Turn a withdrawal down."""
    handlers.refuse_withdrawal(handlers.RefuseWithdrawal(id=path.id, version=version, reason=body.reason), store)
    return queries.withdrawal(store, path.id)


@routes.post("/premi/withdrawals/<id>/pay", permission="premi.pay", updates=True, answer=WithdrawalView)
def pay_withdrawal(store: Store, path: ById, version: int, body: PaidInput) -> dict[str, Any]:
    """Pay what was approved, as a third person."""
    handlers.pay_withdrawal(handlers.PayWithdrawal(id=path.id, version=version, document=body.document), store)
    return queries.withdrawal(store, path.id)


# -- overview


class Waiting(BaseModel):
    """What waits for whom: payable, owed by locked lists, held for inmates, papers to decide, the newest lists."""

    payable: int
    locked: int
    credited: int
    handover: int
    handover_people: int
    schemes_proposed: int
    withdrawals_requested: int
    withdrawals_approved: int
    arrivals: int
    orders_unpaid: int
    without_scheme: list[str]
    lists: list[ListRow]
    next_period: date | None


class Summary(Waiting):
    """How premi stands: what waits, and what accrued this month."""

    accrued: int
    people: int
    unpriced_people: int
    unpriced_pieces: int
    latest: ListView | None
    floor: int | None
    umk: int | None


@routes.get("/premi/waiting", permission="premi.read", answer=Waiting)
def show_waiting(store: Store) -> dict[str, Any]:
    """Show what of premi waits for somebody."""
    return queries.waiting(store)


@routes.get("/premi/summary", permission="premi.read", answer=Summary)
def show_summary(store: Store) -> dict[str, Any]:
    """Sum up how premi stands."""
    return queries.summary(store)
