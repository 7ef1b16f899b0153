"""What may be asked for about orders, and what is done when production reports on them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from giatja_contracts.units import Pieces, Rupiah
from giatja_kit import clock
from giatja_kit.database import Store
from giatja_kit.events.fact import Fact
from giatja_kit.ids import new_id
from giatja_orders.facts import OrderedCell
from giatja_orders.lapas.domain import LapasNotKnownYet
from giatja_orders.lapas.queries import today
from giatja_orders.ordering import queries
from giatja_orders.ordering.domain import (
    ConsignedMaterial,
    FinishedFate,
    LineUnknown,
    MaterialFate,
    MaterialOwner,
    Order,
    OrderLine,
    OrderUnknown,
    PartnerNotOrdering,
    ProductNotOnOffer,
    VariantNotOffered,
)
from giatja_orders.products.domain import check_unit

_FORECAST_DAYS = ("likely_on", "earliest_on", "latest_on")


@dataclass(frozen=True, kw_only=True)
class LineContent:
    """A line as it was asked for; what is left out is as usual for the product."""

    product_id: UUID
    cells: tuple[OrderedCell, ...]
    rate: Rupiah | None = None
    unit: str | None = None
    due_date: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderContent:
    """What an order says; without a partner it is internal."""

    partner_id: UUID | None
    material_owner: MaterialOwner
    due_date: date
    note: str = ""
    lines: tuple[LineContent, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CreateOrder:
    """Write down a new order."""

    id: UUID
    content: OrderContent


@dataclass(frozen=True, kw_only=True)
class EditOrder:
    """Rewrite an order nobody has accepted yet."""

    id: UUID
    version: int | None
    content: OrderContent


@dataclass(frozen=True, kw_only=True)
class QuoteOrder:
    """Offer an order to its partner."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class AcceptOrder:
    """Promise an order."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class MoveDueDate:
    """Promise another day."""

    id: UUID
    version: int | None
    due_date: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """Stop the work on an order for now."""

    id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResumeOrder:
    """Let the work on an order go on."""

    id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelOrder:
    """End an order unfinished."""

    id: UUID
    reason: str
    material: MaterialFate
    finished: FinishedFate


@dataclass(frozen=True, kw_only=True)
class CloseOrder:
    """End a completed order for good."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class KeepMaterial:
    """Know how the consigned material of an order stands.

    :param number: of the settlement, once it is settled.
    """

    order_id: UUID
    material: ConsignedMaterial
    at: datetime
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowLine:
    """Know the stages a line will go through."""

    order_id: UUID
    line_id: UUID
    work_order_id: UUID
    stages: Sequence[Mapping[str, Any]]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KeepProgress:
    """Know what a stage of a line holds now."""

    order_id: UUID
    line_id: UUID
    stage_id: UUID
    good: Pieces
    waiting: Pieces
    rework: Pieces
    reject: Pieces
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CompleteLine:
    """Know that a line went through its whole route."""

    order_id: UUID
    line_id: UUID
    passed: Pieces
    completed_on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KeepForecast:
    """Know when an order is likely to be finished; without a day nobody works at the stage named."""

    order_id: UUID
    likely_on: date | None
    earliest_on: date | None
    latest_on: date | None
    cause: str
    stage: str | None

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "KeepForecast":
        """Read the data of ``order_forecast_changed``."""
        days = {name: date.fromisoformat(data[name]) if data[name] else None for name in _FORECAST_DAYS}
        return cls(order_id=UUID(data["order_id"]), cause=data["cause"], stage=data["stage"], **days)


