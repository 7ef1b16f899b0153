"""The screens of the region: all Lapas beside each other, one Lapas, and the same as a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import timedelta
from io import StringIO
from typing import Any, Final

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import menu
from giatja_gateway.pages.base import NavItem, has_page, needs, render, signed_in, url_with
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.formats import format_month
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.region import queries
from giatja_gateway.region.domain import FEWEST, Month
from giatja_gateway.services import own
from giatja_kit.database import Store
from giatja_kit.paging import PageQuery

blueprint = Blueprint("region", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="region.overview",
        label=lazy("Wilayah"),
        icon="bar-chart-line",
        permission="region.read",
        section=menu.OFFICE,
        bottom=True,
    ),
)
KINDS: Final[Mapping[str, lazy]] = {
    "garmen": lazy("Garmen"),
    "batik_cap": lazy("Batik cap"),
    "tanaman_hias": lazy("Tanaman hias"),
    "umum": lazy("Umum"),
}
STANDINGS: Final[Mapping[str, lazy]] = {
    "all": lazy("Semua"),
    "open": lazy("Terbuka"),
    "overdue": lazy("Lewat janji"),
    "on_time": lazy("Selesai tepat janji"),
    "late": lazy("Selesai terlambat"),
    "cancelled": lazy("Dibatalkan"),
}
_ATTENTION: Final = 4
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/wilayah")
@needs("region.read")
def overview() -> ResponseReturnValue:
    """Compare the Lapas of the region; a role at one Lapas goes to its own."""
    if signed_in().lapas_id is not None:
        return redirect(url_for("region.one", lapas_id=signed_in().lapas_id), 303)
    with own() as store:
        found, months = _overview(store), queries.months(store)
    wanted = request.args.get("q", "").strip().casefold()
    shown = [row for row in found["lapas"] if wanted in row["name"].casefold()]
    attention = sorted((r for r in found["lapas"] if r["overdue"]), key=lambda r: (-r["overdue"], r["name"]))
    return render(
        "region/overview.html",
        {
            **found,
            "shown": shown,
            "most": max((row["passed"] for row in found["lapas"]), default=0),
            "attention": attention[:_ATTENTION],
            **_months(months, Month.parse(found["month"])),
        },
    )


@blueprint.get("/wilayah.csv")
@needs("region.read")
def as_csv() -> ResponseReturnValue:
    """Give the comparison as a file for a spreadsheet."""
    with own() as store:
        found = _overview(store)
    text = StringIO()
    # A semicolon and a mark of the encoding: how spreadsheets here expect it.
    out = csv.writer(text, delimiter=";", lineterminator="\r\n")
    out.writerow([_("Lapas"), *(str(label) for label, _value in _COLUMNS)])
    for row in found["lapas"]:
        out.writerow([_inert(row["name"]), *(_column(row, name) for _label, name in _COLUMNS)])
    answer = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="wilayah-{found["month"]}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


_COLUMNS: Final = (
    (lazy("Pesanan diterima"), "accepted"),
    (lazy("Selesai tepat janji"), "on_time"),
    (lazy("Selesai terlambat"), "late"),
    (lazy("Dibatalkan"), "cancelled"),
    (lazy("Terbuka"), "open"),
    (lazy("Lewat janji"), "overdue"),
    (lazy("Lolos QC"), "passed"),
    (lazy("Perbaikan"), "rework"),
    (lazy("Afkir"), "reject"),
    (lazy("Kecelakaan kerja"), "incidents"),
    (lazy("Nyaris celaka"), "near_misses"),
    (lazy("Premi dikreditkan"), "premi"),
    (lazy("WBP bekerja"), "workers"),
    (lazy("WBP ber-SK"), "permitted"),
)


def _column(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if isinstance(value, Mapping):
        return f"<{FEWEST}" if value["few"] else str(value["count"])
    return str(value)


def _inert(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@blueprint.get("/wilayah/<lapas_id>")
@needs("region.read")
def one(lapas_id: str) -> ResponseReturnValue:
    """Show one Lapas in one month, down to its orders."""
    standing = request.args.get("standing", "all")
    standing = standing if standing in STANDINGS else "all"
    with own() as store:
        month, months = _month(store), queries.months(store)
        found = queries.one_lapas(store, lapas_id, month)
        page = PageQuery(limit=50, cursor=request.args.get("cursor") or None)
        orders = queries.orders(store, lapas_id, month, page, standing=standing)
    return render(
        "region/one.html",
        {
            **found,
            "orders": orders["items"],
            "next": orders["next"],
            "standing": standing,
            "tabs": _tabs(found, standing),
            "inside": signed_in().lapas_id is not None,
            "week_parts": _weeks(found),
            **_months(months, month),
        },
    )


def _overview(store: Store) -> dict[str, Any]:
    sort = request.args.get("sort", "name")
    known = sort.removeprefix("-") in queries.SORTS
    return queries.overview(store, _month(store), sort=sort if known else "name")


def _month(store: Store) -> Month:
    """Return the month of the address, or the newest in which something happened."""
    text = request.args.get("month", "")
    return Month.parse(text) if text else queries.newest_month(store)


def _months(months: list[Month], chosen: Month) -> dict[str, Any]:
    """Return what choosing a month needs: the list, the one shown, and its neighbours where there are any."""
    later = [m for m in months if m > chosen]
    earlier = [m for m in months if m < chosen]
    return {
        "chosen": chosen,
        "month_options": [(str(m), format_month(m.first)) for m in sorted({*months, chosen}, reverse=True)],
        "later": str(chosen.next) if later else None,
        "earlier": str(chosen.previous) if earlier else None,
    }


def _tabs(found: Mapping[str, Any], standing: str) -> list[tuple[str, str, int | None, bool]]:
    """Return a tab for each standing with its count; the one of all has none, since it overlaps."""
    return [
        (
            url_with({"standing": None if key == "all" else key, "cursor": None}),
            str(label),
            found.get(key),
            key == standing,
        )
        for key, label in STANDINGS.items()
        if key in ("all", standing) or found[key]
    ]


def _weeks(found: Mapping[str, Any]) -> list[Part]:
    """Return the output of the last weeks, each named by the day it ends on."""
    ends = [found["until"] - timedelta(weeks=n) for n in range(len(found["weeks"]))][::-1]
    return [
        Part(label=f"{day.day}/{day.month}", value=passed) for day, passed in zip(ends, found["weeks"], strict=True)
    ]


def kind_name(kind: str) -> str:
    """Name a kind of workshop; one of a Lapas' own is shown as it is called there."""
    return str(KINDS.get(kind) or kind.replace("_", " ").capitalize())


def order_link(order_id: object) -> str:
    """Give the address of an order's own page, where this deployment has one."""
    return url_for("orders.one", order_id=order_id) if has_page("orders.one") else ""


@blueprint.context_processor
def helpers() -> dict[str, Any]:
    """Give the templates of the region what they name things with."""
    return {"kind_name": kind_name, "order_link": order_link, "FEWEST": FEWEST}
