"""The rules of the register."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_training.facts import InmateChanged
from giatja_training.inmates.domain import (
    DayInFuture,
    Inmate,
    InmateHasLeft,
    InmateNotAdult,
    InmateNotFit,
    adult_on,
)

TODAY = date(2025, 6, 1)
ID = UUID("019a0000-0000-7000-8000-000000000051")


def an_inmate(**other: Any) -> Inmate:
    given_ = {
        "lapas_id": "PKL",
        "id": ID,
        "register_number": "B.I. 1",
        "name": "Contoh Satu",
        "date_of_birth": date(1990, 5, 1),
    }
    return Inmate(**{**given_, **other})


def unchanged(inmate: Inmate, **other: Any) -> dict[str, Any]:
    particulars = ("register_number", "name", "date_of_birth", "expected_release", "block", "fitness")
    return {**{p: getattr(inmate, p) for p in particulars}, "today": TODAY, **other}


class TestAdultOn:
    def test_is_the_eighteenth_birthday(self) -> None:
        assert adult_on(date(2007, 6, 17)) == date(2025, 6, 17)

    def test_of_29_february_is_1_march(self) -> None:
        assert adult_on(date(2008, 2, 29)) == date(2026, 3, 1)

    @given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
    def test_never_comes_before_eighteen_full_years(self, born: date) -> None:
        grown = adult_on(born)
        assert (grown.year - born.year) == 18
        assert (grown.month, grown.day) >= (born.month, born.day)


class TestRegistered:
    def test_tells_the_day_of_adulthood_and_not_who_it_is(self) -> None:
        fact = an_inmate().registered(today=TODAY)
        assert fact.data() == {"inmate_id": str(ID), "adult_on": "2008-05-01", "fitness": "fit"}

    def test_refuses_a_birth_after_today(self) -> None:
        with pytest.raises(DayInFuture):
            an_inmate(date_of_birth=date(2025, 6, 2)).registered(today=TODAY)


class TestChange:
    def test_tells_nothing_that_does_not_concern_work(self) -> None:
        inmate = an_inmate()
        assert inmate.change(**unchanged(inmate, name="Contoh Dua", block="B2")) == ()
        assert (inmate.name, inmate.block) == ("Contoh Dua", "B2")

    def test_tells_a_new_fitness(self) -> None:
        inmate = an_inmate()
        assert inmate.change(**unchanged(inmate, fitness="not_fit")) == (
            InmateChanged(inmate_id=ID, adult_on=date(2008, 5, 1), fitness="not_fit"),
        )

    def test_refuses_to_change_somebody_who_left(self) -> None:
        inmate = an_inmate()
        inmate.leave(on=TODAY, reason="release", today=TODAY)
        with pytest.raises(InmateHasLeft):
            inmate.change(**unchanged(inmate, name="Lain"))


class TestMustBeAbleToWork:
    def test_refuses_the_day_before_eighteen_and_allows_the_birthday(self) -> None:
        inmate = an_inmate(date_of_birth=date(2007, 6, 17))
        with pytest.raises(InmateNotAdult):
            inmate.must_be_able_to_work(on=date(2025, 6, 16))
        inmate.must_be_able_to_work(on=date(2025, 6, 17))

    def test_refuses_whoever_is_not_fit_and_allows_limited(self) -> None:
        with pytest.raises(InmateNotFit):
            an_inmate(fitness="not_fit").must_be_able_to_work(on=TODAY)
        an_inmate(fitness="limited").must_be_able_to_work(on=TODAY)

    def test_refuses_whoever_left(self) -> None:
        inmate = an_inmate()
        inmate.leave(on=TODAY, reason="transfer", today=TODAY)
        with pytest.raises(InmateHasLeft):
            inmate.must_be_able_to_work(on=TODAY)


class TestLeave:
    def test_refuses_a_second_time_and_a_day_to_come(self) -> None:
        inmate = an_inmate()
        with pytest.raises(DayInFuture):
            inmate.leave(on=date(2025, 6, 2), reason="release", today=TODAY)
        inmate.leave(on=TODAY, reason="release", today=TODAY)
        assert (inmate.status, inmate.left_on) == ("released", TODAY)
        with pytest.raises(InmateHasLeft):
            inmate.leave(on=TODAY, reason="release", today=TODAY)
