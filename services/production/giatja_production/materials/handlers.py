"""What may be asked for about materials; every movement goes through :func:`_book`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Stale
from giatja_kit.ids import new_id
from giatja_production.facts import MaterialBalanceChanged, MaterialSettled, MaterialTold
from giatja_production.lapas.queries import today
from giatja_production.materials import queries
from giatja_production.materials.domain import (
    BillLine,
    Count,
    CountLineMissing,
    CountLineUnknown,
    CountUnderWay,
    CountUnknown,
    DocumentAlreadyReversed,
    DocumentNotReversible,
    ExpiredOnReceipt,
    Kind,
    Line,
    Lot,
    Material,
    MaterialKind,
    MaterialNameTaken,
    MaterialNotListed,
    MaterialUnknown,
    NothingToCount,
    OrderMaterial,
    OrderMaterialUnknown,
    OrderNotKnown,
    OrderNotNamed,
    Owner,
    ReasonMissing,
    ReceivedInFuture,
    Stock,
    Thousandths,
    Totals,
    WorkOrderNotKnown,
    WorkOrderNotNamed,
    check_bill,
)
from giatja_production.work_orders.domain import State, WorkOrderAlreadyCompleted, WorkOrderCancelled


class Act(StrEnum):
    """What may be asked of material that is here."""

    ISSUE = "issue"
    RESTORE = "restore"
    USE = "use"
    WASTE = "waste"
    LOSS = "loss"
    RETURN = "return"
    TRANSFER = "transfer"


_REASONED = (Act.WASTE, Act.LOSS, Act.TRANSFER)
_OF_A_WORK_ORDER = (Act.ISSUE, Act.RESTORE, Act.USE)
_OF_A_PARTNER = (Act.RETURN, Act.TRANSFER)
_NOT_REVERSIBLE = ("count", "settlement")


@dataclass(frozen=True, kw_only=True)
class AddMaterial:
    """Put an item on the list."""

    id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    minimum: int
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeMaterial:
    """Change an item."""

    id: UUID
    version: int | None
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    minimum: int
    note: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class KnowOrder:
    """Know whose material an accepted order uses, and which product each line is.

    :param products: by line.
    """

    order_id: UUID
    number: str
    partner_id: UUID | None
    partner_name: str | None
    owner: Owner
    products: Mapping[UUID, UUID]

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "KnowOrder":
        """Read the data of ``order_accepted``."""
        return cls(
            order_id=UUID(data["order_id"]),
            number=data["number"],
            partner_id=UUID(data["partner_id"]) if data["partner_id"] else None,
            partner_name=data["partner_name"],
            owner=data["material_owner"],
            products={UUID(line["line_id"]): UUID(line["product_id"]) for line in data["lines"]},
        )


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came of an item: counted here, and what the papers state."""

    lot_id: UUID
    material_id: UUID
    counted: int
    stated: int | None = None
    best_before: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Receive:
    """Take material in.

    :param order_id: the partner's order it is for; without one it is the Lapas' own.
    :param reference: of the papers that came with it.
    """

    id: UUID
    order_id: UUID | None
    received_on: date
    lines: Sequence[Received]
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Move:
    """Move, use or lose material that is here.

    :param work_order_id: issued to, or from whose custody it is taken.
    :param order_id: whose consigned material is taken from the store; without one the Lapas' own.
    :param to_order_id: where a transfer goes; without one to the Lapas.
    """

    id: UUID
    act: Act
    lines: Sequence[Line]
    work_order_id: UUID | None = None
    order_id: UUID | None = None
    to_order_id: UUID | None = None
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Reverse:
    """Take a document back by its opposite.

    :param new_id: of the opposite.
    """

    id: UUID
    new_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class StartCount:
    """List what is in the store, to be counted."""

    id: UUID
    owner: Owner | None
    kind: MaterialKind | None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was found of a line of the list."""

    nth: int
    counted: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EnterCount:
    """Write down what was counted."""

    id: UUID
    version: int | None
    lines: Sequence[Counted]


@dataclass(frozen=True, kw_only=True)
class ApproveCount:
    """Book the differences of a count.

    :param document_id: of what books them.
    """

    id: UUID
    version: int | None
    document_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelCount:
    """Give a count up."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class SetBill:
    """Say what one piece of a product takes.

    :param version: of the bill that was seen; 0 where there was none.
    """

    product_id: UUID
    product_name: str
    version: int
    lines: Sequence[BillLine]


