"""Questions about competences."""

from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.inmates.domain import InmateUnknown


def catalogue(store: Store) -> list[dict[str, Any]]:
    """Return the competences of the caller's Lapas, with how many inmates here hold each."""
    rows = store.rows(
        "SELECT c.key, c.name, c.name_en, c.workshop_kind, c.active, (SELECT count(*) FROM competence_award a"
        " JOIN inmate i ON i.lapas_id = a.lapas_id AND i.id = a.inmate_id AND i.status = 'present'"
        " WHERE a.lapas_id = c.lapas_id AND a.competence = c.key) AS holders"
        " FROM competence c WHERE c.lapas_id = :lapas_id ORDER BY c.workshop_kind, c.name",
        lapas_id=store.lapas_id,
    )
    return [dict(r) for r in rows]


def awards_of(store: Store, inmate_id: UUID) -> list[dict[str, Any]]:
    """Return what an inmate was found competent in, the first award first.

    :raises InmateUnknown: no such inmate for this caller.
    """
    rows = store.rows(
        "SELECT i.id, a.competence, c.name, c.name_en, c.workshop_kind, a.awarded_on, a.awarded_by, a.note"
        " FROM inmate i LEFT JOIN competence_award a ON a.lapas_id = i.lapas_id AND a.inmate_id = i.id"
        " LEFT JOIN competence c ON c.lapas_id = a.lapas_id AND c.key = a.competence"
        " WHERE i.id = :id ORDER BY a.awarded_on, a.competence",
        id=inmate_id,
    )
    if not rows:
        raise InmateUnknown(id=inmate_id)
    return [{k: v for k, v in row.items() if k != "id"} for row in rows if row["competence"] is not None]


def is_offered(store: Store, key: str) -> bool:
    """Return whether the caller's Lapas has the competence in its catalogue."""
    return bool(
        store.value(
            "SELECT true FROM competence WHERE lapas_id = :lapas_id AND key = :key AND active",
            lapas_id=store.lapas_id,
            key=key,
        )
    )


def awarded_on(store: Store, inmate_id: UUID, key: str) -> date | None:
    """Return the day on which the inmate was found competent, if it happened."""
    day: date | None = store.value(
        "SELECT awarded_on FROM competence_award"
        " WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND competence = :key",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
        key=key,
    )
    return day
