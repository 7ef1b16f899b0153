"""Idempotency-Key: the answer is kept in the transaction of the act, and given again for the same key."""

import hashlib
import json
from dataclasses import dataclass

from giatja_kit.database import Store
from giatja_kit.errors import Invalid

LONGEST = 200
KEPT_DAYS = 30


class IdempotencyKeyReused(Invalid):
    """The same key came with another request."""

    id = "Kunci permintaan ini sudah dipakai untuk isian yang berbeda. Gunakan kunci baru."
    en = "This Idempotency-Key was already used for a different request. Use a new key."


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """An answer as it was given the first time."""

    status: int
    body: str
    headers: dict[str, str]


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what a request is recognised by."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def claim(store: Store, key: str, print_: str) -> KeptAnswer | None:
    """Claim a key for this transaction, or return the answer it already has.

    A second request with the same key waits here until the first one has ended.

    :raises IdempotencyKeyReused: when the key came with another request before.
    """
    mine = store.value(
        "INSERT INTO idempotency_key (lapas_id, subject, key, fingerprint) VALUES (:lapas, :subject, :key, :print)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        **_where(store, key),
        print=print_,
    )
    if mine:
        return None
    row = store.row(
        "SELECT fingerprint, status, body, headers FROM idempotency_key"
        " WHERE lapas_id = :lapas AND subject = :subject AND key = :key",
        **_where(store, key),
    )
    if row is None or row["fingerprint"] != print_ or row["status"] is None:
        raise IdempotencyKeyReused
    return KeptAnswer(status=row["status"], body=row["body"], headers=row["headers"])


def keep(store: Store, key: str, answer: KeptAnswer) -> None:
    """Keep the answer beside what was done."""
    store.last(
        "UPDATE idempotency_key SET status = :status, body = :body, headers = CAST(:headers AS jsonb)"
        " WHERE lapas_id = :lapas AND subject = :subject AND key = :key",
        {**_where(store, key), "status": answer.status, "body": answer.body, "headers": json.dumps(answer.headers)},
    )


def _where(store: Store, key: str) -> dict[str, str]:
    return {"lapas": store.principal.lapas, "subject": store.principal.subject, "key": key}


def forget_old(store: Store) -> int:
    """Drop keys that nobody will repeat any more."""
    return store.run(f"DELETE FROM idempotency_key WHERE made_at < now() - interval '{KEPT_DAYS} days'")  # noqa: S608
