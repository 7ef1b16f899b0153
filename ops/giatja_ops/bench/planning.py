"""Whether a date can be promised, asked beside 500 open work orders of one workshop with 40 people."""

from datetime import timedelta
from typing import Final

from giatja_kit import clock
from giatja_ops.bench import load
from giatja_ops.bench.acts import Make
from giatja_ops.bench.load import Unit, expect, request
from giatja_ops.bench.report import Figure
from giatja_ops.bench.stage import LAPAS, Stage

OPEN: Final = 500
PEOPLE: Final = 40
_KIND: Final = "garmen"
_PATH: Final = "/api/production/v1/planning/promise"

# Copies of one open work order, seven pieces standing at each of its stages, due over 200 days; and people placed
# beside those who are, each at the stage whose turn it is. Those with a decree and no placement come first.
_PARTS: Final = (
    """
    INSERT INTO work_order
    SELECT (jsonb_populate_record(NULL::work_order, to_jsonb(w) || jsonb_build_object('id', md5('bench work ' || n)::uuid,
        'order_id', md5('bench order ' || n)::uuid, 'line_id', md5('bench line ' || n)::uuid,
        'state', 'in_progress', 'due_date', %(day)s::date + 10 + n %% 200))).*
    FROM (SELECT * FROM work_order WHERE lapas_id = %(lapas)s AND workshop_kind = %(kind)s
          AND state IN ('released', 'in_progress') ORDER BY id LIMIT 1) w
    CROSS JOIN generate_series(1, %(open)s) n
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO stage_balance
    SELECT w.lapas_id, w.id, stage, 1, 7, 0, 0, 0 FROM generate_series(1, %(open)s) n
    JOIN work_order w ON w.lapas_id = %(lapas)s AND w.id = md5('bench work ' || n)::uuid
    CROSS JOIN LATERAL generate_series(1, jsonb_array_length(w.route -> 'stages')) stage
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO worker
    SELECT (jsonb_populate_record(NULL::worker, to_jsonb(w) || jsonb_build_object('inmate_id', md5('bench hand ' || n)::uuid))).*
    FROM (SELECT * FROM worker WHERE lapas_id = %(lapas)s AND left_on IS NULL AND fitness = 'fit' LIMIT 1) w
    CROSS JOIN generate_series(1, %(people)s) n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO work_permission
    SELECT (jsonb_populate_record(NULL::work_permission, to_jsonb(p) || jsonb_build_object('permission_id', md5('bench decree ' || n)::uuid,
        'inmate_id', md5('bench hand ' || n)::uuid, 'valid_from', %(day)s::date - 30, 'valid_until', NULL))).*
    FROM (SELECT * FROM work_permission WHERE lapas_id = %(lapas)s LIMIT 1) p
    CROSS JOIN generate_series(1, %(people)s) n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO placement (lapas_id, id, inmate_id, workshop_id, stage_key, starts_on, end_note, overridden, placed_at,
        placed_by)
    SELECT w.lapas_id, md5('bench place ' || n)::uuid, md5('bench hand ' || n)::uuid, w.workshop_id,
        w.route -> 'stages' -> (n %% jsonb_array_length(w.route -> 'stages')) ->> 'key', %(day)s::date - 20, '', '{}',
        now(), 'bench'
    FROM generate_series(1, %(people)s) n
    JOIN work_order w ON w.lapas_id = %(lapas)s AND w.id = md5('bench work 1')::uuid ON CONFLICT DO NOTHING
    """,
)


def fill(stage: Stage) -> None:
    """Open the work orders and place the people; of a second call nothing comes."""
    given = {"lapas": LAPAS, "kind": _KIND, "open": OPEN, "people": PEOPLE, "day": clock.now().date()}
    with stage.superuser("production") as connection:
        for sql in _PARTS:
            connection.execute(sql, given)
        connection.execute("ANALYZE work_order, stage_balance, placement")


def ask(token: str, *, quantity: int, days: int) -> Make:
    """Ask whether so many pieces can be promised in so many days."""
    body = {
        "due_date": (clock.now().date() + timedelta(days=days)).isoformat(),
        "lines": [{"quantity": quantity, "workshop_kind": _KIND}],
    }

    def unit() -> Unit:
        found = expect((yield request("POST", _PATH, token=token, body=body)), 200).json()
        if found["workshops"][0]["open_work_orders"] < OPEN:
            raise LookupError(f"only {found['workshops'][0]['open_work_orders']} work orders are open")

    return unit


def measure(stage: Stage, token: str, *, seconds: float) -> list[Figure]:
    """Measure a yes and a no with its levers, one caller at a time as it is asked: on the telephone."""
    fill(stage)
    asked = {
        f"Promise a date, {OPEN} open work orders: yes": ask(token, quantity=40, days=300),
        f"Promise a date, {OPEN} open work orders: no, with what would help": ask(token, quantity=4000, days=30),
    }
    return [
        Figure(name=name, found=load.run(stage.port, make, seconds=seconds, clients=1)) for name, make in asked.items()
    ]
