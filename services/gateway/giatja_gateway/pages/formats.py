"""Dates, times, numbers, money and quantities as people in Indonesia write them, and as English does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel import Locale
from flask import Flask, g, has_request_context
from markupsafe import Markup, escape

from giatja_gateway.pages.language import _, current, ngettext
from giatja_kit import clock

NOTHING: Final = "–"
NO_BREAK: Final = "\u00a0"
# Indonesia has kept no summer time since 1964, so three fixed offsets need no time zone database.
ZONES: Final = {"WIB": 7, "WITA": 8, "WIT": 9}
ZONE_NAMES: Final = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
PACKS: Final = {"kodi": 20, "lusin": 12}
# What a unit is called in English; the ones that are not here keep their name.
UNITS_EN: Final = {"lembar": "sheets", "potong": "pieces", "pot": "pots", "bibit": "seedlings", "jam": "hours"}

Instant = datetime | str
Number = int | float | Decimal

_locales: Final = {name: Locale.parse(name) for name in ("id", "en")}


def _month(number: int, width: str) -> str:
    return str(_locales[current()].months["format"][width][number])


def _weekday(number: int) -> str:
    return str(_locales[current()].days["format"]["wide"][number])


def zone_name(zone: str | None = None) -> str:
    """Name the zone that times are shown in: the one given, the Lapas', or WIB."""
    if zone is None and has_request_context():
        zone = getattr(g.get("person"), "zone", None)
    zone = ZONE_NAMES.get(zone or "WIB", zone or "WIB")
    return zone if zone in ZONES else "WIB"


