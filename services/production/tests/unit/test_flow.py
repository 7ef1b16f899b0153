"""How pieces flow and are credited, in every order of events hypothesis can think of; no I/O."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from giatja_kit.ids import new_id
from giatja_production.output.domain import (
    Balance,
    Credit,
    CreditShort,
    Entry,
    Flow,
    Made,
    MoreThanReleased,
    MoreThanRework,
    Passing,
    PiecesMovedOn,
    Portion,
    credit_passed,
)
from giatja_production.work_orders.domain import Cell

CELLS = (
    Cell(no=1, size="S", colour="putih", quantity=4),
    Cell(no=2, size="M", colour="putih", quantity=3),
    Cell(no=3, size="M", colour="biru", quantity=5),
)
QUANTITY = 12
STAGES = 4
QUALITY = 3
DAY = date(2025, 2, 10)
INMATES = tuple(new_id() for _ in range(3))


def a_flow(cells: tuple[Cell, ...] = CELLS, stages: int = STAGES) -> Flow:
    return Flow(cells=cells, stages=["-"] * stages, balances={(1, c.no): Balance(waiting=c.quantity) for c in cells})


def an_entry(**more: object) -> Entry:
    return Entry(**{"inmate_id": INMATES[0], "good": 1, **more})  # type: ignore[arg-type]


class Book:
    """What the database keeps: outputs in the order they were recorded, and what of each is credited."""

    def __init__(self) -> None:
        self.rows: list[Made] = []
        self.entries: list[tuple[int, Entry, list[Portion], list[Made]]] = []
        self.credited: dict[tuple[UUID, int], int] = {}

    def uncredited(self) -> list[Made]:
        rows = [
            Made(
                output_id=r.output_id,
                cell_no=r.cell_no,
                stage_no=r.stage_no,
                inmate_id=r.inmate_id,
                work_date=r.work_date,
                uncredited=r.uncredited - self.credited.get((r.output_id, r.cell_no), 0),
            )
            for r in self.rows
        ]
        return [r for r in rows if r.uncredited and r.stage_no < QUALITY]

    def take(self, credits_: list[Credit]) -> None:
        for one in credits_:
            key = (one.made.output_id, one.made.cell_no)
            self.credited[key] = self.credited.get(key, 0) + one.pieces


class Floor(RuleBasedStateMachine):
    """Officers record, mend and take back whatever they like; what is refused must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = a_flow()
        self.book = Book()

    @rule(
        stage=st.integers(1, STAGES),
        who=st.sampled_from(INMATES),
        good=st.integers(0, 6),
        rework=st.integers(0, 2),
        reject=st.integers(0, 2),
        from_rework=st.booleans(),
        size=st.sampled_from([None, "S", "M"]),
    )
    def record(
        self, stage: int, who: UUID, good: int, rework: int, reject: int, from_rework: bool, size: str | None
    ) -> None:
        entry = an_entry(
            inmate_id=who,
            good=good,
            rework=0 if from_rework else rework,
            reject=reject,
            from_rework=from_rework,
            size=size,
        )
        asked = entry.good + entry.rework + entry.reject
        source = "rework" if from_rework else "waiting"
        there = sum(getattr(self.flow.balance(stage, c.no), source) for c in CELLS if size is None or c.size == size)
        if asked > there:
            with pytest.raises((MoreThanReleased, MoreThanRework)) as refused:
                self.flow.record(stage, entry, at="/entries/0")
            assert there in refused.value.facts.values()
            return
        portions = self.flow.record(stage, entry, at="/entries/0")
        assert sum(p.good for p in portions) == good
        assert sum(p.rework for p in portions) == entry.rework
        assert sum(p.reject for p in portions) == reject
        output_id = new_id()
        made = [
            Made(
                output_id=output_id,
                cell_no=p.cell_no,
                stage_no=stage,
                inmate_id=who,
                work_date=DAY,
                uncredited=p.good,
            )
            for p in portions
        ]
        self.book.rows += made
        self.book.entries.append((stage, entry, portions, made))
        if stage == QUALITY:
            passed = [Passing(output_id=output_id, cell_no=p.cell_no, pieces=p.good) for p in portions if p.good]
            self.book.take(credit_passed(passed, self.book.uncredited(), stages=range(1, QUALITY)))

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if not self.book.entries:
            return
        nth = data.draw(st.integers(0, len(self.book.entries) - 1))
        stage, entry, portions, made = self.book.entries[nth]
        credited = any(self.book.credited.get((m.output_id, m.cell_no)) for m in made)
        if credited or (stage >= QUALITY and entry.good):
            return  # refused before the pieces are looked at
        trial = Flow(
            cells=CELLS,
            stages=["-"] * STAGES,
            balances={k: Balance(**vars(b)) for k, b in self.flow.balances.items()},
        )
        try:
            trial.take_back(stage, portions, from_rework=entry.from_rework)
        except PiecesMovedOn:
            return
        self.flow = trial
        del self.book.entries[nth]
        self.book.rows = [r for r in self.book.rows if r not in made]

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        totals = [self.flow.total(no) for no in range(1, STAGES + 1)]
        rejected = sum(t.reject for t in totals)
        standing = sum(t.waiting + t.rework for t in totals)
        assert QUANTITY + rejected == standing + totals[-1].good + rejected

    @invariant()
    def each_stage_and_cell_accounts_for_what_entered_it(self) -> None:
        for cell in CELLS:
            balances = [self.flow.balance(no, cell.no) for no in range(1, STAGES + 1)]
            entered = cell.quantity + sum(b.reject for b in balances)
            for balance in balances:
                assert balance.is_possible()
                assert entered == balance.waiting + balance.rework + balance.good + balance.reject
                entered = balance.good
            assert entered <= cell.quantity

    @invariant()
    def each_piece_that_passes_is_credited_once_at_each_earlier_stage(self) -> None:
        for cell in CELLS:
            passed = self.flow.balance(QUALITY, cell.no).good
            for stage in range(1, QUALITY):
                of_stage = {
                    (r.output_id, r.cell_no) for r in self.book.rows if (r.stage_no, r.cell_no) == (stage, cell.no)
                }
                assert sum(self.book.credited.get(key, 0) for key in of_stage) == passed
        made = {(r.output_id, r.cell_no): r.uncredited for r in self.book.rows}
        assert all(count <= made[key] for key, count in self.book.credited.items())