def create_order(command: CreateOrder, store: Store) -> str:
    """Write down an order and return the number it was given.

    The whole order is one statement, in which the counter's row is locked: those who create at the
    same moment wait for the commit only, and one that is refused has taken no number.

    :raises PartnerNotOrdering, ProductNotOnOffer, VariantNotOffered, Invalid:
    """
    known = queries.for_writing(store, command.content.partner_id, [x.product_id for x in command.content.lines])
    if known["zone"] is None:
        raise LapasNotKnownYet
    content = command.content
    order = Order(
        lapas_id=store.lapas_id,
        id=command.id,
        number="",
        partner_id=content.partner_id,
        partner_name=_partner_name(content, known),
        material_owner=content.material_owner,
        due_date=content.due_date,
        note=content.note,
        lines=_lines(content, known),
    )
    return str(
        store.value(
            _INSERT_ORDER,
            lapas_id=order.lapas_id,
            year=clock.today(known["zone"], store.at).year,
            id=order.id,
            partner_id=order.partner_id,
            partner_name=order.partner_name,
            material_owner=order.material_owner,
            due_date=order.due_date,
            note=order.note,
            state=order.state,
            quantity=order.quantity,
            found_by=order.found_by,
            at=store.at,
            lines=_lines_json(order.lines),
            event_id=new_id(),
            actor=store.actor,
        )
    )


def edit_order(command: EditOrder, store: Store) -> None:
    """Rewrite an order with all its lines.

    :raises OrderUnknown, Stale, OrderNotEditable, PartnerNotOrdering, ProductNotOnOffer, VariantNotOffered, Invalid:
    """
    order = store.get(Order, command.id, version=command.version, missing=OrderUnknown)
    content = command.content
    known = queries.for_writing(store, content.partner_id, [x.product_id for x in content.lines])
    order.edit(
        partner_id=content.partner_id,
        partner_name=_partner_name(content, known),
        material_owner=content.material_owner,
        due_date=content.due_date,
        note=content.note,
        lines=_lines(content, known),
    )
    # Lines alone may have changed, and they have no version of their own.
    order.version += 1
    store.run("DELETE FROM order_line WHERE lapas_id = :l AND order_id = :id", {"l": order.lapas_id, "id": order.id})
    store.run(_INSERT_LINES, {"lapas_id": order.lapas_id, "order_id": order.id, "lines": _lines_json(order.lines)})
    note_event(store, order, "edited")


def quote_order(command: QuoteOrder, store: Store) -> None:
    """Offer an order to its partner.

    :raises OrderUnknown, Stale, OrderNotADraft, OrderHasNoLines:
    """
    order = _load(store, command.id, version=command.version)
    order.quote()
    note_event(store, order, "quoted")


def accept_order(command: AcceptOrder, store: Store) -> None:
    """Promise an order; production hears of it.

    :raises OrderUnknown, Stale, OrderNotAcceptable, OrderHasNoLines, DueDatePassed:
    """
    order = _load(store, command.id, version=command.version)
    store.tell(order.accept(today=today(store)))
    note_event(store, order, "accepted", due_date=str(order.due_date))


def move_due_date(command: MoveDueDate, store: Store) -> None:
    """Promise another day.

    :raises OrderUnknown, Stale, DueDateNotMovable, DueDatePassed:
    """
    order = _load(store, command.id, version=command.version)
    before = order.due_date
    store.tell(order.move_due_date(command.due_date, today=today(store)))
    store.run(
        "UPDATE order_line SET due_date = :due_date WHERE lapas_id = :lapas_id AND id = :id",
        [{"due_date": x.due_date, "lapas_id": order.lapas_id, "id": x.id} for x in order.lines],
    )
    note_event(
        store, order, "due_date_moved", before=str(before), due_date=str(command.due_date), reason=command.reason
    )


def hold_order(command: HoldOrder, store: Store) -> None:
    """Stop the work on an order for now.

    :raises OrderUnknown, OrderNotUnderWay:
    """
    order = store.get(Order, command.id, missing=OrderUnknown)
    store.tell(order.hold(command.reason))
    note_event(store, order, "held", reason=command.reason)


def resume_order(command: ResumeOrder, store: Store) -> None:
    """Let the work on an order go on, or complete it if all passed while it was held.

    :raises OrderUnknown, OrderNotOnHold:
    """
    order = _load(store, command.id)
    resumed, completed = order.resume()
    store.tell(resumed)
    note_event(store, order, "resumed")
    _tell_completed(store, order, completed, at=store.at)


