"""The office: the day of three hundred people closed, and the premi of ten thousand worked out for a month."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from time import monotonic, sleep
from typing import Any, Final
from uuid import UUID, uuid4

from giatja_kit import clock
from giatja_kit.auth import Signer
from giatja_ops.bench import load
from giatja_ops.bench.load import Outcome, Unit, expect, request
from giatja_ops.bench.report import Figure
from giatja_ops.bench.stage import Stage
from giatja_ops.secrets import read_secret

PEOPLE, DAYS = 300, 12
INMATES, ORDERS, WORKED = 10_000, 40, 12
_DAY_LAPAS, _MONTH_LAPAS = "UKH", "UKB"
_PRODUCTION: Final = "/api/production/v1"
_PATIENCE: Final = 120.0
_LAPAS = "INSERT INTO lapas (lapas_id, name, zone) VALUES (%s, %s, 'Asia/Jakarta') ON CONFLICT DO NOTHING"
_WORKERS = (
    "INSERT INTO worker (lapas_id, inmate_id, adult_on, fitness)"
    " SELECT %s::text, md5(%s::text || n)::uuid, date '2000-01-01', 'fit' FROM generate_series(1, %s::int) n"
)
_PERMITS = (
    "INSERT INTO work_permission (lapas_id, inmate_id, permission_id, valid_from)"
    " SELECT lapas_id, inmate_id, gen_random_uuid(), current_date - 200 FROM worker WHERE lapas_id = %s"
)
# One large work order after the pattern of another: of whatever workshop, with all it cuts waiting at the first stage.
_WORK_ORDER = (
    "INSERT INTO work_order SELECT (x).* FROM (SELECT jsonb_populate_record(w, jsonb_build_object('lapas_id', %(lapas)s::text,"
    " 'id', gen_random_uuid(), 'order_id', gen_random_uuid(), 'line_id', gen_random_uuid(), 'workshop_id', %(shop)s::text,"
    " 'quantity', 1000000, 'cells', jsonb_build_array(jsonb_build_object('no', 1, 'size', '', 'colour', '',"
    "  'quantity', 1000000)), 'opened_on', current_date - 100, 'due_date', current_date + 60, 'state', 'in_progress',"
    " 'held_from', null, 'reason', null, 'workshop_hold', null, 'passed', 0, 'finished', 0, 'rejected', 0,"
    " 'completed_on', null, 'order_completed_on', null, 'version', 1)) AS x FROM work_order w, generate_series(1, %(count)s::int)"
    " WHERE w.id = (SELECT id FROM work_order WHERE workshop_kind = 'garmen' ORDER BY id LIMIT 1)) y"
)
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


def _token(stage: Stage, role: str, lapas: str, subject: str) -> str:
    signer = Signer("gateway", read_secret(stage.system.secrets / "gateway", "giatja_signing_key"))
    return signer.token({"sub": subject, "role": role, "lapas": lapas}, at=clock.now(), seconds=3600)


def _call(stage: Stage, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
    """Do one request and return its answer as JSON."""
    answers: list[Any] = []

    def unit() -> Unit:
        sent = request(method, _PRODUCTION + path, token=token, body=body, Idempotency_Key=str(uuid4()), **headers)
        answers.append(expect((yield sent), 200, 201).json())

    load.once(stage.port, unit())
    return answers[0]


def _furnish(stage: Stage, lapas: str, people: int, orders: int) -> tuple[str, list[UUID], str]:
    """Make a Lapas with one workshop, people with a decree and large work orders; return them with the first stage."""
    with stage.superuser("production") as connection:
        connection.execute(_LAPAS, (lapas, f"Lapas ukur {lapas}"))
    token = _token(stage, "kasi_giatja", lapas, "head")
    shop = str(_call(stage, "POST", "/workshops", token, {"template": "garmen", "name": "Garmen"})["id"])
    with stage.superuser("production") as connection:
        connection.execute(_WORKERS, (lapas, lapas, people))
        connection.execute(_PERMITS, (lapas,))
        connection.execute(_WORK_ORDER, {"lapas": lapas, "shop": shop, "count": orders})
        found = connection.execute(
            "SELECT id, route -> 'stages' -> 0 ->> 'key' FROM work_order WHERE lapas_id = %s", (lapas,)
        ).fetchall()
    return shop, [one for one, _ in found], str(found[0][1])


def _days(stage: Stage) -> Sequence[Figure]:
    shop, orders, first_stage = _furnish(stage, _DAY_LAPAS, PEOPLE, 4)
    token = _token(stage, "kasi_giatja", _DAY_LAPAS, "head")
    first = clock.today("Asia/Jakarta", clock.now()) - timedelta(days=DAYS + 3)
    with stage.superuser("production") as connection:
        given = {
            "lapas": _DAY_LAPAS,
            "orders": orders,
            "stage": first_stage,
            "first": first,
            "days": DAYS,
            "credited": 0,
        }
        connection.execute(_MADE, {**given, "shifts": ["pagi", "siang"]})
        connection.execute(_MARKS, (shop, _DAY_LAPAS))
        connection.execute("ANALYZE")
        floor = _bare_day(connection, [first + timedelta(days=n) for n in range(DAYS)])
    found = Outcome(seconds=0)
    for nth in range(DAYS):
        body = {"work_date": str(first + timedelta(days=nth)), "accept_missing": True, "note": "Ukur"}
        began = monotonic()
        _call(stage, "POST", "/days/close", token, body)
        found.took.append(monotonic() - began)
    for one in (found, floor):
        one.seconds = sum(one.took)
    return [Figure(name=f"Day of {PEOPLE} people closed", found=found, floor=floor, floor_name="bare sums")]


def _bare_day(connection: Any, days: Sequence[date]) -> Outcome:
    """Ask the database alone for what closing sums."""
    bare = Outcome(seconds=0)
    for day in days:
        began = monotonic()
        for sql in _BARE_DAY:
            connection.execute(sql, (_DAY_LAPAS, day)).fetchall()
        bare.took.append(monotonic() - began)
    return bare


def _month(stage: Stage) -> Sequence[Figure]:
    shop, orders, first_stage = _furnish(stage, _MONTH_LAPAS, INMATES, ORDERS)
    this = clock.today("Asia/Jakarta", clock.now()).replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    with stage.superuser("production") as connection:
        connection.execute("SET statement_timeout = '120s'")
        given = {"lapas": _MONTH_LAPAS, "orders": orders, "stage": first_stage, "first": before, "credited": 1}
        connection.execute(_MADE, {**given, "days": WORKED, "shifts": ["pagi"]})
        connection.execute(_CREDITS, (_MONTH_LAPAS,))
        paid = [
            one for (one,) in connection.execute("SELECT order_id FROM work_order WHERE lapas_id = %s", (_MONTH_LAPAS,))
        ]
        connection.execute("ANALYZE")
        began = monotonic()
        connection.execute(_FLOOR_OF_A_MONTH, (_MONTH_LAPAS,))
        floor = Outcome(seconds=1, took=[monotonic() - began])
    kasi = _token(stage, "kasi_giatja", _MONTH_LAPAS, "head")
    scheme = {
        "workshop_id": shop,
        "terms": {"method": "per_piece", "rates": {first_stage: 500}},
        "saved_percent": 10,
        "valid_from": "2020-01-01",
        "document": "SK ukur",
    }
    made = _call(stage, "POST", "/premi/schemes", kasi, scheme)
    head = _token(stage, "kalapas", _MONTH_LAPAS, "chief")
    _call(stage, "POST", f"/premi/schemes/{made['id']}/approve", head, {}, If_Match='"v1"')
    pay = _token(stage, "bendahara", _MONTH_LAPAS, "purse")
    for nth, order_id in enumerate(paid):
        proceeds = {
            "order_id": str(order_id),
            "base": 10**9,
            "premi": 10**9,
            "document": f"Ukur {nth}",
            "split_on": str(before),
        }
        _call(stage, "POST", "/premi/proceeds", pay, proceeds)
    took = _computed(stage, kasi, before)
    return [
        Figure(
            name=f"Premi of {INMATES} inmates worked out",
            found=Outcome(seconds=took, took=[took]),
            floor=Outcome(seconds=floor.took[0], took=floor.took),
            floor_name="bare sums",
        )
    ]


def _computed(stage: Stage, token: str, period: date) -> float:
    """Ask for the list of a month and wait until the worker has worked it out; return the seconds it took."""
    began = monotonic()
    asked = _call(stage, "POST", "/premi/lists", token, {"period": period.isoformat()})
    while monotonic() - began < _PATIENCE:
        found = _call(stage, "GET", f"/premi/lists/{asked['id']}", token)
        if found["state"] == "draft":
            if found["people"] != INMATES:
                raise LookupError(f"a list of {found['people']} people: {json.dumps(found)[:300]}")
            return monotonic() - began
        sleep(0.1)
    raise TimeoutError("the list of premi was not worked out")
