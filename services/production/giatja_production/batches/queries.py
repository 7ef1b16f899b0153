"""Questions about plant batches and their stock, and the statements that keep their entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.errors import Unknown
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery, page
from giatja_production.batches.domain import PLANTS, Batch, BatchUnknown, Care, EntryUnknown, shipped_cares
from giatja_production.lapas.domain import LapasNotKnownYet
from giatja_production.lapas.queries import today
from giatja_production.workers.domain import Worker
from giatja_production.workers.queries import PERMITTED

if TYPE_CHECKING:
    from giatja_production.batches.handlers import RecordCare

Table = Literal["batch_movement", "batch_care", "stock_allocation"]
_FORMER: Final = 3

_ROW = (
    "SELECT b.id, b.code, b.workshop_id, w.name AS workshop_name, b.plant, b.origin, b.unit, b.started_on, b.started,"
    " b.stages, b.stage_no, b.entered_on, b.note, b.living, b.lost, b.harvested, b.reserved, b.sold,"
    " b.harvested - b.reserved - b.sold AS free, b.state, b.ended_on, b.version,"
    " coalesce(b.ended_on, :today) - b.started_on AS age_days,"
    " (SELECT max(c.day) FROM batch_care c WHERE c.lapas_id = b.lapas_id AND c.batch_id = b.id AND NOT c.undone)"
    "  AS last_care_on"
    " FROM batch b JOIN workshop w ON w.lapas_id = b.lapas_id AND w.id = b.workshop_id WHERE b.lapas_id = :lapas_id"
)


def batches(
    store: Store,
    query: PageQuery,
    *,
    states: Sequence[str],
    workshop_id: UUID | None,
    search: str | None,
) -> dict[str, Any]:
    """Return a page of batches, the one started last at the top."""
    after = query.after(2)
    given: dict[str, Any] = {}
    where = ""
    if workshop_id:
        where, given["workshop_id"] = where + " AND b.workshop_id = :workshop_id", workshop_id
    if search:
        where, given["search"] = where + " AND concat_ws(' ', b.code, b.plant) ILIKE '%' || :search || '%'", search
    if after:
        where += " AND (b.started_on, b.id) < (CAST(:after_day AS date), CAST(:after_id AS uuid))"
        given |= {"after_day": after[0], "after_id": after[1]}
    rows = store.rows(
        _ROW + " AND b.state = ANY (:states)" + where + " ORDER BY b.started_on DESC, b.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        today=today(store),
        states=list(states),
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("started_on", "id"))


def batch(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one batch: its stages with dates, losses and harvests, its curve and those of former batches.

    :raises BatchUnknown: not there, or not for this caller.
    """
    row = store.row(_ROW + " AND b.id = :id", lapas_id=store.lapas_id, today=today(store), id=id_)
    if row is None:
        raise BatchUnknown(id=id_)
    more = store.row(
        "SELECT (SELECT json_agg(json_build_object('id', s.id, 'stage_no', s.stage_no, 'entered_on', s.entered_on,"
        "   'recorded_by', s.recorded_by) ORDER BY s.entered_on, s.id)"
        "  FROM batch_stage s WHERE s.lapas_id = b.lapas_id AND s.batch_id = b.id) AS entered,"
        " (SELECT json_agg(json_build_object('id', m.id, 'kind', m.kind, 'day', m.day, 'pieces', m.pieces,"
        "   'cause', m.cause, 'cause_name', d ->> 'name', 'cause_name_en', d ->> 'name_en', 'note', m.note,"
        "   'undone', m.undone, 'undoes', m.undoes, 'recorded_at', m.recorded_at, 'recorded_by', m.recorded_by)"
        "   ORDER BY m.day DESC, m.id DESC)"
        "  FROM batch_movement m LEFT JOIN jsonb_array_elements(w.route -> 'defects') d ON d ->> 'key' = m.cause"
        "  WHERE m.lapas_id = b.lapas_id AND m.batch_id = b.id) AS movements,"
        " (SELECT json_agg(d) FROM jsonb_array_elements(w.route -> 'defects') d WHERE d -> 'retired' IS NULL) AS causes"
        " FROM batch b JOIN workshop w ON w.lapas_id = b.lapas_id AND w.id = b.workshop_id"
        " WHERE b.lapas_id = :lapas_id AND b.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    assert more is not None  # noqa: S101 - it was found above
    return {
        **row,
        "entered": more["entered"] or [],
        "movements": more["movements"] or [],
        "causes": more["causes"] or [],
        "curves": _curves(store, row),
    }


def _curves(store: Store, row: Row) -> list[dict[str, Any]]:
    """Return how the batch and the last ones of its plant came on, by days since their start, in shares of 1."""
    others = store.rows(
        "SELECT id, code, started, ended_on - started_on AS days FROM batch WHERE lapas_id = :lapas_id"
        " AND lower(plant) = lower(:plant) AND id <> :id AND started_on < :started_on"
        " ORDER BY started_on DESC, id DESC LIMIT :former",
        lapas_id=store.lapas_id,
        plant=row["plant"],
        id=row["id"],
        started_on=row["started_on"],
        former=_FORMER,
    )
    shown = [{"id": row["id"], "code": row["code"], "started": row["started"], "days": row["age_days"]}, *others]
    moved = store.rows(
        "SELECT m.batch_id, m.day - b.started_on AS day, sum(m.pieces) FILTER (WHERE m.kind = 'lost') AS lost,"
        " sum(m.pieces) FILTER (WHERE m.kind = 'harvested') AS harvested"
        " FROM batch_movement m JOIN batch b ON b.lapas_id = m.lapas_id AND b.id = m.batch_id"
        " WHERE m.lapas_id = :lapas_id AND m.batch_id = ANY (:ids) GROUP BY m.batch_id, m.day, b.started_on"
        " ORDER BY m.batch_id, m.day",
        lapas_id=store.lapas_id,
        ids=[s["id"] for s in shown],
    )
    return [_curve(one, [m for m in moved if m["batch_id"] == one["id"]]) for one in shown]


def _curve(one: Mapping[str, Any], moved: Iterable[Row]) -> dict[str, Any]:
    lost = harvested = 0
    points = [{"day": 0, "lost": 0.0, "harvested": 0.0}]
    for m in moved:
        lost, harvested = lost + int(m["lost"] or 0), harvested + int(m["harvested"] or 0)
        points.append({"day": m["day"], "lost": lost / one["started"], "harvested": harvested / one["started"]})
    last = one["days"]
    if last is not None and last > points[-1]["day"]:
        points.append({**points[-1], "day": last})
    return {"id": one["id"], "code": one["code"], "started": one["started"], "points": points}


def cares(store: Store) -> tuple[list[Care], bool]:
    """Return the kinds of care of the Lapas, and whether they are its own or those that are shipped."""
    rows = store.rows(
        "SELECT key, no, name, name_en, active, version FROM care_kind WHERE lapas_id = :lapas_id ORDER BY no, key",
        lapas_id=store.lapas_id,
    )
    return ([Care(**row) for row in rows], True) if rows else (list(shipped_cares()), False)


def care_log(store: Store, query: PageQuery, batch_id: UUID) -> dict[str, Any]:
    """Return a page of the care log of a batch, the newest day first.

    :raises BatchUnknown: not there, or not for this caller.
    """
    if not store.value(
        "SELECT true FROM batch WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=batch_id
    ):
        raise BatchUnknown(id=batch_id)
    after = query.after(2)
    given = {"after_day": after[0], "after_id": after[1]} if after else {}
    rows = store.rows(
        "SELECT c.id, c.day, c.kind, c.note, c.led_by, o.name AS led_by_name, c.undone, c.recorded_at, c.recorded_by,"  # noqa: S608 - constants
        " coalesce((SELECT json_agg(json_build_object('inmate_id', x.inmate_id, 'minutes', x.minutes)"
        "   ORDER BY x.inmate_id)"
        "  FROM batch_care_worker x WHERE x.lapas_id = c.lapas_id AND x.care_id = c.id), '[]') AS workers"
        " FROM batch_care c LEFT JOIN officer o ON o.lapas_id = c.lapas_id AND o.id = c.led_by"
        " WHERE c.lapas_id = :lapas_id AND c.batch_id = :batch_id"
        + (" AND (c.day, c.id) < (CAST(:after_day AS date), CAST(:after_id AS uuid))" if after else "")
        + " ORDER BY c.day DESC, c.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        batch_id=batch_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("day", "id"))


_STOCK = (
    "SELECT b.id, b.code, b.plant, b.unit, b.workshop_id, w.name AS workshop_name, b.state, b.harvested, b.reserved,"
    " b.sold, b.harvested - b.sold AS on_hand, b.harvested - b.reserved - b.sold AS free, b.version,"
    " (SELECT max(m.day) FROM batch_movement m WHERE m.lapas_id = b.lapas_id AND m.batch_id = b.id"
    "  AND m.kind = 'harvested' AND NOT m.undone AND m.undoes IS NULL) AS harvested_on"
    " FROM batch b JOIN workshop w ON w.lapas_id = b.lapas_id AND w.id = b.workshop_id WHERE b.lapas_id = :lapas_id"
)


def stock(store: Store, query: PageQuery, *, available: bool, search: str | None) -> dict[str, Any]:
    """Return a page of what was harvested, by plant, the oldest batch first.

    :param available: only that of which some is on hand.
    """
    after = query.after(2)
    given: dict[str, Any] = {}
    where = ""
    if search:
        where, given["search"] = where + " AND concat_ws(' ', b.code, b.plant) ILIKE '%' || :search || '%'", search
    if after:
        where += " AND (b.plant, b.code) > (:after_plant, :after_code)"
        given |= {"after_plant": after[0], "after_code": after[1]}
    rows = store.rows(
        _STOCK
        + (" AND b.harvested > b.sold" if available else " AND b.harvested > 0")
        + where
        + " ORDER BY b.plant, b.code LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("plant", "code"))


def stock_of(store: Store, id_: UUID) -> dict[str, Any]:
    """Return the stock of one batch with its allocations, the newest first.

    :raises BatchUnknown: not there, or not for this caller.
    """
    row = store.row(_STOCK + " AND b.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise BatchUnknown(id=id_)
    allocations = store.rows(
        "SELECT a.id, a.pieces, a.purpose, a.work_order_id, w.order_id, w.order_number, w.partner_name, a.document,"
        " a.allocated_on, a.allocated_by, a.state, a.settled_on, a.version"
        " FROM stock_allocation a LEFT JOIN work_order w ON w.lapas_id = a.lapas_id AND w.id = a.work_order_id"
        " WHERE a.lapas_id = :lapas_id AND a.batch_id = :id ORDER BY a.id DESC LIMIT 200",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return {**row, "allocations": [dict(a) for a in allocations]}


# What has not begun at the first stage, less what other allocations are reserved for.
_WANTED = (
    "(SELECT coalesce(sum(s.waiting), 0) FROM stage_balance s WHERE s.lapas_id = w.lapas_id AND s.work_order_id = w.id"
    " AND s.stage_no = 1) - (SELECT coalesce(sum(a.pieces), 0) FROM stock_allocation a WHERE a.lapas_id = w.lapas_id"
    " AND a.work_order_id = w.id AND a.state = 'reserved')"
)


def wanted_of(store: Store, work_order_id: UUID) -> int:
    """Return how many pieces of a work order may still come out of the stock; ask after it is locked."""
    return int(
        store.value(
            f"SELECT {_WANTED} FROM work_order w WHERE w.lapas_id = :lapas_id AND w.id = :id",  # noqa: S608 - constants
            lapas_id=store.lapas_id,
            id=work_order_id,
        )
    )


def wanted(store: Store) -> list[dict[str, Any]]:
    """Return the open orders of plants that still want some, the first due at the top."""
    rows = store.rows(
        f"SELECT * FROM (SELECT w.id AS work_order_id, w.order_id, w.order_number, w.partner_name, w.product_name,"  # noqa: S608 - constants
        f" w.unit, w.due_date, {_WANTED} AS wanted FROM work_order w WHERE w.lapas_id = :lapas_id"
        " AND starts_with(w.workshop_kind, :plants) AND w.state IN ('released', 'in_progress')) o"
        " WHERE wanted > 0 ORDER BY due_date, work_order_id LIMIT 200",
        lapas_id=store.lapas_id,
        plants=PLANTS,
    )
    return [dict(row) for row in rows]


def reserved_for(store: Store, order_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the batches and allocations in which something is reserved for an order, always in the same sequence."""
    rows = store.rows(
        "SELECT a.batch_id, a.id FROM stock_allocation a JOIN work_order w ON w.lapas_id = a.lapas_id"
        " AND w.id = a.work_order_id WHERE a.lapas_id = :lapas_id AND w.order_id = :order_id AND a.state = 'reserved'"
        " ORDER BY a.batch_id, a.id",
        lapas_id=store.lapas_id,
        order_id=order_id,
    )
    return [(row["batch_id"], row["id"]) for row in rows]


def next_code(store: Store, year: int) -> str:
    """Return the next number of a batch of a year; two at once wait for each other."""
    store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"batch {store.lapas_id}")
    last = store.value(
        "SELECT max(CAST(split_part(code, '-', 3) AS int)) FROM batch WHERE lapas_id = :lapas_id AND code LIKE :years",
        lapas_id=store.lapas_id,
        years=f"TAN-{year}-%",
    )
    return f"TAN-{year}-{(last or 0) + 1:03}"


def zone(store: Store) -> str:
    """Return the time zone of the caller's Lapas.

    :raises LapasNotKnownYet: before the fact that registers it was heard.
    """
    found: str | None = store.value("SELECT zone FROM lapas WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    if found is None:
        raise LapasNotKnownYet
    return found


def is_closed(store: Store, workshop_id: UUID, day: date) -> bool:
    """Return whether a working day of a workshop is closed."""
    return bool(
        store.value(
            "SELECT true FROM closed_day WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id AND work_date = :day",
            lapas_id=store.lapas_id,
            workshop_id=workshop_id,
            day=day,
        )
    )


def is_officer(store: Store, id_: UUID) -> bool:
    """Return whether an officer of this Lapas has the id."""
    return bool(
        store.value("SELECT true FROM officer WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=id_)
    )


def workers(store: Store, ids: Iterable[UUID], day: date) -> dict[UUID, Worker]:
    """Return inmates as they stood on a day, those of them who are known here."""
    rows = store.rows(
        f"SELECT w.inmate_id, w.adult_on, w.fitness, w.left_on, {PERMITTED} AS permitted FROM worker w"  # noqa: S608
        " WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:ids)",
        lapas_id=store.lapas_id,
        ids=list(ids),
        work_date=day,
    )
    return {r["inmate_id"]: Worker(**r) for r in rows}


def insert_stage(store: Store, batch: Batch) -> None:
    """Keep that a batch came to the stage it stands at."""
    store.run(
        "INSERT INTO batch_stage (lapas_id, id, batch_id, stage_no, entered_on, recorded_at, recorded_by)"
        " VALUES (:lapas_id, :id, :batch_id, :stage_no, :entered_on, :at, :actor)",
        {
            "lapas_id": batch.lapas_id,
            "id": new_id(),
            "batch_id": batch.id,
            "stage_no": batch.stage_no,
            "entered_on": batch.entered_on,
            "at": store.at,
            "actor": store.actor,
        },
    )


def insert_care(store: Store, command: "RecordCare") -> None:
    """Keep a line of the care log with those who worked."""
    store.run(
        "INSERT INTO batch_care (lapas_id, id, batch_id, day, kind, note, led_by, undone, recorded_at, recorded_by)"
        " VALUES (:lapas_id, :id, :batch_id, :day, :kind, :note, :led_by, false, :at, :actor)",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "batch_id": command.batch_id,
            "day": command.day,
            "kind": command.kind,
            "note": command.note,
            "led_by": command.led_by,
            "at": store.at,
            "actor": store.actor,
        },
    )
    store.run(
        "INSERT INTO batch_care_worker (lapas_id, care_id, inmate_id, minutes)"
        " VALUES (:lapas_id, :care_id, :inmate_id, :minutes)",
        [
            {"lapas_id": store.lapas_id, "care_id": command.id, "inmate_id": inmate_id, "minutes": minutes}
            for inmate_id, minutes in command.workers.items()
        ],
    )


def insert_cares(store: Store, kinds: Iterable[Care]) -> None:
    """Keep kinds of care of the Lapas."""
    store.run(
        "INSERT INTO care_kind (lapas_id, key, no, name, name_en, active, version)"
        " VALUES (:lapas_id, :key, :no, :name, :name_en, :active, :version)",
        [{"lapas_id": store.lapas_id, **asdict(kind)} for kind in kinds],
    )


def update_care(store: Store, kind: Care) -> None:
    """Keep a kind of care as it is now."""
    store.run(
        "UPDATE care_kind SET name = :name, name_en = :name_en, active = :active, version = :version"
        " WHERE lapas_id = :lapas_id AND key = :key",
        {"lapas_id": store.lapas_id, **asdict(kind)},
    )


def insert_movement(
    store: Store,
    *,
    id: UUID,  # noqa: A002
    batch_id: UUID,
    kind: str,
    day: date,
    pieces: int,
    cause: str | None,
    note: str,
) -> None:
    """Keep a loss or a harvest."""
    store.run(
        "INSERT INTO batch_movement (lapas_id, id, batch_id, kind, day, pieces, cause, note, undone, recorded_at,"
        "  recorded_by)"
        " VALUES (:lapas_id, :id, :batch_id, :kind, :day, :pieces, :cause, :note, false, :at, :actor)",
        {
            "lapas_id": store.lapas_id,
            "id": id,
            "batch_id": batch_id,
            "kind": kind,
            "day": day,
            "pieces": pieces,
            "cause": cause,
            "note": note,
            "at": store.at,
            "actor": store.actor,
        },
    )


def insert_opposite(store: Store, id_: UUID, opposite_id: UUID) -> None:
    """Keep the opposite of a loss or a harvest beside it."""
    store.run(
        "WITH taken AS (UPDATE batch_movement SET undone = true WHERE lapas_id = :lapas_id AND id = :id RETURNING *)"
        " INSERT INTO batch_movement (lapas_id, id, batch_id, kind, day, pieces, cause, note, undone, undoes,"
        "  recorded_at, recorded_by)"
        " SELECT lapas_id, :opposite_id, batch_id, kind, day, -pieces, cause, '', true, id, :at, :actor FROM taken",
        {"lapas_id": store.lapas_id, "id": id_, "opposite_id": opposite_id, "at": store.at, "actor": store.actor},
    )


def strike_out(store: Store, id_: UUID) -> None:
    """Strike out a line of the care log; it stays to be read."""
    store.run(
        "UPDATE batch_care SET undone = true WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": id_},
    )


def batch_of(store: Store, table: Table, id_: UUID, *, missing: type[Unknown] = EntryUnknown) -> UUID:
    """Return the batch something belongs to.

    :raises Unknown: it is not there, or not for this caller.
    """
    found: UUID | None = store.value(
        f"SELECT batch_id FROM {table} WHERE lapas_id = :lapas_id AND id = :id",  # noqa: S608 - one of three
        lapas_id=store.lapas_id,
        id=id_,
    )
    if found is None:
        raise missing
    return found


def movement(store: Store, id_: UUID) -> Row:
    """Return a loss or a harvest; ask after its batch is locked."""
    return _entry(store, "batch_movement", id_)


def care(store: Store, id_: UUID) -> Row:
    """Return a line of the care log; ask after its batch is locked."""
    return _entry(store, "batch_care", id_)


def _entry(store: Store, table: Table, id_: UUID) -> Row:
    row = store.row(f"SELECT * FROM {table} WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=id_)  # noqa: S608
    if row is None:
        raise EntryUnknown
    return row
