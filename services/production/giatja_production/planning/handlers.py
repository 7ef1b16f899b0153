"""Keeping the forecasts of the open orders as the work, the people and the calendar have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit import clock
from giatja_kit.auth import SERVICE, Principal
from giatja_kit.database import Database, Store
from giatja_kit.service import Service
from giatja_production.facts import OrderForecastChanged
from giatja_production.planning import queries

EVERY_SECONDS: Final = 10.0
"""How often a Lapas is looked at, at the most: a shift's entries are one look."""
SHARE: Final = 0.05
"""How much of the worker's time looking may take: where very much is open, looks are further apart."""
HOLDS: Final = timedelta(hours=1)
MARGIN: Final = timedelta(seconds=15)
_AT_ONCE: Final = 5


@dataclass(frozen=True, kw_only=True)
class RefreshForecasts:
    """Work out the forecasts of a Lapas anew."""


def refresh_forecasts(command: RefreshForecasts, store: Store) -> int:
    """Keep and tell the forecasts that have changed; return how many those are."""
    store.run(
        "INSERT INTO planning_look (lapas_id, looked_at) VALUES (:lapas_id, :at)"
        " ON CONFLICT (lapas_id) DO UPDATE SET looked_at = excluded.looked_at",
        {"lapas_id": store.lapas_id, "at": store.at},
    )
    told, now = queries.told(store), queries.forecasts_now(store)
    changed = []
    for order_id, (found, due) in now.items():
        row = {
            "likely_on": found.likely,
            "earliest_on": found.earliest,
            "latest_on": found.latest,
            "late_days": found.late_days(due),
            "cause": found.cause,
            "stage_key": found.stage,
        }
        if order_id not in told or _differs(told[order_id], row):
            changed.append({"lapas_id": store.lapas_id, "order_id": order_id, "at": store.at, **row})
    store.run(_KEEP, changed)
    store.tell(*(_fact(row) for row in changed))
    gone = [order_id for order_id in told if order_id not in now]
    if gone:
        store.run(
            "DELETE FROM order_forecast WHERE lapas_id = :lapas_id AND order_id = ANY (:ids)",
            {"lapas_id": store.lapas_id, "ids": gone},
        )
    return len(changed)


def _differs(told: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return any(told[name] != value for name, value in row.items())


def _fact(row: Mapping[str, Any]) -> OrderForecastChanged:
    order_id: UUID = row["order_id"]
    return OrderForecastChanged(
        order_id=order_id,
        likely_on=row["likely_on"],
        earliest_on=row["earliest_on"],
        latest_on=row["latest_on"],
        late_days=row["late_days"],
        cause=row["cause"],
        stage=row["stage_key"],
    )


class Forecasting:
    """A chore of the worker: forecasts follow what is done and heard, a few seconds later and all of it at once."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._next = 0.0

    def __call__(self, service: Service) -> None:
        """Look at the Lapas where something happened, if it is time."""
        now = clock.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY_SECONDS
        if self._database is None:
            self._database = service.database("planning", connections=1)
        look_round(self._database)
        self._next = max(self._next, now + (clock.monotonic() - now) / SHARE)


def look_round(database: Database) -> int:
    """Refresh the forecasts of the Lapas where something happened; return how many Lapas that was.

    Of several workers one at a time does it.
    """
    with database.transaction(at=clock.now()) as store:
        lapas = queries.unsettled(store, since=HOLDS, margin=MARGIN, most=_AT_ONCE)
    for lapas_id in lapas:
        principal = Principal(
            subject="production", role=SERVICE, lapas=lapas_id, issuer="production", permissions=frozenset()
        )
        with database.transaction(principal, at=clock.now()) as store:
            name = f"planning {lapas_id}"
            if store.value("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))", name=name):
                refresh_forecasts(RefreshForecasts(), store)
    return len(lapas)


_KEEP = (
    "INSERT INTO order_forecast (lapas_id, order_id, likely_on, earliest_on, latest_on, late_days, cause, stage_key,"
    " changed_at) VALUES (:lapas_id, :order_id, :likely_on, :earliest_on, :latest_on, :late_days, :cause, :stage_key,"
    " :at) ON CONFLICT (lapas_id, order_id) DO UPDATE SET likely_on = excluded.likely_on,"
    " earliest_on = excluded.earliest_on, latest_on = excluded.latest_on, late_days = excluded.late_days,"
    " cause = excluded.cause, stage_key = excluded.stage_key, changed_at = excluded.changed_at"
)
