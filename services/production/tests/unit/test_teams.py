"""How a team shares what it made, and what a device's clock may say; no I/O."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_kit.errors import Refusal
from giatja_production.floor.domain import (
    Member,
    MemberTwice,
    NoHoursMarked,
    PointsMissing,
    PointsNotUsed,
    SharingKey,
    Team,
    clock_off,
    share,
)

DAY = date(2025, 2, 10)
WEIGHTS = st.lists(st.integers(1, 500), min_size=1, max_size=30)


def inmates(count: int) -> list[UUID]:
    return [UUID(int=n + 1) for n in range(count)]


class TestShare:
    @given(pieces=st.integers(0, 5000), weights=WEIGHTS, start=st.integers(0, 60))
    def test_gives_every_piece_to_somebody_and_nobody_more_than_one_beyond_their_part(
        self, pieces: int, weights: list[int], start: int
    ) -> None:
        parts = share(pieces, weights, start=start % len(weights))
        assert sum(parts) == pieces
        total = sum(weights)
        for part, weight in zip(parts, weights, strict=True):
            assert pieces * weight // total <= part <= -(-pieces * weight // total)

    @given(pieces=st.integers(0, 400), count=st.integers(2, 12))
    def test_is_fair_over_as_many_days_as_the_team_has_members(self, pieces: int, count: int) -> None:
        sums = [0] * count
        for day in range(count):
            for nth, part in enumerate(share(pieces, [1] * count, start=day)):
                sums[nth] += part
        assert max(sums) == min(sums) == pieces

    def test_gives_the_odd_piece_to_the_largest_remainder(self) -> None:
        assert share(10, [1, 1, 2]) == [3, 2, 5]
        assert share(7, [300, 100]) == [5, 2]


class TestTeam:
    @given(
        good=st.integers(1, 900),
        reject=st.integers(0, 40),
        hours=st.lists(st.integers(1, 480), min_size=2, max_size=15),
    )
    def test_shares_each_kind_of_pieces_whole(self, good: int, reject: int, hours: list[int]) -> None:
        ids = inmates(len(hours))
        team = Team(
            members=[Member(inmate_id=i) for i in ids], key=SharingKey.HOURS, good=good, reject=reject, defect="x"
        )
        shared = team.shared(minutes=dict(zip(ids, hours, strict=True)), work_date=DAY, at="/teams/0")
        assert sum(s.good for s in shared) == good
        assert sum(s.reject for s in shared) == reject
        assert {s.inmate_id: s.weight for s in shared} == dict(zip(ids, hours, strict=True))

    def test_by_points_gives_who_has_more_more(self) -> None:
        one, two = inmates(2)
        members = [Member(inmate_id=one, points=3), Member(inmate_id=two, points=1)]
        shared = Team(members=members, key=SharingKey.POINTS, good=8).shared(minutes={}, work_date=DAY, at="/teams/0")
        assert {s.inmate_id: s.good for s in shared} == {one: 6, two: 2}

    @pytest.mark.parametrize(
        ("members", "key", "refusal"),
        [
            ([Member(inmate_id=UUID(int=1)), Member(inmate_id=UUID(int=1))], SharingKey.EQUAL, MemberTwice),
            (
                [Member(inmate_id=UUID(int=1), points=2), Member(inmate_id=UUID(int=2))],
                SharingKey.POINTS,
                PointsMissing,
            ),
            ([Member(inmate_id=UUID(int=1), points=2), Member(inmate_id=UUID(int=2))], SharingKey.EQUAL, PointsNotUsed),
            ([Member(inmate_id=UUID(int=1)), Member(inmate_id=UUID(int=2))], SharingKey.HOURS, NoHoursMarked),
        ],
    )
    def test_is_refused_where_its_key_has_nothing_to_go_by(
        self, members: list[Member], key: SharingKey, refusal: type[Refusal]
    ) -> None:
        with pytest.raises(refusal) as refused:
            Team(members=members, key=key, good=5).shared(minutes={UUID(int=1): 60}, work_date=DAY, at="/teams/3")
        assert str(refused.value.field).startswith("/teams/3/members/")


class TestClockOff:
    NOW = datetime(2025, 2, 10, 3, 0, tzinfo=UTC)

    def test_is_only_told_beyond_ten_minutes(self) -> None:
        assert clock_off(None, self.NOW) is None
        assert clock_off(self.NOW + timedelta(minutes=10), self.NOW) is None
        assert clock_off(self.NOW + timedelta(minutes=11), self.NOW) == 11
        assert clock_off(self.NOW - timedelta(hours=7), self.NOW) == -420
