"""Who may work on a day: in this Lapas, adult, fit, and with a decree (SK) that covers the day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown


class WorkerUnknown(Unknown):
    """No such inmate at this Lapas."""

    id = "Warga binaan ini tidak ditemukan."
    en = "This inmate was not found."


class InmateUnknown(Invalid):
    """No inmate of this Lapas has that id; one of another Lapas looks the same."""

    id = "Warga binaan ini tidak terdaftar di Lapas ini."
    en = "This inmate is not registered at this Lapas."


class InmateLeft(Conflict):
    """The inmate had left the Lapas before that day."""

    id = "Warga binaan ini sudah keluar dari Lapas pada {left_on}."
    en = "This inmate left the Lapas on {left_on}."


class InmateUnderAge(Conflict):
    """The inmate was not 18 yet on that day."""

    id = "Warga binaan ini baru berumur 18 tahun pada {adult_on}; belum boleh bekerja pada {work_date}."
    en = "This inmate turns 18 on {adult_on} and may not work on {work_date}."


class InmateNotFit(Conflict):
    """The inmate was found not fit for work."""

    id = "Warga binaan ini dinyatakan tidak sehat untuk bekerja."
    en = "This inmate was found not fit for work."


class NoWorkPermission(Conflict):
    """No decree covers that day."""

    id = "Tidak ada SK kerja yang berlaku untuk warga binaan ini pada {work_date}."
    en = "No work permission (SK) of this inmate covers {work_date}."


@dataclass(frozen=True, kw_only=True)
class Worker:
    """An inmate as this service knows one, seen on one day.

    :param permitted: whether a decree covers the day.
    """

    inmate_id: UUID
    adult_on: date
    fitness: str
    left_on: date | None
    permitted: bool

    def must_be_allowed_on(self, work_date: date, *, field: str) -> None:
        """Let pass who may work on a day; the day of leaving is still a day of work.

        :raises InmateLeft, InmateUnderAge, InmateNotFit, NoWorkPermission: naming ``field``.
        """
        if self.left_on is not None and work_date > self.left_on:
            raise InmateLeft(field=field, left_on=str(self.left_on))
        if work_date < self.adult_on:
            raise InmateUnderAge(field=field, adult_on=str(self.adult_on), work_date=str(work_date))
        if self.fitness == "not_fit":
            raise InmateNotFit(field=field)
        if not self.permitted:
            raise NoWorkPermission(field=field, work_date=str(work_date))
