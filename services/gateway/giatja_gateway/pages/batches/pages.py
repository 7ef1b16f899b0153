"""The screens of plant batches: the list, a new one, one with its acts, the stock and what leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.batches import words
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import ServiceProblem, names, services
from giatja_kit import clock

blueprint = Blueprint("batches", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="batches.listing",
        label=lazy("Tanaman"),
        icon="flower1",
        permission="batches.read",
        section=menu.WORK,
    ),
)
_SHOWN: Final = 25
_CARES: Final = 8
_PLANTS: Final = "tanaman"
_REFUSED: Final = (403, 404, 409, 412, 422)
_TABS: Final[Mapping[str, lazy]] = {
    "": lazy("Tumbuh dan siap"),
    "sold_out": lazy("Habis terjual"),
    "lost": lazy("Gagal"),
    "all": lazy("Semua"),
}


@blueprint.get("/tanaman")
@needs("batches.read")
def listing() -> ResponseReturnValue:
    """Show the plant batches, the one started last at the top."""
    g.at = clock.now()
    tab = request.args.get("tab", "")
    query = {
        "state": tab if tab in words.STATES else "open",
        "workshop_id": request.args.get("unit"),
        "search": request.args.get("q", "")[:100],
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/batches", {name: value for name, value in query.items() if value}),
        workshops=("production", "/workshops"),
    )
    rows = [_row(batch) for batch in asked["page"]["items"]] if asked["page"] else []
    tabs = [(url_for("batches.listing", tab=key or None), str(label), None, key == tab) for key, label in _TABS.items()]
    return render(
        "batches/listing.html",
        {**asked, "rows": rows, "tabs": tabs, "tab": tab, "units": _units(asked["workshops"])},
    )


@blueprint.get("/tanaman/baru")
@needs("batches.write")
def new() -> ResponseReturnValue:
    """Ask for a new batch."""
    g.at = clock.now()
    return _new_page(Form())


@blueprint.post("/tanaman/baru")
@needs("batches.write")
def start() -> ResponseReturnValue:
    """Start a batch."""
    g.at = clock.now()
    sent = request.form
    body = {
        "workshop_id": sent.get("workshop_id") or None,
        "plant": sent.get("plant", "").strip(),
        "origin": sent.get("origin", "").strip(),
        "unit": sent.get("unit", "").strip() or "pot",
        "started": sent.get("started") or None,
        "started_on": sent.get("started_on") or None,
        "stages": [{"name": line.strip()} for line in sent.get("stages", "").splitlines() if line.strip()],
        "note": sent.get("note", "").strip(),
    }
    try:
        made = services().post("production", "/batches", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _new_page(forms.refused(problem.document), problem.status)
    toast(_("Batch %(code)s dimulai.") % {"code": made["code"]})
    return redirect(url_for("batches.one", batch_id=made["id"]), 303)


@blueprint.get("/tanaman/<uuid:batch_id>")
@needs("batches.read")
def one(batch_id: UUID) -> ResponseReturnValue:
    """Show one batch."""
    g.at = clock.now()
    return _batch_page(batch_id)


@blueprint.post("/tanaman/<uuid:batch_id>/tahap")
@needs("batches.write")
def move(batch_id: UUID) -> ResponseReturnValue:
    """Bring a batch to another growth stage."""
    body = {"stage_no": request.form.get("stage_no") or None, "day": request.form.get("day") or None}
    return _act(batch_id, "stages", body, _("Tahap dicatat."), version=forms.sent_version())


@blueprint.post("/tanaman/<uuid:batch_id>/hilang")
@needs("batches.write")
def lose(batch_id: UUID) -> ResponseReturnValue:
    """Count plants as lost."""
    body = {**_counted(), "cause": request.form.get("cause", "")}
    return _act(batch_id, "losses", body, _("Kehilangan dicatat."))


@blueprint.post("/tanaman/<uuid:batch_id>/panen")
@needs("batches.write")
def harvest(batch_id: UUID) -> ResponseReturnValue:
    """Bring plants into stock."""
    return _act(batch_id, "harvests", _counted(), _("Panen masuk stok."))


@blueprint.post("/tanaman/<uuid:batch_id>/catatan/<uuid:entry_id>/urungkan")
@needs("batches.write")
def undo(batch_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Take a loss or a harvest back."""
    return _undo(batch_id, f"/batch-movements/{entry_id}/undo")