Floor.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestFloor = Floor.TestCase


class TestRecord:
    def test_fills_cells_in_grid_order(self) -> None:
        portions = a_flow().record(1, an_entry(good=5, rework=1, reject=3), at="")
        assert portions == [
            Portion(cell_no=1, good=4),
            Portion(cell_no=2, good=1, rework=1, reject=1),
            Portion(cell_no=3, reject=2),
        ]

    @pytest.mark.parametrize(
        ("good", "rework", "reject", "at"), [(13, 0, 0, "good"), (12, 1, 0, "rework"), (9, 2, 2, "reject")]
    )
    def test_names_the_field_that_is_too_much(self, good: int, rework: int, reject: int, at: str) -> None:
        with pytest.raises(MoreThanReleased) as refused:
            a_flow().record(1, an_entry(good=good, rework=rework, reject=reject), at="/entries/0")
        assert refused.value.field == f"/entries/0/{at}"


class TestCreditPassed:
    def test_credits_first_what_was_made_first(self) -> None:
        one, two = (
            Made(output_id=new_id(), cell_no=1, stage_no=1, inmate_id=i, work_date=DAY, uncredited=3)
            for i in INMATES[:2]
        )
        credits_ = credit_passed([Passing(output_id=new_id(), cell_no=1, pieces=4)], [one, two], stages=[1])
        assert [(c.made, c.pieces) for c in credits_] == [(one, 3), (two, 1)]

    def test_does_not_go_on_when_a_stage_made_too_little(self) -> None:
        with pytest.raises(CreditShort):
            credit_passed([Passing(output_id=new_id(), cell_no=1, pieces=1)], [], stages=[1])
