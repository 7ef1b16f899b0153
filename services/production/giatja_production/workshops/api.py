"""Workshops over HTTP: routes in versions, defects, targets, machines."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.web import ById, Input, Routes
from giatja_production.workshops import handlers, queries
from giatja_production.workshops.domain import Defect, StageDraft, templates

routes = Routes("workshops", tag="Unit kerja")
_KEY = r"^[a-z][a-z0-9_]*$"
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=60)]


class WorkshopInput(Input):
    """A workshop to begin from a template, or as another workshop is now.

    With a kind of its own it takes orders of that kind.
    """

    template: str | None = Field(None, max_length=40)
    copy_of: UUID | None = None
    kind: str | None = Field(None, min_length=2, max_length=40, pattern=_KEY)
    name: Line | None = Field(None, min_length=2, max_length=80)


class StageInput(Input):
    """One stage, in the order of the route."""

    key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    name: Line = Field(min_length=1, max_length=60)
    name_en: Line | None = Field(None, max_length=60, description="Without one it is the name")
    unit: Line = Field("pcs", min_length=1, max_length=20)
    standard_minutes: int = Field(ge=0, le=10_000)
    competence: str | None = Field(None, max_length=60, pattern=_KEY)
    counts_quality: bool = False
    hazards: list[Word] = Field([], max_length=20)
    gear: list[Word] = Field([], max_length=20)

    def draft(self) -> StageDraft:
        """Return it as the domain takes it, each word once."""
        return StageDraft(
            key=self.key,
            name=self.name,
            name_en=self.name_en or self.name,
            unit=self.unit,
            standard_minutes=self.standard_minutes,
            competence=self.competence,
            counts_quality=self.counts_quality,
            hazards=tuple(dict.fromkeys(self.hazards)),
            gear=tuple(dict.fromkeys(self.gear)),
        )


class DefectInput(Input):
    """One defect that is told apart."""

    key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    name: Line = Field(min_length=1, max_length=60)
    name_en: Line | None = Field(None, max_length=60, description="Without one it is the name")


class WorkshopChange(Input):
    """The name, the stages and the defects; what is left out stays.

    Open work orders keep the stages they began with. A defect that is not in the list is retired.
    """

    name: Line | None = Field(None, min_length=2, max_length=80)
    stages: list[StageInput] | None = Field(None, min_length=1, max_length=30)
    defects: list[DefectInput] | None = Field(None, min_length=1, max_length=60)


class RouteInput(Input):
    """The stages a route might have."""

    stages: list[StageInput] = Field(min_length=1, max_length=30)


class TargetInput(Input):
    """The target of a month, any day of which names it."""

    month: date
    pieces: int = Field(ge=0, le=1_000_000)


class Nothing(Input):
    """No more is needed."""


class MachineInput(Input):
    """A machine of a workshop."""

    workshop_id: UUID
    name: Line = Field(min_length=1, max_length=80)
    stage_key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    capacity_minutes_per_day: int = Field(ge=1, le=1440)


class MachineChange(Input):
    """What is corrected of a machine."""

    name: Line = Field(min_length=1, max_length=80)
    stage_key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    capacity_minutes_per_day: int = Field(ge=1, le=1440)
    active: bool = True


class DowntimeInput(Input):
    """Why a machine does not run, and since when; by default since now."""

    reason: Line = Field(min_length=2, max_length=200)
    starts_at: AwareDatetime | None = None


class RunningInput(Input):
    """Since when it runs again; by default since now."""

    ends_at: AwareDatetime | None = None


class StageView(BaseModel):
    """A stage as it is shown."""

    id: UUID
    no: int
    key: str
    name: str
    name_en: str
    unit: str
    standard_minutes: int
    competence: str | None
    counts_quality: bool
    hazards: list[str]
    gear: list[str]


class DefectView(BaseModel):
    """A defect as it is shown."""

    key: str
    name: str
    name_en: str


class WorkshopView(BaseModel):
    """A workshop as it is shown."""

    id: UUID
    kind: str
    name: str
    stages: list[StageView]
    defects: list[DefectView]
    retired_defects: list[DefectView]
    route_version: int
    closed_on: date | None
    month_target: int | None
    open_work_orders: int
    machines: int
    machines_down: int
    version: int


class TargetView(BaseModel):
    """The target of a month."""

    month: str
    pieces: int


class WorkshopDetail(WorkshopView):
    """A workshop with its targets."""

    targets: list[TargetView]


class WorkshopQuery(Input):
    """Which workshops to list."""

    closed: bool = Field(False, description="With those that are closed")


class WorkshopList(BaseModel):
    """The workshops of the Lapas."""

    items: list[WorkshopView]


class TemplateView(BaseModel):
    """A template to begin a workshop from."""

    kind: str
    name: str
    name_en: str
    stages: list[str]


class TemplateList(BaseModel):
    """The templates that are shipped."""

    items: list[TemplateView]


class Named(BaseModel):
    """A hazard or a piece of gear; a free word is its own key."""

    key: str
    name: str
    name_en: str


class ListsView(BaseModel):
    """What a stage may name."""

    hazards: list[Named]
    gear: list[Named]
    competences: list[str]
    units: list[str]


class VersionRow(BaseModel):
    """A version of a route in the list."""

    version_no: int
    valid_from: date
    changed_by: str
    changed_at: datetime
    stages: int
    current: bool
    open_work_orders: int


class VersionList(BaseModel):
    """The versions of a route, the newest first."""

    items: list[VersionRow]


class DifferenceView(BaseModel):
    """One thing in which two routes differ: `added`, `removed`, `moved`, or `changed` with its field."""

    kind: str
    key: str
    name: str
    name_en: str
    field: str | None
    before: Any
    after: Any


class VersionView(BaseModel):
    """One version of a route, and in what it differs from another."""

    version_no: int
    valid_from: date
    changed_by: str
    changed_at: datetime
    stages: list[StageView]
    against: int | None
    differences: list[DifferenceView]


class VersionPath(ById):
    """One version of a workshop's route."""

    version_no: int = Field(ge=1, le=1_000_000)


