"""Questions about orders."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from giatja_contracts.units import Pieces, Rupiah
from giatja_kit.database import Store
from giatja_kit.paging import PageQuery, page
from giatja_orders.facts import OrderedCell
from giatja_orders.ordering.domain import OrderLine, OrderUnknown

_TODAY = "CAST(CAST(:at AS timestamptz) AT TIME ZONE z.zone AS date)"
_OPEN = "o.state IN ('draft', 'quoted', 'accepted', 'in_production', 'on_hold')"
_LATE = f"({_OPEN} AND o.due_date < {_TODAY})"
# Likely to be late, or nobody works at a stage it has to pass; what is late already is not at risk any more.
_AT_RISK = (
    f"(o.state IN ('accepted', 'in_production', 'on_hold') AND o.due_date >= {_TODAY}"
    " AND (o.likely_on > o.due_date OR o.forecast_cause = 'nobody'))"
)
_HEADER = (
    "o.lapas_id, o.id, o.number, o.partner_id, o.partner_name, o.partner_id IS NULL AS internal, o.material_owner,"
    " o.state, o.held_from, o.due_date, o.accepted_on, o.completed_on, o.closed_on, o.material, o.created_at, o.quantity, o.passed, o.version,"
    f" o.likely_on, o.likely_from, o.likely_to, o.forecast_cause, {_LATE} AS late,"
    f" coalesce({_AT_RISK}, false) AS at_risk"
)
_KEYS = {
    "created_at": (("id", "uuid"),),  # ids grow with time
    "due_date": (("due_date", "date"), ("id", "uuid")),
    "number": (("lapas_id", "text"), ("year", "int"), ("nth", "int")),
}


def _sorting(sort: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the ORDER BY, the condition of a later page and the key of its cursor: ``-`` turns it round."""
    key = _KEYS[sort.removeprefix("-")]
    downwards = sort.startswith("-")
    columns = ", ".join(f"o.{name}" for name, _ in key)
    values = ", ".join(f"CAST(CAST(:after_{name} AS text) AS {type_})" for name, type_ in key)
    order_by = ", ".join(f"o.{name}{' DESC' if downwards else ''}" for name, _ in key)
    return order_by, f"({columns}) {'<' if downwards else '>'} ({values})", tuple(name for name, _ in key)


def orders(
    store: Store,
    query: PageQuery,
    *,
    search: str | None,
    states: Sequence[str],
    partner_id: UUID | None,
    late: bool | None,
    at_risk: bool | None,
    sort: str,
) -> dict[str, Any]:
    """Return a page of orders; only the conditions that were asked for are in the statement."""
    order_by, beyond, key = _sorting(sort)
    after = query.after(len(key))
    asked = {
        "o.lapas_id = :lapas": (_one_lapas(store), "lapas"),
        "strpos(lower(o.number || ' ' || o.found_by), lower(:search)) > 0": (search, "search"),
        "o.state = ANY(:states)": (list(states) or None, "states"),
        "o.partner_id = :partner_id": (partner_id, "partner_id"),
        f"{_LATE} = :late": (late, "late"),
        f"coalesce({_AT_RISK}, false) = :at_risk": (at_risk, "at_risk"),
    }
    conditions = [sql for sql, (value, _) in asked.items() if value is not None]
    values = {name: value for value, name in asked.values() if value is not None}
    if after:
        conditions.append(beyond)
        values |= {f"after_{name}": str(value) for name, value in zip(key, after, strict=True)}
    rows = store.rows(
        f"SELECT {_HEADER}, o.found_by, o.year, o.nth FROM orders o JOIN lapas z ON z.lapas_id = o.lapas_id"  # noqa: S608
        f" WHERE {' AND '.join(conditions) or 'true'} ORDER BY {order_by} LIMIT :limit",
        **values,
        at=store.at,
        limit=query.limit + 1,
    )
    answer = page(rows, limit=query.limit, key=key)
    for item in answer["items"]:
        item["products"] = item.pop("found_by").partition("\n")[2]
        del item["year"], item["nth"]
    return answer


