"""Bundles: their codes, how they are cut, and what happens to them in every order hypothesis can think of; no I/O."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from giatja_kit.ids import new_id
from giatja_production.bundles.domain import (
    CODE_LENGTH,
    SYMBOLS,
    Bundle,
    BundleMovedOn,
    CodeMistyped,
    Kind,
    Lay,
    NoSuchVariant,
    NotTheSamePlace,
    Passage,
    Stack,
    State,
    TooManyBundles,
    divide,
    make_code,
    read_code,
    stacks_of,
)
from giatja_production.output.domain import (
    Balance,
    Entry,
    Flow,
    Held,
    MoreThanReleased,
    PiecesBundledSince,
    PiecesInBundles,
    PiecesMovedOn,
)
from giatja_production.work_orders.domain import Cell

AT = datetime(2025, 2, 10, 3, tzinfo=UTC)
bodies = st.text(SYMBOLS, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


class TestCode:
    @given(bodies)
    def test_is_read_however_it_is_typed(self, body: str) -> None:
        code = make_code(body)
        for typed in (code, code.lower(), code.replace("-", ""), f" {code[:3]} {code[3:]}\r\n"):
            assert read_code(typed) == code
        assert read_code(code.replace("0", "O").replace("1", "l")) == code

    @given(bodies, st.integers(0, CODE_LENGTH), st.sampled_from(SYMBOLS))
    def test_with_one_wrong_character_is_refused(self, body: str, place: int, wrong: str) -> None:
        typed = make_code(body).replace("-", "")
        assume(typed[place] != wrong)
        with pytest.raises(CodeMistyped):
            read_code(typed[:place] + wrong + typed[place + 1 :])

    def test_with_two_neighbours_exchanged_is_nearly_always_refused(self) -> None:
        accepted = tried = 0
        for a in SYMBOLS:
            for b in SYMBOLS:
                typed = make_code(f"{a}{b}7M3Q").replace("-", "")
                if a != b:
                    tried += 1
                    try:
                        read_code(typed[1] + typed[0] + typed[2:])
                    except CodeMistyped:
                        continue
                    accepted += 1
        assert accepted / tried < 0.05

    @pytest.mark.parametrize("typed", ["", "-", "K7M3QF", "PKL-2026-0001", "K7M3QF-TT", "******-*", "ÄÄÄÄÄÄ-Ä"])
    def test_of_another_kind_is_refused(self, typed: str) -> None:
        with pytest.raises(CodeMistyped):
            read_code(typed)


CELLS: Final = {("S", "putih"): 1, ("M", "putih"): 2, ("M", "biru"): 3}


class TestCutting:
    def test_makes_a_heap_for_each_time_a_size_is_in_the_marker(self) -> None:
        lays = [Lay(colour="putih", plies=20, ratio={"S": 1, "M": 2}), Lay(colour="biru", plies=12, ratio={"M": 1})]
        heaps = stacks_of(lays, CELLS)
        assert [(h.cell_no, h.pieces) for h in heaps] == [(1, 20), (2, 20), (2, 20), (3, 12)]

    def test_of_a_size_the_order_has_not_is_refused_where_it_stands(self) -> None:
        with pytest.raises(NoSuchVariant) as refusal:
            stacks_of([Lay(colour="biru", plies=5, ratio={"S": 1})], CELLS)
        assert refusal.value.field == "/lays/0/ratio"

    def test_shares_garments_evenly_and_fills_a_dye_bath(self) -> None:
        heap = [Stack(cell_no=1, pieces=50)]
        assert [b.pieces for b in divide(heap, most=20, evenly=True)] == [17, 17, 16]
        assert [b.pieces for b in divide(heap, most=20, evenly=False)] == [20, 20, 10]

    @given(st.lists(st.integers(1, 300), max_size=8), st.integers(1, 60), st.booleans())
    def test_loses_no_piece_and_never_mixes_heaps(self, heaps: list[int], most: int, evenly: bool) -> None:
        stacks = [Stack(cell_no=n, pieces=p) for n, p in enumerate(heaps)]
        try:
            bundles = divide(stacks, most=most, evenly=evenly)
        except TooManyBundles:
            assert sum(-(-p // most) for p in heaps) > 500
            return
        assert all(0 < b.pieces <= most for b in bundles)
        sums = Counter[int]()
        for one in bundles:
            sums[one.cell_no] += one.pieces
        assert sums == dict(enumerate(heaps))
        if evenly:
            for n in range(len(heaps)):
                sizes = [b.pieces for b in bundles if b.cell_no == n]
                assert max(sizes) - min(sizes) <= 1

    def test_into_too_many_is_refused(self) -> None:
        with pytest.raises(TooManyBundles):
            divide([Stack(cell_no=1, pieces=501)], most=1, evenly=True)


def a_bundle(**more: object) -> Bundle:
    made = {
        "lapas_id": "PKL",
        "id": new_id(),
        "work_order_id": UUID(int=1),
        "no": 1,
        "code": make_code("K7M3QF"),
        "kind": Kind.BUNDLE,
        "cell_no": 1,
        "pieces": 10,
        "stage_no": 2,
        "made_at": AT,
    }
    return Bundle(**{**made, **more})  # type: ignore[arg-type]


class TestBundle:
    def record(self, bundle: Bundle, **counts: int) -> tuple[Passage, Bundle | None]:
        given = {"good": 0, "rework": 0, "reject": 0, **counts}
        return bundle.record(
            last_stage=3, mend_no=None, child_id=new_id(), child_code=make_code("000001"), at=AT, **given
        )

    def test_moves_on_with_what_is_good_and_leaves_its_rework_as_a_bundle_of_its_own(self) -> None:
        bundle = a_bundle()
        _passage, child = self.record(bundle, good=7, rework=2, reject=1)
        assert child is not None
        assert (bundle.pieces, bundle.stage_no, bundle.in_rework) == (7, 3, False)
        assert (child.pieces, child.stage_no, child.in_rework, child.parent_id) == (2, 2, True, bundle.id)

    def test_stays_itself_in_rework_where_nothing_is_good_and_ends_where_all_is_rejected(self) -> None:
        bundle = a_bundle()
        assert self.record(bundle, rework=8, reject=2)[1] is None
        assert (bundle.pieces, bundle.stage_no, bundle.in_rework) == (8, 2, True)
        self.record(bundle, reject=8)
        assert bundle.state is State.REJECTED

    def test_is_done_after_the_last_stage(self) -> None:
        bundle = a_bundle(stage_no=3)
        self.record(bundle, good=10)
        assert bundle.state is State.DONE

    def test_is_not_taken_back_once_its_rework_was_worked_on(self) -> None:
        bundle = a_bundle()
        passage, child = self.record(bundle, good=7, rework=3)
        assert child is not None
        with pytest.raises(BundleMovedOn):
            bundle.take_back(passage, child, since={child.id: "recorded"})
        bundle.take_back(passage, child, since={})
        assert (bundle.pieces, bundle.stage_no, child.state) == (10, 2, State.CANCELLED)

    def test_is_only_merged_with_one_of_its_cell_at_its_place(self) -> None:
        for other in (a_bundle(cell_no=2), a_bundle(stage_no=3), a_bundle(in_rework=True)):
            with pytest.raises(NotTheSamePlace):
                a_bundle().merge([other])


@dataclass
class Happening:
    """Something that happened to a bundle, as the database keeps it."""

    bundle_id: UUID
    kind: str
    passage: Passage | None = None
    undone: bool = False
    portions: list[list[object]] = field(default_factory=list)


class Workshop(RuleBasedStateMachine):
    """A work order whose pieces are cut, worked on, mended, lost, split and merged in any order."""

    cells = (Cell(no=1, size="S", colour="putih", quantity=9), Cell(no=2, size="M", colour="putih", quantity=7))
    stages = 4

    def __init__(self) -> None:
        super().__init__()
        self.flow = Flow(
            cells=self.cells,
            stages=["-"] * self.stages,
            balances={(1, c.no): Balance(waiting=c.quantity) for c in self.cells},
        )
        self.cards: list[Bundle] = []
        self.happened: list[Happening] = []

    def there(self) -> list[Bundle]:
        """Return the bundles that hold pieces."""
        return [b for b in self.cards if b.state in (State.OPEN, State.LOST)]

    def held(self) -> dict[tuple[int, int], Held]:
        """Sum up the bundles, as the query does before each act."""
        sums: dict[tuple[int, int], Held] = {}
        for one in self.there():
            place = sums.setdefault((one.stage_no, one.cell_no), Held(codes=[]))
            place.codes.append(one.code)
            if one.in_rework:
                place.rework += one.pieces
            else:
                place.waiting += one.pieces
        return sums

    def look(self) -> None:
        self.flow.held = self.held()
        self.flow.changed = set()

    def some(
        self, data: st.DataObject, fits: Callable[[Bundle], bool] = lambda b: b.state is State.OPEN
    ) -> Bundle | None:
        """Choose a bundle, if there is one that fits."""
        found = [b for b in self.cards if fits(b)]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(stage=st.integers(1, 4), cell=st.integers(1, 2), data=st.data())
    def cut(self, stage: int, cell: int, data: st.DataObject) -> None:
        self.look()
        loose = self.flow.loose(stage, cell).waiting
        if not loose:
            return
        pieces, most = data.draw(st.integers(1, loose)), data.draw(st.integers(1, 5))
        for stack in divide([Stack(cell_no=cell, pieces=pieces)], most=most, evenly=True):
            self.cards.append(a_bundle(cell_no=cell, pieces=stack.pieces, stage_no=stage))

    @rule(stage=st.integers(1, 4), cell=st.integers(0, 1), good=st.integers(0, 6), reject=st.integers(0, 2))
    def record_loose(self, stage: int, cell: int, good: int, reject: int) -> None:
        self.look()
        if not good + reject:
            return
        size = self.cells[cell].size
        entry = Entry(inmate_id=new_id(), good=good, reject=reject, defect="rusak" if reject else None, size=size)
        loose = self.flow.loose(stage, cell + 1).waiting
        if good + reject <= loose:
            self.flow.record(stage, entry, at="/entries/0")
        else:
            enough = good + reject <= self.flow.balance(stage, cell + 1).waiting
            with pytest.raises(PiecesInBundles if enough else MoreThanReleased):
                self.flow.record(stage, entry, at="/entries/0")

    @rule(data=st.data())
    def record_bundle(self, data: st.DataObject) -> None:
        self.look()
        bundle = self.some(data, lambda b: b.state is State.OPEN and b.mend_no is None)
        if bundle is None:
            return
        good = data.draw(st.integers(0, bundle.pieces))
        rework = 0 if bundle.in_rework else data.draw(st.integers(0, bundle.pieces - good))
        reject = bundle.pieces - good - rework
        entry = Entry(inmate_id=new_id(), good=good, rework=rework, reject=reject, defect="rusak", bundle_id=bundle.id)
        stage = bundle.stage_no
        portions = self.flow.record_bundle(stage, bundle, [entry])
        mend_no = data.draw(st.sampled_from([None, *range(1, stage)])) if rework else None
        passage, child = bundle.record(
            last_stage=self.stages,
            good=good,
            rework=rework,
            reject=reject,
            mend_no=mend_no,
            child_id=new_id(),
            child_code=make_code("000002"),
            at=AT,
        )
        self.happened.append(Happening(bundle.id, "recorded", passage, portions=[list(portions[0])]))
        if child is not None:
            self.cards.append(child)

    @precondition(lambda self: any(h.kind == "recorded" and not h.undone for h in self.happened))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        self.look()
        open_ = [n for n, h in enumerate(self.happened) if h.passage is not None and not h.undone]
        nth = data.draw(st.sampled_from(open_))
        event = self.happened[nth]
        passage = event.passage
        assert passage is not None
        by_id = {b.id: b for b in self.cards}
        bundle, child = by_id[event.bundle_id], by_id.get(passage.child_id) if passage.child_id else None
        since = {h.bundle_id: h.kind for h in self.happened[nth + 1 :] if not h.undone}
        before = deepcopy((self.flow, self.cards))
        try:
            bundle.take_back(passage, child, since=since)
            self.flow.take_back(
                passage.stage_no, event.portions[0], from_rework=passage.from_rework, bundled=True  # type: ignore[arg-type]
            )  # fmt: skip
        except (BundleMovedOn, PiecesMovedOn, PiecesBundledSince):
            # It moved on, or what replaced a rejected piece did: the transaction ends without a trace.
            self.flow, self.cards = before
        else:
            event.undone = True

    @rule(data=st.data())
    def come_mended(self, data: st.DataObject) -> None:
        bundle = self.some(data, lambda b: b.state is State.OPEN and b.mend_no is not None)
        if bundle is None:
            return
        stage = bundle.stage_no
        assert bundle.come_mended() < stage
        assert bundle.in_rework

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        bundle = self.some(data, lambda b: b.state is State.OPEN and b.pieces > 1)
        if bundle is None:
            return
        first = data.draw(st.integers(1, bundle.pieces - 1))
        codes = [make_code("000003"), make_code("000004")]
        self.cards += bundle.split([first, bundle.pieces - first], ids=[new_id(), new_id()], codes=codes, at=AT)
        self.happened.append(Happening(bundle.id, "split"))

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        open_ = [b for b in self.cards if b.state is State.OPEN]
        bundle = self.some(data, lambda b: b in open_ and sum(o.place == b.place for o in open_) > 1)
        if bundle is None:
            return
        others = [b for b in open_ if b is not bundle and b.place == bundle.place]
        chosen = data.draw(st.lists(st.sampled_from(others), min_size=1, unique_by=id))
        bundle.merge(chosen)
        self.happened += [Happening(b.id, "merged") for b in (*chosen, bundle)]

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        bundle = self.some(data)
        if bundle is not None:
            bundle.lose()

    @rule(data=st.data())
    def find(self, data: st.DataObject) -> None:
        bundle = self.some(data, lambda b: b.state is State.LOST)
        if bundle is not None:
            bundle.find()

    @rule(data=st.data())
    def dissolve(self, data: st.DataObject) -> None:
        bundle = self.some(data)
        if bundle is not None:
            bundle.dissolve()
            self.happened.append(Happening(bundle.id, "dissolved"))

    @invariant()
    def every_stage_holds_its_bundles_and_what_is_loose(self) -> None:
        self.look()
        for (stage, cell), balance in self.flow.balances.items():
            held = self.flow.held.get((stage, cell), Held())
            loose = self.flow.loose(stage, cell)
            assert min(loose.waiting, loose.rework) >= 0
            assert (balance.waiting, balance.rework) == (loose.waiting + held.waiting, loose.rework + held.rework)
        assert set(self.flow.held) <= set(self.flow.balances)

    @invariant()
    def no_piece_is_lost_or_made_twice(self) -> None:
        for cell in self.cells:
            of_cell = {no: b for (no, c), b in self.flow.balances.items() if c == cell.no}
            finished = of_cell[self.stages].good if self.stages in of_cell else 0
            standing = sum(b.waiting + b.rework for b in of_cell.values())
            assert cell.quantity == standing + finished

    @invariant()
    def a_bundle_is_paid_once_at_a_stage(self) -> None:
        paid = Counter(
            (h.bundle_id, h.passage.stage_no) for h in self.happened if h.passage and h.passage.good and not h.undone
        )
        assert not [place for place, times in paid.items() if times > 1]


TestWorkshop = Workshop.TestCase
TestWorkshop.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
