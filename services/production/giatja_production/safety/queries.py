"""Questions about safety: what happened, what is still to be done, which gear is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.safety.domain import IncidentUnknown
from giatja_production.workshops.domain import WorkshopUnknown

_INCIDENT = (
    "SELECT i.id, i.kind, i.severity, i.workshop_id, ws.name AS workshop_name, ws.kind AS workshop_kind, i.stage_key,"
    " coalesce(s.value ->> 'name', i.stage_key) AS stage_name, coalesce(s.value ->> 'name_en', i.stage_key)"
    " AS stage_name_en, i.machine_id, m.name AS machine_name, i.happened_at, i.happened_on, i.what, i.first_aid,"
    " i.reported_at, i.reported_by,"
    " (SELECT count(*) FROM incident_injured j WHERE j.lapas_id = i.lapas_id AND j.incident_id = i.id) AS injured_count,"
    " coalesce(f.open, 0) AS follow_ups_open, coalesce(f.overdue, 0) AS follow_ups_overdue, coalesce(f.all, 0)"
    " AS follow_ups"
    " FROM incident i JOIN workshop ws ON ws.lapas_id = i.lapas_id AND ws.id = i.workshop_id"
    " LEFT JOIN machine m ON m.lapas_id = i.lapas_id AND m.id = i.machine_id"
    " LEFT JOIN LATERAL jsonb_array_elements(ws.route -> 'stages') s ON s.value ->> 'key' = i.stage_key"
    " LEFT JOIN LATERAL (SELECT count(*) AS all, count(*) FILTER (WHERE done_at IS NULL) AS open,"
    "   count(*) FILTER (WHERE done_at IS NULL AND due_date < :today) AS overdue FROM follow_up u"
    "  WHERE u.lapas_id = i.lapas_id AND u.incident_id = i.id) f ON true"
    " WHERE i.lapas_id = :lapas_id"
)
_FOLLOW_UP = (
    "SELECT u.id, u.incident_id, u.action, u.responsible, u.due_date, u.asked_at, u.asked_by, u.result, u.done_at,"
    " u.done_by, u.done_at IS NULL AND u.due_date < :today AS overdue FROM follow_up u WHERE u.lapas_id = :lapas_id"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A workshop as far as a report needs it."""

    kind: str
    zone: str
    stages: frozenset[str]
    has_machine: bool


def place(store: Store, workshop_id: UUID, machine_id: UUID | None) -> Place | None:
    """Return a workshop, and whether a machine stands in it, or nothing if there is no such workshop."""
    row = store.row(
        "SELECT ws.kind, l.zone, ws.route -> 'stages' AS stages, EXISTS (SELECT FROM machine m"
        "  WHERE m.lapas_id = ws.lapas_id AND m.workshop_id = ws.id AND m.id = :machine_id) AS has_machine"
        " FROM workshop ws JOIN lapas l ON l.lapas_id = ws.lapas_id"
        " WHERE ws.lapas_id = :lapas_id AND ws.id = :workshop_id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        machine_id=machine_id,
    )
    if row is None:
        return None
    return Place(
        kind=row["kind"],
        zone=row["zone"],
        stages=frozenset(s["key"] for s in row["stages"]),
        has_machine=row["has_machine"],
    )


