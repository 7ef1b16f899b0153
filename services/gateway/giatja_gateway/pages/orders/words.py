"""How what happened to an order is told on its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from giatja_contracts.units import PIECES
from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.formats import format_date, format_number, unit_name
from giatja_gateway.pages.language import _, lazy

WORKSHOP_KINDS: Final = {
    "garmen": lazy("Garmen"),
    "batik_cap": lazy("Batik cap"),
    "tanaman_hias": lazy("Tanaman hias"),
}
KIND_ICONS: Final = {"garmen": "scissors", "batik_cap": "palette", "tanaman_hias": "flower1"}
MATERIAL_FATES: Final = {
    "none": lazy("Tidak ada sisa bahan"),
    "returned": lazy("Dikembalikan ke mitra"),
    "kept": lazy("Disimpan Lapas"),
    "used_up": lazy("Habis terpakai"),
}
FINISHED_FATES: Final = {
    "none": lazy("Belum ada barang jadi"),
    "delivered": lazy("Diserahkan ke mitra"),
    "kept": lazy("Disimpan Lapas"),
    "discarded": lazy("Dimusnahkan"),
}
_LOOKS: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "created": (lazy("Pesanan dicatat"), "pencil", "soga"),
    "edited": (lazy("Isi pesanan diubah"), "pencil", "soga"),
    "quoted": (lazy("Ditawarkan kepada mitra"), "envelope-paper", "kunyit"),
    "accepted": (lazy("Diterima"), "check-lg", "nila"),
    "due_date_moved": (lazy("Tenggat digeser"), "calendar-event", "kunyit"),
    "held": (lazy("Pekerjaan ditahan"), "pause-fill", "kunyit"),
    "resumed": (lazy("Pekerjaan dilanjutkan"), "play-fill", "nila"),
    "cancelled": (lazy("Pesanan dibatalkan"), "x-lg", "merah"),
    "production_began": (lazy("Mulai dikerjakan"), "play-fill", "nila"),
    "line_completed": (lazy("Satu baris selesai"), "check-lg", "daun"),
    "completed": (lazy("Pesanan selesai"), "award-fill", "daun"),
    "reported_after_cancel": (lazy("Hasil dilaporkan setelah dibatalkan"), "exclamation-triangle-fill", "merah"),
    "material_open": (lazy("Bahan titipan diterima"), "boxes", "soga"),
    "material_none": (lazy("Bahan titipan ditarik kembali"), "arrow-counterclockwise", "soga"),
    "material_settled": (lazy("Bahan titipan diselesaikan"), "file-earmark-check", "daun"),
    "closed": (lazy("Pesanan ditutup"), "lock-fill", "daun"),
    "tracking_shared": (lazy("Tautan pelacakan dibuat"), "link-45deg", "soga"),
    "tracking_revoked": (lazy("Tautan pelacakan dicabut"), "slash-circle", "soga"),
}


def kind_name(kind: str) -> str:
    """Name a kind of workshop; one of the Lapas' own shows its key."""
    return str(WORKSHOP_KINDS.get(kind, kind.replace("_", " ").capitalize()))


def units() -> list[tuple[str, str]]:
    """List the units work is counted in, those that hold several pieces with how many."""
    return [
        (unit, unit_name(unit) if pieces == 1 else f"{unit_name(unit)} ({pieces})") for unit, pieces in PIECES.items()
    ]


def timeline(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries for the timeline, newest first."""
    told = []
    for entry in entries:
        title, icon, tone = _LOOKS.get(entry["kind"], (lazy("Kejadian lain"), "circle-fill", "mori"))
        told.append(
            {
                "title": str(title),
                "icon": icon,
                "tone": tone,
                "at": entry["at"],
                "who": role_name(entry["role"]),
                "text": _detail(entry["kind"], entry["detail"]),
            }
        )
    return told[::-1]


def _detail(kind: str, detail: Mapping[str, Any]) -> str:
    if kind == "line_completed":
        return _("%(product)s: %(passed)s dari %(quantity)s lolos") % {
            "product": detail["product"],
            "passed": format_number(detail["passed"]),
            "quantity": format_number(detail["quantity"]),
        }
    if kind == "due_date_moved":
        moved = _("Dari %(before)s ke %(after)s.") % {
            "before": format_date(detail["before"]),
            "after": format_date(detail["due_date"]),
        }
        return f"{moved} {detail['reason']}"
    if kind == "cancelled":
        fates = _("Bahan: %(material)s. Barang jadi: %(finished)s.") % {
            "material": str(MATERIAL_FATES[detail["material"]]).lower(),
            "finished": str(FINISHED_FATES[detail["finished"]]).lower(),
        }
        return f"{detail['reason']}. {fates}"
    if kind == "tracking_shared":
        return _("Berlaku sampai %(day)s") % {"day": format_date(detail["expires_on"])}
    if kind == "accepted":
        return _("Dijanjikan %(day)s") % {"day": format_date(detail["due_date"])}
    return str(detail.get("reason") or detail.get("product") or "")