def cancel_order(command: CancelOrder, store: Store) -> None:
    """End an order unfinished.

    :raises OrderUnknown, OrderAlreadyEnded, FinishedPiecesUnaccounted:
    """
    order = store.get(Order, command.id, missing=OrderUnknown)
    fact = order.cancel(reason=command.reason, material=command.material, finished=command.finished)
    if fact:
        store.tell(fact)
    note_event(store, order, "cancelled", reason=command.reason, material=command.material, finished=command.finished)


def close_order(command: CloseOrder, store: Store) -> None:
    """End a completed order for good.

    :raises OrderUnknown, Stale, OrderNotCompleted, ConsignedMaterialOpen:
    """
    order = store.get(Order, command.id, version=command.version, missing=OrderUnknown)
    store.tell(order.close(today=today(store)))
    note_event(store, order, "closed")


def keep_material(command: KeepMaterial, store: Store) -> None:
    """Keep how the consigned material stands; its timeline says when the first came and when it was settled.

    :raises OrderUnknown:
    """
    order = store.get(Order, command.order_id, missing=OrderUnknown)
    if order.material == command.material:
        return
    order.material = command.material
    note_event(store, order, f"material_{command.material}", at=command.at, number=command.number)


def keep_forecast(command: KeepForecast, store: Store) -> None:
    """Keep a forecast beside the order; it says nothing about its state and does not make what somebody sees stale.

    :raises OrderUnknown:
    """
    kept = store.run(
        "UPDATE orders SET likely_on = :likely_on, likely_from = :earliest_on, likely_to = :latest_on,"
        " forecast_cause = :cause, forecast_stage = :stage WHERE lapas_id = :lapas_id AND id = :order_id",
        {"lapas_id": store.lapas_id, **asdict(command)},
    )
    if not kept:
        raise OrderUnknown(id=command.order_id)


def follow_line(command: FollowLine, store: Store) -> None:
    """Keep the stages of a line's work order; that alone begins nothing.

    :raises OrderUnknown, LineUnknown:
    """
    followed = store.value(
        _FOLLOW_LINE,
        lapas_id=store.lapas_id,
        order_id=command.order_id,
        line_id=command.line_id,
        work_order_id=command.work_order_id,
        stages=json.dumps(list(command.stages)),
    )
    if not followed:
        _load(store, command.order_id).line(command.line_id)  # says which of the two is not known


def keep_progress(command: KeepProgress, store: Store) -> None:
    """Keep what a stage holds now; the first output begins the order.

    Nearly every report meets an order that is being made and only moves figures: that is one
    statement. Where the state has a say, the order is loaded and asked.

    :raises OrderUnknown, LineUnknown:
    """
    if _move_figures(store, command):
        return
    order = store.get(Order, command.order_id, missing=OrderUnknown)
    if not order.takes_reports:
        _too_late(store, order, command.line_id, at=command.at)
        return
    if order.production_reported():
        note_event(store, order, "production_began", at=command.at)
    if not _move_figures(store, command):
        raise LineUnknown(line_id=command.line_id)


def complete_line(command: CompleteLine, store: Store) -> None:
    """Keep that a line went through its whole route; the last one completes the order.

    :raises OrderUnknown, LineUnknown:
    """
    order = _load(store, command.order_id)
    line = order.line(command.line_id)
    if not order.takes_reports:
        _too_late(store, order, line.id, at=command.at)
        return
    completed = order.line_completed(line.id, passed=command.passed, completed_on=command.completed_on)
    store.run(
        "UPDATE order_line SET passed = :passed, completed_on = :completed_on WHERE lapas_id = :lapas_id AND id = :id",
        {
            "passed": line.passed,
            "completed_on": line.completed_on,
            "lapas_id": order.lapas_id,
            "id": line.id,
        },
    )
    note_event(
        store,
        order,
        "line_completed",
        at=command.at,
        product=line.product_name,
        passed=line.passed,
        quantity=line.quantity,
    )
    _tell_completed(store, order, completed, at=command.at)


def _load(store: Store, id_: UUID, *, version: int | None = None) -> Order:
    order = store.get(Order, id_, version=version, missing=OrderUnknown)
    order.lines = queries.lines(store, order.lapas_id, id_)
    return order


