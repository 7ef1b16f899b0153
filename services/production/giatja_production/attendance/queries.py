"""Questions about attendance: who is expected, who is marked how, a month of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_production.assignments.queries import PLACED
from giatja_production.attendance.domain import Kept, Reason, Status, shipped
from giatja_production.calendar.queries import shift_times
from giatja_production.lapas.domain import LapasNotKnownYet
from giatja_production.lapas.queries import today
from giatja_production.workers.domain import Worker
from giatja_production.workers.queries import ALLOWED, PERMITTED
from giatja_production.workshops.domain import WorkshopUnknown

# Who is expected in `:workshop_id` on `:work_date`: who is placed there; of those placed nowhere, who worked there in
# the last 30 days; and, as long as a Lapas places nobody at all, those who have not worked anywhere yet.
PLACES: Final = (
    "placed AS (SELECT DISTINCT ON (p.inmate_id) p.inmate_id, p.workshop_id, p.stage_key FROM placement p"  # noqa: S608 - a constant
    f" WHERE p.lapas_id = :lapas_id AND {PLACED} ORDER BY p.inmate_id, p.starts_on DESC),"
    " worked AS (SELECT o.inmate_id, bool_or(wo.workshop_id = :workshop_id) AS here FROM output o"
    " JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:work_date AS date) - 30 AND :work_date"
    " GROUP BY o.inmate_id)"
)
EXPECTED: Final = (
    "CASE WHEN p.inmate_id IS NOT NULL THEN p.workshop_id = :workshop_id"
    " WHEN k.inmate_id IS NOT NULL THEN k.here ELSE NOT EXISTS (SELECT FROM placed) END"
)
PLACES_OF_W: Final = " LEFT JOIN placed p ON p.inmate_id = w.inmate_id LEFT JOIN worked k ON k.inmate_id = w.inmate_id"

_REASONS = (
    "SELECT key, no, name, name_en, status, active, version FROM attendance_reason"
    " WHERE lapas_id = :lapas_id ORDER BY no, key"
)


def reasons(store: Store) -> tuple[list[Reason], bool]:
    """Return the reasons of the Lapas, and whether they are its own or those that are shipped."""
    rows = store.rows(_REASONS, lapas_id=store.lapas_id)
    if not rows:
        return list(shipped()), False
    return [Reason(**{**row, "status": Status(row["status"])}) for row in rows], True


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What marking needs to see of a workshop that is held against closing."""

    workshop: str
    today: date
    closed: bool
    workers: Mapping[UUID, Worker]
    kept: Mapping[UUID, Kept]
    reasons: Mapping[str, Reason]
    shift_minutes: int | None


_SCENE = (
    "SELECT"  # noqa: S608 - constants
    " EXISTS (SELECT FROM closed_day c WHERE c.lapas_id = :lapas_id AND c.workshop_id = :workshop_id"
    "  AND c.work_date = :work_date) AS closed,"
    " (SELECT json_agg(json_build_array(w.inmate_id, w.adult_on, w.fitness, w.left_on,"
    f" {PERMITTED})) FROM worker w WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:inmates)) AS workers,"
    " (SELECT json_agg(json_build_array(a.inmate_id, a.workshop_id, ws.name, a.status, a.reason_key, a.complied,"
    "   a.minutes, a.note)) FROM attendance a"
    "  JOIN workshop ws ON ws.lapas_id = a.lapas_id AND ws.id = a.workshop_id"
    "  WHERE a.lapas_id = :lapas_id AND a.work_date = :work_date AND a.shift = :shift"
    "   AND a.inmate_id = ANY (:inmates)) AS kept"
)


