"""The balance of materials: whatever is done in whatever order, nothing appears and nothing vanishes."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from giatja_kit.errors import Refusal
from giatja_production.materials.domain import (
    BillLine,
    Kind,
    Line,
    Lot,
    Material,
    Movement,
    Stock,
    Thousandths,
    Totals,
    still_to_issue,
    wanted,
)

CLOTH, ORDER = UUID(int=1), UUID(int=2)
JOBS = (UUID(int=11), UUID(int=12))
DAY = date(2025, 2, 3)

acts = st.lists(
    st.tuples(
        st.sampled_from(["receive", "issue", "restore", "use", "waste", "floor_waste", "loss", "return", "count"]),
        st.integers(1, 4000),
        st.sampled_from(JOBS),
    ),
    max_size=40,
)


def a_stock() -> Stock:
    cloth = Material(
        lapas_id="PKL", id=CLOTH, name="Katun", kind="fabric", unit="m", decimals=3, minimum=Thousandths(0)
    )
    return Stock(lots={}, materials={CLOTH: cloth})


def a_lot(nth: int) -> Lot:
    day = DAY + timedelta(days=nth % 7)
    return Lot(id=UUID(int=100 + nth), material_id=CLOTH, owner="partner", order_id=ORDER, in_store=0, received_on=day)


def do(stock: Stock, act: str, quantity: int, job: UUID, nth: int) -> None:
    line = Line(material_id=CLOTH, quantity=quantity)
    if act == "receive":
        stock.receive(a_lot(nth), quantity)
    elif act == "issue":
        stock.take_from_store(Kind.ISSUE, line, orders=[ORDER, None], at="", work_order_id=job)
    elif act in ("restore", "use", "floor_waste"):
        kind = Kind.WASTE if act == "floor_waste" else Kind(act)
        stock.take_from_floor(kind, line, work_order_id=job, at="")
    elif act == "count":
        if stock.lots:
            stock.differ(CLOTH, ORDER, quantity if nth % 2 else -quantity)
    else:
        stock.take_from_store(Kind(act), line, orders=[ORDER], at="")


def balance(moved: list[Movement]) -> Totals:
    def of(*kinds: Kind) -> int:
        return sum(m.quantity for m in moved if m.kind in kinds)

    return Totals(
        material_id=CLOTH,
        received=of(Kind.RECEIPT),
        difference=of(Kind.DIFFERENCE),
        used=of(Kind.USE),
        waste=of(Kind.WASTE),
        lost=of(Kind.LOSS),
        returned=of(Kind.RETURN),
        store=sum(m.store for m in moved),
        floor=sum(m.floor for m in moved),
    )


@given(acts)
def test_received_is_used_wasted_lost_returned_and_on_hand(acts: list[Any]) -> None:
    stock = a_stock()
    for nth, (act, quantity, job) in enumerate(acts):
        before = len(stock.moved)
        try:
            do(stock, act, quantity, job, nth)
        except Refusal:
            assert len(stock.moved) == before, "what is refused moves nothing"
        found = balance(stock.moved)
        assert found.balanced
        assert found.store == sum(lot.in_store for lot in stock.lots.values())
        assert found.floor == sum(stock.custody.values())
        assert all(lot.in_store >= 0 for lot in stock.lots.values())
        assert all(quantity >= 0 for quantity in stock.custody.values())


@given(acts)
def test_what_is_taken_back_leaves_what_was_there_before(acts: list[Any]) -> None:
    stock = a_stock()
    for nth, (act, quantity, job) in enumerate(acts):
        kept = ({i: lot.in_store for i, lot in stock.lots.items()}, dict(stock.custody))
        begun = len(stock.moved)
        try:
            do(stock, act, quantity, job, nth)
        except Refusal:
            continue
        stock.take_back(reversed(stock.moved[begun:]))
        assert {i: lot.in_store for i, lot in stock.lots.items() if lot.in_store or i in kept[0]} == kept[0]
        assert {place: q for place, q in stock.custody.items() if q or place in kept[1]} == kept[1]
        do(stock, act, quantity, job, nth + len(acts) * 100)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 5000), st.integers(0, 200))
def test_a_line_of_a_size_stands_instead_of_the_general_one(small: int, large: int, each: int, waste: int) -> None:
    lines = [
        BillLine(material_id=CLOTH, size="", quantity=each, waste=waste),
        BillLine(material_id=CLOTH, size="XL", quantity=each + 1, waste=0),
    ]
    base, allowance = wanted(lines, {"M": small, "XL": large})[CLOTH]
    assert base == small * each + large * (each + 1)
    assert 0 <= allowance * 1000 - small * each * waste < 1000


@given(*[st.integers(0, 10_000)] * 4)
def test_waste_is_covered_by_the_allowance_and_never_asks_for_more_by_itself(
    base: int, allowance: int, in_work: int, spoiled: int
) -> None:
    still = still_to_issue(base=base, allowance=allowance, in_work=in_work, spoiled=spoiled)
    assert still >= 0
    assert still >= base - in_work
    more = still_to_issue(base=base, allowance=allowance, in_work=in_work, spoiled=spoiled + 1)
    assert more <= still
