"""Questions about officers, the roster of their turns and the log of each shift."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery, page
from giatja_production.calendar.queries import calendar
from giatja_production.duty.domain import (
    Candidate,
    Choice,
    Diary,
    Had,
    Moment,
    Officer,
    OfficerUnknown,
    Post,
    PostUnknown,
    ShiftLogUnknown,
    Slot,
    TurnUnknown,
    barred,
    fairness,
    grade_of,
    must_be_period,
)
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.tools.queries import counted, open_issues

# How far back a turn still says whose turn is next.
_HISTORY: Final = timedelta(days=120)
_NO_OFFICER: Final = UUID(int=0)
_OFFICER = (
    "SELECT o.id, o.person_id, o.name, o.rank, o.active, o.version,"
    " (SELECT json_agg(json_build_object('id', l.id, 'first_day', l.first_day, 'last_day', l.last_day,"
    "   'reason', l.reason) ORDER BY l.first_day) FROM officer_leave l"
    "  WHERE l.lapas_id = o.lapas_id AND l.officer_id = o.id AND l.withdrawn_at IS NULL AND l.last_day >= :since) AS leave"
    " FROM officer o WHERE o.lapas_id = :lapas_id"
)
_POST = (
    "SELECT p.id, p.workshop_id, ws.name AS workshop_name, p.shift, p.weekdays, p.officers, p.lowest_rank,"
    " p.senior_rank, p.active, p.version"
    " FROM duty_post p JOIN workshop ws ON ws.lapas_id = p.lapas_id AND ws.id = p.workshop_id"
    " WHERE p.lapas_id = :lapas_id"
)
_TURN = (
    "SELECT t.id, t.workshop_id, ws.name AS workshop_name, t.work_date, t.shift, t.place, t.lowest_rank, t.officer_id,"
    " o.name AS officer_name, t.stands_in_for, f.name AS stands_in_for_name, t.state, t.by_hand, t.version"
    " FROM duty_turn t JOIN workshop ws ON ws.lapas_id = t.lapas_id AND ws.id = t.workshop_id"
    " LEFT JOIN officer o ON o.lapas_id = t.lapas_id AND o.id = t.officer_id"
    " LEFT JOIN officer f ON f.lapas_id = t.lapas_id AND f.id = t.stands_in_for"
    " WHERE t.lapas_id = :lapas_id"
)
_BY_SHIFT: Final = (
    "CASE {}.shift WHEN 'pagi' THEN 1 WHEN 'siang' THEN 2 ELSE 3 END"  # the sequence of a day, not of the alphabet
)
_SWAP = (
    "SELECT s.id, s.turn_id, s.other_turn_id, s.officer_id, a.name AS officer_name, s.other_officer_id,"
    " b.name AS other_officer_name, s.reason, s.state, s.asked_at, s.decided_at, t.work_date, t.shift, tw.name AS"
    " workshop_name, u.work_date AS other_work_date, u.shift AS other_shift, uw.name AS other_workshop_name"
    " FROM duty_swap s"
    " JOIN officer a ON a.lapas_id = s.lapas_id AND a.id = s.officer_id"
    " JOIN officer b ON b.lapas_id = s.lapas_id AND b.id = s.other_officer_id"
    " JOIN duty_turn t ON t.lapas_id = s.lapas_id AND t.id = s.turn_id"
    " JOIN duty_turn u ON u.lapas_id = s.lapas_id AND u.id = s.other_turn_id"
    " JOIN workshop tw ON tw.lapas_id = t.lapas_id AND tw.id = t.workshop_id"
    " JOIN workshop uw ON uw.lapas_id = u.lapas_id AND uw.id = u.workshop_id"
    " WHERE s.lapas_id = :lapas_id"
)
# Who signed: the officer of the account, where there is one.
_SIGNED = (
    "(SELECT o.name FROM officer o WHERE o.lapas_id = g.lapas_id AND o.person_id::text = split_part(g.{}, ':', 2))"
)
_LOG = (
    "SELECT g.id, g.workshop_id, ws.name AS workshop_name, g.work_date, g.shift, g.state, g.head_start, g.head_end,"  # noqa: S608 - constants
    " g.present, g.tools_start, g.tools_end, g.gear, g.notes, g.difference, g.handover, g.opened_at, g.opened_by,"
    f" {_SIGNED.format('opened_by')} AS opened_name, g.closed_at, g.closed_by,"
    f" {_SIGNED.format('closed_by')} AS closed_name, g.version,"
    " (SELECT count(*) FROM shift_log_addendum d WHERE d.lapas_id = g.lapas_id AND d.log_id = g.id) AS addenda_count"
    " FROM shift_log g JOIN workshop ws ON ws.lapas_id = g.lapas_id AND ws.id = g.workshop_id"
    " WHERE g.lapas_id = :lapas_id"
)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a proposal has to respect: who takes turns, what is needed, and what is settled already.

    :param filled: the places that are not to be filled again.
    """

    officers: Sequence[Candidate]
    posts: Sequence[Post]
    turns: Sequence[Had]
    filled: frozenset[Moment]
    holidays: Mapping[date, str]


