"""The work permission, from proposal to end."""

from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from giatja_kit.errors import Refusal
from giatja_training.facts import WorkPermissionEnded, WorkPermissionGranted
from giatja_training.inmates.domain import DayInFuture, Inmate, InmateNotAdult, InmateNotFit
from giatja_training.permits.domain import (
    AlreadyPermitted,
    DaysOutOfOrder,
    NotActive,
    NotApproved,
    NotWaitingForDecision,
    Requirement,
    RequirementsOpen,
    RequirementUnknown,
    SameHand,
    WorkPermit,
)

TODAY = date(2025, 6, 1)
INMATE, PERMIT = UUID(int=51), UUID(int=61)
KASI, KALAPAS = "kasi_giatja:person-1", "kalapas:person-2"


def an_inmate(**other: Any) -> Inmate:
    return Inmate(
        **{
            "lapas_id": "PKL",
            "id": INMATE,
            "register_number": "B.I. 1",
            "name": "Contoh Satu",
            "date_of_birth": date(1990, 5, 1),
            **other,
        }
    )


def a_permit(**other: Any) -> WorkPermit:
    return WorkPermit(
        **{
            "lapas_id": "PKL",
            "id": PERMIT,
            "inmate_id": INMATE,
            "proposed_on": date(2025, 1, 5),
            "proposed_by": KASI,
            **other,
        }
    )


def approve(permit: WorkPermit, *, by: str = KALAPAS, on: date = date(2025, 1, 10), note: str = "") -> None:
    permit.decide("approved", on=on, by=by, note=note, today=TODAY)


def an_active_permit(valid_from: date = date(2025, 1, 15), valid_until: date | None = None) -> WorkPermit:
    permit = a_permit()
    approve(permit)
    permit.issue(an_inmate(), sk_number="SK-1", valid_from=valid_from, valid_until=valid_until, by=KALAPAS)
    return permit


class TestDecide:
    def test_is_refused_to_the_hand_that_proposed_whatever_role_it_acts_in(self) -> None:
        with pytest.raises(SameHand):
            approve(a_permit(), by="kalapas:person-1")

    def test_may_follow_a_deferral_but_not_an_approval(self) -> None:
        permit = a_permit()
        permit.decide("deferred", on=date(2025, 1, 10), by=KALAPAS, note="", today=TODAY)
        approve(permit, on=date(2025, 2, 10))
        with pytest.raises(NotWaitingForDecision):
            approve(permit, on=date(2025, 2, 11))

    def test_of_approval_needs_a_reason_while_requirements_are_open(self) -> None:
        permit = a_permit(checklist=(Requirement(key="kesehatan", name="Sehat", name_en="Healthy"),))
        with pytest.raises(RequirementsOpen):
            approve(permit)
        permit.decide("deferred", on=date(2025, 1, 10), by=KALAPAS, note="", today=TODAY)
        approve(permit, note="Diperiksa ulang minggu depan")
        assert permit.state == "approved"

    def test_is_refused_before_the_proposal_and_after_today(self) -> None:
        with pytest.raises(DaysOutOfOrder):
            approve(a_permit(), on=date(2025, 1, 4))
        with pytest.raises(DayInFuture):
            approve(a_permit(), on=TODAY + timedelta(days=1))


class TestTick:
    def test_keeps_what_is_met_and_refuses_what_is_not_on_the_list(self) -> None:
        permit = a_permit(checklist=tuple(Requirement(key=k, name=k, name_en=k) for k in "ab"))
        permit.tick(["b"])
        assert [r.done for r in permit.checklist] == [False, True]
        permit.tick([])
        assert [r.done for r in permit.checklist] == [False, False]
        with pytest.raises(RequirementUnknown):
            permit.tick(["c"])


class TestIssue:
    def test_tells_the_period_and_never_the_name(self) -> None:
        permit = a_permit()
        approve(permit)
        fact = permit.issue(an_inmate(), sk_number="SK-1", valid_from=date(2025, 1, 15), valid_until=None, by=KALAPAS)
        assert fact == WorkPermissionGranted(
            inmate_id=INMATE, permission_id=PERMIT, valid_from=date(2025, 1, 15), valid_until=None
        )

    def test_needs_approval(self) -> None:
        with pytest.raises(NotApproved):
            a_permit().issue(an_inmate(), sk_number="SK-1", valid_from=date(2025, 1, 15), valid_until=None, by=KALAPAS)

    def test_counts_age_on_the_first_day_of_the_sk(self) -> None:
        permit = a_permit()
        approve(permit)
        young = an_inmate(date_of_birth=date(2007, 2, 1))
        with pytest.raises(InmateNotAdult):
            permit.issue(young, sk_number="SK-1", valid_from=date(2025, 1, 31), valid_until=None, by=KALAPAS)
        permit.issue(young, sk_number="SK-1", valid_from=date(2025, 2, 1), valid_until=None, by=KALAPAS)

    def test_is_refused_for_whoever_is_not_fit(self) -> None:
        permit = a_permit()
        approve(permit)
        with pytest.raises(InmateNotFit):
            permit.issue(
                an_inmate(fitness="not_fit"),
                sk_number="SK-1",
                valid_from=date(2025, 1, 15),
                valid_until=None,
                by=KALAPAS,
            )

    def test_keeps_its_days_in_order(self) -> None:
        permit = a_permit()
        approve(permit)
        for first, last in ((date(2025, 1, 9), None), (date(2025, 1, 15), date(2025, 1, 14))):
            with pytest.raises(DaysOutOfOrder):
                permit.issue(an_inmate(), sk_number="SK-1", valid_from=first, valid_until=last, by=KALAPAS)


