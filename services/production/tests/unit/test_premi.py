"""The rules of premi: whole rupiah however it is shared, everything on one list once, no account below nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from giatja_production.premi.domain import (
    FUND,
    MOVED_IN,
    SHARES,
    Account,
    Arrival,
    ArrivalAlreadyTaken,
    BalanceTooSmall,
    Claims,
    Day,
    Due,
    Earned,
    ListEmpty,
    ListNotByProposer,
    ListNotByRecorder,
    ListNotDraft,
    ListNotProposed,
    Movement,
    NothingToHandOver,
    PerPiece,
    PremiList,
    ShareOfProceeds,
    SharesNotWhole,
    Source,
    Split,
    SplitNotWhole,
    TeamPool,
    Version,
    Withdrawal,
    WithdrawalAlreadyDecided,
    WithdrawalNotApproved,
    WithdrawalNotByApprover,
    WithdrawalNotByRequester,
    Work,
    claims_of,
    come_back,
    compose,
    credit,
    entitlement,
    hand_over,
    largest_remainder,
    leave,
    lock,
    over_stages,
    person,
    read_terms,
    recall,
    terms_document,
)

AT = datetime(2025, 4, 1, tzinfo=UTC)
MONTH = date(2025, 3, 1)
SHOP = UUID(int=1)
PEOPLE = [UUID(int=n) for n in range(11, 15)]
ORDERS = [UUID(int=n) for n in range(21, 24)]

amounts = st.integers(0, 10**12)
weights = st.dictionaries(st.integers(0, 40), st.integers(0, 10**6), min_size=1, max_size=20)


def a_version(terms: Any, *, saved: int = 0, since: date = date(2020, 1, 1)) -> Version:
    return Version(
        id=UUID(int=99), workshop_id=SHOP, product_name=None, valid_from=since, saved_percent=saved, terms=terms
    )


def a_work(inmate: UUID, pieces: int, version: Version | None, *, stage: int = 1) -> Work:
    return Work(
        workshop_id=SHOP,
        inmate_id=inmate,
        stage_no=stage,
        stage_key=f"s{stage}",
        stage=f"Tahap {stage}",
        stage_en=f"Stage {stage}",
        minutes=10 * stage,
        minutes_of_route=(10, 20),
        month=MONTH,
        version=version,
        pieces=pieces,
    )


class TestLargestRemainder:
    @given(amounts, weights)
    def test_gives_all_of_it_and_nobody_a_rupiah_too_much(self, total: int, by: dict[int, int]) -> None:
        shares = largest_remainder(total, by)
        whole = sum(by.values())
        assert sum(shares.values()) == (total if whole else 0)
        for key, weight in by.items():
            assert not whole or total * weight // whole <= shares[key] <= -(-total * weight // whole)

    @given(amounts, weights)
    def test_does_not_depend_on_the_order_they_stand_in(self, total: int, by: dict[int, int]) -> None:
        assert largest_remainder(total, by) == largest_remainder(total, dict(reversed(by.items())))

    def test_gives_what_is_left_to_whose_share_was_cut_most(self) -> None:
        assert largest_remainder(100, {"b": 1, "a": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}

    @given(st.integers(0, 10**6), st.lists(st.integers(0, 60), min_size=1, max_size=12))
    def test_divides_a_piece_over_its_stages_whole(self, amount: int, minutes: list[int]) -> None:
        assert sum(over_stages(amount, tuple(minutes))) == amount


class TestSplit:
    @given(amounts, st.lists(st.integers(0, 100), min_size=3, max_size=3), st.sampled_from(SHARES))
    def test_is_all_of_the_base_to_the_rupiah(self, base: int, cuts: list[int], remainder: str) -> None:
        a, b, c = sorted(cuts)
        terms = ShareOfProceeds(premi=a, capital=b - a, pnbp=c - b, other=100 - c, remainder=remainder)
        split = terms.split(base)
        parts = {name: getattr(split, name) for name in SHARES}
        assert sum(parts.values()) == base
        for name in SHARES:
            exact = base * getattr(terms, name) // 100
            assert parts[name] == exact or (name == remainder and exact <= parts[name] < exact + len(SHARES))
        assert split.reversed().reversed() == split

    def test_is_refused_where_the_parts_are_not_all_of_it(self) -> None:
        with pytest.raises(SplitNotWhole):
            Split(base=100, premi=50, capital=35, pnbp=14, other=0)
        with pytest.raises(SharesNotWhole):
            ShareOfProceeds(premi=50, capital=35, pnbp=16, other=0, remainder="premi")

    @pytest.mark.parametrize(
        "terms",
        [
            PerPiece(rates={"jahit": 1750, "qc": 0}),
            PerPiece(finished=7000),
            TeamPool(amount=100_000, per=20, key="hours"),
            Day(amount=20_000, grades={"menjahit": 30_000}),
            ShareOfProceeds(premi=15, capital=60, pnbp=25, other=0, remainder="capital", estimate=7000),
        ],
    )
    def test_of_every_scheme_is_read_as_it_was_written(self, terms: Any) -> None:
        assert read_terms(terms_document(terms)) == terms


class TestClaims:
    def test_of_pieces_are_their_rate_at_each_stage(self) -> None:
        version = a_version(PerPiece(rates={"s1": 500}))
        works = [a_work(PEOPLE[0], 10, version), a_work(PEOPLE[0], 4, version, stage=2), a_work(PEOPLE[1], 3, version)]
        claims = claims_of(works, {})
        assert claims.fixed == {(SHOP, PEOPLE[0]): 5000, (SHOP, PEOPLE[1]): 1500}
        assert claims.pieces[SHOP, PEOPLE[0]] == 14

    def test_of_days_without_a_scheme_are_counted_and_claim_nothing(self) -> None:
        claims = claims_of([a_work(PEOPLE[0], 10, None)], {})
        assert (claims.fixed, claims.unpriced) == ({}, {PEOPLE[0]: 10})

    @given(
        st.dictionaries(st.sampled_from(PEOPLE), st.integers(1, 500), min_size=1),
        st.sampled_from(["equal", "hours", "points"]),
        st.integers(1, 10**6),
        st.integers(1, 50),
    )
    def test_of_a_pool_are_all_of_it_but_the_last_part_of_a_rupiah(
        self, pieces: dict[UUID, int], key: str, amount: int, per: int
    ) -> None:
        version = a_version(TeamPool(amount=amount, per=per, key=key))
        works = [a_work(i, n, version, stage=stage) for i, n in pieces.items() for stage in (1, 2)]
        hours = {(SHOP, MONTH, inmate): 60 * n for n, inmate in enumerate(pieces, start=1)}
        claims = claims_of(works, hours)
        assert sum(claims.fixed.values()) == sum(pieces.values()) * amount // per

    def test_of_a_pool_by_hours_nobody_marked_follow_the_work(self) -> None:
        version = a_version(TeamPool(amount=100, per=1, key="hours"))
        claims = claims_of([a_work(PEOPLE[0], 3, version), a_work(PEOPLE[1], 1, version)], {})
        assert claims.fixed[SHOP, PEOPLE[0]] == 3 * claims.fixed[SHOP, PEOPLE[1]]

    @given(
        st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 10**7)),
        st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 1000)),
        st.integers(-(10**7), 10**8),
        st.booleans(),
    )
    def test_are_never_paid_more_than_came_where_a_partner_pays(
        self, fixed: dict[UUID, int], shares: dict[UUID, int], premi: int, partner: bool
    ) -> None:
        claims = Claims(
            fixed={(SHOP, i): n for i, n in fixed.items()},
            weights={(SHOP, i): n for i, n in shares.items()},
            pieces={(SHOP, i): 1 for i in {*fixed, *shares}},
        )
        due = entitlement(claims, premi=premi, partner=partner)
        claimed = sum(fixed.values())
        assert all(amount >= 0 for amount in due.values())
        if partner:
            assert sum(due.values()) <= max(premi, 0)
            assert sum(due.values()) >= min(max(premi, 0), claimed)
        if partner and any(shares.values()):
            assert sum(due.values()) == max(premi, 0) or premi < claimed
        if premi >= claimed or not partner:
            assert all(due[SHOP, i] >= n for i, n in fixed.items())


class Lists(RuleBasedStateMachine):
    """Work, its reversal and money come in any order; lists are made now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: dict[tuple[UUID, UUID], int] = {}
        self.premi: dict[UUID, int] = {}
        self.lists: list[Any] = []

    def entitled(self) -> dict[Source, Earned]:
        found: dict[Source, Earned] = {}
        version = a_version(PerPiece(rates={"s1": 700}), saved=10)
        share = a_version(ShareOfProceeds(premi=50, capital=35, pnbp=15, other=0, remainder="premi"), saved=10)
        for nth, order_id in enumerate(ORDERS):
            works = [
                a_work(inmate, n, share if nth == 2 else version)
                for (order, inmate), n in self.pieces.items()
                if order == order_id and n
            ]
            if works:
                claims = claims_of(works, {})
                due = entitlement(claims, premi=self.premi.get(order_id, 0), partner=nth != 0)
                for (shop, inmate), amount in due.items():
                    found[inmate, shop, order_id, None] = Earned(pieces=1, amount=amount, saved_percent=10)
        return found

    def taken(self) -> dict[Source, Earned]:
        sums: dict[Source, Earned] = {}
        for lines in self.lists:
            for line in lines:
                for part in line.parts:
                    key = (line.inmate_id, part.workshop_id, part.order_id, part.month)
                    before = sums.get(key, Earned())
                    sums[key] = Earned(pieces=before.pieces + part.pieces, amount=before.amount + part.amount)
        return sums

    def carried(self) -> dict[UUID, int]:
        sums: dict[UUID, int] = {}
        for lines in self.lists:
            for line in lines:
                sums[line.inmate_id] = sums.get(line.inmate_id, 0) + line.carried_out - line.carried_in
        return sums

    @rule(order=st.sampled_from(ORDERS), inmate=st.sampled_from(PEOPLE), pieces=st.integers(1, 40))
    def work(self, order: UUID, inmate: UUID, pieces: int) -> None:
        self.pieces[order, inmate] = self.pieces.get((order, inmate), 0) + pieces

    @rule(order=st.sampled_from(ORDERS), inmate=st.sampled_from(PEOPLE), part=st.integers(1, 100))
    def take_back(self, order: UUID, inmate: UUID, part: int) -> None:
        held = self.pieces.get((order, inmate), 0)
        self.pieces[order, inmate] = held - held * part // 100

    @rule(order=st.sampled_from(ORDERS), amount=st.integers(1, 60_000))
    def money_comes(self, order: UUID, amount: int) -> None:
        self.premi[order] = self.premi.get(order, 0) + amount

    @rule(order=st.sampled_from(ORDERS))
    def money_goes_back(self, order: UUID) -> None:
        self.premi[order] = 0

    @rule()
    def list_is_locked(self) -> None:
        entitled, taken, carried = self.entitled(), self.taken(), self.carried()
        lines = compose(entitled, taken, carried)
        assert lines == compose(dict(reversed(entitled.items())), taken, carried), "the same again"
        for line in lines:
            assert line.gross == line.saved + line.received
            assert min(line.gross, line.saved, line.received) >= 0
            assert min(line.gross, -line.carried_out) == 0
        self.lists.append(lines)

    @precondition(lambda self: self.lists)
    @invariant()
    def what_was_paid_and_what_is_owed_are_what_was_earned(self) -> None:
        parts = self.taken()
        for inmate in PEOPLE:
            paid = sum(line.gross for lines in self.lists for line in lines if line.inmate_id == inmate)
            listed = sum(earned.amount for source, earned in parts.items() if source[0] == inmate)
            assert paid + self.carried().get(inmate, 0) == listed
            assert self.carried().get(inmate, 0) <= 0

    def teardown(self) -> None:
        """Whatever happened, after one more list everybody has what their work is entitled to, or owes the rest."""
        self.list_is_locked()
        entitled = self.entitled()
        for inmate in PEOPLE:
            paid = sum(line.gross for lines in self.lists for line in lines if line.inmate_id == inmate)
            due = sum(earned.amount for source, earned in entitled.items() if source[0] == inmate)
            assert paid + self.carried().get(inmate, 0) == due
        assert compose(entitled, self.taken(), self.carried()) == []


