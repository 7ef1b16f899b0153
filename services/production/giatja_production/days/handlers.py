"""What may be asked for about days: close them, ask for a change of a closed one, decide it."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.attendance.handlers import MarkAttendance, mark_attendance
from giatja_production.days import queries
from giatja_production.days.domain import (
    Correction,
    CorrectionAlreadyAsked,
    CorrectionUnknown,
    DayAlreadyClosed,
    Kind,
    WorkDayNotClosed,
    must_be_closable,
)
from giatja_production.floor.handlers import RecordTally, record_tally
from giatja_production.lapas.queries import today
from giatja_production.output.domain import OutputAlreadyUndone, OutputUnknown
from giatja_production.output.handlers import ReverseOutput, reverse_output
from giatja_production.work_orders.domain import WorkDateInFuture, WorkOrder


@dataclass(frozen=True, kw_only=True)
class CloseDay:
    """Close a day.

    :param workshop_ids: of these workshops; without them, of all that are still open.
    :param accept_missing: close it although something is missing; the note says why.
    """

    work_date: date
    workshop_ids: Sequence[UUID] | None
    accept_missing: bool
    note: str | None


@dataclass(frozen=True, kw_only=True)
class AskReversal:
    """Ask that an entry be taken back, credited or of a closed day though it be."""

    id: UUID
    output_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProposeLate:
    """Propose what was made on a day that is closed.

    :param tally: as it is to be recorded; :param document: the same as it was asked for.
    """

    tally: RecordTally
    document: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProposeMark:
    """Propose another mark of somebody on a day that is closed.

    :param marking: of one person; :param document: the same as it was asked for.
    """

    id: UUID
    marking: MarkAttendance
    document: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Decide:
    """Confirm, refuse or withdraw a correction the caller has seen.

    :param answer: why it is refused.
    """

    id: UUID
    version: int
    answer: str = ""


class _Enough(Exception):
    """What was tried is possible, and is not to stay."""


def close_day(command: CloseDay, store: Store) -> list[UUID]:
    """Close a day of some workshops, all of them or none; return them.

    :raises WorkshopUnknown, WorkDateInFuture, DayAlreadyClosed, ToolsStillOut, OutputOfAbsent, DayNotComplete:
    """
    held = [r["id"] for r in queries.hold_workshops(store, command.workshop_ids)]
    now = today(store)
    if command.work_date > now:
        raise WorkDateInFuture(field="/work_date", work_date=str(command.work_date), today=str(now))
    closed = queries.closed_among(store, held, command.work_date)
    to_close = [i for i in held if i not in closed]
    if not to_close or (command.workshop_ids is not None and closed):
        raise DayAlreadyClosed(work_date=str(command.work_date))
    seen = queries.look(store, to_close, command.work_date)
    must_be_closable(
        [s.missing for s in seen], accept=command.accept_missing, note=command.note, work_date=command.work_date
    )
    store.run(
        queries.INSERT_CLOSED,
        [
            {
                "lapas_id": store.lapas_id,
                "workshop_id": s.workshop_id,
                "work_date": command.work_date,
                "at": store.at,
                "actor": store.actor,
                "note": command.note,
                "sums": json.dumps(s.sums, default=str),
            }
            for s in seen
        ],
    )
    return to_close


def ask_reversal(command: AskReversal, store: Store) -> Correction:
    """Ask for a reversal; nothing is taken back before a second person confirms.

    :raises OutputUnknown, OutputAlreadyUndone, CorrectionAlreadyAsked:
    """
    # Locked, so that of two who ask for the same the second is told.
    store.get(WorkOrder, queries.entry(store, command.output_id)["work_order_id"], missing=OutputUnknown)
    entry = queries.entry(store, command.output_id)
    if entry["undone"]:
        raise OutputAlreadyUndone
    if queries.is_asked(store, output_id=command.output_id):
        raise CorrectionAlreadyAsked
    return _ask(
        store,
        id=command.id,
        kind=Kind.REVERSAL,
        workshop_id=entry["workshop_id"],
        work_date=entry["work_date"],
        shift=entry["shift"],
        inmate_id=entry["inmate_id"],
        output_id=command.output_id,
        proposal={},
        reason=command.reason,
    )


def propose_late(command: ProposeLate, store: Store) -> Correction:
    """Propose a late entry; whatever would refuse it now refuses it at once.

    :raises WorkDayNotClosed: it can be recorded directly; :raises Refusal: as recording it would.
    """
    tally = command.tally
    if not queries.is_closed(store, tally.workshop_id, tally.work_date):
        raise WorkDayNotClosed(field="/work_date", work_date=str(tally.work_date))
    _must_be_possible(lambda: record_tally(replace(tally, confirmed=True), store), store)
    return _ask(
        store,
        id=tally.id,
        kind=Kind.LATE,
        workshop_id=tally.workshop_id,
        work_date=tally.work_date,
        shift=tally.shift.value,
        inmate_id=None,
        output_id=None,
        proposal=dict(command.document),
        reason=command.reason,
    )


def propose_mark(command: ProposeMark, store: Store) -> Correction:
    """Propose another mark on a closed day; whatever would refuse it now refuses it at once.

    :raises WorkDayNotClosed, CorrectionAlreadyAsked: and as marking would.
    """
    marking = command.marking
    inmate_id = marking.marks[0].inmate_id
    if not queries.is_closed(store, marking.workshop_id, marking.work_date):
        raise WorkDayNotClosed(field="/work_date", work_date=str(marking.work_date))
    _must_be_possible(lambda: mark_attendance(replace(marking, confirmed=True), store), store)
    if queries.is_mark_asked(store, work_date=marking.work_date, shift=marking.shift, inmate_id=inmate_id):
        raise CorrectionAlreadyAsked
    return _ask(
        store,
        id=command.id,
        kind=Kind.ATTENDANCE,
        workshop_id=marking.workshop_id,
        work_date=marking.work_date,
        shift=marking.shift.value,
        inmate_id=inmate_id,
        output_id=None,
        proposal=dict(command.document),
        reason=command.reason,
    )


def confirm_correction(command: Decide, store: Store) -> None:
    """Confirm what another person asked for, and do it.

    :raises CorrectionUnknown, Stale, CorrectionAlreadyDecided, SecondPersonNeeded: and whatever forbids it by now.
    """
    correction = store.get(Correction, command.id, version=command.version, missing=CorrectionUnknown)
    correction.confirm(by=store.actor, at=store.at)
    _DO[Kind(correction.kind)](correction, store)


def refuse_correction(command: Decide, store: Store) -> None:
    """Refuse what another person asked for.

    :raises CorrectionUnknown, Stale, CorrectionAlreadyDecided, SecondPersonNeeded:
    """
    correction = store.get(Correction, command.id, version=command.version, missing=CorrectionUnknown)
    correction.refuse(by=store.actor, at=store.at, answer=command.answer)


def withdraw_correction(command: Decide, store: Store) -> None:
    """Withdraw what one asked for.

    :raises CorrectionUnknown, Stale, CorrectionAlreadyDecided, CorrectionOfAnother:
    """
    correction = store.get(Correction, command.id, version=command.version, missing=CorrectionUnknown)
    correction.withdraw(by=store.actor, at=store.at)


def _reverse(correction: Correction, store: Store) -> None:
    if correction.output_id is None:
        raise OutputUnknown
    reverse_output(ReverseOutput(id=correction.output_id, new_id=new_id(), reason=correction.reason), store)


def _record_late(correction: Correction, store: Store) -> None:
    record_tally(RecordTally.from_document(correction.id, correction.proposal, confirmed=True), store)


def _mark_again(correction: Correction, store: Store) -> None:
    mark_attendance(MarkAttendance.from_document(correction.proposal, confirmed=True), store)


_DO: Mapping[Kind, Callable[[Correction, Store], None]] = {
    Kind.REVERSAL: _reverse,
    Kind.LATE: _record_late,
    Kind.ATTENDANCE: _mark_again,
}


def _must_be_possible(act: Callable[[], object], store: Store) -> None:
    """Let pass what could be done at this moment: it is done, and undone at once.

    :raises Refusal: as doing it would.
    """
    with suppress(_Enough):
        _do_and_undo(act, store)
    store.forget()


def _do_and_undo(act: Callable[[], object], store: Store) -> None:
    with store.part():
        act()
        store.flush()
        raise _Enough


def _ask(
    store: Store,
    *,
    id: UUID,  # noqa: A002
    kind: Kind,
    workshop_id: UUID,
    work_date: date,
    shift: str,
    inmate_id: UUID | None,
    output_id: UUID | None,
    proposal: dict[str, Any],
    reason: str,
) -> Correction:
    correction = Correction(
        lapas_id=store.lapas_id,
        id=id,
        kind=kind.value,
        workshop_id=workshop_id,
        work_date=work_date,
        shift=shift,
        inmate_id=inmate_id,
        output_id=output_id,
        proposal=proposal,
        reason=reason,
        requested_at=store.at,
        requested_by=store.actor,
    )
    store.add(correction)
    return correction
