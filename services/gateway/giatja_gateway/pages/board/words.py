"""What somebody may call for, as it is said."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

CALLS: Final = (
    ("alat", lazy("Alat atau mesin"), "tools"),
    ("bahan", lazy("Bahan habis"), "box-seam"),
    ("mutu", lazy("Periksa mutu"), "search"),
    ("medis", lazy("Medis"), "heart-pulse-fill"),
    ("keamanan", lazy("Keamanan"), "shield-exclamation"),
    ("lain", lazy("Bantuan lain"), "hand-index-thumb"),
)
"""Kind, words, icon; in the order of how often it is wanted."""
SHIFTS: Final = {"pagi": lazy("shift pagi"), "siang": lazy("shift siang"), "malam": lazy("shift malam")}


def call_name(kind: str) -> str:
    """Say what is called for."""
    return next((str(label) for key, label, _icon in CALLS if key == kind), kind)


def call_icon(kind: str) -> str:
    """Name the icon of what is called for."""
    return next((icon for key, _label, icon in CALLS if key == kind), "hand-index-thumb")
