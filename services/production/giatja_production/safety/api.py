"""Safety over HTTP."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.output.domain import Shift
from giatja_production.safety import handlers, queries
from giatja_production.safety.domain import Kind, Severity

routes = Routes("safety", tag="K3")


class IncidentInput(Input):
    """What happened; its words name nobody."""

    kind: Kind
    severity: Severity
    workshop_id: UUID
    stage_key: str | None = Field(None, max_length=40)
    machine_id: UUID | None = None
    happened_at: AwareDatetime
    what: str = Field(min_length=10, max_length=4000)
    first_aid: str = Field("", max_length=1000)
    injured: list[UUID] = Field(default_factory=list, max_length=50)


class FollowUpInput(Input):
    """What is to be done, by whom, until when."""

    action: str = Field(min_length=5, max_length=500)
    responsible: str = Field(min_length=2, max_length=120)
    due_date: date


class DoneInput(Input):
    """What came of it."""

    result: str = Field(min_length=5, max_length=500)


class GearItem(Input):
    """A piece of gear and how many are missing."""

    gear: str = Field(min_length=1, max_length=60)
    missing: int = Field(ge=0, le=1000)


class GearInput(Input):
    """A check of the gear of a shift."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    items: list[GearItem] = Field(min_length=1, max_length=60)
    note: str = Field("", max_length=500)


class IncidentRow(BaseModel):
    """A report in the list."""

    id: UUID
    kind: Kind
    severity: Severity
    workshop_id: UUID
    workshop_name: str
    workshop_kind: str
    stage_key: str | None
    stage_name: str | None
    stage_name_en: str | None
    machine_id: UUID | None
    machine_name: str | None
    happened_at: AwareDatetime
    happened_on: date
    what: str
    first_aid: str
    reported_at: AwareDatetime
    reported_by: str
    injured_count: int
    follow_ups: int
    follow_ups_open: int
    follow_ups_overdue: int


class FollowUpView(BaseModel):
    """A follow-up as it is shown."""

    id: UUID
    incident_id: UUID
    action: str
    responsible: str
    due_date: date
    asked_at: AwareDatetime
    asked_by: str
    result: str | None
    done_at: AwareDatetime | None
    done_by: str | None
    overdue: bool


class IncidentView(IncidentRow):
    """A report with who was hurt and what is done about it."""

    injured: list[UUID]
    actions: list[FollowUpView]


class IncidentPage(BaseModel):
    """A page of reports."""

    items: list[IncidentRow]
    next: str | None


class MonthCount(BaseModel):
    """What was reported of a month."""

    month: str
    incidents: int
    near_misses: int


class GearMissing(BaseModel):
    """How much gear was missing at the newest check of a shift today."""

    workshop_id: UUID
    workshop_name: str
    shift: Shift
    missing: int


class SafetySummary(BaseModel):
    """How safe it was."""

    date: date
    days_without: int | None
    months: list[MonthCount]
    follow_ups: list[FollowUpView]
    gear: list[GearMissing]


class GearWanted(BaseModel):
    """A piece of gear, and the stages that ask for it."""

    gear: str
    stages: list[str]


class GearFound(BaseModel):
    """A piece of gear at a check."""

    gear: str
    missing: int


class GearCheckView(BaseModel):
    """A check of the gear."""

    id: UUID
    note: str
    checked_at: AwareDatetime
    checked_by: str
    items: list[GearFound]


class GearView(BaseModel):
    """The gear of a workshop in a shift."""

    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    gear: list[GearWanted]
    checks: list[GearCheckView]


class CheckedGear(BaseModel):
    """The check that was kept."""

    id: UUID


class IncidentsQuery(PageQuery):
    """How to narrow the list of reports."""

    kind: Kind | None = None
    severity: Severity | None = None
    workshop_id: UUID | None = None
    first: date | None = None
    last: date | None = None
    follow_up: Literal["open", "overdue", "none"] | None = None
    search: str | None = Field(None, max_length=100)


class GearQuery(Input):
    """Which shift of which workshop."""

    workshop_id: UUID
    work_date: date
    shift: Shift


@routes.get("/incidents", permission="safety.read", answer=IncidentPage)
def list_incidents(store: Store, query: IncidentsQuery) -> dict[str, Any]:
    """List reports, the newest first."""
    return queries.incidents(
        store,
        query,
        kind=query.kind,
        severity=query.severity,
        workshop_id=query.workshop_id,
        first=query.first,
        last=query.last,
        follow_up=query.follow_up,
        search=query.search,
    )


@routes.post("/incidents", permission="safety.report", creates="/incidents/{id}", answer=IncidentView)
def report_incident(store: Store, body: IncidentInput) -> dict[str, Any]:
    """Report an incident or a near miss."""
    command = handlers.ReportIncident(id=new_id(), **body.model_dump())
    handlers.report_incident(command, store)
    return queries.incident(store, command.id)


@routes.get("/incidents/<id>", permission="safety.read", answer=IncidentView)
def show_incident(store: Store, path: ById) -> dict[str, Any]:
    """Show one report."""
    return queries.incident(store, path.id)


@routes.post("/incidents/<id>/follow-ups", permission="safety.follow", creates="/incidents/{id}", answer=IncidentView)
def ask_follow_up(store: Store, path: ById, body: FollowUpInput) -> dict[str, Any]:
    """Have something done about what happened."""
    handlers.ask_follow_up(handlers.AskFollowUp(id=new_id(), incident_id=path.id, **body.model_dump()), store)
    return queries.incident(store, path.id)


@routes.post("/follow-ups/<id>/done", permission="safety.follow", answer=IncidentView)
def finish_follow_up(store: Store, path: ById, body: DoneInput) -> dict[str, Any]:
    """Say that a follow-up was done, and what came of it."""
    about = handlers.finish_follow_up(handlers.FinishFollowUp(id=path.id, result=body.result), store)
    return queries.incident(store, about)


@routes.get("/safety/summary", permission="safety.read", answer=SafetySummary)
def show_summary(store: Store) -> dict[str, Any]:
    """Show how safe it was and what is still to be done."""
    return queries.summary(store)


@routes.get("/gear", permission="safety.read", answer=GearView)
def show_gear(store: Store, query: GearQuery) -> dict[str, Any]:
    """Show the gear a workshop asks for, and what was missing in a shift."""
    return queries.gear(store, workshop_id=query.workshop_id, work_date=query.work_date, shift=query.shift)


@routes.post("/gear", permission="safety.report", creates="/gear?check={id}", answer=CheckedGear)
def check_gear(store: Store, body: GearInput) -> dict[str, Any]:
    """Say which gear is missing in a shift."""
    command = handlers.CheckGear(
        id=new_id(),
        workshop_id=body.workshop_id,
        work_date=body.work_date,
        shift=body.shift,
        items=[(i.gear, i.missing) for i in body.items],
        note=body.note,
    )
    handlers.check_gear(command, store)
    return {"id": command.id}
