"""Whether a date can be promised: all open work, what is due first served first, on the minutes people have.

The rule (docs/decisions/0015): orders are taken by due date. At each stage an order takes the earliest free minutes of
those who may work there, first of those placed at that stage, then of those who can do the fewest other things; a
minute of a person is given once. A piece passes two stages a working day, so work at a stage is done by the due date
less half a day for each stage behind it, and begins half a day later for each stage before the nearest piece. A date
can be promised when the asked order is finished by it and no other order becomes late, or later, through it.

So a yes is always a schedule that exists. Where skills overlap without one containing the other, a cleverer schedule
may exist for a no.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil, sqrt
from typing import Final, Literal, NamedTuple

from giatja_kit.errors import Conflict, Invalid, Unknown

STAGES_A_DAY: Final = 2
"""How many stages a piece passes in a working day."""
HORIZON_DAYS: Final = 366
MOST_OVERTIME: Final = 180
OVERTIME_STEP: Final = 30
PACE_DAYS: Final = 12
"""Working days, two weeks of six, from which the pace of an order is taken."""
LATE_DAYS: Final = 6
"""Working days over which the load of what is late is spread: it is wanted at once, and a week is soon."""
LEARNING_DAYS: Final = 28
"""Days from which the learning factor is taken."""
_FEWEST_DAYS: Final = 3
_USUAL_MINUTES: Final = 2400
_FACTORS: Final = (0.5, 2.0)
_LEAST_SPREAD, _PLAN_SPREAD = 0.1, 0.2
_MOST_PEOPLE: Final = 60
_CHUNK: Final = 32
_ROUNDS: Final = 14


class PromiseTooFar(Invalid):
    """Nobody knows the working days of that year yet."""

    id = "Tanggal paling jauh yang bisa dihitung adalah {latest}."
    en = "The latest date that can be worked out is {latest}."


class PromiseInPast(Invalid):
    """Nothing can be promised for a day that is over."""

    id = "Tanggal janji harus hari ini atau sesudahnya."
    en = "A promised date is today or later."


class WorkshopUnclear(Invalid):
    """A line names a workshop or a kind of workshop, one of the two."""

    id = "Sebut unit kerjanya atau jenisnya, salah satu."
    en = "Name the workshop or its kind, one of the two."


class NoWorkingTime(Conflict):
    """The calendar of the Lapas has no working day in the year ahead."""

    id = "Kalender kerja Lapas ini belum punya hari kerja."
    en = "The working calendar of this Lapas has no working day."


class ForecastUnknown(Unknown):
    """No open order of this Lapas has that id, or its forecast is not worked out yet."""

    id = "Belum ada perkiraan untuk pesanan ini."
    en = "There is no forecast for this order yet."


class Step(NamedTuple):
    """Work that an order still has at one stage; thousands of them are made for one answer.

    :param begins: working days until the first piece arrives there.
    :param leads: working days a piece needs from there to the end of the route.
    """

    stage: str
    pieces: int
    minutes: int
    begins: int
    leads: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """An order, or a line of one, with the work it still has, in the order of its route."""

    id: str
    due: date
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hand:
    """Somebody who works in a workshop.

    :param stages: where they may work; :param own: where they are placed, if at one stage.
    :param first: first day, :param last: last day they may work, if that is known.
    """

    stages: frozenset[str]
    own: str | None = None
    first: date = date.min
    last: date = date.max


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A workshop as planning sees it.

    :param days: working days from today on; :param minutes: working time of each, today what is left of it.
    :param machines: stage -> minutes of its machines on each of the days; a stage without needs none.
    """

    days: Sequence[date]
    minutes: Sequence[int]
    hands: Sequence[Hand]
    machines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    tasks: Sequence[Task] = ()

    def __post_init__(self) -> None:
        if not self.days:
            raise NoWorkingTime

    def index_by(self, day: date) -> int:
        """Return the last working day up to a day, -1 for one that is over."""
        return bisect_right(self.days, day) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """When a task is finished, by the index of the working day; nothing where it never is.

    :param steps: the same for each of its steps, by itself.
    :param worst: the step that decides, if there is any.
    """

    index: int | None
    steps: tuple[int | None, ...]
    worst: int | None


