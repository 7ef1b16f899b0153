"""The figures as one table, for the terminal and for docs/benchmarks.md."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giatja_ops.bench.load import CLIENTS, Outcome
from giatja_ops.bench.seed import ORDERS
from giatja_ops.bench.stage import Memory, Starts
from giatja_ops.bench.told import RATE, Drain, Latency

AIM: Final = 0.40
_HEADS: Final = ("What", "a second", "p50 ms", "p95 ms", "p99 ms", "floor", "of the floor", "errors")
_PEERS: Final = (
    ("Tryton 8.2", "3-5 created and confirmed", "40", "73", "12 productions"),
    ("InvenTree", "4", "13", "17", "18"),
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing that was measured, beside its floor if it has one."""

    name: str
    found: Outcome
    floor: Outcome | None = None
    floor_name: str = ""

    @property
    def share(self) -> float | None:
        """How much of the floor's rate is reached."""
        return self.found.rate / self.floor.rate if self.floor and self.floor.rate else None

    def row(self) -> tuple[str, ...]:
        """Return the cells of its line."""
        milliseconds = [f"{self.found.percentile(share) * 1000:.1f}" for share in (0.5, 0.95, 0.99)]
        floor = f"{self.floor_name} {self.floor.rate:.0f}" if self.floor else ""
        share = f"{self.share:.0%}" if self.share is not None else ""
        return (self.name, f"{self.found.rate:.0f}", *milliseconds, floor, share, str(self.found.errors))


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything one run has found."""

    machine: Sequence[str]
    seconds: float
    figures: Sequence[Figure]
    latencies: Sequence[Latency]
    drains: Sequence[Drain]
    memory: Memory
    starts: Starts
    took: float

    @property
    def errors(self) -> list[str]:
        """What went wrong, which must be nothing."""
        wrong = [
            f"{f.name}: {f.found.errors} errors, first {f.found.first_error}" for f in self.figures if f.found.errors
        ]
        wrong += [f"{one.subscriber}: {one.missing} facts without an effect" for one in self.latencies if one.missing]
        return wrong + [f"{one.subscriber}: {one.parked} facts parked" for one in self.drains if one.parked]

    def markdown(self) -> str:
        """Return the document."""
        parts = [
            (
                "# Benchmarks\n\n"
                "Made by `make bench`, which writes this file; do not edit it. Every figure stands beside a floor of the\n"
                "same run: reads beside a Flask hello under the same gunicorn and Caddy, writes beside the recorded\n"
                f"statements of the same transactions repeated by psycopg. {CLIENTS} clients with keep-alive, through\n"
                f"the edge, on {ORDERS} orders of one Lapas, {self.seconds:.0f} s each after a warm-up.\n"
            ),
            "## Machine\n\n" + "\n".join(f"- {line}" for line in [*self.machine, _commit()]) + "\n",
            f"## Requests\n\nThe aim is {AIM:.0%} of the floor. A write is measured with everything at work, and once more\n"
            "with the workers stopped, as its floor is: what others make of a fact has figures of its own below.\n\n"
            + _table(_HEADS, [f.row() for f in self.figures]),
            "## Facts\n\n" + self._facts(),
            "## Memory and start\n\n" + self._standing(),
            "## Peers\n\nOn such a machine at 8 clients, per second:\n\n"
            + _table(("", "orders created", "lists", "reads", "output recorded"), _PEERS),
        ]
        return "\n".join(parts)

    def _facts(self) -> str:
        latency = _table(
            (f"Commit to effect at {RATE:.0f} a second", "facts", "p50 ms", "p99 ms", "most ms"),
            [
                (
                    f"{one.type.split('.')[2]} in {one.subscriber}",
                    str(len(one.took)),
                    *(f"{one.percentile(share) * 1000:.1f}" for share in (0.5, 0.99, 1.0)),
                )
                for one in self.latencies
            ],
        )
        drain = _table(
            ("Backlog drained", "facts", "a second"),
            [
                (f"{one.type.split('.')[2]} in {one.subscriber}", str(one.facts), f"{one.rate:.0f}")
                for one in self.drains
            ],
        )
        return f"Aims: p50 15 ms, p99 40 ms; 1000 facts a second for each subscriber.\n\n{latency}\n{drain}"

    def _standing(self) -> str:
        by_process = sorted(self.memory.by_process.items(), key=lambda item: -item[1])
        rows = [(name, f"{held / 2**20:.0f}") for name, held in by_process]
        return (
            f"- Idle memory of all processes: {self.memory.pss / 2**20:.0f} MiB (PSS; aim under 1024),"
            f" {self.memory.rss / 2**20:.0f} MiB with shared pages counted in each (RSS)\n"
            f"- Start from an empty folder: {self.starts.first:.1f} s; again: {self.starts.second:.1f} s\n"
            f"- The whole benchmark: {self.took:.0f} s\n\n" + _table(("Process and its children", "MiB (PSS)"), rows)
        )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        placed = [c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return f"| {' | '.join(placed)} |"

    rule = [("-" * w) if n == 0 else "-" * (w - 1) + ":" for n, w in enumerate(widths)]
    return "\n".join([line(heads), line(rule), *(line(row) for row in rows), ""])


def _commit() -> str:
    done = subprocess.run(
        ["git", "log", "-1", "--format=%h of %cs"], capture_output=True, text=True, check=False, timeout=10
    )
    return f"Commit {done.stdout.strip() or 'unknown'}; `make bench`"
