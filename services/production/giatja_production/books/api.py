"""Whether the books add up, over HTTP."""

from typing import Any

from pydantic import BaseModel

from giatja_kit.database import Store
from giatja_kit.web import Routes
from giatja_production.books import queries

routes = Routes("books", tag="Pembukuan")


class LapasDifferences(BaseModel):
    """How many differences a check finds at one Lapas."""

    lapas_id: str
    differences: int


class Check(BaseModel):
    """One sum that is kept, against what it is the sum of."""

    name: str
    differences: int
    lapas: list[LapasDifferences]


class Books(BaseModel):
    """Every check; ``sound`` where none finds a difference."""

    sound: bool
    items: list[Check]


@routes.get("/books", permission="facts.operate", answer=Books)
def show_books(store: Store) -> dict[str, Any]:
    """Reckon every sum that is kept anew: premi accounts, lists and credits, bundles, material."""
    items = queries.reckon(store)
    return {"sound": not any(one["differences"] for one in items), "items": items}
