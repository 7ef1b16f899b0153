"""Whether the books add up, over HTTP and against sums that were made wrong past the service."""

from collections.abc import Callable
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.auth import EVERYWHERE
from giatja_kit.testing import Caller


@pytest.fixture
def ops(as_role: Callable[..., Caller]) -> Caller:
    return as_role("ops", EVERYWHERE)


def differences(ops: Caller) -> dict[str, list[dict[str, Any]]]:
    books = ops.get("/books").json
    assert books["sound"] is not any(one["differences"] for one in books["items"])
    return {one["name"]: one["lapas"] for one in books["items"] if one["differences"]}


class TestBooks:
    def test_name_each_sum_that_is_not_the_sum_of_its_entries(
        self, world: Any, petugas: Caller, kasi: Caller, ops: Caller
    ) -> None:
        job, inmate = world.opened(("M", "putih", 6)), world.worker()
        for stage in ("pengerjaan", "qc"):
            assert job.record(petugas, stage, {"inmate_id": inmate, "good": 6}).status_code == 201
        thread = {"name": "Benang", "kind": "thread", "unit": "gulung", "decimals": 0}
        material = kasi.post("/materials", thread).json
        today = str(clock.today("Asia/Jakarta", clock.now()))
        receipt = {"received_on": today, "lines": [{"material_id": material["id"], "counted": 3_000}]}
        assert kasi.post("/material-receipts", receipt).status_code == 201
        assert differences(ops) == {}
        with world.database.transaction(at=clock.now()) as store:
            store.scope("PKL")
            store.run("UPDATE material_lot SET in_store = in_store + 1000")
            store.run("UPDATE output SET credited = credited - 1 WHERE credited > 0")
            store.run(
                "INSERT INTO premi_account (lapas_id, inmate_id, account, balance) VALUES ('PKL', :one, 'custody', 500)",
                {"one": inmate},
            )
        here = [{"lapas_id": "PKL", "differences": 1}]
        found = differences(ops)
        assert (found["material_in_store"], found["premi_accounts"]) == (here, here)
        assert set(found) == {"material_in_store", "premi_accounts", "piece_credits"}

    def test_are_shown_to_those_who_run_the_deployment(self, as_role: Callable[..., Caller]) -> None:
        for role in ("kasi_giatja", "kalapas", "bendahara"):
            assert as_role(role).get("/books").status_code == 403
