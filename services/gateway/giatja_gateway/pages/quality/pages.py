"""The screens of quality: yield and defects over a period, inspections, inspecting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.identity.queries import called
from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.bundles.pages import shown, what_of
from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import as_day, format_date_short, format_month, local, today
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.pages.quality import words
from giatja_gateway.pages.quality.form import FINDINGS, InspectionForm
from giatja_gateway.services import ServiceProblem, names, own, services
from giatja_kit import clock

blueprint = Blueprint("quality", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="quality.overview",
        label=lazy("Mutu"),
        icon="patch-check",
        permission="quality.read",
        section=menu.WORK,
    ),
)
_REFUSED: Final = (403, 409, 412, 422)
_DAYS: Final = 29
_BARS: Final = 8
_NOON, _EVENING = 12, 18


@blueprint.get("/mutu")
@needs("quality.read")
def overview() -> ResponseReturnValue:
    """Show what passed at first sight, and which defects come from where."""
    g.at = clock.now()
    period, unit, work_order_id = _period(), _id("unit"), _id("perintah")
    query = {**period, "workshop_id": unit, "work_order_id": work_order_id}
    asked = services().together(
        seen=("production", "/quality", _given(query)),
        workshops=("production", "/workshops"),
        latest=("production", "/inspections", _given({**query, "limit": 5})),
    )
    seen = asked["seen"]
    return render(
        "quality/overview.html",
        {
            "seen": _named(seen) if seen else None,
            "stages": _stages(seen) if seen else [],
            "trend": _trend(seen) if seen else [],
            "units": [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else [],
            "latest": asked["latest"]["items"] if asked["latest"] else [],
            "work_order_id": work_order_id,
            "words": words,
            **_shown_period(period),
        },
    )


@blueprint.get("/mutu/cacat")
@needs("quality.read")
def faults() -> ResponseReturnValue:
    """List the entries that the sums of defects are made of."""
    g.at = clock.now()
    period = _period()
    query = {
        **period,
        "workshop_id": _id("unit"),
        "work_order_id": _id("perintah"),
        "defect": request.args.get("jenis") or None,
        "stage": request.args.get("tahap") or None,
        "cause": request.args.get("sebab") or None,
        "cursor": request.args.get("cursor") or None,
        "limit": 50,
    }
    summed = _given({name: query[name] for name in ("first", "last", "workshop_id", "work_order_id")})
    asked = services().together(
        page=("production", "/quality/faults", _given(query)), seen=("production", "/quality", summed)
    )
    entries = [_entry(e) for e in asked["page"]["items"]] if asked["page"] else None
    seen = _named(asked["seen"]) if asked["seen"] else None
    causes = {c["key"]: c["name"] for d in seen["defects"] for c in d["causes"]} if seen else {}
    return render(
        "quality/faults.html",
        {
            "entries": entries,
            "next": asked["page"]["next"] if asked["page"] else None,
            "defects": [(d["key"], d["name"]) for d in seen["defects"]] if seen else [],
            "causes": list(causes.items()),
            "people": names(e["inmate_id"] for e in entries or ()),
            **_shown_period(period),
        },
    )


@blueprint.get("/mutu/pemeriksaan")
@needs("quality.read")
def inspections() -> ResponseReturnValue:
    """List the inspections."""
    g.at = clock.now()
    query = {
        "workshop_id": _id("unit"),
        "work_order_id": _id("perintah"),
        "bundle_id": _id("bundel"),
        "inspector": request.args.get("oleh") or None,
        "result": request.args.get("hasil") or None,
        "first": _day("dari"),
        "last": _day("sampai"),
        "search": request.args.get("q", "")[:100] or None,
        "cursor": request.args.get("cursor") or None,
        "limit": 50,
    }
    asked = services().together(
        page=("production", "/inspections", _given(query)), workshops=("production", "/workshops")
    )
    return render(
        "quality/inspections.html",
        {
            "inspections": asked["page"]["items"] if asked["page"] else None,
            "next": asked["page"]["next"] if asked["page"] else None,
            "units": [(w["id"], w["name"]) for w in asked["workshops"]["items"]] if asked["workshops"] else [],
            "first": query["first"],
            "last": query["last"],
            "words": words,
        },
    )


@blueprint.get("/mutu/pemeriksaan/<uuid:inspection_id>")
@needs("quality.read")
def inspection(inspection_id: UUID) -> ResponseReturnValue:
    """Show one inspection with what it found."""
    g.at = clock.now()
    found = services().get("production", f"/inspections/{inspection_id}").json
    entries = [_entry(e) for e in found["entries"]]
    person = found["by"].partition(":")[2]
    with own(everywhere=True) as store:
        officer = called(store, [person]).get(person, "")
    english = current() == "en"
    return render(
        "quality/inspection.html",
        {
            "inspection": {**found, "stage": found["stage_name_en"] if english else found["stage_name"]},
            "entries": entries,
            "people": names(e["inmate_id"] for e in entries),
            "officer": officer,
            "words": words,
        },
    )


@blueprint.get("/mutu/periksa")
@needs("quality.inspect")
def inspecting() -> ResponseReturnValue:
    """Ask what was inspected and found: of a bundle, or of loose pieces of a work order."""
    g.at = clock.now()
    return _inspecting(forms.Form(values=request.args))


@blueprint.post("/mutu/periksa")
@needs("quality.inspect")
def inspect() -> ResponseReturnValue:
    """Keep an inspection."""
    g.at = clock.now()
    body = InspectionForm(values=request.form).body() | {"work_date": str(today()), "shift": _shift()}
    try:
        made = services().post("production", "/inspections", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        if problem.status not in _REFUSED:
            raise
        return _inspecting(_refused(problem), problem.status)
    toast(
        _("Pemeriksaan disimpan: %(good)s lolos, %(faulty)s cacat.")
        % {"good": made["good"], "faulty": made["rework"] + made["reject"]}
    )
    return redirect(url_for("quality.inspection", inspection_id=made["id"]), 303)


def _inspecting(form: forms.Form, status: int = 200) -> ResponseReturnValue:
    bundle_id = request.form.get("bundle_id") or request.args.get("bundel")
    work_order_id = request.form.get("work_order_id") or request.args.get("perintah")
    bundle = services().get("production", f"/bundles/{_uuid(bundle_id)}").json if bundle_id else None
    work_order_id = bundle["work_order_id"] if bundle else work_order_id
    if not work_order_id:
        return render("quality/choose.html", {"jobs": _at_quality()})
    asked = services().together(
        work_order=("production", f"/work-orders/{_uuid(work_order_id)}"),
        standing=("production", f"/work-orders/{_uuid(work_order_id)}/bundles"),
    )
    if not asked["work_order"] or not asked["standing"]:
        return render("quality/missing.html", status=503)
    work_order = asked["work_order"]
    stages = named(work_order["stages"])
    quality = next(s for s in stages if s["counts_quality"])
    return render(
        "quality/inspect.html",
        {
            "work_order": work_order,
            "bundle": {**bundle, **shown(bundle)} if bundle else None,
            "quality": quality,
            "causes": [(s["no"], s["name"]) for s in stages if s["no"] <= quality["no"]],
            "defects": [(d["key"], d["name"]) for d in named(asked["standing"]["defects"])],
            "cells": _loose(asked["standing"], quality["no"]),
            "checkers": _checkers(work_order),
            "rows": range(FINDINGS),
            "form": form,
            "words": words,
        },
        status,
    )


def _at_quality() -> list[dict[str, Any]]:
    """Give the open work orders with pieces at quality control."""
    jobs = []
    for item in services().every("production", "/work-orders"):
        quality = next(s for s in item["stages"] if s["counts_quality"])
        there = quality["waiting"] + quality["rework"]
        if there and item["state"] in ("released", "in_progress"):
            jobs.append({**item, "waiting": quality["waiting"], "rework": quality["rework"]})
    return jobs


def _loose(standing: Mapping[str, Any], quality_no: int) -> list[dict[str, Any]]:
    stage = next(s for s in standing["stages"] if s["no"] == quality_no)
    loose = {c["cell_no"]: c["loose"] for c in stage["cells"]}
    return [{**c, "loose": loose[c["no"]], "what": what_of(c)} for c in standing["cells"]]


def _checkers(work_order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give those on duty in the workshop now, of whom one may have checked."""
    query = {"workshop_id": work_order["workshop_id"], "work_date": str(today()), "shift": _shift()}
    shift = services().get("production", "/tally", **query).json
    people = [p["inmate_id"] for p in (*shift["people"], *shift["others"]) if p["allowed"]]
    known = names(people)
    listed = [(i, f"{known[i].name} · {known[i].register_number}") for i in people if i in known]
    return sorted(listed, key=lambda one: one[1].casefold())


