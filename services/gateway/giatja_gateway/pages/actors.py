"""What the officers behind actors (`role:person`) are called; facts and services carry their ids only."""

from __future__ import annotations

from collections.abc import Iterable

from giatja_gateway.identity.queries import called
from giatja_gateway.pages.language import _
from giatja_gateway.services import own


def person_of(actor: str | None) -> str:
    """Return the id of the person of an actor."""
    return (actor or "").partition(":")[2]


def officers(actors: Iterable[str | None]) -> dict[str, str]:
    """Return a name for each actor; somebody not known any more is another officer."""
    wanted = {actor for actor in actors if actor}
    with own(everywhere=True) as store:
        known = called(store, {person_of(actor) for actor in wanted})
    return {actor: known.get(person_of(actor), _("petugas lain")) for actor in wanted}
