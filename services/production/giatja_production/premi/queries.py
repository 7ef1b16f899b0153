"""Questions about premi, and the statements that keep it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery, page
from giatja_production.lapas.queries import today
from giatja_production.premi.domain import (
    WAYS,
    Account,
    AccountUnknown,
    ArrivalAlreadyTaken,
    ArrivalState,
    ArrivalUnknown,
    Book,
    Claims,
    Day,
    Did,
    Due,
    Earned,
    Hours,
    Line,
    ListUnknown,
    Movement,
    OrderNotFound,
    PerPiece,
    ProceedsUnknown,
    SchemeUnknown,
    ShareOfProceeds,
    Source,
    Split,
    TeamPool,
    Version,
    WithdrawalState,
    WithdrawalUnknown,
    Work,
    claims_of,
    entitlement,
    over_stages,
    piece_rate,
    read_terms,
)

_OVERLAP: Final = timedelta(days=2)
"""What was recorded while the list before was worked out is looked at again: a transaction ends late."""
_SHIFTS: Final = ["pagi", "siang", "malam"]
_TELL_EVERY: Final = 25
_LIVE: Final = "('computing', 'draft', 'proposed')"


# -- schemes


def book(store: Store) -> Book:
    """Return all approved schemes of the Lapas."""
    rows = store.rows(
        "SELECT id, workshop_id, product_name, valid_from, saved_percent, terms FROM premi_scheme"
        " WHERE lapas_id = :lapas_id AND state = 'approved'",
        lapas_id=store.lapas_id,
    )
    return Book([Version(**{**row, "terms": read_terms(row["terms"])}) for row in rows])


def stage_keys(store: Store, workshop_id: UUID) -> list[str] | None:
    """Return the stages of a workshop, or nothing where there is no such workshop."""
    found: list[str] | None = store.value(
        "SELECT array(SELECT s ->> 'key' FROM jsonb_array_elements(route -> 'stages') s) FROM workshop"
        " WHERE lapas_id = :lapas_id AND id = :id",
        lapas_id=store.lapas_id,
        id=workshop_id,
    )
    return found


_SCHEMES: Final = (
    "SELECT s.id, s.workshop_id, w.name AS workshop_name, w.kind AS workshop_kind, s.product_name, s.terms,"
    " s.saved_percent, s.valid_from, s.document, s.state, s.proposed_by, s.proposed_at, s.decided_by, s.decided_at,"
    " s.reason, s.version, s.state = 'approved' AND s.valid_from <= :today AND NOT EXISTS (SELECT FROM premi_scheme n"
    "  WHERE n.lapas_id = s.lapas_id AND n.workshop_id = s.workshop_id AND n.state = 'approved'"
    "  AND n.product_name IS NOT DISTINCT FROM s.product_name AND n.valid_from > s.valid_from"
    "  AND n.valid_from <= :today) AS in_force"
    " FROM premi_scheme s JOIN workshop w ON w.lapas_id = s.lapas_id AND w.id = s.workshop_id"
    " WHERE s.lapas_id = :lapas_id"
)


def schemes(store: Store, query: PageQuery, *, workshop_id: UUID | None, state: str | None) -> dict[str, Any]:
    """Return a page of schemes, the newest first."""
    after = query.after(1)
    given: dict[str, Any] = {}
    sql = _SCHEMES
    for name, value in (("workshop_id", workshop_id), ("state", state)):
        if value is not None:
            sql += f" AND s.{name} = :{name}"
            given[name] = value
    if after:
        sql += " AND s.id < CAST(:after AS uuid)"
        given["after"] = after[0]
    rows = store.rows(
        sql + " ORDER BY s.id DESC LIMIT :limit",
        lapas_id=store.lapas_id, today=today(store), limit=query.limit + 1, **given,
    )  # fmt: skip
    return page(rows, limit=query.limit, key=("id",))


def scheme(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one scheme.

    :raises SchemeUnknown:
    """
    row = store.row(_SCHEMES + " AND s.id = :id", lapas_id=store.lapas_id, today=today(store), id=id_)
    if row is None:
        raise SchemeUnknown(id=id_)
    return dict(row)


@dataclass(frozen=True, kw_only=True)
class SchemeScene:
    """What deciding on a scheme needs to see."""

    locked_until: date | None
    taken: bool
    covered: bool


def scheme_scene(store: Store, *, workshop_id: UUID, product_name: str | None, valid_from: date) -> SchemeScene:
    """Return what stands beside a scheme that is decided on."""
    row = store.row(
        "SELECT (SELECT max(until) FROM premi_list WHERE lapas_id = :lapas_id"  # noqa: S608 - constants
        f"   AND state NOT IN {_LIVE}) AS locked_until,"
        " coalesce(bool_or(s.valid_from = :valid_from AND s.product_name IS NOT DISTINCT FROM :product_name), false)"
        "  AS taken,"
        " coalesce(bool_or(s.valid_from <= :valid_from), false) AS covered"
        " FROM premi_scheme s WHERE s.lapas_id = :lapas_id AND s.workshop_id = :workshop_id AND s.state = 'approved'"
        " AND (s.product_name IS NULL OR s.product_name = :product_name)",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        product_name=product_name,
        valid_from=valid_from,
    )
    assert row is not None  # noqa: S101 - an aggregate has a row
    return SchemeScene(**row)


# -- references: the floor and the UMK


@cache
def _shipped() -> list[dict[str, Any]]:
    found = json.loads(files(__package__).joinpath("references.json").read_text())
    return [{**one, "valid_from": date.fromisoformat(one["valid_from"])} for one in found]


def references(store: Store) -> list[dict[str, Any]]:
    """Return the dated amounts premi is compared with, the newest first; the shipped ones hold until a Lapas' own begin."""
    rows = store.rows(
        "SELECT kind, valid_from, amount, document FROM premi_reference WHERE lapas_id = :lapas_id",
        lapas_id=store.lapas_id,
    )
    own = {(row["kind"], row["valid_from"]) for row in rows}
    found = [dict(row) for row in rows] + [one for one in _shipped() if (one["kind"], one["valid_from"]) not in own]
    return sorted(found, key=lambda one: (one["kind"], one["valid_from"]), reverse=True)


def reference_on(found: Sequence[Mapping[str, Any]], day: date) -> dict[str, int | None]:
    """Return floor and UMK of a day, nothing for what is not known."""
    return {
        kind: next((one["amount"] for one in found if one["kind"] == kind and one["valid_from"] <= day), None)
        for kind in ("floor", "umk")
    }


def keep_reference(store: Store, *, kind: str, valid_from: date, amount: int, document: str) -> None:
    """Keep what premi is compared with from a day on."""
    store.run(
        "INSERT INTO premi_reference (lapas_id, kind, valid_from, amount, document, set_by, set_at)"
        " VALUES (:lapas_id, :kind, :valid_from, :amount, :document, :by, :at)"
        " ON CONFLICT (lapas_id, kind, valid_from) DO UPDATE SET amount = excluded.amount, document = excluded.document,"
        " set_by = excluded.set_by, set_at = excluded.set_at",
        {
            "lapas_id": store.lapas_id,
            "kind": kind,
            "valid_from": valid_from,
            "amount": amount,
            "document": document,
            "by": store.actor,
            "at": store.at,
        },
    )


# -- proceeds


def order_known(store: Store, order_id: UUID) -> bool:
    """Say whether production has work of an order."""
    return bool(
        store.value(
            "SELECT true FROM work_order WHERE lapas_id = :lapas_id AND order_id = :id LIMIT 1",
            lapas_id=store.lapas_id,
            id=order_id,
        )
    )


def proceeds_by_document(store: Store, document: str) -> Row | None:
    """Return the payment a document stands for."""
    return store.row(
        "SELECT id, order_id, base, premi, capital, pnbp, other, split_on FROM premi_proceeds"
        " WHERE lapas_id = :lapas_id AND document = :document",
        lapas_id=store.lapas_id,
        document=document,
    )


