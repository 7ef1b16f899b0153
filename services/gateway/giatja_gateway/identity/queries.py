"""Questions about people, their roles and their sessions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from giatja_gateway.identity.domain import SESSION_IDLE, ClientUnknown, PersonUnknown
from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page

_PERSON = "id, username, name, active, must_change, password_hash IS NOT NULL AS has_password, version"
_CLIENT = "id, name, role, lapas_id, active, secret_hash IS NOT NULL AS has_secret, version"
# The days of a role are counted at its Lapas.
_TODAY = "(CAST(:at AS timestamptz) AT TIME ZONE coalesce(l.zone, 'Asia/Jakarta'))::date"
_HELD = f"{_TODAY} BETWEEN a.starts_on AND coalesce(a.ends_on, 'infinity')"
_TITLE = (
    "LEFT JOIN LATERAL (SELECT t.titles ->> a.role AS title FROM lapas_titles t"  # noqa: S608 - constants
    f" WHERE t.lapas_id = a.lapas_id AND t.valid_from <= {_TODAY} ORDER BY t.valid_from DESC LIMIT 1) t ON true"
)


def people(
    store: Store, query: PageQuery, *, search: str | None, lapas_id: str | None, role: str | None
) -> dict[str, Any]:
    """Return a page of people by name, each with the roles they hold or will hold."""
    after = query.after(2)
    rows = store.rows(
        f"SELECT {_PERSON}, (SELECT coalesce(json_agg(json_build_object("  # noqa: S608 - constants
        "   'role', a.role, 'lapas_id', a.lapas_id, 'lapas_name', l.name, 'plt', a.plt,"
        f"  'starts_on', a.starts_on, 'ends_on', a.ends_on, 'held', {_HELD}) ORDER BY a.starts_on, a.id), '[]')"
        "  FROM assignment a LEFT JOIN lapas l USING (lapas_id) WHERE a.person_id = p.id"
        f" AND coalesce(a.ends_on, 'infinity') >= {_TODAY}) AS roles"
        " FROM person p WHERE (CAST(:search AS text) IS NULL OR name ILIKE '%' || :search || '%'"
        "  OR username ILIKE '%' || :search || '%')"
        " AND (CAST(:narrow AS boolean) IS NOT TRUE OR EXISTS (SELECT FROM assignment a LEFT JOIN lapas l"
        f" USING (lapas_id) WHERE a.person_id = p.id AND {_HELD} AND (CAST(:lapas_id AS text) IS NULL"
        "  OR a.lapas_id = :lapas_id) AND (CAST(:role AS text) IS NULL OR a.role = :role)))"
        " AND (CAST(:after_name AS text) IS NULL OR (name, id) > (:after_name, CAST(:after_id AS uuid)))"
        " ORDER BY name, id LIMIT :limit",
        at=store.at,
        search=search,
        narrow=bool(lapas_id or role),
        lapas_id=lapas_id,
        role=role,
        after_name=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("name", "id"))


def called(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """Return what people are called, by id; who is not known here is left out."""
    rows = store.rows(
        "SELECT CAST(id AS text) AS id, name FROM person WHERE CAST(id AS text) = ANY (:ids)", ids=list(ids)
    )
    return {row["id"]: row["name"] for row in rows}


def person(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one person with every role they held, hold or will hold.

    :raises PersonUnknown:
    """
    row = store.row(f"SELECT {_PERSON} FROM person WHERE id = :id", id=id)  # noqa: S608 - a constant
    if row is None:
        raise PersonUnknown(id=id)
    return {**row, "assignments": [dict(a) for a in assignments(store, id)]}


def assignments(store: Store, person_id: UUID) -> Sequence[Row]:
    """Return every role of a person, those held today first, then the newest."""
    return store.rows(
        "SELECT a.id, a.role, a.lapas_id, l.name AS lapas_name, a.plt, a.starts_on, a.ends_on, a.version, t.title,"  # noqa: S608 - constants
        f" {_HELD} AS held FROM assignment a LEFT JOIN lapas l USING (lapas_id) {_TITLE}"
        " WHERE a.person_id = :person_id ORDER BY held DESC, a.starts_on DESC, a.id",
        person_id=person_id,
        at=store.at,
    )


def held_roles(store: Store, person_id: UUID) -> Sequence[Row]:
    """Return the roles a person holds today, the one held longest first."""
    return store.rows(
        "SELECT a.id, a.role, a.lapas_id, l.name AS lapas_name, coalesce(l.zone, 'Asia/Jakarta') AS zone, a.plt,"  # noqa: S608 - constants
        f" a.starts_on, a.ends_on, t.title FROM assignment a LEFT JOIN lapas l USING (lapas_id) {_TITLE}"
        f" WHERE a.person_id = :person_id AND {_HELD} ORDER BY a.starts_on, a.id",
        person_id=person_id,
        at=store.at,
    )


