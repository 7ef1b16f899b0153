"""Officers, their roster and the shift log over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery
from giatja_kit.web import ById, Input, Routes
from giatja_production.duty import handlers, queries
from giatja_production.duty.domain import rank_of
from giatja_production.output.domain import Shift

routes = Routes("duty", tag="Piket")
Grade = Annotated[
    str, Field(pattern=r"^(I{1,3}/[a-d]|IV/[a-e])$", description="Rank of a civil servant, e.g. II/c or III/a")
]
Reason = Annotated[str, Field(min_length=5, max_length=300)]
Count = Annotated[int, Field(ge=0, le=1000)]
Text = Annotated[str, Field(max_length=2000)]


class OfficerInput(Input):
    """Somebody who takes turns."""

    name: str = Field(min_length=2, max_length=120)
    grade: Grade
    person_id: UUID | None = None


class OfficerChange(OfficerInput):
    """What is known of an officer from now on."""

    active: bool


class LeaveInput(Input):
    """A leave, both days counted."""

    first_day: date
    last_day: date
    reason: str = Field(min_length=2, max_length=200)


class PostChange(Input):
    """How many officers are needed, on which days of the week (1 is Monday), of which rank."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1, max_length=7)
    officers: int = Field(ge=1, le=10)
    lowest_grade: Grade | None = None
    senior_grade: Grade | None = None
    active: bool = True


class PostInput(Input):
    """A workshop and a shift that need officers."""

    workshop_id: UUID
    shift: Shift
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1, max_length=7)
    officers: int = Field(ge=1, le=10)
    lowest_grade: Grade | None = None
    senior_grade: Grade | None = None


class PeriodInput(Input):
    """Some days, both counted."""

    first: date
    last: date


class AssignInput(Input):
    """Who takes a turn from now on, nobody for a vacancy, and why."""

    officer_id: UUID | None
    reason: Reason


class CoverInput(Input):
    """Who stands in, and why."""

    officer_id: UUID
    reason: Reason


class SwapInput(Input):
    """The turn of somebody else to change with, and why."""

    other_turn_id: UUID
    reason: Reason


class LogInput(Input):
    """The beginning of a shift."""

    workshop_id: UUID
    work_date: date
    shift: Shift
    head_start: Count
    tools_start: Count
    gear: Text = ""
    notes: Text = ""


class LogChange(Input):
    """What the log of a shift says while it is open."""

    head_start: Count
    tools_start: Count
    gear: Text = ""
    notes: Text = ""
    handover: Text = ""


class CloseInput(Input):
    """The end of a shift."""

    head_end: Count
    tools_end: Count
    difference: str = Field("", max_length=500)
    handover: Text = ""


class AddendumInput(Input):
    """What is added to a closed log."""

    text: str = Field(min_length=5, max_length=2000)


class LeaveView(BaseModel):
    """A leave as it is shown."""

    id: UUID
    first_day: date
    last_day: date
    reason: str


class OfficerView(BaseModel):
    """An officer with the leave that is not over."""

    id: UUID
    person_id: UUID | None
    name: str
    grade: str
    active: bool
    leave: list[LeaveView]
    version: int


class OfficerList(BaseModel):
    """Everybody who takes or took turns."""

    items: list[OfficerView]


class PostView(BaseModel):
    """A post as it is shown."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    shift: Shift
    weekdays: list[int]
    officers: int
    lowest_grade: str | None
    senior_grade: str | None
    active: bool
    version: int


class PostList(BaseModel):
    """All posts."""

    items: list[PostView]


class TurnRow(BaseModel):
    """A turn in the roster."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    place: int
    lowest_grade: str | None
    officer_id: UUID | None
    officer_name: str | None
    stands_in_for: UUID | None
    stands_in_for_name: str | None
    state: Literal["proposed", "published"]
    by_hand: bool
    version: int


class SwapView(BaseModel):
    """A swap that was asked for."""

    id: UUID
    turn_id: UUID
    other_turn_id: UUID
    officer_id: UUID
    officer_name: str
    other_officer_id: UUID
    other_officer_name: str
    reason: str
    state: Literal["open", "agreed", "refused"]
    asked_at: datetime
    decided_at: datetime | None
    work_date: date
    shift: Shift
    workshop_name: str
    other_work_date: date
    other_shift: Shift
    other_workshop_name: str


class OfficerTurns(OfficerView):
    """An officer with how many turns fall on them."""

    turns: int
    nights: int
    stood_in: int
    days_away: int


class FairnessView(BaseModel):
    """How evenly turns fall on those who are there the whole time."""

    officers: int
    most: int
    fewest: int
    spread: int
    deviation: float


