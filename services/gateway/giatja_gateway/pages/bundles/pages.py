"""The screens of bundles and lots: where each is, cutting a work order, one bundle, the scan box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.identity.queries import called
from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.bundles import words
from giatja_gateway.pages.bundles.cutting import MOST, CutForm, summed
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import local, today
from giatja_gateway.pages.language import _, current, lazy, ngettext
from giatja_gateway.reports.pdf import pdf, qr
from giatja_gateway.services import ServiceProblem, names, own, services
from giatja_kit import clock

blueprint = Blueprint("bundles", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="bundles.scan",
        label=lazy("Pindai bundel"),
        icon="qr-code-scan",
        permission="bundles.write",
        section=menu.FLOOR,
    ),
    NavItem(
        endpoint="bundles.overview",
        label=lazy("Bundel dan lot"),
        icon="box-seam",
        permission="bundles.read",
        section=menu.WORK,
    ),
)
STALE_DAYS: Final = 3
_CARDS: Final = Path(__file__).parent / "papers" / "cards.typ"
_REFUSED: Final = (403, 409, 412, 422)
_MOST_CARDS: Final = 500
_NOON, _EVENING = 12, 18


@blueprint.get("/bundel")
@needs("bundles.read")
def overview() -> ResponseReturnValue:
    """Show where the bundles are: by stage with those that stand still, and each of them in a list."""
    g.at = clock.now()
    unit, work_order_id = _id("unit"), _id("perintah")
    state = request.args.get("keadaan") or None
    query = {
        "work_order_id": work_order_id,
        "workshop_id": unit,
        "state": "open" if state == "rework" else state,
        "stage": request.args.get("tahap") or None,
        "in_rework": "true" if state == "rework" else None,
        "stale_days": STALE_DAYS if request.args.get("diam") else None,
        "size": request.args.get("ukuran") or None,
        "colour": request.args.get("warna") or None,
        "search": request.args.get("q", "")[:100] or None,
        "cursor": request.args.get("cursor") or None,
        "limit": 50,
    }
    asked: dict[str, Any] = {
        "page": ("production", "/bundles", _given(query)),
        "where": ("production", "/bundles/where", _given({"workshop_id": unit, "stale_days": STALE_DAYS})),
        "workshops": ("production", "/workshops"),
    }
    if work_order_id:
        asked["standing"] = ("production", f"/work-orders/{work_order_id}/bundles")
    found = services().together(**asked)
    standing = found.get("standing")
    return render(
        "bundles/overview.html",
        {
            "bundles": [shown(b) for b in found["page"]["items"]] if found["page"] else None,
            "next": found["page"]["next"] if found["page"] else None,
            "rooms": _rooms(found["where"]["stages"]) if found["where"] else [],
            "units": [(w["id"], w["name"]) for w in found["workshops"]["items"]] if found["workshops"] else [],
            "order": _order(standing) if standing else None,
            "stale_days": STALE_DAYS,
            "words": words,
        },
    )


@blueprint.get("/bundel/potong/<uuid:work_order_id>")
@needs("bundles.write")
def cutting(work_order_id: UUID) -> ResponseReturnValue:
    """Ask how a work order is to be cut."""
    g.at = clock.now()
    return _cutting(work_order_id, forms.Form(values=request.args))


@blueprint.post("/bundel/potong/<uuid:work_order_id>")
@needs("bundles.write")
def cut(work_order_id: UUID) -> ResponseReturnValue:
    """Show what cutting would make, or make it."""
    g.at = clock.now()
    standing = services().get("production", f"/work-orders/{work_order_id}/bundles").json
    asked = CutForm(values=request.form, cells=standing["cells"])
    body = asked.body()
    path = f"/work-orders/{work_order_id}/bundles"
    try:
        # Who changed a field after looking is shown again what it makes now.
        if request.form.get("seen") != asked.digest():
            plan = services().post("production", f"{path}/plan", body).json
            return _cutting(work_order_id, forms.submitted(), plan=plan, standing=standing)
        made = services().post("production", path, body, key=forms.sent_key()).json["bundles"]
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        form = forms.refused(problem.document)
        return _cutting(work_order_id, form, problem.status, standing=standing)
    count = {"num": len(made)}
    toast(
        ngettext("%(num)s bundel dibuat. Cetak kartunya.", "%(num)s bundel dibuat. Cetak kartunya.", len(made)) % count
    )
    first = made[0]["id"] if len(made) == 1 else None
    address = url_for("bundles.one", bundle_id=first) if first else url_for("bundles.overview", perintah=work_order_id)
    return redirect(address, 303)


@blueprint.get("/bundel/kartu/<uuid:work_order_id>")
@needs("bundles.read")
def cards(work_order_id: UUID) -> ResponseReturnValue:
    """Print the cards of a work order's bundles, or of those the address names."""
    standing = services().get("production", f"/work-orders/{work_order_id}/bundles").json
    chosen = set(request.args.getlist("bundel"))
    rows = [b for b in _all_of(work_order_id) if not chosen or b["id"] in chosen]
    if not rows:
        abort(404)
    data = {
        "cards": [
            {
                "code": b["code"],
                "qr": qr(b["code"]),
                "no": b["no"],
                "kind": "Lot" if b["kind"] == "lot" else "Bundel",
                "size": b["size"],
                "colour": b["colour"],
                "pieces": b["pieces"],
                "done": b["stage_no"] - 1,
            }
            for b in rows
        ],
        "order": standing["order_number"],
        "product": standing["product_name"],
        "unit": rows[0]["workshop_name"],
        "due": rows[0]["due_date"],
        "lapas": g.person.lapas_name,
        "stages": [s["name"] for s in standing["stages"]],
    }
    return pdf(_CARDS, data, name=f"kartu-bundel-{work_order_id.hex[-6:]}", letterhead=False)