class VersionQuery(Input):
    """What to compare with, by default the version before."""

    against: int | None = Field(None, ge=1, le=1_000_000)


class FollowersView(BaseModel):
    """How many open work orders follow a version."""

    version_no: int
    work_orders: int


class PreviewView(BaseModel):
    """What a change of a route would change, and for whom."""

    differences: list[DifferenceView]
    version_no: int
    followers: list[FollowersView]


class DownView(BaseModel):
    """Since when and why a machine is down."""

    id: UUID
    starts_at: datetime
    reason: str
    reported_by: str


class MachineView(BaseModel):
    """A machine; how long it was down in the last 30 days."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    name: str
    stage_key: str
    stage_name: str | None
    stage_name_en: str | None
    capacity_minutes_per_day: int
    active: bool
    down: DownView | None
    down_minutes: int
    version: int


class DowntimeView(BaseModel):
    """A time in which a machine did not run."""

    id: UUID
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    reported_by: str
    ended_by: str | None


class MachineDetail(MachineView):
    """A machine with its downtimes, the newest first."""

    downtimes: list[DowntimeView]


class MachineList(BaseModel):
    """Machines, those that are down first."""

    items: list[MachineView]


class MachineQuery(Input):
    """Which machines to list."""

    workshop_id: UUID | None = None
    down: bool | None = None


@routes.get("/workshops", permission="workshops.read", answer=WorkshopList)
def list_workshops(store: Store, query: WorkshopQuery) -> dict[str, Any]:
    """List the workshops of the Lapas."""
    return queries.workshops(store, closed=query.closed)


@routes.get("/workshop-templates", permission="workshops.read", answer=TemplateList)
def list_templates(store: Store) -> dict[str, Any]:
    """List the templates a workshop may begin from."""
    return {
        "items": [
            {"kind": t.kind, "name": t.name, "name_en": t.name_en, "stages": [s.name for s in t.stages]}
            for t in templates().values()
        ]
    }


@routes.get("/workshop-lists", permission="workshops.read", answer=ListsView)
def show_lists(store: Store) -> dict[str, Any]:
    """Show what a stage may name: hazards, protective gear, competences, units."""
    return queries.lists(store)


@routes.get("/workshops/<id>", permission="workshops.read", answer=WorkshopDetail)
def show_workshop(store: Store, path: ById) -> dict[str, Any]:
    """Show one workshop."""
    return queries.workshop(store, path.id)


@routes.post("/workshops", permission="workshops.write", creates="/workshops/{id}", answer=WorkshopDetail)
def add_workshop(store: Store, body: WorkshopInput) -> dict[str, Any]:
    """Add a workshop from a template, or as another one is now."""
    id_ = new_id()
    command = handlers.AddWorkshop(id=id_, template=body.template, copy_of=body.copy_of, kind=body.kind, name=body.name)
    handlers.add_workshop(command, store)
    return queries.workshop(store, id_)


@routes.patch("/workshops/<id>", permission="workshops.write", answer=WorkshopDetail)
def change_workshop(store: Store, path: ById, version: int, body: WorkshopChange) -> dict[str, Any]:
    """Change a workshop's name, its route (the next version of it), or its defects."""
    command = handlers.ChangeWorkshop(
        id=path.id,
        version=version,
        name=body.name,
        stages=None if body.stages is None else [s.draft() for s in body.stages],
        defects=None
        if body.defects is None
        else [Defect(key=d.key, name=d.name, name_en=d.name_en or d.name) for d in body.defects],
    )
    handlers.change_workshop(command, store)
    return queries.workshop(store, path.id)


