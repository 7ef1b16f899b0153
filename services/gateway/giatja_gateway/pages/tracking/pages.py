"""A partner's page: how far the own order is, and nothing of who works on it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint
from flask.typing import ResponseReturnValue

from giatja_contracts.units import PIECES
from giatja_gateway.pages.base import anyone, render
from giatja_gateway.services import services

blueprint = Blueprint("tracking", __name__, template_folder="templates")


@blueprint.get("/lacak/<token>")
@anyone("the link itself is the key")
def follow(token: str) -> ResponseReturnValue:
    """Show the order a link belongs to."""
    order = services().as_gateway().get("orders", f"/tracking/{quote(token, safe='')}").json
    for line in order["lines"]:
        line["strip"] = [{"name": s["name"], "done": s["good"], "total": line["quantity"]} for s in line["stages"]]
        line["pack"] = line["unit"] if PIECES[line["unit"]] > 1 else None
        line["piece"] = line["unit"] if PIECES[line["unit"]] == 1 else "pcs"
    answer = render("tracking/follow.html", {"order": order, "zone": order["zone"]})
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the key: no other site may read it from where somebody came.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
