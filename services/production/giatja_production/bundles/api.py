"""Bundles over HTTP."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.bundles import handlers, queries
from giatja_production.bundles.domain import Kind, Lay, State, read_code

routes = Routes("bundles", tag="Bundel dan lot")
_MOST = 1_000


class RatioInput(Input):
    """How often a marker holds a size."""

    size: str = Field("", max_length=20)
    times: int = Field(ge=0, le=50)


class LayInput(Input):
    """Cloth of one colour in plies, and the sizes of its marker."""

    colour: str = Field("", max_length=40)
    plies: int = Field(ge=1, le=_MOST)
    ratio: list[RatioInput] = Field(min_length=1, max_length=50)


class LotInput(Input):
    """Pieces of one size and colour to be made into lots; all loose ones without a number."""

    size: str = Field("", max_length=20)
    colour: str = Field("", max_length=40)
    pieces: int | None = Field(None, ge=0, le=1_000_000)


class CutInput(Input):
    """How to make bundles; of everything loose when neither lays nor lots are given."""

    kind: Kind = Kind.BUNDLE
    most: int = Field(ge=1, le=_MOST, description="Pieces in a bundle at the most")
    stage_no: int | None = Field(None, ge=1, le=100, description="After the first stage when it is left out")
    lays: list[LayInput] = Field(default_factory=list, max_length=50)
    lots: list[LotInput] = Field(default_factory=list, max_length=200)


class SplitInput(Input):
    """The pieces of each part."""

    parts: list[int] = Field(min_length=2, max_length=20)


class MergeInput(Input):
    """What becomes part of it."""

    others: list[UUID] = Field(min_length=1, max_length=50)


class ReasonInput(Input):
    """Why."""

    reason: str = Field(min_length=3, max_length=300)


class MendInput(Input):
    """Who mended it."""

    inmate_id: UUID


class PlannedBundle(BaseModel):
    """A bundle that cutting would make."""

    size: str
    colour: str
    pieces: int


class LooseCell(BaseModel):
    """What would be left loose."""

    size: str
    colour: str
    loose: int


class PlanView(BaseModel):
    """What cutting would make."""

    stage_no: int
    stage_name: str
    bundles: list[PlannedBundle]
    pieces: int
    loose: list[LooseCell]


class MadeBundle(BaseModel):
    """A bundle that was made."""

    id: UUID
    code: str
    cell_no: int
    pieces: int


class CutAnswer(BaseModel):
    """What was made."""

    work_order_id: UUID
    bundles: list[MadeBundle]


class PartsAnswer(BaseModel):
    """The bundles that one became."""

    bundles: list[MadeBundle]


class BundleRow(BaseModel):
    """A bundle and where it is."""

    id: UUID
    code: str
    no: int
    kind: Kind
    work_order_id: UUID
    order_number: str
    product_name: str
    workshop_id: UUID
    workshop_name: str
    workshop_kind: str
    unit: str
    due_date: date
    cell_no: int
    size: str
    colour: str
    pieces: int
    stage_no: int
    stage_count: int
    stage_id: UUID
    stage_name: str
    stage_name_en: str
    counts_quality: bool
    in_rework: bool
    mend_no: int | None
    mend_name: str | None
    mend_name_en: str | None
    state: State
    made_at: datetime
    since: datetime = Field(description="When something last happened to it")
    version: int


class BundlePage(BaseModel):
    """A page of bundles."""

    items: list[BundleRow]
    next: str | None


class EventEntry(BaseModel):
    """What one inmate did of a bundle at a stage."""

    id: UUID
    inmate_id: UUID | None
    good: int
    rework: int
    reject: int
    defect: str | None
    work_date: date
    shift: str
    credited: int


class EventView(BaseModel):
    """Something that happened to a bundle."""

    kind: str
    stage_no: int
    stage_name: str
    stage_name_en: str
    pieces: int
    from_rework: bool
    good: int
    rework: int
    reject: int
    other_id: UUID | None
    other_code: str | None
    inmate_id: UUID | None
    reason: str | None
    undone: bool
    at: datetime
    by: str
    entries: list[EventEntry]


class BundleStage(BaseModel):
    """A stage of the route a bundle follows."""

    id: UUID
    no: int
    key: str
    name: str
    name_en: str
    counts_quality: bool


class BundleDefect(BaseModel):
    """A defect that may be found."""

    key: str
    name: str
    name_en: str


class ChildView(BaseModel):
    """A bundle that came out of another."""

    id: UUID
    code: str
    pieces: int
    state: State


class BundleView(BundleRow):
    """A bundle with everything that happened to it."""

    parent_id: UUID | None
    parent_code: str | None
    merged_into: UUID | None
    merged_code: str | None
    work_order_state: str
    stages: list[BundleStage]
    defects: list[BundleDefect]
    children: list[ChildView]
    history: list[EventView]


class CellStanding(BaseModel):
    """The pieces of one cell at one stage, and who holds them."""

    cell_no: int
    waiting: int
    rework: int
    bundles: int
    held: int
    lost: int
    loose: int


class StageStanding(BaseModel):
    """The pieces at one stage: waiting and rework = held in open bundles + lost + loose."""

    id: UUID
    no: int
    key: str
    name: str
    name_en: str
    counts_quality: bool
    waiting: int
    rework: int
    bundles: int
    held: int
    lost: int
    loose: int
    cells: list[CellStanding]


class StandingCell(BaseModel):
    """A cell of the grid."""

    no: int
    size: str
    colour: str
    quantity: int


class StandingView(BaseModel):
    """Where the pieces of a work order are."""

    id: UUID
    order_number: str
    product_name: str
    unit: str
    quantity: int
    rejected: int
    workshop_id: UUID
    workshop_kind: str
    state: str
    cells: list[StandingCell]
    stages: list[StageStanding]
    defects: list[BundleDefect]


class WhereRow(BaseModel):
    """The bundles at a stage of a workshop."""

    workshop_id: UUID
    workshop_name: str
    no: int
    key: str
    name: str
    name_en: str
    bundles: int
    pieces: int
    rework: int
    lost: int
    stale: int = Field(description="Bundles to which nothing happened for as many days as were asked")


class WhereView(BaseModel):
    """Where the bundles of the Lapas are."""

    stages: list[WhereRow]


class ListQuery(PageQuery):
    """How to narrow the list; without a state it shows what holds pieces of work orders that can still change."""

    work_order_id: UUID | None = None
    workshop_id: UUID | None = None
    state: Literal["there", "open", "done", "lost", "merged", "split", "rejected", "cancelled", "all"] = "there"
    stage: str | None = Field(None, max_length=60, description="Key of a stage")
    in_rework: bool | None = None
    size: str | None = Field(None, max_length=20)
    colour: str | None = Field(None, max_length=40)
    stale_days: int | None = Field(None, ge=1, le=365, description="Nothing happened to it for so many days")
    search: str | None = Field(None, max_length=100)


class CodeQuery(Input):
    """The code of a card."""

    code: str = Field(min_length=3, max_length=100)


class WhereQuery(Input):
    """Which workshop; all of them when it is left out."""

    workshop_id: UUID | None = None
    stale_days: int = Field(3, ge=1, le=365)


def _command(work_order_id: UUID, body: CutInput) -> handlers.CutBundles:
    return handlers.CutBundles(
        work_order_id=work_order_id,
        kind=body.kind,
        most=body.most,
        stage_no=body.stage_no,
        lays=[Lay(colour=x.colour, plies=x.plies, ratio={r.size: r.times for r in x.ratio}) for x in body.lays],
        lots=[handlers.Lot(size=x.size, colour=x.colour, pieces=x.pieces) for x in body.lots],
    )


def _made(bundles: list[Any]) -> list[dict[str, Any]]:
    return [{"id": b.id, "code": b.code, "cell_no": b.cell_no, "pieces": b.pieces} for b in bundles]


@routes.ask("/work-orders/<id>/bundles/plan", permission="bundles.write", answer=PlanView)
def plan_bundles(store: Store, path: ById, body: CutInput) -> dict[str, Any]:
    """Show what cutting would make, without doing it."""
    plan = handlers.plan_bundles(_command(path.id, body), store)
    shown = queries.standing(store, path.id)
    cells = {c["no"]: {"size": c["size"], "colour": c["colour"]} for c in shown["cells"]}
    return {
        "stage_no": plan.stage_no,
        "stage_name": shown["stages"][plan.stage_no - 1]["name"],
        "bundles": [{**cells[b.cell_no], "pieces": b.pieces} for b in plan.bundles],
        "pieces": sum(b.pieces for b in plan.bundles),
        "loose": [{**cells[no], "loose": loose} for no, loose in plan.loose.items()],
    }


@routes.post(
    "/work-orders/<id>/bundles",
    permission="bundles.write",
    creates="/work-orders/{work_order_id}/bundles",
    answer=CutAnswer,
)
def cut_bundles(store: Store, path: ById, body: CutInput) -> dict[str, Any]:
    """Make bundles of loose pieces."""
    return {"work_order_id": path.id, "bundles": _made(handlers.cut_bundles(_command(path.id, body), store))}


@routes.get("/work-orders/<id>/bundles", permission="bundles.read", answer=StandingView)
def show_standing(store: Store, path: ById) -> dict[str, Any]:
    """Show where the pieces of a work order are: in which bundles, lost, loose."""
    return queries.standing(store, path.id)


@routes.get("/bundles", permission="bundles.read", answer=BundlePage)
def list_bundles(store: Store, query: ListQuery) -> dict[str, Any]:
    """List bundles, those of the newest work order first."""
    named = {"there": ("open", "lost"), "all": tuple(str(s) for s in State)}
    return queries.listed(
        store,
        query,
        work_order_id=query.work_order_id,
        workshop_id=query.workshop_id,
        states=named.get(query.state, (query.state,)),
        stage=query.stage,
        in_rework=query.in_rework,
        size=query.size,
        colour=query.colour,
        before=store.at - timedelta(days=query.stale_days) if query.stale_days else None,
        search=query.search,
        worked_on=query.work_order_id is None and query.state in ("there", "open", "lost"),
    )


@routes.get("/bundles/where", permission="bundles.read", answer=WhereView)
def show_where(store: Store, query: WhereQuery) -> dict[str, Any]:
    """Show how many bundles are at each stage of each workshop."""
    before = store.at - timedelta(days=query.stale_days)
    return {"stages": queries.where(store, query.workshop_id, before=before)}


@routes.get("/bundles/scan", permission="bundles.read", answer=BundleView)
def scan_bundle(store: Store, query: CodeQuery) -> dict[str, Any]:
    """Show the bundle whose card was scanned or typed."""
    return queries.by_code(store, read_code(query.code))


@routes.get("/bundles/<id>", permission="bundles.read", answer=BundleView)
def show_bundle(store: Store, path: ById) -> dict[str, Any]:
    """Show a bundle with everything that happened to it."""
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/split", permission="bundles.write", updates=True, answer=PartsAnswer)
def split_bundle(store: Store, path: ById, version: int, body: SplitInput) -> dict[str, Any]:
    """Make several bundles of one."""
    command = handlers.SplitBundle(id=path.id, version=version, parts=body.parts)
    return {"bundles": _made(handlers.split_bundle(command, store))}


@routes.post("/bundles/<id>/merge", permission="bundles.write", updates=True, answer=BundleView)
def merge_bundles(store: Store, path: ById, version: int, body: MergeInput) -> dict[str, Any]:
    """Make one bundle of several of the same cell at the same place."""
    handlers.merge_bundles(handlers.MergeBundles(id=path.id, version=version, others=body.others), store)
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/lose", permission="bundles.write", updates=True, answer=BundleView)
def lose_bundle(store: Store, path: ById, version: int, body: ReasonInput) -> dict[str, Any]:
    """Record that a bundle is lost."""
    handlers.lose_bundle(handlers.LoseBundle(id=path.id, version=version, reason=body.reason), store)
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/find", permission="bundles.write", updates=True, answer=BundleView)
def find_bundle(store: Store, path: ById, version: int) -> dict[str, Any]:
    """Record that a lost bundle was found."""
    handlers.find_bundle(handlers.FindBundle(id=path.id, version=version), store)
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/write-off", permission="output.correct", updates=True, answer=BundleView)
def write_off_bundle(store: Store, path: ById, version: int, body: ReasonInput) -> dict[str, Any]:
    """Reject the pieces of a lost bundle."""
    handlers.write_off_bundle(handlers.WriteOffBundle(id=path.id, version=version, reason=body.reason), store)
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/mend", permission="bundles.write", updates=True, answer=BundleView)
def mend_bundle(store: Store, path: ById, version: int, body: MendInput) -> dict[str, Any]:
    """Record who mended a bundle."""
    handlers.mend_bundle(handlers.MendBundle(id=path.id, version=version, inmate_id=body.inmate_id), store)
    return queries.one(store, path.id)


@routes.post("/bundles/<id>/dissolve", permission="bundles.write", updates=True, answer=BundleView)
def dissolve_bundle(store: Store, path: ById, version: int, body: ReasonInput) -> dict[str, Any]:
    """Let the pieces of a bundle go loose."""
    handlers.dissolve_bundle(handlers.DissolveBundle(id=path.id, version=version, reason=body.reason), store)
    return queries.one(store, path.id)
