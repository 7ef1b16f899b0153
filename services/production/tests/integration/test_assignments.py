"""Placements over HTTP, on PostgreSQL: who may be placed where, what facts end, who could stand in, workshops on hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller

TODAY = clock.today("Asia/Jakarta", clock.now())
YESTERDAY = TODAY - timedelta(days=1)


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@pytest.fixture
def garment(kasi: Caller) -> str:
    made = kasi.post("/workshops", {"template": "garmen"})
    assert made.status_code == 201
    identifier: str = made.json["id"]
    return identifier


@pytest.fixture
def batik(kasi: Caller) -> str:
    identifier: str = kasi.post("/workshops", {"template": "batik_cap"}).json["id"]
    return identifier


def place(caller: Caller, workshop: str, *people: str, on: date = TODAY, **more: Any) -> Answer:
    return caller.post(
        "/placements", {"workshop_id": workshop, "inmate_ids": list(people), "starts_on": on.isoformat(), **more}
    )


def spans(caller: Caller, person: str) -> list[tuple[str, str | None, str | None]]:
    """Return first day, last day and reason of a person's placements, the newest first."""
    found = caller.get(f"/placements/of/{person}").json["items"]
    return [(p["starts_on"], p["ends_on"], p["end_reason"]) for p in found]


def award(world: Any, person: str, competence: str = "menjahit", on: str = "2025-01-20") -> None:
    world.tell("training.competence_awarded", {"inmate_id": person, "competence": competence, "awarded_on": on})


def leave(world: Any, person: str, *, reason: str = "transfer", on: date = TODAY) -> None:
    world.tell("training.inmate_left", {"inmate_id": person, "left_on": on.isoformat(), "reason": reason})


