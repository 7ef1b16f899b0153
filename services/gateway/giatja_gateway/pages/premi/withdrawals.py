"""The screens of withdrawals: what an inmate asks for, who allows it, and who pays it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.pages.premi import words
from giatja_gateway.pages.premi.acting import act, sent
from giatja_gateway.services import names, services

blueprint = Blueprint("withdrawals", __name__)
_SHOWN: Final = 50
_STATES: Final = {
    "requested": lazy("Menunggu persetujuan"),
    "approved": lazy("Siap dibayarkan"),
    "paid": lazy("Sudah dibayarkan"),
    "refused": lazy("Ditolak"),
}


@blueprint.get("/premi/penarikan")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List withdrawals, the newest first."""
    query = {"state": request.args.get("keadaan"), "cursor": request.args.get("cursor")}
    found = services().get("production", "/premi/withdrawals", limit=_SHOWN, **query).json
    context = {
        "found": found,
        "people": names(words.ids(found["items"])),
        "states": words.options(_STATES),
        "words": words,
        "tabs": words.tabs("premi.withdrawals.listing"),
    }
    return render("premi/withdrawals.html", context)


@blueprint.post("/premi/penarikan/<uuid:withdrawal_id>/setujui")
@needs("premi.approve")
def approve(withdrawal_id: UUID) -> ResponseReturnValue:
    """Allow a withdrawal to be paid."""
    path = f"/premi/withdrawals/{withdrawal_id}/approve"
    return act(
        lambda: services().post("production", path, version=forms.sent_version()),
        _("Penarikan disetujui. Berikutnya: bendahara membayarkan."),
        url_for("premi.withdrawals.listing"),
    )


@blueprint.post("/premi/penarikan/<uuid:withdrawal_id>/tolak")
@needs("premi.approve")
def refuse(withdrawal_id: UUID) -> ResponseReturnValue:
    """Turn a withdrawal down."""
    path = f"/premi/withdrawals/{withdrawal_id}/refuse"
    return act(
        lambda: services().post("production", path, {"reason": sent("reason")}, version=forms.sent_version()),
        _("Penarikan ditolak."),
        url_for("premi.withdrawals.listing"),
    )


@blueprint.post("/premi/penarikan/<uuid:withdrawal_id>/bayar")
@needs("premi.pay")
def pay(withdrawal_id: UUID) -> ResponseReturnValue:
    """Pay what was approved."""
    path = f"/premi/withdrawals/{withdrawal_id}/pay"
    return act(
        lambda: services().post("production", path, {"document": sent("document")}, version=forms.sent_version()),
        _("Penarikan dibayarkan dan dicatat di kartu."),
        url_for("premi.withdrawals.listing"),
    )