def steps_left(standing: Sequence[int], minutes: Sequence[tuple[str, float]]) -> tuple[Step, ...]:
    """Return the work left at each stage: every piece that stands there or before it still has to pass it.

    :param standing: pieces waiting or in rework at each stage of the route.
    :param minutes: key and minutes of one piece of each stage.
    """
    found, passing, nearest, last = [], 0, 0, len(minutes) - 1
    for nth, (pieces, (key, each)) in enumerate(zip(standing, minutes, strict=True)):
        passing += pieces
        if pieces:
            nearest = nth
        if passing:
            begins, leads = (nth - nearest) // STAGES_A_DAY, (last - nth) // STAGES_A_DAY
            found.append(Step(key, passing, ceil(passing * each), begins, leads))
    return tuple(found)


def learning_factor(*, actual: int, standard: int) -> float:
    """Return how many minutes a standard minute takes here, from the work of the last weeks.

    A little work says little: 40 hours at the standard are added to it. Kept between half and twice the standard.
    """
    low, high = _FACTORS
    return min(max((actual + _USUAL_MINUTES) / (standard + _USUAL_MINUTES), low), high)


class Bench:
    """The free minutes of a workshop, to lay work on; made anew from the same lists for each try."""

    def __init__(self, shop: Shop, *, overtime: int = 0, until: int = -1) -> None:
        """Count the minutes of each kind of hand on each day.

        :param overtime: minutes more on each working day up to the index ``until``.
        """
        self.shop = shop
        self._length = len(shop.days)
        added = [m + overtime if i <= until and m else m for i, m in enumerate(shop.minutes)] if overtime else None
        minutes: Sequence[int] = added or shop.minutes
        kinds: dict[tuple[frozenset[str], str | None], list[Hand]] = {}
        for hand in shop.hands:
            kinds.setdefault((hand.stages, hand.own), []).append(hand)
        self._kinds = sorted(kinds, key=lambda k: (len(k[0]), k[1] or "", sorted(k[0])))
        self._full = [self._minutes_of(kinds[kind], minutes) for kind in self._kinds]
        self._machines = {
            key: [m + overtime if added and i <= until and m else m for i, m in enumerate(have)]
            for key, have in shop.machines.items()
        }
        self._order = self._preferences()

    def _minutes_of(self, hands: Sequence[Hand], minutes: Sequence[int]) -> list[int]:
        days, count = self.shop.days, len(hands)
        if all(h.first <= days[0] and h.last >= days[-1] for h in hands):
            return [count * m for m in minutes]
        return [m * sum(h.first <= day <= h.last for h in hands) for day, m in zip(days, minutes, strict=True)]

    def _preferences(self) -> dict[str, tuple[int, ...]]:
        """Say for each stage whose minutes are taken first: its own, the free, and those least wanted elsewhere."""
        wanted: dict[str, int] = {}
        for task in self.shop.tasks:
            for step in task.steps:
                wanted[step.stage] = wanted.get(step.stage, 0) + step.minutes
        able: dict[str, int] = {}
        for (stages, _own), have in zip(self._kinds, self._full, strict=True):
            for key in stages:
                able[key] = able.get(key, 0) + sum(have)
        busy = {key: minutes / (able.get(key, 0) or 1) for key, minutes in wanted.items()}

        def rank(nth: int, stage: str) -> tuple[int, int, float, int]:
            stages, own = self._kinds[nth]
            elsewhere = max((busy.get(key, 0.0) for key in stages if key != stage), default=0.0)
            return (0 if own == stage else 1 if own is None else 2, len(stages), elsewhere, nth)

        keys = frozenset().union(*(stages for stages, _ in self._kinds)) if self._kinds else frozenset()
        return {
            key: tuple(
                sorted((n for n, (stages, _) in enumerate(self._kinds) if key in stages), key=lambda n: rank(n, key))
            )
            for key in keys
        }

    def empty(self) -> "Laid":
        """Return the minutes with nothing laid on them."""
        return Laid(free=self._full, first=[0] * len(self._full), machines=self._machines).copy()

    def lay(self, tasks: Iterable[Task], laid: "Laid | None" = None) -> Iterator[tuple[Task, Done]]:
        """Lay tasks on the free minutes, in the order they come; yield when each is done.

        :param laid: what is laid already; it is changed.
        """
        free, first, machines = (laid or self.empty()).parts
        for task in tasks:
            due = self.shop.index_by(task.due)
            ends: list[int | None] = []
            worst, index = None, -1
            for nth, step in enumerate(task.steps):
                end = self._take(step, due - step.leads, free, first, machines)
                ends.append(end)
                if end is None:
                    worst, index = nth, self._length
                elif end + step.leads > index:
                    worst, index = nth, end + step.leads
            yield task, Done(index=index if index < self._length else None, steps=tuple(ends), worst=worst)

    def _take(
        self, step: Step, deadline: int, free: list[list[int]], first: list[int], machines: dict[str, list[int]]
    ) -> int | None:
        """Take the minutes of a step; return the day of the last of them, nothing when there are not enough."""
        left, last, begins, length = step.minutes, -1, step.begins, self._length
        kinds = self._order.get(step.stage, ())
        machine = machines.get(step.stage)
        if deadline >= length:
            deadline = length - 1
        for kind in kinds:
            have, nth = free[kind], first[kind]
            while nth < length and not have[nth]:
                nth += 1
            first[kind] = nth
            nth = max(nth, begins)
            while nth <= deadline and left:
                take = have[nth]
                if machine is not None and machine[nth] < take:
                    take = machine[nth]
                if take:
                    take = min(take, left)
                    have[nth] -= take
                    left -= take
                    if machine is not None:
                        machine[nth] -= take
                    last = max(last, nth)
                nth += 1
            if not left:
                return last
        if not kinds:
            return None
        return self._take_late(left, max(deadline + 1, begins, min(first[k] for k in kinds)), kinds, free, machine)

    def _take_late(
        self, left: int, nth: int, kinds: Sequence[int], free: list[list[int]], machine: list[int] | None
    ) -> int | None:
        """Go on after the deadline, with everybody who can, day by day."""
        while nth < self._length:
            for kind in kinds:
                take = min(free[kind][nth], left)
                if machine is not None:
                    take = min(take, machine[nth])
                    machine[nth] -= take
                free[kind][nth] -= take
                left -= take
                if not left:
                    return nth
            nth += 1
        return None


