"""The screens behind a workshop: its route and the versions of it, defects, machines; and when the Lapas works."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.actors import officers
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.duty.pages import WEEKDAYS
from giatja_gateway.pages.floor.pages import SHIFTS
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.inmates.words import named
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import Answer, ServiceProblem, services
from giatja_kit import clock

blueprint = Blueprint("workshops", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="workshops.calendar",
        label=lazy("Kalender kerja"),
        icon="calendar-week",
        permission="workshops.read",
        section=menu.OFFICE,
    ),
)
FIELDS: Final[Mapping[str, lazy]] = {
    "name": lazy("nama"),
    "name_en": lazy("nama Inggris"),
    "unit": lazy("satuan"),
    "standard_minutes": lazy("menit baku"),
    "competence": lazy("kompetensi"),
    "counts_quality": lazy("QC"),
    "hazards": lazy("bahaya"),
    "gear": lazy("APD"),
}
# What the fields are called where that is not what the service calls them.
_FIELD_NAMES: Final = {"standard_minutes": "minutes", "key": "name", "hazards": "hazards_more", "gear": "gear_more"}
_NEW_ROWS: Final = 2
_ROLL_CALLS: Final = 6
_REFUSED: Final = (403, 409, 412, 422)


# -- the route


@blueprint.get("/unit-kerja/<uuid:workshop_id>/rute")
@needs("workshops.write")
def route(workshop_id: UUID) -> ResponseReturnValue:
    """Show the stages to be changed."""
    g.at = clock.now()
    found = _workshop(workshop_id)
    return _route_page(found, [*found["stages"], *({} for _row in range(_NEW_ROWS))], Form())


@blueprint.post("/unit-kerja/<uuid:workshop_id>/rute")
@needs("workshops.write")
def change_route(workshop_id: UUID) -> ResponseReturnValue:
    """Show what other stages would change, and on the second asking make it the next version."""
    g.at = clock.now()
    rows = _rows()
    stages = [_stage(row) for row in rows]
    rows += [{} for _row in range(_NEW_ROWS)]
    try:
        if request.form.get("act") == "save":
            body = {"stages": stages}
            services().patch("production", f"/workshops/{workshop_id}", body, version=forms.sent_version())
            toast(_("Rute disimpan. Perintah kerja yang berjalan tetap memakai rute lamanya."))
            return redirect(url_for("production.workshop", workshop_id=workshop_id), 303)
        preview = services().post("production", f"/workshops/{workshop_id}/route-preview", {"stages": stages}).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _route_page(_workshop(workshop_id), rows, forms.refused(problem.document, _stage_field), problem.status)
    return _route_page(_workshop(workshop_id), rows, Form(), preview=preview)


def _stage_field(pointer: str) -> str:
    """Return where a complaint belongs: ``/stages/2/standard_minutes`` is ``/minutes.2``, rows being in the order sent."""
    match = re.fullmatch(r"/stages/(\d+)/(\w+).*", pointer)
    return f"/{_FIELD_NAMES.get(match[2], match[2])}.{match[1]}" if match else pointer


def _rows() -> list[dict[str, Any]]:
    """Return the rows of the form that are a stage, in the order of their numbers."""
    sent = request.form
    places = sorted({name.partition(".")[2] for name in sent if name.startswith("name.")}, key=int)
    rows = [
        {
            "no": sent.get(f"no.{n}", ""),
            "key": sent.get(f"key.{n}", "") or _key(sent.get(f"name.{n}", "")),
            "name": sent.get(f"name.{n}", "").strip(),
            "name_en": sent.get(f"name_en.{n}", "").strip(),
            "unit": sent.get(f"unit.{n}", "").strip(),
            "standard_minutes": sent.get(f"minutes.{n}", ""),
            "competence": sent.get(f"competence.{n}", ""),
            "counts_quality": sent.get("quality") == n,
            "hazards": sent.getlist(f"hazards.{n}") + _words(sent.get(f"hazards_more.{n}", "")),
            "gear": sent.getlist(f"gear.{n}") + _words(sent.get(f"gear_more.{n}", "")),
        }
        for n in places
        if sent.get(f"name.{n}", "").strip() and not sent.get(f"gone.{n}")
    ]
    return sorted(rows, key=lambda row: int(row["no"]) if str(row["no"]).isdecimal() else 99)


def _stage(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: row[k] for k in ("key", "name", "counts_quality", "hazards", "gear")}
    return {
        **kept,
        "name_en": row["name_en"] or None,
        "unit": row["unit"] or "pcs",
        "standard_minutes": row["standard_minutes"] or 0,
        "competence": row["competence"] or None,
    }


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "tahap"


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _route_page(
    found: Mapping[str, Any], rows: list[Any], form: Form, status: int = 200, *, preview: Any = None
) -> ResponseReturnValue:
    lists = _lists()
    context = {
        "workshop": found,
        "rows": rows,
        "form": form,
        "preview": preview,
        "units": [(unit, unit) for unit in lists["units"]],
        "competences": sorted(lists["competences"].items(), key=lambda item: item[1].casefold()),
        "words": {name: list(lists[name].items()) for name in ("hazards", "gear")},
        "called": _called(lists),
        "fields": FIELDS,
    }
    return render("workshops/route.html", context, status)


def _lists() -> dict[str, Any]:
    """Return what a stage may name, each key with what it is called: hazards, gear, competences; and the units."""
    asked = services().together(lists=("production", "/workshop-lists"), catalogue=("training", "/competences"))
    lists = asked["lists"] or {"hazards": [], "gear": [], "competences": [], "units": []}
    competences = {key: key.replace("_", " ") for key in lists["competences"]}
    competences |= {c["key"]: named(c) for c in (asked["catalogue"] or {"items": []})["items"] if c["active"]}
    called = {name: {one["key"]: named(one) for one in lists[name]} for name in ("hazards", "gear")}
    return {"units": lists["units"], "competences": competences, **called}


def _called(lists: Mapping[str, Any]) -> dict[str, str]:
    return {**lists["hazards"], **lists["gear"], **lists["competences"]}


def _workshop(workshop_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = services().get("production", f"/workshops/{workshop_id}").json
    return found


@blueprint.get("/unit-kerja/<uuid:workshop_id>/versi")
@needs("workshops.read")
def versions(workshop_id: UUID) -> ResponseReturnValue:
    """List the versions of a route, each with what it changed."""
    g.at = clock.now()
    items = services().get("production", f"/workshops/{workshop_id}/routes").json["items"]
    paths = {
        f"v{item['version_no']}": ("production", f"/workshops/{workshop_id}/routes/{item['version_no']}")
        for item in items[:12]
    }
    told = services().together(**paths)
    rows = [
        {**item, "differences": (told.get(f"v{item['version_no']}") or {}).get("differences", [])} for item in items
    ]
    context = {
        "workshop": _workshop(workshop_id),
        "rows": rows,
        "fields": FIELDS,
        "called": _called(_lists()),
        "officers": officers(row["changed_by"] for row in rows),
    }
    return render("workshops/versions.html", context)


# -- what else belongs to it


@blueprint.get("/unit-kerja/<uuid:workshop_id>/mesin")
@needs("workshops.read")
def machines(workshop_id: UUID) -> ResponseReturnValue:
    """List the machines of a workshop, those that stand still first."""
    g.at = clock.now()
    return _machines_page(workshop_id, Form())


@blueprint.post("/unit-kerja/<uuid:workshop_id>/mesin")
@needs("workshops.write")
def add_machine(workshop_id: UUID) -> ResponseReturnValue:
    """Add a machine."""
    body = {**_machine(), "workshop_id": str(workshop_id)}
    return _on_machines(
        workshop_id, lambda: services().post("production", "/machines", body, key=forms.sent_key()), _("Mesin dicatat.")
    )


@blueprint.post("/unit-kerja/<uuid:workshop_id>/mesin/<uuid:machine_id>")
@needs("workshops.write")
def change_machine(workshop_id: UUID, machine_id: UUID) -> ResponseReturnValue:
    """Correct a machine, or take it out of use."""
    body = {**_machine(), "active": request.form.get("active") == "1"}
    return _on_machines(
        workshop_id,
        lambda: services().patch("production", f"/machines/{machine_id}", body, version=forms.sent_version()),
        _("Mesin disimpan."),
    )


@blueprint.post("/unit-kerja/<uuid:workshop_id>/mesin/<uuid:machine_id>/<act>")
@needs("machines.report")
def report_machine(workshop_id: UUID, machine_id: UUID, act: str) -> ResponseReturnValue:
    """Say that a machine stands still, or that it runs again."""
    down = act == "rusak"
    path = f"/machines/{machine_id}/{'downtimes' if down else 'running'}"
    body = {"reason": request.form.get("reason", "").strip()} if down else {}
    said = _("Mesin dilaporkan rusak; rencana menghitungnya.") if down else _("Mesin berjalan lagi.")
    return _on_machines(workshop_id, lambda: services().post("production", path, body, key=forms.sent_key()), said)


def _machine() -> dict[str, Any]:
    sent = request.form
    return {
        "name": sent.get("name", "").strip(),
        "stage_key": sent.get("stage_key") or None,
        "capacity_minutes_per_day": sent.get("capacity_minutes_per_day") or None,
    }


def _on_machines(workshop_id: UUID, act: Callable[[], Answer], said: str) -> ResponseReturnValue:
    g.at = clock.now()
    try:
        act()
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _machines_page(workshop_id, forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("workshops.machines", workshop_id=workshop_id), 303)


def _machines_page(workshop_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = _workshop(workshop_id)
    items = services().get("production", "/machines", workshop_id=str(workshop_id)).json["items"]
    stages = [(s["key"], s["name"]) for s in found["stages"]]
    return render(
        "workshops/machines.html", {"workshop": found, "machines": items, "stages": stages, "form": form}, status
    )


@blueprint.post("/unit-kerja/<uuid:workshop_id>/nama")
@needs("workshops.write")
def rename(workshop_id: UUID) -> ResponseReturnValue:
    """Give a workshop another name."""
    return _on_workshop(workshop_id, "PATCH", "", {"name": request.form.get("name", "").strip()}, _("Nama disimpan."))


@blueprint.post("/unit-kerja/<uuid:workshop_id>/cacat")
@needs("workshops.write")
def set_defects(workshop_id: UUID) -> ResponseReturnValue:
    """Keep the defects as they are written, one a line, with their English behind a stroke."""
    known = {d["name"].casefold(): d["key"] for d in _workshop(workshop_id)["defects"]}
    defects = []
    for line in request.form.get("defects", "").splitlines():
        name, _stroke, english = (part.strip() for part in line.partition("|"))
        if name:
            key = known.get(name.casefold()) or _key(name)
            defects.append({"key": key, "name": name, "name_en": english or None})
    return _on_workshop(workshop_id, "PATCH", "", {"defects": defects}, _("Jenis cacat disimpan."))


@blueprint.post("/unit-kerja/<uuid:workshop_id>/tutup")
@needs("workshops.write")
def close(workshop_id: UUID) -> ResponseReturnValue:
    """Close a workshop in which nothing is open."""
    return _on_workshop(workshop_id, "POST", "/close", {}, _("Unit kerja ditutup."))


@blueprint.post("/unit-kerja/<uuid:workshop_id>/buka")
@needs("workshops.write")
def reopen(workshop_id: UUID) -> ResponseReturnValue:
    """Open a closed workshop again."""
    return _on_workshop(workshop_id, "POST", "/reopen", {}, _("Unit kerja dibuka lagi."))


def _on_workshop(workshop_id: UUID, method: str, act: str, body: Mapping[str, Any], said: str) -> ResponseReturnValue:
    path, version = f"/workshops/{workshop_id}{act}", forms.sent_version()
    try:
        if method == "PATCH":
            services().patch("production", path, body, version=version)
        else:
            services().post("production", path, body, key=forms.sent_key(), version=version)
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        errors = problem.document.get("errors") or [{}]
        toast(str(errors[0].get("detail") or problem.document.get("title", "")), "merah")
    else:
        toast(said)
    return redirect(url_for("production.workshop", workshop_id=workshop_id), 303)


# -- when the Lapas works


@blueprint.get("/kalender")
@needs("workshops.read")
def calendar() -> ResponseReturnValue:
    """Show hours, roll-calls and the free days of a year."""
    g.at = clock.now()
    return _calendar_page(Form())


@blueprint.post("/kalender/jam")
@needs("workshops.write")
def set_hours() -> ResponseReturnValue:
    """Set hours and roll-calls."""
    sent = request.form
    hours = [
        {
            "weekday": day,
            "shift": key,
            "starts": sent[f"starts.{day}.{key}"],
            "ends": sent.get(f"ends.{day}.{key}") or None,
        }
        for day in range(1, len(WEEKDAYS) + 1)
        for key, _label, _icon in SHIFTS
        if sent.get(f"starts.{day}.{key}")
    ]
    calls = [{"at": sent[f"at.{n}"], "minutes": sent.get(f"minutes.{n}") or None} for n in _calls_sent()]
    body = {"hours": hours, "roll_calls": calls}
    return _on_calendar(
        lambda: services().patch("production", "/calendar", body, version=forms.sent_version()),
        _("Jam kerja disimpan."),
        {"hours": [f"{h['weekday']}.{h['shift']}" for h in hours], "roll_calls": _calls_sent()},
    )


def _calls_sent() -> list[str]:
    """Return the rows of the form that hold a roll-call."""
    return [str(n) for n in range(_ROLL_CALLS) if request.form.get(f"at.{n}")]


@blueprint.post("/kalender/libur")
@needs("workshops.write")
def add_holiday() -> ResponseReturnValue:
    """Keep a free day."""
    body = {"days": [{"day": request.form.get("day") or None, "name": request.form.get("name", "").strip()}]}
    return _on_calendar(
        lambda: services().post("production", "/calendar/holidays", body, key=forms.sent_key()),
        _("Hari libur disimpan."),
    )


@blueprint.post("/kalender/libur/<day>/hapus")
@needs("workshops.write")
def remove_holiday(day: str) -> ResponseReturnValue:
    """Make a free day a day of work again."""
    path = f"/calendar/holidays/{day}/removal"
    return _on_calendar(
        lambda: services().post("production", path, {}, key=forms.sent_key()), _("Hari itu menjadi hari kerja lagi.")
    )


def _on_calendar(
    act: Callable[[], Answer], said: str, rows: Mapping[str, list[str]] | None = None
) -> ResponseReturnValue:
    """Do something to the calendar; refused, the page comes back as it was filled in.

    :param rows: of each list that was sent, which row of the form each of its things stood in.
    """
    g.at = clock.now()
    try:
        act()
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        form = forms.refused(problem.document, lambda pointer: _field_of(pointer, rows or {}))
        return _calendar_page(form, problem.status)
    toast(said)
    return redirect(url_for("workshops.calendar", tahun=request.form.get("year") or None), 303)


def _field_of(pointer: str, rows: Mapping[str, list[str]]) -> str:
    """Return where a complaint belongs: ``/hours/3/starts`` is ``/starts.2.pagi`` where the third was Tuesday morning."""
    match = re.fullmatch(r"/(hours|roll_calls)/(\d+)/(\w+)", pointer)
    if match is None or int(match[2]) >= len(rows.get(match[1], ())):
        return pointer
    return f"/{match[3]}.{rows[match[1]][int(match[2])]}"


def _calendar_page(form: Form, status: int = 200) -> ResponseReturnValue:
    asked = request.values.get("tahun") or request.values.get("year") or ""
    year = int(asked) if re.fullmatch(r"20\d\d", asked) else today().year
    found = services().get("production", "/calendar", year=year).json
    hours = {(h["weekday"], h["shift"]): (h["starts"][:5], h["ends"][:5]) for h in found["hours"]}
    calls = [(c["at"][:5], c["minutes"]) for c in found["roll_calls"]]
    calls += [("", "")] * (_ROLL_CALLS - len(calls))
    return render(
        "workshops/calendar.html",
        {
            "found": found,
            "form": form,
            "hours": hours,
            "calls": calls,
            "weekdays": WEEKDAYS,
            "shifts": SHIFTS,
            "field_labels": {
                f"{end}.{nth}.{key}": f"{day}, {label}"
                for nth, day in enumerate(WEEKDAYS, start=1)
                for key, label, _icon in SHIFTS
                for end in ("starts", "ends")
            },
            "officers": officers([found["changed_by"]]),
        },
        status,
    )
