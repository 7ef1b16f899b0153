"""What a passport shows, made of what training says: hours by competence, by month, and the work of each order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from babel.dates import format_date

from giatja_gateway.pages.charts import Part
from giatja_gateway.pages.inmates import words
from giatja_gateway.pages.language import current

MONTHS_SHOWN: Final = 12


@dataclass(kw_only=True)
class Skill:
    """Practice in one competence, or at a stage that asks for none."""

    key: str
    name: str
    workshop: str
    awarded_on: str | None = None
    minutes: int = 0
    pieces: int = 0
    stages: dict[str, int] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        """Hours, to a tenth."""
        return hours(self.minutes)


def hours(minutes: int) -> float:
    """Turn minutes into hours, to a tenth."""
    return round(minutes / 60, 1)


def skills(practice: Iterable[Mapping[str, Any]], awards: Iterable[Mapping[str, Any]]) -> list[Skill]:
    """Gather practice by competence, the most practised first; what was awarded stands there without practice too."""
    found: dict[str, Skill] = {}
    for award in awards:
        found[award["competence"]] = Skill(
            key=award["competence"],
            name=words.named(award),
            workshop=award["workshop_kind"],
            awarded_on=award["awarded_on"],
        )
    for row in practice:
        key = row["competence"] or f"stage:{row['stage']}"
        skill = found.setdefault(key, Skill(key=key, name=_name(row), workshop=row["workshop_kind"]))
        skill.workshop = skill.workshop or row["workshop_kind"]
        skill.minutes += row["minutes"]
        skill.pieces += row["pieces"]
        skill.stages[row["stage"]] = skill.stages.get(row["stage"], 0) + row["minutes"]
    return sorted(found.values(), key=lambda s: (-s.minutes, s.name))


def _name(row: Mapping[str, Any]) -> str:
    if row["competence_name"]:
        return words.named({"name": row["competence_name"], "name_en": row["competence_name_en"]})
    return str(row["competence"] or row["stage"]).replace("_", " ").capitalize()


def months(practice: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Give the hours of each month from the first to the last with practice, at most a year, gaps included."""
    if not practice:
        return []
    minutes: dict[str, int] = {}
    for row in practice:
        minutes[row["month"]] = minutes.get(row["month"], 0) + row["minutes"]
    last = _number(max(minutes))
    first = max(_number(min(minutes)), last - MONTHS_SHOWN + 1)
    return [_column(number, minutes.get(_key(number), 0), first=number == first) for number in range(first, last + 1)]


def _number(month: str) -> int:
    year, nth = month.split("-")
    return int(year) * 12 + int(nth) - 1


def _key(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _column(number: int, minutes: int, *, first: bool) -> Part:
    day = date(number // 12, number % 12 + 1, 1)
    # The year stands only where it begins, so that twelve names fit below twelve columns.
    label = format_date(day, "MMM ''yy" if first or day.month == 1 else "MMM", locale=current())
    return Part(label=label, value=hours(minutes), tone="nila" if minutes else "mori")
