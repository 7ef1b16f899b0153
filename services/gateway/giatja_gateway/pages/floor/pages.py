"""The screens of the floor: choose period and workshop, then record what the whole shift made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import menu
from giatja_gateway.pages.actors import officers, person_of
from giatja_gateway.pages.base import NavItem, needs, render
from giatja_gateway.pages.board.words import CALLS
from giatja_gateway.pages.floor.words import STATUSES, words
from giatja_gateway.pages.formats import as_day, local, today
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.services import names, services
from giatja_kit import clock

blueprint = Blueprint("floor", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="floor.floor",
        label=lazy("Catat hasil"),
        icon="tablet-landscape",
        permission="output.record",
        section=menu.FLOOR,
        bottom=True,
    ),
)
SHIFTS: Final = (
    ("pagi", lazy("Pagi"), "sunrise"),
    ("siang", lazy("Siang"), "sun"),
    ("malam", lazy("Malam"), "moon-stars"),
)
_NOON, _EVENING = 12, 18
_DAYS_BACK: Final = 7
_MADE: Final = ("good", "rework", "reject", "entries")


@blueprint.get("/lantai")
@needs("output.record")
def floor() -> ResponseReturnValue:
    """Choose period and workshop; with a workshop chosen, record its shift."""
    g.at = clock.now()
    chosen = {"tanggal": _day(), "shift": _shift()}
    unit, work_order_id = _id("unit"), _id("perintah")
    if unit:
        return _tally(unit, chosen)
    if work_order_id:
        place = services().get("production", f"/work-orders/{work_order_id}").json["workshop_id"]
        return redirect(url_for("floor.floor", **{**request.args.to_dict(), "unit": place}), 303)
    summary = ("production", "/production/summary", {"date": chosen["tanggal"]})
    return render("floor/choose.html", {**services().together(summary=summary), **chosen})


@blueprint.get("/lantai/keadaan")
@needs("output.record")
def standing() -> ResponseReturnValue:
    """Give the numbers of a shift as they are now; inmates by their ids, the page knows the names."""
    return _answer(_seen(_shift_of(str(request.args.get("unit", "")), _day(), _shift())))


@blueprint.post("/lantai/catat")
@needs("output.record")
def record() -> ResponseReturnValue:
    """Record what the floor page sends, under the key it made for it."""
    key, body = _sent()
    return _answer(services().post("production", "/tally", body, key=key).json)


@blueprint.post("/lantai/urungkan")
@needs("output.record")
def undo() -> ResponseReturnValue:
    """Take one tally back."""
    key, body = _sent()
    try:
        tally_id = UUID(str(body.get("id")))
    except ValueError:
        abort(422)
    return _answer(services().post("production", f"/tally/{tally_id}/undo", key=key).json)


@blueprint.post("/lantai/susulan")
@needs("output.record")
def propose() -> ResponseReturnValue:
    """Propose what was made on a day that was closed meanwhile; another person confirms it."""
    key, body = _sent()
    return _answer(services().post("production", "/corrections/late", body, key=key).json)


def _sent() -> tuple[str, Mapping[str, Any]]:
    key = request.headers.get("Idempotency-Key")
    body = request.get_json(silent=True)
    if not key or not isinstance(body, Mapping):
        abort(422)
    return key, body


def _answer(document: Mapping[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _shift_of(workshop_id: str, day: str, shift: str) -> dict[str, Any]:
    query = {"workshop_id": workshop_id, "work_date": day, "shift": shift}
    found: dict[str, Any] = services().get("production", "/tally", **query).json
    return found


def _seen(shift: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changes in a shift while somebody looks at it, with the officers' names."""
    known = officers([one["recorded_by"] for one in (*shift["entries"], *shift["tallies"])] + [shift["closed_by"]])
    me = str(g.person.id)

    def by(actor: str) -> dict[str, Any]:
        return {"by": known[actor], "mine": person_of(actor) == me}

    return {
        "at": clock.now().isoformat(),
        "today": shift["today"],
        "minutes": shift["minutes"],
        "closed_at": shift["closed_at"],
        "closed_by": by(shift["closed_by"])["by"] if shift["closed_by"] else None,
        "people": [
            {name: one[name] for name in ("inmate_id", "status", "minutes", *_MADE)}
            for one in (*shift["people"], *shift["others"])
        ],
        "jobs": _jobs(shift["jobs"]),
        "entries": [
            {
                **{
                    name: e[name]
                    for name in ("id", "inmate_id", "work_order_id", "stage_id", *_MADE[:3], "recorded_at")
                },
                **by(e["recorded_by"]),
            }
            for e in shift["entries"]
            if not e["undone"]
        ],
        "tallies": [
            {**{name: t[name] for name in ("id", "recorded_at", "undone_at", "entries")}, **by(t["recorded_by"])}
            for t in shift["tallies"]
        ],
    }


