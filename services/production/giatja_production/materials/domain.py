"""Materials, their lots and the journal of what moved.

Quantities are whole thousandths of the item's unit: 2,5 m is 2500. Of every lot, at any moment::

    received + transferred in + difference of counts
        = used + waste + lost + returned + transferred out + in the store + on the floor

Each movement changes the store, the floor or both by what its kind says (:data:`EFFECTS`), so the balance
of an order and an owner is the sum of its movements up to a day. A movement is never edited: its opposite,
with a reason, takes it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal, NewType
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown

Thousandths = NewType("Thousandths", int)
"""A quantity of a material, in thousandths of its unit."""

ONE: Final = 1000
NONE: Final = Thousandths(0)
Owner = Literal["partner", "lapas"]
MaterialKind = Literal["fabric", "thread", "button", "trim", "malam", "dye", "chemical", "packing", "plant", "other"]


class MaterialUnknown(Unknown):
    """No such item at this Lapas."""

    id = "Bahan ini tidak ditemukan."
    en = "This material was not found."


class MaterialNotListed(Invalid):
    """A line names an item that is not on the list, or no longer in use."""

    id = "Bahan ini tidak ada di daftar atau sudah tidak dipakai."
    en = "This material is not on the list or no longer in use."


class MaterialNameTaken(Conflict):
    """Another item of this Lapas has that name."""

    id = "Sudah ada bahan bernama {name}."
    en = "There is already a material named {name}."


class UnitInUse(Conflict):
    """What was booked in a unit cannot be read in another."""

    id = "{name} sudah punya mutasi; satuan dan angka di belakang komanya tidak dapat diubah."
    en = "{name} has movements already; its unit and decimals cannot be changed."


class QuantityTooFine(Invalid):
    """The item is not counted that finely."""

    id = "{name} dicatat paling halus {decimals} angka di belakang koma."
    en = "{name} is counted to {decimals} decimals at the finest."


class NotEnoughInStore(Conflict):
    """Less is in the store than was to be taken out."""

    id = "Di gudang hanya ada {there} {unit} {name}; {asked} {unit} tidak bisa dikeluarkan."
    en = "Only {there} {unit} of {name} are in the store; {asked} {unit} cannot be taken out."


class NotEnoughOnFloor(Conflict):
    """Less is at the work order than was to be taken from it."""

    id = "Di perintah kerja ini hanya ada {there} {unit} {name}; {asked} {unit} tidak bisa dicatat."
    en = "Only {there} {unit} of {name} are at this work order; {asked} {unit} cannot be recorded."


class OrderNotKnown(Invalid):
    """No such accepted order at this Lapas."""

    id = "Pesanan ini tidak ditemukan di produksi."
    en = "This order is not known to production."


class OrderMaterialUnknown(Unknown):
    """No such accepted order at this Lapas."""

    id = "Pesanan ini tidak ditemukan di produksi."
    en = "This order is not known to production."


class MaterialNotConsigned(Invalid):
    """The order's material belongs to the Lapas."""

    id = "Bahan pesanan {number} milik Lapas, bukan titipan mitra."
    en = "The material of order {number} belongs to the Lapas; it is not consigned."


class OrderAlreadySettled(Conflict):
    """Its material was settled with the partner; nothing of it moves any more."""

    id = "Bahan pesanan {number} sudah diselesaikan dengan mitra."
    en = "The material of order {number} was already settled with the partner."


class OrderAlreadyClosed(Conflict):
    """The order was closed."""

    id = "Pesanan {number} sudah ditutup."
    en = "Order {number} was already closed."


class WorkOrderNotNamed(Invalid):
    """This kind of movement is of a work order."""

    id = "Sebutkan perintah kerjanya."
    en = "Name the work order."


class WorkOrderNotKnown(Invalid):
    """No such work order at this Lapas."""

    id = "Perintah kerja ini tidak ditemukan."
    en = "This work order was not found."


class OrderNotNamed(Invalid):
    """This kind of movement is of a partner's material."""

    id = "Sebutkan pesanan mitra pemilik bahannya."
    en = "Name the order whose partner owns the material."


class ReasonMissing(Invalid):
    """Waste, loss, transfer and reversal say why."""

    id = "Tulis alasannya."
    en = "Say why."


class ReceivedInFuture(Invalid):
    """Nothing arrived tomorrow."""

    id = "Tanggal terima {received_on} belum tiba; hari ini {today}."
    en = "The day of receipt {received_on} has not come yet; today is {today}."


