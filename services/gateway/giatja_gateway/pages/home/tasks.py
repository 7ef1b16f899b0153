"""What needs doing, out of what the services say: one row each, with the one act that settles it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from giatja_gateway.pages.base import has_page, may
from giatja_gateway.pages.board.words import call_name
from giatja_gateway.pages.formats import as_day, format_date_short, format_number, format_quantity, format_time, today
from giatja_gateway.pages.language import _, ngettext
from giatja_gateway.pages.planning.words import risk
from giatja_gateway.pages.premi.todos import todos as premi_todos

MOST: Final = 8
_EACH: Final = 3
_PREMI: Final = 3


@dataclass(frozen=True, kw_only=True)
class Task:
    """One row: what it is, why, and its act; ``weight`` puts what cannot wait first."""

    title: str
    text: str
    icon: str
    tone: str
    weight: int
    act: tuple[str, str] | None = None
    main: bool = False


def tasks_of(parts: Mapping[str, Any]) -> list[Task]:
    """Return what the person can settle, most pressing first."""
    found: list[Task] = []
    if production := parts.get("production"):
        found += _of_production(production)
    if calls := parts.get("calls"):
        found += _of_calls(calls)
    if orders := parts.get("orders"):
        found += _of_orders(orders)
    if training := parts.get("training"):
        found += _of_training(training)
    if premi := parts.get("premi"):
        found += [
            Task(title=t.title, text=t.text, icon=t.icon, tone=t.tone, weight=_PREMI, act=t.act)
            for t in premi_todos(premi)
        ]
    return sorted(found, key=lambda task: task.weight)


def _act(endpoint: str, words: str, **values: Any) -> tuple[str, str] | None:
    return (url_for(endpoint, **values), words) if has_page(endpoint) else None


def _of_calls(calls: Mapping[str, Any]) -> Iterator[Task]:
    for call in calls["open"]:
        yield Task(
            title=_("Bantuan dipanggil: %(what)s") % {"what": call_name(call["kind"])},
            text=f"{call['workshop_name']} · {format_time(call['raised_at'])}",
            icon="megaphone-fill",
            tone="merah",
            weight=0,
            act=_act("board.calls", _("Jawab")),
            main=True,
        )


def _of_production(summary: Mapping[str, Any]) -> Iterator[Task]:
    for workshop in summary["workshops"]:
        missing = workshop["not_recorded"]
        if missing and may("output.record"):
            yield Task(
                title=ngettext(
                    "Hasil hari ini belum dicatat: %(num)s WBP", "Hasil hari ini belum dicatat: %(num)s WBP", missing
                )
                % {"num": format_number(missing)},
                text=workshop["name"],
                icon="pencil-square",
                tone="merah",
                weight=1,
                act=_act("floor.floor", _("Catat"), unit=workshop["id"]),
                main=True,
            )
        if workshop["late_work_orders"] and not may("orders.read"):
            yield Task(
                title=ngettext(
                    "%(num)s perintah kerja lewat janji",
                    "%(num)s perintah kerja lewat janji",
                    workshop["late_work_orders"],
                )
                % {"num": format_number(workshop["late_work_orders"])},
                text=workshop["name"],
                icon="clock-history",
                tone="merah",
                weight=3,
                act=_act("production.board", _("Lihat")),
            )
        if workshop["unmarked"] and may("attendance.mark"):
            yield Task(
                title=ngettext(
                    "%(num)s WBP belum ditandai hadir atau tidak",
                    "%(num)s WBP belum ditandai hadir atau tidak",
                    workshop["unmarked"],
                )
                % {"num": format_number(workshop["unmarked"])},
                text=workshop["name"],
                icon="person-check",
                tone="kunyit",
                weight=2,
                act=_act("attendance.sheet", _("Tandai"), unit=workshop["id"], shift=summary["shift"]),
            )
    if summary["days_open"] and may("days.close"):
        yield Task(
            title=ngettext("%(num)s hari belum ditutup", "%(num)s hari belum ditutup", summary["days_open"])
            % {"num": format_number(summary["days_open"])},
            text=_("Hari sebelum ini yang sudah dikerjakan"),
            icon="calendar-check",
            tone="kunyit",
            weight=3,
            act=_act("days.listing", _("Periksa")),
        )
    if summary["corrections_pending"] and may("output.correct"):
        yield Task(
            title=ngettext(
                "%(num)s koreksi menunggu orang kedua",
                "%(num)s koreksi menunggu orang kedua",
                summary["corrections_pending"],
            )
            % {"num": format_number(summary["corrections_pending"])},
            text=_("Perubahan pada hari yang sudah ditutup"),
            icon="arrow-left-right",
            tone="nila",
            weight=4,
            act=_act("days.corrections", _("Putuskan")),
        )
    yield from _of_means(summary)


def _of_means(summary: Mapping[str, Any]) -> Iterator[Task]:
    if summary["alerts_open"] and may("tools.resolve"):
        yield Task(
            title=ngettext("%(num)s peringatan alat terbuka", "%(num)s peringatan alat terbuka", summary["alerts_open"])
            % {"num": format_number(summary["alerts_open"])},
            text=_("Alat yang tidak kembali atau kurang saat dihitung"),
            icon="shield-exclamation",
            tone="merah",
            weight=0,
            act=_act("tools.alerts", _("Selesaikan")),
        )
    if summary["follow_ups_overdue"] and may("safety.follow"):
        overdue = summary["follow_ups_overdue"]
        yield Task(
            title=ngettext("%(num)s tindak lanjut K3 terlambat", "%(num)s tindak lanjut K3 terlambat", overdue)
            % {"num": format_number(overdue)},
            text=_("Yang dijanjikan sesudah sebuah insiden"),
            icon="cone-striped",
            tone="merah",
            weight=3,
            act=_act("safety.overview", _("Lihat"), tindak="overdue"),
        )
    if summary["materials_low"] and may("materials.write"):
        low = summary["materials_low"]
        yield Task(
            title=ngettext("%(num)s bahan di bawah batas", "%(num)s bahan di bawah batas", low)
            % {"num": format_number(low)},
            text=_("Milik Lapas, perlu dipesan lagi"),
            icon="box-seam",
            tone="kunyit",
            weight=4,
            act=_act("materials.listing", _("Lihat"), tipis="1"),
        )
    if summary["swaps_open"] and may("duty.write"):
        swaps = summary["swaps_open"]
        yield Task(
            title=ngettext("%(num)s permintaan tukar piket", "%(num)s permintaan tukar piket", swaps)
            % {"num": format_number(swaps)},
            text=_("Menunggu rekannya atau keputusan Anda"),
            icon="arrow-repeat",
            tone="nila",
            weight=5,
            act=_act("duty.roster", _("Putuskan")),
        )


def _of_orders(summary: Mapping[str, Any]) -> Iterator[Task]:
    if may("orders.accept"):
        waiting = summary["waiting_orders"]
        for order in waiting[:_EACH]:
            yield Task(
                title=_("%(number)s menunggu persetujuan") % {"number": order["number"]},
                text=_whose(order) + " · " + _("janji %(day)s") % {"day": format_date_short(order["due_date"])},
                icon="pencil",
                tone="kunyit",
                weight=2,
                act=_order(order, _("Periksa")),
            )
        if summary["waiting"] > _EACH:
            more = summary["waiting"] - _EACH
            yield Task(
                title=ngettext(
                    "%(num)s pesanan lain menunggu persetujuan", "%(num)s pesanan lain menunggu persetujuan", more
                )
                % {"num": format_number(more)},
                text=_("Konsep dan penawaran yang belum diputuskan"),
                icon="files",
                tone="kunyit",
                weight=2,
                act=_act("orders.listing", _("Lihat semua"), state="draft"),
            )
    late = [order for order in summary["running_orders"] if order["late"] and order["state"] != "on_hold"]
    for order in late[:_EACH]:
        days = (today() - as_day(order["due_date"])).days
        yield Task(
            title=ngettext("%(number)s telat %(num)s hari", "%(number)s telat %(num)s hari", days)
            % {"number": order["number"], "num": format_number(days)},
            text=_whose(order)
            + " · "
            + _("%(left)s belum lolos") % {"left": format_quantity(max(order["quantity"] - order["passed"], 0), "pcs")},
            icon="clock-history",
            tone="merah",
            weight=3,
            act=_order(order, _("Lihat")),
        )
    risky = [order for order in summary["running_orders"] if order["at_risk"] and order["state"] != "on_hold"]
    for order in risky[:_EACH]:
        yield _risk(order)
    if may("orders.hold"):
        for order in [o for o in summary["running_orders"] if o["state"] == "on_hold"][:_EACH]:
            yield Task(
                title=_("%(number)s ditahan") % {"number": order["number"]},
                text=_whose(order) + " · " + _("lanjutkan bila sebabnya sudah lewat"),
                icon="pause-fill",
                tone="kunyit",
                weight=5,
                act=_order(order, _("Buka")),
            )


def _risk(order: Mapping[str, Any]) -> Task:
    found = risk(order) or {}
    between = found.get("range") or _("di satu tahap belum ada orangnya")
    return Task(
        title=f"{order['number']} {found.get('badge', '')}",
        text=" · ".join((_whose(order), _("janji %(day)s") % {"day": format_date_short(order["due_date"])}, between)),
        icon="graph-down-arrow",
        tone="kunyit",
        weight=4,
        act=_order(order, _("Lihat")),
    )


def _whose(order: Mapping[str, Any]) -> str:
    return str(order["partner_name"] or _("Pekerjaan sendiri"))


def _order(order: Mapping[str, Any], words: str) -> tuple[str, str] | None:
    return _act("orders.one", words, order_id=order["id"])


def _of_training(summary: Mapping[str, Any]) -> Iterator[Task]:
    proposes, grants = may("permits.propose"), may("permits.grant")
    if summary["arriving"] and may("inmates.write"):
        yield Task(
            title=ngettext(
                "%(num)s WBP ditunggu dari Lapas lain", "%(num)s WBP ditunggu dari Lapas lain", summary["arriving"]
            )
            % {"num": format_number(summary["arriving"])},
            text=_("Terima begitu datang; nomor register dan bloknya diberikan di sini"),
            icon="box-arrow-in-right",
            tone="nila",
            weight=3,
            act=_act("departures.arrivals", _("Terima")),
        )
    if summary["expired"] and (proposes or grants):
        yield Task(
            title=ngettext("SK kerja %(num)s WBP sudah habis", "SK kerja %(num)s WBP sudah habis", summary["expired"])
            % {"num": format_number(summary["expired"])},
            text=_("Tanpa SK, hasil kerjanya tidak dapat dicatat"),
            icon="person-x",
            tone="merah",
            weight=4,
            act=_act("inmates.listing", _("Lihat"), permit="expired"),
        )
    if summary["expiring"] and (proposes or grants):
        yield Task(
            title=ngettext(
                "SK kerja %(num)s WBP segera habis", "SK kerja %(num)s WBP segera habis", summary["expiring"]
            )
            % {"num": format_number(summary["expiring"])},
            text=_("Dalam 30 hari ke depan"),
            icon="hourglass-split",
            tone="kunyit",
            weight=6,
            act=_act("inmates.listing", _("Lihat"), permit="expiring"),
        )
    if summary["waiting_decision"] and grants:
        yield Task(
            title=ngettext(
                "%(num)s usulan kerja menunggu sidang TPP",
                "%(num)s usulan kerja menunggu sidang TPP",
                summary["waiting_decision"],
            )
            % {"num": format_number(summary["waiting_decision"])},
            text=_("Catat putusannya setelah sidang"),
            icon="people",
            tone="nila",
            weight=7,
            act=_act("inmates.listing", _("Buka"), permit="proposed"),
        )
    if summary["waiting_sk"] and grants:
        yield Task(
            title=ngettext(
                "%(num)s WBP disetujui, menunggu SK", "%(num)s WBP disetujui, menunggu SK", summary["waiting_sk"]
            )
            % {"num": format_number(summary["waiting_sk"])},
            text=_("Setelah SK terbit mereka boleh mulai bekerja"),
            icon="file-earmark-check",
            tone="soga",
            weight=7,
            act=_act("inmates.listing", _("Buka"), permit="approved"),
        )
