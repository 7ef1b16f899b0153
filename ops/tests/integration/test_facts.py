"""`giatja facts`, `giatja books` and `giatja audit` over HTTP, in front of all four services."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from giatja_gateway.bootstrap import make_service as make_gateway
from giatja_gateway.settings import GatewaySettings
from giatja_gateway.subscriptions import subscriptions
from giatja_kit import audit, clock
from giatja_kit.database import Database
from giatja_kit.events.receive import Receiver
from giatja_kit.ids import new_id
from giatja_kit.testing import LocalFeed, answering
from giatja_kit.web import create_app
from giatja_ops.cli import main
from giatja_ops.pytest_plugin import RealParts
from giatja_orders.bootstrap import make_service as make_orders
from giatja_orders.facts import OrderHeld
from giatja_orders.settings import OrdersSettings
from giatja_production.bootstrap import make_service as make_production
from giatja_production.settings import ProductionSettings
from giatja_training.bootstrap import make_service as make_training
from giatja_training.settings import TrainingSettings

MAKERS: Mapping[str, tuple[Callable[..., Any], type[Any]]] = {
    "gateway": (make_gateway, GatewaySettings),
    "orders": (make_orders, OrdersSettings),
    "production": (make_production, ProductionSettings),
    "training": (make_training, TrainingSettings),
}


@dataclass
class House:
    """Four services that answer, or as many as a test leaves standing, and the command to ask them."""

    url: str
    key: str
    all: Mapping[str, Flask]
    apps: dict[str, Flask]
    databases: dict[str, Database] = field(default_factory=dict)

    def giatja(self, *words: str, environment: Mapping[str, str] | None = None) -> Result:
        given = {"GIATJA_INTERNAL_URL": self.url, "GIATJA_SIGNING_KEY": self.key}
        return CliRunner(env={**given, **(environment or {})}).invoke(main, list(words))

    def tell(self) -> None:
        """Tell a fact about an order that nobody accepted: the gateway cannot apply it."""
        with self.databases["orders"].transaction(at=clock.now()) as store:
            store.tell(OrderHeld(order_id=new_id(), reason="banjir"), lapas_id="PKL")

    def hear(self) -> None:
        """Let the gateway hear orders."""
        feed = LocalFeed({"orders": self.databases["orders"]})
        Receiver("gateway", self.databases["gateway"], subscriptions, feed).catch_up("orders")


@pytest.fixture(scope="module")
def standing(real_parts: RealParts) -> Iterator[House]:
    for service in MAKERS:
        real_parts.migrate(service)
    every = {name: create_app(make(real_parts.settings(kind))) for name, (make, kind) in MAKERS.items()}
    apps: dict[str, Flask] = {}
    with answering(apps) as url:
        yield House(url=url, key=real_parts.keys.private["ops"], all=every, apps=apps)
    for app in every.values():
        app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def house(standing: House, database_of: Callable[[str], Database]) -> House:
    standing.databases = {name: database_of(name) for name in MAKERS}
    standing.apps.update(standing.all)
    return standing


class TestStatus:
    def test_shows_every_service(self, house: House) -> None:
        shown = house.giatja("facts", "status")
        assert shown.exit_code == 0
        assert [line.split()[:2] for line in shown.output.splitlines()[2:6]] == [[s, "answers"] for s in MAKERS]

    def test_fails_when_a_service_is_down(self, house: House) -> None:
        del house.apps["training"]
        shown = house.giatja("facts", "status", "--json")
        assert (shown.exit_code, json.loads(shown.output)["training"]) == (1, None)

    def test_says_what_is_missing_where_nothing_runs(
        self, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        shown = CliRunner(env={"GIATJA_INTERNAL_URL": None}).invoke(main, ["facts", "status"])
        assert (shown.exit_code, "Nothing runs in" in shown.output) == (1, True)

    def test_is_refused_with_a_key_nobody_trusts(self, house: House, real_parts: RealParts) -> None:
        foreign = json.loads(house.key) | {"kid": "other"}
        shown = house.giatja("facts", "status", environment={"GIATJA_SIGNING_KEY": json.dumps(foreign)})
        assert (shown.exit_code, "Sign in again" in shown.output) == (1, True)


class TestParked:
    def test_lists_what_waits_and_fails_while_something_does(self, house: House) -> None:
        assert house.giatja("facts", "parked").output == "Nothing is set aside.\n"
        house.tell()
        house.hear()
        shown = house.giatja("facts", "parked")
        assert shown.exit_code == 1
        assert "was never heard" in shown.output

    def test_is_retried_and_given_up_by_its_id(self, house: House) -> None:
        house.tell()
        house.hear()
        (item,) = json.loads(house.giatja("facts", "parked", "--json").output)
        retried = house.giatja("facts", "retry", item["id"])
        assert (retried.exit_code, "failed again" in retried.output) == (1, True)
        assert house.giatja("facts", "discard", item["id"], "--yes").exit_code == 2
        given_up = house.giatja("facts", "discard", item["id"], "--reason", "salah catat", "--yes")
        assert given_up.exit_code == 0
        assert house.giatja("facts", "parked").exit_code == 0

    def test_says_so_when_there_is_no_such_fact(self, house: House) -> None:
        unknown = house.giatja("facts", "retry", str(uuid4()))
        assert (unknown.exit_code, "Not set aside" in unknown.output) == (1, True)


class TestVerify:
    def test_finds_a_sound_house_sound(self, house: House) -> None:
        assert house.giatja("facts", "verify").exit_code == 0

    def test_fails_while_a_fact_waits_and_says_how_many(self, house: House) -> None:
        house.tell()
        house.hear()
        shown = house.giatja("facts", "verify", "--json")
        found = json.loads(shown.output)
        (gateway,) = [c for c in found["comparisons"] if c["told"]]
        assert (shown.exit_code, found["sound"], gateway["state"], gateway["held"]) == (1, False, "whole", 1)

    def test_names_what_was_lost(self, house: House) -> None:
        house.tell()
        house.tell()
        house.hear()
        with house.databases["gateway"].transaction(at=clock.now()) as store:
            store.run("DELETE FROM heard_fact WHERE position = 2")
        shown = house.giatja("facts", "verify")
        assert (shown.exit_code, "LOST at 2" in shown.output) == (1, True)


class TestLag:
    def test_fails_beyond_what_is_allowed(self, house: House) -> None:
        house.tell()
        house.hear()
        with house.databases["gateway"].transaction(at=clock.now()) as store:
            store.run("UPDATE event_cursor SET position = 0 WHERE source = 'orders'")
        assert house.giatja("facts", "lag", "--most", "1").exit_code == 0
        assert house.giatja("facts", "lag", "--most", "0").exit_code == 1


class TestReplay:
    def test_is_for_a_service_made_of_facts_only(self, house: House) -> None:
        assert house.giatja("facts", "replay", "gateway", "--yes").exit_code == 0
        refused = house.giatja("facts", "replay", "orders", "--yes")
        assert (refused.exit_code, "cannot be rebuilt" in refused.output) == (1, True)


class TestRestore:
    def test_begins_a_new_epoch_and_lets_a_subscriber_accept_it(self, house: House) -> None:
        house.tell()
        house.hear()
        with house.databases["gateway"].transaction(at=clock.now()) as store:
            store.run("UPDATE event_cursor SET state = 'ahead', vanished_from = 0 WHERE source = 'orders'")
        assert "new epoch" not in house.giatja("facts", "new-epoch", "orders", "--yes").output
        shown = house.giatja("facts", "status")
        assert (shown.exit_code, "no longer has" in shown.output) == (1, True)
        assert "AHEAD" in house.giatja("facts", "verify").output
        assert house.giatja("facts", "accept", "gateway", "orders", "--reason", "sudah diperiksa").exit_code == 0


class TestAudit:
    def test_is_whole_until_somebody_edits_it(self, house: House, real_parts: RealParts) -> None:
        house.giatja("facts", "replay", "gateway", "--yes")
        with house.databases["gateway"].transaction(at=clock.now()) as store:
            audit.seal(store)
        assert house.giatja("audit", "verify").exit_code == 0
        with psycopg.connect(real_parts.owner_url("gateway")) as connection:
            connection.execute("SELECT set_config('giatja.lapas', '*', false)")
            connection.execute("UPDATE audit_log SET actor = 'nobody'")
        broken = house.giatja("audit", "verify")
        assert (broken.exit_code, "BROKEN at 1: the entry was changed" in broken.output) == (1, True)


class TestBooks:
    def test_end_well_where_everything_adds_up_and_badly_where_it_does_not(self, house: House) -> None:
        sound = house.giatja("books")
        assert (sound.exit_code, "Everything adds up." in sound.output) == (0, True), sound.output
        with house.databases["production"].transaction(at=clock.now()) as store:
            store.scope("PKL")
            store.run(
                "INSERT INTO worker (lapas_id, inmate_id, adult_on, fitness) VALUES ('PKL', :one, '2000-01-01', 'fit')",
                {"one": (someone := new_id())},
            )
            store.run(
                "INSERT INTO premi_account (lapas_id, inmate_id, account, balance) VALUES ('PKL', :one, 'custody', 500)",
                {"one": someone},
            )
        wrong = house.giatja("books", "--json")
        assert wrong.exit_code == 1
        found = {one["name"]: one["lapas"] for one in json.loads(wrong.output)["items"] if one["differences"]}
        assert found == {"premi_accounts": [{"lapas_id": "PKL", "differences": 1}]}