@dataclass(frozen=True, kw_only=True)
class DraftSettlement:
    """Write what the settlement sheet of an order says besides the figures.

    :param tolerance: per mille; :param reasons: by material.
    """

    order_id: UUID
    version: int | None
    tolerance: int
    note: str
    reasons: Mapping[UUID, str]


@dataclass(frozen=True, kw_only=True)
class SignSettlement:
    """Settle the consigned material of an order: the sheet is signed.

    :param signed_by: for the partner; :param document_id: of the document that books what was used.
    """

    order_id: UUID
    version: int | None
    signed_by: str
    signed_on: date
    document_ref: str
    document_id: UUID


@dataclass(frozen=True, kw_only=True)
class CloseOrder:
    """Know that an order was closed."""

    order_id: UUID
    closed_on: date


def add_material(command: AddMaterial, store: Store) -> None:
    """Put an item on the list.

    :raises MaterialNameTaken, QuantityTooFine:
    """
    if queries.name_taken(store, command.name):
        raise MaterialNameTaken(field="/name", name=command.name)
    store.add(
        Material(
            lapas_id=store.lapas_id,
            id=command.id,
            name=command.name,
            kind=command.kind,
            unit=command.unit,
            decimals=command.decimals,
            minimum=Thousandths(command.minimum),
            note=command.note,
        )
    )


def change_material(command: ChangeMaterial, store: Store) -> None:
    """Change an item.

    :raises MaterialUnknown, Stale, MaterialNameTaken, UnitInUse, QuantityTooFine:
    """
    material = store.get(Material, command.id, version=command.version, missing=MaterialUnknown)
    if queries.name_taken(store, command.name, but=command.id):
        raise MaterialNameTaken(field="/name", name=command.name)
    material.change(
        name=command.name,
        kind=command.kind,
        unit=command.unit,
        decimals=command.decimals,
        minimum=Thousandths(command.minimum),
        note=command.note,
        active=command.active,
        moved=queries.has_moved(store, command.id),
    )


def know_order(command: KnowOrder, store: Store) -> None:
    """Keep whose material an order uses."""
    store.add(
        OrderMaterial(
            lapas_id=store.lapas_id,
            id=command.order_id,
            number=command.number,
            partner_id=command.partner_id,
            partner_name=command.partner_name,
            owner=command.owner,
        )
    )
    store.flush()
    store.run(
        "INSERT INTO order_product (lapas_id, line_id, order_id, product_id)"
        " VALUES (:lapas_id, :line_id, :order_id, :product_id)",
        [
            {"lapas_id": store.lapas_id, "line_id": line_id, "order_id": command.order_id, "product_id": product_id}
            for line_id, product_id in command.products.items()
        ],
    )


def receive(command: Receive, store: Store) -> str:
    """Take material in, as it was counted; return the number of the receipt.

    :raises OrderNotKnown, MaterialNotConsigned, OrderAlreadySettled, OrderAlreadyClosed, MaterialNotListed:
    :raises QuantityTooFine, ReceivedInFuture, ExpiredOnReceipt:
    """
    now = today(store)
    if command.received_on > now:
        raise ReceivedInFuture(field="/received_on", received_on=str(command.received_on), today=str(now))
    orders = _orders(store, [command.order_id])
    for order in orders.values():
        order.must_move(consigned=True, at="/order_id")
    stock = Stock(lots={}, materials=_listed(store, [(x.material_id, x.counted, "counted") for x in command.lines]))
    for nth, line in enumerate(command.lines):
        if line.best_before is not None and line.best_before < command.received_on:
            raise ExpiredOnReceipt(field=f"/lines/{nth}/best_before", best_before=str(line.best_before))
        lot = Lot(
            id=line.lot_id,
            material_id=line.material_id,
            owner="partner" if command.order_id else "lapas",
            order_id=command.order_id,
            in_store=0,
            received_on=command.received_on,
            best_before=line.best_before,
        )
        stock.receive(lot, line.counted)
    document = _Document(
        id=command.id, kind="receipt", order_id=command.order_id, reference=command.reference, reason=command.note
    )
    papers = {line.lot_id: (line.stated, line.note) for line in command.lines}
    return _book(document, stock, orders, store, papers=papers)