def proceeds_to_reverse(store: Store, id_: UUID) -> Row | None:
    """Return a payment that is to be taken back."""
    return store.row(
        "SELECT p.order_id, p.base, p.premi, p.capital, p.pnbp, p.other, p.split_on, p.reverses,"
        " EXISTS (SELECT FROM premi_proceeds r WHERE r.lapas_id = p.lapas_id AND r.reverses = p.id) AS reversed"
        " FROM premi_proceeds p WHERE p.lapas_id = :lapas_id AND p.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )


def insert_proceeds(
    store: Store,
    *,
    id_: UUID,
    order_id: UUID,
    split: Split,
    document: str,
    split_on: date,
    reverses: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Keep a payment and what it was split into."""
    store.run(
        "INSERT INTO premi_proceeds (lapas_id, id, order_id, base, premi, capital, pnbp, other, document, split_on, reverses,"
        " reason, recorded_at, recorded_by) VALUES (:lapas_id, :id, :order_id, :base, :premi, :capital, :pnbp, :other,"
        " :document, :split_on, :reverses, :reason, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": id_,
            "order_id": order_id,
            **asdict(split),
            "document": document,
            "split_on": split_on,
            "reverses": reverses,
            "reason": reason,
            "at": store.at,
            "by": store.actor,
        },
    )


def products_of(store: Store, order_id: UUID) -> Sequence[Row]:
    """Return what an order is made of, for the scheme that splits it."""
    return store.rows(
        "SELECT DISTINCT workshop_id, product_name FROM work_order WHERE lapas_id = :lapas_id AND order_id = :id",
        lapas_id=store.lapas_id,
        id=order_id,
    )


_PROCEEDS: Final = (
    "SELECT p.id, p.order_id, wo.order_number, wo.partner_name, p.base, p.premi, p.capital, p.pnbp, p.other,"
    " p.document, p.split_on, p.reverses, p.reason, p.recorded_at, p.recorded_by,"
    " EXISTS (SELECT FROM premi_proceeds r WHERE r.lapas_id = p.lapas_id AND r.reverses = p.id) AS reversed"
    " FROM premi_proceeds p LEFT JOIN LATERAL (SELECT order_number, partner_name FROM work_order"
    "  WHERE lapas_id = p.lapas_id AND order_id = p.order_id LIMIT 1) wo ON true WHERE p.lapas_id = :lapas_id"
)


def proceeds(store: Store, query: PageQuery, *, order_id: UUID | None) -> dict[str, Any]:
    """Return a page of payments, the newest first."""
    after = query.after(1)
    given: dict[str, Any] = {}
    sql = _PROCEEDS
    if order_id is not None:
        sql += " AND p.order_id = :order_id"
        given["order_id"] = order_id
    if after:
        sql += " AND p.id < CAST(:after AS uuid)"
        given["after"] = after[0]
    rows = store.rows(sql + " ORDER BY p.id DESC LIMIT :limit", lapas_id=store.lapas_id, limit=query.limit + 1, **given)
    return page(rows, limit=query.limit, key=("id",))


def one_proceeds(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one payment.

    :raises ProceedsUnknown:
    """
    row = store.row(_PROCEEDS + " AND p.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise ProceedsUnknown(id=id_)
    return dict(row)


def orders(store: Store, query: PageQuery, *, search: str | None, unpaid: bool | None) -> dict[str, Any]:
    """Return a page of orders that work was done for: what accrued, what was paid, what lists took.

    Accrued are the fixed claims, and of a share the part of what is expected; rupiah.
    """
    after = query.after(2)
    given: dict[str, Any] = {"search": search}
    narrow = (
        " AND concat_ws(' ', wo.order_number, wo.product_name, wo.partner_name) ILIKE '%' || :search || '%'"
        if search
        else ""
    )
    having = ""
    if unpaid is not None:
        having = " AND (coalesce(p.base, 0) = 0 AND o.partner_name IS NOT NULL) = :unpaid"
        given["unpaid"] = unpaid
    if after:
        having += " AND (o.opened_on, o.order_id) < (CAST(:after_on AS date), CAST(:after_id AS uuid))"
        given |= {"after_on": after[0], "after_id": after[1]}
    rows = store.rows(
        "SELECT o.*, coalesce(p.base, 0) AS base, coalesce(p.premi, 0) AS premi, coalesce(t.listed, 0) AS listed FROM ("  # noqa: S608
        " SELECT wo.order_id, min(wo.order_number) AS order_number, min(wo.partner_name) AS partner_name,"
        "  string_agg(DISTINCT wo.product_name, ', ') AS products, sum(wo.quantity) AS quantity,"
        "  sum(wo.passed) AS passed, min(wo.opened_on) AS opened_on FROM work_order wo"
        f" WHERE wo.lapas_id = :lapas_id{narrow} GROUP BY wo.order_id) o"
        " LEFT JOIN LATERAL (SELECT sum(base)::bigint AS base, sum(premi)::bigint AS premi FROM premi_proceeds"
        "  WHERE lapas_id = :lapas_id AND order_id = o.order_id) p ON true"
        " LEFT JOIN LATERAL (SELECT sum(amount)::bigint AS listed FROM premi_part"
        "  WHERE lapas_id = :lapas_id AND order_id = o.order_id) t ON true"
        f" WHERE true{having} ORDER BY o.opened_on DESC, o.order_id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    found = page(rows, limit=query.limit, key=("opened_on", "order_id"))
    accrued = accruals(store, [o["order_id"] for o in found["items"]])
    for one in found["items"]:
        one["accrued"] = accrued.get(one["order_id"], 0)
    return found


def order(store: Store, order_id: UUID) -> dict[str, Any]:
    """Return one order: what accrued, came and was listed, of whom nobody is named, and its payments.

    :raises OrderNotFound:
    """
    row = store.row(
        "SELECT wo.order_id, min(wo.order_number) AS order_number, min(wo.partner_name) AS partner_name,"
        " string_agg(DISTINCT wo.product_name, ', ') AS products, sum(wo.quantity) AS quantity, sum(wo.passed) AS passed,"
        " min(wo.opened_on) AS opened_on FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.order_id = :id"
        " GROUP BY wo.order_id",
        lapas_id=store.lapas_id,
        id=order_id,
    )
    if row is None:
        raise OrderNotFound(id=order_id)
    came = store.rows(
        _PROCEEDS + " AND p.order_id = :id ORDER BY p.id DESC LIMIT 200", lapas_id=store.lapas_id, id=order_id
    )
    listed = store.value(
        "SELECT coalesce(sum(amount), 0) FROM premi_part WHERE lapas_id = :lapas_id AND order_id = :id",
        lapas_id=store.lapas_id,
        id=order_id,
    )
    return {
        **row,
        "accrued": accruals(store, [order_id]).get(order_id, 0),
        "base": sum(one["base"] for one in came),
        "premi": sum(one["premi"] for one in came),
        "listed": int(listed),
        "proceeds": list(came),
    }


# -- what work earned


@dataclass(frozen=True, kw_only=True)
class Ground:
    """All that a list is made of."""

    entitled: Mapping[Source, Earned]
    taken: Mapping[Source, Earned]
    carried: Mapping[UUID, int]
    unpriced: Mapping[UUID, int]


def ground(store: Store, *, list_id: UUID, period: date, until: date, reached: Callable[[int], None]) -> Ground:
    """Return what every source brought until a day, and what the other lists took of it.

    Only orders and months are looked at in which something happened since the list before.

    :param reached: is told how far it is, in percent of this part.
    """
    since = _since(store, period)
    schemes_ = book(store)
    orders_ = _touched_orders(store, schemes_, since)
    claims = _claims(store, schemes_, orders_, until=until)
    reached(40)
    premi = _premi_of(store, list(orders_), until=until)
    entitled: dict[Source, Earned] = {}
    unpriced: dict[UUID, int] = {}
    for nth, (order_id, claim) in enumerate(claims.items()):
        if nth % _TELL_EVERY == 0:
            reached(40 + 40 * nth // len(claims))
        for inmate_id, pieces in claim.unpriced.items():
            unpriced[inmate_id] = unpriced.get(inmate_id, 0) + pieces
        due = entitlement(claim, premi=premi.get(order_id, 0), partner=orders_[order_id])
        for (workshop_id, inmate_id), amount in due.items():
            holder = (workshop_id, inmate_id)
            entitled[inmate_id, workshop_id, order_id, None] = Earned(
                pieces=claim.pieces[holder],
                amount=amount,
                saved_percent=claim.saved_percent(holder),
                did=claim.done(holder),
            )
    reached(80)
    months = _touched_months(store, schemes_, since)
    entitled |= _days(store, schemes_, months, until=until)
    return Ground(
        entitled=entitled,
        taken=_taken(store, list_id, list(orders_), months),
        carried=_carried(store, list_id),
        unpriced=unpriced,
    )


def _since(store: Store, period: date) -> datetime | None:
    """Return from when on something new may have happened; nothing where there is no list before."""
    found: datetime | None = store.value(
        "SELECT least(p.computed_at, (p.until + 1)::timestamp AT TIME ZONE l.zone) FROM premi_list p"
        " JOIN lapas l ON l.lapas_id = p.lapas_id WHERE p.lapas_id = :lapas_id AND p.period < :period"
        " ORDER BY p.period DESC LIMIT 1",
        lapas_id=store.lapas_id,
        period=period,
    )
    return found - _OVERLAP if found else None


def _touched_orders(store: Store, schemes_: Book, since: datetime | None) -> dict[UUID, bool]:
    """Return the orders whose premi may have changed, each with whether a partner has to pay for it first."""
    touched = "" if since is None else (
        " AND wo.order_id IN ("
        "SELECT w.order_id FROM work_order w WHERE w.lapas_id = :lapas_id AND w.id IN (SELECT o.work_order_id FROM credit c"
        " JOIN output o ON o.lapas_id = c.lapas_id AND o.id = c.output_id AND o.cell_no = c.cell_no"
        " WHERE c.lapas_id = :lapas_id AND c.at >= :since)"
        " UNION SELECT p.order_id FROM premi_proceeds p WHERE p.lapas_id = :lapas_id"
        "  AND (p.recorded_at >= :since OR p.split_on >= CAST(:since AS date))"
        " UNION SELECT w.order_id FROM premi_scheme s JOIN work_order w"
        "  ON w.lapas_id = s.lapas_id AND w.workshop_id = s.workshop_id"
        "  WHERE s.lapas_id = :lapas_id AND s.state = 'approved' AND s.decided_at >= :since"
        " UNION SELECT w.order_id FROM work_order w WHERE w.lapas_id = :lapas_id AND w.workshop_id IN (SELECT a.workshop_id"
        "  FROM attendance a WHERE a.lapas_id = :lapas_id AND a.workshop_id = ANY (:by_hours) AND a.marked_at >= :since))"
    )  # fmt: skip
    rows = store.rows(
        "SELECT wo.order_id, bool_or(wo.partner_name IS NOT NULL) AS partner FROM work_order wo"  # noqa: S608
        f" WHERE wo.lapas_id = :lapas_id{touched} GROUP BY wo.order_id"
        " HAVING bool_and(wo.partner_name IS NULL) OR EXISTS (SELECT FROM premi_proceeds p"
        "  WHERE p.lapas_id = :lapas_id AND p.order_id = wo.order_id)",
        lapas_id=store.lapas_id,
        since=since,
        by_hours=_by_hours(schemes_),
    )
    return {row["order_id"]: row["partner"] for row in rows}


def _by_hours(schemes_: Book) -> list[UUID]:
    """Return the workshops where some pool is shared by attended hours."""
    pools = (v for v in schemes_.versions if isinstance(v.terms, TeamPool) and v.terms.key == "hours")
    return list({v.workshop_id for v in pools})


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A work order as far as its pay is concerned."""

    order_id: UUID
    workshop_id: UUID
    product_name: str
    stages: Sequence[str]
    names: Sequence[str]
    names_en: Sequence[str]
    minutes: tuple[int, ...]


def _jobs(store: Store, orders_: Iterable[UUID]) -> dict[UUID, _Job]:
    rows = store.rows(
        "SELECT id, order_id, workshop_id, product_name,"
        " array(SELECT s.value ->> 'key' FROM jsonb_array_elements(route -> 'stages') WITH ORDINALITY s ORDER BY s.ordinality)"
        "  AS stages,"
        " array(SELECT s.value ->> 'name' FROM jsonb_array_elements(route -> 'stages') WITH ORDINALITY s"
        "  ORDER BY s.ordinality) AS names,"
        " array(SELECT s.value ->> 'name_en' FROM jsonb_array_elements(route -> 'stages') WITH ORDINALITY s"
        "  ORDER BY s.ordinality) AS names_en,"
        " array(SELECT (s.value ->> 'standard_minutes')::int FROM jsonb_array_elements(route -> 'stages') WITH ORDINALITY s"
        "  ORDER BY s.ordinality) AS minutes"
        " FROM work_order WHERE lapas_id = :lapas_id AND order_id = ANY (:orders)",
        lapas_id=store.lapas_id,
        orders=list(orders_),
    )
    return {
        row["id"]: _Job(
            order_id=row["order_id"],
            workshop_id=row["workshop_id"],
            product_name=row["product_name"],
            stages=row["stages"],
            names=row["names"],
            names_en=row["names_en"],
            minutes=tuple(row["minutes"]),
        )
        for row in rows
    }


_CREDITED: Final = (
    "SELECT o.work_order_id, o.stage_no, c.inmate_id, width_bucket(o.work_date, CAST(:days AS date[])) AS epoch,"
    " date_trunc('month', o.work_date)::date AS month, sum(c.pieces) AS pieces"
    " FROM credit c JOIN output o ON o.lapas_id = c.lapas_id AND o.id = c.output_id AND o.cell_no = c.cell_no"
    " WHERE c.lapas_id = :lapas_id AND o.lapas_id = :lapas_id AND o.work_date BETWEEN :since AND :until"
)
_BY_STAGE: Final = " GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.pieces) <> 0"
_EVER: Final = date(1900, 1, 1)


def _works(rows: Sequence[Row], jobs: Mapping[UUID, _Job], schemes_: Book) -> dict[UUID, list[Work]]:
    """Return the accepted work in rows of `_CREDITED`, by order."""
    days = schemes_.days
    versions: dict[tuple[UUID, int], Version | None] = {}
    found: dict[UUID, list[Work]] = {}
    for row in rows:
        job = jobs[row["work_order_id"]]
        key = (row["work_order_id"], row["epoch"])
        if key not in versions:
            versions[key] = (
                schemes_.in_force(job.workshop_id, job.product_name, days[row["epoch"] - 1]) if row["epoch"] else None
            )
        found.setdefault(job.order_id, []).append(
            Work(
                workshop_id=job.workshop_id,
                inmate_id=row["inmate_id"],
                stage_no=row["stage_no"],
                stage_key=job.stages[row["stage_no"] - 1],
                stage=job.names[row["stage_no"] - 1],
                stage_en=job.names_en[row["stage_no"] - 1],
                minutes=job.minutes[row["stage_no"] - 1],
                minutes_of_route=job.minutes,
                month=row["month"],
                version=versions[key],
                pieces=row["pieces"],
            )
        )
    return found


def _claims(store: Store, schemes_: Book, orders_: Iterable[UUID], *, until: date) -> dict[UUID, Claims]:
    jobs = _jobs(store, orders_)
    rows = store.rows(
        _CREDITED + " AND o.work_order_id = ANY (:ids)" + _BY_STAGE,
        lapas_id=store.lapas_id,
        days=schemes_.days,
        since=_EVER,
        until=until,
        ids=list(jobs),
    )
    works = _works(rows, jobs, schemes_)
    hours = _hours(store, schemes_, works)
    return {order_id: claims_of(found, hours) for order_id, found in works.items()}


def _hours(store: Store, schemes_: Book, works: Mapping[UUID, Sequence[Work]]) -> Hours:
    """Return the attended minutes that some pool is shared by."""
    by_hours = _by_hours(schemes_)
    months = sorted({w.month for found in works.values() for w in found if w.workshop_id in by_hours})
    if not months:
        return {}
    rows = store.rows(
        "SELECT workshop_id, date_trunc('month', work_date)::date AS month, inmate_id, sum(minutes) AS minutes"
        " FROM attendance WHERE lapas_id = :lapas_id AND workshop_id = ANY (:workshops) AND attended"
        " AND date_trunc('month', work_date)::date = ANY (:months) GROUP BY 1, 2, 3",
        lapas_id=store.lapas_id,
        workshops=by_hours,
        months=months,
    )
    return {(row["workshop_id"], row["month"], row["inmate_id"]): row["minutes"] for row in rows}


def _premi_of(store: Store, orders_: Sequence[UUID], *, until: date) -> dict[UUID, int]:
    rows = store.rows(
        "SELECT order_id, sum(premi) AS premi FROM premi_proceeds WHERE lapas_id = :lapas_id"
        " AND order_id = ANY (:orders) AND split_on <= :until GROUP BY order_id",
        lapas_id=store.lapas_id,
        orders=list(orders_),
        until=until,
    )
    return {row["order_id"]: int(row["premi"]) for row in rows}


def _day_versions(schemes_: Book) -> list[Version]:
    return [v for v in schemes_.versions if isinstance(v.terms, Day)]


def _touched_months(store: Store, schemes_: Book, since: datetime | None) -> list[date]:
    """Return the months in which attendance that is paid may have changed."""
    workshops = list({v.workshop_id for v in _day_versions(schemes_)})
    if not workshops:
        return []
    rows = store.rows(
        "SELECT DISTINCT date_trunc('month', work_date)::date AS month FROM attendance WHERE lapas_id = :lapas_id"
        " AND workshop_id = ANY (:workshops)"
        " AND (CAST(:since AS timestamptz) IS NULL OR marked_at >= :since OR work_date >= CAST(:since AS date))"
        " UNION SELECT DISTINCT date_trunc('month', a.work_date)::date FROM premi_scheme s JOIN attendance a"
        "  ON a.lapas_id = s.lapas_id AND a.workshop_id = s.workshop_id AND a.work_date >= s.valid_from"
        "  WHERE s.lapas_id = :lapas_id AND s.state = 'approved' AND s.decided_at >= :since"
        "  AND s.workshop_id = ANY (:workshops)",
        lapas_id=store.lapas_id,
        workshops=workshops,
        since=since,
    )
    return [row["month"] for row in rows]


def _days(store: Store, schemes_: Book, months: Sequence[date], *, until: date) -> dict[Source, Earned]:
    """Return what attended days earned: a day is paid once, where the first shift of it was worked."""
    versions = _day_versions(schemes_)
    if not months or not versions:
        return {}
    graded = sorted({grade for v in versions if isinstance(v.terms, Day) for grade in v.terms.grades})
    rows = store.rows(
        "SELECT d.inmate_id, d.workshop_id, date_trunc('month', d.work_date)::date AS month,"
        " width_bucket(d.work_date, CAST(:days AS date[])) AS epoch, able.competences, count(*) AS days FROM ("
        " SELECT DISTINCT ON (a.inmate_id, a.work_date) a.inmate_id, a.work_date, a.workshop_id FROM attendance a"
        "  WHERE a.lapas_id = :lapas_id AND a.workshop_id = ANY (:workshops) AND a.attended AND a.work_date <= :until"
        "  AND date_trunc('month', a.work_date)::date = ANY (:months)"
        "  ORDER BY a.inmate_id, a.work_date, array_position(CAST(:shifts AS text[]), a.shift)) d"
        " CROSS JOIN LATERAL (SELECT array(SELECT wc.competence FROM worker_competence wc WHERE wc.lapas_id = :lapas_id"
        "  AND wc.inmate_id = d.inmate_id AND wc.competence = ANY (:graded) AND wc.awarded_on <= d.work_date"
        "  ORDER BY wc.competence) AS competences) able GROUP BY 1, 2, 3, 4, 5",
        lapas_id=store.lapas_id,
        days=schemes_.days,
        workshops=list({v.workshop_id for v in versions}),
        until=until,
        months=list(months),
        shifts=_SHIFTS,
        graded=graded,
    )
    found: dict[Source, Earned] = {}
    starts = schemes_.days
    for row in rows:
        version = schemes_.in_force(row["workshop_id"], None, starts[row["epoch"] - 1]) if row["epoch"] else None
        if version is None or not isinstance(version.terms, Day):
            continue
        source = (row["inmate_id"], row["workshop_id"], None, row["month"])
        before, rate = found.get(source, Earned()), version.terms.rate(row["competences"])
        found[source] = Earned(
            days=before.days + row["days"],
            amount=before.amount + row["days"] * rate,
            saved_percent=version.saved_percent,
            did=(*before.did, Did(method=Day.method, stage=None, stage_en=None, count=row["days"], rate=rate)),
        )
    return found


def _taken(store: Store, list_id: UUID, orders_: Sequence[UUID], months: Sequence[date]) -> dict[Source, Earned]:
    rows = store.rows(
        "SELECT inmate_id, workshop_id, order_id, month, sum(pieces) AS pieces, sum(days) AS days, sum(amount) AS amount"
        " FROM premi_part WHERE lapas_id = :lapas_id AND list_id <> :list_id"
        " AND (order_id = ANY (:orders) OR month = ANY (:months)) GROUP BY inmate_id, workshop_id, order_id, month",
        lapas_id=store.lapas_id,
        list_id=list_id,
        orders=list(orders_),
        months=list(months),
    )
    return {
        (row["inmate_id"], row["workshop_id"], row["order_id"], row["month"]): Earned(
            pieces=row["pieces"], days=row["days"], amount=int(row["amount"])
        )
        for row in rows
    }


def _carried(store: Store, list_id: UUID) -> dict[UUID, int]:
    rows = store.rows(
        "SELECT inmate_id, sum(carried_out - carried_in) AS carried FROM premi_line WHERE lapas_id = :lapas_id"
        " AND list_id <> :list_id AND (carried_in <> 0 OR carried_out <> 0) GROUP BY inmate_id"
        " HAVING sum(carried_out - carried_in) <> 0",
        lapas_id=store.lapas_id,
        list_id=list_id,
    )
    return {row["inmate_id"]: int(row["carried"]) for row in rows}


def expected(work: Work) -> int:
    """Return the rupiah that some work is worth before it is paid, a share by what its scheme expects."""
    terms = work.version.terms if work.version else None
    nth = work.stage_no - 1
    match terms:
        case PerPiece():
            return work.pieces * piece_rate(terms, work)
        case TeamPool():
            return work.pieces * over_stages(terms.amount, work.minutes_of_route)[nth] // terms.per
        case ShareOfProceeds():
            premi = terms.split(terms.estimate or 0).premi
            return work.pieces * over_stages(premi, work.minutes_of_route)[nth]
        case _:
            return 0


def accruals(store: Store, orders_: Sequence[UUID]) -> dict[UUID, int]:
    """Return what accrued on orders so far, rupiah."""
    schemes_, jobs = book(store), _jobs(store, orders_)
    rows = store.rows(
        _CREDITED + " AND o.work_order_id = ANY (:ids)" + _BY_STAGE,
        lapas_id=store.lapas_id,
        days=schemes_.days,
        since=_EVER,
        until=today(store),
        ids=list(jobs),
    )
    return {order_id: sum(map(expected, works)) for order_id, works in _works(rows, jobs, schemes_).items()}


def _accrued_between(store: Store, since: date, until: date, inmate_id: UUID | None = None) -> list[Work]:
    schemes_ = book(store)
    rows = store.rows(
        _CREDITED + (" AND c.inmate_id = :inmate_id" if inmate_id else "") + _BY_STAGE,
        lapas_id=store.lapas_id,
        days=schemes_.days,
        since=since,
        until=until,
        inmate_id=inmate_id,
    )
    wanted = {row["work_order_id"] for row in rows}
    orders_ = store.rows(
        "SELECT DISTINCT order_id FROM work_order WHERE lapas_id = :lapas_id AND id = ANY (:ids)",
        lapas_id=store.lapas_id,
        ids=list(wanted),
    )
    works = _works(rows, _jobs(store, [o["order_id"] for o in orders_]), schemes_)
    return [work for found in works.values() for work in found]


def _accrued_days(store: Store, month: date, until: date) -> dict[UUID, int]:
    """Return what attended days of a month earned, by inmate."""
    found: dict[UUID, int] = {}
    for (inmate_id, *_), earned in _days(store, book(store), [month], until=until).items():
        found[inmate_id] = found.get(inmate_id, 0) + earned.amount
    return found


# -- lists


@dataclass(frozen=True, kw_only=True)
class ListScene:
    """What stands before a new list."""

    open_period: date | None
    last_period: date | None


def list_scene(store: Store) -> ListScene:
    """Return the list that is open, and the newest of all."""
    row = store.row(
        f"SELECT max(period) FILTER (WHERE state IN {_LIVE}) AS open_period, max(period) AS last_period"  # noqa: S608
        " FROM premi_list WHERE lapas_id = :lapas_id",
        lapas_id=store.lapas_id,
    )
    assert row is not None  # noqa: S101 - an aggregate has a row
    return ListScene(**row)


_LISTS: Final = (
    "SELECT p.id, p.period, p.until, p.state, p.requested_by, p.requested_at, p.computed_at, p.people, p.gross, p.saved,"
    " p.received, p.unpriced_pieces, p.unpriced_people, p.proposed_by, p.proposed_at, p.approved_by, p.approved_at,"
    " p.returned_reason, p.credited_at, p.version, g.done, g.total,"
    " (SELECT count(*) FROM premi_line n WHERE n.lapas_id = p.lapas_id AND n.list_id = p.id AND n.gross > 0"
    "  AND n.credited_at IS NOT NULL) AS credited_people"
    " FROM premi_list p LEFT JOIN premi_progress g ON g.lapas_id = p.lapas_id AND g.list_id = p.id"
    " WHERE p.lapas_id = :lapas_id"
)


def lists(store: Store, query: PageQuery) -> dict[str, Any]:
    """Return a page of lists, the newest month first."""
    after = query.after(1)
    given = {"after": after[0]} if after else {}
    sql = _LISTS + (" AND p.period < CAST(:after AS date)" if after else "")
    rows = store.rows(
        sql + " ORDER BY p.period DESC LIMIT :limit", lapas_id=store.lapas_id, limit=query.limit + 1, **given
    )
    return page(rows, limit=query.limit, key=("period",))


def one_list(store: Store, id_: UUID) -> dict[str, Any]:
    """Return a list, how its people stand beside floor and UMK, and its workshops.

    :raises ListUnknown:
    """
    row = store.row(_LISTS + " AND p.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise ListUnknown(id=id_)
    beside = reference_on(references(store), row["until"])
    more = store.row(
        "SELECT count(*) FILTER (WHERE gross BETWEEN 1 AND CAST(:floor AS bigint) - 1) AS below_floor,"  # noqa: S608
        " count(*) FILTER (WHERE gross BETWEEN 1 AND CAST(:umk AS bigint) - 1) AS below_umk,"
        f" count(*) FILTER (WHERE {_CORRECTED}) AS corrected,"
        " -coalesce(sum(carried_out), 0)::bigint AS carried, coalesce(avg(gross) FILTER (WHERE gross > 0), 0)::bigint AS average,"
        " count(*) AS lines FROM premi_line n WHERE n.lapas_id = :lapas_id AND n.list_id = :id",
        lapas_id=store.lapas_id,
        id=id_,
        **beside,
    )
    workshops = store.rows(
        "SELECT n.workshop_id AS id, w.name, count(*) AS people, sum(n.gross)::bigint AS gross FROM premi_line n"
        " JOIN workshop w ON w.lapas_id = n.lapas_id AND w.id = n.workshop_id"
        " WHERE n.lapas_id = :lapas_id AND n.list_id = :id GROUP BY 1, 2 ORDER BY 2",
        lapas_id=store.lapas_id,
        id=id_,
    )
    changed = row["state"] in ("draft", "proposed") and _changed_since(store, row["computed_at"], row["until"])
    return {**row, **beside, **(more or {}), "workshops": list(workshops), "changed": changed}


def _changed_since(store: Store, at: datetime, until: date) -> bool:
    """Say whether something was accepted, taken back, paid or priced since a list was worked out."""
    return bool(
        store.value(
            "SELECT EXISTS (SELECT FROM credit c JOIN output o ON o.lapas_id = c.lapas_id AND o.id = c.output_id"
            "  AND o.cell_no = c.cell_no WHERE c.lapas_id = :lapas_id AND c.at > :at AND o.work_date <= :until)"
            " OR EXISTS (SELECT FROM premi_proceeds WHERE lapas_id = :lapas_id AND recorded_at > :at AND split_on <= :until)"
            " OR EXISTS (SELECT FROM premi_scheme WHERE lapas_id = :lapas_id AND decided_at > :at AND valid_from <= :until)",
            lapas_id=store.lapas_id,
            at=at,
            until=until,
        )
    )


_LINES: Final = (
    "SELECT n.inmate_id, n.workshop_id, w.name AS workshop_name, n.pieces, n.days, n.earned, n.carried_in, n.gross,"
    " n.saved, n.received, n.carried_out, n.way, n.document, n.credited_at, k.left_on,"
    " (SELECT json_agg(json_build_object('order_id', p.order_id, 'order_number', o.order_number, 'month', p.month,"
    "   'workshop_name', pw.name, 'pieces', p.pieces, 'days', p.days, 'amount', p.amount, 'before', p.before, 'did', p.did)"
    "   ORDER BY p.nth) FROM premi_part p"
    "  JOIN workshop pw ON pw.lapas_id = p.lapas_id AND pw.id = p.workshop_id"
    "  LEFT JOIN LATERAL (SELECT order_number FROM work_order WHERE lapas_id = p.lapas_id AND order_id = p.order_id LIMIT 1) o"
    "   ON true"
    "  WHERE p.lapas_id = n.lapas_id AND p.list_id = n.list_id AND p.inmate_id = n.inmate_id) AS parts"
    " FROM premi_line n JOIN workshop w ON w.lapas_id = n.lapas_id AND w.id = n.workshop_id"
    " JOIN worker k ON k.lapas_id = n.lapas_id AND k.inmate_id = n.inmate_id"
    " WHERE n.lapas_id = :lapas_id AND n.list_id = :list_id"
)
_CORRECTED: Final = (
    "n.carried_in < 0 OR EXISTS (SELECT FROM premi_part c WHERE c.lapas_id = n.lapas_id AND c.list_id = n.list_id"
    " AND c.inmate_id = n.inmate_id AND c.amount < 0)"
)
Sort = Literal["gross", "-gross"]


def lines(
    store: Store,
    list_id: UUID,
    query: PageQuery,
    *,
    workshop_id: UUID | None,
    below: int | None,
    credited: bool | None,
    corrected: bool | None,
    inmates: Sequence[UUID] | None,
    sort: Sort,
) -> dict[str, Any]:
    """Return a page of lines.

    :param below: rupiah; only those who get less. :param corrected: only those with something taken back.
    :param inmates: only these.
    """
    after = query.after(2)
    sql = _LINES
    given: dict[str, Any] = {}
    if workshop_id is not None:
        sql += " AND n.workshop_id = :workshop_id"
        given["workshop_id"] = workshop_id
    if below is not None:
        sql += " AND n.gross < :below"
        given["below"] = below
    if credited is not None:
        sql += " AND n.gross > 0 AND (n.credited_at IS NOT NULL) = :credited"
        given["credited"] = credited
    if corrected is not None:
        sql += f" AND ({_CORRECTED}) = :corrected"
        given["corrected"] = corrected
    if inmates is not None:
        sql += " AND n.inmate_id = ANY (:inmates)"
        given["inmates"] = list(inmates)
    down = sort == "-gross"
    if after:
        sql += f" AND (n.gross, n.inmate_id) {'<' if down else '>'} (CAST(:after AS bigint), CAST(:after_id AS uuid))"
        given |= {"after": after[0], "after_id": after[1]}
    order = " ORDER BY n.gross DESC, n.inmate_id DESC" if down else " ORDER BY n.gross, n.inmate_id"
    rows = store.rows(
        sql + order + " LIMIT :limit", lapas_id=store.lapas_id, list_id=list_id, limit=query.limit + 1, **given
    )
    return page(rows, limit=query.limit, key=("gross", "inmate_id"))


def all_lines(store: Store, list_id: UUID) -> Sequence[Row]:
    """Return every line of a list, for paper."""
    return store.rows(_LINES + " ORDER BY n.inmate_id", lapas_id=store.lapas_id, list_id=list_id)


def recorded_any(store: Store, list_id: UUID, who: str) -> bool:
    """Say whether a person recorded output that a list pays, or attendance of days that it pays."""
    return bool(
        store.value(
            "SELECT EXISTS (SELECT FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
            "  WHERE o.lapas_id = :lapas_id AND split_part(o.recorded_by, ':', 2) = :who AND o.credited > 0"
            "  AND wo.order_id IN (SELECT order_id FROM premi_part WHERE lapas_id = :lapas_id AND list_id = :list_id))"
            " OR EXISTS (SELECT FROM attendance a WHERE a.lapas_id = :lapas_id AND split_part(a.marked_by, ':', 2) = :who"
            "  AND a.attended AND (a.workshop_id, date_trunc('month', a.work_date)::date) IN (SELECT workshop_id, month"
            "   FROM premi_part WHERE lapas_id = :lapas_id AND list_id = :list_id AND month IS NOT NULL))",
            lapas_id=store.lapas_id,
            list_id=list_id,
            who=who,
        )
    )


def waiting_list(store: Store, *, but: Sequence[UUID]) -> Row | None:
    """Return the list of any Lapas that has waited longest to be worked out."""
    return store.row(
        "SELECT lapas_id, id FROM premi_list WHERE state = 'computing' AND id <> ALL (:but) ORDER BY requested_at LIMIT 1",
        but=list(but),
    )


def hold_waiting(store: Store, list_id: UUID) -> bool:
    """Hold a list that waits to be worked out; say no where another worker has it or is done with it."""
    return bool(
        store.value(
            "SELECT true FROM premi_list WHERE lapas_id = :lapas_id AND id = :id AND state = 'computing'"
            " FOR UPDATE SKIP LOCKED",
            lapas_id=store.lapas_id,
            id=list_id,
        )
    )


def clear_lines(store: Store, list_id: UUID) -> None:
    """Drop what an earlier working out of a draft left."""
    for table in ("premi_part", "premi_line"):
        store.run(
            f"DELETE FROM {table} WHERE lapas_id = :lapas_id AND list_id = :list_id",  # noqa: S608 - one of two
            {"lapas_id": store.lapas_id, "list_id": list_id},
        )


def count_lines(store: Store, list_id: UUID) -> int:
    """Return how many lines a list has, corrections included."""
    return int(
        store.value(
            "SELECT count(*) FROM premi_line WHERE lapas_id = :lapas_id AND list_id = :list_id",
            lapas_id=store.lapas_id,
            list_id=list_id,
        )
    )


def delete_list(store: Store, list_id: UUID) -> None:
    """Drop a list that has no lines any more."""
    for table, key in (("premi_progress", "list_id"), ("premi_list", "id")):
        store.run(
            f"DELETE FROM {table} WHERE lapas_id = :lapas_id AND {key} = :list_id",  # noqa: S608 - one of two
            {"lapas_id": store.lapas_id, "list_id": list_id},
        )


def insert_lines(store: Store, list_id: UUID, found: Sequence[Line]) -> None:
    """Keep lines and their parts."""
    columns = ("inmate_id", "workshop_id", "pieces", "days", "earned", "carried_in", "gross", "saved", "received",
        "carried_out")  # fmt: skip
    store.run(
        "INSERT INTO premi_line (lapas_id, list_id, inmate_id, workshop_id, pieces, days, earned, carried_in, gross,"
        " saved, received, carried_out) SELECT :lapas_id, :list_id, * FROM unnest(CAST(:inmate_id AS uuid[]),"
        " CAST(:workshop_id AS uuid[]), CAST(:pieces AS int[]), CAST(:days AS int[]), CAST(:earned AS bigint[]),"
        " CAST(:carried_in AS bigint[]), CAST(:gross AS bigint[]), CAST(:saved AS bigint[]),"
        " CAST(:received AS bigint[]), CAST(:carried_out AS bigint[]))",
        {
            "lapas_id": store.lapas_id,
            "list_id": list_id,
            **{name: [getattr(line, name) for line in found] for name in columns},
        },
    )
    parts = [(line.inmate_id, nth, part) for line in found for nth, part in enumerate(line.parts, start=1)]
    store.run(
        "INSERT INTO premi_part (lapas_id, list_id, inmate_id, nth, workshop_id, order_id, month, pieces, days, amount,"
        " before, did)"
        " SELECT :lapas_id, :list_id, * FROM unnest(CAST(:inmate_id AS uuid[]), CAST(:nth AS smallint[]),"
        " CAST(:workshop_id AS uuid[]), CAST(:order_id AS uuid[]), CAST(:month AS date[]), CAST(:pieces AS int[]),"
        " CAST(:days AS int[]), CAST(:amount AS bigint[]), CAST(:before AS bigint[]), CAST(:did AS jsonb[]))",
        {
            "lapas_id": store.lapas_id,
            "list_id": list_id,
            "did": [json.dumps([did.document() for did in part.did]) for _, _, part in parts],
            "inmate_id": [inmate_id for inmate_id, _, _ in parts],
            "nth": [nth for _, nth, _ in parts],
            **{
                name: [getattr(part, name) for _, _, part in parts]
                for name in ("workshop_id", "order_id", "month", "pieces", "days", "amount", "before")
            },
        },
    )


def set_progress(store: Store, list_id: UUID, *, done: int, total: int) -> None:
    """Keep how far the working out is."""
    store.run(
        "INSERT INTO premi_progress (lapas_id, list_id, done, total, at) VALUES (:lapas_id, :list_id, :done, :total, :at)"
        " ON CONFLICT (lapas_id, list_id) DO UPDATE SET done = excluded.done, total = excluded.total, at = excluded.at",
        {"lapas_id": store.lapas_id, "list_id": list_id, "done": done, "total": total, "at": store.at},
    )


def owed(store: Store, list_id: UUID) -> Sequence[Row]:
    """Return whom a list owes something."""
    return store.rows(
        "SELECT inmate_id, gross FROM premi_line WHERE lapas_id = :lapas_id AND list_id = :list_id AND gross > 0"
        " ORDER BY inmate_id",
        lapas_id=store.lapas_id,
        list_id=list_id,
    )


def touch_list(store: Store, list_id: UUID) -> None:
    """Note that lines of a list changed: who saw it before sees that it has moved on."""
    store.run(
        "UPDATE premi_list SET version = version + 1 WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": list_id},
    )


def uncredited(store: Store, list_id: UUID, inmates: Sequence[UUID] | None) -> list[Due]:
    """Return who on a list waits to be credited."""
    rows = store.rows(
        "SELECT n.inmate_id, n.saved, n.received, k.left_on IS NOT NULL AS left FROM premi_line n"
        " JOIN worker k ON k.lapas_id = n.lapas_id AND k.inmate_id = n.inmate_id"
        " WHERE n.lapas_id = :lapas_id AND n.list_id = :list_id AND n.credited_at IS NULL AND n.gross > 0"
        " AND (CAST(:inmates AS uuid[]) IS NULL OR n.inmate_id = ANY (:inmates)) ORDER BY n.inmate_id",
        lapas_id=store.lapas_id,
        list_id=list_id,
        inmates=list(inmates) if inmates is not None else None,
    )
    return [Due(**row) for row in rows]


def mark_credited(store: Store, list_id: UUID, dues: Sequence[Due], *, way: str, document: str) -> int:
    """Mark lines as credited; return how many of the list still wait."""
    values = {
        "lapas_id": store.lapas_id, "list_id": list_id, "at": store.at, "way": way, "document": document,
        "inmates": [d.inmate_id for d in dues if not d.left], "left": [d.inmate_id for d in dues if d.left],
    }  # fmt: skip
    store.run(
        "UPDATE premi_line SET credited_at = :at, document = :document,"
        " way = CASE WHEN inmate_id = ANY (:left) THEN 'handover' ELSE :way END"
        " WHERE lapas_id = :lapas_id AND list_id = :list_id"
        " AND (inmate_id = ANY (:inmates) OR inmate_id = ANY (:left))",
        values,
    )
    return int(
        store.value(
            "SELECT count(*) FROM premi_line WHERE lapas_id = :lapas_id AND list_id = :list_id"
            " AND credited_at IS NULL AND gross > 0",
            lapas_id=store.lapas_id,
            list_id=list_id,
        )
    )


# -- the ledger


def hold_ledger(store: Store) -> None:
    """Let movements of a Lapas come one after the other: numbers have no gap, balances no race."""
    store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"premi {store.lapas_id}")


def balances_of(store: Store, inmate_id: UUID) -> dict[str, int]:
    """Return the balances of an inmate, by account."""
    rows = store.rows(
        "SELECT account, balance FROM premi_account WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return {row["account"]: row["balance"] for row in rows}


def post(store: Store, movements: Sequence[Movement]) -> list[UUID]:
    """Enter movements into the journal, each with the next number of the year, and move the balances.

    The ledger is to be held before balances are read, so that none goes below nothing.
    """
    if not movements:
        return []
    year = today(store).year
    last = store.value(
        "INSERT INTO premi_counter (lapas_id, year, last) VALUES (:lapas_id, :year, :count)"
        " ON CONFLICT (lapas_id, year) DO UPDATE SET last = premi_counter.last + excluded.last RETURNING last",
        lapas_id=store.lapas_id,
        year=year,
        count=len(movements),
    )
    ids = [new_id() for _ in movements]
    store.run(
        "INSERT INTO premi_entry (lapas_id, id, inmate_id, year, nth, kind, list_id, withdrawal_id, place, document, note, at,"
        " by) SELECT :lapas_id, m.id, m.inmate_id, :year, m.nth, m.kind, m.list_id, m.withdrawal_id, m.place, m.document, m.note,"
        "  :at, :by FROM unnest(CAST(:id AS uuid[]), CAST(:inmate_id AS uuid[]), CAST(:nth AS int[]),"
        "  CAST(:kind AS text[]), CAST(:list_id AS uuid[]), CAST(:withdrawal_id AS uuid[]), CAST(:place AS text[]),"
        "  CAST(:document AS text[]), CAST(:note AS text[]))"
        " AS m (id, inmate_id, nth, kind, list_id, withdrawal_id, place, document, note)",
        {
            "lapas_id": store.lapas_id,
            "year": year,
            "at": store.at,
            "by": store.actor,
            "id": ids,
            "nth": list(range(last - len(movements) + 1, last + 1)),
            **{
                name: [getattr(m, name) for m in movements]
                for name in ("inmate_id", "kind", "list_id", "withdrawal_id", "place", "document", "note")
            },
        },
    )
    postings = [
        (id_, m.inmate_id, account, amount)
        for id_, m in zip(ids, movements, strict=True)
        for account, amount in m.postings.items()
        if amount
    ]
    store.run(
        "INSERT INTO premi_posting (lapas_id, entry_id, account, amount) SELECT :lapas_id, * FROM"
        " unnest(CAST(:entry_id AS uuid[]), CAST(:account AS text[]), CAST(:amount AS bigint[]))",
        {
            "lapas_id": store.lapas_id,
            "entry_id": [p[0] for p in postings],
            "account": [p[2] for p in postings],
            "amount": [p[3] for p in postings],
        },
    )
    _move_balances(store, postings)
    return ids


def _move_balances(store: Store, postings: Sequence[tuple[UUID, UUID, str, int]]) -> None:
    sums: dict[tuple[UUID, str], int] = {}
    for _, inmate_id, account, amount in postings:
        if account in set(Account):
            sums[inmate_id, account] = sums.get((inmate_id, account), 0) + amount
    values = {
        "lapas_id": store.lapas_id,
        "inmates": [inmate_id for inmate_id, _ in sums],
        "accounts": [account for _, account in sums],
        "amounts": list(sums.values()),
    }
    moved = (
        "unnest(CAST(:inmates AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[])) AS m (i, a, amount)"
    )
    # An insert that meets its row would have its own amount checked against the constraint first.
    store.run(
        "INSERT INTO premi_account (lapas_id, inmate_id, account, balance)"  # noqa: S608 - constants
        f" SELECT :lapas_id, m.i, m.a, 0 FROM {moved} ON CONFLICT DO NOTHING",
        values,
    )
    store.run(
        f"UPDATE premi_account SET balance = balance + m.amount FROM {moved}"  # noqa: S608 - a constant
        " WHERE lapas_id = :lapas_id AND inmate_id = m.i AND account = m.a",
        values,
    )


def leaver(store: Store, inmate_id: UUID) -> Row | None:
    """Return when and why somebody left, who has left; of whom nothing else is known, it is taken as a release."""
    return store.row(
        "SELECT k.left_on, coalesce(v.reason, 'release') AS reason FROM worker k LEFT JOIN premi_leaver v"
        " ON v.lapas_id = k.lapas_id AND v.inmate_id = k.inmate_id"
        " WHERE k.lapas_id = :lapas_id AND k.inmate_id = :inmate_id AND k.left_on IS NOT NULL",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )


def keep_leaver(store: Store, inmate_id: UUID, *, left_on: date, reason: str) -> None:
    """Keep when and why somebody left."""
    store.run(
        "INSERT INTO premi_leaver (lapas_id, inmate_id, left_on, reason) VALUES (:lapas_id, :inmate_id, :left_on, :reason)"
        " ON CONFLICT (lapas_id, inmate_id) DO UPDATE SET left_on = excluded.left_on, reason = excluded.reason",
        {"lapas_id": store.lapas_id, "inmate_id": inmate_id, "left_on": left_on, "reason": reason},
    )


def forget_leaver(store: Store, inmate_id: UUID) -> bool:
    """Forget that somebody had left; say whether that was known."""
    return bool(
        store.run(
            "DELETE FROM premi_leaver WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
            {"lapas_id": store.lapas_id, "inmate_id": inmate_id},
        )
    )


def known(store: Store, inmate_id: UUID) -> bool:
    """Say whether an inmate is or was registered here."""
    return bool(
        store.value(
            "SELECT true FROM worker WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
            lapas_id=store.lapas_id,
            inmate_id=inmate_id,
        )
    )


_CARDS: Final = (  # noqa: S608 - the accounts are constants
    "SELECT a.inmate_id, k.left_on, v.reason AS left_reason, {}, sum(a.balance)::bigint AS balance FROM premi_account a"
    " JOIN worker k ON k.lapas_id = a.lapas_id AND k.inmate_id = a.inmate_id"
    " LEFT JOIN premi_leaver v ON v.lapas_id = a.lapas_id AND v.inmate_id = a.inmate_id"
    " WHERE a.lapas_id = :lapas_id"
).format(", ".join(f"coalesce(sum(a.balance) FILTER (WHERE a.account = '{a}'), 0)::bigint AS {a}" for a in Account))


def cards(store: Store, query: PageQuery, *, waiting: bool, inmates: Sequence[UUID] | None) -> dict[str, Any]:
    """Return a page of cards with their balances.

    :param waiting: only those whose premi waits to be handed over. :param inmates: only these.
    """
    after = query.after(1)
    sql = _CARDS
    given: dict[str, Any] = {}
    if inmates is not None:
        sql += " AND a.inmate_id = ANY (:inmates)"
        given["inmates"] = list(inmates)
    if waiting:
        sql += (
            " AND EXISTS (SELECT FROM premi_account h WHERE h.lapas_id = a.lapas_id AND h.inmate_id = a.inmate_id"
            " AND h.account = 'handover' AND h.balance > 0)"
        )
    if after:
        sql += " AND a.inmate_id > CAST(:after AS uuid)"
        given["after"] = after[0]
    rows = store.rows(
        sql + " GROUP BY a.inmate_id, k.left_on, v.reason ORDER BY a.inmate_id LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("inmate_id",))


_MOVEMENTS: Final = (
    "SELECT e.id, e.year, e.nth, e.kind, e.at, e.by, e.document, e.note, e.place, l.period,"
    " json_object_agg(p.account, p.amount) AS postings,"
    " coalesce(sum(p.amount) FILTER (WHERE p.account = ANY (:accounts)), 0)::bigint AS change FROM premi_entry e"
    " JOIN premi_posting p ON p.lapas_id = e.lapas_id AND p.entry_id = e.id"
    " LEFT JOIN premi_list l ON l.lapas_id = e.lapas_id AND l.id = e.list_id"
    " WHERE e.lapas_id = :lapas_id AND e.inmate_id = :inmate_id"
    " GROUP BY e.lapas_id, e.id, l.period ORDER BY e.year, e.nth"
)


def card(store: Store, inmate_id: UUID) -> dict[str, Any]:
    """Return the premi card of an inmate: balances, movements with the running balance, what waits.

    :raises AccountUnknown: nobody of that id was ever registered here.
    """
    if not known(store, inmate_id):
        raise AccountUnknown(id=inmate_id)
    now = today(store)
    rows = store.rows(_MOVEMENTS, lapas_id=store.lapas_id, inmate_id=inmate_id, accounts=[str(a) for a in Account])
    running = 0
    movements = []
    for row in rows:
        running += row["change"]
        sent_on = row["kind"] == "handover" and row["place"]
        movements.append(
            {
                **row,
                "number": number(store, row),
                "balance": running,
                "sent": state_of_sent(store, row["id"], place=row["place"]) if sent_on else None,
            }
        )
    held = balances_of(store, inmate_id)
    gone = leaver(store, inmate_id)
    works = _accrued_between(store, now.replace(day=1), now, inmate_id)
    earned = store.rows(
        "SELECT l.period, n.gross, n.saved, n.received, l.state FROM premi_line n JOIN premi_list l"
        " ON l.lapas_id = n.lapas_id AND l.id = n.list_id WHERE n.lapas_id = :lapas_id AND n.inmate_id = :inmate_id"
        " ORDER BY l.period DESC LIMIT 12",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    total = store.value(
        "SELECT coalesce(sum(p.amount), 0) FROM premi_entry e JOIN premi_posting p ON p.lapas_id = e.lapas_id"
        " AND p.entry_id = e.id WHERE e.lapas_id = :lapas_id AND e.inmate_id = :inmate_id AND e.kind = 'list'"
        " AND p.account = 'payable'",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return {
        "inmate_id": inmate_id,
        "left_on": gone["left_on"] if gone else None,
        "left_reason": gone["reason"] if gone else None,
        "balances": {str(a): held.get(a, 0) for a in Account},
        "balance": sum(held.values()),
        "accrued": sum(map(expected, works)) + _accrued_days(store, now.replace(day=1), now).get(inmate_id, 0),
        "total": int(total),
        "months": list(earned),
        "movements": movements,
        **reference_on(references(store), now),
    }


def number(store: Store, row: Mapping[str, Any]) -> str:
    """Return the number of an entry as it stands on paper."""
    return f"PRM/{store.lapas_id}/{row['year']}/{row['nth']:06}"


# -- withdrawals

_WITHDRAWALS: Final = (
    "SELECT w.id, w.inmate_id, w.account, w.amount, w.purpose, w.document, w.state, w.requested_by, w.requested_at,"
    " w.approved_by, w.approved_at, w.paid_by, w.paid_at, w.refused_by, w.refused_at, w.reason, w.version, coalesce(a.balance, 0) AS balance, e.year, e.nth"
    " FROM premi_withdrawal w LEFT JOIN premi_account a ON a.lapas_id = w.lapas_id AND a.inmate_id = w.inmate_id"
    "  AND a.account = w.account"
    " LEFT JOIN premi_entry e ON e.lapas_id = w.lapas_id AND e.withdrawal_id = w.id WHERE w.lapas_id = :lapas_id"
)


def withdrawals(store: Store, query: PageQuery, *, state: str | None, inmate_id: UUID | None) -> dict[str, Any]:
    """Return a page of withdrawals, the newest first."""
    after = query.after(1)
    sql = _WITHDRAWALS
    given: dict[str, Any] = {}
    for name, value in (("state", state), ("inmate_id", inmate_id)):
        if value is not None:
            sql += f" AND w.{name} = :{name}"
            given[name] = value
    if after:
        sql += " AND w.id < CAST(:after AS uuid)"
        given["after"] = after[0]
    rows = store.rows(sql + " ORDER BY w.id DESC LIMIT :limit", lapas_id=store.lapas_id, limit=query.limit + 1, **given)
    found = page(rows, limit=query.limit, key=("id",))
    found["items"] = [_withdrawal(store, row) for row in found["items"]]
    return found


def withdrawal(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one withdrawal.

    :raises WithdrawalUnknown:
    """
    store.flush()
    row = store.row(_WITHDRAWALS + " AND w.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise WithdrawalUnknown(id=id_)
    return _withdrawal(store, row)


def _withdrawal(store: Store, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "number": number(store, row) if row["nth"] else None}


def balance_for(store: Store, inmate_id: UUID, account: Account, *, but: Sequence[WithdrawalState]) -> int:
    """Return what is left of an account once the withdrawals in some states are paid.

    :raises AccountUnknown: nobody of that id.
    """
    if not known(store, inmate_id):
        raise AccountUnknown(id=inmate_id)
    spoken_for = store.value(
        "SELECT coalesce(sum(amount), 0) FROM premi_withdrawal WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id"
        " AND account = :account AND state = ANY (:states)",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
        account=account.value,
        states=[state.value for state in but],
    )
    return balances_of(store, inmate_id).get(account, 0) - int(spoken_for)


def open_withdrawals(store: Store, inmate_id: UUID) -> list[UUID]:
    """Return the withdrawals of an inmate that were neither paid nor refused."""
    rows = store.rows(
        "SELECT id FROM premi_withdrawal WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id"
        " AND state IN ('requested', 'approved') ORDER BY id",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return [row["id"] for row in rows]


# -- from one Lapas to another


@contextmanager
def _at(store: Store, lapas: str) -> Iterator[None]:
    """Look at another Lapas of the deployment, for what is sent between the two, and back at one's own.

    What raises in it ends the transaction, so nothing is left looking there.
    """
    own = store.lapas_id
    store.flush()
    store.scope(lapas)
    yield
    store.flush()
    store.scope(own)


def destinations(store: Store) -> list[dict[str, Any]]:
    """Return the other Lapas of this deployment: their id and name, and nothing else of them."""
    with _at(store, "*"):
        rows = store.rows("SELECT lapas_id AS id, name FROM lapas ORDER BY name")
    return [dict(row) for row in rows if row["id"] != store.lapas_id]


def send(store: Store, id_: UUID, *, place: str, movement: Movement, amount: int) -> None:
    """Write into another Lapas what it is to take in."""
    name = store.value("SELECT name FROM lapas WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    with _at(store, place):
        store.run(
            "INSERT INTO premi_arrival (lapas_id, id, inmate_id, from_lapas, from_name, amount, document, sent_at, sent_by,"
            " state, version) VALUES (:lapas_id, :id, :inmate_id, :from_lapas, :from_name, :amount, :document, :at, :by,"
            " 'waiting', 1)",
            {
                "lapas_id": place,
                "id": id_,
                "inmate_id": movement.inmate_id,
                "from_lapas": store.lapas_id,
                "from_name": name or store.lapas_id,
                "amount": amount,
                "document": movement.document,
                "at": store.at,
                "by": store.actor,
            },
        )


def sent(store: Store, id_: UUID) -> Row:
    """Return what an entry of this Lapas sent to another of the deployment.

    :raises ArrivalUnknown: it sent nothing there.
    """
    row = store.row(
        "SELECT e.inmate_id, e.place, -p.amount AS amount FROM premi_entry e JOIN premi_posting p"
        " ON p.lapas_id = e.lapas_id AND p.entry_id = e.id AND p.account = 'handover'"
        " WHERE e.lapas_id = :lapas_id AND e.id = :id AND e.kind = 'handover' AND e.place IS NOT NULL",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if row is None:
        raise ArrivalUnknown(id=id_)
    return row


def recall(store: Store, id_: UUID, *, place: str) -> None:
    """Take back, over there, what was sent.

    :raises ArrivalUnknown, ArrivalAlreadyTaken:
    """
    with _at(store, place):
        row = store.row(
            "SELECT state FROM premi_arrival WHERE lapas_id = :place AND id = :id AND from_lapas = :own FOR UPDATE",
            place=place, id=id_, own=store.lapas_id,
        )  # fmt: skip
        if row is None:
            raise ArrivalUnknown(id=id_)
        if row["state"] != ArrivalState.WAITING:
            raise ArrivalAlreadyTaken
        store.run(
            "UPDATE premi_arrival SET state = 'recalled', settled_by = :by, settled_at = :at, version = version + 1"
            " WHERE lapas_id = :place AND id = :id",
            {"place": place, "id": id_, "by": store.actor, "at": store.at},
        )


def state_of_sent(store: Store, id_: UUID, *, place: str) -> str | None:
    """Return how what was sent stands over there."""
    with _at(store, place):
        found: str | None = store.value(
            "SELECT state FROM premi_arrival WHERE lapas_id = :place AND id = :id AND from_lapas = :own",
            place=place,
            id=id_,
            own=store.lapas_id,
        )
    return found


_ARRIVALS: Final = (
    "SELECT a.id, a.inmate_id, a.from_lapas, a.from_name, a.amount, a.document, a.sent_at, a.state, a.receipt, a.settled_at,"
    " a.version, k.inmate_id IS NOT NULL AS registered FROM premi_arrival a LEFT JOIN worker k"
    " ON k.lapas_id = a.lapas_id AND k.inmate_id = a.inmate_id WHERE a.lapas_id = :lapas_id"
)


def arrivals(store: Store, query: PageQuery, *, state: str | None) -> dict[str, Any]:
    """Return a page of what other Lapas sent, the newest first."""
    after = query.after(1)
    sql = _ARRIVALS
    given: dict[str, Any] = {}
    if state is not None:
        sql += " AND a.state = :state"
        given["state"] = state
    if after:
        sql += " AND a.id < CAST(:after AS uuid)"
        given["after"] = after[0]
    rows = store.rows(sql + " ORDER BY a.id DESC LIMIT :limit", lapas_id=store.lapas_id, limit=query.limit + 1, **given)
    return page(rows, limit=query.limit, key=("id",))


def arrival(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one thing that another Lapas sent.

    :raises ArrivalUnknown:
    """
    store.flush()
    row = store.row(_ARRIVALS + " AND a.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise ArrivalUnknown(id=id_)
    return dict(row)


# -- overview


def waiting(store: Store) -> dict[str, Any]:
    """Return what of premi waits for somebody, and the newest lists; rupiah."""
    now = today(store)
    row = store.row(
        "SELECT (SELECT coalesce(sum(balance), 0)::bigint FROM premi_account WHERE lapas_id = :lapas_id AND account = 'payable')"
        "  AS locked,"
        " (SELECT coalesce(sum(balance), 0)::bigint FROM premi_account WHERE lapas_id = :lapas_id AND account = ANY (:resting))"
        "  AS credited,"
        " (SELECT coalesce(sum(balance), 0)::bigint FROM premi_account WHERE lapas_id = :lapas_id AND account = 'handover')"
        "  AS handover,"
        " (SELECT count(*) FROM premi_account WHERE lapas_id = :lapas_id AND account = 'handover' AND balance > 0)"
        "  AS handover_people,"
        " (SELECT coalesce(sum(premi), 0)::bigint FROM premi_proceeds WHERE lapas_id = :lapas_id)"
        "  - (SELECT coalesce(sum(p.amount), 0)::bigint FROM premi_part p JOIN premi_list l ON l.lapas_id = p.lapas_id"
        "   AND l.id = p.list_id WHERE p.lapas_id = :lapas_id AND l.state IN ('locked', 'credited') AND p.order_id IN"
        "   (SELECT order_id FROM premi_proceeds WHERE lapas_id = :lapas_id)) AS payable,"
        " (SELECT count(*) FROM premi_scheme WHERE lapas_id = :lapas_id AND state = 'proposed') AS schemes_proposed,"
        " (SELECT count(*) FROM premi_withdrawal WHERE lapas_id = :lapas_id AND state = 'requested') AS withdrawals_requested,"
        " (SELECT count(*) FROM premi_withdrawal WHERE lapas_id = :lapas_id AND state = 'approved') AS withdrawals_approved,"
        " (SELECT count(*) FROM premi_arrival WHERE lapas_id = :lapas_id AND state = 'waiting') AS arrivals,"
        " (SELECT count(DISTINCT order_id) FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.completed_on IS NOT NULL"
        "  AND wo.partner_name IS NOT NULL AND NOT EXISTS (SELECT FROM premi_proceeds p WHERE p.lapas_id = wo.lapas_id"
        "  AND p.order_id = wo.order_id)) AS orders_unpaid,"
        " (SELECT coalesce(json_agg(w.name ORDER BY w.name), '[]') FROM workshop w WHERE w.lapas_id = :lapas_id"
        "   AND NOT EXISTS (SELECT FROM premi_scheme s WHERE s.lapas_id = w.lapas_id AND s.workshop_id = w.id"
        "   AND s.state = 'approved' AND s.valid_from <= :today)) AS without_scheme",
        lapas_id=store.lapas_id,
        today=now,
        resting=[str(a) for a in (*WAYS, Account.SAVINGS)],
    )
    newest = store.rows(_LISTS + " ORDER BY p.period DESC LIMIT 6", lapas_id=store.lapas_id)
    return {**(row or {}), "lists": list(newest), "next_period": next_period(store, now)}


def summary(store: Store) -> dict[str, Any]:
    """Return how premi stands, and what the page of premi shows of the newest list; rupiah."""
    now = today(store)
    works = _accrued_between(store, now.replace(day=1), now)
    unpriced = [w for w in works if w.version is None]
    days = _accrued_days(store, now.replace(day=1), now)
    found = waiting(store)
    latest = next((one_list(store, one["id"]) for one in found["lists"] if one["state"] != "computing"), None)
    return {
        **found,
        "accrued": sum(map(expected, works)) + sum(days.values()),
        "people": len({w.inmate_id for w in works} | set(days)),
        "unpriced_people": len({w.inmate_id for w in unpriced}),
        "unpriced_pieces": sum(w.pieces for w in unpriced),
        "latest": latest,
        **reference_on(references(store), now),
    }


def next_period(store: Store, now: date) -> date | None:
    """Return the month a new list would be for; nothing while one is open or none is left."""
    found = list_scene(store)
    if found.open_period is not None:
        return None
    this = now.replace(day=1)
    if found.last_period is None:
        return this
    following = (found.last_period + timedelta(days=32)).replace(day=1)
    return following if following <= this else None
