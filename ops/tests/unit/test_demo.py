"""What the demonstration plans before any service hears of it."""

from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_gateway.identity.domain import check_password
from giatja_ops.demo.bulk import Sheet
from giatja_ops.demo.cast import PASSWORD, PLACES, accounts, names
from giatja_ops.demo.days import Calendar, identifier
from giatja_ops.demo.flow import Fault, Lot, Plan, work
from giatja_ops.demo.lapas_year import LapasYear
from giatja_ops.demo.scenes import SCENES

WIB = ZoneInfo("Asia/Jakarta")
STAGES = ("potong", "jahit", "qc", "lipat")


def a_plan(*, quantity: int = 60, share: float = 0.05, ends: int = 30) -> Plan:
    return Plan(
        lots=(Lot(line="a/1", quantity=quantity), Lot(line="a/2", quantity=quantity)),
        stages=STAGES,
        crew={stage: (f"{stage}1", f"{stage}2") for stage in STAGES},
        pace=dict.fromkeys(STAGES, 10),
        begins=1,
        ends=ends,
        faults=(
            Fault(stage="jahit", defect="jahitan_loncat", share=share),
            Fault(stage="qc", defect="noda", share=share, mended=False),
        ),
    )


class TestWork:
    @given(seed=st.integers(), quantity=st.integers(1, 80), share=st.floats(0, 0.4), ends=st.integers(1, 40))
    def test_makes_no_piece_that_did_not_wait_and_loses_none(
        self, seed: int, quantity: int, share: float, ends: int
    ) -> None:
        there = {(line, stage): 0 for line in ("a/1", "a/2") for stage in STAGES}
        there |= {("a/1", "potong"): quantity, ("a/2", "potong"): quantity}
        rework = dict.fromkeys(there, 0)
        finished = 0
        for tally in work(a_plan(quantity=quantity, share=share, ends=ends), Random(seed)):
            here = (tally.line, tally.stage)
            for made in tally.made:
                source = rework if made.from_rework else there
                source[here] -= made.good + made.reject + made.rework
                assert source[here] >= 0
                rework[here] += made.rework
                there[tally.line, "potong"] += made.reject
                assert (made.defect is not None) == (made.rework + made.reject > 0)
                if tally.stage == "lipat":
                    finished += made.good
                else:
                    there[tally.line, STAGES[STAGES.index(tally.stage) + 1]] += made.good
        assert sum(there.values()) + sum(rework.values()) + finished == 2 * quantity

    def test_ends_when_all_is_finished(self) -> None:
        tallies = list(work(a_plan(ends=200), Random(1)))

        assert sum(made.good for t in tallies if t.stage == "lipat" for made in t.made) == 120
        assert max(t.day for t in tallies) < 40

    def test_is_the_same_for_the_same_seed_and_leaves_the_plan_alone(self) -> None:
        plan = a_plan()

        assert list(work(plan, Random(7))) == list(work(plan, Random(7)))
        assert list(work(plan, Random(7))) != list(work(plan, Random(8)))


class TestCalendar:
    def test_counts_working_days_and_leaves_sundays_out(self) -> None:
        monday = date(2026, 11, 23)
        calendar = Calendar(today=monday, now=datetime(2026, 11, 23, 9, tzinfo=WIB), zone=WIB)

        assert calendar.day(0) == monday
        assert calendar.day(-1) == date(2026, 11, 21)
        assert calendar.day(6) == date(2026, 11, 30)

    def test_puts_nothing_after_the_moment_of_loading(self) -> None:
        now = datetime(2026, 11, 23, 0, 5, tzinfo=WIB)
        calendar = Calendar(today=now.date(), now=now, zone=WIB)

        assert calendar.on(0, "11:45") == now
        assert calendar.on(-1, "11:45") < now

    def test_gives_identifiers_that_sort_by_their_moment(self) -> None:
        first = datetime(2026, 11, 23, 9, tzinfo=WIB)
        found = [identifier(first + timedelta(minutes=n), "output", n) for n in range(50)]

        assert found == sorted(found)
        assert {one.version for one in found} == {7}
        assert found[3] == identifier(first + timedelta(minutes=3), "output", 3)


class TestCast:
    def test_has_a_password_that_the_rules_accept_for_everybody(self) -> None:
        for one in accounts():
            check_password(PASSWORD, username=one.username)

    def test_gives_each_inmate_of_a_lapas_another_name(self) -> None:
        assert len(set(islice(names(Random(1)), 500))) == 500


class TestScenes:
    @pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.code)
    def test_put_everybody_who_works_into_the_register_with_a_permission(self, scene: object) -> None:
        known = {i.key: i.permit for i in scene.inmates}  # type: ignore[attr-defined]
        crew = {key for plan in scene.plans for keys in plan.crew.values() for key in keys}  # type: ignore[attr-defined]

        assert {known[key] for key in crew} <= {"works", "expires_soon", "limited"}

    @pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.code)
    def test_plan_the_pieces_that_were_ordered(self, scene: object) -> None:
        ordered = {
            f"{order.key}/{nth}": sum(cell[2] for cell in line.cells)
            for order in scene.orders  # type: ignore[attr-defined]
            for nth, line in enumerate(order.lines, start=1)
        }
        planned: dict[str, int] = {}
        for plan in scene.plans:  # type: ignore[attr-defined]
            for lot in plan.lots:
                planned[lot.line] = planned.get(lot.line, 0) + lot.quantity

        assert planned == {line: ordered[line] for line in planned}


class TestLapasYear:
    def test_is_the_same_for_the_same_seed_and_day(self) -> None:
        assert a_year(seed=3).rows("output") == a_year(seed=3).rows("output")
        assert a_year(seed=3).rows("output") != a_year(seed=4).rows("output")

    def test_makes_no_two_rows_with_one_identifier(self) -> None:
        sheet = a_year(seed=3)
        output, credit = ([row[1] for row in sheet.rows(table)] for table in ("output", "credit"))

        assert len(set(output) | set(credit)) == len(output) + len(credit) > 1000


def a_year(*, seed: int) -> Sheet:
    calendar = Calendar(today=date(2026, 11, 23), now=datetime(2026, 11, 23, 9, tzinfo=WIB), zone=WIB)
    year = LapasYear(
        place=PLACES[0], nth=0, calendar=calendar, random=Random(seed), inmates=30, workers=20, days=40, orders=20
    )
    return year.sheets()["production"]
