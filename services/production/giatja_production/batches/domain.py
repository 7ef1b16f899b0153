"""A batch of plants, and the stock that is harvested from it.

At any moment of every batch::

    started = living + lost + harvested
    harvested = free in stock + reserved + sold

A batch is *growing* until it stands at its last stage; there it is *ready*, and may be harvested in parts.
It ends *sold out* when nothing lives and all that was harvested is handed out, and *lost* when nothing
lives and nothing was harvested.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown


class BatchUnknown(Unknown):
    """No such batch at this Lapas."""

    id = "Batch ini tidak ditemukan."
    en = "This batch was not found."


class BatchEnded(Conflict):
    """Nothing more happens to it."""

    id = "Batch ini sudah selesai pada {ended_on}."
    en = "This batch ended on {ended_on}."


class BatchNotReady(Conflict):
    """Only what stands at the last stage is harvested."""

    id = "Batch ini belum siap panen; tahapnya masih {stage}."
    en = "This batch is not ready for harvest; it is still at {stage}."


class BatchNotForWorkshop(Invalid):
    """Batches grow in workshops of plants, whose kind begins so."""

    id = "Batch tanaman hanya bisa dimulai di unit kerja tanaman."
    en = "A batch can only be started in a workshop of plants."


class DayInFuture(Invalid):
    """It has not come yet."""

    id = "Tanggal {day} belum tiba; hari ini {today}."
    en = "The day {day} has not come yet; today is {today}."


class DayBeforeStart(Invalid):
    """There was nothing to work on before the batch was started."""

    id = "Batch ini baru dimulai pada {started_on}."
    en = "This batch was started on {started_on}."


class DayBeforeStage(Invalid):
    """It stood at another stage since a later day."""

    id = "Batch ini masuk tahap {stage} pada {entered_on}; tahap berikutnya tidak bisa lebih awal."
    en = "This batch came to {stage} on {entered_on}; the next stage cannot be earlier."


class StageUnknown(Invalid):
    """The batch has no such growth stage."""

    id = "Tahap ini tidak ada di batch ini."
    en = "This batch has no such stage."


class StageTheSame(Conflict):
    """It stands there already."""

    id = "Batch ini sudah di tahap {stage}."
    en = "This batch is already at {stage}."


class StageRepeated(Invalid):
    """Two growth stages of a batch have one name."""

    id = "Tahap {name} ditulis dua kali."
    en = "The stage {name} is there twice."


class HarvestedAlready(Conflict):
    """What was harvested from stood at the last stage."""

    id = "Sudah ada yang dipanen; batch ini tidak bisa kembali ke tahap sebelumnya."
    en = "Some of it was harvested; it cannot go back to an earlier stage."


class MoreThanLiving(Conflict):
    """Fewer plants live than were said."""

    id = "Hanya {living} {unit} yang hidup; {asked} tidak bisa dicatat."
    en = "Only {living} {unit} are living; {asked} cannot be recorded."


class CauseUnknown(Invalid):
    """The workshop does not tell this loss apart."""

    id = "Sebab {cause} tidak dikenal di unit kerja ini."
    en = "The cause {cause} is not known in this workshop."


class CareUnknown(Invalid):
    """No care of that kind is known."""

    id = "Jenis perawatan {kind} tidak dikenal."
    en = "There is no care of the kind {kind}."


class CareNotThere(Unknown):
    """No kind of care of that key at this Lapas."""

    id = "Jenis perawatan ini tidak ditemukan."
    en = "This kind of care was not found."


class CareNameTaken(Conflict):
    """Another kind of care has that name."""

    id = "Sudah ada jenis perawatan bernama {name}."
    en = "There is already a kind of care named {name}."


class OfficerUnknown(Invalid):
    """No officer of this Lapas has that id."""

    id = "Petugas ini tidak terdaftar di Lapas ini."
    en = "This officer is not registered at this Lapas."


class EntryUnknown(Unknown):
    """No such entry at this Lapas."""

    id = "Catatan ini tidak ditemukan."
    en = "This entry was not found."


class EntryAlreadyUndone(Conflict):
    """It was taken back before, or is itself the taking back."""

    id = "Catatan ini sudah diurungkan."
    en = "This entry was already taken back."


class UndoAnotherDay(NotAllowed):
    """Whoever only records takes back on the same day; later it is a correction."""

    id = "Catatan hari lain hanya bisa dikoreksi oleh Kasi atau Kasubsi ({permission})."
    en = "Entries of another day are corrected by the head of section only ({permission})."


class StockAlreadyTaken(Conflict):
    """What was harvested is promised or handed out."""

    id = "Panen ini sudah dipesan atau keluar; hanya {free} {unit} yang masih bebas."
    en = "This harvest is reserved or handed out; only {free} {unit} are free."


class MoreThanStock(Conflict):
    """Fewer are free in stock than were asked for."""

    id = "Stok bebas hanya {free} {unit}; {asked} tidak bisa dialokasikan."
    en = "Only {free} {unit} are free in stock; {asked} cannot be allocated."


class AllocationWithoutPaper(Invalid):
    """What leaves the stock has an order or a document."""

    id = "Isi pesanan atau nomor dokumennya."
    en = "Give an order or the number of a document."


class AllocationNotForSale(Invalid):
    """What an order gets is sold."""

    id = "Yang untuk pesanan selalu dijual; pilih penjualan."
    en = "What is for an order is sold; choose sale."


class OrderLineUnknown(Unknown):
    """No order of plants at this Lapas has that work order."""

    id = "Pesanan tanaman ini tidak ada di Lapas ini."
    en = "This Lapas has no such order of plants."


class MoreThanOrdered(Conflict):
    """The order wants fewer, or the others are being grown for it already."""

    id = "Pesanan {number} hanya masih perlu {left} dari stok; {asked} tidak bisa dialokasikan."
    en = "Order {number} only needs {left} more from stock; {asked} cannot be allocated."


class AllocationUnknown(Unknown):
    """No such allocation at this Lapas."""

    id = "Alokasi ini tidak ditemukan."
    en = "This allocation was not found."


class AllocationSettled(Conflict):
    """It was handed out or released before."""

    id = "Alokasi ini sudah diserahkan atau dilepas."
    en = "This allocation was already handed out or released."


class AllocationNotHandedOut(Conflict):
    """Only what left can come back."""

    id = "Alokasi ini belum diserahkan."
    en = "This allocation was not handed out."


class State(StrEnum):
    """Where a batch stands."""

    GROWING = "growing"
    READY = "ready"
    SOLD_OUT = "sold_out"
    LOST = "lost"


PLANTS: Final = "tanaman"
"""How the kind of each workshop of plants begins: ``tanaman_hias`` is shipped, others are a Lapas's own."""
OPEN = (State.GROWING, State.READY)


