"""Output over HTTP."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.output import handlers, queries
from giatja_production.output.domain import Entry, Shift

routes = Routes("output", tag="Hasil kerja")
_MOST = 1_000_000


class EntryInput(Input):
    """What one inmate made."""

    inmate_id: UUID
    good: int = Field(0, ge=0, le=_MOST)
    rework: int = Field(0, ge=0, le=_MOST)
    reject: int = Field(0, ge=0, le=_MOST)
    defect: str | None = Field(None, max_length=40)
    from_rework: bool = False
    size: str | None = Field(None, max_length=20)
    colour: str | None = Field(None, max_length=40)
    bundle_id: UUID | None = Field(None, description="All entries of a bundle together are the whole of it")


class OutputInput(Input):
    """What several inmates made at one stage in one shift."""

    work_order_id: UUID
    stage_id: UUID
    work_date: date
    shift: Shift
    entries: list[EntryInput] = Field(min_length=1, max_length=100)


class EntryAnswer(BaseModel):
    """The id an entry got, to take it back with."""

    id: UUID
    inmate_id: UUID


class StageAnswer(BaseModel):
    """Where the pieces of the stage stand now."""

    waiting: int
    rework: int
    good: int
    reject: int


class OutputAnswer(BaseModel):
    """What was recorded, and where the stage stands now."""

    work_order_id: UUID
    state: str
    entries: list[EntryAnswer]
    stage: StageAnswer


class UndoAnswer(BaseModel):
    """What takes an entry back."""

    id: UUID
    undoes: UUID
    work_order_id: UUID


class CellPart(BaseModel):
    """The part of an entry that fell on one cell."""

    size: str
    colour: str
    good: int
    rework: int
    reject: int


class EntryView(BaseModel):
    """An entry as it is shown."""

    id: UUID
    work_order_id: UUID
    order_number: str
    product_name: str
    stage_no: int
    stage_key: str
    stage_name: str
    stage_name_en: str
    inmate_id: UUID | None
    work_date: date
    shift: Shift
    good: int
    rework: int
    reject: int
    defect: str | None
    from_rework: bool
    credited: int
    undone: bool
    undoes: UUID | None
    reverses: UUID | None
    reason: str | None
    bundle_id: UUID | None
    bundle_code: str | None
    team_id: UUID | None
    inspection_id: UUID | None
    allocation_id: UUID | None
    responsible_name: str | None
    responsible_name_en: str | None
    recorded_at: datetime
    recorded_by: str
    cells: list[CellPart]


class EntryPage(BaseModel):
    """A page of entries."""

    items: list[EntryView]
    next: str | None


class EntryQuery(PageQuery):
    """How to narrow the list of entries."""

    work_order_id: UUID | None = None
    workshop_id: UUID | None = None
    inmate_id: UUID | None = None
    work_date: date | None = None
    stage_no: int | None = Field(None, ge=1, le=100)
    shift: Shift | None = None
    bundle_id: UUID | None = None


@routes.post("/output", permission="output.record", creates="/work-orders/{work_order_id}", answer=OutputAnswer)
def record_output(store: Store, body: OutputInput) -> dict[str, Any]:
    """Record a shift's output of several inmates at one stage, all of it or nothing."""
    command = handlers.RecordOutput(
        work_order_id=body.work_order_id,
        stage_id=body.stage_id,
        work_date=body.work_date,
        shift=body.shift,
        entries=[Entry(**e.__dict__) for e in body.entries],
        ids=[new_id() for _ in body.entries],
    )
    recorded = handlers.record_output(command, store)
    return {
        "work_order_id": body.work_order_id,
        "state": recorded.state,
        "entries": [{"id": i, "inmate_id": e.inmate_id} for i, e in zip(command.ids, body.entries, strict=True)],
        "stage": recorded.stage.__dict__,
    }


@routes.post("/output/<id>/undo", permission="output.record", answer=UndoAnswer)
def undo_output(store: Store, path: ById) -> dict[str, Any]:
    """Take an entry back while its pieces have not moved on and are not credited."""
    command = handlers.UndoOutput(id=path.id, new_id=new_id())
    work_order_id = handlers.undo_output(command, store)
    return {"id": command.new_id, "undoes": path.id, "work_order_id": work_order_id}


@routes.get("/output", permission="output.read", answer=EntryPage)
def list_output(store: Store, query: EntryQuery) -> dict[str, Any]:
    """List entries, the newest first."""
    return queries.entries(
        store,
        query,
        work_order_id=query.work_order_id,
        workshop_id=query.workshop_id,
        inmate_id=query.inmate_id,
        work_date=query.work_date,
        stage_no=query.stage_no,
        shift=query.shift,
        bundle_id=query.bundle_id,
    )


@routes.get("/output/<id>", permission="output.read", answer=EntryView)
def show_output(store: Store, path: ById) -> dict[str, Any]:
    """Show one entry."""
    return queries.entry(store, path.id)