@blueprint.get("/bundel/<uuid:bundle_id>")
@needs("bundles.read")
def one(bundle_id: UUID) -> ResponseReturnValue:
    """Show one bundle: where it is, what happened to it, what can be done with it."""
    g.at = clock.now()
    return _one(bundle_id, forms.Form())


def _act(bundle_id: UUID, act: str, body: Mapping[str, Any], done: str) -> ResponseReturnValue:
    """Do something with a bundle that somebody looked at; a refusal is shown on its page."""
    path = f"/bundles/{bundle_id}/{act}"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _one(bundle_id, forms.refused(problem.document), problem.status)
    toast(done)
    return redirect(url_for("bundles.one", bundle_id=bundle_id), 303)


@blueprint.post("/bundel/<uuid:bundle_id>/pecah")
@needs("bundles.write")
def split(bundle_id: UUID) -> ResponseReturnValue:
    """Make several bundles of one."""
    parts = [p for p in request.form.getlist("parts") if p.strip()]
    return _act(bundle_id, "split", {"parts": parts}, _("Bundel dipecah. Cetak kartu pecahannya."))


@blueprint.post("/bundel/<uuid:bundle_id>/gabung")
@needs("bundles.write")
def merge(bundle_id: UUID) -> ResponseReturnValue:
    """Make one bundle of several."""
    body = {"others": request.form.getlist("others")}
    return _act(bundle_id, "merge", body, _("Bundel digabung; kartu ini mewakili semuanya."))


@blueprint.post("/bundel/<uuid:bundle_id>/hilang")
@needs("bundles.write")
def lose(bundle_id: UUID) -> ResponseReturnValue:
    """Record that a bundle is lost."""
    return _act(bundle_id, "lose", _reason(), _("Bundel dicatat hilang. Pindai kartunya bila ditemukan."))


@blueprint.post("/bundel/<uuid:bundle_id>/ketemu")
@needs("bundles.write")
def find(bundle_id: UUID) -> ResponseReturnValue:
    """Record that a bundle was found."""
    return _act(bundle_id, "find", {}, _("Bundel ditemukan."))


