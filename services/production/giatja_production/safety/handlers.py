"""What may be asked for about safety: report what happened, do something about it, check the gear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from giatja_kit import clock
from giatja_kit.database import Store
from giatja_production.facts import SafetyIncidentReported
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.safety import queries
from giatja_production.safety.domain import (
    FollowUpAlreadyDone,
    FollowUpUnknown,
    IncidentUnknown,
    Kind,
    MachineNotThere,
    Severity,
    StageNotThere,
    must_be_due,
    must_be_reportable,
    must_not_repeat,
)
from giatja_production.work_orders.domain import WorkDateInFuture
from giatja_production.workers.domain import InmateUnknown
from giatja_production.workshops.domain import WorkshopUnknown


@dataclass(frozen=True, kw_only=True)
class ReportIncident:
    """Report an incident or a near miss.

    :param what: what happened, without names; :param injured: who was hurt.
    """

    id: UUID
    kind: Kind
    severity: Severity
    workshop_id: UUID
    stage_key: str | None
    machine_id: UUID | None
    happened_at: datetime
    what: str
    first_aid: str
    injured: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class AskFollowUp:
    """Have something done about it.

    :param responsible: an officer or an office, in words.
    """

    id: UUID
    incident_id: UUID
    action: str
    responsible: str
    due_date: date


@dataclass(frozen=True, kw_only=True)
class FinishFollowUp:
    """Say that it was done, and what came of it."""

    id: UUID
    result: str


@dataclass(frozen=True, kw_only=True)
class CheckGear:
    """Say which gear is missing in a shift; what is not missing is there.

    :param items: gear and how many are missing of it.
    """

    id: UUID
    workshop_id: UUID
    work_date: date
    shift: Shift
    items: Sequence[tuple[str, int]]
    note: str


def report_incident(command: ReportIncident, store: Store) -> None:
    """Report what happened; the region hears of it without names.

    :raises WorkshopUnknown, StageNotThere, MachineNotThere, InmateUnknown:
    :raises NotHappenedYet, HappenedLongAgo, NearMissHurtSomebody:
    """
    must_be_reportable(kind=command.kind, injured=command.injured, happened_at=command.happened_at, at=store.at)
    place = queries.place(store, command.workshop_id, command.machine_id)
    if place is None:
        raise WorkshopUnknown(field="/workshop_id")
    if command.stage_key is not None and command.stage_key not in place.stages:
        raise StageNotThere(field="/stage_key")
    if command.machine_id is not None and not place.has_machine:
        raise MachineNotThere(field="/machine_id")
    injured = list(dict.fromkeys(command.injured))
    known = queries.known_inmates(store, injured)
    for nth, inmate_id in enumerate(injured):
        if inmate_id not in known:
            raise InmateUnknown(field=f"/injured/{nth}")
    happened_on = clock.today(place.zone, command.happened_at)
    store.run(
        "INSERT INTO incident (lapas_id, id, kind, severity, workshop_id, stage_key, machine_id, happened_at, happened_on,"
        " what, first_aid, reported_at, reported_by) VALUES (:lapas_id, :id, :kind, :severity, :workshop_id, :stage_key,"
        " :machine_id, :happened_at, :happened_on, :what, :first_aid, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "kind": command.kind.value,
            "severity": command.severity.value,
            "workshop_id": command.workshop_id,
            "stage_key": command.stage_key,
            "machine_id": command.machine_id,
            "happened_at": command.happened_at,
            "happened_on": happened_on,
            "what": command.what,
            "first_aid": command.first_aid,
            "at": store.at,
            "by": store.actor,
        },
    )
    store.run(
        "INSERT INTO incident_injured (lapas_id, incident_id, inmate_id) VALUES (:lapas_id, :incident_id, :inmate_id)",
        [{"lapas_id": store.lapas_id, "incident_id": command.id, "inmate_id": i} for i in injured],
    )
    store.tell(
        SafetyIncidentReported(
            incident_id=command.id,
            workshop_kind=place.kind,
            kind=command.kind.value,
            severity=command.severity.value,
            happened_on=happened_on,
        )
    )


def ask_follow_up(command: AskFollowUp, store: Store) -> None:
    """Have something done about what happened.

    :raises IncidentUnknown, DueBeforeToday:
    """
    must_be_due(command.due_date, today=today(store))
    if not store.value(
        "SELECT true FROM incident WHERE lapas_id = :lapas_id AND id = :id",
        lapas_id=store.lapas_id,
        id=command.incident_id,
    ):
        raise IncidentUnknown(id=command.incident_id)
    store.run(
        "INSERT INTO follow_up (lapas_id, id, incident_id, action, responsible, due_date, asked_at, asked_by)"
        " VALUES (:lapas_id, :id, :incident_id, :action, :responsible, :due_date, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "incident_id": command.incident_id,
            "action": command.action,
            "responsible": command.responsible,
            "due_date": command.due_date,
            "at": store.at,
            "by": store.actor,
        },
    )


def finish_follow_up(command: FinishFollowUp, store: Store) -> UUID:
    """Keep that it was done; return what it was about.

    :raises FollowUpUnknown, FollowUpAlreadyDone:
    """
    row = store.row(
        "SELECT incident_id, done_at FROM follow_up WHERE lapas_id = :lapas_id AND id = :id FOR UPDATE",
        lapas_id=store.lapas_id,
        id=command.id,
    )
    if row is None:
        raise FollowUpUnknown(id=command.id)
    if row["done_at"] is not None:
        raise FollowUpAlreadyDone(done_at=row["done_at"].isoformat())
    store.run(
        "UPDATE follow_up SET result = :result, done_at = :at, done_by = :by WHERE lapas_id = :lapas_id AND id = :id",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "result": command.result,
            "at": store.at,
            "by": store.actor,
        },
    )
    return UUID(str(row["incident_id"]))


def check_gear(command: CheckGear, store: Store) -> None:
    """Keep a check of the gear; of several in a shift the newest counts.

    :raises WorkshopUnknown, WorkDateInFuture, GearRepeated:
    """
    must_not_repeat([gear for gear, _ in command.items])
    if queries.place(store, command.workshop_id, None) is None:
        raise WorkshopUnknown(field="/workshop_id")
    day = today(store)
    if command.work_date > day:
        raise WorkDateInFuture(field="/work_date", work_date=str(command.work_date), today=str(day))
    store.run(
        "INSERT INTO gear_check (lapas_id, id, workshop_id, work_date, shift, note, checked_at, checked_by)"
        " VALUES (:lapas_id, :id, :workshop_id, :work_date, :shift, :note, :at, :by)",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "workshop_id": command.workshop_id,
            "work_date": command.work_date,
            "shift": command.shift.value,
            "note": command.note,
            "at": store.at,
            "by": store.actor,
        },
    )
    store.run(
        "INSERT INTO gear_check_item (lapas_id, check_id, gear, missing) VALUES (:lapas_id, :check_id, :gear, :missing)",
        [
            {"lapas_id": store.lapas_id, "check_id": command.id, "gear": gear, "missing": missing}
            for gear, missing in command.items
        ],
    )
