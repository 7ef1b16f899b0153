"""Questions about products."""

from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.paging import PageQuery, page
from giatja_orders.products.domain import ProductUnknown

_COLUMNS = "id, name, workshop_kind, unit, rate, sizes, colours, note, active, version"


def products(
    store: Store, query: PageQuery, *, search: str | None, workshop_kind: str | None, active: bool | None
) -> dict[str, Any]:
    """Return a page of products by name."""
    after = query.after(2)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM product"  # noqa: S608 - a constant
        " WHERE (CAST(:search AS text) IS NULL OR strpos(lower(name), lower(:search)) > 0)"
        " AND (CAST(:workshop_kind AS text) IS NULL OR workshop_kind = :workshop_kind)"
        " AND (CAST(:active AS boolean) IS NULL OR active = :active)"
        " AND (CAST(:after_name AS text) IS NULL OR (name, id) > (:after_name, CAST(:after_id AS uuid)))"
        " ORDER BY name, id LIMIT :limit",
        search=search,
        workshop_kind=workshop_kind,
        active=active,
        after_name=str(after[0]) if after else None,
        after_id=str(after[1]) if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("name", "id"))


def product(store: Store, id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return one product.

    :raises ProductUnknown: not there, or not for this caller.
    """
    row = store.row(f"SELECT {_COLUMNS} FROM product WHERE id = :id", id=id)  # noqa: S608 - a constant
    if row is None:
        raise ProductUnknown(id=id)
    return dict(row)


def name_taken(store: Store, name: str, *, but: UUID | None = None) -> bool:
    """Return whether another product of this Lapas has the name; nobody else can take it meanwhile."""
    store.run(
        "SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))",
        {"what": f"product-name/{store.lapas_id}/{name.casefold()}"},
    )
    return bool(
        store.value(
            "SELECT true FROM product WHERE lapas_id = :lapas_id AND lower(name) = lower(:name)"
            " AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
            lapas_id=store.lapas_id,
            name=name,
            but=but,
        )
    )
