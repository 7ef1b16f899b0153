"""Questions about workshops, their routes and their machines."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_production.lapas.queries import today
from giatja_production.workshops.domain import (
    Difference,
    MachineUnknown,
    Route,
    RouteVersion,
    RouteVersionUnknown,
    Workshop,
    WorkshopUnknown,
    differences,
    shipped_lists,
    templates,
)

_OPEN = (
    " (SELECT count(*) FROM work_order o WHERE o.lapas_id = w.lapas_id AND o.workshop_id = w.id"
    "  AND o.state IN ('released', 'in_progress', 'on_hold')) AS open_work_orders,"
    " (SELECT count(*) FROM machine m WHERE m.lapas_id = w.lapas_id AND m.workshop_id = w.id AND m.active) AS machines,"
    " (SELECT count(*) FROM machine m JOIN machine_downtime d ON d.lapas_id = m.lapas_id AND d.machine_id = m.id"
    "  WHERE m.lapas_id = w.lapas_id AND m.workshop_id = w.id AND m.active AND d.ends_at IS NULL) AS machines_down,"
)
_COLUMNS = (
    " w.id, w.kind, w.name, w.route -> 'stages' AS stages, w.route -> 'defects' AS defects, w.route_version,"
    " w.closed_on, w.version,"
    " (SELECT t.pieces FROM month_target t WHERE t.lapas_id = w.lapas_id AND t.workshop_id = w.id"
    "  AND t.month = :month) AS month_target"
    " FROM workshop w WHERE w.lapas_id = :lapas_id"
)


def workshops(store: Store, *, closed: bool) -> dict[str, Any]:
    """Return the workshops of the Lapas; there are a handful.

    :param closed: with those that are closed, at the end.
    """
    rows = store.rows(
        "SELECT"
        + _OPEN
        + _COLUMNS
        + ("" if closed else " AND w.closed_on IS NULL")
        + " ORDER BY w.closed_on IS NOT NULL, lower(w.name), w.id LIMIT 200",
        lapas_id=store.lapas_id,
        month=today(store).replace(day=1),
    )
    return {"items": [_shown(r) for r in rows]}


def workshop(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one workshop with its targets, the newest month first.

    :raises WorkshopUnknown: not there, or not for this caller.
    """
    month: date = today(store).replace(day=1)
    row = store.row("SELECT" + _OPEN + _COLUMNS + " AND w.id = :id", lapas_id=store.lapas_id, month=month, id=id_)
    if row is None:
        raise WorkshopUnknown(id=id_)
    targets = store.rows(
        "SELECT to_char(month, 'YYYY-MM') AS month, pieces FROM month_target"
        " WHERE lapas_id = :lapas_id AND workshop_id = :id ORDER BY month_target.month DESC LIMIT 24",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return {**_shown(row), "targets": [dict(t) for t in targets]}


def _shown(row: Row) -> dict[str, Any]:
    return {
        **row,
        "stages": [_stage(s) for s in row["stages"]],
        "defects": [d for d in row["defects"] if not d.get("retired")],
        "retired_defects": [d for d in row["defects"] if d.get("retired")],
    }


def _stage(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stage with what routes of before did not know."""
    return {"hazards": [], "gear": [], **document}


def workshop_of_kind(store: Store, kind: str) -> Row | None:
    """Return the oldest workshop of a kind with its route, an open one before a closed one; its day is not closed meanwhile."""
    return store.row(
        "SELECT id, route, route_version, changed_at, closed_on FROM workshop"
        " WHERE lapas_id = :lapas_id AND kind = :kind ORDER BY closed_on IS NOT NULL, id LIMIT 1 FOR SHARE",
        lapas_id=store.lapas_id,
        kind=kind,
    )


def name_taken(store: Store, name: str, *, but: UUID | None = None) -> bool:
    """Return whether another workshop of this Lapas has the name."""
    return bool(
        store.value(
            "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND lower(name) = lower(:name)"
            " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            name=name,
            but=but,
        )
    )


def keep_version(store: Store, version: RouteVersion) -> None:
    """Keep a version of a route; one that is kept stays as it is."""
    store.run(
        "INSERT INTO route_version (lapas_id, workshop_id, version_no, route, valid_from, changed_by, changed_at)"
        " VALUES (:lapas_id, :workshop_id, :version_no, CAST(:route AS jsonb), :valid_from, :changed_by, :changed_at)"
        " ON CONFLICT DO NOTHING",
        {
            "lapas_id": version.lapas_id,
            "workshop_id": version.workshop_id,
            "version_no": version.version_no,
            "route": json.dumps(version.route.document()),
            "valid_from": version.valid_from,
            "changed_by": version.changed_by,
            "changed_at": version.changed_at,
        },
    )


def set_defects(store: Store, workshop: Workshop) -> None:
    """Let the open work orders of a workshop tell the same defects apart; the older ones keep theirs."""
    defects = workshop.route.document()["defects"]
    # Locked in the sequence in which the acts of an order lock them.
    store.run(
        "WITH open AS (SELECT id FROM work_order WHERE lapas_id = :lapas_id AND workshop_id = :id"
        "  AND state IN ('released', 'in_progress', 'on_hold') ORDER BY id FOR UPDATE)"
        " UPDATE work_order o SET route = jsonb_set(o.route, '{defects}', CAST(:defects AS jsonb)"
        "  || (SELECT coalesce(jsonb_agg(d), '[]') FROM jsonb_array_elements(o.route -> 'defects') d"
        "   WHERE d ->> 'key' <> ALL (:keys)))"
        " FROM open WHERE o.lapas_id = :lapas_id AND o.id = open.id",
        {
            "lapas_id": workshop.lapas_id,
            "id": workshop.id,
            "defects": json.dumps(defects),
            "keys": [d["key"] for d in defects],
        },
    )


def open_in(store: Store, id_: UUID) -> dict[str, int]:
    """Return how much is open in a workshop."""
    row = store.row(
        "SELECT (SELECT count(*) FROM work_order WHERE lapas_id = :lapas_id AND workshop_id = :id"
        "  AND state IN ('released', 'in_progress', 'on_hold')) AS work_orders,"
        " (SELECT count(*) FROM batch WHERE lapas_id = :lapas_id AND workshop_id = :id"
        "  AND state IN ('growing', 'ready')) AS batches,"
        " (SELECT count(*) FROM placement WHERE lapas_id = :lapas_id AND workshop_id = :id"
        "  AND ends_on IS NULL) AS people",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return dict(row or {})


def routes(store: Store, id_: UUID) -> dict[str, Any]:
    """Return the versions of a route, the newest first, with the work orders that follow each.

    :raises WorkshopUnknown: not there, or not for this caller.
    """
    rows = store.rows(
        "SELECT v.version_no, v.valid_from, v.changed_by, v.changed_at,"
        " jsonb_array_length(v.route -> 'stages') AS stages, v.version_no = w.route_version AS current,"
        " (SELECT count(*) FROM work_order o WHERE o.lapas_id = v.lapas_id AND o.workshop_id = v.workshop_id"
        "  AND coalesce(o.route_version, 1) = v.version_no"
        "  AND o.state IN ('released', 'in_progress', 'on_hold')) AS open_work_orders"
        " FROM workshop w JOIN route_version v ON v.lapas_id = w.lapas_id AND v.workshop_id = w.id"
        " WHERE w.lapas_id = :lapas_id AND w.id = :id ORDER BY v.version_no DESC LIMIT 200",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if not rows:
        raise WorkshopUnknown(id=id_)
    return {"items": [dict(r) for r in rows]}


def route(store: Store, id_: UUID, version_no: int, *, against: int | None) -> dict[str, Any]:
    """Return one version of a route and in what it differs from another, by default the one before it.

    :raises RouteVersionUnknown: not there, or not for this caller.
    """
    other = against or version_no - 1
    rows = {
        r["version_no"]: r
        for r in store.rows(
            "SELECT version_no, valid_from, changed_by, changed_at, route FROM route_version"
            " WHERE lapas_id = :lapas_id AND workshop_id = :id AND version_no = ANY (:numbers)",
            lapas_id=store.lapas_id,
            id=id_,
            numbers=[version_no, other],
        )
    }
    if version_no not in rows or (against is not None and against not in rows):
        raise RouteVersionUnknown
    shown = rows[version_no]
    told = differences(Route.read(rows[other]["route"]), Route.read(shown["route"])) if other in rows else []
    return {
        **{k: shown[k] for k in ("version_no", "valid_from", "changed_by", "changed_at")},
        "stages": [_stage(s) for s in shown["route"]["stages"]],
        "against": other if other in rows else None,
        "differences": difference_rows(told),
    }


def difference_rows(told: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return differences as they are shown."""
    return [
        {
            "kind": d.kind,
            "key": d.key,
            "name": d.name,
            "name_en": d.name_en,
            "field": d.field,
            "before": d.before,
            "after": d.after,
        }
        for d in told
    ]


def open_by_version(store: Store, id_: UUID) -> list[dict[str, Any]]:
    """Return how many open work orders follow each version of a workshop's route."""
    rows = store.rows(
        "SELECT coalesce(route_version, 1) AS version_no, count(*) AS work_orders FROM work_order"
        " WHERE lapas_id = :lapas_id AND workshop_id = :id AND state IN ('released', 'in_progress', 'on_hold')"
        " GROUP BY 1 ORDER BY 1 DESC",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return [dict(r) for r in rows]


def lists(store: Store) -> dict[str, Any]:
    """Return what a stage may name: hazards and gear, shipped and of this Lapas's own routes; competences in use."""
    used = store.rows(
        "SELECT s -> 'hazards' AS hazards, s -> 'gear' AS gear, s ->> 'competence' AS competence, s ->> 'unit' AS unit"
        " FROM workshop w, jsonb_array_elements(w.route -> 'stages') s WHERE w.lapas_id = :lapas_id",
        lapas_id=store.lapas_id,
    )
    found: dict[str, Any] = {}
    for name, shipped in shipped_lists().items():
        known = {s["key"] for s in shipped}
        own = sorted({word for r in used for word in r[name] or ()} - known)
        found[name] = [*shipped, *({"key": word, "name": word, "name_en": word} for word in own)]
    stages = [s for t in templates().values() for s in t.stages]
    found["competences"] = sorted({c for c in (*(r["competence"] for r in used), *(s.competence for s in stages)) if c})
    found["units"] = sorted({*(r["unit"] for r in used), *(s.unit for s in stages)})
    return found


_MACHINES = (
    "SELECT m.id, m.workshop_id, w.name AS workshop_name, m.name, m.stage_key,"
    " (SELECT s ->> 'name' FROM jsonb_array_elements(w.route -> 'stages') s WHERE s ->> 'key' = m.stage_key)"
    "  AS stage_name,"
    " (SELECT s ->> 'name_en' FROM jsonb_array_elements(w.route -> 'stages') s WHERE s ->> 'key' = m.stage_key)"
    "  AS stage_name_en,"
    " m.capacity_minutes_per_day, m.active, m.version,"
    " (SELECT json_build_object('id', d.id, 'starts_at', d.starts_at, 'reason', d.reason, 'reported_by', d.reported_by)"
    "  FROM machine_downtime d WHERE d.lapas_id = m.lapas_id AND d.machine_id = m.id AND d.ends_at IS NULL) AS down,"
    " coalesce((SELECT sum(extract(epoch FROM least(coalesce(d.ends_at, :at), :at)"
    "    - greatest(d.starts_at, CAST(:at AS timestamptz) - interval '30 days')))"
    "  FROM machine_downtime d WHERE d.lapas_id = m.lapas_id AND d.machine_id = m.id"
    "   AND coalesce(d.ends_at, :at) > CAST(:at AS timestamptz) - interval '30 days'), 0)::int / 60 AS down_minutes"
    " FROM machine m JOIN workshop w ON w.lapas_id = m.lapas_id AND w.id = m.workshop_id"
    " WHERE m.lapas_id = :lapas_id"
)


def machines(store: Store, *, workshop_id: UUID | None, down: bool | None) -> dict[str, Any]:
    """Return the machines of the Lapas, those that are down first."""
    given: dict[str, Any] = {"workshop_id": workshop_id} if workshop_id else {}
    rows = store.rows(
        _MACHINES
        + (" AND m.workshop_id = :workshop_id" if workshop_id else "")
        + " ORDER BY m.active DESC, lower(w.name), m.stage_key, lower(m.name), m.id LIMIT 500",
        lapas_id=store.lapas_id,
        at=store.at,
        **given,
    )
    items = [dict(r) for r in rows if down is None or (r["down"] is not None) == down]
    return {"items": sorted(items, key=lambda m: m["down"] is None)}


def machine(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one machine with its downtimes, the newest first.

    :raises MachineUnknown: not there, or not for this caller.
    """
    row = store.row(_MACHINES + " AND m.id = :id", lapas_id=store.lapas_id, at=store.at, id=id_)
    if row is None:
        raise MachineUnknown(id=id_)
    history = store.rows(
        "SELECT id, starts_at, ends_at, reason, reported_by, ended_by FROM machine_downtime"
        " WHERE lapas_id = :lapas_id AND machine_id = :id ORDER BY starts_at DESC, id DESC LIMIT 100",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return {**row, "downtimes": [dict(d) for d in history]}


def machine_name_taken(store: Store, workshop_id: UUID, name: str, *, but: UUID | None) -> bool:
    """Return whether another machine of a workshop has the name."""
    return bool(
        store.value(
            "SELECT true FROM machine WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id"
            " AND lower(name) = lower(:name) AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            workshop_id=workshop_id,
            name=name,
            but=but,
        )
    )


def last_downtime(store: Store, machine_id: UUID) -> UUID | None:
    """Return the downtime that began last."""
    found: UUID | None = store.value(
        "SELECT id FROM machine_downtime WHERE lapas_id = :lapas_id AND machine_id = :machine_id"
        " ORDER BY starts_at DESC, id DESC LIMIT 1",
        lapas_id=store.lapas_id,
        machine_id=machine_id,
    )
    return found
