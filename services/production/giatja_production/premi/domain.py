"""The rules of premi: what work earns under which scheme, how rupiah are shared, and the states of a list.

Every amount is whole rupiah. Where a sum does not divide evenly, *largest remainder* says who gets the
rupiah left over: those whose exact share was cut most, and among equals the one whose id comes first.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown

K = TypeVar("K", bound=Hashable)
SHARES: Final = ("premi", "capital", "pnbp", "other")
ALL: Final = 100


class SchemeUnknown(Unknown):
    """No such scheme at this Lapas."""

    id = "Skema premi ini tidak ditemukan."
    en = "This premi scheme was not found."


class SchemeAlreadyDecided(Conflict):
    """A scheme is decided on once; a change is a new version."""

    id = "Skema ini sudah diputuskan. Perubahan dibuat sebagai versi baru."
    en = "This scheme was decided on already. A change is a new version."


class SchemeNotByProposer(Conflict):
    """Who proposed a scheme does not approve it."""

    id = "Skema harus disetujui oleh orang lain daripada yang mengusulkan."
    en = "A scheme is approved by another person than the one who proposed it."


class SchemeDateTaken(Conflict):
    """The workshop has an approved scheme from that very day."""

    id = "Sudah ada skema yang disetujui mulai {valid_from}. Pilih tanggal lain."
    en = "There is already an approved scheme from {valid_from}. Choose another day."


class SchemeReachesBack(Conflict):
    """What a list has taken was paid by the scheme of its day."""

    id = "Daftar premi sampai {until} sudah dikunci; skema baru paling awal berlaku sehari sesudahnya."
    en = "The premi list up to {until} is locked; a new scheme begins the day after at the earliest."


class StageNotInRoute(Invalid):
    """A rate is given for a stage the workshop does not have."""

    id = "Tahap {stage} tidak ada di rute unit kerja ini."
    en = "The route of this workshop has no stage {stage}."


class WorkshopNotKnown(Invalid):
    """A scheme is of a workshop of this Lapas."""

    id = "Unit kerja ini tidak ditemukan."
    en = "This workshop was not found."


class SchemeForProduct(Invalid):
    """A day of work is not of one product."""

    id = "Skema harian berlaku untuk seluruh unit kerja, bukan untuk satu produk."
    en = "A scheme by the day is for the whole workshop, not for one product."


class SharesNotWhole(Invalid):
    """The shares of a split are all of its base."""

    id = "Bagian-bagian harus berjumlah 100%; di sini {sum}%."
    en = "The shares have to sum to 100%; here they are {sum}%."


class SplitNotWhole(Invalid):
    """Premi, capital, PNBP and other are all of the base, to the rupiah."""

    id = "Premi + modal + PNBP + lainnya harus sama dengan dasar Rp{base}; di sini Rp{sum}."
    en = "Premi + capital + PNBP + other have to equal the base of Rp{base}; here they are Rp{sum}."


class SplitNotKnown(Invalid):
    """No one scheme says how the money of this order is split."""

    id = "Skema pesanan ini tidak menentukan pembagian. Isi premi, modal, PNBP, dan lainnya."
    en = "The scheme of this order does not say how to split. Fill in premi, capital, PNBP and other."


class OrderUnknown(Invalid):
    """Production has no work of such an order."""

    id = "Pesanan ini tidak ditemukan di produksi."
    en = "Production knows no such order."


class OrderNotFound(Unknown):
    """No such order at this Lapas."""

    id = "Pesanan ini tidak ditemukan."
    en = "This order was not found."


class DocumentUsed(Conflict):
    """A document number stands for one payment."""

    id = "Dokumen {document} sudah dipakai untuk penerimaan lain."
    en = "Document {document} was already used for another payment."


class ProceedsUnknown(Unknown):
    """No such payment at this Lapas."""

    id = "Penerimaan ini tidak ditemukan."
    en = "This payment was not found."


class ProceedsAlreadyReversed(Conflict):
    """A payment is taken back once, and what takes it back stays."""

    id = "Penerimaan ini sudah dibatalkan."
    en = "This payment was already taken back."


class ListUnknown(Unknown):
    """No such list at this Lapas."""

    id = "Daftar premi ini tidak ditemukan."
    en = "This premi list was not found."


class ListOpen(Conflict):
    """One list is worked on at a time, so that nothing is in two."""

    id = "Daftar premi {period} belum dikunci. Selesaikan dulu, lalu susun yang berikutnya."
    en = "The premi list of {period} is not locked yet. Finish it before beginning the next."


class ListPeriodPassed(Conflict):
    """A later period, or this one, already has its list; what came after belongs to the next."""

    id = "Bulan {period} sudah ada daftarnya atau sudah terlewati; yang tersisa masuk daftar berikutnya."
    en = "{period} already has its list or was passed; what remains goes into the next list."


class ListPeriodInFuture(Invalid):
    """Nobody has earned anything in a month that has not begun."""

    id = "Bulan {period} belum dimulai."
    en = "{period} has not begun."


class ListNotDraft(Conflict):
    """Only a draft is computed again or proposed."""

    id = "Daftar premi ini sudah tidak berupa konsep."
    en = "This premi list is no longer a draft."


class ListNotProposed(Conflict):
    """Only what is proposed is approved or returned."""

    id = "Daftar premi ini tidak sedang diusulkan."
    en = "This premi list is not proposed."


class ListNotLocked(Conflict):
    """Premi is credited from a locked list."""

    id = "Daftar premi ini belum disetujui dan dikunci."
    en = "This premi list is not approved and locked."


class ListEmpty(Conflict):
    """There is nobody on it."""

    id = "Daftar premi ini kosong; belum ada premi yang dapat dibayarkan."
    en = "This premi list is empty; no premi is payable yet."


class ListNotByProposer(Conflict):
    """Who proposed a list does not approve it."""

    id = "Daftar premi harus disetujui oleh orang lain daripada yang mengusulkan."
    en = "A premi list is approved by another person than the one who proposed it."


class ListNotByRecorder(Conflict):
    """Who recorded the output that is paid does not approve the paying."""

    id = "Anda mencatat hasil kerja dalam daftar ini, jadi bukan Anda yang menyetujuinya."
    en = "You recorded output that is on this list, so it is not you who approves it."


class NobodyToCredit(Conflict):
    """All of them have been credited."""

    id = "Tidak ada lagi yang menunggu dikreditkan di antara yang dipilih."
    en = "Nobody among those chosen waits to be credited."


class AccountUnknown(Unknown):
    """Nobody of that id has a premi card here."""

    id = "Kartu premi warga binaan ini tidak ditemukan."
    en = "There is no premi card of this inmate."


class BalanceTooSmall(Conflict):
    """Nobody withdraws more than there is."""

    id = "Saldo hanya Rp{balance}; tidak cukup untuk Rp{amount}."
    en = "The balance is Rp{balance}; it does not cover Rp{amount}."


class NothingToHandOver(Conflict):
    """No money of this inmate waits to be handed over."""

    id = "Tidak ada premi warga binaan ini yang menunggu diserahkan."
    en = "No premi of this inmate waits to be handed over."


class WithdrawalUnknown(Unknown):
    """No such withdrawal at this Lapas."""

    id = "Penarikan ini tidak ditemukan."
    en = "This withdrawal was not found."


class WithdrawalAlreadyDecided(Conflict):
    """A withdrawal is decided on once."""

    id = "Penarikan ini sudah diputuskan."
    en = "This withdrawal was already decided on."


class WithdrawalNotByRequester(Conflict):
    """Who asked for a withdrawal does not approve it."""

    id = "Penarikan harus disetujui oleh orang lain daripada yang mencatatnya."
    en = "A withdrawal is approved by another person than the one who recorded it."


class WithdrawalNotApproved(Conflict):
    """Only what was approved is paid."""

    id = "Penarikan ini belum disetujui."
    en = "This withdrawal was not approved yet."


class WithdrawalNotByApprover(Conflict):
    """Who asked for a withdrawal or approved it does not pay it."""

    id = "Penarikan harus dibayarkan oleh orang lain daripada yang mencatat dan yang menyetujuinya."
    en = "A withdrawal is paid by another person than those who recorded and approved it."


class CreditNotByApprover(Conflict):
    """Who approved a list does not credit it."""

    id = "Premi harus dikreditkan oleh orang lain daripada yang menyetujui daftarnya."
    en = "Premi is credited by another person than the one who approved the list."


class ProceedsInFuture(Invalid):
    """Money that has not come is not split."""

    id = "Penerimaan tanggal {split_on} belum terjadi."
    en = "A payment of {split_on} has not happened yet."


class PlaceMissing(Invalid):
    """Premi of somebody who was transferred goes to a place that is named."""

    id = "WBP ini dipindahkan. Sebutkan ke mana preminya diserahkan."
    en = "This inmate was transferred. Say where the premi goes."


class PlaceNotNeeded(Invalid):
    """Premi of somebody who was released is handed to that person."""

    id = "WBP ini bebas; preminya diserahkan kepada yang bersangkutan."
    en = "This inmate was released; the premi is handed to that person."


class PlaceUnknown(Invalid):
    """No other Lapas of this deployment has that code."""

    id = "Lapas tujuan {place} tidak ada di sistem ini."
    en = "There is no other Lapas {place} in this system."


class ArrivalUnknown(Unknown):
    """No such premi was sent to this Lapas."""

    id = "Kiriman premi ini tidak ditemukan."
    en = "This transfer of premi was not found."


class ArrivalAlreadyTaken(Conflict):
    """Premi that was sent is taken in once, or taken back before."""

    id = "Kiriman premi ini sudah diterima atau ditarik kembali."
    en = "This transfer of premi was already taken in or taken back."


class ArrivalNotRegistered(Conflict):
    """Premi goes to somebody who is in the register here."""

    id = "WBP ini belum masuk register Lapas ini. Terima orangnya dulu, lalu preminya."
    en = "This inmate is not in the register of this Lapas yet. Take in the person first, then the premi."


# -- sharing


def largest_remainder(total: int, weights: Mapping[K, int]) -> dict[K, int]:
    """Divide a sum by weights, to the last rupiah.

    :param total: rupiah, not negative. :param weights: not negative; whoever weighs nothing gets nothing.
    :return: what each gets; the amounts sum to ``total`` unless nobody weighs anything, then all are 0.
    """
    sum_ = sum(weights.values())
    if sum_ == 0:
        return dict.fromkeys(weights, 0)
    shares = {key: total * weight // sum_ for key, weight in weights.items()}
    left = total - sum(shares.values())
    by_cut = sorted(weights, key=lambda key: (-(total * weights[key] % sum_), key))
    for key in by_cut[:left]:
        shares[key] += 1
    return shares


@lru_cache(maxsize=4096)
def over_stages(amount: int, minutes: tuple[int, ...]) -> tuple[int, ...]:
    """Divide the amount of one finished piece over its stages by their standard minutes.

    Where no stage has any, all stages count alike. The parts sum to the amount.
    """
    weights = dict(enumerate(minutes if any(minutes) else [1] * len(minutes)))
    return tuple(largest_remainder(amount, weights).values())


# -- schemes


@dataclass(frozen=True, kw_only=True)
class PerPiece:
    """Rupiah for each accepted piece at a stage: by a table of stages, or one amount divided over them.

    :param rates: stage key -> rupiah; a stage that is missing earns nothing.
    :param finished: rupiah of one finished piece, divided over the stages by standard minutes.
    """

    method: ClassVar[str] = "per_piece"

    rates: Mapping[str, int] | None = None
    finished: int | None = None


@dataclass(frozen=True, kw_only=True)
class TeamPool:
    """An amount for every ``per`` finished pieces, pooled by order and month and shared by a key.

    :param key: ``equal``, ``hours`` (attended minutes), or ``points`` (accepted standard minutes).
    """

    method: ClassVar[str] = "team_pool"

    amount: int
    per: int
    key: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """Rupiah for each attended day.

    :param grades: competence -> rupiah, for who has it; of several the highest counts.
    """

    method: ClassVar[str] = "day"

    amount: int
    grades: Mapping[str, int] = field(default_factory=dict)

    def rate(self, competences: Iterable[str]) -> int:
        """Return what a day of somebody with these competences earns."""
        return max([self.amount, *(self.grades[c] for c in competences if c in self.grades)])


@dataclass(frozen=True, kw_only=True)
class ShareOfProceeds:
    """A base is split by percentages; its premi is shared by accepted standard minutes.

    :param remainder: the share that gets the rupiah which do not divide.
    :param estimate: the base expected of one finished piece, for showing what accrues before it is paid.
    """

    method: ClassVar[str] = "share_of_proceeds"

    premi: int
    capital: int
    pnbp: int
    other: int
    remainder: str
    estimate: int | None = None

    def __post_init__(self) -> None:
        sum_ = self.premi + self.capital + self.pnbp + self.other
        if sum_ != ALL:
            raise SharesNotWhole(field="/terms/premi", sum=sum_)

    def split(self, base: int) -> "Split":
        """Split a base, to the rupiah."""
        parts = {name: base * getattr(self, name) // ALL for name in SHARES}
        parts[self.remainder] += base - sum(parts.values())
        return Split(base=base, **parts)


Terms = PerPiece | TeamPool | Day | ShareOfProceeds
METHODS: Final[Mapping[str, type[Terms]]] = {c.method: c for c in (PerPiece, TeamPool, Day, ShareOfProceeds)}


def terms_document(terms: Terms) -> dict[str, Any]:
    """Return the JSON form of the terms of a scheme."""
    return {"method": terms.method, **asdict(terms)}


def read_terms(document: Mapping[str, Any]) -> Terms:
    """Read the JSON form of the terms of a scheme."""
    return METHODS[document["method"]](**{k: v for k, v in document.items() if k != "method"})


class SchemeState(StrEnum):
    """Where a version of a scheme stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(kw_only=True, eq=False)
