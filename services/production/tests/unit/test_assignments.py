"""Rules of placements, of who stands in, and of work orders that two things hold."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from giatja_production.assignments.domain import Free, Gap, most_at_once, substitutes
from giatja_production.work_orders.domain import State, WorkOrder

MONDAY = date(2025, 2, 3)
DAYS = st.integers(0, 20).map(lambda n: MONDAY + timedelta(days=n))
PERIODS = st.lists(st.tuples(DAYS, st.none() | st.integers(-1, 9)), max_size=12).map(
    lambda made: [(first, None if length is None else first + timedelta(days=length)) for first, length in made]
)


class TestMostAtOnce:
    @given(periods=PERIODS, since=DAYS)
    def test_is_the_fullest_day_of_all_that_come(self, periods: list[tuple[date, date | None]], since: date) -> None:
        every_day = [since + timedelta(days=n) for n in range(60)]
        fullest = max(sum(first <= d and (last is None or last >= d) for first, last in periods) for d in every_day)
        assert most_at_once(periods, since=since) == fullest


GAPS = st.lists(
    st.builds(
        Gap,
        short=st.integers(1, 4),
        competence=st.none() | st.sampled_from(["menjahit", "mengobras"]),
        stage_keys=st.sampled_from([("jahit",), ("obras",), ("jahit", "obras")]),
    ),
    max_size=4,
)
MADE = st.dictionaries(st.sampled_from(["jahit", "obras", "cuci"]), st.tuples(st.integers(0, 900), DAYS), max_size=3)
PEOPLE = st.lists(
    st.builds(
        Free,
        inmate_id=st.uuids(),
        fitness=st.sampled_from(["fit", "limited"]),
        competences=st.dictionaries(st.sampled_from(["menjahit", "mengobras", "mewarnai"]), DAYS, max_size=2),
        made=MADE,
    ),
    max_size=8,
    unique_by=lambda p: p.inmate_id,
)


class TestSubstitutes:
    @given(gaps=GAPS, free=PEOPLE)
    def test_propose_nobody_twice_and_only_who_is_able(self, gaps: list[Gap], free: list[Free]) -> None:
        named = substitutes(gaps, free, most=3)
        proposed = [s.inmate_id for ones in named for s in ones if s.proposed]
        assert len(proposed) == len(set(proposed))
        assert all(s.able for ones in named for s in ones if s.proposed)
        for gap, ones in zip(gaps, named, strict=True):
            taken = sum(s.proposed for s in ones)
            assert taken <= gap.short
            spare = [p for p in free if p.inmate_id not in proposed]
            able = [p for p in spare if gap.competence is None or gap.competence in p.competences]
            # Somebody able is left over only where nobody is missing any more.
            assert taken == gap.short or not able

    def test_keep_the_one_who_can_sew_for_the_machine_and_not_for_the_helper(self) -> None:
        sewer = Free(inmate_id=UUID(int=1), fitness="fit", competences={"menjahit": MONDAY}, made={})
        anybody = Free(inmate_id=UUID(int=2), fitness="fit", competences={}, made={})
        helper = Gap(short=1, competence=None, stage_keys=("lipat",))
        machine = Gap(short=1, competence="menjahit", stage_keys=("jahit",))
        for_helper, for_machine = substitutes([helper, machine], [sewer, anybody], most=0)
        assert ([s.inmate_id.int for s in for_helper], [s.inmate_id.int for s in for_machine]) == ([2], [1])


class WorkOrderHeldTwice(RuleBasedStateMachine):
    """The order and the workshop hold and let go in any sequence."""

    def __init__(self) -> None:
        super().__init__()
        anything: Any = ()
        self.work_order = WorkOrder(
            lapas_id="PKL", id=UUID(int=1), order_id=UUID(int=2), line_id=UUID(int=3), order_number="1",
            partner_name=None, product_name="Koko", workshop_id=UUID(int=4), workshop_kind="garmen", unit="pcs",
            quantity=1, cells=(), route=anything, due_date=MONDAY, opened_on=MONDAY, state=State.IN_PROGRESS,
        )  # fmt: skip
        self.by_order = self.by_workshop = False

    @rule()
    def order_holds(self) -> None:
        self.work_order.hold("menunggu kain")
        self.by_order = True

    @precondition(lambda self: self.by_order)
    @rule()
    def order_goes_on(self) -> None:
        self.work_order.resume()
        self.by_order = False

    @rule()
    def workshop_holds(self) -> None:
        self.work_order.hold_with_workshop("banjir")
        self.by_workshop = True

    @precondition(lambda self: self.by_workshop)
    @rule()
    def workshop_goes_on(self) -> None:
        self.work_order.resume_with_workshop()
        self.by_workshop = False

    @invariant()
    def it_stands_still_while_either_holds_it(self) -> None:
        held = self.by_order or self.by_workshop
        assert (self.work_order.state is State.ON_HOLD) == held
        assert (self.work_order.held_from is State.IN_PROGRESS) == held
        expected = "menunggu kain" if self.by_order else "banjir" if self.by_workshop else None
        assert self.work_order.hold_reason == expected


TestWorkOrderHeldTwice = WorkOrderHeldTwice.TestCase
