"""What is in the databases before anything is measured: the demonstration, and ten thousand orders beside it."""

from giatja_ops.bench.stage import LAPAS, Stage
from giatja_ops.demo import load

ORDERS = 10_000
YEAR = 2019
"""Long over, so that the numbers given out during the run begin at 1."""

# Orders of past years, three lines each in two cells, all stages recorded, as the tables would hold
# them; ids grow with time as the house's own do. Nothing here is random.
_PARTS = (
    """
    CREATE TEMP TABLE past AS
    SELECT n, make_timestamptz(2019, 1, 7, 8, 0, 0, 'Asia/Jakarta') + n * interval '10 minutes' AS at,
        (lpad(to_hex(1546822800000 + n::bigint * 600000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid AS id,
        p.id AS partner_id, p.name AS partner_name
    FROM generate_series(1, %(orders)s) n
    JOIN (SELECT id, name, row_number() OVER (ORDER BY name) - 1 AS nth, count(*) OVER () AS of
          FROM partner WHERE lapas_id = %(lapas)s) p ON p.nth = n %% p.of
    """,
    """
    CREATE TEMP TABLE past_line AS
    SELECT past.n, past.id AS order_id, past.at, nth, md5('line' || past.n || '/' || nth)::uuid AS id, o.*
    FROM past CROSS JOIN generate_series(1, 3) nth
    JOIN (SELECT id AS product_id, name, workshop_kind, unit, rate, sizes, colours,
              row_number() OVER (ORDER BY name) - 1 AS place, count(*) OVER () AS of
          FROM product WHERE lapas_id = %(lapas)s) o ON o.place = (past.n + nth) %% o.of
    """,
    """
    INSERT INTO orders (lapas_id, id, year, nth, number, partner_id, partner_name, material_owner, due_date, note,
        state, accepted_on, completed_on, quantity, passed, found_by, created_at, version)
    SELECT %(lapas)s, past.id, %(year)s, past.n, %(lapas)s || '-' || %(year)s || '-' || lpad(past.n::text, 5, '0'),
        partner_id, partner_name, 'partner', past.at::date + 30, '', 'completed', past.at::date, past.at::date + 25,
        600, 600, partner_name || E'\\n' || string_agg(l.name, ', ' ORDER BY l.nth), past.at, 9
    FROM past JOIN past_line l ON l.order_id = past.id GROUP BY past.id, past.n, past.at, partner_id, partner_name
    """,
    """
    INSERT INTO order_line (lapas_id, id, order_id, nth, product_id, product_name, workshop_kind, unit, rate,
        due_date, note, quantity, passed, completed_on, work_order_id)
    SELECT %(lapas)s, id, order_id, nth, product_id, name, workshop_kind, unit, rate, at::date + 30, '', 200, 200,
        at::date + 25, md5('work' || id)::uuid FROM past_line
    """,
    """
    INSERT INTO order_cell (lapas_id, line_id, size, colour, nth, quantity)
    SELECT %(lapas)s, id, size, colours[1], cell, 200 / least(2, cardinality(sizes))
    FROM past_line CROSS JOIN LATERAL unnest(sizes[1:2]) WITH ORDINALITY AS s (size, cell)
    """,
    """
    INSERT INTO line_stage (lapas_id, line_id, stage_id, nth, key, name, counts_quality, good, waiting, rework, reject)
    SELECT %(lapas)s, id, md5('stage' || id || stage)::uuid, stage, key, key, key = 'qc', 200, 0, 0, 0
    FROM past_line
    CROSS JOIN unnest(ARRAY['potong', 'jahit', 'pasang kancing', 'qc', 'kemas']) WITH ORDINALITY AS s (key, stage)
    """,
    """
    INSERT INTO order_event (lapas_id, order_id, id, kind, at, actor, detail)
    SELECT %(lapas)s, past.id, md5(kind || past.n)::uuid, kind, past.at + place * interval '1 day', 'kasi_giatja:bench', '{}'
    FROM past CROSS JOIN unnest(ARRAY['created', 'accepted', 'production_began', 'completed'])
        WITH ORDINALITY AS e (kind, place)
    """,
    "VACUUM ANALYZE",
)


def fill(stage: Stage) -> None:
    """Load the demonstration and the orders of past years."""
    load(stage.system.settings_env("ops"), say=lambda _: None)
    given = {"orders": ORDERS, "lapas": LAPAS, "year": YEAR}
    with stage.superuser("orders") as connection:
        for sql in _PARTS:
            connection.execute(sql, given if "%(" in sql else None)
