"""Boards over HTTP: links for people, the board itself for the gateway's public page, calls for help."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_kit.web import ById, Input, Routes, dump
from giatja_production.board import handlers, queries
from giatja_production.board.domain import CallKind

routes = Routes("board", tag="Papan")


class ByToken(Input):
    """The path of what a link shows; any text may be tried, and gets the same answer."""

    token: str


class Nothing(Input):
    """No fields."""


class LinkInput(Input):
    """A screen: what it is called here, and which workshop it shows."""

    name: str = Field(min_length=1, max_length=60)
    workshop_id: UUID | None = Field(None, description="Left out: all workshops in turn")


class LinkMade(BaseModel):
    """The link's token, which is not kept and cannot be shown again."""

    id: UUID
    token: str


class LinkRevoked(BaseModel):
    """That the link has ended."""

    revoked: bool


class LinkView(BaseModel):
    """A link as it is listed."""

    id: UUID
    name: str
    workshop_id: UUID | None
    workshop_name: str | None
    made_at: datetime
    version: int


class LinkList(BaseModel):
    """The links of the Lapas."""

    items: list[LinkView]


class CallInput(Input):
    """Where help is needed, and what for."""

    workshop_id: UUID
    kind: CallKind


class CallMade(BaseModel):
    """The call that stands open now."""

    id: UUID


class CallView(BaseModel):
    """A call for help."""

    id: UUID
    workshop_id: UUID
    workshop_name: str
    kind: CallKind
    raised_at: datetime
    answered_at: datetime | None


class CallList(BaseModel):
    """The calls that stand open, and the last that were answered."""

    open: list[CallView]
    answered: list[CallView]


class BoardOrder(BaseModel):
    """A work order on the board."""

    product: str
    quantity: int
    unit: str
    passed: int
    due_date: date
    late: bool
    late_days: int = Field(description="How late it is likely to be")
    on_hold: bool


class BoardStage(BaseModel):
    """What stands at a stage of the workshop, over all its open work orders."""

    name: str
    name_en: str
    waiting: int
    rework: int


class BoardWorkshop(BaseModel):
    """A workshop's day; ``expected`` is what an even pace would have by now."""

    id: UUID
    name: str
    kind: str
    target: int
    actual: int
    expected: int
    gap: int
    people: int
    quality: float | None
    rework_waiting: int
    held: bool
    late: int
    orders: list[BoardOrder]
    orders_count: int
    stages: list[BoardStage]


class BoardView(BaseModel):
    """What a screen shows."""

    lapas_name: str
    zone: str
    at: datetime
    today: date
    shift: str | None
    works_today: bool
    days_without_accident: int | None
    workshops: list[BoardWorkshop]
    calls: list[CallView]


@routes.get("/boards/<token>", permission="board.read", answer=BoardView)
def show_board(store: Store, path: ByToken) -> Response:
    """Show what the holder of a link may see; 304 while nothing has changed."""
    shown = queries.screen(store, handlers.hashed(path.token))
    etag = f'"{shown.mark}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Type": "application/json"}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return Response(dump(queries.board(store, shown)), headers=headers)


@routes.get("/board-links", permission="board.share", answer=LinkList)
def list_links(store: Store) -> dict[str, Any]:
    """List the links of the Lapas."""
    return queries.links(store)


# No Idempotency-Key is asked for: it would keep the answer, and with it the token, in the database.
@routes.post("/board-links", permission="board.share", answer=LinkMade, secret=True)
def share_board(store: Store, body: LinkInput) -> dict[str, Any]:
    """Make a link for a screen. Send no Idempotency-Key."""
    id_ = new_id()
    token = handlers.share_board(handlers.ShareBoard(id=id_, name=body.name, workshop_id=body.workshop_id), store)
    return {"id": id_, "token": token}


@routes.post("/board-links/<id>/renew", permission="board.share", updates=True, answer=LinkMade, secret=True)
def renew_board(store: Store, path: ById, version: int, body: Nothing) -> dict[str, Any]:
    """Give a screen another link; the one before stops working."""
    token = handlers.renew_board(handlers.RenewBoard(id=path.id, version=version), store)
    return {"id": path.id, "token": token}


@routes.post("/board-links/<id>/revoke", permission="board.share", answer=LinkRevoked)
def revoke_board(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """End a link."""
    handlers.revoke_board(handlers.RevokeBoard(id=path.id), store)
    return {"revoked": True}


@routes.get("/board-calls", permission="board.call", answer=CallList)
def list_calls(store: Store) -> dict[str, Any]:
    """List the calls for help."""
    return queries.calls(store)


@routes.post("/board-calls", permission="board.call", creates="/board-calls/{id}", answer=CallMade)
def call_for_help(store: Store, body: CallInput) -> dict[str, Any]:
    """Call for help; it stands on the board until somebody answers."""
    id_ = handlers.call_for_help(handlers.CallForHelp(id=new_id(), workshop_id=body.workshop_id, kind=body.kind), store)
    return {"id": id_}


@routes.get("/board-calls/<id>", permission="board.call", answer=CallView)
def show_call(store: Store, path: ById) -> dict[str, Any]:
    """Show one call."""
    return dict(queries.call(store, path.id))


@routes.post("/board-calls/<id>/answer", permission="board.call", answer=CallView)
def answer_call(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """Say that somebody has come."""
    handlers.answer_call(handlers.AnswerCall(id=path.id), store)
    return dict(queries.call(store, path.id))
