"""Officers in turns and the rules about them: whose turn it is, who may stand where, when a shift may close.

The queue is one for the whole Lapas: the turn goes to whoever had theirs longest ago, of those who
can stand there. So of people who are always there nobody gets more than one turn ahead of another,
and who comes back from leave is next once, without having to make up for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import pstdev
from typing import Any, Final
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown
from giatja_production.output.domain import Shift

GRADES: Final = tuple(
    f"{group}/{letter}" for group, letters in (("I", "abcd"), ("II", "abcd"), ("III", "abcd"), ("IV", "abcde"))
    for letter in letters
)  # fmt: skip
LONGEST_DAYS: Final = 62
COVER_DAYS: Final = 7
LOG_DAYS: Final = 7
_SHIFTS: Final = tuple(Shift)


class OfficerUnknown(Unknown):
    """No such officer at this Lapas."""

    id = "Petugas ini tidak ditemukan."
    en = "This officer was not found."


class OfficerNotHere(Invalid):
    """The officer who is named does not belong to this Lapas."""

    id = "Petugas ini bukan petugas Lapas ini."
    en = "This is not an officer of this Lapas."


class OfficerEnteredAlready(Conflict):
    """The account belongs to an officer already."""

    id = "Akun ini sudah terdaftar sebagai petugas piket."
    en = "This account is on the list of officers already."


class LeaveUnknown(Unknown):
    """No such leave at this Lapas."""

    id = "Cuti ini tidak ditemukan."
    en = "This leave was not found."


class LeaveAlreadyWithdrawn(Conflict):
    """It was taken back before."""

    id = "Cuti ini sudah dibatalkan."
    en = "This leave was withdrawn already."


class LeaveEndsBeforeItStarts(Invalid):
    """The last day lies before the first."""

    id = "Hari terakhir mendahului hari pertama."
    en = "The last day is before the first."


class LeaveOnDuty(Conflict):
    """Published turns lie in the leave; they have to be given to others first."""

    id = "Ia bertugas pada {days}. Alihkan giliran itu dahulu."
    en = "They are on duty on {days}. Give those turns to others first."


class PostUnknown(Unknown):
    """No such post at this Lapas."""

    id = "Pos piket ini tidak ditemukan."
    en = "This post was not found."


class PostTaken(Conflict):
    """There is a post for that workshop and shift."""

    id = "Sudah ada pos piket untuk unit kerja dan shift ini."
    en = "There is a post for this workshop and shift already."


class TurnUnknown(Unknown):
    """No such turn at this Lapas."""

    id = "Giliran piket ini tidak ditemukan."
    en = "This turn was not found."


class TurnHasPassed(Conflict):
    """What is over is not changed by hand any more."""

    id = "Giliran {work_date} sudah lewat; catat sebagai pengganti bila orang lain yang bertugas."
    en = "The turn of {work_date} is over; record a stand-in if somebody else was on duty."


class TurnNotForCover(Conflict):
    """A stand-in is recorded for a published turn of the last days, today or to come."""

    id = "Pengganti dicatat untuk giliran yang sudah terbit, paling lambat {days} hari sesudahnya."
    en = "A stand-in is recorded for a published turn, {days} days after it at the latest."


class TurnUnchanged(Invalid):
    """It is theirs already."""

    id = "Giliran ini memang miliknya."
    en = "The turn is theirs already."


class OfficerInactive(Conflict):
    """They are not rostered any more."""

    id = "{name} tidak lagi ikut piket."
    en = "{name} is not on the roster any more."


class OfficerOnLeave(Conflict):
    """They are on leave that day."""

    id = "{name} cuti pada {work_date}."
    en = "{name} is on leave on {work_date}."


class OfficerRankTooLow(Conflict):
    """The place asks for a higher rank."""

    id = "Pos ini meminta golongan {grade} ke atas; {name} bergolongan {own}."
    en = "This place asks for rank {grade} or above; {name} has {own}."


class OfficerOnDutyThatDay(Conflict):
    """Nobody stands two shifts on a day."""

    id = "{name} sudah bertugas pada {work_date}."
    en = "{name} is on duty on {work_date} already."


class OfficerResting(Conflict):
    """The day after a night on duty is for rest."""

    id = "{name} berjaga malam; hari sesudahnya untuk istirahat."
    en = "{name} has a night on duty; the day after it is for rest."


class PeriodMalformed(Invalid):
    """A roster covers some days, two months at the most."""

    id = "Pilih jangka 1 sampai {longest} hari."
    en = "Choose from 1 to {longest} days."


class NothingToPublish(Conflict):
    """There is no proposed turn in these days."""

    id = "Tidak ada usulan giliran untuk diterbitkan pada tanggal ini."
    en = "There is no proposed turn to publish in these days."


class SwapUnknown(Unknown):
    """No such swap at this Lapas."""

    id = "Permintaan tukar ini tidak ditemukan."
    en = "This swap was not found."


class SwapNotPossible(Invalid):
    """Two different officers swap two turns that are still to come."""

    id = "Tukar giliran: dua giliran mendatang milik dua petugas yang berbeda."
    en = "A swap is of two turns to come, of two different officers."


class SwapAskedAlready(Conflict):
    """One swap at a time is asked for a turn."""

    id = "Giliran ini sudah diminta untuk ditukar."
    en = "A swap of this turn was asked for already."


class SwapAlreadyDecided(Conflict):
    """Somebody said yes or no to it before."""

    id = "Permintaan tukar ini sudah diputuskan."
    en = "This swap was decided already."


class SwapOvertaken(Conflict):
    """The turns belong to others by now."""

    id = "Giliran ini sudah berpindah sejak tukar diminta."
    en = "These turns have changed hands since the swap was asked for."


class NotYourTurn(NotAllowed):
    """An officer speaks for their own turns; the Kasi for all."""

    id = "Ini giliran petugas lain; Kasi yang memutuskan."
    en = "This is somebody else's turn; the Kasi decides."


class ShiftLogUnknown(Unknown):
    """No such shift log at this Lapas."""

    id = "Jurnal shift ini tidak ditemukan."
    en = "This shift log was not found."


class ShiftLogBegunAlready(Conflict):
    """Somebody began the log of that shift."""

    id = "Jurnal shift ini sudah dibuka."
    en = "The log of this shift was begun already."


class ShiftLogAlreadyClosed(Conflict):
    """A closed log is not changed; what is to be added is added below it."""

    id = "Jurnal ini sudah ditutup pada {closed_at}; tulis catatan tambahan."
    en = "This log was closed at {closed_at}; write an addendum."


class ShiftLogStillOpen(Conflict):
    """What is open is changed itself."""

    id = "Jurnal ini masih terbuka; ubah isinya langsung."
    en = "This log is still open; change it itself."


class ShiftDayNotNear(Invalid):
    """A shift is logged on its day or in the week after."""

    id = "Jurnal ditulis untuk hari ini atau paling lama {days} hari ke belakang."
    en = "A log is written for today or up to {days} days back."


class HeadcountUnexplained(Invalid):
    """Fewer or more people than there should be, and not a word about it."""

    id = "Jumlah orang berbeda (mulai {start}, selesai {end}, absensi {present}); tulis sebabnya."
    en = "The headcounts differ (start {start}, end {end}, attendance {present}); write why."


class ToolsDiffer(Conflict):
    """The tools counted are not the tools there should be."""

    id = "Alat yang dihitung {counted}, seharusnya {expected}. Cari, atau laporkan yang hilang."
    en = "{counted} tools were counted, there should be {expected}. Find them, or report what is missing."


def rank_of(grade: str) -> int:
    """Return a grade as a number that can be compared, 1 for I/a.

    :raises ValueError: there is no such grade.
    """
    return GRADES.index(grade) + 1


def grade_of(rank: int | None) -> str | None:
    """Return a rank as it is written."""
    return GRADES[rank - 1] if rank is not None else None


def must_be_period(first: date, last: date) -> None:
    """Let pass a period that a roster may cover.

    :raises PeriodMalformed:
    """
    if not 1 <= (last - first).days + 1 <= LONGEST_DAYS:
        raise PeriodMalformed(field="/last", longest=LONGEST_DAYS)


class Bar(StrEnum):
    """Why somebody cannot stand at a place."""

    INACTIVE = "inactive"
    LEAVE = "leave"
    RANK = "rank"
    SAME_DAY = "same_day"
    REST = "rest"


LATER: Final = "later"
"""Not barred, but had a turn more recently than the one who was chosen."""


@dataclass(kw_only=True, eq=False)
class Officer:
    """Somebody who takes turns; the name is a staff member's.

    :param person_id: the account they sign in with, where they have one.
    :param rank: the place of their grade in :data:`GRADES`, from 1.
    """

    lapas_id: str
    id: UUID
    person_id: UUID | None
    name: str
    rank: int
    active: bool = True
    version: int = 1

    def change(self, *, name: str, rank: int, active: bool, person_id: UUID | None) -> None:
        """Take over a new name, rank or account, or leave the roster."""
        self.name, self.rank, self.active, self.person_id = name, rank, active, person_id


@dataclass(kw_only=True, eq=False)
class Post:
    """How many officers a workshop needs in a shift, and of which rank.

    :param lowest_rank: everybody has at least this; :param senior_rank: one of them has at least this.
    """

    lapas_id: str
    id: UUID
    workshop_id: UUID
    shift: str
    weekdays: list[int]
    officers: int
    lowest_rank: int | None
    senior_rank: int | None
    active: bool = True
    version: int = 1

    def change(
        self,
        *,
        weekdays: Sequence[int],
        officers: int,
        lowest_rank: int | None,
        senior_rank: int | None,
        active: bool,
    ) -> None:
        """Take over how many are needed from now on; what is on the roster stays."""
        self.weekdays, self.officers, self.active = sorted(set(weekdays)), officers, active
        self.lowest_rank, self.senior_rank = lowest_rank, senior_rank

    def slots(self, day: date) -> "list[Slot]":
        """Return the places to fill on a day; the first one is the senior's."""
        if not self.active or day.isoweekday() not in self.weekdays:
            return []
        return [
            Slot(
                work_date=day,
                shift=Shift(self.shift),
                workshop_id=self.workshop_id,
                place=place,
                lowest_rank=max(self.lowest_rank or 0, (self.senior_rank or 0) if place == 1 else 0) or None,
            )
            for place in range(1, self.officers + 1)
        ]


