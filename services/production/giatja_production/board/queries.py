"""Questions about boards: what a screen shows, whether that has changed, links and calls."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from giatja_kit.database import Row, Store
from giatja_production.board.domain import (
    BoardUnknown,
    CallKind,
    CallUnknown,
    days_without,
    expected_by_now,
    needed_today,
    target_of_day,
)
from giatja_production.calendar.domain import Calendar
from giatja_production.calendar.queries import calendar

SLOT_MINUTES: Final = 5
"""How often the pace moves on though nothing was recorded."""
_MOST_ORDERS: Final = 15
_MOST_STAGES: Final = 12
_SOON: Final = 45


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Whose board a link shows, and a mark that changes whenever what it shows may have changed."""

    lapas_id: str
    lapas_name: str
    zone: str
    workshop_id: UUID | None
    mark: str


def screen(store: Store, token_hash: bytes) -> Screen:
    """Return whose board a link shows; one cheap query, since every screen asks it every few seconds.

    :raises BoardUnknown: never made or revoked.
    """
    row = store.row(_SCREEN, token_hash=token_hash, at=store.at)
    if row is None:
        raise BoardUnknown
    slot = int(store.at.timestamp()) // (SLOT_MINUTES * 60)
    seen = json.dumps([*row.values(), slot], default=str)
    return Screen(
        lapas_id=row["lapas_id"],
        lapas_name=row["lapas_name"],
        zone=row["zone"],
        workshop_id=row["workshop_id"],
        mark=hashlib.sha256(seen.encode()).hexdigest()[:20],
    )


class _Ahead:
    """The working days from a day on, counted once for all the orders of a board."""

    def __init__(self, known: Calendar, day: date) -> None:
        self.known = known
        self.day = day
        worked = (known.minutes_on(day + timedelta(days=n)) > 0 for n in range(_SOON))
        self._until = list(accumulate(worked, initial=0))

    def working_days(self, last: date) -> int:
        """Return the working days to ``last``, as far as the calendar was read; beyond, six of seven days are."""
        days = max((last - self.day).days + 1, 0)
        near = min(days, _SOON)
        return self._until[near] + (days - near) * 6 // 7


def board(store: Store, shown: Screen) -> dict[str, Any]:
    """Return what a screen shows: no people, no ids of people, no partners."""
    # The link speaks for one Lapas; whoever asks for it may see all.
    store.scope(shown.lapas_id)
    store.principal = replace(store.principal, lapas=shown.lapas_id)
    day = store.at.astimezone(ZoneInfo(shown.zone)).date()
    known = calendar(store, day.replace(day=1), day + timedelta(days=_SOON))
    ahead = _Ahead(known, day)
    asked = {"lapas_id": shown.lapas_id, "day": day, "workshop_id": shown.workshop_id}
    orders: dict[UUID, list[Row]] = defaultdict(list)
    for row in store.rows(_ORDERS, **asked):
        orders[row["workshop_id"]].append(row)
    stages: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in store.rows(_STAGES, **asked):
        stages[row["workshop_id"]].append({k: row[k] for k in ("name", "name_en", "waiting", "rework")})
    shift = _shift_at(known, day, store.at)
    return {
        "lapas_name": shown.lapas_name,
        "zone": shown.zone,
        "at": store.at,
        "today": day,
        "shift": shift,
        "works_today": known.minutes_on(day) > 0,
        "days_without_accident": days_without(store.value(_ACCIDENT, **asked), today=day),
        "workshops": [
            {**_workshop(row, orders[row["id"]], ahead, store.at), "stages": stages[row["id"]][:_MOST_STAGES]}
            for row in store.rows(_WORKSHOPS, **asked)
        ],
        "calls": [dict(row) for row in store.rows(_CALLS, **asked)],
    }


