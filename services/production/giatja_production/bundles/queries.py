"""Questions about bundles, and the statements that keep what happened to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from secrets import choice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery, page
from giatja_production.bundles.domain import CODE_LENGTH, SYMBOLS, Bundle, BundleUnknown, Passage, make_code
from giatja_production.bundles.tables import bundle as table
from giatja_production.work_orders.domain import WorkOrderUnknown
from giatja_production.workers.domain import Worker
from giatja_production.workers.queries import PERMITTED

# Of the work order `wo`, or of `:work_order_id`: what bundles hold of each cell, and some of their codes.
HELD: Final = (
    "SELECT h.stage_no, h.cell_no, coalesce(sum(h.pieces) FILTER (WHERE NOT h.in_rework), 0) AS waiting,"
    " coalesce(sum(h.pieces) FILTER (WHERE h.in_rework), 0) AS rework, (array_agg(h.code ORDER BY h.no, h.code))[1 : 4] AS codes"
    " FROM bundle h WHERE h.lapas_id = :lapas_id AND h.work_order_id = :work_order_id AND h.state IN ('open', 'lost')"
)
INSERT_EVENT: Final = (
    "INSERT INTO bundle_event (lapas_id, id, bundle_id, kind, stage_no, pieces, from_rework, good, rework, reject,"
    " other_id, inmate_id, reason, undone, at, by)"
    " VALUES (:lapas_id, :id, :bundle_id, :kind, :stage_no, :pieces, :from_rework, :good, :rework, :reject,"
    " :other_id, :inmate_id, :reason, false, :at, :by)"
)


def bundles(store: Store, ids: Iterable[UUID]) -> dict[UUID, Bundle]:
    """Load bundles, whose work order is locked before."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = store.session.scalars(
        select(Bundle)
        .where(table.c.lapas_id == store.lapas_id, table.c.id.in_(wanted))
        .execution_options(populate_existing=True)
    )
    return {b.id: b for b in found}


def fresh_codes(store: Store, count: int) -> list[str]:
    """Return codes that no bundle of the Lapas has; nobody can guess the code of another from one."""
    codes: list[str] = []
    while len(codes) < count:
        drawn = {make_code("".join(choice(SYMBOLS) for _ in range(CODE_LENGTH))) for _ in range(count - len(codes))}
        taken = store.rows(
            "SELECT code FROM bundle WHERE lapas_id = :lapas_id AND code = ANY (:codes)",
            lapas_id=store.lapas_id,
            codes=list(drawn),
        )
        codes += sorted(drawn - {r["code"] for r in taken} - set(codes))
    return codes


def last_recorded(store: Store, bundle_id: UUID, stage_no: int) -> Mapping[str, Any] | None:
    """Return by whom and when a bundle was last recorded at a stage."""
    return store.row(
        "SELECT at, by FROM bundle_event WHERE lapas_id = :lapas_id AND bundle_id = :bundle_id AND stage_no = :stage_no"
        " AND kind = 'recorded' AND NOT undone ORDER BY seq DESC LIMIT 1",
        lapas_id=store.lapas_id,
        bundle_id=bundle_id,
        stage_no=stage_no,
    )


def passage(store: Store, bundle_id: UUID, stage_no: int, *, from_rework: bool) -> tuple[UUID, Passage]:
    """Return the passage of a bundle through a stage that counts."""
    row = store.row(
        "SELECT * FROM bundle_event WHERE lapas_id = :lapas_id AND bundle_id = :bundle_id AND stage_no = :stage_no"
        " AND from_rework = :from_rework AND kind = 'recorded' AND NOT undone ORDER BY seq DESC LIMIT 1",
        lapas_id=store.lapas_id,
        bundle_id=bundle_id,
        stage_no=stage_no,
        from_rework=from_rework,
    )
    if row is None:
        raise LookupError(f"no passage of bundle {bundle_id} through stage {stage_no}")
    return row["id"], Passage(
        stage_no=row["stage_no"],
        pieces=row["pieces"],
        from_rework=row["from_rework"],
        good=row["good"],
        rework=row["rework"],
        reject=row["reject"],
        child_id=row["other_id"],
    )


