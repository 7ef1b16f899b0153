"""Comparing what was told with what was heard: each way to be wrong is found and named, and nothing else is."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.client import ServiceUnavailable
from giatja_kit.database import Database
from giatja_kit.events import log as event_log
from giatja_kit.events import operate
from giatja_kit.events.verify import Verdict, verify

from .conftest import Listener, tell

Asking = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]


@pytest.fixture
def ask(source: Database, listener: Listener) -> Asking:
    """Return what a page or a command would ask over HTTP, asked directly."""
    databases = {"source": source, "listener": listener.database}

    def answer(service: str, path: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        if service not in databases:
            raise ServiceUnavailable(service, "stopped")
        with databases[service].transaction(at=clock.now()) as store:
            if path == "/facts/status":
                return operate.status(store)
            if query["of"] == "told":
                return operate.digest_of_log(store, upto=query["upto"], after=query.get("after"))
            return operate.digest_heard(store, query["source"], upto=query["upto"], after=query.get("after", 0))

    return answer


@pytest.fixture
def heard(source: Database, listener: Listener) -> Listener:
    """Return a listener that has heard twenty facts."""
    tell(source, *((f"thing-{n % 4}", n) for n in range(1, 21)))
    listener.catch_up()
    return listener


def spoil(listener: Listener, *statements: str) -> None:
    with listener.database.transaction(at=clock.now()) as store:
        for statement in statements:
            store.run(statement)


def verdict(ask: Asking) -> Verdict:
    (found,) = verify(ask, ["source", "listener"])
    return found


class TestVerify:
    def test_finds_nothing_wrong_where_all_was_heard(self, ask: Asking, heard: Listener) -> None:
        found = verdict(ask)
        assert (found.state, found.sound, found.told, found.heard, found.lag) == ("whole", True, 20, 20, 0)

    def test_counts_what_is_still_to_be_heard_as_lag_only(self, ask: Asking, source: Database, heard: Listener) -> None:
        tell(source, ("a", 1), ("a", 2))
        with source.transaction(at=clock.now()) as store:
            event_log.place(store)
        assert (verdict(ask).state, verdict(ask).lag) == ("whole", 2)

    @pytest.mark.parametrize("position", [1, 7, 20])
    def test_names_the_fact_that_was_lost(self, ask: Asking, heard: Listener, position: int) -> None:
        spoil(heard, f"DELETE FROM heard_fact WHERE position = {position}")
        found = verdict(ask)
        assert (found.state, found.reason, found.broken_at) == ("broken", "lost", position)

    def test_names_the_fact_that_was_heard_twice(self, ask: Asking, heard: Listener) -> None:
        spoil(
            heard,
            "INSERT INTO heard_fact (source, epoch, position, event_id, lapas_id, type, subject, outcome)"
            " SELECT source, gen_random_uuid(), position, event_id, lapas_id, type, subject, outcome"
            " FROM heard_fact WHERE position = 11",
        )
        found = verdict(ask)
        assert (found.state, found.reason, found.broken_at) == ("broken", "repeated", 11)

    def test_names_where_the_order_was_lost(self, ask: Asking, heard: Listener) -> None:
        spoil(
            heard,
            "CREATE TEMPORARY TABLE swapped AS SELECT * FROM heard_fact WHERE position IN (5, 6)",
            "DELETE FROM heard_fact WHERE position IN (5, 6)",
            "INSERT INTO heard_fact (source, epoch, position, event_id, lapas_id, type, subject, outcome)"
            " SELECT source, epoch, position, event_id, lapas_id, type, subject, outcome FROM swapped ORDER BY position DESC",
        )
        found = verdict(ask)
        assert (found.state, found.reason, found.broken_at) == ("broken", "out_of_order", 6)

    def test_counts_facts_that_wait_as_held(self, ask: Asking, source: Database, listener: Listener) -> None:
        listener.poison = {2}
        tell(source, ("a", 1), ("a", 2), ("a", 3), ("b", 4))
        listener.catch_up()
        found = verdict(ask)
        assert (found.state, found.held, found.sound) == ("whole", 2, False)

    def test_finds_a_held_fact_that_is_nowhere(self, ask: Asking, source: Database, listener: Listener) -> None:
        listener.poison = {2}
        tell(source, ("a", 1), ("a", 2))
        listener.catch_up()
        spoil(listener, "DELETE FROM parked_fact")
        assert verdict(ask).reason == "held_but_gone"

    def test_says_so_when_a_source_was_restored_behind_its_subscriber(
        self, ask: Asking, source: Database, heard: Listener
    ) -> None:
        with source.transaction(at=clock.now()) as store:
            store.run("UPDATE event_log SET position = -position WHERE position > 12")
            store.run("UPDATE event_head SET position = 12")
            event_log.new_epoch(store)
        tell(source, *(("new", n) for n in range(20)))
        with source.transaction(at=clock.now()) as store:
            event_log.place(store)
        assert verdict(ask).state == "ahead"
        heard.catch_up()
        assert verdict(ask).state == "ahead"
        with heard.database.transaction(at=clock.now()) as store:
            operate.accept_restore(store, "source", reason="sudah diperiksa")
        heard.catch_up()
        found = verdict(ask)
        assert (found.state, found.told, found.heard) == ("whole", 32, 32)

    def test_says_which_service_does_not_answer(self, ask: Asking, heard: Listener) -> None:
        found = verify(ask, ["listener", "stopped"])
        assert [(v.subscriber, v.source, v.state) for v in found] == [
            ("listener", "source", "unreachable"),
            ("stopped", "*", "unreachable"),
        ]


class TestRetryByAPerson:
    def test_is_audited_in_the_name_of_that_person(self, source: Database, listener: Listener) -> None:
        listener.poison = {1}
        tell(source, ("a", 1))
        listener.catch_up()
        listener.poison = set()
        (row,) = listener.ask("SELECT id FROM parked_fact")
        with listener.database.transaction(at=clock.now()) as store:
            assert operate.retry(store, listener.receiver, row["id"])  # type: ignore[arg-type]
            store.audit("facts.operate", "retry")
        assert listener.ask("SELECT actor FROM audit_log") == [{"actor": "service:listener"}]
