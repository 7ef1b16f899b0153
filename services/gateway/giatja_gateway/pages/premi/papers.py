"""Premi on paper and in workbooks: the daftar premi with a place to sign, and the kartu premi of one inmate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Response, g

from giatja_gateway.pages.formats import as_day, format_date, format_month
from giatja_gateway.pages.language import _, pgettext
from giatja_gateway.pages.premi import words
from giatja_gateway.reports.pdf import officials, pdf
from giatja_gateway.reports.xlsx import Column, xlsx
from giatja_gateway.services import Name

PAPERS: Final = Path(__file__).parent / "papers"
_SIGNERS: Final = ("kasubsi_bimker", "kasi_giatja", "kalapas")
_CARD_SIGNERS: Final = ("bendahara", "kasi_giatja")
PRINTED_AT_ONCE: Final = 500
Names = Mapping[str, Name]


@contextmanager
def _indonesian() -> Iterator[None]:
    """Say things in the language of paper, whatever the language of the screen."""
    shown = g.get("lang", "id")
    g.lang = "id"
    try:
        yield
    finally:
        g.lang = shown


def parts_of(lines: int) -> int:
    """Return in how many parts a list of so many lines is printed: setting type for more takes too long at once."""
    return max(-(-lines // PRINTED_AT_ONCE), 1)


def list_paper(found: Mapping[str, Any], names: Names, *, part: int) -> Response:
    """Answer with the daftar premi, or one part of a long one, as PDF."""
    day = as_day(found["approved_at"] or found["proposed_at"] or found["computed_at"])
    with _indonesian():
        rows = _sorted(found["all_lines"], names)
        parts = parts_of(len(rows))
        first = PRINTED_AT_ONCE * (min(max(part, 1), parts) - 1)
        shown = rows[first : first + PRINTED_AT_ONCE]
        data = {
            "month": format_month(found["period"]),
            "draft": found["approved_at"] is None,
            "part": f"bagian {min(max(part, 1), parts)} dari {parts}" if parts > 1 else "",
            "rows": [_paper_row(nth, line, names) for nth, line in enumerate(shown, start=first + 1)],
            "totals": _totals(shown),
            "signers": officials(_SIGNERS, day=day),
            "day": day.isoformat(),
        }
        return pdf(PAPERS / "list.typ", data, name=f"daftar-premi-{found['period'][:7]}", day=day)


def _totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {name: sum(line[name] for line in lines) for name in ("pieces", "days", "gross", "saved", "received")}


def _sorted(lines: Sequence[Mapping[str, Any]], names: Names) -> list[Mapping[str, Any]]:
    paid = [line for line in lines if line["gross"] or line["earned"] or line["carried_in"]]
    return sorted(paid, key=lambda line: (line["workshop_name"], words.named(names, line["inmate_id"]).casefold()))


def _paper_row(nth: int, line: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {
        "nth": nth,
        "name": words.named(names, line["inmate_id"]),
        "number": words.number_of(names, line["inmate_id"]),
        "unit": line["workshop_name"],
        "pieces": line["pieces"],
        "days": line["days"],
        "rate": words.rate_of(line),
        "gross": line["gross"],
        "saved": line["saved"],
        "received": line["received"],
        "way": str(words.WAYS[line["way"]]) if line["way"] else "",
        "correction": line["carried_in"] + sum(min(part["amount"], 0) for part in line["parts"]),
        "owed": line["carried_out"],
    }


def list_workbook(found: Mapping[str, Any], names: Names, *, purpose: str) -> Response:
    """Answer with the daftar premi as a workbook."""
    columns = [
        Column(key="nth", label=_("No."), kind="int", width=6),
        Column(key="name", label=_("Nama"), width=34),
        Column(key="number", label=_("No. register"), width=18),
        Column(key="unit", label=pgettext("premi", "Unit kerja"), width=18),
        Column(key="pieces", label=_("Hasil diterima"), kind="int", total=True),
        Column(key="days", label=_("Hari"), kind="int", total=True, width=8),
        Column(key="rate", label=_("Tarif"), width=16),
        Column(key="correction", label=_("Koreksi"), kind="rupiah", total=True),
        Column(key="gross", label=_("Bruto"), kind="rupiah", total=True),
        Column(key="saved", label=_("Disimpan"), kind="rupiah", total=True),
        Column(key="received", label=pgettext("premi", "Diterima"), kind="rupiah", total=True),
        Column(key="owed", label=_("Sisa koreksi"), kind="rupiah", total=True),
        Column(key="way", label=_("Cara dibayar"), width=22),
        Column(key="document", label=_("Dokumen"), width=20),
        Column(key="sign", label=_("Tanda tangan"), width=22),
    ]
    rows = [
        {**_paper_row(nth, line, names), "document": line["document"]}
        for nth, line in enumerate(_sorted(found["all_lines"], names), start=1)
    ]
    title = _("Daftar premi %(month)s") % {"month": format_month(found["period"])}
    about = [
        (_("Masa"), f"{format_date(found['period'])} – {format_date(found['until'])}"),
        (_("Keperluan"), str(words.PURPOSES[purpose])),
        (_("Disetujui"), format_date(found["approved_at"])),
    ]
    return xlsx(f"daftar-premi-{found['period'][:7]}", columns, rows, title=title, about=about)


def card_paper(card: Mapping[str, Any], names: Names) -> Response:
    """Answer with an inmate's kartu premi as PDF."""
    inmate_id = card["inmate_id"]
    with _indonesian():
        data = {
            "name": words.named(names, inmate_id),
            "number": words.number_of(names, inmate_id),
            "balances": [(str(label), card["balances"][key]) for key, label in words.ACCOUNTS.items()],
            "balance": card["balance"],
            "total": card["total"],
            "rows": _movements(card),
            "signers": officials(_CARD_SIGNERS),
        }
        return pdf(PAPERS / "card.typ", data, name=f"kartu-premi-{inmate_id[-words.SHORT_KEY :]}")