def settled(store: Store, first: date, last: date) -> Settled:
    """Return what a proposal for some days has to respect."""
    turns = store.rows(
        "SELECT officer_id, work_date, shift, workshop_id, place, lowest_rank, state = 'proposed' AND NOT by_hand AS open"
        " FROM duty_turn WHERE lapas_id = :lapas_id AND work_date BETWEEN :since AND :until",
        lapas_id=store.lapas_id,
        since=first - _HISTORY,
        until=last + timedelta(days=1),
    )
    posts = store.rows(_POST + " ORDER BY p.workshop_id, p.shift", lapas_id=store.lapas_id)
    slots = [(row, _slot(row)) for row in turns]
    return Settled(
        officers=[
            Candidate(id=row["id"], rank=row["rank"], active=row["active"], leave=_leave(row))
            for row in store.rows(_OFFICER, lapas_id=store.lapas_id, since=first)
        ],
        posts=[
            Post(lapas_id=store.lapas_id, **{k: v for k, v in row.items() if k != "workshop_name"}) for row in posts
        ],
        turns=[Had(officer_id=row["officer_id"], slot=slot) for row, slot in slots if row["officer_id"]],
        filled=frozenset(slot.moment for row, slot in slots if not row["open"]),
        holidays=calendar(store, first, last).holidays,
    )


def clear_proposed(store: Store, first: date, last: date) -> None:
    """Forget what was proposed for some days; a turn that has a history stays, without an officer."""
    values = {"lapas_id": store.lapas_id, "first": first, "last": last}
    store.run(
        "DELETE FROM duty_turn t WHERE t.lapas_id = :lapas_id AND t.state = 'proposed' AND NOT t.by_hand"
        " AND t.work_date BETWEEN :first AND :last"
        " AND NOT EXISTS (SELECT FROM duty_change c WHERE c.lapas_id = t.lapas_id AND c.turn_id = t.id)",
        values,
    )
    store.run(
        "UPDATE duty_turn SET officer_id = NULL, version = version + 1 WHERE lapas_id = :lapas_id"
        " AND state = 'proposed' AND NOT by_hand AND work_date BETWEEN :first AND :last",
        values,
    )


def keep_choices(store: Store, choices: Sequence[Choice]) -> None:
    """Keep what was proposed."""
    store.run(
        "INSERT INTO duty_turn AS t (lapas_id, id, workshop_id, work_date, shift, place, lowest_rank, officer_id, state,"
        " by_hand, why, version) VALUES (:lapas_id, :id, :workshop_id, :work_date, :shift, :place, :lowest_rank,"
        " :officer_id, 'proposed', false, CAST(:why AS jsonb), 1)"
        " ON CONFLICT (lapas_id, work_date, workshop_id, shift, place) DO UPDATE SET officer_id = excluded.officer_id,"
        " lowest_rank = excluded.lowest_rank, why = excluded.why, version = t.version + 1"
        " WHERE t.state = 'proposed' AND NOT t.by_hand",
        [
            {
                "lapas_id": store.lapas_id,
                "id": new_id(),
                "workshop_id": choice.slot.workshop_id,
                "work_date": choice.slot.work_date,
                "shift": choice.slot.shift.value,
                "place": choice.slot.place,
                "lowest_rank": choice.slot.lowest_rank,
                "officer_id": choice.officer_id,
                "why": json.dumps(choice.why),
            }
            for choice in choices
        ],
    )


@dataclass(frozen=True, kw_only=True)
class AtADay:
    """An officer with their leave and the turns round a day."""

    officer: Officer
    leave: Sequence[tuple[date, date]]
    diary: Diary


