"""Attendance over HTTP."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from giatja_kit.database import Store
from giatja_kit.web import Input, Routes
from giatja_production.attendance import handlers, queries
from giatja_production.attendance.domain import UNMARKED, Status
from giatja_production.floor.domain import clock_off
from giatja_production.output.domain import Shift

routes = Routes("attendance", tag="Absensi")
_SEEN = (UNMARKED, *(s.value for s in Status))


class MarkInput(Input):
    """How one person is marked."""

    inmate_id: UUID
    status: Status
    reason_key: str | None = Field(None, max_length=60)
    complied: bool | None = None
    minutes: int | None = Field(None, ge=0, le=1440)
    note: str | None = Field(None, max_length=200)
    seen: str | None = Field(None, description="The mark the clerk saw, `belum` for none; another one since is refused")

    @field_validator("seen")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in _SEEN:
            raise ValueError(f"one of {', '.join(_SEEN)}")
        return value


class AttendanceInput(Input):
    """The marks of several people in one shift of a workshop."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    marks: list[MarkInput] = Field(min_length=1, max_length=500)
    device_time: AwareDatetime | None = Field(None, description="The clock of the device; the server's day decides")


class AttendanceAnswer(BaseModel):
    """What is marked now."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    marked: int
    clock_off: int | None = Field(description="Minutes the device's clock is ahead, if that is more than ten")


class ReasonView(BaseModel):
    """A reason."""

    key: str
    no: int
    name: str
    name_en: str
    status: Status
    active: bool
    version: int


class ReasonList(BaseModel):
    """All reasons of the Lapas."""

    items: list[ReasonView]
    own: bool = Field(description="Whether the Lapas has set them, or they are those that are shipped")


class ReasonInput(Input):
    """A new reason."""

    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field(min_length=1, max_length=60)
    status: Status


class ReasonChange(Input):
    """A reason as it is to be."""

    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field(min_length=1, max_length=60)
    active: bool


class ByKey(Input):
    """The path of one reason."""

    key: str = Field(max_length=60)


class SheetQuery(Input):
    """Which sheet."""

    workshop_id: UUID
    work_date: date
    shift: Shift


class PersonView(BaseModel):
    """Somebody on the sheet; the name is training's to tell."""

    inmate_id: UUID
    fitness: str
    stage_key: str | None
    status: Status | None
    reason_key: str | None
    attended: bool | None
    complied: bool | None
    minutes: int | None
    note: str | None
    marked_at: datetime | None
    marked_by: str | None
    allowed: bool
    expected: bool
    pieces: int


class PlaceView(BaseModel):
    """The workshop of a sheet."""

    id: UUID
    name: str
    kind: str


class SheetView(BaseModel):
    """The attendance sheet of a shift."""

    workshop: PlaceView
    work_date: date
    shift: Shift
    starts: datetime | None
    ends: datetime | None
    minutes: int | None
    today: date
    closed_at: datetime | None
    closed_by: str | None
    reasons: list[ReasonView]
    people: list[PersonView]
    others: list[PersonView]
    unmarked: list[UUID]
    counts: dict[str, int]


class MonthQuery(Input):
    """Which month, of one workshop or of all."""

    month: str
    workshop_id: UUID | None = None
    purpose: str | None = Field(None, max_length=120, description="Why it is taken out; it is kept in the audit")

    @field_validator("month")
    @classmethod
    def _month(cls, value: str) -> str:
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value):
            raise ValueError("YYYY-MM")
        return value


class MonthRow(BaseModel):
    """The month of one person in one workshop; figures are shifts, but for the days and minutes."""

    inmate_id: UUID
    workshop_id: UUID
    workshop_name: str
    days: int
    hadir: int
    izin: int
    sakit: int
    tidak_hadir: int
    not_complied: int
    minutes: int
    marks: dict[str, Status]


class MonthView(BaseModel):
    """A month of attendance."""

    first: date
    last: date
    items: list[MonthRow]


@routes.get("/attendance", permission="attendance.read", answer=SheetView)
def show_sheet(store: Store, query: SheetQuery) -> dict[str, Any]:
    """Show who is expected in a shift and how they are marked."""
    return queries.sheet(store, workshop_id=query.workshop_id, work_date=query.work_date, shift=query.shift)


@routes.post("/attendance", permission="attendance.mark", answer=AttendanceAnswer)
def mark_attendance(store: Store, body: AttendanceInput) -> dict[str, Any]:
    """Mark people in a shift, all of them or nobody; the same again changes nothing."""
    command = handlers.MarkAttendance.from_document(body.model_dump(mode="json"))
    marked = handlers.mark_attendance(command, store)
    return {
        "workshop_id": body.workshop_id,
        "work_date": body.work_date,
        "shift": body.shift,
        "marked": len(marked),
        "clock_off": clock_off(body.device_time, store.at),
    }


@routes.get("/attendance/month", permission="attendance.read", answer=MonthView)
def show_month(store: Store, query: MonthQuery) -> dict[str, Any]:
    """Show a month, one row for each person and workshop."""
    if query.purpose:
        store.audit("attendance.exported", f"/attendance/month?month={query.month}", purpose=query.purpose)
    return queries.month(store, first=date.fromisoformat(query.month + "-01"), workshop_id=query.workshop_id)


@routes.get("/attendance/reasons", permission="attendance.read", answer=ReasonList)
def list_reasons(store: Store) -> dict[str, Any]:
    """List the reasons, those out of use too; there are a handful."""
    found, own = queries.reasons(store)
    return {"items": found, "own": own}


@routes.post("/attendance/reasons", permission="output.correct", creates="/attendance/reasons/{key}", answer=ReasonView)
def add_reason(store: Store, body: ReasonInput) -> dict[str, Any]:
    """Add a reason."""
    return handlers.add_reason(handlers.AddReason(**body.__dict__), store).__dict__


@routes.patch("/attendance/reasons/<key>", permission="output.correct", answer=ReasonView)
def change_reason(store: Store, path: ByKey, body: ReasonChange, version: int) -> dict[str, Any]:
    """Rename a reason, or take it out of use."""
    command = handlers.ChangeReason(key=path.key, **body.__dict__)
    return handlers.change_reason(command, store, version=version).__dict__
