"""A shift recorded whole: all of it or nothing, by several clerks at once, and taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller

WORKED = "2025-02-10"


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


def shop(world: Any) -> str:
    return str(world.count("SELECT workshop_id FROM work_order LIMIT 1"))


def line(job: Any, stage: str, inmate: str, good: int, **more: Any) -> dict[str, Any]:
    return {"work_order_id": job.id, "stage_id": job.stages[stage], "inmate_id": inmate, "good": good, **more}


def tally(world: Any, *entries: dict[str, Any], teams: Any = (), **more: Any) -> dict[str, Any]:
    about = {"workshop_id": shop(world), "work_date": WORKED, "shift": "pagi"}
    return {**about, "entries": list(entries), "teams": list(teams), **more}


def mark(caller: Caller, world: Any, inmate: str, status: str, **more: Any) -> Answer:
    about = {"workshop_id": shop(world), "work_date": WORKED, "shift": "pagi"}
    return caller.post("/attendance", {**about, "marks": [{"inmate_id": inmate, "status": status, **more}]})


class TestRecordTally:
    def test_takes_all_stages_of_a_shift_in_the_sequence_of_the_route(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one, two = world.worker(), world.worker()
        entries = [line(job, "qc", two, 4), line(job, "pengerjaan", one, 6)]  # typed the wrong way round
        answer = petugas.post("/tally", tally(world, *entries))
        assert answer.status_code == 201, answer.text
        assert [e["inmate_id"] for e in answer.json["entries"]] == [one, two]
        assert [(s["waiting"], s["good"]) for s in answer.json["stages"]] == [(4, 6), (2, 4)]
        seen = petugas.get("/tally", workshop_id=shop(world), work_date=WORKED, shift="pagi").json
        assert {p["inmate_id"]: p["good"] for p in seen["people"]} == {one: 6, two: 4}
        assert seen["not_recorded"] == []
        assert [t["entries"] for t in seen["tallies"]] == [2]

    def test_keeps_nothing_where_one_entry_is_refused_and_names_it(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one, two = world.worker(), world.worker()
        answer = petugas.post("/tally", tally(world, line(job, "pengerjaan", one, 6), line(job, "pengerjaan", two, 5)))
        assert problem(answer) == (409, "more-than-released", "/entries/1/good")
        assert world.count("SELECT count(*) FROM output") == 0
        assert world.count("SELECT count(*) FROM tally") == 0

    def test_marks_present_who_is_said_to_have_been_there_after_all(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one = world.worker()
        assert mark(petugas, world, one, "sakit").status_code == 200
        refused = petugas.post("/tally", tally(world, line(job, "pengerjaan", one, 2)))
        assert problem(refused) == (409, "marked-absent", "/entries/0/inmate_id")
        assert petugas.post("/tally", tally(world, line(job, "pengerjaan", one, 2, present=True))).status_code == 201
        assert world.count("SELECT status FROM attendance") == "hadir"

    def test_knows_next_day_where_somebody_worked_last(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one = world.worker()
        petugas.post("/tally", tally(world, line(job, "pengerjaan", one, 2), line(job, "qc", one, 1)))
        following = petugas.get("/tally", workshop_id=shop(world), work_date="2025-02-11", shift="siang").json
        (person,) = [p for p in following["people"] if p["inmate_id"] == one]
        assert (person["last_work_order_id"], person["last_stage_key"]) == (job.id, "qc")

    @pytest.mark.parametrize("wrong", ["minor", "without_decree", "left", "of_another_lapas", "not_fit"])
    def test_takes_nobody_who_may_not_work(self, world: Any, petugas: Caller, wrong: str) -> None:
        job = world.opened(("M", "putih", 10))
        who = {
            "minor": lambda: world.worker(adult_on="2025-02-11"),
            "without_decree": lambda: world.worker(valid_from=None),
            "left": world.worker,
            "of_another_lapas": lambda: world.worker(lapas="BTG"),
            "not_fit": lambda: world.worker(fitness="not_fit"),
        }[wrong]()
        if wrong == "left":
            world.tell("training.inmate_left", {"inmate_id": who, "left_on": "2025-02-09", "reason": "release"})
        answer = petugas.post("/tally", tally(world, line(job, "pengerjaan", who, 1)))
        assert answer.status_code in (409, 422)
        assert problem(answer)[2] == "/entries/0/inmate_id"
        assert world.count("SELECT count(*) FROM output") == 0

    def test_is_refused_for_a_work_order_of_another_workshop(self, world: Any, petugas: Caller) -> None:
        world.opened(("M", "putih", 10))
        here = shop(world)
        other = world.opened(("M", "putih", 10), kind="batik_cap")
        first = next(iter(other.stages))
        body = tally(world, line(other, first, world.worker(), 1)) | {"workshop_id": here}
        assert problem(petugas.post("/tally", body)) == (422, "work-order-elsewhere", "/entries/0/work_order_id")

    def test_says_when_the_clock_of_the_tablet_is_wrong_and_takes_the_day_as_sent(
        self, world: Any, petugas: Caller
    ) -> None:
        job = world.opened(("M", "putih", 10))
        device = (clock.now() + timedelta(hours=7)).isoformat()
        answer = petugas.post("/tally", tally(world, line(job, "pengerjaan", world.worker(), 1), device_time=device))
        assert answer.status_code == 201
        assert 415 <= answer.json["clock_off"] <= 420

    def test_refuses_a_day_that_only_the_tablet_thinks_has_come(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        tomorrow = str(clock.today("Asia/Jakarta", clock.now()) + timedelta(days=1))
        body = tally(world, line(job, "pengerjaan", world.worker(), 1)) | {"work_date": tomorrow}
        assert problem(petugas.post("/tally", body)) == (422, "work-date-in-future", "/work_date")

    def test_repeated_with_its_key_is_done_once(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        body = tally(world, line(job, "pengerjaan", world.worker(), 3))
        first, again = (petugas.post("/tally", body, key="kunci-yang-sama") for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json == again.json
        assert world.count("SELECT sum(good) FROM output") == 3


class TestTeamOutput:
    def test_is_shared_by_the_hours_that_attendance_has(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 40))
        one, two = world.worker(), world.worker()
        assert mark(petugas, world, one, "hadir", minutes=180).status_code == 200
        team = {
            "work_order_id": job.id,
            "stage_id": job.stages["pengerjaan"],
            "key": "hours",
            "members": [{"inmate_id": one}, {"inmate_id": two}],
            "good": 9,
        }
        refused = petugas.post("/tally", tally(world, teams=[team]))
        assert problem(refused) == (409, "no-hours-marked", "/teams/0/members/1/inmate_id")
        assert mark(petugas, world, two, "hadir", minutes=90).status_code == 200
        answer = petugas.post("/tally", tally(world, teams=[team]))
        assert {m["inmate_id"]: m["good"] for m in answer.json["teams"][0]["members"]} == {one: 6, two: 3}
        assert world.count("SELECT count(DISTINCT team_id) FROM output") == 1

    def test_marks_its_members_present_so_that_they_have_hours(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        members = [world.worker(), world.worker()]
        team = {
            "work_order_id": job.id,
            "stage_id": job.stages["pengerjaan"],
            "key": "hours",
            "good": 4,
            "members": [{"inmate_id": members[0], "present": True}, {"inmate_id": members[1]}],
        }
        refused = petugas.post("/tally", tally(world, teams=[team]))
        assert problem(refused) == (409, "no-hours-marked", "/teams/0/members/1/inmate_id")
        assert world.count("SELECT count(*) FROM attendance") == 0
        team["members"] = [{"inmate_id": member, "present": True} for member in members]
        shared = petugas.post("/tally", tally(world, teams=[team])).json["teams"][0]["members"]
        assert [m["good"] for m in shared] == [2, 2]
        assert world.count("SELECT count(*) FROM attendance WHERE status = 'hadir'") == 2


class TestUndoTally:
    def test_takes_all_of_it_back_and_once(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one, two = world.worker(), world.worker()
        made = petugas.post(
            "/tally", tally(world, line(job, "pengerjaan", one, 6), line(job, "pengerjaan", two, 2))
        ).json
        assert petugas.post(f"/tally/{made['id']}/undo").status_code == 200
        assert world.count("SELECT sum(good) FROM output") == 0
        assert problem(petugas.post(f"/tally/{made['id']}/undo"))[:2] == (409, "tally-already-undone")

    def test_is_refused_once_its_pieces_went_on(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        one = world.worker()
        made = petugas.post("/tally", tally(world, line(job, "pengerjaan", one, 6))).json
        job.record(petugas, "qc", {"inmate_id": one, "good": 6})
        assert problem(petugas.post(f"/tally/{made['id']}/undo"))[:2] == (409, "output-already-credited")
        assert world.count("SELECT count(*) FROM tally WHERE undone_at IS NULL") == 1

    def test_of_another_lapas_is_as_if_it_were_not_there(
        self, world: Any, petugas: Caller, as_role: Callable[..., Caller]
    ) -> None:
        job = world.opened(("M", "putih", 10))
        made = petugas.post("/tally", tally(world, line(job, "pengerjaan", world.worker(), 1))).json
        answer = as_role("petugas", "BTG").post(f"/tally/{made['id']}/undo")
        assert problem(answer)[:2] == (404, "tally-unknown")


class TestTwoClerksAtOnce:
    def test_with_the_last_pieces_one_is_told_how_many_are_left(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10))
        bodies = [tally(world, line(job, "pengerjaan", world.worker(), 6)) for _ in range(2)]
        with ThreadPoolExecutor(2) as clerks:
            answers = list(clerks.map(lambda body: petugas.post("/tally", body), bodies))
        assert sorted(a.status_code for a in answers) == [201, 409]
        refused = next(a for a in answers if a.status_code == 409)
        assert (problem(refused)[1], refused.json["facts"]["waiting"]) == ("more-than-released", 4)
        assert world.count("SELECT sum(good) FROM output") == 6

    def test_who_take_work_orders_in_another_sequence_do_not_wait_for_each_other(
        self, world: Any, petugas: Caller
    ) -> None:
        jobs = [world.opened(("M", "putih", 100)) for _ in range(4)]
        people = [world.worker() for _ in range(4)]
        there = [line(job, "pengerjaan", who, 1) for job, who in zip(jobs, people, strict=True)]
        bodies = [tally(world, *(there if nth % 2 else reversed(there))) for nth in range(8)]
        with ThreadPoolExecutor(8) as clerks:
            answers = list(clerks.map(lambda body: petugas.post("/tally", body), bodies))
        assert [a.status_code for a in answers] == [201] * 8
        assert world.count("SELECT sum(good) FROM output") == 32
