"""A Lapas as this service knows it."""

from dataclasses import dataclass

from giatja_kit.errors import Conflict


class LapasNotKnownYet(Conflict):
    """The fact that registers this Lapas has not been heard here yet."""

    id = "Lapas ini baru didaftarkan dan belum siap dipakai. Coba lagi sebentar."
    en = "This Lapas was registered just now and is not ready yet. Try again shortly."


@dataclass(kw_only=True, eq=False)
class Lapas:
    """A Lapas: its short code, its name and the time zone its days are counted in."""

    lapas_id: str
    name: str
    zone: str