def known_inmates(store: Store, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which of some inmates belong to this Lapas."""
    rows = store.rows(
        "SELECT inmate_id FROM worker WHERE lapas_id = :lapas_id AND inmate_id = ANY (:ids)",
        lapas_id=store.lapas_id,
        ids=list(ids),
    )
    return frozenset(row["inmate_id"] for row in rows)


def incidents(
    store: Store,
    query: PageQuery,
    *,
    kind: str | None,
    severity: str | None,
    workshop_id: UUID | None,
    first: date | None,
    last: date | None,
    follow_up: str | None,
    search: str | None,
) -> dict[str, Any]:
    """Return a page of reports, the newest first."""
    after = query.after(2)
    where = {
        "kind": (" AND i.kind = :kind", kind),
        "severity": (" AND i.severity = :severity", severity),
        "workshop_id": (" AND i.workshop_id = :workshop_id", workshop_id),
        "first": (" AND i.happened_on >= :first", first),
        "last": (" AND i.happened_on <= :last", last),
        "follow_up": (
            (
                " AND CASE :follow_up WHEN 'open' THEN coalesce(f.open, 0) > 0"
                " WHEN 'overdue' THEN coalesce(f.overdue, 0) > 0 ELSE coalesce(f.all, 0) = 0 END"
            ),
            follow_up,
        ),
        "search": (" AND concat_ws(' ', i.what, i.first_aid) ILIKE '%' || :search || '%'", search),
        "after_at": (
            " AND (i.happened_at, i.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))",
            after[0] if after else None,
        ),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    if after:
        given["after_id"] = after[1]
    sql = _INCIDENT + "".join(where[name][0] for name in given if name in where)
    rows = store.rows(
        sql + " ORDER BY i.happened_at DESC, i.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        today=today(store),
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("happened_at", "id"))


def incident(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one report with who was hurt and what is done about it.

    :raises IncidentUnknown: not there, or not for this caller.
    """
    day = today(store)
    row = store.row(_INCIDENT + " AND i.id = :id", lapas_id=store.lapas_id, today=day, id=id_)
    if row is None:
        raise IncidentUnknown(id=id_)
    injured = store.rows(
        "SELECT inmate_id FROM incident_injured WHERE lapas_id = :lapas_id AND incident_id = :id ORDER BY inmate_id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    actions = store.rows(
        _FOLLOW_UP + " AND u.incident_id = :id ORDER BY u.due_date, u.id", lapas_id=store.lapas_id, today=day, id=id_
    )
    return {**row, "injured": [r["inmate_id"] for r in injured], "actions": [dict(a) for a in actions]}


def summary(store: Store) -> dict[str, Any]:
    """Return how safe it was: days since somebody was hurt, a year of months, what is overdue."""
    day = today(store)
    first = (day.replace(day=1) - timedelta(days=330)).replace(day=1)
    months = store.rows(
        "SELECT to_char(m.month, 'YYYY-MM') AS month, count(i.id) FILTER (WHERE i.kind = 'incident') AS incidents,"
        " count(i.id) FILTER (WHERE i.kind = 'near_miss') AS near_misses"
        " FROM generate_series(CAST(:first AS date), CAST(:day AS date), '1 month') AS m (month)"
        " LEFT JOIN incident i ON i.lapas_id = :lapas_id AND date_trunc('month', i.happened_on) = m.month"
        " GROUP BY m.month ORDER BY m.month",
        lapas_id=store.lapas_id,
        first=first,
        day=day,
    )
    last = store.value(
        "SELECT max(happened_on) FROM incident WHERE lapas_id = :lapas_id AND kind = 'incident'",
        lapas_id=store.lapas_id,
    )
    due = store.rows(
        _FOLLOW_UP + " AND u.done_at IS NULL ORDER BY u.due_date, u.id LIMIT 20", lapas_id=store.lapas_id, today=day
    )
    return {
        "date": day,
        "days_without": (day - last).days if last else None,
        "months": [dict(m) for m in months],
        "follow_ups": [dict(u) for u in due],
        "gear": [dict(g) for g in _missing_today(store, day)],
    }


def _missing_today(store: Store, day: date) -> Sequence[Row]:
    return store.rows(
        "SELECT c.workshop_id, ws.name AS workshop_name, c.shift, c.missing FROM ("
        "  SELECT DISTINCT ON (g.workshop_id, g.shift) g.workshop_id, g.shift,"
        "   (SELECT coalesce(sum(i.missing), 0) FROM gear_check_item i WHERE i.lapas_id = g.lapas_id"
        "    AND i.check_id = g.id) AS missing FROM gear_check g WHERE g.lapas_id = :lapas_id AND g.work_date = :day"
        "  ORDER BY g.workshop_id, g.shift, g.checked_at DESC) c"
        " JOIN workshop ws ON ws.lapas_id = :lapas_id AND ws.id = c.workshop_id ORDER BY lower(ws.name), c.shift",
        lapas_id=store.lapas_id,
        day=day,
    )


def gear(store: Store, *, workshop_id: UUID, work_date: date, shift: Shift) -> dict[str, Any]:
    """Return the gear a workshop's stages ask for, and what the newest check of a shift found.

    :raises WorkshopUnknown: not there, or not for this caller.
    """
    row = store.row(
        "SELECT name, route -> 'stages' AS stages FROM workshop WHERE lapas_id = :lapas_id AND id = :id",
        lapas_id=store.lapas_id,
        id=workshop_id,
    )
    if row is None:
        raise WorkshopUnknown(id=workshop_id)
    checks = store.rows(
        "SELECT g.id, g.note, g.checked_at, g.checked_by, (SELECT json_agg(json_build_object('gear', i.gear, 'missing',"
        "  i.missing) ORDER BY i.gear) FROM gear_check_item i WHERE i.lapas_id = g.lapas_id AND i.check_id = g.id) AS items"
        " FROM gear_check g WHERE g.lapas_id = :lapas_id AND g.workshop_id = :id AND g.work_date = :work_date"
        " AND g.shift = :shift ORDER BY g.checked_at DESC, g.id DESC LIMIT 20",
        lapas_id=store.lapas_id,
        id=workshop_id,
        work_date=work_date,
        shift=shift.value,
    )
    stages = [s for s in row["stages"] if s.get("gear") or s.get("hazards")]
    wanted: dict[str, list[str]] = {}
    for stage in stages:
        for one in stage.get("gear", ()):
            wanted.setdefault(one, []).append(stage["name"])
    return {
        "workshop_id": workshop_id,
        "workshop_name": row["name"],
        "work_date": work_date,
        "shift": shift,
        "gear": [{"gear": name, "stages": where} for name, where in wanted.items()],
        "checks": [{**c, "items": c["items"] or []} for c in checks],
    }
