"""Beranda, the region and the page of facts, in front of real services of which two are down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from giatja_contracts.permissions import ROLES
from giatja_gateway.bootstrap import make_app, make_service
from giatja_gateway.identity.domain import SignedIn
from giatja_gateway.pages.home.pages import greeting, progress_of
from giatja_gateway.settings import GatewaySettings
from giatja_gateway.subscriptions import subscriptions
from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events import log as event_log
from giatja_kit.events.receive import Receiver
from giatja_kit.ids import new_id
from giatja_kit.testing import LocalFeed, answering
from giatja_kit.web import create_app
from giatja_ops.pytest_plugin import RealParts
from giatja_orders.bootstrap import make_service as make_orders
from giatja_orders.facts import OrderHeld
from giatja_orders.lapas.handlers import KeepLapas, keep_lapas
from giatja_orders.settings import OrdersSettings

SOMEBODY = UUID("019a0000-0000-7000-8000-000000000001")


@dataclass
class Browser:
    """Somebody who reads pages and sends forms in a role."""

    client: FlaskClient
    role: str = "kasi_giatja"

    def __call__(self, role: str) -> "Browser":
        self.role = role
        return self

    def person(self) -> SignedIn:
        identifier = uuid5(SOMEBODY, self.role)
        return SignedIn(
            id=identifier, username=self.role, name="Contoh", assignment_id=identifier, role=self.role, title=self.role,
            plt=self.role == "kasi_giatja", lapas_id=None if self.role in ("kanwil", "ops") else "PKL",
            lapas_name="Lapas Pekalongan", zone="Asia/Jakarta", permissions=ROLES[self.role],
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **form: Any) -> TestResponse:
        page = self.client.get("/fakta").text
        proof = page.split('name="csrf-token" content="')[1].split('"')[0]
        return self.client.post(path, data={"csrf_token": proof, **form})


@pytest.fixture(scope="module")
def pages(real_parts: RealParts) -> Iterator[Browser]:
    """The gateway in front of itself and of orders; production and training are down."""
    for service in ("gateway", "orders"):
        real_parts.migrate(service)
    apps: dict[str, Flask] = {"orders": create_app(make_orders(real_parts.settings(OrdersSettings)))}
    with answering(apps) as url:
        settings = real_parts.settings(GatewaySettings).model_copy(update={"internal_url": url})
        app = apps["gateway"] = make_app(make_service(settings))
        browser = Browser(app.test_client())

        def somebody() -> None:
            g.person, g.session_id = browser.person(), SOMEBODY

        before = app.before_request_funcs[None]
        before[[f.__name__ for f in before].index("recognise")] = somebody
        yield browser
    for app in apps.values():
        app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def orders(database_of: Callable[[str], Database]) -> Database:
    database = database_of("orders")
    with database.transaction(at=clock.now()) as store:
        keep_lapas(KeepLapas(lapas_id="PKL", name="Lapas Pekalongan", zone="Asia/Jakarta"), store)
    return database


@pytest.fixture
def gateway(database_of: Callable[[str], Database]) -> Database:
    database = database_of("gateway")
    with database.transaction(at=clock.now()) as store:
        for lapas_id, name in (("PKL", "Lapas Pekalongan"), ("BTG", "=Lapas Batang")):
            store.run(
                "INSERT INTO lapas (lapas_id, name, class, zone, open, version)"
                " VALUES (:lapas_id, :name, 'IIA', 'Asia/Jakarta', true, 1)",
                {"lapas_id": lapas_id, "name": name},
            )
    return database


@pytest.fixture
def browser(pages: Browser, orders: Database, gateway: Database) -> Browser:
    pages("kasi_giatja").get("/?lang=id")
    return pages


@pytest.fixture
def parked(orders: Database, gateway: Database) -> str:
    """The id of a fact the gateway could not apply: its order was never accepted."""
    with orders.transaction(at=clock.now()) as store:
        store.tell(OrderHeld(order_id=new_id(), reason="banjir"), lapas_id="PKL")
    Receiver("gateway", gateway, subscriptions, LocalFeed({"orders": orders})).catch_up("orders")
    with gateway.transaction(at=clock.now()) as store:
        return str(store.value("SELECT id FROM parked_fact"))


class TestHome:
    def test_costs_only_the_parts_of_services_that_are_down(self, browser: Browser) -> None:
        page = browser.get("/")
        assert page.status_code == 200
        assert page.text.count("bagian ini sedang tidak menjawab") == 2
        assert "Belum ada pesanan berjalan" in page.text

    @pytest.mark.parametrize(("role", "to"), [("kanwil", "/wilayah"), ("ops", "/fakta")])
    def test_sends_a_role_without_a_lapas_to_its_own_first_page(self, browser: Browser, role: str, to: str) -> None:
        answer = browser(role).get("/")
        assert (answer.status_code, answer.headers["Location"]) == (303, to)

    @pytest.mark.parametrize("role", sorted(r for r in ROLES if "home.read" in ROLES[r]))
    @pytest.mark.parametrize("language", ["id", "en"])
    def test_opens_for_every_role_of_a_lapas(self, browser: Browser, role: str, language: str) -> None:
        assert browser(role).get(f"/?lang={language}").status_code == 200

    @pytest.mark.parametrize(
        ("hour", "words"),
        [
            (0, "malam"),
            (3, "malam"),
            (4, "pagi"),
            (10, "pagi"),
            (11, "siang"),
            (15, "sore"),
            (17, "sore"),
            (18, "malam"),
        ],
    )
    def test_greets_by_the_hour(self, hour: int, words: str) -> None:
        assert greeting(hour) == f"Selamat {words}"

    def test_says_what_a_day_needs_to_reach_the_target(self) -> None:
        workshop = {"month_target": 400, "month_done": 301, "month_expected": 310}
        found = progress_of(workshop, {"working_days_left": 10})
        assert (found["gap"], found["left"], found["needed"]) == (-9, 99, 10)
        assert progress_of(workshop, {"working_days_left": 0})["needed"] == 99
        assert progress_of({**workshop, "month_target": None}, {})["needed"] is None


class TestRegion:
    def test_compares_lapas_and_opens_each(self, browser: Browser) -> None:
        page = browser("kanwil").get("/wilayah")
        assert (page.status_code, page.text.count('class="main"')) == (200, 2)
        assert browser("kanwil").get("/wilayah/PKL").status_code == 200
        assert browser("kanwil").get("/wilayah/XYZ").status_code == 404

    @pytest.mark.parametrize("query", ["sort=-overdue", "sort=bogus", "month=2026-01", "q=batang"])
    def test_keeps_month_order_and_search_in_the_address(self, browser: Browser, query: str) -> None:
        assert browser("kanwil").get(f"/wilayah?{query}").status_code == 200

    def test_refuses_a_month_that_is_none(self, browser: Browser) -> None:
        assert browser("kanwil").get("/wilayah?month=2026-13").status_code == 422

    def test_leads_a_role_of_one_lapas_to_its_own_only(self, browser: Browser) -> None:
        assert browser("kalapas").get("/wilayah").headers["Location"].endswith("/wilayah/PKL")
        assert browser("kalapas").get("/wilayah/BTG").status_code == 404

    def test_gives_a_file_in_which_no_name_is_a_formula(self, browser: Browser) -> None:
        rows = browser("kanwil").get("/wilayah.csv").text.splitlines()
        assert rows[0].startswith("\ufeffLapas;Pesanan diterima;")
        assert any(row.startswith("'=Lapas Batang;") for row in rows)

    def test_is_not_for_an_officer(self, browser: Browser) -> None:
        assert browser("petugas").get("/wilayah").status_code == 403


class TestFacts:
    def test_shows_who_answers_and_who_does_not(self, browser: Browser) -> None:
        page = browser("ops").get("/fakta")
        assert page.status_code == 200
        assert "Tidak menjawab: Produksi, Pembinaan." in page.text

    def test_is_not_for_a_person_of_a_lapas(self, browser: Browser) -> None:
        assert browser("kalapas").get("/fakta").status_code == 403

    def test_is_drawn_again_only_when_something_moved(self, browser: Browser, orders: Database) -> None:
        first = browser("ops").get("/fakta/keadaan")
        etag = first.headers["ETag"]
        assert browser.get("/fakta/keadaan", **{"If-None-Match": etag}).status_code == 304
        with orders.transaction(at=clock.now()) as store:
            store.tell(OrderHeld(order_id=new_id(), reason="banjir"), lapas_id="PKL")
        with orders.transaction(at=clock.now()) as store:
            event_log.place(store)
        assert browser.get("/fakta/keadaan", **{"If-None-Match": etag}).status_code == 200

    def test_shows_what_was_parked_and_tries_it_again(self, browser: Browser, parked: str) -> None:
        assert "orders.order_held.v1" in browser("ops").get("/fakta").text
        answer = browser.post(f"/fakta/gateway/{parked}/coba")
        assert answer.status_code == 303
        assert "Masih gagal" in browser.get("/fakta").text

    def test_discards_only_with_a_reason(self, browser: Browser, parked: str, gateway: Database) -> None:
        browser("ops").post(f"/fakta/gateway/{parked}/buang", reason="x")
        assert parked in browser.get("/fakta").text
        browser.post(f"/fakta/gateway/{parked}/buang", reason="salah catat, sudah diganti")
        assert "Tidak ada yang diparkir" in browser.get("/fakta").text
        with gateway.transaction(at=clock.now()) as store:
            kept = store.row("SELECT actor, detail->>'reason' AS reason FROM audit_log WHERE action = 'facts.discard'")
        assert kept is not None
        assert kept["reason"] == "salah catat, sudah diganti"
        assert kept["actor"].startswith("ops:")

    def test_answers_not_found_for_a_service_that_is_none(self, browser: Browser, parked: str) -> None:
        assert browser("ops").post(f"/fakta/bogus/{parked}/coba").status_code == 404

    def test_rebuilds_the_regional_figures(self, browser: Browser, parked: str, gateway: Database) -> None:
        assert browser("ops").post("/fakta/ulang").status_code == 303
        with gateway.transaction(at=clock.now()) as store:
            assert store.value("SELECT position FROM event_cursor WHERE source = 'orders'") == 0
            assert store.value("SELECT count(*) FROM parked_fact") == 0

    def test_says_that_a_heard_fact_is_gone(self, browser: Browser, parked: str, gateway: Database) -> None:
        assert "Utuh, ada yang menunggu" in browser("ops").get("/fakta/periksa").text
        with gateway.transaction(at=clock.now() - timedelta(0)) as store:
            store.run("DELETE FROM heard_fact")
            store.run("DELETE FROM parked_fact")
        page = browser.get("/fakta/periksa")
        assert "Ada yang hilang" in page.text
        assert "mulai nomor 1" in page.text
