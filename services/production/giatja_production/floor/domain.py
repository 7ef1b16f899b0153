"""How much is to be made in a day, from what is left and the days that are left."""

from datetime import date, timedelta

SUNDAY = 6


def working_days(first: date, last: date) -> int:
    """Return the days from ``first`` to ``last``, both included, that are not Sundays."""
    if last < first:
        return 0
    days = (last - first).days + 1
    weeks, rest = divmod(days, 7)
    return weeks * 6 + sum((first + timedelta(days=n)).weekday() != SUNDAY for n in range(rest))


def pace(*, left: int, today: date, due_date: date) -> int:
    """Return how many pieces a day finish what is left by the due date; all of it once that is today or past."""
    days = working_days(today, due_date)
    return -(-left // days) if days > 1 else left
