"""Questions about days: which are open, what is missing, what is asked to be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.assignments.queries import PLACED
from giatja_production.calendar.queries import shift_times
from giatja_production.days.domain import CorrectionUnknown, Missing
from giatja_production.lapas.queries import today
from giatja_production.output.domain import OutputUnknown
from giatja_production.workers.queries import ALLOWED
from giatja_production.workshops.domain import WorkshopUnknown

_OPEN_STATES: Final = "('released', 'in_progress', 'on_hold')"


def hold_workshops(store: Store, workshop_ids: Sequence[UUID] | None) -> list[Row]:
    """Lock workshops and their open work orders, always in the same sequence; return the workshops.

    Whoever records waits, and sees when it is their turn that the day is closed; no work order opens meanwhile.
    Only what is no foreign key's business is locked: who has a work order already may still refer to its workshop.

    :raises WorkshopUnknown: one of those named is not there.
    """
    rows = store.rows(
        "SELECT id, name FROM workshop WHERE lapas_id = :lapas_id"
        " AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY (CAST(:ids AS uuid[]))) ORDER BY id FOR NO KEY UPDATE",
        lapas_id=store.lapas_id,
        ids=list(workshop_ids) if workshop_ids is not None else None,
    )
    if workshop_ids is not None and {r["id"] for r in rows} != set(workshop_ids):
        raise WorkshopUnknown
    store.rows(
        "SELECT id FROM work_order WHERE lapas_id = :lapas_id AND workshop_id = ANY (:ids)"  # noqa: S608 - constants
        f" AND state IN {_OPEN_STATES} ORDER BY id FOR UPDATE",
        lapas_id=store.lapas_id,
        ids=[r["id"] for r in rows],
    )
    return list(rows)


def closed_among(store: Store, workshop_ids: Sequence[UUID], work_date: date) -> set[UUID]:
    """Return which of some workshops have closed that day; asked after they are locked."""
    rows = store.rows(
        "SELECT workshop_id FROM closed_day WHERE lapas_id = :lapas_id AND work_date = :work_date"
        " AND workshop_id = ANY (:ids)",
        lapas_id=store.lapas_id,
        work_date=work_date,
        ids=list(workshop_ids),
    )
    return {r["workshop_id"] for r in rows}


def is_closed(store: Store, workshop_id: UUID, work_date: date) -> bool:
    """Return whether that day of that workshop is closed."""
    return bool(closed_among(store, [workshop_id], work_date))


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a day of one workshop looks like: its sums, and whom something is missing of."""

    workshop_id: UUID
    present: int
    away: int
    minutes: int
    workers: int
    stages: list[dict[str, Any]]
    unmarked: list[dict[str, Any]]
    without_output: list[UUID]
    without_mark: list[dict[str, Any]]
    of_absent: list[dict[str, Any]]
    tools_out: int

    @property
    def missing(self) -> Missing:
        """Return how much is missing of what."""
        return Missing(
            unmarked=len(self.unmarked),
            without_output=len(self.without_output),
            without_mark=len(self.without_mark),
            of_absent=len(self.of_absent),
            tools_out=self.tools_out,
        )

    @property
    def sums(self) -> dict[str, Any]:
        """Return what is kept of the day when it is closed."""
        return {
            "present": self.present,
            "away": self.away,
            "minutes": self.minutes,
            "workers": self.workers,
            "stages": self.stages,
            "missing": self.missing.__dict__,
        }