class Scheme:
    """One version of how a workshop pays, from a day on until the next approved version begins.

    :param product_name: when it is for one product only; such a version goes before the workshop's own.
    :param saved_percent: the part of the premi that is put aside as savings until the inmate leaves.
    :param document: the decree or agreement it stands on.
    """

    lapas_id: str
    id: UUID
    workshop_id: UUID
    product_name: str | None
    terms: Terms
    saved_percent: int
    valid_from: date
    document: str
    proposed_by: str
    proposed_at: datetime
    state: SchemeState = SchemeState.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    version: int = 1

    def approve(self, *, by: str, at: datetime, locked_until: date | None, taken: bool, covered: bool) -> None:
        """Let it come into force.

        :param locked_until: the last day of the newest locked list.
        :param taken: whether another approved version begins the same day.
        :param covered: whether an approved scheme already covers its first day. Where none does, work
            that nobody could price is priced by it afterwards.
        :raises SchemeAlreadyDecided, SchemeNotByProposer, SchemeDateTaken, SchemeReachesBack:
        """
        self._must_be_proposed()
        if person(by) == person(self.proposed_by):
            raise SchemeNotByProposer
        if taken:
            raise SchemeDateTaken(valid_from=str(self.valid_from))
        if covered and locked_until is not None and self.valid_from <= locked_until:
            raise SchemeReachesBack(until=str(locked_until))
        self.state, self.decided_by, self.decided_at = SchemeState.APPROVED, by, at

    def refuse(self, *, by: str, at: datetime, reason: str) -> None:
        """Turn it down.

        :raises SchemeAlreadyDecided:
        """
        self._must_be_proposed()
        self.state, self.decided_by, self.decided_at, self.reason = SchemeState.REFUSED, by, at, reason

    def _must_be_proposed(self) -> None:
        if self.state is not SchemeState.PROPOSED:
            raise SchemeAlreadyDecided


