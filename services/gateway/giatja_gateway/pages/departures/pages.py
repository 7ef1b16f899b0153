"""The screens of leaving together and of arriving from another Lapas.

Which people are meant travels in the forms, never in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.departures import words
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.inmates.words import FITNESS, FITNESS_TONES, named, who
from giatja_gateway.pages.language import _, lazy, ngettext
from giatja_gateway.services import ServiceProblem, services
from giatja_kit import clock
from giatja_kit.client import ServiceUnavailable

blueprint = Blueprint("departures", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="departures.listing",
        label=lazy("Kepergian dan kedatangan"),
        icon="arrow-left-right",
        permission="inmates.read",
        section=menu.PEOPLE,
    ),
)
_PER_PAGE: Final = 50
_ARRIVALS_PER_PAGE: Final = 200
_REFUSED: Final = (403, 404, 409, 412, 422)
# What stands between two pasted register numbers; a number itself may hold blanks and slashes.
_BETWEEN: Final = str.maketrans({";": "\n", ",": "\n", "\t": "\n"})


@blueprint.get("/kepergian")
@needs("inmates.read")
def listing() -> ResponseReturnValue:
    """List the departures, the newest first."""
    query = {"limit": _PER_PAGE, "cursor": request.args.get("cursor")}
    found = services().together(
        departures=("training", "/departures", query),
        waiting=("training", "/arrivals", {"state": "waiting", "limit": 1}),
    )
    if not found["departures"]:
        return render("departures/missing.html", status=503)
    context = {"departures": found["departures"], "waiting": _total(found["waiting"])}
    return render("departures/listing.html", context | {"words": words, "who": who})


@blueprint.get("/kepergian/baru")
@needs("inmates.depart")
def new() -> ResponseReturnValue:
    """Ask who leaves: a block, pasted register numbers."""
    return _ask_who(forms.Form())


@blueprint.get("/kepergian/periksa")
@needs("inmates.depart")
def check_again() -> ResponseReturnValue:
    """Begin anew where somebody opens the address of the check."""
    return redirect(url_for("departures.new"), 303)


@blueprint.post("/kepergian/periksa")
@needs("inmates.depart")
def check() -> ResponseReturnValue:
    """Show who is meant and what their leaving touches, before anything is written."""
    return _check(forms.Form(values=request.form))


@blueprint.post("/kepergian")
@needs("inmates.depart")
def leave() -> ResponseReturnValue:
    """Note that many left."""
    released = request.form.get("reason") == "release"
    body = {
        "inmate_ids": request.form.getlist("orang"),
        "left_on": request.form.get("left_on", ""),
        "reason": request.form.get("reason", ""),
        # Whoever is released goes home, whatever was chosen before that.
        "destination_lapas": None if released else request.form.get("destination_lapas") or None,
        "destination": "" if released else request.form.get("destination", "").strip(),
        "note": request.form.get("note", "").strip(),
    }
    # What stands in the field for more people and was not added is shown first: nobody is left out unseen.
    if not body["inmate_ids"] or request.form.get("block") or request.form.get("numbers", "").strip():
        return _check(forms.Form(values=request.form))
    try:
        made = services().post("training", "/departures", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _check(forms.refused(problem.document), problem.status)
    count = len(made["people"])
    toast(ngettext("Kepergian %(num)s orang dicatat.", "Kepergian %(num)s orang dicatat.", count) % {"num": count})
    return redirect(url_for("departures.one", departure_id=made["id"]), 303)


@blueprint.get("/kepergian/<uuid:departure_id>")
@needs("inmates.read")
def one(departure_id: UUID) -> ResponseReturnValue:
    """Show a departure with its people."""
    return _one(departure_id, forms.Form())


@blueprint.post("/kepergian/<uuid:departure_id>/kembali")
@needs("inmates.depart")
def bring_back(departure_id: UUID) -> ResponseReturnValue:
    """Register people of a departure again."""
    body = {"inmate_ids": request.form.getlist("orang")}
    if not body["inmate_ids"]:
        toast(_("Pilih dahulu siapa yang kembali."), "kunyit")
        return redirect(url_for("departures.one", departure_id=departure_id), 303)
    try:
        services().post("training", f"/departures/{departure_id}/return", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _one(departure_id, forms.refused(problem.document), problem.status)
    count = len(body["inmate_ids"])
    toast(ngettext("%(num)s orang masuk register lagi.", "%(num)s orang masuk register lagi.", count) % {"num": count})
    return redirect(url_for("departures.one", departure_id=departure_id), 303)


@blueprint.get("/kedatangan")
@needs("inmates.read")
def arrivals() -> ResponseReturnValue:
    """List whom other Lapas sent here."""
    return _arrivals(forms.Form())


@blueprint.post("/kedatangan")
@needs("inmates.write")
def take() -> ResponseReturnValue:
    """Enter people who arrived in the register."""
    chosen = _chosen_arrivals()
    if not chosen:
        return _nobody_chosen()
    people = [
        {
            **key,
            "register_number": request.form.get(f"number.{key['inmate_id']}", "").strip(),
            "block": request.form.get(f"block.{key['inmate_id']}", "").strip()
            or request.form.get("block_for_all", "").strip(),
        }
        for key in chosen
    ]
    try:
        services().post("training", "/arrivals/take", {"people": people}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _arrivals(_refused(problem, chosen), problem.status)
    count = len(people)
    toast(ngettext("%(num)s orang masuk register.", "%(num)s orang masuk register.", count) % {"num": count})
    return redirect(url_for("departures.arrivals"), 303)


@blueprint.post("/kedatangan/tidak-datang")
@needs("inmates.write")
def decline() -> ResponseReturnValue:
    """Say that people did not arrive."""
    chosen = _chosen_arrivals()
    if not chosen:
        return _nobody_chosen()
    try:
        services().post("training", "/arrivals/decline", {"people": chosen}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _arrivals(_refused(problem, chosen), problem.status)
    toast(_("Dicatat tidak datang. Lapas asalnya dapat mendaftarkannya kembali."))
    return redirect(url_for("departures.arrivals"), 303)


def _ask_who(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    blocks = services().get("training", "/blocks").json["items"]
    return render("departures/new.html", {"blocks": [(b, b) for b in blocks], "form": form}, status)


def _check(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    """Show who is meant; nobody at all goes back to the question of who."""
    g.at = clock.now()
    ids, block = request.form.getlist("orang"), request.form.get("block", "").strip()
    numbers = [n.strip() for n in request.form.get("numbers", "").translate(_BETWEEN).splitlines() if n.strip()]
    body = {"block": block or None, "inmate_ids": ids, "register_numbers": numbers}
    if not (ids or block or numbers):
        return _ask_who(forms.submitted(numbers=_("Pilih blok atau tempel nomor register.")), 422)
    try:
        found = services().post("training", "/departures/selection", body).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _ask_who(forms.refused(problem.document), problem.status)
    if not found["items"]:
        missing = ", ".join([each["register_number"] for each in found["gone"]] + found["unknown"])
        if not missing:
            return _ask_who(forms.submitted(block=_("Tidak ada orang yang tinggal di blok itu.")), 422)
        complaint = _("Tidak ada yang ditemukan di Lapas ini: %(numbers)s.") % {"numbers": missing}
        return _ask_who(forms.submitted(numbers=complaint), 422)
    asked = services().together(destinations=("training", "/departures/destinations"), blocks=("training", "/blocks"))
    context = {
        "found": found,
        "impact": _impact([p["id"] for p in found["items"]]),
        "destinations": [(d["id"], d["name"]) for d in (asked["destinations"] or {"items": []})["items"]],
        "blocks": [(b, b) for b in (asked["blocks"] or {"items": []})["items"]],
        "reasons": [(key, str(text)) for key, text in words.REASONS.items()],
        "fitness": FITNESS,
        "fitness_tones": FITNESS_TONES,
        "today": today(),
        "form": form,
    }
    return render("departures/check.html", context, status)


def _impact(leavers: Sequence[str]) -> Any:
    """Ask what it touches when these leave; a departure is noted all the same where production does not answer."""
    try:
        return services().post("production", "/placements/impact", {"inmate_ids": leavers}).json
    except ServiceUnavailable:
        return None


def _one(departure_id: UUID, form: forms.Form, status: int = 200) -> ResponseReturnValue:
    g.at = clock.now()
    departure = services().get("training", f"/departures/{departure_id}").json
    people = departure["people"]
    back = [p for p in people if p["returned_at"]]
    context = {
        "departure": departure,
        "back": back,
        "may_return": may("inmates.depart") and any(_may_return(p) for p in people),
        "returns": _may_return,
        "words": words,
        "who": who,
        "form": form,
    }
    return render("departures/one.html", context, status)


def _may_return(person: Mapping[str, Any]) -> bool:
    """Tell whether somebody may be registered here again: not yet back, and not in another Lapas' register."""
    return not person["returned_at"] and person["status"] != "present" and person["arrival"] != "taken"


