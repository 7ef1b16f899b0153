"""A list of many inmates: worked out in steps that can be watched, locked, credited; how fast is for the bench to say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from giatja_kit import clock
from giatja_kit.testing import Caller
from giatja_ops.pytest_plugin import RealParts
from giatja_production.premi import handlers, queries

PEOPLE = 1_500
ORDERS = 8
DAYS = 6
THIS = clock.today("Asia/Jakarta", clock.now()).replace(day=1)
BEFORE = (THIS - timedelta(days=1)).replace(day=1)


def fill(world: Any, orders: list[Any]) -> None:
    """Let everybody have made pieces on days of last month, all of it accepted, each on two orders."""
    ids, stage = [UUID(job.id) for job in orders], "pengerjaan"
    with world.database.transaction(at=clock.now()) as store:
        store.scope("PKL")
        store.run("SET LOCAL statement_timeout = '120s'")
        store.run(
            "INSERT INTO worker (lapas_id, inmate_id, adult_on, fitness)"
            " SELECT 'PKL', gen_random_uuid(), '2000-01-01', 'fit' FROM generate_series(1, :people)",
            {"people": PEOPLE},
        )
        store.run(
            "INSERT INTO output (lapas_id, id, cell_no, work_order_id, stage_no, stage_key, counts_quality, inmate_id,"
            " work_date, shift, good, rework, reject, from_rework, credited, undone, recorded_at, recorded_by)"
            " SELECT 'PKL', gen_random_uuid(), 1, (CAST(:ids AS uuid[]))[1 + (w.nth + d % 2 * 7) % :orders], 1, :stage, false,"
            "  w.inmate_id, :first + d, 'pagi', 5 + w.nth % 7, 0, 0, false, 5 + w.nth % 7, false, :first + d, 'petugas:x'"
            " FROM (SELECT inmate_id, row_number() OVER () AS nth FROM worker) w, generate_series(1, :days) d",
            {"ids": ids, "orders": len(ids), "stage": stage, "first": BEFORE, "days": DAYS},
        )
        store.run(
            "INSERT INTO credit (lapas_id, id, output_id, cell_no, inmate_id, stage_key, pieces, at)"
            " SELECT lapas_id, gen_random_uuid(), id, cell_no, inmate_id, stage_key, good, now() FROM output"
        )
        store.run("ANALYZE output")


class TestManyInmates:
    @pytest.fixture
    def whole(self, world: Any, real_parts: RealParts, as_role: Callable[..., Caller]) -> dict[str, Any]:
        """Return the list of last month, asked for and waiting."""
        orders = [world.opened(("M", "putih", 1)) for _ in range(ORDERS)]
        fill(world, orders)
        kasi = as_role("kasi_giatja")
        shop = str(world.count("SELECT workshop_id FROM work_order LIMIT 1"))
        scheme = {
            "workshop_id": shop,
            "terms": {"method": "per_piece", "rates": {"pengerjaan": 5000, "qc": 0}},
            "saved_percent": 10,
            "valid_from": "2020-01-01",
            "document": "SK-1",
        }
        made = kasi.post("/premi/schemes", scheme).json
        head = Caller(kasi._client, "/api/production/v1", real_parts.keys.person("kalapas", "PKL", subject="head"))
        assert head.post(f"/premi/schemes/{made['id']}/approve", version=1).status_code == 200
        pay = Caller(kasi._client, "/api/production/v1", real_parts.keys.person("bendahara", "PKL", subject="pay"))
        for job in orders:
            body = {
                "order_id": job.order_id,
                "base": 10**9,
                "premi": 10**9,
                "document": job.id,
                "split_on": str(BEFORE),
            }
            assert pay.post("/premi/proceeds", body).status_code == 201
        found: dict[str, Any] = {"kasi": kasi, "head": head, "pay": pay}
        return found | {"id": kasi.post("/premi/lists", {"period": str(BEFORE)}).json["id"]}

    def test_are_worked_out_locked_and_credited(
        self, whole: dict[str, Any], world: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []
        keep = queries.set_progress

        def watch(store: Any, list_id: UUID, *, done: int, total: int) -> None:
            seen.append(done)
            keep(store, list_id, done=done, total=total)

        monkeypatch.setattr(queries, "set_progress", watch)
        handlers.look_round(world.database)
        path = f"/premi/lists/{whole['id']}"
        draft = whole["kasi"].get(path).json
        assert (draft["state"], draft["people"], draft["lines"]) == ("draft", PEOPLE, PEOPLE)
        assert draft["gross"] == world.count("SELECT sum(pieces) FROM credit") * 5000
        assert seen == sorted(seen)
        assert len(seen) > 3
        version = whole["kasi"].post(f"{path}/propose", version=draft["version"]).json["version"]
        assert len(whole["kasi"].get(f"{path}/lines", limit=100).json["items"]) == 100
        assert whole["head"].post(f"{path}/approve", version=version).status_code == 200
        body = {"way": "custody", "document": "BA-1"}
        assert whole["pay"].post(f"{path}/credit", body, version=version + 1).status_code == 200
        assert whole["kasi"].get(path).json["state"] == "credited"
        assert world.count("SELECT sum(amount) FROM premi_posting") == 0
        # The next month has only to look at what happened since.
        whole["kasi"].post("/premi/lists", {"period": str(THIS)})
        assert handlers.look_round(world.database) == 1
