"""The screens of partners: the list, adding and changing one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.services import ServiceProblem, services

blueprint = Blueprint("partners", __name__)


@blueprint.get("/mitra")
@needs("partners.read")
def listing() -> ResponseReturnValue:
    """List the partners of the Lapas."""
    query = {"search": request.args.get("q", "")[:100], "cursor": request.args.get("cursor")}
    if request.args.get("lama") != "1":
        query["active"] = "true"
    found = services().get("orders", "/partners", limit=50, **query).json
    return render("orders/partners.html", {"found": found})


@blueprint.get("/mitra/baru")
@needs("partners.write")
def new() -> ResponseReturnValue:
    """Ask for a new partner."""
    return render("orders/partner.html", {"form": Form(), "partner": None})


@blueprint.post("/mitra/baru")
@needs("partners.write")
def create() -> ResponseReturnValue:
    """Add a partner."""
    try:
        services().post("orders", "/partners", _body(), key=forms.sent_key())
    except ServiceProblem as problem:
        return _refused(problem, None)
    toast(_("Mitra ditambahkan."))
    return redirect(url_for("orders.partners.listing"), 303)


@blueprint.get("/mitra/<uuid:partner_id>")
@needs("partners.write")
def one(partner_id: UUID) -> ResponseReturnValue:
    """Ask how a partner is to change."""
    partner = services().get("orders", f"/partners/{partner_id}").json
    return render("orders/partner.html", {"form": Form(), "partner": partner})


@blueprint.post("/mitra/<uuid:partner_id>")
@needs("partners.write")
def change(partner_id: UUID) -> ResponseReturnValue:
    """Change a partner."""
    body = {**_body(), "active": request.form.get("active") == "1"}
    try:
        services().patch("orders", f"/partners/{partner_id}", body, version=forms.sent_version())
    except ServiceProblem as problem:
        partner = services().get("orders", f"/partners/{partner_id}").json
        return _refused(problem, {**partner, "version": request.form.get(forms.VERSION_FIELD, "")})
    toast(_("Mitra disimpan."))
    return redirect(url_for("orders.partners.listing"), 303)


def _body() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("name", "phone", "note")}


def _refused(problem: ServiceProblem, partner: dict[str, Any] | None) -> ResponseReturnValue:
    if problem.status not in (409, 412, 422):
        raise problem
    context = {"form": forms.refused(problem.document), "partner": partner, "stale": problem.status == 412}
    return render("orders/partner.html", context, problem.status)