def hold_workshop(store: Store, workshop_id: UUID) -> str:
    """Keep a workshop's days from being closed until this transaction ends; return its name.

    What is asked after this sees whether the day was closed: closing waits for us, or we for it.

    :raises WorkshopUnknown:
    """
    name = store.value(
        "SELECT name FROM workshop WHERE lapas_id = :lapas_id AND id = :id FOR SHARE",
        lapas_id=store.lapas_id,
        id=workshop_id,
    )
    if name is None:
        raise WorkshopUnknown(id=workshop_id)
    return str(name)


def scene(store: Store, *, workshop_id: UUID, work_date: date, shift: str, inmates: Sequence[UUID]) -> Scene:
    """Hold the workshop and return what stands there.

    :raises WorkshopUnknown, LapasNotKnownYet:
    """
    name = hold_workshop(store, workshop_id)
    row = store.row(
        _SCENE,
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=work_date,
        shift=shift,
        inmates=list(inmates),
    )
    if row is None:
        raise LapasNotKnownYet
    return Scene(
        workshop=name,
        today=today(store),
        closed=row["closed"],
        workers={
            UUID(inmate_id): Worker(
                inmate_id=UUID(inmate_id),
                adult_on=date.fromisoformat(adult_on),
                fitness=fitness,
                left_on=date.fromisoformat(left_on) if left_on else None,
                permitted=permitted,
            )
            for inmate_id, adult_on, fitness, left_on, permitted in row["workers"] or ()
        },
        kept={
            UUID(inmate_id): Kept(
                workshop_id=UUID(place),
                workshop=place_name,
                status=Status(status),
                reason_key=reason_key,
                complied=complied,
                minutes=minutes,
                note=note,
            )
            for inmate_id, place, place_name, status, reason_key, complied, minutes, note in row["kept"] or ()
        },
        reasons={r.key: r for r in reasons(store)[0]},
        shift_minutes=minutes_of(store, work_date, shift),
    )


def minutes_of(store: Store, day: date, shift: str) -> int | None:
    """Return the working time of a shift, nothing where the calendar has no such shift that day."""
    return next((t.minutes for t in shift_times(store, day) if t.shift == shift), None)


# In the sequence of ids, so that two clerks who mark the same people wait for each other instead of both.
KEEP: Final = (
    "INSERT INTO attendance (lapas_id, work_date, shift, inmate_id, workshop_id, status, reason_key, attended,"
    " complied, minutes, note, marked_at, marked_by)"
    " SELECT :lapas_id, :work_date, :shift, m.inmate_id, :workshop_id, m.status, m.reason_key, m.status = 'hadir',"
    " m.complied, m.minutes, m.note, :at, :actor"
    " FROM unnest(CAST(:inmates AS uuid[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]),"
    "  CAST(:complied AS boolean[]), CAST(:minutes AS int[]), CAST(:notes AS text[]))"
    "  AS m (inmate_id, status, reason_key, complied, minutes, note) ORDER BY m.inmate_id"
    " ON CONFLICT (lapas_id, work_date, shift, inmate_id) DO UPDATE SET workshop_id = excluded.workshop_id,"
    " status = excluded.status, reason_key = excluded.reason_key, attended = excluded.attended,"
    " complied = excluded.complied, minutes = excluded.minutes, note = excluded.note,"
    " marked_at = excluded.marked_at, marked_by = excluded.marked_by"
)


def keep(store: Store, *, work_date: date, shift: str, marks: Mapping[UUID, Kept]) -> None:
    """Keep marks; all are of one workshop."""
    if not marks:
        return
    kept = list(marks.values())
    store.run(
        KEEP,
        {
            "lapas_id": store.lapas_id,
            "work_date": work_date,
            "shift": shift,
            "workshop_id": kept[0].workshop_id,
            "inmates": list(marks),
            "statuses": [k.status.value for k in kept],
            "reasons": [k.reason_key for k in kept],
            "complied": [k.complied for k in kept],
            "minutes": [k.minutes for k in kept],
            "notes": [k.note for k in kept],
            "at": store.at,
            "actor": store.actor,
        },
    )