@blueprint.post("/bundel/<uuid:bundle_id>/hapus-buku")
@needs("output.correct")
def write_off(bundle_id: UUID) -> ResponseReturnValue:
    """Write off a lost bundle."""
    return _act(bundle_id, "write-off", _reason(), _("Bundel dihapusbukukan; gantinya menunggu di tahap pertama."))


@blueprint.post("/bundel/<uuid:bundle_id>/perbaikan")
@needs("bundles.write")
def mend(bundle_id: UUID) -> ResponseReturnValue:
    """Record who mended a bundle."""
    body = {"inmate_id": request.form.get("inmate_id", "")}
    return _act(bundle_id, "mend", body, _("Perbaikan selesai; bundel menunggu diperiksa lagi."))


@blueprint.post("/bundel/<uuid:bundle_id>/bubarkan")
@needs("bundles.write")
def dissolve(bundle_id: UUID) -> ResponseReturnValue:
    """Let the pieces of a bundle go loose."""
    return _act(bundle_id, "dissolve", _reason(), _("Bundel dibubarkan; isinya lepas di tahap itu."))


@blueprint.get("/pindai")
@needs("bundles.write")
def scan() -> ResponseReturnValue:
    """Stand ready for cards: by camera, USB scanner or typing; one card's bundle where the address has its code."""
    g.at = clock.now()
    code = request.args.get("kode", "").strip()[:100]
    found, problem = None, None
    if code:
        try:
            found = _scanned(services().get("production", "/bundles/scan", code=code).json)
        except ServiceProblem as refusal:
            if refusal.status not in (404, 422):
                raise
            problem = _first(refusal)
    return render("bundles/scan.html", {"code": code, "found": found, "problem": problem, "words": words})


@blueprint.get("/pindai/kartu")
@needs("bundles.write")
def scanned() -> ResponseReturnValue:
    """Give one card's bundle with its next act, as a part of the scan page."""
    g.at = clock.now()
    found = services().get("production", "/bundles/scan", code=request.args.get("kode", "")[:100]).json
    return render("bundles/scanned.html", {"found": _scanned(found), "words": words})


@blueprint.post("/pindai/catat")
@needs("output.record")
def record() -> ResponseReturnValue:
    """Record that somebody finished a whole bundle where it is; a script gets JSON, a form its page."""
    script = request.is_json
    given: Mapping[str, Any] = (request.get_json(silent=True) or {}) if script else request.form
    code = str(given.get("code", ""))[:100]
    try:
        answer = _record(code, str(given.get("inmate_id", "")), present=bool(given.get("present")))
    except ServiceProblem as problem:
        if script or problem.status not in (*_REFUSED, 404):
            raise
        toast(_first(problem), "merah")
        return redirect(url_for("bundles.scan", kode=code), 303)
    if script:
        return _json(answer)
    toast(_("%(code)s: %(n)s lolos dicatat.") % {"code": answer["code"], "n": answer["pieces"]})
    return redirect(url_for("bundles.scan"), 303)


@blueprint.post("/pindai/urungkan")
@needs("output.record")
def undo() -> ResponseReturnValue:
    """Take back what was recorded from a card a moment ago."""
    given = request.get_json(silent=True)
    try:
        tally_id = UUID(str(given["id"])) if isinstance(given, Mapping) else abort(422)
    except (KeyError, ValueError):
        abort(422)
    return _json(services().post("production", f"/tally/{tally_id}/undo", key=forms.sent_key()).json)


def _record(code: str, inmate_id: str, *, present: bool) -> dict[str, Any]:
    found = services().get("production", "/bundles/scan", code=code).json
    body = {
        "workshop_id": found["workshop_id"],
        "work_date": str(today()),
        "shift": _shift(),
        "entries": [
            {
                "work_order_id": found["work_order_id"],
                "stage_id": found["stage_id"],
                "inmate_id": inmate_id,
                "good": found["pieces"],
                "from_rework": found["in_rework"],
                "bundle_id": found["id"],
                "present": present,
            }
        ],
    }
    made = services().post("production", "/tally", body, key=forms.sent_key()).json
    return {"id": made["id"], "code": found["code"], "pieces": found["pieces"], "stage": _stage_name(found)}


