"""The HTTP side of a service: parsing, who may, the one transaction, problem documents, health, figures.

A service writes functions; what they ask for by name they are given::

    @routes.post("/orders", permission="orders.create", creates="/orders/{id}", answer=OrderView)
    def create_order(store: Store, body: NewOrder) -> dict[str, Any]:
        ...

``store`` (inside the open transaction), ``path``, ``query``, ``body`` (pydantic models), ``version``
(of ``If-Match``). What the function returns is the answer; the transaction closes round it.
"""

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from time import perf_counter
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, g, redirect, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from giatja_kit import clock, idempotency, metrics, problems, schema_state
from giatja_kit.auth import Principal, TokenRefused
from giatja_kit.broker import broker_answers
from giatja_kit.client import ServiceUnavailable
from giatja_kit.database import Database, OutcomeUnknown, Store, is_passing
from giatja_kit.errors import NotAllowed, Refusal
from giatja_kit.events import operate
from giatja_kit.logs import get_logger, trace
from giatja_kit.problems import Problem, ProtocolRefusal
from giatja_kit.service import Service

log = get_logger(__name__)

BODY_LIMIT = 2 * 1024 * 1024
_SLOW_SECONDS = 1.0
_READ = "GET"
_SECURITY: list[dict[str, list[Any]]] = [{"bearer": []}]
PUBLIC = "public"


