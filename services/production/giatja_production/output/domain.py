"""Pieces on their way through the stages, and the credit that quality control gives for them.

Of every cell of the grid each stage knows four numbers: pieces *waiting* for it, pieces in open
*rework*, pieces *good* out of it so far, pieces *rejected* in it so far. Pieces that are good wait at
the next stage at once. Every rejected piece is replaced by a new one that waits at the first stage.
So at any moment, of each cell::

    released = quantity + rejected in all stages
             = waiting and rework in all stages + good out of the last stage + rejected in all stages
    entered a stage = its waiting + rework + good + reject

Some of the pieces that wait or are in rework are held by bundles; the others are loose::

    waiting = loose + the bundles that wait there        rework = loose + the bundles in rework there
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown
from giatja_production.bundles.domain import Bundle, Line
from giatja_production.work_orders.domain import Cell

FIRST = 1
# The one defect no route names: pieces that were written off after their bundle was lost.
LOST = "hilang"


class MoreThanReleased(Conflict):
    """Fewer pieces wait at the stage than were said to be made there."""

    id = "Di tahap {stage} hanya {waiting} potong yang menunggu; {asked} tidak bisa dicatat."
    en = "Only {waiting} pieces are waiting at {stage}; {asked} cannot be recorded."


class MoreThanRework(Conflict):
    """Fewer pieces are in open rework than were said to be mended."""

    id = "Di tahap {stage} hanya {rework} potong yang sedang diperbaiki; {asked} tidak bisa dicatat."
    en = "Only {rework} pieces are in rework at {stage}; {asked} cannot be recorded."


class PiecesInBundles(Conflict):
    """Enough pieces are there, but bundles hold them."""

    id = "Di tahap {stage} hanya {loose} potong yang lepas; {held} lainnya ada di bundel ({codes}). Catat bundelnya."
    en = "Only {loose} loose pieces are at {stage}; {held} others are in bundles ({codes}). Record the bundles."


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

    id = "Potongan dari catatan ini sudah dikerjakan di tahap {stage}; tarik kembali dulu catatan di sana."
    en = "Pieces of this entry were already worked on at {stage}; take the entries there back first."


class PiecesBundledSince(Conflict):
    """Its pieces were cut into bundles afterwards."""

    id = "Potongan dari catatan ini sudah masuk bundel di tahap {stage} ({codes}); bubarkan bundelnya dulu."
    en = "Pieces of this entry are in bundles at {stage} by now ({codes}); dissolve the bundles first."


class CompletedNotReversed(Conflict):
    """All pieces of the work order were delivered to its order."""

    id = (
        "Perintah kerja ini selesai pada {completed_on}; hasilnya tidak bisa ditarik kembali. Catat selisihnya pada"
        " pengiriman, atau buat pesanan perbaikan."
    )
    en = (
        "This work order was completed on {completed_on}; its output cannot be taken back. Record the difference on the"
        " delivery, or make an order for the repair."
    )


class CreditsNotTraced(Conflict):
    """It was credited before the books said by which entry."""

    id = "Catatan lama ini belum menyimpan siapa saja yang dihitung olehnya; tidak bisa ditarik kembali."
    en = "This old entry does not say whose work it made count; it cannot be taken back."


class OutputFromStock(Conflict):
    """It came out of the stock, and goes back there."""

    id = "Hasil ini diserahkan dari stok; tarik kembali penyerahannya di stok."
    en = "This came out of the stock; take its handing out back there."


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

    :param inmate_id: missing where nobody inside made it: what an officer or the partner inspected, what was lost.
    :param from_rework: the pieces come out of open rework instead of the waiting ones.
    :param size: of the pieces; without it they are taken over the grid in order; so for ``colour``.
    :param bundle_id: the pieces are of this bundle; all entries of it in a request are the whole of it.
    :param team_id: the team whose output this is a share of.
    :param responsible_no: the stage whose work the defect comes from.
    """

    inmate_id: UUID | None
    good: int
    rework: int = 0
    reject: int = 0
    defect: str | None = None
    from_rework: bool = False
    size: str | None = None
    colour: str | None = None
    bundle_id: UUID | None = None
    team_id: UUID | None = None
    responsible_no: int | None = None

    @property
    def asked(self) -> int:
        """All its pieces."""
        return self.good + self.rework + self.reject

    def check(self, *, defects: Iterable[str], at: str) -> None:
        """Check what can be seen without looking at the stages.

        :param at: pointer of the entry.
        :raises NothingRecorded, ReworkOfRework, DefectMissing, DefectUnknown, DefectWithoutPieces:
        """
        if self.asked == 0:
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
class Held:
    """The pieces of one cell at one stage that bundles hold, and some of their codes."""

    waiting: int = 0
    rework: int = 0
    codes: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Flow:
    """The pieces of one work order, by stage and cell; those it is not given are nothing yet."""

    cells: Sequence[Cell]
    stages: Sequence[str]
    balances: dict[tuple[int, int], Balance]
    held: dict[tuple[int, int], Held] = field(default_factory=dict)
    changed: set[tuple[int, int]] = field(default_factory=set)

    @property
    def last_stage(self) -> int:
        """The number of the last stage."""
        return len(self.stages)

    def balance(self, stage_no: int, cell_no: int) -> Balance:
        """Return the balance of a cell at a stage."""
        return self.balances.setdefault((stage_no, cell_no), Balance())

    def loose(self, stage_no: int, cell_no: int) -> Balance:
        """Return what of a cell no bundle holds at a stage."""
        balance, held = self.balance(stage_no, cell_no), self._held(stage_no, cell_no)
        return Balance(waiting=balance.waiting - held.waiting, rework=balance.rework - held.rework)

    def total(self, stage_no: int) -> Balance:
        """Return the balance of a stage over all cells."""
        of_stage = [b for (no, _), b in self.balances.items() if no == stage_no]
        return Balance(
            waiting=sum(b.waiting for b in of_stage),
            rework=sum(b.rework for b in of_stage),
            good=sum(b.good for b in of_stage),
            reject=sum(b.reject for b in of_stage),
        )

    def record(self, stage_no: int, entry: Entry, *, at: str) -> list[Portion]:
        """Let the loose pieces of an entry flow; return how they fall on the cells.

        :param at: pointer of the entry.
        :raises CellUnknown: the grid has no such size or colour.
        :raises MoreThanReleased, MoreThanRework: fewer pieces are there.
        :raises PiecesInBundles: enough are there, but bundles hold them.
        """
        cells = [c.no for c in self._cells_of(entry, at=at)]
        source: Literal["rework", "waiting"] = "rework" if entry.from_rework else "waiting"
        there = {no: getattr(self.loose(stage_no, no), source) for no in cells}
        self._must_be_enough(stage_no, entry, there, source, at=at)
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

    def record_bundle(self, stage_no: int, bundle: Bundle, entries: Sequence[Entry]) -> list[list[Portion]]:
        """Let the pieces of a whole bundle flow, as its entries share them."""
        portions = [Portion(cell_no=bundle.cell_no, good=e.good, rework=e.rework, reject=e.reject) for e in entries]
        for portion in portions:
            self._move(stage_no, portion, from_rework=bundle.in_rework)
            self._carry(stage_no, portion, from_rework=bundle.in_rework)
        return [[p] for p in portions]

    def take_back(
        self, stage_no: int, portions: Sequence[Portion], *, from_rework: bool, bundled: bool = False
    ) -> list[Portion]:
        """Let the pieces of an entry flow back; return the opposite portions.

        :raises PiecesMovedOn: some of them are not there any more, naming where they were worked on.
        :raises PiecesBundledSince: they are, but in bundles that were cut since.
        """
        opposite = [p.taken_back() for p in portions]
        for portion in opposite:
            self._move(stage_no, portion, from_rework=from_rework)
            if bundled:
                self._carry(stage_no, portion, from_rework=from_rework)
        for no, cell_no in sorted(self.changed):
            if not self.balances[no, cell_no].is_possible():
                raise PiecesMovedOn(stage=self.stages[no - 1])
            loose = self.loose(no, cell_no)
            if min(loose.waiting, loose.rework) < 0:
                raise PiecesBundledSince(stage=self.stages[no - 1], codes=_listed(self._held(no, cell_no).codes))
        return opposite

    def _cells_of(self, entry: Entry, *, at: str) -> list[Cell]:
        found = [
            c for c in self.cells if entry.size in (None, c.size) and (entry.colour is None or entry.colour == c.colour)
        ]
        if not found:
            raise CellUnknown(field=f"{at}/{'size' if entry.size is not None else 'colour'}")
        return found

    def _must_be_enough(
        self, stage_no: int, entry: Entry, loose: Mapping[int, int], source: Literal["rework", "waiting"], *, at: str
    ) -> None:
        free = sum(loose.values())
        if entry.asked <= free:
            return
        kind = "good" if entry.good > free else "rework" if entry.good + entry.rework > free else "reject"
        stage = self.stages[stage_no - 1]
        there = sum(getattr(self.balance(stage_no, no), source) for no in loose)
        if entry.asked <= there:
            codes = [code for no in loose for code in self._held(stage_no, no).codes]
            raise PiecesInBundles(
                field=f"{at}/{kind}",
                stage=stage,
                loose=free,
                held=there - free,
                asked=entry.asked,
                codes=_listed(codes),
            )
        if entry.from_rework:
            raise MoreThanRework(field=f"{at}/{kind}", stage=stage, rework=there, asked=entry.asked)
        raise MoreThanReleased(field=f"{at}/{kind}", stage=stage, waiting=there, asked=entry.asked)

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

    def _carry(self, stage_no: int, portion: Portion, *, from_rework: bool) -> None:
        """Move what the bundles hold along with the pieces; what replaces a rejected piece is loose."""
        here = self._held(stage_no, portion.cell_no)
        if from_rework:
            here.rework -= portion.good + portion.reject
        else:
            here.waiting -= portion.good + portion.rework + portion.reject
            here.rework += portion.rework
        if stage_no < self.last_stage:
            self._held(stage_no + 1, portion.cell_no).waiting += portion.good

    def _held(self, stage_no: int, cell_no: int) -> Held:
        return self.held.setdefault((stage_no, cell_no), Held())

    def _change(self, stage_no: int, cell_no: int) -> Balance:
        self.changed.add((stage_no, cell_no))
        return self.balance(stage_no, cell_no)


