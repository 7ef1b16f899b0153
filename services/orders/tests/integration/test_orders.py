"""Orders over HTTP and by facts, on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.database import Database, Store, Values
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller, told

from .conftest import Production, Shop

YEAR = clock.today("Asia/Jakarta", clock.now()).year


def types_told(database: Database) -> list[str]:
    facts = told(database)
    for fact in facts:
        catalogue()[fact["type"]].check(fact["data"])
    return [f["type"].split(".")[2] for f in facts]


class TestCreateOrder:
    def test_is_shown_as_it_was_written(self, shop: Shop) -> None:
        made = shop.caller.post("/orders", shop.content())
        assert made.status_code == 201
        assert made.json["number"] == f"PKL-{YEAR}-0001"
        assert made.headers["Location"] == f"/api/orders/v1/orders/{made.json['id']}"
        shown = shop.caller.get(made.headers["Location"].removeprefix("/api/orders/v1")).json
        assert (shown["state"], shown["quantity"], shown["partner_name"]) == ("draft", 400, "DMA Collection")
        assert [(x["product_name"], x["rate"], x["quantity"]) for x in shown["lines"]] == [
            ("Koko lengan panjang", 7000, 200),
            ("Koko lengan pendek", 6000, 200),
        ]
        assert shown["lines"][0]["cells"] == [
            {"size": "M", "colour": "putih", "quantity": 120},
            {"size": "L", "colour": "putih", "quantity": 80},
        ]
        assert [(e["kind"], e["role"]) for e in shown["timeline"]] == [("created", "kasi_giatja")]

    def test_takes_an_internal_order_without_a_partner(self, shop: Shop) -> None:
        made = shop.draft(partner_id=None, material_owner="lapas")
        shown = shop.caller.get(f"/orders/{made['id']}").json
        assert (shown["internal"], shown["partner_name"]) == (True, None)

    def test_does_it_once_for_one_key(self, shop: Shop) -> None:
        first = shop.caller.post("/orders", shop.content(), key="k1")
        second = shop.caller.post("/orders", shop.content(), key="k1")
        assert first.json == second.json
        assert len(shop.caller.get("/orders").json["items"]) == 1

    @pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 1.5, "banyak"])
    def test_refuses_a_quantity_that_is_none(self, shop: Shop, quantity: Any) -> None:
        content = shop.content()
        content["lines"][1]["cells"][0]["quantity"] = quantity
        answer = shop.caller.post("/orders", content)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/lines/1/cells/0/quantity")

    def test_refuses_a_size_the_product_does_not_come_in(self, shop: Shop) -> None:
        answer = shop.caller.post("/orders", shop.content(lines=[shop.line(shop.long, XXL=5)]))
        assert answer.json["type"] == "urn:giatja:problem:variant-not-offered"
        assert answer.json["errors"][0]["pointer"] == "/lines/0/cells/0/size"

    def test_refuses_the_partner_and_the_product_of_another_lapas(
        self, shop: Shop, as_role: Callable[..., Caller]
    ) -> None:
        other = Shop(caller=as_role("kasi_giatja", "BTG"))
        answer = shop.caller.post("/orders", shop.content(partner_id=other.partner))
        assert answer.json["type"] == "urn:giatja:problem:partner-not-ordering"
        answer = shop.caller.post("/orders", shop.content(lines=[shop.line(other.long, M=1)]))
        assert answer.json["type"] == "urn:giatja:problem:product-not-on-offer"

    def test_refuses_a_lapas_in_the_body(self, shop: Shop) -> None:
        assert shop.caller.post("/orders", shop.content(lapas_id="BTG")).status_code == 422

    def test_refuses_without_a_key_and_roles_without_the_duty(
        self, shop: Shop, client: FlaskClient, as_role: Callable[..., Caller]
    ) -> None:
        assert as_role("petugas").post("/orders", shop.content()).status_code == 403
        assert client.post("/api/orders/v1/orders", json=shop.content()).status_code == 401
        headers = shop.caller._headers
        missing = client.post("/api/orders/v1/orders", json=shop.content(), headers=headers)
        assert missing.status_code == 400
        assert "idempotency-key-missing" in missing.get_data(as_text=True)


class TestNumbers:
    def test_run_on_without_gaps_when_eight_create_at_once(self, shop: Shop, client: FlaskClient) -> None:
        headers = shop.caller._headers
        app = client.application

        def create(nth: int) -> int:
            # Every fourth is refused by a foreign key of its own Lapas only after the number could be taken.
            content = shop.content() if nth % 4 else shop.content(lines=[shop.line(shop.long, XXL=1)])
            own = {**headers, "Idempotency-Key": f"n{nth}"}
            return app.test_client().post("/api/orders/v1/orders", json=content, headers=own).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(create, range(64)))
        assert statuses.count(201) == 48
        assert statuses.count(422) == 16
        numbers = [o["number"] for o in shop.caller.get("/orders", sort="number", limit=200).json["items"]]
        assert numbers == [f"PKL-{YEAR}-{nth:04}" for nth in range(1, 49)]

    def test_are_counted_by_each_lapas_and_given_back_by_what_fails(
        self, shop: Shop, as_role: Callable[..., Caller], database: Database
    ) -> None:
        shop.draft()
        with database.engine.connect() as connection:
            # As create does, but undone: the connection closes without a commit.
            connection.exec_driver_sql("SELECT set_config('giatja.lapas', '*', true)")
            assert connection.exec_driver_sql("UPDATE order_counter SET last = last + 1").rowcount == 1
        assert shop.draft()["number"] == f"PKL-{YEAR}-0002"
        assert Shop(caller=as_role("kasi_giatja", "BTG")).draft()["number"] == f"BTG-{YEAR}-0001"

    def test_grow_beyond_four_digits_and_sort_by_value(self, shop: Shop, database: Database) -> None:
        shop.draft()
        with database.transaction(at=clock.now()) as store:
            store.run("UPDATE order_counter SET last = 9998")
        assert [shop.draft()["number"][-5:] for _ in range(2)] == ["-9999", "10000"]
        first = shop.caller.get("/orders", sort="number", limit=2).json
        second = shop.caller.get("/orders", sort="number", limit=2, cursor=first["next"]).json
        assert [o["number"][9:] for o in first["items"] + second["items"]] == ["0001", "9999", "10000"]


class TestEditOrder:
    def test_replaces_the_lines(self, shop: Shop) -> None:
        made = shop.draft()
        content = shop.content(lines=[shop.line(shop.short, L=7)], note="segera")
        changed = shop.caller.patch(f"/orders/{made['id']}", content, version=1)
        assert (changed.status_code, changed.json["version"]) == (200, 2)
        shown = shop.caller.get(f"/orders/{made['id']}").json
        assert (shown["quantity"], shown["note"], len(shown["lines"])) == (7, "segera", 1)
        assert shop.caller.get("/orders", search="panjang").json["items"] == []

    def test_refuses_a_version_that_has_passed_and_none(self, shop: Shop) -> None:
        made = shop.draft()
        shop.caller.patch(f"/orders/{made['id']}", shop.content(lines=[]), version=1)
        assert shop.caller.patch(f"/orders/{made['id']}", shop.content(), version=1).status_code == 412
        assert shop.caller.patch(f"/orders/{made['id']}", shop.content()).status_code == 428
        assert shop.caller.get(f"/orders/{made['id']}").json["lines"] == []

    def test_refuses_an_accepted_order(self, shop: Shop) -> None:
        order = shop.accepted()
        answer = shop.caller.patch(f"/orders/{order['id']}", shop.content(), version=order["version"])
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:order-not-editable")


class TestAcceptOrder:
    def test_tells_it_with_everything_production_needs(self, shop: Shop, database: Database) -> None:
        order = shop.accepted()
        assert order["state"] == "accepted"
        (fact,) = told(database)
        catalogue()[fact["type"]].check(fact["data"])
        assert fact["subject"] == order["id"]
        assert [x["line_id"] for x in fact["data"]["lines"]] == [x["id"] for x in order["lines"]]
        assert fact["data"]["lines"][0]["cells"][0] == {"size": "M", "colour": "putih", "quantity": 120}

    def test_refuses_the_second_time_and_tells_once(self, shop: Shop, database: Database) -> None:
        order = shop.accepted()
        answer = shop.caller.post(f"/orders/{order['id']}/accept", version=order["version"])
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:order-not-acceptable")
        assert types_told(database) == ["order_accepted"]

    def test_refuses_what_changed_since_it_was_seen(self, shop: Shop) -> None:
        made = shop.draft()
        shop.caller.patch(f"/orders/{made['id']}", shop.content(note="berubah"), version=1)
        assert shop.caller.post(f"/orders/{made['id']}/accept", version=1).status_code == 412

    def test_refuses_a_due_date_that_has_passed_and_an_empty_order(self, shop: Shop) -> None:
        past = shop.draft(due_date=str(shop.due - timedelta(days=60)))
        answer = shop.caller.post(f"/orders/{past['id']}/accept", version=1)
        assert (answer.status_code, answer.json["type"]) == (409, "urn:giatja:problem:due-date-passed")
        empty = shop.draft(lines=[])
        answer = shop.caller.post(f"/orders/{empty['id']}/accept", version=1)
        assert answer.json["type"] == "urn:giatja:problem:order-has-no-lines"

    def test_is_for_the_head_of_section_and_the_own_lapas(self, shop: Shop, as_role: Callable[..., Caller]) -> None:
        made = shop.draft()
        assert as_role("kasubsi_bimker").post(f"/orders/{made['id']}/accept", version=1).status_code == 403
        assert as_role("kasi_giatja", "BTG").post(f"/orders/{made['id']}/accept", version=1).status_code == 404
        assert as_role("kasi_giatja", "BTG").get(f"/orders/{made['id']}").status_code == 404
        assert shop.caller.post(f"/orders/{new_id()}/accept", version=1).status_code == 404
        assert shop.caller.post("/orders/bukan-id/accept", version=1).status_code == 422


class TestOrderOnItsWay:
    def test_begins_with_the_first_output_and_completes_with_the_last_line(
        self, shop: Shop, production: Production, database: Database
    ) -> None:
        order = shop.accepted()
        first, second = order["lines"]
        production.opens(order)
        assert shop.caller.get(f"/orders/{order['id']}").json["state"] == "accepted"
        production.progresses(order, first, "potong", 150)
        production.progresses(order, first, "qc", 60)
        production.progresses(order, first, "qc", 55)
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert (shown["state"], shown["passed"], shown["lines"][0]["passed"]) == ("in_production", 55, 55)
        stages = [(s["key"], s["good"], s["waiting"], s["rework"], s["reject"]) for s in shown["lines"][0]["stages"]]
        assert stages == [("potong", 150, 49, 2, 1), ("jahit", 0, 150, 0, 0), ("qc", 55, 0, 2, 1)]
        assert shown["version"] > order["version"]
        production.completes(order, first)
        production.completes(order, second)
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert (shown["state"], shown["passed"], shown["completed_on"]) == ("completed", 400, "2025-03-10")
        assert types_told(database) == ["order_accepted", "order_completed"]
        assert [e["kind"] for e in shown["timeline"]] == [
            "created",
            "accepted",
            "production_began",
            "line_completed",
            "line_completed",
            "completed",
        ]
        assert shown["timeline"][-1]["role"] == "petugas"

    def test_may_hear_everything_in_one_batch(self, shop: Shop, production: Production, database: Database) -> None:
        order = shop.accepted()
        with production.in_one_batch():
            production.opens(order)
            for good in (10, 20, 200):
                for line in order["lines"]:
                    production.progresses(order, line, "qc", good)
            for line in order["lines"]:
                production.completes(order, line)
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert (shown["state"], shown["passed"]) == ("completed", 400)
        assert types_told(database) == ["order_accepted", "order_completed"]

    def test_completes_at_resume_what_passed_while_it_was_held(
        self, shop: Shop, production: Production, database: Database
    ) -> None:
        order = shop.accepted()
        production.opens(order)
        shop.caller.post(f"/orders/{order['id']}/hold", {"reason": "banjir"})
        for line in order["lines"]:
            production.completes(order, line)
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert (shown["state"], shown["passed"]) == ("on_hold", 400)
        assert shop.caller.post(f"/orders/{order['id']}/resume").json["state"] == "completed"
        assert types_told(database) == ["order_accepted", "order_held", "order_resumed", "order_completed"]

    def test_stands_still_once_cancelled_but_writes_down_what_came_after(
        self, shop: Shop, production: Production, database: Database
    ) -> None:
        order = shop.accepted()
        first, second = order["lines"]
        production.opens(order)
        production.progresses(order, first, "qc", 10)
        cancel = {"reason": "mitra batal", "material": "returned", "finished": "none"}
        refused = shop.caller.post(f"/orders/{order['id']}/cancel", cancel)
        assert refused.json["type"] == "urn:giatja:problem:finished-pieces-unaccounted"
        assert shop.caller.post(f"/orders/{order['id']}/cancel", {**cancel, "finished": "delivered"}).status_code == 200
        production.progresses(order, first, "qc", 20)
        production.completes(order, second)
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert (shown["state"], shown["passed"]) == ("cancelled", 10)
        assert [e["kind"] for e in shown["timeline"]][-3:] == ["cancelled", *["reported_after_cancel"] * 2]
        assert types_told(database) == ["order_accepted", "order_cancelled"]

    def test_moves_its_due_date(self, shop: Shop, database: Database) -> None:
        order = shop.accepted()
        later = str(shop.due + timedelta(days=7))
        move = {"due_date": later, "reason": "kain terlambat"}
        answer = shop.caller.post(f"/orders/{order['id']}/due-date", move, version=order["version"])
        assert answer.status_code == 200
        shown = shop.caller.get(f"/orders/{order['id']}").json
        assert [shown["due_date"], *(x["due_date"] for x in shown["lines"])] == [later] * 3
        assert types_told(database) == ["order_accepted", "order_changed"]

    def test_refuses_facts_about_an_order_that_does_not_exist(self, shop: Shop, production: Production) -> None:
        order = shop.accepted()
        production.opens(order)
        unknown = {**order, "id": str(new_id())}
        with pytest.raises(Exception, match="not found"):
            production.progresses(unknown, order["lines"][0], "qc", 1)
        assert shop.caller.get(f"/orders/{order['id']}").json["passed"] == 0

    @pytest.mark.parametrize("act", ["hold", "cancel"])
    def test_wants_a_reason(self, shop: Shop, act: str) -> None:
        order = shop.accepted()
        answer = shop.caller.post(f"/orders/{order['id']}/{act}", {"reason": " "})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/reason")


class TestListOrders:
    def test_narrows_by_text_state_partner_and_lateness(self, shop: Shop, as_role: Callable[..., Caller]) -> None:
        plain = shop.draft()
        internal = shop.draft(partner_id=None, material_owner="lapas", lines=[shop.line(shop.short, M=5)])
        late = shop.draft(due_date=str(shop.due - timedelta(days=60)))
        shop.caller.post(f"/orders/{plain['id']}/accept", version=1)

        def found(**query: Any) -> set[str]:
            return {o["id"] for o in shop.caller.get("/orders", **query).json["items"]}

        everything = {plain["id"], internal["id"], late["id"]}
        assert found() == everything
        assert found(search="dma") == {plain["id"], late["id"]}
        assert found(search="LENGAN PENDEK") == everything
        assert found(search=internal["number"][-4:]) == {internal["id"]}
        assert found(search="%") == set()
        assert found(state=["accepted"]) == {plain["id"]}
        assert found(state=["accepted", "draft"]) == everything
        assert found(partner_id=shop.partner) == {plain["id"], late["id"]}
        assert found(late="true") == {late["id"]}
        assert found(late="false") == {plain["id"], internal["id"]}
        assert as_role("kasi_giatja", "BTG").get("/orders").json["items"] == []
        assert {o["id"] for o in as_role("kanwil", "*").get("/orders").json["items"]} == everything

    @pytest.mark.parametrize("sort", ["-created_at", "created_at", "due_date", "-due_date", "number", "-number"])
    def test_pages_through_all_once_in_order(self, shop: Shop, sort: str) -> None:
        for days in (3, 1, 2, 2, 1):
            shop.draft(due_date=str(shop.due + timedelta(days=days)), lines=[])
        seen, cursor = [], None
        while True:
            answer = shop.caller.get("/orders", sort=sort, limit=2, **({"cursor": cursor} if cursor else {})).json
            seen += answer["items"]
            cursor = answer["next"]
            if cursor is None:
                break
        assert len({o["id"] for o in seen}) == len(seen) == 5
        key = sort.removeprefix("-")
        assert [o[key] for o in seen] == sorted((o[key] for o in seen), reverse=sort.startswith("-"))

    @pytest.mark.parametrize("query", [{"state": "habis"}, {"sort": "harga"}, {"limit": 0}, {"limit": 201}])
    def test_refuses_what_it_does_not_know(self, shop: Shop, query: dict[str, Any]) -> None:
        assert shop.caller.get("/orders", **query).status_code == 422

    @pytest.mark.parametrize("path", ["/orders", "/orders/{id}", "/orders/summary"])
    def test_asks_the_database_once_however_much_there_is(
        self, shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, *_ = [shop.draft() for _ in range(5)]
        statements: list[str] = []
        execute = Store._execute

        def note(store: Store, sql: str, values: Values) -> Any:
            statements.append(sql)
            return execute(store, sql, values)

        monkeypatch.setattr(Store, "_execute", note)
        assert shop.caller.get(path.format_map(made)).status_code == 200
        assert len(statements) == 1


class TestSummary:
    def test_counts_what_waits_runs_and_is_late(self, shop: Shop) -> None:
        shop.draft()
        shop.draft(due_date=str(shop.due - timedelta(days=60)))
        running = shop.accepted()
        summary = shop.caller.get("/orders/summary").json
        assert (summary["states"], summary["waiting"], summary["late"]) == ({"draft": 2, "accepted": 1}, 2, 1)
        assert [o["id"] for o in summary["running_orders"]] == [running["id"]]
        assert summary["running_orders"][0]["planned"] == 0
