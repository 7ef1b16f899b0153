"""The screens of planning: what can be promised, when orders will be finished, how full the weeks are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import menu
from giatja_gateway.pages.base import NavItem, needs, render
from giatja_gateway.pages.charts import GridRow
from giatja_gateway.pages.formats import format_date_short
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.pages.planning import asking, words
from giatja_gateway.services import services
from giatja_kit import clock

blueprint = Blueprint("planning", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="planning.overview",
        label=lazy("Rencana"),
        icon="calendar-range",
        permission="planning.read",
        section=menu.WORK,
    ),
)
_SHOWN: Final = 25
_SORTS: Final = ("late", "-late", "due_date", "-due_date", "likely_on", "-likely_on", "number", "-number")
_FIELDS: Final = {"/lines/0/quantity": "jumlah", "/lines/0/workshop_id": "unit", "/due_date": "janji"}


@blueprint.get("/rencana")
@needs("planning.read")
def overview() -> ResponseReturnValue:
    """Show when each open order is likely to be finished, and answer whether a date can be promised."""
    g.at = clock.now()
    sort = request.args.get("sort", "")
    query = {
        "search": request.args.get("q", "")[:100],
        "workshop_id": request.args.get("unit_kerja"),
        "late": {"telat": "true", "aman": "false"}.get(request.args.get("risiko", "")),
        "sort": sort if sort in _SORTS else "late",
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/planning/forecasts", {name: value for name, value in query.items() if value}),
        workshops=("production", "/workshops"),
    )
    units = [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else []
    found, form = _asked()
    rows = [_row(item) for item in asked["page"]["items"]] if asked["page"] else []
    return render(
        "planning/overview.html",
        {**asked, "rows": rows, "units": units, "found": found, "form": form, "tabs": _tabs("planning.overview")},
    )


@blueprint.get("/rencana/beban")
@needs("planning.read")
def load() -> ResponseReturnValue:
    """Show how full each stage is in the weeks ahead."""
    g.at = clock.now()
    unit = request.args.get("unit")
    asked = services().together(
        load=("production", "/planning/load", {"workshop_id": unit} if unit else {}),
        workshops=("production", "/workshops"),
    )
    units = [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else []
    charts = [_chart(item) for item in asked["load"]["items"]] if asked["load"] else []
    return render("planning/load.html", {**asked, "charts": charts, "units": units, "tabs": _tabs("planning.load")})


def _tabs(now: str) -> list[tuple[str, str, int | None, bool]]:
    return [
        (url_for(endpoint), label, None, endpoint == now)
        for endpoint, label in (("planning.overview", _("Janji dan perkiraan")), ("planning.load", _("Beban mingguan")))
    ]


def _asked() -> tuple[dict[str, Any], Form]:
    """Answer what the form in the address asks, if it does."""
    values = {name: request.args.get(name, "").strip() for name in ("unit", "jumlah", "janji")}
    if not any(values.values()):
        return {}, Form(values=values)
    missing = {name: _("wajib diisi") for name, value in values.items() if not value}
    if missing:
        return {}, Form(values=values, errors=missing)
    line = {"quantity": values["jumlah"], "workshop_id": values["unit"]}
    found = asking.promise([line], values["janji"])
    if "refused" not in found:
        return found, Form(values=values)
    name = _FIELDS.get(found["field"])
    complaint = found["refused"]
    return {}, Form(values=values, errors={name: complaint} if name else {}, general=() if name else (complaint,))


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    stage = words.stage_name(item["stage"])
    late = item["late_days"] > 0 or item["likely_on"] is None
    return {**item, "risk": words.risk({**item, "late": late}), "cause_text": words.cause(item, stage)}


def _chart(unit: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        GridRow(
            label=words.stage_name(stage),
            shares=[cell["wanted"] / cell["able"] if cell["able"] else None for cell in stage["cells"]],
            wanted=[bool(cell["wanted"]) for cell in stage["cells"]],
        )
        for stage in unit["stages"]
    ]
    return {
        **unit,
        "rows": rows,
        "columns": [format_date_short(week).removesuffix(week[:4]).strip() for week in unit["weeks"]],
        "busiest": _busiest(unit),
        "stages": [{**stage, "label": words.stage_name(stage)} for stage in unit["stages"]],
    }


def _busiest(unit: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the stage and week that is fullest, if any is over what its people can give."""
    found = [
        (cell["wanted"] - cell["able"], words.stage_name(stage), cell)
        for stage in unit["stages"]
        for cell in stage["cells"]
        if cell["wanted"] > cell["able"]
    ]
    if not found:
        return None
    over, name, cell = max(found, key=lambda f: f[0])
    return {"stage": name, "week": cell["week"], "hours": words.hours(over)}