def _workshop(row: Row, orders: Sequence[Row], ahead: _Ahead, at: datetime) -> dict[str, Any]:
    known, day = ahead.known, ahead.day
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    wanted = sum(
        needed_today(left=o["left_to_pass"], days=ahead.working_days(o["due_date"]))
        for o in orders
        if o["state"] != "on_hold"
    )
    target = target_of_day(
        month_target=row["month_target"],
        month_done=row["month_done"],
        days=ahead.working_days(following - timedelta(days=1)) if known.minutes_on(day) else 0,
        wanted=wanted,
    )
    worked = sum(_minutes_over(s.starts, s.ends, s.minutes, at) for s in known.shifts_on(day))
    expected = expected_by_now(target, worked=worked, minutes=known.minutes_on(day))
    checked = row["passed"] + row["rework"] + row["reject"]
    return {
        "id": row["id"],
        "name": row["name"],
        "kind": row["kind"],
        "target": target,
        "actual": row["passed"],
        "expected": expected,
        "gap": row["passed"] - expected,
        "people": row["people"],
        "quality": row["passed"] / checked if checked else None,
        "rework_waiting": row["rework_waiting"],
        "held": row["held"],
        "late": sum(o["late"] for o in orders),
        "orders": [_order(o) for o in orders[:_MOST_ORDERS]],
        "orders_count": len(orders),
    }


def _order(row: Row) -> dict[str, Any]:
    return {
        "product": row["product_name"],
        "quantity": row["quantity"],
        "unit": row["unit"],
        "passed": min(row["passed"], row["quantity"]),
        "due_date": row["due_date"],
        "late": row["late"],
        "late_days": row["late_days"],
        "on_hold": row["state"] == "on_hold",
    }


def _minutes_over(starts: datetime, ends: datetime, minutes: int, at: datetime) -> int:
    return round(minutes * min(max((at - starts) / (ends - starts), 0.0), 1.0))


def _shift_at(known: Calendar, day: date, at: datetime) -> str | None:
    """Return the shift that is on, or the one before it in a pause."""
    begun = [s.shift for s in known.shifts_on(day) if s.starts <= at]
    return begun[-1] if begun else None


def links(store: Store) -> dict[str, Any]:
    """Return the links of the Lapas; their tokens were shown once and are not known."""
    rows = store.rows(
        "SELECT b.id, b.name, b.workshop_id, w.name AS workshop_name, b.made_at, b.version FROM board_link b"
        " LEFT JOIN workshop w ON w.lapas_id = b.lapas_id AND w.id = b.workshop_id"
        " WHERE b.lapas_id = :lapas_id ORDER BY lower(b.name), b.id",
        lapas_id=store.lapas_id,
    )
    return {"items": [dict(row) for row in rows]}


