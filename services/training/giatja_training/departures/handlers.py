"""What may be asked for about departures and arrivals.

Some of it concerns two Lapas. The transaction then looks at the other one for one statement at a time, and at
no more of it than the row it hands over (decision 0014).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.competences import handlers as competences
from giatja_training.departures import queries
from giatja_training.departures.domain import (
    ArrivalUnknown,
    DepartureUnknown,
    DestinationUnknown,
    Leaving,
    PersonTwice,
    ReturnedAlready,
    TakenElsewhere,
)
from giatja_training.inmates.domain import Departure, Inmate, InmateUnknown
from giatja_training.inmates.handlers import number_must_be_free
from giatja_training.inmates.queries import lock_many
from giatja_training.lapas.queries import today
from giatja_training.permits import handlers as permits


@dataclass(frozen=True, kw_only=True)
class LetManyLeave:
    """Note that many left together, by transfer or release."""

    id: UUID
    inmate_ids: Sequence[UUID]
    left_on: date
    reason: Departure
    destination_lapas: str | None
    destination: str
    note: str


@dataclass(frozen=True, kw_only=True)
class BringBack:
    """Register people of a departure again: they came back, or never went."""

    id: UUID
    inmate_ids: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class Received:
    """Somebody who arrived, with the register number and the block they get here."""

    departure_id: UUID
    inmate_id: UUID
    register_number: str
    block: str


@dataclass(frozen=True, kw_only=True)
class TakeArrivals:
    """Enter people who arrived in the register."""

    people: Sequence[Received]


@dataclass(frozen=True, kw_only=True)
class DeclineArrivals:
    """Say that people did not arrive here."""

    people: Sequence[tuple[UUID, UUID]]


def let_many_leave(command: LetManyLeave, store: Store) -> None:
    """Note that many left in one act; permissions to work end the same day, and each is told on its own.

    :raises InmateUnknown, InmateHasLeft, PersonTwice: naming the person.
    :raises DayInFuture, DestinationUnknown, DestinationIsHere, DestinationOfRelease:
    """
    leaving = Leaving(
        left_on=command.left_on,
        reason=command.reason,
        destination_lapas=command.destination_lapas,
        destination=command.destination,
    )
    leaving.must_lead_somewhere(store.lapas_id)
    name = _name_of(leaving, store)
    day = today(store)
    found = lock_many(store, command.inmate_ids)
    for nth, inmate_id in enumerate(command.inmate_ids):
        at = f"/inmate_ids/{nth}"
        inmate = found.get(inmate_id)
        if inmate is None:
            raise InmateUnknown(field=at)
        if inmate_id in command.inmate_ids[:nth]:
            raise PersonTwice(field=at)
        inmate.must_be_present(field=at)
    gone = [found[i] for i in command.inmate_ids]
    told = [inmate.leave(on=command.left_on, reason=command.reason, today=day) for inmate in gone]
    permits.close_all(gone, store, on=command.left_on, reason=command.reason)
    store.tell(*told)
    queries.insert_departure(store, command.id, leaving, destination=name, note=command.note)
    queries.insert_departing(store, command.id, command.inmate_ids)
    if command.destination_lapas is not None:
        queries.hand_over(store, command.id, command.destination_lapas, leaving, gone)


def _name_of(leaving: Leaving, store: Store) -> str:
    if leaving.destination_lapas is None:
        return leaving.destination
    name = queries.name_of_lapas(store, leaving.destination_lapas)
    if name is None:
        raise DestinationUnknown(field="/destination_lapas", lapas=leaving.destination_lapas)
    return name


def bring_back(command: BringBack, store: Store) -> None:
    """Register people of a departure again, those still underway included; each is told on its own.

    :raises DepartureUnknown, InmateUnknown, ReturnedAlready, TakenElsewhere:
    """
    departure = queries.departure(store, command.id)
    if departure is None:
        raise DepartureUnknown(id=command.id)
    there = departure["destination_lapas"]
    if there is not None:
        taken = queries.withdraw(store, command.id, there, command.inmate_ids)
        for nth, inmate_id in enumerate(command.inmate_ids):
            if inmate_id in taken:
                raise TakenElsewhere(field=f"/inmate_ids/{nth}", destination=departure["destination"])
    found = lock_many(store, command.inmate_ids)
    away = queries.mark_returned(store, command.id, command.inmate_ids)
    for nth, inmate_id in enumerate(command.inmate_ids):
        inmate = found.get(inmate_id)
        if inmate is None:
            raise InmateUnknown(field=f"/inmate_ids/{nth}")
        if inmate_id not in away:
            raise ReturnedAlready(field=f"/inmate_ids/{nth}")
        store.tell(inmate.come_back())


def take_arrivals(command: TakeArrivals, store: Store) -> None:
    """Enter people who arrived in the register here, under the id they had, with what they are competent in.

    :raises ArrivalUnknown, ArrivalDecided, RegisterNumberTaken: naming the person.
    """
    waiting = queries.lock_arrivals(store, [(p.departure_id, p.inmate_id) for p in command.people])
    known = lock_many(store, [p.inmate_id for p in command.people])
    day = today(store)
    for nth, person in enumerate(command.people):
        arrival = waiting.get((person.departure_id, person.inmate_id))
        if arrival is None:
            raise ArrivalUnknown(field=f"/people/{nth}")
        arrival.must_wait(at=f"/people/{nth}")
        number_must_be_free(store, person.register_number, but=person.inmate_id, field=f"/people/{nth}/register_number")
        inmate = known.get(person.inmate_id)
        if inmate is None:
            inmate = Inmate(
                lapas_id=store.lapas_id,
                id=arrival.inmate_id,
                register_number=person.register_number,
                name=arrival.name,
                date_of_birth=arrival.date_of_birth,
                expected_release=arrival.expected_release,
                block=person.block,
                fitness=arrival.fitness,
            )
            store.add(inmate)
            store.tell(inmate.registered(today=day))
        else:
            inmate.take_over(
                register_number=person.register_number,
                name=arrival.name,
                date_of_birth=arrival.date_of_birth,
                expected_release=arrival.expected_release,
                block=person.block,
                fitness=arrival.fitness,
            )
            store.tell(inmate.come_back())
        store.session.flush()
        competences.keep_awards(inmate, _days(arrival.competences), store, note=arrival.from_name)
    queries.decide_arrivals(store, [(p.departure_id, p.inmate_id) for p in command.people], state="taken")


def _days(competences_: Mapping[str, str]) -> dict[str, date]:
    return {key: date.fromisoformat(day) for key, day in competences_.items()}


def decline_arrivals(command: DeclineArrivals, store: Store) -> None:
    """Say that people did not arrive here; whoever sent them may register them again.

    :raises ArrivalUnknown, ArrivalDecided:
    """
    waiting = queries.lock_arrivals(store, command.people)
    for nth, key in enumerate(command.people):
        arrival = waiting.get(key)
        if arrival is None:
            raise ArrivalUnknown(field=f"/people/{nth}")
        arrival.must_wait(at=f"/people/{nth}")
    queries.decide_arrivals(store, command.people, state="declined")
