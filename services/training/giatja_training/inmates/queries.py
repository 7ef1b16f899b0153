"""Questions about inmates.

A cursor of a list carries only the id of the last row, never its name: cursors stand in addresses,
and addresses stand in logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from giatja_kit.database import Store
from giatja_kit.paging import CursorMalformed, PageQuery, page
from giatja_training.inmates.domain import Inmate, InmateUnknown, adult_on
from giatja_training.inmates.tables import inmate as register
from giatja_training.lapas.queries import today

SOON_DAYS = 30
_COLUMNS = (
    "id, register_number, name, date_of_birth, expected_release, block, fitness, status, left_on, version, lapas_id"
)
# How far somebody's permission to work has come on a day: one word for the list and its filter.
_STANDING = f"""
    CASE
        WHEN a.id IS NOT NULL AND a.valid_until < :today THEN 'expired'
        WHEN a.id IS NOT NULL AND a.valid_from > :today THEN 'upcoming'
        WHEN a.id IS NOT NULL AND a.valid_until <= CAST(:today AS date) + {SOON_DAYS} THEN 'expiring'
        WHEN a.id IS NOT NULL THEN 'active'
        ELSE coalesce(w.state, 'none')
    END"""
_WITH_PERMIT = """
    LEFT JOIN work_permit a ON a.lapas_id = i.lapas_id AND a.inmate_id = i.id AND a.state = 'active'
    LEFT JOIN work_permit w ON w.lapas_id = i.lapas_id AND w.inmate_id = i.id
        AND w.state IN ('proposed', 'deferred', 'approved')"""
_SORTS = {
    "name": "(name, id) > (SELECT name, id FROM found WHERE id = CAST(:after AS uuid)) ORDER BY name, id",
    "-name": "(name, id) < (SELECT name, id FROM found WHERE id = CAST(:after AS uuid)) ORDER BY name DESC, id DESC",
    "register_number": "(register_number, id) > (SELECT register_number, id FROM found"
    " WHERE id = CAST(:after AS uuid)) ORDER BY register_number, id",
    "-register_number": "(register_number, id) < (SELECT register_number, id FROM found"
    " WHERE id = CAST(:after AS uuid)) ORDER BY register_number DESC, id DESC",
    "expected_release": "(release_key, id) > (SELECT release_key, id FROM found WHERE id = CAST(:after AS uuid))"
    " ORDER BY release_key, id",
    "-expected_release": "(release_key, id) < (SELECT release_key, id FROM found WHERE id = CAST(:after AS uuid))"
    " ORDER BY release_key DESC, id DESC",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """How the register is narrowed; ``name`` is only ever sent in a body."""

    name: str | None = None
    number: str | None = None
    status: str | None = None
    permit: str | None = None
    competence: str | None = None
    block: str | None = None
    fitness: str | None = None
    sort: str = "name"


def inmates(store: Store, query: PageQuery, narrowing: Narrowing) -> dict[str, Any]:
    """Return a page of the register, with how many there are in all.

    ``permit`` is one of the standings, or ``works`` for whoever may work today.
    """
    after = query.after(1)
    beyond, order = _SORTS[narrowing.sort].split(" ORDER BY ")
    rows = store.rows(
        f"""
        WITH found AS (
            SELECT i.lapas_id, i.id, i.register_number, i.name, i.block, i.fitness, i.status, i.left_on,
                i.expected_release, coalesce(i.expected_release, 'infinity') AS release_key, i.version,
                {_STANDING} AS permit, a.sk_number, a.valid_from, a.valid_until
            FROM inmate i {_WITH_PERMIT}
            WHERE (CAST(:name AS text) IS NULL OR strpos(lower(i.name), lower(:name)) > 0)
              AND (CAST(:number AS text) IS NULL OR strpos(lower(i.register_number), lower(:number)) > 0)
              AND (CAST(:status AS text) IS NULL OR i.status = :status)
              AND (CAST(:block AS text) IS NULL OR i.block = :block)
              AND (CAST(:fitness AS text) IS NULL OR i.fitness = :fitness)
              AND (CAST(:competence AS text) IS NULL OR EXISTS (SELECT FROM competence_award c
                  WHERE c.lapas_id = i.lapas_id AND c.inmate_id = i.id AND c.competence = :competence))
        ), chosen AS (
            SELECT * FROM found WHERE CAST(:permit AS text) IS NULL OR permit = :permit
                OR (:permit = 'works' AND permit IN ('active', 'expiring'))
        )
        SELECT id, register_number, name, block, fitness, status, left_on, expected_release, version,
            permit, sk_number, valid_from, valid_until, (SELECT count(*) FROM chosen) AS total,
            ARRAY(SELECT c.competence FROM competence_award c
                WHERE c.lapas_id = chosen.lapas_id AND c.inmate_id = chosen.id ORDER BY c.competence) AS competences
        FROM chosen WHERE CAST(:after AS uuid) IS NULL OR {beyond} ORDER BY {order} LIMIT :limit
        """,  # noqa: S608 - constants
        today=today(store),
        name=narrowing.name,
        number=narrowing.number,
        status=narrowing.status,
        permit=narrowing.permit,
        competence=narrowing.competence,
        block=narrowing.block,
        fitness=narrowing.fitness,
        after=_id_in(after),
        limit=query.limit + 1,
    )
    shown = page(rows, limit=query.limit, key=("id",))
    for item in shown["items"]:
        del item["total"]
    return {**shown, "total": rows[0]["total"] if rows else 0}


def _id_in(after: list[Any] | None) -> str | None:
    if after is None:
        return None
    try:
        return str(UUID(str(after[0])))
    except ValueError:
        raise CursorMalformed(field="/cursor") from None


def inmate(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one inmate's particulars.

    :raises InmateUnknown: not there, or not for this caller.
    """
    row = store.row(f"SELECT {_COLUMNS} FROM inmate WHERE id = :id", id=id)  # noqa: S608 - a constant
    if row is None:
        raise InmateUnknown(id=id)
    return {**row, "adult_on": adult_on(row["date_of_birth"])}


