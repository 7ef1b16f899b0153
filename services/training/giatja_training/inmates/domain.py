"""Inmates and the rules of the register."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_training.facts import InmateChanged, InmateLeft, InmateRegistered

Fitness = Literal["fit", "limited", "not_fit"]
Status = Literal["present", "transferred", "released"]
Departure = Literal["transfer", "release"]
_STATUS_AFTER: dict[Departure, Status] = {"transfer": "transferred", "release": "released"}

ADULT_YEARS = 18


class InmateUnknown(Unknown):
    """No such inmate at this Lapas."""

    id = "Warga binaan ini tidak ditemukan."
    en = "This inmate was not found."


class RegisterNumberTaken(Conflict):
    """Another inmate of this Lapas has that register number."""

    id = "Nomor register {register_number} sudah dipakai."
    en = "Register number {register_number} is already taken."


class InmateHasLeft(Conflict):
    """The inmate is no longer at this Lapas."""

    id = "Warga binaan ini sudah meninggalkan Lapas pada {left_on}."
    en = "This inmate left the Lapas on {left_on}."


class InmateIsHere(Conflict):
    """The inmate is in the register already."""

    id = "Warga binaan ini tercatat ada di Lapas ini."
    en = "This inmate is registered as being here."


class InmateNotAdult(Conflict):
    """The inmate is not yet 18 on the day in question."""

    id = "Belum 18 tahun pada {day}; baru dewasa pada {adult_on}."
    en = "Not yet 18 on {day}; an adult only on {adult_on}."


class InmateNotFit(Conflict):
    """The inmate was found not fit to work."""

    id = "Warga binaan ini dinyatakan tidak sehat untuk bekerja."
    en = "This inmate was found not fit to work."


class DayInFuture(Invalid):
    """What has happened cannot have happened after today."""

    id = "Tanggal ini belum tiba; hari ini {today}."
    en = "This day has not come yet; today is {today}."


def not_in_future(day: date, today: date, *, field: str) -> None:
    """Refuse a day that has not come yet.

    :raises DayInFuture: naming the field.
    """
    if day > today:
        raise DayInFuture(field=field, today=today)


def adult_on(date_of_birth: date) -> date:
    """Return the day somebody turns 18.

    Born on 29 February it is 1 March, since eighteen years after a leap year there is none: the
    earlier reading would let somebody work a day before eighteen full years are over.
    """
    year = date_of_birth.year + ADULT_YEARS
    try:
        return date_of_birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@dataclass(kw_only=True, eq=False)
class Inmate:
    """Somebody in the register of one Lapas; no national number, address, family, photo or crime, ever."""

    lapas_id: str
    id: UUID
    register_number: str
    name: str
    date_of_birth: date
    expected_release: date | None = None
    block: str = ""
    fitness: Fitness = "fit"
    status: Status = "present"
    left_on: date | None = None
    version: int = 1

    @property
    def adult_on(self) -> date:
        """The day of turning 18."""
        return adult_on(self.date_of_birth)

    def registered(self, *, today: date) -> InmateRegistered:
        """Enter the register.

        :raises DayInFuture: born after today.
        """
        not_in_future(self.date_of_birth, today, field="/date_of_birth")
        return InmateRegistered(inmate_id=self.id, adult_on=self.adult_on, fitness=self.fitness)

    def change(
        self,
        *,
        register_number: str,
        name: str,
        date_of_birth: date,
        expected_release: date | None,
        block: str,
        fitness: Fitness,
        today: date,
    ) -> tuple[InmateChanged, ...]:
        """Take over new particulars; others are told only what concerns work.

        :raises InmateHasLeft: the record of somebody who left is closed.
        :raises DayInFuture: born after today.
        """
        self.must_be_present()
        not_in_future(date_of_birth, today, field="/date_of_birth")
        before = (self.adult_on, self.fitness)
        self.register_number, self.name, self.date_of_birth = register_number, name, date_of_birth
        self.expected_release, self.block, self.fitness = expected_release, block, fitness
        if (self.adult_on, self.fitness) == before:
            return ()
        return (InmateChanged(inmate_id=self.id, adult_on=self.adult_on, fitness=self.fitness),)

    def leave(self, *, on: date, reason: Departure, today: date) -> InmateLeft:
        """Leave the Lapas, for another one or for good.

        :raises InmateHasLeft, DayInFuture:
        """
        self.must_be_present()
        not_in_future(on, today, field="/left_on")
        self.status, self.left_on = _STATUS_AFTER[reason], on
        return InmateLeft(inmate_id=self.id, left_on=on, reason=reason)

    def take_over(
        self,
        *,
        register_number: str,
        name: str,
        date_of_birth: date,
        expected_release: date | None,
        block: str,
        fitness: Fitness,
    ) -> None:
        """Take over what the Lapas that sends somebody back knows by now."""
        self.register_number, self.name, self.date_of_birth = register_number, name, date_of_birth
        self.expected_release, self.block, self.fitness = expected_release, block, fitness

    def come_back(self) -> InmateRegistered:
        """Enter the register again.

        :raises InmateIsHere: nobody comes back who is here.
        """
        if self.status == "present":
            raise InmateIsHere
        self.status, self.left_on = "present", None
        return InmateRegistered(inmate_id=self.id, adult_on=self.adult_on, fitness=self.fitness)

    def must_be_present(self, *, field: str | None = None) -> None:
        """Refuse anything new about somebody who is no longer here.

        :raises InmateHasLeft:
        """
        if self.status != "present":
            raise InmateHasLeft(field=field, left_on=self.left_on)

    def must_be_able_to_work(self, *, on: date) -> None:
        """Hold the gates before work: here, not unfit, and 18 on the day.

        :raises InmateHasLeft, InmateNotFit, InmateNotAdult:
        """
        self.must_be_present()
        if self.fitness == "not_fit":
            raise InmateNotFit
        if on < self.adult_on:
            raise InmateNotAdult(day=on, adult_on=self.adult_on)
