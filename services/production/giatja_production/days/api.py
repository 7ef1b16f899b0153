"""Days and corrections over HTTP."""

import datetime as dt
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.attendance.api import MarkInput
from giatja_production.attendance.handlers import MarkAttendance
from giatja_production.days import handlers, queries
from giatja_production.days.domain import CorrectionState, Kind
from giatja_production.floor.api import TallyInput
from giatja_production.output.domain import Shift

routes = Routes("days", tag="Hari kerja dan koreksi")


class DaysQuery(PageQuery):
    """Which days; without a period, those of the last month."""

    first: date | None = None
    last: date | None = None
    workshop_id: UUID | None = None
    closed: bool | None = None


class DayItem(BaseModel):
    """A day of a workshop in the list."""

    work_date: date
    workshop_id: UUID
    workshop_name: str
    closed_at: dt.datetime | None
    closed_by: str | None
    note: str | None
    present: int
    away: int
    workers: int
    passed: int
    without_mark: int = Field(description="People with output in a shift without attendance")
    without_output: int = Field(description="People present of whom nothing is recorded")
    pending: int = Field(description="Corrections that wait for their second person")


class DayPage(BaseModel):
    """A page of days."""

    items: list[DayItem]
    next: str | None
    today: date


class DayPath(Input):
    """One day of one workshop."""

    work_date: date
    workshop_id: UUID


class StageSum(BaseModel):
    """What was made at a stage of a work order on the day."""

    work_order_id: UUID
    order_number: str
    product_name: str
    stage_no: int
    name: str
    name_en: str
    counts_quality: bool
    people: int
    good: int
    rework: int
    reject: int


class OfShift(BaseModel):
    """Somebody, in a shift of the day."""

    inmate_id: UUID
    shift: Shift
    status: str | None = None


class MissingView(BaseModel):
    """How much is missing of what."""

    unmarked: int
    without_output: int
    without_mark: int
    of_absent: int
    tools_out: int


class DayView(BaseModel):
    """One day of a workshop: its sums, and what stands against closing it."""

    work_date: date
    workshop_id: UUID
    workshop_name: str
    today: date
    closed_at: dt.datetime | None
    closed_by: str | None
    note: str | None
    closed_sums: dict[str, Any] | None = Field(description="What was seen when it was closed")
    present: int
    away: int
    minutes: int
    workers: int
    stages: list[StageSum]
    unmarked: list[OfShift]
    without_output: list[UUID]
    without_mark: list[OfShift]
    of_absent: list[OfShift]
    tools_out: int
    missing: MissingView


class CloseInput(Input):
    """Which day of which workshops is to be closed; without workshops all that are open."""

    work_date: date
    workshop_ids: list[UUID] | None = Field(None, min_length=1, max_length=100)
    accept_missing: bool = False
    note: str | None = Field(None, max_length=500)


class ClosedView(BaseModel):
    """What was closed."""

    work_date: date
    workshop_ids: list[UUID]


@routes.get("/days", permission="days.read", answer=DayPage)
def list_days(store: Store, query: DaysQuery) -> dict[str, Any]:
    """List days that were worked on, the newest first."""
    return queries.days(
        store, query, first=query.first, last=query.last, workshop_id=query.workshop_id, closed=query.closed
    )


@routes.get("/days/<work_date>/<workshop_id>", permission="days.read", answer=DayView)
def show_day(store: Store, path: DayPath) -> dict[str, Any]:
    """Show one day of a workshop, and what is missing of it."""
    return queries.day(store, path.workshop_id, path.work_date)


@routes.post("/days/close", permission="days.close", answer=ClosedView)
def close_day(store: Store, body: CloseInput) -> dict[str, Any]:
    """Close a day of some workshops, all of them or none."""
    closed = handlers.close_day(handlers.CloseDay(**body.__dict__), store)
    return {"work_date": body.work_date, "workshop_ids": closed}


class CorrectionsQuery(PageQuery):
    """Which corrections."""

    state: CorrectionState | None = None
    workshop_id: UUID | None = None
    work_date: date | None = None


class StageOfEntry(BaseModel):
    """The stage a correction is about."""

    order_number: str
    product_name: str
    name: str
    name_en: str


class EntryOfCorrection(StageOfEntry):
    """The entry that is to be taken back."""

    stage_no: int
    good: int
    rework: int
    reject: int
    credited: int


