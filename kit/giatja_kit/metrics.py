"""Figures for Prometheus: requests, summed over the processes of one container, and where facts stand."""

import os
import tempfile
from functools import cache
from typing import TYPE_CHECKING

# The library decides at import whether it sums over processes, so the folder has to be named first.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="giatja-metrics-"))

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FAST: "Sequence[float]" = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram(
    "giatja_request_seconds", "Time to answer a request", ["service", "route", "status"], buckets=_FAST
)
REFUSALS = Counter("giatja_refusals_total", "Requests refused by a rule", ["service", "type"])


@cache
def _of(service: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(service, route, str(status))


def request_took(service: str, route: str, status: int, seconds: float) -> None:
    """Count one request; finding its figure by three labels would take longer than counting."""
    _of(service, route, status).observe(seconds)


def exposition(standing: "Mapping[str, Mapping[tuple[str, ...], float]]") -> bytes:
    """Return all figures in the text format.

    :param standing: figures read from the database at this moment: name -> (source,) -> value.
    """
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    for name, values in standing.items():
        gauge = Gauge(name, name.replace("_", " "), ["source"], registry=now)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
    return generate_latest(registry) + generate_latest(now)


def forget(pid: int) -> None:
    """Drop the live figures of a process that has ended."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]
