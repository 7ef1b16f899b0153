"""A Lapas of the benchmark's own, as large as one really is, so that what was measured before does not weigh on it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from giatja_ops.bench import load
from giatja_ops.bench.load import Unit, expect, request
from giatja_ops.bench.stage import Stage

KIND: Final = "garmen"
PRODUCTION: Final = "/api/production/v1"
_LAPAS: Final = "INSERT INTO lapas (lapas_id, name, zone) VALUES (%s, %s, 'Asia/Jakarta') ON CONFLICT DO NOTHING"
# Its orders are nobody's, so nothing is told of when they will be done: looked at already, for as long as this takes.
_NO_FORECASTS: Final = (
    "INSERT INTO planning_look (lapas_id, looked_at) VALUES (%s, now() + interval '1 day')"
    " ON CONFLICT (lapas_id) DO UPDATE SET looked_at = excluded.looked_at"
)
_WORKERS: Final = (
    "INSERT INTO worker (lapas_id, inmate_id, adult_on, fitness)"
    " SELECT %s::text, md5(%s::text || n)::uuid, date '2000-01-01', 'fit' FROM generate_series(1, %s::int) n"
)
_PERMITS: Final = (
    "INSERT INTO work_permission (lapas_id, inmate_id, permission_id, valid_from)"
    " SELECT lapas_id, inmate_id, gen_random_uuid(), current_date - 200 FROM worker WHERE lapas_id = %s"
)
# Large work orders after the pattern of another, with the route of this Lapas' workshop, due over 200 days.
_WORK_ORDERS: Final = (
    "INSERT INTO work_order SELECT (x).* FROM (SELECT jsonb_populate_record(w, jsonb_build_object('lapas_id', %(lapas)s::text,"
    " 'id', gen_random_uuid(), 'order_id', gen_random_uuid(), 'line_id', gen_random_uuid(), 'workshop_id', %(shop)s::text,"
    " 'quantity', %(pieces)s::int, 'cells', jsonb_build_array(jsonb_build_object('no', 1, 'size', '', 'colour', '',"
    "  'quantity', %(pieces)s::int)), 'opened_on', current_date - 100, 'due_date', current_date + 10 + n %% 200,"
    " 'state', 'in_progress', 'held_from', null, 'reason', null, 'workshop_hold', null, 'passed', 0, 'finished', 0,"
    " 'rejected', 0, 'completed_on', null, 'order_completed_on', null, 'version', 1)) AS x"
    " FROM work_order w, generate_series(1, %(count)s::int) n"
    " WHERE w.id = (SELECT id FROM work_order WHERE workshop_kind = %(kind)s ORDER BY id LIMIT 1)) y"
)


@dataclass(frozen=True, kw_only=True)
class Own:
    """A Lapas with one workshop, people with a decree and work orders of one route."""

    stage: Stage
    lapas: str
    shop: str
    people: list[UUID]
    work_orders: list[UUID]
    stages: list[tuple[str, str]]

    def token(self, role: str) -> str:
        """Return the token of somebody there."""
        return self.stage.token_of(role, role, self.lapas)

    def call(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
        """Do one request of the production service and return its answer as JSON."""
        return _call(self.stage, method, path, token, body, **headers)


def furnish(stage: Stage, lapas: str, *, people: int, work_orders: int, each: int) -> Own:
    """Make such a Lapas; each work order is of so many pieces for each stage of the route, standing nowhere yet."""
    with stage.superuser("production") as connection:
        connection.execute(_LAPAS, (lapas, f"Lapas ukur {lapas}"))
        connection.execute(_NO_FORECASTS, (lapas,))
    body = {"template": KIND, "name": "Garmen"}
    made = _call(stage, "POST", "/workshops", stage.token_of("kasi_giatja", "kasi_giatja", lapas), body)
    shop, pieces = str(made["id"]), each * len(made["stages"])
    with stage.superuser("production") as connection:
        connection.execute(_WORKERS, (lapas, lapas, people))
        connection.execute(_PERMITS, (lapas,))
        given = {"lapas": lapas, "shop": shop, "count": work_orders, "pieces": pieces, "kind": KIND}
        connection.execute(_WORK_ORDERS, given)
        hands = connection.execute("SELECT inmate_id FROM worker WHERE lapas_id = %s ORDER BY 1", (lapas,)).fetchall()
        found = connection.execute(
            "SELECT id, route FROM work_order WHERE lapas_id = %s ORDER BY 1", (lapas,)
        ).fetchall()
    return Own(
        stage=stage,
        lapas=lapas,
        shop=shop,
        people=[one for (one,) in hands],
        work_orders=[one for one, _ in found],
        stages=[(str(s["id"]), str(s["key"])) for s in found[0][1]["stages"]],
    )


def _call(stage: Stage, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
    answers: list[Any] = []

    def unit() -> Unit:
        sent = request(method, PRODUCTION + path, token=token, body=body, Idempotency_Key=str(uuid4()), **headers)
        answers.append(expect((yield sent), 200, 201).json())

    load.once(stage.port, unit())
    return answers[0]
