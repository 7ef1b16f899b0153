"""Bundles over HTTP, on PostgreSQL: cut, recorded once at a stage, split, merged, lost, mended; what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told
from giatja_production.bundles.domain import make_code

PROGRESSED = "giatja.production.stage_progressed.v1"


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@dataclass
class Floor:
    """A work order of garments whose pieces are cut, and somebody to work on them."""

    world: Any
    caller: Caller
    job: Any
    tailor: str

    def cut(self, **how: Any) -> list[dict[str, Any]]:
        answer = self.caller.post(f"/work-orders/{self.job.id}/bundles", {"most": 10, **how})
        assert answer.status_code == 201, answer.json
        made: list[dict[str, Any]] = answer.json["bundles"]
        return made

    def record(self, stage: str, bundle: dict[str, Any], caller: Caller | None = None, **counts: Any) -> Answer:
        entry = {"inmate_id": self.tailor, "good": 0, "bundle_id": bundle["id"], **counts}
        answer: Answer = self.job.record(caller or self.caller, stage, entry)
        return answer

    def passed(self, stages: str, bundle: dict[str, Any]) -> None:
        """Record a bundle as good, stage by stage."""
        for stage in stages.split():
            assert self.record(stage, bundle, good=bundle["pieces"]).status_code == 201

    def see(self, bundle: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.caller.get(f"/bundles/{bundle['id']}").json
        return found

    def act(self, act: str, bundle: dict[str, Any], body: Any = None, caller: Caller | None = None) -> Answer:
        version = self.see(bundle)["version"]
        return (caller or self.caller).post(f"/bundles/{bundle['id']}/{act}", body, version=version)

    def standing(self) -> list[dict[str, Any]]:
        """Return the stages with what they hold; the sums hold at each of them."""
        stages: list[dict[str, Any]] = self.caller.get(f"/work-orders/{self.job.id}/bundles").json["stages"]
        for stage in stages:
            for place in (stage, *stage["cells"]):
                assert place["waiting"] + place["rework"] == place["held"] + place["lost"] + place["loose"]
                assert place["loose"] >= 0
        return stages


@pytest.fixture
def floor(world: Any, petugas: Caller) -> Floor:
    job = world.opened(("M", "putih", 20), ("L", "biru", 12), kind="garmen")
    floor = Floor(world=world, caller=petugas, job=job, tailor=world.worker())
    job.record(petugas, "potong", {"inmate_id": floor.tailor, "good": 32})
    return floor


class TestCutting:
    def test_is_planned_without_a_trace_and_then_done_as_planned(self, floor: Floor, petugas: Caller) -> None:
        lays = [
            {"colour": "putih", "plies": 10, "ratio": [{"size": "M", "times": 2}]},
            {"colour": "biru", "plies": 6, "ratio": [{"size": "L", "times": 1}]},
        ]
        plan = petugas.post(f"/work-orders/{floor.job.id}/bundles/plan", {"most": 10, "lays": lays})
        assert (plan.status_code, plan.json["stage_name"], plan.json["pieces"]) == (200, "Bundel", 26)
        assert [(b["size"], b["colour"], b["pieces"]) for b in plan.json["bundles"]] == [
            ("M", "putih", 10), ("M", "putih", 10), ("L", "biru", 6),
        ]  # fmt: skip
        assert plan.json["loose"] == [
            {"size": "M", "colour": "putih", "loose": 0}, {"size": "L", "colour": "biru", "loose": 6},
        ]  # fmt: skip
        assert floor.world.count("SELECT count(*) FROM bundle") == 0
        made = floor.cut(lays=lays)
        assert [b["pieces"] for b in made] == [10, 10, 6]
        stage = floor.standing()[1]
        assert (stage["bundles"], stage["held"], stage["loose"]) == (3, 26, 6)

    def test_numbers_go_on_and_every_card_has_its_own_code(self, floor: Floor, petugas: Caller) -> None:
        floor.cut(lots=[{"size": "M", "colour": "putih", "pieces": 10}])
        floor.cut(kind="lot")
        rows = petugas.get("/bundles", work_order_id=floor.job.id).json["items"]
        assert [(r["no"], r["kind"], r["pieces"]) for r in rows] == [
            (1, "bundle", 10), (2, "lot", 10), (3, "lot", 10), (4, "lot", 2),
        ]  # fmt: skip
        assert len({r["code"] for r in rows}) == 4
        assert petugas.get("/bundles/scan", code=rows[2]["code"].replace("-", "").lower()).json["id"] == rows[2]["id"]

    @pytest.mark.parametrize(
        ("how", "slug", "pointer"),
        [
            ({"lots": [{"size": "M", "colour": "putih", "pieces": 21}]}, "more-than-loose", "/lots"),
            ({"lots": [{"size": "M", "colour": "biru"}]}, "no-such-variant", "/lots/0/colour"),
            ({"lays": [{"colour": "biru", "plies": 13, "ratio": [{"size": "L", "times": 1}]}]}, "more-than-loose", "/lays"),
            ({"lays": [{"colour": "biru", "plies": 1, "ratio": [{"size": "S", "times": 1}]}]}, "no-such-variant", "/lays/0/ratio"),
            ({"stage_no": 40}, "no-such-stage", "/stage_no"),
            ({"stage_no": 3}, "nothing-loose", None),
            ({"most": 0}, "input-invalid", "/most"),
        ],
    )  # fmt: skip
    def test_is_refused_where_it_makes_no_sense(
        self, floor: Floor, petugas: Caller, how: dict[str, Any], slug: str, pointer: str | None
    ) -> None:
        for path in ("bundles/plan", "bundles"):
            answer = petugas.post(f"/work-orders/{floor.job.id}/{path}", {"most": 10, **how})
            assert problem(answer)[1:] == (slug, pointer)
        assert floor.world.count("SELECT count(*) FROM bundle") == 0

    def test_twice_with_one_key_makes_them_once(self, floor: Floor, petugas: Caller) -> None:
        path = f"/work-orders/{floor.job.id}/bundles"
        first, second = (petugas.post(path, {"most": 10}, key="cut-1") for _ in range(2))
        assert first.json == second.json
        assert floor.world.count("SELECT count(*) FROM bundle") == 4

    def test_by_two_clerks_at_once_takes_every_piece_once(self, floor: Floor, petugas: Caller) -> None:
        path = f"/work-orders/{floor.job.id}/bundles"
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: petugas.post(path, {"most": 10}), range(2)))
        assert sorted(a.status_code for a in answers) == [201, 409]
        assert {problem(a)[1] for a in answers if a.status_code == 409} == {"nothing-loose"}
        assert floor.world.count("SELECT sum(pieces) FROM bundle") == 32

    def test_of_pieces_that_bundles_hold_leaves_the_tally_only_what_is_loose(
        self, floor: Floor, petugas: Caller
    ) -> None:
        floor.cut(lots=[{"size": "M", "colour": "putih", "pieces": 18}])
        answer = floor.job.record(petugas, "bundel", {"inmate_id": floor.tailor, "good": 15})
        assert problem(answer) == (409, "pieces-in-bundles", "/entries/0/good")
        assert answer.json["facts"]["loose"] == 14
        assert floor.job.record(petugas, "bundel", {"inmate_id": floor.tailor, "good": 14}).status_code == 201
        floor.standing()


class TestRecording:
    def test_a_bundle_goes_from_stage_to_stage_and_is_credited_at_quality_control(self, floor: Floor) -> None:
        bundle, other = floor.cut(lots=[{"size": "M", "colour": "putih"}])
        floor.passed("bundel jahit obras lubang_kancing buang_benang qc", bundle)
        assert (floor.see(bundle)["stage_name"], floor.see(other)["stage_name"]) == ("Setrika", "Bundel")
        per_stage = floor.world.count(
            "SELECT json_object_agg(stage_key, pieces) FROM (SELECT stage_key, sum(pieces) AS pieces FROM credit"
            " GROUP BY stage_key) s"
        )
        assert set(per_stage.values()) == {10}
        assert len(per_stage) == 7
        floor.passed("setrika lipat", bundle)
        assert floor.see(bundle)["state"] == "done"
        assert [e["kind"] for e in floor.see(bundle)["history"]] == ["cut", *["recorded"] * 8]
        floor.standing()

    def test_a_second_time_at_a_stage_is_refused_with_who_did_it_and_where_it_is_now(
        self, floor: Floor, as_role: Callable[..., Caller]
    ) -> None:
        bundle = floor.cut()[0]
        floor.passed("bundel", bundle)
        again = floor.record("bundel", bundle, as_role("kasi_giatja"), good=10)
        assert problem(again) == (409, "bundle-already-recorded", "/entries/0/bundle_id")
        facts = again.json["facts"]
        assert (facts["stage"], facts["by"], facts["now"]) == ("Bundel", "petugas", "Jahit")
        assert problem(floor.record("obras", bundle, good=10))[1] == "bundle-elsewhere"

    def test_by_two_clerks_at_once_is_paid_once(self, floor: Floor, as_role: Callable[..., Caller]) -> None:
        bundle = floor.cut()[0]
        callers = (as_role("petugas"), as_role("kasi_giatja"))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda c: floor.record("bundel", bundle, c, good=10), callers))
        assert sorted(a.status_code for a in answers) == [201, 409]
        assert problem(next(a for a in answers if a.status_code == 409))[1] == "bundle-already-recorded"
        assert floor.world.count("SELECT sum(good) FROM output WHERE stage_key = 'bundel'") == 10
        floor.standing()

    def test_the_database_itself_refuses_a_second_payment(self, floor: Floor) -> None:
        bundle = floor.cut()[0]
        floor.passed("bundel", bundle)
        with (
            pytest.raises(Exception, match="bundle_stage_once"),
            floor.world.database.transaction(at=clock.now()) as store,
        ):
            store.run(
                "INSERT INTO bundle_event (lapas_id, id, bundle_id, kind, stage_no, pieces, from_rework, good, rework,"
                " reject, undone, at, by) SELECT lapas_id, gen_random_uuid(), bundle_id, kind, stage_no, pieces,"
                " from_rework, good, rework, reject, undone, at, by FROM bundle_event WHERE kind = 'recorded'"
            )

    def test_in_part_or_for_another_order_is_refused(self, floor: Floor, petugas: Caller) -> None:
        bundle = floor.cut()[0]
        assert problem(floor.record("bundel", bundle, good=9)) == (422, "bundle-not-whole", "/entries/0/good")
        other = floor.world.opened(kind="garmen")
        entry = {"inmate_id": floor.tailor, "good": 10, "bundle_id": bundle["id"]}
        assert problem(other.record(petugas, "potong", entry))[1] == "bundle-of-another-order"
        strange = {**entry, "bundle_id": floor.job.id}
        assert problem(floor.job.record(petugas, "bundel", strange))[1] == "bundle-unknown"

    def test_taken_back_puts_it_where_it_was_and_lets_it_be_recorded_again(self, floor: Floor, petugas: Caller) -> None:
        bundle = floor.cut()[0]
        made = floor.record("bundel", bundle, good=8, rework=2, defect="noda").json["entries"][0]["id"]
        assert floor.see(bundle)["stage_name"] == "Jahit"
        assert petugas.post(f"/output/{made}/undo").status_code == 200
        back = floor.see(bundle)
        assert (back["stage_name"], back["pieces"], [c["state"] for c in back["children"]]) == (
            "Bundel",
            10,
            ["cancelled"],
        )
        floor.standing()
        floor.passed("bundel", bundle)

    def test_shared_by_two_people_is_the_whole_of_it_together(self, floor: Floor, petugas: Caller) -> None:
        bundle, mate = floor.cut()[0], floor.world.worker()
        entries = [{"inmate_id": i, "good": n, "bundle_id": bundle["id"]} for i, n in ((floor.tailor, 6), (mate, 4))]
        assert floor.job.record(petugas, "bundel", *entries).status_code == 201
        assert [e["good"] for e in floor.see(bundle)["history"][-1]["entries"]] == [6, 4]


class TestReversing:
    def test_of_what_passed_brings_the_bundle_back_and_takes_every_credit_of_it(
        self, floor: Floor, kasi: Caller, client: FlaskClient, real_parts: Any
    ) -> None:
        bundle, other = floor.cut(lots=[{"size": "M", "colour": "putih"}])
        for each in (bundle, other):
            floor.passed("bundel jahit obras lubang_kancing buang_benang", each)
        floor.passed("qc", other)
        passed = floor.record("qc", bundle, good=9, rework=1, defect="noda").json["entries"][0]["id"]
        second = Caller(client, "/api/production/v1", real_parts.keys.person("kasubsi_bimker", "PKL", subject="guide"))
        asked = second.post("/corrections/reversals", {"output_id": passed, "reason": "Salah hitung"}).json
        done = kasi.post(f"/corrections/{asked['id']}/confirm", version=asked["version"])
        assert done.status_code == 200, done.json
        back = floor.see(bundle)
        assert (back["stage_name"], back["pieces"], [c["state"] for c in back["children"]]) == ("QC", 10, ["cancelled"])
        per_stage = floor.world.count(
            "SELECT json_agg(DISTINCT pieces) FROM (SELECT stage_key, sum(pieces) AS pieces FROM credit GROUP BY stage_key) s"
        )
        assert per_stage == [10]
        floor.standing()
        floor.passed("qc", bundle)
        assert floor.world.count("SELECT sum(pieces) FROM credit WHERE stage_key = 'jahit'") == 20

    def test_is_refused_while_the_bundle_is_lost_or_was_worked_on_since(self, floor: Floor, petugas: Caller) -> None:
        bundle, other = floor.cut(lots=[{"size": "M", "colour": "putih"}])
        made = [floor.record("bundel", b, good=10).json["entries"][0]["id"] for b in (bundle, other)]
        floor.act("lose", bundle, {"reason": "tidak ada"})
        floor.passed("jahit", other)
        for entry in made:
            assert problem(petugas.post(f"/output/{entry}/undo"))[:2] == (409, "bundle-moved-on")


class TestRework:
    def test_goes_to_the_stage_that_made_it_and_comes_back_to_be_looked_at(self, floor: Floor, petugas: Caller) -> None:
        bundle = floor.cut()[0]
        floor.passed("bundel jahit", bundle)
        floor.record("obras", bundle, good=7, rework=3, defect="jahitan_loncat")
        child = floor.see(bundle)["children"][0]
        assert (child["pieces"], floor.see(child)["in_rework"]) == (3, True)
        assert problem(floor.record("obras", child, good=3))[1] == "bundle-in-rework"
        assert problem(floor.act("mend", child, {"inmate_id": floor.tailor}))[1] == "nothing-to-mend"
        assert floor.record("obras", child, good=3, from_rework=True).status_code == 201
        assert floor.see(child)["stage_name"] == "Lubang kancing"
        both = floor.act("merge", bundle, {"others": [child["id"]]})
        assert (both.status_code, both.json["pieces"]) == (200, 10)
        floor.standing()
        assert floor.world.count("SELECT sum(good) FROM output WHERE stage_key = 'obras'") == 10


class TestSplittingAndMerging:
    def test_keep_the_pieces_and_the_place(self, floor: Floor) -> None:
        bundle = floor.cut()[0]
        floor.passed("bundel", bundle)
        parts = floor.act("split", bundle, {"parts": [6, 4]}).json["bundles"]
        assert floor.see(bundle)["state"] == "split"
        assert [floor.see(p)["stage_name"] for p in parts] == ["Jahit", "Jahit"]
        assert floor.act("merge", parts[0], {"others": [parts[1]["id"]]}).json["pieces"] == 10
        gone = floor.see(parts[1])
        assert (gone["state"], gone["merged_code"]) == ("merged", parts[0]["code"])
        floor.standing()

    def test_are_refused_with_other_numbers_places_and_versions(self, floor: Floor, petugas: Caller) -> None:
        bundle, other = floor.cut()[:2]
        assert problem(floor.act("split", bundle, {"parts": [6, 5]})) == (422, "parts-not-whole", "/parts")
        floor.passed("bundel", other)
        assert problem(floor.act("merge", bundle, {"others": [other["id"]]}))[1] == "not-the-same-place"
        assert problem(floor.act("merge", bundle, {"others": [bundle["id"]]}))[1] == "bundle-with-itself"
        assert problem(floor.act("merge", bundle, {"others": [floor.job.id]}))[1] == "bundle-unknown"
        assert petugas.post(f"/bundles/{bundle['id']}/split", {"parts": [5, 5]}, version=99).status_code == 412


class TestLosing:
    def test_keeps_its_pieces_in_the_balance_until_it_is_found(self, floor: Floor) -> None:
        bundle = floor.cut()[0]
        floor.act("lose", bundle, {"reason": "tidak ada di rak"})
        stage = floor.standing()[1]
        assert (stage["lost"], stage["held"]) == (10, 22)
        assert problem(floor.record("bundel", bundle, good=10))[1] == "bundle-not-open"
        floor.act("find", bundle)
        floor.passed("bundel", bundle)

    def test_ends_with_a_write_off_by_another_duty_that_replaces_the_pieces(self, floor: Floor, kasi: Caller) -> None:
        bundle = floor.cut()[0]
        assert problem(floor.act("write-off", bundle, {"reason": "hilang"}, kasi))[1] == "bundle-not-lost"
        floor.act("lose", bundle, {"reason": "tidak ada di rak"})
        assert floor.act("write-off", bundle, {"reason": "tetap tidak ada"}).status_code == 403
        gone = floor.act("write-off", bundle, {"reason": "tetap tidak ada"}, kasi)
        assert (gone.status_code, gone.json["state"]) == (200, "rejected")
        stages = floor.standing()
        assert (stages[0]["waiting"], stages[1]["lost"]) == (10, 0)
        shown = kasi.get(f"/work-orders/{floor.job.id}").json
        assert [(d["name"], d["reject"]) for d in shown["defects"]] == [("Hilang", 10)]
        assert told(floor.world.database, PROGRESSED)[-1]["data"]["defects"] == {"hilang": 10}
        assert floor.world.count("SELECT count(*) FROM audit_log WHERE action = 'bundles.write_off'") == 1
        floor.job.record(floor.caller, "potong", {"inmate_id": floor.tailor, "good": 10})

    def test_dissolving_lets_its_pieces_go_loose(self, floor: Floor, petugas: Caller) -> None:
        bundle = floor.cut()[0]
        assert floor.act("dissolve", bundle, {"reason": "salah potong"}).json["state"] == "cancelled"
        assert (floor.standing()[1]["loose"], len(floor.cut())) == (10, 1)
        assert problem(floor.act("dissolve", bundle, {"reason": "sekali lagi"}))[1] == "bundle-not-open"


class TestReads:
    def test_find_a_bundle_by_stage_age_and_words(self, floor: Floor, petugas: Caller) -> None:
        bundle, other, *_ = floor.cut()
        floor.passed("bundel", bundle)
        with floor.world.database.transaction(at=clock.now() - timedelta(days=5)) as store:
            store.run("UPDATE bundle_event SET at = :at WHERE bundle_id <> :id", {"at": store.at, "id": bundle["id"]})

        def codes(**narrow: Any) -> list[str]:
            return [b["code"] for b in petugas.get("/bundles", **narrow).json["items"]]

        assert codes(stage="jahit") == [bundle["code"]]
        assert len(codes(stale_days=3)) == 3
        assert codes(search=other["code"].replace("-", "")[1:].lower()) == [other["code"]]
        assert len(codes(search="koko")) == 4
        assert codes(size="L") == codes(colour="biru")
        where = petugas.get("/bundles/where").json["stages"]
        assert [(s["name"], s["bundles"], s["stale"]) for s in where] == [("Bundel", 3, 3), ("Jahit", 1, 0)]

    def test_leave_out_what_was_cancelled_unless_its_order_is_asked_for(self, floor: Floor, petugas: Caller) -> None:
        floor.cut()
        floor.world.tell("orders.order_cancelled", {"order_id": floor.job.order_id, "reason": "mitra membatalkan"})
        assert petugas.get("/bundles").json["items"] == petugas.get("/bundles/where").json["stages"] == []
        assert len(petugas.get("/bundles", work_order_id=floor.job.id).json["items"]) == 4

    def test_page_by_cursor(self, floor: Floor, petugas: Caller) -> None:
        made = floor.cut(most=4)
        first = petugas.get("/bundles", limit=5).json
        second = petugas.get("/bundles", limit=5, cursor=first["next"]).json
        assert [b["id"] for page in (first, second) for b in page["items"]] == [b["id"] for b in made]

    def test_of_a_mistyped_code_say_so_and_of_an_unknown_one_too(self, floor: Floor, petugas: Caller) -> None:
        assert problem(petugas.get("/bundles/scan", code="K7M3QF-Z")) == (422, "code-mistyped", "/code")
        assert problem(petugas.get("/bundles/scan", code=make_code("K7M3QF")))[:2] == (404, "bundle-unknown")

    def test_of_another_lapas_look_unknown_in_every_verb(self, floor: Floor, as_role: Callable[..., Caller]) -> None:
        bundle, stranger = floor.cut()[0], as_role("kasi_giatja", "BTG")
        assert problem(stranger.get(f"/bundles/{bundle['id']}"))[:2] == (404, "bundle-unknown")
        assert problem(stranger.get("/bundles/scan", code=bundle["code"]))[:2] == (404, "bundle-unknown")
        for act, body in (
            ("split", {"parts": [5, 5]}), ("merge", {"others": [bundle["id"]]}), ("lose", {"reason": "abc"}),
            ("find", None), ("write-off", {"reason": "abc"}), ("dissolve", {"reason": "abc"}),
            ("mend", {"inmate_id": floor.tailor}),
        ):  # fmt: skip
            assert problem(stranger.post(f"/bundles/{bundle['id']}/{act}", body, version=1))[:2] == (
                404,
                "bundle-unknown",
            )
        assert stranger.get("/bundles").json["items"] == []
        assert problem(stranger.post(f"/work-orders/{floor.job.id}/bundles", {"most": 5}))[:2] == (
            404,
            "work-order-unknown",
        )
