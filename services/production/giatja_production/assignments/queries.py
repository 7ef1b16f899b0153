"""Questions about placements."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.assignments.domain import FORCED, Candidate, Free, Gap, Placement, substitutes
from giatja_production.lapas.queries import today
from giatja_production.workers.domain import Worker, WorkerUnknown
from giatja_production.workers.queries import ALLOWED, PERMITTED

# On the day `:work_date`, of the row `p` of `placement`.
PLACED: Final = "p.starts_on <= :work_date AND (p.ends_on IS NULL OR p.ends_on >= :work_date)"
# How long ago what was lost is still to be made good, and work still tells what somebody is able to do.
LOST_DAYS: Final = 30
PRACTICE_DAYS: Final = 365
# How many are named for a gap beside those proposed.
NAMED: Final = 5


def placed(store: Store, workshop_id: UUID, day: date) -> Sequence[Row]:
    """Return who is placed in a workshop on a day: ``inmate_id``, ``stage_key`` and whether they may work then."""
    return store.rows(
        f"SELECT p.inmate_id, p.stage_key, {ALLOWED} AS allowed FROM placement p"  # noqa: S608 - constants
        " JOIN worker w ON w.lapas_id = p.lapas_id AND w.inmate_id = p.inmate_id"
        f" WHERE p.lapas_id = :lapas_id AND p.workshop_id = :workshop_id AND {PLACED} ORDER BY p.inmate_id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=day,
    )


@dataclass(frozen=True, kw_only=True)
class Room:
    """A workshop as far as placing needs it: its places, who has them, and what each stage asks for."""

    places: int | None
    competences: Mapping[str, str | None]
    periods: Sequence[tuple[UUID, date, date | None]]


def workshop(store: Store, id_: UUID, *, since: date, lock: bool) -> Room | None:
    """Return a workshop and what is placed in it from a day on, or nothing if there is no such one."""
    if lock:
        store.value(
            "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id FOR NO KEY UPDATE",
            lapas_id=store.lapas_id,
            id=id_,
        )
    row = store.row(
        "SELECT w.route, (SELECT r.places FROM workshop_place r WHERE r.lapas_id = w.lapas_id"
        "  AND r.workshop_id = w.id) AS places,"
        " (SELECT json_agg(json_build_array(p.id, p.starts_on, p.ends_on)) FROM placement p"
        "  WHERE p.lapas_id = w.lapas_id AND p.workshop_id = w.id AND (p.ends_on IS NULL OR p.ends_on >= :since))"
        "  AS periods"
        " FROM workshop w WHERE w.lapas_id = :lapas_id AND w.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
        since=since,
    )
    if row is None:
        return None
    return Room(
        places=row["places"],
        competences={s["key"]: s["competence"] for s in row["route"]["stages"]},
        periods=[
            (UUID(p), date.fromisoformat(first), date.fromisoformat(last) if last else None)
            for p, first, last in row["periods"] or ()
        ],
    )


def candidates(store: Store, inmate_ids: Sequence[UUID], *, day: date, lock: bool) -> dict[UUID, Candidate]:
    """Return the people who are known, as they are on a day, with what they are able to do and have open."""
    ids = list(set(inmate_ids))
    if lock:
        store.rows(
            "SELECT inmate_id FROM worker WHERE lapas_id = :lapas_id AND inmate_id = ANY (:ids)"
            " ORDER BY inmate_id FOR NO KEY UPDATE",
            lapas_id=store.lapas_id,
            ids=ids,
        )
    rows = store.rows(
        f"SELECT w.inmate_id, w.adult_on, w.fitness, w.left_on, {PERMITTED} AS permitted,"  # noqa: S608 - constants
        " ARRAY(SELECT c.competence FROM worker_competence c WHERE c.lapas_id = w.lapas_id"
        "  AND c.inmate_id = w.inmate_id) AS competences FROM worker w"
        " WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:ids)",
        lapas_id=store.lapas_id,
        ids=ids,
        work_date=day,
    )
    before: dict[UUID, list[Placement]] = {}
    for placement in _placements(
        store, "inmate_id = ANY (:ids) AND (ends_on IS NULL OR ends_on >= :day)", ids=ids, day=day
    ):
        before.setdefault(placement.inmate_id, []).append(placement)
    return {
        row["inmate_id"]: Candidate(
            worker=Worker(
                inmate_id=row["inmate_id"],
                adult_on=row["adult_on"],
                fitness=row["fitness"],
                left_on=row["left_on"],
                permitted=row["permitted"],
            ),
            competences=frozenset(row["competences"]),
            before=before.get(row["inmate_id"], ()),
        )
        for row in rows
    }


def lock_placements(store: Store, ids: Sequence[UUID]) -> list[Placement]:
    """Return placements and lock them, and the people whose they are, until the transaction ends."""
    store.rows(
        "SELECT inmate_id FROM worker WHERE lapas_id = :lapas_id AND inmate_id IN (SELECT inmate_id FROM placement"
        "  WHERE lapas_id = :lapas_id AND id = ANY (:ids)) ORDER BY inmate_id FOR NO KEY UPDATE",
        lapas_id=store.lapas_id,
        ids=list(ids),
    )
    return _placements(store, "id = ANY (:ids)", ids=list(ids))


def ending_after(store: Store, inmate_id: UUID, day: date) -> list[Placement]:
    """Return what an inmate has open, or ending after a day."""
    return _placements(
        store,
        "inmate_id = :inmate_id AND (ends_on IS NULL OR ends_on > :day AND ends_on >= starts_on)",
        inmate_id=inmate_id,
        day=day,
    )


def _placements(store: Store, where: str, **values: Any) -> list[Placement]:
    rows = store.rows(
        "SELECT id, inmate_id, workshop_id, stage_key, starts_on, ends_on, end_reason, overridden, placed_at"  # noqa: S608
        f" FROM placement WHERE lapas_id = :lapas_id AND {where} ORDER BY id",
        lapas_id=store.lapas_id,
        **values,
    )
    return [Placement(**{**row, "overridden": tuple(row["overridden"])}) for row in rows]


def permitted_after(store: Store, inmate_id: UUID, day: date) -> bool:
    """Return whether a decree lets an inmate work on any day after this one."""
    return bool(
        store.value(
            "SELECT true FROM work_permission WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id"
            " AND (valid_until IS NULL OR valid_until > :day AND valid_until >= valid_from) LIMIT 1",
            lapas_id=store.lapas_id,
            inmate_id=inmate_id,
            day=day,
        )
    )


def insert(store: Store, placements: Sequence[Placement], *, override_reason: str | None) -> None:
    """Keep placements, in the name of who asks; the reason only where something was overridden."""
    store.run(
        "INSERT INTO placement (lapas_id, id, inmate_id, workshop_id, stage_key, starts_on, end_note, override_reason,"
        " overridden, placed_at, placed_by)"
        " VALUES (:lapas_id, :id, :inmate_id, :workshop_id, :stage_key, :starts_on, '', :override_reason,"
        " :overridden, :at, :actor)",
        [
            {
                "lapas_id": store.lapas_id,
                "id": p.id,
                "inmate_id": p.inmate_id,
                "workshop_id": p.workshop_id,
                "stage_key": p.stage_key,
                "starts_on": p.starts_on,
                "override_reason": override_reason if p.overridden else None,
                "overridden": list(p.overridden),
                "at": store.at,
                "actor": store.actor,
            }
            for p in placements
        ],
    )


def write_ends(store: Store, ended: Sequence[Placement], *, note: str = "") -> None:
    """Keep how placements end, in the name of who asks."""
    store.run(
        "UPDATE placement SET ends_on = :ends_on, end_reason = :end_reason, end_note = :note, ended_by = :actor"
        " WHERE lapas_id = :lapas_id AND id = :id",
        [
            {
                "lapas_id": store.lapas_id,
                "id": p.id,
                "ends_on": p.ends_on,
                "end_reason": p.end_reason,
                "note": note,
                "actor": store.actor,
            }
            for p in ended
        ],
    )


def reopen_moved(store: Store, placement: Placement) -> None:
    """Let go on what ended because the person was moved to this placement."""
    store.run(
        "UPDATE placement SET ends_on = NULL, end_reason = NULL, ended_by = NULL WHERE lapas_id = :lapas_id AND id ="
        " (SELECT id FROM placement WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND id < :id"
        "  AND end_reason = 'moved' AND ends_on = :ends_on ORDER BY id DESC LIMIT 1)",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": placement.inmate_id,
            "id": placement.id,
            "ends_on": placement.starts_on - timedelta(days=1),
        },
    )


def write_places(store: Store, workshop_id: UUID, places: int | None) -> None:
    """Keep how many places a workshop has; none leaves it open."""
    key = {"lapas_id": store.lapas_id, "workshop_id": workshop_id}
    if places is None:
        store.run("DELETE FROM workshop_place WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id", key)
        return
    store.run(
        "INSERT INTO workshop_place (lapas_id, workshop_id, places) VALUES (:lapas_id, :workshop_id, :places)"
        " ON CONFLICT (lapas_id, workshop_id) DO UPDATE SET places = excluded.places",
        {**key, "places": places},
    )


def rooms(store: Store) -> dict[str, Any]:
    """Return each workshop with its people by stage, its places, and whether it stands still; and who is nowhere."""
    day = today(store)
    rows = store.rows(
        "SELECT ws.id, ws.name, ws.kind, ws.version, r.places, h.reason AS hold_reason, h.held_at,"  # noqa: S608
        " coalesce(n.people, 0) AS people, coalesce(n.blocked, 0) AS blocked,"
        " (SELECT json_agg(json_build_object('key', s.value ->> 'key', 'name', s.value ->> 'name',"
        "   'name_en', s.value ->> 'name_en', 'competence', s.value ->> 'competence',"
        "   'people', (SELECT count(*) FROM placement p WHERE p.lapas_id = ws.lapas_id AND p.workshop_id = ws.id"
        f"     AND p.stage_key = s.value ->> 'key' AND {PLACED})) ORDER BY s.no)"
        "  FROM jsonb_array_elements(ws.route -> 'stages') WITH ORDINALITY AS s (value, no)) AS stages"
        " FROM workshop ws"
        " LEFT JOIN workshop_place r ON r.lapas_id = ws.lapas_id AND r.workshop_id = ws.id"
        " LEFT JOIN workshop_hold h ON h.lapas_id = ws.lapas_id AND h.workshop_id = ws.id AND h.resumed_at IS NULL"
        " LEFT JOIN (SELECT p.workshop_id, count(*) AS people,"
        f"   count(*) FILTER (WHERE NOT ({ALLOWED})) AS blocked"
        "   FROM placement p JOIN worker w ON w.lapas_id = p.lapas_id AND w.inmate_id = p.inmate_id"
        f"  WHERE p.lapas_id = :lapas_id AND {PLACED} GROUP BY p.workshop_id) n ON n.workshop_id = ws.id"
        " WHERE ws.lapas_id = :lapas_id ORDER BY lower(ws.name), ws.id LIMIT 200",
        lapas_id=store.lapas_id,
        work_date=day,
    )
    unplaced = store.value(
        f"SELECT count(*) FROM worker w WHERE w.lapas_id = :lapas_id AND {ALLOWED}"  # noqa: S608 - constants
        f" AND NOT EXISTS (SELECT FROM placement p WHERE p.lapas_id = w.lapas_id AND p.inmate_id = w.inmate_id"
        f"  AND (p.ends_on IS NULL OR {PLACED}))",
        lapas_id=store.lapas_id,
        work_date=day,
    )
    return {
        "date": day,
        "items": [{**row, "left": None if row["places"] is None else row["places"] - row["people"]} for row in rows],
        "unplaced": unplaced,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """How the people are narrowed; ``ids`` come from whoever knows names."""

    workshop_id: UUID | None = None
    stage_key: str | None = None
    unplaced: bool = False
    competence: str | None = None
    blocked: bool | None = None
    ids: Sequence[UUID] | None = None


_PEOPLE = (
    "SELECT w.inmate_id, w.fitness, w.adult_on, w.left_on, p.id AS placement_id, p.workshop_id, p.workshop_name,"  # noqa: S608
    " p.stage_key, p.stage_name, p.stage_name_en, p.starts_on, p.ends_on, p.overridden, p.override_reason,"
    f" {ALLOWED} AS allowed, {PERMITTED} AS permitted,"
    " (SELECT max(coalesce(m.valid_until, 'infinity'))::text FROM work_permission m WHERE m.lapas_id = w.lapas_id"
    "  AND m.inmate_id = w.inmate_id AND m.valid_from <= :work_date) AS permitted_until,"
    " ARRAY(SELECT c.competence FROM worker_competence c WHERE c.lapas_id = w.lapas_id AND c.inmate_id = w.inmate_id"
    "  ORDER BY c.competence) AS competences,"
    " (SELECT max(o.work_date) FROM output o WHERE o.lapas_id = w.lapas_id AND o.inmate_id = w.inmate_id"
    "  AND o.work_date > CAST(:work_date AS date) - 60 AND NOT o.undone) AS last_worked"
    " FROM worker w LEFT JOIN LATERAL ("
    "  SELECT p.*, ws.name AS workshop_name, s.value ->> 'name' AS stage_name, s.value ->> 'name_en' AS stage_name_en"
    "  FROM placement p JOIN workshop ws ON ws.lapas_id = p.lapas_id AND ws.id = p.workshop_id"
    "  LEFT JOIN LATERAL (SELECT value FROM jsonb_array_elements(ws.route -> 'stages')"
    "   WHERE value ->> 'key' = p.stage_key) s ON true"
    f"  WHERE p.lapas_id = w.lapas_id AND p.inmate_id = w.inmate_id AND (p.ends_on IS NULL OR {PLACED})"
    f"  ORDER BY ({PLACED}) DESC LIMIT 1) p ON true"
    " WHERE w.lapas_id = :lapas_id"
)


def people(store: Store, query: PageQuery, narrowing: Narrowing) -> dict[str, Any]:
    """Return a page of the people who may work, or are placed though they may not, with where they are."""
    after = query.after(1)
    where = {
        "workshop_id": (" AND p.workshop_id = :workshop_id", narrowing.workshop_id),
        "stage_key": (" AND p.stage_key = :stage_key", narrowing.stage_key),
        "unplaced": (f" AND p.id IS NULL AND {ALLOWED}", narrowing.unplaced or None),
        "blocked": (f" AND ({ALLOWED}) <> :blocked", narrowing.blocked),
        "competence": (
            " AND :competence IN (SELECT c.competence FROM worker_competence c WHERE c.inmate_id = w.inmate_id)",
            narrowing.competence,
        ),
        "ids": (" AND w.inmate_id = ANY (:ids)", None if narrowing.ids is None else list(narrowing.ids)),
        "after": (" AND w.inmate_id > CAST(:after AS uuid)", after[0] if after else None),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    rows = store.rows(
        _PEOPLE
        + f" AND ({ALLOWED} OR p.id IS NOT NULL)"
        + "".join(where[name][0] for name in given)
        + " ORDER BY w.inmate_id LIMIT :limit",
        lapas_id=store.lapas_id,
        work_date=today(store),
        limit=query.limit + 1,
        **{name: value for name, value in given.items() if name != "unplaced"},
    )
    return page([_person(row) for row in rows], limit=query.limit, key=("inmate_id",))


def _person(row: Row) -> dict[str, Any]:
    until = row["permitted_until"]
    return {**row, "permitted_until": None if until in (None, "infinity") else date.fromisoformat(until)}


def history(store: Store, inmate_id: UUID) -> list[dict[str, Any]]:
    """Return where somebody was placed, the newest first.

    :raises WorkerUnknown: not there, or not for this caller.
    """
    if not store.value(
        "SELECT true FROM worker WHERE lapas_id = :lapas_id AND inmate_id = :id", lapas_id=store.lapas_id, id=inmate_id
    ):
        raise WorkerUnknown(id=inmate_id)
    rows = store.rows(
        "SELECT p.id, p.workshop_id, ws.name AS workshop_name, p.stage_key, s.value ->> 'name' AS stage_name,"
        " s.value ->> 'name_en' AS stage_name_en, p.starts_on, p.ends_on, p.end_reason, p.end_note, p.overridden,"
        " p.override_reason, p.placed_at, p.placed_by, p.ended_by"
        " FROM placement p JOIN workshop ws ON ws.lapas_id = p.lapas_id AND ws.id = p.workshop_id"
        " LEFT JOIN LATERAL (SELECT value FROM jsonb_array_elements(ws.route -> 'stages')"
        "  WHERE value ->> 'key' = p.stage_key) s ON true"
        " WHERE p.lapas_id = :lapas_id AND p.inmate_id = :inmate_id ORDER BY p.id DESC LIMIT 200",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return [dict(r) for r in rows]


_GAPS = (
    "WITH lost AS (SELECT workshop_id, stage_key, count(*) AS lost, min(ends_on) AS since,"
    "  array_agg(DISTINCT end_reason) AS reasons FROM placement"
    "  WHERE lapas_id = :lapas_id AND end_reason = ANY (:forced) AND ends_on >= starts_on"
    "   AND ends_on BETWEEN CAST(:work_date AS date) - :days AND :work_date GROUP BY workshop_id, stage_key),"
    # Who came since the first was lost stands in for one; somebody who came and was lost again is on both sides.
    " counted AS (SELECT l.*,"
    "  (SELECT count(*) FROM placement p WHERE p.lapas_id = :lapas_id AND p.workshop_id = l.workshop_id"
    "    AND p.stage_key IS NOT DISTINCT FROM l.stage_key AND p.starts_on >= l.since"
    "    AND (p.ends_on IS NULL OR p.ends_on >= p.starts_on AND p.end_reason = ANY (:forced))) AS gained,"
    "  (SELECT count(*) FROM placement p WHERE p.lapas_id = :lapas_id AND p.workshop_id = l.workshop_id"
    "    AND p.stage_key IS NOT DISTINCT FROM l.stage_key AND p.ends_on IS NULL) AS now FROM lost l)"
    " SELECT c.workshop_id, ws.name AS workshop_name, c.stage_key, s.value ->> 'name' AS stage_name,"
    "  s.value ->> 'name_en' AS stage_name_en, s.value ->> 'competence' AS competence, c.since, c.reasons,"
    "  CASE WHEN c.stage_key IS NULL THEN ARRAY(SELECT value ->> 'key' FROM jsonb_array_elements(ws.route -> 'stages'))"
    "   ELSE ARRAY[c.stage_key] END AS stage_keys,"
    "  c.now + c.lost - c.gained AS before, c.now, c.lost - c.gained AS short"
    " FROM counted c JOIN workshop ws ON ws.lapas_id = :lapas_id AND ws.id = c.workshop_id"
    " LEFT JOIN LATERAL (SELECT value, no FROM jsonb_array_elements(ws.route -> 'stages') WITH ORDINALITY AS e (value, no)"
    "  WHERE value ->> 'key' = c.stage_key) s ON true"
    " WHERE c.lost > c.gained ORDER BY lower(ws.name), ws.id, s.no NULLS LAST"
)


def gaps(store: Store) -> list[dict[str, Any]]:
    """Return the workshops and stages that lost people without anybody's wish and have not got them back."""
    rows = store.rows(_GAPS, lapas_id=store.lapas_id, work_date=today(store), forced=list(FORCED), days=LOST_DAYS)
    return [dict(r) for r in rows]


