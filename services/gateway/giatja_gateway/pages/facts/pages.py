"""The screen of facts: where every log and cursor stands, what was set aside, and whether all was heard once."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, needs, render, toast
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.services import ServiceProblem, Unavailable, services
from giatja_kit.client import ServiceUnavailable
from giatja_kit.events.verify import Verdict, verify
from giatja_kit.web import dump

blueprint = Blueprint("facts", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="facts.page",
        label=lazy("Fakta"),
        icon="activity",
        permission="facts.operate",
        section=menu.SYSTEM,
        bottom=True,
    ),
)
SERVICES: Final[Mapping[str, lazy]] = {
    "orders": lazy("Pesanan"),
    "production": lazy("Produksi"),
    "training": lazy("Pembinaan"),
    "gateway": lazy("Gerbang"),
}
ICONS: Final = {"orders": "clipboard-check", "production": "gear-wide-connected", "training": "mortarboard", "gateway": "door-open"}  # fmt: skip
CHECKS: Final[Mapping[str, tuple[lazy, lazy]]] = {
    "premi_accounts": (lazy("Saldo premi"), lazy("jumlah mutasi tiap rekening")),
    "premi_entries": (lazy("Bukti premi"), lazy("debit sama dengan kredit")),
    "premi_lists": (lazy("Daftar premi"), lazy("jumlah barisnya")),
    "piece_credits": (lazy("Hitungan potong"), lazy("potongan yang lolos QC")),
    "bundles": (lazy("Bundel dan lot"), lazy("isi tahap tempatnya berada")),
    "material_in_store": (lazy("Bahan di gudang"), lazy("mutasi tiap lot")),
    "material_at_work": (lazy("Bahan di pekerjaan"), lazy("mutasi tiap pekerjaan")),
}
REASONS: Final[Mapping[str, lazy]] = {
    "lost": lazy("Ada yang hilang"),
    "repeated": lazy("Ada yang terdengar dua kali"),
    "out_of_order": lazy("Urutannya berubah"),
    "held_but_gone": lazy("Yang ditahan tidak ditemukan"),
}


@blueprint.get("/fakta")
@needs("facts.operate")
def page() -> ResponseReturnValue:
    """Show where everything stands."""
    return render("facts/page.html", _standing())


@blueprint.get("/fakta/keadaan")
@needs("facts.operate")
def standing() -> ResponseReturnValue:
    """Give the moving part of the page again, or nothing where nothing moved."""
    found = _standing()
    etag = sha256(current().encode() + dump(_steady(found))).hexdigest()[:20]
    answer = render("facts/standing.html", found)
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.get("/fakta/periksa")
@needs("facts.operate")
def check() -> ResponseReturnValue:
    """Compare what was told with what was heard, and say what was found."""
    found = sorted(verify(_ask, list(SERVICES)), key=lambda v: (v.sound, v.subscriber, v.source))
    context = {
        "verdicts": found,
        "sound": all(v.sound for v in found),
        "books": services().together(books=("production", "/books"))["books"],
        "say": say,
        "names": SERVICES,
        "checks": CHECKS,
    }
    return render("facts/check.html", context)


@blueprint.post("/fakta/<service>/<uuid:fact_id>/coba")
@needs("facts.operate")
def retry(service: str, fact_id: UUID) -> ResponseReturnValue:
    """Try a parked fact again."""
    answer = services().post(_known(service), f"/facts/parked/{fact_id}/retry", key=forms.sent_key())
    if answer.json["applied"]:
        toast(_("Faktanya berhasil diproses."))
    else:
        toast(_("Masih gagal; sebabnya ada di daftar."), "merah")
    return redirect(url_for("facts.page"), 303)


@blueprint.post("/fakta/<service>/<uuid:fact_id>/buang")
@needs("facts.operate")
def discard(service: str, fact_id: UUID) -> ResponseReturnValue:
    """Give a parked fact up, with a reason."""
    return _with_reason(service, f"/facts/parked/{fact_id}/discard", _("Faktanya dibuang; alasannya tercatat."))


@blueprint.post("/fakta/<service>/<source>/terima")
@needs("facts.operate")
def accept(service: str, source: str) -> ResponseReturnValue:
    """Go on with a restored source, with a reason."""
    return _with_reason(service, f"/facts/vanished/{_known(source)}/accept", _("Sumbernya diikuti lagi."))


@blueprint.post("/fakta/ulang")
@needs("facts.operate")
def replay() -> ResponseReturnValue:
    """Make the gateway's read model again from the first fact on."""
    services().post("gateway", "/facts/replay", key=forms.sent_key())
    toast(_("Angka wilayah sedang dibangun ulang dari fakta pertama."))
    return redirect(url_for("facts.page"), 303)