def holders(store: Store, lapas_id: str, day: date) -> Mapping[str, Row]:
    """Return who held each role of a Lapas on a day, by role; of several the one who has held it longest."""
    rows = store.rows(
        "SELECT DISTINCT ON (a.role) a.role, p.name, a.plt FROM assignment a JOIN person p ON p.id = a.person_id"
        " WHERE a.lapas_id = :lapas_id AND :day BETWEEN a.starts_on AND coalesce(a.ends_on, 'infinity') AND p.active"
        " ORDER BY a.role, a.starts_on, a.id",
        lapas_id=lapas_id,
        day=day,
    )
    return {row["role"]: row for row in rows}


def session(store: Store, token_hash: bytes) -> Row | None:
    """Return the session of a token, with the role it acts in or, where that has ended, the next one held.

    Nothing comes back for a session that ended, a closed account, or somebody without a role today.
    """
    return store.row(
        "SELECT s.id, s.person_id, s.assignment_id AS chosen_id, s.seen_at, s.expires_at, p.name, p.username,"  # noqa: S608 - constants
        " p.must_change, a.id AS assignment_id, a.role, a.plt, a.lapas_id, l.name AS lapas_name, t.title,"
        " coalesce(l.zone, 'Asia/Jakarta') AS zone"
        " FROM session s JOIN person p ON p.id = s.person_id AND p.active"
        f" JOIN assignment a ON a.person_id = p.id LEFT JOIN lapas l USING (lapas_id) {_TITLE}"
        " WHERE s.token_hash = :token_hash AND s.expires_at > :at AND s.seen_at > :idle_since"
        f" AND {_HELD} ORDER BY a.id = s.assignment_id DESC, a.starts_on, a.id LIMIT 1",
        token_hash=token_hash,
        at=store.at,
        idle_since=store.at - SESSION_IDLE,
    )


def sessions(store: Store, person_id: UUID) -> Sequence[Row]:
    """Return the living sessions of a person, the one seen last first."""
    return store.rows(
        "SELECT id, signed_in_at, seen_at, expires_at, device FROM session"
        " WHERE person_id = :person_id AND expires_at > :at AND seen_at > :idle_since ORDER BY seen_at DESC",
        person_id=person_id,
        at=store.at,
        idle_since=store.at - SESSION_IDLE,
    )


def demo_sign_ins(store: Store) -> Sequence[Row]:
    """Return the accounts of the demonstration with their passwords, each in the role it begins with."""
    return store.rows(
        "SELECT DISTINCT ON (p.id) p.username, p.name, d.password, a.role, a.plt, l.name AS lapas_name"  # noqa: S608 - constants
        " FROM demo_sign_in d JOIN person p ON p.id = d.person_id AND p.active"
        " JOIN assignment a ON a.person_id = p.id LEFT JOIN lapas l USING (lapas_id)"
        f" WHERE d.password <> '' AND {_HELD} ORDER BY p.id, a.starts_on, a.id LIMIT 40",
        at=store.at,
    )


def overlapping(store: Store, person_id: UUID, *, role: str, lapas_id: str, starts_on: Any, ends_on: Any) -> Row | None:
    """Return a role of a person that is the same at the same place in some of these days."""
    return store.row(
        "SELECT id, starts_on, ends_on FROM assignment WHERE person_id = :person_id AND role = :role"
        " AND lapas_id = :lapas_id AND starts_on <= coalesce(CAST(:ends_on AS date), 'infinity')"
        " AND coalesce(ends_on, 'infinity') >= :starts_on AND coalesce(ends_on, 'infinity') >= starts_on LIMIT 1",
        person_id=person_id,
        role=role,
        lapas_id=lapas_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def attempts(store: Store, key: bytes) -> tuple[int, datetime | None]:
    """Return how many sign-ins failed under a key, and when the last did."""
    row = store.row("SELECT failures, last_at FROM sign_in_attempt WHERE key = :key", key=key)
    return (row["failures"], row["last_at"]) if row else (0, None)


def clients(store: Store) -> Sequence[Row]:
    """Return the machines that may ask, by name."""
    return store.rows(f"SELECT {_CLIENT} FROM client ORDER BY name LIMIT 200")  # noqa: S608 - a constant


def client(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one machine.

    :raises ClientUnknown:
    """
    row = store.row(f"SELECT {_CLIENT} FROM client WHERE id = :id", id=id)  # noqa: S608 - a constant
    if row is None:
        raise ClientUnknown(id=id)
    return dict(row)
