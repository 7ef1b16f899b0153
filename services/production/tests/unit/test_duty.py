"""Whose turn it is; no I/O."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giatja_kit.ids import new_id
from giatja_production.duty.domain import (
    GRADES,
    Candidate,
    Choice,
    Diary,
    Had,
    HeadcountUnexplained,
    Officer,
    OfficerOnDutyThatDay,
    OfficerOnLeave,
    OfficerRankTooLow,
    OfficerResting,
    PeriodMalformed,
    Post,
    ShiftLog,
    ShiftLogAlreadyClosed,
    Slot,
    ToolsDiffer,
    Turn,
    TurnHasPassed,
    TurnNotForCover,
    fairness,
    grade_of,
    must_be_able,
    must_be_period,
    propose,
    rank_of,
)
from giatja_production.output.domain import Shift

MONDAY = date(2025, 2, 3)
WORKSHOPS = tuple(UUID(int=n) for n in (1, 2))
PEOPLE = tuple(UUID(int=100 + n) for n in range(12))


def a_slot(
    day: int = 0, shift: Shift = Shift.MORNING, *, workshop: int = 0, place: int = 1, rank: int | None = None
) -> Slot:
    return Slot(
        work_date=MONDAY + timedelta(days=day),
        shift=shift,
        workshop_id=WORKSHOPS[workshop],
        place=place,
        lowest_rank=rank,
    )


def counts(choices: list[Choice], officers: list[Candidate]) -> list[int]:
    return [sum(c.officer_id == o.id for c in choices) for o in officers]


@st.composite
def rosters(draw: st.DrawFn) -> tuple[list[Slot], list[Candidate], list[Had]]:
    """Draw two weeks of places, people with leave and rank, and some turns that are settled."""
    days = range(draw(st.integers(1, 14)))
    shifts = draw(st.lists(st.sampled_from(list(Shift)), min_size=1, max_size=3, unique=True))
    needed = draw(st.integers(1, 2))
    ranks = st.one_of(st.none(), st.integers(5, 9))
    slots = [
        a_slot(day, shift, workshop=workshop, place=place, rank=draw(ranks) if place == 1 else None)
        for day in days
        for shift in shifts
        for workshop in range(draw(st.integers(1, 2)))
        for place in range(1, needed + 1)
    ]
    people = draw(st.integers(1, len(PEOPLE)))
    leave = st.tuples(st.integers(0, 13), st.integers(0, 5)).map(
        lambda d: (MONDAY + timedelta(days=d[0]), MONDAY + timedelta(days=d[0] + d[1]))
    )
    officers = [
        Candidate(id=PEOPLE[n], rank=draw(st.integers(4, 10)), leave=tuple(draw(st.lists(leave, max_size=2))))
        for n in range(people)
    ]
    settled = draw(st.lists(st.tuples(st.integers(0, people - 1), st.integers(-5, 14)), max_size=6, unique=True))
    turns = [Had(officer_id=PEOPLE[n], slot=a_slot(day, workshop=0, place=9)) for n, day in settled]
    return slots, officers, turns


class TestPropose:
    @given(rosters())
    @settings(max_examples=120, deadline=None)
    def test_never_doubles_a_shift_nor_breaks_leave_rank_or_rest(
        self, drawn: tuple[list[Slot], list[Candidate], list[Had]]
    ) -> None:
        slots, officers, turns = drawn
        choices = propose(slots, officers, turns)
        assert sorted(c.slot.moment for c in choices) == sorted(s.moment for s in slots)
        by_id = {o.id: o for o in officers}
        days: dict[UUID, list[tuple[date, Shift]]] = {}
        for had in turns:
            days.setdefault(had.officer_id, []).append((had.slot.work_date, had.slot.shift))
        for choice in choices:
            if choice.officer_id is None:
                continue
            officer, slot = by_id[choice.officer_id], choice.slot
            assert not any(first <= slot.work_date <= last for first, last in officer.leave)
            assert slot.lowest_rank is None or officer.rank >= slot.lowest_rank
            days.setdefault(officer.id, []).append((slot.work_date, slot.shift))
        for stood in days.values():
            assert len({day for day, _ in stood}) == len(stood)
            nights = {day for day, shift in stood if shift is Shift.NIGHT}
            assert not any(day - timedelta(days=1) in nights for day, _ in stood)

    @given(rosters())
    @settings(max_examples=80, deadline=None)
    def test_leaves_a_place_empty_only_if_everybody_is_barred_and_says_why(
        self, drawn: tuple[list[Slot], list[Candidate], list[Had]]
    ) -> None:
        slots, officers, turns = drawn
        for choice in propose(slots, officers, turns):
            because = {o["officer_id"]: o["because"] for o in choice.why["others"]}
            assert len(because) == len(officers) - (choice.officer_id is not None)
            assert set(because.values()) <= {"leave", "rank", "same_day", "rest", "later"}
            if choice.officer_id is None:
                assert "later" not in because.values()
                assert choice.why["able"] == 0

    @given(
        officers=st.integers(1, 12),
        a_day=st.integers(1, 6),
        days=st.integers(1, 31),
        history=st.lists(st.integers(-20, -1), max_size=12, unique=True),
    )
    @settings(max_examples=120, deadline=None)
    def test_spreads_turns_within_one_of_each_other_where_everybody_is_there(
        self, officers: int, a_day: int, days: int, history: list[int]
    ) -> None:
        a_day = min(a_day, officers)
        places = [(Shift.MORNING, 0), (Shift.MORNING, 1), (Shift.AFTERNOON, 0), (Shift.AFTERNOON, 1)]
        slots = [
            a_slot(day, *places[n % 4][:1], workshop=places[n % 4][1], place=1 + n // 4)
            for day in range(days)
            for n in range(a_day)
        ]
        people = [Candidate(id=PEOPLE[n], rank=5) for n in range(officers)]
        turns = [Had(officer_id=PEOPLE[n % officers], slot=a_slot(day)) for n, day in enumerate(history)]
        found = fairness(counts(propose(slots, people, turns), people))
        assert found.spread <= 1
        assert found.most * officers >= len(slots)

    @given(rosters(), st.randoms())
    @settings(max_examples=40, deadline=None)
    def test_answers_the_same_in_whatever_sequence_it_is_asked(
        self, drawn: tuple[list[Slot], list[Candidate], list[Had]], random: object
    ) -> None:
        slots, officers, turns = drawn
        expected = propose(slots, officers, turns)
        for things in (slots, officers, turns):
            random.shuffle(things)  # type: ignore[attr-defined]
        assert propose(slots, officers, turns) == expected

    def test_gives_the_turn_to_whoever_had_theirs_longest_ago(self) -> None:
        people = [Candidate(id=PEOPLE[n], rank=5) for n in range(3)]
        turns = [Had(officer_id=PEOPLE[n], slot=a_slot(day)) for n, day in ((0, -1), (1, -9), (2, -4))]
        [choice] = propose([a_slot()], people, turns)
        assert choice.officer_id == PEOPLE[1]
        assert (choice.why["last"], choice.why["turns"], choice.why["able"]) == ("2025-01-25", 0, 3)
        assert [o["because"] for o in choice.why["others"]] == ["later", "later"]

    def test_takes_back_from_leave_once_and_not_to_make_up_for_it(self) -> None:
        away = Candidate(id=PEOPLE[0], rank=5, leave=((MONDAY, MONDAY + timedelta(days=9)),))
        others = [Candidate(id=PEOPLE[n], rank=5) for n in (1, 2)]
        chosen = [c.officer_id for c in propose([a_slot(day) for day in range(16)], [away, *others], [])]
        assert chosen[10] == PEOPLE[0]
        assert counts_of(chosen[10:]) == {PEOPLE[0]: 2, PEOPLE[1]: 2, PEOPLE[2]: 2}


def counts_of(chosen: list[UUID | None]) -> dict[UUID | None, int]:
    return {one: chosen.count(one) for one in set(chosen)}


class TestPost:
    def test_asks_for_a_senior_at_its_first_place(self) -> None:
        post = Post(
            lapas_id="PKL", id=new_id(), workshop_id=WORKSHOPS[0], shift="pagi", weekdays=[1, 2], officers=3,
            lowest_rank=rank_of("II/a"), senior_rank=rank_of("III/a"),
        )  # fmt: skip
        assert [grade_of(s.lowest_rank) for s in post.slots(MONDAY)] == ["III/a", "II/a", "II/a"]
        assert post.slots(MONDAY + timedelta(days=2)) == []

    def test_is_empty_when_it_is_not_used(self) -> None:
        post = Post(
            lapas_id="PKL", id=new_id(), workshop_id=WORKSHOPS[0], shift="pagi", weekdays=[1], officers=1,
            lowest_rank=None, senior_rank=None, active=False,
        )  # fmt: skip
        assert post.slots(MONDAY) == []


class TestGrades:
    def test_are_compared_by_rank(self) -> None:
        assert [grade_of(rank_of(g)) for g in GRADES] == list(GRADES)
        assert rank_of("II/d") < rank_of("III/a") < rank_of("IV/e")
        assert grade_of(None) is None


def an_officer(rank: int = 5) -> Officer:
    return Officer(lapas_id="PKL", id=PEOPLE[0], person_id=None, name="Sutrisno", rank=rank)


class TestStanding:
    def test_is_refused_by_leave_rank_a_second_shift_and_rest_after_a_night(self) -> None:
        night = Diary.of([Had(officer_id=PEOPLE[0], slot=a_slot(0, Shift.NIGHT))])
        for diary, leave, slot, refusal in (
            (Diary(), [(MONDAY, MONDAY)], a_slot(), OfficerOnLeave),
            (Diary(), [], a_slot(rank=9), OfficerRankTooLow),
            (night, [], a_slot(), OfficerOnDutyThatDay),
            (night, [], a_slot(1), OfficerResting),
            (Diary.of([Had(officer_id=PEOPLE[0], slot=a_slot(1))]), [], a_slot(0, Shift.NIGHT), OfficerResting),
        ):
            with pytest.raises(refusal):
                must_be_able(an_officer(), leave, slot, diary)
        must_be_able(an_officer(), [], a_slot(2), night)


def a_turn(**more: object) -> Turn:
    return Turn(
        lapas_id="PKL", id=new_id(), workshop_id=WORKSHOPS[0], work_date=MONDAY, shift="pagi", place=1,
        lowest_rank=None, officer_id=PEOPLE[0], **more,  # type: ignore[arg-type]
    )  # fmt: skip


class TestTurn:
    def test_is_changed_by_hand_until_it_has_passed(self) -> None:
        turn = a_turn()
        turn.assign(PEOPLE[1], today=MONDAY)
        assert (turn.officer_id, turn.by_hand) == (PEOPLE[1], True)
        with pytest.raises(TurnHasPassed):
            turn.assign(PEOPLE[0], today=MONDAY + timedelta(days=1))

    def test_counts_for_who_stood_in_and_remembers_whose_it_was(self) -> None:
        turn = a_turn(state="published")
        turn.cover(PEOPLE[1], today=MONDAY + timedelta(days=2))
        turn.cover(PEOPLE[2], today=MONDAY + timedelta(days=2))
        assert (turn.officer_id, turn.stands_in_for) == (PEOPLE[2], PEOPLE[0])
        turn.cover(PEOPLE[0], today=MONDAY)
        assert (turn.officer_id, turn.stands_in_for) == (PEOPLE[0], None)

    def test_is_covered_once_published_and_not_long_after(self) -> None:
        for turn, today in ((a_turn(), MONDAY), (a_turn(state="published"), MONDAY + timedelta(days=8))):
            with pytest.raises(TurnNotForCover):
                turn.cover(PEOPLE[1], today=today)


class TestPeriod:
    def test_is_some_days_and_not_too_many(self) -> None:
        must_be_period(MONDAY, MONDAY)
        for last in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=62)):
            with pytest.raises(PeriodMalformed):
                must_be_period(MONDAY, last)


class TestShiftLog:
    def test_closes_when_tools_agree_and_people_are_explained_and_never_changes_after(self) -> None:
        at = datetime(2025, 2, 3, 5, tzinfo=UTC)
        log = ShiftLog(
            lapas_id="PKL", id=new_id(), workshop_id=WORKSHOPS[0], work_date=MONDAY, shift="pagi", head_start=16,
            tools_start=20, gear="", notes="", opened_at=at, opened_by="petugas:1",
        )  # fmt: skip

        def close(*, head: int, tools: int, why: str = "") -> None:
            log.close(
                head_end=head, present=16, tools_end=tools, tools_expected=20, difference=why, handover="",
                by="petugas:1", at=at,
            )  # fmt: skip

        with pytest.raises(ToolsDiffer):
            close(head=16, tools=19)
        with pytest.raises(HeadcountUnexplained):
            close(head=15, tools=20)
        close(head=15, tools=20, why="satu orang ke klinik")
        assert (log.state, log.head_end, log.present) == ("closed", 15, 16)
        with pytest.raises(ShiftLogAlreadyClosed):
            log.change(head_start=1, tools_start=1, gear="", notes="", handover="")
