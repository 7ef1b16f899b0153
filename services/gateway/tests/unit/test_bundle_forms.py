"""How a work order is to be cut, and what an inspection found, as people fill them in; and the chart of defects."""

from typing import Any

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from giatja_gateway.pages import charts
from giatja_gateway.pages.bundles.cutting import CutForm, summed
from giatja_gateway.pages.quality.form import FINDINGS, InspectionForm

CELLS = [
    {"no": 1, "size": "S", "colour": "putih"},
    {"no": 2, "size": "M", "colour": "putih"},
    {"no": 3, "size": "M", "colour": "biru"},
]


def a_cut(**values: str) -> CutForm:
    return CutForm(values={name.replace("__", "."): value for name, value in values.items()}, cells=CELLS)


class TestCutForm:
    def test_asks_for_everything_loose_unless_somebody_says_how(self) -> None:
        assert a_cut().body() == {"kind": "bundle", "most": 20}
        assert a_cut(kind="lot").body() == {"kind": "lot", "most": 60}

    def test_reads_plies_and_the_marker_of_each_colour_that_has_plies(self) -> None:
        form = a_cut(way="ratio", plies__0="15", ratio__0__0="1", ratio__0__1="2", plies__1="", ratio__1__1="1")
        assert form.body()["lays"] == [
            {"colour": "putih", "plies": "15", "ratio": [{"size": "S", "times": "1"}, {"size": "M", "times": "2"}]}
        ]

    def test_leaves_out_a_size_the_colour_has_not_and_a_marker_of_nothing(self) -> None:
        form = a_cut(way="ratio", plies__0="5", ratio__0__0="0", ratio__0__1="", plies__1="8", ratio__1__1="1")
        assert form.body()["lays"] == [{"colour": "biru", "plies": "8", "ratio": [{"size": "M", "times": "1"}]}]

    def test_reads_the_pieces_of_each_cell_that_has_some(self) -> None:
        assert a_cut(way="lots", lot__2="12", lot__3=" ").body()["lots"] == [
            {"size": "M", "colour": "putih", "pieces": "12"}
        ]

    def test_tells_what_was_looked_at_from_everything_else(self) -> None:
        looked_at = a_cut(most="10", seen="x").digest()
        assert a_cut(most="10", idempotency_key="k").digest() == looked_at
        assert a_cut(most="11").digest() != looked_at
        assert a_cut(most="10", stage_no="3").digest() != looked_at

    def test_sums_what_is_planned_by_cell(self) -> None:
        planned = [{"size": "M", "colour": "biru", "pieces": n} for n in (17, 17, 16)]
        assert summed(planned) == [{"size": "M", "colour": "biru", "bundles": 3, "least": 16, "most": 17, "pieces": 50}]


class TestInspectionForm:
    def test_of_a_bundle_says_nothing_of_pieces(self) -> None:
        body = InspectionForm(values={"work_order_id": "w", "bundle_id": "b", "pieces": "3", "cell": "M|biru"}).body()
        assert (body["bundle_id"], "pieces" in body, "size" in body) == ("b", False, False)
        assert (body["inspector"], body["findings"], body["from_rework"]) == ("petugas", [], False)

    def test_of_loose_pieces_names_their_cell_if_one_was_chosen(self) -> None:
        chosen = InspectionForm(values={"pieces": "3", "cell": "|biru"}).body()
        assert (chosen["pieces"], chosen["size"], chosen["colour"]) == ("3", "", "biru")
        assert "size" not in InspectionForm(values={"pieces": "3", "cell": ""}).body()

    @given(st.sets(st.integers(0, FINDINGS - 1)))
    def test_reads_the_rows_that_say_something_in_their_order(self, rows: set[int]) -> None:
        values = {f"verdict.{n}": "rework" for n in range(FINDINGS)}
        values |= {f"defect.{n}": f"cacat{n}" for n in rows} | {f"count.{n}": str(n + 1) for n in rows}
        form = InspectionForm(values=values)
        assert form.rows() == sorted(rows)
        assert [(f["defect"], f["pieces"]) for f in form.body()["findings"]] == [
            (f"cacat{n}", str(n + 1)) for n in sorted(rows)
        ]

    def test_leaves_a_missing_number_to_be_complained_about(self) -> None:
        assert InspectionForm(values={"defect.0": "noda"}).body()["findings"][0]["pieces"] is None


class TestParetoChart:
    def draw(self, *defects: dict[str, Any]) -> str:
        with Flask("chart").test_request_context():
            return str(charts.pareto_chart(defects, "Cacat"))

    def test_says_in_words_what_it_draws(self) -> None:
        drawn = self.draw(
            {"name": "Noda", "rework": 3, "reject": 0, "up_to": 0.75},
            {"name": "Bolong", "rework": 0, "reject": 1, "up_to": 1.0},
        )
        assert "Noda 3 (75%); Bolong 1 (100%)" in drawn
        assert (drawn.count("tone-kunyit"), drawn.count("tone-merah"), drawn.count("<circle")) == (1, 1, 2)

    def test_escapes_a_name_somebody_wrote_and_draws_nothing_for_nothing(self) -> None:
        assert "<b>" not in self.draw({"name": "<b>x</b>", "rework": 1, "reject": 0, "up_to": 1.0})
        assert "<rect" not in self.draw()
