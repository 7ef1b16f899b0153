"""Questions about the region: one Lapas beside the other, and each figure down to its orders and days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from giatja_gateway.region.domain import (
    WEEKS,
    Headcount,
    LapasNotCompared,
    Month,
    defect_share,
    headcount,
    share,
    total,
)
from giatja_kit import clock
from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page

SORTS = ("name", "on_time", "overdue", "passed", "workers", "defects", "incidents")
_REGION_ZONE = "Asia/Jakarta"
_SUMS = ("accepted", "completed", "on_time", "late", "cancelled", "open", "overdue", "passed", "rework", "reject",
    "incidents", "near_misses")  # fmt: skip

_HEADS = ("workers", "permitted", "inmates", "premi_people")

# The last day that counts: the end of the month, or today at that Lapas while the month runs.
_PLACE = (
    "WITH place AS (SELECT lapas_id, name, zone,"
    " least(CAST(:last AS date), CAST(CAST(:at AS timestamptz) AT TIME ZONE zone AS date)) AS until"
    " FROM lapas WHERE CAST(:lapas_id AS text) IS NULL OR lapas_id = :lapas_id)"
)
_STILL_OPEN = (
    "o.accepted_on <= p.until AND (o.completed_on IS NULL OR o.completed_on > p.until)"
    " AND (o.cancelled_at IS NULL OR CAST(o.cancelled_at AT TIME ZONE p.zone AS date) > p.until)"
)
_IN_MONTH = "BETWEEN CAST(:first AS date) AND CAST(:last AS date)"
_FIGURES = (
    _PLACE + ", orders AS (SELECT o.lapas_id,"  # noqa: S608 - constants of this module
    f"  count(*) FILTER (WHERE o.accepted_on {_IN_MONTH}) AS accepted,"
    f"  count(*) FILTER (WHERE o.completed_on {_IN_MONTH}) AS completed,"
    f"  count(*) FILTER (WHERE o.completed_on {_IN_MONTH} AND o.on_time) AS on_time,"
    f"  count(*) FILTER (WHERE o.completed_on {_IN_MONTH} AND NOT o.on_time) AS late,"
    f"  count(*) FILTER (WHERE CAST(o.cancelled_at AT TIME ZONE p.zone AS date) {_IN_MONTH}) AS cancelled,"
    f"  count(*) FILTER (WHERE {_STILL_OPEN}) AS open,"
    f"  count(*) FILTER (WHERE {_STILL_OPEN} AND o.due_date < p.until) AS overdue"
    "  FROM region_order o JOIN place p USING (lapas_id) GROUP BY o.lapas_id)"
    ", output AS (SELECT lapas_id, sum(passed) AS passed, sum(rework) AS rework, sum(reject) AS reject"
    f"  FROM region_day WHERE day {_IN_MONTH} GROUP BY lapas_id)"
    ", safety AS (SELECT lapas_id, count(*) FILTER (WHERE kind = 'incident') AS incidents,"
    "  count(*) FILTER (WHERE kind = 'near_miss') AS near_misses"
    f"  FROM region_incident WHERE day {_IN_MONTH} GROUP BY lapas_id)"
    ", premi AS (SELECT lapas_id, sum(amount) AS premi, sum(people) AS premi_people"
    "  FROM region_premi WHERE month = :first GROUP BY lapas_id)"
    ", workers AS (SELECT lapas_id, count(DISTINCT inmate_id) AS workers"
    "  FROM region_worker_month WHERE month = :first GROUP BY lapas_id)"
    ", permitted AS (SELECT t.lapas_id, count(DISTINCT t.inmate_id) AS permitted FROM region_permit t"
    "  JOIN place p USING (lapas_id) WHERE t.valid_from <= p.until"
    "  AND coalesce(t.valid_until, p.until) >= p.until AND coalesce(t.ended_on, p.until) >= p.until GROUP BY t.lapas_id)"
    ", inmates AS (SELECT i.lapas_id, count(*) AS inmates FROM region_inmate i JOIN place p USING (lapas_id)"
    "  WHERE i.left_on IS NULL OR i.left_on > p.until GROUP BY i.lapas_id)"
    ", competences AS (SELECT lapas_id, count(*) AS competences FROM region_competence"
    f"  WHERE awarded_on {_IN_MONTH} GROUP BY lapas_id)"
    " SELECT p.lapas_id, p.name, p.zone, p.until,"
    + "".join(
        f" coalesce({name}, 0) AS {name},"
        for name in (*_SUMS, "premi", "premi_people", "workers", "permitted", "inmates")
    )
    + " coalesce(competences, 0) AS competences FROM place p"
    + "".join(
        f" LEFT JOIN {cte} USING (lapas_id)"
        for cte in ("orders", "output", "safety", "premi", "workers", "permitted", "inmates", "competences")
    )
    + " ORDER BY p.name"
)
_WEEKLY = (
    _PLACE + " SELECT d.lapas_id, (p.until - d.day) / 7 AS weeks_ago, CAST(sum(d.passed) AS bigint) AS passed"  # noqa: S608 - constants of this module
    " FROM region_day d JOIN place p USING (lapas_id)"
    " WHERE d.day <= p.until AND d.day > p.until - 7 * CAST(:weeks AS int)"
    " GROUP BY d.lapas_id, weeks_ago"
)


def today(store: Store) -> date:
    """Return the calendar day of the region."""
    return clock.today(_REGION_ZONE, store.at)


def months(store: Store) -> list[Month]:
    """Return the months that can be chosen, newest first: from the first that has figures to this one."""
    first = store.value(
        "SELECT least((SELECT min(accepted_on) FROM region_order), (SELECT min(day) FROM region_day),"
        " (SELECT min(month) FROM region_worker_month))"
    )
    found = [Month.of(today(store))]
    while first is not None and found[-1].first > first:
        found.append(found[-1].previous)
    return found


def newest_month(store: Store) -> Month:
    """Return the newest month in which something happened, or this one."""
    newest = store.value(
        "SELECT least(:today, greatest((SELECT max(accepted_on) FROM region_order),"
        " (SELECT max(completed_on) FROM region_order), (SELECT max(day) FROM region_day)))",
        today=today(store),
    )
    return Month.of(newest or today(store))


def overview(store: Store, month: Month, *, sort: str = "name") -> dict[str, Any]:
    """Return every Lapas the caller sees with its figures of a month, and all of them together.

    :param sort: one of ``SORTS``, with ``-`` before it for the largest first.
    """
    lapas = _figures(store, month)
    before = _figures(store, month.previous)
    weekly = _weekly(store, month)
    for row in lapas:
        row["weeks"] = weekly.get(row["lapas_id"], [0] * WEEKS)
    return {
        "month": str(month),
        "until": max((row["until"] for row in lapas), default=month.last),
        "sort": sort,
        "lapas": in_order(lapas, sort),
        "together": {**_together(lapas), "weeks": [sum(w) for w in zip(*(r["weeks"] for r in lapas), strict=True)]},
        "before": _together(before),
    }


def in_order(lapas: Sequence[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Sort rows by what they show, so that the order gives away no count that is hidden; unknown ones come last."""
    down, key = sort.startswith("-"), sort.removeprefix("-")
    by_name = sorted(lapas, key=lambda row: row["name"])
    if key == "name":
        return by_name[::-1] if down else by_name
    value = _SORT_VALUES[key]
    known = [row for row in by_name if value(row) is not None]
    return sorted(known, key=value, reverse=down) + [row for row in by_name if value(row) is None]


