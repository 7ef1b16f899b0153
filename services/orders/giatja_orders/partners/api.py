"""Partners over HTTP."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_orders.partners import handlers, queries

routes = Routes("partners", tag="Mitra")


class PartnerInput(Input):
    """The particulars of a partner."""

    name: str = Field(min_length=2, max_length=120)
    phone: str = Field("", max_length=30, pattern=r"^[0-9+() -]*$")
    note: str = Field("", max_length=1000)


class PartnerChange(PartnerInput):
    """The particulars of a partner, and whether it still orders."""

    active: bool = True


class PartnerView(BaseModel):
    """A partner as it is shown."""

    id: UUID
    name: str
    phone: str
    note: str
    active: bool
    version: int


class PartnerPage(BaseModel):
    """A page of partners."""

    items: list[PartnerView]
    next: str | None


class PartnerQuery(PageQuery):
    """How to narrow the list of partners."""

    search: str | None = Field(None, max_length=100)
    active: bool | None = None


@routes.get("/partners", permission="partners.read", answer=PartnerPage)
def list_partners(store: Store, query: PartnerQuery) -> dict[str, Any]:
    """List partners by name."""
    return queries.partners(store, query, search=query.search, active=query.active)


@routes.get("/partners/<id>", permission="partners.read", answer=PartnerView)
def show_partner(store: Store, path: ById) -> dict[str, Any]:
    """Show one partner."""
    return queries.partner(store, path.id)


@routes.post("/partners", permission="partners.write", creates="/partners/{id}", answer=PartnerView)
def add_partner(store: Store, body: PartnerInput) -> dict[str, Any]:
    """Add a partner."""
    id_ = new_id()
    handlers.add_partner(handlers.AddPartner(id=id_, name=body.name, phone=body.phone, note=body.note), store)
    return queries.partner(store, id_)


@routes.patch("/partners/<id>", permission="partners.write", answer=PartnerView)
def change_partner(store: Store, path: ById, version: int, body: PartnerChange) -> dict[str, Any]:
    """Change a partner."""
    handlers.change_partner(
        handlers.ChangePartner(
            id=path.id, version=version, name=body.name, phone=body.phone, note=body.note, active=body.active
        ),
        store,
    )
    return queries.partner(store, path.id)
