"""Every committed fact acts exactly once, in order, whatever dies."""

import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from giatja_ops.local import LocalSystem
from tests.faults import ledger
from tests.faults.conftest import SEED
from tests.faults.faults import Fault, Saboteur
from tests.faults.load import Load
from tests.story import Story

HEAL_SECONDS = 30.0


def strike_all(
    system: LocalSystem, workplace: dict[str, Any], faults: Sequence[Fault], *, pause: float
) -> tuple[Load, float]:
    """Let clerks work while the faults strike; return their work and the seconds from the last fault to lag 0."""
    with Load(**workplace) as load:
        time.sleep(1.0)
        for fault in faults:
            fault.strike()
            time.sleep(pause)
    ended = time.monotonic()
    while ledger.lag(system):
        assert time.monotonic() - ended < HEAL_SECONDS, f"not healed after {HEAL_SECONDS} s"
        time.sleep(0.1)
    assert load.failures == []
    return load, time.monotonic() - ended


def check(system: LocalSystem, load: Load, faults: Sequence[Fault], healed: float, note: Callable[..., None]) -> None:
    """Assert that nothing was lost, doubled or reordered, and that every answered write stands exactly once."""
    found = ledger.compare(system)
    answered = load.answered
    note(
        "ledger",
        f"seed {SEED}, {len(faults)} faults, {found.line()}; {len(answered.orders)} orders, {answered.output} entries,"
        f" {answered.repeats} repeats, healed in {healed:.1f} s",
    )
    assert found.clean, found
    assert len(answered.orders) > 1
    numbers = [r["number"] for r in ledger.ask(system, "orders", "SELECT number FROM orders ORDER BY number")]
    assert len(set(numbers)) == len(numbers)
    serials = sorted(int(n.rsplit("-", 1)[1]) for n in numbers)
    assert serials == list(range(1, len(serials) + 1)), "numbers have a gap"
    assert set(answered.orders.values()) <= set(numbers)
    check_effects(system)


def check_effects(system: LocalSystem) -> None:
    """Assert what the facts did: one work order a line, pieces conserved, each credit once, evidence once."""
    accepted = ledger.ask(system, "orders", "SELECT count(*) AS n FROM event_log WHERE type LIKE '%order_accepted%'")
    opened = ledger.ask(system, "production", "SELECT count(*) AS n, count(DISTINCT line_id) AS lines FROM work_order")
    assert (opened[0]["n"], opened[0]["lines"]) == (accepted[0]["n"], accepted[0]["n"])
    credits_ = ledger.ask(
        system,
        "production",
        "SELECT coalesce(sum((data->>'pieces')::int), 0) AS n FROM event_log WHERE type LIKE '%output_accepted%'",
    )
    practice = ledger.ask(system, "training", "SELECT coalesce(sum(pieces), 0) AS n FROM practice")
    assert practice[0]["n"] == credits_[0]["n"]
    completed = ledger.ask(system, "production", "SELECT count(*) AS n FROM work_order WHERE state = 'completed'")
    orders = ledger.ask(system, "orders", "SELECT count(*) AS n FROM orders WHERE state = 'completed'")
    assert orders[0]["n"] == completed[0]["n"] > 0
    broken = {s: ledger.ask(system, s, "SELECT count(*) AS n FROM parked_fact")[0]["n"] for s in ledger.SERVICES}
    assert broken == dict.fromkeys(ledger.SERVICES, 0)


def books_add_up(story: Story) -> bool:
    """Tell whether every sum that production keeps is still the sum of its entries."""
    books: dict[str, Any] = story.person("ops").get("production", "/books")
    return bool(books["sound"])


class TestFaults:
    def test_processes_die_and_the_broker_forgets(
        self, broken: LocalSystem, workplace: dict[str, Any], record_property: Callable[..., None]
    ) -> None:
        faults = Saboteur(broken, SEED).plan(45)
        load, healed = strike_all(broken, workplace, faults, pause=0.2)
        check(broken, load, faults, healed, record_property)
        assert books_add_up(workplace["story"])

    def test_processes_die_at_every_crash_point(
        self, broken: LocalSystem, workplace: dict[str, Any], record_property: Callable[..., None]
    ) -> None:
        faults = Saboteur(broken, SEED + 1).crashes()
        load, healed = strike_all(broken, workplace, faults, pause=0.1)
        check(broken, load, faults, healed, record_property)
        assert books_add_up(workplace["story"])

    def test_work_goes_on_without_a_broker(
        self, broken: LocalSystem, workplace: dict[str, Any], record_property: Callable[..., None]
    ) -> None:
        saboteur = Saboteur(broken, SEED + 2)
        story = workplace["story"]
        took: list[float] = []

        def without_broker() -> None:
            broken.process("valkey").kill(signal.SIGKILL)
            for _ in range(3):
                began = time.monotonic()
                story.accept(story.draft(workplace["partner"], [(workplace["product"], 0, 1)]))
                took.append(time.monotonic() - began)
            time.sleep(6.0)
            broken.start_process("valkey")

        faults = [
            Fault("orders written while the broker is away", without_broker),
            saboteur.freeze("valkey", 3.0),
            saboteur.freeze("production-worker", 4.0),
            saboteur.freeze("training", 2.0),
            saboteur.broker_away(1.0),
            saboteur.flush(),
        ]
        load, healed = strike_all(broken, workplace, faults, pause=0.5)
        check(broken, load, faults, healed, record_property)
        assert books_add_up(workplace["story"])
        assert len(took) == 3
        assert max(took) < 10, "a write waited for the broker"


class TestPoison:
    def test_holds_up_its_own_subject_only(self, broken: LocalSystem, workplace: dict[str, Any]) -> None:
        story = workplace["story"]
        ledger.ask(
            broken,
            "orders",
            "INSERT INTO event_log (id, lapas_id, type, subject, occurred_at, actor, traceparent, data)"
            " VALUES (gen_random_uuid(), 'PKL', 'giatja.orders.order_accepted.v1', 'poison', now(), 'test',"
            " '00-00000000000000000000000000000001-0000000000000001-01', '{\"order_id\": \"not an id\"}') RETURNING id",
        )
        receipt = story.draft(workplace["partner"], [(workplace["product"], 0, 2)])
        story.accept(receipt)
        assert story.work_orders(receipt["id"], 1)
        waiting = ledger.ask(broken, "production", "SELECT subject, state FROM parked_fact")
        assert {w["subject"] for w in waiting} == {"poison"}
