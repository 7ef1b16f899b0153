"""The screens of premi cards: balances, one inmate's statement, handing over, and what other Lapas sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from babel.dates import format_date
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import may, needs, render, toast
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.formats import as_day
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, current
from giatja_gateway.pages.premi import papers, words
from giatja_gateway.pages.premi.acting import act, found_by_name, sent
from giatja_gateway.services import ServiceProblem, names, services

blueprint = Blueprint("cards", __name__)
_SHOWN: Final = 50
_THOUSAND: Final = 1000
_TAKEN_FROM: Final = ("bank_book", "card", "custody")


@blueprint.get("/premi/kartu")
@needs("premi.read")
def listing() -> ResponseReturnValue:
    """List cards with their balances."""
    query = {
        "waiting": "true" if request.args.get("tampil") == "menunggu" else None,
        "cursor": request.args.get("cursor"),
    }
    return _list(services().get("production", "/premi/cards", limit=_SHOWN, **query).json)


@blueprint.post("/premi/kartu/cari")
@needs("premi.read")
def search() -> ResponseReturnValue:
    """List the cards of those whose name holds some text; no name stands in an address."""
    name = sent("name")
    if not name:
        return redirect(url_for("premi.cards.listing"), 303)
    body = {"inmate_ids": found_by_name(name), "limit": 200}
    return _list(services().post("production", "/premi/cards/search", body).json, name)


@blueprint.get("/premi/kartu/cari")
@needs("premi.read")
def search_again() -> ResponseReturnValue:
    """Go to the cards where somebody reloads what they searched by name."""
    return redirect(url_for("premi.cards.listing"), 303)


def _list(found: dict[str, Any], name: str = "") -> ResponseReturnValue:
    context = {
        "found": found,
        "name": name,
        "people": names(words.ids(found["items"])),
        "words": words,
        "tabs": words.tabs("premi.cards.listing"),
    }
    return render("premi/cards.html", context)


@blueprint.get("/premi/kartu/<uuid:inmate_id>")
@needs("premi.read")
def one(inmate_id: UUID) -> ResponseReturnValue:
    """Show one inmate's card."""
    return _card(inmate_id, Form())


def _card(inmate_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    card = services().get("production", f"/premi/cards/{inmate_id}", purpose="screen").json
    query = {"inmate_id": inmate_id, "limit": 20}
    asked = services().get("production", "/premi/withdrawals", **query).json["items"]
    places = services().get("production", "/premi/destinations").json["items"] if _may_be_sent(card) else []
    context = {
        "card": card,
        "open_withdrawals": [one for one in asked if one["state"] in ("requested", "approved")],
        "taken_from": [(key, card["balances"][key]) for key in _TAKEN_FROM if card["balances"][key]],
        "places": [(place["id"], place["name"]) for place in places],
        "people": names([inmate_id]),
        "form": form,
        "words": words,
        "title_of": papers.title_of,
        "months_of": months,
    }
    return render("premi/card.html", context, status)


def months(found: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Give what lists said month by month, in thousands of rupiah, the oldest first."""
    return [
        Part(
            label=format_date(as_day(one["period"]), "MMM", locale=current()),
            value=round(one["gross"] / _THOUSAND),
            tone="daun" if one["state"] == "credited" else "nila" if one["state"] == "locked" else "kunyit",
        )
        for one in found[::-1]
    ]


def _may_be_sent(card: dict[str, Any]) -> bool:
    return bool(card["balances"]["handover"] and card["left_reason"] == "transfer" and may("premi.pay"))


@blueprint.post("/premi/kartu/<uuid:inmate_id>/tarik")
@needs("premi.request")
def withdraw(inmate_id: UUID) -> ResponseReturnValue:
    """Ask for money of an inmate."""
    body = {name: sent(name) for name in ("account", "amount", "purpose")}
    try:
        services().post("production", "/premi/withdrawals", {**body, "inmate_id": str(inmate_id)}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in (409, 422):
            raise
        return _card(inmate_id, forms.refused(problem.document), problem.status)
    toast(_("Penarikan diajukan. Berikutnya: disetujui Kalapas, lalu dibayarkan bendahara."))
    return redirect(url_for("premi.cards.one", inmate_id=inmate_id), 303)


@blueprint.post("/premi/kartu/<uuid:inmate_id>/serahkan")
@needs("premi.pay")
def hand_over(inmate_id: UUID) -> ResponseReturnValue:
    """Hand over what somebody who left has."""
    body = {"document": sent("document"), "to_lapas": sent("to_lapas") or None, "to_place": sent("to_place")}
    if body["to_lapas"]:
        body["to_place"] = ""
    return act(
        lambda: services().post("production", f"/premi/cards/{inmate_id}/hand-over", body, key=forms.sent_key()),
        _("Premi diserahkan dan dicatat di kartu."),
        url_for("premi.cards.one", inmate_id=inmate_id),
    )


@blueprint.post("/premi/kartu/<uuid:inmate_id>/kiriman/<uuid:entry_id>/tarik")
@needs("premi.pay")
def recall(inmate_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Take back what was sent to another Lapas and not taken in there."""
    body = {"document": sent("document"), "reason": sent("reason")}
    return act(
        lambda: services().post("production", f"/premi/sent/{entry_id}/recall", body, key=forms.sent_key()),
        _("Kiriman ditarik kembali; preminya menunggu diserahkan lagi."),
        url_for("premi.cards.one", inmate_id=inmate_id),
    )


@blueprint.get("/premi/kartu/<uuid:inmate_id>/cetak")
@needs("premi.read")
def paper(inmate_id: UUID) -> ResponseReturnValue:
    """Print one inmate's card."""
    return papers.card_paper(_for_paper(inmate_id), names([inmate_id]))


@blueprint.get("/premi/kartu/<uuid:inmate_id>/unduh")
@needs("premi.read")
def workbook(inmate_id: UUID) -> ResponseReturnValue:
    """Hand out one inmate's card as a workbook."""
    return papers.card_workbook(_for_paper(inmate_id), names([inmate_id]), purpose=_purpose())


def _for_paper(inmate_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = services().get("production", f"/premi/cards/{inmate_id}", purpose=_purpose()).json
    return found


def _purpose() -> str:
    purpose = request.args.get("untuk", "")
    return purpose if purpose in words.CARD_PURPOSES else "own_request"


@blueprint.get("/premi/kiriman")
@needs("premi.read")
def arrivals() -> ResponseReturnValue:
    """List what other Lapas sent after people who came here."""
    found = services().get("production", "/premi/arrivals", limit=_SHOWN, cursor=request.args.get("cursor")).json
    context = {"found": found, "people": names(words.ids(found["items"])), "words": words}
    return render("premi/arrivals.html", context)


@blueprint.post("/premi/kiriman/<uuid:arrival_id>/terima")
@needs("premi.pay")
def accept(arrival_id: UUID) -> ResponseReturnValue:
    """Take in what another Lapas sent."""
    body = {"way": sent("way"), "document": sent("document")}
    path = f"/premi/arrivals/{arrival_id}/accept"
    return act(
        lambda: services().post("production", path, body, version=forms.sent_version()),
        _("Premi diterima; kartunya terbuka di sini."),
        url_for("premi.cards.arrivals"),
    )
