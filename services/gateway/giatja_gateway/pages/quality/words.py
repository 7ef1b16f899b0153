"""What the codes of quality are called on the screens."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

# From how many hundredths on a yield is shown as good.
AIM: Final = 95
INSPECTORS: Final = {"petugas": lazy("Petugas"), "mitra": lazy("Pemeriksa mitra")}
VERDICTS: Final = (
    ("rework", lazy("Perbaikan"), "kunyit", "arrow-counterclockwise"),
    ("reject", lazy("Afkir"), "merah", "x-lg"),
)
RESULTS: Final = (("clean", lazy("Tanpa cacat")), ("faulty", lazy("Ada cacat")))
SPANS: Final = (
    ("7", lazy("7 hari")),
    ("30", lazy("30 hari")),
    ("bulan", lazy("Bulan ini")),
    ("90", lazy("90 hari")),
)
SHIFTS: Final = {"pagi": lazy("pagi"), "siang": lazy("siang"), "malam": lazy("malam")}