def move(command: Move, store: Store) -> str:
    """Issue, take back, use, waste, lose, return or transfer material; return the number of the document.

    The order and the lots are locked first, so that of two clerks with the last roll one comes second and is told so.

    :raises Refusal: the first thing that forbids it, naming the line.
    """
    act = command.act
    if act in _REASONED and not command.reason:
        raise ReasonMissing(field="/reason")
    if act in _OF_A_WORK_ORDER and command.work_order_id is None:
        raise WorkOrderNotNamed(field="/work_order_id")
    if act in _OF_A_PARTNER and command.order_id is None:
        raise OrderNotNamed(field="/order_id")
    job = queries.job(store, command.work_order_id) if command.work_order_id else None
    if command.work_order_id and job is None:
        raise WorkOrderNotKnown(field="/work_order_id")
    of = job["order_id"] if job else command.order_id
    orders = _orders(store, [of, command.to_order_id])
    if of is not None:
        orders[of].must_move(consigned=job is None, at="/order_id")
    if act is Act.ISSUE and job is not None:
        _must_take_material(job)
    materials = _listed(store, [(x.material_id, x.quantity, "quantity") for x in command.lines], retired=True)
    if job is not None and act is not Act.ISSUE:
        stock = queries.stock_at(store, job["id"], materials)
        for nth, line in enumerate(command.lines):
            stock.take_from_floor(Kind(act), line, work_order_id=job["id"], at=f"/lines/{nth}")
    else:
        whose = [of, None] if act is Act.ISSUE else [of]
        stock = queries.stock_in_store(store, materials, whose)
        _take_from_store(command, stock, whose, orders)
    _must_all_move(stock, orders)
    document = _Document(
        id=command.id,
        kind=act.value,
        order_id=of,
        work_order_id=command.work_order_id,
        reference=command.reference,
        reason=command.reason,
    )
    return _book(document, stock, orders, store)


def _must_take_material(job: Mapping[str, Any]) -> None:
    if job["state"] == State.COMPLETED:
        raise WorkOrderAlreadyCompleted(completed_on=str(job["completed_on"]))
    if job["state"] == State.CANCELLED:
        raise WorkOrderCancelled


def _take_from_store(
    command: Move, stock: Stock, whose: Sequence[UUID | None], orders: Mapping[UUID, OrderMaterial]
) -> None:
    kind = Kind.TRANSFER_OUT if command.act is Act.TRANSFER else Kind(command.act)
    to = orders[command.to_order_id] if command.to_order_id else None
    if kind is Kind.TRANSFER_OUT and command.order_id is not None:
        orders[command.order_id].must_give_to(to)
    if to is not None:
        to.must_move(consigned=True, at="/to_order_id")
    for nth, line in enumerate(command.lines):
        at = f"/lines/{nth}"
        taken = stock.take_from_store(kind, line, orders=whose, at=at, work_order_id=command.work_order_id)
        if kind is Kind.TRANSFER_OUT:
            for part in taken:
                lot = Lot(
                    id=new_id(),
                    material_id=line.material_id,
                    owner="partner" if to else "lapas",
                    order_id=to.id if to else None,
                    in_store=0,
                    received_on=part.lot.received_on,
                    best_before=part.lot.best_before,
                )
                stock.receive(lot, part.quantity, Kind.TRANSFER_IN)


def reverse(command: Reverse, store: Store) -> str:
    """Take a document back by its opposite; return the number of the opposite.

    :raises DocumentUnknown, DocumentAlreadyReversed, DocumentNotReversible, MaterialMovedOn, OrderAlreadySettled:
    """
    document = queries.document_to_reverse(store, command.id)
    if document["kind"] in _NOT_REVERSIBLE or document["reverses"] is not None:
        raise DocumentNotReversible(number=document["number"])
    orders = _orders(store, [*document["orders"], document["order_id"]])
    for order in orders.values():
        order.must_move(consigned=order.id in document["orders"])
    stock, movements = queries.stock_of_document(store, command.id)
    # Asked after the lots are locked: of two who take the same document back one comes second.
    if queries.is_reversed(store, command.id):
        raise DocumentAlreadyReversed(number=document["number"])
    stock.take_back(reversed(movements))
    opposite = _Document(
        id=command.new_id,
        kind=document["kind"],
        order_id=document["order_id"],
        work_order_id=document["work_order_id"],
        reason=command.reason,
        reverses=command.id,
    )
    return _book(opposite, stock, orders, store)


def start_count(command: StartCount, store: Store) -> None:
    """List what is in the store, to be counted.

    :raises CountUnderWay, NothingToCount:
    """
    if queries.count_under_way(store):
        raise CountUnderWay
    store.add(Count(lapas_id=store.lapas_id, id=command.id, made_at=store.at, made_by=store.actor, note=command.note))
    store.flush()
    if not queries.list_to_count(store, command.id, owner=command.owner, kind=command.kind):
        raise NothingToCount


