"""Workbooks: real columns of numbers and dates, and no text that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final, Literal

import xlsxwriter
from flask import Response, current_app, g

from giatja_gateway.pages.formats import format_datetime
from giatja_gateway.pages.language import _
from giatja_kit import clock

_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "int": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.###"},
    "rupiah": {"num_format": '"Rp"#,##0'},
    "date": {"num_format": "d mmmm yyyy", "align": "left"},
    "percent": {"num_format": "0%"},
    "text": {"text_wrap": True},
}
_SUMMED: Final = ("int", "decimal", "rupiah")
_NAME_MOST: Final = 31


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: where its values stand in a row, what it is called, what it holds.

    :param total: whether its sum stands below it.
    """

    key: str
    label: str
    kind: Literal["text", "int", "decimal", "rupiah", "date", "percent"] = "text"
    width: int = 14
    total: bool = False


def xlsx(
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str,
    about: Sequence[tuple[str, str]] = (),
) -> Response:
    """Answer with a workbook: one sheet of rows, and one that says what it is, who made it, when and why.

    :param name: of the file, without its ending and without a person's name.
    :param about: further lines of the second sheet, e.g. the period and the purpose.
    """
    answer = current_app.response_class(workbook(columns, rows, title=title, about=[*about, *_made()]), mimetype=_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def workbook(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str,
    about: Sequence[tuple[str, str]],
) -> bytes:
    """Return the workbook itself."""
    out = BytesIO()
    # Text that begins like a formula or an address stays text.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        _fill(book, columns, rows, title)
        sheet = book.add_worksheet(_("Tentang"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 60)
        bold = book.add_format({"bold": True})
        for nth, (label, text) in enumerate([(_("Judul"), title), *about]):
            sheet.write_string(nth, 0, label, bold)
            sheet.write_string(nth, 1, text)
    return out.getvalue()


def _fill(book: Any, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], title: str) -> None:
    sheet = book.add_worksheet(_sheet_name(title))
    head = book.add_format({"bold": True, "bg_color": "#EFE9DC", "bottom": 1, "text_wrap": True, "valign": "top"})
    sums = {kind: book.add_format({**form, "bold": True, "top": 1}) for kind, form in _FORMATS.items()}
    looks = {kind: book.add_format({**form, "valign": "top"}) for kind, form in _FORMATS.items()}
    for nth, column in enumerate(columns):
        sheet.set_column(nth, nth, column.width)
        sheet.write_string(0, nth, column.label, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for nth, column in enumerate(columns):
            _write(sheet, last, nth, column, row.get(column.key), looks[column.kind])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    if last:
        for nth, column in enumerate(columns):
            if column.total and column.kind in _SUMMED:
                sheet.write_formula(last + 1, nth, f"=SUM({_cell(1, nth)}:{_cell(last, nth)})", sums[column.kind], "")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Any, row: int, nth: int, column: Column, value: Any, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, nth, None, look)
    elif column.kind == "text":
        sheet.write_string(row, nth, str(value), look)
    elif column.kind == "date":
        sheet.write_datetime(row, nth, value if isinstance(value, date) else date.fromisoformat(str(value)[:10]), look)
    else:
        sheet.write_number(row, nth, value, look)


def _cell(row: int, nth: int) -> str:
    return str(xlsxwriter.utility.xl_rowcol_to_cell(row, nth))


def _sheet_name(title: str) -> str:
    """Return a name a sheet may have: without the signs that spreadsheets forbid, and short enough."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)[:_NAME_MOST].strip() or "Giatja"


def _made() -> list[tuple[str, str]]:
    return [
        (_("Lapas"), g.person.lapas_name),
        (_("Dibuat oleh"), f"{g.person.name} ({g.person.title})"),
        (_("Dibuat pada"), format_datetime(clock.now())),
    ]
