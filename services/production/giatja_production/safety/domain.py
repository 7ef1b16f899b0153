"""Work safety (K3): what is reported, without names in its words, and what is done about it."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown

REPORT_DAYS: Final = 30


class IncidentUnknown(Unknown):
    """No such report at this Lapas."""

    id = "Laporan K3 ini tidak ditemukan."
    en = "This safety report was not found."


class FollowUpUnknown(Unknown):
    """No such follow-up at this Lapas."""

    id = "Tindak lanjut ini tidak ditemukan."
    en = "This follow-up was not found."


class FollowUpAlreadyDone(Conflict):
    """It was done before."""

    id = "Tindak lanjut ini sudah selesai pada {done_at}."
    en = "This follow-up was done at {done_at}."


class NotHappenedYet(Invalid):
    """It lies in the future."""

    id = "Waktu kejadian belum tiba."
    en = "The time it happened has not come yet."


class HappenedLongAgo(Invalid):
    """What is older is written down with its papers, not as if it were news."""

    id = "Kejadian lebih dari {days} hari lalu tidak dilaporkan di sini."
    en = "What happened more than {days} days ago is not reported here."


class NearMissHurtSomebody(Invalid):
    """Where somebody was hurt it was no near miss."""

    id = "Nyaris celaka tidak melukai siapa pun. Pilih insiden bila ada yang cedera."
    en = "A near miss hurts nobody. Choose incident if somebody was injured."


class StageNotThere(Invalid):
    """The workshop has no such stage."""

    id = "Tahap ini tidak ada di unit kerja itu."
    en = "That workshop has no such stage."


class MachineNotThere(Invalid):
    """The workshop has no such machine."""

    id = "Mesin ini tidak ada di unit kerja itu."
    en = "That workshop has no such machine."


class DueBeforeToday(Invalid):
    """What is to be done cannot be due yesterday."""

    id = "Tenggat tindak lanjut sudah lewat."
    en = "The due date of the follow-up has passed."


class GearRepeated(Invalid):
    """One piece of gear is named twice."""

    id = "APD {gear} disebut dua kali."
    en = "The gear {gear} is named twice."


class Kind(StrEnum):
    """What it was."""

    INCIDENT = "incident"
    NEAR_MISS = "near_miss"


class Severity(StrEnum):
    """How bad it was, or could have been."""

    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"
    FATAL = "fatal"


def must_be_reportable(*, kind: Kind, injured: Sequence[UUID], happened_at: datetime, at: datetime) -> None:
    """Let pass what can be reported now.

    :raises NotHappenedYet, HappenedLongAgo, NearMissHurtSomebody:
    """
    if happened_at > at:
        raise NotHappenedYet(field="/happened_at")
    if (at - happened_at).days > REPORT_DAYS:
        raise HappenedLongAgo(field="/happened_at", days=REPORT_DAYS)
    if kind is Kind.NEAR_MISS and injured:
        raise NearMissHurtSomebody(field="/injured")


def must_not_repeat(gear: Sequence[str]) -> None:
    """Let pass a list in which each piece of gear stands once.

    :raises GearRepeated:
    """
    for nth, one in enumerate(gear):
        if one in gear[:nth]:
            raise GearRepeated(field=f"/items/{nth}/gear", gear=one)


def must_be_due(due_date: date, *, today: date) -> None:
    """Let pass a day that is still to come, or today.

    :raises DueBeforeToday:
    """
    if due_date < today:
        raise DueBeforeToday(field="/due_date")
