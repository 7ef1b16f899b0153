"""What may be asked for about placements, and what facts do to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.assignments import queries
from giatja_production.assignments.domain import (
    Candidate,
    CompetenceMissing,
    Overridable,
    PersonTwice,
    Placement,
    PlacementUnknown,
    StageNotInWorkshop,
    UndoPlacementAnotherDay,
    WorkshopFull,
    most_at_once,
    must_be_near,
)
from giatja_production.lapas.queries import today
from giatja_production.workers.domain import InmateUnknown
from giatja_production.workshops.domain import Workshop, WorkshopUnknown


@dataclass(frozen=True, kw_only=True)
class PlacePeople:
    """Place people in a workshop from a day on; what they had elsewhere ends the day before.

    :param override_reason: why they are placed though there is no place left or a competence is missing.
    """

    workshop_id: UUID
    stage_key: str | None
    inmate_ids: Sequence[UUID]
    starts_on: date
    override_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class EndPlacements:
    """End placements; the day is the last day of work."""

    ids: Sequence[UUID]
    ends_on: date
    reason: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class UndoPlacements:
    """Take back what was placed today; whoever was moved is back where they were."""

    ids: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class SetPlaces:
    """Say how many people a workshop has places for; none means as many as come."""

    workshop_id: UUID
    version: int | None
    places: int | None


@dataclass(frozen=True, kw_only=True)
class EndByFact:
    """End what an inmate has because something happened: the reason is one of ``FORCED``."""

    inmate_id: UUID
    on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether one person can be placed.

    :param refusal: what forbids it whatever reason is given.
    :param lacks: the competence the stage asks for and the person does not have.
    :param ends: what the person has elsewhere, as it would end.
    """

    inmate_id: UUID
    refusal: Refusal | None
    lacks: str | None
    ends: Sequence[Placement]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Whether people can be placed, each and all together; ``people`` is how many there would be at once."""

    each: Sequence[Verdict]
    people: int
    places: int | None
    full: bool


def place_people(command: PlacePeople, store: Store) -> list[UUID]:
    """Place people, all of them or nobody; return the placements.

    :raises WorkshopUnknown, StageNotInWorkshop, PlacementDayTooFar, PersonTwice, InmateUnknown:
    :raises InmateLeft, InmateUnderAge, InmateNotFit, NoWorkPermission: nobody may override these.
    :raises AlreadyPlacedThere, PlacedLater, WorkshopFull, CompetenceMissing:
    """
    found = verdicts(command, store, lock=True)
    reason = command.override_reason
    for verdict in found.each:
        if verdict.refusal is not None:
            raise verdict.refusal
    for nth, verdict in enumerate(found.each):
        if verdict.lacks is not None and reason is None:
            raise CompetenceMissing(field=f"/inmate_ids/{nth}", competence=verdict.lacks)
    if found.full and reason is None:
        raise WorkshopFull(field="/inmate_ids", places=found.places, people=found.people)
    placed = [
        Placement(
            id=new_id(),
            inmate_id=verdict.inmate_id,
            workshop_id=command.workshop_id,
            stage_key=command.stage_key,
            starts_on=command.starts_on,
            overridden=_overridden(full=found.full, lacks=verdict.lacks is not None),
        )
        for verdict in found.each
    ]
    queries.write_ends(store, [end for verdict in found.each for end in verdict.ends])
    queries.insert(store, placed, override_reason=reason)
    for placement in placed:
        if placement.overridden:
            store.audit(
                "assignments.override",
                f"/api/production/v1/placements/{placement.id}",
                overridden=list(placement.overridden),
                reason=reason,
            )
    return [p.id for p in placed]


def _overridden(*, full: bool, lacks: bool) -> tuple[Overridable, ...]:
    named: tuple[tuple[Overridable, bool], ...] = (("places", full), ("competence", lacks))
    return tuple(name for name, so in named if so)


def verdicts(command: PlacePeople, store: Store, *, lock: bool) -> Verdicts:
    """Return whether people can be placed, without placing anybody.

    :param lock: whether nobody else may place them, or fill the workshop, until the transaction ends.
    :raises WorkshopUnknown, StageNotInWorkshop, PlacementDayTooFar:
    """
    must_be_near(command.starts_on, today=today(store))
    # People first and the workshop after, so that two acts cross nowhere.
    candidates = queries.candidates(store, command.inmate_ids, day=command.starts_on, lock=lock)
    workshop = queries.workshop(store, command.workshop_id, since=command.starts_on, lock=lock)
    if workshop is None:
        raise WorkshopUnknown(id=command.workshop_id)
    if command.stage_key is not None and command.stage_key not in workshop.competences:
        raise StageNotInWorkshop(field="/stage_key", stage_key=command.stage_key)
    competence = workshop.competences[command.stage_key] if command.stage_key else None
    each = [
        _verdict(command, nth, candidates.get(inmate_id), competence)
        for nth, inmate_id in enumerate(command.inmate_ids)
    ]
    goes = {end.id: end.ends_on for verdict in each for end in verdict.ends}
    comes = sum(verdict.refusal is None for verdict in each)
    before = [(first, last) for _, first, last in workshop.periods]
    after = [(first, goes.get(id_, last)) for id_, first, last in workshop.periods]
    people = most_at_once([*after, *[(command.starts_on, None)] * comes], since=command.starts_on)
    # Somebody who changes the stage within a full workshop takes nobody's place.
    limit = None if workshop.places is None else max(workshop.places, most_at_once(before, since=command.starts_on))
    return Verdicts(each=each, people=people, places=workshop.places, full=limit is not None and people > limit)


def _verdict(command: PlacePeople, nth: int, candidate: Candidate | None, competence: str | None) -> Verdict:
    inmate_id, at = command.inmate_ids[nth], f"/inmate_ids/{nth}"
    if candidate is None:
        return Verdict(inmate_id=inmate_id, refusal=InmateUnknown(field=at), lacks=None, ends=())
    if inmate_id in command.inmate_ids[:nth]:
        return Verdict(inmate_id=inmate_id, refusal=PersonTwice(field=at), lacks=None, ends=())
    try:
        candidate.worker.must_be_allowed_on(command.starts_on, field=at)
        ways = [
            p.make_way(workshop_id=command.workshop_id, stage_key=command.stage_key, day=command.starts_on, at=at)
            for p in candidate.before
        ]
    except Refusal as refusal:
        return Verdict(inmate_id=inmate_id, refusal=refusal, lacks=None, ends=())
    lacks = competence if candidate.lacks(competence) else None
    return Verdict(inmate_id=inmate_id, refusal=None, lacks=lacks, ends=[w for w in ways if w is not None])


def end_placements(command: EndPlacements, store: Store) -> None:
    """End placements, all of them or none.

    :raises PlacementUnknown, PlacementEnded, PlacementEndsBeforeItBegan:
    """
    ended = [p.end(on=command.ends_on, reason=command.reason) for p in _locked(store, command.ids)]
    queries.write_ends(store, ended, note=command.note)


def undo_placements(command: UndoPlacements, store: Store) -> None:
    """Take back placements made today, and let what made way for them go on.

    :raises PlacementUnknown, PlacementEnded, UndoPlacementAnotherDay:
    """
    day = today(store)
    for placement in _locked(store, command.ids):
        if today(store, at=placement.placed_at) != day:
            raise UndoPlacementAnotherDay
        queries.write_ends(store, [placement.taken_back()])
        queries.reopen_moved(store, placement)


def set_places(command: SetPlaces, store: Store) -> None:
    """Set how many places a workshop has.

    :raises WorkshopUnknown, Stale:
    """
    workshop = store.get(Workshop, command.workshop_id, version=command.version, missing=WorkshopUnknown)
    workshop.changed_at = store.at
    queries.write_places(store, command.workshop_id, command.places)


def end_by_fact(command: EndByFact, store: Store) -> None:
    """End what an inmate has open, or ending later, on a last day; what is over by then stays as it is."""
    before = queries.ending_after(store, command.inmate_id, command.on)
    queries.write_ends(store, [p.cut(on=command.on, reason=command.reason) for p in before])


def end_without_permission(inmate_id: UUID, *, on: date, reason: str, store: Store) -> None:
    """End what an inmate has, unless another decree goes on after that day."""
    if not queries.permitted_after(store, inmate_id, on):
        end_by_fact(EndByFact(inmate_id=inmate_id, on=on, reason=reason), store)


def end_unsuitable(inmate_id: UUID, *, fitness: str, adult_on: date, at: datetime, store: Store) -> None:
    """End what an inmate has from the day somebody was found not fit, or turned out to be under age."""
    day = today(store, at=at)
    yesterday = day - timedelta(days=1)
    if fitness == "not_fit":
        end_by_fact(EndByFact(inmate_id=inmate_id, on=yesterday, reason="not_fit"), store)
    elif adult_on > day:
        end_by_fact(EndByFact(inmate_id=inmate_id, on=yesterday, reason="under_age"), store)


def _locked(store: Store, ids: Sequence[UUID]) -> list[Placement]:
    found = queries.lock_placements(store, ids)
    if len(found) != len(set(ids)):
        raise PlacementUnknown
    return found
