"""How planning and plants speak: answers, risks, curves."""

from typing import Any, ClassVar
from xml.etree import ElementTree as ET

import pytest

from giatja_gateway.pages import charts
from giatja_gateway.pages.batches import words as plants
from giatja_gateway.pages.planning import words

STAGE = {"key": "jahit", "name": "Jahit", "name_en": "Sewing", "people": 6, "until": None}


def lever(kind: str, amount: int, *, stage: dict[str, Any] | None = None, minutes: int = 0) -> dict[str, Any]:
    return {"kind": kind, "amount": amount, "minutes": minutes, "stage": stage}


def promise(**part: Any) -> dict[str, Any]:
    """Return an answer of planning for one workshop, by default a no that can be helped."""
    one = {
        "workshop_id": "w",
        "workshop_name": "Garmen",
        "workshop_kind": "garmen",
        "quantity": 100,
        "minutes": 3000,
        "possible": False,
        "earliest_on": "2026-12-21",
        "bottleneck": STAGE,
        "people": 16,
        "open_work_orders": 3,
        "delays": [],
        "delays_count": 0,
        "levers": [],
        **part,
    }
    return {
        "possible": one["possible"],
        "asked_on": "2026-12-10",
        "earliest_on": one["earliest_on"],
        "slack_days": 4 if one["possible"] else None,
        "workshops": [one],
    }


def plain(text: str) -> str:
    """Return a text with spaces that break."""
    return text.replace("\u00a0", " ")


class TestAnswer:
    def test_says_yes_with_the_time_in_hand_and_no_levers(self) -> None:
        found = words.answer(promise(possible=True, earliest_on="2026-12-06", levers=[lever("part", 3)]))
        assert (plain(found["title"]), found["tone"]) == ("Ya, 10 Desember 2026 bisa dijanjikan", "daun")
        assert plain(found["text"]) == "Menurut hitungan selesai 6 Desember 2026: cadangan 4 hari."
        assert found["parts"][0]["levers"] == []

    def test_names_the_earliest_day_what_decides_and_the_work(self) -> None:
        found = words.answer(promise())
        assert plain(found["title"]).endswith("paling cepat 21 Desember 2026")
        (part,) = found["parts"]
        assert plain(part["work"]) == "100 pcs, kira-kira 50 jam kerja"
        assert plain(part["why"]).startswith(
            "Tahap Jahit yang menentukan: 6 orang bisa di sana, dan 3 perintah kerja lain"
        )

    def test_names_the_orders_that_would_be_late_once_each(self) -> None:
        late = [{"order_number": f"PKL-{n}"} for n in (1, 1, 2, 3, 4)]
        (part,) = words.answer(promise(delays=late, delays_count=9))["parts"]
        assert part["why"] == "Janji yang sudah diberikan akan meleset: PKL-1, PKL-2, PKL-3, …."

    @pytest.mark.parametrize(
        ("part", "why"),
        [
            ({"people": 0}, "Belum ada WBP yang ditempatkan di unit kerja ini."),
            ({"bottleneck": {**STAGE, "people": 0}}, "Belum ada yang boleh mengerjakan tahap Jahit."),
            (
                {"bottleneck": {**STAGE, "until": "2026-12-12"}},
                "Sesudah 12 Desember 2026 tidak ada lagi yang boleh mengerjakan tahap Jahit: SK atau penempatannya habis.",
            ),
        ],
    )
    def test_of_no_day_at_all_says_why(self, part: dict[str, Any], why: str) -> None:
        found = words.answer(promise(earliest_on=None, **part))
        assert (found["tone"], plain(found["parts"][0]["why"])) == ("merah", why)

    def test_puts_people_of_several_stages_into_one_thing_to_do(self) -> None:
        levers = [
            lever("people", 2, stage=STAGE),
            lever("people", 1, stage={**STAGE, "name": "QC"}),
            lever("overtime", 90),
            lever("part", 60),
            lever("region", 40, minutes=1200),
        ]
        (part,) = words.answer(promise(levers=levers))["parts"]
        assert [one["kind"] for one in part["levers"]] == ["people", "overtime", "part", "region"]
        assert part["levers"][0]["title"] == "Tambah 2 orang di tahap Jahit, 1 orang di tahap QC"
        assert "40 pcs, menyusul 21 Des" in plain(part["levers"][2]["text"])
        assert "20 jam kerja" in part["levers"][3]["text"]


