"""Tools over HTTP."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.output.domain import Shift
from giatja_production.tools import handlers, queries
from giatja_production.tools.domain import Fate, Outcome, ToolState

routes = Routes("tools", tag="Alat")
_AT_ONCE = 100


class ToolsInput(Input):
    """Tools that differ in their code only."""

    codes: list[str] = Field(min_length=1, max_length=_AT_ONCE)
    name: str = Field(min_length=2, max_length=80)
    kind: str = Field(min_length=2, max_length=40)
    kit: str | None = Field(None, min_length=1, max_length=40)
    workshop_id: UUID
    dangerous: bool = False


class ToolChange(Input):
    """How a tool is described and where it belongs."""

    name: str = Field(min_length=2, max_length=80)
    kind: str = Field(min_length=2, max_length=40)
    kit: str | None = Field(None, min_length=1, max_length=40)
    workshop_id: UUID
    dangerous: bool


class RepairInput(Input):
    """Whether it goes to be repaired or comes back."""

    begins: bool
    note: str = Field("", max_length=300)


class HandedInput(Input):
    """One tool for one person: the tool by its id, or by its code as it is scanned or typed."""

    tool: UUID | str = Field(union_mode="left_to_right")
    inmate_id: UUID


class IssueInput(Input):
    """Tools for people in a shift of today."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    items: list[HandedInput] = Field(min_length=1, max_length=_AT_ONCE)


class ReturnInput(Input):
    """One tool that comes back; what is damaged needs a word."""

    issue_id: UUID
    damaged: bool = False
    note: str = Field("", max_length=300)


class ReturnsInput(Input):
    """Tools that come back."""

    returns: list[ReturnInput] = Field(min_length=1, max_length=_AT_ONCE)


class MissingInput(Input):
    """Tools that are not where they should be."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    tool_ids: list[UUID] = Field(min_length=1, max_length=_AT_ONCE)
    note: str = Field(min_length=5, max_length=1000)


class FateInput(Input):
    """What became of one tool."""

    tool_id: UUID
    outcome: Fate


class ResolveInput(Input):
    """What was found out."""

    findings: str = Field(min_length=10, max_length=2000)
    tools: list[FateInput] = Field(min_length=1, max_length=_AT_ONCE)


class IssueView(BaseModel):
    """An issue as it is shown."""

    id: UUID
    tool_id: UUID
    code: str
    name: str
    kind: str
    dangerous: bool
    inmate_id: UUID
    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    issued_at: datetime
    issued_by: str
    ended_at: datetime | None
    ended_by: str | None
    outcome: Outcome | None
    note: str | None


class ToolRow(BaseModel):
    """A tool as it is listed, with who has it now."""

    id: UUID
    code: str
    name: str
    kind: str
    kit: str | None
    workshop_id: UUID
    workshop_name: str
    dangerous: bool
    state: ToolState
    note: str
    issue_id: UUID | None
    inmate_id: UUID | None
    issued_for: date | None
    issued_shift: Shift | None
    issued_at: datetime | None
    used_in: UUID | None
    version: int


class ToolView(ToolRow):
    """A tool with its last issues."""

    issues: list[IssueView]


class ToolPage(BaseModel):
    """A page of tools."""

    items: list[ToolRow]
    next: str | None


class AddedTools(BaseModel):
    """What was added; ``id`` is the first."""

    id: UUID
    ids: list[UUID]


class IssuedTools(BaseModel):
    """The issues, in the sequence of the request; ``id`` is the first."""

    id: UUID
    ids: list[UUID]


class IssuePage(BaseModel):
    """A page of issues."""

    items: list[IssueView]
    next: str | None


class ReturnedTools(BaseModel):
    """How many came back."""

    returned: int


class CounterPerson(BaseModel):
    """Somebody who may be given a tool."""

    inmate_id: UUID
    placed: bool


class ToolCounts(BaseModel):
    """How many tools belong to a workshop, by where they are."""

    available: int
    out: int
    repair: int
    lost: int


class CounterView(BaseModel):
    """The counter of a workshop."""

    work_date: date
    shift: Shift
    people: list[CounterPerson]
    tools: list[ToolRow]
    ended: list[IssueView]
    counts: ToolCounts


class AlertTool(BaseModel):
    """A missing tool, with who had it if it was out."""

    tool_id: UUID
    code: str
    name: str
    dangerous: bool
    inmate_id: UUID | None
    issued_by: str | None
    issued_at: datetime | None
    outcome: Fate | None


class AlertView(BaseModel):
    """A security alert."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    note: str
    opened_at: datetime
    opened_by: str
    state: Literal["open", "resolved"]
    findings: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    tools: list[AlertTool]
    version: int


class AlertPage(BaseModel):
    """A page of alerts."""

    items: list[AlertView]
    next: str | None


class ToolSummary(BaseModel):
    """What is out now, what should have come back before today, and open alerts."""

    date: date
    out: int
    overdue: int
    alerts: list[AlertView]


class ToolsQuery(PageQuery):
    """How to narrow the list of tools."""

    search: str | None = Field(None, max_length=100)
    state: ToolState | None = None
    workshop_id: UUID | None = None
    dangerous: bool | None = None


class IssuesQuery(PageQuery):
    """How to narrow the list of issues."""

    work_date: date | None = None
    workshop_id: UUID | None = None
    inmate_id: UUID | None = None
    out: bool | None = None


class CounterQuery(Input):
    """Which counter, in which shift."""

    workshop_id: UUID
    shift: Shift


