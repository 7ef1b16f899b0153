"""The screens of attendance: the sheet of a shift, a month, the reasons, and both on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.actors import officers
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.floor.pages import SHIFTS
from giatja_gateway.pages.formats import as_day, format_month, today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, current, lazy, ngettext
from giatja_gateway.reports.pdf import officials, pdf
from giatja_gateway.reports.xlsx import Column, xlsx
from giatja_gateway.services import Name, ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("attendance", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="attendance.sheet",
        label=lazy("Absensi"),
        icon="person-check",
        permission="attendance.read",
        section=menu.FLOOR,
    ),
)
STATUSES: Final[Mapping[str, lazy]] = {
    "hadir": lazy("Hadir"),
    "izin": lazy("Izin"),
    "sakit": lazy("Sakit"),
    "tidak_hadir": lazy("Tidak hadir"),
}
_REFUSED: Final = (409, 422)
_MONTHS_BACK: Final = 12
_HERE: Final = Path(__file__).parent


@blueprint.get("/absensi")
@needs("attendance.read")
def sheet() -> ResponseReturnValue:
    """Choose day, shift and workshop, and mark who is there."""
    g.at = clock.now()
    return _sheet_page(Form())


@blueprint.post("/absensi")
@needs("attendance.mark")
def mark() -> ResponseReturnValue:
    """Mark everybody whose mark was changed on the page."""
    g.at = clock.now()
    sent = request.form
    where = {"workshop_id": sent.get("unit", ""), "work_date": sent.get("tanggal", ""), "shift": sent.get("shift", "")}
    marks = list(_marks(sent))
    back = url_for("attendance.sheet", unit=sent.get("unit"), tanggal=sent.get("tanggal"), shift=sent.get("shift"))
    if not marks:
        toast(_("Tidak ada yang berubah."), "nila")
        return redirect(back, 303)
    try:
        services().post("production", "/attendance", {**where, "marks": marks}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _sheet_page(_about_people(problem, marks), problem.status)
    toast(ngettext("%(num)s WBP ditandai.", "%(num)s WBP ditandai.", len(marks)) % {"num": len(marks)})
    return redirect(back, 303)


def _marks(sent: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Give the marks that differ from what the page showed; with ``all`` whoever had none is present."""
    for name, was in sent.items():
        head, _dot, inmate = name.partition(".")
        if head != "seen":
            continue
        rest = "hadir" if sent.get("all") and not sent.get(f"other.{inmate}") else ""
        status = sent.get(f"status.{inmate}", "") or rest
        mark = {
            "status": status,
            "reason_key": sent.get(f"reason.{inmate}") or None,
            "minutes": sent.get(f"minutes.{inmate}") or None,
            "note": sent.get(f"note.{inmate}", "").strip() or None,
        }
        now = "|".join(str(value or "") for value in mark.values())
        if status and now != sent.get(f"held.{inmate}", ""):
            if status != "hadir":
                mark["minutes"] = None
            yield {**mark, "inmate_id": inmate, "seen": was}


def _about_people(problem: ServiceProblem, marks: list[dict[str, Any]]) -> Form:
    """Say of whom a service complains: its place in the request means nothing to who reads it."""
    told = []
    known = names(m["inmate_id"] for m in marks)
    for each in problem.document.get("errors") or ():
        parts = str(each.get("pointer", "")).split("/")
        place = parts[2] if len(parts) > 2 and parts[1] == "marks" and parts[2].isdecimal() else ""
        who = _called(known, marks[int(place)]["inmate_id"]) if place else ""
        told.append(f"{who}: {each.get('detail')}" if who else str(each.get("detail")))
    general = tuple(told) or (str(problem.document.get("detail") or problem.document.get("title")),)
    return Form(values=request.form, general=general)


def _called(known: Mapping[str, Name], inmate_id: str) -> str:
    name = known.get(inmate_id)
    return name.name if name else _("WBP %(tail)s") % {"tail": inmate_id[-4:]}


def _chosen() -> dict[str, str]:
    given = request.form if request.method == "POST" else request.args
    shift = given.get("shift", "")
    known = {key for key, _label, _icon in SHIFTS}
    return {
        "tanggal": given.get("tanggal") or today().isoformat(),
        "shift": shift if shift in known else "pagi",
        "unit": given.get("unit", ""),
    }


