"""Reading a service's own event log: positions in order, for its feed and for its relay."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope

MOST = 500
MOST_PLACED = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where a log stands: its epoch, the position the epoch began at, the newest position."""

    epoch: UUID
    epoch_from: int
    position: int


def head(store: Store) -> Head:
    """Return where the log stands."""
    row = store.row(
        "SELECT h.epoch, h.position, e.from_position FROM event_head h JOIN event_epoch e ON e.epoch = h.epoch"
    )
    if row is None:
        raise LookupError("the event log has no head: the schema is not at its newest revision")
    return Head(epoch=row["epoch"], epoch_from=row["from_position"], position=row["position"])


def read(store: Store, source: str, *, after: int, limit: int = MOST) -> tuple[Head, list[dict[str, Any]]]:
    """Return the head and up to ``limit`` envelopes with a position above ``after``, in order."""
    at = head(store)
    rows = store.rows(
        "SELECT id, position, lapas_id, type, subject, occurred_at, actor, traceparent, causation, data"
        " FROM event_log WHERE position > :after ORDER BY position LIMIT :limit",
        after=after,
        limit=limit,
    )
    return at, [
        Envelope(
            id=row["id"],
            source=source,
            type=row["type"],
            subject=row["subject"],
            time=row["occurred_at"],
            position=row["position"],
            epoch=at.epoch,
            lapas=row["lapas_id"],
            actor=row["actor"],
            traceparent=row["traceparent"],
            causation=row["causation"],
            data=row["data"],
        ).document()
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """What was given a position just now: the new head, and what others may want to know of it."""

    head: int
    types: frozenset[str]
    count: int


def place(store: Store, *, limit: int = MOST_PLACED) -> Placed:
    """Give committed facts without a position the next ones, in the order they became visible.

    The head's row is locked first, so that even two processes that both believe to be the relay
    cannot give one position twice or leave one out.
    """
    known = store.row("SELECT position, EXISTS (SELECT FROM event_log WHERE position IS NULL) AS more FROM event_head")
    if known is None or not known["more"]:
        # Locking the head is a write, and this is asked every second.
        return Placed(head=known["position"] if known else 0, types=frozenset(), count=0)
    position = int(store.value("SELECT position FROM event_head FOR UPDATE"))
    rows = store.rows(
        "WITH fresh AS ("
        "  SELECT recorded_at, id, row_number() OVER (ORDER BY seq) AS nth FROM"
        "  (SELECT recorded_at, id, seq FROM event_log WHERE position IS NULL ORDER BY seq LIMIT :limit) waiting)"
        " UPDATE event_log e SET position = :position + fresh.nth FROM fresh"
        " WHERE e.recorded_at = fresh.recorded_at AND e.id = fresh.id RETURNING e.type",
        position=position,
        limit=limit,
    )
    if rows:
        store.run("UPDATE event_head SET position = :position", {"position": position + len(rows)})
    return Placed(head=position + len(rows), types=frozenset(r["type"] for r in rows), count=len(rows))


def new_epoch(store: Store) -> Head:
    """Begin a new epoch after a restore, so that subscribers that are ahead notice and stop."""
    store.value("SELECT position FROM event_head FOR UPDATE")
    store.run(
        "WITH fresh AS (UPDATE event_head SET epoch = gen_random_uuid() RETURNING epoch, position)"
        " INSERT INTO event_epoch (epoch, from_position) SELECT epoch, position FROM fresh"
    )
    return head(store)
