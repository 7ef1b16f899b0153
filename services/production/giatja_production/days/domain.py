"""A working day of a workshop: closed once, and then changed only by two people."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown


class WorkDayAlreadyClosed(Conflict):
    """The day of this workshop was closed; a late entry or a correction is proposed and confirmed."""

    id = "Hari kerja {work_date} sudah ditutup. Usulkan catatan susulan atau koreksi."
    en = "The working day {work_date} is closed. Propose a late entry or a correction."


class DayAlreadyClosed(Conflict):
    """There is nothing left to close."""

    id = "Hari {work_date} sudah ditutup."
    en = "The day {work_date} is closed already."


class DayNotComplete(Conflict):
    """Something is missing, and nobody said that it may be."""

    id = "Hari {work_date} belum lengkap: {missing} hal masih kurang. Lengkapi, atau tutup dengan catatan."
    en = "The day {work_date} is not complete: {missing} things are missing. Complete it, or close it with a note."


class NoteMissing(Invalid):
    """Who closes a day that is not complete says why."""

    id = "Tulis catatan mengapa hari ini ditutup walau belum lengkap."
    en = "Write why this day is closed although it is not complete."


class OutputOfAbsent(Conflict):
    """Somebody has output in a shift in which attendance says they were not there."""

    id = "{count} WBP punya hasil pada shift yang ditandai tidak hadir. Perbaiki salah satunya dulu."
    en = "{count} inmates have output in a shift they are marked absent in. Mend one of the two first."


class ToolsStillOut(Conflict):
    """Tools given out on that day are not back."""

    id = "{count} alat belum kembali. Hari tidak bisa ditutup selama alat masih di luar."
    en = "{count} tools are not back. A day is not closed while tools are out."


class WorkDayNotClosed(Conflict):
    """The day is open: what is proposed here can be done at once."""

    id = "Hari kerja {work_date} belum ditutup; catat langsung saja."
    en = "The working day {work_date} is not closed; record it directly."


class CorrectionUnknown(Unknown):
    """No such request at this Lapas."""

    id = "Permintaan koreksi ini tidak ditemukan."
    en = "This correction was not found."


class CorrectionAlreadyAsked(Conflict):
    """The same was asked before and waits for its second person."""

    id = "Koreksi untuk ini sudah diminta dan menunggu persetujuan."
    en = "This correction was asked for already and waits for its approval."


class CorrectionAlreadyDecided(Conflict):
    """Somebody decided it before."""

    id = "Permintaan ini sudah diputuskan ({state})."
    en = "This was decided already ({state})."


class SecondPersonNeeded(NotAllowed):
    """Who asks for a change of a closed day does not confirm it."""

    id = "Koreksi disetujui oleh orang lain, bukan oleh yang memintanya."
    en = "A correction is confirmed by another person, not by the one who asked for it."


class CorrectionOfAnother(NotAllowed):
    """A request is withdrawn by whoever made it."""

    id = "Permintaan ini dibuat orang lain; hanya pembuatnya yang bisa menariknya."
    en = "Somebody else asked for this; only they withdraw it."


class Kind(StrEnum):
    """What a correction changes."""

    REVERSAL = "reversal"
    LATE = "late"
    ATTENDANCE = "attendance"


class CorrectionState(StrEnum):
    """Where a correction stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(kw_only=True, eq=False)
class Correction:
    """A change asked for by one person, which another confirms or refuses, and the asker may withdraw.

    :param proposal: what is to be done then, as it was asked for.
    """

    lapas_id: str
    id: UUID
    kind: str
    workshop_id: UUID
    work_date: date
    shift: str
    inmate_id: UUID | None
    output_id: UUID | None
    proposal: dict[str, Any]
    reason: str
    requested_at: datetime
    requested_by: str
    state: str = CorrectionState.PENDING.value
    decided_at: datetime | None = None
    decided_by: str | None = None
    answer: str | None = None
    version: int = 1

    def confirm(self, *, by: str, at: datetime) -> None:
        """Confirm it.

        :param by: the actor, ``role:person``.
        :raises CorrectionAlreadyDecided, SecondPersonNeeded:
        """
        self._must_be_pending()
        if person_of(by) == person_of(self.requested_by):
            raise SecondPersonNeeded
        self._decide(CorrectionState.CONFIRMED, by=by, at=at, answer=None)

    def refuse(self, *, by: str, at: datetime, answer: str) -> None:
        """Refuse it, saying why.

        :raises CorrectionAlreadyDecided, SecondPersonNeeded:
        """
        self._must_be_pending()
        if person_of(by) == person_of(self.requested_by):
            raise SecondPersonNeeded
        self._decide(CorrectionState.REFUSED, by=by, at=at, answer=answer)

    def withdraw(self, *, by: str, at: datetime) -> None:
        """Take back what one asked for oneself.

        :raises CorrectionAlreadyDecided, CorrectionOfAnother:
        """
        self._must_be_pending()
        if person_of(by) != person_of(self.requested_by):
            raise CorrectionOfAnother
        self._decide(CorrectionState.WITHDRAWN, by=by, at=at, answer=None)

    def _must_be_pending(self) -> None:
        if self.state != CorrectionState.PENDING.value:
            raise CorrectionAlreadyDecided(state=self.state)

    def _decide(self, state: CorrectionState, *, by: str, at: datetime, answer: str | None) -> None:
        self.state, self.decided_by, self.decided_at, self.answer = state.value, by, at, answer


def person_of(actor: str) -> str:
    """Return the person of an actor ``role:person``: somebody acting in another role is no second person."""
    return actor.partition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What stands against closing a day of one workshop, as ids of people.

    :param unmarked: expected in a shift of the calendar and not marked.
    :param without_output: present, and nothing recorded that day.
    :param without_mark: output in a shift without attendance.
    :param of_absent: output in a shift they are marked away from.
    :param tools_out: tools of that day that are not back.
    """

    unmarked: int
    without_output: int
    without_mark: int
    of_absent: int
    tools_out: int

    @property
    def forgivable(self) -> int:
        """How many things may be missing if somebody says why."""
        return self.unmarked + self.without_output + self.without_mark


def must_be_closable(missing: list[Missing], *, accept: bool, note: str | None, work_date: date) -> None:
    """Let pass days with nothing missing, or with what may be missing and a note that says why.

    :raises ToolsStillOut, OutputOfAbsent: whatever anybody says.
    :raises DayNotComplete: and nobody accepted it.
    :raises NoteMissing: it is accepted without a word.
    """
    tools = sum(m.tools_out for m in missing)
    if tools:
        raise ToolsStillOut(count=tools)
    absent = sum(m.of_absent for m in missing)
    if absent:
        raise OutputOfAbsent(count=absent)
    count = sum(m.forgivable for m in missing)
    if count and not accept:
        raise DayNotComplete(work_date=str(work_date), missing=count)
    if count and not note:
        raise NoteMissing(field="/note")
