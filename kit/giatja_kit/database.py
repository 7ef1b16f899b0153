"""The database of one service, and the one place in the house where a transaction commits."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row
from psycopg.sql import SQL
from pydantic_core import from_json
from sqlalchemy import Connection, Engine, PoolProxiedConnection, Select, bindparam, create_engine, select, text
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from giatja_kit.auth import EVERYWHERE, SERVICE, Principal
from giatja_kit.crash import crash_point
from giatja_kit.errors import Refusal, Stale, Unknown
from giatja_kit.events.fact import Fact
from giatja_kit.ids import new_id
from giatja_kit.logs import trace_id, traceparent

T = TypeVar("T")
Row = Mapping[str, Any]
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
_SERIALIZATION, _DEADLOCK = "40001", "40P01"
_TRIES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """The fact on whose account something is done, if it is not a person's request."""

    id: UUID
    actor: str
    lapas: str


class SeveralLapas(Refusal):
    """A role over several Lapas asked for something that belongs to one."""

    id = "Tindakan ini milik satu Lapas; peran Anda mencakup beberapa Lapas."
    en = "This belongs to one Lapas; your role covers several."


class OutcomeUnknown(Exception):
    """The connection died while committing: it may be done or not; asking again with the same key tells."""


class Store:
    """What a handler may do inside the transaction: load, keep, ask, tell.

    ``at`` is the moment of the request; ``principal`` is who asks. Nothing here commits.
    """

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection, principal: Principal, at: datetime) -> None:
        self.principal = principal
        self.at = at
        self.cause: Cause | None = None
        self._engine = engine
        self._pooled = pooled
        self._driver: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        self._cursor, self._words = _cursors(pooled)
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._told: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []
        self._last: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def session(self) -> Session:
        """The unit of work that loads and keeps objects; made when it is first wanted, in this same transaction."""
        if self._session is None:
            self._session = Session(self._sqlalchemy(), expire_on_commit=False)
        return self._session

    def _sqlalchemy(self) -> Connection:
        """Return the same connection as SQLAlchemy uses it, in a transaction; what asks in SQL alone does without."""
        if self._connection is None:
            self._connection = Connection(self._engine, self._pooled)
            self._connection.begin()
        return self._connection

    @property
    def lapas_id(self) -> str:
        """The one Lapas this is about.

        :raises SeveralLapas: when the caller's role covers more than one.
        """
        lapas = self.cause.lapas if self.cause else self.principal.lapas
        if lapas == EVERYWHERE or "," in lapas:
            raise SeveralLapas
        return lapas

    @property
    def actor(self) -> str:
        """Who is to be named for what is done here: a person's id, or a service."""
        return self.cause.actor if self.cause else f"{self.principal.role}:{self.principal.subject}"

    def get(self, entity: type[T], id: UUID, *, version: int | None = None, missing: type[Unknown] = Unknown) -> T:  # noqa: A002
        """Load one aggregate and lock it until the transaction ends.

        :param version: the version the caller has seen (``If-Match``).
        :raises Unknown: when it does not exist, or not for this caller.
        :raises Stale: when it has moved on from ``version``.
        """
        lapas = self.cause.lapas if self.cause else self.principal.lapas
        one = lapas != EVERYWHERE and "," not in lapas
        query = _locking(cast("Any", entity), one_lapas=one)
        found: T | None = self.session.scalars(query, {"id": id, "lapas_id": lapas}).one_or_none()
        if found is None:
            raise missing(id=id)
        if version is not None and found.version != version:  # type: ignore[attr-defined]
            raise Stale(version=found.version)  # type: ignore[attr-defined]
        return found

    def add(self, thing: object) -> None:
        """Keep a new thing."""
        self.session.add(thing)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Do a part of the work that is undone alone when it raises."""
        with self.session.begin_nested():
            self.session.connection()  # or the session would set its savepoint only when it next sends something
            yield

    def rows(self, sql: str, /, **values: Any) -> Sequence[Row]:
        """Run a query and return its rows."""
        found: Sequence[Row] = self._execute(sql, values).fetchall()
        return found

    def row(self, sql: str, /, **values: Any) -> Row | None:
        """Run a query and return its first row, or nothing."""
        found: Row | None = self._execute(sql, values).fetchone()
        return found

    def value(self, sql: str, /, **values: Any) -> Any:
        """Run a query and return the first value of its first row, or nothing."""
        found = self._execute(sql, values).fetchone()
        return next(iter(found.values())) if found else None

    def run(self, sql: str, values: Values | None = None) -> int:
        """Run a statement, once or for each of several sets of values; return the rows it touched."""
        if isinstance(values, Sequence) and not values:
            return 0
        return self._execute(sql, values or {}).rowcount

    def flush(self) -> None:
        """Write what was changed through objects, so that it is seen by what is asked in SQL."""
        if self._session is not None:
            self._session.flush()

    def _execute(self, sql: str, values: Values) -> psycopg.Cursor[dict[str, Any]]:
        """Run SQL on the driver itself: SQLAlchemy's own way there takes thrice as long as the question does."""
        self.flush()
        cursor = self._cursor
        try:
            if isinstance(values, Mapping):
                cursor.execute(_driver_form(sql), values)
            elif len(values) == 1:
                cursor.execute(_driver_form(sql), values[0])
            else:
                cursor.executemany(_driver_form(sql), values)
        except psycopg.Error as error:
            raise self._failure(sql, error) from error
        return cursor

    def _failure(self, sql: str, error: psycopg.Error) -> DBAPIError:
        """Return an error of the driver as SQLAlchemy would have raised it."""
        if self._driver.closed:
            # Asked through SQLAlchemy it notices, raises, and renews what else waits in the pool.
            self._sqlalchemy().exec_driver_sql("SELECT 1")
        return _as_sqlalchemy(sql, error)

    def tell(self, *facts: Fact, lapas_id: str | None = None, at: datetime | None = None) -> None:
        """Tell others: the facts are kept with the change, or not at all."""
        for fact in facts:
            self._told.append(
                {
                    "id": new_id(),
                    "lapas_id": lapas_id or self.lapas_id,
                    "type": fact.type,
                    "subject": fact.about(),
                    "occurred_at": at or self.at,
                    "actor": self.actor,
                    "traceparent": traceparent(),
                    "causation": self.cause.id if self.cause else None,
                    "data": json.dumps(fact.data()),
                }
            )

    def audit(
        self, action: str, subject: object, *, outcome: str = "done", lapas_id: str | None = None, **detail: Any
    ) -> None:
        """Keep who did what in the trail nobody can edit."""
        self._audit.append(
            {
                "lapas_id": lapas_id or (self.cause.lapas if self.cause else self.principal.lapas),
                "at": self.at,
                "actor": self.actor,
                "role": self.principal.role,
                "action": action,
                "subject": str(subject),
                "outcome": outcome,
                "trace": trace_id(),
                "detail": json.dumps(detail, default=str),
            }
        )

    def last(self, sql: str, values: Mapping[str, Any]) -> None:
        """Have a statement of which nobody wants to know the result sent together with the commit."""
        self._last.append((sql, values))

    def begin(self, *, repeatable: bool) -> None:
        """Begin the transaction, with the rows that its principal may see."""
        self._say(_opening(self.principal.lapas, repeatable=repeatable), ExecStatus.TUPLES_OK)

    def end(self) -> None:
        """Send what is pending and the commit in one message, so that others wait less for what is locked."""
        self.flush()
        if len(self._told) > _FEW or len(self._audit) > _FEW:
            self.write_down()
        self._say(b";".join([*self._pending(), b"COMMIT"]), ExecStatus.COMMAND_OK)
        if self._connection is not None:
            self._connection.commit()  # for SQLAlchemy's own books; there is nothing left to send

    def _pending(self) -> list[bytes]:
        pending = [*((_TELL, told) for told in self._told), *((_AUDIT, entry) for entry in self._audit), *self._last]
        try:
            return [self._words.mogrify(_driver_form(sql), values).encode() for sql, values in pending]
        except psycopg.Error as error:
            raise self._failure("COMMIT", error) from error

    def close(self) -> None:
        """Give the connection back, undoing what was not committed."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            self._connection.close()
        else:
            self._pooled.close()

    def _say(self, message: bytes, expected: ExecStatus) -> None:
        """Send statements below the driver's cursors, which would take several messages and twice the time."""
        answer = self._driver.pgconn.exec_(message)
        if answer.status != expected:
            raise self._failure(message[:6].decode(), error_from_result(answer))
        if answer.command_status == b"ROLLBACK":
            raise self._failure("COMMIT", psycopg.errors.InFailedSqlTransaction("an error before it was passed over"))

    def scope(self, lapas: str) -> None:
        """Narrow, or for a service's own work widen, the rows this transaction sees."""
        self._execute(_SCOPE, {"lapas": lapas})

    def forget(self) -> None:
        """Drop what was told and not written down, after a part of the work was undone."""
        self._told, self._audit = [], []

    def write_down(self) -> None:
        """Send what is pending to the database, facts and audit included."""
        self.flush()
        told, audit, self._told, self._audit = self._told, self._audit, [], []
        self.run(_TELL, told)
        self.run(_AUDIT, audit)


