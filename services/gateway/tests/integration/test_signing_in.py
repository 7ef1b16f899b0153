"""Signing in through the pages: who gets in, who does not, and when a session ends."""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import ProgrammingError
from werkzeug.test import TestResponse

from giatja_gateway.identity import handlers
from giatja_gateway.lapas import handlers as lapas_handlers
from giatja_kit import clock
from giatja_kit.auth import Principal
from giatja_kit.database import Database
from giatja_kit.ids import new_id

HTML = {"Accept": "text/html"}
PASSWORD = "kain mori dan malam"
TODAY = date(2025, 1, 1)


@pytest.fixture
def database(database: Database) -> Database:
    with database.transaction(at=clock.now()) as store:
        for code, name in (("PKL", "Lapas Pekalongan"), ("BTG", "Lapas Batang")):
            lapas_handlers.register_lapas(
                lapas_handlers.RegisterLapas(lapas_id=code, name=name, lapas_class="IIA", zone="Asia/Jakarta"), store
            )
    return database


def a_person(database: Database, username: str = "kasi.pkl", *roles: tuple[str, str], password: str = PASSWORD) -> UUID:
    person_id = new_id()
    with database.transaction(at=clock.now()) as store:
        handlers.add_person(handlers.AddPerson(id=person_id, username=username, name=f"Orang {username}"), store)
        for role, lapas in roles or (("kasi_giatja", "PKL"),):
            handlers.assign_role(
                handlers.AssignRole(id=new_id(), person_id=person_id, role=role, lapas_id=lapas, starts_on=TODAY), store
            )
        handlers.set_password(handlers.SetPassword(person_id=person_id, password=password), store)
    return person_id


