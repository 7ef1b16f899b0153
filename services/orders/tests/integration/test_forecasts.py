"""What production foresees of an order, as the orders service hears and shows it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events.fact import Envelope
from giatja_kit.events.receive import apply
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller
from giatja_orders.ordering.domain import OrderUnknown
from giatja_orders.subscriptions import subscriptions

TYPE = "giatja.production.order_forecast_changed.v1"
Foresee = Callable[..., None]


@pytest.fixture
def foresee(database: Database) -> Foresee:
    """Return a function: order, days after its due date -> production tells that."""

    def tell(order: dict[str, Any], late: int | None, *, cause: str = "pace", spread: int = 2) -> None:
        due = clock.today("Asia/Jakarta", clock.now()) + timedelta(days=30)
        day = due + timedelta(days=late) if late is not None else None
        edges = {
            "earliest_on": str(day - timedelta(days=spread)) if day else None,
            "latest_on": str(day + timedelta(days=spread)) if day else None,
        }
        data = {"order_id": order["id"], "likely_on": str(day) if day else None, **edges,
            "late_days": max(late or 0, 0), "cause": cause, "stage": "jahit"}  # fmt: skip
        fact = Envelope(id=new_id(), source="production", type=TYPE, subject=order["id"], time=clock.now(), position=1,
            epoch=UUID(int=1), lapas="PKL", actor="production", traceparent="", causation=None, data=data)  # fmt: skip
        hear = subscriptions.handler(TYPE)
        assert hear is not None
        with database.transaction(at=clock.now()) as store:
            apply(hear, fact, store)

    return tell


class TestForecast:
    def test_is_shown_with_its_range_and_makes_nothing_stale(self, kasi: Caller, shop: Any, foresee: Foresee) -> None:
        order = shop.accepted()
        assert (order["likely_on"], order["at_risk"]) == (None, False)
        foresee(order, 5)
        seen = kasi.get(f"/orders/{order['id']}").json
        assert seen["likely_on"] == str(shop.due + timedelta(days=5))
        assert (seen["likely_from"], seen["likely_to"]) == (
            str(shop.due + timedelta(days=3)),
            str(shop.due + timedelta(days=7)),
        )
        assert (seen["forecast_cause"], seen["forecast_stage"], seen["at_risk"]) == ("pace", "jahit", True)
        # Somebody who had the page open may still act.
        assert seen["version"] == order["version"]

    def test_follows_the_newest_fact(self, kasi: Caller, shop: Any, foresee: Foresee) -> None:
        order = shop.accepted()
        foresee(order, 5)
        foresee(order, -3)
        assert not kasi.get(f"/orders/{order['id']}").json["at_risk"]

    def test_without_a_day_is_a_risk(self, kasi: Caller, shop: Any, foresee: Foresee) -> None:
        order = shop.accepted()
        foresee(order, None, cause="nobody")
        seen = kasi.get(f"/orders/{order['id']}").json
        assert (seen["likely_on"], seen["at_risk"]) == (None, True)

    def test_narrows_the_list_and_counts_on_the_first_page(self, kasi: Caller, shop: Any, foresee: Foresee) -> None:
        risky, safe = shop.accepted(), shop.accepted()
        foresee(risky, 1)
        foresee(safe, 0)

        def ids(**query: Any) -> list[str]:
            return [o["id"] for o in kasi.get("/orders", **query).json["items"]]

        assert ids(at_risk="true") == [risky["id"]]
        assert ids(at_risk="false") == [safe["id"]]
        summary = kasi.get("/orders/summary").json
        assert summary["at_risk"] == 1
        assert {o["id"]: o["at_risk"] for o in summary["running_orders"]} == {risky["id"]: True, safe["id"]: False}

    def test_is_no_risk_any_more_once_the_due_date_was_moved(self, kasi: Caller, shop: Any, foresee: Foresee) -> None:
        order = shop.accepted()
        foresee(order, 5)
        later = {"due_date": str(shop.due + timedelta(days=9)), "reason": "Disepakati dengan mitra"}
        kasi.post(f"/orders/{order['id']}/due-date", later, version=order["version"])
        assert not kasi.get(f"/orders/{order['id']}").json["at_risk"]

    def test_of_an_order_nobody_knows_is_refused(self, shop: Any, foresee: Foresee) -> None:
        with pytest.raises(OrderUnknown):
            foresee({"id": str(new_id())}, 5)
