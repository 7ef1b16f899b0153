"""What may be asked for about workshops, their routes and their machines."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.lapas.queries import today
from giatja_production.workshops import queries
from giatja_production.workshops.domain import (
    Defect,
    Difference,
    Downtime,
    Machine,
    MachineNameTaken,
    MachineNotDown,
    MachineStageUnknown,
    MachineUnknown,
    NothingToBeginFrom,
    Route,
    RouteVersion,
    StageDraft,
    Workshop,
    WorkshopNameTaken,
    WorkshopUnknown,
    differences,
    make_route,
    template,
    template_for,
)


@dataclass(frozen=True, kw_only=True)
class AddWorkshop:
    """Add a workshop as a template has it, or as another workshop is now.

    :param kind: what orders call it by; without one it is that of what it begins from.
    """

    id: UUID
    template: str | None = None
    copy_of: UUID | None = None
    kind: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeWorkshop:
    """Change a workshop's name, route or defects; what is not given stays."""

    id: UUID
    version: int | None
    name: str | None = None
    stages: Sequence[StageDraft] | None = None
    defects: Sequence[Defect] | None = None


@dataclass(frozen=True, kw_only=True)
class SetTarget:
    """Set how many pieces a workshop wants to pass in a month."""

    workshop_id: UUID
    version: int | None
    month: date
    pieces: int


