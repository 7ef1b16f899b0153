"""Attendance at work: one mark for each person and shift, the reasons for it, and the minutes it counts.

``attended`` is whether somebody was there; ``complied`` whether they kept to what was asked of them: who was
excused has, who stayed away without leave has not, and of who was there the officer says.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown


class ReasonUnknown(Invalid):
    """The Lapas gives no such reason."""

    id = "Alasan {reason} tidak dikenal di Lapas ini."
    en = "This Lapas has no reason {reason}."


class ReasonOfAnotherStatus(Invalid):
    """The reason is one for another mark."""

    id = "Alasan ini bukan untuk tanda {status}."
    en = "This reason is not one for {status}."


class ReasonNotThere(Unknown):
    """No reason of that key at this Lapas."""

    id = "Alasan ini tidak ditemukan."
    en = "This reason was not found."


class ReasonNameTaken(Conflict):
    """Another reason of this mark has that name."""

    id = "Sudah ada alasan bernama {name}."
    en = "There is already a reason named {name}."


class MarkedTwice(Invalid):
    """One request marks somebody twice."""

    id = "Satu orang ditandai dua kali."
    en = "One person is marked twice."


class MinutesTooMany(Invalid):
    """More minutes than the shift has."""

    id = "Shift ini hanya {minutes} menit."
    en = "This shift has only {minutes} minutes."


class MinutesOfAbsent(Invalid):
    """Who was not there worked no minutes."""

    id = "Menit kerja hanya diisi untuk yang hadir."
    en = "Minutes are only given for who was present."


class AbsentCannotComply(Invalid):
    """Staying away without leave is not keeping to what was asked."""

    id = "Yang tidak hadir tanpa izin tidak bisa dicatat patuh."
    en = "Who was absent without leave cannot be marked as compliant."


class PresentElsewhere(Conflict):
    """Somebody is marked as present in another workshop in the same shift."""

    id = "WBP ini sudah ditandai hadir di {workshop} pada shift yang sama."
    en = "This inmate is already marked present in {workshop} in the same shift."


class MarkChangedMeanwhile(Conflict):
    """Another clerk marked this person otherwise since the page was opened."""

    id = "Sementara itu ditandai {now} oleh petugas lain, bukan {seen}. Periksa, lalu tandai lagi."
    en = "Meanwhile another officer marked {now}, not {seen}. Look again, then mark."


class Status(StrEnum):
    """How somebody is marked."""

    PRESENT = "hadir"
    LEAVE = "izin"
    SICK = "sakit"
    ABSENT = "tidak_hadir"


UNMARKED = "belum"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why somebody is marked so; data of the Lapas."""

    key: str
    no: int
    name: str
    name_en: str
    status: Status
    active: bool = True
    version: int = 1


@cache
def shipped() -> tuple[Reason, ...]:
    """Return the reasons of a Lapas that has none of its own."""
    documents = json.loads(files(__package__).joinpath("reasons.json").read_text())
    return tuple(Reason(no=no, **{**d, "status": Status(d["status"])}) for no, d in enumerate(documents, start=1))


def key_for(name: str, taken: Sequence[str]) -> str:
    """Return a key for a new reason, out of its name and unlike those that are there."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "alasan"
    return next(k for n in range(len(taken) + 1) if (k := base if n == 0 else f"{base}_{n + 1}") not in taken)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A mark as it stands."""

    workshop_id: UUID
    workshop: str
    status: Status
    reason_key: str | None
    complied: bool
    minutes: int
    note: str | None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How somebody is to be marked.

    :param complied: as the mark has it by itself where it is left out.
    :param minutes: worked; the whole shift where it is left out.
    :param seen: what the clerk saw before, ``belum`` for nothing; left out, nobody asks.
    """

    inmate_id: UUID
    status: Status
    reason_key: str | None = None
    complied: bool | None = None
    minutes: int | None = None
    note: str | None = None
    seen: str | None = None

    def settled(
        self, *, workshop_id: UUID, workshop: str, shift_minutes: int | None, reasons: Mapping[str, Reason], at: str
    ) -> Kept:
        """Return what is to be kept.

        :param shift_minutes: of the calendar; nothing where it has no such shift that day, and who came is
            then counted the minutes that are typed.
        :param at: pointer of the mark.
        :raises ReasonUnknown, ReasonOfAnotherStatus, MinutesOfAbsent, MinutesTooMany, AbsentCannotComply:
        """
        self._must_have_its_reason(reasons, at=at)
        present = self.status is Status.PRESENT
        if self.minutes and not present:
            raise MinutesOfAbsent(field=f"{at}/minutes")
        if self.minutes is not None and shift_minutes is not None and self.minutes > shift_minutes:
            raise MinutesTooMany(field=f"{at}/minutes", minutes=shift_minutes)
        if self.complied and self.status is Status.ABSENT:
            raise AbsentCannotComply(field=f"{at}/complied")
        whole = (shift_minutes or 0) if present else 0
        return Kept(
            workshop_id=workshop_id,
            workshop=workshop,
            status=self.status,
            reason_key=self.reason_key,
            complied=self.status is not Status.ABSENT if self.complied is None else self.complied,
            minutes=whole if self.minutes is None else self.minutes,
            note=self.note,
        )

    def must_follow(self, kept: Kept | None, *, workshop_id: UUID, at: str) -> None:
        """Let pass a mark that does not overrule what its clerk has not seen.

        :raises PresentElsewhere: present in another workshop in this shift.
        :raises MarkChangedMeanwhile: marked otherwise since it was looked at.
        """
        if kept is not None and kept.workshop_id != workshop_id and kept.status is Status.PRESENT:
            raise PresentElsewhere(field=f"{at}/inmate_id", workshop=kept.workshop)
        now = kept.status.value if kept is not None else UNMARKED
        if self.seen is not None and now not in (self.seen, self.status.value):
            raise MarkChangedMeanwhile(field=f"{at}/status", now=now, seen=self.seen)

    def _must_have_its_reason(self, reasons: Mapping[str, Reason], *, at: str) -> None:
        if self.reason_key is None:
            return
        reason = reasons.get(self.reason_key)
        if reason is None or not reason.active:
            raise ReasonUnknown(field=f"{at}/reason_key", reason=self.reason_key)
        if reason.status is not self.status:
            raise ReasonOfAnotherStatus(field=f"{at}/reason_key", status=self.status.value)
