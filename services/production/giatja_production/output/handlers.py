"""What may be asked for about output: record it, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit import clock
from giatja_kit.database import Store
from giatja_production.facts import OutputAccepted, StageProgressed
from giatja_production.output import queries
from giatja_production.output.domain import (
    FIRST,
    Balance,
    Credit,
    Entry,
    Flow,
    Made,
    OutputAlreadyCredited,
    OutputAlreadyUndone,
    OutputUnknown,
    Portion,
    Shift,
    UndoAnotherDay,
    credit_passed,
)
from giatja_production.work_orders.domain import State, WorkOrder, WorkOrderUnknown
from giatja_production.workers.domain import InmateUnknown
from giatja_production.workshops.domain import Stage

CORRECT = "output.correct"


@dataclass(frozen=True, kw_only=True)
class RecordOutput:
    """Record what several inmates made at one stage in one shift: all of it or nothing.

    :param ids: one for each entry.
    """

    work_order_id: UUID
    stage_id: UUID
    work_date: date
    shift: Shift
    entries: Sequence[Entry]
    ids: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class UndoOutput:
    """Take an entry back.

    :param id: of the entry; :param new_id: of what takes it back.
    """

    id: UUID
    new_id: UUID


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a work order and one of its stages stand after something was recorded."""

    state: State
    stage: Balance


def record_output(command: RecordOutput, store: Store) -> Standing:
    """Record output, let the pieces flow on, credit what passes quality control.

    The work order is locked first, so that of two clerks with the last pieces one comes second and is told so.

    :raises Refusal: the first thing that forbids it, naming the entry.
    """
    work_order = store.get(WorkOrder, command.work_order_id, missing=WorkOrderUnknown)
    stage = work_order.stage(command.stage_id)
    scene = queries.scene(store, work_order, stage, command)
    today = clock.today(scene.zone, store.at)
    work_order.must_take_output(work_date=command.work_date, today=today)
    defects = {d.key for d in work_order.route.defects}
    portions = []
    for nth, entry in enumerate(command.entries):
        at = f"/entries/{nth}"
        worker = scene.workers.get(entry.inmate_id)
        if worker is None:
            raise InmateUnknown(field=f"{at}/inmate_id")
        worker.must_be_allowed_on(command.work_date, field=f"{at}/inmate_id")
        entry.check(defects=defects, at=at)
        portions.append(scene.flow.record(stage.no, entry, stage_name=stage.name, at=at))
    _keep(command, work_order, stage, portions, store)
    _settle(work_order, stage, scene.flow, [p for ps in portions for p in ps], store)
    store.tell(_progressed(command, work_order, stage, scene.flow))
    _accept(command, work_order, stage, portions, store)
    completed = work_order.complete_if_all_passed(today=today)
    if completed is not None:
        store.tell(completed)
    return Standing(state=work_order.state, stage=scene.flow.total(stage.no))


def undo_output(command: UndoOutput, store: Store) -> UUID:
    """Take an entry back by its opposite; return the work order.

    :raises OutputUnknown, OutputAlreadyUndone, OutputAlreadyCredited, PiecesMovedOn, UndoAnotherDay:
    """
    work_order_id = queries.work_order_of(store, command.id)
    work_order = store.get(WorkOrder, work_order_id, missing=OutputUnknown)
    entry = queries.recorded(store, command.id)
    stage = work_order.route.stages[entry.stage_no - 1]
    if entry.undone:
        raise OutputAlreadyUndone
    if entry.credited:
        raise OutputAlreadyCredited
    scene = queries.scene(store, work_order, stage, None)
    if clock.today(scene.zone, entry.recorded_at) != clock.today(scene.zone, store.at) and not store.principal.may(
        CORRECT
    ):
        raise UndoAnotherDay(permission=CORRECT)
    work_order.must_be_open()
    back = scene.flow.take_back(stage.no, entry.portions, from_rework=entry.from_rework)
    queries.insert_opposite(store, command.id, command.new_id)
    _settle(work_order, stage, scene.flow, back, store)
    faults = sum(p.rework + p.reject for p in back)
    store.tell(
        _stage_progressed(
            work_order,
            stage,
            scene.flow,
            work_date=entry.work_date,
            good=sum(p.good for p in back),
            rework=sum(p.rework for p in back),
            reject=sum(p.reject for p in back),
            defects={entry.defect: faults} if entry.defect else {},
        )
    )
    return work_order.id


def _keep(
    command: RecordOutput, work_order: WorkOrder, stage: Stage, portions: Sequence[Sequence[Portion]], store: Store
) -> None:
    credits_now = stage.no >= work_order.route.quality.no
    store.run(
        queries.INSERT_OUTPUT,
        [
            {
                "lapas_id": work_order.lapas_id,
                "id": id_,
                "cell_no": portion.cell_no,
                "work_order_id": work_order.id,
                "stage_no": stage.no,
                "stage_key": stage.key,
                "counts_quality": stage.counts_quality,
                "inmate_id": entry.inmate_id,
                "work_date": command.work_date,
                "shift": command.shift.value,
                "good": portion.good,
                "rework": portion.rework,
                "reject": portion.reject,
                "defect": entry.defect if portion.rework or portion.reject else None,
                "from_rework": entry.from_rework,
                "credited": portion.good if credits_now else 0,
                "recorded_at": store.at,
                "recorded_by": store.actor,
            }
            for id_, entry, parts in zip(command.ids, command.entries, portions, strict=True)
            for portion in parts
        ],
    )


