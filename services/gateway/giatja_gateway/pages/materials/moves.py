"""The forms by which material comes in and moves on: one for receipts, one for every other act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counted
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms
from giatja_gateway.pages.base import needs, render, toast
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.pages.materials import words
from giatja_gateway.services import Every, ServiceProblem, services
from giatja_kit import clock

blueprint = Blueprint("moving", __name__)
_MOST_LINES: Final = 100
_OWN: Final = "lapas"
_FINEST: Final = 3


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act on material that is here: what it is called, and where it may be taken from."""

    name: str
    title: lazy
    text: lazy
    button: lazy
    icon: str
    places: tuple[str, ...]
    reasoned: bool = False
    tone: str = "main"


_WORK, _PARTNER, _STORE = "wo", "order", "lapas"
ACTS: Final[Mapping[str, Act]] = {
    "keluar": Act(
        name="issue",
        title=lazy("Keluarkan ke pekerjaan"),
        text=lazy("Bahan pindah dari gudang ke perintah kerja. Yang diusulkan adalah yang masih dibutuhkan."),
        button=lazy("Keluarkan"),
        icon="box-arrow-up-right",
        places=(_WORK,),
    ),
    "ke-gudang": Act(
        name="restore",
        title=lazy("Kembalikan ke gudang"),
        text=lazy("Bahan yang tidak terpakai di perintah kerja kembali ke gudang."),
        button=lazy("Kembalikan"),
        icon="box-arrow-in-left",
        places=(_WORK,),
    ),
    "pakai": Act(
        name="use",
        title=lazy("Catat terpakai"),
        text=lazy("Yang masih di pekerjaan dihitung terpakai saat bahannya diselesaikan; di sini boleh lebih dulu."),
        button=lazy("Catat terpakai"),
        icon="scissors",
        places=(_WORK,),
    ),
    "rusak": Act(
        name="waste",
        title=lazy("Catat sisa rusak"),
        text=lazy("Potongan yang tidak terpakai lagi atau bahan yang rusak."),
        button=lazy("Catat"),
        icon="trash3",
        places=(_WORK, _PARTNER, _STORE),
        reasoned=True,
    ),
    "hilang": Act(
        name="loss",
        title=lazy("Catat hilang"),
        text=lazy("Bahan yang tidak ditemukan lagi."),
        button=lazy("Catat"),
        icon="question-octagon",
        places=(_WORK, _PARTNER, _STORE),
        reasoned=True,
        tone="bad",
    ),
    "ke-mitra": Act(
        name="return",
        title=lazy("Kembalikan ke mitra"),
        text=lazy("Bahan titipan yang tersisa di gudang dibawa kembali oleh mitra."),
        button=lazy("Kembalikan"),
        icon="box-arrow-left",
        places=(_PARTNER,),
    ),
    "pindah": Act(
        name="transfer",
        title=lazy("Pindahkan"),
        text=lazy("Sisa bahan titipan dipakai untuk pesanan lain dari mitra yang sama, atau diserahkan kepada Lapas."),
        button=lazy("Pindahkan"),
        icon="arrow-left-right",
        places=(_PARTNER,),
        reasoned=True,
    ),
}


@blueprint.get("/bahan/terima")
@needs("materials.write")
def receipt() -> ResponseReturnValue:
    """Ask what came in."""
    g.at = clock.now()
    values = {"order_id": request.args.get("pesanan", ""), "lines.0.material_id": request.args.get("bahan", "")}
    return _receipt_page(Form(values=values), 1)


