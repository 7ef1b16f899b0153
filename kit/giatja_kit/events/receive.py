"""Hearing: read a source's feed from where this service stands, apply each fact once, move on.

The row of the cursor is locked for the whole transaction, so however many workers are woken by
however many announcements, one at a time applies, and each fact's effect and the cursor's move are
one commit. A fact that fails is set aside with everything later about the same subject
(:mod:`giatja_kit.events.parked`); facts about other subjects flow on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from giatja_kit import clock
from giatja_kit.auth import EVERYWHERE
from giatja_kit.client import ServiceClient, ServiceUnavailable
from giatja_kit.crash import crash_point
from giatja_kit.database import Cause, Database, Row, Store, is_passing
from giatja_kit.events import parked
from giatja_kit.events.fact import Envelope
from giatja_kit.events.log import MOST
from giatja_kit.events.subscriptions import Subscriptions
from giatja_kit.logs import get_logger, trace

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One answer of a feed."""

    epoch: UUID
    epoch_from: int
    head: int
    facts: Sequence[Mapping[str, Any]]


Feed = Callable[[str, int], Page]


def http_feed(client: ServiceClient) -> Feed:
    """Read feeds over HTTP."""

    def read(source: str, after: int) -> Page:
        answer = client.request("GET", source, "/facts", params={"after": after, "limit": MOST})
        if answer.status_code != 200:
            raise ServiceUnavailable(source, f"feed answered {answer.status_code}")
        document = answer.json()
        return Page(
            epoch=UUID(document["epoch"]),
            epoch_from=int(document["epoch_from"]),
            head=int(document["head"]),
            facts=document["facts"],
        )

    return read


class Receiver:
    """Brings one service up to date with the services whose facts it hears."""

    def __init__(self, service: str, database: Database, subscriptions: Subscriptions, feed: Feed) -> None:
        self.service = service
        self.database = database
        self.subscriptions = subscriptions
        self.feed = feed

    def catch_up(self, source: str, *, announced: int | None = None) -> int:
        """Apply everything the source has told, in batches; return how many facts that was.

        :param announced: the head an announcement named; nothing is asked when it is already known.
        :raises ServiceUnavailable: the feed did not answer; the timer asks again.
        """
        total = 0
        while True:
            count, more = self.database.attempt(lambda: self._batch(source, announced))
            total += count
            if not more:
                return total

    def _batch(self, source: str, announced: int | None) -> tuple[int, bool]:
        try:
            return self._apply_batch(source, announced, careful=False)
        except _Troublesome:
            return self._apply_batch(source, announced, careful=True)

    def _apply_batch(self, source: str, announced: int | None, *, careful: bool) -> tuple[int, bool]:
        at = clock.now()
        with self.database.transaction(at=at, repeatable=True) as store:
            cursor = lock_cursor(store, source)
            if cursor["state"] != "following" or (announced is not None and cursor["position"] >= announced):
                return 0, False
            page = self.feed(source, cursor["position"])
            if _stops_ahead(store, source, cursor, page):
                return 0, False
            held = parked.held_subjects(store, source)
            heard = [self._hear(store, Envelope.read(f), held, careful=careful) for f in page.facts]
            store.scope(EVERYWHERE)
            _or_trouble(store.write_down)
            remember(store, heard)
            last = int(page.facts[-1]["position"]) if page.facts else cursor["position"]
            store.last(
                "UPDATE event_cursor SET epoch = :epoch, position = :position, head = :head, looked_at = :at"
                " WHERE source = :source",
                {"epoch": page.epoch, "position": last, "head": page.head, "at": at, "source": source},
            )
            if heard:
                crash_point("hear-before-commit")
        if heard:
            crash_point("hear-after-commit")
        return len(heard), last < page.head and bool(heard)

    def _hear(self, store: Store, fact: Envelope, held: set[str], *, careful: bool) -> tuple[Envelope, str]:
        hear = self.subscriptions.handler(fact.type)
        if hear is None:
            return fact, "passed_over"
        if fact.subject in held:
            store.scope(EVERYWHERE)
            parked.hold(store, fact)
            return fact, "held"
        if not careful:
            _or_trouble(lambda: apply(hear, fact, store))
            return fact, "applied"
        try:
            with store.part():
                apply(hear, fact, store)
                store.write_down()
        except Exception as error:
            if is_passing(error):
                raise
            log.warning("fact_failed", type=fact.type, subject=fact.subject, position=fact.position, error=str(error))
            store.forget()
            store.scope(EVERYWHERE)
            parked.park(store, fact, error, at=store.at)
            held.add(fact.subject)
            return fact, "held"
        return fact, "applied"

    def retry_due(self) -> int:
        """Try again the facts that were set aside and whose time has come; return how many went through."""
        done = 0
        for identifier in self._due():
            if self.database.attempt(lambda identifier=identifier: self._retry(identifier)):  # type: ignore[misc]
                done += 1
        return done

    def _due(self) -> list[UUID]:
        at = clock.now()
        with self.database.transaction(at=at) as store:
            return parked.due(store, at)

    def _retry(self, identifier: UUID) -> bool:
        with self.database.transaction(at=clock.now()) as store:
            row = parked.lock(store, identifier)
            if row is None or row["state"] != "retrying":
                return False
            return self.try_parked(store, row)

    def try_parked(self, store: Store, row: Row) -> bool:
        """Apply one fact that was set aside, and when it goes through, let the next of its subject try."""
        fact = Envelope.read(row["envelope"])
        hear = self.subscriptions.handler(fact.type)
        try:
            with store.part():
                if hear is not None:
                    apply(hear, fact, store)
                    store.write_down()
        except Exception as error:
            if is_passing(error):
                raise
            store.forget()
            _step_back(store)
            parked.failed_again(store, row, error, at=store.at)
            return False
        _step_back(store)
        parked.release(store, row, outcome="applied", at=store.at)
        log.info("parked_fact_applied", type=fact.type, subject=fact.subject, position=fact.position)
        return True


