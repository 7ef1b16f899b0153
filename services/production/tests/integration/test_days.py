"""Days: what is missing, closing, and what two people change of a closed one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told
from giatja_ops.pytest_plugin import RealParts

WORKED = "2025-02-10"
BASE = "/api/production/v1"


def problem(answer: Answer) -> tuple[int, str]:
    """Return status and type of a refusal."""
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:")


@dataclass
class Day:
    """A day of one workshop with one work order, and whoever does something on it."""

    world: Any
    job: Any
    shop: str
    petugas: Caller
    kasi: Caller
    bimker: Caller

    def mark(self, *inmates: str, status: str = "hadir", shift: str = "pagi", **more: Any) -> Answer:
        body = {"workshop_id": self.shop, "work_date": WORKED, "shift": shift}
        marks = [{"inmate_id": i, "status": status, **more} for i in inmates]
        return self.petugas.post("/attendance", {**body, "marks": marks})

    def tally(self, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
        about = {"workshop_id": self.shop, "work_date": WORKED, "shift": "pagi"}
        return {**about, "entries": list(entries), "teams": [], **more}

    def line(self, inmate: str, good: int, stage: str = "pengerjaan") -> dict[str, Any]:
        return {"work_order_id": self.job.id, "stage_id": self.job.stages[stage], "inmate_id": inmate, "good": good}

    def close(self, *, accept: bool = True, note: str | None = "Dicatat di kertas") -> Answer:
        return self.kasi.post("/days/close", {"work_date": WORKED, "accept_missing": accept, "note": note})

    def seen(self) -> Any:
        return self.kasi.get(f"/days/{WORKED}/{self.shop}").json


@pytest.fixture
def day(world: Any, real_parts: RealParts, petugas: Caller) -> Day:
    job = world.opened(("M", "putih", 20))
    client = petugas._client

    def person(role: str, subject: str) -> Caller:
        return Caller(client, BASE, real_parts.keys.person(role, "PKL", subject=subject))

    return Day(
        world=world,
        job=job,
        shop=str(world.count("SELECT workshop_id FROM work_order LIMIT 1")),
        petugas=person("petugas", "officer"),
        kasi=person("kasi_giatja", "head"),
        bimker=person("kasubsi_bimker", "guide"),
    )


class TestCloseDay:
    def test_says_first_what_is_missing_of_whom(self, day: Day) -> None:
        idle, busy = day.world.worker(), day.world.worker()
        day.mark(idle)
        day.petugas.post("/tally", day.tally(day.line(busy, 3)))
        seen = day.seen()
        assert seen["without_output"] == [idle]
        assert [m["inmate_id"] for m in seen["without_mark"]] == [busy]
        assert [(s["name"], s["people"], s["good"]) for s in seen["stages"]] == [("Pengerjaan", 1, 3)]
        refused = day.close(accept=False)
        assert problem(refused) == (409, "day-not-complete")
        assert refused.json["facts"]["missing"] == sum(
            seen["missing"][kind] for kind in ("unmarked", "without_output", "without_mark")
        )

    def test_wants_a_word_where_something_is_missing(self, day: Day) -> None:
        day.petugas.post("/tally", day.tally(day.line(day.world.worker(), 3)))
        assert problem(day.close(note=None)) == (422, "note-missing")
        assert day.close().status_code == 200
        closed = day.seen()
        assert (closed["closed_by"], closed["note"]) == ("kasi_giatja:head", "Dicatat di kertas")
        assert closed["closed_sums"]["stages"][0]["good"] == 3

    def test_is_never_done_while_attendance_and_output_contradict(self, day: Day) -> None:
        one = day.world.worker()
        day.petugas.post("/tally", day.tally(day.line(one, 3)))
        day.mark(one, status="tidak_hadir")
        assert problem(day.close()) == (409, "output-of-absent")

    def test_is_never_done_while_a_tool_is_out(self, day: Day, as_role: Callable[..., Caller]) -> None:
        today, one = str(clock.today("Asia/Jakarta", clock.now())), day.world.worker()
        there = {"workshop_id": day.shop, "work_date": today, "shift": "pagi"}
        tool = {"codes": ["GUNTING-1"], "name": "Gunting kain", "kind": "gunting", "workshop_id": day.shop}
        assert as_role("kasubsi_sarana").post("/tools", tool).status_code == 201
        given = day.petugas.post("/tool-issues", {**there, "items": [{"tool": "GUNTING-1", "inmate_id": one}]})
        assert given.status_code == 201, given.text
        assert day.kasi.get(f"/days/{today}/{day.shop}").json["tools_out"] == 1
        close = {"work_date": today, "accept_missing": True, "note": "Hujan, pulang awal"}
        assert problem(day.kasi.post("/days/close", close)) == (409, "tools-still-out")
        back = day.petugas.post("/tool-issues/returns", {"returns": [{"issue_id": given.json["id"]}]})
        assert back.status_code == 200, back.text
        assert day.kasi.post("/days/close", close).status_code == 200

    def test_of_a_day_that_has_not_come_is_refused(self, day: Day) -> None:
        answer = day.kasi.post("/days/close", {"work_date": "2099-01-01", "accept_missing": True, "note": "x"})
        assert problem(answer) == (422, "work-date-in-future")

    def test_is_not_for_who_records(self, day: Day) -> None:
        answer = day.petugas.post("/days/close", {"work_date": WORKED, "accept_missing": True, "note": "x"})
        assert answer.status_code == 403

    def test_by_two_at_once_happens_once(self, day: Day) -> None:
        day.petugas.post("/tally", day.tally(day.line(day.world.worker(), 3)))
        with ThreadPoolExecutor(2) as heads:
            answers = list(heads.map(lambda _: day.close(), range(2)))
        assert sorted(a.status_code for a in answers) == [200, 409]

    def test_and_recording_at_the_same_moment_never_leaves_output_the_closing_did_not_see(self, day: Day) -> None:
        people = [day.world.worker() for _ in range(6)]
        with ThreadPoolExecutor(7) as everybody:
            recorded = [everybody.submit(day.petugas.post, "/tally", day.tally(day.line(p, 1))) for p in people]
            closed = everybody.submit(day.close)
            statuses = [r.result().status_code for r in recorded]
            assert closed.result().status_code == 200
        kept = day.world.count("SELECT coalesce(sum(good), 0) FROM output")
        assert statuses.count(201) == kept
        assert sum(s["good"] for s in day.seen()["closed_sums"]["stages"]) == kept


class TestAClosedDay:
    @pytest.fixture
    def one(self, day: Day) -> str:
        """Close the day on which somebody made three pieces."""
        inmate = str(day.world.worker())
        day.mark(inmate)
        assert day.petugas.post("/tally", day.tally(day.line(inmate, 3))).status_code == 201
        assert day.close().status_code == 200
        return inmate

    def test_takes_no_output_no_mark_and_no_undo(self, day: Day, one: str) -> None:
        output = day.world.count("SELECT id FROM output LIMIT 1")
        tally = day.world.count("SELECT id FROM tally LIMIT 1")
        answers = [
            day.petugas.post("/tally", day.tally(day.line(one, 1))),
            day.job.record(day.petugas, "pengerjaan", {"inmate_id": one, "good": 1}),
            day.mark(one, status="sakit"),
            day.petugas.post(f"/output/{output}/undo"),
            day.petugas.post(f"/tally/{tally}/undo"),
        ]
        assert [problem(a) for a in answers] == [(409, "work-day-already-closed")] * 5
        assert day.world.count("SELECT sum(good) FROM output") == 3

    def test_takes_a_late_entry_once_another_person_confirms_it(self, day: Day, one: str) -> None:
        late = day.tally(day.line(one, 4), reason="Tablet mati, dicatat di kertas")
        asked = day.petugas.post("/corrections/late", late)
        assert asked.status_code == 201, asked.text
        assert (asked.json["state"], asked.json["kind"]) == ("pending", "late")
        assert day.world.count("SELECT sum(good) FROM output") == 3
        confirmed = day.kasi.post(f"/corrections/{asked.json['id']}/confirm", version=asked.json["version"])
        assert confirmed.status_code == 200, confirmed.text
        assert (confirmed.json["state"], confirmed.json["decided_by"]) == ("confirmed", "kasi_giatja:head")
        assert day.world.count("SELECT sum(good) FROM output") == 7
        again = day.kasi.post(f"/corrections/{asked.json['id']}/confirm", version=confirmed.json["version"])
        assert problem(again) == (409, "correction-already-decided")

    def test_refuses_a_late_entry_at_once_that_could_not_be_recorded(self, day: Day, one: str) -> None:
        late = day.tally(day.line(one, 400), reason="Tablet mati")
        assert problem(day.petugas.post("/corrections/late", late)) == (409, "more-than-released")
        assert day.world.count("SELECT count(*) FROM correction") == 0
        assert day.world.count("SELECT sum(good) FROM output") == 3

    def test_is_changed_by_nobody_alone_not_even_in_another_role(
        self, day: Day, one: str, real_parts: RealParts
    ) -> None:
        asked = day.bimker.post("/corrections/late", day.tally(day.line(one, 1), reason="Lupa dicatat")).json
        same = Caller(day.kasi._client, BASE, real_parts.keys.person("kasi_giatja", "PKL", subject="guide"))
        path = f"/corrections/{asked['id']}"
        for caller in (day.bimker, same):
            assert problem(caller.post(f"{path}/confirm", version=1)) == (403, "second-person-needed")
            assert problem(caller.post(f"{path}/refuse", {"answer": "Tidak"}, version=1)) == (
                403,
                "second-person-needed",
            )
        assert problem(day.kasi.post(f"{path}/withdraw", version=1)) == (403, "correction-of-another")
        assert day.bimker.post(f"{path}/withdraw", version=1).json["state"] == "withdrawn"

    def test_is_not_changed_by_what_was_refused_and_says_why(self, day: Day, one: str) -> None:
        asked = day.petugas.post("/corrections/late", day.tally(day.line(one, 1), reason="Lupa dicatat")).json
        answer = day.kasi.post(f"/corrections/{asked['id']}/refuse", {"answer": "Tidak ada di jurnal"}, version=1)
        assert (answer.json["state"], answer.json["answer"]) == ("refused", "Tidak ada di jurnal")
        assert day.world.count("SELECT sum(good) FROM output") == 3

    def test_gets_another_mark_once_another_person_confirms_it(self, day: Day, one: str) -> None:
        body = {"workshop_id": day.shop, "work_date": WORKED, "shift": "siang", "reason": "Surat dokter menyusul"}
        asked = day.petugas.post("/corrections/marks", {**body, "mark": {"inmate_id": one, "status": "sakit"}})
        assert asked.status_code == 201, asked.text
        twice = day.petugas.post("/corrections/marks", {**body, "mark": {"inmate_id": one, "status": "izin"}})
        assert problem(twice) == (409, "correction-already-asked")
        assert day.kasi.post(f"/corrections/{asked.json['id']}/confirm", version=1).status_code == 200
        assert day.world.count("SELECT status FROM attendance WHERE shift = 'siang'") == "sakit"

    def test_of_another_lapas_keeps_its_requests_to_itself(
        self, day: Day, one: str, as_role: Callable[..., Caller]
    ) -> None:
        asked = day.petugas.post("/corrections/late", day.tally(day.line(one, 1), reason="Lupa dicatat")).json
        other = as_role("kasi_giatja", "BTG")
        assert other.get(f"/corrections/{asked['id']}").status_code == 404
        assert other.post(f"/corrections/{asked['id']}/confirm", version=1).status_code == 404
        assert other.get("/corrections").json["items"] == []


class TestProposeLate:
    def test_is_for_closed_days_only(self, day: Day) -> None:
        late = day.tally(day.line(day.world.worker(), 1), reason="Lupa dicatat")
        assert problem(day.petugas.post("/corrections/late", late)) == (409, "work-day-not-closed")


class TestReversal:
    def test_takes_credit_back_exactly_and_once(self, day: Day) -> None:
        tailor, checker = str(day.world.worker()), str(day.world.worker())
        day.petugas.post("/tally", day.tally(day.line(tailor, 5)))
        day.petugas.post("/tally", day.tally(day.line(checker, 5, "qc")))
        assert day.world.count("SELECT sum(pieces) FROM credit") == 10
        passed = day.world.count("SELECT id FROM output WHERE counts_quality")
        body = {"output_id": str(passed), "reason": "QC keliru, jahitan lepas"}
        asked = day.petugas.post("/corrections/reversals", body)
        assert asked.status_code == 201, asked.text
        assert (asked.json["entry"]["good"], asked.json["entry"]["credited"]) == (5, 5)
        assert problem(day.petugas.post("/corrections/reversals", body)) == (409, "correction-already-asked")
        done = day.kasi.post(f"/corrections/{asked.json['id']}/confirm", version=1)
        assert done.status_code == 200, done.text
        assert day.world.count("SELECT sum(pieces) FROM credit") == 0
        told_back = told(day.world.database, "giatja.production.output_reversed.v1")
        assert {(f["data"]["inmate_id"], f["data"]["pieces"]) for f in told_back} == {(tailor, 5), (checker, 5)}
        assert day.world.count("SELECT sum(waiting) FROM stage_balance WHERE stage_no = 2") == 5
        assert problem(day.petugas.post("/corrections/reversals", body)) == (409, "output-already-undone")