def _with_reason(service: str, path: str, done: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    try:
        services().post(_known(service), path, {"reason": reason}, key=forms.sent_key())
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        toast(_("Tulis alasannya, paling sedikit lima huruf."), "merah")
    else:
        toast(done)
    return redirect(url_for("facts.page"), 303)


def _known(service: str) -> str:
    if service not in SERVICES:
        abort(404)
    return service


def _ask(service: str, path: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask for :func:`giatja_kit.events.verify.verify`, to which a failing service is a silent one."""
    try:
        found: Mapping[str, Any] = services().get(service, path, **query).json
    except ServiceProblem as problem:
        raise ServiceUnavailable(service, str(problem)) from problem
    return found


def _standing() -> dict[str, Any]:
    """Return what each service says of itself, and everything that was set aside."""
    asked = {f"{s}_status": (s, "/facts/status") for s in SERVICES} | {
        f"{s}_parked": (s, "/facts/parked") for s in SERVICES
    }
    found = services().together(**asked)
    standings = {s: _or_nothing(found[f"{s}_status"]) for s in SERVICES}
    for status in standings.values():
        for cursor in status["cursors"] if status else ():
            source = standings.get(cursor["source"])
            cursor["lag"] = max((source["head"] if source else cursor["head"]) - cursor["position"], 0)
    parked = [
        {"service": s, **item, "brief": _brief(item["error"])}
        for s in SERVICES
        for item in (found[f"{s}_parked"] or {"items": []})["items"]
    ]
    return {
        "standings": standings,
        "parked": parked,
        "ahead": _ahead(standings),
        "names": SERVICES,
        "icons": ICONS,
        "most_lag": max((c["lag"] for st in standings.values() if st for c in st["cursors"]), default=0),
        "silent": ", ".join(str(SERVICES[s]) for s, status in standings.items() if status is None),
    }


def _or_nothing(answer: Any) -> dict[str, Any] | None:
    return None if isinstance(answer, Unavailable) else answer


def _ahead(standings: Mapping[str, dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Return the subscribers that stopped because their source was restored, with what vanished."""
    found = []
    for service, status in standings.items():
        for cursor in status["cursors"] if status else ():
            if cursor["state"] == "ahead":
                items = services().get(service, f"/facts/vanished/{cursor['source']}").json["items"]
                found.append({"service": service, "source": cursor["source"], "items": items})
    return found


def _brief(error: str | None) -> str:
    return error.splitlines()[0][:160] if error else ""


def _steady(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is worth drawing the page again for: not the seconds of the last look."""
    keep = ("unplaced", "head", "parked", "epoch")
    return {
        "parked": found["parked"],
        "standings": {
            service: status
            and {
                **{k: status[k] for k in keep},
                "cursors": [{**c, "looked_at": (c["looked_at"] or "")[:16]} for c in status["cursors"]],
            }
            for service, status in found["standings"].items()
        },
    }


def say(verdict: Verdict) -> tuple[str, str, str]:
    """Say a verdict: words, tone and icon."""
    if verdict.reason:
        return str(REASONS[verdict.reason]), "merah", "x-octagon-fill"
    if verdict.state == "unreachable":
        return _("Tidak menjawab"), "kunyit", "plug"
    if verdict.state == "ahead":
        return _("Mendahului sumber yang dipulihkan"), "merah", "skip-forward-fill"
    if verdict.held:
        return _("Utuh, ada yang menunggu"), "kunyit", "hourglass-split"
    return _("Utuh"), "daun", "check-lg"
