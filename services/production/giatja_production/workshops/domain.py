"""Workshops and the rules about them: routes of stages in versions, defects, machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal
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


class WorkshopClosed(Conflict):
    """Nothing is begun in a closed workshop."""

    id = "Unit kerja ini sudah ditutup pada {closed_on}."
    en = "This workshop was closed on {closed_on}."


class WorkshopNotClosed(Conflict):
    """Only what is closed can be opened again."""

    id = "Unit kerja ini tidak sedang ditutup."
    en = "This workshop is not closed."


class WorkshopBusy(Conflict):
    """Something is still open in it."""

    id = (
        "Unit kerja ini belum bisa ditutup: masih ada {work_orders} perintah kerja terbuka, {batches} batch tanaman,"
        " dan {people} orang ditempatkan."
    )
    en = (
        "This workshop cannot be closed yet: {work_orders} work orders are open, {batches} plant batches,"
        " and {people} people are placed."
    )


class TemplateUnknown(Invalid):
    """No template of that name is shipped."""

    id = "Contoh unit kerja {template} tidak dikenal."
    en = "There is no workshop template {template}."


class NothingToBeginFrom(Invalid):
    """A workshop begins from a template or from another workshop, not from both and not from nothing."""

    id = "Pilih satu: contoh yang tersedia, atau unit kerja yang disalin."
    en = "Choose one: a template, or a workshop to copy."


class QualityStageNotOne(Invalid):
    """A route counts quality at exactly one stage."""

    id = "Rute harus punya tepat satu tahap QC; di sini ada {count}."
    en = "A route has exactly one quality stage; here are {count}."


class KeyRepeated(Invalid):
    """Two stages, or two defects, have one key."""

    id = "Kunci {key} dipakai dua kali."
    en = "The key {key} is used twice."


class NameRepeated(Invalid):
    """Two stages, or two defects, look the same on a screen."""

    id = "Nama {name} dipakai dua kali."
    en = "The name {name} is used twice."


class NoDefectLeft(Invalid):
    """Rework and reject name a defect, so that there has to be one."""

    id = "Sisakan paling sedikit satu jenis cacat yang bisa dipilih."
    en = "Leave at least one defect that can be chosen."


class RouteVersionUnknown(Unknown):
    """The route never had that version."""

    id = "Versi rute ini tidak ditemukan."
    en = "This version of the route was not found."


class MachineUnknown(Unknown):
    """No such machine at this Lapas."""

    id = "Mesin ini tidak ditemukan."
    en = "This machine was not found."


class MachineNameTaken(Conflict):
    """Another machine of the workshop has that name."""

    id = "Sudah ada mesin bernama {name} di unit kerja ini."
    en = "There is already a machine named {name} in this workshop."


class MachineStageUnknown(Invalid):
    """The workshop's route has no such stage."""

    id = "Tahap ini tidak ada di rute unit kerja."
    en = "The workshop's route has no such stage."


class MachineRetired(Conflict):
    """It is not used any more."""

    id = "Mesin ini sudah tidak dipakai."
    en = "This machine is no longer in use."


class MachineAlreadyDown(Conflict):
    """It was reported before, and nobody ended it."""

    id = "Mesin ini sudah dilaporkan rusak."
    en = "This machine is already reported down."


class MachineNotDown(Conflict):
    """It runs."""

    id = "Mesin ini tidak sedang rusak."
    en = "This machine is not down."


class DowntimeInFuture(Invalid):
    """What has not come yet is not reported."""

    id = "Waktu ini belum tiba."
    en = "This time has not come yet."


class DowntimeOverlaps(Invalid):
    """At that time the machine was down already."""

    id = "Mesin ini masih rusak sampai {ends_at}; mulai rusak lagi harus sesudahnya."
    en = "This machine was down until {ends_at}; a new downtime starts after that."


