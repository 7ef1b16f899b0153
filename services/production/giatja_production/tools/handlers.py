"""What may be asked for about tools: list them, give them out, take them back, say that one is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from giatja_kit.database import Store
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.tools.domain import (
    AlertUnknown,
    Fate,
    IssueAlreadyEnded,
    IssueDayNotToday,
    IssueUnknown,
    Outcome,
    SecurityAlert,
    Tool,
    ToolCodeTaken,
    ToolCodeUnknown,
    ToolRepeated,
    ToolUnknown,
    as_code,
)
from giatja_production.workers.domain import InmateUnknown, Worker
from giatja_production.workers.queries import PERMITTED
from giatja_production.workshops.domain import WorkshopUnknown


@dataclass(frozen=True, kw_only=True)
class AddTools:
    """Add tools that differ in their code only.

    :param ids: one for each code.
    """

    ids: Sequence[UUID]
    codes: Sequence[str]
    name: str
    kind: str
    kit: str | None
    workshop_id: UUID
    dangerous: bool


@dataclass(frozen=True, kw_only=True)
class ChangeTool:
    """Change how a tool is described and where it belongs."""

    id: UUID
    version: int
    name: str
    kind: str
    kit: str | None
    workshop_id: UUID
    dangerous: bool


@dataclass(frozen=True, kw_only=True)
class RepairTool:
    """Take a tool out of use, or back into use."""

    id: UUID
    version: int
    begins: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Handed:
    """One tool for one person; the tool is named by its id or by its code."""

    tool: UUID | str
    inmate_id: UUID


@dataclass(frozen=True, kw_only=True)
class IssueTools:
    """Give tools to people for a shift of today: all of them or none.

    :param ids: one for each of ``handed``.
    """

    workshop_id: UUID
    work_date: date
    shift: Shift
    handed: Sequence[Handed]
    ids: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class Return:
    """One tool that comes back, good or damaged."""

    issue_id: UUID
    outcome: Outcome
    note: str


@dataclass(frozen=True, kw_only=True)
class ReturnTools:
    """Take tools back: all of them or none."""

    returns: Sequence[Return]


@dataclass(frozen=True, kw_only=True)
class ReportMissing:
    """Say that tools are not where they should be: with whoever got them, or in their place."""

    id: UUID
    workshop_id: UUID
    work_date: date
    shift: Shift
    tool_ids: Sequence[UUID]
    note: str


@dataclass(frozen=True, kw_only=True)
class ResolveAlert:
    """Say what became of the missing tools."""

    id: UUID
    version: int
    findings: str
    fates: Mapping[UUID, Fate]


def add_tools(command: AddTools, store: Store) -> None:
    """Add tools to a workshop.

    :raises WorkshopUnknown, ToolRepeated, ToolCodeTaken:
    """
    _must_be_workshop(command.workshop_id, store)
    codes = [as_code(code) for code in command.codes]
    for nth, code in enumerate(codes):
        if code in codes[:nth]:
            raise ToolRepeated(field=f"/codes/{nth}", code=code)
    for nth, (id_, code) in enumerate(zip(command.ids, codes, strict=True)):
        # Of two clerks with one code the second waits here for the first, and is told so.
        added = store.run(
            "INSERT INTO tool (lapas_id, id, code, name, kind, kit, workshop_id, dangerous, state, note, version)"
            " VALUES (:lapas_id, :id, :code, :name, :kind, :kit, :workshop_id, :dangerous, 'available', '', 1)"
            " ON CONFLICT (lapas_id, code) DO NOTHING",
            {
                "lapas_id": store.lapas_id,
                "id": id_,
                "code": code,
                "name": command.name,
                "kind": command.kind,
                "kit": command.kit,
                "workshop_id": command.workshop_id,
                "dangerous": command.dangerous,
            },
        )
        if not added:
            raise ToolCodeTaken(field=f"/codes/{nth}", code=code)


def change_tool(command: ChangeTool, store: Store) -> None:
    """Change a tool.

    :raises ToolUnknown, Stale, WorkshopUnknown, ToolIsOut:
    """
    found = store.get(Tool, command.id, version=command.version, missing=ToolUnknown)
    _must_be_workshop(command.workshop_id, store)
    found.change(
        name=command.name,
        kind=command.kind,
        kit=command.kit,
        workshop_id=command.workshop_id,
        dangerous=command.dangerous,
    )


def repair_tool(command: RepairTool, store: Store) -> None:
    """Take a tool to be repaired, or back.

    :raises ToolUnknown, Stale, ToolIsOut, ToolNotUsable:
    """
    store.get(Tool, command.id, version=command.version, missing=ToolUnknown).repair(
        begins=command.begins, note=command.note
    )


def issue_tools(command: IssueTools, store: Store) -> None:
    """Give tools out; the tools are locked first, so that of two clerks with one tool one comes second.

    :raises WorkshopUnknown, IssueDayNotToday, ToolCodeUnknown, ToolRepeated, ToolAlreadyOut, ToolNotUsable:
    :raises InmateUnknown: and what else :meth:`Worker.must_be_allowed_on` refuses, naming the entry.
    """
    _must_be_workshop(command.workshop_id, store)
    day = today(store)
    if command.work_date != day:
        raise IssueDayNotToday(field="/work_date", today=str(day), work_date=str(command.work_date))
    tools = _lock_named(command.handed, store)
    people = _people(command, store)
    since = _out_since([t.id for t in tools], store)
    for nth, (tool, handed) in enumerate(zip(tools, command.handed, strict=True)):
        worker = people.get(handed.inmate_id)
        if worker is None:
            raise InmateUnknown(field=f"/items/{nth}/inmate_id")
        worker.must_be_allowed_on(day, field=f"/items/{nth}/inmate_id")
        tool.issue(field=f"/items/{nth}/tool", since=since.get(tool.id))
    store.run(
        "INSERT INTO tool_issue (lapas_id, id, tool_id, inmate_id, workshop_id, work_date, shift, issued_at, issued_by)"
        " VALUES (:lapas_id, :id, :tool_id, :inmate_id, :workshop_id, :work_date, :shift, :at, :by)",
        [
            {
                "lapas_id": store.lapas_id,
                "id": id_,
                "tool_id": tool.id,
                "inmate_id": handed.inmate_id,
                "workshop_id": command.workshop_id,
                "work_date": day,
                "shift": command.shift.value,
                "at": store.at,
                "by": store.actor,
            }
            for id_, tool, handed in zip(command.ids, tools, command.handed, strict=True)
        ],
    )


def return_tools(command: ReturnTools, store: Store) -> None:
    """Take tools back; a damaged one goes to be repaired.

    :raises IssueUnknown, IssueAlreadyEnded:
    """
    by_issue = {r.issue_id: r for r in command.returns}
    tools = _lock_issued(list(by_issue), store)
    for issue_id, tool in tools.items():
        tool.come_back(by_issue[issue_id].outcome)
        if by_issue[issue_id].outcome is Outcome.DAMAGED:
            tool.note = by_issue[issue_id].note
    _end([(r.issue_id, r.outcome, r.note) for r in by_issue.values()], store)


def report_missing(command: ReportMissing, store: Store) -> None:
    """Raise a security alert about tools that did not come back or are not in their place.

    They are lost from now on, so that the shift can close; the alert stays until it is resolved.

    :raises WorkshopUnknown, ToolUnknown, ToolAlreadyMissing:
    """
    _must_be_workshop(command.workshop_id, store)
    tools = _lock(list(dict.fromkeys(command.tool_ids)), store)
    issued = {
        row["tool_id"]: row["id"]
        for row in store.rows(
            "SELECT id, tool_id FROM tool_issue WHERE lapas_id = :lapas_id AND tool_id = ANY (:ids)"
            " AND ended_at IS NULL",
            lapas_id=store.lapas_id,
            ids=[t.id for t in tools],
        )
    }
    for tool in tools:
        tool.go_missing()
    _end([(issue_id, Outcome.MISSING, command.note) for issue_id in issued.values()], store)
    store.add(
        SecurityAlert(
            lapas_id=store.lapas_id,
            id=command.id,
            workshop_id=command.workshop_id,
            work_date=command.work_date,
            shift=command.shift.value,
            note=command.note,
            opened_at=store.at,
            opened_by=store.actor,
        )
    )
    store.run(
        "INSERT INTO security_alert_tool (lapas_id, alert_id, tool_id, issue_id)"
        " VALUES (:lapas_id, :alert_id, :tool_id, :issue_id)",
        [
            {"lapas_id": store.lapas_id, "alert_id": command.id, "tool_id": t.id, "issue_id": issued.get(t.id)}
            for t in tools
        ],
    )
    store.audit("tools.alert", command.id, tools=[t.code for t in tools])


def resolve_alert(command: ResolveAlert, store: Store) -> None:
    """Settle an alert; found tools can be used again.

    :raises AlertUnknown, Stale, AlertAlreadyResolved, AlertOfOneself, AlertOutcomeMissing:
    """
    alert = store.get(SecurityAlert, command.id, version=command.version, missing=AlertUnknown)
    rows = store.rows(
        "SELECT m.tool_id, i.issued_by FROM security_alert_tool m"
        " LEFT JOIN tool_issue i ON i.lapas_id = m.lapas_id AND i.id = m.issue_id"
        " WHERE m.lapas_id = :lapas_id AND m.alert_id = :id",
        lapas_id=store.lapas_id,
        id=alert.id,
    )
    alert.resolve(
        findings=command.findings,
        fates=list(command.fates),
        tools=[r["tool_id"] for r in rows],
        issued_by=[r["issued_by"] for r in rows if r["issued_by"]],
        by=store.actor,
        at=store.at,
    )
    for tool in _lock(list(command.fates), store):
        tool.turn_up(command.fates[tool.id])
    store.run(
        "UPDATE security_alert_tool SET outcome = :outcome"
        " WHERE lapas_id = :lapas_id AND alert_id = :alert_id AND tool_id = :tool_id",
        [
            {"lapas_id": store.lapas_id, "alert_id": alert.id, "tool_id": tool_id, "outcome": fate.value}
            for tool_id, fate in command.fates.items()
        ],
    )
    store.audit("tools.resolve", alert.id, fates={str(k): v.value for k, v in command.fates.items()})


def _must_be_workshop(id_: UUID, store: Store) -> None:
    if not store.value(
        "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND id = :id", lapas_id=store.lapas_id, id=id_
    ):
        raise WorkshopUnknown(field="/workshop_id")


def _lock(ids: Sequence[UUID], store: Store) -> list[Tool]:
    """Load and lock tools, always in the same sequence; return them in the sequence asked for."""
    store.flush()
    tool: Any = Tool
    query = select(tool).where(tool.lapas_id == store.lapas_id, tool.id.in_(ids)).order_by(tool.id).with_for_update()
    found = {t.id: t for t in store.session.scalars(query.execution_options(populate_existing=True))}
    missing = next((i for i in ids if i not in found), None)
    if missing is not None:
        raise ToolUnknown(id=missing)
    return [found[i] for i in ids]


def _lock_named(handed: Sequence[Handed], store: Store) -> list[Tool]:
    codes = [as_code(h.tool) for h in handed if isinstance(h.tool, str)]
    ids: dict[str, UUID] = {
        row["code"]: row["id"]
        for row in store.rows(
            "SELECT id, code FROM tool WHERE lapas_id = :lapas_id AND code = ANY (:codes)",
            lapas_id=store.lapas_id,
            codes=codes,
        )
    }
    wanted: list[UUID] = []
    for nth, one in enumerate(handed):
        named = ids.get(as_code(one.tool)) if isinstance(one.tool, str) else one.tool
        if named is None:
            raise ToolCodeUnknown(field=f"/items/{nth}/tool", code=as_code(str(one.tool)))
        if named in wanted:
            raise ToolRepeated(field=f"/items/{nth}/tool", code=one.tool)
        wanted.append(named)
    return _lock(wanted, store)


def _lock_issued(issue_ids: Sequence[UUID], store: Store) -> dict[UUID, Tool]:
    """Load and lock the tools of issues, each of which must still be open once its tool is locked."""
    asked = (
        "SELECT i.id, i.tool_id, i.ended_at, t.code FROM tool_issue i"
        " JOIN tool t ON t.lapas_id = i.lapas_id AND t.id = i.tool_id"
        " WHERE i.lapas_id = :lapas_id AND i.id = ANY (:ids)"
    )
    before = {r["id"]: r for r in store.rows(asked, lapas_id=store.lapas_id, ids=list(issue_ids))}
    missing = next((i for i in issue_ids if i not in before), None)
    if missing is not None:
        raise IssueUnknown(id=missing)
    tools = _lock([before[i]["tool_id"] for i in issue_ids], store)
    for row in store.rows(asked, lapas_id=store.lapas_id, ids=list(issue_ids)):
        if row["ended_at"] is not None:
            raise IssueAlreadyEnded(code=row["code"], ended_at=row["ended_at"].isoformat())
    return dict(zip(issue_ids, tools, strict=True))


def _end(ended: Sequence[tuple[UUID, Outcome, str]], store: Store) -> None:
    store.run(
        "UPDATE tool_issue SET ended_at = :at, ended_by = :by, outcome = :outcome, note = :note"
        " WHERE lapas_id = :lapas_id AND id = :id AND ended_at IS NULL",
        [
            {
                "lapas_id": store.lapas_id,
                "id": issue_id,
                "outcome": outcome.value,
                "note": note or None,
                "at": store.at,
                "by": store.actor,
            }
            for issue_id, outcome, note in ended
        ],
    )


def _out_since(ids: Sequence[UUID], store: Store) -> dict[UUID, datetime]:
    rows = store.rows(
        "SELECT tool_id, issued_at FROM tool_issue WHERE lapas_id = :lapas_id AND tool_id = ANY (:ids)"
        " AND ended_at IS NULL",
        lapas_id=store.lapas_id,
        ids=list(ids),
    )
    return {r["tool_id"]: r["issued_at"] for r in rows}


def _people(command: IssueTools, store: Store) -> dict[UUID, Worker]:
    rows = store.rows(
        f"SELECT w.inmate_id, w.adult_on, w.fitness, w.left_on, {PERMITTED} AS permitted FROM worker w"  # noqa: S608 - a constant
        " WHERE w.lapas_id = :lapas_id AND w.inmate_id = ANY (:ids)",
        lapas_id=store.lapas_id,
        ids=list({h.inmate_id for h in command.handed}),
        work_date=command.work_date,
    )
    return {r["inmate_id"]: Worker(**r) for r in rows}
