"""Placements over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.assignments import handlers, queries
from giatja_production.assignments.domain import EndReason
from giatja_production.workshops import queries as workshops
from giatja_production.workshops.api import WorkshopDetail

routes = Routes("assignments", tag="Penempatan")

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class PlacingInput(Input):
    """Whom to place where, from which day on."""

    workshop_id: UUID
    stage_key: Key | None = None
    inmate_ids: list[UUID] = Field(min_length=1, max_length=500)
    starts_on: date


class PlacementsInput(PlacingInput):
    """The same, and why, where a place or a competence is missing."""

    override_reason: Line | None = Field(None, min_length=5, max_length=300)


class EndingInput(Input):
    """Which placements end, on which last day, and why."""

    ids: list[UUID] = Field(min_length=1, max_length=500)
    ends_on: date
    reason: EndReason
    note: Line = Field("", max_length=300)


class UndoInput(Input):
    """Which placements of today to take back."""

    ids: list[UUID] = Field(min_length=1, max_length=500)


class PlacesInput(Input):
    """How many people there are places for; nothing takes as many as come."""

    places: int | None = Field(ge=0, le=5_000)


class PeopleInput(PageQuery):
    """How to narrow the people; ids come from a search by name, which production cannot do."""

    workshop_id: UUID | None = None
    stage_key: Key | None = None
    unplaced: bool = False
    blocked: bool | None = Field(None, description="`true`: placed, but may not work today")
    competence: Key | None = None
    ids: list[UUID] | None = Field(None, max_length=500)


class LeaversInput(Input):
    """Who would leave."""

    inmate_ids: list[UUID] = Field(max_length=500)


class RoomStage(BaseModel):
    """A stage with how many are placed at it."""

    key: str
    name: str
    name_en: str
    competence: str | None
    people: int


class Room(BaseModel):
    """A workshop with its people and places; ``blocked`` may not work today."""

    id: UUID
    name: str
    kind: str
    version: int
    places: int | None
    people: int
    blocked: int
    left: int | None
    hold_reason: str | None
    held_at: datetime | None
    stages: list[RoomStage]


class Rooms(BaseModel):
    """All workshops, and how many may work and are placed nowhere."""

    date: date
    items: list[Room]
    unplaced: int


class Person(BaseModel):
    """Somebody who may work or is placed, and where."""

    inmate_id: UUID
    fitness: str
    adult_on: date
    left_on: date | None
    placement_id: UUID | None
    workshop_id: UUID | None
    workshop_name: str | None
    stage_key: str | None
    stage_name: str | None
    stage_name_en: str | None
    starts_on: date | None
    ends_on: date | None
    overridden: list[str] | None
    override_reason: str | None
    allowed: bool
    permitted: bool
    permitted_until: date | None
    competences: list[str]
    last_worked: date | None


class PeoplePage(BaseModel):
    """A page of people."""

    items: list[Person]
    next: str | None


class Placed(BaseModel):
    """The placements that were made."""

    ids: list[UUID]


class Obstacle(BaseModel):
    """What forbids it, in both languages."""

    type: str
    id: str
    en: str


class VerdictView(BaseModel):
    """Whether one person can be placed; ``lacks`` is a competence that a reason may override."""

    inmate_id: UUID
    obstacle: Obstacle | None
    lacks: str | None
    leaves: UUID | None


class VerdictsView(BaseModel):
    """Whether people can be placed; ``full`` may be overridden with a reason."""

    items: list[VerdictView]
    people: int
    places: int | None
    full: bool


class PlacementView(BaseModel):
    """One placement of somebody's history."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    stage_key: str | None
    stage_name: str | None
    stage_name_en: str | None
    starts_on: date
    ends_on: date | None
    end_reason: str | None
    end_note: str
    overridden: list[str]
    override_reason: str | None
    placed_at: datetime
    placed_by: str
    ended_by: str | None


class History(BaseModel):
    """Where somebody was placed, the newest first."""

    items: list[PlacementView]


class SubstituteView(BaseModel):
    """Somebody who could stand in, and why."""

    inmate_id: UUID
    able: bool
    competent_since: date | None
    pieces: int
    last_day: date | None
    limited: bool
    proposed: bool


