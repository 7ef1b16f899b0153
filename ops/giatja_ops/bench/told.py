"""How fast facts act: from the commit at their source to the commit of their effect, and how fast a backlog drains."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg

from giatja_ops.bench import acts, load
from giatja_ops.bench.load import percentile
from giatja_ops.bench.stage import LAPAS, Stage
from giatja_ops.local import LocalSystem
from giatja_ops.names import WORKERS

RATE: Final = 20.0
GRANTED: Final = "giatja.training.work_permission_granted.v1"
ACCEPTED: Final = "giatja.orders.order_accepted.v1"
# What is told, how often, and who drains it, one after the other. An accepted order of three lines
# makes production open three work orders and tell of them, so fewer of those say as much.
BACKLOGS: Final = (
    ("giatja.production.output_accepted.v1", 5_000, ("training", "gateway")),
    ("giatja.production.stage_progressed.v1", 5_000, ("orders", "gateway")),
    (GRANTED, 5_000, ("production", "gateway")),
    (ACCEPTED, 1_000, ("production", "gateway")),
)
_COPIES_YEAR: Final = 2018
_SPACE: Final = UUID("5a0d6d6e-0f6f-4f0e-9c4f-3b8a30cf6f0b")
_PATIENCE: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Seconds between a commit at the source and the commit of its effect at one subscriber."""

    subscriber: str
    type: str
    took: list[float]
    missing: int

    def percentile(self, share: float) -> float:
        """Return the seconds within which a share of the facts acted."""
        return percentile(self.took, share)


@dataclass(frozen=True, kw_only=True)
class Drain:
    """How fast one subscriber worked off a backlog."""

    subscriber: str
    type: str
    facts: int
    rate: float
    parked: int


def latency(stage: Stage, token: str, bodies: acts.Bodies, *, seconds: float) -> list[Latency]:
    """Accept orders at a steady pace and compare the commits, by PostgreSQL's own clock."""
    count = int(seconds * RATE)
    drafts: list[UUID] = []
    make = acts.create_and_accept(token, bodies, drafts)
    for _ in range(count):
        load.once(stage.port, make())
    wait_heard(stage)
    errors = _at_pace(stage, [acts.accept(token, id_) for id_ in drafts])
    wait_heard(stage)
    with stage.superuser("orders") as connection:
        told: dict[UUID, Any] = dict(
            connection.execute(
                "SELECT split_part(subject, '/', 6)::uuid, pg_xact_commit_timestamp(xmin) FROM audit_log"
                " WHERE action = 'orders.accept' AND split_part(subject, '/', 6) = ANY (%s)",
                ([str(one) for one in drafts],),
            )
        )
    return [_compared(stage, one, told, count, errors) for one in ("production", "gateway")]


def _compared(stage: Stage, subscriber: str, told: Mapping[UUID, Any], count: int, errors: int) -> Latency:
    with stage.superuser(subscriber) as connection:
        heard = connection.execute(
            "SELECT subject::uuid, pg_xact_commit_timestamp(xmin) FROM heard_fact"
            " WHERE type = %s AND outcome = 'applied' AND subject = ANY (%s)",
            (ACCEPTED, [str(one) for one in told]),
        ).fetchall()
    took = [(at - told[subject]).total_seconds() for subject, at in heard]
    return Latency(subscriber=subscriber, type=ACCEPTED, took=took, missing=count - len(took) + errors)


def _at_pace(stage: Stage, requests: list[bytes]) -> int:
    """Send requests evenly, whatever the answers take; return how many were not answered well."""
    wrong = 0

    def unit(sent: bytes) -> load.Unit:
        load.expect((yield sent), 200)

    began = monotonic()
    for nth, sent in enumerate(requests):
        sleep(max(0.0, began + nth / RATE - monotonic()))
        try:
            load.once(stage.port, unit(sent))
        except (load.WrongAnswer, OSError):
            wrong += 1
    return wrong


def drain(stage: Stage, kind: str, count: int, subscribers: Sequence[str]) -> list[Drain]:
    """Stop who hears a type, tell a backlog of it, and let one after the other work it off."""
    source = kind.split(".")[1]
    wait_heard(stage)
    for one in subscribers:
        stage.system.stop_process(f"{one}-worker")
    head = _tell_backlog(stage, source, kind, count)
    _wait(lambda: _unplaced(stage, source) == 0, f"{source} gives its facts their positions")
    return [_drained(stage, source, kind, head, one) for one in subscribers]


def _drained(stage: Stage, source: str, kind: str, head: int, subscriber: str) -> Drain:
    """Start a subscriber and see how long it takes from its first commit to its last."""
    stage.system.start_process(f"{subscriber}-worker", wait=False)
    _wait(lambda: _lag(stage, subscriber, source) == 0, f"{subscriber} drains")
    with stage.superuser(subscriber) as connection:
        heard = connection.execute(
            "SELECT pg_xact_commit_timestamp(xmin) AS at, count(*) FROM heard_fact WHERE source = %s AND position > %s"
            " GROUP BY 1 ORDER BY 1",
            (source, head),
        ).fetchall()
        parked = connection.execute("SELECT count(*) FROM parked_fact").fetchone()
    # The first batch ends the time in which the worker starts; what follows it is drained at full speed.
    facts = sum(count for _, count in heard[1:])
    seconds = (heard[-1][0] - heard[0][0]).total_seconds()
    return Drain(
        subscriber=subscriber,
        type=kind,
        facts=facts,
        rate=facts / seconds if seconds else 0.0,
        parked=parked[0] if parked else 0,
    )


