"""Questions about Lapas."""

from datetime import date, datetime

from giatja_kit import clock
from giatja_kit.database import Store
from giatja_orders.lapas.domain import LapasNotKnownYet


def today(store: Store, *, at: datetime | None = None) -> date:
    """Return the calendar day at the caller's Lapas.

    :raises LapasNotKnownYet: before the fact that registers it was heard.
    """
    zone = store.value("SELECT zone FROM lapas WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    if zone is None:
        raise LapasNotKnownYet
    return clock.today(zone, at or store.at)
