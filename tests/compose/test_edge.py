"""The front door, from outside."""

import socket
import ssl

import pytest
import requests

from tests.compose.composed import SERVICES, Composed
from tests.story import LAPAS

INSIDE = (
    "/metrics",
    "/readyz",
    "/version",
    "//metrics",
    "/./metrics",
    "/%6detrics",
    *(f"/api/{service}/v1/facts" for service in SERVICES),
    "/api/orders/v1/facts?after=0",
    "/api/orders/v1/facts/",
    "/api/orders/v1/facts/status",
    "/api/orders//v1/facts",
    "/api/orders/v1/./facts",
    "/api/orders/x/../v1/facts",
    "/api/orders/v1/%66acts",
    "/api/orders/v1/x%2f..%2ffacts",
    "/API/orders/v1/FACTS",
    "/api/orders/v1/audit/verify",
)


def raw(system: Composed, request: bytes, *, seconds: float = 30) -> bytes:
    """Send bytes over HTTPS as they are and return everything that comes back."""
    trust = ssl.create_default_context(cafile=str(system.authority))
    with (
        socket.create_connection(("127.0.0.1", system.https_port), timeout=seconds) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


class TestPublicListener:
    @pytest.mark.parametrize("path", INSIDE)
    def test_hides_what_is_for_services_and_operators(self, system: Composed, path: str) -> None:
        token = system.keys.service("training")
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        assert status_of(raw(system, head.encode())) == 404

    def test_answers_for_itself(self, system: Composed) -> None:
        assert system.session().get(f"{system.https}/livez").text == "ok"
        assert requests.get(f"{system.http}/livez", timeout=5).text == "ok"

    def test_gives_the_name_on_the_network_a_certificate_of_its_own(self, system: Composed) -> None:
        trust = ssl.create_default_context(cafile=str(system.authority))
        with (
            socket.create_connection(("127.0.0.1", system.https_port), timeout=5) as plain,
            trust.wrap_socket(plain, server_hostname="giatja.lan") as connection,
        ):
            assert connection.version() == "TLSv1.3"

    def test_speaks_http2(self, system: Composed) -> None:
        trust = ssl.create_default_context(cafile=str(system.authority))
        trust.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", system.https_port), timeout=5) as plain,
            trust.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            assert connection.selected_alpn_protocol() == "h2"

    @pytest.mark.parametrize("path", ["/livez", "/", "/api/orders/v1/orders", "/metrics", "/no-such-page"])
    def test_says_what_browsers_may_do_on_every_answer(self, system: Composed, path: str) -> None:
        answer = system.session().get(f"{system.https}{path}")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        assert answer.headers["Referrer-Policy"]
        assert "Server" not in answer.headers

    @pytest.mark.parametrize(("framing", "status"), [("length", 413), ("chunks", 411)])
    def test_refuses_a_body_that_is_too_large_with_a_problem(self, system: Composed, framing: str, status: int) -> None:
        body = b"x" * 3_000_000
        answer = system.session(system.keys.person("kasi_giatja", LAPAS)).post(
            f"{system.https}/api/orders/v1/partners",
            data=body if framing == "length" else iter([body]),
            headers={"Content-Type": "application/json", "Idempotency-Key": "too-large"},
        )
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status

    def test_gives_up_a_client_that_dribbles(self, system: Composed) -> None:
        trust = ssl.create_default_context(cafile=str(system.authority))
        with (
            socket.create_connection(("127.0.0.1", system.https_port), timeout=30) as plain,
            trust.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            assert connection.recv(1) in (b"", b"H")  # closed or 408, and not held for ever

    def test_writes_down_no_query_no_header_and_no_link_of_a_partner_or_a_board(self, system: Composed) -> None:
        session = system.session("token-of-nobody")
        session.get(f"{system.https}/?q=name-of-somebody", headers={"Cookie": "s=cookie-of-nobody"})
        trace = session.get(f"{system.https}/lacak/link-of-nobody?q=name-of-somebody").headers["X-Trace-Id"]
        session.get(f"{system.https}/papan/board-of-nobody/isi")
        logged = system.compose("logs", "--no-color", "edge")
        assert '"uri":"/"' in logged
        assert '"uri":"/lacak/"' in logged
        assert '"uri":"/papan/"' in logged
        assert trace in logged
        secrets = ("name-of-somebody", "token-of-nobody", "cookie-of-nobody", "link-of-nobody", "board-of-nobody")
        assert not [word for word in secrets if word in logged]


class TestInnerListener:
    def test_is_not_published(self, system: Composed) -> None:
        published = {
            port for c in system.containers("edge") for port, to in c["NetworkSettings"]["Ports"].items() if to
        }
        assert published == {"8080/tcp", "8443/tcp"}

    def test_asks_for_a_token_all_the_same(self, system: Composed) -> None:
        script = "import urllib.request as u\ntry: u.urlopen('http://edge:8081/api/orders/v1/facts?after=0')\nexcept u.HTTPError as e: print(e.code)"
        assert system.compose("exec", "-T", "training", "python", "-c", script).strip() == "401"
