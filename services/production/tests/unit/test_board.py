"""What a board reckons: the day's target, the pace, days without an accident; no I/O."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from giatja_production.board.domain import days_without, expected_by_now, needed_today, target_of_day

PIECES = st.integers(0, 100_000)


class TestTargetOfDay:
    def test_spreads_what_the_month_still_wants_over_its_days(self) -> None:
        assert target_of_day(month_target=1200, month_done=300, days=16, wanted=999) == 57

    def test_is_what_the_orders_need_where_the_month_has_no_target(self) -> None:
        assert target_of_day(month_target=None, month_done=40, days=10, wanted=60) == 60

    def test_is_nothing_on_a_free_day_and_once_the_month_is_made(self) -> None:
        assert target_of_day(month_target=1200, month_done=0, days=0, wanted=60) == 0
        assert target_of_day(month_target=1200, month_done=1300, days=3, wanted=60) == 0

    @given(target=st.integers(1, 100_000), days=st.integers(1, 31))
    def test_met_every_day_makes_the_month_and_asks_for_nothing_after_it(self, target: int, days: int) -> None:
        done = 0
        for left in range(days, 0, -1):
            today = target_of_day(month_target=target, month_done=done, days=left, wanted=0)
            assert 0 <= today <= target - done
            done += today
        assert done == target


class TestNeededToday:
    @given(left=PIECES, days=st.integers(1, 400))
    def test_met_every_day_finishes_in_time(self, left: int, days: int) -> None:
        for n in range(days, 0, -1):
            left -= needed_today(left=left, days=n)
        assert left == 0

    def test_catches_up_within_three_days_when_it_is_late(self) -> None:
        assert needed_today(left=100, days=0) == 34
        assert needed_today(left=100, days=-9) == 34


class TestExpectedByNow:
    def test_is_half_at_half_time(self) -> None:
        assert expected_by_now(60, worked=210, minutes=420) == 30

    def test_is_everything_on_a_day_without_hours(self) -> None:
        assert expected_by_now(60, worked=0, minutes=0) == 60

    @given(target=PIECES, minutes=st.integers(1, 1440), worked=st.lists(st.integers(0, 3000), min_size=2, max_size=6))
    def test_only_grows_with_the_day_and_never_passes_the_target(
        self, target: int, minutes: int, worked: list[int]
    ) -> None:
        found = [expected_by_now(target, worked=w, minutes=minutes) for w in sorted(worked)]
        assert found == sorted(found)
        assert all(0 <= one <= target for one in found)


class TestDaysWithout:
    def test_counts_from_the_last_one_and_knows_none(self) -> None:
        assert days_without(date(2026, 3, 2), today=date(2026, 3, 9)) == 7
        assert days_without(None, today=date(2026, 3, 9)) is None