@dataclass(kw_only=True, slots=True)
class Laid:
    """What is left of the minutes of each kind of hand and of the machines, and the first day that has any."""

    free: list[list[int]]
    first: list[int]
    machines: dict[str, list[int]]

    @property
    def parts(self) -> tuple[list[list[int]], list[int], dict[str, list[int]]]:
        """All of it."""
        return self.free, self.first, self.machines

    def copy(self) -> "Laid":
        """Return the same, to go on from without changing this."""
        return Laid(
            free=[list(have) for have in self.free],
            first=list(self.first),
            machines={key: list(have) for key, have in self.machines.items()},
        )


def by_due_date(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks in the order in which they are served."""
    return sorted(tasks, key=lambda t: (t.due, t.id))


def finished(shop: Shop) -> dict[str, Done]:
    """Return when each open task is done."""
    return {task.id: done for task, done in Bench(shop).lay(by_due_date(shop.tasks))}


LeverKind = Literal["people", "overtime", "part", "region"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lever:
    """Something that would make the asked date possible.

    :param amount: people more at the stage; minutes more a day; pieces by the asked date; pieces for another Lapas.
    :param minutes: working time that is missing, where it is to be found elsewhere.
    """

    kind: LeverKind
    amount: int
    stage: str | None = None
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Whether a date can be promised.

    :param earliest: the earliest date that can; nothing where none within a year can.
    :param bottleneck: the stage that decides.
    :param delays: the tasks that would be late, or later, through it.
    """

    possible: bool
    asked: date
    earliest: date | None
    bottleneck: str | None
    delays: tuple[str, ...]
    levers: tuple[Lever, ...]

    @property
    def slack_days(self) -> int | None:
        """Days between the earliest date and the asked one."""
        return (self.asked - self.earliest).days if self.possible and self.earliest else None


class _Question:
    """One asked order against the open work of a workshop."""

    def __init__(self, shop: Shop, steps: Sequence[Step], quantity: int) -> None:
        self.shop = shop
        self.steps = tuple(steps)
        self.quantity = quantity
        self.bench = Bench(shop)
        self._open = by_due_date(shop.tasks)
        self._dues = [task.due for task in self._open]
        self._before: dict[str, int | None] = {}
        # What is due before the asked order is laid the same in every try, so it is laid once and gone on from.
        self._marks: list[Laid] = []
        laid = self.bench.empty()
        for begin in range(0, len(self._open) or 1, _CHUNK):
            self._marks.append(laid.copy())
            part = self._open[begin : begin + _CHUNK]
            self._before |= {task.id: done.index for task, done in self.bench.lay(part, laid)}
        self._marks.append(laid)

    def ask(self, bench: Bench, due: date, steps: Sequence[Step], *, whole: bool = False) -> "_Try":
        """Lay everything with the asked order in its place: after what is due on the same day.

        :param whole: go on after the first that does not hold, to name all that would be delayed.
        """
        place = bisect_right(self._dues, due)
        asked = Task(id="", due=due, steps=tuple(steps))
        limit, late, delays, stage = self.shop.index_by(due), False, [], None
        mark = place // _CHUNK if bench is self.bench else 0
        laid = self._marks[mark].copy() if bench is self.bench else None
        for task, done in bench.lay([*self._open[mark * _CHUNK : place], asked, *self._open[place:]], laid):
            if task is asked:
                late = done.index is None or done.index > limit
                stage = steps[done.worst].stage if done.worst is not None else None
            elif self._suffers(task, done):
                delays.append(task.id)
                if not late and len(delays) == 1 and done.worst is not None:
                    stage = task.steps[done.worst].stage
            if (late or delays) and not whole:
                break
        return _Try(holds=not late and not delays, stage=stage, delays=tuple(delays))

    def _suffers(self, task: Task, done: Done) -> bool:
        before = self._before[task.id]
        if before is None or done.index == before:
            return False
        return done.index is None or done.index > max(before, self.shop.index_by(task.due))

    def holds_on(self, index: int) -> bool:
        """Return whether the day of an index can be promised."""
        return self.ask(self.bench, self.shop.days[index], self.steps).holds

    def earliest(self, low: int, high: int) -> date | None:
        """Return the earliest day that can be promised among the indices from ``low`` to ``high``."""
        if low > high or not self.holds_on(high):
            return None
        while low < high:
            middle = (low + high) // 2
            if self.holds_on(middle):
                high = middle
            else:
                low = middle + 1
        return self.shop.days[low]

    def levers(self, due: date, first: "_Try") -> Iterator[Lever]:
        """Yield what would make a day possible that is not."""
        limit = self.shop.index_by(due)
        if all(limit - step.leads >= step.begins for step in self.steps):
            yield from self._people(due, first)
            yield from self._overtime(due, limit)
        part = self._part(due)
        if part:
            yield Lever(kind="part", amount=part)
        missing = sum(step.minutes * (self.quantity - part) // self.quantity for step in self.steps)
        yield Lever(kind="region", amount=self.quantity - part, minutes=missing)

    def _people(self, due: date, tried: "_Try") -> Iterator[Lever]:
        """Put people at the stage that decides until it holds, twice as many each time, then as few as it needs."""
        more: dict[str, int] = {}
        for _ in range(_ROUNDS):
            if tried.holds or tried.stage is None or sum(more.values()) >= _MOST_PEOPLE:
                break
            more[tried.stage] = more.get(tried.stage, 0) * 2 or 1
            tried = self._with_people(due, more)
        if not tried.holds:
            return
        for stage, most in more.items():
            low, high = most // 2 + 1, most
            while low < high:
                middle = (low + high) // 2
                if self._with_people(due, {**more, stage: middle}).holds:
                    high = middle
                else:
                    low = middle + 1
            more[stage] = low
        for stage, amount in more.items():
            yield Lever(kind="people", amount=amount, stage=stage)

    def _with_people(self, due: date, more: Mapping[str, int]) -> "_Try":
        new = [Hand(stages=frozenset((key,)), own=key) for key, count in more.items() for _ in range(count)]
        return self.ask(Bench(replace(self.shop, hands=[*self.shop.hands, *new])), due, self.steps)

    def _overtime(self, due: date, limit: int) -> Iterator[Lever]:
        low, high = 1, MOST_OVERTIME // OVERTIME_STEP + 1
        while low < high:
            middle = (low + high) // 2
            bench = Bench(self.shop, overtime=middle * OVERTIME_STEP, until=limit)
            if self.ask(bench, due, self.steps).holds:
                high = middle
            else:
                low = middle + 1
        if low * OVERTIME_STEP <= MOST_OVERTIME:
            yield Lever(kind="overtime", amount=low * OVERTIME_STEP)

    def _part(self, due: date) -> int:
        """Return how many of the pieces can be there by the day."""
        low, high = 0, self.quantity - 1
        while low < high:
            middle = (low + high + 1) // 2
            part = [s._replace(minutes=ceil(s.minutes * middle / self.quantity)) for s in self.steps]
            if self.ask(self.bench, due, part).holds:
                low = middle
            else:
                high = middle - 1
        return low


@dataclass(frozen=True, kw_only=True, slots=True)
class _Try:
    holds: bool
    stage: str | None
    delays: tuple[str, ...]


def promise(shop: Shop, steps: Sequence[Step], *, quantity: int, due: date) -> Promise:
    """Say whether work can be finished by a day without making anything else late, and otherwise by which."""
    question = _Question(shop, steps, quantity)
    limit, last = shop.index_by(due), len(shop.days) - 1
    tried = question.ask(question.bench, due, steps, whole=True)
    if tried.holds:
        earliest = question.earliest(0, limit)
        return Promise(possible=True, asked=due, earliest=earliest, bottleneck=tried.stage, delays=(), levers=())
    earliest = question.earliest(limit + 1, last)
    # Where no day can be promised, what decides is what still does on the last.
    never = None if earliest else question.ask(question.bench, shop.days[last], steps).stage
    return Promise(
        possible=False,
        asked=due,
        earliest=earliest,
        bottleneck=never or tried.stage,
        delays=tried.delays,
        levers=tuple(question.levers(due, tried)),
    )


# -- forecasts

Cause = Literal["pace", "plan", "on_hold", "nobody"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """When something is likely to be finished, with the range its pace leaves; no days where nobody works on it.

    :param stage: the stage that decides.
    """

    likely: date | None
    earliest: date | None
    latest: date | None
    cause: Cause
    stage: str | None

    def late_days(self, due: date) -> int:
        """Return the days after a due date, 0 for none; 0 too where no day is known."""
        return max(0, (self.likely - due).days) if self.likely else 0


def forecast(shop: Shop, task: Task, done: Done, paces: Mapping[str, Sequence[int]], *, held: bool) -> Forecast:
    """Forecast a task from the pace of its own stages in the last two weeks, where it has one, else from the plan.

    :param paces: stage -> good pieces of this task on each of the last working days, oldest first, without today.
    :param held: work stops; it is reckoned as if it went on tomorrow.
    """
    ends = [
        (*_range_of(step, end, paces.get(step.stage, ()), len(shop.days)), step)
        for step, end in zip(task.steps, done.steps, strict=True)
    ]
    pause = 1 if held else 0
    low, likely, high, cause, step = max(ends, key=lambda e: (e[1] + e[4].leads, e[2] + e[4].leads))
    deciding: Cause = "on_hold" if held else cause
    if likely >= len(shop.days):
        return Forecast(
            likely=None, earliest=None, latest=None, cause="on_hold" if held else "nobody", stage=step.stage
        )
    low = max(e[0] + e[4].leads for e in ends)
    high = max(e[2] + e[4].leads for e in ends)
    return Forecast(
        likely=_day(shop, likely + step.leads + pause),
        earliest=_day(shop, low + pause),
        latest=_day(shop, high + pause),
        cause=deciding,
        stage=step.stage,
    )


def _range_of(step: Step, end: int | None, pace: Sequence[int], length: int) -> tuple[int, int, int, Cause]:
    """Return the earliest, likely and latest day a step is done, as indices, and what says so."""
    mean = sum(pace) / len(pace) if pace else 0.0
    if len(pace) >= _FEWEST_DAYS and mean > 0:
        deviation = sqrt(sum((x - mean) ** 2 for x in pace) / (len(pace) - 1))
        spread = min(max(deviation / sqrt(len(pace)), _LEAST_SPREAD * mean), 2 * mean / 3)
        low, likely, high = (max(0, ceil(step.pieces / each) - 1) for each in (mean + spread, mean, mean - spread))
        return low, min(likely, length - 1), high, "pace"
    if end is None:
        return length, length, length, "nobody"
    margin = ceil(_PLAN_SPREAD * (end + 1))
    return max(step.begins, end - margin), end, end + margin, "plan"


def _day(shop: Shop, index: int) -> date:
    return shop.days[min(index, len(shop.days) - 1)]


def together(forecasts: Sequence[Forecast]) -> Forecast:
    """Return the forecast of an order from those of its lines: it is there with the last of them."""
    worst = max(forecasts, key=lambda f: (f.likely is None, f.likely or date.min, f.latest or date.min))
    if worst.likely is None:
        return worst
    return replace(
        worst,
        earliest=max(f.earliest for f in forecasts if f.earliest),
        latest=max(f.latest for f in forecasts if f.latest),
    )


# -- load


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What is wanted of a stage in a week, and what its people can give, in minutes."""

    stage: str
    week: date
    wanted: int
    able: int


def loads(shop: Shop, stages: Sequence[str], *, weeks: int) -> list[Load]:
    """Return the load of each stage in each week.

    The work of an order is spread evenly over the working time until it must be done; what is late already, over the next
    six working days. The minutes of people who can do several things are divided like the work that waits there.
    """
    days = [(day, _monday(day)) for day in shop.days]
    last = _monday(shop.days[0]) + timedelta(weeks=weeks - 1)
    within = [n for n, (_, week) in enumerate(days) if week <= last]
    wanted: dict[tuple[str, date], float] = {}
    total = dict.fromkeys(stages, 0.0)
    for task in shop.tasks:
        due = shop.index_by(task.due)
        for step in task.steps:
            total[step.stage] = total.get(step.stage, 0.0) + step.minutes
            end = min(due - step.leads if due >= step.leads else LATE_DAYS - 1, len(days) - 1)
            begin = min(step.begins, end)
            each = step.minutes / sum(shop.minutes[begin : end + 1])
            for nth in range(begin, min(end, within[-1]) + 1):
                key = (step.stage, days[nth][1])
                wanted[key] = wanted.get(key, 0.0) + each * shop.minutes[nth]
    able: dict[tuple[str, date], float] = {}
    for hand in shop.hands:
        shares = _shares(hand, total)
        for nth in within:
            day, week = days[nth]
            if hand.first <= day <= hand.last:
                for stage, share in shares.items():
                    able[stage, week] = able.get((stage, week), 0.0) + share * shop.minutes[nth]
    seen = list(dict.fromkeys(days[n][1] for n in within))
    return [
        Load(stage=s, week=w, wanted=round(wanted.get((s, w), 0)), able=round(able.get((s, w), 0)))
        for s in stages
        for w in seen
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _shares(hand: Hand, total: Mapping[str, float]) -> dict[str, float]:
    if hand.own is not None:
        return {hand.own: 1.0}
    stages = [s for s in hand.stages if s in total]
    whole = sum(total[s] for s in stages)
    return {s: total[s] / whole if whole else 1 / len(stages) for s in stages}