_SORT_VALUES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "on_time": lambda row: row["on_time_share"],
    "overdue": lambda row: row["overdue"],
    "passed": lambda row: row["passed"],
    "workers": lambda row: row["workers"]["count"],
    "defects": lambda row: row["defect_share"],
    "incidents": lambda row: row["incidents"],
}


def one_lapas(store: Store, lapas_id: str, month: Month) -> dict[str, Any]:
    """Return one Lapas in a month: its figures, its days, workshops and defects.

    :raises LapasNotCompared: not there, or not in the caller's region.
    """
    found = _figures(store, month, lapas_id=lapas_id)
    if not found:
        raise LapasNotCompared(id=lapas_id)
    before = _figures(store, month.previous, lapas_id=lapas_id)[0]
    values = {"lapas_id": lapas_id, "first": month.first, "last": month.last}
    return {
        "month": str(month),
        **found[0],
        "weeks": _weekly(store, month, lapas_id=lapas_id).get(lapas_id, [0] * WEEKS),
        "before": {k: before[k] for k in ("on_time_share", "defect_share", "passed", "workers")},
        "days": [
            dict(r)
            for r in store.rows(
                "SELECT day, CAST(sum(passed) AS bigint) AS passed, CAST(sum(rework + reject) AS bigint) AS faulty"
                " FROM region_day WHERE lapas_id = :lapas_id AND day BETWEEN :first AND :last GROUP BY day ORDER BY day",
                **values,
            )
        ],
        "workshops": [_workshop(r) for r in store.rows(_WORKSHOPS, **values)],
        "defects": [
            dict(r)
            for r in store.rows(
                "SELECT workshop_kind, code, CAST(sum(pieces) AS bigint) AS pieces FROM region_defect"
                " WHERE lapas_id = :lapas_id AND day BETWEEN :first AND :last GROUP BY workshop_kind, code"
                " HAVING sum(pieces) > 0 ORDER BY pieces DESC, code LIMIT 8",
                **values,
            )
        ],
    }


_WORKSHOPS = (
    "SELECT workshop_kind, CAST(sum(passed) AS bigint) AS passed, CAST(sum(rework) AS bigint) AS rework,"
    " CAST(sum(reject) AS bigint) AS reject FROM region_day"
    " WHERE lapas_id = :lapas_id AND day BETWEEN :first AND :last GROUP BY workshop_kind ORDER BY passed DESC"
)


