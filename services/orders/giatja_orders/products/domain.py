"""Products and the rules about them."""

from dataclasses import dataclass, field
from uuid import UUID

from giatja_contracts.units import PIECES, Rupiah
from giatja_kit.errors import Conflict, Invalid, Unknown

PLAIN = ("-",)
"""The sizes, or colours, of a product that comes in one only."""


class ProductUnknown(Unknown):
    """No such product at this Lapas."""

    id = "Produk ini tidak ditemukan."
    en = "This product was not found."


class ProductNameTaken(Conflict):
    """Another product of this Lapas has that name."""

    id = "Sudah ada produk bernama {name}."
    en = "There is already a product named {name}."


class UnitUnknown(Invalid):
    """Work is not counted in that unit."""

    id = "Satuan {unit} tidak dikenal. Pilih salah satu: {units}."
    en = "The unit {unit} is not known. Choose one of: {units}."


class VariantNamedTwice(Invalid):
    """A size or a colour stands in its list twice."""

    id = "{value} tertulis dua kali."
    en = "{value} is written twice."


@dataclass(kw_only=True, eq=False)
class Product:
    """Something a workshop makes for whoever orders it.

    ``rate`` is the usual service rate for one piece; a line of an order may agree on another.
    ``unit`` is how it is usually counted when it is ordered; pieces are what is made and counted.
    """

    lapas_id: str
    id: UUID
    name: str
    workshop_kind: str
    unit: str
    rate: Rupiah
    sizes: list[str] = field(default_factory=lambda: list(PLAIN))
    colours: list[str] = field(default_factory=lambda: list(PLAIN))
    note: str = ""
    active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        self._check()

    def change(
        self,
        *,
        name: str,
        workshop_kind: str,
        unit: str,
        rate: Rupiah,
        sizes: list[str],
        colours: list[str],
        note: str,
        active: bool,
    ) -> None:
        """Take over new particulars; orders keep what was agreed when they were written.

        :raises UnitUnknown, VariantNamedTwice:
        """
        self.name, self.workshop_kind, self.unit, self.rate = name, workshop_kind, unit, rate
        self.sizes, self.colours, self.note, self.active = sizes, colours, note, active
        self._check()

    def _check(self) -> None:
        check_unit(self.unit, field="/unit")
        self.sizes = _variants(self.sizes, "/sizes")
        self.colours = _variants(self.colours, "/colours")


def check_unit(unit: str, *, field: str) -> None:
    """Refuse a unit nothing is counted in.

    :raises UnitUnknown:
    """
    if unit not in PIECES:
        raise UnitUnknown(field=field, unit=unit, units=", ".join(PIECES))


def _variants(values: list[str], where: str) -> list[str]:
    seen: set[str] = set()
    for nth, value in enumerate(values):
        if value.casefold() in seen:
            raise VariantNamedTwice(field=f"{where}/{nth}", value=value)
        seen.add(value.casefold())
    return values or list(PLAIN)
