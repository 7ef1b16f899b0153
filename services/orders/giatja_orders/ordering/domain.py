"""Orders and the rules about them.

States: ``draft -> quoted -> accepted -> in_production -> completed -> closed``; a draft may be accepted
without a quote. ``on_hold`` stops an accepted order and remembers where it was; ``cancelled`` ends
one that is not completed. A transition that the state forbids is refused, naming the state.

What the workshops report (:meth:`Order.production_reported`, :meth:`Order.line_completed`) is never
refused, since it has happened already. Three rules say what it does to the order:

* The first recorded output moves ``accepted`` to ``in_production``; an opened work order does not,
  since nobody has worked on it yet.
* On hold, the figures move on and the place to come back to does too, but the order completes only
  when it is resumed: a hold stops everything that follows from completion until a person lifts it.
* A cancelled order stands as it was when it was cancelled; what is reported afterwards is written
  in its timeline, not into its figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from giatja_contracts.units import Pieces, Rupiah
from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_orders.facts import (
    AcceptedLine,
    CompletedLine,
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderClosed,
    OrderCompleted,
    OrderedCell,
    OrderHeld,
    OrderResumed,
)

State = Literal["draft", "quoted", "accepted", "in_production", "completed", "on_hold", "cancelled", "closed"]
MaterialOwner = Literal["partner", "lapas"]
ConsignedMaterial = Literal["none", "open", "settled"]
"""Whether production holds a partner's material for the order, and whether that is settled."""
MaterialFate = Literal["none", "returned", "kept", "used_up"]
FinishedFate = Literal["none", "delivered", "kept", "discarded"]

_NONE = Pieces(0)

OPEN: tuple[State, ...] = ("draft", "quoted", "accepted", "in_production", "on_hold")
"""The states of an order that still wants something done."""
_EDITABLE: tuple[State, ...] = ("draft", "quoted")
_UNDER_WAY: tuple[State, ...] = ("accepted", "in_production")

_WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "draft": "masih konsep",
        "quoted": "sudah ditawarkan",
        "accepted": "sudah diterima",
        "in_production": "sedang dikerjakan",
        "completed": "sudah selesai",
        "on_hold": "sedang ditahan",
        "cancelled": "sudah dibatalkan",
        "closed": "sudah ditutup",
    },
    "en": {
        "draft": "is still a draft",
        "quoted": "has been quoted",
        "accepted": "has been accepted",
        "in_production": "is in production",
        "completed": "is completed",
        "on_hold": "is on hold",
        "cancelled": "has been cancelled",
        "closed": "has been closed",
    },
}


class OrderUnknown(Unknown):
    """No such order at this Lapas."""

    id = "Pesanan ini tidak ditemukan."
    en = "This order was not found."


class WrongState(Conflict):
    """The state of the order forbids it; the sentence says which state that is."""

    def sentence(self, language: str) -> str:
        """Return the sentence, with the state in words."""
        words = _WORDS["en" if language == "en" else "id"]
        facts = {**self.facts, "is_": words[str(self.facts["state"])]}
        return (self.en if language == "en" else self.id).format_map(facts)


class OrderNotEditable(WrongState):
    """Only a draft or a quote can be rewritten."""

    id = "Pesanan {number} {is_}; isinya hanya dapat diubah sebelum diterima."
    en = "Order {number} {is_}; it can only be rewritten before it is accepted."


class OrderNotADraft(WrongState):
    """Only a draft can be sent as a quote."""

    id = "Pesanan {number} {is_}; hanya konsep yang dapat ditawarkan."
    en = "Order {number} {is_}; only a draft can be quoted."


class OrderNotAcceptable(WrongState):
    """Only a draft or a quote can be accepted."""

    id = "Pesanan {number} {is_}; hanya konsep atau penawaran yang dapat diterima."
    en = "Order {number} {is_}; only a draft or a quote can be accepted."


class OrderNotUnderWay(WrongState):
    """Only an accepted order that is under way can be held."""

    id = "Pesanan {number} {is_}; hanya pesanan yang berjalan yang dapat ditahan."
    en = "Order {number} {is_}; only an order that is under way can be held."


class OrderNotOnHold(WrongState):
    """Only an order on hold can be resumed."""

    id = "Pesanan {number} {is_}; tidak ada penahanan yang dapat dicabut."
    en = "Order {number} {is_}; there is no hold to lift."