def _sheet_page(form: Form, status: int = 200) -> ResponseReturnValue:
    chosen = _chosen()
    summary = ("production", "/production/summary", {"date": chosen["tanggal"]})
    asked = services().together(summary=summary)
    workshops = asked["summary"]["workshops"] if asked["summary"] else []
    if not chosen["unit"] and len(workshops) == 1:
        chosen["unit"] = str(workshops[0]["id"])
    context: dict[str, Any] = {
        **asked,
        **chosen,
        "form": form,
        "workshops": workshops,
        "shifts": SHIFTS,
        "statuses": STATUSES,
        "sheet": None,
        "days": [(today() - timedelta(days=n)).isoformat() for n in range(7)],
    }
    if chosen["unit"]:
        context |= _sheet_context(chosen)
    return render("attendance/sheet.html", context, status)


def _sheet_context(chosen: Mapping[str, str]) -> dict[str, Any]:
    found = _asked_sheet(chosen)
    known = names(p["inmate_id"] for p in (*found["people"], *found["others"]))

    def person(one: Mapping[str, Any]) -> dict[str, Any]:
        held = "|".join(str(one[name] or "") for name in ("status", "reason_key", "minutes", "note"))
        name = known.get(one["inmate_id"])
        number = name.register_number if name else ""
        return {**one, "name": _called(known, one["inmate_id"]), "register_number": number, "held": held}

    people = sorted((person(p) for p in found["people"]), key=_by_name)
    reasons = [r for r in found["reasons"] if r["active"]]
    return {
        "sheet": found,
        "people": people,
        "others": sorted((person(p) for p in found["others"]), key=_by_name),
        "reasons": [(status, [(r["key"], _named(r)) for r in reasons if r["status"] == status]) for status in STATUSES],
        "officers": officers([found["closed_by"], *(p["marked_by"] for p in people)]),
        "marking": may("attendance.mark") and not found["closed_at"],
    }


def _asked_sheet(chosen: Mapping[str, str]) -> dict[str, Any]:
    query = {"workshop_id": chosen["unit"], "work_date": chosen["tanggal"], "shift": chosen["shift"]}
    found: dict[str, Any] = services().get("production", "/attendance", **query).json
    return found