def _partner_name(content: OrderContent, known: Mapping[str, Any]) -> str | None:
    if content.partner_id is None:
        return None
    if known["partner_name"] is None:
        raise PartnerNotOrdering(field="/partner_id")
    return str(known["partner_name"])


def _lines(content: OrderContent, known: Mapping[str, Any]) -> list[OrderLine]:
    return [
        _line(line, known["products"].get(str(line.product_id)), content.due_date, f"/lines/{nth}")
        for nth, line in enumerate(content.lines)
    ]


def _line(line: LineContent, product: Mapping[str, Any] | None, due_date: date, where: str) -> OrderLine:
    if product is None:
        raise ProductNotOnOffer(field=f"{where}/product_id")
    unit = line.unit or product["unit"]
    check_unit(unit, field=f"{where}/unit")
    for nth, cell in enumerate(line.cells):
        for what, value, offered in (
            ("size", cell.size, product["sizes"]),
            ("colour", cell.colour, product["colours"]),
        ):
            if value not in offered:
                raise VariantNotOffered(
                    field=f"{where}/cells/{nth}/{what}",
                    product=product["name"],
                    value=value,
                    offered=", ".join(offered),
                )
    return OrderLine(
        id=new_id(),
        product_id=line.product_id,
        product_name=product["name"],
        workshop_kind=product["workshop_kind"],
        unit=unit,
        rate=Rupiah(product["rate"]) if line.rate is None else line.rate,
        due_date=line.due_date or due_date,
        note=line.note,
        cells=line.cells,
    )


def note_event(store: Store, order: Order, kind: str, *, at: datetime | None = None, **detail: str | int) -> None:
    """Write into the order's timeline what happened, when, and by whom."""
    store.run(
        "INSERT INTO order_event (lapas_id, order_id, id, kind, at, actor, detail)"
        " VALUES (:lapas_id, :order_id, :id, :kind, :at, :actor, CAST(:detail AS jsonb))",
        {
            "lapas_id": order.lapas_id,
            "order_id": order.id,
            "id": new_id(),
            "kind": kind,
            "at": at or store.at,
            "actor": store.actor,
            "detail": json.dumps(detail),
        },
    )


def _tell_completed(store: Store, order: Order, completed: Fact | None, *, at: datetime) -> None:
    if completed:
        store.tell(completed)
        note_event(store, order, "completed", at=at)


def _too_late(store: Store, order: Order, line_id: UUID, *, at: datetime) -> None:
    """Write down that production reported on a cancelled order; its figures stay as they were."""
    line = queries.line_name(store, order.lapas_id, line_id)
    note_event(store, order, "reported_after_cancel", at=at, product=line)


def _move_figures(store: Store, command: KeepProgress) -> bool:
    return bool(
        store.value(
            _MOVE_FIGURES,
            lapas_id=store.lapas_id,
            order_id=command.order_id,
            line_id=command.line_id,
            stage_id=command.stage_id,
            good=command.good,
            waiting=command.waiting,
            rework=command.rework,
            reject=command.reject,
        )
    )


def _lines_json(lines: Sequence[OrderLine]) -> str:
    return json.dumps(
        [
            {
                "id": str(line.id),
                "nth": nth,
                "product_id": str(line.product_id),
                "product_name": line.product_name,
                "workshop_kind": line.workshop_kind,
                "unit": line.unit,
                "rate": line.rate,
                "due_date": line.due_date.isoformat(),
                "note": line.note,
                "quantity": line.quantity,
                "cells": [{"size": c.size, "colour": c.colour, "quantity": c.quantity} for c in line.cells],
            }
            for nth, line in enumerate(lines, start=1)
        ]
    )


