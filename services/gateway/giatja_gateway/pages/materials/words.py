"""How materials are told: quantities in thousandths of a unit, kinds, documents, and what a form's fields hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from flask import url_for

from giatja_gateway.pages import forms
from giatja_gateway.pages.formats import NO_BREAK, NOTHING, format_number, unit_name
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, current, lazy
from giatja_gateway.services import ServiceProblem

_ONE: Final = 1000
_FINEST: Final = 3
REFUSED: Final = (403, 404, 409, 412, 422)
KINDS: Final[Mapping[str, lazy]] = {
    "fabric": lazy("Kain"),
    "thread": lazy("Benang"),
    "button": lazy("Kancing"),
    "trim": lazy("Aksesori"),
    "malam": lazy("Malam (lilin batik)"),
    "dye": lazy("Pewarna"),
    "chemical": lazy("Bahan kimia"),
    "packing": lazy("Kemasan"),
    "plant": lazy("Bahan tanam"),
    "other": lazy("Bahan lain"),
}
DOCUMENTS: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "receipt": (lazy("Bahan masuk"), "daun", "box-arrow-in-down"),
    "issue": (lazy("Keluar ke pekerjaan"), "nila", "box-arrow-up-right"),
    "restore": (lazy("Kembali ke gudang"), "nila", "box-arrow-in-left"),
    "use": (lazy("Terpakai"), "soga", "scissors"),
    "waste": (lazy("Sisa rusak"), "kunyit", "trash3"),
    "loss": (lazy("Hilang"), "merah", "question-octagon"),
    "return": (lazy("Kembali ke mitra"), "soga", "box-arrow-left"),
    "transfer": (lazy("Dipindahkan"), "nila", "arrow-left-right"),
    "transfer_out": (lazy("Dipindahkan keluar"), "nila", "arrow-right"),
    "transfer_in": (lazy("Dipindahkan masuk"), "nila", "arrow-left"),
    "count": (lazy("Hitung stok"), "kunyit", "clipboard-check"),
    "difference": (lazy("Selisih hitung"), "kunyit", "clipboard-check"),
    "settlement": (lazy("Penyelesaian bahan"), "daun", "file-earmark-check"),
}
COUNTS: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "open": (lazy("Sedang dihitung di gudang"), "nila", "pencil"),
    "entered": (lazy("Menunggu persetujuan"), "kunyit", "hourglass-split"),
    "approved": (lazy("Disetujui"), "daun", "check-lg"),
    "cancelled": (lazy("Dibatalkan"), "mati", "x-lg"),
}
MATERIAL: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "none": (lazy("Tanpa bahan titipan"), "mori", "dash-lg"),
    "open": (lazy("Belum diselesaikan"), "kunyit", "hourglass-split"),
    "settled": (lazy("Sudah diselesaikan"), "daun", "check-lg"),
}
_POINTS: Final = {"id": (".", ","), "en": (",", ".")}


def thousandths(text: str) -> int | None:
    """Read a quantity as people write it in the language of this request: `12,5` is 12500; nothing where it is none."""
    thousands, point = (re.escape(mark) for mark in _POINTS[current()])
    found = re.fullmatch(
        rf"([0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+)(?:{point}([0-9]{{1,{_FINEST}}}))?", text.strip()
    )
    if found is None:
        return None
    whole = re.sub(r"\D", "", found[1])
    return int(whole) * _ONE + int((found[2] or "").ljust(_FINEST, "0"))


def plain(quantity: int | None) -> str:
    """Write a quantity for a field, without its unit; nothing for nothing."""
    if quantity is None:
        return ""
    whole, rest = divmod(quantity, _ONE)
    fraction = f"{rest:03}".rstrip("0")
    return f"{whole}{_POINTS[current()][1] + fraction if fraction else ''}"


def amount(quantity: int | None, unit: str = "") -> str:
    """Write a quantity with its unit: `12,5 m`."""
    if quantity is None:
        return NOTHING
    number = format_number(Decimal(quantity) / _ONE)
    return f"{number}{NO_BREAK}{unit_name(unit)}" if unit else number


def kinds() -> list[tuple[str, str]]:
    """List the kinds of material for a choice."""
    return [(key, str(text)) for key, text in KINDS.items()]


def tabs(here: str) -> list[tuple[str, str, None, bool]]:
    """List the pages of materials."""
    pages = (
        ("materials.listing", _("Stok")),
        ("materials.journal", _("Mutasi")),
        ("materials.settling.listing", _("Bahan titipan")),
        ("materials.counting.listing", _("Hitung stok")),
        ("materials.needing.listing", _("Kebutuhan per produk")),
        ("materials.booking.book", _("Buku bahan baku")),
    )
    return [(url_for(endpoint), text, None, endpoint == here) for endpoint, text in pages]


def whose(row: Mapping[str, Any]) -> str:
    """Say who owns something: the Lapas, or a partner, for which order."""
    if row["owner"] == "lapas":
        return _("Lapas")
    return " · ".join(part for part in (row["partner_name"], row["order_number"]) if part)


def job_name(job: Mapping[str, Any]) -> str:
    """Name a work order."""
    return f"{job['order_number']} · {job['product_name']}"


def not_a_number() -> str:
    """Say how a quantity is written."""
    return _("Tulis angka, misalnya %(example)s.") % {"example": plain(12_500)}


def refused(problem: ServiceProblem, places: Sequence[int] = ()) -> Form:
    """Give the form as it was sent with a refusal; the line it is about is the one that was filled in, not the nth sent.

    :param places: of each line that was sent, which line of the form it is.
    """
    if problem.status not in REFUSED:
        raise problem
    return forms.refused(problem.document, lambda pointer: _placed(pointer, places))


def _placed(pointer: str, places: Sequence[int]) -> str:
    found = re.match(r"#?/lines/(\d+)(.*)", pointer)
    if found and int(found[1]) < len(places):
        return f"/lines/{places[int(found[1])]}{found[2]}"
    return pointer
