"""The permission of an inmate to work, from proposal to end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown
from giatja_training.facts import WorkPermissionEnded, WorkPermissionGranted
from giatja_training.inmates.domain import Inmate, not_in_future

PermitState = Literal["proposed", "deferred", "approved", "refused", "active", "ended", "withdrawn"]
Decision = Literal["approved", "refused", "deferred"]
EndReason = Literal["done", "offence", "health", "transfer", "release", "expired", "other"]


class WorkPermitUnknown(Unknown):
    """No such work permission at this Lapas."""

    id = "Izin kerja ini tidak ditemukan."
    en = "This work permission was not found."


class ProposalOpen(Conflict):
    """One proposal at a time."""

    id = "Sudah ada usulan izin kerja yang belum selesai ({state})."
    en = "There is already an open proposal for a work permission ({state})."


class NotWaitingForDecision(Conflict):
    """Only a proposal, new or deferred, can be decided."""

    id = "Izin kerja ini tidak menunggu keputusan; keadaannya {state}."
    en = "This work permission does not wait for a decision; it is {state}."


class NotApproved(Conflict):
    """An SK is issued after approval only."""

    id = "SK hanya terbit untuk usulan yang disetujui; keadaannya {state}."
    en = "An SK is issued for an approved proposal only; this one is {state}."


class NotActive(Conflict):
    """Only an active permission can end."""

    id = "Izin kerja ini tidak sedang berlaku; keadaannya {state}."
    en = "This work permission is not active; it is {state}."


class AlreadyPermitted(Conflict):
    """One active permission at a time."""

    id = "SK {sk_number} masih berlaku pada {day}. Akhiri dahulu."
    en = "SK {sk_number} is still valid on {day}. End it first."


class SameHand(NotAllowed):
    """Whoever proposes does not grant the same permission."""

    id = "Anda yang mengusulkan izin kerja ini; keputusan dan SK dibuat orang lain."
    en = "You proposed this work permission; somebody else decides it and issues the SK."


class RequirementsOpen(Invalid):
    """Approval with requirements not met has to say why."""

    id = "Masih ada {count} syarat belum terpenuhi. Tulis alasan persetujuannya."
    en = "{count} requirements are not met yet. Say why it is approved all the same."


class RequirementUnknown(Invalid):
    """A key that is not on the checklist."""

    id = "Syarat {key} tidak ada dalam daftar."
    en = "Requirement {key} is not on the checklist."


class DaysOutOfOrder(Invalid):
    """A later step has an earlier day."""

    id = "Tanggal ini lebih awal daripada {earliest}."
    en = "This day is earlier than {earliest}."


def _not_before(day: date, earliest: date, *, field: str) -> None:
    if day < earliest:
        raise DaysOutOfOrder(field=field, earliest=earliest)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One item of the checklist, as it read when the permission was proposed."""

    key: str
    name: str
    name_en: str
    done: bool = False


# What a Lapas starts with; its own list is data from then on.
SHIPPED_REQUIREMENTS = (
    Requirement(
        key="masa_pidana",
        name="Sudah menjalani sepertiga masa pidana",
        name_en="A third of the sentence has been served",
    ),
    Requirement(
        key="kelakuan",
        name="Berkelakuan baik dan tidak sedang menjalani hukuman disiplin",
        name_en="Good conduct, not under discipline",
    ),
    Requirement(
        key="kesehatan",
        name="Sehat menurut pemeriksaan dokter Lapas",
        name_en="Healthy according to the physician of the Lapas",
    ),
    Requirement(key="asesmen", name="Asesmen minat dan bakat selesai", name_en="Interests and aptitude were assessed"),
    Requirement(
        key="kesediaan", name="Menandatangani pernyataan bersedia bekerja", name_en="Signed that they want to work"
    ),
)