class ExpiredOnReceipt(Invalid):
    """It was no longer good on the day it came."""

    id = "Batas pakai {best_before} sudah lewat saat diterima."
    en = "It was past its best-before date {best_before} when it came."


class TransferToStranger(Conflict):
    """A partner's material goes to an order of the same partner or, given up, to the Lapas."""

    id = "Bahan {partner} tidak bisa dipindah ke pesanan mitra lain."
    en = "Material of {partner} cannot be moved to an order of another partner."


class TransferToItself(Invalid):
    """It is there already."""

    id = "Bahan ini sudah milik pesanan itu."
    en = "This material belongs to that order already."


class DocumentUnknown(Unknown):
    """No such document at this Lapas."""

    id = "Dokumen bahan ini tidak ditemukan."
    en = "This material document was not found."


class DocumentAlreadyReversed(Conflict):
    """It was taken back before."""

    id = "Dokumen {number} sudah dibatalkan."
    en = "Document {number} was already reversed."


class DocumentNotReversible(Conflict):
    """A reversal, a count and a settlement are not taken back by a clerk alone."""

    id = "Dokumen {number} tidak bisa dibatalkan. Hitung ulang stoknya bila ada yang keliru."
    en = "Document {number} cannot be reversed. Count the stock again if something is wrong."


class MaterialMovedOn(Conflict):
    """What the document brought has gone further."""

    id = "{name} dari dokumen ini sudah bergerak lagi; batalkan dulu yang sesudahnya."
    en = "{name} of this document has moved on; reverse what came after it first."


class CountUnknown(Unknown):
    """No such count at this Lapas."""

    id = "Hitung stok ini tidak ditemukan."
    en = "This stock count was not found."


class CountUnderWay(Conflict):
    """One count at a time, or two would book the same difference."""

    id = "Masih ada hitung stok yang belum selesai."
    en = "Another stock count has not ended yet."


class NothingToCount(Conflict):
    """Nothing of that choice is in the store."""

    id = "Tidak ada bahan di gudang untuk pilihan ini."
    en = "Nothing of this choice is in the store."


class CountAlreadyEnded(Conflict):
    """It was booked or given up."""

    id = "Hitung stok ini sudah selesai."
    en = "This stock count has ended."


class CountNotEntered(Conflict):
    """There is nothing to approve yet."""

    id = "Hasil hitungnya belum diisi."
    en = "The counted quantities are not entered yet."


class CountNeedsSecondPerson(NotAllowed):
    """Whoever enters a count does not approve it."""

    id = "Hitung stok disetujui orang lain dari yang mengisinya."
    en = "A stock count is approved by somebody else than who entered it."


class CountLineUnknown(Invalid):
    """The list to count has no such line."""

    id = "Baris ini tidak ada di daftar hitung."
    en = "The list to count has no such line."


class CountLineMissing(Invalid):
    """Each line is counted; nothing there is 0."""

    id = "Isi hasil hitung tiap baris; tulis 0 bila tidak ada."
    en = "Enter each line; write 0 where nothing is there."


class BillNamesTwice(Invalid):
    """An item stands twice for the same size."""

    id = "Bahan ini tertulis dua kali untuk ukuran yang sama."
    en = "This material is written twice for the same size."


class NothingToSettle(Conflict):
    """No consigned material was received for the order."""

    id = "Tidak ada bahan titipan untuk pesanan {number}."
    en = "No consigned material was received for order {number}."


class OrderStillInWork(Conflict):
    """Work goes on, so material is still used."""

    id = "Pesanan {number} masih dikerjakan; bahannya diselesaikan setelah semua perintah kerjanya selesai."
    en = "Order {number} is still in work; its material is settled once all its work orders have ended."


class MaterialStillInStore(Conflict):
    """What is left goes back first."""

    id = "Masih ada {there} {unit} {name} di gudang. Kembalikan ke mitra atau pindahkan dulu."
    en = "There are still {there} {unit} of {name} in the store. Return or transfer them first."


class DeviationUnexplained(Invalid):
    """What is out of tolerance has a reason."""

    id = "{name} menyimpang {deviation}% dari perkiraan, di luar toleransi {tolerance}%. Tulis alasannya."
    en = "{name} is {deviation}% off the expectation, beyond the tolerance of {tolerance}%. Say why."


class SignedInFuture(Invalid):
    """Nobody signed tomorrow."""

    id = "Tanggal tanda tangan {signed_on} belum tiba."
    en = "The day of signing {signed_on} has not come yet."


