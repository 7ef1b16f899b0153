"""Consigned material: how it stands per order, the sheet both sides sign, and who signed it when."""

from __future__ import annotations

from collections.abc import Mapping
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

blueprint = Blueprint("settling", __name__)
_SHOWN: Final = 25
_PER_PERCENT: Final = 100
"""A tolerance is per mille; read as thousandths, one percent is 1000."""


@blueprint.get("/bahan/titipan")
@needs("materials.read")
def listing() -> ResponseReturnValue:
    """List the orders with a partner's material and how it stands."""
    g.at = clock.now()
    state = request.args.get("keadaan")
    query = {
        "owner": "partner",
        "state": state if state in words.MATERIAL else None,
        "search": request.args.get("q", "").strip()[:100],
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    found = services().get("production", "/material-orders", **query).json
    context = {"found": found, "words": words, "tabs": words.tabs("materials.settling.listing")}
    return render("materials/settlements.html", context)


@blueprint.get("/bahan/titipan/<uuid:order_id>")
@needs("materials.read")
def sheet(order_id: UUID) -> ResponseReturnValue:
    """Show the settlement sheet of an order."""
    g.at = clock.now()
    return _sheet_page(order_id)


@blueprint.get("/bahan/titipan/<uuid:order_id>/cetak")
@needs("materials.read")
def paper(order_id: UUID) -> Response:
    """Give the sheet on paper, with a place to sign for both sides."""
    g.at = clock.now()
    return papers.settlement(services().get("production", f"/material-orders/{order_id}").json)


@blueprint.post("/bahan/titipan/<uuid:order_id>")
@needs("materials.settle")
def draft(order_id: UUID) -> ResponseReturnValue:
    """Write the tolerance, the reasons and a note."""
    g.at = clock.now()
    sent = request.form
    tolerance = words.thousandths(sent.get("tolerance", ""))
    if tolerance is None or tolerance % _PER_PERCENT:
        form = Form(values=sent, errors={"tolerance": _("Tulis persen, paling halus satu angka di belakang koma.")})
        return _sheet_page(order_id, form=form, status=422)
    body = {
        "tolerance": tolerance // _PER_PERCENT,
        "note": sent.get("note", "").strip(),
        "reasons": {
            name.removeprefix("reasons."): text.strip() for name, text in sent.items() if name.startswith("reasons.")
        },
    }
    try:
        services().patch("production", f"/material-orders/{order_id}", body, version=forms.sent_version())
    except ServiceProblem as problem:
        return _sheet_page(order_id, form=words.refused(problem), status=problem.status)
    toast(_("Lembar penyelesaian disimpan."))
    return redirect(url_for("materials.settling.sheet", order_id=order_id, _anchor="isi"), 303)


@blueprint.post("/bahan/titipan/<uuid:order_id>/tanda-tangan")
@needs("materials.settle")
def sign(order_id: UUID) -> ResponseReturnValue:
    """Write down that both sides signed, and settle."""
    g.at = clock.now()
    sent = request.form
    body = {name: sent.get(name, "").strip() or None for name in ("signed_by", "signed_on", "document_ref")}
    path = f"/material-orders/{order_id}/sign"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        return _sheet_page(order_id, form=words.refused(problem), status=problem.status)
    toast(_("Bahan titipan diselesaikan. Pesanannya dapat ditutup."))
    return redirect(url_for("materials.settling.sheet", order_id=order_id, _anchor="isi"), 303)


def _sheet_page(order_id: UUID, *, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/material-orders/{order_id}").json
    context = {
        "sheet": found,
        "form": form or Form(),
        "against": against(found),
        "words": words,
        "labels": {
            "signed_by": _("Ditandatangani oleh"),
            "signed_on": _("Tanggal tanda tangan"),
            "document_ref": _("Nomor dokumen"),
            "tolerance": _("Toleransi"),
            "note": _("Catatan"),
        }
        | {f"reasons.{line['material_id']}": line["name"] for line in found["lines"]},
        "tolerance": words.plain(found["tolerance"] * _PER_PERCENT),
    }
    return render("materials/settlement.html", context, status)


def against(found: Mapping[str, Any]) -> list[str]:
    """Say what stands against settling."""
    if found["state"] == "settled":
        return []
    said = []
    if not found["lines"]:
        said.append(_("Belum ada bahan titipan yang diterima."))
    if found["in_work"]:
        said.append(_("Perintah kerjanya masih berjalan."))
    said += [
        _("Masih ada %(amount)s %(name)s di gudang: kembalikan ke mitra atau pindahkan.")
        % {"amount": words.amount(line["store"], line["unit"]), "name": line["name"]}
        for line in found["lines"]
        if line["store"]
    ]
    said += [
        _("%(name)s di luar toleransi dan belum ada alasannya.") % {"name": line["name"]}
        for line in found["lines"]
        if not line["within"] and not line["reason"]
    ]
    return said
