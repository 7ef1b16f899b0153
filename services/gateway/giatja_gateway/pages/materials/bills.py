"""Bills of material: what one piece of a product takes of what."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.materials import words
from giatja_gateway.services import Every, ServiceProblem, services

blueprint = Blueprint("needing", __name__)
_MOST_LINES: Final = 100
_PER_PERCENT: Final = 100
_FIRST_LINES: Final = 3


@blueprint.get("/bahan/kebutuhan")
@needs("materials.read")
def listing() -> ResponseReturnValue:
    """List the products with how many materials their bill names."""
    found = services().together(
        products=Every("orders", "/products", {"active": "true"}), bills=("production", "/bills")
    )
    known = {bill["product_id"]: bill["lines"] for bill in found["bills"]["items"]} if found["bills"] else {}
    context = {**found, "known": known, "tabs": words.tabs("materials.needing.listing")}
    return render("materials/bills.html", context)


@blueprint.get("/bahan/kebutuhan/<uuid:product_id>")
@needs("materials.read")
def one(product_id: UUID) -> ResponseReturnValue:
    """Show what one piece of a product takes."""
    return _bill_page(product_id, None)


@blueprint.post("/bahan/kebutuhan/<uuid:product_id>")
@needs("materials.write")
def save(product_id: UUID) -> ResponseReturnValue:
    """Say what one piece of a product takes, or give the form one line more."""
    sent = request.form
    count = min(int(sent["count"]) if sent.get("count", "").isdecimal() else 1, _MOST_LINES)
    if sent.get("act") == "add":
        return _bill_page(product_id, Form(values=sent), count=min(count + 1, _MOST_LINES))
    lines, places, errors = _lines(count)
    if errors:
        return _bill_page(product_id, Form(values=sent, errors=errors), count=count, status=422)
    product = services().get("orders", f"/products/{product_id}").json
    body = {"product_name": product["name"], "lines": lines}
    try:
        services().post("production", f"/bills/{product_id}", body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        return _bill_page(product_id, words.refused(problem, places), count=count, status=problem.status)
    toast(_("Kebutuhan bahan disimpan."))
    return redirect(url_for("materials.needing.one", product_id=product_id), 303)


def _lines(count: int) -> tuple[list[dict[str, Any]], list[int], dict[str, str]]:
    sent = request.form
    lines, places, errors = [], [], {}
    for nth in range(count):
        at = f"lines.{nth}."
        material_id, text = sent.get(at + "material_id", ""), sent.get(at + "quantity", "").strip()
        if not material_id and not text:
            continue
        quantity = words.thousandths(text)
        waste = words.thousandths(sent.get(at + "waste", "").strip() or "0")
        if not quantity:
            errors[at + "quantity"] = words.not_a_number()
        if not material_id:
            errors[at + "material_id"] = _("Pilih bahannya.")
        if waste is None or waste % _PER_PERCENT:
            errors[at + "waste"] = _("Tulis persen, paling halus satu angka di belakang koma.")
            waste = 0
        lines.append(
            {
                "material_id": material_id,
                "size": sent.get(at + "size", ""),
                "quantity": quantity,
                "waste": waste // _PER_PERCENT,
            }
        )
        places.append(nth)
    return lines, places, errors


def _bill_page(product_id: UUID, form: Form | None, *, count: int = 0, status: int = 200) -> ResponseReturnValue:
    product = services().get("orders", f"/products/{product_id}").json
    bill = services().get("production", f"/bills/{product_id}").json
    materials = services().every("production", "/materials", active="true")
    if form is None:
        form = Form(values=_values(bill["lines"]))
        count = len(bill["lines"]) + 1 if bill["lines"] else _FIRST_LINES
    # An item that is no longer in use stays in a bill that names it.
    named = {line["material_id"]: f"{line['name']} ({line['unit']})" for line in bill["lines"]}
    context = {
        "product": product,
        "bill": bill,
        "form": form,
        "count": count,
        "materials": list((named | {m["id"]: f"{m['name']} ({m['unit']})" for m in materials}).items()),
        "sizes": [(size, size) for size in product["sizes"]],
        "words": words,
    }
    return render("materials/bill.html", context, status)


def _values(lines: list[dict[str, Any]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for nth, line in enumerate(lines):
        values |= {
            f"lines.{nth}.material_id": line["material_id"],
            f"lines.{nth}.size": line["size"],
            f"lines.{nth}.quantity": words.plain(line["quantity"]),
            f"lines.{nth}.waste": words.plain(line["waste"] * _PER_PERCENT) if line["waste"] else "",
        }
    return values