def _refused(problem: ServiceProblem) -> forms.Form:
    """Give the form back with a complaint about a finding at the row it was written in."""
    rows = InspectionForm(values=request.form).rows()

    def place(pointer: str) -> str:
        match = re.match(r"/findings/(\d+)", pointer)
        return f"/defect.{rows[int(match[1])]}" if match else pointer

    return forms.refused(problem.document, place)


def _named(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Give the sums with names in the language of the page."""
    defects = [{**d, "causes": named(d["causes"])} for d in named(seen["defects"])]
    return {**seen, "stages": named(seen["stages"]), "defects": defects}


def _stages(seen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the stages; over several workshops those with a defect and quality control only, for the others are good."""
    several = len(seen["workshops"]) > 1
    return [s for s in named(seen["stages"]) if not several or s["counts_quality"] or s["rework"] + s["reject"]]


def _trend(seen: Mapping[str, Any]) -> list[Part]:
    """Give the yield of each day, week or month in hundredths, those at the end where there are many."""
    parts = []
    for one in seen["periods"][-_BARS:]:
        begins = as_day(one["begins"])
        label = format_month(begins).split(" ")[0][:3] if seen["by"] == "month" else format_date_short(begins)
        share = round(100 * (one["first_pass_yield"] or 0))
        parts.append(Part(label=label, value=share, tone="daun" if share >= words.AIM else "kunyit"))
    return parts


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    english = current() == "en"
    return {
        **entry,
        "stage": entry["stage_name_en"] if english else entry["stage_name"],
        "responsible": entry["responsible_name_en"] if english else entry["responsible_name"],
        "defect_shown": entry["defect_name_en"] if english else entry["defect_name"],
    }


def _period() -> dict[str, str]:
    """Give the days the address names, else the last thirty; a day that is none counts as not named."""
    last = _day("sampai") or today()
    first = _day("dari") or last - timedelta(days=_DAYS)
    return {"first": str(min(first, last)), "last": str(last)}


def _shown_period(period: Mapping[str, str]) -> dict[str, Any]:
    now = today()
    spans = {
        "7": (now - timedelta(days=6), now),
        "30": (now - timedelta(days=_DAYS), now),
        "bulan": (now.replace(day=1), now),
        "90": (now - timedelta(days=89), now),
    }
    return {"first": period["first"], "last": period["last"], "spans": spans}


def _day(name: str) -> date | None:
    try:
        return as_day(request.args[name])
    except (KeyError, ValueError):
        return None


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _id(name: str) -> UUID | None:
    text = request.args.get(name)
    return _uuid(text) if text else None


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        abort(404)


def _shift() -> str:
    hour = local(clock.now()).hour
    return "pagi" if hour < _NOON else "siang" if hour < _EVENING else "malam"
