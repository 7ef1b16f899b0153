"""The facts the training service tells: who may work, and who was found competent. Never a name."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from giatja_kit.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class AboutInmate(Fact):
    """A fact about one inmate; all of them are heard in order."""

    subject: ClassVar[str] = "inmate_id"

    inmate_id: UUID


@dataclass(frozen=True, kw_only=True)
class InmateRegistered(AboutInmate):
    """An inmate entered the register. Others learn the day of adulthood, not the day of birth."""

    type: ClassVar[str] = "giatja.training.inmate_registered.v1"

    adult_on: date
    fitness: str


@dataclass(frozen=True, kw_only=True)
class InmateChanged(AboutInmate):
    """The day of adulthood or the fitness of an inmate was corrected."""

    type: ClassVar[str] = "giatja.training.inmate_changed.v1"

    adult_on: date
    fitness: str


@dataclass(frozen=True, kw_only=True)
class InmateLeft(AboutInmate):
    """An inmate left this Lapas, by ``transfer`` or ``release``."""

    type: ClassVar[str] = "giatja.training.inmate_left.v1"

    left_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkPermissionGranted(AboutInmate):
    """An SK allows an inmate to work, from a day and, where it says so, until a day."""

    type: ClassVar[str] = "giatja.training.work_permission_granted.v1"

    permission_id: UUID
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, kw_only=True)
class WorkPermissionEnded(AboutInmate):
    """A work permission ended; ``ended_on`` is the last day it covers."""

    type: ClassVar[str] = "giatja.training.work_permission_ended.v1"

    permission_id: UUID
    ended_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class CompetenceAwarded(AboutInmate):
    """An inmate was found competent."""

    type: ClassVar[str] = "giatja.training.competence_awarded.v1"

    competence: str
    awarded_on: date
