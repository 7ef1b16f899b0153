"""What may be asked for about workshops."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.workshops import queries
from giatja_production.workshops.domain import (
    Defect,
    Route,
    StageDraft,
    Template,
    Workshop,
    WorkshopNameTaken,
    WorkshopUnknown,
    make_route,
    template,
    template_for,
)


@dataclass(frozen=True, kw_only=True)
class AddWorkshop:
    """Add a workshop as a template has it."""

    id: UUID
    template: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class ChangeWorkshop:
    """Change a workshop's name and route."""

    id: UUID
    version: int | None
    name: str
    stages: Sequence[StageDraft]
    defects: Sequence[Defect]


@dataclass(frozen=True, kw_only=True)
class SetTarget:
    """Set how many pieces a workshop wants to pass in a month."""

    workshop_id: UUID
    version: int | None
    month: date
    pieces: int


def add_workshop(command: AddWorkshop, store: Store) -> None:
    """Add a workshop to the caller's Lapas.

    :raises TemplateUnknown, WorkshopNameTaken:
    """
    shape = template(command.template)
    name = command.name or shape.name
    if queries.name_taken(store, name):
        raise WorkshopNameTaken(field="/name", name=name)
    store.add(_from_template(shape, store, id_=command.id, kind=shape.kind, name=name))


def change_workshop(command: ChangeWorkshop, store: Store) -> None:
    """Change a workshop.

    :raises WorkshopUnknown, Stale, WorkshopNameTaken, QualityStageNotOne, KeyRepeated:
    """
    workshop = store.get(Workshop, command.id, version=command.version, missing=WorkshopUnknown)
    if queries.name_taken(store, command.name, but=command.id):
        raise WorkshopNameTaken(field="/name", name=command.name)
    known = {s.key: s.id for s in workshop.route.stages}
    route = make_route(command.stages, command.defects, ids=known, new_ids=[new_id() for _ in command.stages])
    workshop.change(name=command.name, route=route, at=store.at)


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


def workshop_for(kind: str, store: Store) -> tuple[UUID, Route]:
    """Return the workshop of a kind; a Lapas without one gets it from its template.

    So an order that was accepted before anybody set up its workshop is not lost.
    """
    found = queries.workshop_of_kind(store, kind)
    if found is None:
        # Two orders for a new workshop at once must find one and the same.
        store.value("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"workshop {store.lapas_id}")
        found = queries.workshop_of_kind(store, kind)
    if found is not None:
        return found["id"], Route.read(found["route"])
    shape = template_for(kind)
    name = shape.name if shape.kind == kind else kind
    if queries.name_taken(store, name):
        name = f"{name} ({kind})"
    workshop = _from_template(shape, store, id_=new_id(), kind=kind, name=name)
    store.add(workshop)
    store.session.flush()  # what refers to it is written in no certain order
    return workshop.id, workshop.route


def _from_template(shape: Template, store: Store, *, id_: UUID, kind: str, name: str) -> Workshop:
    route = make_route(shape.stages, shape.defects, ids={}, new_ids=[new_id() for _ in shape.stages])
    return Workshop(lapas_id=store.lapas_id, id=id_, kind=kind, name=name, route=route, changed_at=store.at)