def enter_count(command: EnterCount, store: Store) -> None:
    """Write down what was counted, beside what the books say at this moment.

    :raises CountUnknown, Stale, CountAlreadyEnded, CountLineUnknown, CountLineMissing, QuantityTooFine:
    """
    count = store.get(Count, command.id, version=command.version, missing=CountUnknown)
    count.enter(store.actor)
    count.version += 1  # entering again changes lines only
    listed = {row["nth"]: row for row in queries.count_lines(store, command.id)}
    found = {line.nth: line for line in command.lines}
    for nth, line in enumerate(command.lines):
        if line.nth not in listed:
            raise CountLineUnknown(field=f"/lines/{nth}/nth")
    for no in listed:
        if no not in found:
            raise CountLineMissing(field=f"/lines/{no - 1}/counted")
    materials = queries.materials_by_id(store, [row["material_id"] for row in listed.values()])
    for nth, line in enumerate(command.lines):
        materials[listed[line.nth]["material_id"]].check(line.counted, at=f"/lines/{nth}/counted")
    queries.keep_counted(store, command.id, [(x.nth, x.counted, x.reason) for x in found.values()])


def approve_count(command: ApproveCount, store: Store) -> None:
    """Book the differences of a count, in the name of who approves it.

    A difference is what was counted less what the books said when it was entered, so what moved since stays right.

    :raises CountUnknown, Stale, CountAlreadyEnded, CountNotEntered, CountNeedsSecondPerson:
    :raises NotEnoughInStore, OrderAlreadySettled:
    """
    count = store.get(Count, command.id, version=command.version, missing=CountUnknown)
    count.approve(store.actor)
    off = [row for row in queries.count_lines(store, command.id) if row["counted"] != row["book"]]
    if not off:
        return
    orders = _orders(store, [row["order_id"] for row in off])
    for order in orders.values():
        order.must_move(consigned=True)
    materials = queries.materials_by_id(store, [row["material_id"] for row in off])
    stock = queries.stock_in_store(store, materials, [row["order_id"] for row in off], empty=True)
    for row in off:
        stock.differ(row["material_id"], row["order_id"], row["counted"] - row["book"])
    count.document_id = command.document_id
    _book(_Document(id=command.document_id, kind="count", reason=count.note), stock, orders, store)


def cancel_count(command: CancelCount, store: Store) -> None:
    """Give a count up.

    :raises CountUnknown, Stale, CountAlreadyEnded:
    """
    store.get(Count, command.id, version=command.version, missing=CountUnknown).cancel()


def set_bill(command: SetBill, store: Store) -> None:
    """Say what one piece of a product takes.

    :raises Stale, BillNamesTwice, MaterialNotListed:
    """
    check_bill(command.lines)
    # A piece may take less than the item is counted by: a fiftieth of a cone of thread.
    _listed(store, [(line.material_id, 0, "quantity") for line in command.lines], retired=True)
    if not queries.write_bill(store, command.product_id, command.product_name, version=command.version):
        raise Stale
    queries.write_bill_lines(store, command.product_id, command.lines)


def draft_settlement(command: DraftSettlement, store: Store) -> None:
    """Write what a settlement sheet says besides the figures.

    :raises OrderMaterialUnknown, Stale, OrderAlreadySettled, OrderAlreadyClosed, MaterialNotConsigned:
    """
    order = store.get(OrderMaterial, command.order_id, version=command.version, missing=OrderMaterialUnknown)
    order.draft(tolerance=command.tolerance, note=command.note, reasons=command.reasons)


def sign_settlement(command: SignSettlement, store: Store) -> None:
    """Settle: what is still on the floor was used, and the sheet stands as it was signed.

    :raises OrderMaterialUnknown, Stale, NothingToSettle, OrderStillInWork, MaterialStillInStore, DeviationUnexplained:
    """
    order = store.get(OrderMaterial, command.order_id, version=command.version, missing=OrderMaterialUnknown)
    stock = queries.stock_of_order(store, order.id)
    lines = queries.sheet(store, order.id, order.reasons)
    order.sign(
        lines,
        stock.materials,
        in_work=queries.in_work(store, order.id),
        by=command.signed_by,
        on=command.signed_on,
        today=today(store),
        document_ref=command.document_ref,
    )
    order.document_id, order.sheet = command.document_id, queries.written_sheet(lines, stock.materials, order.tolerance)
    stock.use_up()
    document = _Document(
        id=command.document_id, kind="settlement", order_id=order.id, reference=command.document_ref, reason=order.note
    )
    number = _book(document, stock, {order.id: order}, store)
    store.tell(
        MaterialSettled(
            order_id=order.id,
            number=number,
            signed_on=command.signed_on,
            within_tolerance=all(line.within(order.tolerance) for line in lines),
            totals=_told(store, order.id),
        )
    )


