"""Competences over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.web import ById, Input, Routes
from giatja_training.competences import handlers, queries
from giatja_training.competences.domain import Competence

routes = Routes("competences", tag="Kompetensi")

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]


class CompetenceInput(Input):
    """Something that can be learned."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")
    name: Line = Field(min_length=2, max_length=80)
    name_en: Line = Field(min_length=2, max_length=80)
    workshop_kind: Line = Field("", max_length=60)


class AwardInput(Input):
    """Which competence, and when it was found."""

    competence: str = Field(min_length=1, max_length=60)
    awarded_on: date = Field(ge=date(1900, 1, 1))
    note: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)] = ""


class CompetenceView(BaseModel):
    """A competence of the catalogue."""

    key: str
    name: str
    name_en: str
    workshop_kind: str
    active: bool
    holders: int


class Catalogue(BaseModel):
    """The catalogue of a Lapas."""

    items: list[CompetenceView]


class AwardView(BaseModel):
    """A competence of an inmate."""

    competence: str
    name: str
    name_en: str
    workshop_kind: str
    awarded_on: date
    awarded_by: str
    note: str


class Awards(BaseModel):
    """The competences of one inmate."""

    inmate_id: UUID
    items: list[AwardView]


@routes.get("/competences", permission="inmates.read", answer=Catalogue)
def list_competences(store: Store) -> dict[str, Any]:
    """List what can be learned at this Lapas."""
    return {"items": queries.catalogue(store)}


@routes.post("/competences", permission="competences.award", creates="/competences", answer=Catalogue)
def add_competence(store: Store, body: CompetenceInput) -> dict[str, Any]:
    """Add something that can be learned here."""
    handlers.add_competence(handlers.AddCompetence(competence=Competence(**body.model_dump())), store)
    return {"items": queries.catalogue(store)}


@routes.get("/inmates/<id>/competences", permission="inmates.read", answer=Awards)
def list_awards(store: Store, path: ById) -> dict[str, Any]:
    """List what an inmate was found competent in."""
    return {"inmate_id": path.id, "items": queries.awards_of(store, path.id)}


@routes.post(
    "/inmates/<id>/competences",
    permission="competences.award",
    creates="/inmates/{inmate_id}/competences",
    answer=Awards,
)
def award_competence(store: Store, path: ById, body: AwardInput) -> dict[str, Any]:
    """Find an inmate competent."""
    handlers.award_competence(
        handlers.AwardCompetence(
            inmate_id=path.id, competence=body.competence, awarded_on=body.awarded_on, note=body.note
        ),
        store,
    )
    return {"inmate_id": path.id, "items": queries.awards_of(store, path.id)}
