"""Promises, forecasts and loads, checked against every possible schedule of small cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import ceil

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from giatja_production.planning.domain import (
    Forecast,
    Hand,
    NoWorkingTime,
    Shop,
    Step,
    Task,
    finished,
    forecast,
    learning_factor,
    loads,
    promise,
    steps_left,
    together,
)

MONDAY = date(2026, 3, 2)
DAYS = [MONDAY + timedelta(days=n) for n in range(6)]
STAGES = "ab"
hands_of_any_skill = st.lists(
    st.builds(Hand, stages=st.frozensets(st.sampled_from(STAGES), min_size=1)), min_size=1, max_size=3
)
# One can sew only, another everything: what each can do contains what the next can.
nested_hands = st.lists(
    st.builds(Hand, stages=st.sampled_from([frozenset("a"), frozenset("ab")])), min_size=1, max_size=3
)


def step(stage: str, minutes: int, *, begins: int = 0, leads: int = 0) -> Step:
    return Step(stage=stage, pieces=minutes, minutes=minutes, begins=begins, leads=leads)


steps = st.lists(st.builds(step, stage=st.sampled_from(STAGES), minutes=st.integers(1, 4)), min_size=1, max_size=2).map(
    tuple
)
tasks = st.lists(st.tuples(st.integers(0, 4), steps), max_size=3).map(
    lambda found: [Task(id=f"t{n}", due=DAYS[due], steps=each) for n, (due, each) in enumerate(found)]
)


def some_schedule(shop: Shop, wanted: Sequence[Task]) -> bool:
    """Say whether any schedule has everything done in time: a greatest flow from work to the minutes of each day."""
    need: list[tuple[int, int, str, int]] = [
        (s.begins, shop.index_by(t.due) - s.leads, s.stage, s.minutes) for t in wanted for s in t.steps
    ]
    free = {(h, d): shop.minutes[d] for h in range(len(shop.hands)) for d in range(len(shop.days))}
    taken: dict[tuple[int, tuple[int, int]], int] = {}

    def places(nth: int) -> list[tuple[int, int]]:
        first, last, stage, _ = need[nth]
        return [(h, d) for h, d in free if first <= d <= last and stage in shop.hands[h].stages]

    def move(nth: int, seen: set[tuple[int, int]]) -> bool:
        for place in places(nth):
            if place in seen:
                continue
            seen.add(place)
            if free[place]:
                free[place] -= 1
                taken[nth, place] = taken.get((nth, place), 0) + 1
                return True
            for other in range(len(need)):
                if taken.get((other, place)) and move(other, seen):
                    taken[other, place] -= 1
                    taken[nth, place] = taken.get((nth, place), 0) + 1
                    return True
        return False

    return all(move(nth, set()) for nth in range(len(need)) for _ in range(need[nth][3]))


def shop_of(hands: Sequence[Hand], open_tasks: Sequence[Task] = (), minutes: int = 2) -> Shop:
    return Shop(days=DAYS, minutes=[minutes] * len(DAYS), hands=hands, tasks=open_tasks)


def all_in_time(shop: Shop) -> bool:
    done = finished(shop)
    return all((i := done[t.id].index) is not None and i <= shop.index_by(t.due) for t in shop.tasks)


class TestPromise:
    @settings(max_examples=150, deadline=None)
    @given(hands=hands_of_any_skill, open_tasks=tasks, asked=steps, due=st.integers(0, 4))
    def test_that_is_given_can_be_kept_with_everything_that_was_promised_before(
        self, hands: list[Hand], open_tasks: list[Task], asked: tuple[Step, ...], due: int
    ) -> None:
        shop = shop_of(hands, open_tasks)
        answer = promise(shop, asked, quantity=4, due=DAYS[due])
        if answer.possible:
            assert answer.earliest is not None
            assert answer.earliest <= DAYS[due]
            everything = [*open_tasks, Task(id="new", due=DAYS[due], steps=asked)]
            before = finished(shop)
            in_time = [t for t in everything if t.id == "new" or _held(before[t.id].index, shop, t)]
            assert some_schedule(shop, in_time)

    @settings(max_examples=150, deadline=None)
    @given(hands=nested_hands, open_tasks=tasks)
    def test_is_refused_only_if_no_schedule_exists_where_skills_contain_each_other(
        self, hands: list[Hand], open_tasks: list[Task]
    ) -> None:
        shop = shop_of(hands, open_tasks)
        assert all_in_time(shop) == some_schedule(shop, open_tasks)

    @settings(max_examples=150, deadline=None)
    @given(hands=nested_hands, open_tasks=tasks, asked=steps)
    def test_has_the_earliest_day_of_any_schedule_where_skills_contain_each_other(
        self, hands: list[Hand], open_tasks: list[Task], asked: tuple[Step, ...]
    ) -> None:
        shop = shop_of(hands, open_tasks)
        assume(all_in_time(shop))
        first = next((d for d in DAYS if some_schedule(shop, [*open_tasks, Task(id="new", due=d, steps=asked)])), None)
        assert promise(shop, asked, quantity=4, due=DAYS[0]).earliest == first

    @settings(max_examples=80, deadline=None)
    @given(hands=hands_of_any_skill, open_tasks=tasks, asked=steps)
    def test_names_an_earliest_day_that_is_promised_when_asked_for(
        self, hands: list[Hand], open_tasks: list[Task], asked: tuple[Step, ...]
    ) -> None:
        shop = shop_of(hands, open_tasks)
        earliest = promise(shop, asked, quantity=4, due=DAYS[0]).earliest
        assume(earliest is not None)
        assert promise(shop, asked, quantity=4, due=earliest or DAYS[0]).possible

    @settings(max_examples=80, deadline=None)
    @given(hands=hands_of_any_skill, open_tasks=tasks, asked=steps, due=st.integers(0, 4))
    def test_is_not_taken_back_by_more_time_every_day(
        self, hands: list[Hand], open_tasks: list[Task], asked: tuple[Step, ...], due: int
    ) -> None:
        shop = shop_of(hands, open_tasks)
        if all_in_time(shop) and promise(shop, asked, quantity=4, due=DAYS[due]).possible:
            more = replace(shop, minutes=[3] * len(DAYS))
            assert promise(more, asked, quantity=4, due=DAYS[due]).possible

    @settings(max_examples=80, deadline=None)
    @given(hands=hands_of_any_skill, open_tasks=tasks, asked=steps, due=st.integers(0, 4))
    def test_names_levers_that_work(
        self, hands: list[Hand], open_tasks: list[Task], asked: tuple[Step, ...], due: int
    ) -> None:
        shop = shop_of(hands, open_tasks)
        answer = promise(shop, asked, quantity=4, due=DAYS[due])
        people = [lever for lever in answer.levers if lever.kind == "people"]
        if people:
            new = [Hand(stages=frozenset((p.stage or "",)), own=p.stage) for p in people for _ in range(p.amount)]
            stronger = replace(shop, hands=[*hands, *new])
            # The plan with more people is judged against the delays there are without them.
            assert promise(stronger, asked, quantity=4, due=DAYS[due]).possible or not all_in_time(shop)
        for lever in answer.levers:
            if lever.kind == "overtime":
                longer = replace(shop, minutes=[2 + lever.amount if n <= due else 2 for n in range(len(DAYS))])
                assert promise(longer, asked, quantity=4, due=DAYS[due]).possible or not all_in_time(shop)
            if lever.kind == "part":
                less = [s._replace(minutes=ceil(s.minutes * lever.amount / 4)) for s in asked]
                assert promise(shop, less, quantity=lever.amount, due=DAYS[due]).possible
        assert answer.possible == (not answer.levers)

    def test_tells_the_days_in_hand(self) -> None:
        answer = promise(shop_of([Hand(stages=frozenset("a"))]), [step("a", 4)], quantity=4, due=DAYS[4])
        assert (answer.possible, answer.earliest, answer.slack_days) == (True, DAYS[1], 3)

    def test_of_a_day_too_early_says_which_and_what_would_help(self) -> None:
        answer = promise(shop_of([Hand(stages=frozenset("a"))]), [step("a", 8)], quantity=8, due=DAYS[1])
        assert (answer.possible, answer.earliest, answer.bottleneck) == (False, DAYS[3], "a")
        levers = {lever.kind: lever for lever in answer.levers}
        assert (levers["people"].amount, levers["people"].stage) == (1, "a")
        assert levers["overtime"].amount == 30
        assert levers["part"].amount == 4
        assert (levers["region"].amount, levers["region"].minutes) == (4, 4)

    def test_names_who_would_be_late_through_it(self) -> None:
        shop = shop_of([Hand(stages=frozenset("a"))], [Task(id="old", due=DAYS[3], steps=(step("a", 8),))])
        answer = promise(shop, [step("a", 2)], quantity=2, due=DAYS[2])
        assert (answer.possible, answer.delays, answer.earliest) == (False, ("old",), DAYS[4])

    def test_without_anybody_for_a_stage_has_no_earliest_day(self) -> None:
        answer = promise(shop_of([Hand(stages=frozenset("a"))]), [step("b", 2)], quantity=2, due=DAYS[2])
        assert (answer.possible, answer.earliest, answer.bottleneck) == (False, None, "b")

    def test_names_the_stage_that_is_left_without_anybody_where_no_day_can_be_promised(self) -> None:
        hands = [Hand(stages=frozenset("a")), Hand(stages=frozenset("b"), last=DAYS[1])]
        answer = promise(shop_of(hands), [step("a", 8), step("b", 6)], quantity=2, due=DAYS[1])
        assert (answer.earliest, answer.bottleneck) == (None, "b")

    def test_waits_for_machines_and_for_people_who_are_not_there_yet(self) -> None:
        many = [Hand(stages=frozenset("a")) for _ in range(5)]
        machines = Shop(days=DAYS, minutes=[2] * 6, hands=many, machines={"a": [0, 1, 1, 1, 1, 1]})
        assert promise(machines, [step("a", 2)], quantity=2, due=DAYS[5]).earliest == DAYS[2]
        later = shop_of([Hand(stages=frozenset("a"), first=DAYS[2], last=DAYS[2])])
        assert promise(later, [step("a", 2)], quantity=2, due=DAYS[5]).earliest == DAYS[2]
        assert promise(later, [step("a", 3)], quantity=3, due=DAYS[5]).earliest is None

    def test_needs_a_calendar(self) -> None:
        with pytest.raises(NoWorkingTime):
            Shop(days=[], minutes=[], hands=[])


def _held(index: int | None, shop: Shop, task: Task) -> bool:
    return index is not None and index <= shop.index_by(task.due)


class TestStepsLeft:
    def test_every_piece_still_passes_the_stages_before_it(self) -> None:
        found = steps_left([0, 3, 0, 2, 0], [(key, 2.0) for key in "abcde"])
        assert [(s.stage, s.pieces, s.minutes, s.begins, s.leads) for s in found] == [
            ("b", 3, 6, 0, 1),
            ("c", 3, 6, 0, 1),
            ("d", 5, 10, 0, 0),
            ("e", 5, 10, 0, 0),
        ]

    def test_a_piece_passes_two_stages_a_day(self) -> None:
        found = steps_left([5, 0, 0, 0, 0], [(key, 1.0) for key in "abcde"])
        assert [(s.begins, s.leads) for s in found] == [(0, 2), (0, 1), (1, 1), (1, 0), (2, 0)]

    def test_nothing_is_left_of_what_is_finished(self) -> None:
        assert steps_left([0, 0], [("a", 1.0), ("b", 1.0)]) == ()


class TestLearningFactor:
    def test_without_work_is_the_standard(self) -> None:
        assert learning_factor(actual=0, standard=0) == 1

    def test_believes_much_work_more_than_a_little(self) -> None:
        assert learning_factor(actual=480, standard=240) < 1.1
        assert learning_factor(actual=48000, standard=24000) > 1.8

    @given(actual=st.integers(0, 10**7), standard=st.integers(0, 10**7))
    def test_stays_between_half_and_twice(self, actual: int, standard: int) -> None:
        assert 0.5 <= learning_factor(actual=actual, standard=standard) <= 2


class TestForecast:
    shop = shop_of([Hand(stages=frozenset("a"))])

    def one(self, pace: Sequence[int], *, held: bool = False, pieces: int = 9) -> Forecast:
        task = Task(id="t", due=DAYS[1], steps=(step("a", pieces),))
        done = finished(replace(self.shop, tasks=[task]))["t"]
        return forecast(self.shop, task, done, {"a": pace}, held=held)

    def test_follows_the_pace_of_the_last_days_with_its_spread(self) -> None:
        found = self.one([3, 3, 3])
        assert (found.likely, found.cause, found.stage) == (DAYS[2], "pace", "a")
        wide = self.one([0, 3, 6], pieces=9)
        assert wide.likely == DAYS[2]
        assert wide.earliest is not None
        assert wide.latest is not None
        assert wide.earliest < DAYS[2] < wide.latest

    def test_follows_the_plan_before_there_is_a_pace(self) -> None:
        found = self.one([4], pieces=4)
        assert (found.likely, found.cause) == (DAYS[1], "plan")
        assert found.late_days(DAYS[0]) == 1

    def test_moves_by_a_day_while_it_is_held(self) -> None:
        assert self.one([3, 3, 3], held=True).likely == DAYS[3]
        assert self.one([3, 3, 3], held=True).cause == "on_hold"

    def test_names_the_stage_where_nobody_works(self) -> None:
        task = Task(id="t", due=DAYS[1], steps=(step("b", 2),))
        found = forecast(self.shop, task, finished(replace(self.shop, tasks=[task]))["t"], {}, held=False)
        assert (found.likely, found.cause, found.stage) == (None, "nobody", "b")

    def test_of_an_order_is_that_of_its_last_line(self) -> None:
        early, late = self.one([9, 9, 9]), self.one([3, 3, 3])
        assert together([early, late]).likely == late.likely
        nobody = replace(late, likely=None, earliest=None, latest=None, cause="nobody")
        assert together([nobody, late]).cause == "nobody"


class TestLoads:
    def test_spread_the_work_over_the_days_until_it_is_due(self) -> None:
        shop = replace(
            shop_of([Hand(stages=frozenset("ab")), Hand(stages=frozenset("a"), own="a")], minutes=10),
            tasks=[Task(id="t", due=DAYS[2], steps=(step("a", 30), step("b", 10)))],
        )
        found = {(x.stage, x.week): (x.wanted, x.able) for x in loads(shop, "ab", weeks=1)}
        # Who can do both is divided like the work: three quarters of 60 minutes for a.
        assert found == {("a", MONDAY): (30, 105), ("b", MONDAY): (10, 15)}

    def test_spread_what_is_late_over_the_next_six_working_days(self) -> None:
        shop = shop_of([], [Task(id="t", due=MONDAY - timedelta(days=9), steps=(step("a", 7),))])
        assert [(x.wanted, x.able) for x in loads(shop, "a", weeks=1)] == [(7, 0)]
        days = [MONDAY + timedelta(days=n) for n in (4, 5, 7, 8, 9, 10)]
        late = replace(shop, days=days, tasks=[replace(shop.tasks[0], steps=(step("a", 12),))])
        assert [x.wanted for x in loads(late, "a", weeks=2)] == [4, 8]
