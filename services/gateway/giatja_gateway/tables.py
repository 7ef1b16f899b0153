"""All tables of the gateway, and their mapping, in one place for migrations and start."""

from functools import cache

from sqlalchemy import MetaData
from sqlalchemy.orm import registry

mapper = registry(metadata=MetaData())
metadata = mapper.metadata


@cache
def map_all() -> None:
    """Tie the domain's classes to their tables, once in a process."""
    from giatja_gateway.identity import tables as identity
    from giatja_gateway.lapas import tables as lapas
    from giatja_gateway.region import tables as region

    identity.map_tables()
    lapas.map_tables()
    region.map_tables()
