"""What every route answers when something is wrong, and that nothing is half done then."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from flask import Response
from flask.testing import FlaskClient
from pydantic import Field
from sqlalchemy import make_url

from giatja_kit import clock
from giatja_kit.database import Database, Store
from giatja_kit.errors import Conflict, Stale
from giatja_kit.ids import new_id
from giatja_kit.service import Service
from giatja_kit.settings import Settings
from giatja_kit.web import PUBLIC, ById, Input, Routes, create_app
from giatja_ops.pytest_plugin import RealParts

from .conftest import Counted


class TooManyThings(Conflict):
    """A rule of this test service."""

    id = "Sudah ada {count} barang."
    en = "There are {count} things already."


class Thing(Input):
    """What is made here."""

    name: str = Field(min_length=2, max_length=20)
    number: int = Field(ge=1, le=1000)


routes = Routes("things", tag="Things")


@routes.post("/things", permission="things.write", creates="/things/{id}")
def add_thing(store: Store, body: Thing) -> dict[str, Any]:
    """Make a thing."""
    store.run(
        "INSERT INTO effect (lapas_id, thing, number) VALUES (:lapas, :thing, :number)",
        {"lapas": store.lapas_id, "thing": body.name, "number": body.number},
    )
    store.tell(Counted(thing=body.name, number=body.number))
    count = store.value("SELECT count(*) FROM effect")
    if count > 2:
        raise TooManyThings(count=count, field="/number")
    return {"id": new_id(), "name": body.name, "version": 1}


@routes.get("/things/<id>", permission="things.read")
def show_thing(store: Store, path: ById) -> dict[str, Any]:
    """Show a thing."""
    return {"id": path.id, "version": 3}


@routes.patch("/things/<id>", permission="things.write")
def change_thing(store: Store, path: ById, version: int, body: Thing) -> dict[str, Any]:
    """Change a thing."""
    if version != 3:
        raise Stale
    return {"id": path.id, "version": 4}


@routes.post("/open", permission=PUBLIC)
def answer_anybody(store: Store) -> Response:
    """Answer somebody without a token."""
    return Response("rahasia", content_type="text/plain")


@routes.get("/broken", permission="things.read")
def broken(store: Store) -> dict[str, Any]:
    """Fail by a mistake of ours."""
    store.value("SELECT 'rahasia' FROM no_such_table")
    return {}


class TestSettings(Settings):
    __test__ = False
    service: ClassVar[str] = "orders"


@pytest.fixture
def database(make_database: Callable[[str], Database]) -> Database:
    return make_database("orders")


@pytest.fixture
def client(real_parts: RealParts, database: Database, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(Service, "database", lambda self, process, connections: database)
    service = Service(
        name="orders",
        package="giatja_orders",
        title="Things",
        settings=real_parts.settings(TestSettings),
        heard_by={},
        grants={"clerk": frozenset({"things.read", "things.write"}), "reader": frozenset({"things.read"}),
                "service": frozenset({"facts.read"})},
        routes=[routes],
    )  # fmt: skip
    return create_app(service).test_client()


@pytest.fixture
def clerk(real_parts: RealParts) -> dict[str, str]:
    return {"Authorization": f"Bearer {real_parts.keys.person('clerk', 'PKL')}"}


def effects(database: Database) -> int:
    with database.transaction(at=clock.now()) as store:
        kept = int(store.value("SELECT count(*) FROM effect"))
        assert kept == store.value("SELECT count(*) FROM event_log")
    return kept


GOOD = {"name": "barang", "number": 1}


class TestCreating:
    def test_answers_201_with_the_address_and_is_audited(
        self, client: FlaskClient, clerk: dict[str, str], database: Database
    ) -> None:
        answer = client.post("/api/orders/v1/things", json=GOOD, headers={**clerk, "Idempotency-Key": "a"})
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/orders/v1/things/{answer.json['id']}"  # type: ignore[index]
        assert effects(database) == 1
        with database.transaction(at=clock.now()) as store:
            line = store.row("SELECT action, actor, subject, outcome FROM audit_log")
        assert line is not None
        assert (line["action"], line["actor"], line["outcome"]) == ("things.write", "clerk:person-1", "done")

    @pytest.mark.parametrize(
        ("change", "status", "slug"),
        [
            ({"headers": {"Authorization": ""}}, 401, "token-missing"),
            ({"headers": {"Authorization": "Bearer nonsense"}}, 401, "token-refused"),
            ({"headers": {"Idempotency-Key": ""}}, 400, "idempotency-key-missing"),
            ({"headers": {"Idempotency-Key": "k" * 201}}, 400, "idempotency-key-malformed"),
            ({"data": b"{", "content_type": "application/json"}, 400, "broken-json"),
            ({"data": b"name=x", "content_type": "text/plain"}, 415, "not-json"),
            ({"data": b"[" * 5000, "content_type": "application/json"}, 400, "broken-json"),
            ({"data": b" " * (2 * 1024 * 1024 + 1), "content_type": "application/json"}, 413, "body-too-large"),
            ({"json": {"name": "x", "number": 1}}, 422, "input-invalid"),
            ({"json": {"name": "barang", "number": 0}}, 422, "input-invalid"),
            ({"json": {"name": "barang", "number": 10**30}}, 422, "input-invalid"),
            ({"json": {"name": "barang", "number": 1, "lapas_id": "BTG"}}, 422, "input-invalid"),
            ({"data": b'{"name":"barang","number":NaN}', "content_type": "application/json"}, 422, "input-invalid"),
            ({"json": []}, 422, "input-invalid"),
        ],
    )
    def test_refuses_bad_requests_and_leaves_nothing(
        self,
        client: FlaskClient,
        clerk: dict[str, str],
        database: Database,
        change: dict[str, Any],
        status: int,
        slug: str,
    ) -> None:
        headers = {**clerk, "Idempotency-Key": "a", **change.pop("headers", {})}
        given = change or {"json": GOOD}
        answer = client.post("/api/orders/v1/things", headers={k: v for k, v in headers.items() if v}, **given)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        problem = json.loads(answer.data)
        assert problem["type"] == f"urn:giatja:problem:{slug}"
        assert problem["trace"] == answer.headers["X-Trace-Id"]
        assert effects(database) == 0

    def test_names_the_field_in_the_language_of_the_caller(self, client: FlaskClient, clerk: dict[str, str]) -> None:
        for language, words in (("id", "paling kecil 1"), ("en", "greater than or equal to 1")):
            answer = client.post(
                "/api/orders/v1/things",
                json={"name": "barang", "number": 0},
                headers={**clerk, "Idempotency-Key": "a", "Accept-Language": language},
            )
            (error,) = json.loads(answer.data)["errors"]
            assert error["pointer"] == "/number"
            assert words in error["detail"]

    def test_undoes_everything_when_a_rule_says_no_late(
        self, client: FlaskClient, clerk: dict[str, str], database: Database
    ) -> None:
        for key in "ab":
            client.post("/api/orders/v1/things", json=GOOD, headers={**clerk, "Idempotency-Key": key})
        answer = client.post("/api/orders/v1/things", json=GOOD, headers={**clerk, "Idempotency-Key": "c"})
        assert answer.status_code == 409
        assert json.loads(answer.data)["facts"] == {"count": 3}
        assert effects(database) == 2

    def test_refuses_an_expired_token(self, client: FlaskClient, real_parts: RealParts) -> None:
        old = real_parts.keys.person("clerk", "PKL", seconds=60, at=clock.now() - timedelta(minutes=5))
        answer = client.get(f"/api/orders/v1/things/{new_id()}", headers={"Authorization": f"Bearer {old}"})
        assert json.loads(answer.data)["type"].endswith("token-refused")

    def test_refuses_a_person_signed_by_a_service(self, client: FlaskClient, real_parts: RealParts) -> None:
        from giatja_kit.auth import Signer

        signer = Signer("production", real_parts.keys.private["production"])
        forged = signer.token({"sub": "me", "role": "clerk", "lapas": "PKL"}, at=clock.now(), seconds=60)
        answer = client.get(f"/api/orders/v1/things/{new_id()}", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401

    def test_refuses_the_wrong_role_and_keeps_that_it_did(
        self, client: FlaskClient, real_parts: RealParts, database: Database
    ) -> None:
        token = real_parts.keys.person("reader", "PKL")
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a"}
        assert client.post("/api/orders/v1/things", json=GOOD, headers=headers).status_code == 403
        with database.transaction(at=clock.now()) as store:
            assert store.value("SELECT outcome FROM audit_log WHERE action = 'things.write'") == "refused"


class TestAnybody:
    def test_is_answered_afresh_whatever_key_comes_along(self, client: FlaskClient, database: Database) -> None:
        for _ in range(2):
            answer = client.post("/api/orders/v1/open", headers={"Idempotency-Key": "a"})
            assert (answer.status_code, answer.text) == (200, "rahasia")
            assert "Idempotent-Replay" not in answer.headers
        with database.transaction(at=clock.now()) as store:
            assert store.value("SELECT count(*) FROM idempotency_key") == 0


class TestUpdating:
    def test_wants_the_version_the_caller_has_seen(self, client: FlaskClient, clerk: dict[str, str]) -> None:
        address = f"/api/orders/v1/things/{new_id()}"
        for header, status in ((None, 428), ("nonsense", 400), ('"v2"', 412), ('"v3"', 200)):
            headers = {**clerk, **({"If-Match": header} if header else {})}
            assert client.patch(address, json=GOOD, headers=headers).status_code == status

    def test_answers_304_to_one_who_has_it(self, client: FlaskClient, clerk: dict[str, str]) -> None:
        address = f"/api/orders/v1/things/{new_id()}"
        etag = client.get(address, headers=clerk).headers["ETag"]
        again = client.get(address, headers={**clerk, "If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")


class TestUnknownAddresses:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/orders/v1/nothing", 404),
            ("DELETE", "/api/orders/v1/things", 405),
            ("GET", "/api/orders/v1/things/not-an-id", 422),
        ],
    )
    def test_get_a_problem_document(
        self, client: FlaskClient, clerk: dict[str, str], method: str, path: str, status: int
    ) -> None:
        answer = client.open(path, method=method, headers=clerk)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


class TestMistakesOfOurs:
    def test_answer_a_trace_and_nothing_of_the_inside(self, client: FlaskClient, clerk: dict[str, str]) -> None:
        answer = client.get("/api/orders/v1/broken", headers=clerk)
        assert answer.status_code == 500
        assert "rahasia" not in answer.text
        assert "SELECT" not in answer.text


class TestHealth:
    def test_is_ready_without_a_broker(self, client: FlaskClient) -> None:
        assert client.get("/livez").status_code == 200
        assert client.get("/version").json["service"] == "orders"  # type: ignore[index]
        assert b"giatja_request_seconds" in client.get("/metrics").data

    def test_document_is_valid_openapi(self, client: FlaskClient) -> None:
        from openapi_spec_validator import validate

        document = client.get("/api/orders/docs/openapi.json").json
        validate(document)  # type: ignore[arg-type]
        post = document["paths"]["/api/orders/v1/things"]["post"]  # type: ignore[index]
        assert {p["name"] for p in post["parameters"]} == {"Idempotency-Key"}

    def test_docs_need_nothing_from_outside(self, client: FlaskClient) -> None:
        page = client.get("/api/orders/docs", follow_redirects=True)
        assert page.status_code == 200
        assert "https://" not in page.text


class TestFeed:
    def test_is_for_services_only(self, client: FlaskClient, clerk: dict[str, str], real_parts: RealParts) -> None:
        client.post("/api/orders/v1/things", json=GOOD, headers={**clerk, "Idempotency-Key": "a"})
        assert client.get("/api/orders/v1/facts", headers=clerk).status_code == 403
        service = {"Authorization": f"Bearer {real_parts.keys.service('training')}"}
        answer = client.get("/api/orders/v1/facts", headers=service).json
        assert answer["head"] == 0  # type: ignore[index]


def test_ids_sort_by_time() -> None:
    ids = [new_id() for _ in range(100)]
    assert ids == sorted(ids)
    assert all(isinstance(i, UUID) for i in ids)


def test_url_of_the_database_hides_its_password(real_parts: RealParts) -> None:
    url = real_parts.settings(TestSettings).database_url
    assert make_url(str(url)).password == "***"
