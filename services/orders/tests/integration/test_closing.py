"""Closing an order: after its pieces and, where a partner's material is here, after that is settled."""

from collections.abc import Callable
from typing import Any

import pytest

from giatja_kit.database import Database
from giatja_kit.testing import Answer, Caller, told

Shop = Any
Production = Any


def problem(answer: Answer) -> str:
    return str(answer.json["type"]).removeprefix("urn:giatja:problem:")


def close(caller: Caller, shop: Shop, order_id: str) -> Answer:
    seen = shop.caller.get(f"/orders/{order_id}").json["version"]
    return caller.post(f"/orders/{order_id}/close", version=seen)


def balance(production: Production, order_id: str, state: str) -> None:
    production.tell("material_balance_changed", {"order_id": order_id, "state": state, "totals": []})


def settle(production: Production, order_id: str) -> None:
    said = {"number": "BB-2025-0009", "signed_on": "2025-03-12", "within_tolerance": True, "totals": []}
    production.tell("material_settled", {"order_id": order_id, **said})


@pytest.fixture
def completed(shop: Shop, production: Production) -> Any:
    order = shop.accepted()
    production.opens(order)
    for line in order["lines"]:
        production.completes(order, line)
    return order


class TestClosing:
    def test_waits_for_the_consigned_material_and_is_told(
        self, shop: Shop, production: Production, completed: Any, database: Database
    ) -> None:
        order_id = completed["id"]
        balance(production, order_id, "open")
        refused = close(shop.caller, shop, order_id)
        assert (refused.status_code, problem(refused)) == (409, "consigned-material-open")
        assert shop.caller.get(f"/orders/{order_id}").json["state"] == "completed"
        settle(production, order_id)
        assert close(shop.caller, shop, order_id).status_code == 200
        shown = shop.caller.get(f"/orders/{order_id}").json
        assert (shown["state"], shown["material"], bool(shown["closed_on"])) == ("closed", "settled", True)
        assert [entry["kind"] for entry in shown["timeline"]][-3:] == ["material_open", "material_settled", "closed"]
        facts = [fact for fact in told(database) if fact["type"] == "giatja.orders.order_closed.v1"]
        assert [fact["data"]["order_id"] for fact in facts] == [order_id]

    def test_is_free_where_nothing_was_consigned_and_happens_once(self, shop: Shop, completed: Any) -> None:
        assert close(shop.caller, shop, completed["id"]).status_code == 200
        again = close(shop.caller, shop, completed["id"])
        assert (again.status_code, problem(again)) == (409, "order-not-completed")

    def test_is_free_again_where_the_receipt_was_a_mistake(
        self, shop: Shop, production: Production, completed: Any
    ) -> None:
        balance(production, completed["id"], "open")
        balance(production, completed["id"], "none")
        assert close(shop.caller, shop, completed["id"]).status_code == 200

    def test_of_an_order_in_work_is_refused(self, shop: Shop) -> None:
        order = shop.accepted()
        refused = close(shop.caller, shop, order["id"])
        assert (refused.status_code, problem(refused)) == (409, "order-not-completed")

    def test_is_for_the_head_of_section_of_the_own_lapas(
        self, shop: Shop, completed: Any, as_role: Callable[..., Caller]
    ) -> None:
        assert close(as_role("kasubsi_sarana"), shop, completed["id"]).status_code == 403
        assert close(as_role("kasi_giatja", "BTG"), shop, completed["id"]).status_code == 404
