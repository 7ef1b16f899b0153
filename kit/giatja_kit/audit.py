"""The audit trail: who did what, append only, sealed into a chain of hashes.

Rows are written in the transaction of the act itself. The relay's leader seals them shortly after,
in the order they became visible, so that no request waits for a chain. The service's role can
neither change nor delete a row; a change made by anybody else breaks the chain from there on.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from giatja_kit.database import Row, Store

_COLUMNS = "a.id, a.lapas_id, a.at, a.actor, a.role, a.action, a.subject, a.outcome, a.trace, a.detail"
_START = hashlib.sha256(b"giatja").digest()
_BATCH = 2000
_BACK = 5000


def _hash(previous: bytes, row: Row) -> bytes:
    content: dict[str, Any] = {k: row[k] for k in row if k not in ("at", "hash", "position")}
    content["at"] = row["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(previous + json.dumps(content, sort_keys=True).encode()).digest()


def seal(store: Store, *, everything: bool = False) -> int:
    """Seal the rows that are not yet sealed; return how many.

    :param everything: look through the whole trail, not its end alone, for rows of a transaction that
        was overtaken by very many others.
    """
    last = store.row("SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1")
    position, previous = (last["position"], bytes(last["hash"])) if last else (0, _START)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM audit_log a WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)"  # noqa: S608
        " AND a.id > :after ORDER BY a.id LIMIT :limit",
        after=0 if everything else store.value("SELECT coalesce(max(audit_id), 0) - :back FROM audit_seal", back=_BACK),
        limit=_BATCH,
    )
    seals = []
    for row in rows:
        position, previous = position + 1, _hash(previous, row)
        seals.append({"position": position, "audit_id": row["id"], "hash": previous})
    store.run("INSERT INTO audit_seal (position, audit_id, hash) VALUES (:position, :audit_id, :hash)", seals)
    return len(seals)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What checking the chain found."""

    checked: int
    unsealed: int
    broken_at: int | None
    reason: str | None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed or put in between."""
        return self.broken_at is None


def verify(store: Store) -> Verdict:
    """Walk the whole chain again and say where it breaks, if it does."""
    checked, previous, after = 0, _START, 0
    unsealed = int(
        store.value(
            "SELECT count(*) FROM audit_log a WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)"
        )
    )
    while True:
        rows = store.rows(
            f"SELECT s.position, s.hash, {_COLUMNS} FROM audit_seal s LEFT JOIN audit_log a ON a.id = s.audit_id"  # noqa: S608
            " WHERE s.position > :after ORDER BY s.position LIMIT :limit",
            after=after,
            limit=_BATCH,
        )
        if not rows:
            return Verdict(checked=checked, unsealed=unsealed, broken_at=None, reason=None)
        for row in rows:
            reason = None
            if row["position"] != after + 1:
                reason = "a seal is missing"
            elif row["id"] is None:
                reason = "the entry was removed"
            elif _hash(previous, row) != bytes(row["hash"]):
                reason = "the entry was changed"
            if reason:
                return Verdict(checked=checked, unsealed=unsealed, broken_at=row["position"], reason=reason)
            checked, after, previous = checked + 1, row["position"], bytes(row["hash"])
