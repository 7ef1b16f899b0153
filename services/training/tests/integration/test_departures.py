"""Leaving together and arriving elsewhere, over HTTP and on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.testing import Answer, Caller, told

from .conftest import permit_to_work, propose, register

LEFT = "giatja.training.inmate_left.v1"
DAY = "2025-06-01"


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


def people(caller: Caller, count: int, block: str = "A1") -> list[dict[str, Any]]:
    return [register(caller, register_number=f"R{n}", name=f"Contoh {n:03}", block=block) for n in range(count)]


def depart(caller: Caller, ones: list[dict[str, Any]], **more: Any) -> Answer:
    body = {"inmate_ids": [p["id"] for p in ones], "left_on": DAY, "reason": "transfer", **more}
    return caller.post("/departures", body)


@pytest.fixture
def batang(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasi_giatja", "BTG", "person-btg")


class TestLetManyLeave:
    def test_ends_permissions_and_tells_each_on_its_own_in_one_act(
        self, kasi: Caller, kalapas: Caller, database: Database
    ) -> None:
        worker, proposed, plain = people(kasi, 3)
        permit_to_work(kasi, kalapas, worker)
        waiting = propose(kasi, proposed)
        made = depart(kasi, [worker, proposed, plain], destination="Lapas Semarang", note="banjir")
        assert (made.status_code, made.json["destination"], len(made.json["people"])) == (201, "Lapas Semarang", 3)
        assert {f["subject"] for f in told(database, LEFT)} == {p["id"] for p in (worker, proposed, plain)}
        assert len(told(database, "giatja.training.work_permission_ended.v1")) == 1
        assert kasi.get(f"/permits/{waiting['id']}").json["state"] == "withdrawn"
        assert kasi.get("/inmates", status="transferred").json["total"] == 3
        (row,) = kasi.get("/departures").json["items"]
        assert (row["people"], row["returned"], row["made_by"]) == (3, 0, "kasi_giatja:person-kasi_giatja")
        assert "Contoh" not in str(told(database))

    def test_of_170_in_a_day_takes_a_moment(self, kasi: Caller, database: Database) -> None:
        with database.transaction(at=clock.now()) as store:
            store.scope("PKL")
            store.run(
                "INSERT INTO inmate (lapas_id, id, register_number, name, date_of_birth, block, fitness, status, version)"
                " SELECT 'PKL', gen_random_uuid(), 'R' || n, 'Contoh ' || n, '1990-01-01', 'A', 'fit', 'present', 1"
                " FROM generate_series(1, 170) n"
            )
            store.run(
                "INSERT INTO work_permit (lapas_id, id, inmate_id, state, checklist, note, proposed_on, proposed_by,"
                " decided_on, decided_by, decision_note, sk_number, valid_from, issued_by, end_note, version)"
                " SELECT 'PKL', gen_random_uuid(), id, 'active', '[]', '', '2025-01-01', 'a:b', '2025-01-02', 'a:c', '',"
                " 'SK', '2025-01-03', 'a:c', '', 1 FROM inmate"
            )
        meant = kasi.post("/departures/selection", {"block": "A"}).json["items"]
        began = perf_counter()
        made = depart(kasi, meant, destination_lapas="BTG")
        seconds = perf_counter() - began
        assert (made.status_code, len(told(database, LEFT))) == (201, 170)
        assert len(told(database)) == 340
        assert seconds < 3, seconds
        print(f"170 left in {seconds:.2f} s")

    def test_is_for_all_or_for_nobody(self, kasi: Caller, database: Database) -> None:
        one, two = people(kasi, 2)
        kasi.post(f"/inmates/{two['id']}/leave", {"left_on": DAY, "reason": "release"}, version=1)
        assert problem(depart(kasi, [one, two])) == (409, "inmate-has-left", "/inmate_ids/1")
        assert problem(depart(kasi, [one, one])) == (422, "person-twice", "/inmate_ids/1")
        assert kasi.get(f"/inmates/{one['id']}").json["status"] == "present"
        assert len(told(database, LEFT)) == 1

    def test_is_done_once_for_one_key(self, kasi: Caller, database: Database) -> None:
        body = {"inmate_ids": [p["id"] for p in people(kasi, 2)], "left_on": DAY, "reason": "release"}
        first, again = (kasi.post("/departures", body, key="same") for _ in range(2))
        assert first.json["id"] == again.json["id"]
        assert len(told(database, LEFT)) == 2

    def test_by_two_clerks_at_once_happens_once(self, kasi: Caller, database: Database) -> None:
        ones = people(kasi, 4)
        with ThreadPoolExecutor(2) as clerks:
            answers = list(clerks.map(lambda some: depart(kasi, some).status_code, [ones, ones[::-1]]))
        assert sorted(answers) == [201, 409]
        assert len(told(database, LEFT)) == 4

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"left_on": "2999-01-01"}, "day-in-future"),
            ({"destination_lapas": "PKL"}, "destination-is-here"),
            ({"destination_lapas": "XXX"}, "destination-unknown"),
            ({"destination_lapas": "BTG", "reason": "release"}, "destination-of-release"),
        ],
    )
    def test_refuses_what_cannot_be(self, kasi: Caller, more: dict[str, str], expected: str) -> None:
        assert problem(depart(kasi, people(kasi, 1), **more))[:2] == (422, expected)

    def test_refuses_people_of_another_lapas_and_roles_without_the_duty(
        self, kasi: Caller, batang: Caller, as_role: Callable[..., Caller]
    ) -> None:
        ones = people(kasi, 1)
        assert problem(depart(batang, ones)) == (404, "inmate-unknown", "/inmate_ids/0")
        for role in ("petugas", "kalapas", "wali"):
            assert depart(as_role(role), ones).status_code == 403
        made = depart(kasi, ones).json
        assert problem(batang.get(f"/departures/{made['id']}"))[:2] == (404, "departure-unknown")
        assert problem(batang.post(f"/departures/{made['id']}/return", {"inmate_ids": [ones[0]["id"]]}))[0] == 404
        assert batang.get("/departures").json["items"] == []


class TestSelection:
    def test_finds_people_by_block_and_pasted_numbers_and_says_which_are_nobody(self, kasi: Caller) -> None:
        ones = people(kasi, 3)
        other = register(kasi, register_number="B.I. 9/2024", block="C3")
        left = register(kasi, register_number="B.I. 8/2024", block="C3")
        kasi.post(f"/inmates/{left['id']}/leave", {"left_on": DAY, "reason": "release"}, version=1)
        found = kasi.post(
            "/departures/selection",
            {"block": "A1", "register_numbers": [" b.i.  9/2024", "B.I. 8/2024", "B.I. 0/0000", ""]},
        ).json
        assert {p["id"] for p in found["items"]} == {p["id"] for p in (*ones, other)}
        assert found["gone"] == [{"register_number": "B.I. 8/2024", "left_on": DAY}]
        assert found["unknown"] == ["b.i. 0/0000"]

    def test_of_a_block_counts_who_is_there_and_not_who_left_it(self, kasi: Caller, database: Database) -> None:
        with database.transaction(at=clock.now()) as store:
            store.scope("PKL")
            store.run(
                "INSERT INTO inmate (lapas_id, id, register_number, name, date_of_birth, block, fitness, status, left_on,"
                " version) SELECT 'PKL', gen_random_uuid(), 'L' || n, 'Aa ' || n, '1990-01-01', 'A1', 'fit', 'released',"
                " '2024-01-01', 1 FROM generate_series(1, 1600) n"
            )
        ones = people(kasi, 2)
        found = kasi.post("/departures/selection", {"block": "A1"}).json
        assert ({p["id"] for p in found["items"]}, found["gone"]) == ({p["id"] for p in ones}, [])
        assert found["more"] is False


class TestArrivals:
    def test_stand_at_the_destination_alone_and_are_entered_with_what_they_can(
        self, kasi: Caller, batang: Caller, database: Database
    ) -> None:
        one, two = people(kasi, 2)
        kasi.post(f"/inmates/{one['id']}/competences", {"competence": "menjahit", "awarded_on": "2025-03-01"})
        departure = depart(kasi, [one, two], destination_lapas="BTG").json
        assert [p["arrival"] for p in departure["people"]] == ["waiting", "waiting"]
        assert kasi.get("/arrivals").json["total"] == 0
        assert [c.get("/training/summary").json["arriving"] for c in (kasi, batang)] == [0, 2]
        waiting = batang.get("/arrivals").json["items"]
        assert [(a["name"], a["from_name"], a["competences"]) for a in waiting] == [
            ("Contoh 000", "Lapas Pekalongan", ["menjahit"]),
            ("Contoh 001", "Lapas Pekalongan", []),
        ]
        taking = {
            "people": [
                {"departure_id": departure["id"], "inmate_id": one["id"], "register_number": "BTG 1", "block": "B2"}
            ]
        }
        assert batang.post("/arrivals/take", taking).json == {"count": 1}
        entered = batang.get(f"/inmates/{one['id']}").json
        assert (entered["register_number"], entered["block"], entered["status"]) == ("BTG 1", "B2", "present")
        assert kasi.get(f"/inmates/{one['id']}").json["status"] == "transferred"
        heard = [(f["type"].split(".")[2], f["lapas_id"]) for f in told(database) if f["subject"] == one["id"]]
        assert heard[-2:] == [("inmate_registered", "BTG"), ("competence_awarded", "BTG")]
        assert problem(batang.post("/arrivals/take", taking))[1] == "arrival-decided"
        assert [p["arrival"] for p in kasi.get(f"/departures/{departure['id']}").json["people"]] == ["taken", "waiting"]

    def test_refuse_a_register_number_that_is_taken_there(self, kasi: Caller, batang: Caller) -> None:
        register(batang, register_number="R0")
        (one,) = people(kasi, 1)
        departure = depart(kasi, [one], destination_lapas="BTG").json
        (row,) = batang.get("/arrivals").json["items"]
        assert row["number_free"] is False
        person = {"departure_id": departure["id"], "inmate_id": one["id"], "register_number": "r0"}
        answer = batang.post("/arrivals/take", {"people": [person]})
        assert problem(answer) == (409, "register-number-taken", "/people/0/register_number")

    def test_can_be_declined_and_belong_to_nobody_else(self, kasi: Caller, batang: Caller) -> None:
        (one,) = people(kasi, 1)
        departure = depart(kasi, [one], destination_lapas="BTG").json
        key = {"departure_id": departure["id"], "inmate_id": one["id"]}
        assert problem(kasi.post("/arrivals/decline", {"people": [key]}))[1] == "arrival-unknown"
        assert batang.post("/arrivals/decline", {"people": [key]}).json == {"count": 1}
        assert batang.get("/arrivals").json["total"] == 0
        back = kasi.post(f"/departures/{departure['id']}/return", {"inmate_ids": [one["id"]]})
        assert back.json["people"][0]["status"] == "present"

    def test_of_somebody_who_was_here_before_open_the_same_record_again(self, kasi: Caller, batang: Caller) -> None:
        (one,) = people(kasi, 1)
        first = depart(kasi, [one], destination_lapas="BTG").json
        person = {"inmate_id": one["id"], "register_number": "BTG 1"}
        batang.post("/arrivals/take", {"people": [{"departure_id": first["id"], **person}]})
        second = depart(batang, [one], destination_lapas="PKL").json
        person["register_number"] = "R0"
        taken = kasi.post("/arrivals/take", {"people": [{"departure_id": second["id"], **person}]})
        assert taken.status_code == 200, taken.text
        assert kasi.get(f"/inmates/{one['id']}").json["status"] == "present"


class TestBringBack:
    def test_registers_again_who_is_still_underway_and_tells_it(
        self, kasi: Caller, batang: Caller, database: Database
    ) -> None:
        one, two = people(kasi, 2)
        departure = depart(kasi, [one, two], destination_lapas="BTG").json
        back = kasi.post(f"/departures/{departure['id']}/return", {"inmate_ids": [one["id"]]})
        assert [(p["status"], p["arrival"]) for p in back.json["people"]] == [
            ("present", "withdrawn"),
            ("transferred", "waiting"),
        ]
        last = told(database)[-1]
        assert (last["type"], last["subject"]) == ("giatja.training.inmate_registered.v1", one["id"])
        assert batang.get("/arrivals").json["total"] == 1
        again = kasi.post(f"/departures/{departure['id']}/return", {"inmate_ids": [one["id"]]})
        assert problem(again) == (409, "returned-already", "/inmate_ids/0")

    def test_is_refused_once_the_other_lapas_has_them(self, kasi: Caller, batang: Caller) -> None:
        (one,) = people(kasi, 1)
        departure = depart(kasi, [one], destination_lapas="BTG").json
        person = {"departure_id": departure["id"], "inmate_id": one["id"], "register_number": "BTG 1"}
        batang.post("/arrivals/take", {"people": [person]})
        answer = kasi.post(f"/departures/{departure['id']}/return", {"inmate_ids": [one["id"]]})
        assert problem(answer) == (409, "taken-elsewhere", "/inmate_ids/0")
        assert answer.json["facts"]["destination"] == "Lapas Batang"

    def test_of_a_single_person_opens_the_record_again(self, kasi: Caller) -> None:
        (one,) = people(kasi, 1)
        kasi.post(f"/inmates/{one['id']}/leave", {"left_on": DAY, "reason": "transfer"}, version=1)
        back = kasi.post(f"/inmates/{one['id']}/return", {}, version=2)
        assert (back.json["status"], back.json["left_on"]) == ("present", None)
        assert problem(kasi.post(f"/inmates/{one['id']}/return", {}, version=3))[1] == "inmate-is-here"