def _listed(codes: Sequence[str], *, most: int = 3) -> str:
    return ", ".join(codes[:most]) + (", …" if len(codes) > most else "")


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
    bundle_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Passing:
    """Pieces of one cell that pass quality control by one entry.

    :param bundle_id: the bundle they pass in, with the line of bundles it came from.
    """

    output_id: UUID
    cell_no: int
    pieces: int
    bundle_id: UUID | None = None
    line: Line = field(default_factory=Line)

    def nearness(self, made: Made) -> int:
        """Return how near work is to these pieces: their own bundle's, its line's, loose work, that of others."""
        if self.bundle_id is None:
            return 0 if made.bundle_id is None else 3
        if made.bundle_id == self.bundle_id:
            return 0
        if made.bundle_id is None:
            return 2
        return 1 if made.stage_no < self.line.before.get(made.bundle_id, 0) else 3


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Pieces of one output that are credited to the inmate who made them.

    :param passed_by: the entry of quality control, or after it, that makes them count.
    """

    made: Made
    pieces: int
    passed_by: UUID


class CreditShort(RuntimeError):
    """More pieces passed quality control than were ever made before it: the books are wrong."""


def credit_passed(passings: Sequence[Passing], made: Sequence[Made], *, stages: Iterable[int]) -> list[Credit]:
    """Credit, for pieces that pass quality control, those who made them at each earlier stage.

    Pieces of a bundle are credited to those who worked on that bundle. Loose pieces of one cell are alike, so the
    ones made first pass first; so do those of a bundle at a stage it passed before it was one. Work of others is only
    taken where bundles were merged or dissolved in between: it keeps the sums right, since as many pieces were made at
    each stage as ever pass.

    :param made: what is not credited yet, of each stage and cell in the order it was recorded.
    :param stages: the stages before quality control.
    :raises CreditShort: a stage has fewer uncredited pieces of a cell than pass.
    """
    stages = list(stages)
    left = [one.uncredited for one in made]
    by_place: dict[tuple[int, int], list[int]] = {}
    for nth, one in enumerate(made):
        by_place.setdefault((one.stage_no, one.cell_no), []).append(nth)
    credits_ = []
    for passing in passings:
        for stage in stages:
            wanted = passing.pieces
            there = by_place.get((stage, passing.cell_no), ())
            for nth in sorted(there, key=lambda n: passing.nearness(made[n])):
                pieces = min(left[nth], wanted)
                if pieces:
                    left[nth] -= pieces
                    wanted -= pieces
                    credits_.append(Credit(made=made[nth], pieces=pieces, passed_by=passing.output_id))
            if wanted:
                raise CreditShort(f"without a maker: {wanted} at stage {stage}, cell {passing.cell_no}")
    return credits_
