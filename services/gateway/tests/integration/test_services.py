"""Asking other services: side by side, in the person's name, and without waiting for the dead."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from flask import Flask, g

from giatja_contracts.permissions import ROLES
from giatja_gateway import services as asking
from giatja_gateway.bootstrap import make_service
from giatja_gateway.identity.domain import SignedIn
from giatja_gateway.services import Breaker, Every, Name, ServiceProblem, Unavailable, services
from giatja_gateway.settings import GatewaySettings
from giatja_kit import clock
from giatja_kit.auth import Verifier
from giatja_kit.client import ServiceUnavailable
from giatja_kit.database import Database
from giatja_kit.ids import new_id
from giatja_kit.logs import trace
from giatja_kit.web import Kit
from giatja_ops.pytest_plugin import RealParts


class Neighbours(BaseHTTPRequestHandler):
    """The other services, answering what a test needs and remembering what they were asked."""

    asked: ClassVar[list[dict[str, Any]]] = []
    dead: ClassVar[set[str]] = set()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service = self.path.split("/")[2]
        self.asked.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
        status: int = 503 if service in self.dead else 200
        said: dict[str, Any] = {"from": service}
        if self.path.endswith("/slow"):
            time.sleep(0.3)
        if self.path.endswith("/no"):
            status, said = (
                422,
                {"type": "urn:giatja:problem:input-invalid", "errors": [{"pointer": "/x", "detail": "salah"}]},
            )
        if "/many" in self.path:
            first = "cursor" not in self.path
            said = {"items": [{"nth": n} for n in range(200 if first else 3)], "next": "more" if first else None}
        if self.path.endswith("/broken"):
            status = 500
        if self.path.endswith("/names"):
            said = {"items": {i: {"name": "Contoh", "register_number": "B.1"} for i in json.loads(body)["ids"]}}
        answer = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("ETag", '"v7"')
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def app(real_parts: RealParts, database: Database) -> Iterator[Flask]:
    Neighbours.asked.clear()
    Neighbours.dead.clear()
    asking._breaker.cache_clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Neighbours)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = real_parts.settings(GatewaySettings).model_copy(
        update={"internal_url": f"http://127.0.0.1:{server.server_port}"}
    )
    app = Flask("asking")
    app.extensions["giatja"] = Kit(service=make_service(settings), database=database)
    yield app
    server.shutdown()
    server.server_close()


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    return Neighbours.asked


@pytest.fixture
def kasi(app: Flask) -> Iterator[SignedIn]:
    person = SignedIn(
        id=new_id(),
        username="kasi.pkl",
        name="Kasi Contoh",
        assignment_id=new_id(),
        role="kasi_giatja",
        title="Kasi",
        plt=True,
        lapas_id="PKL",
        lapas_name="Lapas Pekalongan",
        zone="Asia/Jakarta",
        permissions=ROLES["kasi_giatja"],
    )
    with app.test_request_context("/"), trace(None):
        g.person = person
        g.lang = "en"
        yield person


class TestAsking:
    def test_speaks_for_the_person_in_their_language(
        self, kasi: SignedIn, asked: list[dict[str, Any]], real_parts: RealParts
    ) -> None:
        answer = services().get("orders", "/orders", state="late", empty=None)
        assert (answer.json, answer.version) == ({"from": "orders"}, 7)
        assert asked[0]["path"] == "/api/orders/v1/orders?state=late"
        assert asked[0]["headers"]["Accept-Language"] == "en"
        token = asked[0]["headers"]["Authorization"].removeprefix("Bearer ")
        principal = Verifier(real_parts.keys.trusted_keys_file, ROLES).principal(token, at=clock.now())
        assert (principal.subject, principal.role, principal.lapas) == (str(kasi.id), "kasi_giatja", "PKL")
        assert principal.acting

    def test_uses_one_token_for_many_questions(self, kasi: SignedIn, asked: list[dict[str, Any]]) -> None:
        for _ in range(3):
            services().get("orders", "/orders")
        assert len({a["headers"]["Authorization"] for a in asked}) == 1

    def test_sends_key_and_version(self, kasi: SignedIn, asked: list[dict[str, Any]]) -> None:
        services().post("orders", "/orders/1/accept", {"a": 1}, key="k1", version=3)
        services().patch("orders", "/orders/1", {"a": 1}, version='"v4"')
        first, second = (a["headers"] for a in asked)
        assert (first["Idempotency-Key"], first["If-Match"], second["If-Match"]) == ("k1", '"v3"', '"v4"')

    def test_raises_what_a_service_refused(self, kasi: SignedIn) -> None:
        with pytest.raises(ServiceProblem) as refused:
            services().post("orders", "/no")
        assert (refused.value.status, refused.value.document["errors"][0]["pointer"]) == (422, "/x")

    def test_speaks_for_nobody_where_nobody_signed_in(
        self, app: Flask, asked: list[dict[str, Any]], real_parts: RealParts
    ) -> None:
        with app.test_request_context("/"):
            with pytest.raises(ServiceProblem) as refused:
                services().get("orders", "/orders")
            assert (refused.value.status, asked) == (401, [])
            services().as_gateway().get("orders", "/tracking/abc")
        token = asked[0]["headers"]["Authorization"].removeprefix("Bearer ")
        assert Verifier(real_parts.keys.trusted_keys_file, ROLES).principal(token, at=clock.now()).is_service


class TestTogether:
    def test_asks_side_by_side_in_one_trace(self, kasi: SignedIn, asked: list[dict[str, Any]]) -> None:
        began = time.perf_counter()
        found = services().together(a=("orders", "/slow"), b=("production", "/slow"), c=("training", "/slow", {"x": 1}))
        took = time.perf_counter() - began
        assert {name: part["from"] for name, part in found.items()} == {
            "a": "orders",
            "b": "production",
            "c": "training",
        }
        assert took < 0.75, "three times 0.3 s one after the other would be 0.9 s"
        assert len({a["headers"]["traceparent"].split("-")[1] for a in asked}) == 1

    def test_leaves_out_what_is_dead(self, kasi: SignedIn) -> None:
        Neighbours.dead.add("production")
        found = services().together(
            a=("orders", "/orders"), b=("production", "/work-orders"), c=("training", "/broken")
        )
        assert found["a"] == {"from": "orders"}
        assert isinstance(found["b"], Unavailable)
        assert not found["b"]
        assert isinstance(found["c"], Unavailable)

    def test_asks_for_a_whole_list_page_after_page(self, kasi: SignedIn, asked: list[dict[str, Any]]) -> None:
        found = services().together(a=("orders", "/orders"), b=Every("orders", "/many", {"state": "open"}))
        assert (len(found["b"]["items"]), found["b"]["next"]) == (203, None)
        pages = sorted(one["path"].partition("?")[2] for one in asked if "/many" in one["path"])
        assert pages == ["state=open&limit=200", "state=open&limit=200&cursor=more"]

    def test_raises_what_a_service_refused(self, kasi: SignedIn) -> None:
        with pytest.raises(ServiceProblem):
            services().together(a=("orders", "/orders"), b=("production", "/no"))


class TestBreaker:
    def test_stops_asking_after_five_failures_and_tries_again_after_a_rest(
        self, kasi: SignedIn, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [100.0]
        monkeypatch.setattr(clock, "monotonic", lambda: now[0])
        Neighbours.dead.add("orders")
        for _ in range(8):
            with pytest.raises(ServiceUnavailable):
                services().post("orders", "/x")
        assert len(asked) == 5
        services().post("production", "/x")
        Neighbours.dead.clear()
        now[0] += 5.1
        services().post("orders", "/x")
        services().post("orders", "/x")
        assert len(asked) == 8

    def test_lets_one_caller_try_after_the_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [100.0]
        monkeypatch.setattr(clock, "monotonic", lambda: now[0])
        breaker = Breaker(failures=1, rest=5)
        breaker.failed("orders")
        now[0] += 6
        breaker.check("orders")
        with pytest.raises(ServiceUnavailable):
            breaker.check("orders")


class TestNames:
    def test_are_asked_for_once_for_all(self, kasi: SignedIn, asked: list[dict[str, Any]]) -> None:
        one, two = new_id(), new_id()
        found = asking.names([one, two, str(one), None])
        assert found == {str(i): Name(name="Contoh", register_number="B.1") for i in (one, two)}
        assert len(asked) == 1

    def test_are_not_asked_for_by_a_role_that_may_not_know(
        self, app: Flask, asked: list[dict[str, Any]], kasi: SignedIn
    ) -> None:
        g.person = None
        assert asking.names([new_id()]) == {}
        assert asked == []

    def test_are_left_out_while_training_is_away(self, kasi: SignedIn) -> None:
        Neighbours.dead.add("training")
        assert asking.names([new_id()]) == {}