class Input(BaseModel):
    """The base of what a route takes: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class ById(Input):
    """The path of one thing."""

    id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteInfo:
    """What a route declares, for the tests that walk all routes and for its documentation."""

    method: str
    rule: str
    permission: str
    creates: bool
    updates: bool
    asks: bool = False
    secret: bool = False


class Routes:
    """The routes of one capability.

    :param name: of the capability; :param tag: the heading in the documentation.
    """

    def __init__(self, name: str, *, tag: str) -> None:
        self.name = name
        self.infos: list[RouteInfo] = []
        # The gateway has pages of the same names beside its API.
        self._blueprint = APIBlueprint(f"{name}_api", name, abp_tags=[Tag(name=tag)], abp_security=_SECURITY)

    @property
    def blueprint(self) -> APIBlueprint:
        """The blueprint to register."""
        return self._blueprint

    def get(self, rule: str, *, permission: str, answer: type[BaseModel] | None = None) -> Callable[..., Any]:
        """Declare a question."""
        return self._route(_READ, rule, permission=permission, answer=answer)

    def post(
        self,
        rule: str,
        *,
        permission: str,
        answer: type[BaseModel] | None = None,
        creates: str | None = None,
        updates: bool = False,
        secret: bool = False,
    ) -> Callable[..., Any]:
        """Declare an act.

        :param creates: the address of what is made, e.g. ``/orders/{id}``; an Idempotency-Key is
            then required and the answer is 201.
        :param updates: it changes something the caller has seen; If-Match is then required.
        :param secret: its answer holds a secret, shown once: it is not kept to be given again.
        """
        return self._route(
            "POST", rule, permission=permission, answer=answer, creates=creates, updates=updates, secret=secret
        )

    def ask(self, rule: str, *, permission: str, answer: type[BaseModel] | None = None) -> Callable[..., Any]:
        """Declare a question whose terms are too many or too private for an address: sent as POST, changes nothing."""
        return self._route("POST", rule, permission=permission, answer=answer, asks=True)

    def patch(self, rule: str, *, permission: str, answer: type[BaseModel] | None = None) -> Callable[..., Any]:
        """Declare a change of some fields; If-Match is required."""
        return self._route("PATCH", rule, permission=permission, answer=answer, updates=True)

    def _route(
        self,
        method: str,
        rule: str,
        *,
        permission: str,
        answer: type[BaseModel] | None,
        creates: str | None = None,
        updates: bool = False,
        asks: bool = False,
        secret: bool = False,
    ) -> Callable[..., Any]:
        info = RouteInfo(
            method=method,
            rule=rule,
            permission=permission,
            creates=creates is not None,
            updates=updates,
            asks=asks,
            secret=secret,
        )
        self.infos.append(info)

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            view = _View(function, info, location=creates)
            status = "201" if creates else "200"
            document = getattr(self._blueprint, method.lower())
            wrapped = wraps(function)(lambda **kwargs: view(kwargs))
            # The library would validate again, deriving the JSON schema at each request.
            wrapped.__delay_validate_request__ = True  # type: ignore[attr-defined]
            document(
                rule,
                responses={status: answer} if answer else None,
                security=[] if permission == PUBLIC else _SECURITY,
                openapi_extensions={"x-permission": permission},
            )(wrapped)
            return function

        return declare


class _View:
    """One route at work."""

    def __init__(self, function: Callable[..., Any], info: RouteInfo, *, location: str | None) -> None:
        self.function = function
        self.info = info
        self.location = location
        hints = typing.get_type_hints(function)
        self.path: type[BaseModel] | None = hints.get("path")
        self.query: type[BaseModel] | None = hints.get("query")
        self.body: type[BaseModel] | None = hints.get("body")
        self.lists = frozenset(
            name for name, f in (self.query.model_fields.items() if self.query else ()) if "list" in str(f.annotation)
        )

    def __call__(self, path_values: Mapping[str, str]) -> WerkzeugResponse:
        principal = authenticate(self.info.permission)
        given = self._inputs(path_values)
        return kit().database.attempt(lambda: self._transact(principal, given))

    def _inputs(self, path_values: Mapping[str, str]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.path:
            given["path"] = self.path.model_validate(path_values)
        if self.query:
            values = {k: request.args.getlist(k) if k in self.lists else v for k, v in request.args.items()}
            given["query"] = self.query.model_validate({k: v for k, v in values.items() if v != ""})
        if self.body:
            given["body"] = self.body.model_validate_json(read_body())
        if self.info.updates:
            given["version"] = _if_match()
        return given

    def _transact(self, principal: Principal, given: dict[str, Any]) -> WerkzeugResponse:
        at = clock.now()
        if self.info.method == _READ or self.info.asks:
            with kit().database.transaction(principal, at=at) as store:
                result = self.function(store=store, **given)
            return _respond(result)
        # A key belongs to somebody; what anybody is answered (a token, say) is not kept for the next one.
        nobodys = principal.role == PUBLIC or self.info.secret
        key = None if nobodys else _idempotency_key(required=self.info.creates)
        with kit().database.transaction(principal, at=at) as store:
            if key:
                print_ = idempotency.fingerprint(request.method, request.full_path, request.get_data())
                kept = idempotency.claim(store, key, print_)
                if kept:
                    return Response(kept.body, kept.status, {**kept.headers, "Idempotent-Replay": "true"})
            response = self._act(store, given)
            if key:
                idempotency.keep(store, key, _kept(response))
        return response

    def _act(self, store: Store, given: dict[str, Any]) -> WerkzeugResponse:
        result = self.function(store=store, **given)
        response = _respond(result)
        subject = request.path
        if self.location is not None:
            response.status_code = 201
            subject = f"/api/{kit().service.name}/v1" + self.location.format_map(result)
            response.headers["Location"] = subject
        if store.principal.role != PUBLIC:
            store.audit(self.info.permission, subject)
        return response


def _kept(response: WerkzeugResponse) -> idempotency.KeptAnswer:
    names = ("Content-Type", "Location", "ETag")
    headers = {name: response.headers[name] for name in names if name in response.headers}
    return idempotency.KeptAnswer(status=response.status_code, body=response.get_data(as_text=True), headers=headers)


def _respond(result: Any) -> WerkzeugResponse:
    if isinstance(result, WerkzeugResponse):
        return result
    response = Response(
        dump(result), headers=[("Content-Type", "application/json"), ("Cache-Control", "private, no-cache")]
    )
    if isinstance(result, Mapping) and "version" in result:
        etag = f'"v{result["version"]}"'
        response.headers.add("ETag", etag)
        if request.method == _READ and etag in request.headers.get("If-None-Match", ""):
            response.status_code = 304
            response.set_data(b"")
    return response


def dump(value: Any) -> bytes:
    """Return JSON; ids, dates, rows and models included."""
    return to_json(value)


def authenticate(permission: str) -> Principal:
    """Return who asks.

    :raises ProtocolRefusal: no token, or one that is not believed.
    :raises NotAllowed: the role does not carry the permission.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if permission == PUBLIC and not token:
        return Principal(subject="public", role=PUBLIC, lapas="", issuer="", permissions=frozenset())
    if scheme.lower() != "bearer" or not token:
        raise ProtocolRefusal("token-missing")
    try:
        principal = kit().service.verifier.principal(token.strip(), at=clock.now())
    except TokenRefused as error:
        log.info("token_refused", reason=str(error))
        raise ProtocolRefusal("token-refused") from None
    g.principal = principal
    if permission != PUBLIC and not principal.may(permission):
        raise NotAllowed(permission=permission)
    return principal