Moment = tuple[date, int, str, int]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place to be filled: a shift of a workshop on a day."""

    work_date: date
    shift: Shift
    workshop_id: UUID
    place: int
    lowest_rank: int | None

    @property
    def moment(self) -> Moment:
        """Its place in the sequence of all turns, so that two turns of a day are not equally long ago."""
        return (self.work_date, _SHIFTS.index(self.shift), str(self.workshop_id), self.place)


@dataclass(frozen=True, kw_only=True)
class Had:
    """A turn somebody had or has, as far as fairness goes."""

    officer_id: UUID
    slot: Slot


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An officer as proposing needs to know one."""

    id: UUID
    rank: int
    active: bool = True
    leave: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Who gets a place, and why: ``why`` can be kept as JSON."""

    slot: Slot
    officer_id: UUID | None
    why: Mapping[str, Any]


@dataclass(kw_only=True)
class Diary:
    """The turns of everybody, asked by officer and day."""

    turns: dict[UUID, dict[date, list[Slot]]] = field(default_factory=dict)

    @classmethod
    def of(cls, turns: Sequence[Had]) -> "Diary":
        """Make it of turns."""
        diary = cls()
        for had in turns:
            diary.add(had.officer_id, had.slot)
        return diary

    def add(self, officer_id: UUID, slot: Slot) -> None:
        """Write down one more."""
        self.turns.setdefault(officer_id, {}).setdefault(slot.work_date, []).append(slot)

    def on(self, officer_id: UUID, day: date) -> Sequence[Slot]:
        """Return the turns of somebody on a day."""
        return self.turns.get(officer_id, {}).get(day, ())

    def last_before(self, officer_id: UUID, moment: Moment) -> Moment | None:
        """Return when somebody had their turn last before a moment."""
        moments = [s.moment for slots in self.turns.get(officer_id, {}).values() for s in slots if s.moment < moment]
        return max(moments, default=None)

    def in_month_before(self, officer_id: UUID, moment: Moment) -> int:
        """Return how many turns of the moment's month lie before it."""
        first = moment[0].replace(day=1)
        turns = self.turns.get(officer_id, {}).values()
        return sum(s.work_date >= first and s.moment < moment for slots in turns for s in slots)


