"""Asking the other services on behalf of the person of a request: side by side, and never waiting long for a dead one.

    order = services().get("orders", f"/orders/{id}").json
    parts = services().together(orders=("orders", "/orders/summary"), board=("production", "/work-orders"))

A dead service costs its part of a page: :class:`Unavailable` stands where its answer would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from flask import g

from giatja_gateway.identity.domain import EVERY_LAPAS, PERSON_TOKEN_SECONDS, SignedIn
from giatja_kit import clock
from giatja_kit.auth import PEOPLE_ISSUER, Principal
from giatja_kit.client import ServiceClient, ServiceUnavailable
from giatja_kit.database import Store
from giatja_kit.web import kit

_THREADS: Final = 8
_FAILURES: Final = 5
_REST_SECONDS: Final = 5.0
_RENEW_BEFORE: Final = 90
_REMEMBERED: Final = 2000
_NAMES_AT_ONCE: Final = 500
_NOBODY: Final = ""
_VISITOR: Final = Principal(subject="visitor", role="public", lapas="", issuer="", permissions=frozenset())

_PAGE: Final = 200
_MOST_LISTED: Final = 2000

Question = tuple[str, str] | tuple[str, str, Mapping[str, Any]]


class Every(NamedTuple):
    """A question for a whole list, page after page, where somebody chooses from it: its answer has all the items."""

    service: str
    path: str
    query: Mapping[str, Any] = MappingProxyType({})


class ServiceProblem(Exception):
    """A service answered no; ``document`` is its problem document, for the form or the page."""

    def __init__(self, service: str, status: int, document: Mapping[str, Any]) -> None:
        self.service = service
        self.status = status
        self.document = document
        super().__init__(f"{service}: {status} {document.get('type', '')}")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Stands for the answer of a service that gave none; it is false, so a template can ask."""

    service: str
    reason: str

    def __bool__(self) -> bool:
        """Say that there is nothing here."""
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a service answered; ``etag`` and ``version`` are of the thing, where it has one."""

    status: int
    json: Any
    etag: str = ""
    location: str = ""

    @property
    def version(self) -> int | None:
        """The version to send back as ``If-Match``."""
        number = self.etag.removeprefix('"v').removesuffix('"')
        return int(number) if number.isdecimal() else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """What an inmate is called, for those who may know."""

    name: str
    register_number: str


class Breaker:
    """Keeps from asking a service that has just failed several times in a row."""

    def __init__(self, failures: int = _FAILURES, rest: float = _REST_SECONDS) -> None:
        self._most = failures
        self._rest = rest
        self._failed: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def check(self, service: str) -> None:
        """Refuse to ask while the service rests; after that one caller tries, and the others wait for its luck.

        :raises ServiceUnavailable:
        """
        with self._lock:
            until = self._until.get(service)
            if until is None:
                return
            now = clock.monotonic()
            if now < until:
                raise ServiceUnavailable(service, "resting after failures")
            self._until[service] = now + self._rest

    def worked(self, service: str) -> None:
        """Note that it answered."""
        if service in self._failed:
            with self._lock:
                self._failed.pop(service, None)
                self._until.pop(service, None)

    def failed(self, service: str) -> None:
        """Note that it did not."""
        with self._lock:
            self._failed[service] = count = self._failed.get(service, 0) + 1
            if count >= self._most:
                self._until[service] = clock.monotonic() + self._rest


@dataclass(frozen=True, kw_only=True)
class Services:
    """The other services, as one caller sees them.

    :param token: the person's; nothing where the gateway asks for itself.
    """

    client: ServiceClient
    breaker: Breaker
    pool: ThreadPoolExecutor
    language: str
    token: str | None = field(default=None, repr=False)

    def get(self, service: str, path: str, **query: Any) -> Answer:
        """Ask a question.

        :raises ServiceProblem: it answered no. :raises ServiceUnavailable: it did not answer.
        """
        params = {name: value for name, value in query.items() if value is not None and value != ""}
        return self._ask("GET", service, path, params=params)

    def look(self, service: str, path: str, *, etag: str) -> Answer:
        """Ask a question again: where nothing has changed since ``etag``, the status is 304 and there is no answer.

        :raises ServiceProblem, ServiceUnavailable:
        """
        return self._ask("GET", service, path, unless=etag)

    def post(
        self, service: str, path: str, json: Any = None, *, key: str | None = None, version: int | str | None = None
    ) -> Answer:
        """Ask for an act.

        :param key: the form's key, by which a second sending is recognised.
        :param version: of what the person saw, as a number or as the ETag itself.
        :raises ServiceProblem, ServiceUnavailable:
        """
        return self._ask("POST", service, path, json={} if json is None else json, key=key, version=version)

    def patch(
        self, service: str, path: str, json: Any, *, key: str | None = None, version: int | str | None = None
    ) -> Answer:
        """Ask for a change of some fields.

        :raises ServiceProblem, ServiceUnavailable:
        """
        return self._ask("PATCH", service, path, json=json, key=key, version=version)

    def every(self, service: str, path: str, **query: Any) -> list[dict[str, Any]]:
        """Ask for a whole list, page after page, up to 2000 things.

        :raises ServiceProblem, ServiceUnavailable:
        """
        found: list[dict[str, Any]] = []
        cursor = None
        while len(found) < _MOST_LISTED:
            page = self.get(service, path, **{**query, "limit": _PAGE, "cursor": cursor}).json
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        return found

    def together(self, **questions: Question | Every) -> dict[str, Any]:
        """Ask several questions side by side; a service that does not answer is :class:`Unavailable`.

        :raises ServiceProblem: one of them answered no (4xx).
        """
        asked = list(questions.items())
        waiting: list[tuple[str, Future[Any]]] = [
            (name, self.pool.submit(copy_context().run, self._part, question)) for name, question in asked[1:]
        ]
        found = {name: self._part(question) for name, question in asked[:1]}
        return found | {name: future.result() for name, future in waiting}

    def as_gateway(self) -> Services:
        """Ask for the gateway itself, for pages without a person."""
        return replace(self, token=None)

    def _part(self, question: Question | Every) -> Any:
        service, path = question[0], question[1]
        query = question[2] if len(question) == 3 else {}
        try:
            if isinstance(question, Every):
                return {"items": self.every(service, path, **query), "next": None}
            return self.get(service, path, **query).json
        except ServiceUnavailable as error:
            return Unavailable(service, str(error))
        except ServiceProblem as problem:
            if problem.status >= 500:
                return Unavailable(service, str(problem))
            raise

    def _ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        key: str | None = None,
        version: int | str | None = None,
        unless: str = "",
    ) -> Answer:
        headers = {"Accept-Language": self.language}
        if unless:
            headers["If-None-Match"] = unless
        if key:
            headers["Idempotency-Key"] = key
        if version not in (None, ""):
            headers["If-Match"] = version if str(version).startswith('"') else f'"v{version}"'  # type: ignore[assignment]
        if self.token == _NOBODY:
            raise ServiceProblem(service, 401, {"type": "urn:giatja:problem:token-missing", "status": 401})
        self.breaker.check(service)
        try:
            answer = self.client.request(
                method, service, path, token=self.token, headers=headers, json=json, params=params
            )
        except ServiceUnavailable:
            self.breaker.failed(service)
            raise
        self.breaker.worked(service)
        if answer.status_code >= 400:
            raise ServiceProblem(service, answer.status_code, _document(answer))
        return Answer(
            status=answer.status_code,
            json=answer.json() if answer.content else None,
            etag=answer.headers.get("ETag", ""),
            location=answer.headers.get("Location", ""),
        )


def _document(answer: Any) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"type": "about:blank", "status": answer.status_code}


class Tokens:
    """The tokens the gateway signs for people, each used until shortly before it expires."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str, bool], tuple[float, str]] = {}
        self._lock = Lock()

    def of(self, person: SignedIn) -> str:
        """Return a token that says who asks, in which role, for which Lapas."""
        key = (str(person.id), person.role, person.scope, person.plt)
        at = clock.now()
        expires, token = self._kept.get(key, (0.0, ""))
        if at.timestamp() < expires - _RENEW_BEFORE:
            return token
        claims = {"sub": str(person.id), "role": person.role, "lapas": person.scope, "plt": person.plt}
        token = kit().service.signer.token(claims, at=at, seconds=PERSON_TOKEN_SECONDS)
        with self._lock:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            self._kept[key] = (at.timestamp() + PERSON_TOKEN_SECONDS, token)
        return token


