"""Questions about materials, and the statements that keep the journal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.lapas.queries import today
from giatja_production.materials.domain import (
    BillLine,
    CountUnknown,
    DocumentUnknown,
    Kind,
    Lot,
    Material,
    MaterialUnknown,
    Movement,
    OrderMaterialUnknown,
    SheetLine,
    Stock,
    Thousandths,
    Totals,
    still_to_issue,
    wanted,
)
from giatja_production.work_orders.domain import WorkOrderUnknown

_ITEM = "m.id, m.name, m.kind, m.unit, m.decimals, m.minimum, m.note, m.active, m.version"
_LOT = "l.id, l.material_id, l.owner, l.order_id, l.in_store, l.received_on, l.best_before"


# -- what handlers ask, and lock ------------------------------------------------------------------------------


def name_taken(store: Store, name: str, *, but: UUID | None = None) -> bool:
    """Return whether another item of this Lapas has the name; nobody else can take it meanwhile."""
    _alone(store, f"material-name/{store.lapas_id}/{name.casefold()}")
    return bool(
        store.value(
            "SELECT true FROM material WHERE lapas_id = :lapas_id AND lower(name) = lower(:name)"
            " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            name=name,
            but=but,
        )
    )


def has_moved(store: Store, material_id: UUID) -> bool:
    """Return whether anything was booked of an item."""
    return bool(
        store.value(
            "SELECT true FROM material_movement WHERE lapas_id = :lapas_id AND material_id = :id LIMIT 1",
            lapas_id=store.lapas_id,
            id=material_id,
        )
    )


def materials_by_id(store: Store, ids: Iterable[UUID]) -> dict[UUID, Material]:
    """Return items, to look at."""
    rows = store.rows(
        "SELECT id, name, kind, unit, decimals, minimum, active FROM material"
        " WHERE lapas_id = :lapas_id AND id = ANY(:ids)",
        lapas_id=store.lapas_id,
        ids=sorted(set(ids)),
    )
    return {
        row["id"]: Material(
            lapas_id=store.lapas_id,
            id=row["id"],
            name=row["name"],
            kind=row["kind"],
            unit=row["unit"],
            decimals=row["decimals"],
            minimum=Thousandths(row["minimum"]),
            active=row["active"],
        )
        for row in rows
    }


def job(store: Store, work_order_id: UUID) -> Row | None:
    """Return what of a work order matters to its material."""
    return store.row(
        "SELECT id, order_id, state, completed_on FROM work_order WHERE lapas_id = :lapas_id AND id = :id",
        lapas_id=store.lapas_id,
        id=work_order_id,
    )


def in_work(store: Store, order_id: UUID) -> bool:
    """Return whether a work order of an order is still open."""
    return bool(
        store.value(
            "SELECT true FROM work_order WHERE lapas_id = :lapas_id AND order_id = :order_id"
            " AND state IN ('released', 'in_progress', 'on_hold') LIMIT 1",
            lapas_id=store.lapas_id,
            order_id=order_id,
        )
    )


def stock_in_store(
    store: Store, materials: Mapping[UUID, Material], orders: Iterable[UUID | None], *, empty: bool = False
) -> Stock:
    """Return the lots of some items and owners, locked.

    :param orders: whose; None is the Lapas' own. :param empty: also those nothing is left of.
    """
    whose = list(orders)
    rows = store.rows(
        f"SELECT {_LOT} FROM material_lot l WHERE l.lapas_id = :lapas_id AND l.material_id = ANY(:materials)"  # noqa: S608
        " AND (l.order_id = ANY(CAST(:orders AS uuid[])) OR (:own AND l.order_id IS NULL))"
        " AND (l.in_store > 0 OR :empty) ORDER BY l.id FOR UPDATE",
        lapas_id=store.lapas_id,
        materials=list(materials),
        orders=[o for o in whose if o is not None],
        own=None in whose,
        empty=empty,
    )
    return Stock(lots=_lots(rows), materials=materials)


def stock_at(store: Store, work_order_id: UUID, materials: Mapping[UUID, Material]) -> Stock:
    """Return what of some items is at a work order, its lots locked."""
    return _with_custody(
        store,
        "l.id IN (SELECT c.lot_id FROM material_custody c WHERE c.lapas_id = :lapas_id"
        " AND c.work_order_id = :work_order_id AND c.quantity > 0)",
        materials,
        work_order_id=work_order_id,
    )


def stock_of_order(store: Store, order_id: UUID) -> Stock:
    """Return the consigned lots of an order, locked, with what is at work orders."""
    return _with_custody(store, "l.order_id = :order_id", None, order_id=order_id)


def own_stock_at_order(store: Store, order_id: UUID) -> Stock:
    """Return what of the Lapas' own is still at the work orders of an order, its lots locked."""
    of_order = "SELECT w.id FROM work_order w WHERE w.lapas_id = :lapas_id AND w.order_id = :order_id"
    stock = _with_custody(
        store,
        "l.owner = 'lapas' AND l.id IN (SELECT c.lot_id FROM material_custody c"  # noqa: S608 - constants
        f" WHERE c.lapas_id = :lapas_id AND c.quantity > 0 AND c.work_order_id IN ({of_order}))",
        None,
        order_id=order_id,
    )
    jobs = {row["id"] for row in store.rows(of_order, lapas_id=store.lapas_id, order_id=order_id)}
    stock.custody = {place: quantity for place, quantity in stock.custody.items() if place[0] in jobs}
    return stock


