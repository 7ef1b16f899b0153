"""Questions about work orders."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.lapas.queries import today
from giatja_production.output.domain import LOST
from giatja_production.work_orders.domain import OPEN, WorkOrderUnknown
from giatja_production.workshops.domain import WorkshopUnknown

_ROW = (
    "wo.id, wo.order_id, wo.line_id, wo.order_number, wo.partner_name, wo.product_name, wo.workshop_id,"
    " ws.name AS workshop_name, wo.workshop_kind, wo.unit, wo.quantity, wo.due_date, wo.opened_on, wo.state,"
    " coalesce(wo.reason, wo.workshop_hold) AS reason, wo.workshop_hold, wo.passed, wo.finished, wo.rejected, wo.completed_on, wo.order_completed_on"
)
_STAGES = (
    "wo.state IN ('released', 'in_progress', 'on_hold') AND wo.due_date < :today AS late,"
    " (SELECT json_agg(json_build_object('id', s.value ->> 'id', 'no', s.no, 'key', s.value ->> 'key',"
    "   'name', s.value ->> 'name', 'name_en', s.value ->> 'name_en',"
    "   'counts_quality', (s.value ->> 'counts_quality')::boolean, 'waiting', coalesce(b.waiting, 0),"
    "   'rework', coalesce(b.rework, 0), 'good', coalesce(b.good, 0), 'reject', coalesce(b.reject, 0)) ORDER BY s.no)"
    "  FROM jsonb_array_elements(wo.route -> 'stages') WITH ORDINALITY AS s (value, no)"
    "  LEFT JOIN (SELECT stage_no, sum(waiting) AS waiting, sum(rework) AS rework, sum(good) AS good,"
    "    sum(reject) AS reject FROM stage_balance"
    "   WHERE lapas_id = wo.lapas_id AND work_order_id = wo.id GROUP BY stage_no) b ON b.stage_no = s.no) AS stages"
)
_MORE = (
    "wo.version, wo.cells, wo.route -> 'defects' AS defect_names,"
    " (SELECT json_agg(json_build_array(b.stage_no, b.cell_no, b.waiting, b.rework, b.good, b.reject))"
    "  FROM stage_balance b WHERE b.lapas_id = wo.lapas_id AND b.work_order_id = wo.id) AS balances,"
    " (SELECT json_agg(d ORDER BY d.work_date DESC, d.stage_no) FROM ("
    "   SELECT o.work_date, o.stage_no, sum(o.good) AS good, sum(o.rework) AS rework, sum(o.reject) AS reject,"
    "    count(DISTINCT o.inmate_id) FILTER (WHERE NOT o.undone) AS people FROM output o"
    "   WHERE o.lapas_id = wo.lapas_id AND o.work_order_id = wo.id GROUP BY o.work_date, o.stage_no"
    "   ORDER BY o.work_date DESC, o.stage_no LIMIT 400) d) AS days,"
    " (SELECT json_agg(d ORDER BY d.pieces DESC, d.key) FROM ("
    "   SELECT o.defect AS key, o.stage_no, sum(o.rework) AS rework, sum(o.reject) AS reject,"
    "    sum(o.rework + o.reject) AS pieces FROM output o"
    "   WHERE o.lapas_id = wo.lapas_id AND o.work_order_id = wo.id AND o.defect IS NOT NULL"
    "   GROUP BY o.defect, o.stage_no HAVING sum(o.rework + o.reject) > 0) d) AS defects"
)
_FROM = (
    " FROM work_order wo JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
    " WHERE wo.lapas_id = :lapas_id"
)
# What is written off is no defect of the route; it is named all the same.
_LOST = {"key": LOST, "name": "Hilang", "name_en": "Lost"}
_BOARD = f"SELECT {_ROW}, {_STAGES}{_FROM}"
_DETAIL = f"SELECT {_ROW}, {_STAGES}, {_MORE}{_FROM} AND wo.id = :id"


def work_orders(
    store: Store,
    query: PageQuery,
    *,
    workshop_id: UUID | None,
    states: Sequence[str],
    search: str | None,
    order_id: UUID | None,
    late: bool | None,
) -> dict[str, Any]:
    """Return a page of the board, what is due first at the top, with the pieces in each stage."""
    after = query.after(2)
    where = {
        "workshop_id": (" AND wo.workshop_id = :workshop_id", workshop_id),
        "order_id": (" AND wo.order_id = :order_id", order_id),
        "search": (
            " AND concat_ws(' ', wo.order_number, wo.product_name, wo.partner_name) ILIKE '%' || :search || '%'",
            search,
        ),
        "late": (
            " AND (wo.state IN ('released', 'in_progress', 'on_hold') AND wo.due_date < :today) = :late",
            late,
        ),
        "after_due": (
            " AND (wo.due_date, wo.id) > (CAST(:after_due AS date), CAST(:after_id AS uuid))",
            after[0] if after else None,
        ),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    if after:
        given["after_id"] = after[1]
    sql = _BOARD + " AND wo.state = ANY (:states)" + "".join(where[name][0] for name in given if name in where)
    rows = store.rows(
        sql + " ORDER BY wo.due_date, wo.id LIMIT :limit",
        lapas_id=store.lapas_id,
        today=today(store),
        states=list(states),
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("due_date", "id"))


def work_order(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one work order: its grid by stage, what was recorded by day, its defects.

    :raises WorkOrderUnknown: not there, or not for this caller.
    """
    row = store.row(_DETAIL, lapas_id=store.lapas_id, today=today(store), id=id_)
    if row is None:
        raise WorkOrderUnknown(id=id_)
    names = {d["key"]: d for d in (*row["defect_names"], _LOST)}
    shown = {k: row[k] for k in row if k not in ("cells", "balances", "defect_names")}
    return {
        **shown,
        "days": row["days"] or [],
        "defects": [{**d, **names[d["key"]]} for d in row["defects"] or ()],
        "grid": _grid(row["cells"], row["balances"] or (), count=len(row["stages"])),
    }