_FEW = 5
_SCOPE = "SELECT set_config('giatja.lapas', :lapas, true)"
_TELL = (
    "INSERT INTO event_log (id, lapas_id, type, subject, occurred_at, actor, traceparent, causation, data)"
    " VALUES (:id, :lapas_id, :type, :subject, :occurred_at, :actor, :traceparent, :causation, CAST(:data AS jsonb))"
)
_AUDIT = (
    "INSERT INTO audit_log (lapas_id, at, actor, role, action, subject, outcome, trace, detail)"
    " VALUES (:lapas_id, :at, :actor, :role, :action, :subject, :outcome, :trace, CAST(:detail AS jsonb))"
)
_DIALECT = psycopg_dialect.dialect()  # type: ignore[no-untyped-call]


@cache
def _locking(entity: Any, *, one_lapas: bool) -> Select[Any]:
    """Return what loads and locks one aggregate: making it anew would take as long as running it."""
    query = select(entity).where(entity.id == bindparam("id"))
    if one_lapas and hasattr(entity, "lapas_id"):
        # Row-level security says the same, but not in a form for which the key's index could be used.
        query = query.where(entity.lapas_id == bindparam("lapas_id"))
    # Keys never change, so what refers to it by one need not wait: two who each hold what the other refers to would
    # wait for each other. A batch of facts may meet the same thing twice, changed in SQL in between.
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