def _jobs(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    kept = ("id", "no", "key", "name", "waiting", "rework", "target", "actual", "counts_quality")
    return [
        {
            **{name: job[name] for name in ("id", "product_name", "order_number", "due_date", "state", "cells")},
            "defects": [{"key": d["key"], "name": d["name"]} for d in named(job["defects"])],
            "stages": [{name: stage[name] for name in kept} for stage in named(job["stages"])],
        }
        for job in jobs
    ]


def _tally(workshop_id: UUID, chosen: Mapping[str, Any]) -> Response:
    shift = _shift_of(str(workshop_id), chosen["tanggal"], chosen["shift"])
    known = names(p["inmate_id"] for p in (*shift["people"], *shift["others"]))

    def person(one: Mapping[str, Any]) -> dict[str, Any]:
        name = known.get(one["inmate_id"])
        return {
            **one,
            "name": name.name if name else _("WBP %(tail)s") % {"tail": one["inmate_id"][-4:]},
            "register_number": name.register_number if name else "",
        }

    def sorted_by_name(people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return sorted(map(person, people), key=lambda p: (p["name"].casefold(), p["inmate_id"]))

    # Who has no permission to work is not offered; what was recorded of them before is still seen.
    people = sorted_by_name(p for p in shift["people"] if p["allowed"] or p["entries"])
    return render(
        "floor/tally.html",
        {
            "shift_seen": shift,
            "seen": _seen(shift),
            "people": people,
            "others": sorted_by_name(shift["others"]),
            "shift_name": {key: label for key, label, _icon in SHIFTS}[chosen["shift"]],
            "statuses": STATUSES,
            "words": words(),
            "calls": CALLS,
            "perintah": request.args.get("perintah", ""),
            "tahap": request.args.get("tahap", ""),
            **chosen,
        },
    )


def _id(name: str) -> UUID | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _day() -> str:
    """Return the day that is recorded: today unless the address names another that is not to come."""
    now = today()
    try:
        asked = as_day(request.args["tanggal"])
    except (KeyError, ValueError):
        return str(now)
    return str(min(asked, now))


def _shift() -> str:
    asked = request.args.get("shift")
    if asked in {key for key, _label, _icon in SHIFTS}:
        return str(asked)
    hour = local(g.get("at") or clock.now()).hour
    return "pagi" if hour < _NOON else "siang" if hour < _EVENING else "malam"


@blueprint.app_context_processor
def _shared() -> dict[str, Any]:
    return {"floor_shifts": SHIFTS, "floor_days": _days}


def _days() -> list[str]:
    """Return the days somebody may still record for by a tap, the newest first."""
    return [str(today() - timedelta(days=n)) for n in range(_DAYS_BACK)]


def named(things: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give stages or defects with their name in the language of the page."""
    english = current() == "en"
    return [{**t, "name": t["name_en"] if english else t["name"]} for t in things]
