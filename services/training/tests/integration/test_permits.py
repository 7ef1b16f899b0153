"""Work permissions over HTTP, on PostgreSQL."""

from collections.abc import Callable

import pytest

from giatja_contracts.catalogue import catalogue
from giatja_kit.database import Database
from giatja_kit.testing import Caller, told

from .conftest import SK, decide, permit_to_work, propose, register


class TestProposePermit:
    def test_starts_from_the_checklist_of_the_lapas(self, kasi: Caller) -> None:
        inmate = register(kasi)
        permit = kasi.post(
            f"/inmates/{inmate['id']}/permits", {"proposed_on": "2025-01-05", "done": ["kesehatan"]}
        ).json
        assert [r["key"] for r in permit["checklist"] if r["done"]] == ["kesehatan"]
        assert len(permit["checklist"]) == 5
        ticked = kasi.post(f"/permits/{permit['id']}/checklist", {"done": ["asesmen"]}, version=1).json
        assert [r["key"] for r in ticked["checklist"] if r["done"]] == ["asesmen"]

    def test_refuses_a_second_while_one_is_open(self, kasi: Caller) -> None:
        inmate = register(kasi)
        propose(kasi, inmate)
        again = kasi.post(f"/inmates/{inmate['id']}/permits", {"proposed_on": "2025-01-06"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:proposal-open")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"proposed_on": "2999-01-01"}, "/proposed_on"),
            ({"proposed_on": "2025-01-05", "done": ["gratis"]}, "/done"),
            ({}, "/proposed_on"),
        ],
    )
    def test_refuses_what_is_wrong(self, kasi: Caller, body: dict[str, object], pointer: str) -> None:
        inmate = register(kasi)
        answer = kasi.post(f"/inmates/{inmate['id']}/permits", body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)

    def test_is_refused_to_the_head_who_grants(self, kasi: Caller, kalapas: Caller) -> None:
        inmate = register(kasi)
        assert kalapas.post(f"/inmates/{inmate['id']}/permits", {"proposed_on": "2025-01-05"}).status_code == 403