_SHEET = (
    f"WITH {PLACES}"  # noqa: S608 - constants
    " SELECT w.inmate_id, w.fitness, p.stage_key, a.status, a.reason_key, a.attended, a.complied, a.minutes, a.note,"
    f" a.marked_at, a.marked_by, a.workshop_id AS marked_workshop_id, {ALLOWED} AS allowed,"
    f" {EXPECTED} AS expected, coalesce(d.pieces, 0) AS pieces"
    f" FROM worker w{PLACES_OF_W}"
    " LEFT JOIN attendance a ON a.lapas_id = w.lapas_id AND a.inmate_id = w.inmate_id"
    "  AND a.work_date = :work_date AND a.shift = :shift"
    " LEFT JOIN (SELECT o.inmate_id, sum(o.good + o.rework + o.reject) AS pieces FROM output o"
    "   JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "   WHERE o.lapas_id = :lapas_id AND o.work_date = :work_date AND o.shift = :shift"
    "    AND wo.workshop_id = :workshop_id GROUP BY o.inmate_id) d ON d.inmate_id = w.inmate_id"
    " WHERE w.lapas_id = :lapas_id AND (w.left_on IS NULL OR w.left_on >= :work_date)"
    " ORDER BY w.inmate_id LIMIT 2000"
)
_CLOSED = (
    "SELECT ws.id, ws.name, ws.kind, c.closed_at, c.closed_by, (SELECT zone FROM lapas WHERE lapas_id = :lapas_id) AS zone"
    " FROM workshop ws LEFT JOIN closed_day c ON c.lapas_id = ws.lapas_id AND c.workshop_id = ws.id"
    "  AND c.work_date = :work_date WHERE ws.lapas_id = :lapas_id AND ws.id = :workshop_id"
)


def sheet(store: Store, *, workshop_id: UUID, work_date: date, shift: str) -> dict[str, Any]:
    """Return the attendance sheet of a shift: whom it is about, how they are marked, who is missing.

    ``people`` are those expected here, marked here or with output here; ``others`` may be added to them.

    :raises WorkshopUnknown:
    """
    place = store.row(_CLOSED, lapas_id=store.lapas_id, workshop_id=workshop_id, work_date=work_date)
    if place is None:
        raise WorkshopUnknown(id=workshop_id)
    rows = store.rows(_SHEET, lapas_id=store.lapas_id, workshop_id=workshop_id, work_date=work_date, shift=shift)
    people: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for row in rows:
        here = row["marked_workshop_id"] == workshop_id
        elsewhere = row["marked_workshop_id"] is not None and not here
        person = {**row, "elsewhere": elsewhere, "status": None if elsewhere else row["status"]}
        (people if here or row["pieces"] or (row["expected"] and not elsewhere) else others).append(person)
    times = next((t for t in shift_times(store, work_date) if t.shift == shift), None)
    return {
        "workshop": {"id": place["id"], "name": place["name"], "kind": place["kind"]},
        "work_date": work_date,
        "shift": shift,
        "starts": times.starts if times else None,
        "ends": times.ends if times else None,
        "minutes": times.minutes if times else None,
        "today": today(store),
        "closed_at": place["closed_at"],
        "closed_by": place["closed_by"],
        "reasons": reasons(store)[0],
        "people": people,
        "others": [p for p in others if p["allowed"] and not p["elsewhere"]],
        "unmarked": [p["inmate_id"] for p in people if p["status"] is None and p["allowed"]],
        "counts": {s.value: sum(p["status"] == s.value for p in people) for s in Status},
    }


