"""Placements and the rules about them: one open for a person, places kept, only whoever may work and is able to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_production.workers.domain import Worker

EndReason = Literal["requested", "discipline", "ability", "rotation", "other"]
# Ends that nobody of the workshop decided: what was lost by them is to be made good.
FORCED: Final = ("transfer", "release", "permission_ended", "not_fit", "under_age")
Overridable = Literal["places", "competence"]
# How far from today a placement may begin: long enough for a late note and for the roster of the next month.
BACK_DAYS: Final = 31
AHEAD_DAYS: Final = 31
_DAY: Final = timedelta(days=1)


class PlacementUnknown(Unknown):
    """No such placement at this Lapas."""

    id = "Penempatan ini tidak ditemukan."
    en = "This placement was not found."


class PlacementEnded(Conflict):
    """It ended already."""

    id = "Penempatan ini sudah berakhir pada {ends_on}."
    en = "This placement already ended on {ends_on}."


class PlacementEndsBeforeItBegan(Invalid):
    """The last day lies before the first."""

    id = "Penempatan ini baru mulai pada {starts_on}."
    en = "This placement began only on {starts_on}."


class PlacementDayTooFar(Invalid):
    """A placement begins near today."""

    id = "Tanggal mulai harus antara {first} dan {last}."
    en = "The first day has to be between {first} and {last}."


class AlreadyPlacedThere(Conflict):
    """The person works at that very place."""

    id = "Warga binaan ini sudah ditempatkan di sana sejak {since}."
    en = "This inmate is placed there already, since {since}."


class PlacedLater(Conflict):
    """Another placement of the person begins or ends after that day."""

    id = "Warga binaan ini punya penempatan yang mulai atau berakhir pada {day}; pilih hari sesudahnya."
    en = "This inmate has a placement that begins or ends on {day}; choose a day after it."


class PersonTwice(Invalid):
    """The same person is named twice."""

    id = "Orang ini disebut dua kali."
    en = "This person is named twice."


class StageNotInWorkshop(Invalid):
    """The workshop has no such stage."""

    id = "Unit kerja ini tidak punya tahap {stage_key}."
    en = "This workshop has no stage {stage_key}."


class WorkshopFull(Conflict):
    """More people than places; may be overridden with a reason."""

    id = "Tempat di unit kerja ini {places}; dengan ini menjadi {people} orang. Tulis alasan bila tetap ditempatkan."
    en = "This workshop has {places} places; this makes {people} people. Give a reason to place them all the same."


class CompetenceMissing(Conflict):
    """The stage asks for a competence the person does not have; may be overridden with a reason."""

    id = "Tahap ini menuntut kompetensi {competence}, yang belum dimiliki. Tulis alasan bila tetap ditempatkan."
    en = "This stage asks for the competence {competence}, not awarded yet. Give a reason to place them all the same."


class UndoPlacementAnotherDay(Conflict):
    """A placement is taken back on the day it was made; later it is ended."""

    id = "Penempatan hanya dapat dibatalkan pada hari dibuat. Akhiri saja penempatannya."
    en = "A placement is taken back only on the day it was made. End it instead."


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One person in one workshop, perhaps at one stage; both days are days of work, no last day means it is open."""

    id: UUID
    inmate_id: UUID
    workshop_id: UUID
    stage_key: str | None
    starts_on: date
    ends_on: date | None = None
    end_reason: str | None = None
    overridden: tuple[Overridable, ...] = ()
    placed_at: datetime | None = None

    def end(self, *, on: date, reason: str) -> "Placement":
        """End it on its last day.

        :raises PlacementEnded, PlacementEndsBeforeItBegan:
        """
        if self.ends_on is not None:
            raise PlacementEnded(ends_on=str(self.ends_on))
        if on < self.starts_on:
            raise PlacementEndsBeforeItBegan(field="/ends_on", starts_on=str(self.starts_on))
        return replace(self, ends_on=on, end_reason=reason)

    def taken_back(self) -> "Placement":
        """Leave no day of it.

        :raises PlacementEnded:
        """
        if self.ends_on is not None:
            raise PlacementEnded(ends_on=str(self.ends_on))
        return replace(self, ends_on=self.starts_on - _DAY, end_reason="undone")

    def cut(self, *, on: date, reason: str) -> "Placement":
        """End it by what happened elsewhere: a day before it began leaves no day of it at all."""
        return replace(self, ends_on=max(on, self.starts_on - _DAY), end_reason=reason)

    def make_way(self, *, workshop_id: UUID, stage_key: str | None, day: date, at: str) -> "Placement | None":
        """Return how it ends because the person is placed elsewhere from a day, or nothing if it is over by then.

        :raises AlreadyPlacedThere, PlacedLater: naming the person's field.
        """
        if self.ends_on is not None:
            if self.ends_on < day or self.ends_on < self.starts_on:
                return None
            raise PlacedLater(field=at, day=str(self.ends_on))
        if (self.workshop_id, self.stage_key) == (workshop_id, stage_key):
            raise AlreadyPlacedThere(field=at, since=str(self.starts_on))
        if self.starts_on > day:
            raise PlacedLater(field=at, day=str(self.starts_on))
        return replace(self, ends_on=day - _DAY, end_reason="moved")


