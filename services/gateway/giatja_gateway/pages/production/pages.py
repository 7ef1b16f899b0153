"""The screens of production: board, one work order, workshops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import as_day, today
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import ServiceProblem, Unavailable, names, services
from giatja_kit import clock

blueprint = Blueprint("production", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="production.board",
        label=lazy("Papan kerja"),
        icon="kanban",
        permission="work_orders.read",
        section=menu.WORK,
        bottom=True,
    ),
    NavItem(
        endpoint="production.workshops",
        label=lazy("Unit kerja"),
        icon="building-gear",
        permission="workshops.read",
        section=menu.WORK,
    ),
)
_ENTRIES = 15
_DAYS = 8
_STAGES_NAMED = 2
_LISTED = ("workshop_id", "state", "late", "cursor")


@blueprint.get("/produksi")
@needs("work_orders.read")
def board() -> ResponseReturnValue:
    """Show the open work orders with the pieces in each stage, what is due first at the top."""
    g.at = clock.now()
    query = {name: request.args.get(name) for name in _LISTED if request.args.get(name)}
    asked = services().together(
        page=("production", "/work-orders", {**query, "search": request.args.get("q", "")[:100], "limit": 50}),
        workshops=("production", "/workshops"),
    )
    groups = [] if isinstance(asked["page"], Unavailable) else _by_route(asked["page"]["items"])
    units = [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else []
    return render("production/board.html", {**asked, "groups": groups, "unit_options": units})


@blueprint.get("/produksi/<uuid:work_order_id>")
@needs("work_orders.read")
def work_order(work_order_id: UUID) -> ResponseReturnValue:
    """Show one work order: its stages, its grid at a stage, its defects and entries."""
    g.at = clock.now()
    asked = services().together(
        work_order=("production", f"/work-orders/{work_order_id}"),
        entries=(
            "production",
            "/output",
            {"work_order_id": work_order_id, "limit": _ENTRIES, "cursor": request.args.get("cursor", "")},
        ),
    )
    found = asked["work_order"]
    if not found:
        return render("production/missing.html", status=503)
    stages = named(found["stages"])
    chosen = _stage(stages)
    return render(
        "production/work_order.html",
        {
            **asked,
            "stages": stages,
            "strip": [_segment(s, found["quantity"] + found["rejected"]) for s in stages],
            "chosen": chosen,
            "grid": _grid(found["grid"], chosen["no"]),
            "defects": _defects(named(found["defects"]), stages),
            "days": _days(found),
            "called": names(e["inmate_id"] for e in asked["entries"]["items"]) if asked["entries"] else {},
            "pace": _pace(found),
        },
    )


@blueprint.post("/produksi/<uuid:work_order_id>/hasil/<uuid:output_id>/urungkan")
@needs("output.record")
def undo(work_order_id: UUID, output_id: UUID) -> ResponseReturnValue:
    """Take an entry back, from the list of a work order."""
    try:
        services().post("production", f"/output/{output_id}/undo", key=forms.sent_key())
        toast(_("Catatan diurungkan."))
    except ServiceProblem as problem:
        if problem.status not in (403, 409):
            raise
        toast(str(problem.document.get("title", "")), "merah")
    return redirect(url_for("production.work_order", work_order_id=work_order_id) + "#catatan", 303)


@blueprint.get("/unit-kerja")
@needs("workshops.read")
def workshops() -> ResponseReturnValue:
    """Show the workshops, their month and the templates to begin others from."""
    g.at = clock.now()
    asked = services().together(
        workshops=("production", "/workshops"),
        templates=("production", "/workshop-templates"),
        summary=("production", "/production/summary"),
    )
    months = {w["id"]: w for w in asked["summary"]["workshops"]} if asked["summary"] else {}
    kinds = named(asked["templates"]["items"]) if asked["templates"] else []
    return render(
        "production/workshops.html",
        {
            **asked,
            "months": months,
            "form": forms.Form(),
            "named": named,
            "begin_options": [(f"template:{t['kind']}", _("Contoh: %(name)s") % {"name": t["name"]}) for t in kinds]
            + [(f"copy:{w['id']}", _("Seperti %(name)s") % {"name": w["name"]}) for w in _items(asked["workshops"])],
        },
    )


@blueprint.post("/unit-kerja")
@needs("workshops.write")
def add_workshop() -> ResponseReturnValue:
    """Add a workshop from a template, or as another is now."""
    how, _colon, begin = request.form.get("begin", "").partition(":")
    body = {
        "copy_of" if how == "copy" else "template": begin or None,
        "name": request.form.get("name", "").strip() or None,
        "kind": request.form.get("kind", "").strip() or None,
    }
    try:
        made = services().post("production", "/workshops", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in (409, 422):
            raise
        toast(_first_complaint(problem), "merah")
        return redirect(url_for("production.workshops"), 303)
    toast(_("Unit kerja ditambahkan."))
    return redirect(url_for("production.workshop", workshop_id=made["id"]), 303)


@blueprint.get("/unit-kerja/<uuid:workshop_id>")
@needs("workshops.read")
def workshop(workshop_id: UUID) -> ResponseReturnValue:
    """Show one workshop: its route, its defects, its targets."""
    g.at = clock.now()
    return _workshop(workshop_id, forms.Form())


@blueprint.post("/unit-kerja/<uuid:workshop_id>/target")
@needs("workshops.write")
def set_target(workshop_id: UUID) -> ResponseReturnValue:
    """Set the target of a month."""
    g.at = clock.now()
    month, pieces = request.form.get("month", ""), request.form.get("pieces", "")
    body = {"month": f"{month}-01", "pieces": pieces}
    path = f"/workshops/{workshop_id}/targets"
    try:
        services().post("production", path, body, key=forms.sent_key(), version=forms.sent_version())
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        return _workshop(workshop_id, forms.refused(problem.document), 422)
    toast(_("Target disimpan."))
    return redirect(url_for("production.workshop", workshop_id=workshop_id), 303)


def _workshop(workshop_id: UUID, form: forms.Form, status: int = 200) -> ResponseReturnValue:
    found = services().get("production", f"/workshops/{workshop_id}").json
    return render(
        "production/workshop.html",
        {"workshop": found, "stages": named(found["stages"]), "defects": named(found["defects"]), "form": form},
        status,
    )


def _items(answer: Any) -> list[Any]:
    return answer["items"] if answer else []


def _first_complaint(problem: ServiceProblem) -> str:
    errors = problem.document.get("errors") or [{}]
    return str(errors[0].get("detail") or problem.document.get("title", ""))


def _by_route(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put work orders of one workshop and one route under the same heads."""
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in items:
        key = (item["workshop_id"], *(s["key"] for s in item["stages"]))
        group = groups.setdefault(
            key, {"workshop": item["workshop_name"], "stages": named(item["stages"]), "rows": [], "most": 1}
        )
        stages = named(item["stages"])
        most = max(s["waiting"] + s["rework"] for s in stages)
        strip = [_segment(s, item["quantity"] + item["rejected"]) for s in stages]
        group["rows"].append({**item, "stages": stages, "strip": strip, "most": most, "pace": _pace(item)})
    for group in groups.values():
        group["wip"] = [
            sum(row["stages"][n]["waiting"] + row["stages"][n]["rework"] for row in group["rows"])
            for n in range(len(group["stages"]))
        ]
    return list(groups.values())