def _by_name(person: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Sort by name, those who may not work that day last."""
    return not person.get("allowed", True), person["name"].casefold(), person["inmate_id"]


def _named(thing: Mapping[str, Any]) -> str:
    return str(thing["name_en"] if current() == "en" else thing["name"])


@blueprint.get("/absensi/cetak")
@needs("attendance.read")
def print_sheet() -> ResponseReturnValue:
    """Give the attendance sheet of a shift as a paper to sign."""
    g.at = clock.now()
    chosen = _chosen()
    found = _sheet_context(chosen)
    data = {
        "unit": found["sheet"]["workshop"]["name"],
        "day": chosen["tanggal"],
        "shift": {key: str(label) for key, label, _icon in SHIFTS}[chosen["shift"]],
        "rows": [
            {
                "nth": nth,
                "name": p["name"],
                "number": p["register_number"],
                "status": str(STATUSES[p["status"]]) if p["status"] else "",
                "minutes": p["minutes"] or 0,
                "note": p["note"] or "",
            }
            for nth, p in enumerate(found["people"], start=1)
        ],
        "counts": found["sheet"]["counts"],
        "signers": officials(["kasubsi_bimker", "kasi_giatja"], day=as_day(chosen["tanggal"])),
    }
    paper = _HERE / "papers" / "sheet.typ"
    return pdf(paper, data, name=f"daftar-hadir-{chosen['tanggal']}-{chosen['shift']}", day=as_day(chosen["tanggal"]))


@blueprint.get("/absensi/ubah")
@needs("attendance.mark")
def change() -> ResponseReturnValue:
    """Ask for another mark of somebody on a day that is closed."""
    g.at = clock.now()
    return _change_page(Form())


@blueprint.post("/absensi/ubah")
@needs("attendance.mark")
def propose() -> ResponseReturnValue:
    """Propose it; another person confirms."""
    g.at = clock.now()
    sent = request.form
    body = {
        "workshop_id": sent.get("unit", ""),
        "work_date": sent.get("tanggal", ""),
        "shift": sent.get("shift", ""),
        "reason": sent.get("reason", "").strip(),
        "mark": {
            "inmate_id": sent.get("wbp", ""),
            "status": sent.get("mark.status", ""),
            "reason_key": sent.get("mark.reason_key") or None,
            "minutes": sent.get("mark.minutes") or None,
        },
    }
    try:
        services().post("production", "/corrections/marks", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _change_page(forms.refused(problem.document), problem.status)
    toast(_("Usulan perubahan absensi menunggu persetujuan orang kedua."))
    return redirect(url_for("days.corrections"), 303)


def _change_page(form: Form, status: int = 200) -> ResponseReturnValue:
    chosen = _chosen()
    inmate_id = (request.form if request.method == "POST" else request.args).get("wbp", "")
    found = _sheet_context(chosen)
    person = next((p for p in (*found["people"], *found["others"]) if p["inmate_id"] == inmate_id), None)
    if person is None:
        toast(_("Orang itu tidak ada di daftar shift ini."), "kunyit")
        return redirect(
            url_for("attendance.sheet", unit=chosen["unit"], tanggal=chosen["tanggal"], shift=chosen["shift"]), 303
        )
    context = {**chosen, **found, "person": person, "form": form, "statuses": STATUSES, "shifts": SHIFTS}
    return render("attendance/change.html", context, status)


@blueprint.get("/absensi/bulan")
@needs("attendance.read")
def month() -> ResponseReturnValue:
    """Show a month of attendance, person by person."""
    g.at = clock.now()
    chosen = _month()
    asked = services().together(
        month=("production", "/attendance/month", chosen), workshops=("production", "/workshops")
    )
    return render(
        "attendance/month.html",
        {
            **asked,
            "rows": _month_rows(asked["month"]["items"]) if asked["month"] else [],
            "chosen": chosen["month"],
            "months": [(m, format_month(as_day(f"{m}-01"))) for m in _recent_months()],
            "units": [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else [],
            "statuses": STATUSES,
        },
    )


@blueprint.post("/absensi/bulan.xlsx")
@needs("attendance.read")
def month_workbook() -> ResponseReturnValue:
    """Give a month as a workbook; why it is taken out is kept."""
    g.at = clock.now()
    chosen, purpose = _month(), request.form.get("purpose", "").strip()[:120]
    found = services().get("production", "/attendance/month", **chosen, purpose=purpose or "-").json
    columns = [
        Column(key="name", label=_("Nama"), width=28),
        Column(key="register_number", label=_("No. register"), width=18),
        Column(key="workshop_name", label=_("Unit kerja"), width=20),
        Column(key="days", label=_("Hari kerja"), kind="int"),
        *(Column(key=key, label=str(label), kind="int", total=True) for key, label in STATUSES.items()),
        Column(key="hours", label=_("Jam kerja"), kind="decimal", total=True),
    ]
    rows = [{**row, "hours": round(row["minutes"] / 60, 2)} for row in _month_rows(found["items"])]
    title = _("Rekap absensi %(month)s") % {"month": format_month(as_day(f"{chosen['month']}-01"))}
    return xlsx(f"absensi-{chosen['month']}", columns, rows, title=title, about=[(_("Keperluan"), purpose or "–")])


def _month() -> dict[str, str]:
    given = request.values
    wanted = given.get("bulan", "")
    unit = given.get("unit", "")
    return {
        "month": wanted if wanted in _recent_months() else f"{today():%Y-%m}",
        **({"workshop_id": unit} if unit else {}),
    }


def _recent_months() -> list[str]:
    found = [today().replace(day=1)]
    while len(found) < _MONTHS_BACK:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return [f"{first:%Y-%m}" for first in found]


def _month_rows(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    items = list(items)
    known = names(row["inmate_id"] for row in items)
    rows = []
    for row in items:
        name = known.get(row["inmate_id"])
        number = name.register_number if name else ""
        rows.append({**row, "name": _called(known, row["inmate_id"]), "register_number": number})
    return sorted(rows, key=_by_name)


@blueprint.get("/absensi/alasan")
@needs("attendance.read")
def reasons() -> ResponseReturnValue:
    """List the reasons, to be added to and changed."""
    return _reasons_page(Form())


@blueprint.post("/absensi/alasan")
@needs("output.correct")
def add_reason() -> ResponseReturnValue:
    """Add a reason."""
    body = {name: request.form.get(name, "").strip() for name in ("name", "name_en", "status")}
    try:
        services().post("production", "/attendance/reasons", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _reasons_page(forms.refused(problem.document), problem.status)
    toast(_("Alasan ditambahkan."))
    return redirect(url_for("attendance.reasons"), 303)


@blueprint.post("/absensi/alasan/<key>")
@needs("output.correct")
def change_reason(key: str) -> ResponseReturnValue:
    """Rename a reason, or take it out of use and back."""
    body = {
        "name": request.form.get("name", "").strip(),
        "name_en": request.form.get("name_en", "").strip(),
        "active": request.form.get("active") == "1",
    }
    try:
        services().patch("production", f"/attendance/reasons/{key}", body, version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _reasons_page(forms.refused(problem.document), problem.status)
    toast(_("Alasan disimpan."))
    return redirect(url_for("attendance.reasons"), 303)


def _reasons_page(form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", "/attendance/reasons").json
    return render("attendance/reasons.html", {"found": found, "form": form, "statuses": STATUSES}, status)