def lock_many(store: Store, ids: Sequence[UUID]) -> dict[UUID, Inmate]:
    """Load people of the caller's register and lock them, always in the same sequence."""
    query = (
        select(Inmate)
        .where(register.c.lapas_id == store.lapas_id, register.c.id.in_(list(ids)))
        .order_by(register.c.id)
        .with_for_update()
    )
    return {inmate.id: inmate for inmate in store.session.scalars(query)}


def names(store: Store, ids: Sequence[UUID]) -> dict[str, Any]:
    """Return the name and register number of each id that is known to this caller."""
    rows = store.rows("SELECT id, name, register_number FROM inmate WHERE id = ANY(:ids)", ids=list(ids))
    return {"items": {str(r["id"]): {"name": r["name"], "register_number": r["register_number"]} for r in rows}}


def named_like(store: Store, text: str) -> dict[str, Any]:
    """Return the name and register number of whoever's holds a text, by id; the first 200 by name."""
    rows = store.rows(
        "SELECT id, name, register_number FROM inmate WHERE strpos(lower(name), lower(:text)) > 0"
        " OR strpos(lower(register_number), lower(:text)) > 0 ORDER BY name, id LIMIT 200",
        text=" ".join(text.split()),
    )
    return {"items": {str(r["id"]): {"name": r["name"], "register_number": r["register_number"]} for r in rows}}


def blocks(store: Store) -> list[str]:
    """Return the blocks in which somebody lives now."""
    rows = store.rows("SELECT DISTINCT block FROM inmate WHERE status = 'present' AND block <> '' ORDER BY block")
    return [r["block"] for r in rows]


def register_number_taken(store: Store, register_number: str, *, but: UUID | None = None) -> bool:
    """Return whether another inmate of this Lapas has the number; nobody else can take it until the end."""
    store.value(
        "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
        key=f"register {store.lapas_id} {register_number.lower()}",
    )
    return bool(
        store.value(
            "SELECT true FROM inmate WHERE lapas_id = :lapas_id AND lower(register_number) = lower(:register_number)"
            " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            register_number=register_number,
            but=but,
        )
    )


def summary(store: Store) -> dict[str, Any]:
    """Return the figures of training that a first page shows, over all Lapas of the caller."""
    row = store.row(
        f"""
        WITH standing AS (
            SELECT i.fitness, i.expected_release, l.today, a.id AS permit_id, a.valid_from, a.valid_until, w.state
            FROM inmate i
            JOIN (SELECT lapas_id, (CAST(:at AS timestamptz) AT TIME ZONE zone)::date AS today FROM lapas) l
                ON l.lapas_id = i.lapas_id
            {_WITH_PERMIT}
            WHERE i.status = 'present'
        ), working AS (
            SELECT * FROM standing
            WHERE permit_id IS NOT NULL AND valid_from <= today AND (valid_until IS NULL OR valid_until >= today)
        )
        SELECT (SELECT count(*) FROM standing) AS present,
            (SELECT count(*) FROM working) AS may_work,
            (SELECT count(*) FROM working WHERE valid_until <= today + {SOON_DAYS}) AS expiring,
            (SELECT count(*) FROM standing WHERE permit_id IS NOT NULL AND valid_until < today) AS expired,
            (SELECT count(*) FROM standing WHERE state IN ('proposed', 'deferred')) AS waiting_decision,
            (SELECT count(*) FROM standing WHERE state = 'approved') AS waiting_sk,
            (SELECT count(*) FROM standing WHERE fitness = 'not_fit') AS not_fit,
            (SELECT count(*) FROM working WHERE expected_release <= today + 90) AS released_soon,
            (SELECT count(*) FROM arrival WHERE state = 'waiting') AS arriving
        """,  # noqa: S608 - constants
        at=store.at,
    )
    return dict(row or {})