class DowntimeEndsBeforeStart(Invalid):
    """It cannot run again before it stopped."""

    id = "Waktu jalan lagi harus sesudah mulai rusak."
    en = "It cannot be running again before it broke down."


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
class Stage:
    """One stage of a route.

    :param no: its place in the route, from 1.
    :param unit: what its work is counted in on screens; quantities are pieces.
    :param standard_minutes: the working time of one piece.
    :param competence: what an inmate practises here, if anything.
    :param counts_quality: whether passing it is the moment that counts.
    :param hazards: what may hurt somebody here; :param gear: what is worn against it; keys of the lists or free words.
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
    """The stages a piece passes, in order, and the defects it may have.

    :param retired: defects that were told apart before: they keep their names, and nobody chooses them any more.
    """

    stages: tuple[Stage, ...]
    defects: tuple[Defect, ...]
    retired: tuple[Defect, ...] = ()

    def __post_init__(self) -> None:
        count = sum(s.counts_quality for s in self.stages)
        if count != 1:
            raise QualityStageNotOne(field="/stages", count=count)
        for things, field in ((self.stages, "/stages"), ((*self.defects, *self.retired), "/defects")):
            keys = [t.key for t in things]
            repeated = next((nth for nth, k in enumerate(keys) if k in keys[:nth]), None)
            if repeated is not None:
                raise KeyRepeated(field=f"{field}/{repeated}/key", key=keys[repeated])

    @property
    def quality(self) -> Stage:
        """The stage that counts quality."""
        return next(s for s in self.stages if s.counts_quality)

    def document(self) -> dict[str, Any]:
        """Return the JSON form; a retired defect says so of itself."""
        return {
            "stages": [s.document() for s in self.stages],
            "defects": [
                *(asdict(d) for d in self.defects),
                *({**asdict(d), "retired": True} for d in self.retired),
            ],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Route":
        """Read the JSON form."""
        defects = [
            (d.get("retired", False), Defect(key=d["key"], name=d["name"], name_en=d["name_en"]))
            for d in document["defects"]
        ]
        return cls(
            stages=tuple(Stage.read(s) for s in document["stages"]),
            defects=tuple(d for retired, d in defects if not retired),
            retired=tuple(d for retired, d in defects if retired),
        )

    def with_defects(self, defects: Sequence[Defect]) -> "Route":
        """Return the route with other defects; one that is left out is retired, never deleted.

        :raises NoDefectLeft, KeyRepeated, NameRepeated:
        """
        if not defects:
            raise NoDefectLeft(field="/defects")
        _must_differ([d.name for d in defects], "/defects")
        kept = {d.key for d in defects}
        return replace(
            self,
            defects=tuple(defects),
            retired=tuple(d for d in (*self.defects, *self.retired) if d.key not in kept),
        )


@dataclass(frozen=True, kw_only=True)
class RouteVersion:
    """A route as it was from a day on.

    :param changed_by: who made it so.
    """

    lapas_id: str
    workshop_id: UUID
    version_no: int
    route: Route
    valid_from: date
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which two routes differ.

    :param field: of a stage that changed, what of it; ``before`` and ``after`` are its values.
    """

    kind: Literal["added", "removed", "moved", "changed"]
    key: str
    name: str
    name_en: str
    field: str | None = None
    before: Any = None
    after: Any = None


_COMPARED: Final = (
    "name", "name_en", "unit", "standard_minutes", "competence", "counts_quality", "hazards", "gear",
)  # fmt: skip


def differences(before: Route, after: Route) -> list[Difference]:
    """Return in what a route differs from the one before it; nothing where their stages are the same."""
    old, new = ({s.key: s for s in route.stages} for route in (before, after))
    was = [k for k in old if k in new]
    now = [k for k in new if k in old]
    stayed = {
        key
        for block in SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
        for key in was[block.a : block.a + block.size]
    }
    return [
        *(_difference("removed", old[k], before=old[k].no) for k in old if k not in new),
        *(_difference("added", new[k], after=new[k].no) for k in new if k not in old),
        *(_difference("moved", new[k], before=old[k].no, after=new[k].no) for k in now if k not in stayed),
        *(
            _difference("changed", new[k], field=f, before=getattr(old[k], f), after=getattr(new[k], f))
            for k in now
            for f in _COMPARED
            if getattr(old[k], f) != getattr(new[k], f)
        ),
    ]