class Kind(StrEnum):
    """What a movement is."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    RESTORE = "restore"
    USE = "use"
    WASTE = "waste"
    LOSS = "loss"
    RETURN = "return"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    DIFFERENCE = "difference"


EFFECTS: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.RECEIPT: (1, 0),
    Kind.TRANSFER_IN: (1, 0),
    Kind.DIFFERENCE: (1, 0),
    Kind.ISSUE: (-1, 1),
    Kind.RESTORE: (1, -1),
    Kind.USE: (0, -1),
    Kind.WASTE: (-1, 0),
    Kind.LOSS: (-1, 0),
    Kind.RETURN: (-1, 0),
    Kind.TRANSFER_OUT: (-1, 0),
}
"""What one unit of a movement does to the store and to the floor; waste and loss may be of either."""


@dataclass(kw_only=True, eq=False)
class Material:
    """An item of the list.

    :ivar decimals: how finely it is counted, 0 to 3.
    :ivar minimum: below which the Lapas' own stock is low; 0 for no warning.
    """

    lapas_id: str
    id: UUID
    name: str
    kind: MaterialKind
    unit: str
    decimals: int
    minimum: Thousandths
    note: str = ""
    active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        self.check(self.minimum, at="/minimum")

    def change(
        self,
        *,
        name: str,
        kind: MaterialKind,
        unit: str,
        decimals: int,
        minimum: Thousandths,
        note: str,
        active: bool,
        moved: bool,
    ) -> None:
        """Take over new particulars.

        :param moved: whether something was booked of it.
        :raises UnitInUse, QuantityTooFine:
        """
        if moved and (unit, decimals) != (self.unit, self.decimals):
            raise UnitInUse(field="/unit", name=self.name)
        self.name, self.kind, self.unit, self.decimals = name, kind, unit, decimals
        self.minimum, self.note, self.active = minimum, note, active
        self.check(minimum, at="/minimum")

    def check(self, quantity: int, *, at: str) -> None:
        """Let pass a quantity as fine as the item is counted.

        :raises QuantityTooFine:
        """
        if quantity % 10 ** (3 - self.decimals):
            raise QuantityTooFine(field=at, name=self.name, decimals=self.decimals)


@dataclass(kw_only=True, eq=False)
class Lot:
    """What came in at once: of one item, of one owner, a partner's for one order."""

    id: UUID
    material_id: UUID
    owner: Owner
    order_id: UUID | None
    in_store: int
    received_on: date
    best_before: date | None = None

    def goes_before(self) -> tuple[date, date, str]:
        """Return the key by which lots are used up: what spoils first, then what came first."""
        return (self.best_before or date.max, self.received_on, str(self.id))


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of the journal: what it does to one lot; negative where it takes another back."""

    lot: Lot
    kind: Kind
    quantity: int
    work_order_id: UUID | None = None
    reversal: bool = False

    @property
    def store(self) -> int:
        """Return what it adds to the store."""
        here, _ = EFFECTS[self.kind]
        return 0 if self._of_floor else here * self.quantity

    @property
    def floor(self) -> int:
        """Return what it adds to the floor."""
        _, there = EFFECTS[self.kind]
        return -self.quantity if self._of_floor else there * self.quantity

    @property
    def _of_floor(self) -> bool:
        return self.kind in (Kind.WASTE, Kind.LOSS) and self.work_order_id is not None

    def opposite(self) -> "Movement":
        """Return what takes it back."""
        return Movement(
            lot=self.lot, kind=self.kind, quantity=-self.quantity, work_order_id=self.work_order_id, reversal=True
        )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of what is asked for; without a lot it is taken from those that go first."""

    material_id: UUID
    quantity: int
    lot_id: UUID | None = None
    owner: Owner | None = None


