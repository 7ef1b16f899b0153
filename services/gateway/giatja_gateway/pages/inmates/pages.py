"""The screens about inmates: the register, one person with their permission to work, and the passport of skills.

A name is searched by a form that is sent, so that no name ever stands in an address, where logs and
the browser's history would keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.inmates import passport as shaped
from giatja_gateway.pages.inmates import words
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import Answer, ServiceProblem, services
from giatja_kit.client import ServiceUnavailable
from giatja_kit.web import dump

blueprint = Blueprint("inmates", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="inmates.listing",
        label=lazy("Daftar WBP"),
        icon="people",
        permission="inmates.read",
        section=menu.PEOPLE,
    ),
)
_FILTERS: Final = ("number", "status", "permit", "competence", "block", "fitness", "sort")
_PER_PAGE: Final = 50
_SENT_BACK: Final = (403, 409, 412, 422)


@blueprint.get("/warga-binaan")
@needs("inmates.read")
def listing() -> ResponseReturnValue:
    """List the register, narrowed by what stands in the address."""
    question = {**_narrowing(), "cursor": request.args.get("cursor"), "limit": _PER_PAGE}
    parts = _ask(found=("training", "/inmates", question), **_choices())
    return _register(parts["found"], parts)


@blueprint.post("/warga-binaan/cari")
@needs("inmates.read")
def search() -> ResponseReturnValue:
    """List the register, narrowed by a name too."""
    name = request.form.get("name", "").strip()
    if not name:
        return redirect(_listing_url(), 303)
    body = {**_narrowing(), "name": name[:100], "limit": _PER_PAGE, "cursor": request.form.get("cursor") or None}
    found = services().post("training", "/inmates/search", body).json
    return _register(found, _ask(**_choices()), name=name)


@blueprint.get("/warga-binaan/cari")
@needs("inmates.read")
def search_again() -> ResponseReturnValue:
    """Go to the register where somebody reloads or filters what they searched by name."""
    return redirect(_listing_url(), 303)


@blueprint.get("/warga-binaan/baru")
@needs("inmates.write")
def new() -> ResponseReturnValue:
    """Ask for somebody's particulars."""
    return _particulars(None, Form())


@blueprint.post("/warga-binaan/baru")
@needs("inmates.write")
def register() -> ResponseReturnValue:
    """Enter somebody in the register."""
    try:
        made = services().post("training", "/inmates", _sent_particulars(), key=forms.sent_key())
    except ServiceProblem as problem:
        return _particulars(None, _form(problem), problem.status)
    toast(_("Sudah masuk register."))
    return redirect(url_for("inmates.one", inmate_id=made.json["id"]), 303)


@blueprint.get("/warga-binaan/<uuid:inmate_id>/ubah")
@needs("inmates.write")
def edit(inmate_id: UUID) -> ResponseReturnValue:
    """Show somebody's particulars to correct."""
    return _particulars(_inmate(inmate_id), Form())


@blueprint.post("/warga-binaan/<uuid:inmate_id>/ubah")
@needs("inmates.write")
def change(inmate_id: UUID) -> ResponseReturnValue:
    """Correct somebody's particulars."""
    try:
        services().patch("training", f"/inmates/{inmate_id}", _sent_particulars(), version=forms.sent_version())
    except ServiceProblem as problem:
        return _particulars(_inmate(inmate_id), _form(problem), problem.status)
    toast(_("Perubahan disimpan."))
    return _back(inmate_id)


@blueprint.get("/warga-binaan/<uuid:inmate_id>")
@needs("inmates.read")
def one(inmate_id: UUID) -> ResponseReturnValue:
    """Show one person: particulars, permission to work, competences."""
    return render("inmates/one.html", _everything(inmate_id) | {"form": Form()})


@blueprint.post("/warga-binaan/<uuid:inmate_id>/pergi")
@needs("inmates.write")
def leave(inmate_id: UUID) -> ResponseReturnValue:
    """Note a transfer or a release."""
    body = {"left_on": _sent("leave", "left_on"), "reason": _sent("leave", "reason")}
    return _act(
        inmate_id,
        "leave",
        lambda: services().post("training", f"/inmates/{inmate_id}/leave", body, version=forms.sent_version()),
        _("Kepergian dicatat. Izin kerja yang aktif ikut berakhir."),
    )


