"""Questions about work permissions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery, page
from giatja_training.inmates.domain import InmateUnknown
from giatja_training.permits.domain import Requirement, WorkPermit, WorkPermitUnknown
from giatja_training.permits.tables import work_permit

_COLUMNS = (
    "id, inmate_id, state, checklist, note, proposed_on, proposed_by, decided_on, decided_by, decision_note, sk_number,"
    " valid_from, valid_until, issued_by, ended_on, end_reason, end_note, ended_by, version"
)


def permit(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one permission.

    :raises WorkPermitUnknown: not there, or not for this caller.
    """
    row = store.row(f"SELECT {_COLUMNS} FROM work_permit WHERE id = :id", id=id)  # noqa: S608 - a constant
    if row is None:
        raise WorkPermitUnknown(id=id)
    return dict(row)


def permits_of(store: Store, inmate_id: UUID) -> list[dict[str, Any]]:
    """Return all permissions of one inmate, the newest first.

    :raises InmateUnknown: no such inmate for this caller.
    """
    rows = store.rows(
        f"SELECT i.id AS of, p.* FROM inmate i LEFT JOIN (SELECT lapas_id, {_COLUMNS} FROM work_permit) p"  # noqa: S608 - a constant
        " ON p.lapas_id = i.lapas_id AND p.inmate_id = i.id WHERE i.id = :id ORDER BY p.proposed_on DESC, p.id DESC",
        id=inmate_id,
    )
    if not rows:
        raise InmateUnknown(id=inmate_id)
    return [{k: v for k, v in row.items() if k not in ("of", "lapas_id")} for row in rows if row["id"] is not None]


def permits(store: Store, query: PageQuery, *, state: str) -> dict[str, Any]:
    """Return a page of the permissions in a state, the longest waiting first, with whose they are."""
    after = query.after(2)
    rows = store.rows(
        "SELECT p.id, p.inmate_id, i.name, i.register_number, p.state, p.proposed_on, p.decided_on, p.sk_number,"
        " p.valid_from, p.valid_until, p.version"
        " FROM work_permit p JOIN inmate i ON i.lapas_id = p.lapas_id AND i.id = p.inmate_id"
        " WHERE p.state = :state AND (CAST(:after_day AS date) IS NULL"
        " OR (p.proposed_on, p.id) > (CAST(:after_day AS date), CAST(:after_id AS uuid)))"
        " ORDER BY p.proposed_on, p.id LIMIT :limit",
        state=state,
        after_day=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("proposed_on", "id"))


def inmate_of(store: Store, permit_id: UUID) -> UUID:
    """Return whose permission it is.

    :raises WorkPermitUnknown: not there, or not for this caller.
    """
    inmate_id: UUID | None = store.value("SELECT inmate_id FROM work_permit WHERE id = :id", id=permit_id)
    if inmate_id is None:
        raise WorkPermitUnknown(id=permit_id)
    return inmate_id


def open_proposal(store: Store, inmate_id: UUID) -> str | None:
    """Return the state of the inmate's open proposal, if there is one."""
    state: str | None = store.value(
        "SELECT state FROM work_permit WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id"
        " AND state IN ('proposed', 'deferred', 'approved')",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return state


def active_permit(store: Store, inmate_id: UUID) -> UUID | None:
    """Return the inmate's active permission, if there is one."""
    identifier: UUID | None = store.value(
        "SELECT id FROM work_permit WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND state = 'active'",
        lapas_id=store.lapas_id,
        inmate_id=inmate_id,
    )
    return identifier


def unfinished(store: Store, inmate_ids: Sequence[UUID]) -> list[WorkPermit]:
    """Load and lock the active permissions and the open proposals of people, always in the same sequence."""
    query = (
        select(WorkPermit)
        .where(
            work_permit.c.lapas_id == store.lapas_id,
            work_permit.c.inmate_id.in_(list(inmate_ids)),
            work_permit.c.state.in_(("active", "proposed", "deferred", "approved")),
        )
        .order_by(work_permit.c.inmate_id, work_permit.c.id)
        .with_for_update()
    )
    return list(store.session.scalars(query))


def requirements_of_lapas(store: Store) -> tuple[Requirement, ...]:
    """Return the checklist of the caller's Lapas, nothing ticked."""
    rows = store.rows(
        "SELECT key, name, name_en FROM permit_requirement WHERE lapas_id = :lapas_id AND active ORDER BY position",
        lapas_id=store.lapas_id,
    )
    return tuple(Requirement(**r) for r in rows)
