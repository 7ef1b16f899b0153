"""Tracking links over HTTP: made and revoked by people, asked by the gateway's public page."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from giatja_kit.database import Store
from giatja_kit.web import ById, Input, Routes
from giatja_orders.ordering.domain import State
from giatja_orders.tracking import handlers, queries

routes = Routes("tracking", tag="Pelacakan")


class ByToken(Input):
    """The path of what a link shows; any text may be tried, and gets the same answer."""

    token: str


class LinkInput(Input):
    """How long the link works."""

    expires_on: date | None = Field(None, description="Last day; left out: 90 days")


class Nothing(Input):
    """No fields."""


class LinkMade(BaseModel):
    """The link's token, which is not kept and cannot be shown again."""

    token: str
    expires_on: date


class LinkRevoked(BaseModel):
    """That the link has ended."""

    revoked: bool


class FollowedStage(BaseModel):
    """How many pieces went through a stage."""

    name: str
    good: int


class FollowedLine(BaseModel):
    """How far a line is."""

    product_name: str
    unit: str
    quantity: int
    passed: int
    due_date: date
    completed_on: date | None
    stages: list[FollowedStage]


class Followed(BaseModel):
    """What a partner sees of an order."""

    number: str
    lapas_name: str
    zone: str
    state: State
    accepted_on: date | None
    due_date: date
    completed_on: date | None
    quantity: int
    passed: int
    expires_on: date
    lines: list[FollowedLine]


# No Idempotency-Key is asked for: it would keep the answer, and with it the token, in the database.
@routes.post("/orders/<id>/tracking-link", permission="tracking.share", answer=LinkMade, secret=True)
def share_tracking(store: Store, path: ById, body: LinkInput) -> dict[str, Any]:
    """Make a new tracking link; the one before stops working. Send no Idempotency-Key."""
    return handlers.share_tracking(handlers.ShareTracking(order_id=path.id, expires_on=body.expires_on), store)


@routes.post("/orders/<id>/tracking-link/revoke", permission="tracking.share", answer=LinkRevoked)
def revoke_tracking(store: Store, path: ById, body: Nothing) -> dict[str, Any]:
    """End the tracking link."""
    handlers.revoke_tracking(handlers.RevokeTracking(order_id=path.id), store)
    return {"revoked": True}


@routes.get("/tracking/<token>", permission="tracking.read", answer=Followed)
def follow(store: Store, path: ByToken) -> dict[str, Any]:
    """Show what the holder of a link may see."""
    return queries.followed(store, handlers.hashed(path.token))
