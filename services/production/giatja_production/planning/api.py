"""Planning over HTTP."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.planning import queries
from giatja_production.planning.domain import Cause, ForecastUnknown, LeverKind, WorkshopUnclear

routes = Routes("planning", tag="Perencanaan")

Sort = Literal["late", "-late", "due_date", "-due_date", "likely_on", "-likely_on", "number", "-number"]


class LineInput(Input):
    """Pieces somebody wants made: in a workshop, or in the one of a kind."""

    quantity: int = Field(ge=1, le=1_000_000, description="Pieces")
    workshop_id: UUID | None = None
    workshop_kind: str | None = Field(None, min_length=1, max_length=40)


class PromiseInput(Input):
    """The lines of an order and the day it is wanted."""

    due_date: date
    lines: list[LineInput] = Field(min_length=1, max_length=50)


class StageNamed(BaseModel):
    """A stage, how many people may work there, and when the last of them ends, if that is within the year."""

    key: str
    name: str
    name_en: str
    people: int
    until: date | None


class LeverView(BaseModel):
    """What would make the date possible."""

    kind: LeverKind
    amount: int = Field(description="people; minutes more a day; pieces by the date; pieces for another Lapas")
    minutes: int = Field(description="Working time to be found elsewhere")
    stage: StageNamed | None


class Delayed(BaseModel):
    """An order that would be late, or later."""

    order_id: UUID
    order_number: str
    due_date: date


class PartPromised(BaseModel):
    """The answer for one workshop."""

    workshop_id: UUID | None
    workshop_name: str
    workshop_kind: str
    quantity: int
    minutes: int
    possible: bool
    earliest_on: date | None
    bottleneck: StageNamed | None
    people: int
    open_work_orders: int
    delays: list[Delayed]
    delays_count: int
    levers: list[LeverView]


class PromiseView(BaseModel):
    """Whether the date can be promised; without an earliest date none within a year can."""

    possible: bool
    asked_on: date
    earliest_on: date | None
    slack_days: int | None
    workshops: list[PartPromised]


class LoadCell(BaseModel):
    """What a week wants of a stage and what its people can give, in minutes; the week is named by its Monday."""

    week: date
    wanted: int
    able: int


class LoadStage(StageNamed):
    """A stage with its weeks; ``factor`` is how many minutes a standard minute takes here."""

    standard_minutes: int
    factor: float
    factor_minutes: int
    factor_days: int
    placed: int
    machine: bool
    cells: list[LoadCell]


class LoadUnit(BaseModel):
    """A workshop with its load."""

    workshop_id: UUID
    workshop_name: str
    workshop_kind: str
    people: int
    open_work_orders: int
    weeks: list[date]
    stages: list[LoadStage]


class LoadView(BaseModel):
    """The load of each workshop."""

    items: list[LoadUnit]


class LoadQuery(Input):
    """Which workshop; all when it is left out."""

    workshop_id: UUID | None = None


class StageRef(BaseModel):
    """A stage by its names."""

    key: str
    name: str
    name_en: str


class ForecastView(BaseModel):
    """When an open order is likely to be finished; without a day nobody works at the stage named."""

    order_id: UUID
    order_number: str
    partner_name: str | None
    products: str
    workshop_names: str
    quantity: int
    finished: int
    due_date: date
    on_hold: bool
    likely_on: date | None
    earliest_on: date | None
    latest_on: date | None
    late_days: int
    cause: Cause
    stage: StageRef | None
    changed_at: datetime


class ForecastPage(BaseModel):
    """A page of forecasts, and when they were last looked at."""

    items: list[ForecastView]
    next: str | None
    looked_at: datetime | None


class ForecastQuery(PageQuery):
    """How to narrow and sort the forecasts."""

    search: str | None = Field(None, max_length=100, description="In the number, the partner or the products")
    workshop_id: UUID | None = None
    late: bool | None = None
    sort: Sort = "late"


@routes.ask("/planning/promise", permission="planning.read", answer=PromiseView)
def ask_promise(store: Store, body: PromiseInput) -> dict[str, Any]:
    """Say whether a date can be promised, and otherwise by which and what would help; changes nothing."""
    for nth, line in enumerate(body.lines):
        if (line.workshop_id is None) == (line.workshop_kind is None):
            raise WorkshopUnclear(field=f"/lines/{nth}/workshop_kind")
    lines = [
        queries.AskedLine(quantity=line.quantity, workshop_id=line.workshop_id, workshop_kind=line.workshop_kind)
        for line in body.lines
    ]
    return queries.promised(store, lines, body.due_date)


@routes.get("/planning/load", permission="planning.read", answer=LoadView)
def show_load(store: Store, query: LoadQuery) -> dict[str, Any]:
    """Show how full each stage is in the weeks ahead."""
    return queries.load(store, workshop_id=query.workshop_id)


@routes.get("/planning/forecasts", permission="planning.read", answer=ForecastPage)
def list_forecasts(store: Store, query: ForecastQuery) -> dict[str, Any]:
    """List the open orders with the day each is likely to be finished, the latest first."""
    return queries.forecasts(
        store, query, search=query.search, workshop_id=query.workshop_id, late=query.late, sort=query.sort
    )


@routes.get("/planning/forecasts/<id>", permission="planning.read", answer=ForecastView)
def show_forecast(store: Store, path: ById) -> dict[str, Any]:
    """Show the forecast of one order."""
    row = queries.forecast_of(store, path.id)
    if row is None:
        raise ForecastUnknown(id=path.id)
    return dict(row)
