"""The registry of Lapas over HTTP."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from giatja_gateway.lapas import handlers, queries
from giatja_kit import clock
from giatja_kit.database import Store
from giatja_kit.paging import PageQuery
from giatja_kit.web import Input, Routes

routes = Routes("lapas", tag="Lapas")

Code = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,8}$", description="Short code, e.g. PKL")]
Line = Annotated[str, Field(min_length=1, max_length=200)]
OfficeRole = Literal[
    "kalapas", "kasi_giatja", "kasubsi_bimker", "kasubsi_sarana", "petugas", "bendahara", "wali", "binadik"
]


class ByCode(Input):
    """The path of one Lapas."""

    id: Code


class LapasParticulars(Input):
    """What a Lapas is called, its class and its zone."""

    name: str = Field(min_length=3, max_length=120)
    lapas_class: Literal["I", "IIA", "IIB", "III"] = Field(alias="class")
    zone: Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"] = "Asia/Jakarta"


class NewLapas(LapasParticulars):
    """A Lapas that joins."""

    lapas_id: Code


class LapasChange(LapasParticulars):
    """A Lapas as it is from now on."""

    open: bool = True


class TitlesInput(Input):
    """Letterhead and titles from a day on."""

    valid_from: date
    letterhead: list[Line] = Field(min_length=1, max_length=6)
    titles: dict[OfficeRole, Line]


class LapasView(BaseModel):
    """A Lapas as it is shown."""

    id: str
    lapas_id: str
    name: str
    lapas_class: str = Field(alias="class")
    zone: str
    open: bool
    version: int


class LapasPage(BaseModel):
    """A page of Lapas."""

    items: list[LapasView]
    next: str | None


class TitlesView(BaseModel):
    """Letterhead and titles as they read on a day."""

    lapas_id: str
    valid_from: date
    letterhead: list[str]
    titles: dict[str, str]


class LapasQuery(PageQuery):
    """How to narrow the list of Lapas."""

    search: str | None = Field(None, max_length=100)


class TitlesQuery(BaseModel):
    """The day to read the titles of; today by default."""

    on: date | None = None


@routes.get("/lapas", permission="lapas.read", answer=LapasPage)
def list_lapas(store: Store, query: LapasQuery) -> dict[str, Any]:
    """List Lapas by name; a role at one Lapas sees its own."""
    return queries.lapas_page(store, query, search=query.search)


@routes.get("/lapas/<id>", permission="lapas.read", answer=LapasView)
def show_lapas(store: Store, path: ByCode) -> dict[str, Any]:
    """Show one Lapas."""
    return queries.lapas(store, path.id)


@routes.post("/lapas", permission="lapas.write", creates="/lapas/{id}", answer=LapasView)
def register_lapas(store: Store, body: NewLapas) -> dict[str, Any]:
    """Register a Lapas."""
    handlers.register_lapas(
        handlers.RegisterLapas(lapas_id=body.lapas_id, name=body.name, lapas_class=body.lapas_class, zone=body.zone),
        store,
    )
    return queries.lapas(store, body.lapas_id)


@routes.patch("/lapas/<id>", permission="lapas.write", answer=LapasView)
def change_lapas(store: Store, path: ByCode, version: int, body: LapasChange) -> dict[str, Any]:
    """Change a Lapas."""
    handlers.change_lapas(
        handlers.ChangeLapas(
            lapas_id=path.id,
            version=version,
            name=body.name,
            lapas_class=body.lapas_class,
            zone=body.zone,
            open=body.open,
        ),
        store,
    )
    return queries.lapas(store, path.id)


@routes.get("/lapas/<id>/titles", permission="lapas.read", answer=TitlesView)
def show_titles(store: Store, path: ByCode, query: TitlesQuery) -> dict[str, Any]:
    """Show letterhead and titles as they read on a day."""
    zone = queries.lapas(store, path.id)["zone"]
    return queries.titles_on(store, path.id, query.on or clock.today(zone, store.at))


@routes.post("/lapas/<id>/titles", permission="lapas.write", answer=TitlesView)
def set_titles(store: Store, path: ByCode, body: TitlesInput) -> dict[str, Any]:
    """Set letterhead and titles from a day on; earlier days keep theirs."""
    handlers.set_titles(
        handlers.SetTitles(
            lapas_id=path.id,
            valid_from=body.valid_from,
            letterhead=tuple(body.letterhead),
            titles={str(role): title for role, title in body.titles.items()},
        ),
        store,
    )
    return queries.titles_on(store, path.id, body.valid_from)
