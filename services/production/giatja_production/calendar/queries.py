"""Questions about the working calendar."""

from datetime import date, time, timedelta
from typing import Any

from giatja_kit.database import Store
from giatja_production.calendar.domain import Calendar, Hours, RollCall, ShiftTimes, shipped
from giatja_production.lapas.domain import LapasNotKnownYet
from giatja_production.output.domain import Shift

_CALENDAR = (
    "SELECT l.zone, c.version, c.changed_at, c.changed_by,"
    " (SELECT json_agg(json_build_array(h.weekday, h.shift, h.starts, h.ends)) FROM work_hours h"
    "  WHERE h.lapas_id = l.lapas_id) AS hours,"
    " (SELECT json_agg(json_build_array(r.at, r.minutes)) FROM roll_call r WHERE r.lapas_id = l.lapas_id) AS roll_calls,"
    " (SELECT json_agg(json_build_array(f.day, f.name)) FROM holiday f"
    "  WHERE f.lapas_id = l.lapas_id AND f.day BETWEEN :first AND :last) AS holidays"
    " FROM lapas l LEFT JOIN work_calendar c ON c.lapas_id = l.lapas_id WHERE l.lapas_id = :lapas_id"
)


def calendar(store: Store, first: date, last: date) -> Calendar:
    """Return the calendar with the free days of a period, in one round trip.

    :raises LapasNotKnownYet: before the fact that registers the Lapas was heard.
    """
    return _read(_row(store, first, last))


def working_minutes(store: Store, first: date, last: date) -> dict[date, int]:
    """Return the working time of each day of a period, 0 on free days."""
    known = calendar(store, first, last)
    ordinary = {weekday: known.minutes_of_weekday(weekday) for weekday in range(1, 8)}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: 0 if day in known.holidays else ordinary[day.isoweekday()] for day in days}


def shift_times(store: Store, day: date) -> list[ShiftTimes]:
    """Return the shifts of a day in the order of the clock, none on a free day."""
    return calendar(store, day, day).shifts_on(day)


def shown(store: Store, year: int) -> dict[str, Any]:
    """Return the calendar as it is shown: hours, roll-calls, working time by weekday, the free days of a year."""
    row = _row(store, date(year, 1, 1), date(year, 12, 31))
    known = _read(row)
    return {
        "year": year,
        "own": known.own,
        "hours": sorted(known.hours, key=lambda h: (h.weekday, h.span)),
        "roll_calls": sorted(known.roll_calls, key=lambda r: r.at),
        "minutes": [known.minutes_of_weekday(weekday) for weekday in range(1, 8)],
        "holidays": [{"day": day, "name": name} for day, name in sorted(known.holidays.items())],
        "working_days": sum(
            known.minutes_on(date(year, 1, 1) + timedelta(days=n)) > 0
            for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
        ),
        "changed_at": row["changed_at"],
        "changed_by": row["changed_by"],
        "version": row["version"] or 0,
    }


def _row(store: Store, first: date, last: date) -> Any:
    row = store.row(_CALENDAR, lapas_id=store.lapas_id, first=first, last=last)
    if row is None:
        raise LapasNotKnownYet
    return row


def _read(row: Any) -> Calendar:
    hours, roll_calls = shipped()
    own = row["version"] is not None
    if own:
        hours = tuple(
            Hours(
                weekday=weekday,
                shift=Shift(shift),
                starts=time.fromisoformat(starts),
                ends=time.fromisoformat(ends),
            )
            for weekday, shift, starts, ends in row["hours"] or ()
        )
        roll_calls = tuple(RollCall(at=time.fromisoformat(at), minutes=m) for at, m in row["roll_calls"] or ())
    return Calendar(
        zone=row["zone"],
        hours=hours,
        roll_calls=roll_calls,
        holidays={date.fromisoformat(day): name for day, name in row["holidays"] or ()},
        own=own,
    )
