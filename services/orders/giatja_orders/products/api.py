"""Products over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_contracts.units import Rupiah
from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_orders.products import handlers, queries

routes = Routes("products", tag="Produk")

Size = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Colour = Annotated[str, StringConstraints(min_length=1, max_length=40)]
WorkshopKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class ProductInput(Input):
    """The particulars of a product."""

    name: str = Field(min_length=2, max_length=120)
    workshop_kind: WorkshopKind = Field(description="`garmen`, `batik_cap`, `tanaman_hias`, or the Lapas's own key")
    unit: str = Field("pcs", max_length=20, description="How it is usually ordered: pcs, lusin, kodi, ...")
    rate: int = Field(0, ge=0, le=100_000_000, description="Usual rate of one piece, whole rupiah")
    sizes: list[Size] = Field([], max_length=40, description="Empty where there is one size only")
    colours: list[Colour] = Field([], max_length=40, description="Empty where there is one colour only")
    note: str = Field("", max_length=1000)


class ProductChange(ProductInput):
    """The particulars of a product, and whether it can still be ordered."""

    active: bool = True


class ProductView(BaseModel):
    """A product as it is shown; a single size or colour is ``-``."""

    id: UUID
    name: str
    workshop_kind: str
    unit: str
    rate: int
    sizes: list[str]
    colours: list[str]
    note: str
    active: bool
    version: int


class ProductPage(BaseModel):
    """A page of products."""

    items: list[ProductView]
    next: str | None


class ProductQuery(PageQuery):
    """How to narrow the list of products."""

    search: str | None = Field(None, max_length=100)
    workshop_kind: str | None = Field(None, max_length=40)
    active: bool | None = None


@routes.get("/products", permission="products.read", answer=ProductPage)
def list_products(store: Store, query: ProductQuery) -> dict[str, Any]:
    """List products by name."""
    return queries.products(store, query, search=query.search, workshop_kind=query.workshop_kind, active=query.active)


@routes.get("/products/<id>", permission="products.read", answer=ProductView)
def show_product(store: Store, path: ById) -> dict[str, Any]:
    """Show one product."""
    return queries.product(store, path.id)


@routes.post("/products", permission="products.write", creates="/products/{id}", answer=ProductView)
def add_product(store: Store, body: ProductInput) -> dict[str, Any]:
    """Add a product."""
    id_ = new_id()
    handlers.add_product(
        handlers.AddProduct(
            id=id_,
            name=body.name,
            workshop_kind=body.workshop_kind,
            unit=body.unit,
            rate=Rupiah(body.rate),
            sizes=body.sizes,
            colours=body.colours,
            note=body.note,
        ),
        store,
    )
    return queries.product(store, id_)


@routes.patch("/products/<id>", permission="products.write", answer=ProductView)
def change_product(store: Store, path: ById, version: int, body: ProductChange) -> dict[str, Any]:
    """Change a product."""
    handlers.change_product(
        handlers.ChangeProduct(
            id=path.id,
            version=version,
            name=body.name,
            workshop_kind=body.workshop_kind,
            unit=body.unit,
            rate=Rupiah(body.rate),
            sizes=body.sizes,
            colours=body.colours,
            note=body.note,
            active=body.active,
        ),
        store,
    )
    return queries.product(store, path.id)
