"""Questions about workshops."""

from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_production.lapas.queries import today
from giatja_production.workshops.domain import WorkshopUnknown

_OPEN = (
    " (SELECT count(*) FROM work_order o WHERE o.lapas_id = w.lapas_id AND o.workshop_id = w.id"
    "  AND o.state IN ('released', 'in_progress', 'on_hold')) AS open_work_orders,"
)
_COLUMNS = (
    " w.id, w.kind, w.name, w.route -> 'stages' AS stages, w.route -> 'defects' AS defects, w.version,"
    " (SELECT t.pieces FROM month_target t WHERE t.lapas_id = w.lapas_id AND t.workshop_id = w.id"
    "  AND t.month = :month) AS month_target"
    " FROM workshop w WHERE w.lapas_id = :lapas_id"
)


def workshops(store: Store) -> dict[str, Any]:
    """Return all workshops of the Lapas; there are a handful."""
    rows = store.rows(
        "SELECT" + _OPEN + _COLUMNS + " ORDER BY lower(w.name), w.id LIMIT 200",
        lapas_id=store.lapas_id,
        month=today(store).replace(day=1),
    )
    return {"items": [dict(r) for r in rows]}


def workshop(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one workshop with its targets, the newest month first.

    :raises WorkshopUnknown: not there, or not for this caller.
    """
    month: date = today(store).replace(day=1)
    row = store.row("SELECT" + _COLUMNS + " AND w.id = :id", lapas_id=store.lapas_id, month=month, id=id_)
    if row is None:
        raise WorkshopUnknown(id=id_)
    targets = store.rows(
        "SELECT to_char(month, 'YYYY-MM') AS month, pieces FROM month_target"
        " WHERE lapas_id = :lapas_id AND workshop_id = :id ORDER BY month_target.month DESC LIMIT 24",
        lapas_id=store.lapas_id,
        id=id_,
    )
    return {**row, "targets": [dict(t) for t in targets]}


def workshop_of_kind(store: Store, kind: str) -> Row | None:
    """Return the id and route of the oldest workshop of a kind, if there is one."""
    return store.row(
        "SELECT id, route FROM workshop WHERE lapas_id = :lapas_id AND kind = :kind ORDER BY id LIMIT 1",
        lapas_id=store.lapas_id,
        kind=kind,
    )


def name_taken(store: Store, name: str, *, but: UUID | None = None) -> bool:
    """Return whether another workshop of this Lapas has the name."""
    return bool(
        store.value(
            "SELECT true FROM workshop WHERE lapas_id = :lapas_id AND lower(name) = lower(:name)"
            " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            name=name,
            but=but,
        )
    )