def officer_at(store: Store, officer_id: UUID, day: date, *, but: Sequence[UUID]) -> AtADay | None:
    """Return an officer as they stand round a day, leaving out some turns, or nothing if there is no such one."""
    row = store.row(_OFFICER + " AND o.id = :id", lapas_id=store.lapas_id, id=officer_id, since=day)
    if row is None:
        return None
    turns = store.rows(
        "SELECT officer_id, work_date, shift, workshop_id, place, lowest_rank FROM duty_turn WHERE lapas_id = :lapas_id"
        " AND officer_id = :id AND work_date BETWEEN :first AND :last AND NOT id = ANY (:but)",
        lapas_id=store.lapas_id,
        id=officer_id,
        first=day - timedelta(days=1),
        last=day + timedelta(days=1),
        but=list(but),
    )
    return AtADay(
        officer=Officer(lapas_id=store.lapas_id, **{k: v for k, v in row.items() if k != "leave"}),
        leave=_leave(row),
        diary=Diary.of([Had(officer_id=officer_id, slot=_slot(t)) for t in turns]),
    )


def officer_of(store: Store) -> UUID | None:
    """Return the officer whose account asks, if it is one's."""
    found = store.value(
        "SELECT id FROM officer WHERE lapas_id = :lapas_id AND person_id::text = :subject",
        lapas_id=store.lapas_id,
        subject=store.principal.subject,
    )
    return found if isinstance(found, UUID) else None


def officers(store: Store) -> dict[str, Any]:
    """Return everybody who takes or took turns, by name, with leave that is not over."""
    rows = store.rows(
        _OFFICER + " ORDER BY o.active DESC, lower(o.name), o.id LIMIT 200", lapas_id=store.lapas_id, since=today(store)
    )
    return {"items": [_shown_officer(row) for row in rows]}


