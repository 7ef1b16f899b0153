"""Months, shares, and counts too small to be shown."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_gateway.region.domain import (
    FEWEST,
    Headcount,
    Month,
    MonthMalformed,
    defect_share,
    headcount,
    share,
    total,
)
from giatja_gateway.region.queries import in_order


class TestMonth:
    @given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
    def test_holds_the_days_of_its_month_and_no_other(self, day: date) -> None:
        month = Month.of(day)
        assert month.first <= day <= month.last
        assert month.previous.last < month.first <= month.last < month.next.first
        assert Month.parse(str(month)) == month

    @pytest.mark.parametrize(
        "text", ["", "2025", "2025-13", "2025-00", "25-02", "2025-2", "1999-12", "٢٠٢٥-02", "2025-0a"]
    )
    def test_refuses_what_is_no_month(self, text: str) -> None:
        with pytest.raises(MonthMalformed):
            Month.parse(text)


class TestHeadcount:
    @given(st.integers(0, 10_000))
    def test_hides_small_groups_and_nothing_else(self, count: int) -> None:
        shown = headcount(count, hide_small=True)
        assert shown.few == (1 <= count <= FEWEST - 1)
        assert shown.count == (None if shown.few else count)
        assert headcount(count, hide_small=False) == Headcount(count=count)

    @given(st.lists(st.integers(0, 50)))
    def test_a_sum_does_not_give_a_hidden_count_away(self, counts: list[int]) -> None:
        summed = total([headcount(c, hide_small=True) for c in counts])
        assert summed.count == sum(c for c in counts if c >= FEWEST)
        assert summed.few == any(0 < c < FEWEST for c in counts)


class TestShare:
    @given(st.integers(-5, 1000), st.integers(-5, 1000))
    def test_lies_between_nothing_and_all_or_is_unknown(self, part: int, whole: int) -> None:
        found = share(part, whole)
        assert (found is None) == (whole <= 0)
        assert found is None or 0 <= found <= 1

    def test_counts_faulty_pieces_among_those_judged(self) -> None:
        assert defect_share(passed=97, rework=2, reject=1) == pytest.approx(0.03)
        assert defect_share(passed=0, rework=0, reject=0) is None
        assert defect_share(passed=10, rework=-3, reject=0) == 0


class TestInOrder:
    rows = (
        {"name": "A", "on_time_share": 0.5, "workers": {"count": 7, "few": False}},
        {"name": "B", "on_time_share": None, "workers": {"count": None, "few": True}},
        {"name": "C", "on_time_share": 0.9, "workers": {"count": 0, "few": False}},
    )

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("name", "ABC"),
            ("-name", "CBA"),
            ("on_time", "ACB"),
            ("-on_time", "CAB"),
            ("workers", "CAB"),
            ("-workers", "ACB"),
        ],
    )
    def test_puts_what_is_not_known_last_whichever_way(self, sort: str, names: str) -> None:
        assert "".join(row["name"] for row in in_order([dict(r) for r in self.rows], sort)) == names
