"""The screens of schemes: how each workshop pays, from when on, proposed by one person and approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import may, needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.premi import words
from giatja_gateway.pages.premi.acting import act, sent
from giatja_gateway.services import ServiceProblem, services

blueprint = Blueprint("schemes", __name__)
_SHOWN: Final = 50
_MOST: Final = 200


@blueprint.get("/premi/skema")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List schemes, those in force and those that wait first."""
    query = {"workshop_id": request.args.get("unit"), "state": request.args.get("keadaan")}
    found = (
        services().get("production", "/premi/schemes", limit=_SHOWN, cursor=request.args.get("cursor"), **query).json
    )
    context = {
        "found": found,
        "workshops": [(w["id"], w["name"]) for w in _workshops()],
        "words": words,
        "tabs": words.tabs("premi.schemes.listing"),
    }
    return render("premi/schemes.html", context)


@blueprint.get("/premi/skema/baru")
@needs("premi.propose")
def new() -> ResponseReturnValue:
    """Ask how a workshop is to pay."""
    given = request.args.to_dict()
    return _form_page(Form(values={"workshop_id": given.get("unit", ""), "method": given.get("cara", "per_piece")}))


@blueprint.post("/premi/skema/baru")
@needs("premi.propose")
def propose() -> ResponseReturnValue:
    """Propose a scheme, or show the fields of another workshop or method."""
    if sent("act") == "show":
        return _form_page(forms.submitted())
    try:
        services().post("production", "/premi/schemes", _body(), key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in (409, 422):
            raise
        return _form_page(forms.refused(problem.document), problem.status)
    toast(_("Skema diusulkan. Berikutnya: disetujui orang lain."))
    return redirect(url_for("premi.schemes.listing"), 303)


@blueprint.post("/premi/skema/<uuid:scheme_id>/setujui")
@needs("premi.schemes")
def approve(scheme_id: UUID) -> ResponseReturnValue:
    """Let a scheme come into force."""
    return act(
        lambda: services().post("production", f"/premi/schemes/{scheme_id}/approve", version=forms.sent_version()),
        _("Skema disetujui dan berlaku sejak tanggalnya."),
        url_for("premi.schemes.listing"),
    )


@blueprint.post("/premi/skema/<uuid:scheme_id>/tolak")
@needs("premi.schemes")
def refuse(scheme_id: UUID) -> ResponseReturnValue:
    """Turn a scheme down."""
    body = {"reason": sent("reason")}
    return act(
        lambda: services().post("production", f"/premi/schemes/{scheme_id}/refuse", body, version=forms.sent_version()),
        _("Skema ditolak."),
        url_for("premi.schemes.listing"),
    )


def _workshops() -> list[dict[str, Any]]:
    if not may("workshops.read"):
        return []
    found: list[dict[str, Any]] = services().get("production", "/workshops").json["items"]
    return found


def _form_page(form: Form, status: int = 200) -> ResponseReturnValue:
    workshops = _workshops()
    chosen = form.value("workshop_id") or (workshops[0]["id"] if workshops else "")
    shop: Mapping[str, Any] = next((w for w in workshops if w["id"] == chosen), {})
    stages = shop.get("stages", [])
    context = {
        "form": form,
        "method": form.value("method") or "per_piece",
        "chosen": chosen,
        "workshops": [(w["id"], w["name"]) for w in workshops],
        "stages": stages,
        "graded": list(dict.fromkeys(s["competence"] for s in stages if s["competence"])),
        "words": words,
    }
    return render("premi/scheme_form.html", context, status)


def _body() -> dict[str, Any]:
    method = sent("method")
    body = {name: sent(name) for name in ("workshop_id", "valid_from", "document")}
    return {
        **body,
        "product_name": sent("product_name") or None,
        "saved_percent": sent("saved_percent") or 0,
        "terms": {"method": method, **_terms(method)},
    }


def _terms(method: str) -> dict[str, Any]:
    prefix = "terms."
    given = {
        name.removeprefix(prefix): value.strip() for name, value in request.form.items() if name.startswith(prefix)
    }
    if method == "per_piece" and sent("by") == "finished":
        return {"finished": given.get("finished")}
    if method == "per_piece":
        return {"rates": _keyed(given, "rates.")}
    if method == "team_pool":
        return {name: given.get(name) for name in ("amount", "per", "key")}
    if method == "day":
        return {"amount": given.get("day"), "grades": _keyed(given, "grades.")}
    shares = {name: given.get(name) or 0 for name in words.SHARES}
    return {**shares, "remainder": given.get("remainder"), "estimate": given.get("estimate") or None}


def _keyed(given: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix) and value}
