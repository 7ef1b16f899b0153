"""The floor of the writes: the statements of the same transactions, sent by psycopg and nothing else.

They are not written here but recorded: one act is done by the service itself in a process of its own,
each statement that its driver is given is noted, and eight processes then repeat them with ids of
their own. So the floor changes with the services and cannot be made easier than what they do.
"""

import multiprocessing
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from giatja_ops.bench.load import CLIENTS, Outcome

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LOCKS: Final = re.compile(r"FOR (NO KEY )?UPDATE")
_LAPAS: Final = "SELECT set_config('giatja.lapas', %s, true)"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement as the driver was given it, and how many rows it touched or found."""

    sql: str
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    rows: int


Transaction = Sequence[Statement]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to record the transaction of; ``{made}`` in the path is the id the one before it made."""

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is recorded: the requests of one act to one service, and how to connect as it does."""

    service: str
    settings: Mapping[str, str]
    token: str
    requests: Sequence[Request]


@dataclass(frozen=True, kw_only=True)
class Score:
    """What is repeated.

    :param kept: ids that stay as they were: what existed before the act.
    :param places: pairs that stand for each other: where the recorded act was done, and where else it may be.
    """

    dsn: str
    lapas: str
    transactions: Sequence[Transaction]
    kept: frozenset[UUID]
    places: Sequence[tuple[UUID, ...]] = ()


def record(recipe: Recipe) -> Sequence[Transaction]:
    """Do the act once in a process of its own and return the statements of each request."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_record, recipe).result()


def _record(recipe: Recipe) -> list[list[Statement]]:
    from importlib import import_module  # the service is loaded in the process that plays it, and there alone

    from giatja_kit.settings import Settings, read_settings
    from giatja_kit.web import create_app

    bootstrap = import_module(f"giatja_{recipe.service}.bootstrap")
    module = import_module(f"giatja_{recipe.service}.settings")
    kinds = [k for k in vars(module).values() if isinstance(k, type) and issubclass(k, Settings) and k is not Settings]
    client = create_app(bootstrap.make_service(read_settings(kinds[0], dict(recipe.settings)))).test_client()
    noted: list[Statement] = []
    _note_statements(noted)
    transactions: list[list[Statement]] = []
    made = ""
    # Twice, since the first time asks more: what is only asked once in a process is not the act's.
    for _ in range(2):
        transactions.clear()
        for request in recipe.requests:
            noted.clear()
            headers = {"Authorization": f"Bearer {recipe.token}", **request.headers, "Idempotency-Key": str(uuid4())}
            answer = client.post(request.path.format(made=made), json=request.body, headers=headers)
            if answer.status_code not in (200, 201):
                raise RuntimeError(f"{request.path}: {answer.status_code} {answer.get_data(as_text=True)}")
            made = str((answer.get_json() or {}).get("id", ""))
            transactions.append([s for s in noted if "set_config" not in s.sql])
    return transactions


def _note_statements(noted: list[Statement]) -> None:
    execute, executemany = psycopg.Cursor.execute, psycopg.Cursor.executemany

    def one(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        done = execute(cursor, query, params, **options)
        noted.append(Statement(sql=_text(query), values=dict(params or {}), rows=cursor.rowcount))
        return done

    def many(cursor: Any, query: Any, params_seq: Any, **options: Any) -> None:
        executemany(cursor, query, params_seq, **options)
        noted.append(Statement(sql=_text(query), values=[dict(p) for p in params_seq], rows=cursor.rowcount))

    psycopg.Cursor.execute = one  # type: ignore[assignment]
    psycopg.Cursor.executemany = many  # type: ignore[assignment]


def _text(query: Any) -> str:
    return query.decode() if isinstance(query, bytes) else str(query)


def run(score: Score, *, seconds: float, warm: float = 1.0) -> Outcome:
    """Repeat the transactions in eight processes and return how often they went through."""
    processes = multiprocessing.get_context("spawn")
    outcome = Outcome(seconds=seconds)
    together = processes.Barrier(CLIENTS)
    with ProcessPoolExecutor(CLIENTS, mp_context=processes, initializer=_begin_by, initargs=(together,)) as pool:
        for job in [pool.submit(_repeat, score, nth, warm, seconds) for nth in range(CLIENTS)]:
            outcome.took += job.result()
    return outcome


_together: list[Any] = []


def _begin_by(barrier: Any) -> None:
    _together.append(barrier)


def _repeat(score: Score, nth: int, warm: float, seconds: float) -> list[float]:
    random = Random(nth)  # noqa: S311 - the same choices each time
    took = []
    with psycopg.connect(score.dsn, autocommit=True, prepare_threshold=2, options="-c timezone=UTC") as connection:
        cursor = connection.cursor(row_factory=dict_row)
        _together[0].wait(60)
        begin = monotonic()
        while (now := monotonic()) < begin + warm + seconds:
            fresh = _fresh(score, random)
            for transaction in score.transactions:
                _play(cursor, score.lapas, transaction, fresh)
            if now > begin + warm:
                took.append(monotonic() - now)
    return took


def _fresh(score: Score, random: Random) -> Callable[[UUID], UUID]:
    """Return what gives each recorded id the one it has in this repetition."""
    known: dict[UUID, UUID] = {}
    if score.places:
        known = dict(zip(score.places[0], random.choice(score.places), strict=True))

    def other(recorded: UUID) -> UUID:
        if recorded in score.kept:
            return recorded
        if recorded not in known:
            known[recorded] = uuid4()
        return known[recorded]

    return other


def _play(cursor: "psycopg.Cursor[dict[str, Any]]", lapas: str, transaction: Transaction, fresh: Any) -> None:
    version: int | None = None
    cursor.execute("BEGIN")
    cursor.execute(_LAPAS, (lapas,))
    for statement in transaction:
        if isinstance(statement.values, Mapping):
            cursor.execute(statement.sql, _renewed(statement.values, fresh, version))
        else:
            cursor.executemany(statement.sql, [_renewed(v, fresh, version) for v in statement.values])
        if _LOCKS.search(statement.sql):
            row = cursor.fetchone() or {}
            version = next((value for name, value in row.items() if name.endswith("version")), None)
        if cursor.rowcount != statement.rows and "SELECT" not in statement.sql[:6]:
            raise RuntimeError(f"{cursor.rowcount} rows instead of {statement.rows}: {statement.sql}")
    cursor.execute("COMMIT")


def _renewed(values: Mapping[str, Any], fresh: Callable[[UUID], UUID], version: int | None) -> dict[str, Any]:
    """Return the values of a statement with the ids, and the version of what was locked, of this repetition."""

    def renew(name: str, value: Any) -> Any:
        if isinstance(value, UUID):
            return fresh(value)
        if isinstance(value, str):
            return _UUID.sub(lambda found: str(fresh(UUID(found[0]))), value)
        if isinstance(value, list):
            return [renew(name, one) for one in value]
        if version is not None and name.endswith("version") and isinstance(value, int):
            return version if name != "version" else version + 1
        return value

    return {name: renew(name, value) for name, value in values.items()}
