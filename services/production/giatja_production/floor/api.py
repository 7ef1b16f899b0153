"""The floor and the front page over HTTP."""

import datetime as dt
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.web import ById, Input, Routes
from giatja_production.attendance.api import PersonView, SheetQuery, SheetView
from giatja_production.floor import handlers, queries
from giatja_production.floor.domain import SharingKey, clock_off
from giatja_production.output.api import EntryInput
from giatja_production.output.domain import Shift
from giatja_production.workshops.api import DefectView, StageView

routes = Routes("floor", tag="Lantai")


class FloorQuery(Input):
    """Which floor: one stage of one work order in one shift."""

    work_order_id: UUID
    stage_id: UUID
    work_date: date
    shift: Shift
    workshop_id: UUID | None = Field(None, description="Taken from the work order when it is left out")


class SummaryQuery(Input):
    """Which day; today at the Lapas when it is left out."""

    date: dt.date | None = None


class FloorWorkOrder(BaseModel):
    """The work order on the floor."""

    id: UUID
    order_number: str
    product_name: str
    partner_name: str | None
    unit: str
    quantity: int
    due_date: date
    state: str
    reason: str | None
    workshop_id: UUID
    workshop_kind: str
    workshop_name: str
    opened_on: date
    passed: int
    finished: int
    rejected: int
    month_target: int | None


class FloorCell(BaseModel):
    """What of one size and colour stands at the stage."""

    size: str
    colour: str
    waiting: int
    rework: int


class FloorWorker(BaseModel):
    """Somebody who may work that day, and what is recorded in that shift; the name is training's to tell."""

    inmate_id: UUID
    fitness: str
    good: int
    rework: int
    reject: int
    last_id: UUID | None
    last_credited: bool | None
    usual: bool
    recorded: bool
    status: str | None = Field(description="How attendance marks them in this shift")


class FloorView(BaseModel):
    """One stage of a work order in one shift."""

    work_order: FloorWorkOrder
    stage: StageView
    defects: list[DefectView]
    cells: list[FloorCell]
    waiting: int
    rework: int
    good: int
    target: int
    actual: int
    gap: int
    today: date
    workers: list[FloorWorker]
    not_recorded: list[UUID]


class WorkshopSummary(BaseModel):
    """A workshop today and this month."""

    id: UUID
    kind: str
    name: str
    month_target: int | None
    month_done: int
    month_expected: int | None
    today: int
    workers_active: int
    rejected_today: int
    rework_today: int
    not_recorded: int
    open_work_orders: int
    late_work_orders: int
    on_hold: int
    unmarked: int = Field(description="Expected people without attendance in the shift that runs")


class SummaryView(BaseModel):
    """Production of the Lapas on a day."""

    date: dt.date
    workshops: list[WorkshopSummary]
    workers_allowed: int
    workers_active: int
    shift: str | None = Field(description="The shift that runs, or the last that ran on that day")
    days_open: int = Field(description="Days before this one that were worked on and are not closed")
    corrections_pending: int = Field(description="What other people asked to be changed of closed days")
    materials_low: int = Field(description="Materials of which the Lapas' own stock is below its minimum")
    alerts_open: int = Field(description="Security alerts about tools that nobody has settled")
    follow_ups_overdue: int = Field(description="What was to be done after incidents by a day that has passed")
    swaps_open: int = Field(description="Swaps of turns that nobody has decided")
    working_days_left: int = Field(description="After this day, to the end of the month, without Sundays")


@routes.get("/floor", permission="output.read", answer=FloorView)
def show_floor(store: Store, query: FloorQuery) -> dict[str, Any]:
    """Show who works at a stage in a shift, what is recorded and what is still to do."""
    return queries.floor(
        store,
        work_order_id=query.work_order_id,
        stage_id=query.stage_id,
        work_date=query.work_date,
        shift=query.shift,
    )


@routes.get("/production/summary", permission="work_orders.read", answer=SummaryView)
def show_summary(store: Store, query: SummaryQuery) -> dict[str, Any]:
    """Show each workshop today and this month."""
    return queries.summary(store, query.date)


class LineInput(EntryInput):
    """What one person made at one stage."""

    work_order_id: UUID
    stage_id: UUID
    present: bool = Field(False, description="Mark the person present, who is not marked or marked otherwise")


class MemberInput(Input):
    """One of a team."""

    inmate_id: UUID
    points: int | None = Field(None, ge=1, le=1000)
    present: bool = Field(False, description="Mark the person present, who is not marked or marked otherwise")


class TeamInput(Input):
    """What several made together at one stage."""

    work_order_id: UUID
    stage_id: UUID
    key: SharingKey
    members: list[MemberInput] = Field(min_length=2, max_length=100)
    good: int = Field(0, ge=0, le=1_000_000)
    rework: int = Field(0, ge=0, le=1_000_000)
    reject: int = Field(0, ge=0, le=1_000_000)
    defect: str | None = Field(None, max_length=40)
    from_rework: bool = False
    size: str | None = Field(None, max_length=20)
    colour: str | None = Field(None, max_length=40)


