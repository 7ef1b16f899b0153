"""Beranda: a greeting, what needs doing today with one act each, and how far the month and the orders are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from giatja_gateway.pages.base import NavItem, anyone, has_page, may, render, signed_in, to_sign_in
from giatja_gateway.pages.formats import local
from giatja_gateway.pages.home.tasks import tasks_of
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import services
from giatja_kit import clock

blueprint = Blueprint("home", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(endpoint="home.home", label=lazy("Beranda"), icon="house-door", permission="home.read", bottom=True),
)
# Where a role begins that has no Beranda of a Lapas.
_ELSEWHERE = (("region.read", "region.overview"), ("facts.operate", "facts.page"))
_RUNNING = 8


@blueprint.get("/")
@anyone("where everybody begins: it shows Beranda to those who may, and sends others to sign in or to their own page")
def home() -> ResponseReturnValue:
    """Show what needs doing today."""
    if signed_in() is None:
        return to_sign_in()
    if not may("home.read"):
        return _elsewhere()
    g.at = clock.now()
    parts = _parts()
    return render(
        "home/home.html",
        {
            "greeting": greeting(local(g.at).hour),
            "tasks": tasks_of(parts),
            "parts": parts,
            "running": _running(parts),
            "workshops": [
                progress_of(w, parts["production"]) for w in (parts.get("production") or {}).get("workshops", ())
            ],
            "link": link,
        },
    )


def _elsewhere() -> ResponseReturnValue:
    for permission, endpoint in _ELSEWHERE:
        if may(permission) and has_page(endpoint):
            return redirect(url_for(endpoint), 303)
    raise Forbidden


def _parts() -> dict[str, Any]:
    """Ask each service for its part, as far as the role goes; one that does not answer is false."""
    asked: dict[str, tuple[str, str]] = {}
    if may("orders.read"):
        asked["orders"] = ("orders", "/orders/summary")
    if may("work_orders.read"):
        asked["production"] = ("production", "/production/summary")
    if may("board.call"):
        asked["calls"] = ("production", "/board-calls")
    if may("premi.read"):
        asked["premi"] = ("production", "/premi/waiting")
    asked["training"] = ("training", "/training/summary")
    return services().together(**asked)


def greeting(hour: int) -> str:
    """Greet by the hour at the Lapas."""
    if hour < 4 or hour >= 18:
        return _("Selamat malam")
    if hour < 11:
        return _("Selamat pagi")
    return _("Selamat siang") if hour < 15 else _("Selamat sore")


def progress_of(workshop: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    """Return a workshop with how far it is ahead of the pace its target asks for, and what it needs a day."""
    target, done, expected = workshop["month_target"], workshop["month_done"], workshop["month_expected"]
    if not target:
        return {**workshop, "gap": None, "needed": None}
    left, days = max(target - done, 0), summary.get("working_days_left", 0)
    return {**workshop, "gap": done - (expected or 0), "needed": -(-left // days) if days else left, "left": left}


def _running(parts: dict[str, Any]) -> list[dict[str, Any]]:
    orders = parts.get("orders")
    return orders["running_orders"][:_RUNNING] if orders else []


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a page, or nothing where this deployment has none."""
    return url_for(endpoint, **values) if has_page(endpoint) else ""
