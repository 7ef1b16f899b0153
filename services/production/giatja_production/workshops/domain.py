"""Workshops and the rules about them: a route has stages in order, and one of them counts quality."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown

GENERAL = "umum"


class WorkshopUnknown(Unknown):
    """No such workshop at this Lapas."""

    id = "Unit kerja ini tidak ditemukan."
    en = "This workshop was not found."


class WorkshopNameTaken(Conflict):
    """Another workshop of this Lapas has that name."""

    id = "Sudah ada unit kerja bernama {name}."
    en = "There is already a workshop named {name}."


class TemplateUnknown(Invalid):
    """No template of that name is shipped."""

    id = "Contoh unit kerja {template} tidak dikenal."
    en = "There is no workshop template {template}."


class QualityStageNotOne(Invalid):
    """A route counts quality at exactly one stage."""

    id = "Rute harus punya tepat satu tahap QC; di sini ada {count}."
    en = "A route has exactly one quality stage; here are {count}."


class KeyRepeated(Invalid):
    """Two stages, or two defects, have one key."""

    id = "Kunci {key} dipakai dua kali."
    en = "The key {key} is used twice."


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a route.

    :param no: its place in the route, from 1.
    :param unit: what its work is counted in on screens; quantities are pieces.
    :param standard_minutes: the working time of one piece.
    :param competence: what an inmate practises here, if anything.
    :param counts_quality: whether passing it is the moment that counts.
    :param hazards: what may hurt somebody here; :param gear: what is worn against it; both keys or free words.
    """

    id: UUID
    no: int
    key: str
    name: str
    name_en: str
    unit: str
    standard_minutes: int
    competence: str | None
    counts_quality: bool
    hazards: tuple[str, ...] = ()
    gear: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "id": str(self.id)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Stage":
        """Read the JSON form; work orders opened before there were hazards and gear have none."""
        lists = {name: tuple(document.get(name, ())) for name in ("hazards", "gear")}
        return cls(**{**document, **lists, "id": UUID(document["id"])})


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A defect that is told apart, e.g. ``jahitan_loncat``."""

    key: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Route:
    """The stages a piece passes, in order, and the defects it may have."""

    stages: tuple[Stage, ...]
    defects: tuple[Defect, ...]

    def __post_init__(self) -> None:
        count = sum(s.counts_quality for s in self.stages)
        if count != 1:
            raise QualityStageNotOne(field="/stages", count=count)
        for things, field in ((self.stages, "/stages"), (self.defects, "/defects")):
            keys = [t.key for t in things]
            repeated = next((k for k in keys if keys.count(k) > 1), None)
            if repeated is not None:
                raise KeyRepeated(field=field, key=repeated)

    @property
    def quality(self) -> Stage:
        """The stage that counts quality."""
        return next(s for s in self.stages if s.counts_quality)

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"stages": [s.document() for s in self.stages], "defects": [asdict(d) for d in self.defects]}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Route":
        """Read the JSON form."""
        return cls(
            stages=tuple(Stage.read(s) for s in document["stages"]),
            defects=tuple(Defect(**d) for d in document["defects"]),
        )


@dataclass(frozen=True, kw_only=True)
class StageDraft:
    """A stage as somebody writes it; its place is its place in the list."""

    key: str
    name: str
    name_en: str
    unit: str
    standard_minutes: int
    competence: str | None
    counts_quality: bool
    hazards: tuple[str, ...] = ()
    gear: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Template:
    """A workshop as it is shipped, to begin from."""

    kind: str
    name: str
    name_en: str
    stages: tuple[StageDraft, ...]
    defects: tuple[Defect, ...]


@cache
def templates() -> Mapping[str, Template]:
    """Return the templates shipped with the service, by kind."""
    documents = json.loads(files(__package__).joinpath("templates.json").read_text())
    return {
        d["kind"]: Template(
            kind=d["kind"],
            name=d["name"],
            name_en=d["name_en"],
            stages=tuple(StageDraft(**s) for s in d["stages"]),
            defects=tuple(Defect(**x) for x in d["defects"]),
        )
        for d in documents
    }


def template(kind: str) -> Template:
    """Return a template.

    :raises TemplateUnknown: none of that kind is shipped.
    """
    found = templates().get(kind)
    if found is None:
        raise TemplateUnknown(field="/template", template=kind)
    return found


def template_for(kind: str) -> Template:
    """Return the template of a kind of workshop, the general one where none was made for it."""
    return templates().get(kind) or templates()[GENERAL]


def make_route(
    stages: Sequence[StageDraft], defects: Sequence[Defect], *, ids: Mapping[str, UUID], new_ids: Sequence[UUID]
) -> Route:
    """Make a route; a stage whose key was there before keeps its id, so that its history stays one.

    :param new_ids: one for each stage, used where the key is new.
    :raises QualityStageNotOne, KeyRepeated:
    """
    return Route(
        stages=tuple(
            Stage(id=ids.get(draft.key, new_id), no=no, **asdict(draft))
            for no, (draft, new_id) in enumerate(zip(stages, new_ids, strict=True), start=1)
        ),
        defects=tuple(defects),
    )


@dataclass(kw_only=True, eq=False)
class Workshop:
    """A workshop of a Lapas with its route, e.g. Garmen."""

    lapas_id: str
    id: UUID
    kind: str
    name: str
    route: Route
    changed_at: datetime
    route_version: int = 1
    closed_on: date | None = None
    version: int = 1

    def change(self, *, name: str, route: Route, at: datetime) -> None:
        """Take over a new name and route; work orders that are open keep the route they began with."""
        self.name, self.route, self.changed_at = name, route, at

    def aim(self, *, month: date, pieces: int, at: datetime) -> "Target":
        """Return the target of a month."""
        self.changed_at = at
        return Target(lapas_id=self.lapas_id, workshop_id=self.id, month=month.replace(day=1), pieces=pieces)


@dataclass(frozen=True, kw_only=True)
class Target:
    """How many pieces a workshop wants to pass in a month."""

    lapas_id: str
    workshop_id: UUID
    month: date
    pieces: int
