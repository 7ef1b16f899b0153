"""Questions about output, and the statements that keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery, page
from giatja_production.lapas.domain import LapasNotKnownYet
from giatja_production.output.domain import (
    FIRST,
    Balance,
    Credit,
    Flow,
    Made,
    OutputAlreadyUndone,
    OutputUnknown,
    Portion,
)
from giatja_production.work_orders.domain import WorkOrder
from giatja_production.workers.domain import Worker
from giatja_production.workers.queries import PERMITTED
from giatja_production.workshops.domain import Stage

if TYPE_CHECKING:
    from giatja_production.output.handlers import RecordOutput

INSERT_OUTPUT: Final = (
    "INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
    " work_date, shift, good, rework, reject, defect, from_rework, credited, undone, recorded_at, recorded_by)"
    " VALUES (:lapas_id, :id, :cell_no, :work_order_id, :stage_no, :stage_key, :counts_quality, :inmate_id,"
    " :work_date, :shift, :good, :rework, :reject, :defect, :from_rework, :credited, false, :recorded_at, :recorded_by)"
)
SET_BALANCE: Final = (
    "INSERT INTO stage_balance (lapas_id, work_order_id, stage_no, cell_no, waiting, rework, good, reject)"
    " VALUES (:lapas_id, :work_order_id, :stage_no, :cell_no, :waiting, :rework, :good, :reject)"
    " ON CONFLICT (lapas_id, work_order_id, stage_no, cell_no) DO UPDATE SET waiting = excluded.waiting,"
    " rework = excluded.rework, good = excluded.good, reject = excluded.reject"
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What recording needs to see, besides the work order that is locked."""

    zone: str
    flow: Flow
    workers: Mapping[UUID, Worker]


