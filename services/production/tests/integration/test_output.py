"""Output over HTTP, on PostgreSQL: what flows, what is credited, what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told

PROGRESSED = "giatja.production.stage_progressed.v1"
ACCEPTED = "giatja.production.output_accepted.v1"
COMPLETED = "giatja.production.work_order_completed.v1"


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


class TestTheWayOfAnOrder:
    def test_ends_with_everybody_credited_once_and_the_work_order_completed(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 4), ("L", "biru", 2))
        tailor, checker = world.worker(), world.worker()
        assert job.record(petugas, "pengerjaan", {"inmate_id": tailor, "good": 6}).status_code == 201
        assert [f["data"] for f in told(world.database, ACCEPTED)] == []
        first = job.record(petugas, "qc", {"inmate_id": checker, "good": 3})
        assert (first.json["state"], first.json["stage"]) == (
            "in_progress",
            {"waiting": 3, "rework": 0, "good": 3, "reject": 0},
        )
        assert told(world.database, COMPLETED) == []
        assert job.record(petugas, "qc", {"inmate_id": checker, "good": 3}).json["state"] == "completed"
        pieces: dict[tuple[str, str], int] = {}
        for fact in told(world.database, ACCEPTED):
            key = (fact["data"]["inmate_id"], fact["data"]["stage"])
            pieces[key] = pieces.get(key, 0) + fact["data"]["pieces"]
        assert pieces == {(tailor, "pengerjaan"): 6, (checker, "qc"): 6}
        assert [(f["data"]["quantity"], f["data"]["passed"]) for f in told(world.database, COMPLETED)] == [(6, 6)]
        assert world.count("SELECT bool_and(credited = good) FROM output")
        assert world.count("SELECT sum(pieces) FROM credit") == 12

    def test_replaces_what_is_rejected_so_that_it_can_be_completed(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 2))
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 2})
        job.record(petugas, "qc", {"inmate_id": one, "good": 1, "reject": 1, "defect": "rusak"})
        shown = petugas.get(f"/work-orders/{job.id}").json
        assert [(s["waiting"], s["good"], s["reject"]) for s in shown["stages"]] == [(1, 2, 0), (0, 1, 1)]
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1})
        assert job.record(petugas, "qc", {"inmate_id": one, "good": 1}).json["state"] == "completed"
        assert told(world.database, COMPLETED)[0]["data"]["rejected"] == 1

    def test_lets_rework_be_settled_by_a_later_entry(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 3))
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1, "rework": 2, "defect": "salah"})
        mend = {"inmate_id": one, "good": 1, "reject": 1, "defect": "rusak", "from_rework": True}
        answer = job.record(petugas, "pengerjaan", mend)
        assert answer.json["stage"] == {"waiting": 1, "rework": 0, "good": 2, "reject": 1}
        again = job.record(petugas, "pengerjaan", {**mend, "reject": 0, "defect": None})
        assert problem(again) == (409, "more-than-rework", "/entries/0/good")

    def test_tells_facts_that_fit_the_catalogue(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 1))
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1})
        job.record(petugas, "qc", {"inmate_id": one, "good": 1})
        facts = told(world.database)
        for fact in facts:
            catalogue()[fact["type"]].check(fact["data"])
            assert fact["subject"] == job.id
        assert [f["type"].split(".")[2] for f in facts] == [
            "work_order_opened",
            "stage_progressed",
            "stage_progressed",
            "output_accepted",
            "output_accepted",
            "work_order_completed",
        ]


class TestCells:
    def test_are_filled_in_grid_order_where_none_is_named(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("S", "", 2), ("M", "", 2), ("L", "", 2))
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 3})
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1, "size": "L"})
        grid = petugas.get(f"/work-orders/{job.id}").json["grid"]
        assert [cell["stages"][0]["good"] for cell in grid] == [2, 1, 1]

    def test_hold_only_their_own_pieces(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("S", "", 2), ("M", "", 2))
        answer = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 3, "size": "S"})
        assert problem(answer) == (409, "more-than-released", "/entries/0/good")
        assert answer.json["facts"]["waiting"] == 2


class TestRefuseOutput:
    @pytest.fixture
    def job(self, world: Any) -> Any:
        return world.opened(("M", "putih", 10))

    def test_of_more_than_waits_and_keeps_nothing_of_the_request(self, world: Any, petugas: Caller, job: Any) -> None:
        one, two = world.worker(), world.worker()
        answer = job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 7}, {"inmate_id": two, "good": 4})
        assert problem(answer) == (409, "more-than-released", "/entries/1/good")
        assert answer.json["facts"]["waiting"] == 3
        assert world.count("SELECT count(*) FROM output") == 0
        assert told(world.database, PROGRESSED) == []

    def test_at_a_stage_nothing_has_reached(self, world: Any, petugas: Caller, job: Any) -> None:
        answer = job.record(petugas, "qc", {"inmate_id": world.worker(), "good": 1})
        assert problem(answer) == (409, "more-than-released", "/entries/0/good")

    @pytest.mark.parametrize(
        ("about", "slug"),
        [
            ({"adult_on": "2025-02-11"}, "inmate-under-age"),
            ({"valid_from": None}, "no-work-permission"),
            ({"valid_from": "2025-02-11"}, "no-work-permission"),
            ({"valid_until": "2025-02-09"}, "no-work-permission"),
            ({"fitness": "not_fit"}, "inmate-not-fit"),
        ],
    )
    def test_of_somebody_who_may_not_work(
        self, world: Any, petugas: Caller, job: Any, about: dict[str, Any], slug: str
    ) -> None:
        answer = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(**about), "good": 1})
        assert problem(answer) == (409, slug, "/entries/0/inmate_id")

    def test_of_somebody_unknown_or_of_another_lapas_alike(self, world: Any, petugas: Caller, job: Any) -> None:
        for stranger in (world.worker(lapas="BTG"), "019a0000-0000-7000-8000-000000000051"):
            answer = job.record(petugas, "pengerjaan", {"inmate_id": stranger, "good": 1})
            assert problem(answer) == (422, "inmate-unknown", "/entries/0/inmate_id")

    def test_of_somebody_who_left_but_not_on_the_day_of_leaving(self, world: Any, petugas: Caller, job: Any) -> None:
        one = world.worker()
        world.tell("training.inmate_left", {"inmate_id": one, "left_on": "2025-02-10", "reason": "release"})
        assert job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1}).status_code == 201
        later = job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1}, on="2025-02-11")
        assert problem(later) == (409, "inmate-left", "/entries/0/inmate_id")

    def test_after_the_decree_ended(self, world: Any, petugas: Caller, job: Any) -> None:
        one = world.worker()
        permission = world.count("SELECT permission_id FROM work_permission WHERE inmate_id = :i", i=UUID(one))
        world.tell(
            "training.work_permission_ended",
            {"inmate_id": one, "permission_id": str(permission), "ended_on": "2025-02-10", "reason": "bebas"},
        )
        assert job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1}).status_code == 201
        later = job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1}, on="2025-02-11")
        assert problem(later)[1] == "no-work-permission"

    @pytest.mark.parametrize(
        ("entry", "status", "slug", "pointer"),
        [
            ({}, 422, "nothing-recorded", "/entries/0/good"),
            ({"reject": 1}, 422, "defect-missing", "/entries/0/defect"),
            ({"rework": 1, "defect": "mati"}, 422, "defect-unknown", "/entries/0/defect"),
            ({"good": 1, "defect": "rusak"}, 422, "defect-without-pieces", "/entries/0/defect"),
            ({"good": -1}, 422, "input-invalid", "/entries/0/good"),
            ({"good": 10**12}, 422, "input-invalid", "/entries/0/good"),
            ({"good": 1, "size": "XXL"}, 422, "cell-unknown", "/entries/0/size"),
            ({"rework": 1, "defect": "rusak", "from_rework": True}, 422, "rework-of-rework", "/entries/0/rework"),
            ({"good": 1, "wage": 5}, 422, "input-invalid", "/entries/0/wage"),
        ],
    )
    def test_that_makes_no_sense(
        self, world: Any, petugas: Caller, job: Any, entry: dict[str, Any], status: int, slug: str, pointer: str
    ) -> None:
        answer = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), **entry})
        assert problem(answer) == (status, slug, pointer)
        assert world.count("SELECT count(*) FROM output") == 0

    def test_of_a_day_that_has_not_come_or_was_before_the_opening(self, world: Any, petugas: Caller, job: Any) -> None:
        entry = {"inmate_id": world.worker(), "good": 1}
        tomorrow = str(clock.today("Asia/Jakarta", clock.now()) + timedelta(days=1))
        assert problem(job.record(petugas, "pengerjaan", entry, on=tomorrow))[1] == "work-date-in-future"
        assert problem(job.record(petugas, "pengerjaan", entry, on="2025-02-02"))[1] == "work-date-before-opening"

    def test_of_a_stage_or_work_order_that_is_not_there(
        self, world: Any, petugas: Caller, job: Any, as_role: Callable[..., Caller]
    ) -> None:
        entry = {"inmate_id": world.worker(), "good": 1}
        strange = {**job.body("pengerjaan", entry), "stage_id": job.id}
        assert problem(petugas.post("/output", strange)) == (422, "stage-unknown", "/stage_id")
        foreign = as_role("petugas", "BTG")
        assert problem(job.record(foreign, "pengerjaan", entry))[:2] == (404, "work-order-unknown")
        malformed = {**job.body("pengerjaan", entry), "work_order_id": "x"}
        assert problem(petugas.post("/output", malformed)) == (422, "input-invalid", "/work_order_id")

    def test_of_more_than_a_hundred_entries(self, world: Any, petugas: Caller, job: Any) -> None:
        entry = {"inmate_id": world.worker(), "good": 1}
        assert problem(job.record(petugas, "pengerjaan", *[entry] * 101))[2] == "/entries"
        assert problem(job.record(petugas, "pengerjaan"))[2] == "/entries"

    def test_while_its_order_is_held_cancelled_or_done(self, world: Any, petugas: Caller, job: Any) -> None:
        entry = {"inmate_id": world.worker(), "good": 1}
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        held = job.record(petugas, "pengerjaan", entry)
        assert (problem(held)[:2], held.json["facts"]["reason"]) == ((409, "work-order-on-hold"), "banjir")
        world.tell("orders.order_resumed", {"order_id": job.order_id})
        assert job.record(petugas, "pengerjaan", entry).status_code == 201
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "mitra membatalkan"})
        assert problem(job.record(petugas, "pengerjaan", entry))[:2] == (409, "work-order-cancelled")

    def test_without_the_duty_or_the_key(
        self, world: Any, client: Any, real_parts: Any, as_role: Callable[..., Caller], job: Any
    ) -> None:
        body = job.body("pengerjaan", {"inmate_id": world.worker(), "good": 1})
        assert as_role("bendahara").post("/output", body).status_code == 403
        token = real_parts.keys.person("petugas", "PKL")
        bare = client.post("/api/production/v1/output", json=body, headers={"Authorization": f"Bearer {token}"})
        assert (bare.status_code, bare.json["type"]) == (400, "urn:giatja:problem:idempotency-key-missing")

    def test_a_second_time_for_one_key(self, world: Any, petugas: Caller, job: Any) -> None:
        body = job.body("pengerjaan", {"inmate_id": world.worker(), "good": 4})
        first, second = petugas.post("/output", body, key="k1"), petugas.post("/output", body, key="k1")
        assert first.json == second.json
        assert world.count("SELECT sum(good) FROM output") == 4

    def test_of_the_last_pieces_to_the_second_of_two_clerks(
        self, world: Any, petugas: Caller, as_role: Callable[..., Caller], job: Any
    ) -> None:
        one, two = world.worker(), world.worker()
        with ThreadPoolExecutor(2) as pool:
            answers = list(
                pool.map(lambda i: job.record(petugas, "pengerjaan", {"inmate_id": i, "good": 6}), (one, two))
            )
        assert sorted(a.status_code for a in answers) == [201, 409]
        loser = next(a for a in answers if a.status_code == 409)
        assert (problem(loser)[1], loser.json["facts"]["waiting"]) == ("more-than-released", 4)


class TestUndo:
    def test_takes_back_what_has_not_moved_on(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "", 2), ("L", "", 2))
        made = job.record(
            petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 2, "reject": 1, "defect": "rusak"}
        ).json
        undone = petugas.post(f"/output/{made['entries'][0]['id']}/undo")
        assert (undone.status_code, undone.json["undoes"]) == (200, made["entries"][0]["id"])
        stages = petugas.get(f"/work-orders/{job.id}").json["stages"]
        assert [(s["waiting"], s["rework"], s["good"], s["reject"]) for s in stages] == [(4, 0, 0, 0), (0, 0, 0, 0)]
        last = told(world.database, PROGRESSED)[-1]["data"]
        assert (last["good"], last["reject"], last["defects"]) == (-2, -1, {"rusak": -1})
        catalogue()[PROGRESSED].check(last)
        assert world.count("SELECT sum(good) || '/' || count(*) FROM output") == "0/4"

    def test_is_refused_twice(self, world: Any, petugas: Caller) -> None:
        job = world.opened()
        made = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 2}).json["entries"][0]["id"]
        back = petugas.post(f"/output/{made}/undo").json["id"]
        assert problem(petugas.post(f"/output/{made}/undo"))[1] == "output-already-undone"
        assert problem(petugas.post(f"/output/{back}/undo"))[1] == "output-already-undone"

    def test_is_refused_once_its_pieces_moved_on_or_are_credited(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "", 4))
        one = world.worker()
        first = job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 2}).json["entries"][0]["id"]
        second = job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 2}).json["entries"][0]["id"]
        checked = job.record(petugas, "qc", {"inmate_id": one, "good": 1, "rework": 2, "defect": "salah"}).json
        assert problem(petugas.post(f"/output/{first}/undo"))[1] == "output-already-credited"
        assert problem(petugas.post(f"/output/{second}/undo"))[1] == "pieces-moved-on"
        assert problem(petugas.post(f"/output/{checked['entries'][0]['id']}/undo"))[1] == "output-already-credited"
        assert world.count("SELECT count(*) FROM output") == 3

    def test_of_another_day_is_a_correction(self, world: Any, petugas: Caller, kasi: Caller) -> None:
        job = world.opened()
        made = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 2}).json["entries"][0]["id"]
        with world.database.transaction(at=clock.now()) as store:
            store.run("UPDATE output SET recorded_at = recorded_at - interval '1 day'")
        assert problem(petugas.post(f"/output/{made}/undo"))[:2] == (403, "undo-another-day")
        assert kasi.post(f"/output/{made}/undo").status_code == 200

    def test_of_another_lapas_looks_unknown(self, world: Any, petugas: Caller, as_role: Callable[..., Caller]) -> None:
        job = world.opened()
        made = job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 2}).json["entries"][0]["id"]
        assert problem(as_role("kasi_giatja", "BTG").post(f"/output/{made}/undo"))[:2] == (404, "output-unknown")

    def test_leaves_its_pieces_to_be_credited_to_whoever_makes_them_again(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "", 2))
        wrong, right = world.worker(), world.worker()
        made = job.record(petugas, "pengerjaan", {"inmate_id": wrong, "good": 2}).json["entries"][0]["id"]
        petugas.post(f"/output/{made}/undo")
        job.record(petugas, "pengerjaan", {"inmate_id": right, "good": 2})
        job.record(petugas, "qc", {"inmate_id": wrong, "good": 2})
        credited = {
            (f["data"]["inmate_id"], f["data"]["stage"]): f["data"]["pieces"] for f in told(world.database, ACCEPTED)
        }
        assert credited == {(right, "pengerjaan"): 2, (wrong, "qc"): 2}


class TestReads:
    def test_list_entries_newest_first_by_cursor(self, world: Any, petugas: Caller) -> None:
        job = world.opened()
        people = [world.worker() for _ in range(3)]
        for one in people:
            job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1})
        first = petugas.get("/output", work_order_id=job.id, limit=2).json
        second = petugas.get("/output", work_order_id=job.id, limit=2, cursor=first["next"]).json
        assert [e["inmate_id"] for page in (first, second) for e in page["items"]] == people[::-1]
        assert petugas.get(f"/output/{first['items'][0]['id']}").json["stage_name"] == "Pengerjaan"
        assert petugas.get("/output", cursor="bogus").status_code == 422

    def test_show_the_floor_with_who_is_not_yet_recorded(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "", 20), due="2025-02-14")
        one, two = world.worker(), world.worker()
        world.worker(valid_until="2025-02-01")
        elsewhere = world.worker()
        batik = world.opened(kind="batik_cap")
        batik.record(petugas, "persiapan_kain", {"inmate_id": elsewhere, "good": 1}, on="2025-02-07")
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 2}, {"inmate_id": two, "good": 3}, on="2025-02-07")
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 2})
        floor = petugas.get(
            "/floor",
            work_order_id=job.id,
            stage_id=job.stages["pengerjaan"],
            work_date="2025-02-10",
            shift="pagi",
        ).json
        assert {w["inmate_id"]: w["good"] for w in floor["workers"]} == {one: 2, two: 0, elsewhere: 0}
        assert floor["not_recorded"] == [two]
        # 15 pieces were left in the morning, for the five working days from Monday to Friday.
        assert (floor["target"], floor["actual"], floor["gap"], floor["waiting"]) == (3, 2, 1, 13)

    def test_sum_up_the_day_and_the_month(self, world: Any, petugas: Caller, kasi: Caller) -> None:
        job = world.opened(("M", "", 20))
        one, two = world.worker(), world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 6}, {"inmate_id": two, "good": 3}, on="2025-02-07")
        job.record(petugas, "qc", {"inmate_id": one, "good": 4}, on="2025-02-07")
        job.record(petugas, "qc", {"inmate_id": one, "good": 1, "reject": 1, "defect": "rusak"})
        workshop = kasi.get("/workshops").json["items"][0]
        kasi.post(f"/workshops/{workshop['id']}/targets", {"month": "2025-02-10", "pieces": 24}, version=1)
        day = petugas.get("/production/summary", date="2025-02-10").json
        row = day["workshops"][0]
        assert (row["month_target"], row["month_done"], row["today"], row["month_expected"]) == (24, 5, 1, 8)
        assert (row["workers_active"], row["not_recorded"], row["rejected_today"]) == (1, 1, 1)
        assert (day["workers_allowed"], day["workers_active"]) == (2, 1)
        # From the 11th to the 28th, without two Sundays.
        assert day["working_days_left"] == 16