class CorrectionView(BaseModel):
    """A change of a closed day, or of what is credited, that one person asks for and another decides."""

    id: UUID
    kind: Kind
    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    inmate_id: UUID | None
    output_id: UUID | None
    proposal: dict[str, Any] = Field(description="What is to be done then, as it was asked for")
    reason: str
    state: CorrectionState
    requested_at: dt.datetime
    requested_by: str
    decided_at: dt.datetime | None
    decided_by: str | None
    answer: str | None
    version: int
    own: bool = Field(description="The caller asked for it, in whatever role, and so does not decide it")
    entry: EntryOfCorrection | None
    stages: dict[UUID, StageOfEntry] | None = Field(description="The stages a late entry names")
    mark: str | None = Field(description="How attendance has the person now")


class CorrectionPage(BaseModel):
    """A page of corrections."""

    items: list[CorrectionView]
    next: str | None


class ReversalInput(Input):
    """An entry that is to be taken back."""

    output_id: UUID
    reason: str = Field(min_length=3, max_length=500)


class LateInput(TallyInput):
    """What was made on a day that is closed."""

    reason: str = Field(min_length=3, max_length=500)


class MarkChange(Input):
    """Another mark of somebody on a day that is closed."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    mark: MarkInput
    reason: str = Field(min_length=3, max_length=500)


class RefusalInput(Input):
    """Why a correction is refused."""

    answer: str = Field(min_length=3, max_length=500)


@routes.get("/corrections", permission="days.read", answer=CorrectionPage)
def list_corrections(store: Store, query: CorrectionsQuery) -> dict[str, Any]:
    """List corrections, the newest first."""
    return queries.corrections(
        store, query, state=query.state, workshop_id=query.workshop_id, work_date=query.work_date
    )


@routes.get("/corrections/<id>", permission="days.read", answer=CorrectionView)
def show_correction(store: Store, path: ById) -> dict[str, Any]:
    """Show one correction."""
    return queries.correction(store, path.id)


@routes.post("/corrections/reversals", permission="output.record", creates="/corrections/{id}", answer=CorrectionView)
def ask_reversal(store: Store, body: ReversalInput) -> dict[str, Any]:
    """Ask that an entry be taken back, credited or of a closed day though it be."""
    asked = handlers.ask_reversal(handlers.AskReversal(id=new_id(), **body.__dict__), store)
    store.flush()
    return queries.correction(store, asked.id)


@routes.post("/corrections/late", permission="output.record", creates="/corrections/{id}", answer=CorrectionView)
def propose_late(store: Store, body: LateInput) -> dict[str, Any]:
    """Propose what was made on a day that is closed by now."""
    document = body.document()
    reason = document.pop("reason")
    command = handlers.ProposeLate(tally=body.command(new_id()), document=document, reason=reason)
    asked = handlers.propose_late(command, store)
    store.flush()
    return queries.correction(store, asked.id)


@routes.post("/corrections/marks", permission="attendance.mark", creates="/corrections/{id}", answer=CorrectionView)
def propose_mark(store: Store, body: MarkChange) -> dict[str, Any]:
    """Propose another mark on a day that is closed by now."""
    document = body.model_dump(mode="json", exclude={"reason", "mark"})
    document["marks"] = [body.mark.model_dump(mode="json", exclude={"seen"})]
    marking = MarkAttendance.from_document(document)
    command = handlers.ProposeMark(id=new_id(), marking=marking, document=document, reason=body.reason)
    asked = handlers.propose_mark(command, store)
    store.flush()
    return queries.correction(store, asked.id)


@routes.post("/corrections/<id>/confirm", permission="output.correct", updates=True, answer=CorrectionView)
def confirm_correction(store: Store, path: ById, version: int) -> dict[str, Any]:
    """Confirm what another person asked for; it is done at once."""
    handlers.confirm_correction(handlers.Decide(id=path.id, version=version), store)
    store.flush()
    return queries.correction(store, path.id)


@routes.post("/corrections/<id>/refuse", permission="output.correct", updates=True, answer=CorrectionView)
def refuse_correction(store: Store, path: ById, body: RefusalInput, version: int) -> dict[str, Any]:
    """Refuse what another person asked for."""
    handlers.refuse_correction(handlers.Decide(id=path.id, version=version, answer=body.answer), store)
    store.flush()
    return queries.correction(store, path.id)


@routes.post("/corrections/<id>/withdraw", permission="output.record", updates=True, answer=CorrectionView)
def withdraw_correction(store: Store, path: ById, version: int) -> dict[str, Any]:
    """Withdraw what one asked for oneself."""
    handlers.withdraw_correction(handlers.Decide(id=path.id, version=version), store)
    store.flush()
    return queries.correction(store, path.id)
