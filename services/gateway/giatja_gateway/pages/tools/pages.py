"""The screens of tools: the register, the counter where they are given out, and security alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.actors import officers
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.floor.pages import SHIFTS
from giatja_gateway.pages.formats import local, today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy, ngettext
from giatja_gateway.reports.pdf import officials, pdf
from giatja_gateway.services import Answer, Name, ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("tools", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="tools.counter", label=lazy("Loket alat"), icon="tools", permission="tools.issue", section=menu.FLOOR
    ),
    NavItem(
        endpoint="tools.listing", label=lazy("Daftar alat"), icon="wrench", permission="tools.read", section=menu.MEANS
    ),
    NavItem(
        endpoint="tools.alerts",
        label=lazy("Peringatan alat"),
        icon="shield-exclamation",
        permission="tools.read",
        section=menu.MEANS,
    ),
)
STATES: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "available": (lazy("Di tempat"), "daun", "check-lg"),
    "out": (lazy("Dipinjam"), "nila", "box-arrow-up-right"),
    "repair": (lazy("Diperbaiki"), "kunyit", "wrench-adjustable"),
    "lost": (lazy("Hilang"), "merah", "exclamation-triangle-fill"),
}
FATES: Final[Mapping[str, lazy]] = {
    "found": lazy("Ditemukan, baik"),
    "damaged": lazy("Ditemukan, rusak"),
    "lost": lazy("Tidak ditemukan"),
}
_SHOWN: Final = 50
_ALL: Final = 200
_NOON: Final = 13
_REFUSED: Final = (403, 404, 409, 412, 422)
_HERE: Final = Path(__file__).parent


@blueprint.get("/alat")
@needs("tools.read")
def listing() -> ResponseReturnValue:
    """List the tools of the Lapas."""
    g.at = clock.now()
    query = {
        "search": request.args.get("q", "").strip()[:100],
        "state": request.args.get("keadaan"),
        "workshop_id": request.args.get("unit"),
        "dangerous": "true" if request.args.get("bahaya") else None,
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/tools", {name: value for name, value in query.items() if value}),
        summary=("production", "/tool-summary"),
        workshops=("production", "/workshops"),
    )
    rows = asked["page"]["items"] if asked["page"] else []
    return render(
        "tools/listing.html",
        {**asked, "rows": rows, "people": _names(rows), "units": _units(asked["workshops"]), "states": STATES},
    )


@blueprint.get("/alat/baru")
@needs("tools.write")
def new() -> ResponseReturnValue:
    """Ask for tools to be entered."""
    return _new_page(Form())


@blueprint.post("/alat/baru")
@needs("tools.write")
def add() -> ResponseReturnValue:
    """Enter tools that differ in their code only."""
    sent = request.form
    body = {
        "codes": [
            code.strip().upper() for code in sent.get("codes", "").replace(",", "\n").splitlines() if code.strip()
        ],
        "kit": sent.get("kit", "").strip() or None,
        **_described(),
    }
    try:
        made = services().post("production", "/tools", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _new_page(forms.refused(problem.document), problem.status)
    toast(ngettext("%(num)s alat dicatat.", "%(num)s alat dicatat.", len(made["ids"])) % {"num": len(made["ids"])})
    return redirect(url_for("tools.listing"), 303)


def _described() -> dict[str, Any]:
    sent = request.form
    return {
        "name": sent.get("name", "").strip(),
        "kind": sent.get("kind", "").strip(),
        "workshop_id": sent.get("workshop_id") or None,
        "dangerous": sent.get("dangerous") == "1",
    }


def _new_page(form: Form, status: int = 200) -> ResponseReturnValue:
    units = _units(services().get("production", "/workshops").json)
    return render("tools/new.html", {"form": form, "units": units}, status)


@blueprint.get("/alat/<uuid:tool_id>")
@needs("tools.read")
def one(tool_id: UUID) -> ResponseReturnValue:
    """Show one tool with who had it."""
    g.at = clock.now()
    return _tool_page(tool_id, Form())


@blueprint.post("/alat/<uuid:tool_id>")
@needs("tools.write")
def change(tool_id: UUID) -> ResponseReturnValue:
    """Change how a tool is described and where it belongs."""
    body = {**_described(), "kit": request.form.get("kit", "").strip() or None}
    return _act_on(
        tool_id,
        lambda: services().patch("production", f"/tools/{tool_id}", body, version=forms.sent_version()),
        _("Alat disimpan."),
    )


@blueprint.post("/alat/<uuid:tool_id>/perbaikan")
@needs("tools.write")
def repair(tool_id: UUID) -> ResponseReturnValue:
    """Take a tool out of use to be repaired, or back."""
    body = {"begins": request.form.get("begins") == "1", "note": request.form.get("note", "").strip()}
    path = f"/tools/{tool_id}/repair"
    return _act_on(
        tool_id,
        lambda: services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version()),
        _("Keadaan alat disimpan."),
    )


def _act_on(tool_id: UUID, act: Callable[[], Answer], said: str) -> ResponseReturnValue:
    g.at = clock.now()
    try:
        act()
    except ServiceProblem as problem:
        if problem.status not in _REFUSED or problem.status == 404:
            raise
        return _tool_page(tool_id, forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("tools.one", tool_id=tool_id), 303)


def _tool_page(tool_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    tool = services().get("production", f"/tools/{tool_id}").json
    issues = tool["issues"]
    return render(
        "tools/one.html",
        {
            "tool": tool,
            "form": form,
            "people": _names([tool, *issues]),
            "officers": officers([a for i in issues for a in (i["issued_by"], i["ended_by"])]),
            "units": _units(services().get("production", "/workshops").json),
            "states": STATES,
        },
        status,
    )


@blueprint.get("/alat/loket")
@needs("tools.issue")
def counter() -> ResponseReturnValue:
    """Give tools out and take them back, for one workshop in the shift that runs."""
    g.at = clock.now()
    return _counter_page(Form())


@blueprint.post("/alat/loket/pinjam")
@needs("tools.issue")
def issue() -> ResponseReturnValue:
    """Give tools to one person."""
    g.at = clock.now()
    sent = request.form
    codes = [code.strip().upper() for code in sent.get("code", "").replace(",", " ").split() if code.strip()]
    tools = [*codes, *sent.getlist("tool")]
    body = {
        "workshop_id": sent.get("unit"),
        "work_date": today().isoformat(),
        "shift": sent.get("shift"),
        "items": [{"tool": tool, "inmate_id": sent.get("wbp") or None} for tool in tools],
    }
    if not tools or not sent.get("wbp"):
        return _counter_page(forms.submitted(code=_("Pilih orangnya, lalu pindai atau pilih alatnya.")), 422)
    return _at_counter(
        "/tool-issues",
        body,
        ngettext("%(num)s alat dipinjamkan.", "%(num)s alat dipinjamkan.", len(tools)) % {"num": len(tools)},
    )


@blueprint.post("/alat/loket/kembali")
@needs("tools.issue")
def give_back() -> ResponseReturnValue:
    """Take tools back."""
    g.at = clock.now()
    sent = request.form
    damaged = sent.get("damaged") == "1"
    returns = [{"issue_id": i, "damaged": damaged, "note": sent.get("note", "").strip()} for i in sent.getlist("issue")]
    if not returns:
        return _counter_page(Form(general=(_("Pilih alat yang kembali."),)), 422)
    said = ngettext("%(num)s alat kembali.", "%(num)s alat kembali.", len(returns)) % {"num": len(returns)}
    return _at_counter("/tool-issues/returns", {"returns": returns}, said)


@blueprint.post("/alat/loket/hilang")
@needs("tools.issue")
def report_missing() -> ResponseReturnValue:
    """Report tools missing: a security alert."""
    g.at = clock.now()
    sent = request.form
    body = {
        "workshop_id": sent.get("unit"),
        "work_date": today().isoformat(),
        "shift": sent.get("shift"),
        "tool_ids": sent.getlist("tool"),
        "note": sent.get("note", "").strip(),
    }
    try:
        made = services().post("production", "/security-alerts", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _counter_page(forms.refused(problem.document), problem.status)
    toast(_("Peringatan keamanan dibuka. Kasi dan Kasubsi melihatnya sekarang."), "kunyit")
    return redirect(url_for("tools.alert", alert_id=made["id"]), 303)


def _at_counter(path: str, body: Mapping[str, Any], said: str) -> ResponseReturnValue:
    try:
        services().post("production", path, body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _counter_page(forms.refused(problem.document), problem.status)
    toast(said)
    return redirect(url_for("tools.counter", unit=request.form.get("unit"), shift=request.form.get("shift")), 303)


def _counter_page(form: Form, status: int = 200) -> ResponseReturnValue:
    given = request.form if request.method == "POST" else request.args
    shift = given.get("shift", "")
    if shift not in {key for key, _label, _icon in SHIFTS}:
        shift = "pagi" if local(g.at).hour < _NOON else "siang"
    workshops = services().get("production", "/workshops").json
    units = _units(workshops)
    unit = given.get("unit", "") or (str(units[0][0]) if len(units) == 1 else "")
    context: dict[str, Any] = {
        "form": form,
        "units": units,
        "unit": unit,
        "shift": shift,
        "shifts": SHIFTS,
        "seen": None,
    }
    if unit:
        seen = services().get("production", "/tool-counter", workshop_id=unit, shift=shift).json
        known = names([*(p["inmate_id"] for p in seen["people"]), *_inmates(seen["tools"]), *_inmates(seen["ended"])])
        people = [{**p, "name": _called(known, p["inmate_id"])} for p in seen["people"]]
        context |= {
            "seen": seen,
            "people": sorted(people, key=lambda p: (not p["placed"], str(p["name"]).casefold())),
            "called": {i: n.name for i, n in known.items()},
            "out": [t for t in seen["tools"] if t["state"] == "out"],
            "there": [t for t in seen["tools"] if t["state"] == "available"],
            "officers": officers(i["ended_by"] for i in seen["ended"]),
        }
    return render("tools/counter.html", context, status)


@blueprint.get("/alat/hitung")
@needs("tools.read")
def count_sheet() -> ResponseReturnValue:
    """Give a sheet to count the tools of a workshop by, on paper."""
    g.at = clock.now()
    unit = request.args.get("unit", "")
    query = {"workshop_id": unit, "limit": _ALL} if unit else {"limit": _ALL}
    tools, cursor = [], None
    while True:
        page = services().get("production", "/tools", **query, cursor=cursor).json
        tools += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    data = {
        "day": today().isoformat(),
        "unit": next((str(t["workshop_name"]) for t in tools if unit), _("Semua unit kerja")),
        "rows": [
            {
                "nth": nth,
                "code": t["code"],
                "name": t["name"],
                "kit": t["kit"] or "",
                "place": t["workshop_name"],
                "state": str(STATES[t["state"]][0]),
                "dangerous": t["dangerous"],
            }
            for nth, t in enumerate(sorted(tools, key=lambda t: (t["workshop_name"], t["code"])), start=1)
        ],
        "signers": officials(["kasubsi_sarana", "kasi_giatja"]),
    }
    return pdf(_HERE / "papers" / "count.typ", data, name=f"hitung-alat-{data['day']}")


@blueprint.get("/alat/peringatan")
@needs("tools.read")
def alerts() -> ResponseReturnValue:
    """List the security alerts."""
    g.at = clock.now()
    state = "resolved" if request.args.get("tab") == "resolved" else "open"
    query = {"state": state, "limit": _SHOWN, **({"cursor": c} if (c := request.args.get("cursor")) else {})}
    page = services().get("production", "/security-alerts", **query).json
    tabs = [
        (url_for("tools.alerts"), _("Terbuka"), None, state == "open"),
        (url_for("tools.alerts", tab="resolved"), _("Selesai"), None, state == "resolved"),
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "state": state,
        "officers": officers([a for i in page["items"] for a in (i["opened_by"], i["resolved_by"])]),
    }
    return render("tools/alerts.html", context)


@blueprint.get("/alat/peringatan/<uuid:alert_id>")
@needs("tools.read")
def alert(alert_id: UUID) -> ResponseReturnValue:
    """Show one alert."""
    g.at = clock.now()
    return _alert_page(alert_id, Form())


@blueprint.post("/alat/peringatan/<uuid:alert_id>")
@needs("tools.resolve")
def resolve(alert_id: UUID) -> ResponseReturnValue:
    """Say what became of each missing tool."""
    g.at = clock.now()
    sent = request.form
    fates = {name.partition(".")[2]: value for name, value in sent.items() if name.startswith("fate.") and value}
    body = {
        "findings": sent.get("findings", "").strip(),
        "tools": [{"tool_id": tool, "outcome": outcome} for tool, outcome in fates.items()],
    }
    path = f"/security-alerts/{alert_id}/resolve"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED or problem.status == 404:
            raise
        return _alert_page(alert_id, forms.refused(problem.document), problem.status)
    toast(_("Peringatan diselesaikan atas nama Anda."))
    return redirect(url_for("tools.alert", alert_id=alert_id), 303)


def _alert_page(alert_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/security-alerts/{alert_id}").json
    actors = [found["opened_by"], found["resolved_by"], *(t["issued_by"] for t in found["tools"])]
    return render(
        "tools/alert.html",
        {"alert": found, "form": form, "people": _names(found["tools"]), "officers": officers(actors), "fates": FATES},
        status,
    )


def _units(workshops: Any) -> list[tuple[str, str]]:
    return [(w["id"], w["name"]) for w in workshops["items"]] if workshops else []


def _inmates(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [row["inmate_id"] for row in rows if row.get("inmate_id")]


def _names(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    ids = _inmates(rows)
    known = names(ids)
    return {inmate_id: _called(known, inmate_id) for inmate_id in ids}


def _called(known: Mapping[str, Name], inmate_id: str) -> str:
    name = known.get(inmate_id)
    return name.name if name else _("WBP %(tail)s") % {"tail": inmate_id[-4:]}