def scene(store: Store, work_order: WorkOrder, stage: Stage, command: "RecordOutput | None") -> Scene:
    """Return time zone, balances and workers in one round trip.

    :raises LapasNotKnownYet: before the fact that registers the Lapas was heard.
    """
    row = store.row(
        "SELECT l.zone,"  # noqa: S608 - constants
        " (SELECT json_agg(json_build_array(b.stage_no, b.cell_no, b.waiting, b.rework, b.good, b.reject))"
        "  FROM stage_balance b WHERE b.lapas_id = :lapas_id AND b.work_order_id = :work_order_id"
        "  AND b.stage_no = ANY (:stages)) AS balances,"
        " (SELECT json_agg(json_build_array(w.inmate_id, w.adult_on, w.fitness, w.left_on,"
        f" {PERMITTED}))"
        "  FROM worker w WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:inmates)) AS workers"
        " FROM lapas l WHERE l.lapas_id = :lapas_id",
        lapas_id=work_order.lapas_id,
        work_order_id=work_order.id,
        stages=[FIRST, stage.no, stage.no + 1],
        inmates=list({e.inmate_id for e in command.entries}) if command else [],
        work_date=command.work_date if command else store.at.date(),
    )
    if row is None:
        raise LapasNotKnownYet
    return Scene(
        zone=row["zone"],
        flow=Flow(
            cells=work_order.cells,
            last_stage=len(work_order.route.stages),
            balances={
                (stage_no, cell_no): Balance(waiting=waiting, rework=rework, good=good, reject=reject)
                for stage_no, cell_no, waiting, rework, good, reject in row["balances"] or ()
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


def uncredited(store: Store, work_order: WorkOrder, quality: Stage, passed: Mapping[int, int]) -> list[Made]:
    """Return, of each earlier stage and cell, as much of what was made first as is needed for what passes."""
    rows = store.rows(
        "SELECT id, cell_no, stage_no, inmate_id, work_date, uncredited FROM ("
        " SELECT o.id, o.cell_no, o.stage_no, o.inmate_id, o.work_date, o.seq, o.good - o.credited AS uncredited,"
        "  sum(o.good - o.credited) OVER (PARTITION BY o.stage_no, o.cell_no ORDER BY o.seq) AS up_to, n.pieces"
        " FROM output o JOIN unnest(CAST(:cells AS int[]), CAST(:pieces AS int[])) AS n (cell_no, pieces)"
        "  ON n.cell_no = o.cell_no"
        " WHERE o.lapas_id = :lapas_id AND o.work_order_id = :work_order_id AND o.stage_no < :stage_no"
        "  AND o.credited < o.good AND NOT o.undone) made"
        " WHERE up_to - uncredited < pieces ORDER BY stage_no, cell_no, seq",
        cells=list(passed),
        pieces=list(passed.values()),
        lapas_id=work_order.lapas_id,
        work_order_id=work_order.id,
        stage_no=quality.no,
    )
    return [
        Made(
            output_id=row["id"],
            cell_no=row["cell_no"],
            stage_no=row["stage_no"],
            inmate_id=row["inmate_id"],
            work_date=row["work_date"],
            uncredited=row["uncredited"],
        )
        for row in rows
    ]


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
        "INSERT INTO credit (lapas_id, id, output_id, cell_no, inmate_id, stage_key, pieces, at)"
        " VALUES (:lapas_id, :id, :output_id, :cell_no, :inmate_id, :stage_key, :pieces, :at)",
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
            }
            for c in credits_
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An entry as it was recorded."""

    stage_no: int
    work_date: date
    recorded_at: datetime
    defect: str | None
    from_rework: bool
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
    first = rows[0]
    if first["undoes"] is not None:
        raise OutputAlreadyUndone
    return Recorded(
        stage_no=first["stage_no"],
        work_date=first["work_date"],
        recorded_at=first["recorded_at"],
        defect=next((r["defect"] for r in rows if r["defect"]), None),
        from_rework=first["from_rework"],
        undone=first["undone"],
        credited=sum(r["credited"] for r in rows),
        portions=[Portion(cell_no=r["cell_no"], good=r["good"], rework=r["rework"], reject=r["reject"]) for r in rows],
    )


def insert_opposite(store: Store, id_: UUID, opposite_id: UUID) -> None:
    """Keep the opposite of an entry beside it."""
    store.run(
        "WITH taken AS (UPDATE output SET undone = true WHERE lapas_id = :lapas_id AND id = :id RETURNING *)"
        " INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
        "  work_date, shift, good, rework, reject, defect, from_rework, credited, undone, undoes, reason,"
        "  recorded_at, recorded_by)"
        " SELECT lapas_id, :opposite_id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
        "  work_date, shift, -good, -rework, -reject, defect, from_rework, 0, true, id, 'undo', :at, :actor FROM taken",
        {"lapas_id": store.lapas_id, "id": id_, "opposite_id": opposite_id, "at": store.at, "actor": store.actor},
    )


_ENTRIES = (
    "SELECT o.id, o.work_order_id, wo.order_number, wo.product_name, o.stage_no, o.stage_key,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name' AS stage_name,"
    " wo.route -> 'stages' -> (o.stage_no - 1) ->> 'name_en' AS stage_name_en,"
    " o.inmate_id, o.work_date, o.shift, o.from_rework, o.undone, o.undoes, o.recorded_at, o.recorded_by,"
    " sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject, max(o.defect) AS defect,"
    " sum(o.credited) AS credited,"
    " json_agg(json_build_object('size', wo.cells -> (o.cell_no - 1) ->> 'size',"
    "  'colour', wo.cells -> (o.cell_no - 1) ->> 'colour', 'good', o.good, 'rework', o.rework, 'reject', o.reject)"
    "  ORDER BY o.cell_no) AS cells"
    " FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    " WHERE o.lapas_id = :lapas_id"
)
_BY_ENTRY = (
    " GROUP BY o.lapas_id, o.id, o.work_order_id, wo.order_number, wo.product_name, o.stage_no, o.stage_key, wo.route,"
    " o.inmate_id, o.work_date, o.shift, o.from_rework, o.undone, o.undoes, o.recorded_at, o.recorded_by"
    " ORDER BY o.id DESC LIMIT :limit"
)


def entries(
    store: Store,
    query: PageQuery,
    *,
    work_order_id: UUID | None,
    inmate_id: UUID | None,
    work_date: date | None,
    stage_no: int | None,
    shift: str | None,
) -> dict[str, Any]:
    """Return a page of entries, the newest first."""
    after = query.after(1)
    narrow = {
        "work_order_id": work_order_id,
        "inmate_id": inmate_id,
        "work_date": work_date,
        "stage_no": stage_no,
        "shift": shift,
    }
    given = {name: value for name, value in narrow.items() if value is not None}
    if after:
        given["after"] = after[0]
    where = "".join(
        " AND o.id < CAST(:after AS uuid)" if name == "after" else f" AND o.{name} = :{name}" for name in given
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
