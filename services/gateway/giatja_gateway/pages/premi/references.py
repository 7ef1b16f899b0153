"""The screen of what premi is compared with: the floor of a month and the UMK, each from a day on."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _
from giatja_gateway.pages.premi import words
from giatja_gateway.pages.premi.acting import sent
from giatja_gateway.services import ServiceProblem, services

blueprint = Blueprint("references", __name__)


@blueprint.get("/premi/acuan")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List what premi is compared with."""
    return _page(Form())


@blueprint.post("/premi/acuan")
@needs("premi.propose")
def set_reference() -> ResponseReturnValue:
    """Say what premi is compared with from a day on."""
    body = {name: sent(name) for name in ("kind", "valid_from", "amount", "document")}
    try:
        services().post("production", "/premi/references", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        return _page(forms.refused(problem.document), 422)
    toast(_("Acuan disimpan."))
    return redirect(url_for("premi.references.listing"), 303)


def _page(form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", "/premi/references").json["items"]
    context = {"found": found, "form": form, "words": words, "tabs": words.tabs("premi.references.listing")}
    return render("premi/references.html", context, status)
