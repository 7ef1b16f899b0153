"""Rules about leaving together, coming back, and arriving elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_training.inmates.domain import Departure, Fitness


class DepartureUnknown(Unknown):
    """No such departure at this Lapas."""

    id = "Kepergian bersama ini tidak ditemukan."
    en = "This departure was not found."


class ArrivalUnknown(Unknown):
    """No such arrival at this Lapas."""

    id = "Kedatangan ini tidak ditemukan."
    en = "This arrival was not found."


class ArrivalDecided(Conflict):
    """Somebody took or declined it before, or it was withdrawn."""

    id = "Kedatangan ini sudah diputuskan ({state})."
    en = "This arrival was decided already ({state})."


class DestinationUnknown(Invalid):
    """No such Lapas in this deployment; another destination is written out."""

    id = "Lapas tujuan {lapas} tidak ada di sini. Tulis namanya bila di luar wilayah ini."
    en = "There is no Lapas {lapas} here. Write its name if it is outside this region."


class DestinationIsHere(Invalid):
    """Nobody is moved to where they are."""

    id = "Tujuan pindah sama dengan Lapas ini."
    en = "The destination is this Lapas itself."


class DestinationOfRelease(Invalid):
    """Whoever is released goes home."""

    id = "Pembebasan tidak punya Lapas tujuan."
    en = "A release has no Lapas to go to."


class PersonTwice(Invalid):
    """The same person is named twice."""

    id = "Orang ini disebut dua kali."
    en = "This person is named twice."


class ReturnedAlready(Conflict):
    """The person is here, as far as this departure goes."""

    id = "Warga binaan ini sudah dicatat kembali."
    en = "This inmate was registered again already."


class TakenElsewhere(Conflict):
    """The other Lapas has the person in its register; it has to send them back."""

    id = "Warga binaan ini sudah diterima di {destination}. Minta Lapas itu memindahkannya kembali."
    en = "This inmate was received by {destination}. Ask that Lapas to transfer them back."


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Where many go together, and when."""

    left_on: date
    reason: Departure
    destination_lapas: str | None
    destination: str

    def must_lead_somewhere(self, lapas_id: str) -> None:
        """Let pass a transfer to elsewhere and a release to nowhere.

        :raises DestinationIsHere, DestinationOfRelease:
        """
        if self.reason == "release" and self.destination_lapas is not None:
            raise DestinationOfRelease(field="/destination_lapas")
        if self.destination_lapas == lapas_id:
            raise DestinationIsHere(field="/destination_lapas")


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody another Lapas sent, with what this one needs to enter them in its register.

    :param competences: what they were found competent in there, and when.
    """

    departure_id: UUID
    inmate_id: UUID
    from_name: str
    register_number: str
    name: str
    date_of_birth: date
    expected_release: date | None
    fitness: Fitness
    competences: Mapping[str, Any]
    state: str

    def must_wait(self, *, at: str) -> None:
        """Let pass what nobody has decided.

        :raises ArrivalDecided: naming the field.
        """
        if self.state != "waiting":
            raise ArrivalDecided(field=at, state=self.state)
