"""The screens of placements: workshops with their people, placing, ending, substitutes, a workshop on hold.

Which people are meant travels in the forms, never in an address; their names are asked for at the moment a page is
shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.assignments import words
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.language import _, current, lazy, ngettext
from giatja_gateway.services import ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("assignments", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="assignments.overview",
        label=lazy("Penempatan"),
        icon="person-workspace",
        permission="assignments.read",
        section=menu.PEOPLE,
    ),
)
_MOST: Final = 200
_REFUSED: Final = (403, 409, 412, 422)


@blueprint.get("/penempatan")
@needs("assignments.read")
def overview() -> ResponseReturnValue:
    """Show the workshops with their people and places, and the people of one of them or of none."""
    g.at = clock.now()
    asked = services().together(
        rooms=("production", "/placements/workshops"),
        gaps=("production", "/placements/gaps"),
        competences=("training", "/competences"),
    )
    if not asked["rooms"]:
        return render("assignments/missing.html", status=503)
    rooms = _rooms(asked["rooms"]["items"])
    unplaced = asked["rooms"]["unplaced"]
    shown = _shown(rooms, unplaced)
    query = {"limit": _MOST, "cursor": request.args.get("cursor") or None, **shown["query"]}
    page = services().post("production", "/placements/people", query).json
    blocked = sum(room["blocked"] for room in rooms)
    return render(
        "assignments/overview.html",
        {
            "rooms": rooms,
            "unplaced": unplaced,
            "blocked": blocked,
            "shown": shown,
            "people": _called(page["items"]),
            "next": page["next"],
            "short": sum(gap["short"] for gap in asked["gaps"]["items"]) if asked["gaps"] else 0,
            "places": _targets(rooms),
            "competences": _competences(asked["competences"]),
            "words": words,
        },
    )


@blueprint.post("/penempatan/periksa")
@needs("assignments.write")
def check() -> ResponseReturnValue:
    """Show what placing these people would do, and what stands against it."""
    g.at = clock.now()
    return _check(forms.Form())


@blueprint.post("/penempatan")
@needs("assignments.write")
def place() -> ResponseReturnValue:
    """Place people."""
    g.at = clock.now()
    workshop_id, stage_key = _target()
    body = {
        "workshop_id": workshop_id,
        "stage_key": stage_key,
        "inmate_ids": request.form.getlist("orang"),
        "starts_on": request.form.get("starts_on", ""),
        "override_reason": request.form.get("override_reason", "").strip() or None,
    }
    try:
        made = services().post("production", "/placements", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _check(forms.refused(problem.document), problem.status)
    count = len(made["ids"])
    toast(ngettext("%(num)s orang ditempatkan.", "%(num)s orang ditempatkan.", count) % {"num": count})
    return redirect(url_for("assignments.overview", unit=workshop_id), 303)


@blueprint.post("/penempatan/akhiri/periksa")
@needs("assignments.write")
def check_end() -> ResponseReturnValue:
    """Ask from when and why placements end."""
    g.at = clock.now()
    return _check_end(forms.Form())


@blueprint.post("/penempatan/akhiri")
@needs("assignments.write")
def end() -> ResponseReturnValue:
    """End placements, or take back those of today."""
    g.at = clock.now()
    ids, reason = request.form.getlist("penempatan"), request.form.get("reason", "")
    body = {
        "ids": ids,
        "ends_on": request.form.get("ends_on", ""),
        "reason": reason,
        "note": request.form.get("note", "").strip(),
    }
    try:
        if reason == words.UNDO[0]:
            services().post("production", "/placements/undo", {"ids": ids}, key=forms.sent_key())
        else:
            services().post("production", "/placements/end", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _check_end(forms.refused(problem.document), problem.status)
    done = _("Penempatan hari ini dibatalkan.") if reason == words.UNDO[0] else _("Penempatan diakhiri.")
    toast(done)
    return redirect(url_for("assignments.overview", unit=request.form.get("unit") or None), 303)


@blueprint.get("/penempatan/pengganti")
@needs("assignments.read")
def substitutes() -> ResponseReturnValue:
    """Show where people are missing and who could stand in, and why."""
    g.at = clock.now()
    asked = services().together(gaps=("production", "/placements/gaps"), competences=("training", "/competences"))
    if not asked["gaps"]:
        return render("assignments/missing.html", status=503)
    gaps = [{**gap, "stage": _stage_name(gap)} for gap in asked["gaps"]["items"]]
    called = names(s["inmate_id"] for gap in gaps for s in gap["substitutes"])
    for gap in gaps:
        gap["substitutes"] = [{**s, **_name(s["inmate_id"], called)} for s in gap["substitutes"]]
    context = {"gaps": gaps, "competences": _competences(asked["competences"]), "words": words}
    return render("assignments/substitutes.html", context)


@blueprint.get("/penempatan/wbp/<uuid:inmate_id>")
@needs("assignments.read")
def history(inmate_id: UUID) -> ResponseReturnValue:
    """Show where somebody was placed."""
    g.at = clock.now()
    found = services().get("production", f"/placements/of/{inmate_id}").json["items"]
    placements = [{**p, "stage": _stage_name(p)} for p in found]
    context = {"person": _name(str(inmate_id), names([inmate_id])), "inmate_id": inmate_id, "placements": placements}
    return render("assignments/history.html", context | {"words": words})


@blueprint.post("/penempatan/unit/<uuid:workshop_id>/tempat")
@needs("assignments.write")
def set_places(workshop_id: UUID) -> ResponseReturnValue:
    """Set how many people a workshop has places for."""
    places = request.form.get("places", "").strip()
    return _act(
        workshop_id, "places", {"places": places or None}, _("Jumlah tempat disimpan."), version=forms.sent_version()
    )


@blueprint.post("/penempatan/unit/<uuid:workshop_id>/tahan")
@needs("workshops.write")
def hold(workshop_id: UUID) -> ResponseReturnValue:
    """Let a whole workshop stand still."""
    body = {"reason": request.form.get("reason", "").strip()}
    return _act(workshop_id, "holds", body, _("Unit kerja ditahan beserta perintah kerjanya."))


@blueprint.post("/penempatan/unit/<uuid:workshop_id>/lanjut")
@needs("workshops.write")
def resume(workshop_id: UUID) -> ResponseReturnValue:
    """Let a workshop go on."""
    done = _("Unit kerja berjalan lagi. Yang ditahan pesanannya sendiri tetap ditahan.")
    return _act(workshop_id, "resume", {}, done)


def _act(
    workshop_id: UUID, act: str, body: Mapping[str, Any], done: str, *, version: str | None = None
) -> ResponseReturnValue:
    try:
        services().post("production", f"/workshops/{workshop_id}/{act}", body, key=forms.sent_key(), version=version)
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        toast(_complaint(problem), "merah")
    else:
        toast(done)
    return redirect(url_for("assignments.overview", unit=workshop_id), 303)


def _complaint(problem: ServiceProblem) -> str:
    errors = problem.document.get("errors") or [{}]
    return str(errors[0].get("detail") or problem.document.get("title", ""))


def _shown(rooms: Sequence[Mapping[str, Any]], unplaced: int) -> dict[str, Any]:
    """Return whose list is shown: those of a workshop, those who may not work, or those who are placed nowhere."""
    room = next((r for r in rooms if r["id"] == request.args.get("unit")), None)
    if room is not None:
        return {"kind": "room", "room": room, "query": {"workshop_id": room["id"]}}
    if "terhalang" in request.args:
        return {"kind": "blocked", "query": {"blocked": True}}
    if "belum" in request.args or unplaced or not rooms:
        return {"kind": "unplaced", "query": {"unplaced": True}}
    return {"kind": "room", "room": rooms[0], "query": {"workshop_id": rooms[0]["id"]}}


def _rooms(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**room, "stages": named(room["stages"])} for room in items]


def _targets(rooms: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the places to choose from: each workshop as a whole, and each of its stages."""
    return [
        (
            room["name"],
            [(room["id"], _("%(unit)s, semua tahap") % {"unit": room["name"]})]
            + [(f"{room['id']} {stage['key']}", f"{room['name']} · {stage['name']}") for stage in room["stages"]],
        )
        for room in rooms
    ]