class TestDecideAndIssue:
    def test_lets_somebody_work_and_tells_it(self, kasi: Caller, kalapas: Caller, database: Database) -> None:
        inmate = register(kasi)
        permit = permit_to_work(kasi, kalapas, inmate)
        assert (permit["state"], permit["sk_number"]) == ("active", "W13.PAS-12/2025")
        (fact,) = told(database, "giatja.training.work_permission_granted.v1")
        assert fact["data"] == {
            "inmate_id": inmate["id"],
            "permission_id": permit["id"],
            "valid_from": "2025-01-15",
            "valid_until": None,
        }
        assert (fact["subject"], fact["actor"]) == (inmate["id"], "kalapas:person-kalapas")

    def test_is_refused_to_whoever_proposed_even_in_another_role(
        self, as_role: Callable[..., Caller], kasi: Caller
    ) -> None:
        inmate = register(kasi)
        permit = propose(as_role("kasi_giatja", subject="person-both"), inmate)
        body = {"decision": "approved", "decided_on": "2025-01-10"}
        answer = as_role("kalapas", subject="person-both").post(f"/permits/{permit['id']}/decision", body, version=1)
        assert (answer.status_code, answer.json["type"]) == (403, "urn:giatja:problem:same-hand")

    def test_is_refused_to_roles_without_the_duty(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        permit = propose(kasi, register(kasi))
        body = {"decision": "approved", "decided_on": "2025-01-10"}
        for role in ("kasi_giatja", "kasubsi_bimker", "petugas", "wali", "kanwil"):
            assert as_role(role).post(f"/permits/{permit['id']}/decision", body, version=1).status_code == 403

    def test_refuses_a_wrong_state_and_leaves_it(self, kasi: Caller, kalapas: Caller, database: Database) -> None:
        inmate = register(kasi)
        permit = propose(kasi, inmate)
        early = kalapas.post(f"/permits/{permit['id']}/issue", SK, version=1)
        assert (early.status_code, early.json["type"]) == (409, "urn:giatja:problem:not-approved")
        refused = decide(kalapas, permit, "refused", note="Belum")
        late = kalapas.post(f"/permits/{permit['id']}/issue", SK, version=refused["version"])
        assert late.status_code == 409
        assert told(database, "giatja.training.work_permission_granted.v1") == []
        assert propose(kasi, inmate)["state"] == "proposed"

    def test_refuses_somebody_under_18(self, kasi: Caller, kalapas: Caller, database: Database) -> None:
        inmate = register(kasi, date_of_birth="2007-01-16")
        permit = decide(kalapas, propose(kasi, inmate))
        answer = kalapas.post(f"/permits/{permit['id']}/issue", SK, version=permit["version"])
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:inmate-not-adult")
        assert told(database, "giatja.training.work_permission_granted.v1") == []
        later = {**SK, "valid_from": "2025-01-16"}
        assert kalapas.post(f"/permits/{permit['id']}/issue", later, version=permit["version"]).status_code == 200

    def test_refuses_somebody_not_fit(self, kasi: Caller, kalapas: Caller) -> None:
        permit = decide(kalapas, propose(kasi, register(kasi, fitness="not_fit")))
        answer = kalapas.post(f"/permits/{permit['id']}/issue", SK, version=permit["version"])
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:inmate-not-fit")

    def test_refuses_a_version_that_has_passed_and_none(self, kasi: Caller, kalapas: Caller) -> None:
        permit = propose(kasi, register(kasi))
        decide(kalapas, permit, "deferred")
        body = {"decision": "approved", "decided_on": "2025-01-10"}
        assert kalapas.post(f"/permits/{permit['id']}/decision", body, version=1).status_code == 412
        assert kalapas.post(f"/permits/{permit['id']}/decision", body).status_code == 428

    def test_asks_for_a_reason_while_requirements_are_open(self, kasi: Caller, kalapas: Caller) -> None:
        permit = propose(kasi, register(kasi), done=[])
        body = {"decision": "approved", "decided_on": "2025-01-10"}
        answer = kalapas.post(f"/permits/{permit['id']}/decision", body, version=1)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/note")

    def test_lists_what_waits_with_whose_it_is(self, kasi: Caller, kalapas: Caller) -> None:
        for nth in range(3):
            propose(kasi, register(kasi, register_number=f"R{nth}"), proposed_on=f"2025-01-0{5 - nth}")
        first = kalapas.get("/permits", state="proposed", limit=2).json
        second = kalapas.get("/permits", state="proposed", limit=2, cursor=first["next"]).json
        assert [p["register_number"] for p in first["items"] + second["items"]] == ["R2", "R1", "R0"]


class TestRenewal:
    def test_closes_the_former_sk_when_its_days_are_over(
        self, kasi: Caller, kalapas: Caller, database: Database
    ) -> None:
        inmate = register(kasi)
        former = permit_to_work(kasi, kalapas, inmate, valid_until="2025-03-31")
        again = permit_to_work(kasi, kalapas, inmate, sk_number="SK-2", valid_from="2025-04-01")
        states = {p["id"]: p["state"] for p in kasi.get(f"/inmates/{inmate['id']}/permits").json["items"]}
        assert states == {former["id"]: "ended", again["id"]: "active"}
        ended, granted = told(database)[-2:]
        assert (ended["data"]["ended_on"], ended["data"]["reason"]) == ("2025-03-31", "expired")
        assert granted["data"]["permission_id"] == again["id"]

    def test_refuses_a_second_sk_while_one_covers_the_day(
        self, kasi: Caller, kalapas: Caller, database: Database
    ) -> None:
        inmate = register(kasi)
        permit_to_work(kasi, kalapas, inmate)
        second = decide(kalapas, propose(kasi, inmate))
        answer = kalapas.post(f"/permits/{second['id']}/issue", {**SK, "sk_number": "SK-2"}, version=second["version"])
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:already-permitted")
        assert len(told(database, "giatja.training.work_permission_granted.v1")) == 1


class TestEndPermit:
    def test_tells_the_last_day(self, kasi: Caller, kalapas: Caller, database: Database) -> None:
        permit = permit_to_work(kasi, kalapas, register(kasi))
        body = {"ended_on": "2025-06-01", "reason": "offence", "note": "Melanggar tata tertib"}
        answer = kalapas.post(f"/permits/{permit['id']}/end", body, version=permit["version"])
        assert (answer.status_code, answer.json["state"]) == (200, "ended")
        (fact,) = told(database, "giatja.training.work_permission_ended.v1")
        assert (fact["data"]["ended_on"], fact["data"]["reason"]) == ("2025-06-01", "offence")
        assert "tata tertib" not in str(fact["data"])

    def test_is_refused_to_whoever_proposes_and_for_a_foreign_lapas(
        self, kasi: Caller, kalapas: Caller, as_role: Callable[..., Caller]
    ) -> None:
        permit = permit_to_work(kasi, kalapas, register(kasi))
        body = {"ended_on": "2025-06-01", "reason": "done"}
        assert kasi.post(f"/permits/{permit['id']}/end", body, version=3).status_code == 403
        assert as_role("kalapas", "BTG").post(f"/permits/{permit['id']}/end", body, version=3).status_code == 404


class TestFactsTold:
    def test_keep_the_promise_of_the_catalogue_and_never_name_anybody(
        self, kasi: Caller, kalapas: Caller, database: Database
    ) -> None:
        inmate = register(kasi)
        permit_to_work(kasi, kalapas, inmate, valid_until="2026-01-14")
        kasi.post(f"/inmates/{inmate['id']}/competences", {"competence": "mengobras", "awarded_on": "2025-03-20"})
        person = {k: inmate[k] for k in ("register_number", "name", "date_of_birth", "expected_release", "block")}
        kasi.patch(f"/inmates/{inmate['id']}", {**person, "fitness": "limited"}, version=1)
        kasi.post(f"/inmates/{inmate['id']}/leave", {"left_on": "2025-06-01", "reason": "transfer"}, version=2)
        facts = told(database)
        assert {f["type"] for f in facts} == {t for t in catalogue() if t.startswith("giatja.training.")}
        for fact in facts:
            catalogue()[fact["type"]].check(fact["data"])
            assert set(fact["data"]) <= set(catalogue()[fact["type"]].schema["properties"])
            assert "Contoh" not in str(dict(fact))
            assert "1990" not in str(fact["data"])
