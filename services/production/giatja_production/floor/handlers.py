"""What may be asked for about a shift's tally: record it whole, take it back whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.attendance.domain import Mark, Status
from giatja_production.attendance.handlers import MarkAttendance, mark_attendance
from giatja_production.floor import queries
from giatja_production.floor.domain import (
    MarkedAbsent,
    Member,
    NothingInTally,
    Shared,
    SharingKey,
    TallyAlreadyUndone,
    Team,
    WorkOrderElsewhere,
)
from giatja_production.output.domain import Entry, Shift
from giatja_production.output.handlers import RecordOutput, Standing, UndoOutput, record_output, undo_output
from giatja_production.work_orders.domain import WorkOrderUnknown


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person's output at one stage.

    :param present: mark the person present first, who is not or is marked otherwise.
    """

    work_order_id: UUID
    stage_id: UUID
    inmate_id: UUID
    entry: Entry
    present: bool = False


@dataclass(frozen=True, kw_only=True)
class TeamLine:
    """A team's output at one stage."""

    work_order_id: UUID
    stage_id: UUID
    team: Team


@dataclass(frozen=True, kw_only=True)
class RecordTally:
    """Record what a whole shift of a workshop made, at all its stages and work orders: all of it or nothing.

    :param confirmed: two people agreed to it, so it may be of a closed day.
    """

    id: UUID
    workshop_id: UUID
    work_date: date
    shift: Shift
    lines: Sequence[Line]
    teams: Sequence[TeamLine]
    confirmed: bool = False

    @classmethod
    def from_document(cls, id_: UUID, document: Mapping[str, Any], *, confirmed: bool = False) -> "RecordTally":
        """Read what was asked for, as JSON has it.

        :param id_: of the tally.
        """
        return cls(
            id=id_,
            workshop_id=UUID(document["workshop_id"]),
            work_date=date.fromisoformat(document["work_date"]),
            shift=Shift(document["shift"]),
            lines=[_line(d) for d in document["entries"]],
            teams=[_team(d) for d in document["teams"]],
            confirmed=confirmed,
        )


def _line(document: Mapping[str, Any]) -> Line:
    about = dict(document)
    work_order_id, stage_id = UUID(about.pop("work_order_id")), UUID(about.pop("stage_id"))
    present, inmate_id = about.pop("present", False), UUID(about.pop("inmate_id"))
    bundle_id = about.pop("bundle_id", None)
    entry = Entry(inmate_id=inmate_id, bundle_id=UUID(bundle_id) if bundle_id else None, **about)
    return Line(work_order_id=work_order_id, stage_id=stage_id, inmate_id=inmate_id, entry=entry, present=present)


def _team(document: Mapping[str, Any]) -> TeamLine:
    about = dict(document)
    work_order_id, stage_id = UUID(about.pop("work_order_id")), UUID(about.pop("stage_id"))
    members = [
        Member(inmate_id=UUID(m["inmate_id"]), points=m.get("points"), present=m.get("present", False))
        for m in about.pop("members")
    ]
    team = Team(key=SharingKey(about.pop("key")), members=members, **about)
    return TeamLine(work_order_id=work_order_id, stage_id=stage_id, team=team)


@dataclass(frozen=True, kw_only=True)
class UndoTally:
    """Take everything back that was recorded together."""

    id: UUID


@dataclass(frozen=True, kw_only=True)
class Noted:
    """One entry as it was recorded."""

    id: UUID
    inmate_id: UUID
    work_order_id: UUID
    stage_id: UUID


@dataclass(frozen=True, kw_only=True)
class Tallied:
    """What was recorded, and where each stage stands now."""

    entries: Sequence[Noted]
    standings: Sequence[tuple[UUID, UUID, Standing]]
    shares: Sequence[tuple[TeamLine, UUID, Sequence[Shared]]]


