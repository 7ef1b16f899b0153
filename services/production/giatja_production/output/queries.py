"""Questions about output, and the statements that keep it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery, page
from giatja_production.bundles.queries import HELD
from giatja_production.lapas.domain import LapasNotKnownYet
from giatja_production.output.domain import (
    FIRST,
    Balance,
    Credit,
    Flow,
    Held,
    Made,
    OutputAlreadyUndone,
    OutputUnknown,
    Passing,
    Portion,
)
from giatja_production.work_orders.domain import WorkOrder
from giatja_production.workers.domain import Worker
from giatja_production.workers.queries import PERMITTED
from giatja_production.workshops.domain import Stage

INSERT_OUTPUT: Final = (
    "INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
    " work_date, shift, good, rework, reject, defect, responsible_no, from_rework, bundle_id, team_id,"
    " inspection_id, allocation_id, credited, undone, recorded_at, recorded_by)"
    " VALUES (:lapas_id, :id, :cell_no, :work_order_id, :stage_no, :stage_key, :counts_quality, :inmate_id,"
    " :work_date, :shift, :good, :rework, :reject, :defect, :responsible_no, :from_rework, :bundle_id, :team_id,"
    " :inspection_id, :allocation_id, :credited, false, :recorded_at, :recorded_by)"
)
SET_BALANCE: Final = (
    "INSERT INTO stage_balance (lapas_id, work_order_id, stage_no, cell_no, waiting, rework, good, reject)"
    " VALUES (:lapas_id, :work_order_id, :stage_no, :cell_no, :waiting, :rework, :good, :reject)"
    " ON CONFLICT (lapas_id, work_order_id, stage_no, cell_no) DO UPDATE SET waiting = excluded.waiting,"
    " rework = excluded.rework, good = excluded.good, reject = excluded.reject"
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What recording needs to see, besides the work order that is locked.

    :param closed: whether the day of the workshop is closed.
    """

    zone: str
    closed: bool
    flow: Flow
    workers: Mapping[UUID, Worker]


def scene(
    store: Store, work_order: WorkOrder, stage: Stage, *, work_date: date, inmates: Iterable[UUID | None]
) -> Scene:
    """Return time zone, whether the day is closed, balances and workers in one round trip.

    :raises LapasNotKnownYet: before the fact that registers the Lapas was heard.
    """
    row = store.row(
        "SELECT l.zone, EXISTS (SELECT FROM closed_day d WHERE d.lapas_id = :lapas_id"  # noqa: S608 - constants
        "  AND d.workshop_id = :workshop_id AND d.work_date = :work_date) AS closed,"
        " (SELECT json_agg(json_build_array(b.stage_no, b.cell_no, b.waiting, b.rework, b.good, b.reject))"
        "  FROM stage_balance b WHERE b.lapas_id = :lapas_id AND b.work_order_id = :work_order_id"
        "  AND b.stage_no = ANY (:stages)) AS balances,"
        " (SELECT json_agg(json_build_array(h.stage_no, h.cell_no, h.waiting, h.rework, h.codes))"
        f"  FROM ({HELD} AND h.stage_no = ANY (:stages) GROUP BY h.stage_no, h.cell_no) h) AS held,"
        " (SELECT json_agg(json_build_array(w.inmate_id, w.adult_on, w.fitness, w.left_on,"
        f" {PERMITTED}))"
        "  FROM worker w WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:inmates)) AS workers"
        " FROM lapas l WHERE l.lapas_id = :lapas_id",
        lapas_id=work_order.lapas_id,
        work_order_id=work_order.id,
        workshop_id=work_order.workshop_id,
        stages=[FIRST, stage.no, stage.no + 1],
        inmates=list({i for i in inmates if i is not None}),
        work_date=work_date,
    )
    if row is None:
        raise LapasNotKnownYet
    return Scene(
        zone=row["zone"],
        closed=row["closed"],
        flow=Flow(
            cells=work_order.cells,
            stages=[s.name for s in work_order.route.stages],
            balances={
                (stage_no, cell_no): Balance(waiting=waiting, rework=rework, good=good, reject=reject)
                for stage_no, cell_no, waiting, rework, good, reject in row["balances"] or ()
            },
            held={
                (stage_no, cell_no): Held(waiting=waiting, rework=rework, codes=codes)
                for stage_no, cell_no, waiting, rework, codes in row["held"] or ()
            },
        ),
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
    )