def _segment(stage: Mapping[str, Any], released: int) -> dict[str, Any]:
    wip = stage["waiting"] + stage["rework"]
    return {"name": stage["name"], "done": stage["good"], "total": released, "wip": wip, "full": wip > released / 3}


def _stage(stages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the stage the address names, else the one with the most pieces in it."""
    asked = request.args.get("tahap", "")
    for stage in stages:
        if asked == str(stage["no"]):
            return stage
    return max(stages, key=lambda s: (s["waiting"] + s["rework"], -s["no"]))


def _grid(cells: Sequence[Mapping[str, Any]], stage_no: int) -> dict[str, Any]:
    """Return the grid at one stage, sizes across and colours down."""
    sizes = list(dict.fromkeys(c["size"] for c in cells))
    colours = list(dict.fromkeys(c["colour"] for c in cells))
    by_place = {(c["colour"], c["size"]): {**c["stages"][stage_no - 1], "quantity": c["quantity"]} for c in cells}
    return {"sizes": sizes, "rows": [(colour, [by_place.get((colour, s)) for s in sizes]) for colour in colours]}


def _defects(found: Sequence[Mapping[str, Any]], stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sum the defects over the stages they were found at, the most frequent first."""
    sums: dict[str, dict[str, Any]] = {}
    for each in found:
        one = sums.setdefault(each["key"], {"name": each["name"], "rework": 0, "reject": 0, "stages": []})
        one["rework"] += each["rework"]
        one["reject"] += each["reject"]
        if len(one["stages"]) < _STAGES_NAMED:
            one["stages"].append(stages[each["stage_no"] - 1]["name"])
    return sorted(sums.values(), key=lambda d: -(d["rework"] + d["reject"]))


def _days(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Sum the newest days over the stages; people are those at the stage with the most of them."""
    quality = next(s["no"] for s in found["stages"] if s["counts_quality"])
    sums: dict[str, dict[str, Any]] = {}
    for row in found["days"]:
        day = sums.setdefault(row["work_date"], {"date": row["work_date"], "passed": 0, "faulty": 0, "people": 0})
        day["passed"] += row["good"] if row["stage_no"] == quality else 0
        day["faulty"] += row["rework"] + row["reject"]
        day["people"] = max(day["people"], row["people"])
    return list(sums.values())[:_DAYS]


def _pace(work_order: Mapping[str, Any]) -> int | None:
    """Return how many pieces the plan asks for by now: the same number each day from opening to the due date."""
    opened, due = as_day(work_order["opened_on"]), as_day(work_order["due_date"])
    days = (due - opened).days
    if days <= 0:
        return None
    share = min(1.0, max(0.0, (today() - opened).days / days))
    quantity: int = work_order["quantity"]
    return round(quantity * share)