def _movements(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "at": as_day(one["at"]).isoformat(),
            "number": one["number"],
            "title": title_of(one),
            "document": one["document"],
            "in": max(one["change"], 0),
            "out": max(-one["change"], 0),
            "balance": one["balance"],
        }
        for one in card["movements"]
    ]


def title_of(one: Mapping[str, Any]) -> str:
    """Say what an entry of the ledger was."""
    title = words.move(one["kind"])[0]
    if one["period"]:
        return f"{title} {format_month(one['period'])}"
    if one["kind"] in ("withdrawal", "recall") or (one["kind"] == "handover" and one["note"] != "release"):
        return f"{title}: {one['note']}"
    return title


def card_workbook(card: Mapping[str, Any], names: Names, *, purpose: str) -> Response:
    """Answer with an inmate's kartu premi as a workbook."""
    columns = [
        Column(key="at", label=_("Tanggal"), kind="date", width=18),
        Column(key="number", label=_("No. bukti"), width=24),
        Column(key="title", label=_("Uraian"), width=40),
        Column(key="document", label=_("Dokumen"), width=24),
        Column(key="in", label=_("Masuk"), kind="rupiah", total=True),
        Column(key="out", label=_("Keluar"), kind="rupiah", total=True),
        Column(key="balance", label=_("Saldo"), kind="rupiah"),
    ]
    inmate_id = card["inmate_id"]
    about = [
        (_("Nama"), words.named(names, inmate_id)),
        (_("No. register"), words.number_of(names, inmate_id)),
        (_("Keperluan"), str(words.CARD_PURPOSES[purpose])),
    ]
    name = f"kartu-premi-{inmate_id[-words.SHORT_KEY :]}"
    return xlsx(name, columns, _movements(card), title=_("Kartu premi"), about=about)