def _target() -> tuple[str, str | None]:
    """Return the workshop, and the stage if one was meant, of the chosen place."""
    workshop_id, _space, stage_key = request.form.get("ke", "").partition(" ")
    return workshop_id, stage_key or None


def _competences(found: Any) -> dict[str, str]:
    if not found:
        return {}
    return {c["key"]: str(c["name_en"] if current() == "en" and c["name_en"] else c["name"]) for c in found["items"]}


def _stage_name(thing: Mapping[str, Any]) -> str | None:
    name = thing["stage_name_en"] if current() == "en" and thing["stage_name_en"] else thing["stage_name"]
    return str(name) if name else thing["stage_key"]


def _name(inmate_id: str, called: Mapping[str, Any]) -> dict[str, str]:
    known = called.get(inmate_id)
    if known is None:
        return {"name": _("WBP %(tail)s") % {"tail": inmate_id[-4:]}, "register_number": ""}
    return {"name": known.name, "register_number": known.register_number}


def _called(people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return people with their names, sorted by them."""
    rows = list(people)
    called = names(p["inmate_id"] for p in rows)
    shown = [{**p, "stage": _stage_name(p), **_name(p["inmate_id"], called)} for p in rows]
    return sorted(shown, key=lambda p: (p["name"].casefold(), p["inmate_id"]))


def _check(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    """Show the check of a placing; a choice that misses something goes back to the list with a word about it."""
    people = request.form.getlist("orang")
    workshop_id, stage_key = _target()
    starts_on = request.form.get("starts_on") or str(today())
    if not people or not workshop_id:
        toast(_("Pilih orangnya dan tempatnya dahulu."), "kunyit")
        return redirect(url_for("assignments.overview", unit=request.form.get("unit") or None), 303)
    body = {"workshop_id": workshop_id, "stage_key": stage_key, "inmate_ids": people, "starts_on": starts_on}
    try:
        found = services().post("production", "/placements/check", body).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        toast(_complaint(problem), "merah")
        return redirect(url_for("assignments.overview", unit=request.form.get("unit") or None), 303)
    asked = services().together(rooms=("production", "/placements/workshops"), competences=("training", "/competences"))
    if not asked["rooms"]:
        return render("assignments/missing.html", status=503)
    rooms = {room["id"]: room for room in _rooms(asked["rooms"]["items"])}
    room = rooms[workshop_id]
    called = names(v["inmate_id"] for v in found["items"])
    verdicts = [
        {
            **v,
            **_name(v["inmate_id"], called),
            "leaves": rooms[v["leaves"]]["name"] if v["leaves"] in rooms else None,
            "obstacle": v["obstacle"] and v["obstacle"][current()],
        }
        for v in found["items"]
    ]
    fit = [v for v in verdicts if not v["obstacle"]]
    context = {
        "verdicts": sorted(verdicts, key=lambda v: (v["obstacle"] is None, v["lacks"] is None, v["name"].casefold())),
        "fit": fit,
        "check": found,
        "room": room,
        "stage": next((s["name"] for s in room["stages"] if s["key"] == stage_key), None),
        "target": request.form.get("ke", ""),
        "starts_on": starts_on,
        "unit": request.form.get("unit", ""),
        "must_say_why": found["full"] or any(v["lacks"] for v in fit),
        "competences": _competences(asked["competences"]),
        "form": form,
    }
    return render("assignments/check.html", context, status)


def _check_end(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    chosen, ids = request.form.getlist("orang"), request.form.getlist("penempatan")
    people: list[dict[str, Any]] = []
    if chosen or ids:
        query = {"limit": _MOST, "ids": chosen} if chosen else {"limit": _MOST}
        found = services().post("production", "/placements/people", query).json["items"]
        people = _called(
            p for p in found if p["placement_id"] and not p["ends_on"] and (chosen or p["placement_id"] in ids)
        )
    if not people:
        toast(_("Pilih orang yang penempatannya masih berjalan."), "kunyit")
        return redirect(url_for("assignments.overview", unit=request.form.get("unit") or None), 303)
    reasons = [(key, str(text)) for key, text in (*words.END_REASONS.items(), words.UNDO)]
    context = {"people": people, "reasons": reasons, "unit": request.form.get("unit", ""), "form": form}
    return render("assignments/end.html", context, status)