@dataclass(kw_only=True)
class Stock:
    """The lots a document may touch, locked, and what of them is at its work order.

    :ivar custody: by work order and lot.
    """

    lots: dict[UUID, Lot]
    materials: Mapping[UUID, Material]
    custody: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    moved: list[Movement] = field(default_factory=list)

    def receive(self, lot: Lot, quantity: int, kind: Kind = Kind.RECEIPT) -> None:
        """Take in a new lot."""
        self.lots[lot.id] = lot
        self._apply(Movement(lot=lot, kind=kind, quantity=quantity))

    def take_from_store(
        self,
        kind: Kind,
        line: Line,
        *,
        orders: Sequence[UUID | None],
        at: str,
        work_order_id: UUID | None = None,
    ) -> list[Movement]:
        """Move a quantity out of the store.

        :param orders: whose material, by preference; None is the Lapas' own.
        :raises NotEnoughInStore: naming what is there.
        """
        found = [
            lot
            for lot in self.lots.values()
            if lot.order_id in orders and lot.in_store > 0 and self._asked_for(lot, line)
        ]
        found.sort(key=lambda lot: (orders.index(lot.order_id), *lot.goes_before()))
        parts = _spread(line.quantity, [(lot, lot.in_store) for lot in found])
        self._must_be_enough(NotEnoughInStore, line, sum(lot.in_store for lot in found), at=at)
        return [
            self._apply(Movement(lot=lot, kind=kind, quantity=part, work_order_id=work_order_id)) for lot, part in parts
        ]

    def take_from_floor(self, kind: Kind, line: Line, *, work_order_id: UUID, at: str) -> list[Movement]:
        """Move a quantity away from a work order.

        :raises NotEnoughOnFloor: naming what is there.
        """
        there = [
            (self.lots[lot_id], quantity)
            for (of, lot_id), quantity in self.custody.items()
            if of == work_order_id and quantity > 0 and self._asked_for(self.lots[lot_id], line)
        ]
        there.sort(key=lambda each: (each[0].order_id is None, *each[0].goes_before()))
        self._must_be_enough(NotEnoughOnFloor, line, sum(q for _, q in there), at=at)
        return [
            self._apply(Movement(lot=lot, kind=kind, quantity=part, work_order_id=work_order_id))
            for lot, part in _spread(line.quantity, there)
        ]

    def use_up(self) -> None:
        """Count as used what is still at the work orders."""
        for (work_order_id, lot_id), quantity in sorted(self.custody.items()):
            if quantity > 0:
                self._apply(
                    Movement(lot=self.lots[lot_id], kind=Kind.USE, quantity=quantity, work_order_id=work_order_id)
                )

    def differ(self, material_id: UUID, order_id: UUID | None, difference: int) -> None:
        """Book the difference of a count: what is missing of the lots that go first, what is too much of the last.

        :raises NotEnoughInStore: so much is not there any more.
        """
        found = sorted(
            (x for x in self.lots.values() if x.material_id == material_id and x.order_id == order_id),
            key=Lot.goes_before,
        )
        if difference > 0:
            self._apply(Movement(lot=found[-1], kind=Kind.DIFFERENCE, quantity=difference))
        elif difference < 0:
            line = Line(material_id=material_id, quantity=-difference)
            self._must_be_enough(NotEnoughInStore, line, sum(lot.in_store for lot in found), at="")
            for lot, part in _spread(-difference, [(lot, lot.in_store) for lot in found]):
                self._apply(Movement(lot=lot, kind=Kind.DIFFERENCE, quantity=-part))

    def take_back(self, movements: Iterable[Movement]) -> None:
        """Book the opposite of a document's movements.

        :raises MaterialMovedOn: what it brought is not there any more.
        """
        for movement in movements:
            self._apply(movement.opposite())

    def _apply(self, movement: Movement) -> Movement:
        lot = movement.lot
        lot.in_store += movement.store
        if movement.work_order_id is not None:
            place = (movement.work_order_id, lot.id)
            self.custody[place] = self.custody.get(place, 0) + movement.floor
            if self.custody[place] < 0:
                raise MaterialMovedOn(name=self.materials[lot.material_id].name)
        if lot.in_store < 0:
            raise MaterialMovedOn(name=self.materials[lot.material_id].name)
        self.moved.append(movement)
        return movement

    @staticmethod
    def _asked_for(lot: Lot, line: Line) -> bool:
        return lot.material_id == line.material_id and line.lot_id in (None, lot.id) and line.owner in (None, lot.owner)

    def _must_be_enough(self, refusal: type[Conflict], line: Line, there: int, *, at: str) -> None:
        if line.quantity > there:
            material = self.materials[line.material_id]
            raise refusal(
                field=f"{at}/quantity" if at else None,
                name=material.name,
                unit=material.unit,
                there=written(there),
                asked=written(line.quantity),
            )


def _spread(quantity: int, there: Iterable[tuple[Lot, int]]) -> list[tuple[Lot, int]]:
    """Take a quantity from lots one after the other."""
    parts = []
    for lot, has in there:
        part = min(quantity, has)
        if part:
            parts.append((lot, part))
            quantity -= part
    return parts


