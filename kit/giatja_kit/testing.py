"""What tests of every service need: keys, tokens, a database of its own, a feed without HTTP."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as WerkzeugResponse

from giatja_kit import clock
from giatja_kit.auth import Signer, new_key
from giatja_kit.database import Database, Row
from giatja_kit.events import log as event_log
from giatja_kit.events.receive import Page
from giatja_kit.ids import new_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ISSUERS = ("gateway", "orders", "production", "training", "ops")


@dataclass(frozen=True, kw_only=True)
class TestKeys:
    """Keys for each issuer and the file that makes services trust them."""

    __test__ = False

    private: Mapping[str, str]
    trusted_keys_file: Path

    def person(
        self, role: str, lapas: str, *, subject: str = "person-1", seconds: int = 300, at: datetime | None = None
    ) -> str:
        """Return a token as the gateway would issue it for a person."""
        signer = Signer("gateway", self.private["gateway"])
        return signer.token({"sub": subject, "role": role, "lapas": lapas}, at=at or clock.now(), seconds=seconds)

    def service(self, name: str) -> str:
        """Return a token of a service."""
        return Signer(name, self.private[name]).service_token(at=clock.now())


def make_keys(folder: Path, issuers: tuple[str, ...] = ISSUERS) -> TestKeys:
    """Make a key pair for each issuer."""
    pairs = {issuer: new_key(issuer, clock.now()) for issuer in issuers}
    file = folder / "trusted_keys.json"
    file.write_text(json.dumps({issuer: [public] for issuer, (_, public) in pairs.items()}))
    return TestKeys(private={issuer: private for issuer, (private, _) in pairs.items()}, trusted_keys_file=file)


class LocalFeed:
    """A feed without HTTP: places what was told and reads the log of the source."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases

    def __call__(self, source: str, after: int) -> Page:
        """Read a source's log after a position."""
        with self._databases[source].transaction(at=clock.now()) as store:
            event_log.place(store)
        with self._databases[source].transaction(at=clock.now()) as store:
            head, facts = event_log.read(store, source, after=after)
        return Page(epoch=head.epoch, epoch_from=head.epoch_from, head=head.position, facts=facts)


def told(database: Database, type_: str | None = None) -> list[Row]:
    """Return the facts a service has told, in order, placed or not."""
    with database.transaction(at=clock.now()) as store:
        rows = store.rows("SELECT type, subject, lapas_id, actor, data, causation FROM event_log ORDER BY seq")
    return [r for r in rows if type_ is None or r["type"] == type_]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service answered."""

    status_code: int
    json: Any
    headers: Mapping[str, str]
    text: str


class Caller:
    """Somebody with a token who asks a service in process; keys and versions are filled in."""

    def __init__(self, client: FlaskClient, base: str, token: str) -> None:
        self._client = client
        self._base = base
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Answer:
        """Ask a question."""
        return self._answer(self._client.get(self._base + path, headers=self._headers, query_string=query))

    def post(self, path: str, json: Any = None, *, key: str | None = None, version: int | None = None) -> Answer:
        """Ask for an act; every call gets a fresh Idempotency-Key unless one is given."""
        return self._send("POST", path, json, key=key or str(new_id()), version=version)

    def patch(self, path: str, json: Any, *, version: int | None = None) -> Answer:
        """Ask for a change."""
        return self._send("PATCH", path, json, key=None, version=version)

    def _send(self, method: str, path: str, json: Any, *, key: str | None, version: int | None) -> Answer:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        if version is not None:
            headers["If-Match"] = f'"v{version}"'
        body = json if json is not None else {}
        return self._answer(self._client.open(self._base + path, method=method, json=body, headers=headers))

    @staticmethod
    def _answer(response: TestResponse) -> Answer:
        return Answer(
            status_code=response.status_code,
            json=response.get_json(silent=True),
            headers=dict(response.headers),
            text=response.get_data(as_text=True),
        )


@contextmanager
def answering(apps: Mapping[str, Flask]) -> Iterator[str]:
    """Answer over HTTP as the edge's inner listener does; a service that is not among them is down.

    :return: the address to give as ``internal_url``; services that need it first may be added after.
    """

    def edge(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        parts = environ["PATH_INFO"].split("/")
        app = apps.get(parts[2]) if len(parts) > 2 else None
        return app(environ, start_response) if app else WerkzeugResponse(status=503)(environ, start_response)

    server = make_server("127.0.0.1", 0, edge, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