class TestPlacePeople:
    def test_puts_many_at_once_and_shows_the_places_left(self, world: Any, kasi: Caller, garment: str) -> None:
        people = [world.worker() for _ in range(3)]
        loose = world.worker()
        assert kasi.post(f"/workshops/{garment}/places", {"places": 5}, version=1).status_code == 200
        assert place(kasi, garment, *people).status_code == 201
        rooms = kasi.get("/placements/workshops").json
        assert [(r["people"], r["places"], r["left"]) for r in rooms["items"]] == [(3, 5, 2)]
        assert rooms["unplaced"] == 1
        there = kasi.post("/placements/people", {"workshop_id": garment}).json["items"]
        assert [p["inmate_id"] for p in there] == sorted(people)
        nowhere = kasi.post("/placements/people", {"unplaced": True}).json["items"]
        assert [p["inmate_id"] for p in nowhere] == [loose]

    def test_moves_whoever_is_elsewhere_from_that_day(self, world: Any, kasi: Caller, garment: str, batik: str) -> None:
        one = world.worker()
        place(kasi, garment, one, on=TODAY - timedelta(days=9))
        assert place(kasi, batik, one).status_code == 201
        since = (TODAY - timedelta(days=9)).isoformat()
        assert spans(kasi, one) == [(TODAY.isoformat(), None, None), (since, YESTERDAY.isoformat(), "moved")]

    def test_does_so_for_all_of_them_or_for_nobody(self, world: Any, kasi: Caller, garment: str) -> None:
        good, unfit = world.worker(), world.worker(fitness="not_fit")
        assert problem(place(kasi, garment, good, unfit)) == (409, "inmate-not-fit", "/inmate_ids/1")
        assert spans(kasi, good) == []

    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            ({"fitness": "not_fit"}, "inmate-not-fit"),
            ({"adult_on": "2099-01-01"}, "inmate-under-age"),
            ({"valid_from": None}, "no-work-permission"),
            ({"valid_until": "2025-02-01"}, "no-work-permission"),
        ],
    )
    def test_refuses_who_may_not_work_whatever_reason_is_given(
        self, world: Any, kasi: Caller, garment: str, person: dict[str, Any], expected: str
    ) -> None:
        answer = place(kasi, garment, world.worker(**person), override_reason="tetap diperlukan")
        assert problem(answer) == (409, expected, "/inmate_ids/0")

    def test_refuses_what_is_wrong(self, world: Any, kasi: Caller, petugas: Caller, garment: str) -> None:
        one = world.worker()
        assert problem(place(kasi, garment, str(uuid4())))[1] == "inmate-unknown"
        assert problem(place(kasi, garment, one, one))[1] == "person-twice"
        assert problem(place(kasi, garment, one, stage_key="terbang"))[1] == "stage-not-in-workshop"
        assert problem(place(kasi, garment, one, on=TODAY + timedelta(days=40)))[1] == "placement-day-too-far"
        assert problem(place(kasi, str(uuid4()), one))[:2] == (404, "workshop-unknown")
        assert place(petugas, garment, one).status_code == 403
        assert place(kasi, garment).status_code == 422
        place(kasi, garment, one)
        assert problem(place(kasi, garment, one))[1] == "already-placed-there"
        assert problem(place(kasi, garment, one, stage_key="lipat", on=YESTERDAY))[1] == "placed-later"

    def test_of_another_lapas_looks_unknown(
        self, world: Any, kasi: Caller, as_role: Callable[..., Caller], garment: str
    ) -> None:
        other = as_role("kasi_giatja", "BTG")
        mine, theirs = world.worker(), world.worker(lapas="BTG")
        assert problem(place(other, garment, theirs))[:2] == (404, "workshop-unknown")
        assert problem(place(kasi, garment, theirs))[:2] == (422, "inmate-unknown")
        placed = place(kasi, garment, mine).json["ids"]
        ending = {"ids": placed, "ends_on": TODAY.isoformat(), "reason": "other"}
        assert problem(other.post("/placements/end", ending))[:2] == (404, "placement-unknown")
        assert problem(other.get(f"/placements/of/{mine}"))[:2] == (404, "worker-unknown")

    def test_is_done_once_for_one_key(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker()
        body = {"workshop_id": garment, "inmate_ids": [one], "starts_on": TODAY.isoformat()}
        first, again = (kasi.post("/placements", body, key="same") for _ in range(2))
        assert first.json == again.json
        assert len(spans(kasi, one)) == 1

    def test_by_two_clerks_at_once_leaves_one_place_and_no_seat_too_many(
        self, world: Any, kasi: Caller, garment: str, batik: str
    ) -> None:
        kasi.post(f"/workshops/{garment}/places", {"places": 2}, version=1)
        people = [world.worker() for _ in range(6)]
        with ThreadPoolExecutor(6) as clerks:
            answers = list(clerks.map(lambda p: place(kasi, garment, p).status_code, people))
        assert sorted(answers) == [201, 201, 409, 409, 409, 409]
        same = world.worker()
        with ThreadPoolExecutor(4) as clerks:
            list(clerks.map(lambda w: place(kasi, w, same), [batik, batik, batik, batik]))
        assert (
            world.count("SELECT count(*) FROM placement WHERE inmate_id = :id AND ends_on IS NULL", id=UUID(same)) == 1
        )


class TestAnOverride:
    def test_names_what_is_missing_and_is_kept_with_its_reason(self, world: Any, kasi: Caller, garment: str) -> None:
        kasi.post(f"/workshops/{garment}/places", {"places": 0}, version=1)
        one = world.worker()
        checked = kasi.post(
            "/placements/check",
            {"workshop_id": garment, "stage_key": "jahit", "inmate_ids": [one], "starts_on": TODAY.isoformat()},
        ).json
        assert (checked["full"], checked["people"], checked["items"][0]["lacks"]) == (True, 1, "menjahit")
        assert problem(place(kasi, garment, one, stage_key="jahit"))[1] == "competence-missing"
        award(world, one)
        assert problem(place(kasi, garment, one, stage_key="jahit"))[1] == "workshop-full"
        assert place(kasi, garment, one, stage_key="jahit", override_reason="kejar lebaran").status_code == 201
        (shown,) = kasi.get(f"/placements/of/{one}").json["items"]
        assert (shown["overridden"], shown["override_reason"]) == (["places"], "kejar lebaran")
        assert world.count("SELECT detail ->> 'reason' FROM audit_log WHERE action = 'assignments.override'") == (
            "kejar lebaran"
        )

    def test_is_not_needed_to_change_the_stage_within_a_full_workshop(
        self, world: Any, kasi: Caller, garment: str
    ) -> None:
        kasi.post(f"/workshops/{garment}/places", {"places": 1}, version=1)
        one = world.worker()
        place(kasi, garment, one, on=YESTERDAY)
        assert place(kasi, garment, one, stage_key="lipat", override_reason="tidak perlu").status_code == 201
        assert kasi.get(f"/placements/of/{one}").json["items"][0]["overridden"] == []


class TestEndPlacements:
    def test_keeps_day_reason_and_who(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker()
        ids = place(kasi, garment, one, on=YESTERDAY).json["ids"]
        ending = {"ids": ids, "ends_on": TODAY.isoformat(), "reason": "rotation", "note": "giliran"}
        assert kasi.post("/placements/end", ending).json == {"count": 1}
        assert spans(kasi, one) == [(YESTERDAY.isoformat(), TODAY.isoformat(), "rotation")]
        assert problem(kasi.post("/placements/end", ending))[1] == "placement-ended"
        assert place(kasi, garment, one, on=TODAY + timedelta(days=1)).status_code == 201
        assert len(kasi.post("/placements/people", {"ids": [one]}).json["items"]) == 1

    def test_refuses_a_day_before_it_began(self, world: Any, kasi: Caller, garment: str) -> None:
        ids = place(kasi, garment, world.worker()).json["ids"]
        ending = {"ids": ids, "ends_on": YESTERDAY.isoformat(), "reason": "other"}
        assert problem(kasi.post("/placements/end", ending)) == (422, "placement-ends-before-it-began", "/ends_on")

    def test_can_be_taken_back_as_if_nobody_had_moved(self, world: Any, kasi: Caller, garment: str, batik: str) -> None:
        one = world.worker()
        place(kasi, garment, one, on=YESTERDAY)
        moved = place(kasi, batik, one).json["ids"]
        assert kasi.post("/placements/undo", {"ids": moved}).json == {"count": 1}
        assert spans(kasi, one)[1] == (YESTERDAY.isoformat(), None, None)
        assert problem(kasi.post("/placements/undo", {"ids": moved}))[1] == "placement-ended"

    def test_is_taken_back_on_its_own_day_only(self, world: Any, kasi: Caller, garment: str) -> None:
        ids = place(kasi, garment, world.worker()).json["ids"]
        with world.database.transaction(at=clock.now()) as store:
            store.run("UPDATE placement SET placed_at = placed_at - interval '1 day'")
        assert problem(kasi.post("/placements/undo", {"ids": ids}))[1] == "undo-placement-another-day"


class TestWhatHappensElsewhere:
    def test_ends_a_placement_once_with_the_day_of_leaving(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker()
        place(kasi, garment, one, on=YESTERDAY)
        leave(world, one)
        leave(world, one)
        assert spans(kasi, one) == [(YESTERDAY.isoformat(), TODAY.isoformat(), "transfer")]
        assert problem(place(kasi, garment, one, on=TODAY + timedelta(days=1)))[1] == "inmate-left"

    def test_ends_one_that_has_not_begun_without_a_day(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker()
        place(kasi, garment, one, on=TODAY + timedelta(days=7))
        leave(world, one, reason="release")
        assert spans(kasi, one)[0][1:] == ((TODAY + timedelta(days=6)).isoformat(), "release")
        assert kasi.get("/placements/workshops").json["items"][0]["people"] == 0

    @pytest.mark.parametrize(("told", "ends"), [("offence", "permission_ended"), ("transfer", "transfer")])
    def test_ends_with_the_last_day_of_a_decree(
        self, world: Any, kasi: Caller, garment: str, told: str, ends: str
    ) -> None:
        one = world.worker(valid_from=None)
        permission = str(uuid4())
        granted = {"permission_id": permission, "valid_from": "2025-01-15", "valid_until": None}
        world.tell("training.work_permission_granted", {"inmate_id": one, **granted})
        place(kasi, garment, one, on=YESTERDAY)
        ended = {"permission_id": permission, "ended_on": TODAY.isoformat(), "reason": told}
        world.tell("training.work_permission_ended", {"inmate_id": one, **ended})
        assert spans(kasi, one) == [(YESTERDAY.isoformat(), TODAY.isoformat(), ends)]

    def test_leaves_a_placement_whose_decree_is_renewed(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker(valid_until=TODAY.isoformat())
        place(kasi, garment, one, on=YESTERDAY)
        old = world.count("SELECT permission_id FROM work_permission WHERE inmate_id = :id", id=UUID(one))
        ended = {"permission_id": str(old), "ended_on": TODAY.isoformat(), "reason": "expired"}
        world.tell("training.work_permission_ended", {"inmate_id": one, **ended})
        assert spans(kasi, one) == [(YESTERDAY.isoformat(), None, None)]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"adult_on": "2000-01-01", "fitness": "not_fit"}, "not_fit"),
            ({"adult_on": "2099-01-01", "fitness": "fit"}, "under_age"),
        ],
    )
    def test_ends_the_placement_of_whoever_may_not_work_after_a_correction(
        self, world: Any, kasi: Caller, garment: str, change: dict[str, str], reason: str
    ) -> None:
        one = world.worker()
        place(kasi, garment, one, on=YESTERDAY)
        world.tell("training.inmate_changed", {"inmate_id": one, **change})
        assert spans(kasi, one) == [(YESTERDAY.isoformat(), YESTERDAY.isoformat(), reason)]

    def test_shows_whose_decree_ran_out_as_blocked(self, world: Any, kasi: Caller, garment: str) -> None:
        one = world.worker(valid_until=YESTERDAY.isoformat())
        place(kasi, garment, one, on=YESTERDAY)
        assert kasi.get("/placements/workshops").json["items"][0]["blocked"] == 1
        (shown,) = kasi.post("/placements/people", {"blocked": True}).json["items"]
        assert (shown["inmate_id"], shown["allowed"], shown["permitted"]) == (one, False, False)


class TestAFlood:
    def test_of_170_leaving_in_a_day_shows_what_it_touches_and_who_could_stand_in(
        self, world: Any, kasi: Caller
    ) -> None:
        job = world.opened(("M", "putih", 400), kind="garmen", due="2025-03-14")
        garment = kasi.get("/workshops").json["items"][0]["id"]
        gone, stay = [world.worker() for _ in range(6)], [world.worker() for _ in range(2)]
        for person in (*gone, *stay):
            award(world, person)
        place(kasi, garment, *gone, *stay, on=YESTERDAY, stage_key="jahit")
        able, unable = world.worker(), world.worker()
        award(world, able)
        touched = kasi.post("/placements/impact", {"inmate_ids": gone}).json
        (row,) = touched["items"]
        assert (touched["placed"], row["leaving"], row["staying"]) == (6, 6, 2)
        assert [(w["id"], w["left"]) for w in row["work_orders"]] == [(job.id, 400)]
        for person in gone:
            leave(world, person)
        (gap,) = kasi.get("/placements/gaps").json["items"]
        assert (gap["before"], gap["now"], gap["short"], gap["reasons"]) == (8, 2, 6, ["transfer"])
        assert [(s["inmate_id"], s["able"], s["proposed"]) for s in gap["substitutes"]] == [
            (able, True, True),
            (unable, False, False),
        ]
        place(kasi, garment, able, on=TODAY, stage_key="jahit")
        assert kasi.get("/placements/gaps").json["items"][0]["short"] == 5

    def test_pays_somebody_moved_in_the_middle_of_an_order_once(
        self, world: Any, petugas: Caller, kasi: Caller
    ) -> None:
        job = world.opened(("M", "putih", 4))
        workshop = kasi.get("/workshops").json["items"][0]["id"]
        moved, checker = world.worker(), world.worker()
        place(kasi, workshop, moved, on=YESTERDAY)
        job.record(petugas, "pengerjaan", {"inmate_id": moved, "good": 4}, on=YESTERDAY.isoformat())
        job.record(petugas, "qc", {"inmate_id": checker, "good": 1}, on=YESTERDAY.isoformat())
        leave(world, moved, on=YESTERDAY)
        job.record(petugas, "qc", {"inmate_id": checker, "good": 3}, on=TODAY.isoformat())
        paid = "SELECT sum(pieces) FROM credit WHERE inmate_id = :id"
        assert world.count(paid, id=UUID(moved)) == 4
        assert spans(kasi, moved)[0][1:] == (YESTERDAY.isoformat(), "transfer")


class TestAWorkshopOnHold:
    def test_holds_all_its_work_orders_and_leaves_what_was_held_before(
        self, world: Any, kasi: Caller, petugas: Caller
    ) -> None:
        free, held = world.opened(), world.opened()
        elsewhere = world.opened(kind="batik_cap")
        world.tell("orders.order_held", {"order_id": held.order_id, "reason": "menunggu kain"})
        workshop = petugas.get(f"/work-orders/{free.id}").json["workshop_id"]
        answer = kasi.post(f"/workshops/{workshop}/holds", {"reason": "banjir"})
        assert (answer.status_code, answer.json["work_orders"]) == (201, 2)

        def shown(job: Any) -> tuple[str, str | None]:
            found = petugas.get(f"/work-orders/{job.id}").json
            return found["state"], found["reason"]

        assert [shown(j) for j in (free, held, elsewhere)] == [
            ("on_hold", "banjir"),
            ("on_hold", "menunggu kain"),
            ("released", None),
        ]
        refused = free.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 1})
        assert (problem(refused)[1], refused.json["facts"]["reason"]) == ("work-order-on-hold", "banjir")
        late = world.opened()
        assert shown(late) == ("on_hold", "banjir")
        assert problem(kasi.post(f"/workshops/{workshop}/holds", {"reason": "banjir"}))[1] == "workshop-already-on-hold"
        assert kasi.post(f"/workshops/{workshop}/resume").json["work_orders"] == 2
        assert [shown(j)[0] for j in (free, held, late)] == ["released", "on_hold", "released"]
        world.tell("orders.order_resumed", {"order_id": held.order_id})
        assert shown(held) == ("released", None)
        assert problem(kasi.post(f"/workshops/{workshop}/resume"))[1] == "workshop-not-on-hold"
        (once,) = kasi.get(f"/workshops/{workshop}/holds").json["items"]
        assert (once["reason"], once["resumed_at"] is None) == ("banjir", False)

    def test_goes_on_only_when_the_order_does_too(self, world: Any, kasi: Caller, petugas: Caller) -> None:
        job = world.opened()
        workshop = petugas.get(f"/work-orders/{job.id}").json["workshop_id"]
        kasi.post(f"/workshops/{workshop}/holds", {"reason": "lockdown"})
        world.tell("orders.order_resumed", {"order_id": job.order_id})
        assert petugas.get(f"/work-orders/{job.id}").json["state"] == "on_hold"
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "mitra"})
        assert petugas.get(f"/work-orders/{job.id}").json["reason"] == "mitra"
        assert kasi.post(f"/workshops/{workshop}/resume").json["work_orders"] == 0

    def test_is_for_those_who_keep_workshops(
        self, world: Any, petugas: Caller, as_role: Callable[..., Caller], kasi: Caller
    ) -> None:
        world.opened()
        workshop = kasi.get("/workshops").json["items"][0]["id"]
        assert petugas.post(f"/workshops/{workshop}/holds", {"reason": "banjir"}).status_code == 403
        other = as_role("kasi_giatja", "BTG")
        assert problem(other.post(f"/workshops/{workshop}/holds", {"reason": "banjir"}))[:2] == (
            404,
            "workshop-unknown",
        )
        assert other.get(f"/workshops/{workshop}/holds").status_code == 404
        assert kasi.post(f"/workshops/{workshop}/holds", {"reason": ""}).status_code == 422