class TestRisk:
    def of(self, likely: str | None, *, last: str = "2026-12-12", late: bool = False) -> Any:
        return words.risk(
            {
                "forecast_cause": "pace" if likely else "nobody",
                "likely_on": likely,
                "likely_from": "2026-12-05" if likely else None,
                "likely_to": last if likely else None,
                "due_date": "2026-12-08",
                "late": late,
            }
        )

    @pytest.mark.parametrize(
        ("likely", "last", "badge", "tone"),
        [
            ("2026-12-10", "2026-12-12", "kira-kira telat 2 hari", "kunyit"),
            ("2026-12-07", "2026-12-12", "bisa meleset", "kunyit"),
            ("2026-12-06", "2026-12-08", "cadangan 2 hari", "daun"),
            ("2026-12-08", "2026-12-08", "pas janji", "daun"),
        ],
    )
    def test_is_told_by_the_day_and_its_range(self, likely: str, last: str, badge: str, tone: str) -> None:
        found = self.of(likely, last=last)
        assert (found["badge"], found["tone"]) == (badge, tone)
        assert found["range"].startswith("antara 5")

    def test_of_what_is_late_already_is_red(self) -> None:
        assert self.of("2026-12-10", late=True)["tone"] == "merah"

    def test_without_a_day_says_that_nobody_is_there(self) -> None:
        assert self.of(None)["badge"] == "tanpa orang"

    def test_is_nothing_before_a_forecast_was_told(self) -> None:
        assert words.risk({"forecast_cause": None, "likely_on": None}) is None


def drawn(svg: Any) -> ET.Element:
    return ET.fromstring(str(svg))


class TestLoadGrid:
    row = charts.GridRow(label="<Jahit>", shares=[0.4, 1.2, None, 0.9], wanted=[True, True, True, False])

    def test_marks_too_much_and_nobody_and_leaves_empty_what_is_not_wanted(self) -> None:
        svg = drawn(charts.load_grid([self.row], ["1", "2", "3", "4"], "Beban"))
        texts = [e.text for e in svg.iter("text") if "chart-value" in e.attrib["class"]]
        assert texts == ["40%", "120%", "!", "–"]
        assert sum("chart-over" in e.attrib["class"] for e in svg.iter("text")) == 2

    def test_breaks_a_long_name_into_two_lines(self) -> None:
        row = charts.GridRow(label="Quality control and folding", shares=[None], wanted=[False])
        svg = drawn(charts.load_grid([row], ["1"], "Beban"))
        names = [e.text for e in svg.iter("text") if "chart-row" in e.attrib["class"]]
        assert names == ["Quality control", "and folding"]

    def test_tells_the_fullest_week_to_those_who_do_not_see(self) -> None:
        svg = drawn(charts.load_grid([self.row], ["1", "2", "3", "4"], "Beban"))
        assert svg.findtext("desc") == "Minggu terpenuh tiap tahap: <Jahit> 120% (2)."


class TestStepChart:
    def test_holds_a_share_until_the_next_one(self) -> None:
        line = charts.Line(label="A", points=[(0, 0), (10, 0.5), (20, 1)])
        svg = drawn(charts.step_chart([line], "Hasil"))
        points = [p.split(",") for p in svg.find("polyline").attrib["points"].split()]  # type: ignore[union-attr]
        assert [float(x) for x, _ in points] == [44, 257, 257, 470, 470]
        assert points[0][1] == points[1][1]
        assert svg.findtext("desc") == "A: 100% pada hari 20"

    def test_of_nothing_says_so(self) -> None:
        assert drawn(charts.step_chart([], "Hasil")).findtext("desc") == "Belum ada data."


class TestBatch:
    batch: ClassVar[dict[str, Any]] = {
        "stages": [{"name": n, "name_en": n} for n in "abc"],
        "stage_no": 2,
        "entered_on": "2026-02-01",
        "living": 5,
        "free": 1,
        "reserved": 2,
        "sold": 3,
        "lost": 4,
    }

    def test_shows_its_stages_as_passed_now_and_to_come(self) -> None:
        entered = [{"stage_no": 1, "entered_on": "2026-01-01"}, {"stage_no": 3, "entered_on": "2026-01-20"}]
        found = plants.stages(self.batch, entered)
        assert [(s["look"], s["entered_on"]) for s in found] == [
            ("past", "2026-01-01"),
            ("now", "2026-02-01"),
            # It was there once and was brought back.
            ("next", None),
        ]

    def test_divides_all_that_was_started(self) -> None:
        assert sum(part.value for part in plants.balance(self.batch)) == 15
