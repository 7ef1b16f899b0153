"""What the codes of training are called on the screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.language import current, lazy

FITNESS: Final[dict[str, lazy]] = {
    "fit": lazy("Sehat"),
    "limited": lazy("Kerja ringan"),
    "not_fit": lazy("Tidak sehat"),
}
FITNESS_TONES: Final = {"fit": "daun", "limited": "kunyit", "not_fit": "merah"}
STATUS: Final[dict[str, lazy]] = {
    "present": lazy("Di Lapas"),
    "transferred": lazy("Dipindahkan"),
    "released": lazy("Bebas"),
}
PERMIT_FILTER: Final[dict[str, lazy]] = {
    "works": lazy("Boleh bekerja hari ini"),
    "expiring": lazy("SK habis dalam 30 hari"),
    "expired": lazy("SK sudah lewat"),
    "proposed": lazy("Menunggu keputusan"),
    "deferred": lazy("Ditunda"),
    "approved": lazy("Menunggu SK"),
    "none": lazy("Belum ada izin kerja"),
}
END_REASONS: Final[dict[str, lazy]] = {
    "done": lazy("Pekerjaan selesai"),
    "offence": lazy("Pelanggaran"),
    "health": lazy("Kesehatan"),
    "transfer": lazy("Dipindahkan"),
    "release": lazy("Bebas"),
    "expired": lazy("Masa berlaku habis"),
    "other": lazy("Lainnya"),
}
# The reasons a person may give; the others come with leaving or with a new SK.
CHOSEN_END_REASONS: Final = ("done", "offence", "health", "other")
WORKSHOPS: Final[dict[str, lazy]] = {
    "garmen": lazy("Garmen"),
    "batik": lazy("Batik"),
    "batik_cap": lazy("Batik cap"),
    "tanaman": lazy("Tanaman hias"),
    "tanaman_hias": lazy("Tanaman hias"),
}
PURPOSES: Final[dict[str, lazy]] = {
    "own_request": lazy("Permintaan yang bersangkutan"),
    "hearing": lazy("Sidang TPP"),
    "transfer": lazy("Pemindahan"),
    "release": lazy("Pembebasan"),
}


def options(words: Mapping[str, lazy], *keys: str) -> list[tuple[str, str]]:
    """Give the choices of a field, all of them or those named."""
    return [(key, str(words[key])) for key in keys or words]


def named(thing: Mapping[str, Any]) -> str:
    """Give the name of something that training keeps in both languages."""
    return str(thing["name_en"] if current() == "en" and thing.get("name_en") else thing["name"])


def workshop(kind: str) -> str:
    """Name a kind of workshop; one that only a Lapas knows keeps its own name."""
    return str(WORKSHOPS.get(kind, kind.replace("_", " ").capitalize()))


def who(actor: str | None) -> str:
    """Name the role somebody acted in, of ``role:person``."""
    return role_name((actor or "").partition(":")[0])
