"""Workshops over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.web import ById, Input, Routes
from giatja_production.workshops import handlers, queries
from giatja_production.workshops.domain import Defect, StageDraft, templates

routes = Routes("workshops", tag="Unit kerja")
_KEY = r"^[a-z][a-z0-9_]*$"


class WorkshopInput(Input):
    """A workshop to begin from a template."""

    template: str = Field(max_length=40)
    name: str | None = Field(None, min_length=2, max_length=80)


class StageInput(Input):
    """One stage, in the order of the route."""

    key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field(min_length=1, max_length=60)
    unit: str = Field("pcs", min_length=1, max_length=20)
    standard_minutes: int = Field(ge=0, le=10_000)
    competence: str | None = Field(None, max_length=60, pattern=_KEY)
    counts_quality: bool = False


class DefectInput(Input):
    """One defect that is told apart."""

    key: str = Field(min_length=1, max_length=40, pattern=_KEY)
    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field(min_length=1, max_length=60)


class WorkshopChange(Input):
    """The name and the route; open work orders keep the route they began with."""

    name: str = Field(min_length=2, max_length=80)
    stages: list[StageInput] = Field(min_length=1, max_length=30)
    defects: list[DefectInput] = Field(min_length=1, max_length=60)


class TargetInput(Input):
    """The target of a month, any day of which names it."""

    month: date
    pieces: int = Field(ge=0, le=1_000_000)


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
    month_target: int | None
    version: int


class WorkshopRow(WorkshopView):
    """A workshop in the list, with how many work orders stand open in it."""

    open_work_orders: int


class TargetView(BaseModel):
    """The target of a month."""

    month: str
    pieces: int


class WorkshopDetail(WorkshopView):
    """A workshop with its targets."""

    targets: list[TargetView]


class WorkshopList(BaseModel):
    """All workshops of the Lapas."""

    items: list[WorkshopRow]


class TemplateView(BaseModel):
    """A template to begin a workshop from."""

    kind: str
    name: str
    name_en: str
    stages: list[str]


class TemplateList(BaseModel):
    """The templates that are shipped."""

    items: list[TemplateView]


@routes.get("/workshops", permission="workshops.read", answer=WorkshopList)
def list_workshops(store: Store) -> dict[str, Any]:
    """List the workshops of the Lapas."""
    return queries.workshops(store)


@routes.get("/workshop-templates", permission="workshops.read", answer=TemplateList)
def list_templates(store: Store) -> dict[str, Any]:
    """List the templates a workshop may begin from."""
    return {
        "items": [
            {"kind": t.kind, "name": t.name, "name_en": t.name_en, "stages": [s.name for s in t.stages]}
            for t in templates().values()
        ]
    }


@routes.get("/workshops/<id>", permission="workshops.read", answer=WorkshopDetail)
def show_workshop(store: Store, path: ById) -> dict[str, Any]:
    """Show one workshop."""
    return queries.workshop(store, path.id)


@routes.post("/workshops", permission="workshops.write", creates="/workshops/{id}", answer=WorkshopDetail)
def add_workshop(store: Store, body: WorkshopInput) -> dict[str, Any]:
    """Add a workshop from a template."""
    id_ = new_id()
    handlers.add_workshop(handlers.AddWorkshop(id=id_, template=body.template, name=body.name), store)
    return queries.workshop(store, id_)


@routes.patch("/workshops/<id>", permission="workshops.write", answer=WorkshopDetail)
def change_workshop(store: Store, path: ById, version: int, body: WorkshopChange) -> dict[str, Any]:
    """Change a workshop's name and route."""
    command = handlers.ChangeWorkshop(
        id=path.id,
        version=version,
        name=body.name,
        stages=[StageDraft(**s.model_dump()) for s in body.stages],
        defects=[Defect(**d.model_dump()) for d in body.defects],
    )
    handlers.change_workshop(command, store)
    return queries.workshop(store, path.id)


@routes.post("/workshops/<id>/targets", permission="workshops.write", updates=True, answer=WorkshopDetail)
def set_target(store: Store, path: ById, version: int, body: TargetInput) -> dict[str, Any]:
    """Set the target of a month."""
    command = handlers.SetTarget(workshop_id=path.id, version=version, month=body.month, pieces=body.pieces)
    handlers.set_target(command, store)
    return queries.workshop(store, path.id)
