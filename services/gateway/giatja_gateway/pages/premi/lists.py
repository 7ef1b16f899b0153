"""The screens of the daftar premi: working one out, proposing, approving, crediting, and taking it out on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.formats import as_day, format_month, format_number, today
from giatja_gateway.pages.language import _, ngettext
from giatja_gateway.pages.premi import papers, words
from giatja_gateway.pages.premi.acting import act, found_by_name, said, sent
from giatja_gateway.services import ServiceProblem, names, services

blueprint = Blueprint("lists", __name__)
_SHOWN: Final = 12
_LINES: Final = 100
_SORTS: Final = ("gross", "-gross")
_STEPS: Final = ("draft", "proposed", "locked", "credited")


@blueprint.get("/premi/daftar")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List the lists, the newest month first."""
    found = services().get("production", "/premi/lists", limit=_SHOWN, cursor=request.args.get("cursor")).json
    waiting = services().get("production", "/premi/waiting").json
    context = {
        "found": found,
        "next_period": waiting["next_period"],
        "months": _months(waiting["next_period"], first=not found["items"]),
        "words": words,
        "tabs": words.tabs("premi.lists.listing"),
    }
    return render("premi/lists.html", context)


def _months(following: str | None, *, first: bool) -> list[str]:
    """Give the months whose list may be worked out now; the very first list may also be of the month before."""
    if following is None:
        return []
    this = today().replace(day=1)
    begins = (this - timedelta(days=1)).replace(day=1) if first else as_day(following)
    return [day.isoformat() for day in dict.fromkeys((begins, this))]


