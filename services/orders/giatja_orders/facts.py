"""The facts the orders service tells; quantities are pieces, nobody is named."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from giatja_contracts.units import Pieces
from giatja_kit.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class OrderedCell:
    """One size in one colour of a line."""

    size: str
    colour: str
    quantity: Pieces


@dataclass(frozen=True, kw_only=True)
class AcceptedLine:
    """A line as production is to make it."""

    line_id: UUID
    product_id: UUID
    product_name: str
    workshop_kind: str
    unit: str
    quantity: Pieces
    due_date: date
    cells: tuple[OrderedCell, ...]


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(Fact):
    """An order was accepted: production may begin."""

    type: ClassVar[str] = "giatja.orders.order_accepted.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    partner_id: UUID | None
    partner_name: str | None
    internal: bool
    accepted_on: date
    due_date: date
    material_owner: Literal["partner", "lapas"]
    lines: tuple[AcceptedLine, ...]


@dataclass(frozen=True, kw_only=True)
class OrderChanged(Fact):
    """The due date of an accepted order was moved."""

    type: ClassVar[str] = "giatja.orders.order_changed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    due_date: date


@dataclass(frozen=True, kw_only=True)
class OrderHeld(Fact):
    """Work on an order stops for now."""

    type: ClassVar[str] = "giatja.orders.order_held.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderResumed(Fact):
    """Work on a held order goes on."""

    type: ClassVar[str] = "giatja.orders.order_resumed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Fact):
    """An accepted order will not be finished."""

    type: ClassVar[str] = "giatja.orders.order_cancelled.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderClosed(Fact):
    """Nothing of an order is left to do."""

    type: ClassVar[str] = "giatja.orders.order_closed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    closed_on: date


@dataclass(frozen=True, kw_only=True)
class CompletedLine:
    """A line and what passed of it."""

    line_id: UUID
    product_name: str
    workshop_kind: str
    quantity: Pieces
    passed: Pieces


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Fact):
    """Every line of an order has passed its quantity: the fact that ties the domains together."""

    type: ClassVar[str] = "giatja.orders.order_completed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    partner_id: UUID | None
    partner_name: str | None
    completed_on: date
    due_date: date
    on_time: bool
    lines: tuple[CompletedLine, ...]


@dataclass(frozen=True, kw_only=True)
class ProceedsSplit(Fact):
    """Money of an order came and was split, rupiah; what takes one back names it, and its amounts are negative."""

    type: ClassVar[str] = "giatja.orders.proceeds_split.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    split_id: UUID
    document: str
    split_on: date
    base: int
    premi: int
    capital: int
    pnbp: int
    other: int
    reverses: UUID | None
    reason: str | None