def person(actor: str) -> str:
    """Return who an actor is, in whatever role: ``kasi_giatja:7`` and ``kalapas:7`` are one person."""
    return actor.partition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Version:
    """What of an approved scheme is needed to price work."""

    id: UUID
    workshop_id: UUID
    product_name: str | None
    valid_from: date
    saved_percent: int
    terms: Terms


@dataclass(frozen=True)
class Book:
    """All approved schemes of a Lapas."""

    versions: Sequence[Version]

    @property
    def days(self) -> list[date]:
        """The days on which something changes, in order."""
        return sorted({v.valid_from for v in self.versions})

    def in_force(self, workshop_id: UUID, product_name: str | None, day: date) -> Version | None:
        """Return the scheme by which work of a day is paid: the product's own before the workshop's."""
        for name in dict.fromkeys((product_name, None)):
            found = [
                v
                for v in self.versions
                if v.workshop_id == workshop_id and v.product_name == name and v.valid_from <= day
            ]
            if found:
                return max(found, key=lambda v: v.valid_from)
        return None


# -- proceeds


@dataclass(frozen=True, kw_only=True)
class Split:
    """A base and what it was split into, rupiah."""

    base: int
    premi: int
    capital: int
    pnbp: int
    other: int

    def __post_init__(self) -> None:
        sum_ = self.premi + self.capital + self.pnbp + self.other
        if sum_ != self.base:
            raise SplitNotWhole(field="/premi", base=_dotted(self.base), sum=_dotted(sum_))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Split":
        """Read it from a row or a document that has its five amounts."""
        return cls(base=row["base"], **{name: row[name] for name in SHARES})

    def reversed(self) -> "Split":
        """Return what takes it back."""
        return Split(**{name: -value for name, value in asdict(self).items()})


