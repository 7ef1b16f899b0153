"""Partners and the rules about them."""

from dataclasses import dataclass
from uuid import UUID

from giatja_kit.errors import Conflict, Unknown


class PartnerUnknown(Unknown):
    """No such partner at this Lapas."""

    id = "Mitra ini tidak ditemukan."
    en = "This partner was not found."


class PartnerNameTaken(Conflict):
    """Another partner of this Lapas has that name."""

    id = "Sudah ada mitra bernama {name}."
    en = "There is already a partner named {name}."


@dataclass(kw_only=True, eq=False)
class Partner:
    """Somebody who orders from the workshops of one Lapas, e.g. DMA Collection."""

    lapas_id: str
    id: UUID
    name: str
    phone: str = ""
    note: str = ""
    active: bool = True
    version: int = 1

    def change(self, *, name: str, phone: str, note: str, active: bool) -> None:
        """Take over new particulars."""
        self.name, self.phone, self.note, self.active = name, phone, note, active
