"""What waits of premi, for the person who looks: one row each, with its act; Beranda shows the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from giatja_gateway.pages.base import may
from giatja_gateway.pages.formats import format_month, format_number, format_rupiah
from giatja_gateway.pages.language import _, ngettext


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One thing that waits for the person who looks, and its act."""

    title: str
    text: str
    icon: str
    tone: str
    act: tuple[str, str]
    main: bool = False


def todos(summary: Mapping[str, Any]) -> Iterator[Todo]:
    """Give what waits, for the person who looks, the most pressing first.

    :param summary: what production says waits; its whole summary does too.
    """
    yield from _of_the_list(summary)
    yield from _of_people(summary)
    yield from _of_the_ground(summary)


def _of_the_list(summary: Mapping[str, Any]) -> Iterator[Todo]:
    latest = next((one for one in summary["lists"] if one["state"] != "computing"), None)
    for one in summary["lists"]:
        month, url = format_month(one["period"]), url_for("premi.lists.one", list_id=one["id"])
        if one["state"] == "draft" and may("premi.propose"):
            yield Todo(
                title=_("Daftar premi %(month)s masih konsep") % {"month": month},
                text=_totals(one),
                icon="pencil",
                tone="kunyit",
                act=(url, _("Periksa dan usulkan")),
                main=True,
            )
        if one["state"] == "proposed" and may("premi.approve"):
            yield Todo(
                title=_("Daftar premi %(month)s menunggu persetujuan Anda") % {"month": month},
                text=_totals(one),
                icon="hourglass-split",
                tone="kunyit",
                act=(url, _("Periksa")),
                main=True,
            )
        if one["state"] == "locked" and may("premi.pay"):
            left = one["people"] - one["credited_people"]
            yield Todo(
                title=ngettext(
                    "%(num)s WBP menunggu preminya dikreditkan", "%(num)s WBP menunggu preminya dikreditkan", left
                )
                % {"num": format_number(left)},
                text=_("Daftar premi %(month)s") % {"month": month},
                icon="bank",
                tone="merah",
                act=(url, _("Kreditkan")),
                main=True,
            )
    if summary["next_period"] and may("premi.propose"):
        yield Todo(
            title=_("Daftar premi %(month)s belum disusun") % {"month": format_month(summary["next_period"])},
            text=_("Terakhir: %(month)s") % {"month": format_month(latest["period"])} if latest else "",
            icon="calculator",
            tone="nila",
            act=(url_for("premi.lists.listing"), _("Susun")),
        )


def _totals(one: Mapping[str, Any]) -> str:
    people = ngettext("%(num)s WBP", "%(num)s WBP", one["people"]) % {"num": format_number(one["people"])}
    return f"{people} · {format_rupiah(one['gross'])}"


def _of_people(summary: Mapping[str, Any]) -> Iterator[Todo]:
    waiting = url_for("premi.withdrawals.listing")
    if summary["withdrawals_requested"] and may("premi.approve"):
        yield Todo(
            title=_counted(
                ngettext(
                    "%(num)s penarikan menunggu persetujuan",
                    "%(num)s penarikan menunggu persetujuan",
                    summary["withdrawals_requested"],
                ),
                summary["withdrawals_requested"],
            ),
            text=_("Disetujui orang lain daripada yang mengajukan"),
            icon="cash-stack",
            tone="kunyit",
            act=(waiting, _("Periksa")),
        )
    if summary["withdrawals_approved"] and may("premi.pay"):
        yield Todo(
            title=_counted(
                ngettext(
                    "%(num)s penarikan siap dibayarkan",
                    "%(num)s penarikan siap dibayarkan",
                    summary["withdrawals_approved"],
                ),
                summary["withdrawals_approved"],
            ),
            text=_("Dengan tanda terima yang ditandatangani WBP"),
            icon="cash-stack",
            tone="daun",
            act=(waiting, _("Bayarkan")),
        )
    if summary["handover_people"] and may("premi.pay"):
        yield Todo(
            title=_counted(
                ngettext(
                    "Premi %(num)s WBP yang keluar menunggu diserahkan",
                    "Premi %(num)s WBP yang keluar menunggu diserahkan",
                    summary["handover_people"],
                ),
                summary["handover_people"],
            ),
            text=format_rupiah(summary["handover"]),
            icon="door-open-fill",
            tone="merah",
            act=(url_for("premi.cards.listing", tampil="menunggu"), _("Serahkan")),
        )
    if summary["arrivals"] and may("premi.pay"):
        yield Todo(
            title=_counted(
                ngettext(
                    "%(num)s kiriman premi dari Lapas lain",
                    "%(num)s kiriman premi dari Lapas lain",
                    summary["arrivals"],
                ),
                summary["arrivals"],
            ),
            text=_("Terima begitu uangnya masuk"),
            icon="box-arrow-in-right",
            tone="nila",
            act=(url_for("premi.cards.arrivals"), _("Lihat")),
        )


def _of_the_ground(summary: Mapping[str, Any]) -> Iterator[Todo]:
    if summary["schemes_proposed"] and may("premi.schemes"):
        yield Todo(
            title=_counted(
                ngettext(
                    "%(num)s skema menunggu persetujuan",
                    "%(num)s skema menunggu persetujuan",
                    summary["schemes_proposed"],
                ),
                summary["schemes_proposed"],
            ),
            text=_("Tanpa skema yang disetujui, hasil kerja belum bernilai premi"),
            icon="pie-chart",
            tone="kunyit",
            act=(url_for("premi.schemes.listing"), _("Periksa")),
        )
    if summary["without_scheme"] and may("premi.propose"):
        yield Todo(
            title=_("Unit kerja tanpa skema premi"),
            text=", ".join(summary["without_scheme"]),
            icon="exclamation-triangle-fill",
            tone="merah",
            act=(url_for("premi.schemes.new"), _("Usulkan skema")),
        )
    if summary["orders_unpaid"] and may("premi.pay"):
        yield Todo(
            title=_counted(
                ngettext(
                    "%(num)s pesanan selesai belum ada penerimaannya",
                    "%(num)s pesanan selesai belum ada penerimaannya",
                    summary["orders_unpaid"],
                ),
                summary["orders_unpaid"],
            ),
            text=_("Premi baru dapat dibayarkan sesudah mitra membayar"),
            icon="receipt",
            tone="nila",
            act=(url_for("premi.proceeds.listing", bayar="belum"), _("Catat penerimaan")),
        )


def _counted(title: str, number: int) -> str:
    return title % {"num": format_number(number)}
