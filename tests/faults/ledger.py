"""The ledger: what every source told beside what every subscriber heard, row by row, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.rows import dict_row

from giatja_contracts.catalogue import catalogue
from giatja_ops.local import LocalSystem

SERVICES = ("orders", "production", "training", "gateway")
# subscriber -> the sources it hears
PAIRS = sorted({(subscriber, entry.owner) for entry in catalogue().values() for subscriber in entry.heard_by})


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What comparing found; each list names what is wrong."""

    facts: int
    lost: list[str]
    twice: list[str]
    disordered: list[str]
    waiting: list[str]

    @property
    def clean(self) -> bool:
        """Whether every fact acted exactly once, in order."""
        return not (self.lost or self.twice or self.disordered or self.waiting)

    def line(self) -> str:
        """Return the ledger in one line."""
        return (
            f"{self.facts} facts, {len(self.lost)} lost, {len(self.twice)} twice, {len(self.disordered)} out of order"
        )


def ask(system: LocalSystem, service: str, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a question to a service's database, over all Lapas."""
    secret = (system.secrets / "migrate" / f"giatja_app_password_{service}").read_text().strip()
    address = f"postgresql://giatja_{service}_app:{secret}@127.0.0.1:{system.port_of('postgres')}/giatja_{service}"
    with psycopg.connect(address, row_factory=dict_row, connect_timeout=5) as connection:
        connection.execute("SELECT set_config('giatja.lapas', '*', false)")
        return connection.execute(sql).fetchall()


def compare(system: LocalSystem) -> Ledger:
    """Compare every source with every subscriber."""
    told = {s: _told(system, s) for s in SERVICES}
    lost, twice, disordered, waiting = [], [], [], []
    for subscriber, source in PAIRS:
        name = f"{source} -> {subscriber}"
        heard = ask(
            system,
            subscriber,
            f"SELECT position, event_id, outcome FROM heard_fact WHERE source = '{source}' ORDER BY nth",
        )
        positions = [row["position"] for row in heard]
        ids = [row["event_id"] for row in heard]
        lost += [f"{name}: {p}" for p in sorted(set(told[source]) - set(positions))]
        lost += [
            f"{name}: {p} is another fact" for p, i in zip(positions, ids, strict=True) if told[source].get(p) != i
        ]
        twice += [f"{name}: {i}" for i in {i for i in ids if ids.count(i) > 1}] if len(set(ids)) != len(ids) else []
        disordered += [f"{name}: {b} after {a}" for a, b in pairwise(positions) if b <= a]
        waiting += [f"{name}: {r['position']}" for r in heard if r["outcome"] == "held"]
    facts = sum(len(positions) for positions in told.values())
    return Ledger(facts=facts, lost=lost, twice=twice, disordered=disordered, waiting=waiting)


def _told(system: LocalSystem, service: str) -> Mapping[int, Any]:
    rows = ask(system, service, "SELECT position, id FROM event_log ORDER BY position")
    positions = [row["position"] for row in rows]
    assert positions == list(range(1, len(positions) + 1)), f"{service}: positions have gaps or are not given yet"
    return {row["position"]: row["id"] for row in rows}


def lag(system: LocalSystem) -> int:
    """Return how many facts have not been heard yet, over all pairs, those without a position included."""
    heads = {s: ask(system, s, "SELECT count(*) AS n FROM event_log")[0]["n"] for s in SERVICES}
    total: int = 0
    for subscriber, source in PAIRS:
        rows = ask(system, subscriber, f"SELECT position FROM event_cursor WHERE source = '{source}'")
        total += heads[source] - (rows[0]["position"] if rows else 0)
    parked = sum(
        ask(system, s, "SELECT count(*) AS n FROM parked_fact WHERE state <> 'parked'")[0]["n"] for s in SERVICES
    )
    return int(total + parked)
