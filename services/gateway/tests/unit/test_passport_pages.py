"""What a passport makes of practice."""

from typing import Any

from giatja_gateway.pages.inmates.passport import hours, months, skills


def practice(**other: Any) -> dict[str, Any]:
    row = {
        "workshop_kind": "garmen",
        "competence": "menjahit",
        "competence_name": "Menjahit",
        "competence_name_en": "Sewing",
        "stage": "jahit",
        "month": "2025-02",
        "pieces": 6,
        "minutes": 150,
    }
    return {**row, **other}


AWARD = {
    "competence": "qc",
    "name": "Pengendalian mutu",
    "name_en": "Quality control",
    "workshop_kind": "",
    "awarded_on": "2025-03-20",
}


class TestSkills:
    def test_gather_by_competence_the_most_practised_first(self) -> None:
        found = skills(
            [
                practice(stage="potong", competence="memotong", competence_name="Memotong kain", minutes=30),
                practice(),
                practice(month="2025-03", stage="obras", minutes=60),
            ],
            [],
        )
        assert [(s.name, s.minutes, s.pieces) for s in found] == [("Menjahit", 210, 12), ("Memotong kain", 30, 6)]
        assert found[0].stages == {"jahit": 150, "obras": 60}

    def test_keep_what_was_awarded_without_practice(self) -> None:
        (skill,) = skills([], [AWARD])
        assert (skill.name, skill.minutes, skill.awarded_on) == ("Pengendalian mutu", 0, "2025-03-20")

    def test_call_work_without_a_competence_by_its_stage(self) -> None:
        (skill,) = skills([practice(competence=None, competence_name=None, stage="buang_benang")], [])
        assert (skill.name, skill.awarded_on) == ("Buang benang", None)


class TestMonths:
    def test_show_gaps_and_the_year_where_it_begins(self) -> None:
        columns = months([practice(month="2024-11"), practice(month="2025-02", minutes=90)])
        assert [(c.label, c.value) for c in columns] == [("Nov '24", 2.5), ("Des", 0.0), ("Jan '25", 0.0), ("Feb", 1.5)]

    def test_are_at_most_a_year(self) -> None:
        columns = months([practice(month="2023-01"), practice(month="2025-02")])
        assert len(columns) == 12
        assert columns[-1].label == "Feb"

    def test_are_none_without_practice(self) -> None:
        assert months([]) == []


class TestHours:
    def test_are_counted_to_a_tenth(self) -> None:
        assert hours(100) == 1.7
