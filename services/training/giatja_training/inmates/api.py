"""Inmates over HTTP."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_training.inmates import handlers, queries
from giatja_training.inmates.domain import Departure, Fitness, Status

routes = Routes("inmates", tag="Warga binaan")

# Without control characters; what a person would type on one line.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Sort = Literal["name", "-name", "register_number", "-register_number", "expected_release", "-expected_release"]
Standing = Literal[
    "works", "active", "expiring", "expired", "upcoming", "proposed", "deferred", "approved", "none"
]  # fmt: skip


class InmateInput(Input):
    """The particulars of an inmate: these and no others are kept."""

    register_number: Line = Field(min_length=1, max_length=40)
    name: Line = Field(min_length=2, max_length=120)
    date_of_birth: date = Field(ge=date(1900, 1, 1))
    expected_release: date | None = Field(None, ge=date(1900, 1, 1), le=date(2200, 1, 1))
    block: Line = Field("", max_length=40)
    fitness: Fitness = "fit"


class LeavingInput(Input):
    """When and how somebody left."""

    left_on: date = Field(ge=date(1900, 1, 1))
    reason: Departure


class InmateView(BaseModel):
    """An inmate as shown to whoever may see the person."""

    id: UUID
    register_number: str
    name: str
    date_of_birth: date
    adult_on: date
    expected_release: date | None
    block: str
    fitness: Fitness
    status: Status
    left_on: date | None
    version: int


class InmateRow(BaseModel):
    """An inmate in the list."""

    id: UUID
    register_number: str
    name: str
    block: str
    fitness: Fitness
    status: Status
    left_on: date | None
    expected_release: date | None
    permit: str
    sk_number: str | None
    valid_from: date | None
    valid_until: date | None
    competences: list[str]
    version: int


class InmatePage(BaseModel):
    """A page of inmates."""

    items: list[InmateRow]
    next: str | None
    total: int


class InmateQuery(PageQuery):
    """How to narrow the register; a name is searched with ``POST /inmates/search``, never in an address."""

    model_config = ConfigDict(str_strip_whitespace=True)

    number: Line | None = Field(None, max_length=40, description="Part of a register number")
    status: Status | None = None
    permit: Standing | None = Field(None, description="`works`: may work today")
    competence: str | None = Field(None, max_length=60)
    block: Line | None = Field(None, max_length=40)
    fitness: Fitness | None = None
    sort: Sort = "name"


class InmateSearch(InmateQuery):
    """The same, with part of a name."""

    name: Line | None = Field(None, max_length=100)


class NamesWanted(Input):
    """Whose names are wanted."""

    ids: list[UUID] = Field(max_length=500)


class NameSearch(Input):
    """Part of a name or of a register number; asked with a body, so that no name stands in an address."""

    text: Line = Field(min_length=1, max_length=100)


class Name(BaseModel):
    """What somebody is called."""

    name: str
    register_number: str


class Names(BaseModel):
    """Names by id; an id that is not known to the caller is left out."""

    items: dict[str, Name]


class Blocks(BaseModel):
    """The blocks in use."""

    items: list[str]


class TrainingSummary(BaseModel):
    """The figures of training."""

    present: int
    may_work: int
    expiring: int
    expired: int
    waiting_decision: int
    waiting_sk: int
    not_fit: int
    released_soon: int
    arriving: int = Field(description="People whom another Lapas sent here and who are not in the register yet")


@routes.get("/inmates", permission="inmates.read", answer=InmatePage)
def list_inmates(store: Store, query: InmateQuery) -> dict[str, Any]:
    """List the register."""
    return queries.inmates(store, query, queries.Narrowing(**query.model_dump(exclude={"limit", "cursor"})))


@routes.ask("/inmates/search", permission="inmates.read", answer=InmatePage)
def search_inmates(store: Store, body: InmateSearch) -> dict[str, Any]:
    """Search the register by name too; asked with a body, so that no name stands in an address."""
    return queries.inmates(store, body, queries.Narrowing(**body.model_dump(exclude={"limit", "cursor"})))


@routes.ask("/names", permission="inmates.names", answer=Names)
def list_names(store: Store, body: NamesWanted) -> dict[str, Any]:
    """Give the names behind ids, for a page that is about to be shown."""
    return queries.names(store, body.ids)


@routes.ask("/names/search", permission="inmates.names", answer=Names)
def search_names(store: Store, body: NameSearch) -> dict[str, Any]:
    """Find people by part of their name or register number, wherever they are now; 200 at the most."""
    return queries.named_like(store, body.text)


@routes.get("/blocks", permission="inmates.read", answer=Blocks)
def list_blocks(store: Store) -> dict[str, Any]:
    """List the blocks in which somebody lives."""
    return {"items": queries.blocks(store)}


@routes.get("/training/summary", permission="home.read", answer=TrainingSummary)
def show_summary(store: Store) -> dict[str, Any]:
    """Show the figures of training."""
    return queries.summary(store)


@routes.get("/inmates/<id>", permission="inmates.read", answer=InmateView)
def show_inmate(store: Store, path: ById) -> dict[str, Any]:
    """Show one person; that it was read is kept in the audit trail."""
    shown = queries.inmate(store, path.id)
    store.audit("inmates.read", f"/api/training/v1/inmates/{path.id}", lapas_id=shown.pop("lapas_id"))
    return shown


@routes.post("/inmates", permission="inmates.write", creates="/inmates/{id}", answer=InmateView)
def register_inmate(store: Store, body: InmateInput) -> dict[str, Any]:
    """Enter somebody in the register."""
    id_ = new_id()
    handlers.register_inmate(handlers.RegisterInmate(id=id_, **body.model_dump()), store)
    return _view(store, id_)


@routes.patch("/inmates/<id>", permission="inmates.write", answer=InmateView)
def change_inmate(store: Store, path: ById, version: int, body: InmateInput) -> dict[str, Any]:
    """Correct somebody's particulars."""
    handlers.change_inmate(handlers.ChangeInmate(id=path.id, version=version, **body.model_dump()), store)
    return _view(store, path.id)


@routes.post("/inmates/<id>/leave", permission="inmates.write", updates=True, answer=InmateView)
def let_inmate_leave(store: Store, path: ById, version: int, body: LeavingInput) -> dict[str, Any]:
    """Note a transfer or a release; the permission to work ends the same day."""
    handlers.let_inmate_leave(
        handlers.LetInmateLeave(id=path.id, version=version, left_on=body.left_on, reason=body.reason), store
    )
    return _view(store, path.id)


@routes.post("/inmates/<id>/return", permission="inmates.write", updates=True, answer=InmateView)
def let_inmate_return(store: Store, path: ById, version: int) -> dict[str, Any]:
    """Enter somebody who left in the register again."""
    handlers.let_inmate_return(handlers.LetInmateReturn(id=path.id, version=version), store)
    return _view(store, path.id)


def _view(store: Store, id_: UUID) -> dict[str, Any]:
    shown = queries.inmate(store, id_)
    del shown["lapas_id"]
    return shown