def _difference(kind: Literal["added", "removed", "moved", "changed"], stage: Stage, **more: Any) -> Difference:
    return Difference(kind=kind, key=stage.key, name=stage.name, name_en=stage.name_en, **more)


def _must_differ(names: Sequence[str], field: str) -> None:
    told = [name.casefold() for name in names]
    repeated = next((nth for nth, name in enumerate(told) if name in told[:nth]), None)
    if repeated is not None:
        raise NameRepeated(field=f"{field}/{repeated}/name", name=names[repeated])


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
            stages=tuple(
                StageDraft(**{**s, **{name: tuple(s.get(name, ())) for name in ("hazards", "gear")}})
                for s in d["stages"]
            ),
            defects=tuple(Defect(**x) for x in d["defects"]),
        )
        for d in documents
    }


@cache
def shipped_lists() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return the hazards and the protective gear that are shipped, each with its names."""
    found: Mapping[str, Sequence[Mapping[str, str]]] = json.loads(files(__package__).joinpath("lists.json").read_text())
    return found


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
    :raises QualityStageNotOne, KeyRepeated, NameRepeated:
    """
    route = Route(
        stages=tuple(
            Stage(id=ids.get(draft.key, new_id), no=no, **asdict(draft))
            for no, (draft, new_id) in enumerate(zip(stages, new_ids, strict=True), start=1)
        ),
        defects=tuple(defects),
    )
    _must_differ([s.name for s in stages], "/stages")
    return route


@dataclass(kw_only=True, eq=False)
class Workshop:
    """A workshop of a Lapas with its route, e.g. Garmen.

    :param route_version: the number of the version its route is.
    :param closed_on: the day it was closed; nothing is begun in it since.
    """

    lapas_id: str
    id: UUID
    kind: str
    name: str
    route: Route
    changed_at: datetime
    route_version: int = 1
    closed_on: date | None = None
    version: int = 1

    def rename(self, name: str, *, at: datetime) -> None:
        """Take over a new name."""
        self.name, self.changed_at = name, at

    def redraw(
        self, stages: Sequence[StageDraft], *, new_ids: Sequence[UUID], today: date, by: str, at: datetime
    ) -> RouteVersion | None:
        """Take over other stages as the next version; work orders that are open keep the one they began with.

        :return: the new version, or nothing where the stages are what they were.
        :raises WorkshopClosed, QualityStageNotOne, KeyRepeated, NameRepeated:
        """
        drawn = self.drawn(stages, new_ids=new_ids)
        if drawn.stages == self.route.stages:
            return None
        self.route, self.route_version, self.changed_at = drawn, self.route_version + 1, at
        return self.route_now(today=today, by=by)

    def drawn(self, stages: Sequence[StageDraft], *, new_ids: Sequence[UUID]) -> Route:
        """Return the route it would have with other stages.

        :raises WorkshopClosed, QualityStageNotOne, KeyRepeated, NameRepeated:
        """
        self.must_be_open()
        route = make_route(stages, self.route.defects, ids={s.key: s.id for s in self.route.stages}, new_ids=new_ids)
        return replace(route, retired=self.route.retired)

    def route_now(self, *, today: date, by: str) -> RouteVersion:
        """Return the version its route is."""
        return RouteVersion(
            lapas_id=self.lapas_id,
            workshop_id=self.id,
            version_no=self.route_version,
            route=self.route,
            valid_from=today,
            changed_by=by,
            changed_at=self.changed_at,
        )

    def tell_apart(self, defects: Sequence[Defect], *, at: datetime) -> bool:
        """Take over other defects; return whether they differ. They are of the workshop, not of a version.

        :raises NoDefectLeft, KeyRepeated, NameRepeated:
        """
        route = self.route.with_defects(defects)
        if route == self.route:
            return False
        self.route, self.changed_at = route, at
        return True

    def aim(self, *, month: date, pieces: int, at: datetime) -> "Target":
        """Return the target of a month."""
        self.changed_at = at
        return Target(lapas_id=self.lapas_id, workshop_id=self.id, month=month.replace(day=1), pieces=pieces)

    def must_be_open(self) -> None:
        """Let pass a workshop that is not closed.

        :raises WorkshopClosed:
        """
        if self.closed_on is not None:
            raise WorkshopClosed(closed_on=str(self.closed_on))

    def close(self, *, today: date, work_orders: int, batches: int, people: int) -> None:
        """Close it, with nothing open in it.

        :raises WorkshopClosed, WorkshopBusy:
        """
        self.must_be_open()
        if work_orders or batches or people:
            raise WorkshopBusy(work_orders=work_orders, batches=batches, people=people)
        self.closed_on = today

    def reopen(self) -> None:
        """Take up work in it again.

        :raises WorkshopNotClosed:
        """
        if self.closed_on is None:
            raise WorkshopNotClosed
        self.closed_on = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """How many pieces a workshop wants to pass in a month."""

    lapas_id: str
    workshop_id: UUID
    month: date
    pieces: int