@cache
def _breaker() -> Breaker:
    return Breaker()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="ask")


_tokens: Final = Tokens()


def services() -> Services:
    """Return the other services as the person of this request sees them.

    Where nobody has signed in, only what ``as_gateway()`` gives can ask.
    """
    person: SignedIn | None = g.get("person")
    return Services(
        client=kit().service.client,
        breaker=_breaker(),
        pool=_pool(),
        language=g.get("lang", "id"),
        token=_tokens.of(person) if person else _NOBODY,
    )


def names(ids: Iterable[object]) -> dict[str, Name]:
    """Return what inmates are called, by id; empty for a role that may not know, or when training is away.

    :raises ServiceProblem: training answered no.
    """
    wanted = sorted({str(i) for i in ids if i})
    person: SignedIn | None = g.get("person")
    if not wanted or person is None or "inmates.names" not in person.permissions:
        return {}
    found: dict[str, Name] = {}
    for start in range(0, len(wanted), _NAMES_AT_ONCE):
        try:
            answer = services().post("training", "/names", {"ids": wanted[start : start + _NAMES_AT_ONCE]})
        except ServiceUnavailable:
            return found
        found |= {identifier: Name(**row) for identifier, row in answer.json["items"].items()}
    return found


@contextmanager
def own(*, everywhere: bool = False) -> Iterator[Store]:
    """Open a transaction on the gateway's own database, as the person of this request.

    :param everywhere: for what belongs to no Lapas: people, sessions.
    """
    person: SignedIn | None = g.get("person")
    principal = person and Principal(
        subject=str(person.id),
        role=person.role,
        lapas=person.scope,
        issuer=PEOPLE_ISSUER,
        permissions=person.permissions,
        acting=person.plt,
    )
    with kit().database.transaction(principal or _VISITOR, at=clock.now()) as store:
        if everywhere:
            store.scope(EVERY_LAPAS)
        yield store