class GapView(BaseModel):
    """Where people were lost and are missing still."""

    workshop_id: UUID
    workshop_name: str
    stage_key: str | None
    stage_name: str | None
    stage_name_en: str | None
    competence: str | None
    since: date
    reasons: list[str]
    before: int
    now: int
    short: int
    substitutes: list[SubstituteView]


class Gaps(BaseModel):
    """All gaps of the last 30 days."""

    items: list[GapView]


class TouchedOrder(BaseModel):
    """A work order that loses people, with the pieces that are left to do."""

    id: UUID
    order_id: UUID
    order_number: str
    product_name: str
    unit: str
    due_date: date
    quantity: int
    left: int


class Touched(BaseModel):
    """A workshop that loses people."""

    workshop_id: UUID
    workshop_name: str
    leaving: int
    staying: int
    work_orders: list[TouchedOrder]


class Impact(BaseModel):
    """What it touches when people leave."""

    placed: int
    items: list[Touched]


class Done(BaseModel):
    """How many it was done for."""

    count: int


@routes.get("/placements/workshops", permission="assignments.read", answer=Rooms)
def list_rooms(store: Store) -> dict[str, Any]:
    """List the workshops with their people and the places left."""
    return queries.rooms(store)


@routes.ask("/placements/people", permission="assignments.read", answer=PeoplePage)
def list_people(store: Store, body: PeopleInput) -> dict[str, Any]:
    """List who may work or is placed; asked with a body, since ids of a search by name are many."""
    return queries.people(store, body, queries.Narrowing(**body.model_dump(exclude={"limit", "cursor"})))


@routes.get("/placements/of/<id>", permission="assignments.read", answer=History)
def show_history(store: Store, path: ById) -> dict[str, Any]:
    """Show where somebody was placed."""
    return {"items": queries.history(store, path.id)}


@routes.get("/placements/gaps", permission="assignments.read", answer=Gaps)
def list_gaps(store: Store) -> dict[str, Any]:
    """List where people were lost without anybody's wish, with substitutes by competence and practice."""
    return {"items": queries.proposals(store)}


@routes.ask("/placements/impact", permission="assignments.read", answer=Impact)
def show_impact(store: Store, body: LeaversInput) -> dict[str, Any]:
    """Show which workshops and work orders lose people when these leave."""
    return queries.impact(store, body.inmate_ids)


@routes.ask("/placements/check", permission="assignments.write", answer=VerdictsView)
def check_placing(store: Store, body: PlacingInput) -> dict[str, Any]:
    """Say of each person whether they can be placed, without placing anybody."""
    found = handlers.verdicts(handlers.PlacePeople(**body.model_dump()), store, lock=False)
    return {
        "items": [
            {
                "inmate_id": v.inmate_id,
                "obstacle": v.refusal
                and {"type": v.refusal.slug(), "id": v.refusal.sentence("id"), "en": v.refusal.sentence("en")},
                "lacks": v.lacks,
                "leaves": next((e.workshop_id for e in v.ends), None),
            }
            for v in found.each
        ],
        "people": found.people,
        "places": found.places,
        "full": found.full,
    }


@routes.post("/placements", permission="assignments.write", creates="/placements/workshops", answer=Placed)
def place_people(store: Store, body: PlacementsInput) -> dict[str, Any]:
    """Place people, all of them or nobody; what they had elsewhere ends the day before."""
    return {"ids": handlers.place_people(handlers.PlacePeople(**body.model_dump()), store)}


@routes.post("/placements/end", permission="assignments.write", answer=Done)
def end_placements(store: Store, body: EndingInput) -> dict[str, Any]:
    """End placements on a last day, all of them or none."""
    handlers.end_placements(handlers.EndPlacements(**body.model_dump()), store)
    return {"count": len(set(body.ids))}


@routes.post("/placements/undo", permission="assignments.write", answer=Done)
def undo_placements(store: Store, body: UndoInput) -> dict[str, Any]:
    """Take back placements made today; whoever was moved is back where they were."""
    handlers.undo_placements(handlers.UndoPlacements(ids=body.ids), store)
    return {"count": len(set(body.ids))}


@routes.post("/workshops/<id>/places", permission="assignments.write", updates=True, answer=WorkshopDetail)
def set_places(store: Store, path: ById, version: int, body: PlacesInput) -> dict[str, Any]:
    """Set how many people a workshop has places for."""
    handlers.set_places(handlers.SetPlaces(workshop_id=path.id, version=version, places=body.places), store)
    return workshops.workshop(store, path.id)
