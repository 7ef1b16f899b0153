"""What the codes of placements are called on the screens."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

END_REASONS: Final[dict[str, lazy]] = {
    "rotation": lazy("Giliran orang lain"),
    "requested": lazy("Permintaan sendiri"),
    "ability": lazy("Kemampuan belum sesuai"),
    "discipline": lazy("Disiplin"),
    "other": lazy("Sebab lain"),
}
# Not a reason of the service: what was placed wrongly today is taken back as if nobody had moved.
UNDO: Final = ("undone", lazy("Salah catat hari ini, batalkan"))
PAST_REASONS: Final[dict[str, lazy]] = {
    **END_REASONS,
    "moved": lazy("Pindah unit atau tahap"),
    "undone": lazy("Dibatalkan"),
    "transfer": lazy("Pindah Lapas"),
    "release": lazy("Bebas"),
    "permission_ended": lazy("SK berakhir"),
    "not_fit": lazy("Tidak sehat untuk bekerja"),
    "under_age": lazy("Belum 18 tahun"),
}
OVERRIDDEN: Final[dict[str, lazy]] = {
    "places": lazy("melebihi jumlah tempat"),
    "competence": lazy("tanpa kompetensi tahap"),
}
HOLD_REASONS: Final = (
    lazy("Banjir"),
    lazy("Penguncian blok"),
    lazy("Penggeledahan"),
    lazy("Listrik padam"),
)
