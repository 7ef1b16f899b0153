"""What the codes of departures and arrivals are called on the screens."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

REASONS: Final[dict[str, lazy]] = {"transfer": lazy("Pindah Lapas"), "release": lazy("Bebas")}
ARRIVALS: Final[dict[str, lazy]] = {
    "waiting": lazy("Menunggu"),
    "taken": lazy("Diterima"),
    "declined": lazy("Tidak datang"),
    "withdrawn": lazy("Ditarik kembali"),
}
