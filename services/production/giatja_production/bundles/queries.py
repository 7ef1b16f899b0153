"""Questions about bundles, and the statements that keep what happened to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from giatja_kit.database import Store
from giatja_production.bundles.domain import Bundle, Passage
from giatja_production.bundles.tables import bundle as table

# Of the work order `wo`, or of `:work_order_id`: what bundles hold of each cell, and some of their codes.
HELD: Final = (
    "SELECT h.stage_no, h.cell_no, coalesce(sum(h.pieces) FILTER (WHERE NOT h.in_rework), 0) AS waiting,"
    " coalesce(sum(h.pieces) FILTER (WHERE h.in_rework), 0) AS rework, (array_agg(h.code ORDER BY h.no, h.code))[1 : 4] AS codes"
    " FROM bundle h WHERE h.lapas_id = :lapas_id AND h.work_order_id = :work_order_id AND h.state IN ('open', 'lost')"
)
INSERT_EVENT: Final = (
    "INSERT INTO bundle_event (lapas_id, id, bundle_id, kind, stage_no, pieces, from_rework, good, rework, reject,"
    " other_id, inmate_id, reason, undone, at, by)"
    " VALUES (:lapas_id, :id, :bundle_id, :kind, :stage_no, :pieces, :from_rework, :good, :rework, :reject,"
    " :other_id, :inmate_id, :reason, false, :at, :by)"
)


def bundles(store: Store, ids: Iterable[UUID]) -> dict[UUID, Bundle]:
    """Load bundles, whose work order is locked before."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = store.session.scalars(
        select(Bundle)
        .where(table.c.lapas_id == store.lapas_id, table.c.id.in_(wanted))
        .execution_options(populate_existing=True)
    )
    return {b.id: b for b in found}


def children(store: Store, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many bundles have come out of each."""
    rows = store.rows(
        "SELECT parent_id, count(*) AS children FROM bundle"
        " WHERE lapas_id = :lapas_id AND parent_id = ANY (:ids) GROUP BY parent_id",
        lapas_id=store.lapas_id,
        ids=list(ids),
    )
    return {r["parent_id"]: r["children"] for r in rows}


def last_recorded(store: Store, bundle_id: UUID, stage_no: int) -> Mapping[str, Any] | None:
    """Return by whom and when a bundle was last recorded at a stage."""
    return store.row(
        "SELECT at, by FROM bundle_event WHERE lapas_id = :lapas_id AND bundle_id = :bundle_id AND stage_no = :stage_no"
        " AND kind = 'recorded' AND NOT undone ORDER BY seq DESC LIMIT 1",
        lapas_id=store.lapas_id,
        bundle_id=bundle_id,
        stage_no=stage_no,
    )


def passage(store: Store, bundle_id: UUID, stage_no: int, *, from_rework: bool) -> tuple[UUID, Passage]:
    """Return the passage of a bundle through a stage that counts."""
    row = store.row(
        "SELECT * FROM bundle_event WHERE lapas_id = :lapas_id AND bundle_id = :bundle_id AND stage_no = :stage_no"
        " AND from_rework = :from_rework AND kind = 'recorded' AND NOT undone ORDER BY seq DESC LIMIT 1",
        lapas_id=store.lapas_id,
        bundle_id=bundle_id,
        stage_no=stage_no,
        from_rework=from_rework,
    )
    if row is None:
        raise LookupError(f"no passage of bundle {bundle_id} through stage {stage_no}")
    return row["id"], Passage(
        stage_no=row["stage_no"],
        pieces=row["pieces"],
        from_rework=row["from_rework"],
        good=row["good"],
        rework=row["rework"],
        reject=row["reject"],
        child_id=row["other_id"],
    )


def since(store: Store, event_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what was done with bundles after an event, by bundle."""
    rows = store.rows(
        "SELECT DISTINCT ON (e.bundle_id) e.bundle_id, e.kind FROM bundle_event e"
        " WHERE e.lapas_id = :lapas_id AND e.bundle_id = ANY (:ids) AND NOT e.undone"
        " AND e.kind IN ('recorded', 'split', 'merged', 'dissolved')"
        " AND e.seq > (SELECT seq FROM bundle_event WHERE lapas_id = :lapas_id AND id = :event_id)"
        " ORDER BY e.bundle_id, e.seq DESC",
        lapas_id=store.lapas_id,
        ids=list(ids),
        event_id=event_id,
    )
    return {r["bundle_id"]: r["kind"] for r in rows}


def event(
    store: Store,
    bundle: Bundle,
    kind: str,
    *,
    id_: UUID,
    passage: Passage | None = None,
    other_id: UUID | None = None,
    inmate_id: UUID | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Return the values of :data:`INSERT_EVENT` for something that happened to a bundle."""
    return {
        "lapas_id": bundle.lapas_id,
        "id": id_,
        "bundle_id": bundle.id,
        "kind": kind,
        "stage_no": passage.stage_no if passage else bundle.stage_no,
        "pieces": passage.pieces if passage else bundle.pieces,
        "from_rework": passage.from_rework if passage else bundle.in_rework,
        "good": passage.good if passage else 0,
        "rework": passage.rework if passage else 0,
        "reject": passage.reject if passage else 0,
        "other_id": passage.child_id if passage else other_id,
        "inmate_id": inmate_id,
        "reason": reason,
        "at": store.at,
        "by": store.actor,
    }


def mark_undone(store: Store, event_id: UUID) -> None:
    """Keep that a passage was taken back."""
    store.run(
        "UPDATE bundle_event SET undone = true WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": event_id},
    )