class Holiday(BaseModel):
    """A free day."""

    day: date
    name: str


class RosterView(BaseModel):
    """The roster of some days."""

    first: date
    last: date
    today: date
    me: UUID | None
    holidays: list[Holiday]
    turns: list[TurnRow]
    posts: list[PostView]
    officers: list[OfficerTurns]
    swaps: list[SwapView]
    fairness: FairnessView
    proposed: int
    vacant: int


class Other(BaseModel):
    """Somebody who did not get the turn, and why."""

    officer_id: UUID
    name: str
    because: Literal["leave", "rank", "same_day", "rest", "later"]
    last: date | None
    turns: int


class Why(BaseModel):
    """Why the turn was proposed as it was; empty where it was never proposed."""

    last: date | None = None
    turns: int | None = None
    able: int | None = None
    others: list[Other]


class ChangeView(BaseModel):
    """What happened to a turn."""

    kind: Literal["assigned", "covered", "swapped"]
    from_name: str | None
    to_name: str | None
    reason: str
    at: datetime
    by: str


class Able(BaseModel):
    """An officer as a candidate for a turn now; ``because`` says what bars them."""

    officer_id: UUID
    name: str
    grade: str
    because: Literal["leave", "rank", "same_day", "rest"] | None
    last: date | None
    turns: int


class TurnView(TurnRow):
    """A turn with its reasons and its history."""

    why: Why
    history: list[ChangeView]
    able: list[Able]
    exchangeable: list[TurnRow]
    swaps: list[SwapView]
    me: UUID | None
    today: date


class ProposedView(BaseModel):
    """What a proposal brought."""

    turns: int
    vacant: int


class PublishedView(BaseModel):
    """How many turns were published."""

    turns: int


class ToolCounts(BaseModel):
    """How many tools belong to the workshop, by where they are."""

    available: int
    out: int
    repair: int
    lost: int


class ToolOut(BaseModel):
    """A tool that is out."""

    id: UUID
    code: str
    name: str
    inmate_id: UUID
    work_date: date
    shift: Shift


class HandedOver(BaseModel):
    """What the shift before left to be known."""

    id: UUID
    work_date: date
    shift: Shift
    handover: str
    closed_name: str | None


class ShiftView(BaseModel):
    """How a shift stands."""

    on_duty: list[TurnRow]
    attended: int
    tools: ToolCounts
    tools_out: list[ToolOut]
    log_id: UUID | None
    handed_over: HandedOver | None


