"""Questions about placements."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_production.workers.queries import ALLOWED

# On the day `:work_date`, of the row `p` of `placement`.
PLACED: Final = "p.starts_on <= :work_date AND (p.ends_on IS NULL OR p.ends_on >= :work_date)"


def placed(store: Store, workshop_id: UUID, day: date) -> Sequence[Row]:
    """Return who is placed in a workshop on a day: ``inmate_id``, ``stage_key`` and whether they may work then."""
    return store.rows(
        f"SELECT p.inmate_id, p.stage_key, {ALLOWED} AS allowed FROM placement p"  # noqa: S608 - constants
        " JOIN worker w ON w.lapas_id = p.lapas_id AND w.inmate_id = p.inmate_id"
        f" WHERE p.lapas_id = :lapas_id AND p.workshop_id = :workshop_id AND {PLACED} ORDER BY p.inmate_id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=day,
    )
