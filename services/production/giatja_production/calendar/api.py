"""The working calendar over HTTP."""

from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.web import Input, Routes
from giatja_production.calendar import handlers, queries
from giatja_production.calendar.domain import Hours, RollCall
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift

routes = Routes("calendar", tag="Kalender kerja")
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)


class HoursInput(Input):
    """One shift of a weekday, 1 is Monday; one that ends before it begins goes on into the next day."""

    weekday: int = Field(ge=1, le=7)
    shift: Shift
    starts: time
    ends: time


class RollCallInput(Input):
    """A counting of everybody, during which nobody works."""

    at: time
    minutes: int = Field(ge=1, le=240)


class CalendarChange(Input):
    """Hours and roll-calls, in place of those before."""

    hours: list[HoursInput] = Field(max_length=21)
    roll_calls: list[RollCallInput] = Field(max_length=12)


class HolidayInput(Input):
    """A free day."""

    day: date = Field(ge=_FIRST, le=_LAST)
    name: Line = Field(min_length=2, max_length=120)


class HolidayList(Input):
    """Free days to keep at once."""

    days: list[HolidayInput] = Field(min_length=1, max_length=200)


class DayPath(Input):
    """A free day."""

    day: date


class Nothing(Input):
    """No more is needed."""


class HoursView(BaseModel):
    """One shift of a weekday."""

    weekday: int
    shift: Shift
    starts: time
    ends: time


class RollCallView(BaseModel):
    """A roll-call."""

    at: time
    minutes: int


class HolidayView(BaseModel):
    """A free day."""

    day: date
    name: str


class CalendarView(BaseModel):
    """The calendar; `minutes` is the working time from Monday to Sunday, `own` whether the Lapas has set it."""

    year: int
    own: bool
    hours: list[HoursView]
    roll_calls: list[RollCallView]
    minutes: list[int]
    holidays: list[HolidayView]
    working_days: int
    changed_at: datetime | None
    changed_by: str | None
    version: int


class KeptView(BaseModel):
    """How many free days are new, and how many took another name."""

    added: int
    renamed: int


class CalendarQuery(Input):
    """Of which year to show the free days, by default this year."""

    year: int | None = Field(None, ge=_FIRST.year, le=_LAST.year)


@routes.get("/calendar", permission="workshops.read", answer=CalendarView)
def show_calendar(store: Store, query: CalendarQuery) -> dict[str, Any]:
    """Show when this Lapas works: hours, roll-calls, the free days of a year."""
    return queries.shown(store, query.year or today(store).year)


@routes.patch("/calendar", permission="workshops.write", answer=CalendarView)
def set_calendar(store: Store, version: int, body: CalendarChange) -> dict[str, Any]:
    """Set the hours and roll-calls of this Lapas."""
    command = handlers.SetCalendar(
        version=version,
        hours=[
            Hours(weekday=h.weekday, shift=h.shift, starts=_plain(h.starts), ends=_plain(h.ends)) for h in body.hours
        ],
        roll_calls=[RollCall(at=_plain(r.at), minutes=r.minutes) for r in body.roll_calls],
    )
    handlers.set_calendar(command, store)
    return queries.shown(store, today(store).year)


@routes.post("/calendar/holidays", permission="workshops.write", answer=KeptView)
def keep_holidays(store: Store, body: HolidayList) -> dict[str, Any]:
    """Keep free days; a day that is known takes the new name."""
    return dict(handlers.keep_holidays(handlers.KeepHolidays(days=[(d.day, d.name) for d in body.days]), store))


@routes.post("/calendar/holidays/<day>/removal", permission="workshops.write", answer=CalendarView)
def remove_holiday(store: Store, path: DayPath, body: Nothing) -> dict[str, Any]:
    """Make a free day that has not passed a day of work again."""
    handlers.remove_holiday(handlers.RemoveHoliday(day=path.day), store)
    return queries.shown(store, path.day.year)


def _plain(at: time) -> time:
    """Return a time of the clock at the Lapas, whatever zone somebody wrote after it."""
    return at.replace(second=0, microsecond=0, tzinfo=None)
