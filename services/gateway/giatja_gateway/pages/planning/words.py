"""How planning answers in words: yes or the earliest day, why, and what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from giatja_gateway.pages.formats import as_day, format_date, format_date_short, format_number, format_quantity
from giatja_gateway.pages.language import _, current, lazy, ngettext

_MINUTES: Final = 60
_NAMED: Final = 3
_CAUSES: Final[Mapping[str, lazy]] = {
    "pace": lazy("Dari laju dua minggu terakhir di tahap %(stage)s."),
    "plan": lazy("Dari rencana; di tahap %(stage)s belum ada laju tiga hari kerja."),
    "on_hold": lazy("Ditahan; dihitung seolah dilanjutkan besok."),
    "nobody": lazy("Belum ada yang boleh mengerjakan tahap %(stage)s."),
}


def stage_name(stage: Mapping[str, Any] | None) -> str:
    """Name a stage in the language of the page."""
    if stage is None:
        return ""
    return str(stage["name_en"] if current() == "en" else stage["name"])


def hours(minutes: int) -> str:
    """Say working time in whole hours, at least one."""
    count = max(1, round(minutes / _MINUTES))
    return ngettext("%(num)s jam kerja", "%(num)s jam kerja", count) % {"num": format_number(count)}


def cause(found: Mapping[str, Any], stage: str) -> str:
    """Say what a forecast rests on."""
    return str(_CAUSES[found["cause"]]) % {"stage": stage or "–"}


def answer(found: Mapping[str, Any]) -> dict[str, Any]:
    """Put an answer of planning into words: a title, a sentence, and for each workshop why and what would help."""
    asked, earliest = found["asked_on"], found["earliest_on"]
    if found["possible"]:
        title, tone, mark = _("Ya, %(day)s bisa dijanjikan") % {"day": format_date(asked)}, "daun", "check-circle-fill"
    elif earliest:
        title = _("Belum bisa %(asked)s; paling cepat %(day)s") % {
            "asked": format_date_short(asked),
            "day": format_date(earliest),
        }
        tone, mark = "kunyit", "calendar-x"
    else:
        title, tone, mark = _("Belum bisa dijanjikan pada tanggal mana pun"), "merah", "exclamation-octagon-fill"
    return {
        "possible": found["possible"],
        "title": title,
        "text": _spare(found) if found["possible"] else "",
        "tone": tone,
        "icon": mark,
        "earliest_on": earliest,
        "parts": [_part(part, asked) for part in found["workshops"]],
    }


def _spare(found: Mapping[str, Any]) -> str:
    days = found["slack_days"]
    if not days:
        return _("Selesai tepat pada hari itu; tidak ada cadangan waktu.")
    said = ngettext(
        "Menurut hitungan selesai %(day)s: cadangan %(num)s hari.",
        "Menurut hitungan selesai %(day)s: cadangan %(num)s hari.",
        days,
    )
    return said % {"day": format_date(found["earliest_on"]), "num": format_number(days)}


def _part(part: Mapping[str, Any], asked: str) -> dict[str, Any]:
    return {
        "name": part["workshop_name"],
        "kind": part["workshop_kind"],
        "possible": part["possible"],
        "work": _("%(quantity)s, kira-kira %(hours)s")
        % {"quantity": format_quantity(part["quantity"], "pcs"), "hours": hours(part["minutes"])},
        "why": _why(part),
        "levers": [] if part["possible"] else _levers(part, asked),
    }


def _why(part: Mapping[str, Any]) -> str:
    bottleneck = part["bottleneck"]
    if not part["people"]:
        return _("Belum ada WBP yang ditempatkan di unit kerja ini.")
    if not bottleneck:
        return ""
    if not bottleneck["people"] or (bottleneck["until"] and not part["earliest_on"]):
        return _nobody(bottleneck)
    if part["delays_count"]:
        return _late(part["delays"], part["delays_count"])
    return _decides(bottleneck, part["open_work_orders"])


def _nobody(stage: Mapping[str, Any]) -> str:
    if not stage["people"]:
        return _("Belum ada yang boleh mengerjakan tahap %(stage)s.") % {"stage": stage_name(stage)}
    return _("Sesudah %(day)s tidak ada lagi yang boleh mengerjakan tahap %(stage)s: SK atau penempatannya habis.") % {
        "day": format_date(stage["until"]),
        "stage": stage_name(stage),
    }


def _decides(stage: Mapping[str, Any], others: int) -> str:
    count = stage["people"]
    people = ngettext("%(num)s orang", "%(num)s orang", count) % {"num": format_number(count)}
    if not others:
        return _("Tahap %(stage)s yang menentukan: %(people)s bisa di sana.") % {
            "stage": stage_name(stage),
            "people": people,
        }
    said = ngettext(
        "Tahap %(stage)s yang menentukan: %(people)s bisa di sana, dan %(num)s perintah kerja lain ikut memakai waktu"
        " mereka.",
        "Tahap %(stage)s yang menentukan: %(people)s bisa di sana, dan %(num)s perintah kerja lain ikut memakai waktu"
        " mereka.",
        others,
    )
    return said % {"stage": stage_name(stage), "people": people, "num": format_number(others)}


def _late(delays: Sequence[Mapping[str, Any]], count: int) -> str:
    numbers = list(dict.fromkeys(d["order_number"] for d in delays))[:_NAMED]
    named = ", ".join(numbers) + (", …" if count > len(numbers) else "")
    return _("Janji yang sudah diberikan akan meleset: %(orders)s.") % {"orders": named}


def _levers(part: Mapping[str, Any], asked: str) -> list[dict[str, str]]:
    """Say what would help, each by itself; people at several stages are one thing, for they are needed together."""
    people = [lever for lever in part["levers"] if lever["kind"] == "people"]
    rest = [_lever(lever, part, asked) for lever in part["levers"] if lever["kind"] != "people"]
    return ([_more_people(people, asked)] if people else []) + rest


def _more_people(levers: Sequence[Mapping[str, Any]], asked: str) -> dict[str, str]:
    each = [
        ngettext("%(num)s orang di tahap %(stage)s", "%(num)s orang di tahap %(stage)s", lever["amount"])
        % {"num": format_number(lever["amount"]), "stage": stage_name(lever["stage"])}
        for lever in levers
    ]
    return {
        "icon": "person-plus-fill",
        "title": _("Tambah %(people)s") % {"people": ", ".join(each)},
        "text": _("Tiap hari kerja sampai %(day)s.") % {"day": format_date_short(asked)},
        "kind": "people",
    }


def _lever(lever: Mapping[str, Any], part: Mapping[str, Any], asked: str) -> dict[str, str]:
    amount, day = lever["amount"], format_date_short(asked)
    if lever["kind"] == "overtime":
        return {
            "icon": "clock-history",
            "title": _("Lembur %(minutes)s menit sehari") % {"minutes": format_number(amount)},
            "text": _("Semua orang di unit kerja ini, tiap hari kerja sampai %(day)s.") % {"day": day},
            "kind": "overtime",
        }
    if lever["kind"] == "part":
        text = _("Sisanya, %(rest)s, menyusul.") % {"rest": format_quantity(part["quantity"] - amount, "pcs")}
        if part["earliest_on"]:
            text = _("Sisanya, %(rest)s, menyusul %(day)s.") % {
                "rest": format_quantity(part["quantity"] - amount, "pcs"),
                "day": format_date_short(part["earliest_on"]),
            }
        return {
            "icon": "box-arrow-right",
            "title": _("Kirim %(part)s dulu pada %(day)s") % {"part": format_quantity(amount, "pcs"), "day": day},
            "text": text,
            "kind": "part",
        }
    return {
        "icon": "building",
        "title": _("Minta Lapas lain mengerjakan %(part)s") % {"part": format_quantity(amount, "pcs")},
        "text": _("Kira-kira %(hours)s.") % {"hours": hours(lever["minutes"])},
        "kind": "region",
    }


def risk(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Say when an open order is likely to be finished, and by how much that misses its promise; nothing unless known.

    :param found: an order of the orders service, or a forecast of production.
    """
    cause_ = found.get("forecast_cause") or found.get("cause")
    if cause_ is None:
        return None
    if found["likely_on"] is None:
        return {
            "title": _("Belum bisa diperkirakan"),
            "badge": _("tanpa orang"),
            "tone": "merah",
            "late": 0,
            "range": "",
        }
    late = (as_day(found["likely_on"]) - as_day(found["due_date"])).days
    first, last = found.get("likely_from") or found.get("earliest_on"), found.get("likely_to") or found.get("latest_on")
    between = (
        _("antara %(first)s dan %(last)s") % {"first": format_date_short(first), "last": format_date_short(last)}
        if first != last
        else ""
    )
    days = ngettext("%(num)s hari", "%(num)s hari", abs(late)) % {"num": format_number(abs(late))}
    if late > 0:
        badge, tone = _("kira-kira telat %(days)s") % {"days": days}, "merah" if found["late"] else "kunyit"
    elif as_day(last or found["likely_on"]) > as_day(found["due_date"]):
        badge, tone = _("bisa meleset"), "kunyit"
    else:
        badge, tone = _("cadangan %(days)s") % {"days": days} if late else _("pas janji"), "daun"
    return {"title": format_date(found["likely_on"]), "badge": badge, "tone": tone, "late": late, "range": between}
