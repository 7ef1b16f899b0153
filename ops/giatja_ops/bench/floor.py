"""The floor of one Lapas with forty people and 500 open work orders: a date promised, a shift sent, a board watched."""

from datetime import timedelta
from random import Random
from typing import Final
from uuid import uuid4

from giatja_kit import clock
from giatja_ops.bench import load, own
from giatja_ops.bench.acts import Make
from giatja_ops.bench.load import Unit, expect, request
from giatja_ops.bench.own import KIND, PRODUCTION, Own
from giatja_ops.bench.report import Figure
from giatja_ops.bench.stage import Stage

OPEN: Final = 500
PEOPLE: Final = 40
SHIFT: Final = 30
_LAPAS: Final = "UKR"
_STAND: Final = 7
_MANY: Final = 100_000
# So many pieces stand at each stage, and what has passed it is further on.
_STANDING: Final = (
    "INSERT INTO stage_balance (lapas_id, work_order_id, stage_no, cell_no, waiting, rework, good, reject)"
    " SELECT w.lapas_id, w.id, s, 1, %(stand)s::int, 0, %(stand)s::int * (%(stages)s::int - s), 0"
    " FROM work_order w, generate_series(1, %(stages)s::int) s WHERE w.lapas_id = %(lapas)s"
)
# A shift is sent again and again, so its work orders become large; by then no date is asked for any more.
_ENLARGED: Final = (
    (
        "UPDATE work_order SET quantity = quantity + %(many)s::int,"
        " cells = jsonb_set(cells, '{0,quantity}', to_jsonb(quantity + %(many)s::int)) WHERE lapas_id = %(lapas)s"
    ),
    "UPDATE stage_balance SET waiting = waiting + %(many)s::int WHERE lapas_id = %(lapas)s AND stage_no = 1",
)
_PLACED: Final = (
    "INSERT INTO placement (lapas_id, id, inmate_id, workshop_id, stage_key, starts_on, end_note, overridden, placed_at,"
    " placed_by) SELECT %(lapas)s, gen_random_uuid(), inmate_id, %(shop)s::uuid,"
    "  (%(keys)s::text[])[1 + n %% %(stages)s::int], current_date - 20, '', '{}', now(), 'bench'"
    " FROM (SELECT inmate_id, (row_number() OVER (ORDER BY inmate_id))::int AS n FROM worker WHERE lapas_id = %(lapas)s) w"
)


def furnish(stage: Stage) -> Own:
    """Make the Lapas, its work under way and its people placed."""
    there = own.furnish(stage, _LAPAS, people=PEOPLE, work_orders=OPEN, each=_STAND)
    given = {
        "lapas": there.lapas,
        "shop": there.shop,
        "stand": _STAND,
        "stages": len(there.stages),
        "keys": [key for _, key in there.stages],
    }
    with stage.superuser("production") as connection:
        connection.execute(_STANDING, given)
        connection.execute(_PLACED, given)
        connection.execute("ANALYZE")
    return there


def enlarge(there: Own) -> None:
    """Have very many pieces wait at the first stage of every work order."""
    with there.stage.superuser("production") as connection:
        for sql in _ENLARGED:
            connection.execute(sql, {"lapas": there.lapas, "many": _MANY})


def promise(there: Own, *, quantity: int, days: int, possible: bool) -> Make:
    """Ask whether so many pieces can be promised in so many days."""
    token = there.token("kasi_giatja")
    body = {
        "due_date": (clock.now().date() + timedelta(days=days)).isoformat(),
        "lines": [{"quantity": quantity, "workshop_kind": KIND}],
    }

    def unit() -> Unit:
        sent = request("POST", f"{PRODUCTION}/planning/promise", token=token, body=body)
        found = expect((yield sent), 200).json()["workshops"][0]
        if (found["open_work_orders"], found["possible"]) != (OPEN, possible):
            raise LookupError(f"{found['open_work_orders']} work orders are open, possible: {found['possible']}")

    return unit


def tally(there: Own) -> Make:
    """Send what thirty people made in a shift, all of them at one work order."""
    token = there.token("petugas")
    day = clock.today("Asia/Jakarta", clock.now()).isoformat()
    random = Random(4)  # noqa: S311 - the same work orders each time
    first, _ = there.stages[0]

    def unit() -> Unit:
        line = {"work_order_id": str(random.choice(there.work_orders)), "stage_id": first, "good": 1, "present": True}
        body = {
            "workshop_id": there.shop,
            "work_date": day,
            "shift": "pagi",
            "entries": [{"inmate_id": str(one), **line} for one in there.people[:SHIFT]],
        }
        sent = request("POST", f"{PRODUCTION}/tally", token=token, body=body, Idempotency_Key=str(uuid4()))
        expect((yield sent), 201)

    return unit


def board(there: Own) -> Make:
    """Ask for a board that shows the same as before, as the gateway does for a screen."""
    service = there.stage.gateway.service_token(at=clock.now())
    opened = there.call("POST", "/board-links", there.token("kasi_giatja"), {"name": "Ukur"})
    path = f"{PRODUCTION}/boards/{opened['token']}"
    etag = [""]

    def unit() -> Unit:
        # A pace that moved on meanwhile is another board, and asked for once.
        answer = expect((yield request("GET", path, token=service, If_None_Match=etag[0])), 200, 304)
        if answer.status == 200:
            etag[0] = answer.header("ETag")

    return unit


def measure(stage: Stage, *, seconds: float) -> list[Figure]:
    """Measure one caller at a time, as it is asked: on the telephone, at the end of a shift, by a screen."""
    there = furnish(stage)
    yes, no = (
        promise(there, quantity=40, days=300, possible=True),
        promise(there, quantity=4000, days=30, possible=False),
    )

    def one(name: str, make: Make, port: int = stage.port) -> Figure:
        return Figure(name=name, found=load.run(port, make, seconds=seconds, clients=1))

    promised = [
        one(f"Promise a date, {OPEN} open work orders: yes", yes),
        one(f"Promise a date, {OPEN} open work orders: no, with what would help", no),
    ]
    enlarge(there)
    return [
        *promised,
        one(f"Tally of a shift with {SHIFT} people", tally(there)),
        one("Board that has not changed (304, at the service)", board(there), stage.system.port_of("production")),
    ]
