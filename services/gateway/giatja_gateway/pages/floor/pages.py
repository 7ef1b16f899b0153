"""The screens of the floor: choose what is worked on, then record who made how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, g, jsonify, request
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import menu
from giatja_gateway.pages.base import NavItem, needs, render
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


@blueprint.get("/lantai")
@needs("output.record")
def floor() -> ResponseReturnValue:
    """Choose workshop, work order and stage; with all of them chosen, record."""
    g.at = clock.now()
    day, shift = _day(), _shift()
    chosen = {"tanggal": day, "shift": shift}
    work_order_id, stage_id = _id("perintah"), _id("tahap")
    if work_order_id and stage_id:
        return _record(work_order_id, stage_id, chosen)
    if work_order_id:
        work_order = services().get("production", f"/work-orders/{work_order_id}").json
        return render("floor/stages.html", {"work_order": work_order, "stages": named(work_order["stages"]), **chosen})
    asked = services().together(
        workshops=("production", "/workshops"),
        work_orders=("production", "/work-orders", {"workshop_id": request.args.get("unit", ""), "limit": 100}),
    )
    return render("floor/choose.html", {**asked, "unit": request.args.get("unit", ""), **chosen})


@blueprint.get("/lantai/keadaan")
@needs("output.record")
def standing() -> ResponseReturnValue:
    """Give the numbers of a floor as they are now; ids only, the page knows the names."""
    return jsonify(_floor(request.args["perintah"], request.args["tahap"], request.args["tanggal"], _shift()))


@blueprint.post("/lantai/catat")
@needs("output.record")
def record() -> ResponseReturnValue:
    """Record what the floor page sends, under the key it made for it."""
    key = request.headers.get("Idempotency-Key")
    body = request.get_json(silent=True)
    if not key or not isinstance(body, Mapping):
        abort(422)
    return _answer(services().post("production", "/output", body, key=key).json)


@blueprint.post("/lantai/urungkan")
@needs("output.record")
def undo() -> ResponseReturnValue:
    """Take one entry back."""
    body = request.get_json(silent=True)
    if not isinstance(body, Mapping):
        abort(422)
    try:
        output_id = UUID(str(body.get("id")))
    except ValueError:
        abort(422)
    key = request.headers.get("Idempotency-Key")
    return _answer(services().post("production", f"/output/{output_id}/undo", key=key).json)


def _answer(document: Mapping[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _record(work_order_id: UUID, stage_id: UUID, chosen: Mapping[str, Any]) -> Response:
    seen = _floor(str(work_order_id), str(stage_id), str(chosen["tanggal"]), chosen["shift"])
    called = names(w["inmate_id"] for w in seen["workers"])
    people = [
        {
            **worker,
            "name": called[worker["inmate_id"]].name
            if worker["inmate_id"] in called
            else _("WBP %(tail)s") % {"tail": worker["inmate_id"][-4:]},
            "register_number": called[worker["inmate_id"]].register_number if worker["inmate_id"] in called else "",
        }
        for worker in seen["workers"]
    ]
    people.sort(key=lambda p: (p["name"].casefold(), p["inmate_id"]))
    usual = [p for p in people if p["usual"] or p["recorded"]]
    others = [p for p in people if not (p["usual"] or p["recorded"])]
    return render(
        "floor/record.html",
        {
            "floor": seen,
            "stage": named([seen["stage"]])[0],
            "defects": named(seen["defects"]),
            "usual": usual or others,
            "others": others if usual else [],
            "shift_name": {key: label for key, label, _icon in SHIFTS}[chosen["shift"]],
            "words": _words(),
            **chosen,
        },
    )


def _floor(work_order_id: str, stage_id: str, day: str, shift: str) -> dict[str, Any]:
    query = {"work_order_id": work_order_id, "stage_id": stage_id, "work_date": day, "shift": shift}
    found: dict[str, Any] = services().get("production", "/floor", **query).json
    return found


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


def _words() -> dict[str, str]:
    """Return what the page's script says."""
    return {
        "good": _("lolos"),
        "rework": _("perbaikan"),
        "reject": _("afkir"),
        "none": _("belum"),
        "choose": _("Pilih WBP"),
        "several": _("{n} orang dipilih"),
        "last": _("Terakhir: {who}, {n} {kind}"),
        "recorded": _("{n} orang sudah dicatat"),
        "missing": _("{n} belum"),
        "gap": _("kurang {n} lagi"),
        "done": _("target tercapai"),
        "unsent": _("{n} catatan belum terkirim"),
        "defect": _("Pilih jenis cacatnya dulu."),
        "number": _("Ketik jumlahnya dulu."),
        "person": _("Pilih orangnya dulu."),
        "undone": _("Catatan terakhir diurungkan."),
        "nothing": _("Belum ada catatan yang bisa diurungkan di sini."),
        "wait": _("Tunggu sampai catatan ini terkirim, lalu urungkan."),
        "signin": _("Sesi berakhir. Masuk lagi; catatan tetap tersimpan di perangkat ini."),
        "refused": _("{who}: {n} {kind} tidak tercatat. {why}"),
        "people": _("{n} orang"),
        "waiting": _("{n} menunggu"),
        "rework_open": _("{n} perbaikan"),
        "all": _("Pilih semua yang belum"),
        "clear": _("Batalkan pilihan"),
        "complete": _("Semua yang biasa bekerja di sini sudah dicatat."),
        "unusual": _("Belum ada yang biasa bekerja di sini. Pilih orangnya satu per satu."),
        "full": _("Penyimpanan perangkat penuh; catatan dikirim langsung."),
    }
