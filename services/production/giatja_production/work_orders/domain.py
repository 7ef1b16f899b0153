"""Work orders and their states: released, in progress, completed; beside them on hold and cancelled.

A work order is opened by an accepted order and is released at once; what is due first has its turn first, which
planning reckons with (docs/decisions/0015) and no state says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_production.facts import StageTold, WorkOrderCompleted, WorkOrderOpened
from giatja_production.workshops.domain import Route, Stage


class WorkOrderUnknown(Unknown):
    """No such work order at this Lapas."""

    id = "Perintah kerja ini tidak ditemukan."
    en = "This work order was not found."


class StageUnknown(Invalid):
    """The route of this work order has no such stage."""

    id = "Tahap ini tidak ada di rute perintah kerja ini."
    en = "This stage is not part of the work order's route."


class WorkOrderOnHold(Conflict):
    """Work on it stops for now."""

    id = "Perintah kerja ini sedang ditahan: {reason}."
    en = "This work order is on hold: {reason}."


class WorkOrderCancelled(Conflict):
    """It will not be finished."""

    id = "Perintah kerja ini sudah dibatalkan."
    en = "This work order was cancelled."


class WorkOrderAlreadyCompleted(Conflict):
    """All its pieces have passed."""

    id = "Perintah kerja ini sudah selesai pada {completed_on}."
    en = "This work order was completed on {completed_on}."


class WorkOrderNotOnHold(Conflict):
    """Only what is on hold can go on."""

    id = "Perintah kerja ini tidak sedang ditahan."
    en = "This work order is not on hold."


class WorkshopAlreadyOnHold(Conflict):
    """The whole workshop stands still already."""

    id = "Unit kerja ini sudah ditahan: {reason}."
    en = "This workshop is on hold already: {reason}."


class WorkshopNotOnHold(Conflict):
    """Only a workshop that stands still can go on."""

    id = "Unit kerja ini tidak sedang ditahan."
    en = "This workshop is not on hold."


class WorkDateInFuture(Invalid):
    """Nobody has worked tomorrow yet."""

    id = "Tanggal kerja {work_date} belum tiba; hari ini {today}."
    en = "The work date {work_date} has not come yet; today is {today}."


class WorkDateBeforeOpening(Invalid):
    """There was nothing to work on before the order was accepted."""

    id = "Perintah kerja ini baru dibuka pada {opened_on}; tidak ada hasil kerja sebelum itu."
    en = "This work order was opened on {opened_on}; there is no output before that."


class State(StrEnum):
    """Where a work order stands."""

    RELEASED = "released"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN = (State.RELEASED, State.IN_PROGRESS, State.ON_HOLD)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One field of the size x colour grid; a line without variants has one, both empty."""

    no: int
    size: str
    colour: str
    quantity: int


