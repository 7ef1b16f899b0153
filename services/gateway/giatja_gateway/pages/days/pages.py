"""The screens of days: the list, one with its check-answers, and the corrections that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.actors import officers
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.formats import format_date
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import Name, ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("days", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="days.listing",
        label=lazy("Hari kerja"),
        icon="calendar-check",
        permission="days.read",
        section=menu.FLOOR,
    ),
    NavItem(
        endpoint="days.corrections",
        label=lazy("Koreksi"),
        icon="arrow-left-right",
        permission="days.read",
        section=menu.FLOOR,
    ),
)
_SHOWN: Final = 40
_ENTRIES: Final = 200
_REFUSED: Final = (403, 409, 412, 422)
_TABS: Final[Mapping[str, lazy]] = {"": lazy("Belum ditutup"), "closed": lazy("Ditutup"), "all": lazy("Semua")}
_STATES: Final[Mapping[str, lazy]] = {
    "pending": lazy("Menunggu"),
    "confirmed": lazy("Disetujui"),
    "refused": lazy("Ditolak"),
    "withdrawn": lazy("Ditarik"),
}


@blueprint.get("/hari")
@needs("days.read")
def listing() -> ResponseReturnValue:
    """List the days that were worked on, those that are open first asked for."""
    g.at = clock.now()
    tab = request.args.get("tab", "")
    query = {
        "closed": {"": "false", "closed": "true"}.get(tab),
        "workshop_id": request.args.get("unit"),
        "first": request.args.get("dari"),
        "last": request.args.get("sampai"),
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/days", {name: value for name, value in query.items() if value}),
        workshops=("production", "/workshops"),
    )
    rows = asked["page"]["items"] if asked["page"] else []
    return render(
        "days/listing.html",
        {
            **asked,
            "rows": rows,
            "tab": tab,
            "tabs": [
                (url_for("days.listing", tab=key or None), str(text), None, key == tab) for key, text in _TABS.items()
            ],
            "units": [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else [],
            "officers": officers(row["closed_by"] for row in rows),
        },
    )


@blueprint.get("/hari/<day>/<uuid:workshop_id>")
@needs("days.read")
def one(day: str, workshop_id: UUID) -> ResponseReturnValue:
    """Show one day of a workshop: what was made, what is missing of whom, and closing it."""
    g.at = clock.now()
    return _day_page(day, workshop_id, Form())


@blueprint.post("/hari/<day>/<uuid:workshop_id>/tutup")
@needs("days.close")
def close(day: str, workshop_id: UUID) -> ResponseReturnValue:
    """Close the day of one workshop."""
    g.at = clock.now()
    note = request.form.get("note", "").strip()
    body = {
        "work_date": day,
        "workshop_ids": [str(workshop_id)],
        "accept_missing": request.form.get("accept_missing") == "1",
        "note": note or None,
    }
    try:
        services().post("production", "/days/close", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _day_page(day, workshop_id, forms.refused(problem.document), problem.status)
    toast(_("Hari %(day)s ditutup.") % {"day": format_date(day)})
    return redirect(url_for("days.one", day=day, workshop_id=workshop_id), 303)


@blueprint.post("/hari/<day>/<uuid:workshop_id>/tarik")
@needs("output.record")
def ask_reversal(day: str, workshop_id: UUID) -> ResponseReturnValue:
    """Ask that an entry of this day be taken back."""
    g.at = clock.now()
    body = {"output_id": request.form.get("output_id", ""), "reason": request.form.get("reason", "").strip()}
    try:
        services().post("production", "/corrections/reversals", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _day_page(day, workshop_id, forms.refused(problem.document), problem.status)
    toast(_("Permintaan koreksi menunggu persetujuan orang kedua."))
    return redirect(url_for("days.corrections"), 303)


def _day_page(day: str, workshop_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    seen = services().get("production", f"/days/{day}/{workshop_id}").json
    query = {"workshop_id": workshop_id, "work_date": day, "limit": _ENTRIES, "cursor": request.args.get("cursor")}
    entries = services().get("production", "/output", **query).json
    here = [e for e in entries["items"] if e["undoes"] is None and e["reverses"] is None]
    lists = ("unmarked", "without_mark", "of_absent")
    known = names(
        [
            *(one["inmate_id"] for name in lists for one in seen[name]),
            *seen["without_output"],
            *(e["inmate_id"] for e in here if e["inmate_id"]),
        ]
    )
    return render(
        "days/one.html",
        {
            "day": day,
            "seen": seen,
            "entries": here,
            "next": entries["next"],
            "form": form,
            "people": {name: _people(seen[name], known) for name in lists}
            | {"without_output": _people([{"inmate_id": i} for i in seen["without_output"]], known)},
            "called": {i: n.name for i, n in known.items()},
            "officers": officers([seen["closed_by"], *(e["recorded_by"] for e in here)]),
        },
        status,
    )


def _people(found: Iterable[Mapping[str, Any]], known: Mapping[str, Name]) -> list[dict[str, Any]]:
    """Return some people of a day by name, each with the shifts they are named for."""
    shifts: dict[str, list[str]] = {}
    for one_ in found:
        shifts.setdefault(one_["inmate_id"], []).append(one_.get("shift", ""))
    rows = [{"name": who(known, inmate_id), "shifts": [s for s in there if s]} for inmate_id, there in shifts.items()]
    return sorted(rows, key=lambda row: str(row["name"]).casefold())


def who(known: Mapping[str, Name], inmate_id: str | None) -> str:
    """Return what an inmate is called, or how they are told apart by who may not know."""
    if inmate_id is None:
        return _("tanpa WBP")
    name = known.get(inmate_id)
    return name.name if name else _("WBP %(tail)s") % {"tail": inmate_id[-4:]}


@blueprint.get("/koreksi")
@needs("days.read")
def corrections() -> ResponseReturnValue:
    """List what is asked to be changed of closed days."""
    g.at = clock.now()
    return _corrections_page(Form())


@blueprint.post("/koreksi/<uuid:correction_id>/setujui")
@needs("output.correct")
def confirm(correction_id: UUID) -> ResponseReturnValue:
    """Confirm what another person asked for; it is done at once."""
    return _decide(correction_id, "confirm", None, _("Koreksi disetujui dan sudah berlaku."))


@blueprint.post("/koreksi/<uuid:correction_id>/tolak")
@needs("output.correct")
def refuse(correction_id: UUID) -> ResponseReturnValue:
    """Refuse what another person asked for."""
    answer = {"answer": request.form.get("answer", "").strip()}
    return _decide(correction_id, "refuse", answer, _("Koreksi ditolak; pemintanya membaca alasan Anda."))


@blueprint.post("/koreksi/<uuid:correction_id>/batal")
@needs("output.record")
def withdraw(correction_id: UUID) -> ResponseReturnValue:
    """Withdraw what one asked for."""
    return _decide(correction_id, "withdraw", None, _("Permintaan ditarik."))


def _decide(correction_id: UUID, act: str, body: Mapping[str, Any] | None, said: str) -> ResponseReturnValue:
    g.at = clock.now()
    path = f"/corrections/{correction_id}/{act}"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _corrections_page(forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("days.corrections"), 303)


def _corrections_page(form: Form, status: int = 200) -> ResponseReturnValue:
    state = request.args.get("state", "pending")
    state = state if state in _STATES else "pending"
    query = {"state": state, "limit": _SHOWN, **({"cursor": c} if (c := request.args.get("cursor")) else {})}
    page = services().get("production", "/corrections", **query).json
    known = names(inmate for one_ in page["items"] for inmate in _inmates_of(one_))
    return render(
        "days/corrections.html",
        {
            "page": page,
            "items": [
                {**one_, "lines": _lines(one_, known), "who": who(known, one_["inmate_id"])} for one_ in page["items"]
            ],
            "form": form,
            "state": state,
            "tabs": [
                (url_for("days.corrections", state=k), str(text), None, k == state) for k, text in _STATES.items()
            ],
            "officers": officers(
                actor for one_ in page["items"] for actor in (one_["requested_by"], one_["decided_by"])
            ),
        },
        status,
    )


def _inmates_of(correction: Mapping[str, Any]) -> Iterable[str]:
    if correction["inmate_id"]:
        yield correction["inmate_id"]
    proposal = correction["proposal"]
    for entry in proposal.get("entries", ()):
        yield entry["inmate_id"]
    for team in proposal.get("teams", ()):
        yield from (member["inmate_id"] for member in team["members"])


def _lines(correction: Mapping[str, Any], known: Mapping[str, Name]) -> list[dict[str, Any]]:
    """Return what a late entry would record, line by line."""
    stages = correction["stages"] or {}
    proposal = correction["proposal"]
    alone = [(entry, who(known, entry["inmate_id"])) for entry in proposal.get("entries", ())]
    together = [
        (team, ", ".join(who(known, m["inmate_id"]) for m in team["members"])) for team in proposal.get("teams", ())
    ]
    return [
        {"who": name, "stage": stages.get(one_["stage_id"], {}), **_made(one_)} for one_, name in (*alone, *together)
    ]


def _made(entry: Mapping[str, Any]) -> dict[str, int]:
    return {kind: entry.get(kind) or 0 for kind in ("good", "rework", "reject")}