def practice(store: Store) -> list[dict[str, Any]]:
    """Return who may work today and is placed nowhere, with competences and what each made at each stage in a year."""
    rows = store.rows(
        "WITH free AS (SELECT w.inmate_id, w.fitness FROM worker w"  # noqa: S608 - constants
        f" WHERE w.lapas_id = :lapas_id AND {ALLOWED} AND NOT EXISTS (SELECT FROM placement p"
        f"  WHERE p.lapas_id = w.lapas_id AND p.inmate_id = w.inmate_id AND (p.ends_on IS NULL OR {PLACED}))),"
        " made AS (SELECT o.inmate_id, o.stage_key, sum(o.credited) AS pieces, max(o.work_date) AS last_day"
        "  FROM output o JOIN free f ON f.inmate_id = o.inmate_id WHERE o.lapas_id = :lapas_id AND NOT o.undone"
        "   AND o.work_date > CAST(:work_date AS date) - :days GROUP BY o.inmate_id, o.stage_key)"
        " SELECT f.inmate_id, f.fitness,"
        "  (SELECT json_object_agg(c.competence, c.awarded_on) FROM worker_competence c"
        "    WHERE c.lapas_id = :lapas_id AND c.inmate_id = f.inmate_id) AS competences,"
        "  (SELECT json_object_agg(m.stage_key, json_build_array(m.pieces, m.last_day)) FROM made m"
        "    WHERE m.inmate_id = f.inmate_id) AS made"
        " FROM free f ORDER BY f.inmate_id",
        lapas_id=store.lapas_id,
        work_date=today(store),
        days=PRACTICE_DAYS,
    )
    return [dict(r) for r in rows]