TestLists = Lists.TestCase
TestLists.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


class Ledger(RuleBasedStateMachine):
    """One inmate's accounts through everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.inmate = PEOPLE[0]
        self.balances: dict[str, int] = {}
        self.sent: list[int] = []
        self.left = False
        self.owed = 0

    def post(self, movement: Movement | None) -> None:
        if movement is None:
            return
        assert sum(movement.postings.values()) == 0
        for account, amount in movement.postings.items():
            self.balances[account] = self.balances.get(account, 0) + amount

    @rule(gross=st.integers(1, 10**6))
    def is_locked(self, gross: int) -> None:
        self.post(lock(self.inmate, gross=gross, list_id=ORDERS[0], note="2025-03"))
        self.owed += gross

    @precondition(lambda self: self.balances.get("payable"))
    @rule(way=st.sampled_from([Account.BANK_BOOK, Account.CARD, Account.CUSTODY]), percent=st.integers(0, 100))
    def is_credited(self, way: Account, percent: int) -> None:
        payable = self.balances["payable"]
        saved = payable * percent // 100
        due = Due(inmate_id=self.inmate, saved=saved, received=payable - saved, left=self.left)
        self.post(credit(due, way=way, document="BA", list_id=ORDERS[0], note="2025-03"))

    @rule(account=st.sampled_from([Account.BANK_BOOK, Account.CARD, Account.CUSTODY]), amount=st.integers(1, 10**6))
    def withdraws(self, account: Account, amount: int) -> None:
        balance = self.balances.get(account.value, 0)
        asked = a_withdrawal(account=account, amount=amount)
        if amount > balance:
            with pytest.raises(BalanceTooSmall):
                asked.approve(balance=balance, by="kalapas:2", at=AT)
            return
        asked.approve(balance=balance, by="kalapas:2", at=AT)
        self.post(asked.pay(balance=balance, document="KW", by="bendahara:3", at=AT))

    @rule()
    def leaves(self) -> None:
        self.left = True
        self.post(leave(self.inmate, self.balances, reason="transfer"))
        assert not any(self.balances.get(a, 0) for a in ("bank_book", "card", "custody", "savings"))

    @precondition(lambda self: self.left)
    @rule()
    def comes_back(self) -> None:
        self.left = False
        self.post(come_back(self.inmate, self.balances.get("handover", 0)))

    @rule()
    def is_handed_over(self) -> None:
        waiting = self.balances.get("handover", 0)
        if not waiting:
            with pytest.raises(NothingToHandOver):
                hand_over(self.inmate, 0, reason="transfer", document="BA", note="Batang", place="BTG")
            return
        self.post(hand_over(self.inmate, waiting, reason="transfer", document="BA", note="Batang", place="BTG"))
        self.sent.append(waiting)

    @precondition(lambda self: self.sent)
    @rule(taken_in=st.booleans())
    def is_settled_over_there(self, taken_in: bool) -> None:
        amount = self.sent.pop()
        arrival = an_arrival(amount)
        if not taken_in:
            arrival.recall(by="bendahara:3", at=AT)
            self.post(recall(self.inmate, amount, reason="Keliru", document="BA", place="BTG"))
            return
        movement = arrival.accept(way=Account.CUSTODY, left=False, receipt="BA", by="bendahara:4", at=AT)
        assert dict(movement.postings) == {MOVED_IN: -amount, "custody": amount}
        with pytest.raises(ArrivalAlreadyTaken):
            arrival.recall(by="bendahara:3", at=AT)

    @invariant()
    def sums_to_nothing_and_is_never_below_it(self) -> None:
        assert sum(self.balances.values()) == 0
        assert all(amount >= 0 for account, amount in self.balances.items() if account != FUND)
        assert self.balances.get(FUND, 0) == -self.owed


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def a_withdrawal(**more: Any) -> Withdrawal:
    given_: dict[str, Any] = {"account": Account.CUSTODY, "amount": 1000, **more}
    return Withdrawal(
        lapas_id="PKL", id=UUID(int=5), inmate_id=PEOPLE[0], purpose="Obat", requested_by="wali:1", requested_at=AT,
        **given_,
    )  # fmt: skip


def an_arrival(amount: int) -> Arrival:
    return Arrival(
        lapas_id="BTG", id=UUID(int=6), inmate_id=PEOPLE[0], from_lapas="PKL", from_name="Pekalongan",
        amount=amount, document="BA", sent_at=AT, sent_by="bendahara:3",
    )  # fmt: skip


class TestWithdrawal:
    def test_is_seen_to_by_three_people_whatever_their_roles(self) -> None:
        one = a_withdrawal()
        with pytest.raises(WithdrawalNotApproved):
            one.pay(balance=1000, document="KW", by="bendahara:3", at=AT)
        with pytest.raises(WithdrawalNotByRequester):
            one.approve(balance=1000, by="kalapas:1", at=AT)
        one.approve(balance=1000, by="kalapas:2", at=AT)
        for somebody in ("bendahara:1", "bendahara:2"):
            with pytest.raises(WithdrawalNotByApprover):
                one.pay(balance=1000, document="KW", by=somebody, at=AT)
        with pytest.raises(BalanceTooSmall):
            one.pay(balance=999, document="KW", by="bendahara:3", at=AT)
        one.pay(balance=1000, document="KW", by="bendahara:3", at=AT)
        with pytest.raises(WithdrawalAlreadyDecided):
            one.refuse(by="kalapas:2", at=AT, reason="Terlambat")

    def test_may_be_refused_after_it_was_approved(self) -> None:
        one = a_withdrawal()
        one.approve(balance=1000, by="kalapas:2", at=AT)
        one.refuse(by="kalapas:2", at=AT, reason="Dibatalkan WBP")
        with pytest.raises(WithdrawalAlreadyDecided):
            one.pay(balance=1000, document="KW", by="bendahara:3", at=AT)


def a_list() -> PremiList:
    return PremiList(
        lapas_id="PKL", id=UUID(int=7), period=MONTH, until=date(2025, 3, 31), requested_by="kasi_giatja:1",
        requested_at=AT,
    )  # fmt: skip


class TestPremiList:
    def test_goes_from_draft_to_locked_by_two_people_who_recorded_nothing(self) -> None:
        one = a_list()
        with pytest.raises(ListNotDraft):
            one.propose(lines=1, by="kasi_giatja:1", at=AT)
        one.computed([], unpriced={}, at=AT)
        with pytest.raises(ListEmpty):
            one.propose(lines=0, by="kasi_giatja:1", at=AT)
        one.people = 1
        one.propose(lines=1, by="kasi_giatja:1", at=AT)
        with pytest.raises(ListNotDraft):
            one.must_be_disposable()
        with pytest.raises(ListNotByProposer):
            one.approve(by="kalapas:1", at=AT, recorded=False)
        with pytest.raises(ListNotByRecorder):
            one.approve(by="kalapas:2", at=AT, recorded=True)
        one.approve(by="kalapas:2", at=AT, recorded=False)
        with pytest.raises(ListNotProposed):
            one.give_back(reason="Cek lagi")
        with pytest.raises(ListNotProposed):
            one.approve(by="kalapas:2", at=AT, recorded=False)
        with pytest.raises(ListNotDraft):
            one.compute_again(by="kasi_giatja:1", at=AT)

    def test_knows_a_person_in_whatever_role(self) -> None:
        assert person("kalapas:7") == person("kasi_giatja:7") != person("kalapas:8")


def test_a_movement_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="does not balance"):
        Movement(inmate_id=PEOPLE[0], kind="list", postings={FUND: -5, "payable": 4})


def test_the_day_pays_the_best_grade() -> None:
    terms = Day(amount=20_000, grades={"menjahit": 30_000, "obras": 25_000})
    assert terms.rate(["obras", "menjahit"]) == 30_000
    assert terms.rate(["melukis"]) == 20_000
    assert replace(terms, grades={}).rate(["obras"]) == 20_000