def stock_of_document(store: Store, document_id: UUID) -> tuple[Stock, list[Movement]]:
    """Return the lots a document moved, locked, and its movements in order."""
    stock = _with_custody(
        store,
        "l.id IN (SELECT v.lot_id FROM material_movement v WHERE v.lapas_id = :lapas_id"
        " AND v.document_id = :document_id)",
        None,
        document_id=document_id,
    )
    rows = store.rows(
        "SELECT lot_id, kind, quantity, work_order_id FROM material_movement"
        " WHERE lapas_id = :lapas_id AND document_id = :document_id ORDER BY nth",
        lapas_id=store.lapas_id,
        document_id=document_id,
    )
    return stock, [
        Movement(
            lot=stock.lots[row["lot_id"]],
            kind=Kind(row["kind"]),
            quantity=row["quantity"],
            work_order_id=row["work_order_id"],
        )
        for row in rows
    ]


def _with_custody(store: Store, which: str, materials: Mapping[UUID, Material] | None, **values: Any) -> Stock:
    rows = store.rows(
        f"SELECT {_LOT} FROM material_lot l WHERE l.lapas_id = :lapas_id AND {which} ORDER BY l.id FOR UPDATE",  # noqa: S608
        lapas_id=store.lapas_id,
        **values,
    )
    lots = _lots(rows)
    # Asked after the lots are locked: what waited for the lock would else see custody as it was before.
    custody = store.rows(
        "SELECT work_order_id, lot_id, quantity FROM material_custody WHERE lapas_id = :lapas_id AND lot_id = ANY(:lots)",
        lapas_id=store.lapas_id,
        lots=list(lots),
    )
    return Stock(
        lots=lots,
        materials=materials or materials_by_id(store, [lot.material_id for lot in lots.values()]),
        custody={(row["work_order_id"], row["lot_id"]): row["quantity"] for row in custody},
    )


def _lots(rows: Sequence[Row]) -> dict[UUID, Lot]:
    return {row["id"]: Lot(**row) for row in rows}


