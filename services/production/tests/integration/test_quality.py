"""Quality over HTTP, on PostgreSQL: inspections, the way of rework, yield and defects; what is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from giatja_kit.testing import Answer, Caller, told

PROGRESSED = "giatja.production.stage_progressed.v1"
ACCEPTED = "giatja.production.output_accepted.v1"
ON = "2025-02-10"
PERIOD = {"first": "2025-02-01", "last": "2025-02-28"}
TO_QUALITY = ("potong", "bundel", "jahit", "obras", "lubang_kancing", "buang_benang")


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@dataclass
class Floor:
    """A work order of garments that waits at quality control: twenty in two bundles, ten loose."""

    world: Any
    caller: Caller
    job: Any
    tailor: str
    bundles: list[dict[str, Any]]

    def inspect(self, bundle: dict[str, Any] | None = None, caller: Caller | None = None, **more: Any) -> Answer:
        body = {"work_order_id": self.job.id, "work_date": ON, "shift": "pagi", **more}
        if bundle is not None:
            body["bundle_id"] = bundle["id"]
        return (caller or self.caller).post("/inspections", body)

    def bundle(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = self.caller.get(f"/bundles/{id_}").json
        return found

    def quality(self) -> dict[str, Any]:
        stages = self.caller.get(f"/work-orders/{self.job.id}").json["stages"]
        found: dict[str, Any] = next(s for s in stages if s["counts_quality"])
        return found


@pytest.fixture
def floor(world: Any, petugas: Caller) -> Floor:
    job, tailor = world.opened(("M", "putih", 30), kind="garmen"), world.worker()
    for stage in TO_QUALITY:
        assert job.record(petugas, stage, {"inmate_id": tailor, "good": 30}).status_code == 201
    body = {"most": 10, "stage_no": 7, "lots": [{"size": "M", "colour": "putih", "pieces": 20}]}
    made = petugas.post(f"/work-orders/{job.id}/bundles", body).json["bundles"]
    return Floor(world=world, caller=petugas, job=job, tailor=tailor, bundles=made)


class TestAnInspection:
    def test_that_finds_nothing_passes_the_bundle_and_credits_who_made_it(self, floor: Floor) -> None:
        made = floor.inspect(floor.bundles[0])
        assert (made.status_code, made.json["good"], made.json["bundle_code"]) == (201, 10, floor.bundles[0]["code"])
        assert floor.bundle(floor.bundles[0]["id"])["stage_name"] == "Setrika"
        credited = {
            (f["data"]["inmate_id"], f["data"]["stage"]): f["data"]["pieces"]
            for f in told(floor.world.database, ACCEPTED)
        }
        assert credited == dict.fromkeys([(floor.tailor, s) for s in TO_QUALITY], 10)

    def test_credits_an_inmate_who_checked(self, floor: Floor) -> None:
        checker = floor.world.worker()
        floor.inspect(floor.bundles[0], inmate_id=checker)
        last = [f["data"] for f in told(floor.world.database, ACCEPTED)]
        assert {(f["stage"], f["pieces"]) for f in last if f["inmate_id"] == checker} == {("qc", 10)}

    def test_of_loose_pieces_leaves_bundles_alone(self, floor: Floor) -> None:
        assert floor.inspect(pieces=10, size="M", colour="putih").status_code == 201
        more = floor.inspect(pieces=1)
        assert problem(more) == (409, "pieces-in-bundles", "/pieces")

    def test_sends_rework_to_the_stage_that_made_it_and_counts_it_once(self, floor: Floor) -> None:
        found = [
            {"defect": "jahitan_loncat", "verdict": "rework", "pieces": 2, "responsible_no": 3},
            {"defect": "bolong", "verdict": "reject", "pieces": 1, "responsible_no": 1},
        ]
        made = floor.inspect(floor.bundles[0], findings=found)
        assert (made.json["good"], made.json["rework"], made.json["reject"]) == (7, 2, 1)
        child = floor.bundle(floor.bundles[0]["id"])["children"][0]
        back = floor.bundle(child["id"])
        assert (back["in_rework"], back["mend_name"], back["stage_name"]) == (True, "Jahit", "QC")
        assert problem(floor.inspect(child, from_rework=True)) == (409, "bundle-not-mended", "/bundle_id")
        mended = floor.caller.post(f"/bundles/{child['id']}/mend", {"inmate_id": floor.tailor}, version=back["version"])
        assert (mended.status_code, mended.json["mend_name"]) == (200, None)
        assert problem(floor.inspect(child)) == (409, "bundle-in-rework", "/from_rework")
        assert floor.inspect(child, from_rework=True).json["good"] == 2
        quality = floor.quality()
        assert (quality["good"], quality["rework"], quality["reject"], quality["waiting"]) == (9, 0, 1, 20)
        sewn = floor.world.count("SELECT sum(pieces) FROM credit WHERE stage_key = 'jahit'")
        assert sewn == 9
        defects = [f["data"]["defects"] for f in told(floor.world.database, PROGRESSED) if f["data"]["defects"]]
        assert defects == [{"jahitan_loncat": 2, "bolong": 1}]

    def test_by_the_partner_carries_the_name_of_the_partners_inspector(self, floor: Floor) -> None:
        made = floor.inspect(
            floor.bundles[0], inspector="mitra", inspector_name="Bu Ratna", sample_size=3, note="Per lot"
        )
        assert (made.json["inspector"], made.json["inspector_name"], made.json["sample_size"]) == (
            "mitra",
            "Bu Ratna",
            3,
        )
        assert [e["inmate_id"] for e in made.json["entries"]] == [None]
        listed = floor.caller.get("/inspections", inspector="mitra").json["items"]
        assert [i["id"] for i in listed] == [made.json["id"]]

    @pytest.mark.parametrize(
        ("more", "status", "slug", "pointer"),
        [
            ({}, 422, "pieces-missing", "/pieces"),
            ({"pieces": 31}, 409, "more-than-released", "/pieces"),
            ({"pieces": 5, "sample_size": 6}, 422, "sample-too-large", "/sample_size"),
            ({"pieces": 5, "inspector": "mitra"}, 422, "partner-inspector-unnamed", "/inspector_name"),
            ({"pieces": 5, "size": "XXL"}, 422, "cell-unknown", "/size"),
            ({"pieces": 5, "from_rework": True}, 409, "more-than-rework", "/pieces"),
            (
                {"pieces": 5, "findings": [{"defect": "mati", "verdict": "reject", "pieces": 1}]},
                422, "defect-unknown", "/findings/0/defect",
            ),
            (
                {"pieces": 5, "findings": [{"defect": "noda", "verdict": "reject", "pieces": 6}]},
                422, "more-faults-than-pieces", "/pieces",
            ),
            (
                {"pieces": 5, "findings": [{"defect": "noda", "verdict": "rework", "pieces": 1, "responsible_no": 9}]},
                422, "responsible-stage-later", "/findings/0/responsible_no",
            ),
            ({"pieces": 5, "work_date": "2024-01-01"}, 422, "work-date-before-opening", "/work_date"),
        ],
    )  # fmt: skip
    def test_that_makes_no_sense_is_refused_without_a_trace(
        self, floor: Floor, more: dict[str, Any], status: int, slug: str, pointer: str
    ) -> None:
        assert problem(floor.inspect(**more)) == (status, slug, pointer)
        assert floor.world.count("SELECT count(*) FROM inspection") == 0

    def test_before_quality_control_is_refused(self, floor: Floor, petugas: Caller) -> None:
        other = floor.world.opened(("M", "", 5), kind="garmen")
        other.record(petugas, "potong", {"inmate_id": floor.tailor, "good": 5})
        bundle = petugas.post(f"/work-orders/{other.id}/bundles", {"most": 5}).json["bundles"][0]
        body = {"work_order_id": other.id, "work_date": ON, "shift": "pagi", "bundle_id": bundle["id"]}
        assert problem(petugas.post("/inspections", body)) == (409, "not-at-quality", "/bundle_id")
        foreign = {**body, "work_order_id": floor.job.id}
        assert problem(petugas.post("/inspections", foreign)) == (422, "bundle-of-another-order", "/bundle_id")

    def test_twice_of_one_bundle_is_refused_with_who_did_it(self, floor: Floor, kasi: Caller) -> None:
        floor.inspect(floor.bundles[0])
        again = floor.inspect(floor.bundles[0], kasi)
        assert problem(again) == (409, "bundle-already-recorded", "/bundle_id")
        assert again.json["facts"]["by"] == "petugas"

    def test_without_the_duty_or_of_another_lapas_is_refused(
        self, floor: Floor, as_role: Callable[..., Caller]
    ) -> None:
        assert floor.inspect(floor.bundles[0], as_role("bendahara")).status_code == 403
        stranger = as_role("petugas", "BTG")
        assert problem(floor.inspect(floor.bundles[0], stranger))[:2] == (404, "work-order-unknown")
        made = floor.inspect(floor.bundles[0]).json
        assert problem(stranger.get(f"/inspections/{made['id']}"))[:2] == (404, "inspection-unknown")
        assert stranger.get("/inspections").json["items"] == []
        assert stranger.get("/quality", **PERIOD).json["looked_at"] == 0


class TestTheSums:
    def test_count_what_passed_at_first_sight_and_not_again_after_rework(self, floor: Floor) -> None:
        found = [{"defect": "noda", "verdict": "rework", "pieces": 4}]
        floor.inspect(pieces=10, findings=found)
        floor.inspect(pieces=4, from_rework=True)
        seen = floor.caller.get("/quality", **PERIOD).json
        assert (seen["looked_at"], seen["good"], seen["rework"], seen["first_pass_yield"]) == (10, 6, 4, 0.6)
        assert seen["workshops"][0]["rolled"] == pytest.approx(0.6)
        assert [(p["begins"], p["looked_at"]) for p in seen["periods"]] == [("2025-02-10", 10)]

    def test_count_of_a_sample_only_what_was_looked_at(self, floor: Floor) -> None:
        found = [{"defect": "noda", "verdict": "rework", "pieces": 1}]
        floor.inspect(floor.bundles[0], sample_size=5, findings=found)
        seen = floor.caller.get("/quality", **PERIOD).json
        assert (seen["looked_at"], seen["good"]) == (5, 4)

    def test_put_the_most_frequent_defect_first_with_the_stages_it_comes_from(self, floor: Floor) -> None:
        found = [
            {"defect": "noda", "verdict": "rework", "pieces": 1},
            {"defect": "bolong", "verdict": "reject", "pieces": 2, "responsible_no": 1},
            {"defect": "bolong", "verdict": "rework", "pieces": 1, "responsible_no": 3},
        ]
        floor.inspect(pieces=10, findings=found)
        defects = floor.caller.get("/quality", **PERIOD).json["defects"]
        assert [(d["key"], d["pieces"], d["up_to"]) for d in defects] == [("bolong", 3, 0.75), ("noda", 1, 1.0)]
        assert [(c["key"], c["pieces"]) for c in defects[0]["causes"]] == [("potong", 2), ("jahit", 1)]
        faults = floor.caller.get("/quality/faults", **PERIOD, defect="bolong", cause="potong").json["items"]
        assert [(f["reject"], f["defect_name"], f["responsible_name"]) for f in faults] == [(2, "Bolong", "Potong")]

    def test_agree_with_the_entries_they_open_down_to(self, floor: Floor) -> None:
        for pieces in (3, 4):
            floor.inspect(pieces=pieces, findings=[{"defect": "noda", "verdict": "reject", "pieces": 1}])
        floor.job.record(floor.caller, "potong", {"inmate_id": floor.tailor, "good": 1, "rework": 1, "defect": "noda"})
        seen = floor.caller.get("/quality", **PERIOD).json
        first = floor.caller.get("/quality/faults", **PERIOD, limit=2).json
        rest = floor.caller.get("/quality/faults", **PERIOD, limit=2, cursor=first["next"]).json
        listed = [*first["items"], *rest["items"]]
        assert sum(f["rework"] + f["reject"] for f in listed) == sum(d["pieces"] for d in seen["defects"]) == 3

    def test_leave_out_what_was_taken_back_and_what_was_lost(self, floor: Floor, kasi: Caller) -> None:
        entry = {"inmate_id": floor.tailor, "rework": 1, "defect": "noda"}
        floor.job.record(floor.caller, "qc", {"inmate_id": floor.tailor, "good": 1})
        made = floor.job.record(floor.caller, "qc", entry).json["entries"][0]["id"]
        assert floor.caller.post(f"/output/{made}/undo").status_code == 200
        lost = floor.caller.post(f"/bundles/{floor.bundles[0]['id']}/lose", {"reason": "tidak ada"}, version=1)
        version = lost.json["version"]
        gone = kasi.post(f"/bundles/{floor.bundles[0]['id']}/write-off", {"reason": "tetap tidak ada"}, version=version)
        assert gone.status_code == 200
        seen = floor.caller.get("/quality", **PERIOD).json
        assert (seen["defects"], seen["looked_at"]) == ([], 1)

    def test_narrow_to_a_workshop_a_work_order_and_a_period(self, floor: Floor) -> None:
        floor.inspect(pieces=3)
        whole = floor.caller.get("/quality", **PERIOD).json
        workshop = whole["workshops"][0]["workshop_id"]
        assert floor.caller.get("/quality", **PERIOD, workshop_id=workshop).json["looked_at"] == 3
        assert floor.caller.get("/quality", **PERIOD, workshop_id=floor.job.id).json["looked_at"] == 0
        assert floor.caller.get("/quality", **PERIOD, work_order_id=floor.job.id).json["looked_at"] == 3
        assert floor.caller.get("/quality", first="2025-03-01", last="2025-03-31").json["looked_at"] == 0
        assert floor.caller.get("/quality").json["defects"] == []


class TestTheList:
    def test_of_inspections_narrows_and_pages(self, floor: Floor) -> None:
        one = floor.inspect(pieces=2).json
        two = floor.inspect(pieces=2, findings=[{"defect": "noda", "verdict": "reject", "pieces": 1}]).json
        three = floor.inspect(floor.bundles[1]).json

        def ids(**narrow: Any) -> list[str]:
            return [i["id"] for i in floor.caller.get("/inspections", **narrow).json["items"]]

        assert ids() == [three["id"], two["id"], one["id"]]
        assert ids(result="faulty") == [two["id"]]
        assert ids(bundle_id=floor.bundles[1]["id"]) == ids(search=floor.bundles[1]["code"]) == [three["id"]]
        assert ids(last="2025-02-09") == []
        first = floor.caller.get("/inspections", limit=2).json
        assert [i["id"] for i in floor.caller.get("/inspections", limit=2, cursor=first["next"]).json["items"]] == [
            one["id"]
        ]