class TallyInput(Input):
    """What a shift of a workshop made, at all its stages and work orders."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    entries: list[LineInput] = Field(default_factory=list, max_length=300)
    teams: list[TeamInput] = Field(default_factory=list, max_length=20)
    device_time: AwareDatetime | None = Field(None, description="The clock of the device; the server's day decides")

    def command(self, id_: UUID) -> handlers.RecordTally:
        """Return what is asked for."""
        return handlers.RecordTally.from_document(id_, self.document())

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it, without the clock of the device."""
        return self.model_dump(mode="json", exclude={"device_time"})


class TallyEntry(BaseModel):
    """The id an entry got, to take it back with."""

    id: UUID
    inmate_id: UUID
    work_order_id: UUID
    stage_id: UUID


class TallyStage(BaseModel):
    """Where the pieces of a stage stand now."""

    work_order_id: UUID
    stage_id: UUID
    state: str
    waiting: int
    rework: int
    good: int
    reject: int


class SharedPart(BaseModel):
    """What of a team's pieces fell on a member."""

    inmate_id: UUID
    weight: int
    good: int
    rework: int
    reject: int


class TeamShares(BaseModel):
    """How a team's pieces were shared."""

    id: UUID
    work_order_id: UUID
    stage_id: UUID
    key: SharingKey
    members: list[SharedPart]


class TallyAnswer(BaseModel):
    """What was recorded together."""

    id: UUID
    workshop_id: UUID
    entries: list[TallyEntry]
    stages: list[TallyStage]
    teams: list[TeamShares]
    clock_off: int | None = Field(description="Minutes the device's clock is ahead, if that is more than ten")


class UndoneTally(BaseModel):
    """A tally that was taken back."""

    id: UUID
    workshop_id: UUID


class JobStage(StageView):
    """A stage of a work order on the floor."""

    waiting: int
    rework: int
    good: int
    target: int
    actual: int
    gap: int


class JobCell(BaseModel):
    """A size and colour of a work order."""

    no: int
    size: str
    colour: str
    quantity: int


class JobView(BaseModel):
    """A work order that may be worked on."""

    id: UUID
    order_number: str
    product_name: str
    partner_name: str | None
    due_date: date
    state: str
    reason: str | None
    unit: str
    quantity: int
    finished: int
    cells: list[JobCell]
    defects: list[DefectView]
    stages: list[JobStage]


class ShiftPerson(PersonView):
    """Somebody on duty, with what is recorded in this shift."""

    good: int
    rework: int
    reject: int
    entries: int
    last_work_order_id: UUID | None = Field(description="Where they worked last in this workshop")
    last_stage_key: str | None


class ShiftEntry(BaseModel):
    """An entry of the shift."""

    id: UUID
    inmate_id: UUID
    work_order_id: UUID
    stage_id: UUID
    good: int
    rework: int
    reject: int
    defect: str | None
    from_rework: bool
    credited: int
    undone: bool
    team_id: UUID | None
    recorded_at: dt.datetime
    recorded_by: str


class TeamView(BaseModel):
    """A team's output with its shares."""

    key: SharingKey
    good: int
    rework: int
    reject: int
    work_order_id: UUID
    stage_no: int
    members: list[SharedPart]


class TallyView(BaseModel):
    """What was recorded together in the shift."""

    id: UUID
    recorded_at: dt.datetime
    recorded_by: str
    undone_at: dt.datetime | None
    entries: int
    teams: list[TeamView]


class ShiftView(SheetView):
    """A shift of a workshop: people, work, what is recorded."""

    people: list[ShiftPerson]  # type: ignore[assignment]
    others: list[ShiftPerson]  # type: ignore[assignment]
    not_recorded: list[UUID]
    jobs: list[JobView]
    entries: list[ShiftEntry]
    tallies: list[TallyView]


@routes.get("/tally", permission="output.read", answer=ShiftView)
def show_shift(store: Store, query: SheetQuery) -> dict[str, Any]:
    """Show a shift of a workshop: who is on duty, what may be worked on, what is recorded."""
    return queries.shift(store, workshop_id=query.workshop_id, work_date=query.work_date, shift=query.shift)


@routes.post("/tally", permission="output.record", creates="/tally/{id}", answer=TallyAnswer)
def record_tally(store: Store, body: TallyInput) -> dict[str, Any]:
    """Record what a shift of a workshop made, all of it or nothing."""
    command = body.command(new_id())
    tallied = handlers.record_tally(command, store)
    return {
        "id": command.id,
        "workshop_id": body.workshop_id,
        "entries": [n.__dict__ for n in tallied.entries],
        "stages": [
            {"work_order_id": work_order_id, "stage_id": stage_id, "state": s.state, **s.stage.__dict__}
            for work_order_id, stage_id, s in tallied.standings
        ],
        "teams": [
            {
                "id": team_id,
                "work_order_id": line.work_order_id,
                "stage_id": line.stage_id,
                "key": line.team.key,
                "members": [one.__dict__ for one in shared],
            }
            for line, team_id, shared in tallied.shares
        ],
        "clock_off": clock_off(body.device_time, store.at),
    }


@routes.post("/tally/<id>/undo", permission="output.record", answer=UndoneTally)
def undo_tally(store: Store, path: ById) -> dict[str, Any]:
    """Take back everything that was recorded together."""
    return {"id": path.id, "workshop_id": handlers.undo_tally(handlers.UndoTally(id=path.id), store)}
