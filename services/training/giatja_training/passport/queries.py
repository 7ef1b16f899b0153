"""Questions about practice and evidence."""

from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_training.competences.queries import awards_of
from giatja_training.inmates.queries import inmate
from giatja_training.permits.queries import permits_of


def passport(store: Store, inmate_id: UUID) -> dict[str, Any]:
    """Return everything a passport shows.

    :raises InmateUnknown: not there, or not for this caller.
    """
    person = inmate(store, inmate_id)
    lapas_id = person["lapas_id"]
    return {
        "inmate": person,
        "permits": permits_of(store, inmate_id),
        "competences": awards_of(store, inmate_id),
        "practice": _practice(store, lapas_id, inmate_id),
        "evidence": _evidence(store, lapas_id, inmate_id),
        "totals": _totals(store, lapas_id, inmate_id),
    }


def own_record(store: Store, inmate_id: UUID) -> dict[str, Any]:
    """Return the whole of an inmate's own record, practice day by day.

    :raises InmateUnknown: not there, or not for this caller.
    """
    shown = passport(store, inmate_id)
    days = store.rows(
        "SELECT work_date, workshop_kind, product_name, stage, competence, pieces, minutes, order_id, work_order_id"
        " FROM practice WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id"
        " ORDER BY work_date, stage, work_order_id",
        lapas_id=shown["inmate"]["lapas_id"],
        inmate_id=inmate_id,
    )
    return {**shown, "practice_days": [dict(d) for d in days]}


def _practice(store: Store, lapas_id: str, inmate_id: UUID) -> list[dict[str, Any]]:
    rows = store.rows(
        "SELECT p.workshop_kind, p.competence, c.name AS competence_name, c.name_en AS competence_name_en, p.stage,"
        " to_char(p.work_date, 'YYYY-MM') AS month, sum(p.pieces)::int AS pieces, sum(p.minutes)::int AS minutes,"
        " count(DISTINCT p.work_date)::int AS days"
        " FROM practice p LEFT JOIN competence c ON c.lapas_id = p.lapas_id AND c.key = p.competence"
        " WHERE p.lapas_id = :lapas_id AND p.inmate_id = :inmate_id"
        " GROUP BY p.workshop_kind, p.competence, c.name, c.name_en, p.stage, to_char(p.work_date, 'YYYY-MM')"
        " ORDER BY month, p.workshop_kind, p.stage",
        lapas_id=lapas_id,
        inmate_id=inmate_id,
    )
    return [dict(r) for r in rows]


def _evidence(store: Store, lapas_id: str, inmate_id: UUID) -> list[dict[str, Any]]:
    rows = store.rows(
        """
        WITH work AS (
            SELECT order_id, product_name, stage, sum(pieces)::int AS pieces, sum(minutes)::int AS minutes,
                min(work_date) AS first_day, max(work_date) AS last_day
            FROM practice WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id
            GROUP BY order_id, product_name, stage
        )
        SELECT o.order_id, o.number, o.partner_name, o.completed_on, o.on_time,
            sum(w.pieces)::int AS pieces, sum(w.minutes)::int AS minutes,
            min(w.first_day) AS first_day, max(w.last_day) AS last_day,
            jsonb_agg(jsonb_build_object('product_name', w.product_name, 'stage', w.stage, 'pieces', w.pieces,
                'minutes', w.minutes) ORDER BY w.product_name, w.first_day, w.stage) AS work
        FROM completed_order o JOIN work w ON w.order_id = o.order_id
        WHERE o.lapas_id = :lapas_id
        GROUP BY o.order_id, o.number, o.partner_name, o.completed_on, o.on_time
        ORDER BY o.completed_on DESC, o.number DESC
        """,
        lapas_id=lapas_id,
        inmate_id=inmate_id,
    )
    return [dict(r) for r in rows]


def _totals(store: Store, lapas_id: str, inmate_id: UUID) -> dict[str, Any]:
    row = store.row(
        "SELECT coalesce(sum(minutes), 0)::int AS minutes, coalesce(sum(pieces), 0)::int AS pieces,"
        " count(DISTINCT work_date)::int AS days, count(DISTINCT order_id)::int AS orders,"
        " min(work_date) AS first_day, max(work_date) AS last_day"
        " FROM practice WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id",
        lapas_id=lapas_id,
        inmate_id=inmate_id,
    )
    return dict(row or {})
