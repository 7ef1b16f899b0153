"""How premi is said on screens and paper."""

from typing import Any

import pytest

from giatja_gateway.pages.premi import papers, words
from giatja_gateway.reports.pdf import render
from giatja_gateway.services import Name

ONE, TWO = "019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"
NAMES = {
    ONE: Name(name="Zainal", register_number="B.I.1/2025"),
    TWO: Name(name='=cmd|"x"', register_number="B.I.2/2025"),
}


def a_line(inmate: str, *, gross: int, carried_in: int = 0, carried_out: int = 0, **did: Any) -> dict[str, Any]:
    one = {"method": "per_piece", "stage": "Jahit", "stage_en": "Sewing", "count": 10, "rate": 500, **did}
    part = {"order_id": None, "order_number": "PKL-1", "month": None, "amount": gross - carried_in, "before": 0}
    return {
        "inmate_id": inmate, "workshop_name": "Garmen", "pieces": 10, "days": 0, "earned": gross - carried_in,
        "carried_in": carried_in, "gross": gross, "saved": gross // 10, "received": gross - gross // 10,
        "carried_out": carried_out, "way": "custody", "document": "REG-D/1", "parts": [{**part, "did": [one]}],
    }  # fmt: skip


class TestWords:
    def test_say_one_rate_or_that_there_are_several(self) -> None:
        line = a_line(ONE, gross=5000)
        assert words.rate_of(line) == "Rp500"
        line["parts"][0]["did"].append({**line["parts"][0]["did"][0], "rate": 700})
        assert words.rate_of(line) == "beragam"
        assert words.rate_of(a_line(ONE, gross=5000, rate=None)) == "bagi hasil"

    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            ({"method": "per_piece", "rates": {"jahit": 500, "qc": 200, "potong": 0}, "finished": None}, "Rp200–Rp500"),
            ({"method": "per_piece", "rates": None, "finished": 7000}, "Rp7.000 per potong jadi"),
            ({"method": "team_pool", "amount": 90_000, "per": 20, "key": "hours"}, "menurut jam hadir"),
            ({"method": "day", "amount": 20_000, "grades": {}}, "Rp20.000 sehari"),
            ({"method": "day", "amount": 20_000, "grades": {"menjahit": 30_000}}, "sampai Rp30.000"),
            (
                {"method": "share_of_proceeds", "premi": 50, "capital": 35, "pnbp": 15, "other": 0},
                "Premi 50% · Modal 35%",
            ),
        ],
    )
    def test_say_every_kind_of_scheme_in_a_sentence(self, terms: dict[str, Any], said: str) -> None:
        assert said in words.terms({"terms": terms})

    def test_show_no_more_than_the_end_of_an_id_to_who_may_not_know_a_name(self) -> None:
        assert words.named({}, ONE) == "WBP 000001"


class TestPapers:
    def test_sort_by_workshop_and_name_and_leave_out_who_has_nothing(self) -> None:
        nothing = a_line("019a0000-0000-7000-8000-000000000003", gross=0)
        rows = papers._sorted([a_line(ONE, gross=5000), a_line(TWO, gross=4000), nothing], NAMES)
        assert [row["inmate_id"] for row in rows] == [TWO, ONE]

    def test_are_set_with_corrections_and_in_parts(self) -> None:
        rows = [a_line(ONE, gross=5000, carried_in=-700), a_line(TWO, gross=0, carried_in=-900, carried_out=-900)]
        data: dict[str, Any] = {
            "month": "Oktober 2025", "draft": True, "part": "bagian 1 dari 2", "day": "2025-11-01",
            "rows": [papers._paper_row(nth, row, NAMES) for nth, row in enumerate(rows, start=1)],
            "totals": papers._totals(rows), "signers": [{"title": "Kalapas", "name": ""}],
        }  # fmt: skip
        assert [row["correction"] for row in data["rows"]] == [-700, -900]
        given = {"data": data, "letterhead": ["Lapas"], "footer": "Giatja"}
        assert render(papers.PAPERS / "list.typ", given).startswith(b"%PDF")

    def test_count_parts_of_a_long_list(self) -> None:
        assert [papers.parts_of(lines) for lines in (0, 1, 500, 501, 10_000)] == [1, 1, 1, 2, 20]