def count_links(store: Store) -> int:
    """Return how many links the Lapas has."""
    return int(store.value("SELECT count(*) FROM board_link WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id))


def has_workshop(store: Store, workshop_id: UUID) -> bool:
    """Return whether the Lapas has a workshop of that id."""
    return bool(
        store.value(
            "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id",
            lapas_id=store.lapas_id,
            id=workshop_id,
        )
    )


def calls(store: Store) -> dict[str, Any]:
    """Return the calls nobody has answered, the oldest first, and the last that were."""
    return {
        "open": [dict(r) for r in store.rows(_CALLS, lapas_id=store.lapas_id, workshop_id=None)],
        "answered": [dict(r) for r in store.rows(_ANSWERED, lapas_id=store.lapas_id)],
    }


def call(store: Store, id_: UUID) -> Mapping[str, Any]:
    """Return one call.

    :raises CallUnknown:
    """
    row = store.row(_CALL + " AND c.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise CallUnknown(id=id_)
    return row


def open_call(store: Store, workshop_id: UUID, kind: CallKind) -> UUID:
    """Return the call of a kind that stands open in a workshop."""
    found: UUID = store.value(
        "SELECT id FROM board_call WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id AND kind = :kind"
        " AND answered_at IS NULL",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        kind=kind.value,
    )
    return found


_DAY: Final = "CAST(CAST(:at AS timestamptz) AT TIME ZONE z.zone AS date)"
_STATES: Final = "('released', 'in_progress', 'on_hold')"
# Everything a board shows leaves a trace in one of these: a number that grows, a count, a latest moment.
_SCREEN = (
    "SELECT k.lapas_id, z.name AS lapas_name, z.zone, k.workshop_id,"  # noqa: S608 - constants
    " (SELECT max(o.seq) FROM output o WHERE o.lapas_id = k.lapas_id"
    f"   AND o.work_date BETWEEN {_DAY} - 1 AND {_DAY}) AS output,"
    " (SELECT ARRAY[count(*), sum(w.version), max(w.due_date) - date '2000-01-01'] FROM work_order w"
    f"   WHERE w.lapas_id = k.lapas_id AND w.state IN {_STATES}) AS work,"
    " (SELECT ARRAY[count(*), sum(w.version)] FROM workshop w WHERE w.lapas_id = k.lapas_id) AS workshops,"
    " (SELECT sum(t.pieces) FROM month_target t WHERE t.lapas_id = k.lapas_id"
    f"   AND t.month = date_trunc('month', {_DAY})::date) AS target,"
    " (SELECT c.version FROM work_calendar c WHERE c.lapas_id = k.lapas_id) AS calendar,"
    " (SELECT ARRAY[count(*), sum(f.late_days)] FROM order_forecast f WHERE f.lapas_id = k.lapas_id) AS forecast,"
    " (SELECT ARRAY[max(c.raised_at), max(c.answered_at)] FROM board_call c WHERE c.lapas_id = k.lapas_id"
    f"   AND (c.answered_at IS NULL OR c.raised_at > CAST(:at AS timestamptz) - interval '1 day')) AS calls,"
    " (SELECT ARRAY[max(h.held_at), max(h.resumed_at)] FROM workshop_hold h WHERE h.lapas_id = k.lapas_id) AS hold,"
    " (SELECT max(i.reported_at) FROM incident i WHERE i.lapas_id = k.lapas_id) AS incident"
    " FROM board_link k JOIN lapas z ON z.lapas_id = k.lapas_id WHERE k.token_hash = :token_hash"
)
_WORKSHOPS = (
    "SELECT ws.id, ws.name, ws.kind, t.pieces AS month_target, coalesce(m.done, 0) AS month_done,"  # noqa: S608 - constants
    " coalesce(m.passed, 0) AS passed, coalesce(m.rework, 0) AS rework, coalesce(m.reject, 0) AS reject,"
    " coalesce(m.people, 0) AS people, coalesce(b.rework, 0) AS rework_waiting,"
    " EXISTS (SELECT FROM workshop_hold h WHERE h.lapas_id = ws.lapas_id AND h.workshop_id = ws.id"
    "   AND h.resumed_at IS NULL) AS held"
    " FROM workshop ws"
    " LEFT JOIN month_target t ON t.lapas_id = ws.lapas_id AND t.workshop_id = ws.id"
    "  AND t.month = date_trunc('month', CAST(:day AS date))::date"
    " LEFT JOIN (SELECT wo.workshop_id, sum(o.good) FILTER (WHERE o.counts_quality AND o.work_date < :day) AS done,"
    "   sum(o.good) FILTER (WHERE o.counts_quality AND o.work_date = :day) AS passed,"
    "   sum(o.rework) FILTER (WHERE o.counts_quality AND o.work_date = :day) AS rework,"
    "   sum(o.reject) FILTER (WHERE o.counts_quality AND o.work_date = :day) AS reject,"
    "   count(DISTINCT o.inmate_id) FILTER (WHERE o.work_date = :day AND NOT o.undone) AS people"
    "  FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id"
    "   AND o.work_date BETWEEN date_trunc('month', CAST(:day AS date))::date AND :day GROUP BY wo.workshop_id) m"
    "  ON m.workshop_id = ws.id"
    " LEFT JOIN (SELECT wo.workshop_id, sum(s.rework) AS rework FROM stage_balance s JOIN work_order wo"
    "   ON wo.lapas_id = s.lapas_id AND wo.id = s.work_order_id"
    f"  WHERE s.lapas_id = :lapas_id AND wo.state IN {_STATES} GROUP BY wo.workshop_id) b ON b.workshop_id = ws.id"
    " WHERE ws.lapas_id = :lapas_id AND (CAST(:workshop_id AS uuid) IS NULL OR ws.id = :workshop_id)"
    f" AND (ws.id = :workshop_id OR t.pieces > 0 OR m.passed > 0 OR EXISTS (SELECT FROM work_order wo"
    f"   WHERE wo.lapas_id = ws.lapas_id AND wo.workshop_id = ws.id AND wo.state IN {_STATES}))"
    " ORDER BY lower(ws.name), ws.id LIMIT 12"
)
_ORDERS = (
    "SELECT wo.workshop_id, wo.product_name, wo.unit, wo.quantity, wo.passed, wo.due_date, wo.state,"  # noqa: S608 - constants
    " wo.due_date < :day AS late, coalesce(f.late_days, 0) AS late_days,"
    " greatest(0, wo.quantity - wo.passed + coalesce((SELECT sum(o.good) FROM output o WHERE o.lapas_id = wo.lapas_id"
    "   AND o.work_order_id = wo.id AND o.counts_quality AND o.work_date = :day), 0)) AS left_to_pass"
    " FROM work_order wo LEFT JOIN order_forecast f ON f.lapas_id = wo.lapas_id AND f.order_id = wo.order_id"
    f" WHERE wo.lapas_id = :lapas_id AND wo.state IN {_STATES}"
    "  AND (CAST(:workshop_id AS uuid) IS NULL OR wo.workshop_id = :workshop_id)"
    " ORDER BY wo.due_date >= :day, wo.due_date, wo.id LIMIT 1000"
)
# Routes have versions, and work orders of one workshop may run on several: the same stage is one place on the floor.
_STAGES = (
    "SELECT wo.workshop_id, max(s.value ->> 'name') AS name, max(s.value ->> 'name_en') AS name_en,"  # noqa: S608 - constants
    " CAST(coalesce(sum(b.waiting), 0) AS bigint) AS waiting, CAST(coalesce(sum(b.rework), 0) AS bigint) AS rework"
    " FROM work_order wo CROSS JOIN jsonb_array_elements(wo.route -> 'stages') WITH ORDINALITY AS s (value, no)"
    " LEFT JOIN (SELECT work_order_id, stage_no, sum(waiting) AS waiting, sum(rework) AS rework FROM stage_balance"
    "   WHERE lapas_id = :lapas_id GROUP BY work_order_id, stage_no) b"
    "  ON b.work_order_id = wo.id AND b.stage_no = s.no"
    f" WHERE wo.lapas_id = :lapas_id AND wo.state IN {_STATES}"
    "  AND (CAST(:workshop_id AS uuid) IS NULL OR wo.workshop_id = :workshop_id)"
    " GROUP BY wo.workshop_id, s.value ->> 'key' ORDER BY wo.workshop_id, min(s.no), s.value ->> 'key'"
)
_ACCIDENT = (
    "SELECT max(i.happened_on) FROM incident i WHERE i.lapas_id = :lapas_id AND i.kind = 'incident'"
    " AND i.happened_on <= :day AND (CAST(:workshop_id AS uuid) IS NULL OR i.workshop_id = :workshop_id)"
)
_CALL = (
    "SELECT c.id, c.workshop_id, w.name AS workshop_name, c.kind, c.raised_at, c.answered_at FROM board_call c"
    " JOIN workshop w ON w.lapas_id = c.lapas_id AND w.id = c.workshop_id WHERE c.lapas_id = :lapas_id"
)
_CALLS = (
    _CALL + " AND c.answered_at IS NULL AND (CAST(:workshop_id AS uuid) IS NULL OR c.workshop_id = :workshop_id)"
    " ORDER BY c.raised_at LIMIT 20"
)
_ANSWERED = _CALL + " AND c.answered_at IS NOT NULL ORDER BY c.raised_at DESC LIMIT 10"