def barred(candidate: Candidate, slot: Slot, diary: Diary) -> Bar | None:
    """Return why somebody cannot stand at a place, or nothing."""
    if not candidate.active:
        return Bar.INACTIVE
    if any(first <= slot.work_date <= last for first, last in candidate.leave):
        return Bar.LEAVE
    if slot.lowest_rank is not None and candidate.rank < slot.lowest_rank:
        return Bar.RANK
    if diary.on(candidate.id, slot.work_date):
        return Bar.SAME_DAY
    night_before = any(s.shift is Shift.NIGHT for s in diary.on(candidate.id, slot.work_date - timedelta(days=1)))
    day_after = slot.shift is Shift.NIGHT and diary.on(candidate.id, slot.work_date + timedelta(days=1))
    return Bar.REST if night_before or day_after else None


def propose(slots: Sequence[Slot], officers: Sequence[Candidate], turns: Sequence[Had]) -> list[Choice]:
    """Fill places, each with whoever had a turn longest ago of those who can stand there.

    The same question always has the same answer: who never had a turn comes first, in the sequence in
    which they were entered (ids grow), and no two turns are equally long ago.

    :param turns: what is settled: the past, and what was published or set by hand.
    """
    diary = Diary.of(turns)
    known = sorted(officers, key=lambda o: o.id)
    choices = []
    for slot in sorted(slots, key=lambda s: s.moment):
        last = {o.id: diary.last_before(o.id, slot.moment) for o in known}
        # Never is before everything.
        queue = sorted(known, key=lambda o: (last[o.id] is not None, last[o.id] or (), o.id))
        bars = {o.id: barred(o, slot, diary) for o in queue}
        chosen = next((o for o in queue if bars[o.id] is None), None)
        choices.append(
            Choice(
                slot=slot, officer_id=chosen.id if chosen else None, why=_why(slot, queue, chosen, bars, last, diary)
            )
        )
        if chosen:
            diary.add(chosen.id, slot)
    return choices


