"""Tracking links over HTTP, on PostgreSQL."""

import json
from collections.abc import Callable
from datetime import timedelta

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.testing import Caller

from .conftest import Production, Shop


class TestTracking:
    def test_shows_progress_and_nothing_of_the_inside(
        self, shop: Shop, production: Production, gateway: Caller
    ) -> None:
        order = shop.accepted(note="jangan terlihat")
        production.opens(order)
        production.progresses(order, order["lines"][0], "qc", 12)
        link = shop.caller.post(f"/orders/{order['id']}/tracking-link", {}).json
        assert len(link["token"]) >= 22
        answer = gateway.get(f"/tracking/{link['token']}")
        shown = answer.json
        assert (shown["number"], shown["passed"], shown["lapas_name"]) == (order["number"], 12, "Lapas Pekalongan")
        assert [s["name"] for s in shown["lines"][0]["stages"]] == ["Potong", "Jahit", "Qc"]
        text = json.dumps(shown)
        for hidden in ("jangan terlihat", "7000", "petugas", "person", "rework", order["id"]):
            assert hidden not in text

    def test_answers_alike_for_links_never_made_expired_replaced_and_revoked(
        self, shop: Shop, gateway: Caller, database: Database
    ) -> None:
        order = shop.accepted()
        address = f"/orders/{order['id']}/tracking-link"
        replaced = shop.caller.post(address, {}).json["token"]
        expired = shop.caller.post(address, {}).json["token"]
        with database.transaction(at=clock.now()) as store:
            store.run("UPDATE order_tracking SET expires_on = :day", {"day": clock.now() - timedelta(days=2)})
        answers = [gateway.get(f"/tracking/{token}") for token in ("x", "a" * 500, replaced, expired)]
        revoked = shop.caller.post(address, {}).json["token"]
        assert gateway.get(f"/tracking/{revoked}").status_code == 200
        assert shop.caller.post(f"{address}/revoke", {}).status_code == 200
        assert shop.caller.post(f"{address}/revoke", {}).status_code == 409
        answers.append(gateway.get(f"/tracking/{revoked}"))
        assert {a.status_code for a in answers} == {404}
        assert len({str({**a.json, "trace": ""}) for a in answers}) == 1

    def test_is_kept_as_a_hash_only(self, shop: Shop, database: Database) -> None:
        order = shop.accepted()
        client = shop.caller._client
        address = f"/api/orders/v1/orders/{order['id']}/tracking-link"
        token = client.post(address, json={}, headers=shop.caller._headers).get_json()["token"]
        with database.transaction(at=clock.now()) as store:
            for table in ("order_tracking", "order_event", "audit_log", "idempotency_key"):
                assert token not in str(store.rows(f"SELECT * FROM {table}")), table

    def test_is_asked_by_services_only_and_shared_by_those_who_may(
        self, shop: Shop, as_role: Callable[..., Caller]
    ) -> None:
        order = shop.accepted()
        address = f"/orders/{order['id']}/tracking-link"
        token = shop.caller.post(address, {}).json["token"]
        assert shop.caller.get(f"/tracking/{token}").status_code == 403
        assert as_role("petugas").post(address, {}).status_code == 403
        assert as_role("kasi_giatja", "BTG").post(address, {}).status_code == 404

    def test_refuses_an_end_in_the_past_or_years_away(self, shop: Shop) -> None:
        order = shop.accepted()
        for days in (0, 400):
            end = clock.today("Asia/Jakarta", clock.now()) + timedelta(days=days)
            answer = shop.caller.post(f"/orders/{order['id']}/tracking-link", {"expires_on": str(end)})
            assert answer.json["type"] == "urn:giatja:problem:link-expiry-out-of-range"
