"""The board on the wall by its link; its links for the section; calls for help for everybody on the floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import assets, errors, forms, menu
from giatja_gateway.pages.base import NavItem, anyone, needs, render, toast
from giatja_gateway.pages.board.guesses import Guesses
from giatja_gateway.pages.board.words import CALLS, SHIFTS, call_icon, call_name
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.services import Answer, ServiceProblem, services
from giatja_kit import clock
from giatja_kit.web import kit

blueprint = Blueprint("board", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="board.calls",
        label=lazy("Panggilan bantuan"),
        icon="megaphone",
        permission="board.call",
        section=menu.FLOOR,
    ),
    NavItem(
        endpoint="board.links", label=lazy("Layar papan"), icon="tv", permission="board.share", section=menu.OFFICE
    ),
)
ORDERS_A_PAGE: Final = 4
_guesses: Final = Guesses()


# -- the board itself


@blueprint.get("/papan/<token>")
@anyone("the link itself is the key")
def screen(token: str) -> ResponseReturnValue:
    """Show the board a link belongs to."""
    found = _look(token, "")
    if isinstance(found, Response):
        return found
    return _unseen(render("board/screen.html", _shown(found.json)))


@blueprint.get("/papan/<token>/isi")
@anyone("the link itself is the key")
def sheet(token: str) -> ResponseReturnValue:
    """Give what a board shows now, or say that nothing has changed."""
    dressed = f".{current()}.{assets.version()}"
    known = request.headers.get("If-None-Match", "").strip('"')
    found = _look(token, f'"{known.removesuffix(dressed)}"' if known.endswith(dressed) else "")
    if isinstance(found, Response):
        return found
    if found.status == 304:
        answer = Response(status=304)
        answer.headers["ETag"] = f'"{known}"'
    else:
        answer = render("board/sheet.html", _shown(found.json))
        answer.headers["ETag"] = f'"{found.etag.strip(chr(34))}{dressed}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return _unseen(answer)


def _look(token: str, mark: str) -> Answer | Response:
    """Ask for a board, unless somebody at this address tries one link after another."""
    address = request.remote_addr or ""
    wait = _guesses.wait(address, token, clock.monotonic())
    if wait:
        answer = errors.page(429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    try:
        found = services().as_gateway().look("production", f"/boards/{quote(token, safe='')}", etag=mark)
    except ServiceProblem as problem:
        if problem.status == 404:
            _guesses.was_wrong(address, token, clock.monotonic())
        raise
    _guesses.was_right(token)
    return found


def _unseen(answer: Response) -> Response:
    """Keep the address, which is the key, from search engines and other sites."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _shown(board: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "board": board,
        "zone": board["zone"],
        "shift": SHIFTS[board["shift"]] if board["shift"] else "",
        "pages": list(_pages(board["workshops"])),
        "version": f"{current()} {assets.version()}",
        "call_name": call_name,
        "call_icon": call_icon,
    }


def _pages(workshops: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what fits on the screen at a time: a workshop with some of its orders."""
    english = current() == "en"
    for workshop in workshops:
        stages = [{**s, "name": s["name_en"] if english else s["name"]} for s in workshop["stages"]]
        orders = workshop["orders"]
        for start in range(0, max(len(orders), 1), ORDERS_A_PAGE):
            yield {
                **workshop,
                "stages": stages,
                "most": max((s["waiting"] for s in stages), default=0),
                "orders": orders[start : start + ORDERS_A_PAGE],
                "left_out": max(0, workshop["orders_count"] - len(orders))
                if start + ORDERS_A_PAGE >= len(orders)
                else 0,
            }


# -- its links


@blueprint.get("/papan")
@needs("board.share")
def links() -> ResponseReturnValue:
    """List the screens of the Lapas."""
    return _listed()


def _listed(*, form: forms.Form | None = None, made: str = "", name: str = "", status: int = 200) -> Response:
    found = services().together(links=("production", "/board-links"), workshops=("production", "/workshops"))
    workshops = found["workshops"]["items"] if found["workshops"] else []
    context = {
        **found,
        "workshop_options": [(w["id"], w["name"]) for w in workshops],
        "form": form or forms.Form(),
        "made": made,
        "name": name,
    }
    return render("board/links.html", context, status)


@blueprint.post("/papan")
@needs("board.share")
def share() -> ResponseReturnValue:
    """Make a link and show it, this once."""
    body = {"name": request.form.get("name", "").strip(), "workshop_id": request.form.get("workshop_id") or None}
    try:
        # The token is shown and never kept, so no key may be sent that would keep the answer.
        made = services().post("production", "/board-links", body).json
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        return _listed(form=forms.refused(problem.document), status=422)
    return _listed(made=_address(made["token"]), name=body["name"] or "")


@blueprint.post("/papan/<uuid:link_id>/ganti")
@needs("board.share")
def renew(link_id: UUID) -> ResponseReturnValue:
    """Give a screen another link and show it, this once."""
    made = services().post("production", f"/board-links/{link_id}/renew", {}, version=forms.sent_version()).json
    return _listed(made=_address(made["token"]), name=request.form.get("name", ""))


@blueprint.post("/papan/<uuid:link_id>/cabut")
@needs("board.share")
def revoke(link_id: UUID) -> ResponseReturnValue:
    """End a screen's link."""
    services().post("production", f"/board-links/{link_id}/revoke", {}, key=forms.sent_key())
    toast(_("Tautan papan dicabut; layarnya berhenti menampilkan angka."))
    return redirect(url_for("board.links"), 303)


def _address(token: str) -> str:
    public_url: str = kit().service.settings.public_url
    return public_url.rstrip("/") + url_for("board.screen", token=token)


# -- calls for help


@blueprint.get("/bantuan")
@needs("board.call")
def calls() -> ResponseReturnValue:
    """List who waits for help, and let somebody call."""
    g.at = clock.now()
    found = services().together(calls=("production", "/board-calls"), workshops=("production", "/workshops"))
    context = {**found, "kinds": CALLS, "call_name": call_name, "call_icon": call_icon, "form": forms.Form()}
    return render("board/calls.html", context)


@blueprint.post("/bantuan")
@needs("board.call")
def call() -> ResponseReturnValue:
    """Call for help; a script of ours sends JSON and is answered in kind."""
    sent: Mapping[str, Any] = (request.get_json(silent=True) or {}) if request.is_json else request.form
    body = {"workshop_id": sent.get("workshop_id"), "kind": sent.get("kind")}
    key = request.headers.get("Idempotency-Key") or forms.sent_key()
    made = services().post("production", "/board-calls", body, key=key).json
    if request.is_json:
        return jsonify(made)
    toast(
        _("Bantuan dipanggil: %(what)s. Papan menampilkannya sampai ada yang datang.")
        % {"what": call_name(str(body["kind"]))}
    )
    return redirect(url_for("board.calls"), 303)


@blueprint.post("/bantuan/<uuid:call_id>/jawab")
@needs("board.call")
def answer(call_id: UUID) -> ResponseReturnValue:
    """Say that somebody has come."""
    services().post("production", f"/board-calls/{call_id}/answer", {}, key=forms.sent_key())
    toast(_("Tercatat: bantuan sudah datang."))
    return redirect(url_for("board.calls"), 303)
