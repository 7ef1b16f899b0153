"""Pieces on their way through the stages, and the credit that quality control gives for them.

Of every cell of the grid each stage knows four numbers: pieces *waiting* for it, pieces in open
*rework*, pieces *good* out of it so far, pieces *rejected* in it so far. Pieces that are good wait at
the next stage at once. Every rejected piece is replaced by a new one that waits at the first stage.
So at any moment, of each cell::

    released = quantity + rejected in all stages
             = waiting and rework in all stages + good out of the last stage + rejected in all stages
    entered a stage = its waiting + rework + good + reject
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown
from giatja_production.work_orders.domain import Cell

FIRST = 1


class MoreThanReleased(Conflict):
    """Fewer pieces wait at the stage than were said to be made there."""

    id = "Di tahap {stage} hanya {waiting} potong yang menunggu; {asked} tidak bisa dicatat."
    en = "Only {waiting} pieces are waiting at {stage}; {asked} cannot be recorded."


class MoreThanRework(Conflict):
    """Fewer pieces are in open rework than were said to be mended."""

    id = "Di tahap {stage} hanya {rework} potong yang sedang diperbaiki; {asked} tidak bisa dicatat."
    en = "Only {rework} pieces are in rework at {stage}; {asked} cannot be recorded."


class NothingRecorded(Invalid):
    """An entry without pieces says nothing."""

    id = "Isi paling sedikit satu potong: lolos, perbaikan atau afkir."
    en = "Enter at least one piece: good, rework or reject."


class DefectMissing(Invalid):
    """Rework and reject name their defect."""

    id = "Pilih jenis cacatnya untuk perbaikan atau afkir."
    en = "Choose the defect of what is rework or reject."


class DefectWithoutPieces(Invalid):
    """A defect without rework or reject belongs to nothing."""

    id = "Cacat hanya diisi bila ada perbaikan atau afkir."
    en = "A defect is only given with rework or reject."


class DefectUnknown(Invalid):
    """The route does not know the defect."""

    id = "Jenis cacat {defect} tidak dikenal di unit kerja ini."
    en = "The defect {defect} is not known in this workshop."


class ReworkOfRework(Invalid):
    """What comes out of rework is good or rejected."""

    id = "Hasil perbaikan hanya bisa lolos atau afkir."
    en = "What comes out of rework is good or rejected."


class CellUnknown(Invalid):
    """The order has no such size and colour."""

    id = "Ukuran atau warna ini tidak ada di perintah kerja ini."
    en = "This work order has no such size or colour."


class OutputUnknown(Unknown):
    """No such entry at this Lapas."""

    id = "Catatan hasil ini tidak ditemukan."
    en = "This entry was not found."


class OutputAlreadyUndone(Conflict):
    """It was taken back before, or is itself the taking back."""

    id = "Catatan ini sudah diurungkan."
    en = "This entry was already taken back."


class OutputAlreadyCredited(Conflict):
    """Its pieces passed quality control and are credited."""

    id = "Hasil ini sudah lolos QC dan sudah dihitung; tidak bisa diurungkan."
    en = "These pieces passed quality control and are credited; they cannot be taken back."


class PiecesMovedOn(Conflict):
    """Its pieces were worked on further."""

    id = "Potongan dari catatan ini sudah dikerjakan di tahap lain; tidak bisa diurungkan."
    en = "Pieces of this entry were already worked on elsewhere; it cannot be taken back."


class UndoAnotherDay(NotAllowed):
    """Whoever only records takes back on the same day; later it is a correction."""

    id = "Catatan hari lain hanya bisa dikoreksi oleh Kasi atau Kasubsi ({permission})."
    en = "Entries of another day are corrected by the head of section only ({permission})."


class Shift(StrEnum):
    """A part of the working day."""

    MORNING = "pagi"
    AFTERNOON = "siang"
    NIGHT = "malam"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one inmate made at a stage in a shift.

    :param from_rework: the pieces come out of open rework instead of the waiting ones.
    :param size: of the pieces; without it they are taken over the grid in order; so for ``colour``.
    """

    inmate_id: UUID
    good: int
    rework: int = 0
    reject: int = 0
    defect: str | None = None
    from_rework: bool = False
    size: str | None = None
    colour: str | None = None

    def check(self, *, defects: Iterable[str], at: str) -> None:
        """Check what can be seen without looking at the stages.

        :param at: pointer of the entry.
        :raises NothingRecorded, ReworkOfRework, DefectMissing, DefectUnknown, DefectWithoutPieces:
        """
        if self.good + self.rework + self.reject == 0:
            raise NothingRecorded(field=f"{at}/good")
        if self.from_rework and self.rework:
            raise ReworkOfRework(field=f"{at}/rework")
        faulty = self.rework + self.reject > 0
        if faulty and self.defect is None:
            raise DefectMissing(field=f"{at}/defect")
        if self.defect is not None and not faulty:
            raise DefectWithoutPieces(field=f"{at}/defect")
        if self.defect is not None and self.defect not in defects:
            raise DefectUnknown(field=f"{at}/defect", defect=self.defect)