class OrderAlreadyEnded(WrongState):
    """A completed or cancelled order cannot be cancelled."""

    id = "Pesanan {number} {is_}; tidak dapat dibatalkan lagi."
    en = "Order {number} {is_}; it can no longer be cancelled."


class OrderNotCompleted(WrongState):
    """Only a completed order can be closed."""

    id = "Pesanan {number} {is_}; hanya pesanan yang selesai yang dapat ditutup."
    en = "Order {number} {is_}; only a completed order can be closed."


class ConsignedMaterialOpen(Conflict):
    """The partner's material is not settled yet."""

    id = "Bahan titipan pesanan {number} belum diselesaikan: mitra belum menandatangani berita acara bahannya."
    en = "The consigned material of order {number} is not settled: the partner has not signed the settlement sheet."


class DueDateNotMovable(WrongState):
    """Only the due date of an accepted, unfinished order is moved; before that it is simply edited."""

    id = "Pesanan {number} {is_}; tenggat hanya dapat digeser setelah diterima dan sebelum selesai."
    en = "Order {number} {is_}; its due date can only be moved once accepted and before it ends."


class OrderHasNoLines(Conflict):
    """An order without lines cannot be quoted or accepted."""

    id = "Pesanan {number} belum berisi baris produk."
    en = "Order {number} has no lines yet."


class DueDatePassed(Conflict):
    """The promised day lies in the past."""

    id = "Tenggat {due_date} sudah lewat. Perbaiki tenggatnya dahulu."
    en = "The due date {due_date} has passed. Correct it first."


class LineDueAfterOrder(Invalid):
    """A line is due later than the whole order."""

    id = "Tenggat baris ({line_due}) melewati tenggat pesanan ({due_date})."
    en = "The line is due ({line_due}) after the order is ({due_date})."


class CellNamedTwice(Invalid):
    """One size and colour stands in a line twice."""

    id = "Ukuran {size} warna {colour} tertulis dua kali di baris ini."
    en = "Size {size} colour {colour} is written twice in this line."


class VariantNotOffered(Invalid):
    """The product does not come in that size or colour."""

    id = "{product} tidak tersedia dalam {value}. Pilihan: {offered}."
    en = "{product} does not come in {value}. Choose from: {offered}."


class PartnerNotOrdering(Invalid):
    """There is no such partner, or it no longer orders."""

    id = "Mitra ini tidak ditemukan atau sudah tidak aktif."
    en = "This partner was not found or is no longer active."


class ProductNotOnOffer(Invalid):
    """There is no such product, or it is no longer made."""

    id = "Produk ini tidak ditemukan atau sudah tidak dibuat."
    en = "This product was not found or is no longer made."


class InternalOrderUsesOwnMaterial(Invalid):
    """An order without a partner cannot use a partner's material."""

    id = "Pesanan internal tidak mempunyai mitra, jadi bahannya milik Lapas."
    en = "An internal order has no partner, so its material belongs to the Lapas."


class FinishedPiecesUnaccounted(Invalid):
    """Pieces have passed, and the cancellation does not say where they go."""

    id = "{passed} potong sudah lolos: sebutkan ke mana perginya."
    en = "{passed} pieces have passed already: say where they go."


class LineUnknown(Unknown):
    """The order has no such line."""

    id = "Baris ini tidak ada dalam pesanannya."
    en = "The order has no such line."


@dataclass(kw_only=True, eq=False)
class OrderLine:
    """One product at one rate, for its whole size x colour grid: one work order later.

    ``rate`` is for one piece; ``unit`` is how the quantity was counted when it was ordered.
    Name, kind and rate are as agreed: a later change of the product does not reach them.
    """

    id: UUID
    product_id: UUID
    product_name: str
    workshop_kind: str
    unit: str
    rate: Rupiah
    due_date: date
    note: str
    cells: tuple[OrderedCell, ...]
    passed: Pieces = _NONE
    completed_on: date | None = None

    @property
    def quantity(self) -> Pieces:
        """Return how many pieces were ordered."""
        return Pieces(sum(cell.quantity for cell in self.cells))

    @property
    def done(self) -> bool:
        """Return whether the whole quantity went through the whole route."""
        return self.completed_on is not None and self.passed >= self.quantity


