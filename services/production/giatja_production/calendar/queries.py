"""Questions about the working calendar."""

from collections.abc import Mapping, Sequence
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


def lock(store: Store) -> None:
    """Let one change of the calendar wait for another; before the first there is no row to lock."""
    store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"calendar {store.lapas_id}")


def version(store: Store) -> int:
    """Return the version of the calendar, 0 while the shipped one is meant."""
    found = store.value("SELECT version FROM work_calendar WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    return int(found or 0)


def keep(store: Store, hours: Sequence[Hours], roll_calls: Sequence[RollCall], *, version: int) -> None:
    """Keep hours and roll-calls in place of those before."""
    for table in ("work_hours", "roll_call"):
        store.run(f"DELETE FROM {table} WHERE lapas_id = :lapas_id", {"lapas_id": store.lapas_id})  # noqa: S608
    store.run(
        "INSERT INTO work_hours (lapas_id, weekday, shift, starts, ends)"
        " VALUES (:lapas_id, :weekday, :shift, :starts, :ends)",
        [
            {
                "lapas_id": store.lapas_id,
                "weekday": h.weekday,
                "shift": h.shift.value,
                "starts": h.starts,
                "ends": h.ends,
            }
            for h in hours
        ],
    )
    store.run(
        "INSERT INTO roll_call (lapas_id, at, minutes) VALUES (:lapas_id, :at, :minutes)",
        [{"lapas_id": store.lapas_id, "at": r.at, "minutes": r.minutes} for r in roll_calls],
    )
    store.run(
        "INSERT INTO work_calendar (lapas_id, changed_at, changed_by, version)"
        " VALUES (:lapas_id, :changed_at, :changed_by, :version) ON CONFLICT (lapas_id)"
        " DO UPDATE SET changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = excluded.version",
        {"lapas_id": store.lapas_id, "changed_at": store.at, "changed_by": store.actor, "version": version},
    )


def keep_holidays(store: Store, days: Sequence[tuple[date, str]]) -> Mapping[str, int]:
    """Keep free days; return how many are new and how many took another name."""
    rows = store.rows(
        "INSERT INTO holiday (lapas_id, day, name) SELECT :lapas_id, d.day, d.name"
        " FROM unnest(CAST(:days AS date[]), CAST(:names AS text[])) AS d (day, name)"
        " ON CONFLICT (lapas_id, day) DO UPDATE SET name = excluded.name WHERE holiday.name <> excluded.name"
        " RETURNING xmax = 0 AS added",
        lapas_id=store.lapas_id,
        days=[day for day, _ in days],
        names=[name for _, name in days],
    )
    added = sum(r["added"] for r in rows)
    return {"added": added, "renamed": len(rows) - added}


def remove_holiday(store: Store, day: date) -> bool:
    """Remove a free day; return whether there was one."""
    return bool(
        store.run(
            "DELETE FROM holiday WHERE lapas_id = :lapas_id AND day = :day", {"lapas_id": store.lapas_id, "day": day}
        )
    )


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
