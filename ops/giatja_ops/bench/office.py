"""The office: the day of three hundred people closed, and the premi of ten thousand worked out for a month."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from time import monotonic, sleep
from typing import Any, Final

from giatja_kit import clock
from giatja_ops.bench import own
from giatja_ops.bench.load import Outcome
from giatja_ops.bench.own import Own
from giatja_ops.bench.report import Figure
from giatja_ops.bench.stage import Stage

PEOPLE, DAYS = 300, 12
INMATES, ORDERS, WORKED = 10_000, 40, 12
_PATIENCE: Final = 120.0
_MADE = (
    "INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id, work_date,"
    " shift, good, rework, reject, from_rework, credited, undone, recorded_at, recorded_by)"
    " SELECT %(lapas)s::text, gen_random_uuid(), 1, (%(orders)s::uuid[])[1 + n %% cardinality(%(orders)s::uuid[])], 1, %(stage)s::text, false,"
    "  w.inmate_id, %(first)s::date + d, s, 5 + n %% 7, 0, 0, false, %(credited)s::int * (5 + n %% 7), false, now(), 'petugas:x'"
    " FROM (SELECT inmate_id, (row_number() OVER ())::int AS n FROM worker WHERE lapas_id = %(lapas)s) w,"
    "  generate_series(0, %(days)s::int - 1) d, unnest(%(shifts)s::text[]) s"
)
_MARKS = (
    "INSERT INTO attendance (lapas_id, work_date, shift, inmate_id, workshop_id, status, attended, complied, minutes,"
    " marked_at, marked_by) SELECT DISTINCT lapas_id, work_date, shift, inmate_id, %s::uuid, 'hadir', true, true, 150,"
    " now(), 'petugas:x' FROM output WHERE lapas_id = %s"
)
_CREDITS = (
    "INSERT INTO credit (lapas_id, id, output_id, cell_no, inmate_id, stage_key, pieces, at)"
    " SELECT lapas_id, gen_random_uuid(), id, cell_no, inmate_id, stage_key, good, recorded_at FROM output WHERE lapas_id = %s"
)
# What closing cannot do without: what was made on the day, and who was there.
_BARE_DAY: Final = (
    (
        "SELECT work_order_id, stage_no, inmate_id, sum(good), sum(rework), sum(reject) FROM output"
        " WHERE lapas_id = %s AND work_date = %s GROUP BY work_order_id, stage_no, inmate_id"
    ),
    "SELECT inmate_id, shift, status, minutes FROM attendance WHERE lapas_id = %s AND work_date = %s",
)
# What nobody could do without: to sum the same pieces by who made them, and to write a line for each.
_FLOOR_OF_A_MONTH = (
    "CREATE TEMP TABLE bare_line AS SELECT c.inmate_id, o.work_order_id, c.stage_key, sum(c.pieces) AS pieces FROM credit c"
    " JOIN output o ON o.lapas_id = c.lapas_id AND o.id = c.output_id AND o.cell_no = c.cell_no WHERE c.lapas_id = %s"
    " GROUP BY c.inmate_id, o.work_order_id, c.stage_key"
)


def measure(stage: Stage) -> list[Figure]:
    """Measure both, each beside what the database alone needs for the same rows."""
    return [*_days(stage), *_month(stage)]


def _days(stage: Stage) -> Sequence[Figure]:
    there = own.furnish(stage, "UKH", people=PEOPLE, work_orders=4, each=100_000)
    token = there.token("kasi_giatja")
    first = clock.today("Asia/Jakarta", clock.now()) - timedelta(days=DAYS + 3)
    with stage.superuser("production") as connection:
        _made(connection, there, first=first, days=DAYS, shifts=["pagi", "siang"], credited=0)
        connection.execute(_MARKS, (there.shop, there.lapas))
        connection.execute("ANALYZE")
        floor = _bare_day(connection, there.lapas, [first + timedelta(days=n) for n in range(DAYS)])
    found = Outcome(seconds=0)
    for nth in range(DAYS):
        body = {"work_date": str(first + timedelta(days=nth)), "accept_missing": True, "note": "Ukur"}
        began = monotonic()
        there.call("POST", "/days/close", token, body)
        found.took.append(monotonic() - began)
    for one in (found, floor):
        one.seconds = sum(one.took)
    return [Figure(name=f"Day of {PEOPLE} people closed", found=found, floor=floor, floor_name="bare sums")]


def _made(connection: Any, there: Own, **given: Any) -> None:
    """Have everybody there have made something on each of the days."""
    known = {"lapas": there.lapas, "orders": there.work_orders, "stage": there.stages[0][1]}
    connection.execute(_MADE, known | given)


def _bare_day(connection: Any, lapas: str, days: Sequence[date]) -> Outcome:
    """Ask the database alone for what closing sums."""
    bare = Outcome(seconds=0)
    for day in days:
        began = monotonic()
        for sql in _BARE_DAY:
            connection.execute(sql, (lapas, day)).fetchall()
        bare.took.append(monotonic() - began)
    return bare


def _month(stage: Stage) -> Sequence[Figure]:
    there = own.furnish(stage, "UKB", people=INMATES, work_orders=ORDERS, each=100_000)
    lapas, (_, first_stage) = there.lapas, there.stages[0]
    this = clock.today("Asia/Jakarta", clock.now()).replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    with stage.superuser("production") as connection:
        connection.execute("SET statement_timeout = '120s'")
        _made(connection, there, first=before, days=WORKED, shifts=["pagi"], credited=1)
        connection.execute(_CREDITS, (lapas,))
        paid = [one for (one,) in connection.execute("SELECT order_id FROM work_order WHERE lapas_id = %s", (lapas,))]
        connection.execute("ANALYZE")
        began = monotonic()
        connection.execute(_FLOOR_OF_A_MONTH, (lapas,))
        floor = Outcome(seconds=1, took=[monotonic() - began])
    kasi = there.token("kasi_giatja")
    scheme = {
        "workshop_id": there.shop,
        "terms": {"method": "per_piece", "rates": {first_stage: 500}},
        "saved_percent": 10,
        "valid_from": "2020-01-01",
        "document": "SK ukur",
    }
    made = there.call("POST", "/premi/schemes", kasi, scheme)
    head = there.token("kalapas")
    there.call("POST", f"/premi/schemes/{made['id']}/approve", head, {}, If_Match='"v1"')
    pay = there.token("bendahara")
    for nth, order_id in enumerate(paid):
        proceeds = {
            "order_id": str(order_id),
            "base": 10**9,
            "premi": 10**9,
            "document": f"Ukur {nth}",
            "split_on": str(before),
        }
        there.call("POST", "/premi/proceeds", pay, proceeds)
    took = _computed(there, kasi, before)
    return [
        Figure(
            name=f"Premi of {INMATES} inmates worked out",
            found=Outcome(seconds=took, took=[took]),
            floor=Outcome(seconds=floor.took[0], took=floor.took),
            floor_name="bare sums",
        )
    ]


def _computed(there: Own, token: str, period: date) -> float:
    """Ask for the list of a month and wait until the worker has worked it out; return the seconds it took."""
    began = monotonic()
    asked = there.call("POST", "/premi/lists", token, {"period": period.isoformat()})
    while monotonic() - began < _PATIENCE:
        found = there.call("GET", f"/premi/lists/{asked['id']}", token)
        if found["state"] == "draft":
            if found["people"] != INMATES:
                raise LookupError(f"a list of {found['people']} people: {json.dumps(found)[:300]}")
            return monotonic() - began
        sleep(0.1)
    raise TimeoutError("the list of premi was not worked out")
