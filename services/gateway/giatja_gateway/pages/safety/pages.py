"""The screens of safety: reports and their follow-ups, and the gear of a shift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.actors import officers
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.floor.pages import SHIFTS
from giatja_gateway.pages.formats import as_day, format_month, local, today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.services import ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("safety", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="safety.overview",
        label=lazy("K3"),
        icon="bandaid",
        permission="safety.read",
        section=menu.FLOOR,
    ),
)
KINDS: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "incident": (lazy("Kecelakaan"), "merah", "bandaid"),
    "near_miss": (lazy("Nyaris celaka"), "kunyit", "exclamation-triangle"),
}
SEVERITIES: Final[Mapping[str, tuple[lazy, str]]] = {
    "minor": (lazy("Ringan"), "mori"),
    "moderate": (lazy("Sedang"), "kunyit"),
    "serious": (lazy("Berat"), "merah"),
    "fatal": (lazy("Meninggal"), "merah"),
}
_FOLLOW_UPS: Final[Mapping[str, lazy]] = {
    "open": lazy("Tindak lanjut terbuka"),
    "overdue": lazy("Lewat waktu"),
    "none": lazy("Tanpa tindak lanjut"),
}
_SHOWN: Final = 25
_REFUSED: Final = (403, 404, 409, 422)


@blueprint.get("/k3")
@needs("safety.read")
def overview() -> ResponseReturnValue:
    """Show how safe it was, what is still to be done, and the reports."""
    g.at = clock.now()
    query = {
        "kind": request.args.get("jenis"),
        "workshop_id": request.args.get("unit"),
        "follow_up": request.args.get("tindak"),
        "search": request.args.get("q", "").strip()[:100],
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/incidents", {name: value for name, value in query.items() if value}),
        summary=("production", "/safety/summary"),
        workshops=("production", "/workshops"),
    )
    rows = asked["page"]["items"] if asked["page"] else []
    months = asked["summary"]["months"] if asked["summary"] else []
    return render(
        "safety/overview.html",
        {
            **asked,
            "rows": rows,
            "units": _units(asked["workshops"]),
            "kinds": KINDS,
            "severities": SEVERITIES,
            "follow_ups": _FOLLOW_UPS,
            "months": [
                Part(label=format_month(as_day(f"{m['month'][:7]}-01"))[:3], value=m["incidents"] + m["near_misses"])
                for m in months
            ],
        },
    )


@blueprint.get("/k3/lapor")
@needs("safety.report")
def new() -> ResponseReturnValue:
    """Ask what happened."""
    g.at = clock.now()
    return _report_page(Form())


@blueprint.post("/k3/lapor")
@needs("safety.report")
def report() -> ResponseReturnValue:
    """Report an incident or a near miss."""
    g.at = clock.now()
    sent = request.form
    body = {
        "kind": sent.get("kind"),
        "severity": sent.get("severity"),
        "workshop_id": sent.get("workshop_id") or None,
        "stage_key": sent.get("stage_key") or None,
        "happened_at": _moment(sent.get("day", ""), sent.get("clock", "")),
        "what": sent.get("what", "").strip(),
        "first_aid": sent.get("first_aid", "").strip(),
        "injured": [i for i in sent.getlist("injured") if i],
    }
    if body["happened_at"] is None:
        return _report_page(forms.submitted(day=_("Isi tanggal dan jamnya.")), 422)
    try:
        made = services().post("production", "/incidents", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _report_page(forms.refused(problem.document), problem.status)
    toast(_("Laporan tersimpan. Kasi melihatnya sekarang."))
    return redirect(url_for("safety.one", incident_id=made["id"]), 303)


def _moment(day: str, hour: str) -> str | None:
    """Return a moment at the Lapas, nothing where day or hour is none."""
    try:
        return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(g.person.zone)).isoformat()
    except ValueError:
        return None


def _report_page(form: Form, status: int = 200) -> ResponseReturnValue:
    workshops = services().get("production", "/workshops").json["items"]
    unit = (
        form.value("workshop_id")
        or request.args.get("unit", "")
        or (str(workshops[0]["id"]) if len(workshops) == 1 else "")
    )
    detail = services().get("production", f"/workshops/{unit}").json if unit else None
    people = _people(unit) if unit else []
    return render(
        "safety/report.html",
        {
            "form": form,
            "units": [(w["id"], w["name"]) for w in workshops],
            "unit": unit,
            "stages": [(s["key"], s["name_en"] if current() == "en" else s["name"]) for s in detail["stages"]]
            if detail
            else [],
            "people": people,
            "kinds": KINDS,
            "severities": SEVERITIES,
            "now": local(g.at),
        },
        status,
    )


def _people(unit: str) -> list[tuple[str, str]]:
    """Return who may have been there: those on the sheet of today."""
    if not may("attendance.read"):
        return []
    query = {"workshop_id": unit, "work_date": today().isoformat(), "shift": "pagi"}
    found = services().get("production", "/attendance", **query).json["people"]
    known = names(p["inmate_id"] for p in found)
    rows = [(p["inmate_id"], known[p["inmate_id"]].name) for p in found if p["inmate_id"] in known]
    return sorted(rows, key=lambda row: row[1].casefold())


@blueprint.get("/k3/<uuid:incident_id>")
@needs("safety.read")
def one(incident_id: UUID) -> ResponseReturnValue:
    """Show one report with what is done about it."""
    g.at = clock.now()
    return _incident_page(incident_id, Form())


@blueprint.post("/k3/<uuid:incident_id>/tindak-lanjut")
@needs("safety.follow")
def follow_up(incident_id: UUID) -> ResponseReturnValue:
    """Have something done about it."""
    sent = request.form
    body = {
        "action": sent.get("action", "").strip(),
        "responsible": sent.get("responsible", "").strip(),
        "due_date": sent.get("due_date") or None,
    }
    return _act(incident_id, f"/incidents/{incident_id}/follow-ups", body, _("Tindak lanjut dicatat."))


@blueprint.post("/k3/<uuid:incident_id>/tindak-lanjut/<uuid:follow_up_id>/selesai")
@needs("safety.follow")
def done(incident_id: UUID, follow_up_id: UUID) -> ResponseReturnValue:
    """Say what came of a follow-up."""
    body = {"result": request.form.get("result", "").strip()}
    return _act(incident_id, f"/follow-ups/{follow_up_id}/done", body, _("Tindak lanjut selesai."))


def _act(incident_id: UUID, path: str, body: Mapping[str, Any], said: str) -> ResponseReturnValue:
    g.at = clock.now()
    try:
        services().post("production", path, body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED or problem.status == 404:
            raise
        return _incident_page(incident_id, forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("safety.one", incident_id=incident_id), 303)


def _incident_page(incident_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/incidents/{incident_id}").json
    known = names(found["injured"])
    actors = [found["reported_by"], *(a for f in found["actions"] for a in (f["asked_by"], f["done_by"]))]
    return render(
        "safety/one.html",
        {
            "found": found,
            "form": form,
            "injured": [
                known[i].name if i in known else _("WBP %(tail)s") % {"tail": i[-4:]} for i in found["injured"]
            ],
            "officers": officers(actors),
            "kinds": KINDS,
            "severities": SEVERITIES,
        },
        status,
    )


@blueprint.get("/k3/apd")
@needs("safety.read")
def gear() -> ResponseReturnValue:
    """Show the gear a workshop asks for in a shift, and check it."""
    g.at = clock.now()
    return _gear_page(Form())


@blueprint.post("/k3/apd")
@needs("safety.report")
def check_gear() -> ResponseReturnValue:
    """Say which gear is missing."""
    g.at = clock.now()
    sent = request.form
    items = [
        {"gear": sent.get(f"gear.{name.partition('.')[2]}", ""), "missing": value or "0"}
        for name, value in sent.items()
        if name.startswith("missing.")
    ]
    where = {"workshop_id": sent.get("unit"), "work_date": sent.get("tanggal"), "shift": sent.get("shift")}
    try:
        body = {**where, "items": items, "note": sent.get("note", "").strip()}
        services().post("production", "/gear", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _gear_page(forms.refused(problem.document), problem.status)
    toast(_("Pemeriksaan APD tersimpan."))
    return redirect(
        url_for("safety.gear", unit=sent.get("unit"), tanggal=sent.get("tanggal"), shift=sent.get("shift")), 303
    )


def _gear_page(form: Form, status: int = 200) -> ResponseReturnValue:
    given = request.form if request.method == "POST" else request.args
    units = _units(services().get("production", "/workshops").json)
    shift = given.get("shift", "")
    chosen = {
        "unit": given.get("unit", "") or (str(units[0][0]) if units else ""),
        "tanggal": given.get("tanggal") or today().isoformat(),
        "shift": shift if shift in {key for key, _label, _icon in SHIFTS} else "pagi",
    }
    seen = None
    if chosen["unit"]:
        query = {"workshop_id": chosen["unit"], "work_date": chosen["tanggal"], "shift": chosen["shift"]}
        seen = services().get("production", "/gear", **query).json
    checks = seen["checks"] if seen else []
    context = {**chosen, "form": form, "units": units, "shifts": SHIFTS, "seen": seen}
    return render("safety/gear.html", {**context, "officers": officers(c["checked_by"] for c in checks)}, status)


def _units(workshops: Any) -> list[tuple[str, str]]:
    return [(w["id"], w["name"]) for w in workshops["items"]] if workshops else []