def impact(store: Store, inmate_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return what it touches when people leave: the workshops they are placed in, who stays, and the work left there."""
    rows = store.rows(
        "SELECT ws.id AS workshop_id, ws.name AS workshop_name,"  # noqa: S608 - constants
        " count(*) FILTER (WHERE p.inmate_id = ANY (:ids)) AS leaving,"
        " count(*) FILTER (WHERE NOT p.inmate_id = ANY (:ids)) AS staying,"
        " (SELECT json_agg(json_build_object('id', wo.id, 'order_id', wo.order_id, 'order_number', wo.order_number,"
        "   'product_name', wo.product_name, 'unit', wo.unit, 'due_date', wo.due_date, 'quantity', wo.quantity,"
        "   'left', wo.quantity - wo.finished) ORDER BY wo.due_date, wo.id) FROM work_order wo"
        "  WHERE wo.lapas_id = ws.lapas_id AND wo.workshop_id = ws.id"
        "   AND wo.state IN ('released', 'in_progress', 'on_hold')) AS work_orders"
        " FROM placement p JOIN workshop ws ON ws.lapas_id = p.lapas_id AND ws.id = p.workshop_id"
        f" WHERE p.lapas_id = :lapas_id AND (p.ends_on IS NULL OR {PLACED})"
        " GROUP BY ws.lapas_id, ws.id, ws.name HAVING bool_or(p.inmate_id = ANY (:ids)) ORDER BY lower(ws.name), ws.id",
        lapas_id=store.lapas_id,
        work_date=today(store),
        ids=list(inmate_ids),
    )
    items = [{**row, "work_orders": row["work_orders"] or []} for row in rows]
    return {"placed": sum(r["leaving"] for r in rows), "items": items}


def proposals(store: Store) -> list[dict[str, Any]]:
    """Return each gap with who could stand in and why; nobody is proposed twice."""
    found = gaps(store)
    if not found:
        return []
    free = [
        Free(
            inmate_id=row["inmate_id"],
            fitness=row["fitness"],
            competences={key: date.fromisoformat(day) for key, day in (row["competences"] or {}).items()},
            made={key: (pieces, date.fromisoformat(day)) for key, (pieces, day) in (row["made"] or {}).items()},
        )
        for row in practice(store)
    ]
    wanted = [Gap(short=g["short"], competence=g["competence"], stage_keys=g["stage_keys"]) for g in found]
    return [
        {**{k: v for k, v in gap.items() if k != "stage_keys"}, "substitutes": [asdict(s) for s in named]}
        for gap, named in zip(found, substitutes(wanted, free, most=NAMED), strict=True)
    ]
