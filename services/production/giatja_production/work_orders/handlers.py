"""What is done to work orders when something happens to their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.work_orders import queries
from giatja_production.work_orders.domain import (
    OPEN,
    Cell,
    State,
    WorkOrder,
    WorkshopAlreadyOnHold,
    WorkshopNotOnHold,
)
from giatja_production.workshops.domain import Workshop, WorkshopUnknown
from giatja_production.workshops.handlers import workshop_for


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """A line of an accepted order; quantities are pieces."""

    line_id: UUID
    product_name: str
    workshop_kind: str
    unit: str
    quantity: int
    cells: Sequence[tuple[str, str, int]]

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "OrderLine":
        """Read a line of ``order_accepted``."""
        return cls(
            line_id=UUID(data["line_id"]),
            product_name=data["product_name"],
            workshop_kind=data["workshop_kind"],
            unit=data["unit"],
            quantity=data["quantity"],
            cells=[(c["size"], c["colour"], c["quantity"]) for c in data["cells"]],
        )


@dataclass(frozen=True, kw_only=True)
class OpenWorkOrders:
    """Open a work order for each line of an accepted order."""

    order_id: UUID
    number: str
    partner_name: str | None
    accepted_on: date
    due_date: date
    lines: Sequence[OrderLine]

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "OpenWorkOrders":
        """Read the data of ``order_accepted``."""
        return cls(
            order_id=UUID(data["order_id"]),
            number=data["number"],
            partner_name=data["partner_name"],
            accepted_on=date.fromisoformat(data["accepted_on"]),
            due_date=date.fromisoformat(data["due_date"]),
            lines=[OrderLine.from_fact(line) for line in data["lines"]],
        )


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """Stop work on an order for now."""

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResumeOrder:
    """Go on with a held order."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelOrder:
    """Give up the work on an order."""

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class RescheduleOrder:
    """Move the due date of an order."""

    order_id: UUID
    due_date: date


@dataclass(frozen=True, kw_only=True)
class CloseOrder:
    """Know that all lines of an order have passed."""

    order_id: UUID
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class HoldWorkshop:
    """Let a whole workshop stand still, e.g. in a flood."""

    id: UUID
    workshop_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResumeWorkshop:
    """Let a workshop go on."""

    workshop_id: UUID


def open_work_orders(command: OpenWorkOrders, store: Store) -> None:
    """Open a released work order for each line; all its pieces wait at the first stage."""
    opened = [_opened(command, line, store) for line in command.lines]
    for work_order in opened:
        standstill = queries.open_hold(store, work_order.workshop_id, lock="FOR SHARE")
        if standstill is not None:
            work_order.hold_with_workshop(standstill["reason"])
    store.session.add_all(opened)
    store.run(
        "INSERT INTO stage_balance (lapas_id, work_order_id, stage_no, cell_no, waiting, rework, good, reject)"
        " VALUES (:lapas_id, :work_order_id, 1, :cell_no, :waiting, 0, 0, 0)",
        [
            {"lapas_id": w.lapas_id, "work_order_id": w.id, "cell_no": c.no, "waiting": c.quantity}
            for w in opened
            for c in w.cells
        ],
    )
    store.tell(*(w.opened() for w in opened))


def _opened(command: OpenWorkOrders, line: OrderLine, store: Store) -> WorkOrder:
    drawn = workshop_for(line.workshop_kind, store)
    return WorkOrder(
        lapas_id=store.lapas_id,
        id=new_id(),
        order_id=command.order_id,
        line_id=line.line_id,
        order_number=command.number,
        partner_name=command.partner_name,
        product_name=line.product_name,
        workshop_id=drawn.workshop_id,
        workshop_kind=line.workshop_kind,
        unit=line.unit,
        quantity=line.quantity,
        cells=tuple(
            Cell(no=no, size=size, colour=colour, quantity=quantity)
            for no, (size, colour, quantity) in enumerate(line.cells, start=1)
        ),
        route=drawn.route,
        route_version=drawn.version_no,
        due_date=command.due_date,
        opened_on=command.accepted_on,
    )


def hold_order(command: HoldOrder, store: Store) -> None:
    """Hold the open work orders of an order; those that are completed stay so."""
    for work_order in _of_order(command.order_id, OPEN, store):
        work_order.hold(command.reason)


def resume_order(command: ResumeOrder, store: Store) -> None:
    """Resume the held work orders of an order."""
    for work_order in _of_order(command.order_id, (State.ON_HOLD,), store):
        if work_order.reason is not None:  # one that came while its workshop stood still is held by that alone
            work_order.resume()


def cancel_order(command: CancelOrder, store: Store) -> None:
    """Cancel the open work orders of an order; those that are completed stay so."""
    for work_order in _of_order(command.order_id, OPEN, store):
        work_order.cancel(command.reason)


def reschedule_order(command: RescheduleOrder, store: Store) -> None:
    """Move the due date of all work orders of an order."""
    for work_order in _of_order(command.order_id, tuple(State), store):
        work_order.reschedule(command.due_date)


def close_order(command: CloseOrder, store: Store) -> None:
    """Keep the day the whole order was completed on its work orders."""
    for work_order in _of_order(command.order_id, tuple(State), store):
        work_order.order_completed_on = command.completed_on


def hold_workshop(command: HoldWorkshop, store: Store) -> int:
    """Hold every open work order of a workshop together; return how many there are.

    :raises WorkshopUnknown, WorkshopAlreadyOnHold:
    """
    store.get(Workshop, command.workshop_id, missing=WorkshopUnknown)
    standstill = queries.open_hold(store, command.workshop_id)
    if standstill is not None:
        raise WorkshopAlreadyOnHold(reason=standstill["reason"])
    queries.insert_hold(store, command.id, command.workshop_id, command.reason)
    held = [w for w in _of_workshop(command.workshop_id, store) if w.state in OPEN]
    for work_order in held:
        work_order.hold_with_workshop(command.reason)
    return len(held)


def resume_workshop(command: ResumeWorkshop, store: Store) -> int:
    """Let a workshop go on; what its order holds stays held. Return how many work orders go on.

    :raises WorkshopUnknown, WorkshopNotOnHold:
    """
    store.get(Workshop, command.workshop_id, missing=WorkshopUnknown)
    if queries.open_hold(store, command.workshop_id) is None:
        raise WorkshopNotOnHold
    queries.close_hold(store, command.workshop_id)
    held = [w for w in _of_workshop(command.workshop_id, store) if w.workshop_hold is not None]
    for work_order in held:
        work_order.resume_with_workshop()
    return sum(w.state is not State.ON_HOLD for w in held)


def _of_workshop(workshop_id: UUID, store: Store) -> list[WorkOrder]:
    """Load and lock the open work orders of a workshop, always in the same sequence."""
    return [store.get(WorkOrder, id_) for id_ in queries.open_of_workshop(store, workshop_id)]


def _of_order(order_id: UUID, states: Sequence[State], store: Store) -> list[WorkOrder]:
    """Load and lock the work orders of an order, always in the same sequence."""
    # The state is asked for again after the lock: output recorded meanwhile may have completed one.
    loaded = [store.get(WorkOrder, id_) for id_ in queries.of_order(store, order_id)]
    return [w for w in loaded if w.state in states]
