"""The region over HTTP."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_gateway.region import queries
from giatja_gateway.region.domain import Month
from giatja_kit.database import Store
from giatja_kit.paging import PageQuery
from giatja_kit.web import Input, Routes

routes = Routes("region", tag="Wilayah")

Sort = Literal[
    "name", "on_time", "overdue", "passed", "workers", "defects", "incidents",
    "-name", "-on_time", "-overdue", "-passed", "-workers", "-defects", "-incidents",
]  # fmt: skip
Standing = Literal["all", "accepted", "completed", "on_time", "late", "cancelled", "open", "overdue"]


class ByLapas(Input):
    """The path of one Lapas."""

    lapas_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")


class MonthQuery(Input):
    """Which month; without one the newest in which something happened."""

    month: str | None = Field(None, max_length=7, description="Year and month, e.g. 2025-02")


class OverviewQuery(MonthQuery):
    """Which month, and in which order."""

    sort: Sort = "name"


class OrdersQuery(PageQuery):
    """Which of the orders of a month."""

    month: str | None = Field(None, max_length=7, description="Year and month, e.g. 2025-02")
    standing: Standing = "all"


class Heads(BaseModel):
    """A count of inmates; fewer than five are not told to a regional office."""

    count: int | None
    few: bool


class Figures(BaseModel):
    """The figures of a month."""

    accepted: int
    completed: int
    on_time: int
    late: int
    cancelled: int
    open: int
    overdue: int
    passed: int
    rework: int
    reject: int
    incidents: int
    near_misses: int
    premi: int | None
    premi_people: Heads
    workers: Heads
    permitted: Heads
    inmates: Heads
    competences: Heads
    on_time_share: float | None
    defect_share: float | None


class LapasFigures(Figures):
    """The figures of one Lapas, with what passed in each of the last eight weeks."""

    lapas_id: str
    name: str
    zone: str
    until: date
    weeks: list[int]


class Together(Figures):
    """The figures of all Lapas together."""

    lapas_count: int


class Overview(BaseModel):
    """Every Lapas beside the others."""

    month: str
    until: date
    sort: str
    lapas: list[LapasFigures]
    together: Together
    before: Together


class DayFigures(BaseModel):
    """What passed and what was faulty on a day."""

    day: date
    passed: int
    faulty: int


class WorkshopFigures(BaseModel):
    """The output of one kind of workshop."""

    workshop_kind: str
    passed: int
    rework: int
    reject: int
    defect_share: float | None


class DefectFigures(BaseModel):
    """How often a defect was found."""

    workshop_kind: str
    code: str
    pieces: int


class Before(BaseModel):
    """The month before, for comparing."""

    on_time_share: float | None
    defect_share: float | None
    passed: int
    workers: Heads


class LapasDetail(LapasFigures):
    """One Lapas in a month."""

    month: str
    before: Before
    days: list[DayFigures]
    workshops: list[WorkshopFigures]
    defects: list[DefectFigures]


class OrderFigures(BaseModel):
    """An order behind a figure; without its partner, and without anyone who worked on it."""

    order_id: UUID
    number: str
    products: list[str]
    quantity: int
    passed: int
    internal: bool
    accepted_on: date
    due_date: date
    state: str
    overdue: bool
    completed_on: date | None
    on_time: bool | None


class OrderPage(BaseModel):
    """A page of orders."""

    items: list[OrderFigures]
    next: str | None


@routes.get("/region", permission="region.read", answer=Overview)
def overview(store: Store, query: OverviewQuery) -> dict[str, Any]:
    """Compare the Lapas the caller sees, in one month."""
    return queries.overview(store, _month(store, query.month), sort=query.sort)


@routes.get("/region/<lapas_id>", permission="region.read", answer=LapasDetail)
def one_lapas(store: Store, path: ByLapas, query: MonthQuery) -> dict[str, Any]:
    """Show one Lapas in one month."""
    return queries.one_lapas(store, path.lapas_id, _month(store, query.month))


@routes.get("/region/<lapas_id>/orders", permission="region.read", answer=OrderPage)
def orders(store: Store, path: ByLapas, query: OrdersQuery) -> dict[str, Any]:
    """List the orders behind a figure, by due date."""
    return queries.orders(store, path.lapas_id, _month(store, query.month), query, standing=query.standing)


def _month(store: Store, text: str | None) -> Month:
    return Month.parse(text) if text else queries.newest_month(store)
