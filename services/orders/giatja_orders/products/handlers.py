"""What may be asked for about products."""

from dataclasses import dataclass
from uuid import UUID

from giatja_contracts.units import Rupiah
from giatja_kit.database import Store
from giatja_orders.products import queries
from giatja_orders.products.domain import Product, ProductNameTaken, ProductUnknown


@dataclass(frozen=True, kw_only=True)
class AddProduct:
    """Add a product."""

    id: UUID
    name: str
    workshop_kind: str
    unit: str
    rate: Rupiah
    sizes: list[str]
    colours: list[str]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeProduct:
    """Change a product."""

    id: UUID
    version: int | None
    name: str
    workshop_kind: str
    unit: str
    rate: Rupiah
    sizes: list[str]
    colours: list[str]
    note: str
    active: bool


def add_product(command: AddProduct, store: Store) -> None:
    """Add a product to the caller's Lapas.

    :raises ProductNameTaken, UnitUnknown, VariantNamedTwice:
    """
    if queries.name_taken(store, command.name):
        raise ProductNameTaken(field="/name", name=command.name)
    store.add(
        Product(
            lapas_id=store.lapas_id,
            id=command.id,
            name=command.name,
            workshop_kind=command.workshop_kind,
            unit=command.unit,
            rate=command.rate,
            sizes=command.sizes,
            colours=command.colours,
            note=command.note,
        )
    )


def change_product(command: ChangeProduct, store: Store) -> None:
    """Change a product.

    :raises ProductUnknown, Stale, ProductNameTaken, UnitUnknown, VariantNamedTwice:
    """
    product = store.get(Product, command.id, version=command.version, missing=ProductUnknown)
    if queries.name_taken(store, command.name, but=command.id):
        raise ProductNameTaken(field="/name", name=command.name)
    product.change(
        name=command.name,
        workshop_kind=command.workshop_kind,
        unit=command.unit,
        rate=command.rate,
        sizes=command.sizes,
        colours=command.colours,
        note=command.note,
        active=command.active,
    )