# One row for each workshop; who was taken back entirely has made nothing.
_LOOK = (
    "WITH ids AS (SELECT unnest(CAST(:ids AS uuid[])) AS workshop_id),"  # noqa: S608 - constants
    " shifts AS (SELECT unnest(CAST(:shifts AS text[])) AS shift),"
    " marks AS MATERIALIZED (SELECT a.inmate_id, a.workshop_id, a.shift, a.status, a.minutes FROM attendance a"
    "  WHERE a.lapas_id = :lapas_id AND a.work_date = :work_date),"
    " made AS MATERIALIZED (SELECT wo.workshop_id, o.work_order_id, o.stage_no, o.inmate_id, o.shift,"
    "   sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject FROM output o"
    "  JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id AND o.work_date = :work_date"
    "  GROUP BY wo.workshop_id, o.work_order_id, o.stage_no, o.inmate_id, o.shift"
    "  HAVING sum(o.good + o.rework + o.reject) > 0),"
    " placed AS (SELECT DISTINCT ON (p.inmate_id) p.inmate_id, p.workshop_id FROM placement p"
    f"  WHERE p.lapas_id = :lapas_id AND {PLACED} ORDER BY p.inmate_id, p.starts_on DESC),"
    " expected AS MATERIALIZED (SELECT w.inmate_id, p.workshop_id FROM placed p"
    f"  JOIN worker w ON w.lapas_id = :lapas_id AND w.inmate_id = p.inmate_id WHERE {ALLOWED}"
    "  UNION SELECT w.inmate_id, wo.workshop_id FROM output o"
    "  JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  JOIN worker w ON w.lapas_id = o.lapas_id AND w.inmate_id = o.inmate_id"
    "  WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN CAST(:work_date AS date) - 30 AND :work_date"
    f"   AND NOT EXISTS (SELECT FROM placed p WHERE p.inmate_id = o.inmate_id) AND {ALLOWED})"
    " SELECT i.workshop_id,"
    " (SELECT count(DISTINCT m.inmate_id) FROM marks m WHERE m.workshop_id = i.workshop_id AND m.status = 'hadir')"
    "  AS present,"
    " (SELECT count(DISTINCT m.inmate_id) FROM marks m WHERE m.workshop_id = i.workshop_id AND m.status <> 'hadir')"
    "  AS away,"
    " (SELECT coalesce(sum(m.minutes), 0) FROM marks m WHERE m.workshop_id = i.workshop_id) AS minutes,"
    " (SELECT count(DISTINCT d.inmate_id) FROM made d WHERE d.workshop_id = i.workshop_id) AS workers,"
    " (SELECT json_agg(json_build_object('work_order_id', s.work_order_id, 'order_number', wo.order_number,"
    "   'product_name', wo.product_name, 'stage_no', s.stage_no,"
    "   'name', wo.route -> 'stages' -> (s.stage_no - 1) ->> 'name',"
    "   'name_en', wo.route -> 'stages' -> (s.stage_no - 1) ->> 'name_en',"
    "   'counts_quality', (wo.route -> 'stages' -> (s.stage_no - 1) ->> 'counts_quality')::boolean,"
    "   'people', s.people, 'good', s.good, 'rework', s.rework, 'reject', s.reject)"
    "   ORDER BY wo.order_number, wo.id, s.stage_no)"
    "  FROM (SELECT d.work_order_id, d.stage_no, count(DISTINCT d.inmate_id) AS people, sum(d.good) AS good,"
    "    sum(d.rework) AS rework, sum(d.reject) AS reject FROM made d WHERE d.workshop_id = i.workshop_id"
    "    GROUP BY d.work_order_id, d.stage_no) s"
    "  JOIN work_order wo ON wo.lapas_id = :lapas_id AND wo.id = s.work_order_id) AS stages,"
    " (SELECT json_agg(json_build_object('inmate_id', e.inmate_id, 'shift', s.shift)) FROM expected e, shifts s"
    "  WHERE e.workshop_id = i.workshop_id AND NOT EXISTS (SELECT FROM marks m WHERE m.inmate_id = e.inmate_id"
    "   AND m.shift = s.shift)) AS unmarked,"
    " (SELECT json_agg(DISTINCT m.inmate_id) FROM marks m WHERE m.workshop_id = i.workshop_id AND m.status = 'hadir'"
    "  AND NOT EXISTS (SELECT FROM made d WHERE d.inmate_id = m.inmate_id)) AS without_output,"
    " (SELECT json_agg(DISTINCT jsonb_build_object('inmate_id', d.inmate_id, 'shift', d.shift)) FROM made d"
    "  WHERE d.workshop_id = i.workshop_id AND NOT EXISTS (SELECT FROM marks m WHERE m.inmate_id = d.inmate_id"
    "   AND m.shift = d.shift)) AS without_mark,"
    " (SELECT json_agg(DISTINCT jsonb_build_object('inmate_id', d.inmate_id, 'shift', d.shift, 'status', m.status))"
    "  FROM made d JOIN marks m ON m.inmate_id = d.inmate_id AND m.shift = d.shift AND m.status <> 'hadir'"
    "  WHERE d.workshop_id = i.workshop_id) AS of_absent,"
    " (SELECT count(*) FROM tool_issue t WHERE t.lapas_id = :lapas_id AND t.work_date = :work_date"
    "  AND t.workshop_id = i.workshop_id AND t.ended_at IS NULL) AS tools_out"
    " FROM ids i"
)