def since(store: Store, event_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what was done with bundles after an event, by bundle."""
    rows = store.rows(
        "SELECT DISTINCT ON (e.bundle_id) e.bundle_id, e.kind FROM bundle_event e"
        " WHERE e.lapas_id = :lapas_id AND e.bundle_id = ANY (:ids) AND NOT e.undone"
        " AND e.kind IN ('recorded', 'split', 'merged', 'dissolved')"
        " AND e.seq > (SELECT seq FROM bundle_event WHERE lapas_id = :lapas_id AND id = :event_id)"
        " ORDER BY e.bundle_id, e.seq DESC",
        lapas_id=store.lapas_id,
        ids=list(ids),
        event_id=event_id,
    )
    return {r["bundle_id"]: r["kind"] for r in rows}


def event(
    store: Store,
    bundle: Bundle,
    kind: str,
    *,
    id_: UUID,
    passage: Passage | None = None,
    other_id: UUID | None = None,
    inmate_id: UUID | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Return the values of :data:`INSERT_EVENT` for something that happened to a bundle."""
    return {
        "lapas_id": bundle.lapas_id,
        "id": id_,
        "bundle_id": bundle.id,
        "kind": kind,
        "stage_no": passage.stage_no if passage else bundle.stage_no,
        "pieces": passage.pieces if passage else bundle.pieces,
        "from_rework": passage.from_rework if passage else bundle.in_rework,
        "good": passage.good if passage else 0,
        "rework": passage.rework if passage else 0,
        "reject": passage.reject if passage else 0,
        "other_id": passage.child_id if passage else other_id,
        "inmate_id": inmate_id,
        "reason": reason,
        "at": store.at,
        "by": store.actor,
    }


def mark_undone(store: Store, event_id: UUID) -> None:
    """Keep that a passage was taken back."""
    store.run(
        "UPDATE bundle_event SET undone = true WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": event_id},
    )


def next_no(store: Store, work_order_id: UUID) -> int:
    """Return the number of the next bundle of a work order, which is locked before."""
    return int(
        store.value(
            "SELECT coalesce(max(no), 0) + 1 FROM bundle WHERE lapas_id = :lapas_id AND work_order_id = :work_order_id",
            lapas_id=store.lapas_id,
            work_order_id=work_order_id,
        )
    )


def loose(store: Store, work_order_id: UUID, stage_no: int) -> dict[int, int]:
    """Return, by cell, the pieces that wait at a stage in no bundle; ask after the work order is locked."""
    rows = store.rows(
        "SELECT b.cell_no, b.waiting - coalesce(h.waiting, 0) AS loose FROM stage_balance b"  # noqa: S608 - a constant
        f" LEFT JOIN ({HELD} AND h.stage_no = :stage_no GROUP BY h.stage_no, h.cell_no) h ON h.cell_no = b.cell_no"
        " WHERE b.lapas_id = :lapas_id AND b.work_order_id = :work_order_id AND b.stage_no = :stage_no",
        lapas_id=store.lapas_id,
        work_order_id=work_order_id,
        stage_no=stage_no,
    )
    return {r["cell_no"]: int(r["loose"]) for r in rows}


