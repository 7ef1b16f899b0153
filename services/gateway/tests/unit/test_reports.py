"""Paper and workbooks: what leaves the house keeps its figures and runs nothing."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from flask import Flask
from openpyxl import load_workbook

from giatja_gateway.pages import language
from giatja_gateway.reports.pdf import ROOT, qr, render
from giatja_gateway.reports.xlsx import Column, workbook

PAPER = """#import "/reports/giatja.typ": *
#show: paper.with(title: "Kartu")
#facts(("Nama", data.name), ("Jumlah", rupiah(data.amount)), ("Tanggal", tanggal(data.day)))
#qr(data.code)
#grid-table(columns: (1fr, auto), head: ("Barang", "Jumlah"), rows: data.rows.map(r => (r.at(0), angka(r.at(1)))), totals: ("Semua", angka(3)))
#signatures((title: "Kepala Lapas", name: "Contoh"))
"""


def given(**data: object) -> dict[str, object]:
    return {"data": data, "letterhead": ["Kementerian", "Lapas Contoh"], "footer": "Giatja"}


class TestPdf:
    def test_renders_every_part_a_paper_is_made_of(self) -> None:
        name = "Raden #Mas *Surya* $x$ <b>"
        document = render_text(given(name=name, amount=-1_250_000, day="2023-06-17", code=qr("PKL-1"), rows=[["a", 1]]))
        assert document.startswith(b"%PDF-")

    def test_reads_no_file_outside_the_gateway(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.typ"
        secret.write_text("a secret")
        up = "/".join([".."] * 20)
        with pytest.raises(typst.TypstError):
            render_text(given(), f'#read("{up}{secret}")')
        with pytest.raises(RuntimeError):
            render(secret, given())


def render_text(inputs: dict[str, object], text: str = PAPER) -> bytes:
    asked = {"given": json.dumps(inputs)}
    # Its types want a root of the same kind as the text, which bytes cannot be.
    return typst.compile(text.encode(), root=ROOT, sys_inputs=asked, font_paths=[], ignore_system_fonts=True)  # type: ignore[type-var]


class TestWorkbook:
    def test_keeps_numbers_and_dates_and_lets_no_text_run(self) -> None:
        app = Flask(__name__)
        columns = [
            Column(key="name", label="Nama"),
            Column(key="amount", label="Jumlah", kind="rupiah", total=True),
            Column(key="day", label="Tanggal", kind="date"),
        ]
        rows: list[dict[str, Any]] = [
            {"name": "=cmd|' /C calc'!A0", "amount": 7000, "day": "2025-02-10"},
            {"name": "+62 812", "amount": None, "day": None},
        ]
        with app.test_request_context():
            language.load([])
            made = workbook(columns, rows, title="Daftar premi: [Juni]", about=[("Keperluan", "=1+1")])
        book = load_workbook(BytesIO(made))
        sheet = book.worksheets[0]
        assert [cell.value for cell in sheet[1]] == ["Nama", "Jumlah", "Tanggal"]
        assert (sheet["A2"].value, sheet["A2"].data_type) == ("=cmd|' /C calc'!A0", "s")
        assert sheet["B2"].value == 7000
        assert sheet["C2"].value.date() == date(2025, 2, 10)
        assert sheet["B4"].value == "=SUM(B2:B3)"
        assert book.worksheets[1]["B2"].data_type == "s"
