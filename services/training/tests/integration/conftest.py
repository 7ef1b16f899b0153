"""The training service on a real PostgreSQL, asked over HTTP in process."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events.fact import Envelope
from giatja_kit.events.receive import apply
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller
from giatja_kit.web import create_app
from giatja_ops.pytest_plugin import RealParts
from giatja_training.bootstrap import make_service
from giatja_training.settings import TrainingSettings
from giatja_training.subscriptions import subscriptions

EPOCH = UUID("019a0000-0000-7000-8000-0000000000ee")
TRACE = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"


def envelope(type_: str, data: dict[str, Any], *, lapas: str = "PKL") -> Envelope:
    """Return a fact as another service tells it."""
    return Envelope(
        id=new_id(),
        source=type_.split(".")[1],
        type=type_,
        subject="x",
        time=clock.now(),
        position=1,
        epoch=EPOCH,
        lapas=lapas,
        actor="petugas:person-9",
        traceparent=TRACE,
        causation=None,
        data=data,
    )


def hear(database: Database, *facts: Envelope) -> None:
    """Let the training service hear facts, in this order."""
    with database.transaction(at=clock.now()) as store:
        for fact in facts:
            handler = subscriptions.handler(fact.type)
            assert handler is not None
            apply(handler, fact, store)


def lapas_registered(lapas_id: str, name: str) -> Envelope:
    """Return the fact that a Lapas joined."""
    data = {"lapas_id": lapas_id, "name": name, "zone": "Asia/Jakarta", "class": "IIA", "open": True}
    return envelope("giatja.gateway.lapas_registered.v1", data, lapas=lapas_id)


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    database = database_of("training")
    hear(database, lapas_registered("PKL", "Lapas Pekalongan"), lapas_registered("BTG", "Lapas Batang"))
    return database


@pytest.fixture
def client(real_parts: RealParts, database: Database) -> Iterator[FlaskClient]:
    app = create_app(make_service(real_parts.settings(TrainingSettings)))
    yield app.test_client()
    app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def as_role(real_parts: RealParts, client: FlaskClient) -> Callable[..., Caller]:
    """Return a function: role, Lapas -> somebody who asks with that role's token; each role another person."""
    return lambda role, lapas="PKL", subject=None: Caller(
        client, "/api/training/v1", real_parts.keys.person(role, lapas, subject=subject or f"person-{role}")
    )


@pytest.fixture
def kasi(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasi_giatja")


@pytest.fixture
def kalapas(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kalapas")


@pytest.fixture
def gateway(real_parts: RealParts, client: FlaskClient) -> Caller:
    """The gateway asking for itself."""
    return Caller(client, "/api/training/v1", real_parts.keys.service("gateway"))


PERSON = {
    "register_number": "B.I. 12/2024",
    "name": "Contoh Satu",
    "date_of_birth": "1990-05-01",
    "expected_release": "2030-01-31",
    "block": "A1",
    "fitness": "fit",
}


def register(caller: Caller, **other: Any) -> dict[str, Any]:
    """Enter somebody in the register and return them."""
    made = caller.post("/inmates", {**PERSON, **other})
    assert made.status_code == 201, made.text
    person: dict[str, Any] = made.json
    return person


def propose(caller: Caller, inmate: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Propose a work permission with everything on the checklist met."""
    done = [r["key"] for r in caller.get("/requirements").json["items"]]
    made = caller.post(f"/inmates/{inmate['id']}/permits", {"proposed_on": "2025-01-05", "done": done, **other})
    assert made.status_code == 201, made.text
    permit: dict[str, Any] = made.json
    return permit


def decide(caller: Caller, permit: dict[str, Any], decision: str = "approved", **other: Any) -> dict[str, Any]:
    """Keep what the hearing decided."""
    body = {"decision": decision, "decided_on": "2025-01-10", **other}
    answer = caller.post(f"/permits/{permit['id']}/decision", body, version=permit["version"])
    assert answer.status_code == 200, answer.text
    decided: dict[str, Any] = answer.json
    return decided


SK: dict[str, Any] = {"sk_number": "W13.PAS-12/2025", "valid_from": "2025-01-15", "valid_until": None}


def permit_to_work(kasi: Caller, kalapas: Caller, inmate: dict[str, Any], **sk: Any) -> dict[str, Any]:
    """Take somebody from proposal to an active SK."""
    permit = decide(kalapas, propose(kasi, inmate))
    answer = kalapas.post(f"/permits/{permit['id']}/issue", {**SK, **sk}, version=permit["version"])
    assert answer.status_code == 200, answer.text
    issued: dict[str, Any] = answer.json
    return issued