@dataclass(frozen=True, kw_only=True)
class _Pending:
    """An entry on its way, with the place in the request a refusal of it is about."""

    at: str
    inmate_id: UUID
    entry: Entry
    id: UUID


def record_tally(command: RecordTally, store: Store) -> Tallied:
    """Record a shift.

    Work orders are locked in the sequence of their ids and stages taken in the sequence of the route: two
    clerks never wait for each other, and pieces of an early stage are there for a later one of the same tally.

    :raises Refusal: the first thing that forbids it, naming the entry or the team.
    """
    if not command.lines and not command.teams:
        raise NothingInTally(field="/entries")
    _mark_present(command, store)
    scene = queries.tally_scene(store, command)
    for nth, line in enumerate(command.lines):
        _must_be_there(line.inmate_id, scene, at=f"/entries/{nth}")
    shares = []
    for nth, of_team in enumerate(command.teams):
        for member_no, member in enumerate(of_team.team.members):
            _must_be_there(member.inmate_id, scene, at=f"/teams/{nth}/members/{member_no}")
        shared = of_team.team.shared(minutes=scene.minutes, work_date=command.work_date, at=f"/teams/{nth}")
        shares.append((of_team, new_id(), shared))
    noted, standings = _record(command, _groups(command, shares, scene), store)
    store.run(
        queries.INSERT_TALLY,
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "workshop_id": command.workshop_id,
            "work_date": command.work_date,
            "shift": command.shift.value,
            "output_ids": [n.id for n in noted],
            "at": store.at,
            "actor": store.actor,
        },
    )
    store.run(queries.INSERT_TEAM, [_team_row(command, *one, scene, store) for one in shares])
    return Tallied(entries=noted, standings=standings, shares=shares)


def undo_tally(command: UndoTally, store: Store) -> UUID:
    """Take a tally back, the last recorded first; return its workshop.

    :raises TallyUnknown, TallyAlreadyUndone: and what forbids taking back one of its entries.
    """
    tally = queries.tally(store, command.id)
    if tally["undone_at"] is not None:
        raise TallyAlreadyUndone
    for output_id in queries.to_take_back(store, tally["output_ids"]):
        undo_output(UndoOutput(id=output_id, new_id=new_id()), store)
    store.run(
        "UPDATE tally SET undone_at = :at, undone_by = :actor WHERE lapas_id = :lapas_id AND id = :id",
        {"lapas_id": store.lapas_id, "id": command.id, "at": store.at, "actor": store.actor},
    )
    return UUID(str(tally["workshop_id"]))


def _mark_present(command: RecordTally, store: Store) -> None:
    """Mark those present of whom the tally says that they were there after all."""
    wanted = {
        member.inmate_id: f"/teams/{nth}/members/{member_no}"
        for nth, of_team in enumerate(command.teams)
        for member_no, member in enumerate(of_team.team.members)
        if member.present
    }
    wanted |= {line.inmate_id: f"/entries/{nth}" for nth, line in enumerate(command.lines) if line.present}
    if not wanted:
        return
    marks = [Mark(inmate_id=inmate_id, status=Status.PRESENT) for inmate_id in wanted]
    try:
        mark_attendance(
            MarkAttendance(
                workshop_id=command.workshop_id,
                work_date=command.work_date,
                shift=command.shift,
                marks=marks,
                confirmed=command.confirmed,
            ),
            store,
        )
    except Refusal as refusal:
        raise _about(refusal, "/marks", list(wanted.values())) from None


def _must_be_there(inmate_id: UUID, scene: queries.TallyScene, *, at: str) -> None:
    status = scene.marks.get(inmate_id)
    if status not in (None, Status.PRESENT.value):
        raise MarkedAbsent(field=f"{at}/inmate_id", status=status)


