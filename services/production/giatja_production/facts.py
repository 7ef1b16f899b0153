"""The facts production tells."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from giatja_kit.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class StageTold:
    """One stage of a route, as it is told."""

    stage_id: UUID
    key: str
    name: str
    name_en: str
    counts_quality: bool


@dataclass(frozen=True, kw_only=True)
class WorkOrderOpened(Fact):
    """Production opened a work order for a line of an order, with the route it will follow."""

    type: ClassVar[str] = "giatja.production.work_order_opened.v1"
    subject: ClassVar[str] = "work_order_id"

    work_order_id: UUID
    order_id: UUID
    line_id: UUID
    workshop_id: UUID
    workshop_kind: str
    quantity: int
    stages: tuple[StageTold, ...]


@dataclass(frozen=True, kw_only=True)
class StageProgressed(Fact):
    """Output was recorded at a stage: what was added, and what the stage holds now."""

    type: ClassVar[str] = "giatja.production.stage_progressed.v1"
    subject: ClassVar[str] = "work_order_id"

    work_order_id: UUID
    order_id: UUID
    line_id: UUID
    stage_id: UUID
    stage: str
    workshop_kind: str
    work_date: date
    good: int
    rework: int
    reject: int
    defects: dict[str, int]
    stage_good: int
    stage_waiting: int
    stage_rework: int
    stage_reject: int


@dataclass(frozen=True, kw_only=True)
class OutputAccepted(Fact):
    """Work of one inmate at one stage on one day passed quality control and is credited, once."""

    type: ClassVar[str] = "giatja.production.output_accepted.v1"
    subject: ClassVar[str] = "work_order_id"

    work_order_id: UUID
    order_id: UUID
    line_id: UUID
    inmate_id: UUID
    stage: str
    competence: str | None
    workshop_kind: str
    product_name: str
    work_date: date
    pieces: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class OutputReversed(Fact):
    """Work that was credited was taken back by two people: it counts no more."""

    type: ClassVar[str] = "giatja.production.output_reversed.v1"
    subject: ClassVar[str] = "work_order_id"

    work_order_id: UUID
    order_id: UUID
    line_id: UUID
    inmate_id: UUID
    stage: str
    competence: str | None
    workshop_kind: str
    work_date: date
    pieces: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class WorkOrderCompleted(Fact):
    """All pieces of a work order passed its whole route."""

    type: ClassVar[str] = "giatja.production.work_order_completed.v1"
    subject: ClassVar[str] = "work_order_id"

    work_order_id: UUID
    order_id: UUID
    line_id: UUID
    quantity: int
    passed: int
    rejected: int
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class MaterialTold:
    """The balance of one kind of material in one unit, in thousandths of the unit."""

    kind: str
    unit: str
    received: int
    transferred: int
    difference: int
    used: int
    waste: int
    lost: int
    returned: int
    on_hand: int


@dataclass(frozen=True, kw_only=True)
class MaterialBalanceChanged(Fact):
    """The balance of an order's consigned material changed: what it is now."""

    type: ClassVar[str] = "giatja.production.material_balance_changed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    state: Literal["none", "open", "settled"]
    totals: tuple[MaterialTold, ...]


@dataclass(frozen=True, kw_only=True)
class MaterialSettled(Fact):
    """The consigned material of an order was settled: both sides signed the sheet."""

    type: ClassVar[str] = "giatja.production.material_settled.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    signed_on: date
    within_tolerance: bool
    totals: tuple[MaterialTold, ...]


@dataclass(frozen=True, kw_only=True)
class OrderForecastChanged(Fact):
    """When an order is likely to be finished has changed; without a day nobody works at the stage named."""

    type: ClassVar[str] = "giatja.production.order_forecast_changed.v1"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    likely_on: date | None
    earliest_on: date | None
    latest_on: date | None
    late_days: int
    cause: Literal["pace", "plan", "on_hold", "nobody"]
    stage: str | None


@dataclass(frozen=True, kw_only=True)
class SafetyIncidentReported(Fact):
    """An incident or a near miss was reported; what happened and to whom stays in the Lapas."""

    type: ClassVar[str] = "giatja.production.safety_incident_reported.v1"
    subject: ClassVar[str] = "incident_id"

    incident_id: UUID
    workshop_kind: str
    kind: Literal["incident", "near_miss"]
    severity: Literal["minor", "moderate", "serious", "fatal"]
    happened_on: date


@dataclass(frozen=True, kw_only=True)
class PremiCredited(Fact):
    """Premi of an approved list was credited: to how many and how much, rupiah, but not to whom."""

    type: ClassVar[str] = "giatja.production.premi_credited.v1"
    subject: ClassVar[str] = "list_id"

    list_id: UUID
    credit_id: UUID
    period: date
    way: str
    people: int
    saved: int
    received: int
    credited_on: date
    complete: bool
