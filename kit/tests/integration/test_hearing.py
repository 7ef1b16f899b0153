"""Facts between two services: once, in order, whatever fails."""

import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import text

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events import log as event_log
from giatja_kit.events import operate, parked

from .conftest import Counted, Listener, tell


@dataclass(frozen=True, kw_only=True)
class Uninteresting(Counted):
    """A type nobody here hears."""

    type: ClassVar[str] = "giatja.source.uninteresting.v1"


class TestCatchUp:
    def test_applies_each_fact_once_in_the_order_of_its_source(self, source: Database, listener: Listener) -> None:
        for n in range(7):
            tell(source, ("a", n), ("b", n), lapas="PKL" if n % 2 else "BTG")
        assert listener.catch_up() == 14
        assert listener.catch_up() == 0
        assert listener.effects() == [(t, n) for n in range(7) for t in "ab"]

    def test_reads_a_long_backlog_in_batches(self, source: Database, listener: Listener) -> None:
        tell(source, *(("a", n) for n in range(1203)))
        assert listener.catch_up() == 1203
        assert [n for _, n in listener.effects()] == list(range(1203))

    def test_asks_nothing_when_the_announced_head_is_known(self, source: Database, listener: Listener) -> None:
        tell(source, ("a", 1))
        listener.catch_up()
        tell(source, ("a", 2))
        assert listener.catch_up(announced=1) == 0
        assert listener.catch_up(announced=2) == 1

    def test_is_done_once_by_many_workers_at_once(self, source: Database, listener: Listener) -> None:
        tell(source, *(("a", n) for n in range(300)))
        threads = [threading.Thread(target=listener.catch_up) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [n for _, n in listener.effects()] == list(range(300))

    def test_passes_over_types_it_does_not_know(self, source: Database, listener: Listener) -> None:
        with source.transaction(at=clock.now()) as store:
            store.tell(Uninteresting(thing="a", number=1), lapas_id="PKL")
        assert listener.catch_up() == 1
        assert listener.effects() == []
        assert listener.ask("SELECT outcome FROM heard_fact") == [{"outcome": "passed_over"}]


class TestPosition:
    def test_follows_the_order_in_which_facts_became_visible(self, source: Database, listener: Listener) -> None:
        slow = source.transaction(at=clock.now())
        store = slow.__enter__()
        store.tell(Counted(thing="slow", number=1), lapas_id="PKL")
        store.write_down()
        tell(source, ("quick", 2))
        listener.catch_up()
        assert listener.effects() == [("quick", 2)]
        slow.__exit__(None, None, None)
        listener.catch_up()
        assert listener.effects() == [("quick", 2), ("slow", 1)]

    def test_has_no_gap_after_a_rollback(self, source: Database) -> None:
        tell(source, ("a", 1))
        with pytest.raises(ValueError, match="changed my mind"):
            self._tell_and_fail(source)
        tell(source, ("a", 3))
        with source.transaction(at=clock.now()) as store:
            assert event_log.place(store).head == 2
        with source.transaction(at=clock.now()) as store:
            _, facts = event_log.read(store, "source", after=0)
        assert [(f["position"], f["data"]["number"]) for f in facts] == [(1, 1), (2, 3)]

    @staticmethod
    def _tell_and_fail(source: Database) -> None:
        with source.transaction(at=clock.now()) as store:
            store.tell(Counted(thing="a", number=2), lapas_id="PKL")
            store.write_down()
            raise ValueError("changed my mind")


class TestPoison:
    def test_parks_the_fact_and_holds_only_its_subject(self, source: Database, listener: Listener) -> None:
        listener.poison = {2}
        tell(source, ("a", 1), ("b", 1), ("a", 2), ("b", 2 + 100), ("a", 3), ("c", 1))
        assert listener.catch_up() == 6
        assert listener.effects() == [("a", 1), ("b", 1), ("b", 102), ("c", 1)]
        assert listener.ask("SELECT subject, state FROM parked_fact ORDER BY position") == [
            {"subject": "a", "state": "retrying"},
            {"subject": "a", "state": "waiting"},
        ]

    def test_goes_on_in_order_once_it_can_be_applied(self, source: Database, listener: Listener) -> None:
        listener.poison = {2}
        tell(source, ("a", 1), ("a", 2), ("a", 3))
        listener.catch_up()
        tell(source, ("a", 4))
        listener.catch_up()
        listener.poison = set()
        self._pass_pauses(listener)
        for _ in range(4):
            listener.receiver.retry_due()
        assert [n for _, n in listener.effects()] == [1, 2, 3, 4]
        assert listener.ask("SELECT DISTINCT outcome FROM heard_fact") == [{"outcome": "applied"}]

    def test_is_left_for_a_person_after_the_last_pause(self, source: Database, listener: Listener) -> None:
        listener.poison = {1}
        tell(source, ("a", 1), ("a", 2))
        listener.catch_up()
        for _ in range(len(parked.PAUSES)):
            self._pass_pauses(listener)
            assert listener.receiver.retry_due() == 0
        states = listener.ask("SELECT state, attempts, error FROM parked_fact ORDER BY position")
        assert states[0] == {"state": "parked", "attempts": 6, "error": "ValueError: cannot digest 1"}
        assert states[1]["state"] == "waiting"

    def test_can_be_discarded_with_a_reason_and_the_next_goes_on(self, source: Database, listener: Listener) -> None:
        listener.poison = {1}
        tell(source, ("a", 1), ("a", 2))
        listener.catch_up()
        (first,) = listener.ask("SELECT id FROM parked_fact WHERE state = 'retrying'")
        with listener.database.transaction(at=clock.now()) as store:
            operate.discard(store, first["id"], reason="salah catat, diganti")  # type: ignore[arg-type]
        listener.receiver.retry_due()
        assert listener.effects() == [("a", 2)]
        assert listener.ask("SELECT action, detail->>'reason' AS reason FROM audit_log") == [
            {"action": "facts.discard", "reason": "salah catat, diganti"}
        ]

    @staticmethod
    def _pass_pauses(listener: Listener) -> None:
        with listener.database.transaction(at=clock.now()) as store:
            store.run("UPDATE parked_fact SET next_try_at = now() - interval '1 second' WHERE next_try_at IS NOT NULL")


class TestRestoredSource:
    def test_stops_a_subscriber_that_is_ahead_and_lists_what_vanished(
        self, source: Database, listener: Listener
    ) -> None:
        tell(source, ("a", 1), ("a", 2), ("a", 3))
        listener.catch_up()
        self._restore_to(source, 1)
        tell(source, ("a", 9))
        assert listener.catch_up() == 0
        with listener.database.transaction(at=clock.now()) as store:
            assert [r["position"] for r in operate.vanished(store, "source")] == [2, 3]
            operate.accept_restore(store, "source", reason="sudah diperiksa")
        assert listener.catch_up() == 1
        assert listener.effects()[-1] == ("a", 9)

    def test_does_not_disturb_one_that_is_behind(self, source: Database, listener: Listener) -> None:
        tell(source, ("a", 1))
        listener.catch_up()
        tell(source, ("a", 2))
        with source.transaction(at=clock.now()) as store:
            event_log.place(store)
            event_log.new_epoch(store)
        tell(source, ("a", 3))
        assert listener.catch_up() == 2
        assert [n for _, n in listener.effects()] == [1, 2, 3]

    @staticmethod
    def _restore_to(source: Database, position: int) -> None:
        with source.transaction(at=clock.now()) as store:
            event_log.place(store)
            # A restore brings back older files; here the newer rows are hidden from the feed instead,
            # since the service's role may not delete what it told.
            store.run("UPDATE event_log SET position = -position WHERE position > :p", {"p": position})
            store.run("UPDATE event_head SET position = :p", {"p": position})
            event_log.new_epoch(store)


class TestReplay:
    def test_makes_the_same_read_model_again(self, source: Database, listener: Listener) -> None:
        tell(source, *(("a", n) for n in range(20)))
        listener.catch_up()
        before = listener.effects()
        with listener.database.transaction(at=clock.now()) as store:
            operate.replay(store, listener.subscriptions)
        assert listener.effects() == []
        listener.catch_up()
        assert listener.effects() == before


class TestDigest:
    def test_is_the_same_on_both_sides_only_when_nothing_is_missing(self, source: Database, listener: Listener) -> None:
        tell(source, *(("a", n) for n in range(5)))
        listener.catch_up()
        assert self._told(source) == self._heard(listener)
        with listener.database.transaction(at=clock.now()) as store:
            store.run("DELETE FROM heard_fact WHERE position = 3")
        assert self._told(source) != self._heard(listener)

    @staticmethod
    def _told(source: Database) -> object:
        with source.transaction(at=clock.now()) as store:
            return operate.digest_of_log(store, upto=5)["digest"]

    @staticmethod
    def _heard(listener: Listener) -> object:
        with listener.database.transaction(at=clock.now()) as store:
            return operate.digest_heard(store, "source", upto=5)["digest"]


class TestLostConnection:
    def test_of_the_subscriber_is_nobodys_mistake(self, source: Database, listener: Listener) -> None:
        tell(source, ("a", 1))
        killed: list[int] = []

        def kill_once(fact: object, store: object) -> None:
            if not killed:
                killed.append(1)
                with listener.database.engine.connect() as connection:
                    connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )
            listener._hear(fact, store)  # type: ignore[arg-type]

        listener.subscriptions._hear["giatja.source.counted.v1"] = kill_once
        assert listener.catch_up() == 1
        assert listener.effects() == [("a", 1)]
        assert listener.ask("SELECT count(*) AS n FROM parked_fact") == [{"n": 0}]