def _cutting(
    work_order_id: UUID,
    form: forms.Form,
    status: int = 200,
    *,
    plan: Mapping[str, Any] | None = None,
    standing: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    found = standing or services().get("production", f"/work-orders/{work_order_id}/bundles").json
    stages = named(found["stages"])
    kind = form.value("kind", "lot" if found["workshop_kind"].startswith("batik") else "bundle")
    stage_no = int(form.value("stage_no") or min(2, len(stages)))
    stage = next((s for s in stages if s["no"] == stage_no), stages[0])
    loose = {c["cell_no"]: c["waiting"] - c["held"] - c["lost"] for c in stage["cells"]}
    return render(
        "bundles/cut.html",
        {
            "order": found,
            "stages": stages,
            "stage": stage,
            "stage_options": [(s["no"], f"{s['no']}. {s['name']}") for s in stages],
            "grid": CutForm(values=form.values, cells=found["cells"]),
            "cells": [
                {**c, "loose": max(0, loose[c["no"]]), "what": what_of(c) or found["product_name"]}
                for c in found["cells"]
            ],
            "kind": kind,
            "most": MOST[kind] if kind in MOST else MOST["bundle"],
            "plan": plan,
            "seen": CutForm(values=form.values, cells=found["cells"]).digest() if plan else "",
            "planned": [
                {**row, "what": what_of(row) or found["product_name"]}
                for row in summed(plan["bundles"] if plan else ())
            ],
            "form": form,
            "words": words,
        },
        status,
    )


def _one(bundle_id: UUID, form: forms.Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/bundles/{bundle_id}").json
    bundle = shown(found)
    near = []
    if found["state"] == "open" and may("bundles.write"):
        query = {"work_order_id": found["work_order_id"], "state": "open"}
        places = ("cell_no", "stage_no", "in_rework", "mend_no")
        near = [
            b
            for b in services().every("production", "/bundles", **query)
            if b["id"] != found["id"] and all(b[p] == found[p] for p in places)
        ]
    return render(
        "bundles/one.html",
        {
            "bundle": {**found, **bundle, "stages": named(found["stages"])},
            "history": _history(found),
            "near": near,
            "people": _people(found) if found["mend_no"] else [],
            "form": form,
            "words": words,
        },
        status,
    )


def shown(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Give a bundle with its names in the language of the page, its look and its age in days."""
    english = current() == "en"
    look = words.REWORK if bundle["in_rework"] and bundle["state"] == "open" else words.STATES[bundle["state"]]
    return {
        **bundle,
        "stage": _stage_name(bundle),
        "mend": bundle["mend_name_en"] if english else bundle["mend_name"],
        "what": what_of(bundle),
        "look": {"text": str(look[0]), "tone": look[1], "icon": look[2]},
        "days": (today() - local(bundle["since"]).date()).days,
    }


def what_of(cell: Mapping[str, Any]) -> str:
    """Say size and colour; a grid without the one or the other has a dash or nothing there."""
    return " · ".join(str(part) for part in (cell["size"], cell["colour"]) if part not in ("", "-"))


def _scanned(found: Mapping[str, Any]) -> dict[str, Any]:
    """Give a scanned bundle with what can be done next, and with whom."""
    bundle = shown(found)
    free = found["state"] == "open" and found["work_order_state"] in ("released", "in_progress")
    record = free and found["mend_no"] is None and may("output.record")
    inspect = record and found["counts_quality"] and may("quality.inspect")
    people = _people(found) if free else []
    return {**bundle, "free": free, "record": record, "inspect": inspect, "people": people}


def _people(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give those on duty in the workshop now, those placed at the bundle's stage first."""
    query = {"workshop_id": found["workshop_id"], "work_date": str(today()), "shift": _shift()}
    shift = services().get("production", "/tally", **query).json
    stage_key = next(s["key"] for s in found["stages"] if s["no"] == (found["mend_no"] or found["stage_no"]))
    people = [p for p in (*shift["people"], *shift["others"]) if p["allowed"]]
    known = names(p["inmate_id"] for p in people)
    listed = [
        {
            "id": p["inmate_id"],
            "name": known[p["inmate_id"]].name
            if p["inmate_id"] in known
            else _("WBP %(tail)s") % {"tail": p["inmate_id"][-4:]},
            "register_number": known[p["inmate_id"]].register_number if p["inmate_id"] in known else "",
            "here": p["stage_key"] == stage_key,
            "absent": p["status"] not in (None, "hadir"),
        }
        for p in people
    ]
    return sorted(listed, key=lambda p: (not p["here"], p["absent"], p["name"].casefold()))


def _history(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what happened, the newest first, with the names of who worked and of who wrote it down."""
    events = found["history"]
    ids = {e["inmate_id"] for e in events if e["inmate_id"]}
    ids |= {x["inmate_id"] for e in events for x in e["entries"] if x["inmate_id"]}
    known = names(ids)
    officers = _officers(e["by"] for e in events)
    english = current() == "en"
    entries = []
    for event in reversed(events):
        word, tone, mark = words.HAPPENINGS[event["kind"]]
        entries.append(
            {
                **event,
                "title": str(word),
                "tone": "mori" if event["undone"] else tone,
                "icon": mark,
                "stage": event["stage_name_en"] if english else event["stage_name"],
                "workers": list(
                    dict.fromkeys(_worker(x["inmate_id"], known) for x in event["entries"] if x["inmate_id"])
                ),
                "mender": _worker(event["inmate_id"], known) if event["inmate_id"] else None,
                "officer": officers.get(event["by"].partition(":")[2], ""),
            }
        )
    return entries


def _worker(inmate_id: str, known: Mapping[str, Any]) -> str:
    return known[inmate_id].name if inmate_id in known else _("WBP %(tail)s") % {"tail": inmate_id[-4:]}


def _officers(actors: Any) -> dict[str, str]:
    ids = {person for person in (actor.partition(":")[2] for actor in actors) if person}
    with own(everywhere=True) as store:
        return called(store, ids)


def _order(standing: Mapping[str, Any]) -> dict[str, Any]:
    stages = named(standing["stages"])
    most = max((s["held"] + s["lost"] + s["loose"] for s in stages), default=0)
    return {
        **standing,
        "stages": stages,
        "most": most or 1,
        "open": standing["state"] in ("released", "in_progress"),
        "sizes": _options(standing["cells"], "size"),
        "colours": _options(standing["cells"], "colour"),
    }


def _options(cells: Sequence[Mapping[str, Any]], name: str) -> list[tuple[str, str]]:
    return [(value, value) for value in dict.fromkeys(c[name] for c in cells) if value not in ("", "-")]


def _rooms(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put the stages of one workshop together."""
    rooms: dict[str, dict[str, Any]] = {}
    for stage in named(stages):
        room = rooms.setdefault(stage["workshop_id"], {"name": stage["workshop_name"], "stages": []})
        room["stages"].append(stage)
    return list(rooms.values())


def _all_of(work_order_id: UUID) -> list[dict[str, Any]]:
    """Give the bundles of a work order that hold pieces, as many as are printed at once."""
    return services().every("production", "/bundles", work_order_id=work_order_id)[:_MOST_CARDS]


def _stage_name(bundle: Mapping[str, Any]) -> str:
    return str(bundle["stage_name_en"] if current() == "en" else bundle["stage_name"])


def _reason() -> dict[str, str]:
    return {"reason": request.form.get("reason", "").strip()}


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _id(name: str) -> UUID | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _shift() -> str:
    hour = local(clock.now()).hour
    return "pagi" if hour < _NOON else "siang" if hour < _EVENING else "malam"


def _first(problem: ServiceProblem) -> str:
    errors = problem.document.get("errors") or [{}]
    return str(errors[0].get("detail") or problem.document.get("title", ""))


def _json(document: Mapping[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer
