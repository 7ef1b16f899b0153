"""The states of a work order; no I/O."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.work_orders.domain import (
    Cell,
    State,
    WorkDateBeforeOpening,
    WorkDateInFuture,
    WorkOrder,
    WorkOrderAlreadyCompleted,
    WorkOrderCancelled,
    WorkOrderNotOnHold,
    WorkOrderOnHold,
)
from giatja_production.workshops.domain import make_route, template, templates

TODAY = date(2025, 2, 10)


def a_work_order(quantity: int = 4) -> WorkOrder:
    shape = template("umum")
    route = make_route(shape.stages, shape.defects, ids={}, new_ids=[new_id() for _ in shape.stages])
    return WorkOrder(
        lapas_id="PKL",
        id=new_id(),
        order_id=new_id(),
        line_id=new_id(),
        order_number="PKL-2025-0001",
        partner_name=None,
        product_name="Koko",
        workshop_id=new_id(),
        workshop_kind="umum",
        unit="pcs",
        quantity=quantity,
        cells=(Cell(no=1, size="", colour="", quantity=quantity),),
        route=route,
        due_date=date(2025, 3, 1),
        opened_on=date(2025, 2, 3),
    )


class TestTakesOutput:
    def test_from_its_opening_until_today(self) -> None:
        work_order = a_work_order()
        work_order.must_take_output(work_date=work_order.opened_on, today=TODAY)
        work_order.must_take_output(work_date=TODAY, today=TODAY)
        with pytest.raises(WorkDateInFuture):
            work_order.must_take_output(work_date=date(2025, 2, 11), today=TODAY)
        with pytest.raises(WorkDateBeforeOpening):
            work_order.must_take_output(work_date=date(2025, 2, 2), today=TODAY)

    def test_not_on_hold_nor_cancelled_nor_completed(self) -> None:
        for act, refusal in (
            (lambda w: w.hold("banjir"), WorkOrderOnHold),
            (lambda w: w.cancel("mitra"), WorkOrderCancelled),
            (
                lambda w: (w.count(passed=4, finished=4, rejected=0), w.complete_if_all_passed(today=TODAY)),
                WorkOrderAlreadyCompleted,
            ),
        ):
            work_order = a_work_order()
            act(work_order)
            with pytest.raises(refusal):
                work_order.must_take_output(work_date=TODAY, today=TODAY)


class TestResume:
    def test_goes_back_to_where_it_was_held(self) -> None:
        work_order = a_work_order()
        work_order.count(passed=0, finished=0, rejected=0)
        work_order.hold("banjir")
        work_order.hold("masih banjir")
        work_order.resume()
        assert work_order.state is State.IN_PROGRESS
        with pytest.raises(WorkOrderNotOnHold):
            work_order.resume()


class Life(RuleBasedStateMachine):
    """Anything may happen to a work order in any order: it ends once, and tells that once."""

    def __init__(self) -> None:
        super().__init__()
        self.work_order = a_work_order()
        self.completions = 0
        self.ended: State | None = None

    @rule(pieces=st.integers(0, 2), rejected=st.integers(0, 1))
    def work(self, pieces: int, rejected: int) -> None:
        pieces = min(pieces, self.work_order.quantity - self.work_order.finished)
        try:
            self.work_order.must_take_output(work_date=TODAY, today=TODAY)
        except Refusal:
            return
        self.work_order.count(passed=pieces, finished=pieces, rejected=rejected)
        self.completions += self.work_order.complete_if_all_passed(today=TODAY) is not None

    @rule()
    def hold(self) -> None:
        self._try(lambda: self.work_order.hold("banjir"))

    @rule()
    def resume(self) -> None:
        self._try(self.work_order.resume)

    @rule()
    def cancel(self) -> None:
        self._try(lambda: self.work_order.cancel("mitra"))

    def _try(self, act: Callable[[], None]) -> None:
        with suppress(Refusal):
            act()

    @invariant()
    def it_ends_once(self) -> None:
        if self.ended is not None:
            assert self.work_order.state is self.ended
        if self.work_order.state in (State.COMPLETED, State.CANCELLED):
            self.ended = self.work_order.state

    @invariant()
    def completion_is_told_once_and_when_all_is_finished(self) -> None:
        assert self.completions == (self.work_order.state is State.COMPLETED)
        if self.completions:
            assert self.work_order.finished == self.work_order.quantity

    @invariant()
    def what_is_held_knows_from_where(self) -> None:
        assert (self.work_order.state is State.ON_HOLD) == (self.work_order.held_from is not None)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase


class TestTemplates:
    def test_are_whole_routes(self) -> None:
        for shape in templates().values():
            route = make_route(shape.stages, shape.defects, ids={}, new_ids=[new_id() for _ in shape.stages])
            assert [s.no for s in route.stages] == list(range(1, len(shape.stages) + 1))
            assert route.read(route.document()) == route

    def test_have_the_three_kinds_of_the_house(self) -> None:
        assert {"garmen", "batik_cap", "tanaman_hias"} <= set(templates())
