"""Stock counts: a list to count by, what was found, the difference, and the second person who approves it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.materials import papers, words
from giatja_gateway.services import ServiceProblem, services
from giatja_kit import clock

blueprint = Blueprint("counting", __name__)
_SHOWN: Final = 25


@blueprint.get("/bahan/hitung")
@needs("materials.read")
def listing() -> ResponseReturnValue:
    """List the counts, the newest first."""
    g.at = clock.now()
    return _list_page(Form())


@blueprint.post("/bahan/hitung")
@needs("materials.write")
def start() -> ResponseReturnValue:
    """List what is in the store, to be counted."""
    g.at = clock.now()
    sent = request.form
    body = {
        "owner": sent.get("owner") or None,
        "kind": sent.get("kind") or None,
        "note": sent.get("note", "").strip(),
    }
    try:
        made = services().post("production", "/material-counts", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _list_page(words.refused(problem), problem.status)
    toast(_("Daftar hitung dibuat. Cetak lembarnya atau isi langsung."))
    return redirect(url_for("materials.counting.one", count_id=made["id"]), 303)


@blueprint.get("/bahan/hitung/<uuid:count_id>")
@needs("materials.read")
def one(count_id: UUID) -> ResponseReturnValue:
    """Show one count."""
    g.at = clock.now()
    return _count_page(count_id, Form())


@blueprint.get("/bahan/hitung/<uuid:count_id>/cetak")
@needs("materials.read")
def paper(count_id: UUID) -> Response:
    """Give the sheet to count by on paper; what the book says is not on it."""
    g.at = clock.now()
    return papers.count(services().get("production", f"/material-counts/{count_id}").json)


@blueprint.post("/bahan/hitung/<uuid:count_id>/isi")
@needs("materials.write")
def enter(count_id: UUID) -> ResponseReturnValue:
    """Write down what was counted."""
    g.at = clock.now()
    sent = request.form
    lines: list[dict[str, Any]] = []
    errors: dict[str, str] = {}
    while (text := sent.get(f"lines.{len(lines)}.counted")) is not None:
        at = f"lines.{len(lines)}."
        counted = words.thousandths(text)
        if counted is None:
            errors[f"{at}counted"] = _("Isi yang ditemukan; tulis 0 bila tidak ada.")
        lines.append({"nth": sent.get(f"{at}nth"), "counted": counted, "reason": sent.get(f"{at}reason", "").strip()})
    if errors:
        return _count_page(count_id, Form(values=sent, errors=errors), 422)
    return _act(count_id, "entries", {"lines": lines}, _("Hasil hitung disimpan. Orang lain yang menyetujuinya."))


@blueprint.post("/bahan/hitung/<uuid:count_id>/setujui")
@needs("materials.count")
def approve(count_id: UUID) -> ResponseReturnValue:
    """Book the differences, as a second person."""
    return _act(count_id, "approve", {}, _("Hitung stok disetujui dan selisihnya dibukukan."))


@blueprint.post("/bahan/hitung/<uuid:count_id>/batalkan")
@needs("materials.write")
def cancel(count_id: UUID) -> ResponseReturnValue:
    """Give a count up."""
    return _act(count_id, "cancel", {}, _("Hitung stok dibatalkan; tidak ada yang dibukukan."))


def _act(count_id: UUID, act: str, body: dict[str, Any], said: str) -> ResponseReturnValue:
    g.at = clock.now()
    path = f"/material-counts/{count_id}/{act}"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        return _count_page(count_id, words.refused(problem), problem.status)
    toast(said)
    return redirect(url_for("materials.counting.one", count_id=count_id, _anchor="isi"), 303)


def _list_page(form: Form, status: int = 200) -> ResponseReturnValue:
    query = {"cursor": request.args.get("cursor"), "limit": _SHOWN}
    found = services().get("production", "/material-counts", **query).json
    context = {
        "found": found,
        "form": form,
        "words": words,
        "under_way": any(count["state"] in ("open", "entered") for count in found["items"]),
        "tabs": words.tabs("materials.counting.listing"),
    }
    return render("materials/counts.html", context, status)


def _count_page(count_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/material-counts/{count_id}").json
    return render("materials/count.html", {"count": found, "form": form, "words": words}, status)