class _Troublesome(Exception):
    """A batch applied in one go failed somewhere: do it again, fact by fact."""


def _or_trouble(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:
        if is_passing(error):
            raise
        raise _Troublesome from error


def apply(hear: Callable[[Envelope, Store], None], fact: Envelope, store: Store) -> None:
    """Give one fact to its handler, in its own Lapas and trace, in the name of who caused it."""
    if store.cause is None or store.cause.lapas != fact.lapas:
        store.flush()
        store.scope(fact.lapas)
    store.cause = Cause(id=fact.id, actor=fact.actor, lapas=fact.lapas)
    with trace(fact.traceparent):
        hear(fact, store)


def _step_back(store: Store) -> None:
    """Stop acting on account of a fact: what follows is done, and audited, as who asked for it."""
    store.write_down()
    store.scope(EVERYWHERE)
    store.cause = None


def lock_cursor(store: Store, source: str) -> Row:
    """Lock the row that says how far this service has heard a source, making it at the first time."""
    query = "SELECT source, epoch, position, state FROM event_cursor WHERE source = :source FOR UPDATE"
    row = store.row(query, source=source)
    if row is None:
        store.run("INSERT INTO event_cursor (source) VALUES (:source) ON CONFLICT DO NOTHING", {"source": source})
        row = store.row(query, source=source)
    if row is None:
        raise LookupError(f"no cursor for {source}")
    return row


def _stops_ahead(store: Store, source: str, cursor: Row, page: Page) -> bool:
    """Stop, and say from where, when facts were heard that the restored source no longer has."""
    if cursor["epoch"] in (None, page.epoch) or cursor["position"] <= page.epoch_from:
        return False
    store.run(
        "UPDATE event_cursor SET state = 'ahead', vanished_from = :since, looked_at = :at WHERE source = :source",
        {"since": page.epoch_from, "at": store.at, "source": source},
    )
    log.error("source_restored_behind_us", source=source, heard=cursor["position"], source_has=page.epoch_from)
    return True


def remember(store: Store, heard: Sequence[tuple[Envelope, str]]) -> None:
    """Keep which facts were heard: the key makes hearing one twice impossible, the list is the ledger."""
    store.run(
        "INSERT INTO heard_fact (source, epoch, position, event_id, lapas_id, type, subject, outcome)"
        " VALUES (:source, :epoch, :position, :event_id, :lapas_id, :type, :subject, :outcome)",
        [
            {
                "source": fact.source,
                "epoch": fact.epoch,
                "position": fact.position,
                "event_id": fact.id,
                "lapas_id": fact.lapas,
                "type": fact.type,
                "subject": fact.subject,
                "outcome": outcome,
            }
            for fact, outcome in heard
        ],
    )
