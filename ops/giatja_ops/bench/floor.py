"""The floor: a shift of thirty people sent in one request, and a board that has not changed."""

from random import Random
from typing import Final
from uuid import UUID, uuid4

from giatja_kit import clock
from giatja_kit.auth import Signer
from giatja_ops.bench import load, planning
from giatja_ops.bench.acts import Make
from giatja_ops.bench.load import Unit, expect, request
from giatja_ops.bench.report import Figure
from giatja_ops.bench.stage import LAPAS, Stage
from giatja_ops.secrets import read_secret

PEOPLE: Final = 30
_PRODUCTION: Final = "/api/production/v1"
_PLACES: Final = (
    "SELECT workshop_id, id, (route -> 'stages' -> 0 ->> 'id')::uuid FROM work_order WHERE lapas_id = %s"
    " AND state IN ('released', 'in_progress') AND quantity >= 5000 AND workshop_id = (SELECT workshop_id FROM placement"
    "  WHERE lapas_id = %s AND inmate_id = md5('bench hand 1')::uuid) ORDER BY id LIMIT 200"
)
_HANDS: Final = "SELECT md5('bench hand ' || n)::uuid FROM generate_series(1, %s) n"


def tally(stage: Stage, token: str) -> Make:
    """Send what thirty people made in a shift of some workshop."""
    with stage.superuser("production") as connection:
        places: list[tuple[UUID, UUID, UUID]] = connection.execute(_PLACES, (LAPAS, LAPAS)).fetchall()
        people = [str(one) for (one,) in connection.execute(_HANDS, (PEOPLE,)).fetchall()]
    if not places:
        raise LookupError("no work order is large enough")
    day = clock.today("Asia/Jakarta", clock.now()).isoformat()
    random = Random(4)  # noqa: S311 - the same work orders each time

    def unit() -> Unit:
        workshop, work_order, first = (str(one) for one in random.choice(places))
        line = {"work_order_id": work_order, "stage_id": first, "good": 1, "present": True}
        body = {
            "workshop_id": workshop,
            "work_date": day,
            "shift": "pagi",
            "entries": [{"inmate_id": one, **line} for one in people],
        }
        sent = request("POST", f"{_PRODUCTION}/tally", token=token, body=body, Idempotency_Key=str(uuid4()))
        expect((yield sent), 201)

    return unit


def board(stage: Stage, token: str) -> Make:
    """Ask for a board that shows the same as before, as the gateway does for a screen."""
    port = stage.system.port_of("production")
    signer = Signer("gateway", read_secret(stage.system.secrets / "gateway", "giatja_signing_key"))
    service = signer.service_token(at=clock.now())
    found: list[str] = []

    def open_one() -> Unit:
        made = yield request(
            "POST", f"{_PRODUCTION}/board-links", token=token, body={"name": f"Ukur {uuid4().hex[:8]}"}
        )
        path = f"{_PRODUCTION}/boards/{expect(made, 200).json()['token']}"
        seen = expect((yield request("GET", path, token=service)), 200)
        found.extend([path, seen.header("ETag")])

    load.once(port, open_one())
    path = found[0]

    def unit() -> Unit:
        # A pace that moved on meanwhile is another board, and asked for once.
        answer = expect((yield request("GET", path, token=service, If_None_Match=found[1])), 200, 304)
        if answer.status == 200:
            found[1] = answer.header("ETag")

    return unit


def measure(stage: Stage, token: str, *, seconds: float) -> list[Figure]:
    """Measure one officer at a time, and one screen at a time at the service itself."""
    planning.fill(stage)
    port = stage.system.port_of("production")
    return [
        Figure(
            name=f"Tally of a shift with {PEOPLE} people",
            found=load.run(stage.port, tally(stage, token), seconds=seconds, clients=1),
        ),
        Figure(
            name="Board that has not changed (304, at the service)",
            found=load.run(port, board(stage, token), seconds=min(seconds, 20), clients=1),
        ),
    ]
