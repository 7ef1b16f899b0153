"""Tokens for people and machines, and every way to bend one; the API of people and of Lapas."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OctKey

from giatja_contracts.catalogue import catalogue
from giatja_gateway.identity import handlers
from giatja_gateway.lapas import handlers as lapas_handlers
from giatja_kit import clock
from giatja_kit.auth import Signer, new_key
from giatja_kit.database import Database
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller, TestKeys, told
from giatja_ops.pytest_plugin import RealParts

BASE = "/api/gateway/v1"
PASSWORD = "kain mori dan malam"
PKL = {"lapas_id": "PKL", "name": "Lapas Pekalongan", "class": "IIA", "zone": "Asia/Jakarta"}


@pytest.fixture
def ops(as_role: Callable[..., Caller]) -> Caller:
    return as_role("ops", "*")


@pytest.fixture
def person(database: Database) -> UUID:
    person_id = new_id()
    with database.transaction(at=clock.now()) as store:
        command = lapas_handlers.RegisterLapas(
            lapas_id="PKL", name="Lapas Pekalongan", lapas_class="IIA", zone="Asia/Jakarta"
        )
        lapas_handlers.register_lapas(command, store)
        handlers.add_person(handlers.AddPerson(id=person_id, username="kasi.pkl", name="Kasi Contoh"), store)
        for role, plt in (("kasi_giatja", True), ("petugas", False)):
            handlers.assign_role(
                handlers.AssignRole(
                    id=new_id(), person_id=person_id, role=role, lapas_id="PKL", starts_on=date(2025, 1, 1), plt=plt
                ),
                store,
            )
        handlers.set_password(handlers.SetPassword(person_id=person_id, password=PASSWORD), store)
    return person_id


def ask(client: FlaskClient, **body: Any) -> Any:
    return client.post(f"{BASE}/tokens", json=body)


def look(client: FlaskClient, token: str) -> Any:
    return client.get(f"{BASE}/lapas", headers={"Authorization": f"Bearer {token}"})


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class TestTokenForPeople:
    def test_says_who_in_which_role_and_where(self, client: FlaskClient, person: UUID) -> None:
        given = ask(client, username="kasi.pkl", password=PASSWORD).json
        said = claims(given["access_token"])
        assert (said["sub"], said["role"], said["lapas"], said["plt"]) == (str(person), "kasi_giatja", "PKL", True)
        assert (given["expires_in"], said["exp"] - said["iat"]) == (900, 900)
        assert [row["lapas_id"] for row in look(client, given["access_token"]).json["items"]] == ["PKL"]

    def test_is_for_the_role_that_was_asked_for(self, client: FlaskClient, person: UUID) -> None:
        given = ask(client, username="kasi.pkl", password=PASSWORD, role="petugas").json
        assert claims(given["access_token"])["role"] == "petugas"

    def test_is_not_for_a_role_that_is_not_held(self, client: FlaskClient, person: UUID) -> None:
        assert ask(client, username="kasi.pkl", password=PASSWORD, role="ops").status_code == 404

    def test_refuses_alike_whatever_is_wrong(self, client: FlaskClient, person: UUID) -> None:
        wrong = ask(client, username="kasi.pkl", password="bukan yang ini sama sekali")
        unknown = ask(client, username="siapa.pkl", password="bukan yang ini sama sekali")
        assert wrong.status_code == unknown.status_code == 401
        assert {**wrong.json, "trace": ""} == {**unknown.json, "trace": ""}

    def test_makes_a_guesser_wait(self, client: FlaskClient, person: UUID) -> None:
        for _ in range(5):
            ask(client, username="kasi.pkl", password="bukan yang ini sama sekali")
        waiting = ask(client, username="kasi.pkl", password=PASSWORD)
        assert (waiting.status_code, waiting.json["type"]) == (429, "urn:giatja:problem:too-many-attempts")
        assert int(waiting.headers["Retry-After"]) > 0

    def test_is_not_given_for_a_temporary_password(self, client: FlaskClient, database: Database, person: UUID) -> None:
        with database.transaction(at=clock.now()) as store:
            temporary = handlers.give_temporary_password(person, store)
        assert ask(client, username="kasi.pkl", password=temporary).status_code == 401

    def test_is_never_kept_for_a_repetition(self, client: FlaskClient, database: Database, person: UUID) -> None:
        body = {"username": "kasi.pkl", "password": PASSWORD}
        assert client.post(f"{BASE}/tokens", json=body, headers={"Idempotency-Key": "k"}).status_code == 200
        with database.transaction(at=clock.now()) as store:
            assert store.value("SELECT count(*) FROM idempotency_key") == 0


class TestTokenForMachines:
    def test_is_given_for_the_newest_secret_until_it_is_closed(self, client: FlaskClient, ops: Caller) -> None:
        ops.post("/lapas", PKL)
        made = ops.post("/clients", {"name": "Laporan", "role": "kalapas", "lapas_id": "PKL"}).json
        path = f"{BASE}/clients/{made['id']}/secret"
        bearer = {"Authorization": ops._headers["Authorization"]}
        old, new = (str(client.post(path, json={}, headers=bearer).get_json()["secret"]) for _ in range(2))

        def token(secret: str) -> Any:
            return ask(client, grant_type="client_credentials", client_id=made["id"], client_secret=secret)

        assert token(old).status_code == 401
        said = claims(token(new).json["access_token"])
        assert (said["sub"], said["role"], said["lapas"]) == (f"client-{made['id']}", "kalapas", "PKL")
        client.post(f"{BASE}/clients/{made['id']}/close", json={}, headers=bearer)
        assert token(new).status_code == 401

    @pytest.mark.parametrize("client_id", ["", "bukan-id", str(UUID(int=7))])
    def test_is_refused_to_strangers(self, client: FlaskClient, database: Database, client_id: str) -> None:
        answer = ask(client, grant_type="client_credentials", client_id=client_id, client_secret="x")
        assert answer.status_code == 401

    def test_secret_is_shown_once_only(self, ops: Caller) -> None:
        made = ops.post("/clients", {"name": "Laporan", "role": "kanwil", "lapas_id": "*"}).json
        assert (
            ops.post(f"/clients/{made['id']}/secret", key="k").json["type"] == "urn:giatja:problem:secret-is-not-kept"
        )


def bent(how: str, keys: TestKeys) -> str:
    now = clock.now()
    good = keys.person("kasi_giatja", "PKL")
    header, body, signature = good.split(".")

    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    said = claims(good)
    kid = json.loads(urlsafe_b64decode(header + "=="))["kid"]
    gateway = Signer("gateway", keys.private["gateway"])
    person = {"sub": "p", "role": "ops", "lapas": "*"}
    ways: dict[str, Callable[[], str]] = {
        "none": lambda: f"{part({'alg': 'none', 'kid': kid})}.{body}.",
        "none with signature": lambda: f"{part({'alg': 'none', 'kid': kid})}.{body}.{signature}",
        "claims changed": lambda: f"{header}.{part({**said, 'role': 'ops', 'lapas': '*'})}.{signature}",
        "signature cut": lambda: f"{header}.{body}.{signature[:-4]}",
        "no signature": lambda: f"{header}.{body}",
        "other key, same kid": lambda: Signer(
            "gateway", json.dumps({**json.loads(new_key("gateway", now)[0]), "kid": kid})
        ).token(person, at=now, seconds=300),
        "unknown kid": lambda: Signer("gateway", new_key("gateway", now + timedelta(days=9))[0]).token(
            person, at=now, seconds=300
        ),
        "public key as shared secret": lambda: jws.serialize_compact(
            {"alg": "HS256", "kid": kid},
            json.dumps({**said, "role": "ops"}),
            OctKey.import_key(json.dumps(json.loads(keys.trusted_keys_file.read_text())["gateway"][0])),
        ),
        "expired": lambda: keys.person("ops", "*", at=now - timedelta(minutes=6)),
        "from the future": lambda: keys.person("ops", "*", at=now + timedelta(minutes=5)),
        "a service for a person": lambda: Signer("orders", keys.private["orders"]).token(person, at=now, seconds=300),
        "the gateway's name with another's key": lambda: Signer("gateway", keys.private["orders"]).token(
            person, at=now, seconds=300
        ),
        "a person as service": lambda: gateway.token({"sub": "p", "role": "service", "lapas": "*"}, at=now, seconds=60),
        "stranger": lambda: Signer("mallory", new_key("mallory", now)[0]).token(person, at=now, seconds=300),
        "no role": lambda: gateway.token({"sub": "p", "lapas": "*"}, at=now, seconds=300),
        "rubbish": lambda: "bukan.token.sama-sekali",
        "empty parts": lambda: "..",
        "not ascii": lambda: "é.é.é",
    }
    return ways[how]()


class TestBentToken:
    @pytest.mark.parametrize(
        "how",
        [
            "none",
            "none with signature",
            "claims changed",
            "signature cut",
            "no signature",
            "other key, same kid",
            "unknown kid",
            "public key as shared secret",
            "expired",
            "from the future",
            "a service for a person",
            "the gateway's name with another's key",
            "a person as service",
            "stranger",
            "no role",
            "rubbish",
            "empty parts",
            "not ascii",
        ],
    )
    def test_opens_nothing(self, client: FlaskClient, real_parts: RealParts, how: str) -> None:
        answer = look(client, bent(how, real_parts.keys))
        assert (answer.status_code, answer.json["type"]) == (401, "urn:giatja:problem:token-refused")

    def test_and_a_straight_one_does(self, client: FlaskClient, real_parts: RealParts) -> None:
        assert look(client, real_parts.keys.person("kasi_giatja", "PKL")).status_code == 200


class TestPeople:
    def test_are_the_business_of_ops_alone(self, as_role: Callable[..., Caller]) -> None:
        for role, lapas in (("kalapas", "PKL"), ("kanwil", "*"), ("petugas", "PKL")):
            assert as_role(role, lapas).get("/people").status_code == 403
            assert as_role(role, lapas).post("/people", {"username": "abc", "name": "Abc"}).status_code == 403

    def test_hold_roles_that_end(self, ops: Caller) -> None:
        ops.post("/lapas", PKL)
        made = ops.post("/people", {"username": "kasi.pkl", "name": "Kasi Contoh"}).json
        path = f"/people/{made['id']}/assignments"
        role = {"role": "kasi_giatja", "lapas_id": "PKL", "starts_on": "2025-01-01"}
        held = ops.post(path, role).json["assignments"][0]
        assert (held["held"], held["title"]) == (True, "Kepala Seksi Kegiatan Kerja")
        again = ops.post(path, {**role, "starts_on": "2025-06-01"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:role-held-already")
        end = f"{path}/{held['id']}/end"
        assert ops.post(end, {"last_day": "2025-05-31"}).status_code == 428
        ended = ops.post(end, {"last_day": "2025-05-31"}, version=1).json
        assert not ended["assignments"][0]["held"]
        assert ops.post(path, {**role, "starts_on": "2025-06-01"}).status_code == 201
        assert [p["username"] for p in ops.get("/people", role="kasi_giatja", lapas_id="PKL").json["items"]] == [
            "kasi.pkl"
        ]
        assert ops.get("/people", role="petugas").json["items"] == []

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"lapas_id": "*"}, "/lapas_id"),
            ({"lapas_id": "XXX"}, "/lapas_id"),
            ({"role": "kanwil"}, "/lapas_id"),
            ({"role": "raja"}, "/role"),
            ({"ends_on": "2024-12-01"}, "/ends_on"),
            ({"starts_on": "2025-02-30"}, "/starts_on"),
        ],
    )
    def test_hold_no_role_that_does_not_fit(self, ops: Caller, change: dict[str, str], pointer: str) -> None:
        ops.post("/lapas", PKL)
        made = ops.post("/people", {"username": "kasi.pkl", "name": "Kasi Contoh"}).json
        role = {"role": "kasi_giatja", "lapas_id": "PKL", "starts_on": "2025-01-01", **change}
        answer = ops.post(f"/people/{made['id']}/assignments", role)
        assert answer.status_code in (404, 422)
        assert answer.json["errors"][0]["pointer"] == pointer
        assert ops.get(f"/people/{made['id']}").json["assignments"] == []

    @pytest.mark.parametrize("username", ["ab", "Kasi", "kasi pkl", "-kasi", "kasi@pkl", "k" * 41])
    def test_have_usernames_that_can_be_read_out(self, ops: Caller, username: str) -> None:
        assert ops.post("/people", {"username": username, "name": "Kasi"}).status_code == 422

    def test_are_listed_page_by_page_and_found_by_name(self, ops: Caller) -> None:
        for n in range(5):
            ops.post("/people", {"username": f"orang{n}", "name": f"Orang {n}"})
        first = ops.get("/people", limit=3).json
        second = ops.get("/people", limit=3, cursor=first["next"]).json
        assert [p["name"] for p in first["items"] + second["items"]] == [f"Orang {n}" for n in range(5)]
        assert [p["username"] for p in ops.get("/people", search="ng 3").json["items"]] == ["orang3"]


class TestLapas:
    def test_is_told_to_the_other_services(self, ops: Caller, database: Database) -> None:
        assert ops.post("/lapas", PKL).status_code == 201
        change = {"name": "Lapas Kelas I Pekalongan", "class": "I", "zone": "Asia/Jakarta"}
        assert ops.patch("/lapas/PKL", change, version=1).json["version"] == 2
        facts = told(database)
        assert [f["type"] for f in facts] == ["giatja.gateway.lapas_registered.v1", "giatja.gateway.lapas_changed.v1"]
        for fact in facts:
            catalogue()[fact["type"]].check(fact["data"])
            assert (fact["lapas_id"], fact["subject"]) == ("PKL", "PKL")

    def test_is_registered_once(self, ops: Caller) -> None:
        ops.post("/lapas", PKL)
        again = ops.post("/lapas", {**PKL, "name": "Lapas Lain"})
        assert (again.status_code, again.json["errors"][0]["pointer"]) == (409, "/lapas_id")

    @pytest.mark.parametrize("change", [{"lapas_id": "pkl"}, {"zone": "Europe/Paris"}, {"class": "V"}, {"name": ""}])
    def test_is_refused_when_malformed(self, ops: Caller, change: dict[str, str]) -> None:
        assert ops.post("/lapas", {**PKL, **change}).status_code == 422

    def test_reads_its_titles_as_they_were_on_a_day(self, ops: Caller) -> None:
        ops.post("/lapas", PKL)
        then = ops.get("/lapas/PKL/titles", on="2023-06-17").json
        now = ops.get("/lapas/PKL/titles", on="2025-06-17").json
        assert "Hukum dan Hak Asasi" in then["letterhead"][0]
        assert "Imigrasi dan Pemasyarakatan" in now["letterhead"][0]
        new = {"valid_from": "2026-01-01", "letterhead": ["Kop baru"], "titles": {"kasi_giatja": "Kepala Seksi Baru"}}
        assert ops.post("/lapas/PKL/titles", new).status_code == 200
        assert ops.get("/lapas/PKL/titles", on="2025-12-31").json == now
        assert ops.get("/lapas/PKL/titles", on="2026-01-01").json["titles"] == {"kasi_giatja": "Kepala Seksi Baru"}

    def test_of_others_looks_like_one_that_does_not_exist(self, ops: Caller, as_role: Callable[..., Caller]) -> None:
        ops.post("/lapas", PKL)
        stranger = as_role("kalapas", "BTG")
        assert stranger.get("/lapas").json["items"] == []
        foreign, missing = stranger.get("/lapas/PKL"), stranger.get("/lapas/XXX")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json["type"] == missing.json["type"]
        assert stranger.get("/lapas/PKL/titles").status_code == 404

    def test_is_changed_by_ops_alone(self, ops: Caller, as_role: Callable[..., Caller]) -> None:
        ops.post("/lapas", PKL)
        change = {"name": "Lapas Milik Kami", "class": "I", "zone": "Asia/Jakarta"}
        assert as_role("kalapas").patch("/lapas/PKL", change, version=1).status_code == 403
