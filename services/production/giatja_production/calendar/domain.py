"""The working calendar of a Lapas, and how much working time a day has.

Working time of a day is the time of its shifts less the roll-calls that fall into them; a free day has none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from importlib.resources import files
from zoneinfo import ZoneInfo

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_production.output.domain import Shift

_DAY = 24 * 60


class ShiftTwice(Invalid):
    """A weekday has a shift twice."""

    id = "Shift {shift} ditulis dua kali pada hari yang sama."
    en = "The shift {shift} is there twice on one weekday."


class ShiftWithoutTime(Invalid):
    """A shift begins and ends at the same time."""

    id = "Jam mulai dan selesai tidak boleh sama."
    en = "A shift cannot begin and end at the same time."


class ShiftsOverlap(Invalid):
    """Two shifts of one weekday are at the same time."""

    id = "Shift {first} dan {second} bertabrakan pada hari yang sama."
    en = "The shifts {first} and {second} overlap on one weekday."


class RollCallTwice(Invalid):
    """Two roll-calls begin at the same time."""

    id = "Ada dua apel pada pukul {at}."
    en = "There are two roll-calls at {at}."


class HolidayTwice(Invalid):
    """A list names one day twice."""

    id = "Tanggal {day} ditulis dua kali."
    en = "The day {day} is there twice."


class HolidayUnknown(Unknown):
    """No free day of this Lapas falls on that date."""

    id = "Tidak ada hari libur pada tanggal ini."
    en = "There is no holiday on this day."


class HolidayPassed(Conflict):
    """Plans and reports were made with it."""

    id = "Hari libur yang sudah lewat tidak bisa dihapus."
    en = "A holiday that has passed cannot be removed."


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One shift of one weekday; one that ends before it begins goes on into the next day.

    :param weekday: 1 is Monday, 7 Sunday.
    """

    weekday: int
    shift: Shift
    starts: time
    ends: time

    @property
    def span(self) -> tuple[int, int]:
        """Its minutes, counted from midnight of its day."""
        first, last = _minute(self.starts), _minute(self.ends)
        return first, last if last > first else last + _DAY


@dataclass(frozen=True, kw_only=True)
class RollCall:
    """A counting of everybody, during which nobody works."""

    at: time
    minutes: int


@dataclass(frozen=True, kw_only=True)
class ShiftTimes:
    """A shift of one day.

    :param minutes: the working time in it, without roll-calls.
    """

    shift: str
    starts: datetime
    ends: datetime
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When a Lapas works.

    :param zone: IANA name of where the hours are meant.
    :param own: whether the Lapas has set it, or it is what is shipped.
    """

    zone: str
    hours: Sequence[Hours]
    roll_calls: Sequence[RollCall]
    holidays: Mapping[date, str] = field(default_factory=dict)
    own: bool = True

    def shifts_on(self, day: date) -> list[ShiftTimes]:
        """Return the shifts of a day in the order of the clock, none on a free day."""
        if day in self.holidays:
            return []
        zone = ZoneInfo(self.zone)
        midnight = datetime.combine(day, time())
        return [
            ShiftTimes(
                shift=h.shift.value,
                starts=(midnight + timedelta(minutes=h.span[0])).replace(tzinfo=zone),
                ends=(midnight + timedelta(minutes=h.span[1])).replace(tzinfo=zone),
                minutes=self._minutes(h),
            )
            for h in self._of(day.isoweekday())
        ]

    def minutes_on(self, day: date) -> int:
        """Return the working time of a day."""
        return 0 if day in self.holidays else self.minutes_of_weekday(day.isoweekday())

    def minutes_of_weekday(self, weekday: int) -> int:
        """Return the working time of an ordinary day."""
        return self._minutes_by_weekday.get(weekday, 0)

    @cached_property
    def _minutes_by_weekday(self) -> Mapping[int, int]:
        # A promise looks at every day of a year.
        return {weekday: sum(map(self._minutes, self._of(weekday))) for weekday in {h.weekday for h in self.hours}}

    def _of(self, weekday: int) -> list[Hours]:
        return sorted((h for h in self.hours if h.weekday == weekday), key=lambda h: h.span)

    def _minutes(self, hours: Hours) -> int:
        first, last = hours.span
        counted = {
            minute
            for call in self.roll_calls
            for day in (0, _DAY)  # the night's part after midnight has the roll-calls of the next day
            for minute in range(_minute(call.at) + day, _minute(call.at) + day + call.minutes)
        }
        return last - first - sum(first <= minute < last for minute in counted)


def check(hours: Sequence[Hours], roll_calls: Sequence[RollCall]) -> None:
    """Check hours as somebody wrote them.

    :raises ShiftWithoutTime, ShiftTwice, ShiftsOverlap, RollCallTwice:
    """
    for nth, one in enumerate(hours):
        if one.starts == one.ends:
            raise ShiftWithoutTime(field=f"/hours/{nth}/ends")
        for other in hours[:nth]:
            if other.weekday != one.weekday:
                continue
            if other.shift is one.shift:
                raise ShiftTwice(field=f"/hours/{nth}/shift", shift=one.shift.value)
            if other.span[0] < one.span[1] and one.span[0] < other.span[1]:
                raise ShiftsOverlap(field=f"/hours/{nth}/starts", first=other.shift.value, second=one.shift.value)
    seen: set[time] = set()
    for nth, call in enumerate(roll_calls):
        if call.at in seen:
            raise RollCallTwice(field=f"/roll_calls/{nth}/at", at=call.at.strftime("%H:%M"))
        seen.add(call.at)


@cache
def shipped() -> tuple[tuple[Hours, ...], tuple[RollCall, ...]]:
    """Return the hours and roll-calls of a Lapas that has not set its own."""
    document = json.loads(files(__package__).joinpath("defaults.json").read_text())
    return (
        tuple(
            Hours(
                weekday=weekday,
                shift=Shift(h["shift"]),
                starts=time.fromisoformat(h["starts"]),
                ends=time.fromisoformat(h["ends"]),
            )
            for h in document["hours"]
            for weekday in h["weekdays"]
        ),
        tuple(RollCall(at=time.fromisoformat(r["at"]), minutes=r["minutes"]) for r in document["roll_calls"]),
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