def _dotted(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


# -- what work earns

Holder = tuple[UUID, UUID]
"""Workshop and inmate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """Accepted pieces of one inmate at one stage of a work order, in one month, under one scheme.

    :param pieces: less than nothing never; what was taken back is subtracted already.
    :param stage: what the stage is called. :param minutes: standard minutes of one piece there.
    :param minutes_of_route: of all stages in order; ``stage_no`` counts from 1.
    """

    workshop_id: UUID
    inmate_id: UUID
    stage_no: int
    stage_key: str
    stage: str
    stage_en: str
    minutes: int
    minutes_of_route: tuple[int, ...]
    month: date
    version: Version | None
    pieces: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Did:
    """What a part of a line is made of: pieces at a stage, or days, at a rate.

    :param rate: rupiah for one; nothing where a pool or what an order brings is shared.
    """

    method: str
    stage: str | None
    stage_en: str | None
    count: int
    rate: int | None

    def document(self) -> dict[str, Any]:
        """Return its JSON form."""
        return {
            "method": self.method,
            "stage": self.stage,
            "stage_en": self.stage_en,
            "count": self.count,
            "rate": self.rate,
        }


@dataclass(kw_only=True)
class Claims:
    """What the work of one order claims: rupiah that are fixed, and weights in what it brings.

    :param unpriced: pieces of days without a scheme, of whom.
    """

    fixed: dict[Holder, int] = field(default_factory=dict)
    weights: dict[Holder, int] = field(default_factory=dict)
    pieces: dict[Holder, int] = field(default_factory=dict)
    saved: dict[Holder, tuple[date, int]] = field(default_factory=dict)
    unpriced: dict[UUID, int] = field(default_factory=dict)
    did: dict[Holder, dict[tuple[str, str, str, int | None], int]] = field(default_factory=dict)

    def saved_percent(self, holder: Holder) -> int:
        """Return the part that is put aside: that of the newest scheme the work was done under."""
        return self.saved[holder][1] if holder in self.saved else 0

    def done(self, holder: Holder) -> tuple[Did, ...]:
        """Return what somebody did for it, stage by stage."""
        return tuple(
            Did(method=method, stage=stage, stage_en=stage_en, count=count, rate=rate)
            for (method, stage, stage_en, rate), count in self.did.get(holder, {}).items()
        )


Hours = Mapping[tuple[UUID, date, UUID], int]
"""Attended minutes by workshop, month and inmate."""


def claims_of(works: Iterable[Work], hours: Hours) -> Claims:
    """Return what the work of one order claims."""
    found = Claims()
    pools: dict[tuple[UUID, date, UUID], list[Work]] = {}
    for work in works:
        holder = (work.workshop_id, work.inmate_id)
        found.pieces[holder] = found.pieces.get(holder, 0) + work.pieces
        if work.version is None:
            found.unpriced[work.inmate_id] = found.unpriced.get(work.inmate_id, 0) + work.pieces
            continue
        if holder not in found.saved or found.saved[holder][0] <= work.version.valid_from:
            found.saved[holder] = (work.version.valid_from, work.version.saved_percent)
        rate = piece_rate(work.version.terms, work) if isinstance(work.version.terms, PerPiece) else None
        did, what = found.did.setdefault(holder, {}), (work.version.terms.method, work.stage, work.stage_en, rate)
        did[what] = did.get(what, 0) + work.pieces
        match work.version.terms:
            case PerPiece() as terms:
                found.fixed[holder] = found.fixed.get(holder, 0) + work.pieces * piece_rate(terms, work)
            case TeamPool():
                pools.setdefault((work.version.id, work.month, work.workshop_id), []).append(work)
            case ShareOfProceeds():
                found.weights[holder] = found.weights.get(holder, 0) + work.pieces * work.minutes
    for members in pools.values():
        for holder, amount in _shared_pool(members, hours).items():
            found.fixed[holder] = found.fixed.get(holder, 0) + amount
    if not any(found.weights.values()):
        # No stage has standard minutes: pieces are all that tells their work apart.
        found.weights = {holder: max(found.pieces[holder], 0) for holder in found.weights}
    return found


def piece_rate(terms: PerPiece, work: Work) -> int:
    """Return the rupiah of one piece at the stage of some work."""
    if terms.rates is not None:
        return terms.rates.get(work.stage_key, 0)
    return over_stages(terms.finished or 0, work.minutes_of_route)[work.stage_no - 1]


def _shared_pool(members: Sequence[Work], hours: Hours) -> dict[Holder, int]:
    """Share what the accepted pieces of a team bring; a part of a rupiah at the end of the pool is not paid."""
    terms = members[0].version.terms if members[0].version else None
    assert isinstance(terms, TeamPool)  # noqa: S101 - by construction
    points: dict[Holder, int] = {}
    brought = 0
    for work in members:
        holder = (work.workshop_id, work.inmate_id)
        brought += work.pieces * over_stages(terms.amount, work.minutes_of_route)[work.stage_no - 1]
        points[holder] = points.get(holder, 0) + work.pieces * max(work.minutes, 1)
    weights = team = {holder: weight for holder, weight in points.items() if weight > 0}
    if terms.key == "equal":
        weights = dict.fromkeys(team, 1)
    elif terms.key == "hours":
        attended = {holder: hours.get((holder[0], members[0].month, holder[1]), 0) for holder in team}
        # Nobody was marked as attending: the pieces are the only thing known of their time.
        weights = attended if any(attended.values()) else team
    return largest_remainder(max(brought, 0) // terms.per, weights)


def entitlement(claims: Claims, *, premi: int, partner: bool) -> dict[Holder, int]:
    """Return what each holder may be paid of an order by now.

    Fixed claims go first. What a partner ordered is paid out of what the partner has paid: when that is
    too little, everybody gets the same part of the claim, and the rest with the next payment. Work without
    a partner has nobody to wait for. What is left of the premi goes to those with a share, by weight.

    :param premi: rupiah that the proceeds of this order brought for premi so far.
    """
    fixed = {holder: max(amount, 0) for holder, amount in claims.fixed.items()}
    claimed, came = (sum(fixed.values()) if partner else 0), max(premi, 0)
    if came < claimed:
        paid, left = largest_remainder(came, fixed), 0
    else:
        paid, left = fixed, came - claimed
    shares = largest_remainder(left, {holder: max(weight, 0) for holder, weight in claims.weights.items()})
    return {holder: paid.get(holder, 0) + shares.get(holder, 0) for holder in claims.pieces}


# -- the list

Source = tuple[UUID, UUID, UUID | None, date | None]
"""Inmate, workshop, and either the order or, for days, the month."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Earned:
    """What came of one source until a day, or what lists have taken of it.

    :param pieces: accepted pieces. :param days: attended days. :param amount: rupiah.
    :param saved_percent: the part that is put aside. :param did: how it came to that.
    """

    pieces: int = 0
    days: int = 0
    amount: int = 0
    saved_percent: int = 0
    did: tuple[Did, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one source brings to an inmate's line; negative where more was taken before than is due now.

    :param before: what earlier lists took of the source. :param did: all that was done for it until now.
    """

    workshop_id: UUID
    order_id: UUID | None
    month: date | None
    pieces: int
    days: int
    amount: int
    before: int
    did: tuple[Did, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One inmate on a list, rupiah.

    :param earned: the sum of the parts. :param carried_in: what earlier lists paid too much (0 or less).
    :param gross: what is paid now, never less than 0. :param carried_out: what is still too much after it.
    """

    inmate_id: UUID
    workshop_id: UUID
    pieces: int
    days: int
    earned: int
    carried_in: int
    gross: int
    saved: int
    received: int
    carried_out: int
    parts: tuple[Part, ...]


_NOTHING: Final = Earned()


def compose(
    entitled: Mapping[Source, Earned], taken: Mapping[Source, Earned], carried: Mapping[UUID, int]
) -> list[Line]:
    """Return the lines of a list: what each source has brought until now, less what lists have taken of it.

    So everything is on one list once, whatever happens in between: a reversal after a list was locked makes
    its source smaller, and the difference stands on the next list as a correction.

    :param taken: the sums of all other lists. :param carried: what other lists paid too much, by inmate.
    """
    parts: dict[UUID, list[tuple[Part, int]]] = {}
    # In one order whatever the order they were read in, so that working a draft out again changes nothing.
    for source in sorted({*entitled, *taken}, key=_place):
        now, before = entitled.get(source, _NOTHING), taken.get(source, _NOTHING)
        inmate_id, workshop_id, order_id, month = source
        part = Part(
            workshop_id=workshop_id,
            order_id=order_id,
            month=month,
            pieces=now.pieces - before.pieces,
            days=now.days - before.days,
            amount=now.amount - before.amount,
            before=before.amount,
            did=now.did,
        )
        if part.amount:
            parts.setdefault(inmate_id, []).append((part, now.saved_percent))
    return [
        _line(inmate_id, found, carried.get(inmate_id, 0))
        for inmate_id, found in sorted(parts.items(), key=lambda item: item[0])
    ]


def _place(source: Source) -> tuple[int, int, int]:
    _, workshop_id, order_id, month = source
    return (order_id.int if order_id else 0, month.toordinal() if month else 0, workshop_id.int)


def _line(inmate_id: UUID, found: Sequence[tuple[Part, int]], carried_in: int) -> Line:
    parts = [part for part, _ in found]
    earned = sum(p.amount for p in parts)
    gross = max(earned + carried_in, 0)
    saved = min(gross, sum(max(part.amount, 0) * percent // ALL for part, percent in found))
    by_workshop: dict[UUID, int] = {}
    for part in parts:
        by_workshop[part.workshop_id] = by_workshop.get(part.workshop_id, 0) + part.amount
    return Line(
        inmate_id=inmate_id,
        workshop_id=max(by_workshop, key=lambda workshop_id: (by_workshop[workshop_id], workshop_id)),
        pieces=sum(p.pieces for p in parts),
        days=sum(p.days for p in parts),
        earned=earned,
        carried_in=carried_in,
        gross=gross,
        saved=saved,
        received=gross - saved,
        carried_out=min(earned + carried_in, 0),
        parts=tuple(parts),
    )


class ListState(StrEnum):
    """Where a list stands: worked out, looked at, proposed, approved and locked, credited."""

    COMPUTING = "computing"
    DRAFT = "draft"
    PROPOSED = "proposed"
    LOCKED = "locked"
    CREDITED = "credited"


@dataclass(kw_only=True, eq=False)
class PremiList:
    """The daftar premi of a Lapas for a month.

    :param period: the first day of the month; ``until`` its last.
    """

    lapas_id: str
    id: UUID
    period: date
    until: date
    requested_by: str
    requested_at: datetime
    state: ListState = ListState.COMPUTING
    computed_at: datetime | None = None
    people: int = 0
    gross: int = 0
    saved: int = 0
    received: int = 0
    unpriced_pieces: int = 0
    unpriced_people: int = 0
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    returned_reason: str | None = None
    credited_at: datetime | None = None
    version: int = 1

    def compute_again(self, *, by: str, at: datetime) -> None:
        """Have a draft worked out anew.

        :raises ListNotDraft:
        """
        self._must_be(ListState.DRAFT, ListNotDraft)
        self.state, self.requested_by, self.requested_at = ListState.COMPUTING, by, at

    def computed(self, lines: Sequence[Line], *, unpriced: Mapping[UUID, int], at: datetime) -> None:
        """Take over what was worked out.

        :raises ListNotDraft: somebody else did it meanwhile.
        """
        self._must_be(ListState.COMPUTING, ListNotDraft)
        self.state, self.computed_at = ListState.DRAFT, at
        self.people = sum(line.gross > 0 for line in lines)
        self.gross = sum(line.gross for line in lines)
        self.saved = sum(line.saved for line in lines)
        self.received = sum(line.received for line in lines)
        self.unpriced_pieces, self.unpriced_people = sum(unpriced.values()), len(unpriced)

    def must_be_disposable(self) -> None:
        """Let pass a draft that may be thrown away; nobody but who made it has relied on it.

        :raises ListNotDraft:
        """
        if self.state not in (ListState.COMPUTING, ListState.DRAFT):
            raise ListNotDraft

    def propose(self, *, lines: int, by: str, at: datetime) -> None:
        """Put it before the head of the Lapas; one of corrections only too.

        :raises ListNotDraft, ListEmpty:
        """
        self._must_be(ListState.DRAFT, ListNotDraft)
        if not lines:
            raise ListEmpty
        self.state, self.proposed_by, self.proposed_at, self.returned_reason = ListState.PROPOSED, by, at, None

    def give_back(self, *, reason: str) -> None:
        """Return it to be looked at again.

        :raises ListNotProposed:
        """
        self._must_be(ListState.PROPOSED, ListNotProposed)
        self.state, self.proposed_by, self.proposed_at, self.returned_reason = ListState.DRAFT, None, None, reason

    def approve(self, *, by: str, at: datetime, recorded: bool) -> None:
        """Approve and lock it: from now on a correction is a line of a later list.

        :param recorded: whether who approves recorded any of the output that is paid.
        :raises ListNotProposed, ListNotByProposer, ListNotByRecorder:
        """
        self._must_be(ListState.PROPOSED, ListNotProposed)
        if self.proposed_by is None or person(by) == person(self.proposed_by):
            raise ListNotByProposer
        if recorded:
            raise ListNotByRecorder
        self.state, self.approved_by, self.approved_at = ListState.LOCKED, by, at
        # Where nobody gets anything, since all of it is corrections, nothing is left to credit.
        self.credited(left=self.people, at=at)

    def must_be_creditable(self, *, by: str) -> None:
        """Let pass a list whose premi may be credited, by somebody else than who approved it.

        :raises ListNotLocked, CreditNotByApprover:
        """
        if self.state not in (ListState.LOCKED, ListState.CREDITED):
            raise ListNotLocked
        if person(by) == person(self.approved_by or ""):
            raise CreditNotByApprover

    def credited(self, *, left: int, at: datetime) -> None:
        """Close it when nobody on it waits any more."""
        if not left:
            self.state, self.credited_at = ListState.CREDITED, at

    def _must_be(self, state: ListState, otherwise: type[Conflict]) -> None:
        if self.state is not state:
            raise otherwise


# -- the ledger


class Account(StrEnum):
    """Where an inmate's premi stands. What is locked is payable; credited it has a place; then it leaves."""

    PAYABLE = "payable"
    BANK_BOOK = "bank_book"
    CARD = "card"
    CUSTODY = "custody"
    SAVINGS = "savings"
    HANDOVER = "handover"


FUND: Final = "fund"
"""Where premi comes from: the only account that goes below nothing, by what was ever locked."""
PAID_OUT: Final = "paid_out"
MOVED_OUT: Final = "moved_out"
MOVED_IN: Final = "moved_in"
WAYS: Final = (Account.BANK_BOOK, Account.CARD, Account.CUSTODY)
"""How premi is credited; cash is none of them."""
RESTING: Final = (*WAYS, Account.SAVINGS)
"""What waits to be handed over once the inmate leaves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """One entry of the ledger of an inmate: what goes from which account to which, summing to nothing.

    :param kind: ``list``, ``credit``, ``withdrawal``, ``leaving``, ``handover``, ``recall``, ``arrival``
        or ``return``.
    :param document: the paper it stands on, besides its own number.
    :param place: the code of the Lapas of this deployment that it goes to, or came from.
    """

    inmate_id: UUID
    kind: str
    postings: Mapping[str, int]
    document: str = ""
    note: str = ""
    list_id: UUID | None = None
    withdrawal_id: UUID | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        if sum(self.postings.values()):
            raise ValueError(f"does not balance: {dict(self.postings)}")


def lock(inmate_id: UUID, *, gross: int, list_id: UUID, note: str) -> Movement:
    """Owe an inmate what an approved list says."""
    postings = {FUND: -gross, Account.PAYABLE.value: gross}
    return Movement(inmate_id=inmate_id, kind="list", postings=postings, list_id=list_id, note=note)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """An inmate of a locked list who waits to be credited."""

    inmate_id: UUID
    saved: int
    received: int
    left: bool


def credit(due: Due, *, way: Account, document: str, list_id: UUID, note: str) -> Movement:
    """Give premi its place; of somebody who has left it waits to be handed over."""
    to = {way.value: due.received, Account.SAVINGS.value: due.saved}
    if due.left:
        to = {Account.HANDOVER.value: due.received + due.saved}
    postings = {Account.PAYABLE.value: -(due.received + due.saved), **{k: v for k, v in to.items() if v}}
    return Movement(
        inmate_id=due.inmate_id, kind="credit", postings=postings, document=document, list_id=list_id, note=note
    )


def leave(inmate_id: UUID, balances: Mapping[str, int], *, reason: str) -> Movement | None:
    """Gather what somebody who leaves has, to be handed over; nothing where there is nothing."""
    resting = {a.value: -balances[a.value] for a in RESTING if balances.get(a.value)}
    if not resting:
        return None
    postings = {**resting, Account.HANDOVER.value: -sum(resting.values())}
    return Movement(inmate_id=inmate_id, kind="leaving", postings=postings, note=reason)


def come_back(inmate_id: UUID, waiting: int) -> Movement | None:
    """Put what waited to be handed over into custody again, since its owner is back; nothing where there is nothing."""
    if waiting <= 0:
        return None
    postings = {Account.HANDOVER.value: -waiting, Account.CUSTODY.value: waiting}
    return Movement(inmate_id=inmate_id, kind="return", postings=postings)


def hand_over(inmate_id: UUID, waiting: int, *, reason: str, document: str, note: str, place: str | None) -> Movement:
    """Hand over to the inmate at release, or to the other prison at a transfer.

    :param note: where it goes, in words. :param place: the Lapas of this deployment, if it is one.
    :raises NothingToHandOver, PlaceMissing, PlaceNotNeeded:
    """
    if waiting <= 0:
        raise NothingToHandOver
    if reason == "transfer" and not note:
        raise PlaceMissing(field="/to_place")
    if reason != "transfer" and note:
        raise PlaceNotNeeded(field="/to_place")
    to = MOVED_OUT if reason == "transfer" else PAID_OUT
    postings = {Account.HANDOVER.value: -waiting, to: waiting}
    return Movement(
        inmate_id=inmate_id, kind="handover", postings=postings, document=document, note=note or reason, place=place
    )


def recall(inmate_id: UUID, amount: int, *, reason: str, document: str, place: str) -> Movement:
    """Take back what was sent to another Lapas and not taken in there."""
    postings = {MOVED_OUT: -amount, Account.HANDOVER.value: amount}
    return Movement(inmate_id=inmate_id, kind="recall", postings=postings, document=document, note=reason, place=place)


def arrive(inmate_id: UUID, amount: int, *, way: Account, left: bool, document: str, origin: str) -> Movement:
    """Open the account of somebody whose premi came from another Lapas; who has gone on has it handed over."""
    to = Account.HANDOVER if left else way
    return Movement(
        inmate_id=inmate_id,
        kind="arrival",
        postings={MOVED_IN: -amount, to.value: amount},
        document=document,
        note=origin,
        place=origin,
    )


class WithdrawalState(StrEnum):
    """Where a withdrawal stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PAID = "paid"
    REFUSED = "refused"


LEFT: Final = "left"
"""Why a withdrawal that was open is refused when its inmate leaves: all there is will be handed over."""


@dataclass(kw_only=True, eq=False)
class Withdrawal:
    """What an inmate takes out of an account, for a purpose; three persons see to it.

    :param document: the receipt that the inmate signed.
    """

    lapas_id: str
    id: UUID
    inmate_id: UUID
    account: Account
    amount: int
    purpose: str
    requested_by: str
    requested_at: datetime
    state: WithdrawalState = WithdrawalState.REQUESTED
    approved_by: str | None = None
    approved_at: datetime | None = None
    paid_by: str | None = None
    paid_at: datetime | None = None
    document: str | None = None
    refused_by: str | None = None
    refused_at: datetime | None = None
    reason: str | None = None
    version: int = 1

    def approve(self, *, balance: int, by: str, at: datetime) -> None:
        """Allow it to be paid.

        :param balance: of the account, less what else was approved of it.
        :raises WithdrawalAlreadyDecided, WithdrawalNotByRequester, BalanceTooSmall:
        """
        if self.state is not WithdrawalState.REQUESTED:
            raise WithdrawalAlreadyDecided
        if person(by) == person(self.requested_by):
            raise WithdrawalNotByRequester
        must_cover(balance, self.amount)
        self.state, self.approved_by, self.approved_at = WithdrawalState.APPROVED, by, at

    def pay(self, *, balance: int, document: str, by: str, at: datetime) -> Movement:
        """Pay it; return the movement.

        :param balance: of the account, which is locked.
        :raises WithdrawalAlreadyDecided, WithdrawalNotApproved, WithdrawalNotByApprover, BalanceTooSmall:
        """
        if self.state is WithdrawalState.REQUESTED:
            raise WithdrawalNotApproved
        if self.state is not WithdrawalState.APPROVED:
            raise WithdrawalAlreadyDecided
        if person(by) in (person(self.requested_by), person(self.approved_by or "")):
            raise WithdrawalNotByApprover
        must_cover(balance, self.amount)
        self.state, self.paid_by, self.paid_at, self.document = WithdrawalState.PAID, by, at, document
        return Movement(
            inmate_id=self.inmate_id,
            kind="withdrawal",
            postings={self.account.value: -self.amount, PAID_OUT: self.amount},
            document=document,
            note=self.purpose,
            withdrawal_id=self.id,
        )

    def refuse(self, *, by: str, at: datetime, reason: str) -> None:
        """Turn it down, also after it was approved.

        :raises WithdrawalAlreadyDecided:
        """
        if self.state not in (WithdrawalState.REQUESTED, WithdrawalState.APPROVED):
            raise WithdrawalAlreadyDecided
        self.state, self.refused_by, self.refused_at, self.reason = WithdrawalState.REFUSED, by, at, reason


def must_cover(balance: int, amount: int) -> None:
    """Let pass an amount that an account can bear.

    :raises BalanceTooSmall:
    """
    if balance < amount:
        raise BalanceTooSmall(field="/amount", balance=_dotted(balance), amount=_dotted(amount))


class ArrivalState(StrEnum):
    """Where premi that another Lapas sent stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    RECALLED = "recalled"


@dataclass(kw_only=True, eq=False)
class Arrival:
    """Premi that followed somebody from another Lapas of this deployment; its id is that of the entry there.

    :param document: of those who sent it. :param receipt: of those who took it in.
    """

    lapas_id: str
    id: UUID
    inmate_id: UUID
    from_lapas: str
    from_name: str
    amount: int
    document: str
    sent_at: datetime
    sent_by: str
    state: ArrivalState = ArrivalState.WAITING
    receipt: str | None = None
    settled_by: str | None = None
    settled_at: datetime | None = None
    version: int = 1

    def accept(self, *, way: Account, left: bool, receipt: str, by: str, at: datetime) -> Movement:
        """Take it in; return the movement that opens the account here.

        :raises ArrivalAlreadyTaken:
        """
        self._settle(ArrivalState.ACCEPTED, by=by, at=at)
        self.receipt = receipt
        return arrive(
            self.inmate_id,
            self.amount,
            way=way,
            left=left,
            document=f"{self.document} · {receipt}",
            origin=self.from_lapas,
        )

    def recall(self, *, by: str, at: datetime) -> None:
        """Give it back to those who sent it.

        :raises ArrivalAlreadyTaken:
        """
        self._settle(ArrivalState.RECALLED, by=by, at=at)

    def _settle(self, state: ArrivalState, *, by: str, at: datetime) -> None:
        if self.state is not ArrivalState.WAITING:
            raise ArrivalAlreadyTaken
        self.state, self.settled_by, self.settled_at = state, by, at