def officer(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one officer.

    :raises OfficerUnknown: not there, or not for this caller.
    """
    row = store.row(_OFFICER + " AND o.id = :id", lapas_id=store.lapas_id, id=id_, since=today(store))
    if row is None:
        raise OfficerUnknown(id=id_)
    return _shown_officer(row)


def posts(store: Store) -> dict[str, Any]:
    """Return how many officers each workshop needs in each shift."""
    rows = store.rows(
        _POST + f" ORDER BY lower(ws.name), ws.id, {_BY_SHIFT.format('p')} LIMIT 200", lapas_id=store.lapas_id
    )
    return {"items": [_shown_post(row) for row in rows]}


def post(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one post.

    :raises PostUnknown: not there, or not for this caller.
    """
    row = store.row(_POST + " AND p.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise PostUnknown(id=id_)
    return _shown_post(row)


def roster(store: Store, first: date, last: date) -> dict[str, Any]:
    """Return the roster of some days: places, who stands there, and how evenly turns fall.

    Fairness compares those who are on the roster and not on leave on any of these days.

    :raises PeriodMalformed:
    """
    must_be_period(first, last)
    turns = store.rows(
        _TURN + f" AND t.work_date BETWEEN :first AND :last"
        f" ORDER BY t.work_date, lower(ws.name), ws.id, {_BY_SHIFT.format('t')}, t.place",
        lapas_id=store.lapas_id,
        first=first,
        last=last,
    )
    people = store.rows(_OFFICER + " ORDER BY lower(o.name), o.id LIMIT 200", lapas_id=store.lapas_id, since=first)
    swaps = store.rows(_SWAP + " AND s.state = 'open' ORDER BY s.asked_at LIMIT 100", lapas_id=store.lapas_id)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    shown = []
    for row in people:
        own = [t for t in turns if t["officer_id"] == row["id"]]
        away = sum(any(a <= day <= b for a, b in _leave(row)) for day in days)
        if row["active"] or own:
            shown.append(
                {
                    **_shown_officer(row),
                    "turns": len(own),
                    "nights": sum(t["shift"] == Shift.NIGHT for t in own),
                    "stood_in": sum(t["stands_in_for"] is not None for t in own),
                    "days_away": away,
                }
            )
    even = fairness([o["turns"] for o in shown if o["active"] and not o["days_away"]])
    own_id = officer_of(store)
    return {
        "first": first,
        "last": last,
        "today": today(store),
        "me": own_id,
        "holidays": [{"day": day, "name": name} for day, name in sorted(calendar(store, first, last).holidays.items())],
        "turns": [_shown_turn(t) for t in turns],
        "posts": posts(store)["items"],
        "officers": shown,
        "swaps": [dict(s) for s in swaps],
        "fairness": even,
        "proposed": sum(t["state"] == "proposed" for t in turns),
        "vacant": sum(t["officer_id"] is None for t in turns),
    }


def turn(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one turn: why it is whose it is, what happened to it, and who could stand there now.

    :raises TurnUnknown: not there, or not for this caller.
    """
    row = store.row(_TURN.replace("t.version", "t.version, t.why") + " AND t.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise TurnUnknown(id=id_)
    history = store.rows(
        "SELECT c.kind, a.name AS from_name, b.name AS to_name, c.reason, c.at, c.by FROM duty_change c"
        " LEFT JOIN officer a ON a.lapas_id = c.lapas_id AND a.id = c.from_officer_id"
        " LEFT JOIN officer b ON b.lapas_id = c.lapas_id AND b.id = c.to_officer_id"
        " WHERE c.lapas_id = :lapas_id AND c.turn_id = :id ORDER BY c.at DESC, c.id DESC LIMIT 100",
        lapas_id=store.lapas_id,
        id=id_,
    )
    day = row["work_date"]
    known = settled(store, day, day)
    names = {o["id"]: o for o in store.rows(_OFFICER, lapas_id=store.lapas_id, since=day)}
    here = _slot(row)
    diary = Diary.of([had for had in known.turns if had.slot.moment != here.moment])
    able = sorted(
        (
            {
                "officer_id": one.id,
                "name": names[one.id]["name"],
                "grade": grade_of(one.rank),
                "because": barred(one, here, diary),
                "last": _day(diary.last_before(one.id, here.moment)),
                "turns": diary.in_month_before(one.id, here.moment),
            }
            for one in known.officers
            if one.active
        ),
        key=lambda o: (o["because"] is not None, str(o["last"] or ""), o["name"].casefold()),
    )
    others = [
        {**other, "name": names[UUID(other["officer_id"])]["name"]}
        for other in row["why"].get("others", ())
        if UUID(other["officer_id"]) in names
    ]
    swaps = store.rows(
        _SWAP + " AND :id IN (s.turn_id, s.other_turn_id) AND s.state = 'open'", lapas_id=store.lapas_id, id=id_
    )
    return {
        **_shown_turn(row),
        "why": {**row["why"], "others": others},
        "history": [dict(h) for h in history],
        "able": able,
        "exchangeable": _exchangeable(store, row),
        "swaps": [dict(s) for s in swaps],
        "me": officer_of(store),
        "today": today(store),
    }


def _exchangeable(store: Store, row: Row) -> list[dict[str, Any]]:
    """Return the published turns to come of others, which this one could be exchanged for."""
    if row["officer_id"] is None:
        return []
    rows = store.rows(
        _TURN + " AND t.work_date BETWEEN :first AND :last AND t.state = 'published' AND t.officer_id <> :officer_id"
        f" ORDER BY t.work_date, {_BY_SHIFT.format('t')}, lower(ws.name), t.place LIMIT 100",
        lapas_id=store.lapas_id,
        first=today(store),
        last=row["work_date"] + timedelta(days=21),
        officer_id=row["officer_id"],
    )
    return [_shown_turn(r) for r in rows]


def attended(store: Store, workshop_id: UUID, work_date: date, shift: str) -> int:
    """Return how many the attendance list has as present in a shift of a workshop."""
    return int(
        store.value(
            "SELECT count(*) FROM attendance WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id"
            " AND work_date = :work_date AND shift = :shift AND attended",
            lapas_id=store.lapas_id,
            workshop_id=workshop_id,
            work_date=work_date,
            shift=shift,
        )
    )


def logs(
    store: Store,
    query: PageQuery,
    *,
    workshop_id: UUID | None,
    state: str | None,
    first: date | None,
    last: date | None,
    search: str | None,
) -> dict[str, Any]:
    """Return a page of shift logs, the newest day first."""
    after = query.after(2)
    where = {
        "workshop_id": (" AND g.workshop_id = :workshop_id", workshop_id),
        "state": (" AND g.state = :state", state),
        "first": (" AND g.work_date >= :first", first),
        "last": (" AND g.work_date <= :last", last),
        "search": (
            " AND concat_ws(' ', g.notes, g.handover, g.difference, g.gear) ILIKE '%' || :search || '%'",
            search,
        ),
        "after_day": (
            " AND (g.work_date, g.id) < (CAST(:after_day AS date), CAST(:after_id AS uuid))",
            after[0] if after else None,
        ),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    if after:
        given["after_id"] = after[1]
    sql = _LOG + "".join(where[name][0] for name in given if name in where)
    rows = store.rows(
        sql + " ORDER BY g.work_date DESC, g.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("work_date", "id"))


def log(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one shift log with its addenda, who was on duty, and what stands in the way of closing it.

    :raises ShiftLogUnknown: not there, or not for this caller.
    """
    row = store.row(_LOG + " AND g.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise ShiftLogUnknown(id=id_)
    addenda = store.rows(
        "SELECT g.id, g.text, g.at, g.by, "  # noqa: S608 - constants
        f"{_SIGNED.format('by')} AS name FROM shift_log_addendum g"
        " WHERE g.lapas_id = :lapas_id AND g.log_id = :id ORDER BY g.at, g.id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return {
        **row,
        "addenda": [dict(a) for a in addenda],
        **shift(store, workshop_id=row["workshop_id"], work_date=row["work_date"], shift=Shift(row["shift"])),
    }


def shift(store: Store, *, workshop_id: UUID, work_date: date, shift: Shift) -> dict[str, Any]:
    """Return how a shift of a workshop stands: who is on duty, who attends, which tools are out, its log."""
    officers_there = store.rows(
        _TURN + " AND t.workshop_id = :workshop_id AND t.work_date = :work_date AND t.shift = :shift"
        " AND t.state = 'published' ORDER BY t.place",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=work_date,
        shift=shift.value,
    )
    log_id = store.value(
        "SELECT id FROM shift_log WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id"
        " AND work_date = :work_date AND shift = :shift",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=work_date,
        shift=shift.value,
    )
    before = store.row(
        _LOG + " AND g.workshop_id = :workshop_id AND g.state = 'closed' AND g.handover <> ''"
        " AND (g.work_date < :work_date OR (g.work_date = :work_date AND "
        + f"{_BY_SHIFT.format('g')} < :nth)) ORDER BY g.work_date DESC, {_BY_SHIFT.format('g')} DESC LIMIT 1",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=work_date,
        nth=list(Shift).index(shift) + 1,
    )
    return {
        "on_duty": [_shown_turn(t) for t in officers_there],
        "attended": attended(store, workshop_id, work_date, shift.value),
        "tools": dict(counted(store, workshop_id)),
        "tools_out": [dict(i) for i in open_issues(store, work_date, workshop_id, shift=shift)],
        "log_id": log_id,
        "handed_over": {k: before[k] for k in ("id", "work_date", "shift", "handover", "closed_name")}
        if before
        else None,
    }


def today_of(store: Store) -> dict[str, Any]:
    """Return what concerns an officer today: own turns to come, logs that are open, swaps to answer."""
    day, own = today(store), officer_of(store)
    mine = store.rows(
        _TURN + " AND t.officer_id = :own AND t.state = 'published' AND t.work_date BETWEEN :day AND :last"
        " ORDER BY t.work_date LIMIT 20",
        lapas_id=store.lapas_id,
        own=own or _NO_OFFICER,
        day=day,
        last=day + timedelta(days=14),
    )
    unclosed = store.rows(
        _LOG + " AND g.state = 'open' AND g.work_date < :day ORDER BY g.work_date LIMIT 20",
        lapas_id=store.lapas_id,
        day=day,
    )
    swaps = store.rows(
        _SWAP + " AND s.state = 'open' AND (:decides OR s.other_officer_id = :own) ORDER BY s.asked_at LIMIT 20",
        lapas_id=store.lapas_id,
        own=own or _NO_OFFICER,
        decides=store.principal.may("duty.write"),
    )
    return {
        "today": day,
        "me": own,
        "turns": [_shown_turn(t) for t in mine],
        "unclosed": [dict(g) for g in unclosed],
        "swaps": [dict(s) for s in swaps],
    }


def _slot(row: Row) -> Slot:
    return Slot(
        work_date=row["work_date"],
        shift=Shift(row["shift"]),
        workshop_id=row["workshop_id"],
        place=row["place"],
        lowest_rank=row["lowest_rank"],
    )


def _leave(row: Row) -> tuple[tuple[date, date], ...]:
    return tuple(
        (date.fromisoformat(one["first_day"]), date.fromisoformat(one["last_day"])) for one in row["leave"] or ()
    )


def _day(moment: Moment | None) -> date | None:
    return moment[0] if moment else None


def _shown_officer(row: Row) -> dict[str, Any]:
    return {**row, "grade": grade_of(row["rank"]), "leave": row["leave"] or []}


def _shown_post(row: Row) -> dict[str, Any]:
    return {**row, "lowest_grade": grade_of(row["lowest_rank"]), "senior_grade": grade_of(row["senior_rank"])}


def _shown_turn(row: Row) -> dict[str, Any]:
    return {**row, "lowest_grade": grade_of(row["lowest_rank"])}