def look(store: Store, workshop_ids: Sequence[UUID], work_date: date) -> list[Looked]:
    """Return what a day of some workshops looks like, in one round trip beside the calendar's."""
    begun = [t.shift for t in shift_times(store, work_date) if t.starts <= store.at]
    rows = store.rows(_LOOK, lapas_id=store.lapas_id, work_date=work_date, ids=list(workshop_ids), shifts=begun)
    return [
        Looked(
            workshop_id=row["workshop_id"],
            present=row["present"],
            away=row["away"],
            minutes=int(row["minutes"]),
            workers=row["workers"],
            stages=row["stages"] or [],
            unmarked=row["unmarked"] or [],
            without_output=[UUID(i) for i in row["without_output"] or ()],
            without_mark=row["without_mark"] or [],
            of_absent=row["of_absent"] or [],
            tools_out=row["tools_out"],
        )
        for row in rows
    ]


INSERT_CLOSED: Final = (
    "INSERT INTO closed_day (lapas_id, workshop_id, work_date, closed_at, closed_by, note, sums)"
    " VALUES (:lapas_id, :workshop_id, :work_date, :at, :actor, :note, CAST(:sums AS jsonb))"
)

# Days somebody was marked on or made something, and days that are closed; the newest first.
_DAYS = (
    "WITH marks AS (SELECT a.workshop_id, a.work_date, count(DISTINCT a.inmate_id) FILTER (WHERE a.attended) AS present,"
    "  count(DISTINCT a.inmate_id) FILTER (WHERE NOT a.attended) AS away FROM attendance a"
    "  WHERE a.lapas_id = :lapas_id AND a.work_date BETWEEN :first AND :last GROUP BY a.workshop_id, a.work_date),"
    " made AS (SELECT wo.workshop_id, o.work_date, o.inmate_id, o.shift, sum(o.good) AS good,"
    "   sum(o.good) FILTER (WHERE o.counts_quality) AS passed, sum(o.good + o.rework + o.reject) AS pieces"
    "  FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN :first AND :last"
    "  GROUP BY wo.workshop_id, o.work_date, o.inmate_id, o.shift"
    "  HAVING sum(o.good + o.rework + o.reject) > 0),"
    " outputs AS (SELECT d.workshop_id, d.work_date, count(DISTINCT d.inmate_id) AS workers, sum(d.passed) AS passed,"
    "   count(*) FILTER (WHERE NOT EXISTS (SELECT FROM attendance a WHERE a.lapas_id = :lapas_id"
    "    AND a.work_date = d.work_date AND a.shift = d.shift AND a.inmate_id = d.inmate_id)) AS without_mark"
    "  FROM made d GROUP BY d.workshop_id, d.work_date),"
    " idle AS (SELECT a.workshop_id, a.work_date, count(DISTINCT a.inmate_id) AS without_output FROM attendance a"
    "  WHERE a.lapas_id = :lapas_id AND a.work_date BETWEEN :first AND :last AND a.attended"
    "   AND NOT EXISTS (SELECT FROM made d WHERE d.work_date = a.work_date AND d.inmate_id = a.inmate_id)"
    "  GROUP BY a.workshop_id, a.work_date),"
    " asked AS (SELECT x.workshop_id, x.work_date, count(*) AS pending FROM correction x"
    "  WHERE x.lapas_id = :lapas_id AND x.state = 'pending' AND x.work_date BETWEEN :first AND :last"
    "  GROUP BY x.workshop_id, x.work_date),"
    " days AS (SELECT workshop_id, work_date FROM marks UNION SELECT workshop_id, work_date FROM outputs"
    "  UNION SELECT c.workshop_id, c.work_date FROM closed_day c WHERE c.lapas_id = :lapas_id"
    "   AND c.work_date BETWEEN :first AND :last)"
    " SELECT d.work_date, d.workshop_id, ws.name AS workshop_name, c.closed_at, c.closed_by, c.note,"
    " coalesce(m.present, 0) AS present, coalesce(m.away, 0) AS away, coalesce(o.workers, 0) AS workers,"
    " coalesce(o.passed, 0) AS passed, coalesce(o.without_mark, 0) AS without_mark,"
    " coalesce(i.without_output, 0) AS without_output, coalesce(q.pending, 0) AS pending"
    " FROM days d JOIN workshop ws ON ws.lapas_id = :lapas_id AND ws.id = d.workshop_id"
    " LEFT JOIN closed_day c ON c.lapas_id = :lapas_id AND c.workshop_id = d.workshop_id AND c.work_date = d.work_date"
    " LEFT JOIN marks m ON m.workshop_id = d.workshop_id AND m.work_date = d.work_date"
    " LEFT JOIN outputs o ON o.workshop_id = d.workshop_id AND o.work_date = d.work_date"
    " LEFT JOIN idle i ON i.workshop_id = d.workshop_id AND i.work_date = d.work_date"
    " LEFT JOIN asked q ON q.workshop_id = d.workshop_id AND q.work_date = d.work_date"
    " WHERE (CAST(:workshop_id AS uuid) IS NULL OR d.workshop_id = :workshop_id)"
    "  AND (CAST(:closed AS boolean) IS NULL OR (c.closed_at IS NOT NULL) = :closed)"
    "  AND (CAST(:after_day AS date) IS NULL OR (d.work_date, d.workshop_id)"
    "   < (CAST(:after_day AS date), CAST(:after_workshop AS uuid)))"
    " ORDER BY d.work_date DESC, d.workshop_id DESC LIMIT :limit"
)
_BACK = timedelta(days=31)