def order(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one order with its lines, their cells and stages, its timeline and its link, in one round trip.

    :raises OrderUnknown: not there, or not for this caller.
    """
    row = store.row(_ORDER, id=id, at=store.at)
    if row is None:
        raise OrderUnknown(id=id)
    return dict(row)


def receipt(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return where an order stands after an act.

    :raises OrderUnknown: not there, or not for this caller.
    """
    row = store.row("SELECT id, number, state, version FROM orders WHERE id = :id", id=id)
    if row is None:
        raise OrderUnknown(id=id)
    return dict(row)


def lines(store: Store, lapas_id: str, order_id: UUID) -> list[OrderLine]:
    """Return the lines of an order as its rules want them."""
    rows = store.rows(
        "SELECT l.id, l.product_id, l.product_name, l.workshop_kind, l.unit, l.rate, l.due_date, l.note, l.passed,"
        " l.completed_on, (SELECT jsonb_agg(jsonb_build_array(c.size, c.colour, c.quantity) ORDER BY c.nth)"
        " FROM order_cell c WHERE c.lapas_id = l.lapas_id AND c.line_id = l.id) AS cells"
        " FROM order_line l WHERE l.lapas_id = :lapas_id AND l.order_id = :order_id ORDER BY l.nth",
        lapas_id=lapas_id,
        order_id=order_id,
    )
    return [
        OrderLine(
            id=row["id"],
            product_id=row["product_id"],
            product_name=row["product_name"],
            workshop_kind=row["workshop_kind"],
            unit=row["unit"],
            rate=Rupiah(row["rate"]),
            due_date=row["due_date"],
            note=row["note"],
            passed=Pieces(row["passed"]),
            completed_on=row["completed_on"],
            cells=tuple(OrderedCell(size=s, colour=c, quantity=Pieces(q)) for s, c, q in row["cells"]),
        )
        for row in rows
    ]


def line_name(store: Store, lapas_id: str, line_id: UUID) -> str:
    """Return what a line makes."""
    return str(
        store.value(
            "SELECT product_name FROM order_line WHERE lapas_id = :lapas_id AND id = :id", lapas_id=lapas_id, id=line_id
        )
    )


def for_writing(store: Store, partner_id: UUID | None, product_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return what an order is checked against: the zone, the partner's name, the products by id."""
    row = store.row(
        "SELECT (SELECT zone FROM lapas WHERE lapas_id = :lapas_id) AS zone,"
        " (SELECT name FROM partner WHERE lapas_id = :lapas_id AND id = CAST(:partner_id AS uuid) AND active)"
        " AS partner_name,"
        " (SELECT jsonb_object_agg(id, jsonb_build_object('name', name, 'workshop_kind', workshop_kind, 'unit', unit,"
        " 'rate', rate, 'sizes', sizes, 'colours', colours)) FROM product"
        " WHERE lapas_id = :lapas_id AND id = ANY(CAST(:product_ids AS uuid[])) AND active) AS products",
        lapas_id=store.lapas_id,
        partner_id=partner_id,
        product_ids=list(product_ids),
    )
    found = dict(row or {})
    return {**found, "products": found.get("products") or {}}


def summary(store: Store) -> dict[str, Any]:
    """Return what the first page says of orders: how many stand where, what waits, what runs."""
    lapas = _one_lapas(store)
    where = "WHERE o.lapas_id = :lapas" if lapas else "WHERE true"
    row = store.row(
        "WITH open AS ("  # noqa: S608 - constants
        f" SELECT {_HEADER}, {_PLANNED} AS planned FROM orders o JOIN lapas z ON z.lapas_id = o.lapas_id"
        f" {where} AND {_OPEN})"
        " SELECT (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM"
        "   (SELECT state, count(*) AS n FROM open GROUP BY state) counted) AS states,"
        " (SELECT count(*) FROM open WHERE late) AS late,"
        " (SELECT count(*) FROM open WHERE at_risk) AS at_risk,"
        " (SELECT count(*) FROM open WHERE state IN ('draft', 'quoted')) AS waiting,"
        " (SELECT coalesce(jsonb_agg(w), '[]') FROM (SELECT id, number, partner_name, internal, state, quantity,"
        "   due_date, late FROM open WHERE state IN ('draft', 'quoted') ORDER BY due_date, id LIMIT 10) w)"
        "   AS waiting_orders,"
        " (SELECT coalesce(jsonb_agg(r), '[]') FROM (SELECT id, number, partner_name, internal, state, quantity,"
        "   passed, planned, due_date, accepted_on, late, likely_on, likely_from, likely_to, forecast_cause, at_risk"
        "   FROM open"
        "   WHERE state IN ('accepted', 'in_production', 'on_hold') ORDER BY due_date, id LIMIT 20) r)"
        "   AS running_orders",
        at=store.at,
        **({"lapas": lapas} if lapas else {}),
    )
    return dict(row or {})


def _one_lapas(store: Store) -> str | None:
    """Return the caller's Lapas where it is one, so that its index can be used; else the rows' own rule decides."""
    lapas = store.principal.lapas
    return None if lapas == "*" or "," in lapas else lapas


# Where an even pace would be today: the share of the days between acceptance and due date that are over.
_PLANNED = (
    "CASE WHEN o.accepted_on IS NULL THEN 0 ELSE CAST(round(o.quantity * least(1, greatest(0,"
    f" ({_TODAY} - o.accepted_on)::numeric / greatest(1, o.due_date - o.accepted_on)))) AS bigint) END"
)
_CELLS = (
    "(SELECT coalesce(json_agg(json_build_object('size', c.size, 'colour', c.colour, 'quantity', c.quantity)"
    " ORDER BY c.nth), '[]') FROM order_cell c WHERE c.lapas_id = l.lapas_id AND c.line_id = l.id)"
)
# Output of one stage also makes pieces wait at the next, and a lost piece one at the first; the report of a stage
# speaks of that stage only. So what waits is reckoned: what came in less what it made of it.
_STAGES = (
    "(SELECT coalesce(json_agg(json_build_object('stage_id', s.stage_id, 'key', s.key, 'name', s.name,"
    " 'counts_quality', s.counts_quality, 'good', s.good,"
    " 'waiting', greatest(0, s.came_in - s.good - s.rework - s.reject),"
    " 'rework', s.rework, 'reject', s.reject) ORDER BY s.nth), '[]') FROM (SELECT t.*,"
    "  CASE WHEN t.nth = 1 THEN l.quantity + sum(t.reject) OVER () ELSE lag(t.good) OVER (ORDER BY t.nth) END AS came_in"
    "  FROM line_stage t WHERE t.lapas_id = l.lapas_id AND t.line_id = l.id) s)"
)
_ORDER = (
    f"SELECT {_HEADER}, o.note, o.forecast_stage, {_PLANNED} AS planned,"  # noqa: S608 - constants
    " (SELECT coalesce(json_agg(json_build_object('id', l.id, 'product_id', l.product_id,"
    "   'product_name', l.product_name, 'workshop_kind', l.workshop_kind, 'unit', l.unit, 'rate', l.rate,"
    "   'due_date', l.due_date, 'note', l.note, 'quantity', l.quantity, 'passed', l.passed,"
    "   'completed_on', l.completed_on, 'work_order_id', l.work_order_id,"
    f"  'cells', {_CELLS}, 'stages', {_STAGES}) ORDER BY l.nth), '[]')"
    "   FROM order_line l WHERE l.lapas_id = o.lapas_id AND l.order_id = o.id) AS lines,"
    " (SELECT coalesce(json_agg(json_build_object('kind', e.kind, 'at', e.at, 'role', split_part(e.actor, ':', 1),"
    "   'detail', e.detail) ORDER BY e.at, e.id), '[]')"
    "   FROM order_event e WHERE e.lapas_id = o.lapas_id AND e.order_id = o.id) AS timeline,"
    " (SELECT json_build_object('expires_on', t.expires_on, 'made_at', t.made_at) FROM order_tracking t"
    f"  WHERE t.lapas_id = o.lapas_id AND t.order_id = o.id AND t.expires_on >= {_TODAY}) AS tracking"
    " FROM orders o JOIN lapas z ON z.lapas_id = o.lapas_id WHERE o.id = :id"
)
