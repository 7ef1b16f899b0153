"""A year of one line of an order in a workshop: its output by the rules of production, added up for everybody.

The same rules that production holds, on plain numbers, since a million entries are made here: pieces enter a
stage only after the one before, a rejected piece is replaced at the first stage, credit is given where a piece
passes quality control, to those who made the pieces of that cell first.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from giatja_production.workshops.domain import Route, Stage

_REWORK: Final = 0.03
_REJECT: Final = 0.006
_STAGES_A_DAY: Final = 2


@dataclass(slots=True)
class Entry:
    """One row of output: what one inmate made of one cell at a stage in a shift."""

    slot: int
    stage: Stage
    cell: int
    inmate: int
    good: int
    rework: int = 0
    reject: int = 0
    defect: str | None = None
    from_rework: bool = False
    credited: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """Pieces of an entry that are credited, in the slot in which they pass."""

    entry: int
    pieces: int
    slot: int


@dataclass(kw_only=True)
class Made:
    """Everything that was made of a line until a slot, and where its pieces stand.

    ``balances`` has waiting, rework, good, reject by stage number and cell number.
    """

    entries: list[Entry] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    balances: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    passed: int = 0
    finished: int = 0
    rejected: int = 0
    finished_in: int | None = None


WAITING, REWORK, GOOD, REJECT = range(4)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A line to be made: pieces by cell in batches, and the crew of each stage.

    :param batches: cell number and pieces, in the order in which they are begun, one a day.
    :param crews: for each stage the inmates who work there, by number.
    :param begins: the slot (half day) in which the first batch is begun; :param until: the last that is over.
    """

    route: Route
    batches: Sequence[tuple[int, int]]
    crews: Sequence[Sequence[int]]
    begins: int
    until: int


def make(job: Job, random: Random) -> Made:
    """Return what is made of a line."""
    made = Made()
    for cell, pieces in job.batches:
        made.balances.setdefault((1, cell), [0, 0, 0, 0])[WAITING] += pieces
    quantity = sum(pieces for _, pieces in job.batches)
    defects = [defect.key for defect in job.route.defects]
    entries, lost, last = _ordinary(job, defects, random)
    entries += _made_again(job, lost, last + _STAGES_A_DAY, random)
    entries.sort(key=lambda entry: entry.slot)
    uncredited: dict[tuple[int, int], deque[list[int]]] = {}
    quality, final = job.route.quality.no, len(job.route.stages)
    for entry in entries:
        if entry.slot > job.until:
            break
        made.entries.append(entry)
        _move(made, entry, final)
        _credit(made, entry, uncredited, quality)
        if made.finished == quantity:
            made.finished_in = entry.slot
    return made


def _ordinary(job: Job, defects: Sequence[str], random: Random) -> tuple[list[Entry], Mapping[int, int], int]:
    """Return the entries of all batches, what is lost of each cell, and the last slot."""
    entries: list[Entry] = []
    lost: dict[int, int] = {}
    last = job.begins
    for nth, (cell, pieces) in enumerate(job.batches):
        left, slot = pieces, job.begins + nth * _STAGES_A_DAY
        for stage, crew in zip(job.route.stages, job.crews, strict=True):
            before = left
            for one in _at_stage(stage, crew, nth, cell, before, slot, defects, random):
                entries.append(one)
                left -= one.reject
            last = max(last, slot)
            slot += 1
        if left < pieces:
            lost[cell] = lost.get(cell, 0) + pieces - left
    return entries, lost, last


def _at_stage(
    stage: Stage,
    crew: Sequence[int],
    nth: int,
    cell: int,
    pieces: int,
    slot: int,
    defects: Sequence[str],
    random: Random,
) -> Iterator[Entry]:
    people = min(len(crew), 2, pieces)
    share, more = divmod(pieces, people) if people else (0, 0)
    for k in range(people):
        part = share + (k < more)
        inmate = crew[(slot + nth + k) % len(crew)]
        chance = random.random()
        if chance < _REJECT:
            yield Entry(slot, stage, cell, inmate, part - 1, 0, 1, random.choice(defects))
        elif chance < _REJECT + _REWORK:
            again = min(part, 1 + (chance * 1000 % 2 > 1))
            yield Entry(slot, stage, cell, inmate, part - again, again, 0, random.choice(defects))
            yield Entry(slot, stage, cell, inmate, again, from_rework=True)
        else:
            yield Entry(slot, stage, cell, inmate, part)


def _made_again(job: Job, lost: Mapping[int, int], slot: int, random: Random) -> list[Entry]:
    """Return the entries of what replaces the pieces that were lost; with these nothing goes wrong."""
    return [
        Entry(slot + nth, stage, cell, random.choice(crew), pieces)
        for cell, pieces in lost.items()
        for nth, (stage, crew) in enumerate(zip(job.route.stages, job.crews, strict=True))
    ]


def _move(made: Made, entry: Entry, final: int) -> None:
    here = made.balances.setdefault((entry.stage.no, entry.cell), [0, 0, 0, 0])
    if entry.from_rework:
        here[REWORK] -= entry.good
    else:
        here[WAITING] -= entry.good + entry.rework + entry.reject
        here[REWORK] += entry.rework
    here[GOOD] += entry.good
    here[REJECT] += entry.reject
    if entry.stage.no < final:
        made.balances.setdefault((entry.stage.no + 1, entry.cell), [0, 0, 0, 0])[WAITING] += entry.good
    else:
        made.finished += entry.good
    if entry.reject:
        made.balances[1, entry.cell][WAITING] += entry.reject
        made.rejected += entry.reject
    if entry.stage.counts_quality:
        made.passed += entry.good


def _credit(made: Made, entry: Entry, uncredited: dict[tuple[int, int], deque[list[int]]], quality: int) -> None:
    nth = len(made.entries) - 1
    if not entry.good:
        return
    if entry.stage.no < quality:
        uncredited.setdefault((entry.stage.no, entry.cell), deque()).append([nth, entry.good])
        return
    if entry.stage.no == quality:
        for stage_no in range(1, quality):
            _credit_earlier(made, uncredited[stage_no, entry.cell], entry.good, entry.slot)
    entry.credited = entry.good
    made.credits.append(Credit(nth, entry.good, entry.slot))


def _credit_earlier(made: Made, waiting: deque[list[int]], pieces: int, slot: int) -> None:
    while pieces:
        first = waiting[0]
        part = min(pieces, first[1])
        made.entries[first[0]].credited += part
        made.credits.append(Credit(first[0], part, slot))
        pieces -= part
        first[1] -= part
        if not first[1]:
            waiting.popleft()
