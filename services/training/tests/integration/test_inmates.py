"""The register of inmates over HTTP, on PostgreSQL."""

import json
from collections.abc import Callable
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller, told

from .conftest import PERSON, permit_to_work, propose, register


def audit(database: Database, action: str) -> list[dict[str, str]]:
    with database.transaction(at=clock.now()) as store:
        rows = store.rows(
            "SELECT actor, subject, outcome, lapas_id FROM audit_log WHERE action = :a ORDER BY id", a=action
        )
        return [dict(r) for r in rows]


class TestRegisterInmate:
    def test_is_found_again_and_told_without_a_name(self, kasi: Caller, database: Database) -> None:
        made = register(kasi)
        shown = kasi.get(f"/inmates/{made['id']}")
        assert (shown.json["name"], shown.json["adult_on"], shown.headers["ETag"]) == (
            "Contoh Satu",
            "2008-05-01",
            '"v1"',
        )
        (fact,) = told(database, "giatja.training.inmate_registered.v1")
        assert fact["data"] == {"inmate_id": made["id"], "adult_on": "2008-05-01", "fitness": "fit"}

    def test_refuses_a_register_number_that_is_taken(self, kasi: Caller) -> None:
        register(kasi)
        again = kasi.post("/inmates", {**PERSON, "register_number": "b.i. 12/2024"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:register-number-taken")
        assert again.json["errors"][0]["pointer"] == "/register_number"

    def test_allows_the_same_number_at_another_lapas(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        register(kasi)
        register(as_role("kasi_giatja", "BTG"))

    def test_answers_racing_doubles_with_one_clear_refusal_each(self, kasi: Caller) -> None:
        statuses: list[int] = []
        threads = [Thread(target=lambda: statuses.append(kasi.post("/inmates", PERSON).status_code)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [201, 409, 409, 409, 409, 409]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("date_of_birth", "2999-01-01"),
            ("date_of_birth", "1990-02-30"),
            ("name", "X"),
            ("name", "A\u0000B"),
            ("fitness", "strong"),
            ("register_number", ""),
            ("nik", "3375010101900001"),
            ("lapas_id", "BTG"),
        ],
    )
    def test_refuses_what_is_wrong_or_not_to_be_kept_naming_the_field(
        self, kasi: Caller, field: str, value: str
    ) -> None:
        answer = kasi.post("/inmates", {**PERSON, field: value})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")
        assert kasi.get("/inmates").json["total"] == 0

    @pytest.mark.parametrize("role", ["petugas", "kalapas", "wali", "bendahara", "kanwil", "ops"])
    def test_refuses_roles_that_do_not_keep_the_register(self, as_role: Callable[..., Caller], role: str) -> None:
        assert as_role(role).post("/inmates", PERSON).status_code == 403


class TestChangeInmate:
    def test_tells_a_new_fitness_and_not_a_new_block(self, kasi: Caller, database: Database) -> None:
        made = register(kasi)
        kasi.patch(f"/inmates/{made['id']}", {**PERSON, "block": "B2"}, version=1)
        assert told(database, "giatja.training.inmate_changed.v1") == []
        changed = kasi.patch(f"/inmates/{made['id']}", {**PERSON, "block": "B2", "fitness": "limited"}, version=2)
        assert changed.json["version"] == 3
        (fact,) = told(database, "giatja.training.inmate_changed.v1")
        assert fact["data"]["fitness"] == "limited"

    def test_refuses_a_version_that_has_passed_and_none(self, kasi: Caller) -> None:
        made = register(kasi)
        kasi.patch(f"/inmates/{made['id']}", {**PERSON, "block": "B2"}, version=1)
        assert kasi.patch(f"/inmates/{made['id']}", {**PERSON, "block": "C3"}, version=1).status_code == 412
        assert kasi.patch(f"/inmates/{made['id']}", PERSON).status_code == 428
        assert kasi.get(f"/inmates/{made['id']}").json["block"] == "B2"


class TestLetInmateLeave:
    def test_ends_the_permission_the_same_day_and_tells_both(
        self, kasi: Caller, kalapas: Caller, database: Database
    ) -> None:
        inmate = register(kasi)
        permit = permit_to_work(kasi, kalapas, inmate)
        left = kasi.post(f"/inmates/{inmate['id']}/leave", {"left_on": "2025-06-01", "reason": "release"}, version=1)
        assert (left.status_code, left.json["status"]) == (200, "released")
        ended, gone = told(database)[-2:]
        assert (ended["type"], ended["data"]["ended_on"], ended["data"]["reason"]) == (
            "giatja.training.work_permission_ended.v1",
            "2025-06-01",
            "release",
        )
        assert ended["data"]["permission_id"] == permit["id"]
        assert (gone["type"], gone["data"]["left_on"], gone["data"]["reason"]) == (
            "giatja.training.inmate_left.v1",
            "2025-06-01",
            "release",
        )
        assert kasi.get(f"/permits/{permit['id']}").json["state"] == "ended"

    def test_gives_up_an_open_proposal_and_closes_the_record(self, kasi: Caller) -> None:
        inmate = register(kasi)
        permit = propose(kasi, inmate)
        kasi.post(f"/inmates/{inmate['id']}/leave", {"left_on": "2025-06-01", "reason": "transfer"}, version=1)
        assert kasi.get(f"/permits/{permit['id']}").json["state"] == "withdrawn"
        again = kasi.post(f"/inmates/{inmate['id']}/permits", {"proposed_on": "2025-06-02"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:inmate-has-left")

    def test_refuses_a_day_to_come_and_a_second_time(self, kasi: Caller) -> None:
        inmate = register(kasi)
        address = f"/inmates/{inmate['id']}/leave"
        assert kasi.post(address, {"left_on": "2999-01-01", "reason": "release"}, version=1).status_code == 422
        assert kasi.post(address, {"left_on": "2025-06-01", "reason": "release"}, version=1).status_code == 200
        assert kasi.post(address, {"left_on": "2025-06-01", "reason": "release"}, version=2).status_code == 409


class TestInmateOfAnotherLapas:
    def test_looks_like_one_that_does_not_exist(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        made = register(kasi)
        other = as_role("kasi_giatja", "BTG")
        unknown = other.get(f"/inmates/{uuid4()}")
        for path in ("", "/permits", "/competences", "/export"):
            foreign = other.get(f"/inmates/{made['id']}{path}")
            assert (foreign.status_code, foreign.json["type"]) == (404, unknown.json["type"])
        assert other.get(f"/passports/{made['id']}").status_code == 404
        assert other.patch(f"/inmates/{made['id']}", PERSON, version=1).status_code == 404
        assert other.post(f"/inmates/{made['id']}/permits", {"proposed_on": "2025-01-05"}).status_code == 404
        assert other.get("/inmates").json["items"] == []
        assert other.post("/names", {"ids": [made["id"]]}).json == {"items": {}}

    def test_is_refused_by_the_database_itself(self, kasi: Caller, database: Database) -> None:
        register(kasi)
        with database.transaction(at=clock.now()) as store:
            store.scope("BTG")
            assert store.value("SELECT count(*) FROM inmate") == 0
            assert store.run("UPDATE inmate SET name = 'x'") == 0

    def test_answers_a_malformed_id_clearly(self, kasi: Caller) -> None:
        assert kasi.get("/inmates/not-an-id").status_code == 422


class TestListInmates:
    def test_pages_by_name_without_a_name_in_the_cursor(self, kasi: Caller) -> None:
        for nth, name in enumerate(["Contoh C", "Contoh A", "Contoh B", "Contoh A", "Contoh D"]):
            register(kasi, name=name, register_number=f"R{nth}")
        seen, cursor = [], None
        while True:
            page = kasi.get("/inmates", limit=2, **({"cursor": cursor} if cursor else {})).json
            assert page["total"] == 5
            seen += [p["name"][-1] for p in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
            assert "Contoh" not in json.dumps(decoded(cursor))
        assert seen == list("AABCD")

    @pytest.mark.parametrize(
        "sort", ["-name", "register_number", "-register_number", "expected_release", "-expected_release"]
    )
    def test_pages_completely_whatever_the_order(self, kasi: Caller, sort: str) -> None:
        for nth in range(7):
            day = None if nth % 3 == 0 else f"2030-0{nth}-01"
            register(kasi, name=f"Contoh {nth % 3}", register_number=f"R{nth}", expected_release=day)
        whole = [p["id"] for p in kasi.get("/inmates", sort=sort).json["items"]]
        parts: list[str] = []
        page = kasi.get("/inmates", sort=sort, limit=2).json
        parts += [p["id"] for p in page["items"]]
        while page["next"]:
            page = kasi.get("/inmates", sort=sort, limit=2, cursor=page["next"]).json
            parts += [p["id"] for p in page["items"]]
        assert parts == whole
        assert len(set(parts)) == 7

    def test_narrows_by_permission_competence_block_and_state(self, kasi: Caller, kalapas: Caller) -> None:
        worker = register(kasi, register_number="R1", block="A1")
        expiring = register(kasi, register_number="R2", block="B1")
        permit_to_work(kasi, kalapas, worker)
        permit_to_work(kasi, kalapas, expiring, valid_until=clock.today("Asia/Jakarta", clock.now()).isoformat())
        proposed = register(kasi, register_number="R3", block="B1")
        propose(kasi, proposed)
        award = {"competence": "menjahit", "awarded_on": "2025-03-20"}
        kasi.post(f"/inmates/{worker['id']}/competences", award)
        gone = register(kasi, register_number="R4")
        kasi.post(f"/inmates/{gone['id']}/leave", {"left_on": "2025-06-01", "reason": "release"}, version=1)

        def numbers(**query: str) -> list[str]:
            found = kasi.get("/inmates", sort="register_number", **query).json
            assert found["total"] == len(found["items"])
            return [p["register_number"] for p in found["items"]]

        assert numbers(permit="works") == ["R1", "R2"]
        assert numbers(permit="expiring") == ["R2"]
        assert numbers(permit="proposed") == ["R3"]
        assert numbers(competence="menjahit") == ["R1"]
        assert numbers(block="B1") == ["R2", "R3"]
        assert numbers(status="released") == ["R4"]
        assert numbers(number="r3") == ["R3"]
        assert kasi.get("/blocks").json["items"] == ["A1", "B1"]
        summary = kasi.get("/training/summary").json
        assert (summary["present"], summary["may_work"], summary["expiring"], summary["waiting_decision"]) == (
            3,
            2,
            1,
            1,
        )

    @pytest.mark.parametrize("cursor", ["bogus", "WyJ4Il0"])
    def test_refuses_a_cursor_it_did_not_give(self, kasi: Caller, cursor: str) -> None:
        assert kasi.get("/inmates", cursor=cursor).status_code == 422

    def test_finds_ids_by_name_or_number_for_whoever_may_know_names(
        self, kasi: Caller, as_role: Callable[..., Caller]
    ) -> None:
        one = register(kasi, name="Contoh Satu", register_number="B.I. 7/2025")
        register(kasi, name="Contoh Dua", register_number="B.I. 9/2025")
        treasurer = as_role("bendahara")
        found = treasurer.post("/names/search", {"text": " contoh  satu "}).json["items"]
        assert found == {one["id"]: {"name": "Contoh Satu", "register_number": "B.I. 7/2025"}}
        assert list(treasurer.post("/names/search", {"text": "i. 7"}).json["items"]) == [one["id"]]
        assert treasurer.post("/names/search", {"text": ""}).status_code == 422
        assert treasurer.post("/inmates/search", {"name": "Satu"}).status_code == 403
        assert as_role("bendahara", "BTG").post("/names/search", {"text": "Contoh"}).json["items"] == {}
        assert as_role("kanwil", "*").post("/names/search", {"text": "Contoh"}).status_code == 403

    def test_searches_a_name_by_body_only(self, kasi: Caller) -> None:
        register(kasi, name="Contoh 100%", register_number="R1")
        register(kasi, name="Contoh Dua", register_number="R2")
        found = kasi.post("/inmates/search", {"name": " DUA "}).json
        assert [p["register_number"] for p in found["items"]] == ["R2"]
        assert kasi.post("/inmates/search", {"name": "0%"}).json["total"] == 1
        assert kasi.get("/inmates", name="Dua").json["total"] == 2

    def test_is_refused_to_whoever_may_not_know_names(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        made = register(kasi)
        for role in ("kanwil", "ops"):
            other = as_role(role)
            for answer in (
                other.get("/inmates"),
                other.get(f"/inmates/{made['id']}"),
                other.get(f"/passports/{made['id']}"),
                other.get(f"/inmates/{made['id']}/export"),
                other.post("/inmates/search", {"name": "Contoh"}),
                other.post("/names", {"ids": [made["id"]]}),
            ):
                assert answer.status_code == 403
                assert "Contoh" not in answer.text


class TestNames:
    def test_are_given_by_id_to_people_of_the_lapas_and_to_services(
        self, kasi: Caller, gateway: Caller, database: Database
    ) -> None:
        made = register(kasi)
        wanted = {"ids": [made["id"], str(uuid4())]}
        expected = {"items": {made["id"]: {"name": "Contoh Satu", "register_number": "B.I. 12/2024"}}}
        assert kasi.post("/names", wanted).json == expected
        assert gateway.post("/names", wanted).json == expected
        assert audit(database, "inmates.names") == []

    def test_are_asked_for_at_most_500_at_once(self, kasi: Caller) -> None:
        assert kasi.post("/names", {"ids": [str(uuid4()) for _ in range(501)]}).status_code == 422


class TestReadingSomebodysPage:
    def test_is_kept_in_the_audit_trail(self, kasi: Caller, database: Database) -> None:
        made = register(kasi)
        kasi.get(f"/inmates/{made['id']}")
        kasi.get(f"/passports/{made['id']}")
        kasi.get(f"/inmates/{made['id']}/export", purpose="hearing")
        for action in ("inmates.read", "passports.read", "inmates.export"):
            (line,) = audit(database, action)
            assert (line["actor"], line["lapas_id"]) == ("kasi_giatja:person-kasi_giatja", "PKL")
            assert made["id"] in line["subject"]

    def test_is_kept_when_it_was_refused_too(
        self, kasi: Caller, as_role: Callable[..., Caller], database: Database
    ) -> None:
        made = register(kasi)
        as_role("kanwil").get(f"/inmates/{made['id']}")
        (line,) = audit(database, "inmates.read")
        assert line["outcome"] == "refused"


class TestErrorsOfTheDatabase:
    def test_do_not_carry_a_name_into_the_log(self, kasi: Caller, database: Database) -> None:
        register(kasi)
        with pytest.raises(DBAPIError) as caught, database.transaction(at=clock.now()) as store:
            store.run(
                "INSERT INTO inmate"
                " (lapas_id, id, register_number, name, date_of_birth, block, fitness, status, version)"
                " VALUES ('PKL', :id, 'R9', :name, '1990-01-01', '', 'strong', 'present', 1)",
                {"id": new_id(), "name": "Nama Rahasia"},
            )
        assert "inmate_fitness" in str(caught.value)
        assert "Rahasia" not in str(caught.value)


def decoded(cursor: str) -> object:
    from base64 import urlsafe_b64decode

    return json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