def _settle(work_order: WorkOrder, stage: Stage, flow: Flow, moved: Sequence[Portion], store: Store) -> None:
    """Write down where the pieces stand now, and the totals of the work order."""
    good = sum(p.good for p in moved)
    work_order.count(
        passed=good if stage.counts_quality else 0,
        finished=good if stage.no == flow.last_stage else 0,
        rejected=sum(p.reject for p in moved),
    )
    store.run(
        queries.SET_BALANCE,
        [
            {
                "lapas_id": work_order.lapas_id,
                "work_order_id": work_order.id,
                "stage_no": stage_no,
                "cell_no": cell_no,
                "waiting": flow.balances[stage_no, cell_no].waiting,
                "rework": flow.balances[stage_no, cell_no].rework,
                "good": flow.balances[stage_no, cell_no].good,
                "reject": flow.balances[stage_no, cell_no].reject,
            }
            for stage_no, cell_no in sorted(flow.changed)
        ],
    )


def _accept(
    command: RecordOutput, work_order: WorkOrder, stage: Stage, portions: Sequence[Sequence[Portion]], store: Store
) -> None:
    """Credit what was made here, at quality control and after it, and what passes quality control, before it."""
    if stage.no < work_order.route.quality.no:
        return
    here = [
        Credit(
            made=Made(
                output_id=id_,
                cell_no=portion.cell_no,
                stage_no=stage.no,
                inmate_id=entry.inmate_id,
                work_date=command.work_date,
                uncredited=portion.good,
            ),
            pieces=portion.good,
        )
        for id_, entry, parts in zip(command.ids, command.entries, portions, strict=True)
        for portion in parts
        if portion.good
    ]
    before: list[Credit] = []
    if stage.counts_quality and stage.no > FIRST and here:
        passed: dict[int, int] = {}
        for one in here:
            passed[one.made.cell_no] = passed.get(one.made.cell_no, 0) + one.pieces
        made = queries.uncredited(store, work_order, stage, passed)
        before = credit_passed(passed, made, stages=range(FIRST, stage.no))
        queries.add_credited(store, work_order.lapas_id, before)
    queries.insert_credits(store, work_order, [*before, *here])
    store.tell(*_accepted(work_order, [*before, *here]))


def _accepted(work_order: WorkOrder, credits_: Sequence[Credit]) -> list[OutputAccepted]:
    sums: dict[tuple[int, UUID, date], int] = {}
    for one in credits_:
        key = (one.made.stage_no, one.made.inmate_id, one.made.work_date)
        sums[key] = sums.get(key, 0) + one.pieces
    facts = []
    for (stage_no, inmate_id, work_date), pieces in sums.items():
        stage = work_order.route.stages[stage_no - 1]
        facts.append(
            OutputAccepted(
                work_order_id=work_order.id,
                order_id=work_order.order_id,
                line_id=work_order.line_id,
                inmate_id=inmate_id,
                stage=stage.key,
                competence=stage.competence,
                workshop_kind=work_order.workshop_kind,
                product_name=work_order.product_name,
                work_date=work_date,
                pieces=pieces,
                minutes=pieces * stage.standard_minutes,
            )
        )
    return facts


def _progressed(command: RecordOutput, work_order: WorkOrder, stage: Stage, flow: Flow) -> StageProgressed:
    defects: dict[str, int] = {}
    for entry in command.entries:
        if entry.defect is not None:
            defects[entry.defect] = defects.get(entry.defect, 0) + entry.rework + entry.reject
    return _stage_progressed(
        work_order,
        stage,
        flow,
        work_date=command.work_date,
        good=sum(e.good for e in command.entries),
        rework=sum(e.rework for e in command.entries),
        reject=sum(e.reject for e in command.entries),
        defects=defects,
    )


def _stage_progressed(
    work_order: WorkOrder,
    stage: Stage,
    flow: Flow,
    *,
    work_date: date,
    good: int,
    rework: int,
    reject: int,
    defects: dict[str, int],
) -> StageProgressed:
    total = flow.total(stage.no)
    return StageProgressed(
        work_order_id=work_order.id,
        order_id=work_order.order_id,
        line_id=work_order.line_id,
        stage_id=stage.id,
        stage=stage.key,
        workshop_kind=work_order.workshop_kind,
        work_date=work_date,
        good=good,
        rework=rework,
        reject=reject,
        defects=defects,
        stage_good=total.good,
        stage_waiting=total.waiting,
        stage_rework=total.rework,
        stage_reject=total.reject,
    )
