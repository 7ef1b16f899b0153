"""How each state is called, coloured and marked on every screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from giatja_gateway.pages.language import lazy


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a state's badge says, its tone (a token of the stylesheet) and its icon."""

    label: lazy
    tone: str
    icon: str


def _look(label: lazy, tone: str, icon: str) -> Look:
    return Look(label=label, tone=tone, icon=icon)


_HELD: Final = _look(lazy("Ditahan"), "kunyit", "pause-fill")
_CANCELLED: Final = _look(lazy("Dibatalkan"), "mati", "x-lg")
_COMPLETED: Final = _look(lazy("Selesai"), "daun", "check-lg")

LOOKS: Final[dict[str, Look]] = {
    # orders
    "draft": _look(lazy("Konsep"), "mori", "pencil"),
    "quoted": _look(lazy("Ditawarkan"), "kunyit", "hourglass-split"),
    "accepted": _look(lazy("Diterima"), "nila", "check-lg"),
    "in_production": _look(lazy("Dikerjakan"), "nila", "play-fill"),
    "completed": _COMPLETED,
    "partly_delivered": _look(lazy("Dikirim sebagian"), "soga", "truck"),
    "delivered": _look(lazy("Dikirim"), "soga", "truck"),
    "paid": _look(lazy("Dibayar"), "daun", "receipt"),
    "closed": _look(lazy("Ditutup"), "mati", "lock-fill"),
    "on_hold": _HELD,
    "cancelled": _CANCELLED,
    # work orders
    "planned": _look(lazy("Direncanakan"), "mori", "calendar-event"),
    "released": _look(lazy("Siap dikerjakan"), "soga", "flag-fill"),
    "in_progress": _look(lazy("Dikerjakan"), "nila", "play-fill"),
    # plant batches
    "growing": _look(lazy("Tumbuh"), "daun", "flower1"),
    "ready": _look(lazy("Siap jual"), "soga", "basket"),
    "sold_out": _look(lazy("Habis terjual"), "mati", "check-lg"),
    "lost": _look(lazy("Gagal"), "merah", "x-lg"),
    # attendance
    "hadir": _look(lazy("Hadir"), "daun", "check-lg"),
    "izin": _look(lazy("Izin"), "kunyit", "envelope-paper"),
    "sakit": _look(lazy("Sakit"), "kunyit", "bandaid"),
    "tidak_hadir": _look(lazy("Tidak hadir"), "merah", "x-lg"),
    # work permission
    "proposed": _look(lazy("Diusulkan"), "kunyit", "hourglass-split"),
    "approved": _look(lazy("Disetujui"), "nila", "check-lg"),
    "refused": _look(lazy("Ditolak"), "merah", "x-lg"),
    "deferred": _look(lazy("Ditunda"), "kunyit", "pause-fill"),
    "active": _look(lazy("Aktif"), "daun", "check-lg"),
    "on_leave": _look(lazy("Cuti"), "kunyit", "pause-fill"),
    "ended": _look(lazy("Berakhir"), "mati", "flag-fill"),
    "withdrawn": _look(lazy("Ditarik"), "mati", "x-lg"),
    "upcoming": _look(lazy("Belum mulai"), "nila", "calendar-event"),
    "expiring": _look(lazy("Segera habis"), "kunyit", "clock-fill"),
    "expired": _look(lazy("Masa habis"), "merah", "exclamation-triangle-fill"),
    # inmates
    "inmate_present": _look(lazy("Di Lapas"), "daun", "house-door-fill"),
    "inmate_transferred": _look(lazy("Dipindahkan"), "mati", "arrow-left-right"),
    "inmate_released": _look(lazy("Bebas"), "mati", "door-open-fill"),
    # what another Lapas says of who was sent there
    "arrival_waiting": _look(lazy("Menunggu diterima"), "kunyit", "hourglass-split"),
    "arrival_taken": _look(lazy("Diterima"), "daun", "check-lg"),
    "arrival_declined": _look(lazy("Tidak datang"), "merah", "x-lg"),
    "arrival_withdrawn": _look(lazy("Ditarik kembali"), "mati", "arrow-counterclockwise"),
    # output
    "good": _look(lazy("Lolos"), "daun", "check-lg"),
    "rework": _look(lazy("Perbaikan"), "kunyit", "arrow-counterclockwise"),
    "reject": _look(lazy("Afkir"), "merah", "x-lg"),
    # premi: lists, withdrawals, what another Lapas sent
    "premi_computing": _look(lazy("Sedang dihitung"), "nila", "calculator"),
    "premi_draft": _look(lazy("Konsep"), "mori", "pencil"),
    "premi_proposed": _look(lazy("Diusulkan"), "kunyit", "hourglass-split"),
    "premi_locked": _look(lazy("Disetujui dan dikunci"), "nila", "lock-fill"),
    "premi_credited": _look(lazy("Dikreditkan"), "daun", "check-lg"),
    "premi_requested": _look(lazy("Menunggu persetujuan"), "kunyit", "hourglass-split"),
    "premi_approved": _look(lazy("Siap dibayarkan"), "nila", "check-lg"),
    "premi_paid": _look(lazy("Dibayarkan"), "daun", "receipt"),
    "premi_refused": _look(lazy("Ditolak"), "merah", "x-lg"),
    "premi_waiting": _look(lazy("Menunggu diterima"), "kunyit", "hourglass-split"),
    "premi_accepted": _look(lazy("Diterima"), "daun", "check-lg"),
    "premi_recalled": _look(lazy("Ditarik kembali"), "mati", "arrow-counterclockwise"),
    # promises and facts
    "on_time": _look(lazy("Sesuai janji"), "daun", "check-lg"),
    "late": _look(lazy("Telat"), "merah", "exclamation-triangle-fill"),
    "at_risk": _look(lazy("Berisiko"), "kunyit", "exclamation-triangle-fill"),
    "parked": _look(lazy("Diparkir"), "merah", "p-square-fill"),
    "quarantined": _look(lazy("Dikarantina"), "kunyit", "shield-exclamation"),
    "competent": _look(lazy("Kompeten"), "daun", "award-fill"),
    "not_yet_competent": _look(lazy("Belum kompeten"), "kunyit", "hourglass-split"),
}


def look(state: str) -> Look:
    """Give the look of a state.

    :raises KeyError: for a state no screen knows, so that a new one is not shown nameless.
    """
    return LOOKS[state]
