"""The board and the rules about its links and about calls for help."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from typing import ClassVar
from uuid import UUID

from giatja_kit.errors import Conflict, Unknown


class BoardUnknown(Unknown):
    """No board has this link: never made and revoked look the same."""

    id = "Tautan papan ini tidak berlaku. Mintalah yang baru kepada seksi kegiatan kerja."
    en = "This board link is not valid. Ask the work section for a new one."


class BoardLinkUnknown(Unknown):
    """No such link at this Lapas."""

    id = "Tautan papan ini tidak ditemukan."
    en = "This board link was not found."


class TooManyBoards(Conflict):
    """A Lapas has a few screens, not dozens of links nobody looks after."""

    id = "Sudah ada {most} tautan papan. Cabut yang tidak dipakai."
    en = "There are {most} board links already. Revoke those that are not used."


class CallUnknown(Unknown):
    """No such call at this Lapas."""

    id = "Panggilan ini tidak ditemukan."
    en = "This call was not found."


class CallAlreadyAnswered(Conflict):
    """Somebody has come."""

    id = "Panggilan ini sudah dijawab."
    en = "This call was already answered."


class CallKind(StrEnum):
    """What somebody on the floor needs; a kind, never a text, since everybody can read the board."""

    TOOL = "alat"
    MATERIAL = "bahan"
    QUALITY = "mutu"
    MEDICAL = "medis"
    SECURITY = "keamanan"
    OTHER = "lain"


@dataclass(kw_only=True, eq=False)
class BoardLink:
    """The link of one screen; only a hash of its token is kept, so that nobody reads it from the database.

    :param workshop_id: the one it shows, or nothing for all in turn.
    """

    MOST: ClassVar[int] = 20

    lapas_id: str
    id: UUID
    name: str
    workshop_id: UUID | None
    token_hash: bytes
    made_at: datetime
    made_by: str
    version: int = 1

    def renew(self, token_hash: bytes, *, at: datetime, by: str) -> None:
        """Take another token; the one before stops working."""
        self.token_hash, self.made_at, self.made_by = token_hash, at, by


def target_of_day(*, month_target: int | None, month_done: int, days: int, wanted: int) -> int:
    """Return how many pieces a workshop wants to pass today.

    :param month_done: passed this month before today.
    :param days: working days left this month, today included; 0 on a free day.
    :param wanted: what its open orders need today; it counts where the month has no target.
    """
    if not days:
        return 0
    if not month_target:
        return wanted
    return max(0, ceil((month_target - month_done) / days))


def needed_today(*, left: int, days: int) -> int:
    """Return how many pieces of an order have to pass today.

    :param days: working days left until its due date, today included; what is late is reckoned over three.
    """
    return ceil(left / days) if days > 0 else ceil(left / 3)


def expected_by_now(target: int, *, worked: int, minutes: int) -> int:
    """Return how much of the target an even pace would have by now, from the working minutes that are over."""
    return target * min(worked, minutes) // minutes if minutes else target


def days_without(last: date | None, *, today: date) -> int | None:
    """Return the days since something last happened."""
    return (today - last).days if last else None
