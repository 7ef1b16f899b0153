"""Bundles of garments and colour lots of batik: pieces of one cell that move, and are paid, together.

A bundle takes its pieces out of the loose ones of a stage and goes through the stages as a whole. The
balance of a stage counts bundled pieces and loose ones alike: *loose* is what no bundle holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown

# Crockford's 32 symbols: none of them is taken for another on paper, and no word comes out of them.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6
_READ_AS = str.maketrans("OILU", "011V")
MOST_AT_ONCE = 500


class BundleUnknown(Unknown):
    """No such bundle at this Lapas."""

    id = "Bundel ini tidak ditemukan."
    en = "This bundle was not found."


class CodeMistyped(Invalid):
    """It is no code of a bundle: its check character does not fit the others."""

    id = "Kode {code} bukan kode bundel. Kode terdiri dari 7 huruf dan angka, misalnya K7M3QF-T."
    en = "{code} is no code of a bundle. A code has 7 letters and digits, e.g. K7M3QF-T."


class BundleNotOpen(Conflict):
    """It is lost, or it is no bundle any more."""

    id = "Bundel {code} {state}; tidak bisa dikerjakan."
    en = "Bundle {code} is {state_en} and cannot be worked on."

    def __init__(self, *, field: str | None = None, code: str, state: "State") -> None:
        super().__init__(field=field, code=code, state=_STATES[state][0], state_en=_STATES[state][1])


class BundleElsewhere(Conflict):
    """It waits at another stage."""

    id = "Bundel {code} tidak di sini; sekarang di tahap {stage}."
    en = "Bundle {code} is not here; it is at {stage} now."


class BundleAlreadyRecorded(Conflict):
    """Somebody recorded it at this stage before."""

    id = "Bundel {code} sudah dicatat di tahap {stage} pada {at} oleh {by}; sekarang di tahap {now}."
    en = "Bundle {code} was already recorded at {stage} on {at} by {by}; it is at {now} now."


class BundleInRework(Conflict):
    """Its pieces are being mended: what is recorded comes out of rework."""

    id = "Bundel {code} sedang diperbaiki; catat sebagai hasil perbaikan."
    en = "Bundle {code} is in rework; record it as what comes out of rework."


class BundleNotInRework(Conflict):
    """Nothing of it is being mended."""

    id = "Bundel {code} tidak sedang diperbaiki."
    en = "Bundle {code} is not in rework."


class BundleNotMended(Conflict):
    """It went back to be mended and has not come again."""

    id = "Bundel {code} masih diperbaiki di tahap {stage}; catat dulu selesainya."
    en = "Bundle {code} is still being mended at {stage}; record that it is done first."


class BundleNotWhole(Invalid):
    """A bundle is recorded whole."""

    id = "Bundel {code} berisi {pieces}; yang dicatat {asked}. Pecah dulu bila hanya sebagian."
    en = "Bundle {code} holds {pieces}; {asked} were recorded. Split it first to record a part."


class BundleOfAnotherOrder(Invalid):
    """The bundle belongs to another work order."""

    id = "Bundel {code} milik perintah kerja lain."
    en = "Bundle {code} belongs to another work order."


class BundleMixed(Invalid):
    """All entries of a bundle come from the same place."""

    id = "Semua baris bundel {code} harus dari tempat yang sama: biasa atau perbaikan."
    en = "All entries of bundle {code} come from one place: waiting or rework."


class BundleMovedOn(Conflict):
    """Something happened to the bundle after what is to be taken back."""

    id = "Bundel {code} sudah {what}; tarik itu dulu."
    en = "Bundle {code} has meanwhile been {what_en}; take that back first."


class MoreThanLoose(Conflict):
    """Fewer loose pieces are there than are to be bundled."""

    id = "Di tahap {stage} hanya {loose} potong {cell} yang lepas; {asked} tidak bisa dibundel."
    en = "Only {loose} loose pieces of {cell} are at {stage}; {asked} cannot be bundled."


class NothingLoose(Conflict):
    """No loose piece is at the stage."""

    id = "Tidak ada potong lepas di tahap {stage} untuk dibundel."
    en = "No loose pieces are at {stage} to be bundled."


class NoSuchVariant(Invalid):
    """The work order has no such size and colour."""

    id = "Ukuran {size} warna {colour} tidak ada di perintah kerja ini."
    en = "This work order has no size {size} in {colour}."


class NoSuchStage(Invalid):
    """The route has no stage of that number."""

    id = "Rute perintah kerja ini tidak punya tahap {no}."
    en = "The route of this work order has no stage {no}."


class TooManyBundles(Invalid):
    """More bundles than anybody cuts at once."""

    id = "Hasilnya {count} bundel; sekali potong paling banyak {most}. Perbesar isi bundel."
    en = "This makes {count} bundles; at most {most} are cut at once. Make the bundles larger."


class PartsNotWhole(Invalid):
    """The parts of a bundle are the whole of it."""

    id = "Jumlah pecahannya {asked}, padahal bundel {code} berisi {pieces}."
    en = "The parts add up to {asked}, but bundle {code} holds {pieces}."


class NotTheSamePlace(Conflict):
    """Only bundles of one cell that wait at one place become one."""

    id = "Bundel {code} dan {other} tidak sama ukuran, warna atau tempatnya; tidak bisa digabung."
    en = "Bundles {code} and {other} differ in size, colour or place and cannot be merged."


class BundleWithItself(Invalid):
    """A bundle is merged with others."""

    id = "Pilih bundel lain untuk digabung dengan {code}."
    en = "Choose other bundles to merge with {code}."


class BundleNotLost(Conflict):
    """Only what is lost is found or written off."""

    id = "Bundel {code} tidak tercatat hilang."
    en = "Bundle {code} is not recorded as lost."


class NothingToMend(Conflict):
    """The bundle is not away to be mended."""

    id = "Bundel {code} tidak sedang diperbaiki di tahap lain."
    en = "Bundle {code} is not away to be mended."


class Kind(StrEnum):
    """What a bundle is."""

    BUNDLE = "bundle"
    LOT = "lot"


class State(StrEnum):
    """What became of a bundle; only ``open`` and ``lost`` ones hold pieces of a stage."""

    OPEN = "open"
    DONE = "done"
    LOST = "lost"
    MERGED = "merged"
    SPLIT = "split"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_STATES: Mapping[State, tuple[str, str]] = {
    State.OPEN: ("terbuka", "open"),
    State.DONE: ("sudah selesai", "finished"),
    State.LOST: ("tercatat hilang", "lost"),
    State.MERGED: ("sudah digabung", "merged"),
    State.SPLIT: ("sudah dipecah", "split"),
    State.REJECTED: ("sudah diafkir", "rejected"),
    State.CANCELLED: ("sudah dibubarkan", "dissolved"),
}


@dataclass(frozen=True)
class Line:
    """The bundles whose recorded work went into a bundle, each with the first stage that did not."""

    before: Mapping[UUID, int] = field(default_factory=dict)

    def joined(self, others: Iterable[tuple[UUID, "Line", int]]) -> "Line":
        """Add other bundles with their own lines, each up to a stage it did not bring work of."""
        before = dict(self.before)
        for id_, line, stage_no in others:
            for one, below in (*line.before.items(), (id_, stage_no)):
                before[one] = max(before.get(one, 0), below)
        return Line(before)

    def document(self) -> dict[str, int]:
        """Return the JSON form."""
        return {str(id_): below for id_, below in self.before.items()}

    @classmethod
    def read(cls, document: Mapping[str, int]) -> "Line":
        """Read the JSON form."""
        return cls({UUID(id_): below for id_, below in document.items()})


@dataclass(kw_only=True, eq=False)
class Bundle:
    """Pieces of one cell that move through the stages together.

    :param stage_no: the stage it waits at or is in rework at; the last one when it is done.
    :param mend_no: the stage that mends it, until it comes back to be looked at again.
    """

    lapas_id: str
    id: UUID
    work_order_id: UUID
    no: int
    code: str
    kind: Kind
    cell_no: int
    pieces: int
    stage_no: int
    made_at: datetime
    in_rework: bool = False
    mend_no: int | None = None
    state: State = State.OPEN
    parent_id: UUID | None = None
    merged_into: UUID | None = None
    line: Line = field(default_factory=Line)
    version: int = 1

    def must_hold_pieces(self) -> None:
        """Let pass a bundle that can be worked on.

        :raises BundleNotOpen: it is lost, or none any more.
        """
        if self.state is not State.OPEN:
            raise BundleNotOpen(code=self.code, state=self.state)

    def must_be_recordable(
        self, *, stage_no: int, from_rework: bool, asked: int, stages: Sequence[str], at: str
    ) -> None:
        """Let pass a bundle that is recorded whole, where it is.

        :param stages: the names of the stages; :param at: pointer of the entry.
        :raises BundleNotOpen, BundleElsewhere, BundleInRework, BundleNotInRework, BundleNotMended, BundleNotWhole:
        """
        if self.state is not State.OPEN:
            raise BundleNotOpen(field=f"{at}/bundle_id", code=self.code, state=self.state)
        if self.stage_no != stage_no:
            raise BundleElsewhere(field=f"{at}/bundle_id", code=self.code, stage=stages[self.stage_no - 1])
        if self.in_rework and not from_rework:
            raise BundleInRework(field=f"{at}/from_rework", code=self.code)
        if from_rework and not self.in_rework:
            raise BundleNotInRework(field=f"{at}/from_rework", code=self.code)
        if self.mend_no is not None:
            raise BundleNotMended(field=f"{at}/bundle_id", code=self.code, stage=stages[self.mend_no - 1])
        if asked != self.pieces:
            raise BundleNotWhole(field=f"{at}/good", code=self.code, pieces=self.pieces, asked=asked)

    def record(
        self,
        *,
        last_stage: int,
        good: int,
        rework: int,
        reject: int,
        mend_no: int | None,
        child_id: UUID,
        child_code: str,
        at: datetime,
    ) -> tuple["Passage", "Bundle | None"]:
        """Move on with the good pieces; return what happened, and the bundle of those to be mended, if any are left.

        Where none is good the bundle itself stays in rework, or is rejected.

        :param mend_no: the stage that is to mend them, when it is an earlier one.
        """
        passage = Passage(
            stage_no=self.stage_no,
            pieces=self.pieces,
            from_rework=self.in_rework,
            good=good,
            rework=rework,
            reject=reject,
            child_id=child_id if good and rework else None,
        )
        child = None
        if not good:
            if rework:
                self.pieces, self.in_rework, self.mend_no = rework, True, mend_no
            else:
                self.state = State.REJECTED
            return passage, None
        if rework:
            child = self._child(child_id, child_code, rework, at=at)
            child.in_rework, child.mend_no = True, mend_no
        self.pieces, self.in_rework, self.mend_no = good, False, None
        if self.stage_no == last_stage:
            self.state = State.DONE
        else:
            self.stage_no += 1
        return passage, child

    def take_back(self, passage: "Passage", child: "Bundle | None", *, since: Mapping[UUID, str]) -> None:
        """Return to where it was before a passage; the bundle of its rework is none any more.

        :param since: what happened to either of them after the passage, by id.
        :raises BundleMovedOn:
        """
        for one in (self, child) if child is not None else (self,):
            what = "lost" if one.state is State.LOST else since.get(one.id)
            if what is not None:
                raise BundleMovedOn(code=one.code, what=_SINCE[what][0], what_en=_SINCE[what][1])
        if child is not None:
            child.state, child.in_rework, child.mend_no = State.CANCELLED, False, None
        self.pieces, self.stage_no = passage.pieces, passage.stage_no
        self.in_rework, self.mend_no, self.state = passage.from_rework, None, State.OPEN

    def split(self, parts: Sequence[int], *, ids: Sequence[UUID], codes: Sequence[str], at: datetime) -> list["Bundle"]:
        """Become several bundles at the same place; return them.

        :param parts: the pieces of each; :param ids: and :param codes: one for each.
        :raises BundleNotOpen, PartsNotWhole:
        """
        self.must_hold_pieces()
        if sum(parts) != self.pieces:
            raise PartsNotWhole(field="/parts", code=self.code, asked=sum(parts), pieces=self.pieces)
        self.state = State.SPLIT
        return [self._child(id_, code, part, at=at) for id_, code, part in zip(ids, codes, parts, strict=True)]

    def merge(self, others: Sequence["Bundle"]) -> None:
        """Take in other bundles of the same cell at the same place.

        :raises BundleWithItself, BundleNotOpen, NotTheSamePlace:
        """
        self.must_hold_pieces()
        if not others or any(o.id == self.id for o in others):
            raise BundleWithItself(field="/others", code=self.code)
        for other in others:
            other.must_hold_pieces()
            if other.place != self.place:
                raise NotTheSamePlace(field="/others", code=self.code, other=other.code)
        self.line = self.line.joined((o.id, o.line, o.stage_no) for o in others)
        self.pieces += sum(o.pieces for o in others)
        for other in others:
            other.state, other.merged_into, other.mend_no = State.MERGED, self.id, None

    def lose(self) -> None:
        """Be nowhere for now; its pieces stay in the balance of the stage.

        :raises BundleNotOpen:
        """
        self.must_hold_pieces()
        self.state = State.LOST

    def find(self) -> None:
        """Be where it was again.

        :raises BundleNotLost:
        """
        if self.state is not State.LOST:
            raise BundleNotLost(code=self.code)
        self.state = State.OPEN

    def come_mended(self) -> int:
        """Come back from being mended, to be looked at again; return the stage that mended it.

        :raises BundleNotOpen, NothingToMend:
        """
        self.must_hold_pieces()
        if self.mend_no is None:
            raise NothingToMend(code=self.code)
        mended_at, self.mend_no = self.mend_no, None
        return mended_at

    def dissolve(self) -> None:
        """Let its pieces go loose where they are.

        :raises BundleNotOpen:
        """
        self.must_hold_pieces()
        self.state, self.mend_no = State.CANCELLED, None

    @property
    def place(self) -> tuple[object, ...]:
        """What two bundles have in common that can become one."""
        return self.work_order_id, self.cell_no, self.stage_no, self.in_rework, self.mend_no

    def _child(self, id_: UUID, code: str, pieces: int, *, at: datetime) -> "Bundle":
        return Bundle(
            lapas_id=self.lapas_id,
            id=id_,
            work_order_id=self.work_order_id,
            no=self.no,
            code=code,
            kind=self.kind,
            cell_no=self.cell_no,
            pieces=pieces,
            stage_no=self.stage_no,
            in_rework=self.in_rework,
            mend_no=self.mend_no,
            parent_id=self.id,
            line=Line().joined([(self.id, self.line, self.stage_no)]),
            made_at=at,
        )


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What was recorded of a whole bundle at a stage.

    :param pieces: before it. :param child_id: the bundle its rework became.
    """

    stage_no: int
    pieces: int
    from_rework: bool
    good: int
    rework: int
    reject: int
    child_id: UUID | None


