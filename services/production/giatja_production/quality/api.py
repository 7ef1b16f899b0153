"""Quality over HTTP."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.quality import handlers, queries
from giatja_production.quality.domain import Finding, Inspector, Verdict

routes = Routes("quality", tag="Mutu")
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
_MOST = 1_000_000
_DAYS = 29


class FindingInput(Input):
    """Pieces with one defect."""

    defect: str = Field(max_length=40)
    verdict: Verdict
    pieces: int = Field(ge=1, le=_MOST)
    responsible_no: int | None = Field(None, ge=1, le=100, description="Stage the defect comes from, and that mends it")


class InspectionInput(Input):
    """What somebody inspected at quality control, and found; what no finding names has passed."""

    work_order_id: UUID
    work_date: date
    shift: Shift
    bundle_id: UUID | None = Field(None, description="Loose pieces when it is left out")
    size: str | None = Field(None, max_length=20)
    colour: str | None = Field(None, max_length=40)
    pieces: int | None = Field(None, ge=1, le=_MOST, description="Of loose pieces; a bundle is judged whole")
    sample_size: int | None = Field(None, ge=1, le=_MOST, description="How many were looked at; all when left out")
    inspector: Inspector = Inspector.OFFICER
    inspector_name: Line | None = Field(None, max_length=120, description="Of the partner's inspector")
    inmate_id: UUID | None = Field(None, description="Who checked, and is credited for it")
    from_rework: bool = False
    note: str | None = Field(None, max_length=500)
    findings: list[FindingInput] = Field(default_factory=list, max_length=50)


class FaultEntry(BaseModel):
    """An entry of output as quality sees it."""

    id: UUID
    work_order_id: UUID
    order_number: str
    product_name: str
    workshop_id: UUID
    work_date: date
    shift: Shift
    stage_no: int
    stage_name: str
    stage_name_en: str
    responsible_name: str | None
    responsible_name_en: str | None
    inmate_id: UUID | None
    from_rework: bool
    undone: bool
    bundle_id: UUID | None
    bundle_code: str | None
    inspection_id: UUID | None
    recorded_at: datetime
    recorded_by: str
    good: int
    rework: int
    reject: int
    defect: str | None
    defect_name: str | None
    defect_name_en: str | None


class InspectionRow(BaseModel):
    """An inspection and what it found."""

    id: UUID
    work_order_id: UUID
    order_number: str
    product_name: str
    partner_name: str | None
    unit: str
    workshop_id: UUID
    workshop_name: str
    stage_no: int
    stage_name: str
    stage_name_en: str
    bundle_id: UUID | None
    bundle_code: str | None
    bundle_kind: str | None
    pieces: int
    sample_size: int | None
    inspector: Inspector
    inspector_name: str | None
    note: str | None
    work_date: date
    at: datetime
    by: str
    good: int
    rework: int
    reject: int
    from_rework: bool
    taken_back: bool


class InspectionPage(BaseModel):
    """A page of inspections."""

    items: list[InspectionRow]
    next: str | None


class InspectionView(InspectionRow):
    """One inspection with its entries."""

    entries: list[FaultEntry]


class FaultPage(BaseModel):
    """A page of entries with a defect."""

    items: list[FaultEntry]
    next: str | None


class SeenView(BaseModel):
    """How many pieces were looked at for the first time, and how they were."""

    looked_at: int
    good: int
    rework: int
    reject: int
    first_pass_yield: float | None = Field(description="Share that passed at first sight; 1 is all")


class StageYield(SeenView):
    """A stage of a workshop."""

    workshop_id: UUID
    workshop_name: str
    key: str
    no: int
    name: str
    name_en: str
    counts_quality: bool


class WorkshopYield(SeenView):
    """A workshop at quality control."""

    workshop_id: UUID
    workshop_name: str
    rolled: float | None = Field(description="Share that comes through all stages without a defect")


class PeriodYield(SeenView):
    """A day, week or month at quality control."""

    begins: date


class CauseView(BaseModel):
    """The stage a defect comes from."""

    key: str
    name: str
    name_en: str
    pieces: int


class DefectSum(BaseModel):
    """A defect over the period, with the share of all up to it."""

    key: str
    name: str
    name_en: str
    rework: int
    reject: int
    pieces: int
    share: float
    up_to: float
    causes: list[CauseView]


class QualityView(SeenView):
    """Quality over a period: what passed quality control at first sight, stage by stage, and the defects."""

    first: date
    last: date
    by: Literal["day", "week", "month"]
    stages: list[StageYield]
    workshops: list[WorkshopYield]
    periods: list[PeriodYield]
    defects: list[DefectSum]


class PeriodQuery(Input):
    """Which days; the last thirty when they are left out."""

    first: date | None = None
    last: date | None = None
    workshop_id: UUID | None = None
    work_order_id: UUID | None = None


class InspectionQuery(PageQuery):
    """How to narrow the list of inspections."""

    work_order_id: UUID | None = None
    bundle_id: UUID | None = None
    workshop_id: UUID | None = None
    inspector: Inspector | None = None
    result: Literal["clean", "faulty"] | None = None
    first: date | None = None
    last: date | None = None
    search: str | None = Field(None, max_length=100)


class FaultQuery(PageQuery):
    """How to narrow the list of entries with a defect."""

    first: date | None = None
    last: date | None = None
    workshop_id: UUID | None = None
    work_order_id: UUID | None = None
    defect: str | None = Field(None, max_length=40)
    stage: str | None = Field(None, max_length=60, description="Key of the stage that found it")
    cause: str | None = Field(None, max_length=60, description="Key of the stage it comes from")


def _days(store: Store, first: date | None, last: date | None) -> tuple[date, date]:
    until = last or today(store)
    return first or until - timedelta(days=_DAYS), until


@routes.post("/inspections", permission="quality.inspect", creates="/inspections/{id}", answer=InspectionView)
def inspect_pieces(store: Store, body: InspectionInput) -> dict[str, Any]:
    """Judge a bundle, a lot or loose pieces."""
    id_ = new_id()
    findings = [Finding(**f.__dict__) for f in body.findings]
    command = handlers.InspectPieces(id=id_, findings=findings, **body.model_dump(exclude={"findings"}))
    handlers.inspect_pieces(command, store)
    return queries.inspection(store, id_)


@routes.get("/inspections", permission="quality.read", answer=InspectionPage)
def list_inspections(store: Store, query: InspectionQuery) -> dict[str, Any]:
    """List inspections, the newest first."""
    return queries.inspections(
        store,
        query,
        work_order_id=query.work_order_id,
        bundle_id=query.bundle_id,
        workshop_id=query.workshop_id,
        inspector=query.inspector,
        result=query.result,
        first=query.first,
        last=query.last,
        search=query.search,
    )


@routes.get("/inspections/<id>", permission="quality.read", answer=InspectionView)
def show_inspection(store: Store, path: ById) -> dict[str, Any]:
    """Show one inspection with what it found."""
    return queries.inspection(store, path.id)


@routes.get("/quality", permission="quality.read", answer=QualityView)
def show_quality(store: Store, query: PeriodQuery) -> dict[str, Any]:
    """Show what passed at first sight by stage, workshop and time, and the defects, most frequent first."""
    first, last = _days(store, query.first, query.last)
    return queries.summary(
        store, first=first, last=last, workshop_id=query.workshop_id, work_order_id=query.work_order_id
    )


@routes.get("/quality/faults", permission="quality.read", answer=FaultPage)
def list_faults(store: Store, query: FaultQuery) -> dict[str, Any]:
    """List the entries with a defect, the newest first: what the sums are made of."""
    first, last = _days(store, query.first, query.last)
    return queries.faults(
        store,
        query,
        first=first,
        last=last,
        workshop_id=query.workshop_id,
        work_order_id=query.work_order_id,
        defect=query.defect,
        stage=query.stage,
        cause=query.cause,
    )
