"""Tracking links and the rules about them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown


class LinkUnknown(Unknown):
    """No order is followed by this link: never made, revoked and expired look the same."""

    id = "Tautan ini tidak berlaku atau sudah berakhir. Mintalah tautan baru kepada Lapas."
    en = "This link is not valid or has ended. Ask the prison for a new one."


class NoLinkToRevoke(Conflict):
    """The order has no link."""

    id = "Pesanan ini tidak mempunyai tautan pelacakan."
    en = "This order has no tracking link."


class LinkExpiryOutOfRange(Invalid):
    """A link ends after today and within a year."""

    id = "Tautan berakhir paling cepat besok dan paling lambat {latest}."
    en = "A link ends tomorrow at the earliest and on {latest} at the latest."


@dataclass(kw_only=True, eq=False)
class TrackingLink:
    """The one link an order can be followed by; a new one takes the place of the one before.

    Only a hash of its token is kept, so that nobody who reads the database can follow an order.
    """

    USUAL: ClassVar[timedelta] = timedelta(days=90)
    LONGEST: ClassVar[timedelta] = timedelta(days=366)

    lapas_id: str
    order_id: UUID
    token_hash: bytes
    expires_on: date
    made_at: datetime
    made_by: str


def ends_on(asked: date | None, *, today: date) -> date:
    """Return the last day of a link.

    :raises LinkExpiryOutOfRange:
    """
    if asked is None:
        return today + TrackingLink.USUAL
    if not today < asked <= today + TrackingLink.LONGEST:
        raise LinkExpiryOutOfRange(field="/expires_on", latest=str(today + TrackingLink.LONGEST))
    return asked