def _tell_backlog(stage: Stage, source: str, kind: str, count: int) -> int:
    """Write facts like the ones that were told into the source's log; return its head before them.

    What each is about is its own only where it has to be: an order is accepted once, a permission granted once.
    """
    with stage.superuser(source) as connection, connection.transaction():
        row = connection.execute("SELECT position FROM event_head").fetchone()
        models = connection.execute(
            "SELECT subject, data FROM event_log WHERE type = %s AND lapas_id = %s ORDER BY position DESC LIMIT 200",
            (kind, LAPAS),
        ).fetchall()
        if row is None or not models:
            raise LookupError(f"no {kind} was told that others could be made like")
        head = int(row[0])
        facts: list[tuple[str, Mapping[str, Any]]] = [models[nth % len(models)] for nth in range(count)]
        if kind == ACCEPTED:
            facts = [_another_order(connection, data, nth) for nth, (_, data) in enumerate(facts, start=1)]
        if kind == GRANTED:
            facts = [
                (subject, {**data, "permission_id": str(uuid5(_SPACE, f"permission/{nth}"))})
                for nth, (subject, data) in enumerate(facts)
            ]
        with connection.cursor().copy(
            "COPY event_log (id, lapas_id, type, subject, occurred_at, actor, traceparent, data) FROM STDIN"
        ) as copy:
            for nth, (subject, data) in enumerate(facts):
                copy.write_row(
                    (
                        uuid5(_SPACE, f"{kind}/{head}/{nth}"), LAPAS, kind, subject, "now",
                        "kasi_giatja:bench", f"00-{nth:032x}-{nth:016x}-01", json.dumps(data),
                    )
                )  # fmt: skip
    return head


def _another_order(
    connection: "psycopg.Connection[tuple[Any, ...]]", data: Mapping[str, Any], nth: int
) -> tuple[str, dict[str, Any]]:
    """Write down an order like an accepted one, and return its subject and what is told of it."""
    order = str(uuid5(_SPACE, f"order/{data['order_id']}/{nth}"))
    lines = [{**line, "line_id": str(uuid5(_SPACE, f"line/{order}/{line['line_id']}"))} for line in data["lines"]]
    connection.execute(
        "INSERT INTO orders (lapas_id, id, year, nth, number, partner_id, partner_name, material_owner, due_date, note,"
        " state, accepted_on, quantity, passed, found_by, created_at, version)"
        " SELECT lapas_id, %s, %s, %s, lapas_id || '-copy-' || %s, partner_id, partner_name, material_owner, due_date,"
        " note, 'accepted', accepted_on, quantity, 0, found_by, created_at, 2 FROM orders WHERE id = %s",
        (order, _COPIES_YEAR, nth, str(nth), data["order_id"]),
    )
    for line, copied in zip(data["lines"], lines, strict=True):
        connection.execute(
            "INSERT INTO order_line (lapas_id, id, order_id, nth, product_id, product_name, workshop_kind, unit, rate,"
            " due_date, note, quantity, passed)"
            " SELECT lapas_id, %s, %s, nth, product_id, product_name, workshop_kind, unit, rate, due_date, note,"
            " quantity, 0 FROM order_line WHERE id = %s",
            (copied["line_id"], order, line["line_id"]),
        )
    return order, {**data, "order_id": order, "lines": lines}


def _unplaced(stage: Stage, source: str) -> int:
    with stage.superuser(source) as connection:
        row = connection.execute("SELECT count(*) FROM event_log WHERE position IS NULL").fetchone()
    return int(row[0]) if row else 0


def _lag(stage: Stage, subscriber: str, source: str) -> int:
    with stage.superuser(source) as connection:
        head = connection.execute("SELECT position FROM event_head").fetchone()
    with stage.superuser(subscriber) as connection:
        cursor = connection.execute("SELECT position FROM event_cursor WHERE source = %s", (source,)).fetchone()
    return int(head[0] if head else 0) - int(cursor[0] if cursor else 0)


@contextmanager
def workers_stopped(stage: Stage) -> Iterator[None]:
    """Let facts wait, so that a write and its bare SQL are compared without what others make of them."""
    for worker in WORKERS:
        stage.system.stop_process(worker)
    try:
        yield
    finally:
        for worker in WORKERS:
            stage.system.start_process(worker)


def wait_heard(stage: Stage) -> None:
    """Wait until nobody is behind anybody whose facts are measured here."""
    pairs = {(one, kind.split(".")[1]) for kind, _, subscribers in BACKLOGS for one in subscribers}
    pairs.add(("orders", "production"))
    _wait(
        lambda: (
            all(_unplaced(stage, s) == 0 for s in ("orders", "production", "training"))
            and all(_lag(stage, who, source) == 0 for who, source in pairs)
        ),
        "everybody hears everything",
    )


def _wait(done: Any, what: str) -> None:
    until = monotonic() + _PATIENCE
    while not done():
        if monotonic() > until:
            raise TimeoutError(f"{what}: not within {_PATIENCE:.0f} s")
        sleep(0.1)


def settle(system: LocalSystem, seconds: float) -> None:
    """Let the system come to rest before it is looked at."""
    sleep(seconds if system.started else 0.0)
