"""Materials on paper and in workbooks: the stock book, the sheet to count by, the settlement sheet to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Response, g

from giatja_gateway.pages.formats import as_day, format_date, format_number, today
from giatja_gateway.pages.language import _
from giatja_gateway.pages.materials import words
from giatja_gateway.reports.pdf import officials, pdf
from giatja_gateway.reports.xlsx import Column, xlsx

PAPERS: Final = Path(__file__).parent / "papers"
_FLOWS: Final = ("opening", "received", "transferred", "difference", "used", "waste", "lost", "returned", "closing")
_KEEPERS: Final = ("kasubsi_sarana", "kasi_giatja")
_ONE: Final = 1000


@contextmanager
def _indonesian() -> Iterator[None]:
    """Say things in the language of paper, whatever the language of the screen."""
    shown = g.get("lang", "id")
    g.lang = "id"
    try:
        yield
    finally:
        g.lang = shown


def book(found: Mapping[str, Any]) -> Response:
    """Answer with the buku bahan baku of some days as PDF."""
    day = as_day(found["last"])
    with _indonesian():
        data = {
            "first": found["first"],
            "last": found["last"],
            "rows": [
                {
                    "name": row["name"],
                    "whose": words.whose(row),
                    "unit": row["unit"],
                    **{flow: _some(row[flow]) for flow in _FLOWS},
                }
                for row in found["items"]
            ],
            "signers": officials(_KEEPERS, day=day),
        }
        return pdf(PAPERS / "book.typ", data, name=f"buku-bahan-baku-{found['last']}", day=day)


def book_workbook(found: Mapping[str, Any]) -> Response:
    """Answer with the buku bahan baku as a workbook; quantities are numbers in the unit beside them."""
    labels = {
        "opening": _("Awal"),
        "received": _("Bahan masuk"),
        "transferred": _("Pindahan"),
        "difference": _("Selisih hitung"),
        "used": _("Terpakai"),
        "waste": _("Sisa rusak"),
        "lost": _("Hilang"),
        "returned": _("Kembali ke mitra"),
        "closing": _("Akhir"),
        "store": _("Di gudang"),
        "floor": _("Di pekerjaan"),
    }
    columns = [
        Column(key="name", label=_("Bahan"), width=30),
        Column(key="kind", label=_("Jenis"), width=16),
        Column(key="owner", label=_("Pemilik"), width=24),
        Column(key="order", label=_("Pesanan"), width=18),
        *(Column(key=key, label=label, kind="decimal") for key, label in labels.items()),
        Column(key="unit", label=_("Satuan"), width=10),
    ]
    rows = [
        {
            "name": row["name"],
            "kind": str(words.KINDS[row["kind"]]),
            "owner": row["partner_name"] if row["owner"] == "partner" else _("Lapas"),
            "order": row["order_number"] or "",
            "unit": row["unit"],
            **{key: row[key] / _ONE for key in labels},
        }
        for row in found["items"]
    ]
    about = [(_("Masa"), f"{format_date(found['first'])} – {format_date(found['last'])}")]
    return xlsx(f"buku-bahan-baku-{found['last']}", columns, rows, title=_("Buku bahan baku"), about=about)


def count(found: Mapping[str, Any]) -> Response:
    """Answer with the sheet to count the store by, as PDF; the book's figures are left out, so that it is counted."""
    with _indonesian():
        data = {
            "day": as_day(found["made_at"]).isoformat(),
            "note": found["note"],
            "rows": [
                {
                    "nth": line["nth"],
                    "name": line["name"],
                    "kind": str(words.KINDS[line["kind"]]),
                    "whose": words.whose({**line, "owner": "partner" if line["order_id"] else "lapas"}),
                    "unit": line["unit"],
                    "counted": words.amount(line["counted"]) if line["counted"] is not None else "",
                    "reason": line["reason"],
                }
                for line in found["lines"]
            ],
            "signers": officials(_KEEPERS),
        }
        return pdf(PAPERS / "count.typ", data, name=f"hitung-stok-{data['day']}")


def settlement(found: Mapping[str, Any]) -> Response:
    """Answer with the settlement sheet of an order as PDF, to be signed by both sides."""
    day = as_day(found["signed_on"]) if found["signed_on"] else today()
    flows = ("received", "transferred", "used", "waste", "lost", "returned", "store")
    with _indonesian():
        data = {
            "number": found["number"],
            "partner": found["partner_name"] or "",
            "products": found["products"] or "–",
            "finished": format_number(found["finished"]),
            "tolerance": f"{format_number(found['tolerance'] / 10)}%",
            "note": found["note"],
            "signed": found["state"] == "settled",
            "signed_on": found["signed_on"],
            "reference": found["document_ref"] or "",
            "day": day.isoformat(),
            "rows": [
                {
                    "name": line["name"],
                    "unit": line["unit"],
                    **{flow: _some(line[flow]) for flow in flows},
                    "expected": words.amount(line["expected"]),
                    "deviation": f"{format_number(line['deviation'] / 10)}%",
                    "within": line["within"],
                    "reason": line["reason"],
                }
                for line in found["lines"]
            ],
            "signers": [
                {"title": _("Mitra, %(name)s") % {"name": found["partner_name"]}, "name": found["signed_by"] or ""},
                *officials(_KEEPERS, day=day),
            ],
        }
        return pdf(
            PAPERS / "settlement.typ", data, name=f"penyelesaian-bahan-{found['number'].replace('/', '-')}", day=day
        )


def _some(quantity: int) -> str:
    return words.amount(quantity) if quantity else "–"
