"""What may be asked for about work permissions.

Every act locks the inmate first and the permission after, so that two acts about one person wait
for each other and never cross.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.inmates.domain import Departure, Inmate, InmateUnknown, not_in_future
from giatja_training.lapas.queries import today
from giatja_training.permits import queries
from giatja_training.permits.domain import (
    SHIPPED_REQUIREMENTS,
    Decision,
    EndReason,
    ProposalOpen,
    WorkPermit,
    WorkPermitUnknown,
)


@dataclass(frozen=True, kw_only=True)
class ProposePermit:
    """Propose that an inmate may work."""

    id: UUID
    inmate_id: UUID
    proposed_on: date
    done: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TickRequirements:
    """Say which requirements of a proposal are met."""

    id: UUID
    version: int | None
    done: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class DecidePermit:
    """Keep what the hearing decided."""

    id: UUID
    version: int | None
    decision: Decision
    decided_on: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IssuePermit:
    """Issue the SK of an approved proposal."""

    id: UUID
    version: int | None
    sk_number: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class EndPermit:
    """End an active permission."""

    id: UUID
    version: int | None
    ended_on: date
    reason: EndReason
    note: str = ""


def propose_permit(command: ProposePermit, store: Store) -> None:
    """Propose a work permission, with the checklist of the Lapas as it is now.

    :raises InmateUnknown, InmateHasLeft, ProposalOpen, DayInFuture, RequirementUnknown:
    """
    inmate = store.get(Inmate, command.inmate_id, missing=InmateUnknown)
    inmate.must_be_present()
    not_in_future(command.proposed_on, today(store), field="/proposed_on")
    waiting = queries.open_proposal(store, inmate.id)
    if waiting is not None:
        raise ProposalOpen(state=waiting)
    permit = WorkPermit(
        lapas_id=store.lapas_id,
        id=command.id,
        inmate_id=inmate.id,
        proposed_on=command.proposed_on,
        proposed_by=store.actor,
        note=command.note,
        checklist=queries.requirements_of_lapas(store),
    )
    permit.tick(command.done)
    store.add(permit)


def tick_requirements(command: TickRequirements, store: Store) -> None:
    """Say which requirements are met.

    :raises WorkPermitUnknown, Stale, NotWaitingForDecision, RequirementUnknown:
    """
    _, permit = _lock(store, command.id, command.version)
    permit.tick(command.done)


def decide_permit(command: DecidePermit, store: Store) -> None:
    """Keep what the hearing decided.

    :raises WorkPermitUnknown, Stale, NotWaitingForDecision, SameHand, RequirementsOpen, DayInFuture, DaysOutOfOrder:
    """
    inmate, permit = _lock(store, command.id, command.version)
    inmate.must_be_present()
    permit.decide(command.decision, on=command.decided_on, by=store.actor, note=command.note, today=today(store))


def issue_permit(command: IssuePermit, store: Store) -> None:
    """Issue the SK; a former one whose days are over makes way.

    :raises WorkPermitUnknown, Stale, NotApproved, SameHand, AlreadyPermitted, DaysOutOfOrder:
    :raises InmateHasLeft, InmateNotFit, InmateNotAdult: the gates.
    """
    inmate, permit = _lock(store, command.id, command.version)
    former = queries.active_permit(store, inmate.id)
    if former is not None:
        store.tell(store.get(WorkPermit, former).make_way(day=command.valid_from, by=store.actor))
        store.session.flush()  # one active at a time: the former goes before the new one comes
    granted = permit.issue(
        inmate,
        sk_number=command.sk_number,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        by=store.actor,
    )
    store.tell(granted)


def end_permit(command: EndPermit, store: Store) -> None:
    """End an active permission.

    :raises WorkPermitUnknown, Stale, NotActive, DayInFuture, DaysOutOfOrder:
    """
    _, permit = _lock(store, command.id, command.version)
    ended = permit.end(
        on=command.ended_on, reason=command.reason, note=command.note, by=store.actor, today=today(store)
    )
    store.tell(ended)


def close_all(inmates: Sequence[Inmate], store: Store, *, on: date, reason: Departure) -> None:
    """End the active permissions and give up the open proposals of people who leave."""
    for permit in queries.unfinished(store, [i.id for i in inmates]):
        if permit.state == "active":
            store.tell(permit.end_by_leaving(on=on, reason=reason, by=store.actor))
        else:
            permit.withdraw(on=on, by=store.actor)


def ship_requirements(lapas_id: str, store: Store) -> None:
    """Give a Lapas the checklist it may start from; what it has is left alone."""
    store.run(
        "INSERT INTO permit_requirement (lapas_id, key, name, name_en, position, active)"
        " VALUES (:lapas_id, :key, :name, :name_en, :position, true) ON CONFLICT DO NOTHING",
        [
            {"lapas_id": lapas_id, "key": r.key, "name": r.name, "name_en": r.name_en, "position": nth}
            for nth, r in enumerate(SHIPPED_REQUIREMENTS)
        ],
    )


def _lock(store: Store, permit_id: UUID, version: int | None) -> tuple[Inmate, WorkPermit]:
    inmate_id = queries.inmate_of(store, permit_id)
    inmate = store.get(Inmate, inmate_id, missing=WorkPermitUnknown)
    return inmate, store.get(WorkPermit, permit_id, version=version, missing=WorkPermitUnknown)
