"""Questions about the Lapas of this deployment."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from giatja_gateway.lapas.domain import LapasUnknown
from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page

_COLUMNS = "lapas_id AS id, lapas_id, name, class, zone, open, version"


def lapas_page(store: Store, query: PageQuery, *, search: str | None) -> dict[str, Any]:
    """Return a page of Lapas by name."""
    after = query.after(2)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM lapas"  # noqa: S608 - a constant
        " WHERE (CAST(:search AS text) IS NULL OR name ILIKE '%' || :search || '%' OR lapas_id ILIKE :search)"
        " AND (CAST(:after_name AS text) IS NULL OR (name, lapas_id) > (:after_name, CAST(:after_id AS text)))"
        " ORDER BY name, lapas_id LIMIT :limit",
        search=search,
        after_name=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("name", "id"))


def open_lapas(store: Store) -> Sequence[Row]:
    """Return code and name of every Lapas that takes part, by name."""
    return store.rows("SELECT lapas_id, name, zone FROM lapas WHERE open ORDER BY name")


def lapas(store: Store, lapas_id: str) -> dict[str, Any]:
    """Return one Lapas.

    :raises LapasUnknown: not there, or not for this caller.
    """
    row = store.row(f"SELECT {_COLUMNS} FROM lapas WHERE lapas_id = :lapas_id", lapas_id=lapas_id)  # noqa: S608
    if row is None:
        raise LapasUnknown(lapas_id=lapas_id)
    return dict(row)


def titles_on(store: Store, lapas_id: str, day: date) -> dict[str, Any]:
    """Return letterhead and titles as they read on a day.

    :raises LapasUnknown: no such Lapas, or it had no titles yet.
    """
    row = store.row(
        "SELECT lapas_id, valid_from, letterhead, titles FROM lapas_titles"
        " WHERE lapas_id = :lapas_id AND valid_from <= :day ORDER BY valid_from DESC LIMIT 1",
        lapas_id=lapas_id,
        day=day,
    )
    if row is None:
        raise LapasUnknown(lapas_id=lapas_id)
    return dict(row)


def titles_history(store: Store, lapas_id: str) -> Sequence[Row]:
    """Return every letterhead a Lapas has had, the newest first."""
    return store.rows(
        "SELECT valid_from, letterhead, titles FROM lapas_titles WHERE lapas_id = :lapas_id ORDER BY valid_from DESC",
        lapas_id=lapas_id,
    )