class TestEnd:
    def test_tells_the_last_day_it_covers(self) -> None:
        fact = an_active_permit().end(on=date(2025, 5, 31), reason="offence", note="", by=KALAPAS, today=TODAY)
        assert fact == WorkPermissionEnded(
            inmate_id=INMATE, permission_id=PERMIT, ended_on=date(2025, 5, 31), reason="offence"
        )

    def test_is_refused_twice_before_it_began_and_for_days_to_come(self) -> None:
        permit = an_active_permit()
        with pytest.raises(DaysOutOfOrder):
            permit.end(on=date(2025, 1, 14), reason="done", note="", by=KALAPAS, today=TODAY)
        with pytest.raises(DayInFuture):
            permit.end(on=TODAY + timedelta(days=1), reason="done", note="", by=KALAPAS, today=TODAY)
        permit.end(on=TODAY, reason="done", note="", by=KALAPAS, today=TODAY)
        with pytest.raises(NotActive):
            permit.end(on=TODAY, reason="done", note="", by=KALAPAS, today=TODAY)

    def test_of_one_that_has_not_begun_is_possible_today(self) -> None:
        permit = an_active_permit(valid_from=TODAY + timedelta(days=5))
        assert permit.end(on=TODAY, reason="other", note="", by=KALAPAS, today=TODAY).ended_on == TODAY


class TestMakeWay:
    def test_closes_one_whose_days_are_over_on_its_own_last_day(self) -> None:
        permit = an_active_permit(valid_until=date(2025, 3, 31))
        fact = permit.make_way(day=date(2025, 4, 1), by=KALAPAS)
        assert (fact.ended_on, fact.reason, permit.state) == (date(2025, 3, 31), "expired", "ended")

    @pytest.mark.parametrize("until", [None, date(2025, 4, 1)])
    def test_is_refused_by_one_that_still_covers_the_day(self, until: date | None) -> None:
        with pytest.raises(AlreadyPermitted):
            an_active_permit(valid_until=until).make_way(day=date(2025, 4, 1), by=KALAPAS)


class PermitMachine(RuleBasedStateMachine):
    """Anything anybody may try, in any order."""

    NEXT: ClassVar = {
        "proposed": {"deferred", "approved", "refused"},
        "deferred": {"deferred", "approved", "refused"},
        "approved": {"active"},
        "active": {"ended"},
        "refused": set(),
        "ended": set(),
    }
    hands = st.sampled_from([KASI, KALAPAS, "binadik:person-3", "kalapas:person-1"])
    days = st.dates(min_value=date(2024, 12, 1), max_value=date(2025, 7, 1))

    def __init__(self) -> None:
        super().__init__()
        self.permit = a_permit()
        self.seen = ["proposed"]
        self.facts: list[object] = []

    def _try(self, act: Any) -> bool:
        before = vars(self.permit).copy()
        try:
            fact = act()
        except Refusal:
            assert vars(self.permit) == before, "a refusal leaves nothing half done"
            return False
        if fact is not None:
            self.facts.append(fact)
        if self.permit.state != self.seen[-1] or before["decided_on"] != self.permit.decided_on:
            assert self.permit.state in self.NEXT[self.seen[-1]]
            self.seen.append(self.permit.state)
        return True

    @rule(decision=st.sampled_from(["approved", "refused", "deferred"]), by=hands, on=days)
    def decide(self, decision: Any, by: str, on: date) -> None:
        self._try(lambda: self.permit.decide(decision, on=on, by=by, note="", today=TODAY))

    @rule(by=hands, first=days, last=st.none() | days, born=st.dates(date(2005, 1, 1), date(2008, 1, 1)))
    def issue(self, by: str, first: date, last: date | None, born: date) -> None:
        inmate = an_inmate(date_of_birth=born)
        issued = self._try(lambda: self.permit.issue(inmate, sk_number="SK", valid_from=first, valid_until=last, by=by))
        assert not issued or first >= inmate.adult_on

    @rule(by=hands, on=days)
    def end(self, by: str, on: date) -> None:
        self._try(lambda: self.permit.end(on=on, reason="done", note="", by=by, today=TODAY))

    @invariant()
    def others_are_told_each_step_once(self) -> None:
        kinds = [type(f) for f in self.facts]
        assert kinds == [WorkPermissionGranted, WorkPermissionEnded][: len(kinds)]
        assert ("active" in self.seen) == (len(kinds) >= 1)
        assert ("ended" in self.seen) == (len(kinds) == 2)

    @invariant()
    def the_proposer_never_granted(self) -> None:
        for by in (self.permit.decided_by, self.permit.issued_by):
            assert by is None or not by.endswith("person-1")


TestPermitMachine = PermitMachine.TestCase