def uncredited(store: Store, work_order: WorkOrder, quality: Stage, passings: Sequence[Passing]) -> list[Made]:
    """Return, of each earlier stage and cell, as much of what was made first as is needed for what passes.

    Of the lines of the bundles that pass everything is returned, of loose work and that of others what may be needed.
    """
    needed: dict[int, int] = {}
    for one in passings:
        needed[one.cell_no] = needed.get(one.cell_no, 0) + one.pieces
    lines = {id_ for p in passings if p.bundle_id for id_ in (p.bundle_id, *p.line.before)}
    rows = store.rows(
        "SELECT id AS output_id, cell_no, stage_no, inmate_id, work_date, bundle_id, uncredited FROM ("
        " SELECT o.id, o.cell_no, o.stage_no, o.inmate_id, o.work_date, o.bundle_id, o.seq,"
        "  o.good - o.credited AS uncredited, o.bundle_id = ANY (:lines) AS near, n.pieces,"
        "  sum(o.good - o.credited) OVER (PARTITION BY o.stage_no, o.cell_no, o.bundle_id IS NULL,"
        "   o.bundle_id = ANY (:lines) ORDER BY o.seq) AS up_to"
        " FROM output o JOIN unnest(CAST(:cells AS int[]), CAST(:pieces AS int[])) AS n (cell_no, pieces)"
        "  ON n.cell_no = o.cell_no"
        " WHERE o.lapas_id = :lapas_id AND o.work_order_id = :work_order_id AND o.stage_no < :stage_no"
        "  AND o.credited < o.good AND NOT o.undone AND o.allocation_id IS NULL) made"
        " WHERE near OR up_to - uncredited < pieces ORDER BY stage_no, cell_no, seq",
        cells=list(needed),
        pieces=list(needed.values()),
        lines=list(lines),
        lapas_id=work_order.lapas_id,
        work_order_id=work_order.id,
        stage_no=quality.no,
    )
    return [Made(**row) for row in rows]


def add_credited(store: Store, lapas_id: str, credits_: Sequence[Credit]) -> None:
    """Count on each output what is now credited of it; the database refuses more than it has."""
    store.run(
        "UPDATE output SET credited = credited + :pieces"
        " WHERE lapas_id = :lapas_id AND id = :id AND cell_no = :cell_no",
        [
            {"lapas_id": lapas_id, "id": c.made.output_id, "cell_no": c.made.cell_no, "pieces": c.pieces}
            for c in credits_
        ],
    )


def insert_credits(store: Store, work_order: WorkOrder, credits_: Sequence[Credit]) -> None:
    """Keep what was credited to whom."""
    store.run(
        "INSERT INTO credit (lapas_id, id, output_id, cell_no, inmate_id, stage_key, pieces, at, passed_by)"
        " VALUES (:lapas_id, :id, :output_id, :cell_no, :inmate_id, :stage_key, :pieces, :at, :passed_by)",
        [
            {
                "lapas_id": work_order.lapas_id,
                "id": new_id(),
                "output_id": c.made.output_id,
                "cell_no": c.made.cell_no,
                "inmate_id": c.made.inmate_id,
                "stage_key": work_order.route.stages[c.made.stage_no - 1].key,
                "pieces": c.pieces,
                "at": store.at,
                "passed_by": c.passed_by,
            }
            for c in credits_
        ],
    )


@dataclass(frozen=True, kw_only=True)
class GivenCredit(Credit):
    """A credit as it is kept."""

    id: UUID


def credits_of(store: Store, ids: Sequence[UUID]) -> list[GivenCredit]:
    """Return what entries of quality control, or after it, made count."""
    rows = store.rows(
        "SELECT c.id AS credit_id, c.pieces, c.passed_by, o.id AS output_id, o.cell_no, o.stage_no, c.inmate_id,"
        " o.work_date, o.bundle_id FROM credit c"
        " JOIN output o ON o.lapas_id = c.lapas_id AND o.id = c.output_id AND o.cell_no = c.cell_no"
        " WHERE c.lapas_id = :lapas_id AND c.passed_by = ANY (:ids) AND c.reverses IS NULL ORDER BY c.id",
        lapas_id=store.lapas_id,
        ids=list(ids),
    )
    return [
        GivenCredit(
            id=row["credit_id"],
            pieces=row["pieces"],
            passed_by=row["passed_by"],
            made=Made(
                output_id=row["output_id"],
                cell_no=row["cell_no"],
                stage_no=row["stage_no"],
                inmate_id=row["inmate_id"],
                work_date=row["work_date"],
                uncredited=0,
                bundle_id=row["bundle_id"],
            ),
        )
        for row in rows
    ]