def must_be_near(day: date, *, today: date) -> None:
    """Let pass a first day not too far from today.

    :raises PlacementDayTooFar:
    """
    first, last = today - BACK_DAYS * _DAY, today + AHEAD_DAYS * _DAY
    if not first <= day <= last:
        raise PlacementDayTooFar(field="/starts_on", first=str(first), last=str(last))


def most_at_once(periods: Sequence[tuple[date, date | None]], *, since: date) -> int:
    """Return the most people that are placed on one day, on any day from ``since`` on.

    :param periods: first and last day of each; no last day means it goes on.
    """
    # It can only rise on a day somebody begins.
    days = {since, *(first for first, _ in periods if first > since)}
    return max(sum(first <= day and (last is None or last >= day) for first, last in periods) for day in days)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who is to be placed, as far as it concerns the place.

    :param before: what was placed of this person before, the open one and those that end in time to come.
    """

    worker: Worker
    competences: frozenset[str]
    before: Sequence[Placement]

    def lacks(self, competence: str | None) -> bool:
        """Return whether the stage asks for what this person was not found competent in."""
        return competence is not None and competence not in self.competences


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A workshop, perhaps one stage of it, that is short of people.

    :param stage_keys: the stages whose work tells who is able to stand in.
    """

    short: int
    competence: str | None
    stage_keys: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Free:
    """Somebody who may work and is placed nowhere.

    :param competences: what was awarded, and when.
    :param made: credited pieces and the last day, by stage, of the last year.
    """

    inmate_id: UUID
    fitness: str
    competences: Mapping[str, date]
    made: Mapping[str, tuple[int, date]]


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """Somebody who could stand in, and why.

    :param able: the competence the stage asks for was awarded, or it asks for none.
    :param proposed: one of those to take; nobody is proposed for two gaps.
    """

    inmate_id: UUID
    able: bool
    competent_since: date | None
    pieces: int
    last_day: date | None
    limited: bool
    proposed: bool


def substitutes(gaps: Sequence[Gap], free: Sequence[Free], *, most: int) -> list[list[Substitute]]:
    """Propose for each gap who could stand in: whoever is able, made most there, then the fit, then who is competent longest.

    Gaps that ask for a competence choose first, those for which the fewest are able at the head of them.

    :param most: how many to name for a gap at the most, those proposed not counted.
    :return: for each gap, in the order given.
    """

    def able(gap: Gap, person: Free) -> bool:
        return gap.competence is None or gap.competence in person.competences

    chosen: dict[int, list[Substitute]] = {}
    taken: set[UUID] = set()
    by_choice = sorted(
        range(len(gaps)), key=lambda n: (gaps[n].competence is None, sum(able(gaps[n], p) for p in free), n)
    )
    for nth in by_choice:
        gap = gaps[nth]
        ranked = sorted((_stand_in(gap, p, able=able(gap, p)) for p in free), key=_rank)
        mine = [s.inmate_id for s in ranked if s.able and s.inmate_id not in taken][: gap.short]
        taken.update(mine)
        named = [replace(s, proposed=s.inmate_id in mine) for s in ranked]
        chosen[nth] = [s for s in named if s.proposed] + [s for s in named if not s.proposed][:most]
    return [chosen[n] for n in range(len(gaps))]


def _stand_in(gap: Gap, person: Free, *, able: bool) -> Substitute:
    made = [person.made[key] for key in gap.stage_keys if key in person.made]
    return Substitute(
        inmate_id=person.inmate_id,
        able=able,
        competent_since=person.competences.get(gap.competence) if gap.competence else None,
        pieces=sum(pieces for pieces, _ in made),
        last_day=max((day for _, day in made), default=None),
        limited=person.fitness == "limited",
        proposed=False,
    )


def _rank(one: Substitute) -> tuple[bool, int, bool, date, str]:
    return (not one.able, -one.pieces, one.limited, one.competent_since or date.max, str(one.inmate_id))
