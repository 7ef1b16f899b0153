"""What may be asked for about inmates."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.inmates import queries
from giatja_training.inmates.domain import Departure, Fitness, Inmate, InmateUnknown, RegisterNumberTaken
from giatja_training.lapas.queries import today
from giatja_training.permits import handlers as permits


@dataclass(frozen=True, kw_only=True)
class RegisterInmate:
    """Enter somebody in the register."""

    id: UUID
    register_number: str
    name: str
    date_of_birth: date
    expected_release: date | None = None
    block: str = ""
    fitness: Fitness = "fit"


@dataclass(frozen=True, kw_only=True)
class ChangeInmate:
    """Correct the particulars of somebody in the register."""

    id: UUID
    version: int | None
    register_number: str
    name: str
    date_of_birth: date
    expected_release: date | None
    block: str
    fitness: Fitness


@dataclass(frozen=True, kw_only=True)
class LetInmateLeave:
    """Note that somebody left, by transfer or release."""

    id: UUID
    version: int | None
    left_on: date
    reason: Departure


@dataclass(frozen=True, kw_only=True)
class LetInmateReturn:
    """Enter somebody who left in the register again."""

    id: UUID
    version: int | None


def register_inmate(command: RegisterInmate, store: Store) -> None:
    """Enter somebody in the register of the caller's Lapas.

    :raises RegisterNumberTaken, DayInFuture:
    """
    number_must_be_free(store, command.register_number)
    inmate = Inmate(
        lapas_id=store.lapas_id,
        id=command.id,
        register_number=command.register_number,
        name=command.name,
        date_of_birth=command.date_of_birth,
        expected_release=command.expected_release,
        block=command.block,
        fitness=command.fitness,
    )
    store.tell(inmate.registered(today=today(store)))
    store.add(inmate)


def change_inmate(command: ChangeInmate, store: Store) -> None:
    """Correct somebody's particulars.

    :raises InmateUnknown, Stale, InmateHasLeft, RegisterNumberTaken, DayInFuture:
    """
    inmate = store.get(Inmate, command.id, version=command.version, missing=InmateUnknown)
    number_must_be_free(store, command.register_number, but=command.id)
    facts = inmate.change(
        register_number=command.register_number,
        name=command.name,
        date_of_birth=command.date_of_birth,
        expected_release=command.expected_release,
        block=command.block,
        fitness=command.fitness,
        today=today(store),
    )
    store.tell(*facts)


def let_inmate_leave(command: LetInmateLeave, store: Store) -> None:
    """Note that somebody left; a permission to work ends the same day.

    :raises InmateUnknown, Stale, InmateHasLeft, DayInFuture:
    """
    inmate = store.get(Inmate, command.id, version=command.version, missing=InmateUnknown)
    left = inmate.leave(on=command.left_on, reason=command.reason, today=today(store))
    permits.close_all([inmate], store, on=command.left_on, reason=command.reason)
    store.tell(left)


def let_inmate_return(command: LetInmateReturn, store: Store) -> None:
    """Enter somebody in the register again who left; a permission to work has to be given anew.

    :raises InmateUnknown, Stale, InmateIsHere:
    """
    inmate = store.get(Inmate, command.id, version=command.version, missing=InmateUnknown)
    store.tell(inmate.come_back())


def number_must_be_free(
    store: Store, register_number: str, *, but: UUID | None = None, field: str = "/register_number"
) -> None:
    """Let pass a register number nobody else has; nobody else can take it until the end.

    :raises RegisterNumberTaken: naming the field.
    """
    if queries.register_number_taken(store, register_number, but=but):
        raise RegisterNumberTaken(field=field, register_number=register_number)
