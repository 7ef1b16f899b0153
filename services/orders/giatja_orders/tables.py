"""All tables of the orders service, and their mapping, in one place for migrations and start."""

from functools import cache

from sqlalchemy import MetaData
from sqlalchemy.orm import registry

mapper = registry(metadata=MetaData())
metadata = mapper.metadata


@cache
def map_all() -> None:
    """Tie the domain's classes to their tables, once in a process."""
    from giatja_orders.lapas import tables as lapas
    from giatja_orders.ordering import tables as ordering
    from giatja_orders.partners import tables as partners
    from giatja_orders.products import tables as products
    from giatja_orders.tracking import tables as tracking

    for capability in (lapas, partners, products, ordering, tracking):
        capability.map_tables()