class LogRow(BaseModel):
    """The log of a shift in the list."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    work_date: date
    shift: Shift
    state: Literal["open", "closed"]
    head_start: int
    head_end: int | None
    present: int | None
    tools_start: int
    tools_end: int | None
    gear: str
    notes: str
    difference: str
    handover: str
    opened_at: datetime
    opened_by: str
    opened_name: str | None
    closed_at: datetime | None
    closed_by: str | None
    closed_name: str | None
    addenda_count: int
    version: int


class Addendum(BaseModel):
    """What was added to a closed log."""

    id: UUID
    text: str
    at: datetime
    by: str
    name: str | None


class LogView(LogRow, ShiftView):
    """The log of a shift with its addenda and how the shift stands."""

    addenda: list[Addendum]


class LogPage(BaseModel):
    """A page of logs."""

    items: list[LogRow]
    next: str | None


class TodayView(BaseModel):
    """What concerns an officer today."""

    today: date
    me: UUID | None
    turns: list[TurnRow]
    unclosed: list[LogRow]
    swaps: list[SwapView]


class LogsQuery(PageQuery):
    """How to narrow the list of logs."""

    workshop_id: UUID | None = None
    state: Literal["open", "closed"] | None = None
    first: date | None = None
    last: date | None = None
    search: str | None = Field(None, max_length=100)


class ShiftQuery(Input):
    """Which shift."""

    workshop_id: UUID
    work_date: date
    shift: Shift


@routes.get("/duty/officers", permission="duty.read", answer=OfficerList)
def list_officers(store: Store) -> dict[str, Any]:
    """List everybody who takes or took turns."""
    return queries.officers(store)


@routes.post("/duty/officers", permission="duty.write", creates="/duty/officers/{id}", answer=OfficerView)
def add_officer(store: Store, body: OfficerInput) -> dict[str, Any]:
    """Let somebody take turns."""
    command = handlers.AddOfficer(id=new_id(), name=body.name, rank=rank_of(body.grade), person_id=body.person_id)
    handlers.add_officer(command, store)
    return queries.officer(store, command.id)


@routes.get("/duty/officers/<id>", permission="duty.read", answer=OfficerView)
def show_officer(store: Store, path: ById) -> dict[str, Any]:
    """Show one officer."""
    return queries.officer(store, path.id)


@routes.patch("/duty/officers/<id>", permission="duty.write", answer=OfficerView)
def change_officer(store: Store, path: ById, version: int, body: OfficerChange) -> dict[str, Any]:
    """Change what is known of an officer, or let them take no more turns."""
    command = handlers.ChangeOfficer(
        id=path.id,
        version=version,
        name=body.name,
        rank=rank_of(body.grade),
        person_id=body.person_id,
        active=body.active,
    )
    handlers.change_officer(command, store)
    return queries.officer(store, path.id)


@routes.post("/duty/officers/<id>/leave", permission="duty.write", creates="/duty/officers/{id}", answer=OfficerView)
def give_leave(store: Store, path: ById, body: LeaveInput) -> dict[str, Any]:
    """Enter a leave; proposed turns in it become free."""
    handlers.give_leave(handlers.GiveLeave(id=new_id(), officer_id=path.id, **body.model_dump()), store)
    return queries.officer(store, path.id)


@routes.post("/duty/leave/<id>/withdraw", permission="duty.write")
def withdraw_leave(store: Store, path: ById) -> dict[str, Any]:
    """Take a leave back."""
    handlers.withdraw_leave(path.id, store)
    return {"id": path.id}


@routes.get("/duty/posts", permission="duty.read", answer=PostList)
def list_posts(store: Store) -> dict[str, Any]:
    """List how many officers each workshop needs in each shift."""
    return queries.posts(store)


@routes.post("/duty/posts", permission="duty.write", creates="/duty/posts/{id}", answer=PostView)
def add_post(store: Store, body: PostInput) -> dict[str, Any]:
    """Say how many officers a workshop needs in a shift."""
    command = handlers.AddPost(
        id=new_id(),
        workshop_id=body.workshop_id,
        shift=body.shift,
        weekdays=body.weekdays,
        officers=body.officers,
        lowest_rank=rank_of(body.lowest_grade) if body.lowest_grade else None,
        senior_rank=rank_of(body.senior_grade) if body.senior_grade else None,
    )
    handlers.add_post(command, store)
    return queries.post(store, command.id)


@routes.get("/duty/posts/<id>", permission="duty.read", answer=PostView)
def show_post(store: Store, path: ById) -> dict[str, Any]:
    """Show one post."""
    return queries.post(store, path.id)


@routes.patch("/duty/posts/<id>", permission="duty.write", answer=PostView)
def change_post(store: Store, path: ById, version: int, body: PostChange) -> dict[str, Any]:
    """Change how many officers a post needs from now on."""
    command = handlers.ChangePost(
        id=path.id,
        version=version,
        weekdays=body.weekdays,
        officers=body.officers,
        lowest_rank=rank_of(body.lowest_grade) if body.lowest_grade else None,
        senior_rank=rank_of(body.senior_grade) if body.senior_grade else None,
        active=body.active,
    )
    handlers.change_post(command, store)
    return queries.post(store, path.id)


@routes.get("/duty/roster", permission="duty.read", answer=RosterView)
def show_roster(store: Store, query: PeriodInput) -> dict[str, Any]:
    """Show the roster of some days, 62 at the most, with how evenly turns fall."""
    return queries.roster(store, query.first, query.last)


@routes.post("/duty/roster/propose", permission="duty.write", answer=ProposedView)
def propose_roster(store: Store, body: PeriodInput) -> dict[str, Any]:
    """Propose who takes which turn; what is published or set by hand stays."""
    proposed = handlers.propose_roster(handlers.Period(first=body.first, last=body.last), store)
    return {"turns": proposed.turns, "vacant": proposed.vacant}


@routes.post("/duty/roster/publish", permission="duty.write", answer=PublishedView)
def publish_roster(store: Store, body: PeriodInput) -> dict[str, Any]:
    """Publish what is proposed."""
    return {"turns": handlers.publish_roster(handlers.Period(first=body.first, last=body.last), store)}


@routes.get("/duty/turns/<id>", permission="duty.read", answer=TurnView)
def show_turn(store: Store, path: ById) -> dict[str, Any]:
    """Show one turn: why it is whose it is, what happened to it, who could stand there."""
    return queries.turn(store, path.id)


@routes.post("/duty/turns/<id>/assign", permission="duty.write", updates=True, answer=TurnView)
def assign_turn(store: Store, path: ById, version: int, body: AssignInput) -> dict[str, Any]:
    """Give a turn to somebody else, or to nobody, by hand."""
    command = handlers.AssignTurn(turn_id=path.id, version=version, officer_id=body.officer_id, reason=body.reason)
    handlers.assign_turn(command, store)
    return queries.turn(store, path.id)


@routes.post("/duty/turns/<id>/cover", permission="duty.log", updates=True, answer=TurnView)
def cover_turn(store: Store, path: ById, version: int, body: CoverInput) -> dict[str, Any]:
    """Keep that somebody stands in; the turn counts for them."""
    command = handlers.CoverTurn(turn_id=path.id, version=version, officer_id=body.officer_id, reason=body.reason)
    handlers.cover_turn(command, store)
    return queries.turn(store, path.id)


@routes.post("/duty/turns/<id>/swaps", permission="duty.log", creates="/duty/turns/{id}", answer=TurnView)
def ask_swap(store: Store, path: ById, body: SwapInput) -> dict[str, Any]:
    """Ask for a swap with another officer's turn; what the Kasi asks for is done at once."""
    command = handlers.AskSwap(id=new_id(), turn_id=path.id, other_turn_id=body.other_turn_id, reason=body.reason)
    handlers.ask_swap(command, store)
    return queries.turn(store, path.id)