@dataclass(frozen=True, kw_only=True)
class Portion:
    """The part of an entry that falls on one cell; negative where it is taken back."""

    cell_no: int
    good: int = 0
    rework: int = 0
    reject: int = 0

    def taken_back(self) -> "Portion":
        """Return its opposite."""
        return Portion(cell_no=self.cell_no, good=-self.good, rework=-self.rework, reject=-self.reject)


@dataclass(kw_only=True)
class Balance:
    """The pieces of one cell at one stage."""

    waiting: int = 0
    rework: int = 0
    good: int = 0
    reject: int = 0

    def is_possible(self) -> bool:
        """Return whether all numbers are."""
        return min(self.waiting, self.rework, self.good, self.reject) >= 0


@dataclass(kw_only=True)
class Flow:
    """The pieces of one work order, by stage and cell; those it is not given are nothing yet."""

    cells: Sequence[Cell]
    last_stage: int
    balances: dict[tuple[int, int], Balance]
    changed: set[tuple[int, int]] = field(default_factory=set)

    def balance(self, stage_no: int, cell_no: int) -> Balance:
        """Return the balance of a cell at a stage."""
        return self.balances.setdefault((stage_no, cell_no), Balance())

    def total(self, stage_no: int) -> Balance:
        """Return the balance of a stage over all cells."""
        of_stage = [b for (no, _), b in self.balances.items() if no == stage_no]
        return Balance(
            waiting=sum(b.waiting for b in of_stage),
            rework=sum(b.rework for b in of_stage),
            good=sum(b.good for b in of_stage),
            reject=sum(b.reject for b in of_stage),
        )

    def record(self, stage_no: int, entry: Entry, *, stage_name: str, at: str) -> list[Portion]:
        """Let the pieces of an entry flow; return how they fall on the cells.

        :param at: pointer of the entry.
        :raises CellUnknown: the grid has no such size or colour.
        :raises MoreThanReleased, MoreThanRework: fewer pieces are there.
        """
        cells = [c.no for c in self._cells_of(entry, at=at)]
        source: Literal["rework", "waiting"] = "rework" if entry.from_rework else "waiting"
        there = {no: getattr(self.balance(stage_no, no), source) for no in cells}
        self._must_be_enough(entry, sum(there.values()), stage_name=stage_name, at=at)
        portions = {
            kind: _spread(getattr(entry, kind), there) for kind in ("good", "rework", "reject")
        }  # each takes from what the one before left
        result = [
            Portion(cell_no=no, **{kind: taken.get(no, 0) for kind, taken in portions.items()})
            for no in cells
            if any(no in taken for taken in portions.values())
        ]
        for portion in result:
            self._move(stage_no, portion, from_rework=entry.from_rework)
        return result

    def take_back(self, stage_no: int, portions: Sequence[Portion], *, from_rework: bool) -> list[Portion]:
        """Let the pieces of an entry flow back; return the opposite portions.

        :raises PiecesMovedOn: some of them are not there any more.
        """
        opposite = [p.taken_back() for p in portions]
        for portion in opposite:
            self._move(stage_no, portion, from_rework=from_rework)
        if not all(self.balances[key].is_possible() for key in self.changed):
            raise PiecesMovedOn
        return opposite

    def _cells_of(self, entry: Entry, *, at: str) -> list[Cell]:
        found = [
            c for c in self.cells if entry.size in (None, c.size) and (entry.colour is None or entry.colour == c.colour)
        ]
        if not found:
            raise CellUnknown(field=f"{at}/{'size' if entry.size is not None else 'colour'}")
        return found

    @staticmethod
    def _must_be_enough(entry: Entry, there: int, *, stage_name: str, at: str) -> None:
        asked = entry.good + entry.rework + entry.reject
        if asked <= there:
            return
        kind = "good" if entry.good > there else "rework" if entry.good + entry.rework > there else "reject"
        if entry.from_rework:
            raise MoreThanRework(field=f"{at}/{kind}", stage=stage_name, rework=there, asked=asked)
        raise MoreThanReleased(field=f"{at}/{kind}", stage=stage_name, waiting=there, asked=asked)

    def _move(self, stage_no: int, portion: Portion, *, from_rework: bool) -> None:
        here = self._change(stage_no, portion.cell_no)
        if from_rework:
            here.rework -= portion.good + portion.reject
        else:
            here.waiting -= portion.good + portion.rework + portion.reject
            here.rework += portion.rework
        here.good += portion.good
        here.reject += portion.reject
        if stage_no < self.last_stage and portion.good:
            self._change(stage_no + 1, portion.cell_no).waiting += portion.good
        if portion.reject:
            self._change(FIRST, portion.cell_no).waiting += portion.reject

    def _change(self, stage_no: int, cell_no: int) -> Balance:
        self.changed.add((stage_no, cell_no))
        return self.balance(stage_no, cell_no)