@dataclass(kw_only=True, eq=False)
class Order:
    """What a partner, or the Lapas itself, wants made by a day.

    ``quantity``, ``passed`` and ``found_by`` repeat what the lines say, so that lists need not ask them.
    """

    MOST_LINES: ClassVar[int] = 50

    lapas_id: str
    id: UUID
    number: str
    partner_id: UUID | None
    partner_name: str | None
    material_owner: MaterialOwner
    due_date: date
    note: str
    lines: list[OrderLine] = field(default_factory=list)
    state: State = "draft"
    held_from: State | None = None
    accepted_on: date | None = None
    completed_on: date | None = None
    closed_on: date | None = None
    material: ConsignedMaterial = "none"
    quantity: Pieces = _NONE
    passed: Pieces = _NONE
    found_by: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        self._check()

    @property
    def internal(self) -> bool:
        """Return whether the Lapas makes this for itself."""
        return self.partner_id is None

    def edit(
        self,
        *,
        partner_id: UUID | None,
        partner_name: str | None,
        material_owner: MaterialOwner,
        due_date: date,
        note: str,
        lines: list[OrderLine],
    ) -> None:
        """Rewrite an order nobody has accepted yet.

        :raises OrderNotEditable, LineDueAfterOrder, CellNamedTwice, InternalOrderUsesOwnMaterial:
        """
        self._must_be(_EDITABLE, OrderNotEditable)
        self.partner_id, self.partner_name = partner_id, partner_name
        self.material_owner, self.due_date, self.note, self.lines = material_owner, due_date, note, lines
        self._check()

    def quote(self) -> None:
        """Offer it to the partner.

        :raises OrderNotADraft, OrderHasNoLines:
        """
        self._must_be(("draft",), OrderNotADraft)
        self._must_have_lines()
        self.state = "quoted"

    def accept(self, *, today: date) -> OrderAccepted:
        """Promise it: from now on production may begin.

        :raises OrderNotAcceptable, OrderHasNoLines, DueDatePassed:
        """
        self._must_be(_EDITABLE, OrderNotAcceptable)
        self._must_have_lines()
        for due_date in (self.due_date, *(line.due_date for line in self.lines)):
            _must_lie_ahead(due_date, today)
        self.state, self.accepted_on = "accepted", today
        return OrderAccepted(
            order_id=self.id,
            number=self.number,
            partner_id=self.partner_id,
            partner_name=self.partner_name,
            internal=self.internal,
            accepted_on=today,
            due_date=self.due_date,
            material_owner=self.material_owner,
            lines=tuple(
                AcceptedLine(
                    line_id=line.id,
                    product_id=line.product_id,
                    product_name=line.product_name,
                    workshop_kind=line.workshop_kind,
                    unit=line.unit,
                    quantity=line.quantity,
                    due_date=line.due_date,
                    cells=line.cells,
                )
                for line in self.lines
            ),
        )

    def move_due_date(self, due_date: date, *, today: date) -> OrderChanged:
        """Promise another day; lines that were due with the order move with it, none stays behind it.

        :raises DueDateNotMovable, DueDatePassed:
        """
        self._must_be((*_UNDER_WAY, "on_hold"), DueDateNotMovable)
        _must_lie_ahead(due_date, today)
        for line in self.lines:
            if line.due_date == self.due_date or line.due_date > due_date:
                line.due_date = due_date
        self.due_date = due_date
        return OrderChanged(order_id=self.id, due_date=due_date)

    def hold(self, reason: str) -> OrderHeld:
        """Stop the work for now: a flood, a lockdown, a search.

        :raises OrderNotUnderWay:
        """
        self._must_be(_UNDER_WAY, OrderNotUnderWay)
        self.held_from, self.state = self.state, "on_hold"
        return OrderHeld(order_id=self.id, reason=reason)

    def resume(self) -> tuple[OrderResumed, OrderCompleted | None]:
        """Let the work go on where it was; complete the order if everything passed meanwhile.

        :raises OrderNotOnHold:
        """
        self._must_be(("on_hold",), OrderNotOnHold)
        self.state, self.held_from = self.held_from or "accepted", None
        return OrderResumed(order_id=self.id), self._complete_if_done()

    def cancel(self, *, reason: str, material: MaterialFate, finished: FinishedFate) -> OrderCancelled | None:
        """End it unfinished; others are told only of an order they had heard of.

        :param material: what happens to the material that is left.
        :param finished: where the pieces go that have passed.
        :raises OrderAlreadyEnded, FinishedPiecesUnaccounted:
        """
        self._must_be(OPEN, OrderAlreadyEnded)
        if self.passed and finished == "none":
            raise FinishedPiecesUnaccounted(field="/finished", passed=self.passed)
        was_promised = self.accepted_on is not None
        self.state, self.held_from = "cancelled", None
        return OrderCancelled(order_id=self.id, reason=reason) if was_promised else None

    def close(self, *, today: date) -> OrderClosed:
        """End a completed order for good; deliveries and payment will stand between completed and closed.

        :raises OrderNotCompleted, ConsignedMaterialOpen:
        """
        self._must_be(("completed",), OrderNotCompleted)
        if self.material == "open":
            raise ConsignedMaterialOpen(number=self.number)
        self.state, self.closed_on = "closed", today
        return OrderClosed(order_id=self.id, number=self.number, closed_on=today)

    @property
    def takes_reports(self) -> bool:
        """Return whether what production reports still moves the figures: not once it is cancelled."""
        return self.state != "cancelled"

    def production_reported(self) -> bool:
        """Note that output was recorded; return whether it is the first and the order thereby begins."""
        if self.state == "accepted":
            self.state = "in_production"
        elif self.state == "on_hold" and self.held_from == "accepted":
            self.held_from = "in_production"
        else:
            return False
        return True

    def line_completed(self, line_id: UUID, *, passed: Pieces, completed_on: date) -> OrderCompleted | None:
        """Note that a line's work order is through; the order completes with the last of them, once.

        :raises LineUnknown:
        """
        line = self.line(line_id)
        line.passed, line.completed_on = passed, completed_on
        self.passed = Pieces(sum(line.passed for line in self.lines))
        self.production_reported()
        return self._complete_if_done()

    def line(self, line_id: UUID) -> OrderLine:
        """Return a line.

        :raises LineUnknown:
        """
        for line in self.lines:
            if line.id == line_id:
                return line
        raise LineUnknown(line_id=line_id)

    def _complete_if_done(self) -> OrderCompleted | None:
        if self.state != "in_production" or not all(line.done for line in self.lines):
            return None
        completed_on = max(line.completed_on for line in self.lines if line.completed_on)
        self.state, self.completed_on = "completed", completed_on
        return OrderCompleted(
            order_id=self.id,
            number=self.number,
            partner_id=self.partner_id,
            partner_name=self.partner_name,
            completed_on=completed_on,
            due_date=self.due_date,
            on_time=completed_on <= self.due_date,
            lines=tuple(
                CompletedLine(
                    line_id=line.id,
                    product_name=line.product_name,
                    workshop_kind=line.workshop_kind,
                    quantity=line.quantity,
                    passed=line.passed,
                )
                for line in self.lines
            ),
        )

    def _must_be(self, states: Sequence[State], refusal: type[WrongState]) -> None:
        if self.state not in states:
            raise refusal(number=self.number, state=self.state)

    def _must_have_lines(self) -> None:
        if not self.lines:
            raise OrderHasNoLines(field="/lines", number=self.number)

    def _check(self) -> None:
        """Refuse an order that contradicts itself, and sum up its lines."""
        if self.internal and self.material_owner != "lapas":
            raise InternalOrderUsesOwnMaterial(field="/material_owner")
        for nth, line in enumerate(self.lines):
            if line.due_date > self.due_date:
                raise LineDueAfterOrder(
                    field=f"/lines/{nth}/due_date", line_due=str(line.due_date), due_date=str(self.due_date)
                )
            _must_differ(line.cells, f"/lines/{nth}/cells")
        self.quantity = Pieces(sum(line.quantity for line in self.lines))
        products = dict.fromkeys(line.product_name for line in self.lines)
        self.found_by = f"{self.partner_name or ''}\n{', '.join(products)}"


def _must_lie_ahead(due_date: date, today: date) -> None:
    if due_date < today:
        raise DueDatePassed(field="/due_date", due_date=str(due_date))


def _must_differ(cells: Sequence[OrderedCell], where: str) -> None:
    seen = set()
    for nth, cell in enumerate(cells):
        if (cell.size, cell.colour) in seen:
            raise CellNamedTwice(field=f"{where}/{nth}", size=cell.size, colour=cell.colour)
        seen.add((cell.size, cell.colour))
