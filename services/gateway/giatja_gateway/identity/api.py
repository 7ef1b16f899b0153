"""People, roles, machines and tokens over HTTP."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, Field

from giatja_gateway.identity import handlers, queries
from giatja_gateway.identity.domain import (
    API_TOKEN_SECONDS,
    LONGEST_PASSWORD,
    NoRoleToday,
    SignInRefused,
    TooManyAttempts,
)
from giatja_kit import problems
from giatja_kit.auth import Signer
from giatja_kit.database import Store
from giatja_kit.errors import Invalid, Refusal
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import PUBLIC, ById, Input, Routes, kit

routes = Routes("identity", tag="Orang dan tanda pengenal")

PersonRole = Literal[
    "kalapas",
    "kasi_giatja",
    "kasubsi_bimker",
    "kasubsi_sarana",
    "petugas",
    "bendahara",
    "wali",
    "binadik",
    "kanwil",
    "ops",
]
Place = Annotated[str, Field(pattern=r"^(\*|[A-Z0-9]{2,8})$", description="Code of a Lapas, or * for the region")]
Username = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{2,39}$")]


class PersonInput(Input):
    """Somebody new."""

    username: Username
    name: str = Field(min_length=2, max_length=120)


class PersonChange(Input):
    """A person as they are from now on."""

    name: str = Field(min_length=2, max_length=120)
    active: bool


class AssignmentInput(Input):
    """A role to hold."""

    role: PersonRole
    lapas_id: Place
    starts_on: date
    ends_on: date | None = None
    plt: bool = False


class EndInput(Input):
    """The last day of a role."""

    last_day: date


class AssignmentPath(Input):
    """The path of one role of a person."""

    id: UUID
    assignment_id: UUID


class ClientInput(Input):
    """A machine that may ask."""

    name: str = Field(min_length=2, max_length=120)
    role: PersonRole
    lapas_id: Place


class TokenRequest(Input):
    """Who asks for a token: a person by name and password, or a machine by id and secret."""

    grant_type: Literal["password", "client_credentials"] = "password"
    username: str = Field("", max_length=200)
    password: str = Field("", max_length=LONGEST_PASSWORD)
    role: PersonRole | None = None
    lapas_id: Place | None = None
    client_id: str = Field("", max_length=100)
    client_secret: str = Field("", max_length=200)


class AssignmentView(BaseModel):
    """A role of a person as it is shown."""

    id: UUID
    role: str
    lapas_id: str
    lapas_name: str | None
    title: str | None
    plt: bool
    starts_on: date
    ends_on: date | None
    held: bool
    version: int


class PersonView(BaseModel):
    """A person as they are shown."""

    id: UUID
    username: str
    name: str
    active: bool
    must_change: bool
    has_password: bool
    version: int
    assignments: list[AssignmentView]


class HeldRole(BaseModel):
    """A role in the list of people."""

    role: str
    lapas_id: str
    lapas_name: str | None
    plt: bool
    starts_on: date
    ends_on: date | None
    held: bool


class PersonRow(BaseModel):
    """A person in the list."""

    id: UUID
    username: str
    name: str
    active: bool
    must_change: bool
    has_password: bool
    version: int
    roles: list[HeldRole]


class PersonPage(BaseModel):
    """A page of people."""

    items: list[PersonRow]
    next: str | None


class ClientView(BaseModel):
    """A machine as it is shown."""

    id: UUID
    name: str
    role: str
    lapas_id: str
    active: bool
    has_secret: bool
    version: int


class ClientList(BaseModel):
    """The machines that may ask."""

    items: list[ClientView]


class SecretView(BaseModel):
    """A secret, shown this once."""

    secret: str


class TokenView(BaseModel):
    """A token and how long it is believed."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class PeopleQuery(PageQuery):
    """How to narrow the list of people."""

    search: str | None = Field(None, max_length=100)
    lapas_id: Place | None = None
    role: PersonRole | None = None


@routes.get("/people", permission="people.write", answer=PersonPage)
def list_people(store: Store, query: PeopleQuery) -> dict[str, Any]:
    """List people by name."""
    return queries.people(store, query, search=query.search, lapas_id=query.lapas_id, role=query.role)


@routes.get("/people/<id>", permission="people.write", answer=PersonView)
def show_person(store: Store, path: ById) -> dict[str, Any]:
    """Show one person and every role they held, hold or will hold."""
    return queries.person(store, path.id)


@routes.post("/people", permission="people.write", creates="/people/{id}", answer=PersonView)
def add_person(store: Store, body: PersonInput) -> dict[str, Any]:
    """Add a person, who can sign in once a temporary password was given."""
    id_ = new_id()
    handlers.add_person(handlers.AddPerson(id=id_, username=body.username, name=body.name), store)
    return queries.person(store, id_)


@routes.patch("/people/<id>", permission="people.write", answer=PersonView)
def change_person(store: Store, path: ById, version: int, body: PersonChange) -> dict[str, Any]:
    """Change a person's name, or close or open the account."""
    handlers.change_person(
        handlers.ChangePerson(id=path.id, version=version, name=body.name, active=body.active), store
    )
    return queries.person(store, path.id)