def _arrivals(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    state = request.args.get("keadaan", "waiting")
    if state not in words.ARRIVALS:
        state = "waiting"
    query = {"state": state, "limit": _ARRIVALS_PER_PAGE, "cursor": request.args.get("cursor")}
    asked = services().together(
        found=("training", "/arrivals", query),
        waiting=("training", "/arrivals", {"state": "waiting", "limit": 1}),
        competences=("training", "/competences"),
        blocks=("training", "/blocks"),
    )
    if not asked["found"]:
        return render("departures/missing.html", status=503)
    called = {c["key"]: named(c) for c in (asked["competences"] or {"items": []})["items"]}
    context = {
        "state": state,
        "found": asked["found"],
        "waiting": _total(asked["waiting"]),
        "competence": lambda key: called.get(key, key.replace("_", " ")),
        "blocks": (asked["blocks"] or {"items": []})["items"],
        "words": words,
        "fitness": FITNESS,
        "chosen": request.form.getlist("orang"),
        "form": form,
    }
    return render("departures/arrivals.html", context, status)


def _total(found: Any) -> int:
    return int(found["total"]) if found else 0


def _chosen_arrivals() -> list[dict[str, str]]:
    """Return which arrivals were ticked; each box holds the ids of its departure and its person."""
    keys = [value.partition(" ") for value in request.form.getlist("orang")]
    return [{"departure_id": departure, "inmate_id": inmate} for departure, _space, inmate in keys]


def _nobody_chosen() -> ResponseReturnValue:
    toast(_("Pilih dahulu siapa yang dimaksud."), "kunyit")
    return redirect(url_for("departures.arrivals"), 303)


def _refused(problem: ServiceProblem, chosen: Sequence[Mapping[str, str]]) -> forms.Form:
    """Give the form as it was sent, each complaint at the row of the person it is about."""

    def place(pointer: str) -> str:
        match = re.fullmatch(r"/people/(\d+)(?:/(\w+))?", pointer)
        if match is None or int(match[1]) >= len(chosen):
            return pointer
        return f"/{'block' if match[2] == 'block' else 'number'}.{chosen[int(match[1])]['inmate_id']}"

    return forms.refused(problem.document, place)
