"""Questions of the floor and of the front page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_production.attendance.queries import EXPECTED, PLACES, PLACES_OF_W, sheet, unmarked
from giatja_production.calendar.queries import shift_times
from giatja_production.floor.domain import TallyUnknown, pace, working_days
from giatja_production.lapas.queries import today
from giatja_production.materials.queries import BELOW_MINIMUM
from giatja_production.work_orders.domain import StageUnknown, WorkOrderUnknown
from giatja_production.workers.queries import ALLOWED

if TYPE_CHECKING:
    from giatja_production.floor.handlers import RecordTally

_WORK_ORDER = (
    "SELECT wo.id, wo.order_number, wo.product_name, wo.partner_name, wo.unit, wo.quantity, wo.due_date, wo.state,"
    " wo.reason, wo.workshop_id, wo.workshop_kind, wo.opened_on, wo.cells, wo.route, wo.passed, wo.finished,"
    " wo.rejected, ws.name AS workshop_name, t.pieces AS month_target,"
    " (SELECT json_agg(json_build_array(b.stage_no, b.cell_no, b.waiting, b.rework, b.good, b.reject))"
    "  FROM stage_balance b WHERE b.lapas_id = wo.lapas_id AND b.work_order_id = wo.id) AS balances"
    " FROM work_order wo JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
    " LEFT JOIN month_target t ON t.lapas_id = wo.lapas_id AND t.workshop_id = wo.workshop_id"
    "  AND t.month = date_trunc('month', CAST(:work_date AS date))::date"
    " WHERE wo.lapas_id = :lapas_id AND wo.id = :work_order_id"
)
_WORKERS = (
    f"WITH {PLACES}"  # noqa: S608 - constants
    " SELECT w.inmate_id, w.fitness, coalesce(d.good, 0) AS good, coalesce(d.rework, 0) AS rework,"
    f" coalesce(d.reject, 0) AS reject, d.last_id, d.last_credited, {EXPECTED} AS usual, a.status"
    f" FROM worker w{PLACES_OF_W}"
    " LEFT JOIN attendance a ON a.lapas_id = w.lapas_id AND a.inmate_id = w.inmate_id"
    "  AND a.work_date = :work_date AND a.shift = :shift"
    " LEFT JOIN ("
    "  SELECT o.inmate_id, sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject,"
    "   (array_agg(o.id ORDER BY o.seq DESC) FILTER (WHERE NOT o.undone))[1] AS last_id,"
    "   (array_agg(o.credited > 0 ORDER BY o.seq DESC) FILTER (WHERE NOT o.undone))[1] AS last_credited"
    "  FROM output o WHERE o.lapas_id = :lapas_id AND o.work_order_id = :work_order_id AND o.stage_no = :stage_no"
    "   AND o.work_date = :work_date AND o.shift = :shift GROUP BY o.inmate_id) d ON d.inmate_id = w.inmate_id"
    f" WHERE w.lapas_id = :lapas_id AND {ALLOWED}"
    f" ORDER BY {EXPECTED} DESC, w.inmate_id LIMIT 500"
)


def floor(store: Store, *, work_order_id: UUID, stage_id: UUID, work_date: date, shift: str) -> dict[str, Any]:
    """Return one stage of a work order in one shift: people, pieces, target.

    :raises WorkOrderUnknown, StageUnknown:
    """
    row = store.row(_WORK_ORDER, lapas_id=store.lapas_id, work_order_id=work_order_id, work_date=work_date)
    if row is None:
        raise WorkOrderUnknown(id=work_order_id)
    stage = next((s for s in row["route"]["stages"] if s["id"] == str(stage_id)), None)
    if stage is None:
        raise StageUnknown(field="/stage_id")
    workers = store.rows(
        _WORKERS,
        lapas_id=store.lapas_id,
        work_order_id=work_order_id,
        workshop_id=row["workshop_id"],
        stage_no=stage["no"],
        work_date=work_date,
        shift=shift,
    )
    actual = int(
        store.value(
            "SELECT coalesce(sum(good), 0) FROM output WHERE lapas_id = :lapas_id AND work_order_id = :work_order_id"
            " AND stage_no = :stage_no AND work_date = :work_date",
            lapas_id=store.lapas_id,
            work_order_id=work_order_id,
            stage_no=stage["no"],
            work_date=work_date,
        )
    )
    here = {cell: values for no, cell, *values in row["balances"] or () if no == stage["no"]}
    good = sum(values[2] for values in here.values())
    left = max(0, row["quantity"] + row["rejected"] - good - sum(values[3] for values in here.values()) + actual)
    target = pace(left=left, today=work_date, due_date=row["due_date"])
    return {
        "work_order": {k: row[k] for k in row if k not in ("route", "cells", "balances")},
        "stage": stage,
        "defects": row["route"]["defects"],
        "cells": [
            {
                "size": c["size"],
                "colour": c["colour"],
                "waiting": here.get(c["no"], (0,))[0],
                "rework": here.get(c["no"], (0, 0))[1],
            }
            for c in row["cells"]
        ],
        "waiting": sum(values[0] for values in here.values()),
        "rework": sum(values[1] for values in here.values()),
        "good": good,
        "target": target,
        "actual": actual,
        "gap": max(0, target - actual),
        "today": today(store),
        "workers": [{**w, "recorded": w["last_id"] is not None} for w in workers],
        # Who is marked as away is not waited for.
        "not_recorded": [
            w["inmate_id"] for w in workers if w["last_id"] is None and w["usual"] and w["status"] in (None, "hadir")
        ],
    }


INSERT_TALLY: Final = (
    "INSERT INTO tally (lapas_id, id, workshop_id, work_date, shift, output_ids, recorded_at, recorded_by)"
    " VALUES (:lapas_id, :id, :workshop_id, :work_date, :shift, CAST(:output_ids AS uuid[]), :at, :actor)"
)
INSERT_TEAM: Final = (
    "INSERT INTO team (lapas_id, id, tally_id, work_order_id, stage_no, key, good, rework, reject, members)"
    " VALUES (:lapas_id, :id, :tally_id, :work_order_id, :stage_no, :key, :good, :rework, :reject,"
    "  CAST(:members AS jsonb))"
)


@dataclass(frozen=True, kw_only=True)
class TallyScene:
    """What recording a shift needs to see before the work orders are locked.

    :param marks: how each person is marked in the shift; :param minutes: of those who are present.
    :param workshops: of each work order; :param stages: work order and stage -> its place in the route.
    """

    marks: Mapping[UUID, str]
    minutes: dict[UUID, int]
    workshops: Mapping[UUID, UUID]
    stages: Mapping[tuple[UUID, UUID], int]


def tally_scene(store: Store, command: "RecordTally") -> TallyScene:
    """Return attendance and work orders in one round trip."""
    people = {line.inmate_id for line in command.lines}
    people.update(m.inmate_id for line in command.teams for m in line.team.members)
    row = store.row(
        "SELECT (SELECT json_agg(json_build_array(a.inmate_id, a.status, a.minutes)) FROM attendance a"
        "  WHERE a.lapas_id = :lapas_id AND a.work_date = :work_date AND a.shift = :shift"
        "   AND a.inmate_id = ANY (:people)) AS marks,"
        " (SELECT json_agg(json_build_array(wo.id, wo.workshop_id, (SELECT json_agg(json_build_array(s.value ->> 'id',"
        "   s.no)) FROM jsonb_array_elements(wo.route -> 'stages') WITH ORDINALITY AS s (value, no))))"
        "  FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.id = ANY (:work_orders)) AS work_orders",
        lapas_id=store.lapas_id,
        work_date=command.work_date,
        shift=command.shift,
        people=list(people),
        work_orders=list({one.work_order_id for one in command.lines} | {one.work_order_id for one in command.teams}),
    )
    found: Row = row or {"marks": None, "work_orders": None}
    work_orders = [(UUID(i), UUID(place), stages) for i, place, stages in found["work_orders"] or ()]
    return TallyScene(
        marks={UUID(i): status for i, status, _ in found["marks"] or ()},
        minutes={UUID(i): minutes for i, _, minutes in found["marks"] or ()},
        workshops={i: place for i, place, _ in work_orders},
        stages={(i, UUID(stage)): no for i, _, stages in work_orders for stage, no in stages},
    )


def tally(store: Store, id_: UUID) -> Row:
    """Return a tally and lock it.

    :raises TallyUnknown:
    """
    row = store.row(
        "SELECT workshop_id, output_ids, undone_at FROM tally WHERE lapas_id = :lapas_id AND id = :id FOR UPDATE",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if row is None:
        raise TallyUnknown(id=id_)
    return row


def to_take_back(store: Store, output_ids: Sequence[UUID]) -> list[UUID]:
    """Return the entries that still stand, work orders in the sequence they are locked in, last stages first."""
    rows = store.rows(
        "SELECT id FROM output WHERE lapas_id = :lapas_id AND id = ANY (:ids) AND NOT undone"
        " GROUP BY id, work_order_id, stage_no ORDER BY work_order_id, stage_no DESC, max(seq) DESC",
        lapas_id=store.lapas_id,
        ids=list(output_ids),
    )
    return [row["id"] for row in rows]


_JOBS = (
    "SELECT wo.id, wo.order_number, wo.product_name, wo.partner_name, wo.due_date, wo.state, wo.reason, wo.unit,"
    " wo.quantity, wo.rejected, wo.finished, wo.cells, wo.route -> 'stages' AS stages,"
    " wo.route -> 'defects' AS defects,"
    " (SELECT json_object_agg(b.stage_no, json_build_array(b.waiting, b.rework, b.good, b.reject)) FROM ("
    "   SELECT stage_no, sum(waiting) AS waiting, sum(rework) AS rework, sum(good) AS good, sum(reject) AS reject"
    "   FROM stage_balance WHERE lapas_id = wo.lapas_id AND work_order_id = wo.id GROUP BY stage_no) b) AS balances,"
    " (SELECT json_object_agg(d.stage_no, d.good) FROM (SELECT stage_no, sum(good) AS good FROM output"
    "   WHERE lapas_id = wo.lapas_id AND work_order_id = wo.id AND work_date = :work_date GROUP BY stage_no) d) AS made"
    " FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.workshop_id = :workshop_id"
    "  AND wo.opened_on <= :work_date AND (wo.state IN ('released', 'in_progress', 'on_hold')"
    "   OR wo.id IN (SELECT o.work_order_id FROM output o WHERE o.lapas_id = :lapas_id AND o.work_date = :work_date))"
    " ORDER BY wo.due_date, wo.id LIMIT 100"
)
_SHIFT_ENTRIES = (
    "SELECT o.id, o.inmate_id, o.work_order_id, wo.route -> 'stages' -> (o.stage_no - 1) ->> 'id' AS stage_id,"
    " sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject, max(o.defect) AS defect, o.from_rework,"
    " sum(o.credited) AS credited, o.undone, o.team_id, o.recorded_at, o.recorded_by"
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " WHERE o.lapas_id = :lapas_id AND o.work_date = :work_date AND o.shift = :shift"
    "  AND wo.workshop_id = :workshop_id AND o.undoes IS NULL"
    " GROUP BY o.id, o.inmate_id, o.work_order_id, wo.route, o.stage_no, o.from_rework, o.undone, o.team_id,"
    "  o.recorded_at, o.recorded_by ORDER BY min(o.seq)"
)
_LAST = (
    "SELECT DISTINCT ON (o.inmate_id) o.inmate_id, o.work_order_id AS last_work_order_id, o.stage_key AS last_stage_key"
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:work_date AS date) - 14 AND :work_date"
    "  AND wo.workshop_id = :workshop_id AND o.inmate_id IS NOT NULL AND o.undoes IS NULL AND NOT o.undone"
    " ORDER BY o.inmate_id, o.seq DESC"
)
_TALLIES = (
    "SELECT t.id, t.recorded_at, t.recorded_by, t.undone_at, cardinality(t.output_ids) AS entries,"
    " (SELECT json_agg(json_build_object('key', m.key, 'good', m.good, 'rework', m.rework, 'reject', m.reject,"
    "   'work_order_id', m.work_order_id, 'stage_no', m.stage_no, 'members', m.members)) FROM team m"
    "  WHERE m.lapas_id = t.lapas_id AND m.tally_id = t.id) AS teams"
    " FROM tally t WHERE t.lapas_id = :lapas_id AND t.workshop_id = :workshop_id AND t.work_date = :work_date"
    "  AND t.shift = :shift ORDER BY t.id DESC LIMIT 50"
)


def shift(store: Store, *, workshop_id: UUID, work_date: date, shift: str) -> dict[str, Any]:
    """Return a shift of a workshop: who is on duty, what may be worked on, what is recorded, what is missing.

    :raises WorkshopUnknown:
    """
    where = {"lapas_id": store.lapas_id, "workshop_id": workshop_id, "work_date": work_date}
    seen = sheet(store, workshop_id=workshop_id, work_date=work_date, shift=shift)
    entries = store.rows(_SHIFT_ENTRIES, **where, shift=shift)
    made: dict[UUID, dict[str, int]] = {}
    for entry in entries:
        if not entry["undone"]:
            sums = made.setdefault(entry["inmate_id"], {"good": 0, "rework": 0, "reject": 0, "entries": 0})
            for kind in ("good", "rework", "reject"):
                sums[kind] += entry[kind]
            sums["entries"] += 1
    nothing = {"good": 0, "rework": 0, "reject": 0, "entries": 0}
    nowhere = {"last_work_order_id": None, "last_stage_key": None}
    last = {row["inmate_id"]: row for row in store.rows(_LAST, **where)}
    people = [{**p, **made.get(p["inmate_id"], nothing), **last.get(p["inmate_id"], nowhere)} for p in seen["people"]]
    return {
        **seen,
        "people": people,
        "others": [{**p, **nothing, **nowhere} for p in seen["others"]],
        "not_recorded": [
            p["inmate_id"] for p in people if not p["entries"] and p["allowed"] and p["status"] in (None, "hadir")
        ],
        "jobs": [_job(row, work_date) for row in store.rows(_JOBS, **where)],
        "entries": [dict(e) for e in entries],
        "tallies": [{**t, "teams": t["teams"] or []} for t in store.rows(_TALLIES, **where, shift=shift)],
    }


def _job(row: Row, work_date: date) -> dict[str, Any]:
    balances, made = row["balances"] or {}, row["made"] or {}
    return {
        **{k: row[k] for k in row if k not in ("stages", "balances", "made", "rejected")},
        "stages": [
            _stage(stage, balances.get(str(stage["no"]), (0, 0, 0, 0)), made.get(str(stage["no"]), 0), row, work_date)
            for stage in row["stages"]
        ],
    }


def _stage(stage: Mapping[str, Any], balance: Sequence[int], made: int, row: Row, work_date: date) -> dict[str, Any]:
    waiting, rework, good, reject = balance
    left = max(0, row["quantity"] + row["rejected"] - good - reject + made)
    target = pace(left=left, today=work_date, due_date=row["due_date"])
    return {
        **stage,
        "waiting": waiting,
        "rework": rework,
        "good": good,
        "target": target,
        "actual": made,
        "gap": max(0, target - made),
    }


_SUMMARY = (
    "SELECT ws.id, ws.kind, ws.name, t.pieces AS month_target,"  # noqa: S608 - constants
    " coalesce(m.done, 0) AS month_done, coalesce(m.today, 0) AS today,"
    " coalesce(d.workers, 0) AS workers_active, coalesce(d.reject, 0) AS rejected_today,"
    " coalesce(d.rework, 0) AS rework_today, coalesce(u.not_recorded, 0) AS not_recorded,"
    " coalesce(p.open, 0) AS open_work_orders, coalesce(p.late, 0) AS late_work_orders, coalesce(p.held, 0) AS on_hold"
    " FROM workshop ws"
    " LEFT JOIN month_target t ON t.lapas_id = ws.lapas_id AND t.workshop_id = ws.id"
    "  AND t.month = date_trunc('month', CAST(:day AS date))::date"
    " LEFT JOIN (SELECT wo.workshop_id, sum(o.good) AS done, sum(o.good) FILTER (WHERE o.work_date = :day) AS today"
    "  FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id AND o.counts_quality"
    "   AND o.work_date BETWEEN date_trunc('month', CAST(:day AS date))::date AND :day GROUP BY wo.workshop_id) m"
    "  ON m.workshop_id = ws.id"
    " LEFT JOIN (SELECT wo.workshop_id, count(DISTINCT o.inmate_id) FILTER (WHERE NOT o.undone) AS workers,"
    "   sum(o.reject) AS reject, sum(o.rework) AS rework"
    "  FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id AND o.work_date = :day GROUP BY wo.workshop_id) d ON d.workshop_id = ws.id"
    " LEFT JOIN (SELECT r.workshop_id, count(*) AS not_recorded FROM ("
    "   SELECT wo.workshop_id, o.inmate_id, bool_or(o.work_date = :day AND NOT o.undone) AS seen"
    "   FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "   JOIN worker w ON w.lapas_id = o.lapas_id AND w.inmate_id = o.inmate_id"
    "   WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:day AS date) - 14 AND :day"
    f"    AND {ALLOWED.replace(':work_date', ':day')}"
    "   GROUP BY wo.workshop_id, o.inmate_id) r WHERE NOT r.seen GROUP BY r.workshop_id) u ON u.workshop_id = ws.id"
    " LEFT JOIN (SELECT workshop_id, count(*) AS open, count(*) FILTER (WHERE due_date < :day) AS late,"
    "   count(*) FILTER (WHERE state = 'on_hold') AS held FROM work_order"
    "  WHERE lapas_id = :lapas_id AND state IN ('released', 'in_progress', 'on_hold') GROUP BY workshop_id) p"
    "  ON p.workshop_id = ws.id"
    " WHERE ws.lapas_id = :lapas_id ORDER BY lower(ws.name), ws.id"
)


# What waits for somebody: days before today that were worked on and not closed, what another person than the reader
# asked to be changed, own material below its minimum, alerts, what should have been done for safety, swaps of turns.
_WAITING = (
    "SELECT (SELECT count(DISTINCT d.work_date) FROM ("  # noqa: S608 - a constant
    "  SELECT a.workshop_id, a.work_date FROM attendance a WHERE a.lapas_id = :lapas_id"
    "   AND a.work_date BETWEEN CAST(:day AS date) - 31 AND CAST(:day AS date) - 1"
    "  UNION SELECT wo.workshop_id, o.work_date FROM output o"
    "   JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id WHERE o.lapas_id = :lapas_id"
    "   AND o.work_date BETWEEN CAST(:day AS date) - 31 AND CAST(:day AS date) - 1) d"
    "  WHERE NOT EXISTS (SELECT FROM closed_day c WHERE c.lapas_id = :lapas_id AND c.workshop_id = d.workshop_id"
    "   AND c.work_date = d.work_date)) AS days_open,"
    " (SELECT count(*) FROM correction x WHERE x.lapas_id = :lapas_id AND x.state = 'pending'"
    "  AND split_part(x.requested_by, ':', 2) <> :person) AS corrections_pending,"
    f" (SELECT count(*) FROM material m WHERE m.lapas_id = :lapas_id AND {BELOW_MINIMUM}) AS materials_low,"
    " (SELECT count(*) FROM security_alert a WHERE a.lapas_id = :lapas_id AND a.state = 'open') AS alerts_open,"
    " (SELECT count(*) FROM follow_up u WHERE u.lapas_id = :lapas_id AND u.done_at IS NULL AND u.due_date < :day)"
    "  AS follow_ups_overdue,"
    " (SELECT count(*) FROM duty_swap s WHERE s.lapas_id = :lapas_id AND s.state = 'open') AS swaps_open"
)


def _present_shift(store: Store, day: date) -> str | None:
    """Return the shift that runs at this moment, or the last one that did on that day."""
    begun = [t.shift for t in shift_times(store, day) if t.starts <= store.at]
    return begun[-1] if begun else None


def summary(store: Store, day: date | None) -> dict[str, Any]:
    """Return for each workshop the month and the day: target, done, people, what is late.

    ``month_done`` and ``today`` are pieces that passed quality control; ``month_expected`` is what the
    target asks for by the end of this day, at the same number each working day.
    """
    day = day or today(store)
    rows = store.rows(_SUMMARY, lapas_id=store.lapas_id, day=day)
    workshops = [{**row, "month_expected": _expected(row["month_target"], day)} for row in rows]
    allowed = store.value(
        f"SELECT count(*) FROM worker w WHERE w.lapas_id = :lapas_id AND {ALLOWED}",  # noqa: S608 - a constant
        lapas_id=store.lapas_id,
        work_date=day,
    )
    active = store.value(
        "SELECT count(DISTINCT inmate_id) FROM output WHERE lapas_id = :lapas_id AND work_date = :day AND NOT undone",
        lapas_id=store.lapas_id,
        day=day,
    )
    shift = _present_shift(store, day)
    missing = unmarked(store, work_date=day, shift=shift) if shift else {}
    waiting = store.row(_WAITING, lapas_id=store.lapas_id, day=day, person=store.principal.subject)
    return {
        "date": day,
        "workshops": [{**w, "unmarked": missing.get(w["id"], 0)} for w in workshops],
        "shift": shift,
        **(waiting or {}),
        "workers_allowed": allowed,
        "workers_active": active,
        "working_days_left": working_days(day, _last_of_month(day)) - working_days(day, day),
    }


def _last_of_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def _expected(target: int | None, day: date) -> int | None:
    if target is None:
        return None
    first = day.replace(day=1)
    return round(target * working_days(first, day) / working_days(first, _last_of_month(day)))