@routes.post("/people/<id>/temporary-password", permission="people.write", answer=SecretView, secret=True)
def give_temporary_password(store: Store, path: ById) -> dict[str, Any]:
    """Give a temporary password, which is shown this once and opens nothing but its own change."""
    _without_key()
    return {"secret": handlers.give_temporary_password(path.id, store)}


@routes.post("/people/<id>/assignments", permission="people.write", creates="/people/{id}", answer=PersonView)
def assign_role(store: Store, path: ById, body: AssignmentInput) -> dict[str, Any]:
    """Let a person hold a role from a day on."""
    handlers.assign_role(
        handlers.AssignRole(
            id=new_id(),
            person_id=path.id,
            role=body.role,
            lapas_id=body.lapas_id,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            plt=body.plt,
        ),
        store,
    )
    return queries.person(store, path.id)


@routes.post("/people/<id>/assignments/<assignment_id>/end", permission="people.write", updates=True, answer=PersonView)
def end_role(store: Store, path: AssignmentPath, version: int, body: EndInput) -> dict[str, Any]:
    """End a role after a day."""
    handlers.end_role(
        handlers.EndRole(person_id=path.id, id=path.assignment_id, version=version, last_day=body.last_day), store
    )
    return queries.person(store, path.id)


@routes.get("/clients", permission="people.write", answer=ClientList)
def list_clients(store: Store) -> dict[str, Any]:
    """List the machines that may ask."""
    return {"items": queries.clients(store)}


@routes.post("/clients", permission="people.write", creates="/clients/{id}", answer=ClientView)
def add_client(store: Store, body: ClientInput) -> dict[str, Any]:
    """Add a machine; its secret is asked for separately."""
    id_ = new_id()
    handlers.add_client(handlers.AddClient(id=id_, name=body.name, role=body.role, lapas_id=body.lapas_id), store)
    return queries.client(store, id_)


@routes.post("/clients/<id>/secret", permission="people.write", answer=SecretView, secret=True)
def renew_client_secret(store: Store, path: ById) -> dict[str, Any]:
    """Give a machine a new secret, which is shown this once; the old one stops."""
    _without_key()
    return {"secret": handlers.renew_client_secret(path.id, store)}


@routes.post("/clients/<id>/close", permission="people.write", answer=ClientView)
def close_client(store: Store, path: ById) -> dict[str, Any]:
    """Let a machine ask no more."""
    handlers.close_client(path.id, store)
    return queries.client(store, path.id)


@routes.post("/tokens", permission=PUBLIC, answer=TokenView)
def issue_token(store: Store, body: TokenRequest) -> dict[str, Any] | Response:
    """Give a token of 15 minutes to a person or a machine."""
    if store.principal.role != PUBLIC:
        _without_key()
    store.scope("*")
    try:
        claims = _client_claims(store, body) if body.grant_type == "client_credentials" else _claims(store, body)
    except (SignInRefused, TooManyAttempts, NoRoleToday) as refusal:
        # Answered and not raised: what was counted against the caller has to be kept.
        return _refused(refusal)
    signer: Signer = kit().service.signer
    token = signer.token(claims, at=store.at, seconds=API_TOKEN_SECONDS)
    return {"access_token": token, "token_type": "Bearer", "expires_in": API_TOKEN_SECONDS}


def _claims(store: Store, body: TokenRequest) -> dict[str, object]:
    person = handlers.sign_in(
        handlers.SignIn(username=body.username, password=body.password, address=_address(), demo=_demo()), store
    )
    if person.must_change:
        raise SignInRefused(field="/password")
    held = handlers.choose_role(store, person.id, role=body.role, lapas_id=body.lapas_id)
    return {"sub": str(person.id), "role": held["role"], "lapas": held["lapas_id"], "plt": held["plt"]}


def _client_claims(store: Store, body: TokenRequest) -> dict[str, object]:
    client = handlers.recognise_client(store, client_id=body.client_id, secret=body.client_secret, address=_address())
    return {"sub": f"client-{client.id}", "role": client.role, "lapas": client.lapas_id}


def _address() -> str:
    return request.remote_addr or ""


def _demo() -> bool:
    return bool(getattr(kit().service.settings, "demo", False))


class SecretIsNotKept(Invalid):
    """A secret is shown once; keeping the answer for a repetition would keep the secret."""

    id = "Rahasia hanya ditampilkan sekali; kirim tanpa Idempotency-Key."
    en = "A secret is shown once only; send this without an Idempotency-Key."


def _without_key() -> None:
    if "Idempotency-Key" in request.headers:
        raise SecretIsNotKept


def _refused(refusal: Refusal) -> Response:
    status = 429 if isinstance(refusal, TooManyAttempts) else 401 if isinstance(refusal, SignInRefused) else 403
    response = problems.answer(refusal.slug(), status, refusal.sentence(problems.language()))
    if status == 429:
        response.headers["Retry-After"] = str(refusal.facts["seconds"])
    return response