@dataclass(kw_only=True, eq=False)
class Machine:
    """A machine of a workshop, at one stage.

    :param capacity_minutes_per_day: how long it can run on a working day.
    :param active: whether it is still in use.
    """

    lapas_id: str
    id: UUID
    workshop_id: UUID
    name: str
    stage_key: str
    capacity_minutes_per_day: int
    active: bool = True
    version: int = 1

    def change(self, *, name: str, stage_key: str, capacity_minutes_per_day: int, active: bool) -> None:
        """Take over what is corrected."""
        self.name, self.stage_key = name, stage_key
        self.capacity_minutes_per_day, self.active = capacity_minutes_per_day, active

    def break_down(
        self,
        *,
        id: UUID,  # noqa: A002
        starts_at: datetime,
        reason: str,
        last: "Downtime | None",
        by: str,
        at: datetime,
    ) -> "Downtime":
        """Return the downtime that begins.

        :param last: the one before.
        :raises MachineRetired, MachineAlreadyDown, DowntimeInFuture, DowntimeOverlaps:
        """
        if not self.active:
            raise MachineRetired
        if last is not None and last.ends_at is None:
            raise MachineAlreadyDown
        if starts_at > at:
            raise DowntimeInFuture(field="/starts_at")
        if last is not None and last.ends_at is not None and starts_at < last.ends_at:
            raise DowntimeOverlaps(field="/starts_at", ends_at=last.ends_at.isoformat(timespec="minutes"))
        return Downtime(
            lapas_id=self.lapas_id, id=id, machine_id=self.id, starts_at=starts_at, reason=reason, reported_by=by
        )


@dataclass(kw_only=True, eq=False)
class Downtime:
    """A time in which a machine does not run; open while ``ends_at`` is empty."""

    lapas_id: str
    id: UUID
    machine_id: UUID
    starts_at: datetime
    reason: str
    reported_by: str
    ends_at: datetime | None = None
    ended_by: str | None = None

    def end(self, *, ends_at: datetime, by: str, at: datetime) -> None:
        """End it: the machine runs again.

        :raises MachineNotDown, DowntimeInFuture, DowntimeEndsBeforeStart:
        """
        if self.ends_at is not None:
            raise MachineNotDown
        if ends_at > at:
            raise DowntimeInFuture(field="/ends_at")
        if ends_at < self.starts_at:
            raise DowntimeEndsBeforeStart(field="/ends_at")
        self.ends_at, self.ended_by = ends_at, by