@routes.post("/duty/swaps/<id>/agree", permission="duty.log")
def agree_swap(store: Store, path: ById) -> dict[str, Any]:
    """Agree to a swap: the other officer, or the Kasi."""
    handlers.decide_swap(handlers.DecideSwap(id=path.id, agreed=True), store)
    return {"id": path.id, "state": "agreed"}


@routes.post("/duty/swaps/<id>/refuse", permission="duty.log")
def refuse_swap(store: Store, path: ById) -> dict[str, Any]:
    """Refuse a swap, or take back that it was asked for."""
    handlers.decide_swap(handlers.DecideSwap(id=path.id, agreed=False), store)
    return {"id": path.id, "state": "refused"}


@routes.get("/duty/today", permission="duty.read", answer=TodayView)
def show_today(store: Store) -> dict[str, Any]:
    """Show what concerns the one who asks: own turns, logs that were not closed, swaps to answer."""
    return queries.today_of(store)


@routes.get("/duty/shift", permission="duty.read", answer=ShiftView)
def show_shift(store: Store, query: ShiftQuery) -> dict[str, Any]:
    """Show how a shift of a workshop stands."""
    return queries.shift(store, workshop_id=query.workshop_id, work_date=query.work_date, shift=query.shift)


@routes.get("/duty/logs", permission="duty.read", answer=LogPage)
def list_logs(store: Store, query: LogsQuery) -> dict[str, Any]:
    """List shift logs, the newest day first."""
    return queries.logs(
        store,
        query,
        workshop_id=query.workshop_id,
        state=query.state,
        first=query.first,
        last=query.last,
        search=query.search,
    )


@routes.post("/duty/logs", permission="duty.log", creates="/duty/logs/{id}", answer=LogView)
def open_log(store: Store, body: LogInput) -> dict[str, Any]:
    """Begin the log of a shift."""
    command = handlers.OpenLog(id=new_id(), **body.model_dump())
    handlers.open_log(command, store)
    return queries.log(store, command.id)


@routes.get("/duty/logs/<id>", permission="duty.read", answer=LogView)
def show_log(store: Store, path: ById) -> dict[str, Any]:
    """Show one shift log."""
    return queries.log(store, path.id)


@routes.patch("/duty/logs/<id>", permission="duty.log", answer=LogView)
def change_log(store: Store, path: ById, version: int, body: LogChange) -> dict[str, Any]:
    """Change a log while it is open."""
    handlers.change_log(handlers.ChangeLog(id=path.id, version=version, **body.model_dump()), store)
    return queries.log(store, path.id)


@routes.post("/duty/logs/<id>/close", permission="duty.log", updates=True, answer=LogView)
def close_log(store: Store, path: ById, version: int, body: CloseInput) -> dict[str, Any]:
    """Sign a log at the end of the shift; after this only addenda are written."""
    handlers.close_log(handlers.CloseLog(id=path.id, version=version, **body.model_dump()), store)
    return queries.log(store, path.id)


@routes.post("/duty/logs/<id>/addenda", permission="duty.log", creates="/duty/logs/{id}", answer=LogView)
def add_addendum(store: Store, path: ById, body: AddendumInput) -> dict[str, Any]:
    """Add something to a closed log."""
    handlers.add_addendum(handlers.AddAddendum(id=new_id(), log_id=path.id, text=body.text), store)
    return queries.log(store, path.id)