def _workshop(row: Row) -> dict[str, Any]:
    judged = {"passed": row["passed"], "rework": row["rework"], "reject": row["reject"]}
    return {"workshop_kind": row["workshop_kind"], **judged, "defect_share": defect_share(**judged)}


_STANDINGS = {
    "all": "(o.accepted_on <= p.until AND (o.completed_on IS NULL OR o.completed_on >= CAST(:first AS date))"
    " AND (o.cancelled_at IS NULL OR CAST(o.cancelled_at AT TIME ZONE p.zone AS date) >= CAST(:first AS date)))",
    "accepted": f"o.accepted_on {_IN_MONTH}",
    "completed": f"o.completed_on {_IN_MONTH}",
    "on_time": f"o.completed_on {_IN_MONTH} AND o.on_time",
    "late": f"o.completed_on {_IN_MONTH} AND NOT o.on_time",
    "cancelled": f"CAST(o.cancelled_at AT TIME ZONE p.zone AS date) {_IN_MONTH}",
    "open": _STILL_OPEN,
    "overdue": f"{_STILL_OPEN} AND o.due_date < p.until",
}
STANDINGS = tuple(_STANDINGS)


def orders(store: Store, lapas_id: str, month: Month, query: PageQuery, *, standing: str) -> dict[str, Any]:
    """Return a page of the orders behind a figure, by due date.

    :param standing: one of ``STANDINGS``.
    :raises LapasNotCompared: not there, or not in the caller's region.
    """
    if store.value("SELECT true FROM lapas WHERE lapas_id = :lapas_id", lapas_id=lapas_id) is None:
        raise LapasNotCompared(id=lapas_id)
    after = query.after(2)
    rows = store.rows(
        _PLACE + " SELECT o.order_id, o.number, o.products, o.quantity, o.internal, o.accepted_on, o.due_date, o.state,"  # noqa: S608 - constants of this module
        " o.completed_on, o.on_time, coalesce(o.state IN ('open', 'held') AND o.due_date < p.until, false) AS overdue,"
        " CAST(coalesce((SELECT sum(w.passed) FROM region_work_order w"
        "  WHERE w.lapas_id = o.lapas_id AND w.order_id = o.order_id), 0) AS bigint) AS passed"
        " FROM region_order o JOIN place p USING (lapas_id)"
        f" WHERE o.lapas_id = :lapas_id AND {_STANDINGS[standing]}"
        " AND (CAST(:after_due AS date) IS NULL"
        "  OR (o.due_date, o.order_id) > (CAST(:after_due AS date), CAST(:after_id AS uuid)))"
        " ORDER BY o.due_date, o.order_id LIMIT :limit",
        lapas_id=lapas_id,
        first=month.first,
        last=month.last,
        at=store.at,
        after_due=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("due_date", "order_id"))


def _figures(store: Store, month: Month, *, lapas_id: str | None = None) -> list[dict[str, Any]]:
    rows = store.rows(_FIGURES, first=month.first, last=month.last, at=store.at, lapas_id=lapas_id)
    hide_small = not store.principal.may("inmates.read")
    return [_shown(row, hide_small=hide_small) for row in rows]


def _shown(row: Row, *, hide_small: bool) -> dict[str, Any]:
    heads = {k: asdict(headcount(row[k], hide_small=hide_small)) for k in _HEADS}
    figures = {k: int(row[k]) for k in _SUMS}
    return {
        "lapas_id": row["lapas_id"],
        "name": row["name"],
        "zone": row["zone"],
        "until": row["until"],
        **figures,
        **heads,
        # What a few people got would say what each of them got.
        "premi": None if heads["premi_people"]["few"] else int(row["premi"]),
        # Awards are counted per person and competence: in so small a group they name somebody too.
        "competences": asdict(headcount(row["competences"], hide_small=hide_small)),
        **_shares(figures),
    }


def _shares(figures: Mapping[str, int]) -> dict[str, float | None]:
    return {
        "on_time_share": share(figures["on_time"], figures["completed"]),
        "defect_share": defect_share(passed=figures["passed"], rework=figures["rework"], reject=figures["reject"]),
    }


def _together(lapas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    figures = {k: sum(row[k] for row in lapas) for k in _SUMS}
    heads = {k: asdict(total([Headcount(**row[k]) for row in lapas])) for k in (*_HEADS, "competences")}
    premi = sum(row["premi"] or 0 for row in lapas)
    return {"lapas_count": len(lapas), "premi": premi, **figures, **heads, **_shares(figures)}


def _weekly(store: Store, month: Month, *, lapas_id: str | None = None) -> dict[str, list[int]]:
    """Return for each Lapas what passed in each of the last weeks, oldest first."""
    found: dict[str, list[int]] = {}
    rows = store.rows(_WEEKLY, last=month.last, at=store.at, lapas_id=lapas_id, weeks=WEEKS)
    for row in rows:
        found.setdefault(row["lapas_id"], [0] * WEEKS)[WEEKS - 1 - row["weeks_ago"]] = int(row["passed"])
    return found