@cache
def _driver_form(sql: str) -> str:
    """Return a text with ``:names`` as the driver takes it; every text is a constant of the code."""
    return str(text(sql).compile(dialect=_DIALECT))


def _as_sqlalchemy(sql: str, error: psycopg.Error) -> DBAPIError:
    said = DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True, dialect=_DIALECT)
    assert isinstance(said, DBAPIError)  # noqa: S101 - it may only be something else for errors of no driver
    return said


def _cursors(pooled: PoolProxiedConnection) -> tuple["psycopg.Cursor[dict[str, Any]]", "psycopg.ClientCursor[Any]"]:
    """Return the cursors of a connection: they know how to read and write each type, which takes time to learn."""
    if "cursors" not in pooled.info:
        driver: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        pooled.info["cursors"] = driver.cursor(row_factory=dict_row), psycopg.ClientCursor(driver)
    cursors: tuple[psycopg.Cursor[dict[str, Any]], psycopg.ClientCursor[Any]] = pooled.info["cursors"]
    return cursors


@lru_cache(maxsize=1024)
def _opening(lapas: str, *, repeatable: bool) -> bytes:
    begin = "BEGIN; SELECT set_config('giatja.lapas', {}, true)"
    if repeatable:
        begin += ", set_config('synchronous_commit', 'off', true)"
    return SQL(begin).format(lapas).as_bytes()


class Database:
    """One service's database: an engine and its transactions."""

    def __init__(self, engine: Engine, *, service: str) -> None:
        self.engine = engine
        self._system = Principal(
            subject=service, role=SERVICE, lapas=EVERYWHERE, issuer=service, permissions=frozenset()
        )

    @classmethod
    def connect(cls, url: Any, *, service: str, connections: int, process: str) -> "Database":
        """Make the pool of connections; none is opened before it is needed."""
        engine = create_engine(
            url,
            pool_size=connections,
            max_overflow=2,
            pool_timeout=5,
            pool_recycle=1800,
            json_deserializer=from_json,
            hide_parameters=True,  # an error's text goes to the log, and values may be people's names
            connect_args={
                "connect_timeout": 3,
                "application_name": f"giatja-{service}-{process}",
                "options": "-c timezone=UTC",
                "prepare_threshold": 2,
                "keepalives_idle": 10,
            },
        )
        return cls(engine, service=service)

    @contextmanager
    def transaction(
        self, principal: Principal | None = None, *, at: datetime, repeatable: bool = False
    ) -> Iterator[Store]:
        """Open the transaction: everything inside happens, or nothing of it.

        :param principal: who asks, from a signed token; without one it is the service itself.
        :param at: the moment of the request.
        :param repeatable: it would be done again by itself if the machine failed now, as hearing is, so
            nobody waits until it is on the disk. It is there before anything that is built on it, since the
            log of the database is written in order.
        """
        who = principal or self._system
        store = Store(self.engine, self._pooled(), who, at)
        try:
            store.begin(repeatable=repeatable)
            try:
                yield store
                store.flush()
            except StaleDataError:
                raise Stale from None
            crash_point("before-commit")
            try:
                store.end()
            except DBAPIError as error:
                if is_passing(error) and error.connection_invalidated:
                    raise OutcomeUnknown from error
                raise
            crash_point("after-commit")
        finally:
            store.close()

    def _pooled(self) -> PoolProxiedConnection:
        try:
            return self.engine.raw_connection()
        except psycopg.Error as error:
            raise _as_sqlalchemy("", error) from error

    def attempt(self, act: Callable[[], T]) -> T:
        """Do something that opens its own transaction, again if the database undid it whole.

        A deadlock or a serialization failure, and a connection found dead before anything was
        committed, are nobody's mistake. A connection lost *during* the commit is not repeated
        here (:class:`OutcomeUnknown`): the caller repeats with the same Idempotency-Key.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return act()
            except DBAPIError as error:
                if attempt == _TRIES or not is_passing(error):
                    raise
        raise AssertionError("unreachable")


def is_passing(error: BaseException) -> bool:
    """Return whether an error is of the connection or the schedule, not of what was asked."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated
        or isinstance(error, InterfaceError)
        or (isinstance(error, OperationalError) and state in (None, _SERIALIZATION, _DEADLOCK, "55P03", "57014"))
        or (state or "")[:2] in ("08", "57", "53")
    )
