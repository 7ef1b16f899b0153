"""What is compared between Lapas, over which period, and which counts are too small to be shown."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from giatja_kit.errors import Invalid, Unknown

FEWEST = 5
WEEKS = 8
_EARLIEST, _LATEST = 2000, 2100


class LapasNotCompared(Unknown):
    """No such Lapas in the caller's region."""

    id = "Lapas ini tidak ada di wilayah Anda."
    en = "There is no such Lapas in your region."


class MonthMalformed(Invalid):
    """A month is written as year and month."""

    id = "Tulis bulan seperti 2025-02."
    en = "Write a month like 2025-02."


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Month:
    """A calendar month: the period in which Lapas are compared."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month a day lies in."""
        return cls(first=day.replace(day=1))

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read ``2025-02``.

        :raises MonthMalformed: when it is something else.
        """
        year, _, month = text.partition("-")
        digits = f"{year}{month}"
        if not (digits.isascii() and digits.isdecimal() and len(year) == 4 and len(month) == 2):
            raise MonthMalformed(field="/month")
        if not (_EARLIEST <= int(year) <= _LATEST and 1 <= int(month) <= 12):
            raise MonthMalformed(field="/month")
        return cls(first=date(int(year), int(month), 1))

    @property
    def last(self) -> date:
        """The last day of the month."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def previous(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def next(self) -> "Month":
        """The month after."""
        return Month.of(self.last + timedelta(days=1))

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Headcount:
    """How many inmates; ``few`` says that it is some, but fewer than may be shown."""

    count: int | None
    few: bool = False


def headcount(count: int, *, hide_small: bool) -> Headcount:
    """Return a count of inmates as the caller may see it.

    Fewer than five are not told to those who may not read the register (UU 27/2022): in so small a
    group a figure is a statement about persons. None at all is about nobody, and is told.
    """
    if hide_small and 0 < count < FEWEST:
        return Headcount(count=None, few=True)
    return Headcount(count=count)


def total(counts: list[Headcount]) -> Headcount:
    """Add up counts; what may not be shown is left out, so that the sum does not give it away."""
    return Headcount(count=sum(c.count or 0 for c in counts), few=any(c.few for c in counts))


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole between 0 and 1; of nothing there is no share."""
    if whole <= 0:
        return None
    return min(max(part / whole, 0.0), 1.0)


def defect_share(*, passed: int, rework: int, reject: int) -> float | None:
    """Return which share of the pieces judged had to be done again or was lost."""
    faulty = max(rework, 0) + max(reject, 0)
    return share(faulty, max(passed, 0) + faulty)