def days(
    store: Store,
    query: PageQuery,
    *,
    first: date | None,
    last: date | None,
    workshop_id: UUID | None,
    closed: bool | None,
) -> dict[str, Any]:
    """Return a page of days, the newest first; without a period, the last 31 days."""
    last = last or today(store)
    after = query.after(2) or (None, None)
    rows = store.rows(
        _DAYS,
        lapas_id=store.lapas_id,
        first=first or last - _BACK,
        last=last,
        workshop_id=workshop_id,
        closed=closed,
        after_day=after[0],
        after_workshop=after[1],
        limit=query.limit + 1,
    )
    return {**page(rows, limit=query.limit, key=("work_date", "workshop_id")), "today": today(store)}


def day(store: Store, workshop_id: UUID, work_date: date) -> dict[str, Any]:
    """Return one day of a workshop: its sums per stage, and what is missing of whom.

    :raises WorkshopUnknown:
    """
    row = store.row(
        "SELECT ws.id AS workshop_id, ws.name AS workshop_name, c.closed_at, c.closed_by, c.note, c.sums AS closed_sums"
        " FROM workshop ws LEFT JOIN closed_day c ON c.lapas_id = ws.lapas_id AND c.workshop_id = ws.id"
        "  AND c.work_date = :work_date WHERE ws.lapas_id = :lapas_id AND ws.id = :workshop_id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=work_date,
    )
    if row is None:
        raise WorkshopUnknown(id=workshop_id)
    seen = look(store, [workshop_id], work_date)[0]
    return {**row, "work_date": work_date, "today": today(store), **seen.__dict__, "missing": seen.missing.__dict__}


def entry(store: Store, output_id: UUID) -> Row:
    """Return what an entry is about.

    :raises OutputUnknown: not there, or not for this caller, or itself what takes another back.
    """
    row = store.row(
        "SELECT o.work_order_id, wo.workshop_id, o.work_date, o.shift, o.inmate_id, o.stage_no,"
        " sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject, bool_or(o.undone) AS undone"
        " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
        " WHERE o.lapas_id = :lapas_id AND o.id = :id AND o.undoes IS NULL"
        " GROUP BY o.work_order_id, wo.workshop_id, o.work_date, o.shift, o.inmate_id, o.stage_no",
        lapas_id=store.lapas_id,
        id=output_id,
    )
    if row is None:
        raise OutputUnknown
    return row