@routes.ask("/workshops/<id>/route-preview", permission="workshops.write", answer=PreviewView)
def preview_route(store: Store, path: ById, body: RouteInput) -> dict[str, Any]:
    """Show what other stages would change and which work orders keep theirs, without changing anything."""
    told = handlers.preview_route(path.id, [s.draft() for s in body.stages], store)
    known = queries.workshop(store, path.id)
    return {
        "differences": queries.difference_rows(told),
        "version_no": known["route_version"] + 1,
        "followers": queries.open_by_version(store, path.id),
    }


@routes.get("/workshops/<id>/routes", permission="workshops.read", answer=VersionList)
def list_routes(store: Store, path: ById) -> dict[str, Any]:
    """List the versions of a workshop's route, the newest first."""
    return queries.routes(store, path.id)


@routes.get("/workshops/<id>/routes/<version_no>", permission="workshops.read", answer=VersionView)
def show_route(store: Store, path: VersionPath, query: VersionQuery) -> dict[str, Any]:
    """Show one version of a route and in what it differs from another."""
    return queries.route(store, path.id, path.version_no, against=query.against)


@routes.post("/workshops/<id>/targets", permission="workshops.write", updates=True, answer=WorkshopDetail)
def set_target(store: Store, path: ById, version: int, body: TargetInput) -> dict[str, Any]:
    """Set the target of a month."""
    command = handlers.SetTarget(workshop_id=path.id, version=version, month=body.month, pieces=body.pieces)
    handlers.set_target(command, store)
    return queries.workshop(store, path.id)


@routes.post("/workshops/<id>/close", permission="workshops.write", updates=True, answer=WorkshopDetail)
def close_workshop(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Close a workshop in which nothing is open."""
    handlers.close_workshop(handlers.CloseWorkshop(id=path.id, version=version), store)
    return queries.workshop(store, path.id)


@routes.post("/workshops/<id>/reopen", permission="workshops.write", updates=True, answer=WorkshopDetail)
def reopen_workshop(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Open a closed workshop again."""
    handlers.reopen_workshop(handlers.CloseWorkshop(id=path.id, version=version), store)
    return queries.workshop(store, path.id)


@routes.get("/machines", permission="workshops.read", answer=MachineList)
def list_machines(store: Store, query: MachineQuery) -> dict[str, Any]:
    """List the machines, those that are down first."""
    return queries.machines(store, workshop_id=query.workshop_id, down=query.down)


@routes.get("/machines/<id>", permission="workshops.read", answer=MachineDetail)
def show_machine(store: Store, path: ById) -> dict[str, Any]:
    """Show one machine with its downtimes."""
    return queries.machine(store, path.id)


@routes.post("/machines", permission="workshops.write", creates="/machines/{id}", answer=MachineDetail)
def add_machine(store: Store, body: MachineInput) -> dict[str, Any]:
    """Add a machine to a workshop."""
    id_ = new_id()
    content = handlers.MachineContent(
        name=body.name, stage_key=body.stage_key, capacity_minutes_per_day=body.capacity_minutes_per_day
    )
    handlers.add_machine(handlers.AddMachine(id=id_, workshop_id=body.workshop_id, content=content), store)
    return queries.machine(store, id_)


@routes.patch("/machines/<id>", permission="workshops.write", answer=MachineDetail)
def change_machine(store: Store, path: ById, version: int, body: MachineChange) -> dict[str, Any]:
    """Correct a machine, or take it out of use."""
    content = handlers.MachineContent(
        name=body.name, stage_key=body.stage_key, capacity_minutes_per_day=body.capacity_minutes_per_day
    )
    command = handlers.ChangeMachine(id=path.id, version=version, content=content, active=body.active)
    handlers.change_machine(command, store)
    return queries.machine(store, path.id)


@routes.post("/machines/<id>/downtimes", permission="machines.report", creates="/machines/{id}", answer=MachineDetail)
def report_downtime(store: Store, path: ById, body: DowntimeInput) -> dict[str, Any]:
    """Report that a machine does not run."""
    command = handlers.ReportDowntime(id=new_id(), machine_id=path.id, reason=body.reason, starts_at=body.starts_at)
    handlers.report_downtime(command, store)
    return queries.machine(store, path.id)


@routes.post("/machines/<id>/running", permission="machines.report", answer=MachineDetail)
def end_downtime(store: Store, path: ById, body: RunningInput) -> dict[str, Any]:
    """Report that a machine runs again."""
    handlers.end_downtime(handlers.EndDowntime(machine_id=path.id, ends_at=body.ends_at), store)
    return queries.machine(store, path.id)
