"""How much is to be made in a day; no I/O."""

from datetime import date

from giatja_production.floor.domain import pace, working_days

MONDAY, SATURDAY, SUNDAY = date(2025, 2, 10), date(2025, 2, 15), date(2025, 2, 16)


class TestWorkingDays:
    def test_leave_out_sundays(self) -> None:
        assert working_days(MONDAY, SATURDAY) == 6
        assert working_days(MONDAY, SUNDAY) == 6
        assert working_days(SUNDAY, SUNDAY) == 0
        assert working_days(date(2025, 2, 1), date(2025, 2, 28)) == 24

    def test_are_none_when_the_end_has_passed(self) -> None:
        assert working_days(SATURDAY, MONDAY) == 0


class TestPace:
    def test_spreads_what_is_left_and_rounds_up(self) -> None:
        assert pace(left=13, today=MONDAY, due_date=SATURDAY) == 3

    def test_is_everything_on_the_last_day_and_after_it(self) -> None:
        assert pace(left=13, today=SATURDAY, due_date=SATURDAY) == 13
        assert pace(left=13, today=SATURDAY, due_date=MONDAY) == 13