@dataclass(frozen=True, kw_only=True)
class CloseWorkshop:
    """Close a workshop, or open it again."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class MachineContent:
    """What is known of a machine."""

    name: str
    stage_key: str
    capacity_minutes_per_day: int


@dataclass(frozen=True, kw_only=True)
class AddMachine:
    """Add a machine to a workshop."""

    id: UUID
    workshop_id: UUID
    content: MachineContent


@dataclass(frozen=True, kw_only=True)
class ChangeMachine:
    """Correct what is known of a machine, or take it out of use."""

    id: UUID
    version: int | None
    content: MachineContent
    active: bool


@dataclass(frozen=True, kw_only=True)
class ReportDowntime:
    """Say that a machine does not run.

    :param starts_at: since when, by default since now.
    """

    id: UUID
    machine_id: UUID
    reason: str
    starts_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EndDowntime:
    """Say that a machine runs again, by default since now."""

    machine_id: UUID
    ends_at: datetime | None


def add_workshop(command: AddWorkshop, store: Store) -> None:
    """Add a workshop to the caller's Lapas, with the first version of its route.

    :raises TemplateUnknown, WorkshopUnknown, NothingToBeginFrom, WorkshopNameTaken:
    """
    if (command.template is None) == (command.copy_of is None):
        raise NothingToBeginFrom(field="/template")
    if command.copy_of is not None:
        other = store.get(Workshop, command.copy_of, missing=WorkshopUnknown)
        kind, name = other.kind, command.name or other.name
        stages = [_draft(s) for s in other.route.stages]
        defects: Sequence[Defect] = other.route.defects
    else:
        shape = template(command.template or "")
        kind, name, stages, defects = shape.kind, command.name or shape.name, list(shape.stages), shape.defects
    if queries.name_taken(store, name):
        raise WorkshopNameTaken(field="/name", name=name)
    _add(store, id_=command.id, kind=command.kind or kind, name=name, stages=stages, defects=defects)


def change_workshop(command: ChangeWorkshop, store: Store) -> None:
    """Change a workshop; other stages are the next version of its route, other defects hold at once.

    :raises WorkshopUnknown, Stale, WorkshopClosed, WorkshopNameTaken, QualityStageNotOne, KeyRepeated, NameRepeated,
        NoDefectLeft:
    """
    workshop = store.get(Workshop, command.id, version=command.version, missing=WorkshopUnknown)
    if command.name is not None and command.name != workshop.name:
        if queries.name_taken(store, command.name, but=command.id):
            raise WorkshopNameTaken(field="/name", name=command.name)
        workshop.rename(command.name, at=store.at)
    if command.stages is not None:
        _redraw(workshop, command.stages, store)
    if command.defects is not None and workshop.tell_apart(command.defects, at=store.at):
        queries.set_defects(store, workshop)


def preview_route(id_: UUID, stages: Sequence[StageDraft], store: Store) -> list[Difference]:
    """Return what other stages would change, without changing it.

    :raises WorkshopUnknown, WorkshopClosed, QualityStageNotOne, KeyRepeated, NameRepeated:
    """
    workshop = store.get(Workshop, id_, missing=WorkshopUnknown)
    return differences(workshop.route, workshop.drawn(stages, new_ids=[new_id() for _ in stages]))


def set_target(command: SetTarget, store: Store) -> None:
    """Set or change the target of a month.

    :raises WorkshopUnknown, Stale:
    """
    workshop = store.get(Workshop, command.workshop_id, version=command.version, missing=WorkshopUnknown)
    target = workshop.aim(month=command.month, pieces=command.pieces, at=store.at)
    store.run(
        "INSERT INTO month_target (lapas_id, workshop_id, month, pieces)"
        " VALUES (:lapas_id, :workshop_id, :month, :pieces)"
        " ON CONFLICT (lapas_id, workshop_id, month) DO UPDATE SET pieces = excluded.pieces",
        {
            "lapas_id": target.lapas_id,
            "workshop_id": target.workshop_id,
            "month": target.month,
            "pieces": target.pieces,
        },
    )


def close_workshop(command: CloseWorkshop, store: Store) -> None:
    """Close a workshop in which nothing is open.

    :raises WorkshopUnknown, Stale, WorkshopClosed, WorkshopBusy:
    """
    workshop = store.get(Workshop, command.id, version=command.version, missing=WorkshopUnknown)
    workshop.close(today=today(store), **queries.open_in(store, command.id))


def reopen_workshop(command: CloseWorkshop, store: Store) -> None:
    """Open a closed workshop again.

    :raises WorkshopUnknown, Stale, WorkshopNotClosed:
    """
    store.get(Workshop, command.id, version=command.version, missing=WorkshopUnknown).reopen()


def add_machine(command: AddMachine, store: Store) -> None:
    """Add a machine to a workshop.

    :raises WorkshopUnknown, WorkshopClosed, MachineNameTaken, MachineStageUnknown:
    """
    workshop = store.get(Workshop, command.workshop_id, missing=WorkshopUnknown)
    workshop.must_be_open()
    _check_machine(command.content, workshop, store, but=None)
    store.add(Machine(lapas_id=store.lapas_id, id=command.id, workshop_id=workshop.id, **asdict(command.content)))


def change_machine(command: ChangeMachine, store: Store) -> None:
    """Correct a machine.

    :raises MachineUnknown, Stale, MachineNameTaken, MachineStageUnknown:
    """
    machine = store.get(Machine, command.id, version=command.version, missing=MachineUnknown)
    workshop = store.get(Workshop, machine.workshop_id, missing=WorkshopUnknown)
    _check_machine(command.content, workshop, store, but=machine)
    machine.change(**asdict(command.content), active=command.active)


def report_downtime(command: ReportDowntime, store: Store) -> None:
    """Keep that a machine does not run.

    :raises MachineUnknown, MachineRetired, MachineAlreadyDown, DowntimeInFuture, DowntimeOverlaps:
    """
    machine = store.get(Machine, command.machine_id, missing=MachineUnknown)
    downtime = machine.break_down(
        id=command.id,
        starts_at=command.starts_at or store.at,
        reason=command.reason,
        last=_last_downtime(machine, store),
        by=store.actor,
        at=store.at,
    )
    store.add(downtime)


def end_downtime(command: EndDowntime, store: Store) -> None:
    """Keep that a machine runs again.

    :raises MachineUnknown, MachineNotDown, DowntimeInFuture, DowntimeEndsBeforeStart:
    """
    machine = store.get(Machine, command.machine_id, missing=MachineUnknown)
    last = _last_downtime(machine, store)
    if last is None:
        raise MachineNotDown
    last.end(ends_at=command.ends_at or store.at, by=store.actor, at=store.at)


def workshop_for(kind: str, store: Store) -> RouteVersion:
    """Return the route that a new order of a kind follows; a Lapas without such a workshop gets it from its template.

    So an order that was accepted before anybody set up its workshop is not lost; for the same reason a
    workshop that was closed is opened again when there is no other of its kind.
    """
    found = queries.workshop_of_kind(store, kind)
    if found is None:
        # Two orders for a new workshop at once must find one and the same.
        store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"workshop {store.lapas_id}")
        found = queries.workshop_of_kind(store, kind)
    if found is not None:
        if found["closed_on"] is not None:
            store.get(Workshop, found["id"]).closed_on = None
        return RouteVersion(
            lapas_id=store.lapas_id,
            workshop_id=found["id"],
            version_no=found["route_version"],
            route=Route.read(found["route"]),
            valid_from=found["changed_at"].date(),
            changed_by=store.actor,
            changed_at=found["changed_at"],
        )
    shape = template_for(kind)
    name = shape.name if shape.kind == kind else kind
    if queries.name_taken(store, name):
        name = f"{name} ({kind})"
    return _add(store, id_=new_id(), kind=kind, name=name, stages=shape.stages, defects=shape.defects)


def _add(
    store: Store, *, id_: UUID, kind: str, name: str, stages: Sequence[StageDraft], defects: Sequence[Defect]
) -> RouteVersion:
    route = make_route(stages, defects, ids={}, new_ids=[new_id() for _ in stages])
    workshop = Workshop(lapas_id=store.lapas_id, id=id_, kind=kind, name=name, route=route, changed_at=store.at)
    store.add(workshop)
    version = workshop.route_now(today=today(store), by=store.actor)
    queries.keep_version(store, version)  # writes the workshop first: what refers to it is written in no certain order
    return version


def _redraw(workshop: Workshop, stages: Sequence[StageDraft], store: Store) -> None:
    day = today(store)
    before = workshop.route_now(today=day, by=store.actor)
    drawn = workshop.redraw(stages, new_ids=[new_id() for _ in stages], today=day, by=store.actor, at=store.at)
    if drawn is None:
        return
    queries.keep_version(store, replace(before, changed_by="service:production"))  # code before versions kept none
    queries.keep_version(store, drawn)
    store.audit("workshops.route_changed", workshop.id, version=drawn.version_no)


def _draft(stage: Any) -> StageDraft:
    return StageDraft(**{k: v for k, v in asdict(stage).items() if k not in ("id", "no")})


def _check_machine(content: MachineContent, workshop: Workshop, store: Store, *, but: Machine | None) -> None:
    if (but is None or content.stage_key != but.stage_key) and content.stage_key not in {
        s.key for s in workshop.route.stages
    }:
        raise MachineStageUnknown(field="/stage_key")
    if queries.machine_name_taken(store, workshop.id, content.name, but=but.id if but else None):
        raise MachineNameTaken(field="/name", name=content.name)


def _last_downtime(machine: Machine, store: Store) -> Downtime | None:
    id_ = queries.last_downtime(store, machine.id)
    return store.get(Downtime, id_) if id_ else None