@blueprint.post("/tanaman/<uuid:batch_id>/perawatan/<uuid:entry_id>/urungkan")
@needs("batches.write")
def undo_care(batch_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Strike out a line of the care log."""
    return _undo(batch_id, f"/batch-care/{entry_id}/undo")


@blueprint.get("/tanaman/<uuid:batch_id>/rawat")
@needs("batches.write")
def care(batch_id: UUID) -> ResponseReturnValue:
    """Ask how a batch was cared for, and who worked."""
    g.at = clock.now()
    return _care_page(batch_id, Form())


@blueprint.post("/tanaman/<uuid:batch_id>/rawat")
@needs("batches.write")
def record_care(batch_id: UUID) -> ResponseReturnValue:
    """Write a line of the care log."""
    g.at = clock.now()
    sent = request.form
    minutes = sent.get("minutes") or 60
    body = {
        "day": sent.get("day") or None,
        "kind": sent.get("kind", ""),
        "note": sent.get("note", "").strip(),
        "led_by": sent.get("led_by") or None,
        "workers": [{"inmate_id": one_, "minutes": minutes} for one_ in dict.fromkeys(sent.getlist("orang"))],
    }
    try:
        services().post("production", f"/batches/{batch_id}/care", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _care_page(batch_id, forms.refused(problem.document), problem.status)
    toast(_("Perawatan dicatat."))
    return redirect(url_for("batches.one", batch_id=batch_id), 303)


@blueprint.get("/tanaman/jenis-perawatan")
@needs("output.correct")
def kinds() -> ResponseReturnValue:
    """Show the kinds of care that the Lapas tells apart."""
    return _kinds_page(Form())


@blueprint.post("/tanaman/jenis-perawatan")
@needs("output.correct")
def add_kind() -> ResponseReturnValue:
    """Add a kind of care."""
    body = {name: request.form.get(name, "").strip() or None for name in ("name", "name_en")}
    try:
        services().post("production", "/batch-cares", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _kinds_page(forms.refused(problem.document), problem.status)
    toast(_("Jenis perawatan ditambahkan."))
    return redirect(url_for("batches.kinds"), 303)


@blueprint.post("/tanaman/jenis-perawatan/<key>")
@needs("output.correct")
def change_kind(key: str) -> ResponseReturnValue:
    """Rename a kind of care, or take it out of use."""
    sent = request.form
    body = {
        "name": sent.get("name", "").strip(),
        "name_en": sent.get("name_en", "").strip() or None,
        "active": sent.get("active") == "1",
    }
    try:
        services().patch("production", f"/batch-cares/{quote(key, safe='')}", body, version=forms.sent_version())
        toast(_("Perubahan disimpan."))
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        errors = problem.document.get("errors") or [{}]
        toast(str(errors[0].get("detail") or problem.document.get("title", "")), "merah")
    return redirect(url_for("batches.kinds"), 303)


@blueprint.get("/tanaman/stok")
@needs("batches.read")
def stock() -> ResponseReturnValue:
    """Show what was harvested and is on hand."""
    g.at = clock.now()
    query = {
        "available": "false" if request.args.get("semua") else None,
        "search": request.args.get("q", "")[:100],
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    asked = services().together(
        page=("production", "/stock", {name: value for name, value in query.items() if value}),
        wanted=("production", "/stock-orders"),
    )
    return render("batches/stock.html", asked)


@blueprint.get("/tanaman/stok/<uuid:batch_id>")
@needs("batches.read")
def stock_of(batch_id: UUID) -> ResponseReturnValue:
    """Show the stock of one batch and what left it."""
    g.at = clock.now()
    return _stock_page(batch_id)


@blueprint.post("/tanaman/stok/<uuid:batch_id>")
@needs("batches.write")
def allocate(batch_id: UUID) -> ResponseReturnValue:
    """Reserve a part of the stock for an order or by a document, or hand it out at once."""
    g.at = clock.now()
    sent = request.form
    body = {
        "pieces": sent.get("pieces") or None,
        "purpose": sent.get("purpose", "sale"),
        "work_order_id": sent.get("work_order_id") or None,
        "document": sent.get("document", "").strip(),
        "handed_out": sent.get("handed_out") == "1",
    }
    try:
        services().post("production", f"/stock/{batch_id}/allocations", body, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _stock_page(batch_id, problem=problem)
    toast(_("Stok diserahkan.") if body["handed_out"] else _("Stok dipesan."))
    return redirect(url_for("batches.stock_of", batch_id=batch_id), 303)


@blueprint.post("/tanaman/stok/<uuid:batch_id>/<uuid:allocation_id>/serahkan")
@needs("batches.write")
def hand_out(batch_id: UUID, allocation_id: UUID) -> ResponseReturnValue:
    """Hand out what was reserved."""
    return _settle(batch_id, allocation_id, "handout", _("Stok diserahkan."))


@blueprint.post("/tanaman/stok/<uuid:batch_id>/<uuid:allocation_id>/lepas")
@needs("batches.write")
def release(batch_id: UUID, allocation_id: UUID) -> ResponseReturnValue:
    """Release what was reserved."""
    return _settle(batch_id, allocation_id, "release", _("Stok bebas lagi."))


@blueprint.post("/tanaman/stok/<uuid:batch_id>/<uuid:allocation_id>/tarik")
@needs("batches.write")
def take_back(batch_id: UUID, allocation_id: UUID) -> ResponseReturnValue:
    """Take back what was handed out."""
    return _settle(batch_id, allocation_id, "take-back", _("Penyerahan ditarik kembali; stok dipesan lagi."))


def _act(
    batch_id: UUID, act: str, body: Mapping[str, Any], said: str, *, version: str | None = None
) -> ResponseReturnValue:
    """Ask for an act on a batch; a refusal is shown on the batch as it is now, with what was typed."""
    g.at = clock.now()
    try:
        services().post("production", f"/batches/{batch_id}/{act}", body, key=forms.sent_key(), version=version)
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _batch_page(batch_id, problem=problem)
    toast(said)
    # A fragment of its own, or the browser keeps the dialog's.
    return redirect(url_for("batches.one", batch_id=batch_id, _anchor="isi"), 303)


def _undo(batch_id: UUID, path: str) -> ResponseReturnValue:
    g.at = clock.now()
    try:
        services().post("production", path, {}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _batch_page(batch_id, problem=problem)
    toast(_("Catatan diurungkan."))
    return redirect(url_for("batches.one", batch_id=batch_id), 303)


def _settle(batch_id: UUID, allocation_id: UUID, act: str, said: str) -> ResponseReturnValue:
    g.at = clock.now()
    path = f"/stock-allocations/{allocation_id}/{act}"
    try:
        services().post("production", path, {}, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _stock_page(batch_id, problem=problem)
    toast(said)
    return redirect(url_for("batches.stock_of", batch_id=batch_id, _anchor="isi"), 303)


def _counted() -> dict[str, Any]:
    sent = request.form
    return {"day": sent.get("day") or None, "pieces": sent.get("pieces") or None, "note": sent.get("note", "").strip()}


def _row(batch: Mapping[str, Any]) -> dict[str, Any]:
    return {**batch, "steps": words.stages(batch), "parts": words.balance(batch), "age": words.age(batch["age_days"])}


def _units(workshops: Any) -> list[tuple[str, str]]:
    """Return the workshops of plants."""
    found = workshops["items"] if workshops else []
    return [(w["id"], w["name"]) for w in found if w["kind"].startswith(_PLANTS)]


def _kinds_page(form: Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", "/batch-cares").json
    return render("batches/kinds.html", {"form": form, "kinds": found["items"]}, status)


def _new_page(form: Form, status: int = 200) -> ResponseReturnValue:
    workshops = services().get("production", "/workshops").json
    return render("batches/new.html", {"form": form, "units": _units(workshops)}, status)


def _batch_page(batch_id: UUID, *, problem: ServiceProblem | None = None) -> ResponseReturnValue:
    asked = services().together(
        batch=("production", f"/batches/{batch_id}"),
        cares=("production", "/batch-cares"),
        log=(
            "production",
            f"/batches/{batch_id}/care",
            {"limit": _CARES, **({"cursor": c} if (c := request.args.get("cursor")) else {})},
        ),
    )
    batch = asked["batch"]
    if not batch:
        return render("batches/missing.html", status=503)
    steps = words.stages(batch, batch["entered"])
    log = asked["log"]["items"] if asked["log"] else []
    called = names(w["inmate_id"] for line in log for w in line["workers"]) if may("inmates.names") else {}
    context = {
        **asked,
        "steps": steps,
        "parts": words.balance(batch),
        "age": words.age(batch["age_days"]),
        "stayed": words.stayed(batch, today()),
        "movements": words.movements(batch),
        "losses": words.curves(batch, "lost", "merah"),
        "yields": words.curves(batch, "harvested", "daun"),
        "causes": [(c["key"], c["name"]) for c in named(batch["causes"])],
        "stage_options": [(s["no"], s["name"]) for s in steps if s["no"] != batch["stage_no"]],
        "next_stage": min(batch["stage_no"] + 1, len(steps)),
        "kinds": {c["key"]: c["name"] for c in named(asked["cares"]["items"])} if asked["cares"] else {},
        "called": called,
        "form": forms.refused(problem.document) if problem else Form(),
        "problem": problem,
    }
    return render("batches/one.html", context, problem.status if problem else 200)


def _care_page(batch_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    batch = services().get("production", f"/batches/{batch_id}").json
    questions: dict[str, Any] = {"cares": ("production", "/batch-cares")}
    if may("duty.read"):
        questions["officers"] = ("production", "/duty/officers")
    asked = services().together(**questions)
    people: list[dict[str, Any]] = []
    if may("assignments.read") and may("inmates.names"):
        query = {"workshop_id": batch["workshop_id"], "blocked": False, "limit": 200}
        found = services().post("production", "/placements/people", query).json["items"]
        ids = list(dict.fromkeys(p["inmate_id"] for p in found))
        called = names(ids)
        people = sorted(({"id": i, "name": called.get(i)} for i in ids), key=lambda p: getattr(p["name"], "name", ""))
    officers = asked["officers"]["items"] if asked.get("officers") else []
    return render(
        "batches/care.html",
        {
            "batch": batch,
            "form": form,
            "people": people,
            "chosen": set(request.form.getlist("orang")),
            "kinds": [(c["key"], c["name"]) for c in named(asked["cares"]["items"]) if c["active"]]
            if asked["cares"]
            else [],
            "officers": [(o["id"], o["name"]) for o in officers if o["active"]],
        },
        status,
    )


def _stock_page(batch_id: UUID, *, problem: ServiceProblem | None = None) -> ResponseReturnValue:
    asked = services().together(stock=("production", f"/stock/{batch_id}"), wanted=("production", "/stock-orders"))
    if not asked["stock"]:
        return render("batches/missing.html", status=503)
    wanted = asked["wanted"]["items"] if asked["wanted"] else []
    context = {
        "stock": asked["stock"],
        "wanted": wanted,
        "orders": [
            (
                w["work_order_id"],
                _("%(number)s · %(product)s, perlu %(wanted)s")
                % {"number": w["order_number"], "product": w["product_name"], "wanted": w["wanted"]},
            )
            for w in wanted
        ],
        "words": words,
        "form": forms.refused(problem.document) if problem else Form(),
        "problem": problem,
    }
    return render("batches/stock_of.html", context, problem.status if problem else 200)