class Purpose(StrEnum):
    """Why something leaves the stock."""

    SALE = "sale"
    OWN_USE = "own_use"
    DAMAGED = "damaged"


@dataclass(frozen=True, kw_only=True)
class Growth:
    """One growth stage of a batch, in order."""

    name: str
    name_en: str


def read_growth(documents: Sequence[Mapping[str, str]]) -> tuple[Growth, ...]:
    """Read the JSON form of growth stages."""
    return tuple(Growth(name=d["name"], name_en=d["name_en"]) for d in documents)


def growth_documents(stages: Sequence[Growth]) -> list[dict[str, str]]:
    """Return the JSON form of growth stages."""
    return [asdict(s) for s in stages]


@dataclass(frozen=True, kw_only=True)
class Care:
    """A kind of care; data of the Lapas."""

    key: str
    no: int
    name: str
    name_en: str
    active: bool = True
    version: int = 1


@cache
def shipped_cares() -> tuple[Care, ...]:
    """Return the kinds of care of a Lapas that has none of its own."""
    documents = json.loads(files(__package__).joinpath("cares.json").read_text())
    return tuple(Care(no=no, **document) for no, document in enumerate(documents, start=1))


def key_for(name: str, taken: Collection[str]) -> str:
    """Return a key for a new kind of care, out of its name and unlike those that are there."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30] or "rawat"
    return next(k for n in range(len(taken) + 1) if (k := base if n == 0 else f"{base}_{n + 1}") not in taken)


def must_be_free(name: str, there: Iterable[Care], *, but: str | None = None) -> None:
    """Let pass a name that no other kind of care has.

    :raises CareNameTaken:
    """
    if any(c.name.casefold() == name.casefold() and c.key != but for c in there):
        raise CareNameTaken(field="/name", name=name)


def check_stages(stages: Sequence[Growth]) -> None:
    """Check growth stages as somebody wrote them.

    :raises StageRepeated:
    """
    told = [s.name.casefold() for s in stages]
    for nth, name in enumerate(told):
        if name in told[:nth]:
            raise StageRepeated(field=f"/stages/{nth}/name", name=stages[nth].name)


@dataclass(kw_only=True, eq=False)
class Batch:
    """A batch of one plant.

    :param origin: what it was started from, e.g. seeds or cuttings.
    :param started: how many it was started with; the other numbers are counted in the same unit.
    :param stage_no: where it stands in its stages, from 1.
    :param entered_on: since when it stands there.
    :param reserved: of what was harvested, promised; :param sold: of it, handed out.
    """

    lapas_id: str
    id: UUID
    code: str
    workshop_id: UUID
    plant: str
    origin: str
    unit: str
    started_on: date
    started: int
    stages: tuple[Growth, ...]
    entered_on: date
    note: str
    living: int
    stage_no: int = 1
    lost: int = 0
    harvested: int = 0
    reserved: int = 0
    sold: int = 0
    state: State = State.GROWING
    ended_on: date | None = None
    version: int = 1

    @property
    def free(self) -> int:
        """What of the harvest is neither promised nor handed out."""
        return self.harvested - self.reserved - self.sold

    @property
    def stage(self) -> Growth:
        """The stage it stands at."""
        return self.stages[self.stage_no - 1]

    def must_take(self, day: date, *, today: date, field: str = "/day") -> None:
        """Let pass what happened to it on a day.

        :raises BatchEnded, DayInFuture, DayBeforeStart:
        """
        if self.ended_on is not None:
            raise BatchEnded(ended_on=str(self.ended_on))
        if day > today:
            raise DayInFuture(field=field, day=str(day), today=str(today))
        if day < self.started_on:
            raise DayBeforeStart(field=field, started_on=str(self.started_on))

    def move(self, stage_no: int, *, day: date, today: date) -> None:
        """Bring it to another stage; at the last it is ready.

        :raises BatchEnded, DayInFuture, DayBeforeStart, StageUnknown, StageTheSame, DayBeforeStage, HarvestedAlready:
        """
        self.must_take(day, today=today)
        if not 1 <= stage_no <= len(self.stages):
            raise StageUnknown(field="/stage_no")
        if stage_no == self.stage_no:
            raise StageTheSame(stage=self.stage.name)
        if day < self.entered_on:
            raise DayBeforeStage(field="/day", stage=self.stage.name, entered_on=str(self.entered_on))
        if self.harvested:
            raise HarvestedAlready
        self.stage_no, self.entered_on = stage_no, day
        self._settle(today)

    def lose(self, pieces: int, *, cause: str, causes: Collection[str], day: date, today: date) -> None:
        """Count plants as lost.

        :raises BatchEnded, DayInFuture, DayBeforeStart, CauseUnknown, MoreThanLiving:
        """
        self.must_take(day, today=today)
        if cause not in causes:
            raise CauseUnknown(field="/cause", cause=cause)
        self._take(pieces)
        self.lost += pieces
        self._settle(today)

    def harvest(self, pieces: int, *, day: date, today: date) -> None:
        """Bring plants into stock.

        :raises BatchEnded, DayInFuture, DayBeforeStart, BatchNotReady, MoreThanLiving:
        """
        self.must_take(day, today=today)
        if self.state is not State.READY:
            raise BatchNotReady(stage=self.stage.name)
        self._take(pieces)
        self.harvested += pieces
        self._settle(today)

    def find_again(self, pieces: int, *, today: date) -> None:
        """Take a loss back: the plants live."""
        self.lost -= pieces
        self.living += pieces
        self._settle(today)

    def plant_again(self, pieces: int, *, today: date) -> None:
        """Take a harvest back, while it is still free in stock.

        :raises StockAlreadyTaken:
        """
        if pieces > self.free:
            raise StockAlreadyTaken(free=self.free, unit=self.unit)
        self.harvested -= pieces
        self.living += pieces
        self._settle(today)

    def reserve(self, pieces: int) -> None:
        """Promise a part of the stock.

        :raises MoreThanStock:
        """
        if pieces > self.free:
            raise MoreThanStock(field="/pieces", free=self.free, unit=self.unit, asked=pieces)
        self.reserved += pieces

    def release(self, pieces: int) -> None:
        """Give back what was promised."""
        self.reserved -= pieces

    def hand_out(self, pieces: int, *, today: date) -> None:
        """Hand out what was promised."""
        self.reserved -= pieces
        self.sold += pieces
        self._settle(today)

    def take_back(self, pieces: int, *, today: date) -> None:
        """Take back what was handed out; it is promised again."""
        self.sold -= pieces
        self.reserved += pieces
        self._settle(today)

    def _take(self, pieces: int) -> None:
        if pieces > self.living:
            raise MoreThanLiving(field="/pieces", living=self.living, unit=self.unit, asked=pieces)
        self.living -= pieces

    def _settle(self, today: date) -> None:
        if self.living or self.harvested > self.sold:
            self.state = State.READY if self.stage_no == len(self.stages) else State.GROWING
            self.ended_on = None
        else:
            self.state = State.SOLD_OUT if self.harvested else State.LOST
            self.ended_on = today


@dataclass(kw_only=True, eq=False)
class Allocation:
    """A part of the stock for an order or a document: reserved, then handed out or released.

    :param work_order_id: of the order's line it is for; :param document: the paper it leaves with.
    """

    lapas_id: str
    id: UUID
    batch_id: UUID
    pieces: int
    purpose: str
    work_order_id: UUID | None
    document: str
    allocated_on: date
    allocated_by: str
    state: str = "reserved"
    settled_on: date | None = None
    version: int = 1

    def settle(self, state: str, *, today: date) -> None:
        """Let it be handed out or released, once.

        :raises AllocationSettled:
        """
        if self.state != "reserved":
            raise AllocationSettled
        self.state, self.settled_on = state, today

    def take_back(self) -> None:
        """Let it be reserved again.

        :raises AllocationNotHandedOut:
        """
        if self.state != "sold":
            raise AllocationNotHandedOut
        self.state, self.settled_on = "reserved", None


def check_paper(*, work_order_id: UUID | None, document: str, purpose: Purpose) -> None:
    """Check that what leaves the stock says why.

    :raises AllocationWithoutPaper, AllocationNotForSale:
    """
    if work_order_id is None and not document:
        raise AllocationWithoutPaper(field="/document")
    if work_order_id is not None and purpose is not Purpose.SALE:
        raise AllocationNotForSale(field="/purpose")
