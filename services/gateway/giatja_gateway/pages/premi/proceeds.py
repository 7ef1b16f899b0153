"""The screens of what orders brought: what accrued on each, what came of it, and how it was split."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.premi import words
from giatja_gateway.pages.premi.acting import act, sent
from giatja_gateway.services import ServiceProblem, services

blueprint = Blueprint("proceeds", __name__)
_SHOWN: Final = 25


@blueprint.get("/premi/penerimaan")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List orders with what accrued on them and what came."""
    query = {
        "search": request.args.get("q", "")[:100],
        "unpaid": {"belum": "true", "sudah": "false"}.get(request.args.get("bayar", "")),
        "cursor": request.args.get("cursor"),
    }
    found = services().get("production", "/premi/orders", limit=_SHOWN, **query).json
    return render("premi/orders.html", {"found": found, "tabs": words.tabs("premi.proceeds.listing")})


@blueprint.get("/premi/penerimaan/<uuid:paid_order_id>")
@needs("premi.read")
def one(paid_order_id: UUID) -> ResponseReturnValue:
    """Show one order with its payments."""
    return _page(paid_order_id, Form())


@blueprint.post("/premi/penerimaan/<uuid:paid_order_id>")
@needs("premi.pay")
def record(paid_order_id: UUID) -> ResponseReturnValue:
    """Show how an amount would be split, or keep that it came."""
    if sent("act") == "split":
        return _page(paid_order_id, _proposed(paid_order_id))
    body: dict[str, Any] = {name: sent(name) for name in ("base", "document", "split_on")}
    body |= {name: sent(name) or 0 for name in words.SHARES}
    try:
        services().post("production", "/premi/proceeds", {**body, "order_id": str(paid_order_id)}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in (409, 422):
            raise
        return _page(paid_order_id, forms.refused(problem.document), problem.status)
    toast(_("Penerimaan dicatat. Premi pesanan ini dapat masuk daftar berikutnya."))
    return redirect(url_for("premi.proceeds.one", paid_order_id=paid_order_id), 303)


@blueprint.post("/premi/penerimaan/<uuid:paid_order_id>/<uuid:proceeds_id>/batal")
@needs("premi.pay")
def reverse(paid_order_id: UUID, proceeds_id: UUID) -> ResponseReturnValue:
    """Take a payment back."""
    body = {name: sent(name) for name in ("document", "reason", "split_on")}
    return act(
        lambda: services().post("production", f"/premi/proceeds/{proceeds_id}/reverse", body, key=forms.sent_key()),
        _("Penerimaan dibatalkan. Yang sudah masuk daftar dikoreksi di daftar berikutnya."),
        url_for("premi.proceeds.one", paid_order_id=paid_order_id),
    )


def _proposed(order_id: UUID) -> Form:
    """Give the form with the parts that the order's scheme makes of the base; without one they are to be typed."""
    values = request.form.to_dict()
    try:
        query = {"base": sent("base"), "split_on": sent("split_on")}
        split = services().get("production", f"/premi/orders/{order_id}/split", **query).json["split"]
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        return forms.refused(problem.document)
    if split is None:
        return Form(values=values, general=(_("Skema pesanan ini tidak menentukan pembagian. Isi bagian-bagiannya."),))
    return Form(values={**values, **{name: str(amount) for name, amount in split.items()}})


def _page(order_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    order = services().get("production", f"/premi/orders/{order_id}").json
    sums = {name: sum(one[name] for one in order["proceeds"]) for name in words.SHARES}
    parts = [
        Part(label=str(words.SHARES[name]), value=sums[name], tone=words.SHARE_TONES[name])
        for name in words.SHARES
        if sums[name] > 0
    ]
    context = {"order": order, "form": form, "parts": parts, "words": words}
    return render("premi/order.html", context, status)
