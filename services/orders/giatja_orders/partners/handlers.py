"""What may be asked for about partners."""

from dataclasses import dataclass
from uuid import UUID

from giatja_kit.database import Store
from giatja_orders.partners import queries
from giatja_orders.partners.domain import Partner, PartnerNameTaken, PartnerUnknown


@dataclass(frozen=True, kw_only=True)
class AddPartner:
    """Add a partner."""

    id: UUID
    name: str
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangePartner:
    """Change a partner's particulars."""

    id: UUID
    version: int | None
    name: str
    phone: str
    note: str
    active: bool


def add_partner(command: AddPartner, store: Store) -> None:
    """Add a partner to the caller's Lapas.

    :raises PartnerNameTaken: another one has that name.
    """
    if queries.name_taken(store, command.name):
        raise PartnerNameTaken(field="/name", name=command.name)
    store.add(
        Partner(lapas_id=store.lapas_id, id=command.id, name=command.name, phone=command.phone, note=command.note)
    )


def change_partner(command: ChangePartner, store: Store) -> None:
    """Change a partner.

    :raises PartnerUnknown, Stale, PartnerNameTaken:
    """
    partner = store.get(Partner, command.id, version=command.version, missing=PartnerUnknown)
    if queries.name_taken(store, command.name, but=command.id):
        raise PartnerNameTaken(field="/name", name=command.name)
    partner.change(name=command.name, phone=command.phone, note=command.note, active=command.active)
