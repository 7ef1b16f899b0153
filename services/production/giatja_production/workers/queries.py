"""Questions about who may work."""

from typing import Final

# On the day `:work_date`, of the row `w` of `worker`.
PERMITTED: Final = (
    "EXISTS (SELECT FROM work_permission p WHERE p.lapas_id = w.lapas_id AND p.inmate_id = w.inmate_id"
    " AND p.valid_from <= :work_date AND (p.valid_until IS NULL OR p.valid_until >= :work_date))"
)
ALLOWED: Final = (
    "w.adult_on <= :work_date AND w.fitness <> 'not_fit'"
    f" AND (w.left_on IS NULL OR w.left_on >= :work_date) AND {PERMITTED}"
)