def _why(
    slot: Slot,
    queue: Sequence[Candidate],
    chosen: Candidate | None,
    bars: Mapping[UUID, Bar | None],
    last: Mapping[UUID, Moment | None],
    diary: Diary,
) -> dict[str, Any]:
    def standing(officer: Candidate) -> dict[str, Any]:
        had = last[officer.id]
        return {
            "last": had[0].isoformat() if had else None,
            "turns": diary.in_month_before(officer.id, slot.moment),
        }

    return {
        **(standing(chosen) if chosen else {}),
        "able": sum(bar is None for bar in bars.values()),
        "others": [
            {"officer_id": str(o.id), "because": str(bars[o.id] or LATER), **standing(o)}
            for o in queue
            if o is not chosen and bars[o.id] is not Bar.INACTIVE
        ],
    }


@dataclass(kw_only=True, eq=False)
class Turn:
    """One place of the roster, filled or not.

    :param stands_in_for: whose turn it was, where somebody stood in; it counts for who did it.
    """

    lapas_id: str
    id: UUID
    workshop_id: UUID
    work_date: date
    shift: str
    place: int
    lowest_rank: int | None
    officer_id: UUID | None
    stands_in_for: UUID | None = None
    state: str = "proposed"
    by_hand: bool = False
    why: dict[str, Any] = field(default_factory=dict)
    published_at: datetime | None = None
    published_by: str | None = None
    version: int = 1

    @property
    def slot(self) -> Slot:
        """The place it fills."""
        return Slot(
            work_date=self.work_date,
            shift=Shift(self.shift),
            workshop_id=self.workshop_id,
            place=self.place,
            lowest_rank=self.lowest_rank,
        )

    def assign(self, officer_id: UUID | None, *, today: date) -> None:
        """Give it to somebody, or to nobody.

        :raises TurnHasPassed, TurnUnchanged:
        """
        if self.work_date < today:
            raise TurnHasPassed(work_date=str(self.work_date))
        if officer_id == self.officer_id:
            raise TurnUnchanged(field="/officer_id")
        self.officer_id, self.stands_in_for, self.by_hand = officer_id, None, True

    def cover(self, officer_id: UUID, *, today: date) -> None:
        """Know that somebody else stands there; whose turn it was stays written.

        :raises TurnNotForCover, TurnUnchanged:
        """
        if self.state != "published" or (today - self.work_date).days > COVER_DAYS:
            raise TurnNotForCover(days=COVER_DAYS)
        if officer_id == self.officer_id:
            raise TurnUnchanged(field="/officer_id")
        owner = self.stands_in_for or self.officer_id
        self.officer_id, self.stands_in_for = officer_id, None if owner == officer_id else owner
        self.by_hand = True