def _spread(count: int, there: dict[int, int]) -> dict[int, int]:
    """Take pieces from cells in grid order; what is taken is no longer there."""
    taken = {}
    for no, available in there.items():
        part = min(count, available)
        if part:
            taken[no] = part
            there[no] -= part
            count -= part
    return taken


@dataclass(frozen=True, kw_only=True)
class Made:
    """Good pieces of one cell that an inmate made at a stage, some of them not credited yet."""

    output_id: UUID
    cell_no: int
    stage_no: int
    inmate_id: UUID
    work_date: date
    uncredited: int


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Pieces of one output that are credited to the inmate who made them."""

    made: Made
    pieces: int


class CreditShort(RuntimeError):
    """More pieces passed quality control than were ever made before it: the books are wrong."""


def credit_passed(passed: Mapping[int, int], made: Sequence[Made], *, stages: Iterable[int]) -> list[Credit]:
    """Credit, for pieces that pass quality control, those who made them at each earlier stage.

    The pieces of one cell are alike, so the ones made first pass first.

    :param passed: cell -> pieces that pass now.
    :param made: what is not credited yet, of each stage and cell in the order it was recorded.
    :param stages: the stages before quality control.
    :raises CreditShort: a stage has fewer uncredited pieces of a cell than pass.
    """
    left = {(stage, cell): passed[cell] for stage in stages for cell in passed}
    credits_ = []
    for one in made:
        pieces = min(one.uncredited, left.get((one.stage_no, one.cell_no), 0))
        if pieces:
            left[one.stage_no, one.cell_no] -= pieces
            credits_.append(Credit(made=one, pieces=pieces))
    if any(left.values()):
        raise CreditShort(f"without a maker: {left}")
    return credits_
