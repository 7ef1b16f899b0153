"""All tables of the training service, and their mapping, in one place for migrations and start."""

from functools import cache

from sqlalchemy import MetaData
from sqlalchemy.orm import registry

mapper = registry(metadata=MetaData())
metadata = mapper.metadata


@cache
def map_all() -> None:
    """Tie the domain's classes to their tables, once in a process."""
    from giatja_training.competences import tables as competences
    from giatja_training.departures import tables as departures
    from giatja_training.inmates import tables as inmates
    from giatja_training.lapas import tables as lapas
    from giatja_training.passport import tables as passport
    from giatja_training.permits import tables as permits

    _ = departures  # it only declares; nothing of it is loaded as an object
    for capability in (lapas, inmates, permits, competences, passport):
        capability.map_tables()
