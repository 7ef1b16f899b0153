"""Questions about quality: inspections, how much passes at first sight, which defects come from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.quality.domain import Inspection, InspectionUnknown, Seen, rolled_yield

if TYPE_CHECKING:
    from giatja_production.quality.handlers import InspectPieces

INSERT_INSPECTION: Final = (
    "INSERT INTO inspection (lapas_id, id, work_order_id, stage_no, bundle_id, pieces, sample_size, inspector,"
    " inspector_name, note, work_date, at, by)"
    " VALUES (:lapas_id, :id, :work_order_id, :stage_no, :bundle_id, :pieces, :sample_size, :inspector,"
    " :inspector_name, :note, :work_date, :at, :by)"
)


def inspection_row(store: Store, command: InspectPieces, inspection: Inspection, *, stage_no: int) -> dict[str, Any]:
    """Return the values of :data:`INSERT_INSPECTION`."""
    return {
        "lapas_id": store.lapas_id,
        "id": command.id,
        "work_order_id": command.work_order_id,
        "stage_no": stage_no,
        "bundle_id": command.bundle_id,
        "pieces": inspection.pieces,
        "sample_size": inspection.sample_size,
        "inspector": inspection.inspector.value,
        "inspector_name": inspection.inspector_name,
        "note": command.note,
        "work_date": command.work_date,
        "at": store.at,
        "by": store.actor,
    }


_INSPECTION = (
    "SELECT i.id, i.work_order_id, wo.order_number, wo.product_name, wo.partner_name, wo.unit, wo.workshop_id,"
    " ws.name AS workshop_name, i.stage_no, wo.route -> 'stages' -> (i.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (i.stage_no - 1) ->> 'name_en' AS stage_name_en, i.bundle_id, bu.code AS bundle_code,"
    " bu.kind AS bundle_kind, i.pieces, i.sample_size, i.inspector, i.inspector_name, i.note, i.work_date, i.at, i.by,"
    " found.good, found.rework, found.reject, found.from_rework, found.taken_back"
    " FROM inspection i JOIN work_order wo ON wo.lapas_id = i.lapas_id AND wo.id = i.work_order_id"
    " JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
    " LEFT JOIN bundle bu ON bu.lapas_id = i.lapas_id AND bu.id = i.bundle_id"
    " CROSS JOIN LATERAL (SELECT coalesce(sum(o.good), 0) AS good, coalesce(sum(o.rework), 0) AS rework,"
    "  coalesce(sum(o.reject), 0) AS reject, bool_or(o.from_rework) AS from_rework, bool_and(o.undone) AS taken_back"
    "  FROM output o WHERE o.lapas_id = i.lapas_id AND o.inspection_id = i.id AND o.undoes IS NULL) found"
    " WHERE i.lapas_id = :lapas_id"
)


def inspections(
    store: Store,
    query: PageQuery,
    *,
    work_order_id: UUID | None,
    bundle_id: UUID | None,
    workshop_id: UUID | None,
    inspector: str | None,
    result: str | None,
    first: date | None,
    last: date | None,
    search: str | None,
) -> dict[str, Any]:
    """Return a page of inspections, the newest first.

    :param result: ``clean`` without a defect, ``faulty`` with one.
    """
    after = query.after(2)
    where = {
        "work_order_id": (" AND i.work_order_id = :work_order_id", work_order_id),
        "bundle_id": (" AND i.bundle_id = :bundle_id", bundle_id),
        "workshop_id": (" AND wo.workshop_id = :workshop_id", workshop_id),
        "inspector": (" AND i.inspector = :inspector", inspector),
        "result": (" AND (found.rework + found.reject > 0) = (:result = 'faulty')", result),
        "first": (" AND i.work_date >= :first", first),
        "last": (" AND i.work_date <= :last", last),
        "search": (_SEARCH, search),
        "after_at": (
            " AND (i.at, i.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))",
            after[0] if after else None,
        ),
    }
    given: dict[str, Any] = {name: value for name, (_, value) in where.items() if value is not None}
    sql = _INSPECTION + "".join(where[name][0] for name in given)
    if after:
        given["after_id"] = after[1]
    rows = store.rows(
        sql + " ORDER BY i.at DESC, i.id DESC LIMIT :limit", lapas_id=store.lapas_id, limit=query.limit + 1, **given
    )
    return page(rows, limit=query.limit, key=("at", "id"))


_SEARCH = (
    " AND concat_ws(' ', wo.order_number, wo.product_name, wo.partner_name, bu.code, i.inspector_name, i.note)"
    " ILIKE '%' || :search || '%'"
)


def inspection(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one inspection with its findings.

    :raises InspectionUnknown: not there, or not for this caller.
    """
    row = store.row(_INSPECTION + " AND i.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise InspectionUnknown(id=id_)
    entries = store.rows(
        _ENTRY + " AND o.inspection_id = :id" + _BY_ENTRY + " ORDER BY min(o.seq)", lapas_id=store.lapas_id, id=id_
    )
    return {**row, "entries": entries}


_DEFECT_NAME: Final = (
    "(SELECT d.value ->> '{name}' FROM jsonb_array_elements(wo.route -> 'defects') d"
    " WHERE d.value ->> 'key' = max(o.defect))"
)
_ENTRY = (
    "SELECT o.id, o.work_order_id, wo.order_number, wo.product_name, wo.workshop_id, o.work_date, o.shift,"  # noqa: S608 - constants
    " o.stage_no,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name_en' AS stage_name_en,"
    " wo.route -> 'stages' -> (max(o.responsible_no) - 1) ->> 'name' AS responsible_name,"
    " wo.route -> 'stages' -> (max(o.responsible_no) - 1) ->> 'name_en' AS responsible_name_en,"
    " o.inmate_id, o.from_rework, o.undone, o.bundle_id, bu.code AS bundle_code, o.inspection_id, o.recorded_at,"
    " o.recorded_by, sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject, max(o.defect) AS defect,"
    f" coalesce({_DEFECT_NAME.format(name='name')}, max(o.defect)) AS defect_name,"
    f" coalesce({_DEFECT_NAME.format(name='name_en')}, max(o.defect)) AS defect_name_en"
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " LEFT JOIN bundle bu ON bu.lapas_id = o.lapas_id AND bu.id = o.bundle_id"
    " WHERE o.lapas_id = :lapas_id AND o.undoes IS NULL"
)
_BY_ENTRY = (
    " GROUP BY o.id, o.work_order_id, wo.order_number, wo.product_name, wo.workshop_id, o.work_date, o.shift, o.stage_no,"
    " wo.route, o.inmate_id, o.from_rework, o.undone, o.bundle_id, bu.code, o.inspection_id, o.recorded_at, o.recorded_by"
)
# The stage a defect comes from: the one that is named, else the one that found it.
_CAUSE: Final = "wo.route -> 'stages' -> (coalesce(o.responsible_no, o.stage_no) - 1)"
_OF_PERIOD: Final = (
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN :first AND :last AND o.undoes IS NULL AND NOT o.undone"
    " AND (CAST(:workshop_id AS uuid) IS NULL OR wo.workshop_id = :workshop_id)"
    " AND (CAST(:work_order_id AS uuid) IS NULL OR o.work_order_id = :work_order_id)"
)


def faults(
    store: Store,
    query: PageQuery,
    *,
    first: date,
    last: date,
    workshop_id: UUID | None,
    work_order_id: UUID | None,
    defect: str | None,
    stage: str | None,
    cause: str | None,
) -> dict[str, Any]:
    """Return a page of the entries with a defect, the newest first.

    :param stage: key of the stage that found it; :param cause: key of the one it comes from.
    """
    after = query.after(1)
    where = {
        "workshop_id": (" AND wo.workshop_id = :workshop_id", workshop_id),
        "work_order_id": (" AND o.work_order_id = :work_order_id", work_order_id),
        "defect": (" AND o.defect = :defect", defect),
        "stage": (" AND o.stage_key = :stage", stage),
        "cause": (f" AND {_CAUSE} ->> 'key' = :cause", cause),
        "after": (" AND o.id < CAST(:after AS uuid)", after[0] if after else None),
    }
    given: dict[str, Any] = {name: value for name, (_, value) in where.items() if value is not None}
    rows = store.rows(
        _ENTRY
        + " AND NOT o.undone AND o.defect <> 'hilang' AND o.work_date BETWEEN :first AND :last"
        + "".join(where[name][0] for name in given)
        + _BY_ENTRY
        + " ORDER BY o.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        first=first,
        last=last,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("id",))


# What was looked at for the first time. Of a sampled lot only the sample was, so the rest of it says nothing.
# Pieces that were lost or came out of the stock were not looked at here.
_SEEN = (
    "WITH seen AS (SELECT wo.workshop_id, o.stage_key, max(o.stage_no) AS stage_no, o.work_date,"  # noqa: S608 - constants
    " o.inspection_id,"
    " max(wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name') AS name,"
    " max(wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name_en') AS name_en, bool_or(o.counts_quality) AS counts_quality,"
    f" sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject{_OF_PERIOD}"
    "  AND NOT o.from_rework AND o.allocation_id IS NULL AND o.defect IS DISTINCT FROM 'hilang'"
    "  GROUP BY wo.workshop_id, o.stage_key, o.work_date, o.inspection_id)"
    " SELECT s.workshop_id, ws.name AS workshop_name, s.stage_key AS key, max(s.stage_no) AS no, max(s.name) AS name,"
    " max(s.name_en) AS name_en, bool_or(s.counts_quality) AS counts_quality, CAST(date_trunc(:by, s.work_date) AS date)"
    " AS begins, sum(CASE WHEN i.sample_size IS NULL THEN s.good ELSE greatest(i.sample_size - s.rework - s.reject, 0)"
    " END) AS good, sum(s.rework) AS rework, sum(s.reject) AS reject"
    " FROM seen s JOIN workshop ws ON ws.lapas_id = :lapas_id AND ws.id = s.workshop_id"
    " LEFT JOIN inspection i ON i.lapas_id = :lapas_id AND i.id = s.inspection_id"
    " GROUP BY s.workshop_id, ws.name, s.stage_key, begins ORDER BY ws.name, no, begins"
)
_PARETO = (
    "SELECT o.defect AS key,"  # noqa: S608 - constants
    " max((SELECT d.value ->> 'name' FROM jsonb_array_elements(wo.route -> 'defects') d"
    "  WHERE d.value ->> 'key' = o.defect)) AS name,"
    " max((SELECT d.value ->> 'name_en' FROM jsonb_array_elements(wo.route -> 'defects') d"
    "  WHERE d.value ->> 'key' = o.defect)) AS name_en,"
    f" {_CAUSE} ->> 'key' AS cause, max({_CAUSE} ->> 'name') AS cause_name, max({_CAUSE} ->> 'name_en') AS cause_name_en,"
    f" sum(o.rework) AS rework, sum(o.reject) AS reject{_OF_PERIOD} AND o.defect <> 'hilang'"
    " GROUP BY o.defect, cause ORDER BY o.defect, cause"
)
_SHORT_DAYS, _MIDDLE_DAYS = 15, 120


def summary(
    store: Store, *, first: date, last: date, workshop_id: UUID | None, work_order_id: UUID | None
) -> dict[str, Any]:
    """Return how much passed at first sight by stage, workshop and time, and the defects, most frequent first."""
    days = (last - first).days
    by = "day" if days <= _SHORT_DAYS else "week" if days <= _MIDDLE_DAYS else "month"
    period = {
        "lapas_id": store.lapas_id,
        "first": first,
        "last": last,
        "workshop_id": workshop_id,
        "work_order_id": work_order_id,
    }
    seen = store.rows(_SEEN, by=by, **period)
    found = store.rows(_PARETO, **period)
    return {
        "first": first,
        "last": last,
        "by": by,
        "stages": [
            {
                **_named(rows[0], "workshop_id", "workshop_name", "key", "no", "name", "name_en", "counts_quality"),
                **_of(rows),
            }
            for rows in _grouped(seen, "workshop_id", "key")
        ],
        "workshops": [
            {
                **_named(rows[0], "workshop_id", "workshop_name"),
                **_of([r for r in rows if r["counts_quality"]]),
                "rolled": rolled_yield([_sum(stage) for stage in _grouped(rows, "key")]),
            }
            for rows in _grouped(seen, "workshop_id")
        ],
        "periods": [
            {"begins": rows[0]["begins"], **_of(rows)}
            for rows in _grouped(sorted((r for r in seen if r["counts_quality"]), key=lambda r: r["begins"]), "begins")
        ],
        **_of([r for r in seen if r["counts_quality"]]),
        "defects": _pareto(found),
    }


def _named(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _grouped(rows: Sequence[Row], *by: str) -> list[list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(groups.values())


def _sum(rows: Sequence[Row]) -> Seen:
    return Seen(
        good=int(sum(r["good"] for r in rows)),
        rework=int(sum(r["rework"] for r in rows)),
        reject=int(sum(r["reject"] for r in rows)),
    )


def _of(rows: Sequence[Row]) -> dict[str, Any]:
    seen = _sum(rows)
    return {
        "looked_at": seen.looked_at,
        "good": seen.good,
        "rework": seen.rework,
        "reject": seen.reject,
        "first_pass_yield": seen.first_pass_yield,
    }


def _pareto(found: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the defects with the stages they come from, the most frequent first, each with the share up to it."""
    defects = []
    for rows in _grouped(found, "key"):
        causes = [
            {"key": r["cause"], "name": r["cause_name"], "name_en": r["cause_name_en"], "pieces": _pieces(r)}
            for r in rows
        ]
        defects.append(
            {
                **_named(rows[0], "key"),
                "name": rows[0]["name"] or rows[0]["key"],
                "name_en": rows[0]["name_en"] or rows[0]["key"],
                "rework": sum(r["rework"] for r in rows),
                "reject": sum(r["reject"] for r in rows),
                "pieces": sum(_pieces(r) for r in rows),
                "causes": sorted(causes, key=lambda c: -c["pieces"]),
            }
        )
    defects.sort(key=lambda d: (-d["pieces"], d["key"]))
    total, up_to = sum(d["pieces"] for d in defects), 0
    for one in defects:
        up_to += one["pieces"]
        one["share"], one["up_to"] = one["pieces"] / total, up_to / total
    return defects


def _pieces(row: Mapping[str, Any]) -> int:
    return int(row["rework"] + row["reject"])
