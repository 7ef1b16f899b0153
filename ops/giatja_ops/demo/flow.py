"""What a crew makes shift by shift: pieces move from stage to stage, some have to be done again, a few are lost.

Follows the rules of production (a rejected piece is replaced by one that waits at the first stage), so that
what is planned here is accepted there; production checks it all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

SHIFTS: Final = ("pagi", "siang")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong at a stage: the share of pieces, the defect, and whether they can be mended."""

    stage: str
    defect: str
    share: float
    mended: bool = True


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How one crew works on some lots of pieces, one lot after the other.

    :param stages: the route, in order.
    :param crew: stage -> the inmates who work there.
    :param pace: stage -> pieces of the whole crew there in one shift.
    :param begins: first working day; :param ends: the last one, at the latest.
    :param from_day: stage -> the working day before which nobody works there.
    :param idle: working days without work.
    :param shifts: of a day in which they work; on day 0 only the first has passed.
    :param straight: pieces may pass the whole route in one shift.
    :param today: stage -> how many of its crew are recorded already on day 0, in the morning.
    """

    lots: Sequence["Lot"]
    stages: Sequence[str]
    crew: Mapping[str, Sequence[str]]
    pace: Mapping[str, int]
    begins: int
    ends: int
    faults: Sequence[Fault] = ()
    from_day: Mapping[str, int] = field(default_factory=dict)
    idle: Sequence[int] = ()
    straight: bool = False
    shifts: Sequence[str] = SHIFTS
    today: Mapping[str, int] = field(default_factory=dict)


@dataclass(kw_only=True)
class Lot:
    """Pieces of one line that are worked on together: all of it, or one colour."""

    line: str
    quantity: int
    colour: str | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    rework: dict[str, int] = field(default_factory=dict)
    finished: int = 0

    @property
    def left(self) -> int:
        """How many pieces have not left the last stage."""
        return self.quantity - self.finished


@dataclass(frozen=True, kw_only=True)
class Made:
    """What one inmate made of one lot at a stage in a shift."""

    inmate: str
    colour: str | None
    good: int
    rework: int = 0
    reject: int = 0
    defect: str | None = None
    from_rework: bool = False


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was recorded of one line at one stage in one shift."""

    day: int
    shift: str
    line: str
    stage: str
    made: Sequence[Made]


def work(plan: Plan, random: Random) -> Iterator[Tally]:
    """Yield what is recorded, in order, until everything is finished or the plan ends."""
    plan = replace(plan, lots=[_begun(lot, plan.stages) for lot in plan.lots])
    for day in range(plan.begins, plan.ends + 1):
        if day in plan.idle:
            continue
        for shift in plan.shifts[:1] if day == 0 else plan.shifts:
            yield from _shift(plan, day, shift, random)


def _begun(lot: Lot, stages: Sequence[str]) -> Lot:
    """Return a lot all of whose pieces wait at the first stage."""
    nothing = dict.fromkeys(stages, 0)
    return replace(lot, waiting=nothing | {stages[0]: lot.quantity}, rework=dict(nothing), finished=0)


def _shift(plan: Plan, day: int, shift: str, random: Random) -> Iterator[Tally]:
    straight = plan.straight or sum(lot.left for lot in plan.lots) <= plan.pace[plan.stages[-1]]
    # From the last stage back, so that a piece moves on by one stage in a shift.
    for stage in plan.stages if straight else reversed(plan.stages):
        crew = plan.crew[stage]
        if day == 0:
            crew = crew[: plan.today.get(stage, 0)]
        if not crew or day < plan.from_day.get(stage, day):
            continue
        pace = round(plan.pace[stage] * len(crew) / len(plan.crew[stage]) * random.uniform(0.88, 1.1))
        made = list(_at_stage(plan, stage, crew, max(pace, 1), random))
        for line in dict.fromkeys(lot.line for lot, _ in made):
            yield Tally(
                day=day, shift=shift, line=line, stage=stage, made=[one for lot, one in made if lot.line == line]
            )


def _at_stage(plan: Plan, stage: str, crew: Sequence[str], pace: int, random: Random) -> Iterator[tuple[Lot, Made]]:
    for lot in plan.lots:
        if lot.rework[stage]:
            mended = Made(inmate=crew[0], colour=lot.colour, good=lot.rework[stage], from_rework=True)
            _move(plan, lot, stage, mended)
            yield lot, mended
    left = pace
    for lot in plan.lots:
        pieces = min(left, lot.waiting[stage])
        left -= pieces
        for inmate, part in zip(crew, _shares(pieces, len(crew), random), strict=True):
            if part:
                one = _judged(plan, lot, stage, inmate, part, random)
                _move(plan, lot, stage, one)
                yield lot, one


def _shares(pieces: int, people: int, random: Random) -> list[int]:
    """Share pieces among people, nearly evenly."""
    weights = [random.uniform(0.8, 1.2) for _ in range(people)]
    cuts = [round(pieces * sum(weights[: n + 1]) / sum(weights)) for n in range(people)]
    return [here - before for here, before in zip(cuts, [0, *cuts], strict=False)]


def _judged(plan: Plan, lot: Lot, stage: str, inmate: str, part: int, random: Random) -> Made:
    """Judge pieces; towards the end of a lot nothing goes wrong any more, so that it does end."""
    nearly_done = lot.left <= 2 * plan.pace[plan.stages[-1]]
    faults = [f for f in plan.faults if f.stage == stage and not nearly_done]
    random.shuffle(faults)
    for fault in faults:
        faulty = sum(random.random() < fault.share for _ in range(part))
        if faulty:
            return Made(
                inmate=inmate,
                colour=lot.colour,
                good=part - faulty,
                rework=faulty if fault.mended else 0,
                reject=0 if fault.mended else faulty,
                defect=fault.defect,
            )
    return Made(inmate=inmate, colour=lot.colour, good=part)


def _move(plan: Plan, lot: Lot, stage: str, made: Made) -> None:
    if made.from_rework:
        lot.rework[stage] -= made.good
    else:
        lot.waiting[stage] -= made.good + made.rework + made.reject
        lot.rework[stage] += made.rework
    lot.waiting[plan.stages[0]] += made.reject
    nth = plan.stages.index(stage) + 1
    if nth < len(plan.stages):
        lot.waiting[plan.stages[nth]] += made.good
    else:
        lot.finished += made.good