def zone(store: Store) -> str:
    """Return the time zone of the Lapas."""
    return str(store.value("SELECT zone FROM lapas WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id))


def worker(store: Store, inmate_id: UUID, day: date) -> Worker | None:
    """Return an inmate as seen on a day."""
    row = store.row(
        f"SELECT w.inmate_id, w.adult_on, w.fitness, w.left_on, {PERMITTED} AS permitted FROM worker w"  # noqa: S608 - a constant
        " WHERE w.lapas_id = :lapas_id AND w.inmate_id = :inmate_id",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
        work_date=day,
    )
    return Worker(**row) if row else None


def work_order_of(store: Store, id_: UUID) -> UUID:
    """Return the work order a bundle belongs to.

    :raises BundleUnknown: no such bundle, or not for this caller.
    """
    found = store.value(
        "SELECT work_order_id FROM bundle WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=id_
    )
    if found is None:
        raise BundleUnknown
    return UUID(str(found))


_ROW = (
    "SELECT b.id, b.code, b.no, b.kind, b.work_order_id, wo.order_number, wo.product_name, wo.workshop_id, ws.name AS workshop_name,"
    " wo.unit, wo.workshop_kind, wo.due_date, jsonb_array_length(wo.route -> 'stages') AS stage_count, b.cell_no, wo.cells -> (b.cell_no - 1) ->> 'size' AS size,"
    " wo.cells -> (b.cell_no - 1) ->> 'colour' AS colour, b.pieces, b.stage_no,"
    " CAST(wo.route -> 'stages' -> (b.stage_no - 1) ->> 'id' AS uuid) AS stage_id,"
    " wo.route -> 'stages' -> (b.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (b.stage_no - 1) ->> 'name_en' AS stage_name_en,"
    " CAST(wo.route -> 'stages' -> (b.stage_no - 1) ->> 'counts_quality' AS boolean) AS counts_quality,"
    " b.in_rework, b.mend_no, wo.route -> 'stages' -> (b.mend_no - 1) ->> 'name' AS mend_name,"
    " wo.route -> 'stages' -> (b.mend_no - 1) ->> 'name_en' AS mend_name_en, b.state, b.made_at, here.since, b.version"
    " FROM bundle b JOIN work_order wo ON wo.lapas_id = b.lapas_id AND wo.id = b.work_order_id"
    " JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
    " CROSS JOIN LATERAL (SELECT e.at AS since FROM bundle_event e WHERE e.lapas_id = b.lapas_id AND e.bundle_id = b.id"
    "  AND NOT e.undone ORDER BY e.seq DESC LIMIT 1) here"
)


_SEARCH = (
    " AND (replace(b.code, '-', '') ILIKE '%' || replace(:search, '-', '') || '%'"
    " OR concat_ws(' ', wo.order_number, wo.product_name) ILIKE '%' || :search || '%')"
)
_AFTER = (
    " AND (b.work_order_id < CAST(:after_order AS uuid) OR (b.work_order_id = CAST(:after_order AS uuid)"
    " AND (b.no, b.code) > (:after_no, :after_code)))"
)


def listed(
    store: Store,
    query: PageQuery,
    *,
    work_order_id: UUID | None,
    workshop_id: UUID | None,
    states: Sequence[str],
    stage: str | None,
    in_rework: bool | None,
    size: str | None,
    colour: str | None,
    before: datetime | None,
    search: str | None,
    worked_on: bool,
) -> dict[str, Any]:
    """Return a page of bundles, those of the newest work order first.

    :param stage: key of a stage, whatever its place in the route. :param before: nothing happened to it since.
    :param worked_on: only of work orders that can still change: what was cancelled is waited for by nobody.
    """
    after = query.after(3)
    where = {
        "work_order_id": (" AND b.work_order_id = :work_order_id", work_order_id),
        "workshop_id": (" AND wo.workshop_id = :workshop_id", workshop_id),
        "stage": (" AND wo.route -> 'stages' -> (b.stage_no - 1) ->> 'key' = :stage", stage),
        "in_rework": (" AND b.in_rework = :in_rework", in_rework),
        "size": (" AND wo.cells -> (b.cell_no - 1) ->> 'size' = :size", size),
        "colour": (" AND wo.cells -> (b.cell_no - 1) ->> 'colour' = :colour", colour),
        "before": (" AND here.since < :before", before),
        "search": (_SEARCH, search),
        "after_order": (_AFTER, after[0] if after else None),
    }
    given: dict[str, Any] = {name: value for name, (_, value) in where.items() if value is not None}
    sql = _ROW + " WHERE b.lapas_id = :lapas_id AND b.state = ANY (:states)" + "".join(where[n][0] for n in given)
    if worked_on:
        sql += " AND wo.state IN ('released', 'in_progress', 'on_hold')"
    if after:
        given |= {"after_no": after[1], "after_code": after[2]}
    rows = store.rows(
        sql + " ORDER BY b.work_order_id DESC, b.no, b.code LIMIT :limit",
        lapas_id=store.lapas_id,
        states=list(states),
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("work_order_id", "no", "code"))


_HISTORY = (
    "SELECT e.kind, e.stage_no, wo.route -> 'stages' -> (e.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (e.stage_no - 1) ->> 'name_en' AS stage_name_en, e.pieces, e.from_rework, e.good, e.rework,"
    " e.reject, e.other_id, o.code AS other_code, e.inmate_id, e.reason, e.undone, e.at, e.by,"
    " (SELECT coalesce(json_agg(json_build_object('id', u.id, 'inmate_id', u.inmate_id, 'good', u.good,"
    "   'rework', u.rework, 'reject', u.reject, 'defect', u.defect, 'work_date', u.work_date, 'shift', u.shift,"
    "   'credited', u.credited) ORDER BY u.seq), '[]'::json) FROM output u WHERE e.kind = 'recorded'"
    "   AND u.lapas_id = e.lapas_id AND u.bundle_id = e.bundle_id AND u.stage_no = e.stage_no"
    "   AND u.from_rework = e.from_rework AND u.recorded_at = e.at AND u.undoes IS NULL) AS entries"
    " FROM bundle_event e JOIN bundle b ON b.lapas_id = e.lapas_id AND b.id = e.bundle_id"
    " JOIN work_order wo ON wo.lapas_id = b.lapas_id AND wo.id = b.work_order_id"
    " LEFT JOIN bundle o ON o.lapas_id = e.lapas_id AND o.id = e.other_id"
    " WHERE e.lapas_id = :lapas_id AND e.bundle_id = :id ORDER BY e.seq"
)
_MORE = (
    "SELECT p.id AS parent_id, p.code AS parent_code, m.id AS merged_into, m.code AS merged_code,"
    " wo.route -> 'stages' AS stages, wo.route -> 'defects' AS defects, wo.state AS work_order_state,"
    " (SELECT coalesce(json_agg(json_build_object('id', c.id, 'code', c.code, 'pieces', c.pieces, 'state', c.state)"
    "   ORDER BY c.code), '[]'::json) FROM bundle c WHERE c.lapas_id = b.lapas_id AND c.parent_id = b.id) AS children"
    " FROM bundle b JOIN work_order wo ON wo.lapas_id = b.lapas_id AND wo.id = b.work_order_id"
    " LEFT JOIN bundle p ON p.lapas_id = b.lapas_id AND p.id = b.parent_id"
    " LEFT JOIN bundle m ON m.lapas_id = b.lapas_id AND m.id = b.merged_into"
    " WHERE b.lapas_id = :lapas_id AND b.id = :id"
)


def one(store: Store, id_: UUID) -> dict[str, Any]:
    """Return a bundle with everything that happened to it.

    :raises BundleUnknown: not there, or not for this caller.
    """
    return _one(store, "b.id = :id", id_)


def by_code(store: Store, code: str) -> dict[str, Any]:
    """Return the bundle a card names.

    :raises BundleUnknown: not there, or not for this caller.
    """
    return _one(store, "b.code = :id", code)


def _one(store: Store, which: str, id_: object) -> dict[str, Any]:
    row = store.row(_ROW + f" WHERE b.lapas_id = :lapas_id AND {which}", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise BundleUnknown
    more = dict(store.row(_MORE, lapas_id=store.lapas_id, id=row["id"]) or {})
    more["defects"] = _in_use(more["defects"])
    return {**row, **more, "history": store.rows(_HISTORY, lapas_id=store.lapas_id, id=row["id"])}


def _in_use(defects: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the defects that may still be chosen."""
    return [d for d in defects if not d.get("retired")]


def standing(store: Store, work_order_id: UUID) -> dict[str, Any]:
    """Return a work order's pieces by stage and cell: what bundles hold, what is lost, what is loose.

    :raises WorkOrderUnknown: not there, or not for this caller.
    """
    row = store.row(
        "SELECT wo.id, wo.order_number, wo.product_name, wo.unit, wo.quantity, wo.rejected, wo.workshop_kind, wo.state,"
        " wo.workshop_id, wo.cells, wo.route -> 'stages' AS stages, wo.route -> 'defects' AS defects,"
        " (SELECT json_agg(json_build_array(s.stage_no, s.cell_no, s.waiting, s.rework)) FROM stage_balance s"
        "  WHERE s.lapas_id = wo.lapas_id AND s.work_order_id = wo.id) AS balances,"
        " (SELECT json_agg(json_build_array(h.stage_no, h.cell_no, h.in_rework, h.state, h.count, h.pieces)) FROM"
        "  (SELECT stage_no, cell_no, in_rework, state, count(*) AS count, sum(pieces) AS pieces FROM bundle"
        "   WHERE lapas_id = :lapas_id AND work_order_id = :id AND state IN ('open', 'lost')"
        "   GROUP BY stage_no, cell_no, in_rework, state) h) AS held"
        " FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.id = :id",
        lapas_id=store.lapas_id,
        id=work_order_id,
    )
    if row is None:
        raise WorkOrderUnknown(id=work_order_id)
    places: dict[tuple[int, int], dict[str, int]] = {}
    for stage_no, cell_no, waiting, rework in row["balances"] or ():
        places[stage_no, cell_no] = {"waiting": waiting, "rework": rework, "bundles": 0, "held": 0, "lost": 0}
    for stage_no, cell_no, _, state, count, pieces in row["held"] or ():
        place = places[stage_no, cell_no]
        place["bundles"] += count if state == "open" else 0
        place["held" if state == "open" else "lost"] += pieces
    for place in places.values():
        place["loose"] = place["waiting"] + place["rework"] - place["held"] - place["lost"]
    empty = {"waiting": 0, "rework": 0, "bundles": 0, "held": 0, "lost": 0, "loose": 0}
    stages = []
    for stage in row["stages"]:
        cells = [{**places.get((stage["no"], c["no"]), empty), "cell_no": c["no"]} for c in row["cells"]]
        sums = {name: sum(c[name] for c in cells) for name in empty}
        names = {k: stage[k] for k in ("id", "no", "key", "name", "name_en", "counts_quality")}
        stages.append({**names, **sums, "cells": cells})
    shown = {k: row[k] for k in row if k not in ("balances", "held", "stages", "defects")}
    return {**shown, "stages": stages, "defects": _in_use(row["defects"])}


def where(store: Store, workshop_id: UUID | None, *, before: datetime) -> list[dict[str, Any]]:
    """Return, over open work orders, how many bundles and pieces are at each stage of each workshop.

    :param before: bundles to which nothing happened since are counted as stale.
    """
    rows = store.rows(
        "SELECT wo.workshop_id, ws.name AS workshop_name, wo.route -> 'stages' -> (b.stage_no - 1) ->> 'key' AS key,"
        " min(wo.route -> 'stages' -> (b.stage_no - 1) ->> 'name') AS name,"
        " min(wo.route -> 'stages' -> (b.stage_no - 1) ->> 'name_en') AS name_en, min(b.stage_no) AS no,"
        " count(*) FILTER (WHERE b.state = 'open') AS bundles,"
        " coalesce(sum(b.pieces) FILTER (WHERE b.state = 'open'), 0) AS pieces,"
        " coalesce(sum(b.pieces) FILTER (WHERE b.state = 'open' AND b.in_rework), 0) AS rework,"
        " coalesce(sum(b.pieces) FILTER (WHERE b.state = 'lost'), 0) AS lost,"
        " count(*) FILTER (WHERE b.state = 'open' AND NOT EXISTS (SELECT FROM bundle_event e"
        "  WHERE e.lapas_id = b.lapas_id AND e.bundle_id = b.id AND NOT e.undone AND e.at >= :before)) AS stale"
        " FROM bundle b JOIN work_order wo ON wo.lapas_id = b.lapas_id AND wo.id = b.work_order_id"
        " JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
        " WHERE b.lapas_id = :lapas_id AND b.state IN ('open', 'lost')"
        " AND wo.state IN ('released', 'in_progress', 'on_hold')"
        " AND (CAST(:workshop_id AS uuid) IS NULL OR wo.workshop_id = :workshop_id)"
        " GROUP BY wo.workshop_id, ws.name, key ORDER BY ws.name, no, key",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        before=before,
    )
    return [dict(r) for r in rows]