@blueprint.post("/warga-binaan/<uuid:inmate_id>/izin")
@needs("permits.propose")
def propose(inmate_id: UUID) -> ResponseReturnValue:
    """Propose that somebody may work."""
    body = {
        "proposed_on": _sent("propose", "proposed_on"),
        "done": request.form.getlist("propose.done"),
        "note": _sent("propose", "note"),
    }
    return _act(
        inmate_id,
        "propose",
        lambda: services().post("training", f"/inmates/{inmate_id}/permits", body, key=forms.sent_key()),
        _("Izin kerja diusulkan. Berikutnya: keputusan sidang TPP."),
    )


@blueprint.post("/warga-binaan/<uuid:inmate_id>/izin/<uuid:permit_id>/syarat")
@needs("permits.propose")
def tick(inmate_id: UUID, permit_id: UUID) -> ResponseReturnValue:
    """Say which requirements are met."""
    body = {"done": request.form.getlist("tick.done")}
    return _act_on_permit(inmate_id, permit_id, "tick", "checklist", body, _("Syarat disimpan."))


@blueprint.post("/warga-binaan/<uuid:inmate_id>/izin/<uuid:permit_id>/keputusan")
@needs("permits.grant")
def decide(inmate_id: UUID, permit_id: UUID) -> ResponseReturnValue:
    """Keep what the hearing decided."""
    body = {
        "decision": _sent("decide", "decision"),
        "decided_on": _sent("decide", "decided_on"),
        "note": _sent("decide", "note"),
    }
    return _act_on_permit(inmate_id, permit_id, "decide", "decision", body, _("Keputusan sidang dicatat."))


@blueprint.post("/warga-binaan/<uuid:inmate_id>/izin/<uuid:permit_id>/sk")
@needs("permits.grant")
def issue(inmate_id: UUID, permit_id: UUID) -> ResponseReturnValue:
    """Issue the SK."""
    body = {
        "sk_number": _sent("issue", "sk_number"),
        "valid_from": _sent("issue", "valid_from"),
        "valid_until": _sent("issue", "valid_until") or None,
    }
    return _act_on_permit(inmate_id, permit_id, "issue", "issue", body, _("SK terbit. Sudah boleh bekerja."))


@blueprint.post("/warga-binaan/<uuid:inmate_id>/izin/<uuid:permit_id>/akhiri")
@needs("permits.end")
def end(inmate_id: UUID, permit_id: UUID) -> ResponseReturnValue:
    """End a permission."""
    body = {"ended_on": _sent("end", "ended_on"), "reason": _sent("end", "reason"), "note": _sent("end", "note")}
    return _act_on_permit(inmate_id, permit_id, "end", "end", body, _("Izin kerja berakhir."))


@blueprint.post("/warga-binaan/<uuid:inmate_id>/kompetensi")
@needs("competences.award")
def award(inmate_id: UUID) -> ResponseReturnValue:
    """Find somebody competent."""
    body = {
        "competence": _sent("award", "competence"),
        "awarded_on": _sent("award", "awarded_on"),
        "note": _sent("award", "note"),
    }
    return _act(
        inmate_id,
        "award",
        lambda: services().post("training", f"/inmates/{inmate_id}/competences", body, key=forms.sent_key()),
        _("Kompetensi diberikan."),
    )


@blueprint.get("/warga-binaan/<uuid:inmate_id>/paspor")
@needs("passports.read")
def passport(inmate_id: UUID) -> ResponseReturnValue:
    """Show the passport of skills, to read and to print."""
    found = services().get("training", f"/passports/{inmate_id}").json
    skills = shaped.skills(found["practice"], found["competences"])
    context = {
        **found,
        "skills": skills,
        "most": max((skill.minutes for skill in skills), default=0),
        "months": shaped.months(found["practice"]),
        "hours": shaped.hours,
        "words": words,
    }
    return render("inmates/passport.html", context)


@blueprint.get("/warga-binaan/<uuid:inmate_id>/unduh")
@needs("passports.read")
def download(inmate_id: UUID) -> ResponseReturnValue:
    """Hand out an inmate's own record as one file."""
    purpose = request.args.get("purpose", "own_request")
    record = services().get("training", f"/inmates/{inmate_id}/export", purpose=purpose).json
    headers = {
        "Content-Disposition": f'attachment; filename="warga-binaan-{inmate_id}.json"',
        "Cache-Control": "no-store",
    }
    return Response(dump(record), content_type="application/json", headers=headers)


