"""What is done when training tells something about an inmate."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store


@dataclass(frozen=True, kw_only=True)
class KeepWorker:
    """Know an inmate as the register says it is now."""

    inmate_id: UUID
    adult_on: date
    fitness: str


@dataclass(frozen=True, kw_only=True)
class WorkerLeaves:
    """Know that an inmate left the Lapas."""

    inmate_id: UUID
    left_on: date


@dataclass(frozen=True, kw_only=True)
class KeepPermission:
    """Know that a decree allows an inmate to work in a period."""

    inmate_id: UUID
    permission_id: UUID
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, kw_only=True)
class EndPermission:
    """Know the last day a decree covers."""

    inmate_id: UUID
    permission_id: UUID
    ended_on: date


@dataclass(frozen=True, kw_only=True)
class KeepCompetence:
    """Know that an inmate was found competent."""

    inmate_id: UUID
    competence: str
    awarded_on: date


def register_worker(command: KeepWorker, store: Store) -> None:
    """Keep an inmate who entered the register, for the first time or again."""
    store.run(
        "INSERT INTO worker (lapas_id, inmate_id, adult_on, fitness) VALUES (:lapas_id, :inmate_id, :adult_on, :fitness)"
        " ON CONFLICT (lapas_id, inmate_id)"
        " DO UPDATE SET adult_on = excluded.adult_on, fitness = excluded.fitness, left_on = NULL",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": command.inmate_id,
            "adult_on": command.adult_on,
            "fitness": command.fitness,
        },
    )


def change_worker(command: KeepWorker, store: Store) -> None:
    """Take over a corrected day of adulthood or fitness."""
    store.run(
        "UPDATE worker SET adult_on = :adult_on, fitness = :fitness"
        " WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": command.inmate_id,
            "adult_on": command.adult_on,
            "fitness": command.fitness,
        },
    )


def let_worker_go(command: WorkerLeaves, store: Store) -> None:
    """Keep the day an inmate left."""
    store.run(
        "UPDATE worker SET left_on = :left_on WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
        {"lapas_id": store.lapas_id, "inmate_id": command.inmate_id, "left_on": command.left_on},
    )


def keep_permission(command: KeepPermission, store: Store) -> None:
    """Keep the period of a decree."""
    store.run(
        "INSERT INTO work_permission (lapas_id, inmate_id, permission_id, valid_from, valid_until)"
        " VALUES (:lapas_id, :inmate_id, :permission_id, :valid_from, :valid_until)"
        " ON CONFLICT (lapas_id, inmate_id, permission_id)"
        " DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": command.inmate_id,
            "permission_id": command.permission_id,
            "valid_from": command.valid_from,
            "valid_until": command.valid_until,
        },
    )


def end_permission(command: EndPermission, store: Store) -> None:
    """Shorten the period of a decree to its last day; a day before it began leaves no day at all."""
    store.run(
        "UPDATE work_permission SET valid_until = LEAST(valid_until, :ended_on)"
        " WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND permission_id = :permission_id",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": command.inmate_id,
            "permission_id": command.permission_id,
            "ended_on": command.ended_on,
        },
    )


def keep_competence(command: KeepCompetence, store: Store) -> None:
    """Keep what an inmate was found competent in; the first day stays."""
    store.run(
        "INSERT INTO worker_competence (lapas_id, inmate_id, competence, awarded_on)"
        " VALUES (:lapas_id, :inmate_id, :competence, :awarded_on) ON CONFLICT DO NOTHING",
        {
            "lapas_id": store.lapas_id,
            "inmate_id": command.inmate_id,
            "competence": command.competence,
            "awarded_on": command.awarded_on,
        },
    )
