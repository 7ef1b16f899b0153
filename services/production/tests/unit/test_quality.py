"""What an inspection may say, and what the yield of stages makes of it; no I/O."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.quality.domain import (
    FaultsBeyondSample,
    Finding,
    Inspection,
    Inspector,
    MoreFaultsThanPieces,
    NobodyOfPartnerCredited,
    OwnInspectorNamed,
    PartnerInspectorUnnamed,
    ResponsibleStageLater,
    SampleTooLarge,
    Seen,
    Verdict,
    rolled_yield,
)

QUALITY = 7


def a_finding(pieces: int = 1, verdict: Verdict = Verdict.REWORK, **more: Any) -> Finding:
    return Finding(**{"defect": "noda", "verdict": verdict, "pieces": pieces, **more})


def an_inspection(*findings: Finding, **more: Any) -> Inspection:
    made: dict[str, Any] = {
        "pieces": 20,
        "sample_size": None,
        "inspector": Inspector.OFFICER,
        "inspector_name": None,
        "inmate_id": None,
        "findings": findings,
    }
    return Inspection(**{**made, **more})


class TestInspection:
    @pytest.mark.parametrize(
        ("inspection", "refusal", "field"),
        [
            (an_inspection(a_finding(21)), MoreFaultsThanPieces, "/pieces"),
            (an_inspection(sample_size=21), SampleTooLarge, "/sample_size"),
            (an_inspection(a_finding(6), sample_size=5), FaultsBeyondSample, "/sample_size"),
            (an_inspection(inspector=Inspector.PARTNER), PartnerInspectorUnnamed, "/inspector_name"),
            (an_inspection(inspector_name="Bu Ani"), OwnInspectorNamed, "/inspector_name"),
            (
                an_inspection(inspector=Inspector.PARTNER, inspector_name="Bu Ani", inmate_id=new_id()),
                NobodyOfPartnerCredited,
                "/inmate_id",
            ),
            (
                an_inspection(a_finding(), a_finding(responsible_no=8)),
                ResponsibleStageLater,
                "/findings/1/responsible_no",
            ),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, inspection: Inspection, refusal: type[Refusal], field: str) -> None:
        with pytest.raises(refusal) as said:
            inspection.check(quality_no=QUALITY)
        assert said.value.field == field

    def test_of_a_sample_may_send_everything_back(self) -> None:
        an_inspection(a_finding(20), sample_size=5).check(quality_no=QUALITY)

    @given(
        st.integers(1, 200),
        st.lists(st.tuples(st.integers(1, 60), st.sampled_from(Verdict)), max_size=5),
        st.none() | st.integers(1, 200),
    )
    def test_that_is_let_pass_records_every_piece_once(
        self, pieces: int, found: list[tuple[int, Verdict]], sample: int | None
    ) -> None:
        inspection = an_inspection(*[a_finding(n, v) for n, v in found], pieces=pieces, sample_size=sample)
        try:
            inspection.check(quality_no=QUALITY)
        except (MoreFaultsThanPieces, SampleTooLarge, FaultsBeyondSample):
            faulty = sum(n for n, _ in found)
            assert faulty > pieces or sample is not None
            return
        entries = [e for _, e in inspection.entries(bundle_id=None, size="M", colour=None, from_rework=False)]
        assert sum(e.asked for e in entries) == pieces
        assert all(e.asked > 0 and e.size == "M" for e in entries)
        assert sum(e.reject for e in entries) == sum(n for n, v in found if v is Verdict.REJECT)

    def test_names_where_each_entry_stands_in_the_request(self) -> None:
        found = [a_finding(2, responsible_no=3), a_finding(1, Verdict.REJECT)]
        bundle = UUID(int=7)
        entries = an_inspection(*found).entries(bundle_id=bundle, size=None, colour=None, from_rework=False)
        assert [(at, e.good, e.rework, e.reject, e.responsible_no) for at, e in entries] == [
            ("/pieces", 17, 0, 0, None), ("/findings/0", 0, 2, 0, 3), ("/findings/1", 0, 0, 1, None),
        ]  # fmt: skip
        assert {e.bundle_id for _, e in entries} == {bundle}


class TestYield:
    def test_is_nothing_where_nothing_was_looked_at(self) -> None:
        assert Seen(good=0, rework=0, reject=0).first_pass_yield is None
        assert rolled_yield([]) is None

    @given(st.lists(st.tuples(*[st.integers(0, 50)] * 3), min_size=1, max_size=6))
    def test_of_all_stages_is_never_better_than_of_the_worst(self, counts: list[tuple[int, int, int]]) -> None:
        stages = [Seen(good=g, rework=w, reject=r) for g, w, r in counts]
        shares = [s.first_pass_yield for s in stages if s.first_pass_yield is not None]
        rolled = rolled_yield(stages)
        assert (rolled is None) == (not shares)
        assert rolled is None or 0 <= rolled <= min(shares)
