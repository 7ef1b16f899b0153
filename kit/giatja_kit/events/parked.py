"""Facts that were set aside: retried with growing pauses, then left for a person.

While one fact of a subject waits here, every later fact of that subject waits behind it, so that
order is kept; other subjects are not held up.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.events.fact import Envelope
from giatja_kit.ids import new_id

PAUSES = tuple(timedelta(seconds=s) for s in (1, 5, 30, 120, 600))
_ERROR_LENGTH = 2000


def held_subjects(store: Store, source: str) -> set[str]:
    """Return the subjects of a source of which a fact waits here."""
    return {r["subject"] for r in store.rows("SELECT DISTINCT subject FROM parked_fact WHERE source = :s", s=source)}


def park(store: Store, fact: Envelope, error: Exception, *, at: datetime) -> None:
    """Set a fact aside that failed for the first time."""
    _keep(store, fact, state="retrying", attempts=1, error=_words(error), next_try_at=at + PAUSES[0])


def hold(store: Store, fact: Envelope) -> None:
    """Set a fact aside because an earlier one of the same subject is here."""
    _keep(store, fact, state="waiting", attempts=0, error=None, next_try_at=None)


def _keep(
    store: Store, fact: Envelope, *, state: str, attempts: int, error: str | None, next_try_at: datetime | None
) -> None:
    store.run(
        "INSERT INTO parked_fact (id, source, position, lapas_id, type, subject, envelope, state, attempts, error,"
        " next_try_at) VALUES (:id, :source, :position, :lapas_id, :type, :subject, CAST(:envelope AS jsonb), :state,"
        " :attempts, :error, :next_try_at)",
        {
            "id": new_id(),
            "source": fact.source,
            "position": fact.position,
            "lapas_id": fact.lapas,
            "type": fact.type,
            "subject": fact.subject,
            "envelope": json.dumps(fact.document()),
            "state": state,
            "attempts": attempts,
            "error": error,
            "next_try_at": next_try_at,
        },
    )


def due(store: Store, at: datetime) -> list[UUID]:
    """Return the facts whose time to be tried again has come, oldest first."""
    rows = store.rows(
        "SELECT id FROM parked_fact WHERE state = 'retrying' AND next_try_at <= :at ORDER BY source, position LIMIT 100",
        at=at,
    )
    return [r["id"] for r in rows]


def lock(store: Store, identifier: UUID) -> Row | None:
    """Lock one fact that was set aside, unless another worker has it."""
    return store.row("SELECT * FROM parked_fact WHERE id = :id FOR UPDATE SKIP LOCKED", id=identifier)


def failed_again(store: Store, row: Row, error: Exception, *, at: datetime) -> None:
    """Note a further failure; after the last pause it is left for a person."""
    attempts = row["attempts"] + 1
    more = attempts <= len(PAUSES) and row["state"] == "retrying"
    store.run(
        "UPDATE parked_fact SET attempts = :attempts, error = :error, state = :state, next_try_at = :next WHERE id = :id",
        {
            "attempts": attempts,
            "error": _words(error),
            "state": "retrying" if more else "parked",
            "next": at + PAUSES[attempts - 1] if more else None,
            "id": row["id"],
        },
    )


def release(store: Store, row: Row, *, outcome: str, at: datetime) -> None:
    """Take a fact out, and let the next one of its subject be tried."""
    store.run("DELETE FROM parked_fact WHERE id = :id", {"id": row["id"]})
    store.run(
        "UPDATE heard_fact SET outcome = :outcome WHERE source = :source AND position = :position AND outcome = 'held'",
        {"outcome": outcome, "source": row["source"], "position": row["position"]},
    )
    store.run(
        "UPDATE parked_fact SET state = 'retrying', next_try_at = :at WHERE id = (SELECT id FROM parked_fact"
        " WHERE source = :source AND subject = :subject ORDER BY position LIMIT 1)",
        {"at": at, "source": row["source"], "subject": row["subject"]},
    )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
