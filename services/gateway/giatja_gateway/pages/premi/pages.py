"""The screens of premi: how it stands and what waits for whom; its parts are in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from babel.dates import format_date
from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import menu
from giatja_gateway.pages.base import NavItem, needs, render
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.formats import as_day
from giatja_gateway.pages.language import current, lazy
from giatja_gateway.pages.premi import cards, lists, proceeds, references, schemes, withdrawals, words
from giatja_gateway.pages.premi.todos import todos
from giatja_gateway.services import services
from giatja_kit import clock

blueprint = Blueprint("premi", __name__, template_folder="templates")
for part in (cards, lists, proceeds, references, schemes, withdrawals):
    blueprint.register_blueprint(part.blueprint)
NAVIGATION = (
    NavItem(
        endpoint="premi.overview", label=lazy("Premi"), icon="wallet2", permission="premi.read", section=menu.OFFICE
    ),
)
_THOUSAND: Final = 1000


@blueprint.get("/premi")
@needs("premi.read")
def overview() -> ResponseReturnValue:
    """Show how premi stands."""
    g.at = clock.now()
    summary = services().get("production", "/premi/summary").json
    context = {
        "summary": summary,
        "tabs": words.tabs("premi.overview"),
        "todos": list(todos(summary)),
        "columns": columns(summary["lists"]),
        "floor_thousands": summary["floor"] // _THOUSAND if summary["floor"] else None,
    }
    return render("premi/overview.html", context)


def columns(lists_: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Give what an inmate got in a month, on average and in thousands of rupiah, the oldest month first."""
    shown = [one for one in lists_ if one["people"] and one["state"] != "computing"][::-1]
    return [
        Part(
            label=format_date(as_day(one["period"]), "MMM ''yy", locale=current()),
            value=round(one["gross"] / one["people"] / _THOUSAND),
            tone="daun" if one["state"] == "credited" else "nila" if one["state"] == "locked" else "kunyit",
        )
        for one in shown
    ]
