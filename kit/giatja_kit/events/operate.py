"""What the people who run a deployment see and do about facts: status, lag, parked, replay, verify."""

from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Conflict, Unknown
from giatja_kit.events import log as event_log
from giatja_kit.events import parked
from giatja_kit.events.receive import Receiver, lock_cursor
from giatja_kit.events.subscriptions import Subscriptions

# The log and what was heard are kept for 400 days; a day less, so that neither is caught forgetting.
KEPT_DAYS = 399


class ParkedFactUnknown(Unknown):
    """No fact with this id is set aside."""

    id = "Fakta yang disisihkan ini tidak ada; mungkin sudah diproses."
    en = "No such fact is set aside; it may have gone through."


class NotRebuildable(Conflict):
    """This service keeps more than what its facts say, so it cannot be made again from them."""

    id = "Layanan ini tidak dapat dibangun ulang dari fakta."
    en = "This service cannot be rebuilt from facts."


class NotAhead(Conflict):
    """There is nothing to accept: the cursor follows its source."""

    id = "Layanan ini tidak mendahului sumber {source}."
    en = "This service is not ahead of {source}."


def status(store: Store) -> dict[str, Any]:
    """Return where this service's own log and its cursors stand."""
    head = event_log.head(store)
    waiting = store.value("SELECT count(*) FROM event_log WHERE position IS NULL")
    cursors = store.rows(
        "SELECT source, epoch, position, head, greatest(head - position, 0) AS lag, state, vanished_from, looked_at"
        " FROM event_cursor ORDER BY source"
    )
    set_aside = store.rows("SELECT state, count(*) AS count FROM parked_fact GROUP BY state ORDER BY state")
    return {
        "epoch": head.epoch,
        "epoch_from": head.epoch_from,
        "head": head.position,
        "unplaced": waiting,
        "cursors": [dict(c) for c in cursors],
        "parked": {r["state"]: r["count"] for r in set_aside},
    }


def figures(store: Store) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the figures of facts for Prometheus."""
    now = status(store)
    return {
        "giatja_facts_head": {("self",): now["head"]},
        "giatja_facts_unplaced": {("self",): now["unplaced"]},
        "giatja_facts_lag": {(c["source"],): c["lag"] for c in now["cursors"]},
        "giatja_facts_parked": {(state,): count for state, count in now["parked"].items()},
    }


def parked_facts(store: Store) -> list[dict[str, Any]]:
    """Return the facts set aside, first of each subject first."""
    rows = store.rows(
        "SELECT id, source, position, lapas_id, type, subject, state, attempts, error, next_try_at, parked_at"
        " FROM parked_fact ORDER BY source, subject, position LIMIT 500"
    )
    return [dict(r) for r in rows]


def retry(store: Store, receiver: Receiver, identifier: UUID) -> bool:
    """Try one parked fact now; return whether it went through.

    :raises ParkedFactUnknown: it is not there, or an earlier one of its subject has to go first.
    """
    row = parked.lock(store, identifier)
    if row is None or row["state"] == "waiting":
        raise ParkedFactUnknown(id=identifier)
    return receiver.try_parked(store, row)


def discard(store: Store, identifier: UUID, *, reason: str) -> None:
    """Give a parked fact up, with a reason for the audit trail; the next of its subject may then go on."""
    row = parked.lock(store, identifier)
    if row is None or row["state"] == "waiting":
        raise ParkedFactUnknown(id=identifier)
    parked.release(store, row, outcome="discarded", at=store.at)
    store.audit("facts.discard", row["subject"], lapas_id=row["lapas_id"], type=row["type"], source=row["source"],
                position=row["position"], reason=reason)  # fmt: skip


def replay(store: Store, subscriptions: Subscriptions) -> None:
    """Clear the read model that is made of facts alone and hear them all again from the beginning.

    :raises NotRebuildable: the service's state is more than what it heard.
    """
    if subscriptions.rebuild is None:
        raise NotRebuildable
    for source in subscriptions.sources:
        lock_cursor(store, source)
    subscriptions.rebuild(store)
    store.run("DELETE FROM parked_fact")
    store.run("DELETE FROM heard_fact")
    store.run("UPDATE event_cursor SET position = 0, epoch = NULL, state = 'following', vanished_from = NULL")
    store.audit("facts.replay", "all")


def vanished(store: Store, source: str) -> list[dict[str, Any]]:
    """Return the facts that were heard here and that a restored source no longer has."""
    rows = store.rows(
        "SELECT h.position, h.event_id, h.lapas_id, h.type, h.subject, h.outcome, h.heard_at FROM heard_fact h"
        " JOIN event_cursor c ON c.source = h.source AND c.epoch = h.epoch AND c.state = 'ahead'"
        " WHERE h.source = :source AND h.position > c.vanished_from ORDER BY h.position LIMIT 1000",
        source=source,
    )
    return [dict(r) for r in rows]


def accept_restore(store: Store, source: str, *, reason: str) -> None:
    """Go on with a restored source from where it stands, after a person has looked at what vanished."""
    cursor = lock_cursor(store, source)
    if cursor["state"] != "ahead":
        raise NotAhead(source=source)
    # What vanished stays in the ledger, but is no part any more of what the source has told.
    store.run(
        "UPDATE heard_fact h SET outcome = 'vanished' FROM event_cursor c WHERE c.source = :source"
        " AND h.source = c.source AND h.epoch = c.epoch AND h.position > c.vanished_from",
        {"source": source},
    )
    store.run(
        "UPDATE event_cursor SET state = 'following', position = vanished_from, epoch = NULL, vanished_from = NULL"
        " WHERE source = :source",
        {"source": source},
    )
    store.audit("facts.accept_restore", source, reason=reason)


def digest_of_log(store: Store, *, upto: int, after: int | None = None) -> dict[str, Any]:
    """Return the count and a digest of the ids of the facts told after a position up to another, in order.

    :param after: without one, the last position old enough that either side may have forgotten it.
    """
    if after is None:
        after = store.value(
            "SELECT coalesce(max(position), 0) FROM event_log"
            " WHERE recorded_at < clock_timestamp() - make_interval(days => :days)",
            days=KEPT_DAYS,
        )
    row = store.row(
        "SELECT count(*) AS count,"
        " encode(sha256(coalesce(string_agg(uuid_send(id), '' ORDER BY position), '')), 'hex') AS digest"
        " FROM event_log WHERE position > :after AND position <= :upto",
        after=after,
        upto=upto,
    )
    return {"after": after, "upto": upto, **dict(row or {})}


def digest_heard(store: Store, source: str, *, upto: int, after: int = 0) -> dict[str, Any]:
    """Return the count and a digest of the ids of what was heard from a source, in the order of hearing.

    With it, what became of them, and how many of those held are really there to be tried again.
    """
    row = store.row(
        "SELECT count(*) AS count,"
        " encode(sha256(coalesce(string_agg(uuid_send(event_id), '' ORDER BY nth), '')), 'hex') AS digest,"
        " count(*) FILTER (WHERE outcome = 'applied') AS applied,"
        " count(*) FILTER (WHERE outcome = 'passed_over') AS passed_over,"
        " count(*) FILTER (WHERE outcome = 'held') AS held,"
        " count(*) FILTER (WHERE outcome = 'discarded') AS discarded,"
        " (SELECT count(*) FROM parked_fact WHERE source = :source AND position > :after AND position <= :upto)"
        " AS parked FROM heard_fact"
        " WHERE source = :source AND position > :after AND position <= :upto AND outcome <> 'vanished'",
        source=source,
        after=after,
        upto=upto,
    )
    return {"after": after, "upto": upto, **dict(row or {})}