@dataclass(kw_only=True, eq=False)
class WorkPermit:
    """One permission to work of one inmate, with who did what to it and when."""

    lapas_id: str
    id: UUID
    inmate_id: UUID
    proposed_on: date
    proposed_by: str
    note: str = ""
    state: PermitState = "proposed"
    checklist: Sequence[Requirement] = field(default_factory=tuple)
    decided_on: date | None = None
    decided_by: str | None = None
    decision_note: str = ""
    sk_number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    issued_by: str | None = None
    ended_on: date | None = None
    end_reason: EndReason | None = None
    end_note: str = ""
    ended_by: str | None = None
    version: int = 1

    def tick(self, done: Collection[str]) -> None:
        """Say which requirements are met.

        :raises NotWaitingForDecision, RequirementUnknown:
        """
        self._must_wait_for_decision()
        for key in done:
            if key not in {r.key for r in self.checklist}:
                raise RequirementUnknown(field="/done", key=key)
        self.checklist = tuple(replace(r, done=r.key in done) for r in self.checklist)

    def decide(self, decision: Decision, *, on: date, by: str, note: str, today: date) -> None:
        """Keep what the TPP hearing decided; a deferred proposal may be decided again.

        :param by: the actor, ``role:person``.
        :raises NotWaitingForDecision, SameHand, DayInFuture, DaysOutOfOrder, RequirementsOpen:
        """
        self._must_wait_for_decision()
        self._must_be_another_than_the_proposer(by)
        not_in_future(on, today, field="/decided_on")
        _not_before(on, max(self.proposed_on, self.decided_on or self.proposed_on), field="/decided_on")
        still_open = sum(not r.done for r in self.checklist)
        if decision == "approved" and still_open and not note:
            raise RequirementsOpen(field="/note", count=still_open)
        self.state, self.decided_on, self.decided_by, self.decision_note = decision, on, by, note

    def issue(
        self, inmate: Inmate, *, sk_number: str, valid_from: date, valid_until: date | None, by: str
    ) -> WorkPermissionGranted:
        """Give the permission by an SK.

        :raises NotApproved, SameHand, DaysOutOfOrder, InmateHasLeft, InmateNotFit, InmateNotAdult:
        """
        if self.state != "approved" or self.decided_on is None:
            raise NotApproved(state=self.state)
        self._must_be_another_than_the_proposer(by)
        _not_before(valid_from, self.decided_on, field="/valid_from")
        if valid_until is not None:
            _not_before(valid_until, valid_from, field="/valid_until")
        inmate.must_be_able_to_work(on=valid_from)
        self.state, self.sk_number, self.issued_by = "active", sk_number, by
        self.valid_from, self.valid_until = valid_from, valid_until
        return WorkPermissionGranted(
            inmate_id=self.inmate_id, permission_id=self.id, valid_from=valid_from, valid_until=valid_until
        )

    def end(self, *, on: date, reason: EndReason, note: str, by: str, today: date) -> WorkPermissionEnded:
        """End the permission; ``on`` is the last day it covers.

        :raises NotActive, DayInFuture, DaysOutOfOrder:
        """
        self._must_be_active()
        not_in_future(on, today, field="/ended_on")
        if self.valid_from is not None and self.valid_from <= today:
            _not_before(on, self.valid_from, field="/ended_on")
        return self._ended(on=on, reason=reason, note=note, by=by)

    def end_by_leaving(self, *, on: date, reason: EndReason, by: str) -> WorkPermissionEnded:
        """End the permission because the inmate left, whatever days it names.

        :raises NotActive:
        """
        self._must_be_active()
        return self._ended(on=on, reason=reason, note="", by=by)

    def withdraw(self, *, on: date, by: str) -> None:
        """Give up a proposal because the inmate left before an SK was issued."""
        self.state, self.ended_on, self.ended_by = "withdrawn", on, by

    def make_way(self, *, day: date, by: str) -> WorkPermissionEnded:
        """Close a permission whose days are over, since a new one begins on a day.

        :raises AlreadyPermitted: it still covers that day.
        """
        if self.valid_until is None or self.valid_until >= day:
            raise AlreadyPermitted(sk_number=self.sk_number, day=day)
        return self._ended(on=self.valid_until, reason="expired", note="", by=by)

    def _ended(self, *, on: date, reason: EndReason, note: str, by: str) -> WorkPermissionEnded:
        self.state, self.ended_on, self.end_reason, self.end_note, self.ended_by = "ended", on, reason, note, by
        return WorkPermissionEnded(inmate_id=self.inmate_id, permission_id=self.id, ended_on=on, reason=reason)

    def _must_wait_for_decision(self) -> None:
        if self.state not in ("proposed", "deferred"):
            raise NotWaitingForDecision(state=self.state)

    def _must_be_active(self) -> None:
        if self.state != "active":
            raise NotActive(state=self.state)

    def _must_be_another_than_the_proposer(self, by: str) -> None:
        # The person counts, not the role: one person may hold two.
        if _person(by) == _person(self.proposed_by):
            raise SameHand


def _person(actor: str) -> str:
    return actor.partition(":")[2]