@blueprint.post("/premi/daftar")
@needs("premi.propose")
def begin() -> ResponseReturnValue:
    """Have the list of a month worked out."""
    try:
        made = services().post("production", "/premi/lists", {"period": sent("period")}, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in (409, 422):
            raise
        toast(said(problem), "merah")
        return redirect(url_for("premi.lists.listing"), 303)
    return redirect(url_for("premi.lists.one", list_id=made["id"]), 303)


@blueprint.get("/premi/daftar/<uuid:list_id>")
@needs("premi.read")
def one(list_id: UUID) -> ResponseReturnValue:
    """Show one list with its lines."""
    return _page(list_id)


@blueprint.post("/premi/daftar/<uuid:list_id>/cari")
@needs("premi.read")
def search(list_id: UUID) -> ResponseReturnValue:
    """Show the lines of those whose name holds some text; no name stands in an address."""
    if not sent("name"):
        return redirect(url_for("premi.lists.one", list_id=list_id), 303)
    return _page(list_id, sent("name"))


@blueprint.get("/premi/daftar/<uuid:list_id>/cari")
@needs("premi.read")
def search_again(list_id: UUID) -> ResponseReturnValue:
    """Go to the list where somebody reloads what they searched by name."""
    return redirect(url_for("premi.lists.one", list_id=list_id), 303)


@blueprint.get("/premi/daftar/<uuid:list_id>/kemajuan")
@needs("premi.read")
def progress(list_id: UUID) -> ResponseReturnValue:
    """Say how far the working out of a list is, for the bar that asks again and again."""
    found = services().get("production", f"/premi/lists/{list_id}").json
    answer = jsonify({"state": found["state"], "done": found["done"] or 0, "total": found["total"] or 1})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/premi/daftar/<uuid:list_id>/hitung")
@needs("premi.propose")
def compute(list_id: UUID) -> ResponseReturnValue:
    """Have a draft worked out anew."""
    return _act(list_id, "compute", None, _("Konsep dihitung ulang."))


@blueprint.post("/premi/daftar/<uuid:list_id>/buang")
@needs("premi.propose")
def discard(list_id: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    return act(
        lambda: services().post("production", f"/premi/lists/{list_id}/discard", version=forms.sent_version()),
        _("Konsep dibuang. Isinya ikut dihitung di daftar berikutnya."),
        url_for("premi.lists.listing"),
    )


@blueprint.post("/premi/daftar/<uuid:list_id>/usulkan")
@needs("premi.propose")
def propose(list_id: UUID) -> ResponseReturnValue:
    """Put a draft before the head of the Lapas."""
    return _act(list_id, "propose", None, _("Daftar premi diusulkan kepada Kalapas."))


@blueprint.post("/premi/daftar/<uuid:list_id>/kembalikan")
@needs("premi.approve")
def give_back(list_id: UUID) -> ResponseReturnValue:
    """Give a list back to be looked at again."""
    return _act(list_id, "return", {"reason": sent("reason")}, _("Daftar dikembalikan dengan catatan Anda."))


@blueprint.post("/premi/daftar/<uuid:list_id>/setujui")
@needs("premi.approve")
def approve(list_id: UUID) -> ResponseReturnValue:
    """Approve and lock a list."""
    return _act(list_id, "approve", None, _("Daftar premi disetujui dan dikunci. Berikutnya: dikreditkan."))


@blueprint.post("/premi/daftar/<uuid:list_id>/kreditkan")
@needs("premi.pay")
def credit(list_id: UUID) -> ResponseReturnValue:
    """Credit premi, to those ticked or to all who wait."""
    back = redirect(url_for("premi.lists.one", list_id=list_id), 303)
    ticked = request.form.getlist("inmate")
    if sent("whom") == "ticked" and not ticked:
        toast(_("Belum ada WBP yang dicentang."), "merah")
        return back
    body: dict[str, Any] = {"way": sent("way"), "document": sent("document")}
    if sent("whom") == "ticked":
        body["inmate_ids"] = ticked
    try:
        done = services().post("production", f"/premi/lists/{list_id}/credit", body, version=forms.sent_version()).json
    except ServiceProblem as problem:
        if problem.status not in (409, 412, 422):
            raise
        toast(said(problem), "merah")
        return back
    number = done["credited_now"]
    toast(
        ngettext("Premi %(num)s WBP dikreditkan.", "Premi %(num)s WBP dikreditkan.", number)
        % {"num": format_number(number)}
    )
    return back


def _act(list_id: UUID, what: str, body: dict[str, Any] | None, done: str) -> ResponseReturnValue:
    return act(
        lambda: services().post("production", f"/premi/lists/{list_id}/{what}", body, version=forms.sent_version()),
        done,
        url_for("premi.lists.one", list_id=list_id),
    )


@blueprint.get("/premi/daftar/<uuid:list_id>/cetak")
@needs("premi.read")
def paper(list_id: UUID) -> ResponseReturnValue:
    """Print the list, with a place for each to sign."""
    part = request.args.get("bagian", "1")
    return papers.list_paper(*_whole(list_id), part=int(part) if part.isdecimal() else 1)


@blueprint.get("/premi/daftar/<uuid:list_id>/unduh")
@needs("premi.read")
def workbook(list_id: UUID) -> ResponseReturnValue:
    """Hand out the list as a workbook."""
    return papers.list_workbook(*_whole(list_id), purpose=_purpose())


def _whole(list_id: UUID) -> tuple[dict[str, Any], Any]:
    found: dict[str, Any] = services().get("production", f"/premi/lists/{list_id}/paper", purpose=_purpose()).json
    return found, names(words.ids(found["all_lines"]))


def _purpose() -> str:
    purpose = request.args.get("untuk", "")
    return purpose if purpose in words.PURPOSES else "signing"


def _page(list_id: UUID, name: str = "") -> ResponseReturnValue:
    found = services().get("production", f"/premi/lists/{list_id}").json
    if found["state"] == "computing":
        return render("premi/computing.html", {"list": found, "month": format_month(found["period"])})
    lines = _lines(found, name)
    context = {
        "list": found,
        "month": format_month(found["period"]),
        "lines": lines,
        "name": name,
        "steps": [(step, _reached(found["state"], step)) for step in _STEPS],
        "people": names(words.ids(lines["items"])),
        "workshops": [(shop["id"], shop["name"]) for shop in found["workshops"]],
        "paper_parts": papers.parts_of(found["lines"]),
        "waiting": found["people"] - found["credited_people"],
        "filtered": bool(name or request.args.get("unit") or request.args.get("tampil")),
        "words": words,
    }
    return render("premi/list.html", context)


def _reached(state: str, step: str) -> bool:
    return _STEPS.index(step) <= _STEPS.index(state)


def _lines(found: dict[str, Any], name: str) -> dict[str, Any]:
    shown, sort = request.args.get("tampil", ""), request.args.get("sort", "")
    query: dict[str, Any] = {
        "workshop_id": request.args.get("unit") or None,
        "below": found["floor"] if shown == "batas" else None,
        "corrected": True if shown == "koreksi" else None,
        "credited": {"belum": False, "sudah": True}.get(shown),
        "sort": sort if sort in _SORTS else "-gross",
        "limit": _LINES,
    }
    path = f"/premi/lists/{found['id']}/lines"
    if name:
        body = {**query, "inmate_ids": found_by_name(name)}
        searched: dict[str, Any] = services().post("production", f"{path}/search", body).json
        return searched
    flags = {key: str(value).lower() for key, value in query.items() if isinstance(value, bool)}
    page: dict[str, Any] = (
        services().get("production", path, **{**query, **flags}, cursor=request.args.get("cursor")).json
    )
    return page
