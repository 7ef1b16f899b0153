"""What may be asked for about tracking links."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_orders.lapas.queries import today
from giatja_orders.ordering.domain import Order, OrderUnknown
from giatja_orders.ordering.handlers import note_event
from giatja_orders.tracking import queries
from giatja_orders.tracking.domain import NoLinkToRevoke, TrackingLink, ends_on

_TOKEN_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class ShareTracking:
    """Make a link by which an order can be followed."""

    order_id: UUID
    expires_on: date | None


@dataclass(frozen=True, kw_only=True)
class RevokeTracking:
    """End an order's link."""

    order_id: UUID


def share_tracking(command: ShareTracking, store: Store) -> dict[str, Any]:
    """Make the order's link and return its token, which is shown this once.

    :raises OrderUnknown, LinkExpiryOutOfRange:
    """
    order = store.get(Order, command.order_id, missing=OrderUnknown)
    expires_on = ends_on(command.expires_on, today=today(store))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    queries.drop_link(store, order.lapas_id, order.id)
    store.add(
        TrackingLink(
            lapas_id=order.lapas_id,
            order_id=order.id,
            token_hash=hashed(token),
            expires_on=expires_on,
            made_at=store.at,
            made_by=store.actor,
        )
    )
    note_event(store, order, "tracking_shared", expires_on=str(expires_on))
    return {"token": token, "expires_on": expires_on}


def revoke_tracking(command: RevokeTracking, store: Store) -> None:
    """End the order's link at once.

    :raises OrderUnknown, NoLinkToRevoke:
    """
    order = store.get(Order, command.order_id, missing=OrderUnknown)
    if not queries.drop_link(store, order.lapas_id, order.id):
        raise NoLinkToRevoke
    note_event(store, order, "tracking_revoked")


def hashed(token: str) -> bytes:
    """Return what is kept of a token; it is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()
