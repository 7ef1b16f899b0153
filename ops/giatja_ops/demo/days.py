"""When the story happens: days counted from today, hours at the Lapas, identifiers that sort by them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

_SUNDAY: Final = 6


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Working days before and after the day on which the demonstration was loaded.

    :param today: that day, itself day 0 whatever day of the week it is.
    :param now: the moment of loading, after which nothing has happened yet.
    """

    today: date
    now: datetime
    zone: ZoneInfo

    def day(self, nth: int) -> date:
        """Return the nth working day from today; Sundays are free."""
        step = timedelta(days=1 if nth > 0 else -1)
        found = self.today
        for _ in range(abs(nth)):
            found += step
            while found.weekday() == _SUNDAY:
                found += step
        return found

    def at(self, day: date, clock: str) -> datetime:
        """Return a moment of a day at the Lapas, not one that is yet to come.

        :param clock: e.g. ``11:45``.
        """
        hour, minute = clock.split(":")
        moment = datetime.combine(day, time(int(hour), int(minute)), tzinfo=self.zone)
        # Early in the morning what belongs to today has to have happened since midnight.
        return min(moment, max(self.now, datetime.combine(day, time(), tzinfo=self.zone)))

    def on(self, nth: int, clock: str = "09:00") -> datetime:
        """Return a moment of the nth working day."""
        return self.at(self.day(nth), clock)


def identifier(at: datetime, *names: object) -> UUID:
    """Make the identifier of something by when it happened and what it is: a UUIDv7 that is the same each time."""
    digest = int.from_bytes(sha256("|".join(map(str, names)).encode()).digest()[:10])
    milliseconds = int(at.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 0x7 << 76 | (digest >> 66 & 0xFFF) << 64 | 0b10 << 62 | digest & ((1 << 62) - 1)
    )