@blueprint.post("/bahan/terima")
@needs("materials.write")
def receive() -> ResponseReturnValue:
    """Take material in, or give the form one line more."""
    g.at = clock.now()
    sent = request.form
    count = min(max(int(sent.get("count", "1") if sent.get("count", "1").isdecimal() else 1), 1), _MOST_LINES)
    if sent.get("act") == "add":
        return _receipt_page(Form(values=sent), min(count + 1, _MOST_LINES))
    lines, places, errors = _received(count)
    if errors:
        return _receipt_page(Form(values=sent, errors=errors), count, 422)
    body = {
        "order_id": sent.get("order_id") or None,
        "received_on": sent.get("received_on") or None,
        "reference": sent.get("reference", "").strip(),
        "note": sent.get("note", "").strip(),
        "lines": lines,
    }
    try:
        made = services().post("production", "/material-receipts", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _receipt_page(words.refused(problem, places), count, problem.status)
    toast(_("Penerimaan %(number)s dicatat.") % {"number": made["number"]})
    return redirect(url_for("materials.document", document_id=made["id"]), 303)


def _received(count: int) -> tuple[list[dict[str, Any]], list[int], dict[str, str]]:
    """Return what was filled in of each line, which line of the form it is, and what is no number."""
    sent = request.form
    lines, places, errors = [], [], {}
    for nth in range(count):
        at = f"lines.{nth}."
        if not any(sent.get(at + name, "").strip() for name in ("material_id", "counted")):
            continue
        read = {name: sent.get(at + name, "").strip() for name in ("counted", "stated")}
        quantities = {name: words.thousandths(text) if text else None for name, text in read.items()}
        for name, text in read.items():
            if quantities[name] is None and (text or name == "counted"):
                errors[at + name] = words.not_a_number()
        if not sent.get(at + "material_id"):
            errors[at + "material_id"] = _("Pilih bahannya.")
        lines.append(
            {
                "material_id": sent.get(at + "material_id"),
                **quantities,
                "best_before": sent.get(at + "best_before") or None,
            }
        )
        places.append(nth)
    if not lines:
        errors["lines.0.material_id"] = _("Isi paling sedikit satu bahan.")
    return lines, places, errors


def _receipt_page(form: Form, count: int, status: int = 200) -> ResponseReturnValue:
    found = services().together(
        materials=Every("production", "/materials", {"active": "true"}),
        orders=Every("production", "/material-orders", {"owner": "partner"}),
    )
    materials = found["materials"]["items"] if found["materials"] else []
    orders = found["orders"]["items"] if found["orders"] else []
    context = {
        "form": form,
        "count": count,
        "materials": [(m["id"], f"{m['name']} ({m['unit']})") for m in materials],
        "orders": [
            (o["order_id"], f"{o['number']} · {o['partner_name']}")
            for o in orders
            if o["state"] != "settled" and not o["closed_on"]
        ],
    }
    return render("materials/receipt.html", context, status)


@blueprint.get("/bahan/gerak/<act>")
@needs("materials.write")
def move(act: str) -> ResponseReturnValue:
    """Ask from where, and then how much of what is there."""
    g.at = clock.now()
    if act not in ACTS:
        abort(404)
    return _move_page(act, request.args.get("dari", ""), Form())


@blueprint.post("/bahan/gerak/<act>")
@needs("materials.write")
def moved(act: str) -> ResponseReturnValue:
    """Move material; a refusal stands on the line it is about, beside what is there now."""
    g.at = clock.now()
    if act not in ACTS:
        abort(404)
    sent = request.form
    source = sent.get("from", "")
    lines, places, errors = _moving()
    if errors:
        return _move_page(act, source, Form(values=sent, errors=errors), 422)
    kind, _colon, id_ = source.partition(":")
    body = {
        "act": ACTS[act].name,
        "work_order_id": id_ if kind == _WORK else None,
        "order_id": id_ if kind == _PARTNER else None,
        "to_order_id": sent.get("to_order_id") or None,
        "reference": sent.get("reference", "").strip(),
        "reason": sent.get("reason", "").strip(),
        "lines": lines,
    }
    try:
        made = services().post("production", "/material-movements", body, key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _move_page(act, source, words.refused(problem, places), problem.status)
    toast(_("Dokumen %(number)s dicatat.") % {"number": made["number"]})
    return redirect(url_for("materials.document", document_id=made["id"]), 303)


def _moving() -> tuple[list[dict[str, Any]], list[int], dict[str, str]]:
    sent = request.form
    lines, places, errors = [], [], {}
    for nth in counted():
        material_id = sent.get(f"lines.{nth}.material_id")
        if material_id is None:
            break
        text = sent.get(f"lines.{nth}.quantity", "").strip()
        if not text:
            continue
        quantity = words.thousandths(text)
        if quantity is None:
            errors[f"lines.{nth}.quantity"] = words.not_a_number()
        elif quantity:
            lines.append({"material_id": material_id, "quantity": quantity})
            places.append(nth)
    if not lines and not errors:
        errors["lines.0.quantity"] = _("Isi jumlah paling sedikit satu bahan.")
    return lines, places, errors


def _move_page(act: str, source: str, form: Form, status: int = 200) -> ResponseReturnValue:
    how = ACTS[act]
    places = _places(how)
    if source not in dict(places):
        source = ""
    rows, job = _there(how, source) if source else ([], None)
    targets: list[tuple[str, str]] = []
    if how.name == "transfer":
        targets = [(value.partition(":")[2], text) for value, text in places if value != source]
    context = {
        "act": act,
        "how": how,
        "places": places,
        "source": source,
        "source_name": dict(places).get(source, ""),
        "rows": rows,
        "job": job,
        "targets": targets,
        "form": form,
        "words": words,
        "labels": {f"lines.{nth}.quantity": row["name"] for nth, row in enumerate(rows)} | {"reason": _("Alasan")},
    }
    return render("materials/move.html", context, status)


def _places(how: Act) -> list[tuple[str, str]]:
    """List where an act may take material from: open work orders, partners' orders, the Lapas' own."""
    found: list[tuple[str, str]] = []
    asked = services().together(
        jobs=Every("production", "/work-orders", {"state": "open" if how.name == "issue" else "all"}),
        orders=Every("production", "/material-orders", {"owner": "partner", "state": "open"}),
    )
    if _WORK in how.places and asked["jobs"]:
        found += [(f"{_WORK}:{job['id']}", words.job_name(job)) for job in asked["jobs"]["items"]]
    if _PARTNER in how.places and asked["orders"]:
        found += [
            (f"{_PARTNER}:{o['order_id']}", f"{o['number']} · {o['partner_name']}") for o in asked["orders"]["items"]
        ]
    if _STORE in how.places:
        found.append((_OWN, _("Gudang, milik Lapas")))
    return found


def _there(how: Act, source: str) -> tuple[list[dict[str, Any]], Any]:
    """List what is there to be moved, with the quantity to suggest."""
    kind, _colon, id_ = source.partition(":")
    if kind == _WORK:
        job = services().get("production", f"/work-orders/{UUID(id_)}/materials").json
        return (_to_issue(job["lines"]) if how.name == "issue" else _at_work(job["lines"])), job
    query = {"order_id": id_, "owner": "partner"} if kind == _PARTNER else {"owner": "lapas"}
    day = today().isoformat()
    rows = services().get("production", "/material-book", first=day, last=day, **query).json["items"]
    return [{**row, "there": row["store"], "suggested": None} for row in rows if row["store"] > 0], None


def _to_issue(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = [{**x, "there": x["consigned"] + x["own"], "needed": _whole(x["needed"], x["decimals"])} for x in lines]
    shown = [x for x in rows if x["there"] or x["by_bill"]]
    return [{**x, "suggested": min(x["still"], x["there"]) or None} for x in shown]


def _whole(quantity: int, decimals: int) -> int:
    """Round a quantity up to what the item is counted in."""
    step: int = 10 ** (_FINEST - decimals)
    return -(-quantity // step) * step


def _at_work(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**x, "there": x["custody"], "suggested": None} for x in lines if x["custody"] > 0]