def document_to_reverse(store: Store, id_: UUID) -> Row:
    """Return a document with the orders whose material it moved.

    :raises DocumentUnknown:
    """
    row = store.row(
        "SELECT d.id, d.number, d.kind, d.order_id, d.work_order_id, d.reverses,"
        " (SELECT coalesce(array_agg(DISTINCT v.order_id) FILTER (WHERE v.order_id IS NOT NULL), '{}')"
        "  FROM material_movement v WHERE v.lapas_id = d.lapas_id AND v.document_id = d.id) AS orders"
        " FROM material_document d WHERE d.lapas_id = :lapas_id AND d.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if row is None:
        raise DocumentUnknown(id=id_)
    return row


def is_reversed(store: Store, id_: UUID) -> bool:
    """Return whether a document was taken back."""
    return bool(
        store.value(
            "SELECT true FROM material_document WHERE lapas_id = :lapas_id AND reverses = :id",
            lapas_id=store.lapas_id,
            id=id_,
        )
    )


def insert_document(store: Store, document: Mapping[str, Any], *, day: date) -> str:
    """Keep a document under the next number of its year; it is taken last, so that few wait for it."""
    return str(
        store.value(
            "WITH number AS (INSERT INTO material_counter (lapas_id, year, last) VALUES (:lapas_id, :year, 1)"
            "   ON CONFLICT (lapas_id, year) DO UPDATE SET last = material_counter.last + 1 RETURNING last)"
            " INSERT INTO material_document (lapas_id, id, year, nth, number, kind, day, at, actor, order_id,"
            "  work_order_id, reference, reason, reverses)"
            " SELECT :lapas_id, :id, :year, last, 'BB-' || :year || '-' || lpad(last::text, greatest(4, length(last::text)),"
            "  '0'), :kind, :day, :at, :actor, CAST(:order_id AS uuid), CAST(:work_order_id AS uuid), :reference, :reason,"
            "  CAST(:reverses AS uuid) FROM number RETURNING number",
            **document,
            lapas_id=store.lapas_id,
            year=day.year,
            day=day,
            at=store.at,
            actor=store.actor,
        )
    )


def write_movements(
    store: Store,
    document_id: UUID,
    stock: Stock,
    papers: Mapping[UUID, tuple[int | None, str]],
    *,
    day: date,
) -> None:
    """Keep the movements of a document, its new lots, and where the touched lots stand now."""
    came = {m.lot.id: m for m in stock.moved if m.kind in (Kind.RECEIPT, Kind.TRANSFER_IN) and not m.reversal}
    store.run(
        "INSERT INTO material_lot (lapas_id, id, material_id, owner, order_id, stated, counted, received_on, best_before,"
        "  note, in_store) VALUES (:lapas_id, :id, :material_id, :owner, :order_id, :stated, :counted, :received_on,"
        "  :best_before, :note, :in_store)",
        [
            {
                "lapas_id": store.lapas_id,
                "id": lot_id,
                "material_id": m.lot.material_id,
                "owner": m.lot.owner,
                "order_id": m.lot.order_id,
                "stated": papers.get(lot_id, (None, ""))[0],
                "counted": m.quantity,
                "received_on": m.lot.received_on,
                "best_before": m.lot.best_before,
                "note": papers.get(lot_id, (None, ""))[1],
                "in_store": m.lot.in_store,
            }
            for lot_id, m in came.items()
        ],
    )
    touched = {m.lot.id: m.lot for m in stock.moved if m.lot.id not in came}
    store.run(
        "UPDATE material_lot SET in_store = :in_store WHERE lapas_id = :lapas_id AND id = :id",
        [{"lapas_id": store.lapas_id, "id": id_, "in_store": lot.in_store} for id_, lot in sorted(touched.items())],
    )
    places = sorted({(m.work_order_id, m.lot.id) for m in stock.moved if m.work_order_id is not None})
    store.run(
        # The row proposed is checked before the conflict is seen, so what is taken is not proposed as less than nothing.
        "INSERT INTO material_custody (lapas_id, work_order_id, lot_id, quantity)"
        " VALUES (:lapas_id, :work_order_id, :lot_id, greatest(CAST(:moved AS bigint), 0))"
        " ON CONFLICT (lapas_id, work_order_id, lot_id)"
        " DO UPDATE SET quantity = material_custody.quantity + :moved",
        [
            {
                "lapas_id": store.lapas_id,
                "work_order_id": work_order_id,
                "lot_id": lot_id,
                "moved": sum(m.floor for m in stock.moved if (m.work_order_id, m.lot.id) == (work_order_id, lot_id)),
            }
            for work_order_id, lot_id in places
        ],
    )
    store.run(
        "INSERT INTO material_movement (lapas_id, document_id, nth, day, lot_id, material_id, owner, order_id,"
        "  work_order_id, kind, reversal, quantity, store, floor)"
        " VALUES (:lapas_id, :document_id, :nth, :day, :lot_id, :material_id, :owner, :order_id, :work_order_id, :kind,"
        "  :reversal, :quantity, :store, :floor)",
        [
            {
                "lapas_id": store.lapas_id,
                "document_id": document_id,
                "nth": nth,
                "day": day,
                "lot_id": m.lot.id,
                "material_id": m.lot.material_id,
                "owner": m.lot.owner,
                "order_id": m.lot.order_id,
                "work_order_id": m.work_order_id,
                "kind": m.kind.value,
                "reversal": m.reversal,
                "quantity": m.quantity,
                "store": m.store,
                "floor": m.floor,
            }
            for nth, m in enumerate(stock.moved, start=1)
        ],
    )


def count_under_way(store: Store) -> bool:
    """Return whether a count has not ended; nobody else begins one meanwhile."""
    _alone(store, f"material-count/{store.lapas_id}")
    return bool(
        store.value(
            "SELECT true FROM material_count WHERE lapas_id = :lapas_id AND state IN ('open', 'entered')",
            lapas_id=store.lapas_id,
        )
    )


def list_to_count(store: Store, count_id: UUID, *, owner: str | None, kind: str | None) -> int:
    """List what is in the store by item, owner and order; return how many lines there are."""
    return store.run(
        "INSERT INTO material_count_line (lapas_id, count_id, nth, material_id, order_id, reason)"
        " SELECT :lapas_id, :count_id, row_number() OVER (ORDER BY h.kind, h.name, h.order_id NULLS FIRST),"
        "  h.material_id, h.order_id, '' FROM (SELECT m.kind, m.name, l.material_id, l.order_id"
        "  FROM material_lot l JOIN material m ON m.lapas_id = l.lapas_id AND m.id = l.material_id"
        "  WHERE l.lapas_id = :lapas_id AND l.in_store > 0"
        "  AND (CAST(:owner AS text) IS NULL OR l.owner = :owner) AND (CAST(:kind AS text) IS NULL OR m.kind = :kind)"
        "  GROUP BY m.kind, m.name, l.material_id, l.order_id) h",
        {"lapas_id": store.lapas_id, "count_id": count_id, "owner": owner, "kind": kind},
    )


def count_lines(store: Store, count_id: UUID) -> Sequence[Row]:
    """Return the lines of a count as they were entered."""
    return store.rows(
        "SELECT nth, material_id, order_id, book, counted FROM material_count_line"
        " WHERE lapas_id = :lapas_id AND count_id = :count_id ORDER BY nth",
        lapas_id=store.lapas_id,
        count_id=count_id,
    )


def keep_counted(store: Store, count_id: UUID, lines: Sequence[tuple[int, int, str]]) -> None:
    """Keep what was counted beside what the books say now."""
    store.run(
        "UPDATE material_count_line c SET counted = :counted, reason = :reason,"
        " book = (SELECT coalesce(sum(l.in_store), 0) FROM material_lot l WHERE l.lapas_id = c.lapas_id"
        "  AND l.material_id = c.material_id AND l.order_id IS NOT DISTINCT FROM c.order_id)"
        " WHERE c.lapas_id = :lapas_id AND c.count_id = :count_id AND c.nth = :nth",
        [
            {"lapas_id": store.lapas_id, "count_id": count_id, "nth": nth, "counted": counted, "reason": reason}
            for nth, counted, reason in lines
        ],
    )


def write_bill(store: Store, product_id: UUID, product_name: str, *, version: int) -> bool:
    """Keep the head of a bill; return whether it was the version that was seen."""
    values = {"lapas_id": store.lapas_id, "id": product_id, "product_name": product_name}
    if version == 0:
        return bool(
            store.run(
                "INSERT INTO bill (lapas_id, id, product_name, version) VALUES (:lapas_id, :id, :product_name, 1)"
                " ON CONFLICT (lapas_id, id) DO NOTHING",
                values,
            )
        )
    return bool(
        store.run(
            "UPDATE bill SET product_name = :product_name, version = version + 1"
            " WHERE lapas_id = :lapas_id AND id = :id AND version = :version",
            {**values, "version": version},
        )
    )


def write_bill_lines(store: Store, product_id: UUID, lines: Sequence[BillLine]) -> None:
    """Keep the lines of a bill, all anew."""
    key = {"lapas_id": store.lapas_id, "product_id": product_id}
    store.run("DELETE FROM bill_line WHERE lapas_id = :lapas_id AND product_id = :product_id", key)
    store.run(
        "INSERT INTO bill_line (lapas_id, product_id, nth, material_id, size, quantity, waste)"
        " VALUES (:lapas_id, :product_id, :nth, :material_id, :size, :quantity, :waste)",
        [
            {
                **key,
                "nth": nth,
                "material_id": line.material_id,
                "size": line.size,
                "quantity": line.quantity,
                "waste": line.waste,
            }
            for nth, line in enumerate(lines, start=1)
        ],
    )


def _alone(store: Store, what: str) -> None:
    store.run("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))", {"what": what})


# -- balances ---------------------------------------------------------------------------------------------------


def _sum(condition: str, column: str = "v.quantity") -> str:
    return f"CAST(coalesce(sum({column}) FILTER (WHERE {condition}), 0) AS bigint)"


def _flows(when: str) -> str:
    """Return the columns of what came and went, of the movements that ``when`` lets through."""
    kinds = {
        "received": "v.kind = 'receipt'",
        "difference": "v.kind = 'difference'",
        "used": "v.kind = 'use'",
        "waste": "v.kind = 'waste'",
        "lost": "v.kind = 'loss'",
        "returned": "v.kind = 'return'",
    }
    columns = [f"{_sum(f'{kind} AND {when}')} AS {name}" for name, kind in kinds.items()]
    came, went = f"v.kind = 'transfer_in' AND {when}", f"v.kind = 'transfer_out' AND {when}"
    moved = f"{_sum(came)} - {_sum(went)} AS transferred"
    return ", ".join([*columns, moved])


_USED: Final = "v.kind = 'use'"
_SPOILED: Final = "v.kind IN ('waste', 'loss')"
_TOTALS: Final = (
    f"SELECT v.material_id, {_flows('true')}, CAST(sum(v.store) AS bigint) AS store,"  # noqa: S608 - constants
    " CAST(sum(v.floor) AS bigint) AS floor FROM material_movement v"
    " JOIN material m ON m.lapas_id = v.lapas_id AND m.id = v.material_id"
    " WHERE v.lapas_id = :lapas_id AND v.order_id = :order_id GROUP BY v.material_id, m.kind, m.name"
    " ORDER BY m.kind, m.name"
)


def totals(store: Store, order_id: UUID) -> list[Totals]:
    """Return the consigned balance of an order by material, out of the journal."""
    found = [Totals(**row) for row in store.rows(_TOTALS, lapas_id=store.lapas_id, order_id=order_id)]
    return [t for t in found if t.received or t.transferred or t.on_hand]


_BOOK: Final = (
    f"SELECT v.material_id, m.name, m.kind, m.unit, m.decimals, v.owner, v.order_id, o.number AS order_number,"  # noqa: S608
    f" o.partner_name, {_sum('v.day < :first', 'v.store + v.floor')} AS opening,"
    f" {_flows('v.day >= :first')}, CAST(sum(v.store + v.floor) AS bigint) AS closing,"
    " CAST(sum(v.store) AS bigint) AS store, CAST(sum(v.floor) AS bigint) AS floor"
    " FROM material_movement v JOIN material m ON m.lapas_id = v.lapas_id AND m.id = v.material_id"
    " LEFT JOIN order_material o ON o.lapas_id = v.lapas_id AND o.id = v.order_id"
    " WHERE v.lapas_id = :lapas_id AND v.day <= :last"
)


def book(
    store: Store,
    *,
    first: date,
    last: date,
    owner: str | None,
    order_id: UUID | None,
    material_id: UUID | None,
    kind: str | None,
) -> list[dict[str, Any]]:
    """Return the stock book of a period: by item, owner and order what was there, came, went and is left.

    What neither was there nor moved is left out. The closing of a period that ends on a day is the balance of that day.
    """
    narrow = {
        "owner": (" AND v.owner = :owner", owner),
        "order_id": (" AND v.order_id = :order_id", order_id),
        "material_id": (" AND v.material_id = :material_id", material_id),
        "kind": (" AND m.kind = :kind", kind),
    }
    given = {name: value for name, (_, value) in narrow.items() if value is not None}
    rows = store.rows(
        _BOOK
        + "".join(narrow[name][0] for name in given)
        + " GROUP BY v.material_id, m.name, m.kind, m.unit, m.decimals, v.owner, v.order_id, o.number, o.partner_name"
        " HAVING bool_or(v.day >= :first) OR sum(v.store + v.floor) <> 0"
        " ORDER BY m.kind, m.name, v.owner, o.number",
        lapas_id=store.lapas_id,
        first=first,
        last=last,
        **given,
    )
    return [dict(row) for row in rows]


# -- lists --------------------------------------------------------------------------------------------------------

_KEYS: Final = {
    "name": (("sorted", "text"), ("id", "uuid")),
    "kind": (("kind", "text"), ("sorted", "text"), ("id", "uuid")),
    "own": (("own", "bigint"), ("id", "uuid")),
    "consigned": (("consigned", "bigint"), ("id", "uuid")),
}
# The rule of `low` in the list below, for a material by itself.
BELOW_MINIMUM: Final = (
    "m.active AND m.minimum > (SELECT coalesce(sum(l.in_store), 0) FROM material_lot l"
    " WHERE l.lapas_id = m.lapas_id AND l.material_id = m.id AND l.owner = 'lapas')"
)
_STOCK: Final = (
    f"SELECT {_ITEM}, lower(m.name) AS sorted,"  # noqa: S608 - constants
    " CAST(coalesce(sum(l.in_store) FILTER (WHERE l.owner = 'lapas'), 0) AS bigint) AS own,"
    " CAST(coalesce(sum(l.in_store) FILTER (WHERE l.owner = 'partner'), 0) AS bigint) AS consigned,"
    " CAST(coalesce(sum(c.floor), 0) AS bigint) AS floor,"
    " m.minimum > coalesce(sum(l.in_store) FILTER (WHERE l.owner = 'lapas'), 0) AND m.active AS low"
    " FROM material m LEFT JOIN material_lot l ON l.lapas_id = m.lapas_id AND l.material_id = m.id"
    " LEFT JOIN LATERAL (SELECT sum(k.quantity) AS floor FROM material_custody k"
    "  WHERE k.lapas_id = l.lapas_id AND k.lot_id = l.id) c ON true"
    " WHERE m.lapas_id = :lapas_id"
)


def materials(
    store: Store,
    query: PageQuery,
    *,
    search: str | None,
    kind: str | None,
    owner: str | None,
    low: bool | None,
    active: bool | None,
    sort: str,
) -> dict[str, Any]:
    """Return a page of items with what is in the store and on the floor."""
    key = _KEYS[sort.removeprefix("-")]
    after = query.after(len(key))
    narrow = {
        "search": (" AND strpos(lower(m.name), lower(:search)) > 0", search),
        "kind": (" AND m.kind = :kind", kind),
        "active": (" AND m.active = :active", active),
    }
    given: dict[str, Any] = {name: value for name, (_, value) in narrow.items() if value is not None}
    inner = _STOCK + "".join(narrow[name][0] for name in given) + " GROUP BY m.lapas_id, m.id"
    there = {"lapas": "own > 0", "partner": "consigned > 0"}.get(owner or "", "true")
    conditions = [there] + (["low = :low"] if low is not None else [])
    if low is not None:
        given["low"] = low
    down = sort.startswith("-")
    if after:
        columns = ", ".join(name for name, _ in key)
        values = ", ".join(f"CAST(CAST(:after_{name} AS text) AS {type_})" for name, type_ in key)
        conditions.append(f"({columns}) {'<' if down else '>'} ({values})")
        given |= {f"after_{name}": str(value) for (name, _), value in zip(key, after, strict=True)}
    order_by = ", ".join(f"{name}{' DESC' if down else ''}" for name, _ in key)
    rows = store.rows(
        f"SELECT * FROM ({inner}) s WHERE {' AND '.join(conditions)} ORDER BY {order_by} LIMIT :limit",  # noqa: S608
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    answer = page(rows, limit=query.limit, key=[name for name, _ in key])
    for item in answer["items"]:
        del item["sorted"]
    return answer


def material(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one item: what is there by owner and order, and its lots that are not used up.

    :raises MaterialUnknown: not there, or not for this caller.
    """
    row = store.row(_STOCK + " AND m.id = :id GROUP BY m.lapas_id, m.id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise MaterialUnknown(id=id_)
    lots = store.rows(
        "SELECT l.id, l.owner, l.order_id, o.number AS order_number, o.partner_name, l.stated, l.counted, l.received_on,"
        " l.best_before, l.note, l.in_store,"
        " CAST(coalesce((SELECT sum(c.quantity) FROM material_custody c WHERE c.lapas_id = l.lapas_id"
        "  AND c.lot_id = l.id), 0) AS bigint) AS floor"
        " FROM material_lot l LEFT JOIN order_material o ON o.lapas_id = l.lapas_id AND o.id = l.order_id"
        " WHERE l.lapas_id = :lapas_id AND l.material_id = :id AND (l.in_store > 0 OR EXISTS (SELECT FROM"
        "  material_custody c WHERE c.lapas_id = l.lapas_id AND c.lot_id = l.id AND c.quantity > 0))"
        " ORDER BY l.best_before NULLS LAST, l.received_on, l.id LIMIT 200",
        lapas_id=store.lapas_id,
        id=id_,
    )
    found = dict(row)
    del found["sorted"]
    return {**found, "lots": [dict(lot) for lot in lots]}


def movements(
    store: Store,
    query: PageQuery,
    *,
    material_id: UUID | None,
    order_id: UUID | None,
    work_order_id: UUID | None,
    kind: str | None,
    document_id: UUID | None = None,
) -> dict[str, Any]:
    """Return a page of the journal, the newest first."""
    after = query.after(1)
    narrow = {
        "material_id": (" AND v.material_id = :material_id", material_id),
        "order_id": (" AND v.order_id = :order_id", order_id),
        "work_order_id": (" AND v.work_order_id = :work_order_id", work_order_id),
        "document_id": (" AND v.document_id = :document_id", document_id),
        "kind": (" AND v.kind = :kind", kind),
        "after": (" AND v.seq < CAST(CAST(:after AS text) AS bigint)", str(after[0]) if after else None),
    }
    given = {name: value for name, (_, value) in narrow.items() if value is not None}
    rows = store.rows(
        "SELECT v.seq, v.document_id, d.number, d.kind AS document_kind, d.at, d.reason, d.reference, d.actor,"  # noqa: S608
        " v.kind, v.reversal, v.material_id, m.name, m.unit, v.owner, v.order_id, o.number AS order_number, o.partner_name,"
        " v.work_order_id, w.product_name, w.order_number AS work_order_number, v.quantity, v.store, v.floor, v.lot_id,"
        " l.received_on, l.stated, l.counted, l.best_before, l.note"
        " FROM material_movement v"
        " JOIN material_document d ON d.lapas_id = v.lapas_id AND d.id = v.document_id"
        " JOIN material m ON m.lapas_id = v.lapas_id AND m.id = v.material_id"
        " JOIN material_lot l ON l.lapas_id = v.lapas_id AND l.id = v.lot_id"
        " LEFT JOIN order_material o ON o.lapas_id = v.lapas_id AND o.id = v.order_id"
        " LEFT JOIN work_order w ON w.lapas_id = v.lapas_id AND w.id = v.work_order_id"
        " WHERE v.lapas_id = :lapas_id"
        + "".join(narrow[name][0] for name in given)
        + " ORDER BY v.seq DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("seq",))


def document(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one document with its movements.

    :raises DocumentUnknown: not there, or not for this caller.
    """
    row = store.row(
        "SELECT d.id, d.number, d.kind, d.day, d.at, d.actor, d.reference, d.reason, d.order_id, o.number AS order_number,"
        " o.partner_name, d.work_order_id, w.product_name, w.order_number AS work_order_number,"
        " d.reverses, r.number AS reverses_number, b.id AS reversed_by, b.number AS reversed_by_number"
        " FROM material_document d"
        " LEFT JOIN order_material o ON o.lapas_id = d.lapas_id AND o.id = d.order_id"
        " LEFT JOIN work_order w ON w.lapas_id = d.lapas_id AND w.id = d.work_order_id"
        " LEFT JOIN material_document r ON r.lapas_id = d.lapas_id AND r.id = d.reverses"
        " LEFT JOIN material_document b ON b.lapas_id = d.lapas_id AND b.reverses = d.id"
        " WHERE d.lapas_id = :lapas_id AND d.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if row is None:
        raise DocumentUnknown(id=id_)
    lines = movements(
        store,
        PageQuery(limit=200, cursor=None),
        material_id=None,
        order_id=None,
        work_order_id=None,
        kind=None,
        document_id=id_,
    )["items"]
    return {**row, "lines": lines[::-1]}


def counts(store: Store, query: PageQuery) -> dict[str, Any]:
    """Return a page of counts, the newest first."""
    after = query.after(1)
    rows = store.rows(
        "SELECT c.id, c.state, c.note, c.made_at, c.made_by, c.entered_by, c.approved_by, c.document_id, c.version,"  # noqa: S608
        " (SELECT count(*) FROM material_count_line x WHERE x.lapas_id = c.lapas_id AND x.count_id = c.id) AS lines,"
        " (SELECT count(*) FROM material_count_line x WHERE x.lapas_id = c.lapas_id AND x.count_id = c.id"
        "  AND x.counted <> x.book) AS off"
        " FROM material_count c WHERE c.lapas_id = :lapas_id"
        + (" AND c.id < CAST(CAST(:after AS text) AS uuid)" if after else "")
        + " ORDER BY c.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **({"after": str(after[0])} if after else {}),
    )
    return page(rows, limit=query.limit, key=("id",))


def count(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one count with its lines; what the books say is shown only once it was entered.

    :raises CountUnknown: not there, or not for this caller.
    """
    row = store.row(
        "SELECT c.id, c.state, c.note, c.made_at, c.made_by, c.entered_by, c.approved_by, c.document_id, c.version,"
        " d.number AS document_number, split_part(c.entered_by, ':', 2) = :person AS entered_by_me,"
        " (SELECT json_agg(json_build_object('nth', x.nth, 'material_id', x.material_id, 'name', m.name, 'kind', m.kind,"
        "   'unit', m.unit, 'decimals', m.decimals, 'order_id', x.order_id, 'order_number', o.number,"
        "   'partner_name', o.partner_name, 'book', x.book, 'counted', x.counted, 'reason', x.reason) ORDER BY x.nth)"
        "  FROM material_count_line x JOIN material m ON m.lapas_id = x.lapas_id AND m.id = x.material_id"
        "  LEFT JOIN order_material o ON o.lapas_id = x.lapas_id AND o.id = x.order_id"
        "  WHERE x.lapas_id = c.lapas_id AND x.count_id = c.id) AS lines"
        " FROM material_count c LEFT JOIN material_document d ON d.lapas_id = c.lapas_id AND d.id = c.document_id"
        " WHERE c.lapas_id = :lapas_id AND c.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
        person=store.principal.subject,
    )
    if row is None:
        raise CountUnknown(id=id_)
    return dict(row)


_BILL_LINES: Final = (
    "SELECT coalesce(json_agg(json_build_object('material_id', x.material_id, 'name', m.name, 'unit', m.unit,"
    " 'size', x.size, 'quantity', x.quantity, 'waste', x.waste) ORDER BY x.nth), '[]')"
    " FROM bill_line x JOIN material m ON m.lapas_id = x.lapas_id AND m.id = x.material_id"
)


def bill(store: Store, product_id: UUID) -> dict[str, Any]:
    """Return what one piece of a product takes; version 0 and no line where nobody has said it."""
    row = store.row(
        f"SELECT b.id AS product_id, b.product_name, b.version, ({_BILL_LINES} WHERE x.lapas_id = b.lapas_id"  # noqa: S608
        " AND x.product_id = b.id) AS lines FROM bill b WHERE b.lapas_id = :lapas_id AND b.id = :id",
        lapas_id=store.lapas_id,
        id=product_id,
    )
    return dict(row) if row else {"product_id": product_id, "product_name": "", "version": 0, "lines": []}


def bills(store: Store) -> list[dict[str, Any]]:
    """Return how many materials each product's bill names."""
    rows = store.rows(
        "SELECT b.id AS product_id, b.product_name, count(x.nth) AS lines FROM bill b LEFT JOIN bill_line x"
        " ON x.lapas_id = b.lapas_id AND x.product_id = b.id WHERE b.lapas_id = :lapas_id"
        " GROUP BY b.id, b.product_name ORDER BY b.product_name",
        lapas_id=store.lapas_id,
    )
    return [dict(row) for row in rows]


# -- orders -------------------------------------------------------------------------------------------------------

# Pieces by size of each work order of an order: ordered, rejected, and out of the last stage.
_PIECES: Final = (
    "SELECT w.id, p.product_id, c.value ->> 'size' AS size, sum((c.value ->> 'quantity')::int) AS quantity,"
    " coalesce(sum(b.rejected), 0)::int AS rejected, coalesce(sum(b.finished), 0)::int AS finished"
    " FROM work_order w"
    " JOIN order_product p ON p.lapas_id = w.lapas_id AND p.line_id = w.line_id"
    " CROSS JOIN LATERAL jsonb_array_elements(w.cells) AS c (value)"
    " LEFT JOIN LATERAL (SELECT sum(s.reject) AS rejected,"
    "   sum(s.good) FILTER (WHERE s.stage_no = jsonb_array_length(w.route -> 'stages')) AS finished"
    "  FROM stage_balance s WHERE s.lapas_id = w.lapas_id AND s.work_order_id = w.id"
    "  AND s.cell_no = (c.value ->> 'no')::int) b ON true"
    " WHERE w.lapas_id = :lapas_id"
)


def _bill_of(store: Store, product_ids: Iterable[UUID]) -> dict[UUID, list[BillLine]]:
    rows = store.rows(
        "SELECT product_id, material_id, size, quantity, waste FROM bill_line"
        " WHERE lapas_id = :lapas_id AND product_id = ANY(:products) ORDER BY product_id, nth",
        lapas_id=store.lapas_id,
        products=sorted(set(product_ids)),
    )
    found: dict[UUID, list[BillLine]] = {}
    for row in rows:
        line = BillLine(material_id=row["material_id"], size=row["size"], quantity=row["quantity"], waste=row["waste"])
        found.setdefault(row["product_id"], []).append(line)
    return found


def expected(store: Store, order_id: UUID) -> dict[UUID, int]:
    """Return what the good pieces of an order take by their bills, allowance included, by material."""
    rows = store.rows(
        _PIECES + " AND w.order_id = :order_id GROUP BY w.id, p.product_id, size",
        lapas_id=store.lapas_id,
        order_id=order_id,
    )
    bills_ = _bill_of(store, [row["product_id"] for row in rows])
    sums: dict[UUID, int] = {}
    for product_id, lines in bills_.items():
        pieces: dict[str, int] = {}
        for row in rows:
            if row["product_id"] == product_id:
                pieces[row["size"]] = pieces.get(row["size"], 0) + row["finished"]
        for material_id, (base, allowance) in wanted(lines, pieces).items():
            sums[material_id] = sums.get(material_id, 0) + base + allowance
    return sums


def needs(store: Store, work_order_id: UUID) -> dict[str, Any]:
    """Return what a work order has of each material, what it still needs by its bill, and what is there for it.

    :raises WorkOrderUnknown: not there, or not for this caller.
    """
    head = store.row(
        "SELECT w.id AS work_order_id, w.order_id, w.order_number, w.partner_name, w.product_name, w.state, w.quantity,"
        " w.finished, w.rejected, p.product_id, o.owner, o.state AS material_state"
        " FROM work_order w LEFT JOIN order_product p ON p.lapas_id = w.lapas_id AND p.line_id = w.line_id"
        " LEFT JOIN order_material o ON o.lapas_id = w.lapas_id AND o.id = w.order_id"
        " WHERE w.lapas_id = :lapas_id AND w.id = :id",
        lapas_id=store.lapas_id,
        id=work_order_id,
    )
    if head is None:
        raise WorkOrderUnknown(id=work_order_id)
    pieces: dict[str, int] = {}
    for row in store.rows(
        _PIECES + " AND w.id = :id GROUP BY w.id, p.product_id, size", lapas_id=store.lapas_id, id=work_order_id
    ):
        pieces[row["size"]] = pieces.get(row["size"], 0) + row["quantity"] + row["rejected"]
    lines = _bill_of(store, [head["product_id"]] if head["product_id"] else []).get(head["product_id"], [])
    by_bill = wanted(lines, pieces)
    here = {row["material_id"]: row for row in _at_work_order(store, work_order_id, head["order_id"], list(by_bill))}
    names = materials_by_id(store, here)
    return {
        **head,
        "has_bill": bool(lines),
        "lines": [
            _need(names[material_id], here[material_id], by_bill.get(material_id))
            for material_id in sorted(here, key=lambda i: (i not in by_bill, names[i].kind, names[i].name))
        ],
    }


def _at_work_order(store: Store, work_order_id: UUID, order_id: UUID, by_bill: list[UUID]) -> Sequence[Row]:
    return store.rows(
        "WITH moved AS (SELECT v.material_id,"  # noqa: S608 - constants
        f"  {_sum('true', 'v.floor')} AS custody, {_sum(_USED)} AS used, {_sum(_SPOILED)} AS spoiled"
        "  FROM material_movement v WHERE v.lapas_id = :lapas_id AND v.work_order_id = :work_order_id"
        "  GROUP BY v.material_id),"
        " named AS (SELECT material_id FROM moved UNION SELECT unnest(CAST(:by_bill AS uuid[])))"
        " SELECT n.material_id, coalesce(v.custody, 0) AS custody, coalesce(v.used, 0) AS used,"
        "  coalesce(v.spoiled, 0) AS spoiled,"
        "  CAST(coalesce(sum(l.in_store) FILTER (WHERE l.order_id = :order_id), 0) AS bigint) AS consigned,"
        "  CAST(coalesce(sum(l.in_store) FILTER (WHERE l.order_id IS NULL), 0) AS bigint) AS own"
        " FROM named n LEFT JOIN moved v USING (material_id)"
        " LEFT JOIN material_lot l ON l.lapas_id = :lapas_id AND l.material_id = n.material_id AND l.in_store > 0"
        " GROUP BY n.material_id, v.custody, v.used, v.spoiled",
        lapas_id=store.lapas_id,
        work_order_id=work_order_id,
        order_id=order_id,
        by_bill=by_bill,
    )


def _need(material_: Material, here: Row, by_bill: tuple[int, int] | None) -> dict[str, Any]:
    base, allowance = by_bill or (0, 0)
    still = still_to_issue(
        base=base, allowance=allowance, in_work=here["custody"] + here["used"], spoiled=here["spoiled"]
    )
    step = 10 ** (3 - material_.decimals)
    still = -(-still // step) * step
    return {
        "material_id": material_.id,
        "name": material_.name,
        "kind": material_.kind,
        "unit": material_.unit,
        "decimals": material_.decimals,
        "by_bill": by_bill is not None,
        "needed": base + allowance,
        "custody": here["custody"],
        "used": here["used"],
        "spoiled": here["spoiled"],
        "still": still,
        "consigned": here["consigned"],
        "own": here["own"],
        "short": max(0, still - here["consigned"] - here["own"]),
    }


_ORDER: Final = (
    "SELECT o.id AS order_id, o.number, o.partner_name, o.owner, o.state, o.tolerance, o.note, o.reasons, o.signed_by,"
    " o.signed_on, o.document_ref, o.document_id, d.number AS document_number, o.sheet, o.closed_on, o.version,"
    " EXISTS (SELECT FROM work_order w WHERE w.lapas_id = o.lapas_id AND w.order_id = o.id"
    "  AND w.state IN ('released', 'in_progress', 'on_hold')) AS in_work,"
    " (SELECT max(w.completed_on) FROM work_order w WHERE w.lapas_id = o.lapas_id AND w.order_id = o.id) AS ended_on,"
    " (SELECT coalesce(sum(w.finished), 0) FROM work_order w WHERE w.lapas_id = o.lapas_id AND w.order_id = o.id)"
    "  AS finished,"
    " (SELECT string_agg(DISTINCT w.product_name, ', ') FROM work_order w WHERE w.lapas_id = o.lapas_id"
    "  AND w.order_id = o.id) AS products,"
    " (SELECT CAST(coalesce(sum(l.in_store), 0) AS bigint) > 0 FROM material_lot l WHERE l.lapas_id = o.lapas_id"
    "  AND l.order_id = o.id) AS in_store"
    " FROM order_material o LEFT JOIN material_document d ON d.lapas_id = o.lapas_id AND d.id = o.document_id"
    " WHERE o.lapas_id = :lapas_id"
)


def order_list(
    store: Store, query: PageQuery, *, state: str | None, search: str | None, owner: str | None
) -> dict[str, Any]:
    """Return a page of orders with how their material stands, the newest first."""
    after = query.after(1)
    narrow = {
        "state": (" AND o.state = :state", state),
        "owner": (" AND o.owner = :owner", owner),
        "search": (" AND strpos(lower(concat_ws(' ', o.number, o.partner_name)), lower(:search)) > 0", search),
        "after": (" AND o.id < CAST(CAST(:after AS text) AS uuid)", str(after[0]) if after else None),
    }
    given = {name: value for name, (_, value) in narrow.items() if value is not None}
    rows = store.rows(
        _ORDER + "".join(narrow[name][0] for name in given) + " ORDER BY o.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    answer = page(rows, limit=query.limit, key=("order_id",))
    for item in answer["items"]:
        del item["sheet"], item["reasons"]
    return answer


def order(store: Store, id_: UUID) -> dict[str, Any]:
    """Return how the material of an order stands.

    :raises OrderMaterialUnknown: not there, or not for this caller.
    """
    row = store.row(_ORDER + " AND o.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise OrderMaterialUnknown(id=id_)
    return dict(row)


def sheet(store: Store, order_id: UUID, reasons: Mapping[str, str]) -> list[SheetLine]:
    """Return the lines of a settlement sheet as they stand now."""
    by_bill = expected(store, order_id)
    return [
        SheetLine(totals=total, expected=by_bill.get(total.material_id), reason=reasons.get(str(total.material_id), ""))
        for total in totals(store, order_id)
    ]


def written_sheet(
    lines: Sequence[SheetLine], materials_: Mapping[UUID, Material], tolerance: int
) -> list[dict[str, Any]]:
    """Return a sheet as it is shown, and kept once it is signed."""
    return [
        {
            "material_id": str(line.totals.material_id),
            "name": materials_[line.totals.material_id].name,
            "unit": materials_[line.totals.material_id].unit,
            "received": line.totals.received,
            "transferred": line.totals.transferred,
            "used": line.used,
            "waste": line.totals.waste,
            "lost": line.lost,
            "returned": line.totals.returned,
            "store": line.totals.store,
            "expected": line.expected,
            "deviation": line.deviation,
            "within": line.within(tolerance),
            "reason": line.reason,
        }
        for line in lines
    ]


def settlement(store: Store, order_id: UUID) -> dict[str, Any]:
    """Return the settlement sheet of an order: as it stands now, or as it was signed.

    :raises OrderMaterialUnknown: not there, or not for this caller.
    """
    found = order(store, order_id)
    lines = found.pop("sheet")
    reasons = found.pop("reasons")
    if lines is None:
        now = sheet(store, order_id, reasons)
        names = materials_by_id(store, [line.totals.material_id for line in now])
        lines = written_sheet(now, names, found["tolerance"])
    return {**found, "lines": lines}


def summary(store: Store) -> dict[str, Any]:
    """Return what of the materials wants somebody: what is low, what waits for approval or a signature."""
    row = store.row(
        f"WITH low AS (SELECT * FROM ({_STOCK} AND m.minimum > 0 AND m.active GROUP BY m.lapas_id, m.id) s WHERE s.low)"  # noqa: S608
        " SELECT (SELECT count(*) FROM low) AS low,"
        " (SELECT coalesce(json_agg(x), '[]') FROM (SELECT id, name, unit, own, minimum FROM low ORDER BY sorted LIMIT 3)"
        "   x) AS low_items,"
        " (SELECT json_build_object('id', c.id, 'by_me', split_part(c.entered_by, ':', 2) = :person) FROM material_count c"
        "   WHERE c.lapas_id = :lapas_id AND c.state = 'entered') AS count_waiting,"
        " (SELECT coalesce(json_agg(x), '[]') FROM (SELECT o.id, o.number, o.partner_name FROM order_material o"
        "   WHERE o.lapas_id = :lapas_id AND o.state = 'open' AND o.closed_on IS NULL AND NOT EXISTS (SELECT FROM"
        "   work_order w WHERE w.lapas_id = o.lapas_id AND w.order_id = o.id"
        "   AND w.state IN ('released', 'in_progress', 'on_hold')) ORDER BY o.id LIMIT 3) x) AS to_settle",
        lapas_id=store.lapas_id,
        person=store.principal.subject,
    )
    return dict(row or {})


def this_month(store: Store) -> tuple[date, date]:
    """Return the first day of this month and today, at the Lapas."""
    now = today(store)
    return now.replace(day=1), now
