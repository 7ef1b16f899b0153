"""What roles are called where the Lapas has no title of its own for them."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

ROLE_NAMES: Final[dict[str, lazy]] = {
    "kalapas": lazy("Kepala Lapas"),
    "kasi_giatja": lazy("Kasi Kegiatan Kerja"),
    "kasubsi_bimker": lazy("Kasubsi Bimbingan Kerja"),
    "kasubsi_sarana": lazy("Kasubsi Sarana Kerja"),
    "petugas": lazy("Petugas pendamping"),
    "bendahara": lazy("Bendahara"),
    "wali": lazy("Wali pemasyarakatan"),
    "binadik": lazy("Sekretaris TPP"),
    "kanwil": lazy("Kantor wilayah"),
    "ops": lazy("Pengelola sistem"),
}


def role_name(role: str) -> str:
    """Give the name of a role in the language of this request."""
    return str(ROLE_NAMES.get(role, role))


def office_names() -> list[tuple[str, str]]:
    """Give the roles at a Lapas with their names, for forms."""
    return [(role, role_name(role)) for role in ROLE_NAMES if role not in ("kanwil", "ops")]