def _ask(**questions: Any) -> dict[str, Any]:
    """Ask training several things at once; these pages are nothing without it, so all have to be answered.

    :raises ServiceUnavailable, ServiceProblem:
    """
    parts = services().together(**questions)
    for part in parts.values():
        if not isinstance(part, Mapping):
            raise ServiceUnavailable("training", "no answer")
    return parts


def _narrowing() -> dict[str, str]:
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


def _listing_url() -> str:
    return url_for("inmates.listing", **cast("dict[str, Any]", _narrowing()))


def _choices() -> dict[str, Any]:
    return {"blocks": ("training", "/blocks"), "catalogue": ("training", "/competences")}


def _register(found: Mapping[str, Any], choices: Mapping[str, Any], name: str = "") -> Response:
    competences = [(each["key"], words.named(each)) for each in choices["catalogue"]["items"]]
    context = {
        "found": found,
        "name": name,
        "narrowing": _narrowing(),
        "competence_options": competences,
        "competence_names": dict(competences),
        "block_options": [(block, block) for block in choices["blocks"]["items"]],
        "words": words,
    }
    return render("inmates/listing.html", context)


def _inmate(inmate_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = services().get("training", f"/inmates/{inmate_id}").json
    return found


def _everything(inmate_id: UUID) -> dict[str, Any]:
    questions: dict[str, Any] = {
        "inmate": ("training", f"/inmates/{inmate_id}"),
        "permits": ("training", f"/inmates/{inmate_id}/permits"),
        "awards": ("training", f"/inmates/{inmate_id}/competences"),
    }
    if may("permits.propose"):
        questions["requirements"] = ("training", "/requirements")
    if may("competences.award"):
        questions["catalogue"] = ("training", "/competences")
    parts = _ask(**questions)
    permits = parts["permits"]["items"]
    held = {award["competence"] for award in parts["awards"]["items"]}
    offered = parts.get("catalogue", {}).get("items", [])
    return {
        "inmate": parts["inmate"],
        "permits": permits,
        "active": next((p for p in permits if p["state"] == "active"), None),
        "proposal": next((p for p in permits if p["state"] in ("proposed", "deferred", "approved")), None),
        "awards": parts["awards"]["items"],
        "requirements": parts.get("requirements", {}).get("items", []),
        "offered": [(c["key"], words.named(c)) for c in offered if c["active"] and c["key"] not in held],
        "words": words,
    }


def _particulars(inmate: dict[str, Any] | None, form: Form, status: int = 200) -> Response:
    return render("inmates/particulars.html", {"inmate": inmate, "form": form, "words": words}, status)


def _sent_particulars() -> dict[str, Any]:
    names = ("register_number", "name", "date_of_birth", "expected_release", "block", "fitness")
    sent = {name: request.form.get(name, "").strip() for name in names}
    return {**sent, "expected_release": sent["expected_release"] or None}


def _sent(act: str, name: str) -> str:
    return request.form.get(f"{act}.{name}", "").strip()


def _act_on_permit(
    inmate_id: UUID, permit_id: UUID, act: str, address: str, body: Mapping[str, Any], done: str
) -> ResponseReturnValue:
    return _act(
        inmate_id,
        act,
        lambda: services().post("training", f"/permits/{permit_id}/{address}", body, version=forms.sent_version()),
        done,
    )


def _act(inmate_id: UUID, act: str, ask: Callable[[], Answer], done: str) -> ResponseReturnValue:
    """Do one act about a person; refused, its form comes back with what was typed and why not."""
    try:
        ask()
    except ServiceProblem as problem:
        if problem.status not in _SENT_BACK:
            raise
        context = _everything(inmate_id) | {"form": _form(problem, act), "act": act, "stale": problem.status == 412}
        return render("inmates/act.html", context, problem.status)
    toast(done)
    return _back(inmate_id)


def _form(problem: ServiceProblem, act: str = "") -> Form:
    """Give the form as it was sent, with the service's complaints at its fields.

    Several acts stand on one page, so their fields are called ``act.field`` and pointers have to follow.

    :raises ServiceProblem: nothing a form could say, e.g. that there is no such person.
    """
    if problem.status not in _SENT_BACK:
        raise problem
    return forms.refused(problem.document, lambda pointer: f"/{act}{pointer}" if act else pointer)


def _back(inmate_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("inmates.one", inmate_id=inmate_id), 303)