def read_body() -> bytes:
    """Return the body of a JSON request.

    :raises ProtocolRefusal: no length, too large, or not JSON.
    """
    if request.content_length is None:
        raise ProtocolRefusal("length-required")
    if request.content_length > BODY_LIMIT:
        raise ProtocolRefusal("body-too-large")
    if request.mimetype != "application/json":
        raise ProtocolRefusal("not-json")
    return request.get_data()


def _if_match() -> int:
    header = request.headers.get("If-Match")
    if not header:
        raise ProtocolRefusal("if-match-missing")
    value = header.strip().removeprefix('"v').removesuffix('"')
    if not value.isdecimal() or len(value) > 9:
        raise ProtocolRefusal("if-match-malformed")
    return int(value)


def _idempotency_key(*, required: bool) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if not key and required:
        raise ProtocolRefusal("idempotency-key-missing")
    if key and len(key) > idempotency.LONGEST:
        raise ProtocolRefusal("idempotency-key-malformed")
    return key or None


@dataclass(frozen=True, kw_only=True, slots=True)
class Kit:
    """What a web process holds."""

    service: Service
    database: Database


def kit() -> Kit:
    """Return what this web process holds."""
    held: Kit = current_app.extensions["giatja"]
    return held


class _Documented(OpenAPI):
    """An application whose document also says what the library cannot know: our headers and problems."""

    declared: dict[str, list[RouteInfo]]

    def generate_spec_json(self) -> None:
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        problem = {
            "description": "A problem document",
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for rule, infos in self.declared.items():
            for info in infos:
                operation = self.spec_json["paths"][rule.replace("<", "{").replace(">", "}")][info.method.lower()]
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = problem
                operation.setdefault("parameters", []).extend(
                    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
                    for name, wanted in (("Idempotency-Key", info.creates), ("If-Match", info.updates))
                    if wanted
                )


def create_app(service: Service) -> _Documented:
    """Make the web application of a service."""
    prefix = f"/api/{service.name}"
    app = _Documented(
        service.package,
        info=Info(title=f"Giatja {service.title}", version="1", description="Errors are RFC 9457 problem documents."),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        validation_error_model=Problem,
        doc_prefix=f"{prefix}/docs",
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.extensions["giatja"] = Kit(service=service, database=service.database("web", service.settings.web_threads + 1))
    from giatja_kit.events.api import routes as fact_routes  # it needs Routes, which is made above

    for routes in (*service.routes, fact_routes()):
        app.register_api(routes.blueprint, url_prefix=f"{prefix}/v1")
    add_machinery(app, service)
    app.declared = {f"{prefix}/v1{info.rule}": [] for routes in service.routes for info in routes.infos}
    for routes in service.routes:
        for info in routes.infos:
            app.declared[f"{prefix}/v1{info.rule}"].append(info)
    return app


def add_machinery(app: Flask, service: Service) -> None:
    """Give an application traces, figures, problem documents and health answers."""
    database: Database = app.extensions["giatja"].database

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        g.trace = trace(request.headers.get("traceparent"))
        g.trace_id = g.trace.__enter__()

    @app.after_request
    def finish(response: WerkzeugResponse) -> WerkzeugResponse:
        took = perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else "-"
        metrics.request_took(service.name, route, response.status_code, took)
        if response.status_code >= 400 or took > _SLOW_SECONDS:
            log.info("request", method=request.method, route=route, status=response.status_code, seconds=round(took, 4))
        response.headers.add("X-Trace-Id", g.trace_id)
        return response

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if "trace" in g:
            g.trace.__exit__(None, None, None)

    _add_errors(app, service, database)
    _add_health(app, service, database)


def _add_errors(app: Flask, service: Service, database: Database) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        metrics.REFUSALS.labels(service.name, refusal.slug()).inc()
        if isinstance(refusal, NotAllowed):
            _audit_refusal(database, refusal)
        return problems.of_refusal(refusal)

    @app.errorhandler(ProtocolRefusal)
    def broken_protocol(refusal: ProtocolRefusal) -> Response:
        metrics.REFUSALS.labels(service.name, refusal.slug).inc()
        return problems.of_protocol(refusal.slug)

    app.register_error_handler(ValidationError, problems.of_validation)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return problems.of_status(error.code or 500)

    @app.errorhandler(DataError)
    def not_storable(error: DataError) -> Response:
        """Answer for a value no column can hold: a NUL in a text, a crafted cursor."""
        log.info("value_refused_by_database", error=str(error.orig))
        return problems.of_protocol("input-invalid")

    @app.errorhandler(OutcomeUnknown)
    def outcome_unknown(_error: OutcomeUnknown) -> Response:
        return problems.of_protocol("outcome-unknown")

    @app.errorhandler(ServiceUnavailable)
    @app.errorhandler(PoolTimeout)
    def unavailable(error: Exception) -> Response:
        log.warning("unavailable", error=str(error))
        return problems.of_protocol("unavailable")

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if is_passing(error):
            return unavailable(error)
        log.error("request_failed", exc_info=error)
        return problems.of_protocol("internal")


def _audit_refusal(database: Database, refusal: NotAllowed) -> None:
    """Keep that somebody was refused; in a transaction of its own, since theirs was undone."""
    principal: Principal | None = g.get("principal")
    if principal is None:
        return
    try:
        with database.transaction(principal, at=clock.now()) as store:
            store.audit(str(refusal.facts.get("permission", refusal.slug())), request.path, outcome="refused")
    except SQLAlchemyError:
        log.warning("refusal_not_audited", path=request.path)


def _add_health(app: Flask, service: Service, database: Database) -> None:
    newest = schema_state.newest(service.package)

    @app.route("/livez")
    def livez() -> tuple[dict[str, str], int]:
        return {"status": "alive"}, 200

    @app.route("/readyz")
    def readyz() -> tuple[dict[str, Any], int]:
        """Ready while the database answers with our schema or a later one; without a broker only latency suffers."""
        checks = {"database": "ok", "schema": "ok", "broker": "ok"}
        try:
            with database.engine.connect() as connection:
                if schema_state.current(connection) < newest:
                    checks["schema"] = "behind"
        except (DBAPIError, PoolTimeout):
            checks["database"] = checks["schema"] = "unreachable"
        if not broker_answers(service.settings):
            checks["broker"] = "unreachable"
        ready = checks["database"] == checks["schema"] == "ok"
        return {"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503

    @app.route("/version")
    def version() -> dict[str, str]:
        from importlib.metadata import version as installed

        return {"service": service.name, "version": installed(f"giatja-{service.name}"), "schema": newest}

    @app.route("/metrics")
    def figures() -> Response:
        try:
            with database.transaction(at=clock.now()) as store:
                standing = operate.figures(store)
        except (DBAPIError, PoolTimeout):
            standing = {}
        return Response(metrics.exposition(standing), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.route(f"/api/{service.name}/docs")
    def docs() -> WerkzeugResponse:
        return redirect(f"/api/{service.name}/docs/swagger")
