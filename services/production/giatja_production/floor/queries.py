"""Questions of the floor and of the front page."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_production.floor.domain import pace, working_days
from giatja_production.lapas.queries import today
from giatja_production.work_orders.domain import StageUnknown, WorkOrderUnknown
from giatja_production.workers.queries import ALLOWED

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
# Expected today is who worked in this workshop in the last 30 days, or nowhere: new people belong to no other.
_WORKERS = (
    "SELECT w.inmate_id, w.fitness, coalesce(d.good, 0) AS good, coalesce(d.rework, 0) AS rework,"  # noqa: S608 - constants
    " coalesce(d.reject, 0) AS reject, d.last_id, d.last_credited, coalesce(u.usual, true) AS usual"
    " FROM worker w LEFT JOIN ("
    "  SELECT o.inmate_id, sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject,"
    "   (array_agg(o.id ORDER BY o.seq DESC) FILTER (WHERE NOT o.undone))[1] AS last_id,"
    "   (array_agg(o.credited > 0 ORDER BY o.seq DESC) FILTER (WHERE NOT o.undone))[1] AS last_credited"
    "  FROM output o WHERE o.lapas_id = :lapas_id AND o.work_order_id = :work_order_id AND o.stage_no = :stage_no"
    "   AND o.work_date = :work_date AND o.shift = :shift GROUP BY o.inmate_id) d ON d.inmate_id = w.inmate_id"
    " LEFT JOIN (SELECT o.inmate_id, bool_or(wo.workshop_id = :workshop_id) AS usual FROM output o"
    "  JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:work_date AS date) - 30 AND :work_date"
    "  GROUP BY o.inmate_id) u ON u.inmate_id = w.inmate_id"
    f" WHERE w.lapas_id = :lapas_id AND {ALLOWED}"
    " ORDER BY coalesce(u.usual, true) DESC, w.inmate_id LIMIT 500"
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
        "not_recorded": [w["inmate_id"] for w in workers if w["last_id"] is None and w["usual"]],
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
    return {
        "date": day,
        "workshops": workshops,
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