_LINES = (
    " given AS (SELECT * FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS x (id uuid, nth int, product_id uuid,"
    "   product_name text, workshop_kind text, unit text, rate bigint, due_date date, note text, quantity bigint,"
    "   cells jsonb)),"
    " written AS (INSERT INTO order_line (lapas_id, id, order_id, nth, product_id, product_name, workshop_kind, unit,"
    "   rate, due_date, note, quantity, passed)"
    "   SELECT :lapas_id, id, CAST(:order_id AS uuid), nth, product_id, product_name, workshop_kind, unit,"
    "   rate, due_date, note, quantity, 0 FROM given),"
    " cells AS (INSERT INTO order_cell (lapas_id, line_id, size, colour, nth, quantity)"
    "   SELECT :lapas_id, given.id, c.cell ->> 'size', c.cell ->> 'colour', c.nth, CAST(c.cell ->> 'quantity' AS int)"
    "   FROM given CROSS JOIN LATERAL jsonb_array_elements(given.cells) WITH ORDINALITY AS c (cell, nth))"
)
_INSERT_LINES = f"WITH {_LINES} SELECT count(*) FROM given"  # noqa: S608 - constants

_INSERT_ORDER = (
    "WITH number AS (INSERT INTO order_counter (lapas_id, year, last) VALUES (:lapas_id, :year, 1)"  # noqa: S608
    "   ON CONFLICT (lapas_id, year) DO UPDATE SET last = order_counter.last + 1 RETURNING last),"
    " header AS (INSERT INTO orders (lapas_id, id, year, nth, number, partner_id, partner_name, material_owner,"
    "   due_date, note, state, quantity, passed, found_by, created_at, version)"
    "   SELECT :lapas_id, :id, :year, last, :lapas_id || '-' || :year || '-'"
    "   || lpad(last::text, greatest(4, length(last::text)), '0'), CAST(:partner_id AS uuid), :partner_name,"
    "   :material_owner, :due_date, :note, :state, :quantity, 0, :found_by, :at, 1 FROM number RETURNING number),"
    + _LINES.replace(":order_id", ":id")
    + ", event AS (INSERT INTO order_event (lapas_id, order_id, id, kind, at, actor, detail)"
    "   VALUES (:lapas_id, :id, :event_id, 'created', :at, :actor, '{}'))"
    " SELECT number FROM header"
)

_FOLLOW_LINE = (
    "WITH line AS (UPDATE order_line SET work_order_id = :work_order_id"
    "   WHERE lapas_id = :lapas_id AND id = :line_id AND order_id = :order_id RETURNING id),"
    " stages AS (INSERT INTO line_stage (lapas_id, line_id, stage_id, nth, key, name, counts_quality,"
    "   good, waiting, rework, reject)"
    "   SELECT :lapas_id, line.id, s.stage_id, s.nth, s.key, s.name, s.counts_quality, 0, 0, 0, 0"
    "   FROM line CROSS JOIN ROWS FROM (jsonb_to_recordset(CAST(:stages AS jsonb))"
    "     AS (stage_id uuid, key text, name text, counts_quality boolean)) WITH ORDINALITY"
    "     AS s (stage_id, key, name, counts_quality, nth)),"
    " header AS (UPDATE orders SET version = version + 1"
    "   WHERE lapas_id = :lapas_id AND id = :order_id AND EXISTS (SELECT FROM line))"
    " SELECT count(*) FROM line"
)

# The quality stage's good pieces are what passed of the line; the order's sum moves by the difference.
_MOVE_FIGURES = (
    "WITH stage AS (UPDATE line_stage SET good = :good, waiting = :waiting, rework = :rework, reject = :reject"
    "   WHERE lapas_id = :lapas_id AND line_id = :line_id AND stage_id = :stage_id"
    "   AND EXISTS (SELECT FROM orders o WHERE o.lapas_id = :lapas_id AND o.id = :order_id"
    "     AND (o.state IN ('in_production', 'completed', 'closed') OR o.held_from = 'in_production'))"
    "   RETURNING line_id, counts_quality),"
    " line AS (UPDATE order_line l SET passed = :good FROM stage WHERE stage.counts_quality"
    "   AND l.lapas_id = :lapas_id AND l.id = :line_id AND l.order_id = :order_id),"
    " header AS (UPDATE orders o SET version = o.version + 1, passed = o.passed"
    "   + CASE WHEN stage.counts_quality THEN :good - l.passed ELSE 0 END"
    "   FROM stage JOIN order_line l ON l.lapas_id = :lapas_id AND l.id = stage.line_id"
    "   WHERE o.lapas_id = :lapas_id AND o.id = :order_id)"
    " SELECT count(*) FROM stage"
)