_BARRED: Final[Mapping[Bar, Callable[..., Conflict]]] = {
    Bar.INACTIVE: OfficerInactive,
    Bar.LEAVE: OfficerOnLeave,
    Bar.RANK: OfficerRankTooLow,
    Bar.SAME_DAY: OfficerOnDutyThatDay,
    Bar.REST: OfficerResting,
}


def must_be_able(officer: Officer, leave: Sequence[tuple[date, date]], slot: Slot, diary: Diary) -> None:
    """Let pass somebody who can stand at a place.

    :raises OfficerInactive, OfficerOnLeave, OfficerRankTooLow, OfficerOnDutyThatDay, OfficerResting:
    """
    candidate = Candidate(id=officer.id, rank=officer.rank, active=officer.active, leave=tuple(leave))
    bar = barred(candidate, slot, diary)
    if bar is not None:
        raise _BARRED[bar](
            field="/officer_id",
            name=officer.name,
            work_date=str(slot.work_date),
            grade=grade_of(slot.lowest_rank),
            own=grade_of(officer.rank),
        )


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How evenly turns fell: over those who were there the whole time.

    :param spread: the most turns of anybody less the fewest; :param deviation: the standard deviation.
    """

    officers: int
    most: int
    fewest: int
    spread: int
    deviation: float


def fairness(turns: Sequence[int]) -> Fairness:
    """Return how evenly turns fell on people who were all there."""
    most, fewest = max(turns, default=0), min(turns, default=0)
    return Fairness(
        officers=len(turns),
        most=most,
        fewest=fewest,
        spread=most - fewest,
        deviation=round(pstdev(turns), 2) if turns else 0.0,
    )


@dataclass(kw_only=True, eq=False)
class ShiftLog:
    """What happened in a shift of a workshop: people, gear, tools, what the next one has to know.

    :param present: how many attended by the attendance list when it was closed.
    """

    lapas_id: str
    id: UUID
    workshop_id: UUID
    work_date: date
    shift: str
    head_start: int
    tools_start: int
    gear: str
    notes: str
    opened_at: datetime
    opened_by: str
    state: str = "open"
    head_end: int | None = None
    present: int | None = None
    tools_end: int | None = None
    difference: str = ""
    handover: str = ""
    closed_at: datetime | None = None
    closed_by: str | None = None
    version: int = 1

    def must_be_open(self) -> None:
        """Let pass a log that can still be changed.

        :raises ShiftLogAlreadyClosed:
        """
        if self.closed_at is not None:
            raise ShiftLogAlreadyClosed(closed_at=self.closed_at.isoformat())

    def change(self, *, head_start: int, tools_start: int, gear: str, notes: str, handover: str) -> None:
        """Take over what is written.

        :raises ShiftLogAlreadyClosed:
        """
        self.must_be_open()
        self.head_start, self.tools_start = head_start, tools_start
        self.gear, self.notes, self.handover = gear, notes, handover

    def close(
        self,
        *,
        head_end: int,
        present: int,
        tools_end: int,
        tools_expected: int,
        difference: str,
        handover: str,
        by: str,
        at: datetime,
    ) -> None:
        """Sign it; after this only addenda are written.

        :raises ShiftLogAlreadyClosed, ToolsDiffer, HeadcountUnexplained:
        """
        self.must_be_open()
        if tools_end != tools_expected:
            raise ToolsDiffer(field="/tools_end", counted=tools_end, expected=tools_expected)
        if len({self.head_start, head_end, present}) > 1 and not difference:
            raise HeadcountUnexplained(field="/difference", start=self.head_start, end=head_end, present=present)
        self.state, self.head_end, self.present, self.tools_end = "closed", head_end, present, tools_end
        self.difference, self.handover, self.closed_at, self.closed_by = difference, handover, at, by
