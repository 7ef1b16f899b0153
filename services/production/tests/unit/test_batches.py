"""Plant batches: what is counted adds up whatever happens, and each step has its refusal."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.batches.domain import (
    Allocation,
    AllocationNotForSale,
    AllocationNotHandedOut,
    AllocationSettled,
    AllocationWithoutPaper,
    Batch,
    BatchEnded,
    BatchNotReady,
    CauseUnknown,
    DayBeforeStage,
    DayBeforeStart,
    DayInFuture,
    Growth,
    HarvestedAlready,
    MoreThanLiving,
    MoreThanStock,
    Purpose,
    StageRepeated,
    StageTheSame,
    StageUnknown,
    State,
    StockAlreadyTaken,
    check_paper,
    check_stages,
)

STARTED = date(2026, 3, 2)
TODAY = STARTED + timedelta(days=40)
STAGES = tuple(Growth(name=name, name_en=name) for name in ("Pembibitan", "Pindah pot", "Siap jual"))


def a_batch(started: int = 100, *, stage_no: int = 1, stages: Sequence[Growth] = STAGES) -> Batch:
    batch = Batch(
        lapas_id="PKL",
        id=new_id(),
        code="TAN-2026-001",
        workshop_id=new_id(),
        plant="Anthurium",
        origin="biji",
        unit="pot",
        started_on=STARTED,
        started=started,
        stages=tuple(stages),
        entered_on=STARTED,
        note="",
        living=started,
    )
    if stage_no > 1:
        batch.move(stage_no, day=STARTED, today=TODAY)
    return batch


def lose(batch: Batch, pieces: int, cause: str = "mati") -> None:
    batch.lose(pieces, cause=cause, causes={"mati"}, day=TODAY, today=TODAY)


def harvest(batch: Batch, pieces: int) -> None:
    batch.harvest(pieces, day=TODAY, today=TODAY)


class TestBatch:
    def test_is_ready_at_its_last_stage_and_sold_out_with_its_last_pot(self) -> None:
        batch, states = a_batch(10), []
        states.append(batch.state)
        batch.move(3, day=TODAY, today=TODAY)
        states.append(batch.state)
        lose(batch, 2)
        harvest(batch, 8)
        batch.reserve(8)
        states.append(batch.state)
        assert states == [State.GROWING, State.READY, State.READY]
        batch.hand_out(8, today=TODAY)
        assert (batch.state, batch.ended_on) == (State.SOLD_OUT, TODAY)

    def test_is_lost_when_nothing_lives_and_nothing_was_harvested(self) -> None:
        batch = a_batch(5)
        lose(batch, 5)
        assert (batch.state, batch.ended_on) == (State.LOST, TODAY)
        batch.find_again(1, today=TODAY)
        assert (batch.state, batch.ended_on, batch.living) == (State.GROWING, None, 1)

    def test_goes_on_when_what_was_handed_out_comes_back(self) -> None:
        batch = a_batch(5, stage_no=3)
        harvest(batch, 5)
        batch.reserve(5)
        batch.hand_out(5, today=TODAY)
        batch.take_back(5, today=TODAY)
        assert (batch.state, batch.reserved, batch.sold, batch.ended_on) == (State.READY, 5, 0, None)

    def test_refuses_what_happened_on_no_day_of_its_life(self) -> None:
        batch = a_batch()
        with pytest.raises(DayInFuture):
            batch.must_take(TODAY + timedelta(days=1), today=TODAY)
        with pytest.raises(DayBeforeStart):
            batch.must_take(STARTED - timedelta(days=1), today=TODAY)
        lose(batch, 100)
        with pytest.raises(BatchEnded):
            lose(batch, 1)

    def test_refuses_a_stage_it_cannot_come_to(self) -> None:
        batch = a_batch(stage_no=2)
        batch.move(3, day=TODAY, today=TODAY)
        with pytest.raises(StageUnknown):
            batch.move(4, day=TODAY, today=TODAY)
        with pytest.raises(StageTheSame):
            batch.move(3, day=TODAY, today=TODAY)
        with pytest.raises(DayBeforeStage):
            batch.move(2, day=STARTED, today=TODAY)
        harvest(batch, 1)
        with pytest.raises(HarvestedAlready):
            batch.move(2, day=TODAY, today=TODAY)

    def test_refuses_more_than_there_is(self) -> None:
        batch = a_batch(10)
        with pytest.raises(BatchNotReady):
            harvest(batch, 1)
        with pytest.raises(CauseUnknown):
            lose(batch, 1, cause="dicuri")
        batch.move(3, day=TODAY, today=TODAY)
        with pytest.raises(MoreThanLiving):
            harvest(batch, 11)
        harvest(batch, 6)
        with pytest.raises(MoreThanStock):
            batch.reserve(7)
        batch.reserve(5)
        with pytest.raises(StockAlreadyTaken):
            batch.plant_again(2, today=TODAY)

    def test_has_no_two_stages_of_one_name(self) -> None:
        with pytest.raises(StageRepeated):
            check_stages([Growth(name="Semai", name_en="Sowing"), Growth(name="semai", name_en="Sowing")])


class TestAllocation:
    def an_allocation(self) -> Allocation:
        return Allocation(
            lapas_id="PKL",
            id=new_id(),
            batch_id=new_id(),
            pieces=3,
            purpose="sale",
            work_order_id=None,
            document="Kuitansi 12",
            allocated_on=TODAY,
            allocated_by="person-1",
        )

    @pytest.mark.parametrize("first", ["sold", "released"])
    def test_is_settled_once(self, first: str) -> None:
        allocation = self.an_allocation()
        allocation.settle(first, today=TODAY)
        with pytest.raises(AllocationSettled):
            allocation.settle("sold", today=TODAY)

    def test_comes_back_only_if_it_left(self) -> None:
        allocation = self.an_allocation()
        with pytest.raises(AllocationNotHandedOut):
            allocation.take_back()
        allocation.settle("sold", today=TODAY)
        allocation.take_back()
        assert (allocation.state, allocation.settled_on) == ("reserved", None)

    def test_says_why_it_leaves(self) -> None:
        some: UUID = new_id()
        with pytest.raises(AllocationWithoutPaper):
            check_paper(work_order_id=None, document="", purpose=Purpose.SALE)
        with pytest.raises(AllocationNotForSale):
            check_paper(work_order_id=some, document="", purpose=Purpose.DAMAGED)
        check_paper(work_order_id=some, document="", purpose=Purpose.SALE)
        check_paper(work_order_id=None, document="Berita acara 3", purpose=Purpose.OWN_USE)


class ABatchSomebodyTends(RuleBasedStateMachine):
    """Whatever is asked for, allowed or refused, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.batch = a_batch(40)
        self.losses: list[int] = []
        self.harvests: list[int] = []
        self.reserved: list[int] = []
        self.sold: list[int] = []

    @rule(stage_no=st.integers(0, 4))
    def move(self, stage_no: int) -> None:
        self._try(lambda: self.batch.move(stage_no, day=TODAY, today=TODAY))

    @rule(pieces=st.integers(1, 25))
    def lose(self, pieces: int) -> None:
        if self._try(lambda: lose(self.batch, pieces)):
            self.losses.append(pieces)

    @rule(pieces=st.integers(1, 25))
    def harvest(self, pieces: int) -> None:
        if self._try(lambda: harvest(self.batch, pieces)):
            self.harvests.append(pieces)

    @rule(pieces=st.integers(1, 15))
    def reserve(self, pieces: int) -> None:
        if self._try(lambda: self.batch.reserve(pieces)):
            self.reserved.append(pieces)

    @precondition(lambda self: self.reserved)
    @rule()
    def hand_out(self) -> None:
        self.sold.append(self.reserved.pop())
        self.batch.hand_out(self.sold[-1], today=TODAY)

    @precondition(lambda self: self.reserved)
    @rule()
    def release(self) -> None:
        self.batch.release(self.reserved.pop())

    @precondition(lambda self: self.sold)
    @rule()
    def take_back(self) -> None:
        self.reserved.append(self.sold.pop())
        self.batch.take_back(self.reserved[-1], today=TODAY)

    @precondition(lambda self: self.losses)
    @rule()
    def find_again(self) -> None:
        self.batch.find_again(self.losses.pop(), today=TODAY)

    @precondition(lambda self: self.harvests)
    @rule()
    def plant_again(self) -> None:
        if self._try(lambda: self.batch.plant_again(self.harvests[-1], today=TODAY)):
            self.harvests.pop()

    @staticmethod
    def _try(act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except Refusal:
            return False
        return True

    @invariant()
    def everything_is_somewhere(self) -> None:
        b = self.batch
        assert b.started == b.living + b.lost + b.harvested
        assert b.harvested == b.free + b.reserved + b.sold
        assert min(b.living, b.lost, b.harvested, b.free, b.reserved, b.sold) >= 0
        assert (b.lost, b.harvested) == (sum(self.losses), sum(self.harvests))
        assert (b.reserved, b.sold) == (sum(self.reserved), sum(self.sold))

    @invariant()
    def its_state_follows_from_what_is_left(self) -> None:
        b = self.batch
        ended = b.living == 0 and b.harvested == b.sold
        assert (b.ended_on is not None) == ended
        if ended:
            assert b.state is (State.SOLD_OUT if b.harvested else State.LOST)
        else:
            assert b.state is (State.READY if b.stage_no == len(b.stages) else State.GROWING)


TestABatchSomebodyTends = ABatchSomebodyTends.TestCase