def local(value: Instant, zone: str | None = None) -> datetime:
    """Move an instant into a zone; ISO text, as JSON brings it, is read."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(timezone(timedelta(hours=ZONES[zone_name(zone)])))


def as_day(value: date | datetime | str, zone: str | None = None) -> date:
    """Give the calendar day of a date, or of an instant in its zone."""
    if isinstance(value, str):
        if len(value) == len("2023-06-17"):
            return date.fromisoformat(value)
        return local(value, zone).date()
    if isinstance(value, datetime):
        return local(value, zone).date()
    return value


def format_date(value: date | datetime | str | None, zone: str | None = None) -> str:
    """Write a day: `17 Juni 2023`."""
    if value is None or value == "":
        return NOTHING
    day = as_day(value, zone)
    return f"{day.day}{NO_BREAK}{_month(day.month, 'wide')} {day.year}"


def format_date_short(value: date | datetime | str | None, zone: str | None = None) -> str:
    """Write a day in little room: `17 Jun`, with the year when it is another one than this."""
    if value is None or value == "":
        return NOTHING
    day = as_day(value, zone)
    short = f"{day.day}{NO_BREAK}{_month(day.month, 'abbreviated')}"
    return short if day.year == today(zone).year else f"{short}{NO_BREAK}{day.year}"


def format_weekday(value: date | datetime | str | None, zone: str | None = None) -> str:
    """Write a day with its weekday: `Sabtu, 17 Juni 2023`."""
    if value is None or value == "":
        return NOTHING
    day = as_day(value, zone)
    return f"{_weekday(day.weekday())}, {format_date(day)}"


def format_month(value: date | datetime | str) -> str:
    """Write a month: `Juni 2023`."""
    day = as_day(value)
    return f"{_month(day.month, 'wide')} {day.year}"


def format_time(value: Instant | None, zone: str | None = None, name: bool = True) -> str:
    """Write a time of day in the zone of the Lapas: `09.42 WIB`."""
    if value is None or value == "":
        return NOTHING
    at = local(value, zone)
    clock = at.strftime("%H.%M" if current() == "id" else "%H:%M")
    return f"{clock}{NO_BREAK}{zone_name(zone)}" if name else clock


def format_datetime(value: Instant | None, zone: str | None = None) -> str:
    """Write a day and a time: `17 Juni 2023, 09.42 WIB`."""
    if value is None or value == "":
        return NOTHING
    return f"{format_date(value, zone)}, {format_time(value, zone)}"


def today(zone: str | None = None) -> date:
    """Give the day it is now at the Lapas; a page sets `g.at` where it has asked the clock already."""
    at: datetime | None = g.get("at") if has_request_context() else None
    return local(at or clock.now(), zone).date()


def format_due(value: date | datetime | str | None, zone: str | None = None) -> str:
    """Say how far a day is from today: `hari ini`, `3 hari lagi`, `telat 2 hari`."""
    if value is None or value == "":
        return NOTHING
    days = (as_day(value, zone) - today(zone)).days
    if days == 0:
        return _("hari ini")
    if days == 1:
        return _("besok")
    if days > 0:
        return ngettext("%(num)s hari lagi", "%(num)s hari lagi", days) % {"num": format_number(days)}
    return ngettext("telat %(num)s hari", "telat %(num)s hari", -days) % {"num": format_number(-days)}


def _separators() -> tuple[str, str]:
    return (".", ",") if current() == "id" else (",", ".")


def format_number(value: Number | None, decimals: int | None = None) -> str:
    """Write a number with its thousands: `12.480`; decimals only where there are any, or as asked."""
    if value is None:
        return NOTHING
    if type(value) is int and not decimals:
        # Nearly every number on a page is one of these, and pages have many.
        text = f"{value:,}".replace("-", "\u2212")
        return text if current() == "en" else text.replace(",", ".")
    amount = Decimal(str(value))
    if decimals is not None:
        amount = amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    elif amount == amount.to_integral_value():
        amount = amount.to_integral_value()
    thousands, point = _separators()
    whole, _sep, fraction = f"{amount:,f}".partition(".")
    whole = whole.replace(",", thousands).replace("-", "\u2212")
    return f"{whole}{point}{fraction}" if fraction else whole


def format_rupiah(value: int | None) -> str:
    """Write an amount of money: `Rp7.000`."""
    if value is None:
        return NOTHING
    sign = "\u2212" if value < 0 else ""
    return f"{sign}Rp{format_number(abs(value))}"


def format_percent(share: Number | None, decimals: int = 0) -> str:
    """Write a share (1 is all) as percent: `97,1%`."""
    if share is None:
        return NOTHING
    return f"{format_number(Decimal(str(share)) * 100, decimals)}%"


def unit_name(unit: str) -> str:
    """Name a unit in the language of this request."""
    return UNITS_EN.get(unit, unit) if current() == "en" else unit


def format_quantity(value: Number | None, unit: str, pack: str | None = None, size: int | None = None) -> str:
    """Write a quantity with its unit, in whole packs where one is named: `2 kodi 5 pcs`.

    The size of a pack is the Lapas' own datum; without one, kodi is 20 and lusin 12.
    """
    if value is None:
        return NOTHING
    name = unit_name(unit)
    if pack is None:
        return f"{format_number(value)}{NO_BREAK}{name}"
    packs, rest = divmod(int(value), size or PACKS[pack])
    parts = [f"{format_number(packs)}{NO_BREAK}{unit_name(pack)}"] if packs else []
    if rest or not packs:
        parts.append(f"{format_number(rest)}{NO_BREAK}{name}")
    return " ".join(parts)


def time_tag(value: Instant | None, zone: str | None = None) -> Markup:
    """Wrap a written instant in `<time>`, so that machines read it too."""
    if value is None or value == "":
        return escape(NOTHING)
    at = local(value, zone)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), escape(format_datetime(at, zone)))


def install(app: Flask) -> None:
    """Give the templates these formats as filters."""
    app.jinja_env.filters.update(
        date=format_date,
        date_short=format_date_short,
        weekday=format_weekday,
        month=format_month,
        time=format_time,
        datetime=format_datetime,
        time_tag=time_tag,
        due=format_due,
        number=format_number,
        rupiah=format_rupiah,
        percent=format_percent,
        quantity=format_quantity,
        unit=unit_name,
        as_day=as_day,
    )
    app.jinja_env.globals["today"] = today