_MONTH = (
    "SELECT a.inmate_id, a.workshop_id, ws.name AS workshop_name,"
    " count(DISTINCT a.work_date) FILTER (WHERE a.attended) AS days,"
    " count(*) FILTER (WHERE a.status = 'hadir') AS hadir, count(*) FILTER (WHERE a.status = 'izin') AS izin,"
    " count(*) FILTER (WHERE a.status = 'sakit') AS sakit,"
    " count(*) FILTER (WHERE a.status = 'tidak_hadir') AS tidak_hadir,"
    " count(*) FILTER (WHERE NOT a.complied) AS not_complied, sum(a.minutes) AS minutes,"
    " json_object_agg(a.work_date || ' ' || a.shift, a.status) AS marks"
    " FROM attendance a JOIN workshop ws ON ws.lapas_id = a.lapas_id AND ws.id = a.workshop_id"
    " WHERE a.lapas_id = :lapas_id AND a.work_date BETWEEN :first AND :last"
    "  AND (CAST(:workshop_id AS uuid) IS NULL OR a.workshop_id = :workshop_id)"
    " GROUP BY a.inmate_id, a.workshop_id, ws.name ORDER BY lower(ws.name), a.inmate_id"
)


def month(store: Store, *, first: date, workshop_id: UUID | None) -> dict[str, Any]:
    """Return a month, one row for each person and workshop; ``marks`` has every shift of it."""
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    rows = store.rows(_MONTH, lapas_id=store.lapas_id, first=first, last=last, workshop_id=workshop_id)
    return {"first": first, "last": last, "items": [dict(row) for row in rows]}


_MISSING_NOW = (
    "WITH placed AS (SELECT DISTINCT ON (p.inmate_id) p.inmate_id, p.workshop_id FROM placement p"  # noqa: S608 - constants
    f"  WHERE p.lapas_id = :lapas_id AND {PLACED} ORDER BY p.inmate_id, p.starts_on DESC),"
    " expected AS (SELECT w.inmate_id, p.workshop_id FROM worker w JOIN placed p ON p.inmate_id = w.inmate_id"
    f"  WHERE w.lapas_id = :lapas_id AND {ALLOWED}"
    # Who worked where is found before it is joined: thousands of entries are a few dozen people.
    "  UNION SELECT w.inmate_id, wo.workshop_id FROM (SELECT DISTINCT o.inmate_id, o.work_order_id FROM output o"
    "    WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:work_date AS date) - 30 AND :work_date) o"
    "  JOIN work_order wo ON wo.lapas_id = :lapas_id AND wo.id = o.work_order_id"
    "  JOIN worker w ON w.lapas_id = :lapas_id AND w.inmate_id = o.inmate_id"
    f"  WHERE NOT EXISTS (SELECT FROM placed p WHERE p.inmate_id = o.inmate_id) AND {ALLOWED})"
    " SELECT e.workshop_id, count(*) AS missing FROM expected e"
    " WHERE NOT EXISTS (SELECT FROM attendance a WHERE a.lapas_id = :lapas_id AND a.work_date = :work_date"
    "   AND a.shift = :shift AND a.inmate_id = e.inmate_id)"
    "  AND NOT EXISTS (SELECT FROM closed_day c WHERE c.lapas_id = :lapas_id AND c.workshop_id = e.workshop_id"
    "   AND c.work_date = :work_date) GROUP BY e.workshop_id"
)


def unmarked(store: Store, *, work_date: date, shift: str) -> dict[UUID, int]:
    """Return, of each workshop whose day is open, how many expected people are not marked in a shift."""
    rows = store.rows(_MISSING_NOW, lapas_id=store.lapas_id, work_date=work_date, shift=shift)
    return {row["workshop_id"]: row["missing"] for row in rows}


def mark_of(store: Store, *, work_date: date, shift: str, inmate_id: UUID) -> UUID | None:
    """Return the workshop somebody is marked in, if at all."""
    found = store.value(
        "SELECT workshop_id FROM attendance"
        " WHERE lapas_id = :lapas_id AND work_date = :work_date AND shift = :shift AND inmate_id = :inmate_id",
        lapas_id=store.lapas_id,
        work_date=work_date,
        shift=shift,
        inmate_id=inmate_id,
    )
    return UUID(str(found)) if found else None
