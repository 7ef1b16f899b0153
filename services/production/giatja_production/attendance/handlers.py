"""What may be asked for about attendance: mark people, keep the reasons of the Lapas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Stale
from giatja_production.attendance import queries
from giatja_production.attendance.domain import (
    Kept,
    Mark,
    MarkedTwice,
    Reason,
    ReasonNameTaken,
    ReasonNotThere,
    Status,
    key_for,
)
from giatja_production.days.domain import WorkDayAlreadyClosed
from giatja_production.output.domain import Shift
from giatja_production.work_orders.domain import WorkDateInFuture
from giatja_production.workers.domain import InmateUnknown


@dataclass(frozen=True, kw_only=True)
class MarkAttendance:
    """Mark people in a shift of a workshop: all of them or nobody.

    :param confirmed: two people agreed to it, so it may be of a closed day.
    """

    workshop_id: UUID
    work_date: date
    shift: Shift
    marks: Sequence[Mark]
    confirmed: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, confirmed: bool = False) -> "MarkAttendance":
        """Read what was asked for, as JSON has it."""
        return cls(
            workshop_id=UUID(document["workshop_id"]),
            work_date=date.fromisoformat(document["work_date"]),
            shift=Shift(document["shift"]),
            marks=[
                Mark(**{**m, "inmate_id": UUID(m["inmate_id"]), "status": Status(m["status"])})
                for m in document["marks"]
            ],
            confirmed=confirmed,
        )


@dataclass(frozen=True, kw_only=True)
class AddReason:
    """Give a reason of its own to the Lapas."""

    name: str
    name_en: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class ChangeReason:
    """Rename a reason or take it out of use; marks that have it keep it."""

    key: str
    name: str
    name_en: str
    active: bool


def mark_attendance(command: MarkAttendance, store: Store) -> dict[UUID, Kept]:
    """Mark people; the same mark again changes nothing, another one is kept in the audit with what it was.

    :raises Refusal: the first thing that forbids it, naming the mark.
    """
    seen = queries.scene(
        store,
        workshop_id=command.workshop_id,
        work_date=command.work_date,
        shift=command.shift,
        inmates=[m.inmate_id for m in command.marks],
    )
    if command.work_date > seen.today:
        raise WorkDateInFuture(field="/work_date", work_date=str(command.work_date), today=str(seen.today))
    if seen.closed and not command.confirmed:
        raise WorkDayAlreadyClosed(field="/work_date", work_date=str(command.work_date))
    settled: dict[UUID, Kept] = {}
    for nth, mark in enumerate(command.marks):
        at = f"/marks/{nth}"
        if mark.inmate_id in settled:
            raise MarkedTwice(field=f"{at}/inmate_id")
        worker = seen.workers.get(mark.inmate_id)
        if worker is None:
            raise InmateUnknown(field=f"{at}/inmate_id")
        worker.must_be_allowed_on(command.work_date, field=f"{at}/inmate_id")
        mark.must_follow(seen.kept.get(mark.inmate_id), workshop_id=command.workshop_id, at=at)
        settled[mark.inmate_id] = mark.settled(
            workshop_id=command.workshop_id,
            workshop=seen.workshop,
            shift_minutes=seen.shift_minutes,
            reasons=seen.reasons,
            at=at,
        )
    changed = {inmate: kept for inmate, kept in settled.items() if seen.kept.get(inmate) != kept}
    queries.keep(store, work_date=command.work_date, shift=command.shift, marks=changed)
    for inmate, kept in changed.items():
        if inmate in seen.kept:
            store.audit(
                "attendance.changed",
                f"/attendance/{command.work_date}/{command.shift}/{inmate}",
                was=_said(seen.kept[inmate]),
                now=_said(kept),
            )
    return settled


def _said(kept: Kept) -> dict[str, object]:
    return {
        "status": kept.status,
        "reason": kept.reason_key,
        "complied": kept.complied,
        "minutes": kept.minutes,
        "workshop_id": kept.workshop_id,
    }


def add_reason(command: AddReason, store: Store) -> Reason:
    """Add a reason at the end of the list.

    :raises ReasonNameTaken:
    """
    there = _own(store)
    _must_be_free(command.name, command.status, there, but=None)
    reason = Reason(
        key=key_for(command.name, [r.key for r in there]),
        no=max((r.no for r in there), default=0) + 1,
        name=command.name,
        name_en=command.name_en,
        status=command.status,
    )
    _insert([reason], store)
    return reason


def change_reason(command: ChangeReason, store: Store, *, version: int) -> Reason:
    """Change a reason the caller has seen.

    :raises ReasonNotThere, ReasonNameTaken, Stale:
    """
    there = _own(store)
    old = next((r for r in there if r.key == command.key), None)
    if old is None:
        raise ReasonNotThere
    if old.version != version:
        raise Stale(version=old.version)
    _must_be_free(command.name, old.status, there, but=old.key)
    store.run(
        "UPDATE attendance_reason SET name = :name, name_en = :name_en, active = :active, version = version + 1"
        " WHERE lapas_id = :lapas_id AND key = :key",
        {"lapas_id": store.lapas_id, **command.__dict__},
    )
    return Reason(
        key=old.key,
        no=old.no,
        name=command.name,
        name_en=command.name_en,
        status=old.status,
        active=command.active,
        version=version + 1,
    )


def _own(store: Store) -> list[Reason]:
    """Return the reasons of the Lapas, those that are shipped being taken over first; nobody else changes them now."""
    store.row("SELECT FROM lapas WHERE lapas_id = :lapas_id FOR NO KEY UPDATE", lapas_id=store.lapas_id)
    found, own = queries.reasons(store)
    if not own:
        _insert(found, store)
    return found


def _insert(reasons: Sequence[Reason], store: Store) -> None:
    store.run(
        "INSERT INTO attendance_reason (lapas_id, key, no, name, name_en, status, active, version)"
        " VALUES (:lapas_id, :key, :no, :name, :name_en, :status, :active, :version)",
        [{"lapas_id": store.lapas_id, **r.__dict__, "status": r.status.value} for r in reasons],
    )


def _must_be_free(name: str, status: Status, there: Sequence[Reason], *, but: str | None) -> None:
    if any(r.name.casefold() == name.casefold() and r.status is status and r.key != but for r in there):
        raise ReasonNameTaken(field="/name", name=name)
