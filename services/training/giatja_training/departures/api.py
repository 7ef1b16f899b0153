"""Departures and arrivals over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_training.departures import handlers, queries
from giatja_training.inmates.domain import Departure, Fitness, Status

routes = Routes("departures", tag="Kepergian bersama")

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
ArrivalState = Literal["waiting", "taken", "declined", "withdrawn"]
MOST = 500


class SelectionInput(Input):
    """Who is meant: everybody of a block, people by id, people by register number; all of it together."""

    block: Line | None = Field(None, min_length=1, max_length=40)
    inmate_ids: list[UUID] = Field([], max_length=MOST)
    register_numbers: list[Line] = Field([], max_length=MOST)


class DepartureInput(Input):
    """Who leaves, when and whereto; a Lapas of this deployment is named by its id, any other by its name."""

    inmate_ids: list[UUID] = Field(min_length=1, max_length=MOST)
    left_on: date = Field(ge=date(1900, 1, 1))
    reason: Departure
    destination_lapas: str | None = Field(None, max_length=20)
    destination: Line = Field("", max_length=120)
    note: Line = Field("", max_length=300)


class ReturnInput(Input):
    """Who is here again."""

    inmate_ids: list[UUID] = Field(min_length=1, max_length=MOST)


class ReceivedInput(Input):
    """Somebody who arrived, with what they get here."""

    departure_id: UUID
    inmate_id: UUID
    register_number: Line = Field(min_length=1, max_length=40)
    block: Line = Field("", max_length=40)


class TakingInput(Input):
    """Who arrived."""

    people: list[ReceivedInput] = Field(min_length=1, max_length=MOST)


class ArrivalKey(Input):
    """Which arrival."""

    departure_id: UUID
    inmate_id: UUID


class DecliningInput(Input):
    """Who did not arrive."""

    people: list[ArrivalKey] = Field(min_length=1, max_length=MOST)


class ArrivalQuery(PageQuery):
    """Which arrivals."""

    state: ArrivalState = "waiting"


class Selected(BaseModel):
    """Somebody who is here and was meant."""

    id: UUID
    name: str
    register_number: str
    block: str
    fitness: Fitness


class Gone(BaseModel):
    """Somebody who was meant and is not here any more."""

    register_number: str
    left_on: date | None


class Selection(BaseModel):
    """Who was meant; ``more`` says that it is more than one act takes."""

    items: list[Selected]
    gone: list[Gone]
    unknown: list[str]
    more: bool


class DepartureRow(BaseModel):
    """A departure in the list."""

    id: UUID
    left_on: date
    reason: Departure
    destination_lapas: str | None
    destination: str
    note: str
    made_at: datetime
    made_by: str
    people: int
    returned: int


class DeparturePage(BaseModel):
    """A page of departures."""

    items: list[DepartureRow]
    next: str | None


class DepartingView(BaseModel):
    """Somebody who left with others; ``arrival`` is how far the other Lapas is with it."""

    inmate_id: UUID
    name: str
    register_number: str
    block: str
    status: Status
    returned_at: datetime | None
    arrival: ArrivalState | None


class DepartureView(BaseModel):
    """A departure with its people."""

    id: UUID
    left_on: date
    reason: Departure
    destination_lapas: str | None
    destination: str
    note: str
    made_at: datetime
    made_by: str
    people: list[DepartingView]


class Destination(BaseModel):
    """Another Lapas of this deployment."""

    id: str
    name: str


class Destinations(BaseModel):
    """The other Lapas of this deployment."""

    items: list[Destination]


class ArrivalRow(BaseModel):
    """Somebody this Lapas is to receive."""

    departure_id: UUID
    inmate_id: UUID
    from_lapas: str
    from_name: str
    left_on: date
    register_number: str
    name: str
    expected_release: date | None
    fitness: Fitness
    competences: list[str]
    number_free: bool
    state: ArrivalState
    decided_at: datetime | None


class ArrivalPage(BaseModel):
    """A page of arrivals."""

    items: list[ArrivalRow]
    next: str | None
    total: int


class Done(BaseModel):
    """How many it was done for."""

    count: int


@routes.ask("/departures/selection", permission="inmates.depart", answer=Selection)
def select_people(store: Store, body: SelectionInput) -> dict[str, Any]:
    """Say who is meant by a block, ids or pasted register numbers, and which numbers mean nobody here."""
    return queries.selection(
        store, block=body.block, inmate_ids=body.inmate_ids, register_numbers=body.register_numbers
    )


@routes.get("/departures/destinations", permission="inmates.depart", answer=Destinations)
def list_destinations(store: Store) -> dict[str, Any]:
    """List the other Lapas of this deployment."""
    return {"items": queries.destinations(store)}


@routes.get("/departures", permission="inmates.read", answer=DeparturePage)
def list_departures(store: Store, query: PageQuery) -> dict[str, Any]:
    """List the departures, the newest first."""
    return queries.departures(store, query)


@routes.get("/departures/<id>", permission="inmates.read", answer=DepartureView)
def show_departure(store: Store, path: ById) -> dict[str, Any]:
    """Show a departure with its people."""
    return queries.one_departure(store, path.id)


@routes.post("/departures", permission="inmates.depart", creates="/departures/{id}", answer=DepartureView)
def let_many_leave(store: Store, body: DepartureInput) -> dict[str, Any]:
    """Note that many left together; another Lapas of this deployment finds them among its arrivals."""
    id_ = new_id()
    handlers.let_many_leave(handlers.LetManyLeave(id=id_, **body.model_dump()), store)
    return queries.one_departure(store, id_)


@routes.post("/departures/<id>/return", permission="inmates.depart", answer=DepartureView)
def bring_back(store: Store, path: ById, body: ReturnInput) -> dict[str, Any]:
    """Register people of a departure again; permissions to work have to be given anew."""
    handlers.bring_back(handlers.BringBack(id=path.id, inmate_ids=body.inmate_ids), store)
    return queries.one_departure(store, path.id)


@routes.get("/arrivals", permission="inmates.read", answer=ArrivalPage)
def list_arrivals(store: Store, query: ArrivalQuery) -> dict[str, Any]:
    """List whom other Lapas sent here."""
    return queries.arrivals(store, query, state=query.state)


@routes.post("/arrivals/take", permission="inmates.write", answer=Done)
def take_arrivals(store: Store, body: TakingInput) -> dict[str, Any]:
    """Enter people who arrived in the register here."""
    people = [handlers.Received(**p.model_dump()) for p in body.people]
    handlers.take_arrivals(handlers.TakeArrivals(people=people), store)
    return {"count": len(people)}


@routes.post("/arrivals/decline", permission="inmates.write", answer=Done)
def decline_arrivals(store: Store, body: DecliningInput) -> dict[str, Any]:
    """Say that people did not arrive here."""
    keys = [(p.departure_id, p.inmate_id) for p in body.people]
    handlers.decline_arrivals(handlers.DeclineArrivals(people=keys), store)
    return {"count": len(keys)}
