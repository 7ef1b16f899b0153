"""Questions about tracking links."""

from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_orders.tracking.domain import LinkUnknown


def followed(store: Store, token_hash: bytes) -> dict[str, Any]:
    """Return what the holder of a link may see of the order: no people, no rates, no notes.

    :raises LinkUnknown: never made, revoked or expired.
    """
    row = store.row(_FOLLOWED, token_hash=token_hash, at=store.at)
    if row is None:
        raise LinkUnknown
    return dict(row)


def drop_link(store: Store, lapas_id: str, order_id: UUID) -> bool:
    """End an order's link; return whether there was one."""
    return bool(
        store.run(
            "DELETE FROM order_tracking WHERE lapas_id = :lapas_id AND order_id = :order_id",
            {"lapas_id": lapas_id, "order_id": order_id},
        )
    )


_FOLLOWED = (
    "SELECT o.number, z.name AS lapas_name, z.zone, o.state, o.accepted_on, o.due_date, o.completed_on,"
    " o.quantity, o.passed, t.expires_on,"
    " (SELECT coalesce(jsonb_agg(jsonb_build_object('product_name', l.product_name, 'unit', l.unit,"
    "   'quantity', l.quantity, 'passed', l.passed, 'due_date', l.due_date, 'completed_on', l.completed_on,"
    "   'stages', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'good', s.good) ORDER BY s.nth), '[]')"
    "     FROM line_stage s WHERE s.lapas_id = l.lapas_id AND s.line_id = l.id)) ORDER BY l.nth), '[]')"
    "   FROM order_line l WHERE l.lapas_id = o.lapas_id AND l.order_id = o.id) AS lines"
    " FROM order_tracking t"
    " JOIN orders o ON o.lapas_id = t.lapas_id AND o.id = t.order_id"
    " JOIN lapas z ON z.lapas_id = o.lapas_id"
    " WHERE t.token_hash = :token_hash"
    " AND t.expires_on >= CAST(CAST(:at AS timestamptz) AT TIME ZONE z.zone AS date)"
)