def written(quantity: int) -> str:
    """Return a quantity for a sentence, decimals only where there are any: ``2,5``."""
    whole, rest = divmod(abs(quantity), ONE)
    fraction = f"{rest:03}".rstrip("0")
    return f"{'-' if quantity < 0 else ''}{whole}{',' + fraction if fraction else ''}"


# -- what products need ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BillLine:
    """What one piece of a product takes of a material.

    :ivar size: of the pieces it is for; empty for every size that has no line of its own.
    :ivar waste: allowance for cutting and trying, per mille.
    """

    material_id: UUID
    size: str
    quantity: int
    waste: int

    def of(self, pieces: int) -> tuple[int, int]:
        """Return what pieces take, and the allowance on top, rounded up."""
        base = pieces * self.quantity
        return base, -(-base * self.waste // 1000)


def check_bill(lines: Sequence[BillLine]) -> None:
    """Refuse a bill that says two things of one material and size.

    :raises BillNamesTwice:
    """
    seen: set[tuple[UUID, str]] = set()
    for nth, line in enumerate(lines):
        if (line.material_id, line.size) in seen:
            raise BillNamesTwice(field=f"/lines/{nth}/material_id")
        seen.add((line.material_id, line.size))


def wanted(lines: Sequence[BillLine], pieces: Mapping[str, int]) -> dict[UUID, tuple[int, int]]:
    """Return, by material, what pieces take by the bill and the allowance on top.

    :param pieces: by size.
    """
    sums: dict[UUID, tuple[int, int]] = {}
    own = {(line.material_id, line.size) for line in lines if line.size}
    for line in lines:
        count = sum(
            n
            for size, n in pieces.items()
            if size == line.size or (not line.size and (line.material_id, size) not in own)
        )
        base, allowance = line.of(count)
        before = sums.get(line.material_id, (0, 0))
        sums[line.material_id] = (before[0] + base, before[1] + allowance)
    return sums


def still_to_issue(*, base: int, allowance: int, in_work: int, spoiled: int) -> int:
    """Return what a work order still has to be given of a material.

    :param base: what its pieces take, those made again for rejects included; :param allowance: on top.
    :param in_work: what it has or has used; :param spoiled: its waste and loss, which the allowance covers first.
    """
    return max(0, base + allowance - in_work - min(spoiled, allowance))


# -- counts ---------------------------------------------------------------------------------------------------

CountState = Literal["open", "entered", "approved", "cancelled"]


@dataclass(kw_only=True, eq=False)
class Count:
    """A count of the store: a list, what was found, and who said so."""

    lapas_id: str
    id: UUID
    made_at: datetime
    made_by: str
    note: str = ""
    state: CountState = "open"
    entered_by: str | None = None
    approved_by: str | None = None
    document_id: UUID | None = None
    version: int = 1

    def enter(self, by: str) -> None:
        """Take what was counted; it may be entered again until it is approved.

        :raises CountAlreadyEnded:
        """
        self._must_go_on()
        self.state, self.entered_by = "entered", by

    def approve(self, by: str) -> None:
        """Let it be booked.

        :raises CountAlreadyEnded, CountNotEntered, CountNeedsSecondPerson:
        """
        self._must_go_on()
        if self.state != "entered":
            raise CountNotEntered
        if _person(by) == _person(self.entered_by):
            raise CountNeedsSecondPerson
        self.state, self.approved_by = "approved", by

    def cancel(self) -> None:
        """Give it up.

        :raises CountAlreadyEnded:
        """
        self._must_go_on()
        self.state = "cancelled"

    def _must_go_on(self) -> None:
        if self.state in ("approved", "cancelled"):
            raise CountAlreadyEnded


def _person(actor: str | None) -> str:
    """Return who somebody is, whatever role they act in."""
    return (actor or "").rpartition(":")[2]


# -- orders and their settlement --------------------------------------------------------------------------------

MaterialState = Literal["none", "open", "settled"]


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The balance of one material of an order and owner."""

    material_id: UUID
    received: int = 0
    transferred: int = 0
    difference: int = 0
    used: int = 0
    waste: int = 0
    lost: int = 0
    returned: int = 0
    store: int = 0
    floor: int = 0

    @property
    def on_hand(self) -> int:
        """Return what is still here."""
        return self.store + self.floor

    @property
    def balanced(self) -> bool:
        """Return whether what came in is accounted for."""
        came = self.received + self.transferred + self.difference
        return came == self.used + self.waste + self.lost + self.returned + self.on_hand


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """A material on a settlement sheet.

    :ivar used: what was used, or will be counted as used when the sheet is signed: what is still on the floor.
    :ivar expected: by the bill of material for the good pieces, allowance included; nothing without a bill.
    :ivar deviation: per mille. Against the expectation where there is one; else the share of waste and loss.
    """

    totals: Totals
    expected: int | None
    reason: str

    @property
    def used(self) -> int:
        """Return what is or will be used."""
        return self.totals.used + self.totals.floor

    @property
    def lost(self) -> int:
        """Return what is gone: lost, or missed at a count."""
        return self.totals.lost - self.totals.difference

    @property
    def deviation(self) -> int:
        """Return how far it is off, per mille."""
        gone = self.used + self.totals.waste + self.lost
        if self.expected is not None:
            return _per_mille(gone - self.expected, self.expected)
        return _per_mille(self.totals.waste + self.lost, self.totals.received)

    def within(self, tolerance: int) -> bool:
        """Return whether it is within a tolerance, per mille."""
        return abs(self.deviation) <= tolerance


def _per_mille(part: int, whole: int) -> int:
    if whole == 0:
        return 0 if part == 0 else 1000
    return round(part * 1000 / whole)


@dataclass(kw_only=True, eq=False)
class OrderMaterial:
    """Whose material an order uses, and how that was settled; ``id`` is the order's.

    :ivar tolerance: per mille; :ivar reasons: why a material is out of it, by its id.
    """

    USUAL_TOLERANCE: ClassVar[int] = 20

    lapas_id: str
    id: UUID
    number: str
    partner_id: UUID | None
    partner_name: str | None
    owner: Owner
    state: MaterialState = "none"
    tolerance: int = USUAL_TOLERANCE
    note: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    signed_by: str | None = None
    signed_on: date | None = None
    document_ref: str | None = None
    document_id: UUID | None = None
    sheet: list[dict[str, Any]] | None = None
    closed_on: date | None = None
    version: int = 1

    def must_move(self, *, consigned: bool, at: str | None = None) -> None:
        """Let pass what moves material of the order.

        :param consigned: the partner's own, not the Lapas'.
        :raises OrderAlreadyClosed, OrderAlreadySettled, MaterialNotConsigned:
        """
        if self.closed_on is not None:
            raise OrderAlreadyClosed(number=self.number)
        if consigned and self.owner != "partner":
            raise MaterialNotConsigned(field=at, number=self.number)
        if consigned and self.state == "settled":
            raise OrderAlreadySettled(number=self.number)

    def must_give_to(self, other: "OrderMaterial | None") -> None:
        """Let pass a transfer to another order, or to the Lapas.

        :raises TransferToItself, TransferToStranger:
        """
        if other is not None and other.id == self.id:
            raise TransferToItself(field="/to_order_id")
        if other is not None and other.partner_id != self.partner_id:
            raise TransferToStranger(partner=self.partner_name)

    def draft(self, *, tolerance: int, note: str, reasons: Mapping[UUID, str]) -> None:
        """Write what the sheet says besides the figures.

        :raises OrderAlreadyClosed, OrderAlreadySettled, MaterialNotConsigned:
        """
        self.must_move(consigned=True)
        self.tolerance, self.note = tolerance, note
        self.reasons = {str(id_): text for id_, text in reasons.items() if text}

    def sign(
        self,
        lines: Sequence[SheetLine],
        materials: Mapping[UUID, Material],
        *,
        in_work: bool,
        by: str,
        on: date,
        today: date,
        document_ref: str,
    ) -> None:
        """Settle: both sides have signed.

        :param in_work: whether a work order of the order is still open; :param by: who signed for the partner.
        :raises NothingToSettle, OrderStillInWork, MaterialStillInStore, DeviationUnexplained, SignedInFuture:
        """
        self.must_move(consigned=True)
        if not lines:
            raise NothingToSettle(number=self.number)
        if in_work:
            raise OrderStillInWork(number=self.number)
        if on > today:
            raise SignedInFuture(field="/signed_on", signed_on=str(on))
        for line in lines:
            material = materials[line.totals.material_id]
            if line.totals.store:
                raise MaterialStillInStore(name=material.name, unit=material.unit, there=written(line.totals.store))
            if not line.within(self.tolerance) and not line.reason:
                raise DeviationUnexplained(
                    field=f"/reasons/{material.id}",
                    name=material.name,
                    deviation=_percent(line.deviation),
                    tolerance=_percent(self.tolerance),
                )
        self.state, self.signed_by, self.signed_on, self.document_ref = "settled", by, on, document_ref


def _percent(per_mille: int) -> str:
    return written(per_mille * 100)