_SINCE: Mapping[str, tuple[str, str]] = {
    "recorded": ("dikerjakan lagi", "worked on again"),
    "lost": ("tercatat hilang", "recorded as lost"),
    "merged": ("digabung", "merged"),
    "split": ("dipecah", "split"),
    "dissolved": ("dibubarkan", "dissolved"),
}


@dataclass(frozen=True, kw_only=True)
class Lay:
    """Cloth of one colour in plies, cut after a marker that holds each size so many times.

    :param ratio: size -> how often the marker holds it.
    """

    colour: str
    plies: int
    ratio: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Pieces of one cell on one heap."""

    cell_no: int
    pieces: int


def stacks_of(lays: Sequence[Lay], cells: Mapping[tuple[str, str], int]) -> list[Stack]:
    """Return the heaps that lie on the table after cutting: one for each time a size is in the marker.

    :param cells: size and colour -> cell.
    :raises NoSuchVariant: the work order has none such.
    """
    stacks = []
    for nth, lay in enumerate(lays):
        for size, times in lay.ratio.items():
            if times:
                cell_no = cells.get((size, lay.colour))
                if cell_no is None:
                    raise NoSuchVariant(field=f"/lays/{nth}/ratio", size=size or "-", colour=lay.colour or "-")
                stacks += [Stack(cell_no=cell_no, pieces=lay.plies)] * times
    return stacks


def divide(stacks: Sequence[Stack], *, most: int, evenly: bool) -> list[Stack]:
    """Divide heaps into bundles, in order; no bundle has pieces of two heaps, since their cloth may differ in shade.

    :param most: pieces in a bundle; :param evenly: equal bundles (garments), or full ones and a rest (a dye bath).
    :raises TooManyBundles:
    """
    count = sum(-(-s.pieces // most) for s in stacks)
    if count > MOST_AT_ONCE:
        raise TooManyBundles(field="/most", count=count, most=MOST_AT_ONCE)
    bundles = []
    for stack in stacks:
        parts = -(-stack.pieces // most)
        whole, rest = divmod(stack.pieces, parts)
        sizes = [whole + (n < rest) for n in range(parts)] if evenly else _filled(stack.pieces, most)
        bundles += [Stack(cell_no=stack.cell_no, pieces=size) for size in sizes]
    return bundles


def _filled(pieces: int, most: int) -> list[int]:
    return [most] * (pieces // most) + ([pieces % most] if pieces % most else [])


def check_character(body: str) -> str:
    """Return the check character of a code (the hybrid system of ISO 7064 over 32 symbols).

    It finds every single wrong character, and nearly every two neighbours exchanged.
    """
    many = len(SYMBOLS)
    product = many
    for symbol in body:
        total = (product + SYMBOLS.index(symbol)) % many or many
        product = total * 2 % (many + 1)
    return SYMBOLS[(many + 1 - product) % many]


def make_code(body: str) -> str:
    """Return a code that can be printed, scanned and typed, e.g. ``K7M3QF-T``."""
    return f"{body}-{check_character(body)}"


def read_code(text: str) -> str:
    """Return a code as it is kept, from what was scanned or typed: with or without the dash, O for 0, I for 1.

    :raises CodeMistyped: it is too long or too short, or its last character does not fit.
    """
    typed = "".join(text.split()).upper()
    symbols = typed.replace("-", "").translate(_READ_AS)
    body = symbols[:-1]
    if len(body) != CODE_LENGTH or not set(symbols) <= set(SYMBOLS) or check_character(body) != symbols[-1]:
        raise CodeMistyped(field="/code", code=typed)
    return make_code(body)