def insert_uncredits(store: Store, work_order: WorkOrder, credits_: Sequence[GivenCredit]) -> None:
    """Keep the opposite of each credit, and count it no more on what it was given for."""
    store.run(
        "UPDATE output SET credited = credited - :pieces"
        " WHERE lapas_id = :lapas_id AND id = :id AND cell_no = :cell_no",
        [
            {"lapas_id": work_order.lapas_id, "id": c.made.output_id, "cell_no": c.made.cell_no, "pieces": c.pieces}
            for c in credits_
        ],
    )
    store.run(
        "INSERT INTO credit (lapas_id, id, output_id, cell_no, inmate_id, stage_key, pieces, at, passed_by, reverses)"
        " SELECT lapas_id, :new_id, output_id, cell_no, inmate_id, stage_key, -pieces, :at, passed_by, id FROM credit"
        " WHERE lapas_id = :lapas_id AND id = :id",
        [{"lapas_id": work_order.lapas_id, "id": c.id, "new_id": new_id(), "at": store.at} for c in credits_],
    )


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An entry as it was recorded."""

    id: UUID
    work_order_id: UUID
    stage_no: int
    work_date: date
    recorded_at: datetime
    defect: str | None
    from_rework: bool
    bundle_id: UUID | None
    allocation_id: UUID | None
    undone: bool
    credited: int
    portions: Sequence[Portion]


def work_order_of(store: Store, id_: UUID) -> UUID:
    """Return the work order an entry belongs to.

    :raises OutputUnknown: no such entry, or not for this caller.
    """
    found = store.value(
        "SELECT work_order_id FROM output WHERE lapas_id = :lapas_id AND id = :id LIMIT 1",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if found is None:
        raise OutputUnknown
    return UUID(str(found))


def recorded(store: Store, id_: UUID) -> Recorded:
    """Return an entry; ask after its work order is locked.

    :raises OutputUnknown: no such entry.
    :raises OutputAlreadyUndone: it is itself the taking back of another.
    """
    rows = store.rows(
        "SELECT * FROM output WHERE lapas_id = :lapas_id AND id = :id ORDER BY cell_no", lapas_id=store.lapas_id, id=id_
    )
    if not rows:
        raise OutputUnknown
    if rows[0]["undoes"] is not None:
        raise OutputAlreadyUndone
    return _recorded(rows)


def handed_out(store: Store, allocation_id: UUID) -> list[UUID]:
    """Return the entries by which something of the stock counts as made, the last stage first."""
    rows = store.rows(
        "SELECT DISTINCT id, stage_no FROM output WHERE lapas_id = :lapas_id AND allocation_id = :allocation_id"
        " AND undoes IS NULL AND NOT undone ORDER BY stage_no DESC",
        lapas_id=store.lapas_id,
        allocation_id=allocation_id,
    )
    return [row["id"] for row in rows]


def recorded_together(store: Store, entry: Recorded) -> list[Recorded]:
    """Return the entries that share a bundle with one: of the same stage, and not taken back."""
    rows = store.rows(
        "SELECT * FROM output WHERE lapas_id = :lapas_id AND bundle_id = :bundle_id AND stage_no = :stage_no"
        " AND from_rework = :from_rework AND undoes IS NULL AND NOT undone ORDER BY seq",
        lapas_id=store.lapas_id,
        bundle_id=entry.bundle_id,
        stage_no=entry.stage_no,
        from_rework=entry.from_rework,
    )
    return [_recorded([row]) for row in rows]


def _recorded(rows: Sequence[Row]) -> Recorded:
    first = rows[0]
    return Recorded(
        id=first["id"],
        work_order_id=first["work_order_id"],
        stage_no=first["stage_no"],
        work_date=first["work_date"],
        recorded_at=first["recorded_at"],
        defect=next((r["defect"] for r in rows if r["defect"]), None),
        from_rework=first["from_rework"],
        bundle_id=first["bundle_id"],
        allocation_id=first["allocation_id"],
        undone=first["undone"],
        credited=sum(r["credited"] for r in rows),
        portions=[Portion(cell_no=r["cell_no"], good=r["good"], rework=r["rework"], reject=r["reject"]) for r in rows],
    )


def insert_opposites(store: Store, ids: Mapping[UUID, UUID], *, reason: str, reverses: bool) -> None:
    """Keep the opposite of each entry beside it.

    :param ids: entry -> its opposite. :param reverses: two people agreed to it.
    """
    store.run(
        "WITH taken AS (UPDATE output SET undone = true WHERE lapas_id = :lapas_id AND id = :id RETURNING *)"
        " INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
        "  work_date, shift, good, rework, reject, defect, responsible_no, from_rework, bundle_id, team_id,"
        "  inspection_id, allocation_id, credited, undone, undoes, reverses, reason, recorded_at, recorded_by)"
        " SELECT lapas_id, :opposite_id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
        "  work_date, shift, -good, -rework, -reject, defect, responsible_no, from_rework, bundle_id, team_id,"
        "  inspection_id, allocation_id, 0, true, id, CASE WHEN :reverses THEN id END, :reason, :at, :actor FROM taken",
        [
            {
                "lapas_id": store.lapas_id,
                "id": id_,
                "opposite_id": opposite_id,
                "reverses": reverses,
                "reason": reason,
                "at": store.at,
                "actor": store.actor,
            }
            for id_, opposite_id in ids.items()
        ],
    )


_ENTRIES = (
    "SELECT o.id, o.work_order_id, wo.order_number, wo.product_name, o.stage_no, o.stage_key,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name_en' AS stage_name_en,"
    " o.inmate_id, o.work_date, o.shift, o.from_rework, o.undone, o.undoes, o.reverses, o.reason, o.recorded_at,"
    " o.recorded_by, o.bundle_id, bu.code AS bundle_code, o.team_id, o.inspection_id,"
    " o.allocation_id,"
    " wo.route -> 'stages' -> (max(o.responsible_no) - 1) ->> 'name' AS responsible_name,"
    " wo.route -> 'stages' -> (max(o.responsible_no) - 1) ->> 'name_en' AS responsible_name_en,"
    " sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject, max(o.defect) AS defect,"
    " sum(o.credited) AS credited,"
    " json_agg(json_build_object('size', wo.cells -> (o.cell_no - 1) ->> 'size',"
    "  'colour', wo.cells -> (o.cell_no - 1) ->> 'colour', 'good', o.good, 'rework', o.rework, 'reject', o.reject)"
    "  ORDER BY o.cell_no) AS cells"
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " LEFT JOIN bundle bu ON bu.lapas_id = o.lapas_id AND bu.id = o.bundle_id"
    " WHERE o.lapas_id = :lapas_id"
)
_BY_ENTRY = (
    " GROUP BY o.lapas_id, o.id, o.work_order_id, wo.order_number, wo.product_name, o.stage_no, o.stage_key, wo.route,"
    " o.inmate_id, o.work_date, o.shift, o.from_rework, o.undone, o.undoes, o.reverses, o.reason, o.recorded_at,"
    " o.recorded_by, o.bundle_id, bu.code, o.team_id, o.inspection_id,"
    " o.allocation_id"
    " ORDER BY o.id DESC LIMIT :limit"
)


def entries(
    store: Store,
    query: PageQuery,
    *,
    work_order_id: UUID | None,
    workshop_id: UUID | None,
    inmate_id: UUID | None,
    work_date: date | None,
    stage_no: int | None,
    shift: str | None,
    bundle_id: UUID | None = None,
) -> dict[str, Any]:
    """Return a page of entries, the newest first."""
    after = query.after(1)
    narrow = {
        "work_order_id": work_order_id,
        "workshop_id": workshop_id,
        "inmate_id": inmate_id,
        "work_date": work_date,
        "stage_no": stage_no,
        "shift": shift,
        "bundle_id": bundle_id,
    }
    given = {name: value for name, value in narrow.items() if value is not None}
    if after:
        given["after"] = after[0]
    where = "".join(
        " AND o.id < CAST(:after AS uuid)"
        if name == "after"
        else f" AND {'wo' if name == 'workshop_id' else 'o'}.{name} = :{name}"
        for name in given
    )
    rows = store.rows(_ENTRIES + where + _BY_ENTRY, lapas_id=store.lapas_id, limit=query.limit + 1, **given)
    return page(rows, limit=query.limit, key=("id",))


def entry(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one entry.

    :raises OutputUnknown: not there, or not for this caller.
    """
    row = store.row(_ENTRIES + " AND o.id = :id" + _BY_ENTRY, lapas_id=store.lapas_id, id=id_, limit=1)
    if row is None:
        raise OutputUnknown
    return dict(row)
