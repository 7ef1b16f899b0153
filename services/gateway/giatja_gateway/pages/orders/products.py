"""The screens of products: the list, adding and changing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.orders import words
from giatja_gateway.pages.orders.order_form import joined, split_list, typed_number
from giatja_gateway.services import ServiceProblem, services

blueprint = Blueprint("products", __name__)


@blueprint.get("/produk")
@needs("products.read")
def listing() -> ResponseReturnValue:
    """List the products of the Lapas."""
    query = {
        "search": request.args.get("q", "")[:100],
        "workshop_kind": request.args.get("unit", "")[:40],
        "cursor": request.args.get("cursor"),
    }
    if request.args.get("lama") != "1":
        query["active"] = "true"
    found = services().get("orders", "/products", limit=50, **query).json
    for product in found["items"]:
        product["kind"] = words.kind_name(product["workshop_kind"])
    return render("orders/products.html", {"found": found, "kinds": _kinds()})


@blueprint.get("/produk/baru")
@needs("products.write")
def new() -> ResponseReturnValue:
    """Ask for a new product."""
    return _page(Form(), None)


@blueprint.post("/produk/baru")
@needs("products.write")
def create() -> ResponseReturnValue:
    """Add a product."""
    try:
        services().post("orders", "/products", _body(), key=forms.sent_key())
    except ServiceProblem as problem:
        return _refused(problem, None)
    toast(_("Produk ditambahkan."))
    return redirect(url_for("orders.products.listing"), 303)


@blueprint.get("/produk/<uuid:product_id>")
@needs("products.write")
def one(product_id: UUID) -> ResponseReturnValue:
    """Ask how a product is to change."""
    return _page(Form(), _shown(product_id))


@blueprint.post("/produk/<uuid:product_id>")
@needs("products.write")
def change(product_id: UUID) -> ResponseReturnValue:
    """Change a product."""
    body = {**_body(), "active": request.form.get("active") == "1"}
    try:
        services().patch("orders", f"/products/{product_id}", body, version=forms.sent_version())
    except ServiceProblem as problem:
        return _refused(problem, {**_shown(product_id), "version": request.form.get(forms.VERSION_FIELD, "")})
    toast(_("Produk disimpan."))
    return redirect(url_for("orders.products.listing"), 303)


def _shown(product_id: UUID) -> dict[str, Any]:
    product: dict[str, Any] = services().get("orders", f"/products/{product_id}").json
    return {**product, "sizes": joined(product["sizes"]), "colours": joined(product["colours"])}


def _body() -> dict[str, Any]:
    return {
        "name": request.form.get("name", ""),
        "workshop_kind": request.form.get("workshop_kind", ""),
        "unit": request.form.get("unit", ""),
        "rate": typed_number(request.form.get("rate", "")) or 0,
        "sizes": split_list(request.form.get("sizes", "")),
        "colours": split_list(request.form.get("colours", "")),
        "note": request.form.get("note", ""),
    }


def _refused(problem: ServiceProblem, product: Mapping[str, Any] | None) -> ResponseReturnValue:
    if problem.status not in (409, 412, 422):
        raise problem
    # A complaint about one size or colour belongs to the field that all of them are typed into.
    form = forms.refused(problem.document, lambda pointer: "/".join(pointer.split("/")[:2]))
    return _page(form, product, problem.status)


def _page(form: Form, product: Mapping[str, Any] | None, status: int = 200) -> ResponseReturnValue:
    context = {"form": form, "product": product, "kinds": _kinds(), "units": words.units(), "stale": status == 412}
    return render("orders/product.html", context, status)


def _kinds() -> list[tuple[str, str]]:
    return [(key, str(name)) for key, name in words.WORKSHOP_KINDS.items()]
