"""What may be asked for about the working calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from giatja_kit.database import Store
from giatja_kit.errors import Stale
from giatja_production.calendar import queries
from giatja_production.calendar.domain import HolidayPassed, HolidayTwice, HolidayUnknown, Hours, RollCall, check
from giatja_production.lapas.queries import today


@dataclass(frozen=True, kw_only=True)
class SetCalendar:
    """Set the hours and roll-calls of a Lapas, in place of those it had.

    :param version: of the calendar the caller has seen; 0 while the shipped one was meant.
    """

    version: int
    hours: Sequence[Hours]
    roll_calls: Sequence[RollCall]


@dataclass(frozen=True, kw_only=True)
class KeepHolidays:
    """Keep free days with their names; a day that is known takes the new name."""

    days: Sequence[tuple[date, str]]


@dataclass(frozen=True, kw_only=True)
class RemoveHoliday:
    """Make a free day a day of work again."""

    day: date


def set_calendar(command: SetCalendar, store: Store) -> None:
    """Set hours and roll-calls.

    :raises Stale, ShiftWithoutTime, ShiftTwice, ShiftsOverlap, RollCallTwice:
    """
    check(command.hours, command.roll_calls)
    queries.lock(store)
    known = queries.version(store)
    if known != command.version:
        raise Stale(version=known)
    queries.keep(store, command.hours, command.roll_calls, version=known + 1)


def keep_holidays(command: KeepHolidays, store: Store) -> Mapping[str, int]:
    """Keep free days; return how many are new and how many took another name.

    :raises HolidayTwice: one day is named twice.
    """
    seen: set[date] = set()
    for nth, (day, _) in enumerate(command.days):
        if day in seen:
            raise HolidayTwice(field=f"/days/{nth}/day", day=str(day))
        seen.add(day)
    return queries.keep_holidays(store, command.days)


def remove_holiday(command: RemoveHoliday, store: Store) -> None:
    """Remove a free day that has not passed.

    :raises HolidayPassed, HolidayUnknown:
    """
    if command.day < today(store):
        raise HolidayPassed
    if not queries.remove_holiday(store, command.day):
        raise HolidayUnknown
