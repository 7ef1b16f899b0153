"""What may be asked for about competences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.competences import queries
from giatja_training.competences.domain import (
    SHIPPED_COMPETENCES,
    AlreadyCompetent,
    Competence,
    CompetenceAward,
    CompetenceKeyTaken,
    CompetenceUnknown,
    award,
)
from giatja_training.facts import CompetenceAwarded
from giatja_training.inmates.domain import Inmate, InmateUnknown
from giatja_training.lapas.queries import today


@dataclass(frozen=True, kw_only=True)
class AddCompetence:
    """Add something that can be learned here."""

    competence: Competence


@dataclass(frozen=True, kw_only=True)
class AwardCompetence:
    """Find an inmate competent."""

    inmate_id: UUID
    competence: str
    awarded_on: date
    note: str = ""


def add_competence(command: AddCompetence, store: Store) -> None:
    """Add a competence to the catalogue of the caller's Lapas.

    :raises CompetenceKeyTaken:
    """
    if _put(store.lapas_id, command.competence, store) == 0:
        raise CompetenceKeyTaken(field="/key", key=command.competence.key)


def award_competence(command: AwardCompetence, store: Store) -> None:
    """Find an inmate competent, on a day, in the name of whoever asks.

    :raises InmateUnknown, InmateHasLeft, CompetenceUnknown, AlreadyCompetent, DayInFuture:
    """
    inmate = store.get(Inmate, command.inmate_id, missing=InmateUnknown)
    if not queries.is_offered(store, command.competence):
        raise CompetenceUnknown(field="/competence", competence=command.competence)
    before = queries.awarded_on(store, inmate.id, command.competence)
    if before is not None:
        raise AlreadyCompetent(field="/competence", awarded_on=before)
    given, fact = award(
        inmate,
        command.competence,
        on=command.awarded_on,
        by=store.actor,
        note=command.note,
        today=today(store),
    )
    store.add(given)
    store.tell(fact)


def keep_awards(inmate: Inmate, awarded: Mapping[str, date], store: Store, *, note: str) -> None:
    """Keep what somebody who arrived was found competent in elsewhere, as far as it is offered here."""
    for competence, day in awarded.items():
        if queries.is_offered(store, competence) and queries.awarded_on(store, inmate.id, competence) is None:
            store.add(
                CompetenceAward(
                    lapas_id=store.lapas_id,
                    inmate_id=inmate.id,
                    competence=competence,
                    awarded_on=day,
                    awarded_by=store.actor,
                    note=note,
                )
            )
            store.tell(CompetenceAwarded(inmate_id=inmate.id, competence=competence, awarded_on=day))


def ship_catalogue(lapas_id: str, store: Store) -> None:
    """Give a Lapas the competences it may start from; what it has is left alone."""
    for competence in SHIPPED_COMPETENCES:
        _put(lapas_id, competence, store)


def _put(lapas_id: str, competence: Competence, store: Store) -> int:
    return store.run(
        "INSERT INTO competence (lapas_id, key, name, name_en, workshop_kind, active)"
        " VALUES (:lapas_id, :key, :name, :name_en, :workshop_kind, true) ON CONFLICT DO NOTHING",
        {"lapas_id": lapas_id, **vars(competence)},
    )
