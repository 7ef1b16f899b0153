"""What may be asked for about officers: who takes turns, whose turn it is, what a shift's log says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.duty import queries
from giatja_production.duty.domain import (
    LOG_DAYS,
    LeaveAlreadyWithdrawn,
    LeaveEndsBeforeItStarts,
    LeaveOnDuty,
    LeaveUnknown,
    NothingToPublish,
    NotYourTurn,
    Officer,
    OfficerEnteredAlready,
    OfficerNotHere,
    OfficerUnknown,
    Post,
    PostTaken,
    PostUnknown,
    ShiftDayNotNear,
    ShiftLog,
    ShiftLogBegunAlready,
    ShiftLogStillOpen,
    ShiftLogUnknown,
    SwapAlreadyDecided,
    SwapAskedAlready,
    SwapNotPossible,
    SwapOvertaken,
    SwapUnknown,
    Turn,
    TurnUnknown,
    must_be_able,
    must_be_period,
    propose,
)
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.tools.queries import counted, must_all_be_in
from giatja_production.work_orders.domain import WorkDateInFuture
from giatja_production.workshops.domain import WorkshopUnknown

DECIDES = "duty.write"


@dataclass(frozen=True, kw_only=True)
class AddOfficer:
    """Let somebody take turns."""

    id: UUID
    person_id: UUID | None
    name: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class ChangeOfficer:
    """Change what is known of an officer."""

    id: UUID
    version: int
    person_id: UUID | None
    name: str
    rank: int
    active: bool


@dataclass(frozen=True, kw_only=True)
class GiveLeave:
    """Enter the leave of an officer; both days are of it."""

    id: UUID
    officer_id: UUID
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class AddPost:
    """Say how many officers a workshop needs in a shift."""

    id: UUID
    workshop_id: UUID
    shift: Shift
    weekdays: Sequence[int]
    officers: int
    lowest_rank: int | None
    senior_rank: int | None


@dataclass(frozen=True, kw_only=True)
class ChangePost:
    """Change how many officers a post needs from now on."""

    id: UUID
    version: int
    weekdays: Sequence[int]
    officers: int
    lowest_rank: int | None
    senior_rank: int | None
    active: bool


@dataclass(frozen=True, kw_only=True)
class Period:
    """Some days, both counted."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """What a proposal brought: places filled, and places for which there was nobody."""

    turns: int
    vacant: int


@dataclass(frozen=True, kw_only=True)
class AssignTurn:
    """Give a turn to somebody else, or to nobody, by hand."""

    turn_id: UUID
    version: int
    officer_id: UUID | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CoverTurn:
    """Say that somebody stands in."""

    turn_id: UUID
    version: int
    officer_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AskSwap:
    """Ask that two officers change turns."""

    id: UUID
    turn_id: UUID
    other_turn_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecideSwap:
    """Say yes or no to a swap."""

    id: UUID
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class OpenLog:
    """Begin the log of a shift."""

    id: UUID
    workshop_id: UUID
    work_date: date
    shift: Shift
    head_start: int
    tools_start: int
    gear: str
    notes: str


@dataclass(frozen=True, kw_only=True)
class ChangeLog:
    """Change a log that is still open."""

    id: UUID
    version: int
    head_start: int
    tools_start: int
    gear: str
    notes: str
    handover: str


@dataclass(frozen=True, kw_only=True)
class CloseLog:
    """Sign a log at the end of the shift."""

    id: UUID
    version: int
    head_end: int
    tools_end: int
    difference: str
    handover: str


@dataclass(frozen=True, kw_only=True)
class AddAddendum:
    """Add something to a closed log."""

    id: UUID
    log_id: UUID
    text: str


def add_officer(command: AddOfficer, store: Store) -> None:
    """Let somebody take turns.

    :raises OfficerEnteredAlready: the account belongs to an officer.
    """
    _must_be_free(command.person_id, None, store)
    store.add(
        Officer(
            lapas_id=store.lapas_id,
            id=command.id,
            person_id=command.person_id,
            name=command.name,
            rank=command.rank,
        )
    )


def change_officer(command: ChangeOfficer, store: Store) -> None:
    """Change an officer; turns that are published stay until somebody gives them to others.

    :raises OfficerUnknown, Stale, OfficerEnteredAlready:
    """
    officer = store.get(Officer, command.id, version=command.version, missing=OfficerUnknown)
    _must_be_free(command.person_id, command.id, store)
    officer.change(name=command.name, rank=command.rank, active=command.active, person_id=command.person_id)


def _must_be_free(person_id: UUID | None, but: UUID | None, store: Store) -> None:
    # Two who enter the same account at once must not both find it free.
    _lock(store)
    if person_id is not None and store.value(
        "SELECT true FROM officer WHERE lapas_id = :lapas_id AND person_id = :person_id"
        " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
        lapas_id=store.lapas_id,
        person_id=person_id,
        but=but,
    ):
        raise OfficerEnteredAlready(field="/person_id")


def give_leave(command: GiveLeave, store: Store) -> None:
    """Enter a leave; proposed turns in it become free, published ones have to be given to others first.

    :raises OfficerUnknown, LeaveEndsBeforeItStarts, LeaveOnDuty:
    """
    if command.last_day < command.first_day:
        raise LeaveEndsBeforeItStarts(field="/last_day")
    _lock(store)
    store.get(Officer, command.officer_id, missing=OfficerUnknown)
    days = store.rows(
        "SELECT work_date FROM duty_turn WHERE lapas_id = :lapas_id AND officer_id = :officer_id"
        " AND state = 'published' AND work_date BETWEEN :first AND :last AND work_date >= :today ORDER BY work_date",
        lapas_id=store.lapas_id,
        officer_id=command.officer_id,
        first=command.first_day,
        last=command.last_day,
        today=today(store),
    )
    if days:
        raise LeaveOnDuty(field="/first_day", days=", ".join(str(d["work_date"]) for d in days[:5]))
    values = {
        "lapas_id": store.lapas_id,
        "id": command.id,
        "officer_id": command.officer_id,
        "first": command.first_day,
        "last": command.last_day,
        "reason": command.reason,
        "at": store.at,
        "by": store.actor,
    }
    store.run(
        "INSERT INTO officer_leave (lapas_id, id, officer_id, first_day, last_day, reason, entered_at, entered_by)"
        " VALUES (:lapas_id, :id, :officer_id, :first, :last, :reason, :at, :by)",
        values,
    )
    store.run(
        "UPDATE duty_turn SET officer_id = NULL, by_hand = false, version = version + 1 WHERE lapas_id = :lapas_id"
        " AND officer_id = :officer_id AND state = 'proposed' AND work_date BETWEEN :first AND :last",
        {key: values[key] for key in ("lapas_id", "officer_id", "first", "last")},
    )


def withdraw_leave(leave_id: UUID, store: Store) -> None:
    """Take a leave back; it stays written that there was one.

    :raises LeaveUnknown, LeaveAlreadyWithdrawn:
    """
    row = store.row(
        "SELECT withdrawn_at FROM officer_leave WHERE lapas_id = :lapas_id AND id = :id FOR UPDATE",
        lapas_id=store.lapas_id,
        id=leave_id,
    )
    if row is None:
        raise LeaveUnknown(id=leave_id)
    if row["withdrawn_at"] is not None:
        raise LeaveAlreadyWithdrawn
    store.run(
        "UPDATE officer_leave SET withdrawn_at = :at, withdrawn_by = :by WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": leave_id, "at": store.at, "by": store.actor},
    )


def add_post(command: AddPost, store: Store) -> None:
    """Say how many officers a workshop needs in a shift.

    :raises WorkshopUnknown, PostTaken:
    """
    _must_be_workshop(command.workshop_id, store)
    _lock(store)
    if store.value(
        "SELECT true FROM duty_post WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id AND shift = :shift",
        lapas_id=store.lapas_id,
        workshop_id=command.workshop_id,
        shift=command.shift.value,
    ):
        raise PostTaken(field="/shift")
    store.add(
        Post(
            lapas_id=store.lapas_id,
            id=command.id,
            workshop_id=command.workshop_id,
            shift=command.shift.value,
            weekdays=sorted(set(command.weekdays)),
            officers=command.officers,
            lowest_rank=command.lowest_rank,
            senior_rank=command.senior_rank,
        )
    )


def change_post(command: ChangePost, store: Store) -> None:
    """Change a post from now on; turns that are on the roster stay.

    :raises PostUnknown, Stale:
    """
    post = store.get(Post, command.id, version=command.version, missing=PostUnknown)
    post.change(
        weekdays=command.weekdays,
        officers=command.officers,
        lowest_rank=command.lowest_rank,
        senior_rank=command.senior_rank,
        active=command.active,
    )


def propose_roster(command: Period, store: Store) -> Proposed:
    """Fill the places of some days that are neither published nor set by hand; what was proposed before is replaced.

    Days that have passed are left alone, as are free days of the calendar.

    :raises PeriodMalformed:
    """
    must_be_period(command.first, command.last)
    _lock(store)
    first = max(command.first, today(store))
    queries.clear_proposed(store, first, command.last)
    known = queries.settled(store, first, command.last)
    slots = [
        slot
        for day in (first + timedelta(days=n) for n in range((command.last - first).days + 1))
        if day not in known.holidays
        for post in known.posts
        for slot in post.slots(day)
        if slot.moment not in known.filled
    ]
    choices = propose(slots, known.officers, known.turns)
    queries.keep_choices(store, choices)
    vacant = sum(c.officer_id is None for c in choices)
    return Proposed(turns=len(choices) - vacant, vacant=vacant)


def publish_roster(command: Period, store: Store) -> int:
    """Publish what is proposed for some days; return how many turns that are.

    :raises PeriodMalformed, NothingToPublish:
    """
    must_be_period(command.first, command.last)
    _lock(store)
    published = store.run(
        "UPDATE duty_turn SET state = 'published', published_at = :at, published_by = :by, version = version + 1"
        " WHERE lapas_id = :lapas_id AND state = 'proposed' AND work_date BETWEEN :first AND :last",
        {
            "lapas_id": store.lapas_id,
            "first": max(command.first, today(store)),
            "last": command.last,
            "at": store.at,
            "by": store.actor,
        },
    )
    if not published:
        raise NothingToPublish
    return published


def assign_turn(command: AssignTurn, store: Store) -> None:
    """Give a turn to somebody else, or to nobody.

    :raises TurnUnknown, Stale, TurnHasPassed, TurnUnchanged, OfficerNotHere:
    :raises OfficerInactive, OfficerOnLeave, OfficerRankTooLow, OfficerOnDutyThatDay, OfficerResting:
    """
    _lock(store)
    turn = store.get(Turn, command.turn_id, version=command.version, missing=TurnUnknown)
    before = turn.officer_id
    if command.officer_id is not None:
        _must_be_able(command.officer_id, turn, store, but=[turn.id])
    turn.assign(command.officer_id, today=today(store))
    _remember("assigned", turn, before, command.officer_id, command.reason, store)


def cover_turn(command: CoverTurn, store: Store) -> None:
    """Keep that somebody stands in, or stood in a few days ago; the turn counts for them.

    An officer says so of themselves; the Kasi of anybody.

    :raises TurnUnknown, Stale, TurnNotForCover, TurnUnchanged, NotYourTurn, OfficerNotHere:
    :raises OfficerInactive, OfficerOnLeave, OfficerRankTooLow, OfficerOnDutyThatDay, OfficerResting:
    """
    _lock(store)
    turn = store.get(Turn, command.turn_id, version=command.version, missing=TurnUnknown)
    if not _decides(store) and queries.officer_of(store) != command.officer_id:
        raise NotYourTurn(permission=DECIDES)
    before = turn.officer_id
    _must_be_able(command.officer_id, turn, store, but=[turn.id])
    turn.cover(command.officer_id, today=today(store))
    _remember("covered", turn, before, command.officer_id, command.reason, store)


def ask_swap(command: AskSwap, store: Store) -> None:
    """Ask for a swap of two turns; what the Kasi asks for is decided with that.

    :raises TurnUnknown, SwapNotPossible, SwapAskedAlready, NotYourTurn:
    :raises OfficerOnLeave, OfficerRankTooLow, OfficerOnDutyThatDay, OfficerResting: one cannot stand for the other.
    """
    _lock(store)
    turn, other = _both(command.turn_id, command.other_turn_id, store)
    day = today(store)
    same = turn.officer_id is None or other.officer_id is None or turn.officer_id == other.officer_id
    if same or min(turn.work_date, other.work_date) < day:
        raise SwapNotPossible(field="/other_turn_id")
    if not _decides(store) and queries.officer_of(store) != turn.officer_id:
        raise NotYourTurn(permission=DECIDES)
    _must_be_able_both(turn, other, store)
    asked = store.run(
        "INSERT INTO duty_swap (lapas_id, id, turn_id, other_turn_id, officer_id, other_officer_id, reason, state,"
        " asked_at, asked_by) VALUES (:lapas_id, :id, :turn_id, :other_turn_id, :officer_id, :other_officer_id, :reason,"
        " 'open', :at, :by) ON CONFLICT DO NOTHING",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "turn_id": turn.id,
            "other_turn_id": other.id,
            "officer_id": turn.officer_id,
            "other_officer_id": other.officer_id,
            "reason": command.reason,
            "at": store.at,
            "by": store.actor,
        },
    )
    if not asked:
        raise SwapAskedAlready
    if _decides(store):
        decide_swap(DecideSwap(id=command.id, agreed=True), store)


def decide_swap(command: DecideSwap, store: Store) -> None:
    """Say yes or no to a swap: the other officer, or the Kasi; who asked may take it back.

    :raises SwapUnknown, SwapAlreadyDecided, NotYourTurn, SwapOvertaken:
    :raises OfficerOnLeave, OfficerRankTooLow, OfficerOnDutyThatDay, OfficerResting: something changed meanwhile.
    """
    _lock(store)
    swap = store.row(
        "SELECT * FROM duty_swap WHERE lapas_id = :lapas_id AND id = :id FOR UPDATE",
        lapas_id=store.lapas_id,
        id=command.id,
    )
    if swap is None:
        raise SwapUnknown(id=command.id)
    if swap["state"] != "open":
        raise SwapAlreadyDecided
    own = queries.officer_of(store)
    concerned = (swap["other_officer_id"],) if command.agreed else (swap["other_officer_id"], swap["officer_id"])
    if not _decides(store) and (own is None or own not in concerned):
        raise NotYourTurn(permission=DECIDES)
    if command.agreed:
        turn, other = _both(swap["turn_id"], swap["other_turn_id"], store)
        if (turn.officer_id, other.officer_id) != (swap["officer_id"], swap["other_officer_id"]):
            raise SwapOvertaken
        _must_be_able_both(turn, other, store)
        _change_places(turn, other, swap["reason"], store)
    store.run(
        "UPDATE duty_swap SET state = :state, decided_at = :at, decided_by = :by WHERE lapas_id = :lapas_id AND id = :id",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "state": "agreed" if command.agreed else "refused",
            "at": store.at,
            "by": store.actor,
        },
    )


def _change_places(turn: Turn, other: Turn, reason: str, store: Store) -> None:
    # One statement: between two of them somebody would stand twice on a day.
    store.run(
        "UPDATE duty_turn SET officer_id = CASE id WHEN :turn_id THEN CAST(:theirs AS uuid) ELSE CAST(:mine AS uuid) END,"
        " stands_in_for = NULL, by_hand = true, version = version + 1"
        " WHERE lapas_id = :lapas_id AND id IN (:turn_id, :other_id)",
        {
            "lapas_id": store.lapas_id,
            "turn_id": turn.id,
            "other_id": other.id,
            "mine": turn.officer_id,
            "theirs": other.officer_id,
        },
    )
    _remember("swapped", turn, turn.officer_id, other.officer_id, reason, store)
    _remember("swapped", other, other.officer_id, turn.officer_id, reason, store)


def _both(turn_id: UUID, other_id: UUID, store: Store) -> tuple[Turn, Turn]:
    """Load and lock two turns, always in the same sequence."""
    found = {id_: store.get(Turn, id_, missing=TurnUnknown) for id_ in sorted({turn_id, other_id})}
    return found[turn_id], found[other_id]


def _must_be_able_both(turn: Turn, other: Turn, store: Store) -> None:
    assert turn.officer_id is not None and other.officer_id is not None  # noqa: S101, PT018 - a swap is of two officers
    _must_be_able(other.officer_id, turn, store, but=[turn.id, other.id])
    _must_be_able(turn.officer_id, other, store, but=[turn.id, other.id])


def _must_be_able(officer_id: UUID, turn: Turn, store: Store, *, but: Sequence[UUID]) -> None:
    officer = queries.officer_at(store, officer_id, turn.work_date, but=but)
    if officer is None:
        raise OfficerNotHere(field="/officer_id")
    must_be_able(officer.officer, officer.leave, turn.slot, officer.diary)


def _remember(kind: str, turn: Turn, before: UUID | None, after: UUID | None, reason: str, store: Store) -> None:
    store.run(
        "INSERT INTO duty_change (lapas_id, id, turn_id, kind, from_officer_id, to_officer_id, reason, at, by)"
        " VALUES (:lapas_id, :id, :turn_id, :kind, :before, :after, :reason, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": new_id(),
            "turn_id": turn.id,
            "kind": kind,
            "before": before,
            "after": after,
            "reason": reason,
            "at": store.at,
            "by": store.actor,
        },
    )


def open_log(command: OpenLog, store: Store) -> None:
    """Begin the log of a shift.

    :raises WorkshopUnknown, WorkDateInFuture, ShiftDayNotNear, ShiftLogBegunAlready:
    """
    _must_be_workshop(command.workshop_id, store)
    day = today(store)
    if command.work_date > day:
        raise WorkDateInFuture(field="/work_date", work_date=str(command.work_date), today=str(day))
    if (day - command.work_date).days > LOG_DAYS:
        raise ShiftDayNotNear(field="/work_date", days=LOG_DAYS)
    begun = store.run(
        "INSERT INTO shift_log (lapas_id, id, workshop_id, work_date, shift, state, head_start, tools_start, gear,"
        " notes, difference, handover, opened_at, opened_by, version) VALUES (:lapas_id, :id, :workshop_id, :work_date,"
        " :shift, 'open', :head_start, :tools_start, :gear, :notes, '', '', :at, :by, 1)"
        " ON CONFLICT (lapas_id, work_date, workshop_id, shift) DO NOTHING",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "workshop_id": command.workshop_id,
            "work_date": command.work_date,
            "shift": command.shift.value,
            "head_start": command.head_start,
            "tools_start": command.tools_start,
            "gear": command.gear,
            "notes": command.notes,
            "at": store.at,
            "by": store.actor,
        },
    )
    if not begun:
        raise ShiftLogBegunAlready(field="/shift")


def change_log(command: ChangeLog, store: Store) -> None:
    """Change a log while it is open.

    :raises ShiftLogUnknown, Stale, ShiftLogAlreadyClosed:
    """
    log = store.get(ShiftLog, command.id, version=command.version, missing=ShiftLogUnknown)
    log.change(
        head_start=command.head_start,
        tools_start=command.tools_start,
        gear=command.gear,
        notes=command.notes,
        handover=command.handover,
    )


def close_log(command: CloseLog, store: Store) -> None:
    """Sign a log: no tool is out, the tools counted are those there should be, differences of people are explained.

    :raises ShiftLogUnknown, Stale, ShiftLogAlreadyClosed, ToolsStillOut, ToolsDiffer, HeadcountUnexplained:
    """
    log = store.get(ShiftLog, command.id, version=command.version, missing=ShiftLogUnknown)
    log.must_be_open()
    must_all_be_in(store, log.work_date, log.workshop_id, shift=Shift(log.shift))
    log.close(
        head_end=command.head_end,
        present=queries.attended(store, log.workshop_id, log.work_date, log.shift),
        tools_end=command.tools_end,
        tools_expected=counted(store, log.workshop_id)["available"],
        difference=command.difference,
        handover=command.handover,
        by=store.actor,
        at=store.at,
    )
    store.audit("duty.close_log", log.id)


def add_addendum(command: AddAddendum, store: Store) -> None:
    """Add something to a closed log; what it says stays.

    :raises ShiftLogUnknown, ShiftLogStillOpen:
    """
    log = store.get(ShiftLog, command.log_id, missing=ShiftLogUnknown)
    if log.closed_at is None:
        raise ShiftLogStillOpen
    store.run(
        "INSERT INTO shift_log_addendum (lapas_id, id, log_id, text, at, by)"
        " VALUES (:lapas_id, :id, :log_id, :text, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "log_id": log.id,
            "text": command.text,
            "at": store.at,
            "by": store.actor,
        },
    )


def _decides(store: Store) -> bool:
    return store.principal.may(DECIDES)


def _lock(store: Store) -> None:
    """Let one at a time change the roster of a Lapas: who is free depends on all of it."""
    store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"duty {store.lapas_id}")


def _must_be_workshop(id_: UUID, store: Store) -> None:
    if not store.value(
        "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=id_
    ):
        raise WorkshopUnknown(field="/workshop_id")
