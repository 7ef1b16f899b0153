"""The rules of orders: single cases by name, and the whole machine by random walks."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from giatja_contracts.catalogue import catalogue
from giatja_contracts.units import Pieces, Rupiah
from giatja_kit.errors import Refusal
from giatja_kit.events.fact import Fact
from giatja_kit.ids import new_id
from giatja_orders.facts import OrderAccepted, OrderCancelled, OrderCompleted, OrderedCell
from giatja_orders.ordering.domain import (
    CellNamedTwice,
    DueDatePassed,
    FinishedPiecesUnaccounted,
    InternalOrderUsesOwnMaterial,
    LineDueAfterOrder,
    LineUnknown,
    Order,
    OrderAlreadyEnded,
    OrderHasNoLines,
    OrderLine,
    OrderNotAcceptable,
    OrderNotEditable,
    OrderNotOnHold,
    OrderNotUnderWay,
)

TODAY = date(2025, 2, 3)
DUE = date(2025, 3, 14)
PARTNER = UUID(int=7)


def a_line(*quantities: int, product: str = "Koko lengan panjang", due_date: date = DUE) -> OrderLine:
    return OrderLine(
        id=new_id(),
        product_id=UUID(int=1),
        product_name=product,
        workshop_kind="garmen",
        unit="pcs",
        rate=Rupiah(7000),
        due_date=due_date,
        note="",
        cells=tuple(
            OrderedCell(size=str(nth), colour="putih", quantity=Pieces(q)) for nth, q in enumerate(quantities or (200,))
        ),
    )


def an_order(*lines: OrderLine, **changes: Any) -> Order:
    content: dict[str, Any] = {
        "partner_id": PARTNER,
        "partner_name": "DMA Collection",
        "material_owner": "partner",
        "due_date": DUE,
        "note": "",
        "lines": list(lines) if lines else [a_line()],
        **changes,
    }
    return Order(lapas_id="PKL", id=new_id(), number="PKL-2025-0001", **content)


def accepted(*lines: OrderLine) -> Order:
    order = an_order(*lines)
    order.accept(today=TODAY)
    return order


def fits_the_catalogue(fact: Fact) -> None:
    catalogue()[fact.type].check(fact.data())


class TestAccept:
    def test_tells_production_everything_it_needs_and_no_price(self) -> None:
        order = an_order(a_line(120, 80), a_line(200, product="Koko lengan pendek"))
        fact = order.accept(today=TODAY)
        fits_the_catalogue(fact)
        assert [line.quantity for line in fact.lines] == [200, 200]
        assert "rate" not in str(fact.data())
        assert (order.state, order.accepted_on) == ("accepted", TODAY)

    def test_takes_a_quote_as_well_as_a_draft(self) -> None:
        order = an_order()
        order.quote()
        order.accept(today=TODAY)
        assert order.state == "accepted"

    def test_refuses_an_order_without_lines(self) -> None:
        with pytest.raises(OrderHasNoLines):
            an_order(lines=[]).accept(today=TODAY)

    def test_refuses_a_day_that_has_passed_even_of_one_line(self) -> None:
        with pytest.raises(DueDatePassed):
            an_order(a_line(due_date=TODAY - timedelta(days=1))).accept(today=TODAY)

    def test_refuses_a_second_time_saying_why_in_both_languages(self) -> None:
        with pytest.raises(OrderNotAcceptable) as refused:
            accepted().accept(today=TODAY)
        assert "PKL-2025-0001 sudah diterima" in refused.value.sentence("id")
        assert "PKL-2025-0001 has been accepted" in refused.value.sentence("en")


class TestContent:
    def test_refuses_one_size_and_colour_twice(self) -> None:
        line = a_line()
        line.cells = (*line.cells, *line.cells)
        with pytest.raises(CellNamedTwice) as refused:
            an_order(line)
        assert refused.value.field == "/lines/0/cells/1"

    def test_refuses_a_line_due_after_the_order(self) -> None:
        with pytest.raises(LineDueAfterOrder):
            an_order(a_line(due_date=DUE + timedelta(days=1)))

    def test_refuses_partners_material_without_a_partner(self) -> None:
        with pytest.raises(InternalOrderUsesOwnMaterial):
            an_order(partner_id=None, partner_name=None)

    def test_sums_up_its_lines_and_can_be_found_by_them(self) -> None:
        order = an_order(a_line(120, 80), a_line(50, product="Koko lengan pendek"))
        assert order.quantity == 250
        assert order.found_by == "DMA Collection\nKoko lengan panjang, Koko lengan pendek"

    def test_is_not_rewritten_once_accepted(self) -> None:
        with pytest.raises(OrderNotEditable):
            accepted().edit(
                partner_id=None, partner_name=None, material_owner="lapas", due_date=DUE, note="", lines=[a_line()]
            )


class TestComplete:
    def test_waits_for_the_last_line_and_tells_once(self) -> None:
        order = accepted(a_line(200), a_line(200))
        first, last = order.lines
        assert order.line_completed(first.id, passed=Pieces(200), completed_on=date(2025, 3, 1)) is None
        fact = order.line_completed(last.id, passed=Pieces(200), completed_on=date(2025, 3, 10))
        assert fact is not None
        fits_the_catalogue(fact)
        assert (fact.completed_on, fact.on_time) == (date(2025, 3, 10), True)
        assert order.line_completed(last.id, passed=Pieces(200), completed_on=date(2025, 3, 10)) is None

    def test_is_late_after_the_due_date(self) -> None:
        order = accepted()
        fact = order.line_completed(order.lines[0].id, passed=Pieces(200), completed_on=DUE + timedelta(days=1))
        assert fact is not None
        assert not fact.on_time

    def test_does_not_count_a_line_that_fell_short(self) -> None:
        order = accepted()
        assert order.line_completed(order.lines[0].id, passed=Pieces(199), completed_on=DUE) is None
        assert order.state == "in_production"

    def test_refuses_a_line_of_another_order(self) -> None:
        with pytest.raises(LineUnknown):
            accepted().line_completed(new_id(), passed=Pieces(1), completed_on=DUE)


class TestHold:
    def test_comes_back_to_where_it_was(self) -> None:
        order = accepted()
        fits_the_catalogue(order.hold("banjir"))
        resumed, completed = order.resume()
        fits_the_catalogue(resumed)
        assert (order.state, order.held_from, completed) == ("accepted", None, None)

    def test_comes_back_to_production_when_output_arrived_meanwhile(self) -> None:
        order = accepted()
        order.hold("banjir")
        assert order.production_reported()
        assert not order.production_reported()
        order.resume()
        assert order.state == "in_production"

    def test_keeps_completion_until_it_is_resumed(self) -> None:
        order = accepted()
        order.hold("banjir")
        assert order.line_completed(order.lines[0].id, passed=Pieces(200), completed_on=date(2025, 3, 1)) is None
        assert order.state == "on_hold"
        _, completed = order.resume()
        assert completed is not None
        assert (order.state, completed.completed_on) == ("completed", date(2025, 3, 1))

    def test_refuses_a_draft(self) -> None:
        with pytest.raises(OrderNotUnderWay):
            an_order().hold("banjir")

    def test_refuses_to_resume_what_is_not_held(self) -> None:
        with pytest.raises(OrderNotOnHold):
            accepted().resume()


class TestCancel:
    def test_tells_nobody_of_a_draft_nobody_heard_of(self) -> None:
        assert an_order().cancel(reason="salah tulis", material="none", finished="none") is None

    def test_tells_of_an_order_that_was_promised(self) -> None:
        fact = accepted().cancel(reason="mitra batal", material="returned", finished="none")
        assert fact is not None
        fits_the_catalogue(fact)

    def test_wants_to_know_where_passed_pieces_go(self) -> None:
        order = accepted(a_line(10), a_line(10))
        order.line_completed(order.lines[0].id, passed=Pieces(10), completed_on=DUE)
        with pytest.raises(FinishedPiecesUnaccounted):
            order.cancel(reason="mitra batal", material="returned", finished="none")
        order.cancel(reason="mitra batal", material="returned", finished="delivered")
        assert not order.takes_reports

    def test_refuses_a_completed_order(self) -> None:
        order = accepted()
        order.line_completed(order.lines[0].id, passed=Pieces(200), completed_on=DUE)
        with pytest.raises(OrderAlreadyEnded):
            order.cancel(reason="terlambat", material="none", finished="delivered")


class TestMoveDueDate:
    def test_takes_lines_due_with_the_order_along_and_leaves_none_behind(self) -> None:
        early, with_order = a_line(due_date=DUE - timedelta(days=10)), a_line()
        order = accepted(early, with_order)
        fits_the_catalogue(order.move_due_date(DUE + timedelta(days=6), today=TODAY))
        assert [x.due_date for x in order.lines] == [DUE - timedelta(days=10), DUE + timedelta(days=6)]
        order.move_due_date(DUE - timedelta(days=20), today=TODAY)
        assert {x.due_date for x in order.lines} == {DUE - timedelta(days=20)}


class OrderMachine(RuleBasedStateMachine):
    """Does anything to an order in any order; an independent model says what must come of it."""

    @initialize(lines=strategies.integers(1, 3))
    def begin(self, lines: int) -> None:
        self.order = an_order(*(a_line(10) for _ in range(lines)))
        self.model = "draft"
        self.held_from: str | None = None
        self.done: set[int] = set()
        self.told: list[Fact] = []

    def attempt(self, allowed: bool, act: Any) -> Any:
        before = (self.order.state, self.order.held_from, self.order.passed)
        try:
            result = act()
        except Refusal:
            assert not allowed, f"refused from {self.model}"
            assert (self.order.state, self.order.held_from, self.order.passed) == before
            return None
        assert allowed, f"allowed from {self.model}"
        self.told += [f for f in (result if isinstance(result, tuple) else (result,)) if isinstance(f, Fact)]
        return result

    @rule()
    def quote(self) -> None:
        allowed = self.model == "draft"
        self.attempt(allowed, self.order.quote)
        self.model = "quoted" if allowed else self.model

    @rule()
    def accept(self) -> None:
        allowed = self.model in ("draft", "quoted")
        self.attempt(allowed, lambda: self.order.accept(today=TODAY))
        self.model = "accepted" if allowed else self.model

    @rule()
    def hold(self) -> None:
        allowed = self.model in ("accepted", "in_production")
        self.attempt(allowed, lambda: self.order.hold("banjir"))
        if allowed:
            self.held_from, self.model = self.model, "on_hold"

    @rule()
    def resume(self) -> None:
        allowed = self.model == "on_hold"
        self.attempt(allowed, self.order.resume)
        if allowed:
            self.model, self.held_from = str(self.held_from), None
            self.finish()

    @rule(finished=strategies.sampled_from(["none", "kept"]))
    def cancel(self, finished: Any) -> None:
        allowed = self.model not in ("completed", "cancelled") and (finished == "kept" or not self.done)
        self.attempt(allowed, lambda: self.order.cancel(reason="batal", material="kept", finished=finished))
        if allowed:
            self.model, self.held_from = "cancelled", None

    @rule(days=strategies.integers(-3, 60))
    def move_due_date(self, days: int) -> None:
        allowed = self.model in ("accepted", "in_production", "on_hold") and days >= 0
        self.attempt(allowed, lambda: self.order.move_due_date(TODAY + timedelta(days=days), today=TODAY))

    @precondition(lambda self: self.model in ("accepted", "in_production", "on_hold"))
    @rule()
    def output_is_reported(self) -> None:
        self.order.production_reported()
        self.reported()

    @precondition(lambda self: self.model in ("accepted", "in_production", "on_hold"))
    @rule(nth=strategies.integers(0, 2))
    def line_completes(self, nth: int) -> None:
        nth %= len(self.order.lines)
        fact = self.order.line_completed(self.order.lines[nth].id, passed=Pieces(10), completed_on=DUE)
        self.told += [fact] if fact else []
        self.done.add(nth)
        self.reported()
        self.finish()

    def reported(self) -> None:
        if self.model == "accepted":
            self.model = "in_production"
        elif self.held_from == "accepted":
            self.held_from = "in_production"

    def finish(self) -> None:
        if self.model == "in_production" and len(self.done) == len(self.order.lines):
            self.model = "completed"

    @invariant()
    def stands_where_the_model_says(self) -> None:
        if hasattr(self, "order"):
            assert (self.order.state, self.order.held_from) == (self.model, self.held_from)

    @invariant()
    def tells_each_thing_once_and_only_of_promised_orders(self) -> None:
        if hasattr(self, "order"):
            for type_ in (OrderAccepted, OrderCompleted, OrderCancelled):
                assert sum(isinstance(f, type_) for f in self.told) <= 1
            assert (self.model == "completed") == any(isinstance(f, OrderCompleted) for f in self.told)
            if self.told:
                assert isinstance(self.told[0], OrderAccepted)

    @invariant()
    def sums_up(self) -> None:
        if hasattr(self, "order"):
            assert self.order.passed == sum(x.passed for x in self.order.lines) <= self.order.quantity


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
