"""The screens of duty: the roster of a week or a month, one turn, officers and posts, and the log of a shift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.floor.pages import SHIFTS
from giatja_gateway.pages.formats import as_day, local, today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy, ngettext
from giatja_gateway.reports.pdf import officials, pdf
from giatja_gateway.services import ServiceProblem, services
from giatja_kit import clock

blueprint = Blueprint("duty", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="duty.roster",
        label=lazy("Jadwal piket"),
        icon="calendar3-week",
        permission="duty.read",
        section=menu.FLOOR,
    ),
    NavItem(
        endpoint="duty.logs",
        label=lazy("Jurnal shift"),
        icon="journal-text",
        permission="duty.read",
        section=menu.FLOOR,
    ),
)
BECAUSE: Final[Mapping[str, lazy]] = {
    "leave": lazy("cuti"),
    "rank": lazy("golongan belum cukup"),
    "same_day": lazy("sudah bertugas hari itu"),
    "rest": lazy("baru selesai tugas malam"),
    "later": lazy("bertugas lebih baru"),
}
WEEKDAYS: Final = (
    lazy("Senin"), lazy("Selasa"), lazy("Rabu"), lazy("Kamis"), lazy("Jumat"), lazy("Sabtu"), lazy("Minggu"),
)  # fmt: skip
_WEEK: Final = 7
_LONGEST: Final = 62
_SHOWN: Final = 25
_NOON: Final = 13
_REFUSED: Final = (403, 404, 409, 412, 422)
_HERE: Final = Path(__file__).parent


@blueprint.get("/piket")
@needs("duty.read")
def roster() -> ResponseReturnValue:
    """Show whose turn it is, a week at a time."""
    g.at = clock.now()
    return _roster_page(Form())


@blueprint.post("/piket/usulkan")
@needs("duty.write")
def propose() -> ResponseReturnValue:
    """Have turns proposed for the posts of some days."""
    found = _ask("/duty/roster/propose")
    if not isinstance(found, Mapping):
        return found
    said = ngettext("%(num)s giliran diusulkan.", "%(num)s giliran diusulkan.", found["turns"]) % {
        "num": found["turns"]
    }
    if found["vacant"]:
        said += " " + _("%(n)s belum terisi.") % {"n": found["vacant"]}
    toast(said, "kunyit" if found["vacant"] else "daun")
    return redirect(url_for("duty.roster", mulai=request.form.get("first")), 303)


@blueprint.post("/piket/terbitkan")
@needs("duty.write")
def publish() -> ResponseReturnValue:
    """Publish what is proposed of some days."""
    found = _ask("/duty/roster/publish")
    if not isinstance(found, Mapping):
        return found
    turns = found["turns"]
    toast(ngettext("%(num)s giliran diterbitkan.", "%(num)s giliran diterbitkan.", turns) % {"num": turns})
    return redirect(url_for("duty.roster", mulai=request.form.get("first")), 303)


def _ask(path: str) -> Mapping[str, Any] | ResponseReturnValue:
    g.at = clock.now()
    body = {"first": request.form.get("first"), "last": request.form.get("last")}
    try:
        found: Mapping[str, Any] = services().post("production", path, body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _roster_page(forms.refused(problem.document), problem.status)
    return found


def _week() -> tuple[date, date]:
    """Return the first and the last day shown: the week of the address, or this one."""
    try:
        first = date.fromisoformat(request.values.get("mulai") or request.values.get("first") or "")
    except ValueError:
        first = today()
    monday = first - timedelta(days=first.weekday())
    return monday, monday + timedelta(days=_WEEK - 1)


def _roster_page(form: Form, status: int = 200) -> ResponseReturnValue:
    first, last = _week()
    found = services().get("production", "/duty/roster", first=first.isoformat(), last=last.isoformat()).json
    month_end = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(_WEEK)]
    return render(
        "duty/roster.html",
        {
            "form": form,
            "found": found,
            "days": days,
            "rows": _grid(found, days),
            "free": {h["day"]: h["name"] for h in found["holidays"]},
            "first": first,
            "last": last,
            "earlier": (first - timedelta(days=_WEEK)).isoformat(),
            "later": (first + timedelta(days=_WEEK)).isoformat(),
            "month_end": max(month_end, last),
            "load": [Part(label=_short(o["name"]), value=o["turns"]) for o in found["officers"] if o["active"]],
            "mine": [t for t in found["turns"] if found["me"] and t["officer_id"] == found["me"]],
        },
        status,
    )


def _short(name: str) -> str:
    """Give a name that fits below a column and still tells two of the same first name apart."""
    first, *others = name.split() or [""]
    return f"{first[:9]} {others[-1][0]}." if others else first[:11]


def _grid(found: Mapping[str, Any], days: list[date]) -> list[dict[str, Any]]:
    """Return a row for each workshop and shift, with the turns of each day."""
    order = {key: nth for nth, (key, _label, _icon) in enumerate(SHIFTS)}
    places = {(t["workshop_name"], t["workshop_id"], t["shift"]) for t in found["turns"]}
    places |= {(p["workshop_name"], p["workshop_id"], p["shift"]) for p in found["posts"] if p["active"]}
    return [
        {
            "workshop": name,
            "shift": shift,
            "days": [
                [
                    t
                    for t in found["turns"]
                    if (t["workshop_id"], t["shift"], t["work_date"]) == (workshop_id, shift, day.isoformat())
                ]
                for day in days
            ],
        }
        for name, workshop_id, shift in sorted(places, key=lambda p: (p[0].casefold(), order.get(p[2], 9)))
    ]


@blueprint.get("/piket/cetak")
@needs("duty.read")
def print_roster() -> ResponseReturnValue:
    """Give the roster of four weeks as a paper."""
    g.at = clock.now()
    first, _last = _week()
    last = first + timedelta(days=4 * _WEEK - 1)
    found = services().get("production", "/duty/roster", first=first.isoformat(), last=last.isoformat()).json
    published = [t for t in found["turns"] if t["state"] == "published"]
    data = {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "rows": [
            {
                "day": t["work_date"],
                "weekday": str(WEEKDAYS[as_day(t["work_date"]).weekday()]),
                "shift": t["shift"],
                "workshop": t["workshop_name"],
                "officer": t["officer_name"] or "",
                "instead": t["stands_in_for_name"] or "",
            }
            for t in sorted(published, key=lambda t: (t["work_date"], t["workshop_name"], t["shift"], t["place"]))
        ],
        "signers": officials(["kasubsi_bimker", "kasi_giatja"], day=first),
    }
    return pdf(_HERE / "papers" / "roster.typ", data, name=f"jadwal-piket-{first:%Y-%m-%d}", day=first)


@blueprint.get("/piket/giliran/<uuid:turn_id>")
@needs("duty.read")
def turn(turn_id: UUID) -> ResponseReturnValue:
    """Show one turn: why this officer, what happened to it, who else could."""
    g.at = clock.now()
    return _turn_page(turn_id, Form())


@blueprint.post("/piket/giliran/<uuid:turn_id>/ganti")
@needs("duty.write")
def assign(turn_id: UUID) -> ResponseReturnValue:
    """Give the turn to somebody else, or leave it vacant."""
    body = {"officer_id": request.form.get("officer_id") or None, "reason": request.form.get("reason", "").strip()}
    return _on_turn(turn_id, f"/duty/turns/{turn_id}/assign", body, _("Giliran diubah."), versioned=True)


@blueprint.post("/piket/giliran/<uuid:turn_id>/menggantikan")
@needs("duty.log")
def cover(turn_id: UUID) -> ResponseReturnValue:
    """Have somebody stand in today."""
    body = {"officer_id": request.form.get("officer_id") or None, "reason": request.form.get("reason", "").strip()}
    return _on_turn(turn_id, f"/duty/turns/{turn_id}/cover", body, _("Pengganti dicatat."), versioned=True)


@blueprint.post("/piket/giliran/<uuid:turn_id>/tukar")
@needs("duty.log")
def ask_swap(turn_id: UUID) -> ResponseReturnValue:
    """Ask another officer to change turns."""
    body = {
        "other_turn_id": request.form.get("other_turn_id") or None,
        "reason": request.form.get("reason", "").strip(),
    }
    return _on_turn(turn_id, f"/duty/turns/{turn_id}/swaps", body, _("Permintaan tukar terkirim."))


@blueprint.post("/piket/tukar/<uuid:swap_id>/<answer>")
@needs("duty.log")
def answer_swap(swap_id: UUID, answer: str) -> ResponseReturnValue:
    """Agree to a swap or refuse it."""
    g.at = clock.now()
    act = "agree" if answer == "setuju" else "refuse"
    try:
        services().post("production", f"/duty/swaps/{swap_id}/{act}", key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _roster_page(forms.refused(problem.document), problem.status)
    toast(_("Giliran ditukar.") if act == "agree" else _("Permintaan tukar ditolak."))
    return redirect(url_for("duty.roster"), 303)


def _on_turn(
    turn_id: UUID, path: str, body: Mapping[str, Any], said: str, *, versioned: bool = False
) -> ResponseReturnValue:
    g.at = clock.now()
    version = forms.sent_version() if versioned else None
    try:
        services().post("production", path, body, key=forms.sent_key(), version=version)
    except ServiceProblem as problem:
        if problem.status not in _REFUSED or problem.status == 404:
            raise
        return _turn_page(turn_id, forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("duty.turn", turn_id=turn_id), 303)


def _turn_page(turn_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/duty/turns/{turn_id}").json
    return render("duty/turn.html", {"turn": found, "form": form, "because": BECAUSE}, status)


@blueprint.get("/piket/petugas")
@needs("duty.read")
def officer_list() -> ResponseReturnValue:
    """List who takes turns, and the posts that need them."""
    return _officers_page(Form())


@blueprint.post("/piket/petugas")
@needs("duty.write")
def add_officer() -> ResponseReturnValue:
    """Enter an officer."""
    sent = request.form
    body = {"name": sent.get("name", "").strip(), "grade": sent.get("grade", "").strip()}
    return _keep("POST", "/duty/officers", body, _("Petugas dicatat."))


@blueprint.post("/piket/petugas/<uuid:officer_id>")
@needs("duty.write")
def change_officer(officer_id: UUID) -> ResponseReturnValue:
    """Change what is known of an officer."""
    sent = request.form
    body = {
        "name": sent.get("name", "").strip(),
        "grade": sent.get("grade", "").strip(),
        "person_id": sent.get("person_id") or None,
        "active": sent.get("active") == "1",
    }
    return _keep("PATCH", f"/duty/officers/{officer_id}", body, _("Petugas disimpan."))


@blueprint.post("/piket/petugas/<uuid:officer_id>/cuti")
@needs("duty.write")
def add_leave(officer_id: UUID) -> ResponseReturnValue:
    """Note a leave; turns proposed from then on go round it."""
    sent = request.form
    body = {name: sent.get(name, "").strip() or None for name in ("first_day", "last_day", "reason")}
    return _keep("POST", f"/duty/officers/{officer_id}/leave", body, _("Cuti dicatat."))


@blueprint.post("/piket/cuti/<uuid:leave_id>/batal")
@needs("duty.write")
def withdraw_leave(leave_id: UUID) -> ResponseReturnValue:
    """Withdraw a leave."""
    return _keep("POST", f"/duty/leave/{leave_id}/withdraw", {}, _("Cuti dibatalkan."))


@blueprint.post("/piket/pos")
@needs("duty.write")
def add_post() -> ResponseReturnValue:
    """Say that a workshop needs officers in a shift."""
    sent = request.form
    body = {"workshop_id": sent.get("workshop_id") or None, "shift": sent.get("shift"), **_wanted()}
    return _keep("POST", "/duty/posts", body, _("Pos dicatat."))


@blueprint.post("/piket/pos/<uuid:post_id>")
@needs("duty.write")
def change_post(post_id: UUID) -> ResponseReturnValue:
    """Change how many officers a post needs, and when."""
    return _keep(
        "PATCH",
        f"/duty/posts/{post_id}",
        {**_wanted(), "active": request.form.get("active") == "1"},
        _("Pos disimpan."),
    )


def _wanted() -> dict[str, Any]:
    sent = request.form
    return {
        "weekdays": sent.getlist("weekdays"),
        "officers": sent.get("officers") or None,
        "lowest_grade": sent.get("lowest_grade", "").strip() or None,
        "senior_grade": sent.get("senior_grade", "").strip() or None,
    }


def _keep(method: str, path: str, body: Mapping[str, Any], said: str) -> ResponseReturnValue:
    try:
        if method == "PATCH":
            services().patch("production", path, body, version=forms.sent_version())
        else:
            services().post("production", path, body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _officers_page(forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("duty.officer_list"), 303)


def _officers_page(form: Form, status: int = 200) -> ResponseReturnValue:
    g.at = clock.now()
    asked = services().together(
        officers=("production", "/duty/officers"),
        posts=("production", "/duty/posts"),
        workshops=("production", "/workshops"),
    )
    units = [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else []
    return render(
        "duty/officers.html",
        {
            **asked,
            "form": form,
            "units": units,
            "shifts": [(k, label) for k, label, _i in SHIFTS],
            "weekdays": WEEKDAYS,
        },
        status,
    )


@blueprint.get("/piket/jurnal")
@needs("duty.read")
def logs() -> ResponseReturnValue:
    """List the logs of shifts, those that are open first of all."""
    g.at = clock.now()
    return _logs_page(Form())


@blueprint.post("/piket/jurnal")
@needs("duty.log")
def begin() -> ResponseReturnValue:
    """Begin the log of a shift."""
    g.at = clock.now()
    sent = request.form
    body = {
        "workshop_id": sent.get("workshop_id") or None,
        "work_date": sent.get("work_date") or today().isoformat(),
        "shift": sent.get("shift"),
        "head_start": sent.get("head_start") or None,
        "tools_start": sent.get("tools_start") or None,
        "gear": sent.get("gear", "").strip(),
        "notes": sent.get("notes", "").strip(),
    }
    try:
        made = services().post("production", "/duty/logs", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _logs_page(forms.refused(problem.document), problem.status)
    toast(_("Jurnal shift dibuka."))
    return redirect(url_for("duty.log", log_id=made["id"]), 303)


def _logs_page(form: Form, status: int = 200) -> ResponseReturnValue:
    query = {
        "state": {"open": "open", "closed": "closed"}.get(request.args.get("tab", "")),
        "workshop_id": request.args.get("unit"),
        "search": request.args.get("q", "").strip()[:100],
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/duty/logs", {name: value for name, value in query.items() if value}),
        workshops=("production", "/workshops"),
    )
    tabs = [
        (url_for("duty.logs", tab=key or None), text, None, request.args.get("tab", "") == key)
        for key, text in (("", _("Semua")), ("open", _("Terbuka")), ("closed", _("Ditutup")))
    ]
    return render(
        "duty/logs.html",
        {
            **asked,
            "form": form,
            "rows": asked["page"]["items"] if asked["page"] else [],
            "tabs": tabs,
            "units": [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else [],
            "shifts": [(key, label) for key, label, _icon in SHIFTS],
            "shift_now": "pagi" if local(g.at).hour < _NOON else "siang",
        },
        status,
    )


@blueprint.get("/piket/jurnal/<uuid:log_id>")
@needs("duty.read")
def log(log_id: UUID) -> ResponseReturnValue:
    """Show the log of a shift and how the shift stands."""
    g.at = clock.now()
    return _log_page(log_id, Form())


@blueprint.post("/piket/jurnal/<uuid:log_id>")
@needs("duty.log")
def write(log_id: UUID) -> ResponseReturnValue:
    """Write into an open log."""
    sent = request.form
    body = {name: sent.get(name) or None for name in ("head_start", "tools_start")}
    body |= {name: sent.get(name, "").strip() for name in ("gear", "notes", "handover")}
    return _on_log(log_id, "PATCH", f"/duty/logs/{log_id}", body, _("Jurnal disimpan."))


@blueprint.post("/piket/jurnal/<uuid:log_id>/tutup")
@needs("duty.log")
def close(log_id: UUID) -> ResponseReturnValue:
    """Close the shift: heads and tools counted."""
    sent = request.form
    body = {
        "head_end": sent.get("head_end") or None,
        "tools_end": sent.get("tools_end") or None,
        "difference": sent.get("difference", "").strip(),
        "handover": sent.get("handover", "").strip(),
    }
    return _on_log(log_id, "POST", f"/duty/logs/{log_id}/close", body, _("Shift ditutup."))


@blueprint.post("/piket/jurnal/<uuid:log_id>/tambah")
@needs("duty.log")
def add(log_id: UUID) -> ResponseReturnValue:
    """Add to a closed log."""
    g.at = clock.now()
    body = {"text": request.form.get("text", "").strip()}
    return _on_log(log_id, "ADD", f"/duty/logs/{log_id}/addenda", body, _("Tambahan dicatat."))


def _on_log(log_id: UUID, method: str, path: str, body: Mapping[str, Any], said: str) -> ResponseReturnValue:
    g.at = clock.now()
    try:
        if method == "PATCH":
            services().patch("production", path, body, version=forms.sent_version())
        else:
            version = None if method == "ADD" else forms.sent_version()
            services().post("production", path, body, key=forms.sent_key(), version=version)
    except ServiceProblem as problem:
        if problem.status not in _REFUSED or problem.status == 404:
            raise
        return _log_page(log_id, forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("duty.log", log_id=log_id), 303)


def _log_page(log_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/duty/logs/{log_id}").json
    return render("duty/log.html", {"log": found, "form": form}, status)


@blueprint.get("/piket/jurnal/<uuid:log_id>/cetak")
@needs("duty.read")
def print_log(log_id: UUID) -> ResponseReturnValue:
    """Give the log of a shift as a paper."""
    g.at = clock.now()
    found = services().get("production", f"/duty/logs/{log_id}").json
    data = {
        "log": {k: found[k] for k in found if k not in ("on_duty", "tools_out", "addenda", "tools", "handed_over")},
        "officers": [t["officer_name"] for t in found["on_duty"] if t["officer_name"]],
        "addenda": [{"text": a["text"], "name": a["name"] or "", "at": str(a["at"])[:10]} for a in found["addenda"]],
        "signers": officials(["petugas", "kasi_giatja"], day=as_day(found["work_date"])),
    }
    day = as_day(found["work_date"])
    return pdf(_HERE / "papers" / "log.typ", data, name=f"jurnal-harian-{found['work_date']}-{found['shift']}", day=day)
