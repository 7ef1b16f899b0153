"""All tables of the production service, and their mapping, in one place for migrations and start."""

from functools import cache

from sqlalchemy import MetaData
from sqlalchemy.orm import registry

mapper = registry(metadata=MetaData())
metadata = mapper.metadata


@cache
def map_all() -> None:
    """Tie the domain's classes to their tables, once in a process."""
    from giatja_production.assignments import tables as assignments
    from giatja_production.attendance import tables as attendance
    from giatja_production.batches import tables as batches
    from giatja_production.board import tables as board
    from giatja_production.bundles import tables as bundles
    from giatja_production.calendar import tables as calendar
    from giatja_production.days import tables as days
    from giatja_production.duty import tables as duty
    from giatja_production.floor import tables as floor
    from giatja_production.lapas import tables as lapas
    from giatja_production.materials import tables as materials
    from giatja_production.output import tables as output
    from giatja_production.planning import tables as planning
    from giatja_production.premi import tables as premi
    from giatja_production.quality import tables as quality
    from giatja_production.safety import tables as safety
    from giatja_production.tools import tables as tools
    from giatja_production.work_orders import tables as work_orders
    from giatja_production.workers import tables as workers
    from giatja_production.workshops import tables as workshops

    _ = (
        calendar,
        workers,
        output,
        assignments,
        attendance,
        floor,
        safety,
        quality,
        planning,
    )  # they only declare; nothing of theirs is loaded as an object
    lapas.map_tables()
    workshops.map_tables()
    work_orders.map_tables()
    materials.map_tables()
    bundles.map_tables()
    duty.map_tables()
    tools.map_tables()
    board.map_tables()
    days.map_tables()
    batches.map_tables()
    premi.map_tables()
