"""The screens of materials: the list, one with its lots and journal, documents; the others are beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.pages.materials import bills, book, counts, moves, settlements, words
from giatja_gateway.services import ServiceProblem, services
from giatja_kit import clock

blueprint = Blueprint("materials", __name__, template_folder="templates")
for part in (bills, book, counts, moves, settlements):
    blueprint.register_blueprint(part.blueprint)
blueprint.add_app_template_filter(words.amount, "amount")
NAVIGATION = (
    NavItem(
        endpoint="materials.listing",
        label=lazy("Bahan"),
        icon="boxes",
        permission="materials.read",
        section=menu.MEANS,
    ),
)
_SHOWN: Final = 25
_SORTS: Final = ("name", "-name", "kind", "-kind", "own", "-own", "consigned", "-consigned")


@blueprint.get("/bahan")
@needs("materials.read")
def listing() -> ResponseReturnValue:
    """List the materials with what there is of them."""
    g.at = clock.now()
    asked = request.args
    query = {
        "search": asked.get("q", "").strip()[:100],
        "kind": asked.get("jenis") if asked.get("jenis") in words.KINDS else None,
        "owner": asked.get("pemilik") if asked.get("pemilik") in ("partner", "lapas") else None,
        "low": "true" if asked.get("tipis") else None,
        "active": None if asked.get("semua") else "true",
        "sort": asked.get("sort") if asked.get("sort") in _SORTS else "name",
        "cursor": asked.get("cursor"),
        "limit": _SHOWN,
    }
    found = services().together(
        page=("production", "/materials", {name: value for name, value in query.items() if value}),
        summary=("production", "/materials/summary"),
    )
    return render("materials/listing.html", {**found, "words": words, "tabs": words.tabs("materials.listing")})


@blueprint.get("/bahan/baru")
@needs("materials.write")
def new() -> ResponseReturnValue:
    """Ask for a new material."""
    return _form_page(Form())


@blueprint.post("/bahan/baru")
@needs("materials.write")
def add() -> ResponseReturnValue:
    """Put a material on the list."""
    body, errors = _particulars()
    if errors:
        return _form_page(Form(values=request.form, errors=errors), status=422)
    try:
        made = services().post("production", "/materials", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _form_page(words.refused(problem), status=problem.status)
    toast(_("%(name)s masuk daftar bahan.") % {"name": made["name"]})
    return redirect(url_for("materials.one", material_id=made["id"]), 303)


@blueprint.get("/bahan/<uuid:material_id>")
@needs("materials.read")
def one(material_id: UUID) -> ResponseReturnValue:
    """Show one material with its lots and its journal."""
    g.at = clock.now()
    query = {"material_id": str(material_id), "limit": _SHOWN, "cursor": request.args.get("cursor")}
    found = services().together(
        material=("production", f"/materials/{material_id}"),
        journal=("production", "/material-movements", {name: value for name, value in query.items() if value}),
    )
    if not found["material"]:
        return render("materials/missing.html", status=503)
    return render("materials/one.html", {**found, "words": words})


@blueprint.get("/bahan/<uuid:material_id>/ubah")
@needs("materials.write")
def edit(material_id: UUID) -> ResponseReturnValue:
    """Ask how a material is to be."""
    return _form_page(Form(), material=_material(material_id))


@blueprint.post("/bahan/<uuid:material_id>/ubah")
@needs("materials.write")
def change(material_id: UUID) -> ResponseReturnValue:
    """Change a material."""
    body, errors = _particulars()
    if errors:
        return _form_page(Form(values=request.form, errors=errors), material=_material(material_id), status=422)
    body["active"] = request.form.get("active") == "1"
    try:
        services().patch("production", f"/materials/{material_id}", body, version=forms.sent_version())
    except ServiceProblem as problem:
        return _form_page(words.refused(problem), material=_material(material_id), status=problem.status)
    toast(_("Perubahan disimpan."))
    return redirect(url_for("materials.one", material_id=material_id), 303)


@blueprint.get("/bahan/mutasi")
@needs("materials.read")
def journal() -> ResponseReturnValue:
    """Show what moved, the newest first."""
    g.at = clock.now()
    kind = request.args.get("jenis")
    query = {
        "kind": kind if kind in words.DOCUMENTS else None,
        "order_id": _uuid(request.args.get("pesanan")),
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    found = services().get("production", "/material-movements", **query).json
    shown = [(k, str(words.DOCUMENTS[k][0])) for k in words.DOCUMENTS if k not in ("transfer", "count", "settlement")]
    context = {"journal": found, "kinds": shown, "words": words, "tabs": words.tabs("materials.journal")}
    return render("materials/journal.html", context)


@blueprint.get("/bahan/dokumen/<uuid:document_id>")
@needs("materials.read")
def document(document_id: UUID) -> ResponseReturnValue:
    """Show one document with what it moved."""
    g.at = clock.now()
    return _document_page(document_id)


@blueprint.post("/bahan/dokumen/<uuid:document_id>/batalkan")
@needs("materials.write")
def reverse(document_id: UUID) -> ResponseReturnValue:
    """Take a document back by its opposite."""
    g.at = clock.now()
    body = {"reason": request.form.get("reason", "").strip()}
    path = f"/material-documents/{document_id}/reverse"
    try:
        made = services().post("production", path, body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _document_page(document_id, problem=problem)
    toast(_("Dokumen dibatalkan dengan %(number)s.") % {"number": made["number"]})
    return redirect(url_for("materials.document", document_id=made["id"], _anchor="isi"), 303)


def _document_page(document_id: UUID, *, problem: ServiceProblem | None = None) -> ResponseReturnValue:
    form = words.refused(problem) if problem else Form()
    found = services().get("production", f"/material-documents/{document_id}").json
    context = {
        "document": found,
        "form": form,
        "problem": problem,
        "words": words,
        "reversible": found["kind"] not in ("count", "settlement")
        and not found["reverses"]
        and not found["reversed_by"],
    }
    return render("materials/document.html", context, problem.status if problem else 200)


def _particulars() -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a material is said to be, and what of it is no number."""
    sent = request.form
    minimum = words.thousandths(sent.get("minimum", "").strip() or "0")
    body = {
        "name": sent.get("name", "").strip(),
        "kind": sent.get("kind") or None,
        "unit": sent.get("unit", "").strip(),
        "decimals": sent.get("decimals") or 0,
        "minimum": minimum,
        "note": sent.get("note", "").strip(),
    }
    return body, {} if minimum is not None else {"minimum": words.not_a_number()}


def _form_page(form: Form, *, material: Mapping[str, Any] | None = None, status: int = 200) -> ResponseReturnValue:
    return render("materials/form.html", {"form": form, "material": material, "words": words}, status)


def _material(material_id: UUID) -> Any:
    return services().get("production", f"/materials/{material_id}").json


def _uuid(text: str | None) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None
