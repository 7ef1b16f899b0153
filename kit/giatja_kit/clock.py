"""The one place that reads the clock; everywhere else time is an argument."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str, at: datetime) -> date:
    """Return the calendar day at a place.

    :param zone: IANA name, e.g. ``Asia/Jakarta``.
    :param at: an aware moment.
    """
    return at.astimezone(ZoneInfo(zone)).date()


def monotonic() -> float:
    """Return seconds that only ever grow, for measuring how long something took."""
    return time.monotonic()
