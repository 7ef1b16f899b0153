"""A Lapas, and how its letterhead and titles read on a given day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from giatja_gateway.facts import LapasChanged, LapasRegistered
from giatja_kit.errors import Conflict, Unknown

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
CLASSES = ("I", "IIA", "IIB", "III")

# Titles by class of Lapas: M.01-PR.07.03 of 1985 and its amendments; a Lapas whose titles differ changes its own.
_HEAD = {"I": "Kepala Bidang Kegiatan Kerja", "IIA": "Kepala Seksi Kegiatan Kerja"}
_HEAD_IIB = "Kepala Seksi Bimbingan Narapidana/Anak Didik dan Kegiatan Kerja"
_GUIDANCE = {
    "I": "Kepala Seksi Bimbingan Kerja",
    "IIA": "Kepala Subseksi Bimbingan Kerja dan Pengelolaan Hasil Kerja",
    "IIB": "Kepala Subseksi Kegiatan Kerja",
    "III": "Kepala Subseksi Pembinaan",
}
_TOOLS = {"I": "Kepala Seksi Sarana Kerja", "IIA": "Kepala Subseksi Sarana Kerja"}
# The ministry before and after Presidential Regulation 139 of 2024, in force on 21 October 2024.
MINISTRY_RENAMED = date(2024, 10, 21)
# Departments became ministries by Presidential Regulation 47 of 2009; what came before is nobody's report here.
MINISTRY_NAMED = date(2009, 11, 3)
_MINISTRIES = {
    MINISTRY_NAMED: "Kementerian Hukum dan Hak Asasi Manusia Republik Indonesia",
    MINISTRY_RENAMED: "Kementerian Imigrasi dan Pemasyarakatan Republik Indonesia",
}


class LapasUnknown(Unknown):
    """No such Lapas, or not for this caller."""

    id = "Lapas ini tidak terdaftar."
    en = "This Lapas is not registered."


class LapasCodeTaken(Conflict):
    """Another Lapas has that code."""

    id = "Kode {code} sudah dipakai {name}."
    en = "The code {code} is already that of {name}."


@dataclass(frozen=True, kw_only=True)
class Titles:
    """How a Lapas writes its letterhead and calls its offices, from a day on.

    :param letterhead: the lines, from the ministry down.
    :param titles: role -> title.
    """

    valid_from: date
    letterhead: tuple[str, ...]
    titles: Mapping[str, str]


@dataclass(kw_only=True, eq=False)
class Lapas:
    """A Lapas of this deployment, by its short code."""

    lapas_id: str
    name: str
    lapas_class: str
    zone: str
    open: bool = True
    version: int = 1

    def registered(self) -> LapasRegistered:
        """Return the fact that it joined."""
        return LapasRegistered(
            lapas_id=self.lapas_id, name=self.name, zone=self.zone, lapas_class=self.lapas_class, open=self.open
        )

    def change(self, *, name: str, lapas_class: str, zone: str, open_: bool) -> LapasChanged:
        """Take over new particulars."""
        self.name, self.lapas_class, self.zone, self.open = name, lapas_class, zone, open_
        return LapasChanged(
            lapas_id=self.lapas_id, name=self.name, zone=self.zone, lapas_class=self.lapas_class, open=self.open
        )


def usual_titles(name: str, lapas_class: str) -> list[Titles]:
    """Return what a Lapas of a class is called by regulation, before and after the ministry was renamed."""
    return [
        Titles(
            valid_from=since,
            letterhead=(ministry, "Direktorat Jenderal Pemasyarakatan", name),
            titles=_usual_offices(lapas_class),
        )
        for since, ministry in _MINISTRIES.items()
    ]


def _usual_offices(lapas_class: str) -> dict[str, str]:
    return {
        "kalapas": "Kepala Lembaga Pemasyarakatan",
        "kasi_giatja": _HEAD.get(lapas_class, _HEAD_IIB if lapas_class == "IIB" else "Kepala Subseksi Pembinaan"),
        "kasubsi_bimker": _GUIDANCE[lapas_class],
        "kasubsi_sarana": _TOOLS.get(lapas_class, _GUIDANCE[lapas_class]),
        "petugas": "Petugas Pendamping Kegiatan Kerja",
        "bendahara": "Bendahara",
        "wali": "Wali Pemasyarakatan",
        "binadik": "Sekretaris TPP",
    }