def _groups(
    command: RecordTally, shares: Sequence[tuple[TeamLine, UUID, Sequence[Shared]]], scene: queries.TallyScene
) -> dict[tuple[UUID, int, UUID], list[_Pending]]:
    """Return the entries of each stage, in the sequence they are to be recorded in."""
    groups: dict[tuple[UUID, int, UUID], list[_Pending]] = {}

    def add(work_order_id: UUID, stage_id: UUID, pending: _Pending) -> None:
        if work_order_id not in scene.workshops:
            raise WorkOrderUnknown(field=f"{pending.at}/work_order_id")
        if scene.workshops[work_order_id] != command.workshop_id:
            raise WorkOrderElsewhere(field=f"{pending.at}/work_order_id")
        key = (work_order_id, scene.stages.get((work_order_id, stage_id), 0), stage_id)
        groups.setdefault(key, []).append(pending)

    for nth, line in enumerate(command.lines):
        pending = _Pending(at=f"/entries/{nth}", inmate_id=line.inmate_id, entry=line.entry, id=new_id())
        add(line.work_order_id, line.stage_id, pending)
    for nth, (of_team, team_id, shared) in enumerate(shares):
        for one in shared:
            if one.pieces:
                entry = _share_of(of_team.team, one, team_id)
                pending = _Pending(at=f"/teams/{nth}", inmate_id=one.inmate_id, entry=entry, id=new_id())
                add(of_team.work_order_id, of_team.stage_id, pending)
    return dict(sorted(groups.items(), key=lambda g: g[0][:2]))


def _share_of(team: Team, one: Shared, team_id: UUID) -> Entry:
    return Entry(
        inmate_id=one.inmate_id,
        good=one.good,
        rework=one.rework,
        reject=one.reject,
        defect=team.defect if one.rework or one.reject else None,
        from_rework=team.from_rework,
        size=team.size,
        colour=team.colour,
        team_id=team_id,
    )


def _record(
    command: RecordTally, groups: dict[tuple[UUID, int, UUID], list[_Pending]], store: Store
) -> tuple[list[Noted], list[tuple[UUID, UUID, Standing]]]:
    noted: list[Noted] = []
    standings: list[tuple[UUID, UUID, Standing]] = []
    for (work_order_id, _no, stage_id), pending in groups.items():
        try:
            standing = record_output(
                RecordOutput(
                    work_order_id=work_order_id,
                    stage_id=stage_id,
                    work_date=command.work_date,
                    shift=command.shift,
                    entries=[p.entry for p in pending],
                    ids=[p.id for p in pending],
                    confirmed=command.confirmed,
                ),
                store,
            )
        except Refusal as refusal:
            raise _about(refusal, "/entries", [p.at for p in pending]) from None
        standings.append((work_order_id, stage_id, standing))
        noted += [
            Noted(id=p.id, inmate_id=p.inmate_id, work_order_id=work_order_id, stage_id=stage_id) for p in pending
        ]
    return noted, standings


def _about(refusal: Refusal, list_: str, places: Sequence[str]) -> Refusal:
    """Return a refusal as it is about the tally: its field is a place in a part of it."""
    field = refusal.field
    if field is None or field.startswith("/work_date"):
        return refusal
    head, _, rest = field.removeprefix(f"{list_}/").partition("/")
    if field.startswith(f"{list_}/") and head.isdecimal():
        refusal.field = f"{places[int(head)]}/{rest}"
    else:
        refusal.field = f"{places[0]}{field}"
    return refusal


def _team_row(
    command: RecordTally,
    line: TeamLine,
    team_id: UUID,
    shared: Sequence[Shared],
    scene: queries.TallyScene,
    store: Store,
) -> dict[str, object]:
    return {
        "lapas_id": store.lapas_id,
        "id": team_id,
        "tally_id": command.id,
        "work_order_id": line.work_order_id,
        "stage_no": scene.stages[line.work_order_id, line.stage_id],
        "key": line.team.key.value,
        "good": line.team.good,
        "rework": line.team.rework,
        "reject": line.team.reject,
        "members": json.dumps([{**one.__dict__, "inmate_id": str(one.inmate_id)} for one in shared]),
    }