class AlertsQuery(PageQuery):
    """How to narrow the list of alerts."""

    state: Literal["open", "resolved"] | None = None


@routes.get("/tools", permission="tools.read", answer=ToolPage)
def list_tools(store: Store, query: ToolsQuery) -> dict[str, Any]:
    """List tools by code, each with who has it now."""
    return queries.tools(
        store,
        query,
        search=query.search,
        state=query.state,
        workshop_id=query.workshop_id,
        dangerous=query.dangerous,
    )


@routes.post("/tools", permission="tools.write", creates="/tools/{id}", answer=AddedTools)
def add_tools(store: Store, body: ToolsInput) -> dict[str, Any]:
    """Add tools that differ in their code only."""
    ids = [new_id() for _ in body.codes]
    handlers.add_tools(handlers.AddTools(ids=ids, **body.model_dump()), store)
    return {"id": ids[0], "ids": ids}


@routes.get("/tools/<id>", permission="tools.read", answer=ToolView)
def show_tool(store: Store, path: ById) -> dict[str, Any]:
    """Show one tool with its last issues."""
    return queries.tool(store, path.id)


@routes.patch("/tools/<id>", permission="tools.write", answer=ToolView)
def change_tool(store: Store, path: ById, version: int, body: ToolChange) -> dict[str, Any]:
    """Change how a tool is described and where it belongs."""
    handlers.change_tool(handlers.ChangeTool(id=path.id, version=version, **body.model_dump()), store)
    return queries.tool(store, path.id)


@routes.post("/tools/<id>/repair", permission="tools.write", updates=True, answer=ToolView)
def repair_tool(store: Store, path: ById, version: int, body: RepairInput) -> dict[str, Any]:
    """Take a tool out of use to be repaired, or back into use."""
    handlers.repair_tool(handlers.RepairTool(id=path.id, version=version, **body.model_dump()), store)
    return queries.tool(store, path.id)


@routes.get("/tool-summary", permission="tools.read", answer=ToolSummary)
def show_summary(store: Store) -> dict[str, Any]:
    """Show what is out now and which alerts are open."""
    return queries.summary(store)


@routes.get("/tool-counter", permission="tools.issue", answer=CounterView)
def show_counter(store: Store, query: CounterQuery) -> dict[str, Any]:
    """Show the counter of a workshop: its tools, who may be given one, what came back today."""
    return queries.counter(store, workshop_id=query.workshop_id, shift=query.shift)


@routes.get("/tool-issues", permission="tools.read", answer=IssuePage)
def list_issues(store: Store, query: IssuesQuery) -> dict[str, Any]:
    """List issues, the newest first."""
    return queries.issues(
        store,
        query,
        work_date=query.work_date,
        workshop_id=query.workshop_id,
        inmate_id=query.inmate_id,
        out=query.out,
    )


@routes.post("/tool-issues", permission="tools.issue", creates="/tool-issues/{id}", answer=IssuedTools)
def issue_tools(store: Store, body: IssueInput) -> dict[str, Any]:
    """Give tools to people for a shift of today, all of them or none."""
    command = handlers.IssueTools(
        workshop_id=body.workshop_id,
        work_date=body.work_date,
        shift=body.shift,
        handed=[handlers.Handed(tool=item.tool, inmate_id=item.inmate_id) for item in body.items],
        ids=[new_id() for _ in body.items],
    )
    handlers.issue_tools(command, store)
    return {"id": command.ids[0], "ids": command.ids}


@routes.post("/tool-issues/returns", permission="tools.issue", answer=ReturnedTools)
def return_tools(store: Store, body: ReturnsInput) -> dict[str, Any]:
    """Take tools back, all of them or none; a damaged one goes to be repaired."""
    returns = [
        handlers.Return(
            issue_id=r.issue_id,
            outcome=Outcome.DAMAGED if r.damaged else Outcome.GOOD,
            note=r.note or ("rusak" if r.damaged else ""),
        )
        for r in body.returns
    ]
    handlers.return_tools(handlers.ReturnTools(returns=returns), store)
    return {"returned": len(returns)}


@routes.get("/security-alerts", permission="tools.read", answer=AlertPage)
def list_alerts(store: Store, query: AlertsQuery) -> dict[str, Any]:
    """List security alerts, the newest first."""
    return queries.alerts(store, query, state=query.state)


@routes.post("/security-alerts", permission="tools.issue", creates="/security-alerts/{id}", answer=AlertView)
def report_missing(store: Store, body: MissingInput) -> dict[str, Any]:
    """Report tools missing, whether they are out or should lie in their place: a security alert."""
    command = handlers.ReportMissing(id=new_id(), **body.model_dump())
    handlers.report_missing(command, store)
    return queries.alert(store, command.id)


@routes.get("/security-alerts/<id>", permission="tools.read", answer=AlertView)
def show_alert(store: Store, path: ById) -> dict[str, Any]:
    """Show one alert."""
    return queries.alert(store, path.id)


@routes.post("/security-alerts/<id>/resolve", permission="tools.resolve", updates=True, answer=AlertView)
def resolve_alert(store: Store, path: ById, version: int, body: ResolveInput) -> dict[str, Any]:
    """Say what became of each missing tool; somebody else than who issued or reported it."""
    command = handlers.ResolveAlert(
        id=path.id, version=version, findings=body.findings, fates={t.tool_id: t.outcome for t in body.tools}
    )
    handlers.resolve_alert(command, store)
    return queries.alert(store, path.id)