def is_asked(store: Store, *, output_id: UUID) -> bool:
    """Return whether a reversal of an entry waits for its second person."""
    return bool(
        store.value(
            "SELECT true FROM correction WHERE lapas_id = :lapas_id AND output_id = :id AND state = 'pending'",
            lapas_id=store.lapas_id,
            id=output_id,
        )
    )


def is_mark_asked(store: Store, *, work_date: date, shift: str, inmate_id: UUID) -> bool:
    """Return whether another mark of somebody waits for its second person."""
    return bool(
        store.value(
            "SELECT true FROM correction WHERE lapas_id = :lapas_id AND kind = 'attendance' AND state = 'pending'"
            " AND work_date = :work_date AND shift = :shift AND inmate_id = :inmate_id",
            lapas_id=store.lapas_id,
            work_date=work_date,
            shift=shift,
            inmate_id=inmate_id,
        )
    )


_CORRECTIONS = (
    "SELECT x.id, x.kind, x.workshop_id, ws.name AS workshop_name, x.work_date, x.shift, x.inmate_id, x.output_id,"
    " x.proposal, x.reason, x.state, x.requested_at, x.requested_by, x.decided_at, x.decided_by, x.answer, x.version,"
    " split_part(x.requested_by, ':', 2) = :person AS own,"
    " (SELECT json_build_object('order_number', wo.order_number, 'product_name', wo.product_name,"
    "   'stage_no', o.stage_no, 'name', wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name',"
    "   'name_en', wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name_en',"
    "   'good', o.good, 'rework', o.rework, 'reject', o.reject, 'credited', o.credited) FROM ("
    "   SELECT work_order_id, stage_no, sum(good) AS good, sum(rework) AS rework, sum(reject) AS reject,"
    "    sum(credited) AS credited FROM output WHERE lapas_id = x.lapas_id AND id = x.output_id"
    "   GROUP BY work_order_id, stage_no) o"
    "  JOIN work_order wo ON wo.lapas_id = x.lapas_id AND wo.id = o.work_order_id) AS entry,"
    " (SELECT json_object_agg(s.value ->> 'id', json_build_object('order_number', wo.order_number,"
    "   'product_name', wo.product_name, 'name', s.value ->> 'name', 'name_en', s.value ->> 'name_en'))"
    "  FROM jsonb_path_query(x.proposal, '$.*[*].work_order_id') AS r (work_order_id)"
    "  JOIN work_order wo ON wo.lapas_id = x.lapas_id AND wo.id = (r.work_order_id #>> '{}')::uuid,"
    "  jsonb_array_elements(wo.route -> 'stages') s WHERE x.kind = 'late') AS stages,"
    " (SELECT a.status FROM attendance a WHERE a.lapas_id = x.lapas_id AND a.work_date = x.work_date"
    "  AND a.shift = x.shift AND a.inmate_id = x.inmate_id) AS mark"
    " FROM correction x JOIN workshop ws ON ws.lapas_id = x.lapas_id AND ws.id = x.workshop_id"
    " WHERE x.lapas_id = :lapas_id"
)


def corrections(
    store: Store, query: PageQuery, *, state: str | None, workshop_id: UUID | None, work_date: date | None
) -> dict[str, Any]:
    """Return a page of corrections, the newest first."""
    narrow = {"state": state, "workshop_id": workshop_id, "work_date": work_date}
    given: dict[str, Any] = {name: value for name, value in narrow.items() if value is not None}
    where = "".join(f" AND x.{name} = :{name}" for name in given)
    after = query.after(1)
    if after:
        given["after"] = after[0]
        where += " AND x.id < CAST(:after AS uuid)"
    rows = store.rows(
        _CORRECTIONS + where + " ORDER BY x.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        person=store.principal.subject,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("id",))


def correction(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one correction.

    :raises CorrectionUnknown:
    """
    row = store.row(_CORRECTIONS + " AND x.id = :id", lapas_id=store.lapas_id, person=store.principal.subject, id=id_)
    if row is None:
        raise CorrectionUnknown(id=id_)
    return dict(row)