def _grid(cells: Sequence[dict[str, Any]], balances: Sequence[Sequence[int]], *, count: int) -> list[dict[str, Any]]:
    by_place = {(stage_no, cell_no): values for stage_no, cell_no, *values in balances}
    names = ("waiting", "rework", "good", "reject")
    return [
        {
            **cell,
            "stages": [
                dict(zip(names, by_place.get((no, cell["no"]), (0, 0, 0, 0)), strict=True))
                for no in range(1, count + 1)
            ],
        }
        for cell in cells
    ]


def of_order(store: Store, order_id: UUID) -> list[UUID]:
    """Return the work orders of an order, in the sequence they are locked in."""
    rows = store.rows(
        "SELECT id FROM work_order WHERE lapas_id = :lapas_id AND order_id = :order_id ORDER BY id",
        lapas_id=store.lapas_id,
        order_id=order_id,
    )
    return [r["id"] for r in rows]


def open_of_workshop(store: Store, workshop_id: UUID) -> list[UUID]:
    """Return the work orders of a workshop that are not completed or cancelled, in the sequence they are locked in."""
    rows = store.rows(
        "SELECT id FROM work_order WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id"
        " AND state IN ('released', 'in_progress', 'on_hold') ORDER BY id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
    )
    return [r["id"] for r in rows]


def open_hold(store: Store, workshop_id: UUID, *, lock: str = "") -> Row | None:
    """Return why a workshop stands still, or nothing if it does not.

    :param lock: how to lock the workshop first, so that it is not held or resumed meanwhile.
    """
    if lock:
        store.value(
            f"SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id {lock}",  # noqa: S608 - a constant
            lapas_id=store.lapas_id,
            id=workshop_id,
        )
    return store.row(
        "SELECT id, reason, held_at FROM workshop_hold"
        " WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id AND resumed_at IS NULL",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
    )


def insert_hold(store: Store, id_: UUID, workshop_id: UUID, reason: str) -> None:
    """Keep that a workshop stands still."""
    store.run(
        "INSERT INTO workshop_hold (lapas_id, id, workshop_id, reason, held_at, held_by)"
        " VALUES (:lapas_id, :id, :workshop_id, :reason, :at, :actor)",
        {
            "lapas_id": store.lapas_id,
            "id": id_,
            "workshop_id": workshop_id,
            "reason": reason,
            "at": store.at,
            "actor": store.actor,
        },
    )


def close_hold(store: Store, workshop_id: UUID) -> None:
    """Keep that a workshop goes on."""
    store.run(
        "UPDATE workshop_hold SET resumed_at = :at, resumed_by = :actor"
        " WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id AND resumed_at IS NULL",
        {"lapas_id": store.lapas_id, "workshop_id": workshop_id, "at": store.at, "actor": store.actor},
    )


def holds(store: Store, workshop_id: UUID) -> list[dict[str, Any]]:
    """Return when a workshop stood still, the newest first.

    :raises WorkshopUnknown: not there, or not for this caller.
    """
    if not store.value(
        "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=workshop_id
    ):
        raise WorkshopUnknown(id=workshop_id)
    rows = store.rows(
        "SELECT id, reason, held_at, held_by, resumed_at, resumed_by FROM workshop_hold"
        " WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id ORDER BY held_at DESC, id DESC LIMIT 50",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
    )
    return [dict(r) for r in rows]


OPEN_STATES = tuple(str(s) for s in OPEN)