class Browser:
    """Somebody at the pages, whose forms carry the proof that a page of ours made them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=HTML)

    def post(self, path: str, page: str | None = None, /, **form: str) -> TestResponse:
        shown = self.get(page or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"|csrf-token" content="([^"]+)"', shown)
        assert token, shown[:500]
        return self.client.post(path, headers=HTML, data={"csrf_token": token[1] or token[2], **form})

    def sign_in(self, username: str = "kasi.pkl", password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/masuk", username=username, password=password, **more)

    @property
    def is_in(self) -> bool:
        return self.get("/akun").status_code == 200

    @property
    def token(self) -> str:
        cookie = self.client.get_cookie("giatja_session")
        return cookie.value if cookie else ""


@pytest.fixture
def browser(app: Flask, database: Database) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def another(app: Flask, database: Database) -> Callable[[], Browser]:
    return lambda: Browser(app.test_client())


def sql(database: Database, statement: str, **values: object) -> int:
    with database.transaction(at=clock.now()) as store:
        return store.run(statement, values)


class TestSignIn:
    def test_lets_somebody_in_and_keeps_only_a_hash_of_the_token(self, browser: Browser, database: Database) -> None:
        a_person(database)
        answer = browser.sign_in()
        assert answer.status_code == 303
        assert browser.is_in
        with database.transaction(at=clock.now()) as store:
            row = store.row("SELECT token_hash FROM session")
        assert row
        assert bytes(row["token_hash"]) == handlers.hash_token(browser.token)
        assert len(browser.token) >= 43

    def test_guards_the_cookie(self, browser: Browser, database: Database) -> None:
        a_person(database)
        cookies = browser.sign_in().headers.getlist("Set-Cookie")
        session = next(c for c in cookies if c.startswith("giatja_session="))
        assert "HttpOnly" in session
        assert "SameSite=Lax" in session
        assert "Secure" not in session

    def test_keeps_the_cookie_to_https_where_it_came_over_https(self, app: Flask, database: Database) -> None:
        a_person(database)
        client = app.test_client()
        secure = {**HTML, "X-Forwarded-Proto": "https"}
        shown = client.get("/masuk", headers=secure, base_url="https://localhost").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        assert token
        form = {"csrf_token": token[1], "username": "kasi.pkl", "password": PASSWORD}
        answer = client.post("/masuk", headers=secure, base_url="https://localhost", data=form)
        session = next(c for c in answer.headers.getlist("Set-Cookie") if "giatja_session=" in c)
        assert session.startswith("__Host-giatja_session=")
        assert "Secure" in session
        assert "Path=/" in session

    def test_answers_the_same_for_a_wrong_password_and_an_unknown_name(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        wrong = browser.sign_in(password="bukan yang ini sama sekali")
        unknown = another().sign_in("siapa.pkl", "bukan yang ini sama sekali")
        assert wrong.status_code == unknown.status_code == 401

        def plain(answer: TestResponse, name: str) -> str:
            return re.sub(r'(value|content)="[^"]{40,}"', "", answer.text).replace(name, "")

        assert plain(wrong, "kasi.pkl") == plain(unknown, "siapa.pkl")

    def test_takes_as_long_for_an_unknown_name(self, browser: Browser, database: Database) -> None:
        a_person(database)
        times: dict[str, list[float]] = {"kasi.pkl": [], "siapa.pkl": []}
        for name, taken in times.items():
            for _ in range(3):
                began = time.perf_counter()
                browser.sign_in(name, "bukan yang ini sama sekali")
                taken.append(time.perf_counter() - began)
        known, unknown = min(times["kasi.pkl"]), min(times["siapa.pkl"])
        assert unknown > known / 2, "an unknown name is found out by the clock"

    def test_makes_a_guesser_wait_even_with_the_right_password(self, browser: Browser, database: Database) -> None:
        a_person(database)
        for _ in range(5):
            assert browser.sign_in(password="bukan yang ini sama sekali").status_code == 401
        waiting = browser.sign_in()
        assert waiting.status_code == 429
        assert 1 <= int(waiting.headers["Retry-After"]) <= 15
        sql(database, "UPDATE sign_in_attempt SET last_at = last_at - interval '16 seconds'")
        assert browser.sign_in().status_code == 303

    def test_makes_a_guesser_wait_for_a_name_that_does_not_exist_too(self, browser: Browser) -> None:
        answers = [browser.sign_in("siapa.pkl", "bukan yang ini sama sekali").status_code for _ in range(6)]
        assert answers == [401] * 5 + [429]

    def test_does_not_lock_out_the_owner_at_a_known_device(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        browser.sign_in()
        browser.post("/keluar", "/akun")
        guesser = another()
        for _ in range(6):
            guesser.sign_in(password="bukan yang ini sama sekali")
        assert guesser.sign_in().status_code == 429
        assert browser.sign_in().status_code == 303

    def test_slows_spraying_over_names_but_not_known_devices_behind_the_same_address(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        browser.sign_in()
        browser.post("/keluar", "/akun")
        key = handlers._key("address", "127.0.0.1")
        sql(database, "INSERT INTO sign_in_attempt VALUES (:key, 30, :at)", key=key, at=clock.now())
        assert another().sign_in("lain.pkl", "bukan yang ini sama sekali").status_code == 429
        assert browser.sign_in().status_code == 303

    def test_refuses_a_closed_account_like_an_unknown_one(self, browser: Browser, database: Database) -> None:
        a_person(database)
        sql(database, "UPDATE person SET active = false")
        assert browser.sign_in().status_code == 401

    def test_says_so_to_somebody_without_a_role_today(self, browser: Browser, database: Database) -> None:
        a_person(database)
        sql(database, "UPDATE assignment SET ends_on = '2025-01-31'")
        assert browser.sign_in().status_code == 403
        assert not browser.is_in

    def test_refuses_the_accounts_of_the_demonstration_outside_it(self, browser: Browser, database: Database) -> None:
        person_id = a_person(database)
        with database.transaction(at=clock.now()) as store:
            handlers.offer_demo_sign_in(handlers.SetPassword(person_id=person_id, password=PASSWORD), store)
        assert browser.sign_in().status_code == 401
        assert PASSWORD not in browser.get("/masuk").text

    def test_refuses_a_form_of_another_site(self, browser: Browser, database: Database) -> None:
        a_person(database)
        bare = browser.client.post("/masuk", headers=HTML, data={"username": "kasi.pkl", "password": PASSWORD})
        assert bare.status_code == 400
        assert not browser.is_in

    @pytest.mark.parametrize(
        "target", ["https://jahat.example/", "//jahat.example", "/\\jahat.example", "/%09/jahat.example"]
    )
    def test_never_sends_anybody_elsewhere(self, browser: Browser, database: Database, target: str) -> None:
        a_person(database)
        assert "jahat" not in browser.sign_in(next=target).headers["Location"]

    def test_sends_back_to_where_one_was(self, browser: Browser, database: Database) -> None:
        a_person(database)
        asked = browser.get("/akun")
        assert asked.status_code == 303
        assert asked.headers["Location"].startswith("/masuk?next=")
        assert browser.sign_in(next="/akun").headers["Location"] == "/akun"


class TestSession:
    def test_is_a_new_one_at_each_sign_in(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        planted = another()
        planted.sign_in()
        browser.client.set_cookie("giatja_session", planted.token)
        browser.client.delete_cookie("giatja_form")
        browser.post("/masuk", "/akun", username="kasi.pkl", password=PASSWORD)
        assert browser.token != planted.token
        assert not planted.is_in, "the session that was planted must end"

    def test_a_made_up_token_opens_nothing(self, browser: Browser) -> None:
        browser.client.set_cookie("giatja_session", "x" * 43)
        assert browser.get("/akun").status_code == 303

    def test_replayed_after_signing_out_opens_nothing(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        browser.sign_in()
        token = browser.token
        browser.post("/keluar", "/akun")
        thief = another()
        thief.client.set_cookie("giatja_session", token)
        assert not thief.is_in

    @pytest.mark.parametrize("column", ["seen_at", "expires_at"])
    def test_ends_when_idle_and_when_old(self, browser: Browser, database: Database, column: str) -> None:
        a_person(database)
        browser.sign_in()
        sql(database, f"UPDATE session SET {column} = :past", past=datetime.now(UTC) - timedelta(hours=1, seconds=5))
        assert not browser.is_in

    def test_ends_when_the_account_is_closed(self, browser: Browser, database: Database) -> None:
        person_id = a_person(database)
        browser.sign_in()
        with database.transaction(at=clock.now()) as store:
            command = handlers.ChangePerson(id=person_id, version=None, name="Orang", active=False)
            handlers.change_person(command, store)
        assert not browser.is_in

    def test_loses_a_role_that_is_taken_away_at_once(self, browser: Browser, database: Database) -> None:
        a_person(database)
        browser.sign_in()
        assert browser.is_in
        sql(database, "UPDATE assignment SET ends_on = '2025-01-31'")
        assert not browser.is_in

    def test_moves_on_to_another_role_but_obeys_no_form_of_the_old_one(
        self, browser: Browser, database: Database
    ) -> None:
        a_person(database, "ganda", ("kasi_giatja", "PKL"), ("petugas", "BTG"))
        browser.sign_in("ganda")
        assert "Lapas Pekalongan" in browser.get("/akun").text
        shown = browser.get("/akun").text
        token = re.search(r'csrf-token" content="([^"]+)"', shown)
        sql(database, "UPDATE assignment SET ends_on = '2025-01-31' WHERE role = 'kasi_giatja'")
        assert token
        stale = browser.client.post("/akun/kata-sandi", headers=HTML, data={"csrf_token": token[1]})
        assert stale.status_code in (400, 401)
        page = browser.get("/akun")
        assert page.status_code == 200
        assert "sudah berakhir" in page.text
        assert "Lapas Batang" in page.text

    def test_switches_only_to_a_role_that_is_ones_own(self, browser: Browser, database: Database) -> None:
        a_person(database, "ganda", ("kasi_giatja", "PKL"), ("petugas", "BTG"))
        a_person(database, "lain", ("kalapas", "PKL"))
        browser.sign_in("ganda")
        with database.transaction(at=clock.now()) as store:
            own = store.value("SELECT id FROM assignment WHERE role = 'petugas'")
            foreign = store.value("SELECT id FROM assignment WHERE role = 'kalapas'")
        before = browser.token
        assert browser.post("/akun/peran", "/akun", assignment=str(foreign)).status_code == 404
        assert browser.post("/akun/peran", "/akun", assignment="bukan id").status_code == 404
        assert browser.post("/akun/peran", "/akun", assignment=str(own)).status_code == 303
        assert browser.token != before, "what one may do changed, so the token does"
        assert browser.is_in

    def test_of_somebody_else_cannot_be_ended(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        a_person(database, "lain", ("petugas", "PKL"))
        other = another()
        other.sign_in("lain")
        browser.sign_in()
        with database.transaction(at=clock.now()) as store:
            foreign = store.value(
                "SELECT s.id FROM session s JOIN person p ON p.id = s.person_id WHERE p.username = 'lain'"
            )
        assert browser.post(f"/akun/sesi/{foreign}/akhiri", "/akun").status_code == 404
        assert other.is_in


class TestPassword:
    def test_change_ends_the_sessions_on_other_devices(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database)
        other = another()
        other.sign_in()
        browser.sign_in()
        before = browser.token
        new = "payung hujan sore ini"
        assert browser.post("/akun/kata-sandi", present=PASSWORD, password=new, again=new).status_code == 303
        assert browser.is_in
        assert browser.token != before
        assert not other.is_in
        assert another().sign_in().status_code == 401
        assert another().sign_in(password=new).status_code == 303

    @pytest.mark.parametrize(
        ("present", "password", "again", "said"),
        [
            ("salah", "payung hujan sore ini", "payung hujan sore ini", "tidak cocok"),
            (PASSWORD, "payung hujan sore ini", "payung hujan pagi ini", "tidak sama"),
            (PASSWORD, "pendek", "pendek", "12 huruf"),
            (PASSWORD, PASSWORD, PASSWORD, "sama dengan yang lama"),
            (PASSWORD, "kasi.pkl kasi.pkl", "kasi.pkl kasi.pkl", "mudah ditebak"),
        ],
    )
    def test_change_is_refused_in_words(
        self, browser: Browser, database: Database, present: str, password: str, again: str, said: str
    ) -> None:
        a_person(database)
        browser.sign_in()
        answer = browser.post("/akun/kata-sandi", present=present, password=password, again=again)
        assert answer.status_code == 422
        assert said in answer.text

    def test_temporary_one_opens_nothing_but_its_own_change(self, browser: Browser, database: Database) -> None:
        person_id = a_person(database)
        with database.transaction(at=clock.now()) as store:
            temporary = handlers.give_temporary_password(person_id, store)
        browser.sign_in(password=temporary)
        assert browser.get("/akun").headers["Location"] == "/akun/kata-sandi"
        assert browser.post("/akun/peran", "/akun/kata-sandi", assignment=str(new_id())).status_code == 403
        new = "payung hujan sore ini"
        assert browser.post("/akun/kata-sandi", password=new, again=new).status_code == 303
        assert browser.is_in


class TestPeoplePages:
    def test_are_for_those_who_run_the_deployment(self, browser: Browser, database: Database) -> None:
        a_person(database)
        browser.sign_in()
        for path in ("/orang", "/orang/baru", f"/orang/{new_id()}", "/lapas", "/lapas/baru", "/lapas/PKL"):
            assert browser.get(path).status_code == 403, path

    def test_add_somebody_who_then_signs_in(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        a_person(database, "ops", ("ops", "*"))
        browser.sign_in("ops")
        shown = browser.post(
            "/orang/baru",
            name="Petugas Baru",
            username="baru.pkl",
            role="petugas",
            lapas_id="PKL",
            starts_on="2025-01-01",
        )
        secret = re.search(r'class="secret-once">([^<]+)<', shown.text)
        assert shown.status_code == 200
        assert secret
        assert shown.headers["Cache-Control"] == "no-store"
        new = another()
        assert new.sign_in("baru.pkl", secret[1]).status_code == 303

    def test_keep_what_was_typed_and_name_what_is_wrong(self, browser: Browser, database: Database) -> None:
        a_person(database, "ops", ("ops", "*"))
        browser.sign_in("ops")
        answer = browser.post(
            "/orang/baru",
            name="Petugas <b>Baru</b>",
            username="OPS",
            role="kanwil",
            lapas_id="PKL",
            starts_on="2025-02-30",
        )
        assert answer.status_code == 422
        assert "Petugas &lt;b&gt;Baru&lt;/b&gt;" in answer.text
        assert 'href="#f-username"' in answer.text
        assert 'href="#f-starts_on"' in answer.text
        taken = browser.post(
            "/orang/baru", name="Lain", username="ops", role="petugas", lapas_id="PKL", starts_on="2025-01-01"
        )
        assert taken.status_code == 409
        assert "sudah dipakai" in taken.text

    def test_end_a_role_in_mid_session(
        self, browser: Browser, another: Callable[[], Browser], database: Database
    ) -> None:
        person_id = a_person(database)
        a_person(database, "ops", ("ops", "*"))
        working = another()
        working.sign_in()
        browser.sign_in("ops")
        with database.transaction(at=clock.now()) as store:
            role = store.value("SELECT id FROM assignment WHERE person_id = :id", id=person_id)
        path = f"/orang/{person_id}/peran/{role}/akhiri"
        assert browser.post(path, f"/orang/{person_id}", last_day="2025-01-31", version="9").status_code == 412
        assert browser.post(path, f"/orang/{person_id}", last_day="2025-01-31", version="1").status_code == 303
        assert not working.is_in

    def test_give_no_role_to_oneself(self, browser: Browser, database: Database) -> None:
        person_id = a_person(database, "ops", ("ops", "*"))
        browser.sign_in("ops")
        answer = browser.post(
            f"/orang/{person_id}/peran", f"/orang/{person_id}", role="kalapas", lapas_id="PKL", starts_on="2025-01-01"
        )
        assert answer.status_code == 403


class TestRowSecurity:
    @pytest.mark.parametrize("table", ["person", "session", "sign_in_attempt", "demo_sign_in"])
    def test_shows_people_to_nobody_who_belongs_to_one_lapas(
        self, browser: Browser, database: Database, table: str
    ) -> None:
        person_id = a_person(database)
        with database.transaction(at=clock.now()) as store:
            handlers.offer_demo_sign_in(handlers.SetPassword(person_id=person_id, password=PASSWORD), store)
        browser.sign_in()
        kasi = Principal(subject="p", role="kasi_giatja", lapas="PKL", issuer="gateway", permissions=frozenset())
        with database.transaction(kasi, at=clock.now()) as store:
            assert store.value(f"SELECT count(*) FROM {table}") == 0

    def test_shows_a_lapas_its_own_roles_and_titles_only(self, database: Database) -> None:
        a_person(database, "kasi.pkl", ("kasi_giatja", "PKL"))
        a_person(database, "kasi.btg", ("kasi_giatja", "BTG"))
        kasi = Principal(subject="p", role="kasi_giatja", lapas="PKL", issuer="gateway", permissions=frozenset())
        with database.transaction(kasi, at=clock.now()) as store:
            for table in ("assignment", "lapas", "lapas_titles"):
                assert {r["lapas_id"] for r in store.rows(f"SELECT lapas_id FROM {table}")} == {"PKL"}
        with pytest.raises(ProgrammingError), database.transaction(kasi, at=clock.now()) as store:
            store.run("INSERT INTO lapas VALUES ('SMG', 'Lapas Semarang', 'I', 'Asia/Jakarta', true, 1)")