def read_cells(documents: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    """Read the JSON form of a grid."""
    return tuple(Cell(**d) for d in documents)


def cell_documents(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return the JSON form of a grid."""
    return [asdict(c) for c in cells]


@dataclass(kw_only=True, eq=False)
class WorkOrder:
    """One line of an order, with its whole grid, on its way through a route.

    ``passed`` counts pieces out of the quality stage, ``finished`` those out of the last stage,
    ``rejected`` those lost anywhere; a piece lost after it passed makes ``passed`` count its
    replacement too. Every rejected piece is replaced at once by a new one that
    waits at the first stage, so released = quantity + rejected and the order can be completed.
    """

    lapas_id: str
    id: UUID
    order_id: UUID
    line_id: UUID
    order_number: str
    partner_name: str | None
    product_name: str
    workshop_id: UUID
    workshop_kind: str
    unit: str
    quantity: int
    cells: tuple[Cell, ...]
    route: Route
    due_date: date
    opened_on: date
    state: State = State.RELEASED
    held_from: State | None = None
    reason: str | None = None
    passed: int = 0
    finished: int = 0
    rejected: int = 0
    completed_on: date | None = None
    order_completed_on: date | None = None
    route_version: int | None = None
    version: int = 1
    workshop_hold: str | None = None

    def opened(self) -> WorkOrderOpened:
        """Return the fact that this was opened."""
        return WorkOrderOpened(
            work_order_id=self.id,
            order_id=self.order_id,
            line_id=self.line_id,
            workshop_id=self.workshop_id,
            workshop_kind=self.workshop_kind,
            quantity=self.quantity,
            stages=tuple(
                StageTold(stage_id=s.id, key=s.key, name=s.name, name_en=s.name_en, counts_quality=s.counts_quality)
                for s in self.route.stages
            ),
        )

    def hold(self, reason: str) -> None:
        """Stop work because the order is held; what is on hold stays so, with the newer reason.

        :raises WorkOrderAlreadyCompleted, WorkOrderCancelled:
        """
        self._stop()
        self.reason = reason

    def resume(self) -> None:
        """Go on from where the order was held, unless the whole workshop stands still.

        :raises WorkOrderNotOnHold: its order does not hold it.
        """
        if self.state is not State.ON_HOLD or self.reason is None:
            raise WorkOrderNotOnHold
        self.reason = None
        self._go_on_if_free()

    def hold_with_workshop(self, reason: str) -> None:
        """Stop work because the whole workshop stands still.

        :raises WorkOrderAlreadyCompleted, WorkOrderCancelled:
        """
        self._stop()
        self.workshop_hold = reason

    def resume_with_workshop(self) -> None:
        """Go on with the workshop, unless the order itself is held.

        :raises WorkOrderNotOnHold: no workshop holds it.
        """
        if self.workshop_hold is None:
            raise WorkOrderNotOnHold
        self.workshop_hold = None
        self._go_on_if_free()

    def _stop(self) -> None:
        self.must_be_open()
        if self.state is not State.ON_HOLD:
            self.state, self.held_from = State.ON_HOLD, self.state

    def _go_on_if_free(self) -> None:
        if self.reason is None and self.workshop_hold is None and self.held_from is not None:
            self.state, self.held_from = self.held_from, None

    @property
    def hold_reason(self) -> str | None:
        """Why work stands still, the order's reason before the workshop's."""
        return self.reason or self.workshop_hold

    def cancel(self, reason: str) -> None:
        """Give it up; what was recorded and credited stays.

        :raises WorkOrderAlreadyCompleted, WorkOrderCancelled:
        """
        self.must_be_open()
        self.state, self.held_from, self.workshop_hold, self.reason = State.CANCELLED, None, None, reason

    def reschedule(self, due_date: date) -> None:
        """Take over a new due date."""
        self.due_date = due_date

    def stage(self, stage_id: UUID) -> Stage:
        """Return a stage of the route.

        :raises StageUnknown: it has none of that id.
        """
        found = next((s for s in self.route.stages if s.id == stage_id), None)
        if found is None:
            raise StageUnknown(field="/stage_id")
        return found

    def must_be_open(self) -> None:
        """Let pass a work order that can still change.

        :raises WorkOrderAlreadyCompleted, WorkOrderCancelled:
        """
        if self.state is State.COMPLETED:
            raise WorkOrderAlreadyCompleted(completed_on=str(self.completed_on))
        if self.state is State.CANCELLED:
            raise WorkOrderCancelled

    def must_take_output(self, *, work_date: date, today: date) -> None:
        """Let pass output of a day this was worked on.

        :raises WorkOrderOnHold, WorkOrderAlreadyCompleted, WorkOrderCancelled, WorkDateInFuture, WorkDateBeforeOpening:
        """
        self.must_be_open()
        if self.state is State.ON_HOLD:
            raise WorkOrderOnHold(reason=self.hold_reason)
        if work_date > today:
            raise WorkDateInFuture(field="/work_date", work_date=str(work_date), today=str(today))
        if work_date < self.opened_on:
            raise WorkDateBeforeOpening(field="/work_date", opened_on=str(self.opened_on))

    def count(self, *, passed: int, finished: int, rejected: int) -> None:
        """Add what was recorded, or subtract what was taken back, to the totals."""
        if self.state is State.RELEASED:
            self.state = State.IN_PROGRESS
        self.passed += passed
        self.finished += finished
        self.rejected += rejected

    def complete_if_all_passed(self, *, today: date) -> WorkOrderCompleted | None:
        """Complete it when all of its quantity has left the last stage; return the fact, once."""
        if self.state is not State.IN_PROGRESS or self.finished < self.quantity:
            return None
        self.state, self.completed_on = State.COMPLETED, today
        return WorkOrderCompleted(
            work_order_id=self.id,
            order_id=self.order_id,
            line_id=self.line_id,
            quantity=self.quantity,
            passed=self.finished,
            rejected=self.rejected,
            completed_on=today,
        )
