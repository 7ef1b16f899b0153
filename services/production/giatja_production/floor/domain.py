"""How much is to be made in a day, how a team shares what it made, and what a device's clock may say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown

SUNDAY = 6
CLOCK_MAY_BE_OFF = timedelta(minutes=10)


class MarkedAbsent(Conflict):
    """Somebody marked as not at work has output; who was there after all is marked so with the entry."""

    id = "WBP ini ditandai {status} pada shift ini. Tandai hadir bila ternyata bekerja."
    en = "This inmate is marked {status} in this shift. Mark as present if they did work."


class WorkOrderElsewhere(Invalid):
    """The work order belongs to another workshop."""

    id = "Perintah kerja ini bukan milik unit kerja ini."
    en = "This work order does not belong to this workshop."


class NothingInTally(Invalid):
    """A tally without one entry says nothing."""

    id = "Isi hasil paling sedikit satu orang atau satu tim."
    en = "Enter the output of at least one person or team."


class MemberTwice(Invalid):
    """A team has somebody twice."""

    id = "Satu orang tercantum dua kali di tim ini."
    en = "One person is in this team twice."


class PointsMissing(Invalid):
    """By points, each member has some."""

    id = "Isi poin setiap anggota, paling sedikit satu."
    en = "Give each member points, at least one."


class PointsNotUsed(Invalid):
    """Points are only shared by where the key says so."""

    id = "Poin hanya diisi bila hasil dibagi menurut poin."
    en = "Points are only given where the key is points."


class NoHoursMarked(Conflict):
    """Hours are those of the attendance of this shift; this member has none."""

    id = "Belum ada jam kerja yang ditandai untuk WBP ini pada shift ini, jadi tidak bisa dibagi menurut jam."
    en = "No hours of this inmate are marked in this shift, so it cannot be shared by hours."


class TallyUnknown(Unknown):
    """No such tally at this Lapas."""

    id = "Catatan shift ini tidak ditemukan."
    en = "This tally was not found."


class TallyAlreadyUndone(Conflict):
    """It was taken back before."""

    id = "Catatan shift ini sudah diurungkan."
    en = "This tally was already taken back."


def working_days(first: date, last: date) -> int:
    """Return the days from ``first`` to ``last``, both included, that are not Sundays."""
    if last < first:
        return 0
    days = (last - first).days + 1
    weeks, rest = divmod(days, 7)
    return weeks * 6 + sum((first + timedelta(days=n)).weekday() != SUNDAY for n in range(rest))


def pace(*, left: int, today: date, due_date: date) -> int:
    """Return how many pieces a day finish what is left by the due date; all of it once that is today or past."""
    days = working_days(today, due_date)
    return -(-left // days) if days > 1 else left


def clock_off(device: datetime | None, at: datetime) -> int | None:
    """Return how many minutes a device's clock is ahead of ours, if that is more than ten.

    Nothing is refused for it: which day it is, is ours to say.
    """
    if device is None or abs(device - at) <= CLOCK_MAY_BE_OFF:
        return None
    return round((device - at) / timedelta(minutes=1))


class SharingKey(StrEnum):
    """By what a team shares its pieces."""

    EQUAL = "equal"
    HOURS = "hours"
    POINTS = "points"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One of a team; ``points`` count only where the key says so.

    :param present: mark the person present first, who is not or is marked otherwise.
    """

    inmate_id: UUID
    points: int | None = None
    present: bool = False


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What of a team's pieces falls on one member, and the weight it was shared by."""

    inmate_id: UUID
    weight: int
    good: int
    rework: int
    reject: int

    @property
    def pieces(self) -> int:
        """All of them."""
        return self.good + self.rework + self.reject


@dataclass(frozen=True, kw_only=True)
class Team:
    """Pieces that several made together.

    :param key: fixed with the entry; it changes only by taking the tally back while the day is open.
    """

    members: Sequence[Member]
    key: SharingKey
    good: int
    rework: int = 0
    reject: int = 0
    defect: str | None = None
    from_rework: bool = False
    size: str | None = None
    colour: str | None = None

    def shared(self, *, minutes: dict[UUID, int], work_date: date, at: str) -> list[Shared]:
        """Return each member's part, in the sequence of their ids.

        :param minutes: at work in this shift, of each who is marked present.
        :param at: pointer of the team.
        :raises MemberTwice, PointsMissing, PointsNotUsed, NoHoursMarked:
        """
        weights = self._weights(minutes, at=at)
        ids = sorted(weights)
        start = work_date.toordinal() % len(ids)
        by_weight = [weights[i] for i in ids]
        parts = {kind: share(getattr(self, kind), by_weight, start=start) for kind in ("good", "rework", "reject")}
        return [
            Shared(inmate_id=i, weight=weights[i], **{kind: part[nth] for kind, part in parts.items()})
            for nth, i in enumerate(ids)
        ]

    def _weights(self, minutes: dict[UUID, int], *, at: str) -> dict[UUID, int]:
        weights: dict[UUID, int] = {}
        for nth, member in enumerate(self.members):
            if member.inmate_id in weights:
                raise MemberTwice(field=f"{at}/members/{nth}/inmate_id")
            if self.key is SharingKey.POINTS:
                if not member.points:
                    raise PointsMissing(field=f"{at}/members/{nth}/points")
                weights[member.inmate_id] = member.points
                continue
            if member.points is not None:
                raise PointsNotUsed(field=f"{at}/members/{nth}/points")
            if self.key is SharingKey.EQUAL:
                weights[member.inmate_id] = 1
                continue
            if not minutes.get(member.inmate_id):
                raise NoHoursMarked(field=f"{at}/members/{nth}/inmate_id")
            weights[member.inmate_id] = minutes[member.inmate_id]
        return weights


def share(pieces: int, weights: Sequence[int], *, start: int = 0) -> list[int]:
    """Share whole pieces by weight, by the largest remainder.

    Everybody gets the whole pieces of ``pieces * weight / sum``; what is left goes, one piece each, to the
    largest remainders. Equal remainders stand in a ring that begins at place ``start``: it is the day's
    number, so that over many days nobody always gets the odd piece.

    :param weights: at least one, each above zero.
    """
    total = sum(weights)
    whole = [pieces * weight // total for weight in weights]
    left = pieces - sum(whole)
    count = len(weights)
    order = sorted(range(count), key=lambda n: (-(pieces * weights[n] % total), (n - start) % count))
    for n in order[:left]:
        whole[n] += 1
    return whole
