"""Work permissions over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_training.permits import handlers, queries
from giatja_training.permits.domain import Decision, EndReason, PermitState

routes = Routes("permits", tag="Izin kerja")

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Note = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ProposalInput(Input):
    """A proposal: what is met already."""

    proposed_on: date = Field(ge=date(1900, 1, 1))
    done: list[Key] = Field(default_factory=list, max_length=50)
    note: Note = ""


class ChecklistInput(Input):
    """Which requirements are met now; the others are not."""

    done: list[Key] = Field(max_length=50)


class DecisionInput(Input):
    """What the hearing decided."""

    decision: Decision
    decided_on: date = Field(ge=date(1900, 1, 1))
    note: Note = ""


class DecreeInput(Input):
    """The SK."""

    sk_number: Line = Field(min_length=1, max_length=80)
    valid_from: date = Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))
    valid_until: date | None = Field(None, le=date(2200, 1, 1))


class EndInput(Input):
    """The last day, and why."""

    ended_on: date = Field(ge=date(1900, 1, 1))
    reason: EndReason
    note: Note = ""


class RequirementView(BaseModel):
    """One item of a checklist."""

    key: str
    name: str
    name_en: str
    done: bool = False


class PermitView(BaseModel):
    """A work permission with its history."""

    id: UUID
    inmate_id: UUID
    state: PermitState
    checklist: list[RequirementView]
    note: str
    proposed_on: date
    proposed_by: str
    decided_on: date | None
    decided_by: str | None
    decision_note: str
    sk_number: str | None
    valid_from: date | None
    valid_until: date | None
    issued_by: str | None
    ended_on: date | None
    end_reason: EndReason | None
    end_note: str
    ended_by: str | None
    version: int


class PermitsOfInmate(BaseModel):
    """All permissions of one inmate."""

    items: list[PermitView]


class PermitRow(BaseModel):
    """A permission in a list of what waits."""

    id: UUID
    inmate_id: UUID
    name: str
    register_number: str
    state: PermitState
    proposed_on: date
    decided_on: date | None
    sk_number: str | None
    valid_from: date | None
    valid_until: date | None
    version: int


class PermitPage(BaseModel):
    """A page of permissions."""

    items: list[PermitRow]
    next: str | None


class PermitQuery(PageQuery):
    """Which permissions."""

    state: PermitState = "proposed"


class Requirements(BaseModel):
    """The checklist of the Lapas."""

    items: list[RequirementView]


@routes.get("/requirements", permission="inmates.read", answer=Requirements)
def list_requirements(store: Store) -> dict[str, Any]:
    """List what the Lapas looks at before somebody may work."""
    return {"items": [vars(r) for r in queries.requirements_of_lapas(store)]}


@routes.get("/permits", permission="inmates.read", answer=PermitPage)
def list_permits(store: Store, query: PermitQuery) -> dict[str, Any]:
    """List the permissions in one state, e.g. those that wait for a decision."""
    return queries.permits(store, query, state=query.state)


@routes.get("/permits/<id>", permission="inmates.read", answer=PermitView)
def show_permit(store: Store, path: ById) -> dict[str, Any]:
    """Show one permission."""
    return queries.permit(store, path.id)


@routes.get("/inmates/<id>/permits", permission="inmates.read", answer=PermitsOfInmate)
def list_permits_of_inmate(store: Store, path: ById) -> dict[str, Any]:
    """List the permissions of one inmate."""
    return {"items": queries.permits_of(store, path.id)}


@routes.post("/inmates/<id>/permits", permission="permits.propose", creates="/permits/{id}", answer=PermitView)
def propose_permit(store: Store, path: ById, body: ProposalInput) -> dict[str, Any]:
    """Propose that somebody may work."""
    id_ = new_id()
    handlers.propose_permit(
        handlers.ProposePermit(id=id_, inmate_id=path.id, proposed_on=body.proposed_on, done=body.done, note=body.note),
        store,
    )
    return queries.permit(store, id_)


@routes.post("/permits/<id>/checklist", permission="permits.propose", updates=True, answer=PermitView)
def tick_requirements(store: Store, path: ById, version: int, body: ChecklistInput) -> dict[str, Any]:
    """Say which requirements are met."""
    handlers.tick_requirements(handlers.TickRequirements(id=path.id, version=version, done=body.done), store)
    return queries.permit(store, path.id)


@routes.post("/permits/<id>/decision", permission="permits.grant", updates=True, answer=PermitView)
def decide_permit(store: Store, path: ById, version: int, body: DecisionInput) -> dict[str, Any]:
    """Keep what the hearing decided; not by whoever proposed."""
    handlers.decide_permit(
        handlers.DecidePermit(
            id=path.id, version=version, decision=body.decision, decided_on=body.decided_on, note=body.note
        ),
        store,
    )
    return queries.permit(store, path.id)


@routes.post("/permits/<id>/issue", permission="permits.grant", updates=True, answer=PermitView)
def issue_permit(store: Store, path: ById, version: int, body: DecreeInput) -> dict[str, Any]:
    """Issue the SK; from then on the inmate may work."""
    handlers.issue_permit(
        handlers.IssuePermit(
            id=path.id,
            version=version,
            sk_number=body.sk_number,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
        ),
        store,
    )
    return queries.permit(store, path.id)


@routes.post("/permits/<id>/end", permission="permits.end", updates=True, answer=PermitView)
def end_permit(store: Store, path: ById, version: int, body: EndInput) -> dict[str, Any]:
    """End a permission; the day named is the last it covers."""
    handlers.end_permit(
        handlers.EndPermit(id=path.id, version=version, ended_on=body.ended_on, reason=body.reason, note=body.note),
        store,
    )
    return queries.permit(store, path.id)