def close_order(command: CloseOrder, store: Store) -> None:
    """Know that an order was closed: what the Lapas gave of its own and did not get back was used."""
    order = store.get(OrderMaterial, command.order_id, missing=OrderMaterialUnknown)
    order.closed_on = command.closed_on
    stock = queries.own_stock_at_order(store, order.id)
    stock.use_up()
    if stock.moved:
        _book(_Document(id=new_id(), kind="use", order_id=order.id), stock, {order.id: order}, store)


@dataclass(frozen=True, kw_only=True)
class _Document:
    id: UUID
    kind: str
    order_id: UUID | None = None
    work_order_id: UUID | None = None
    reference: str = ""
    reason: str = ""
    reverses: UUID | None = None


def _orders(store: Store, ids: Iterable[UUID | None]) -> dict[UUID, OrderMaterial]:
    """Load and lock orders, always in the same sequence and before any lot.

    :raises OrderNotKnown:
    """
    found = {}
    for id_ in sorted({i for i in ids if i is not None}):
        try:
            found[id_] = store.get(OrderMaterial, id_, missing=OrderMaterialUnknown)
        except OrderMaterialUnknown:
            raise OrderNotKnown(field="/order_id") from None
    return found


def _listed(store: Store, lines: Sequence[tuple[UUID, int, str]], *, retired: bool = False) -> dict[UUID, Material]:
    """Return the items of some lines, each line as fine as its item allows.

    :param lines: item, quantity and the field it stands in; :param retired: items no longer in use may be named.
    :raises MaterialNotListed, QuantityTooFine:
    """
    found = queries.materials_by_id(store, [material_id for material_id, _, _ in lines])
    for nth, (material_id, quantity, name) in enumerate(lines):
        material = found.get(material_id)
        if material is None or not (material.active or retired):
            raise MaterialNotListed(field=f"/lines/{nth}/material_id")
        material.check(quantity, at=f"/lines/{nth}/{name}")
    return found


def _must_all_move(stock: Stock, orders: Mapping[UUID, OrderMaterial]) -> None:
    for order_id in {m.lot.order_id for m in stock.moved if m.lot.order_id is not None}:
        orders[order_id].must_move(consigned=True)


def _book(
    document: _Document,
    stock: Stock,
    orders: Mapping[UUID, OrderMaterial],
    store: Store,
    *,
    papers: Mapping[UUID, tuple[int | None, str]] | None = None,
) -> str:
    """Write a document and its movements, move the balances, and tell of each order whose consigned balance changed."""
    number = queries.insert_document(store, asdict(document), day=today(store))
    queries.write_movements(store, document.id, stock, papers or {}, day=today(store))
    for order_id in sorted({m.lot.order_id for m in stock.moved if m.lot.order_id is not None}):
        order = orders[order_id]
        totals = _told(store, order_id)
        if order.state != "settled":
            came = any(total.received + total.transferred for total in totals)
            order.state = "open" if came else "none"
        store.tell(MaterialBalanceChanged(order_id=order_id, state=order.state, totals=totals))
    return number


def _told(store: Store, order_id: UUID) -> tuple[MaterialTold, ...]:
    """Return the consigned balance of an order by kind and unit."""
    totals = queries.totals(store, order_id)
    materials = queries.materials_by_id(store, [t.material_id for t in totals])
    sums: dict[tuple[str, str], list[Totals]] = {}
    for total in totals:
        material = materials[total.material_id]
        sums.setdefault((material.kind, material.unit), []).append(total)
    return tuple(
        MaterialTold(
            kind=kind,
            unit=unit,
            received=sum(t.received for t in of),
            transferred=sum(t.transferred for t in of),
            difference=sum(t.difference for t in of),
            used=sum(t.used for t in of),
            waste=sum(t.waste for t in of),
            lost=sum(t.lost for t in of),
            returned=sum(t.returned for t in of),
            on_hand=sum(t.on_hand for t in of),
        )
        for (kind, unit), of in sorted(sums.items())
    )
