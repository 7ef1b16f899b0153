"""What may be asked for about output: record it, take it back on the day, reverse it later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from giatja_kit import clock
from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.bundles import queries as bundle_queries
from giatja_production.bundles.domain import (
    Bundle,
    BundleAlreadyRecorded,
    BundleMixed,
    BundleOfAnotherOrder,
    BundleUnknown,
    Line,
)
from giatja_production.bundles.domain import State as BundleState
from giatja_production.days.domain import WorkDayAlreadyClosed
from giatja_production.facts import OutputAccepted, OutputReversed, StageProgressed
from giatja_production.output import queries
from giatja_production.output.domain import (
    FIRST,
    LOST,
    Balance,
    CompletedNotReversed,
    Credit,
    CreditsNotTraced,
    Entry,
    Flow,
    Made,
    OutputAlreadyCredited,
    OutputAlreadyUndone,
    OutputFromStock,
    OutputUnknown,
    Passing,
    PiecesMovedOn,
    Portion,
    Shift,
    UndoAnotherDay,
    credit_passed,
)
from giatja_production.output.queries import Recorded, Scene
from giatja_production.work_orders.domain import State, WorkOrder, WorkOrderUnknown
from giatja_production.workers.domain import InmateUnknown
from giatja_production.workshops.domain import Stage

CORRECT = "output.correct"


@dataclass(frozen=True, kw_only=True)
class RecordOutput:
    """Record what several inmates made at one stage in one shift: all of it or nothing.

    :param ids: one for each entry.
    :param confirmed: two people agreed to it, so it may be of a closed day.
    :param inspection_id: the inspection this is.
    :param allocation_id: the pieces come out of the stock, by this allocation; nobody is credited for them here.
    """

    work_order_id: UUID
    stage_id: UUID
    work_date: date
    shift: Shift
    entries: Sequence[Entry]
    ids: Sequence[UUID]
    confirmed: bool = False
    inspection_id: UUID | None = None
    allocation_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class UndoOutput:
    """Take an entry back.

    :param id: of the entry; :param new_id: of what takes it back.
    """

    id: UUID
    new_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReverseOutput:
    """Take an entry back that is credited, or of a closed day; two people agreed to it.

    :param id: of the entry; :param new_id: of what takes it back.
    """

    id: UUID
    new_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a work order and one of its stages stand after something was recorded."""

    state: State
    stage: Balance


@dataclass(frozen=True, kw_only=True)
class _Act:
    """What is recorded where, with the bundles it is of."""

    command: RecordOutput
    work_order: WorkOrder
    stage: Stage
    scene: Scene
    bundles: Mapping[UUID, Bundle] = field(default_factory=dict)


def record_output(command: RecordOutput, store: Store) -> Standing:
    """Record output, let the pieces flow on, credit what passes quality control.

    The work order is locked first, so that of two clerks with the last pieces one comes second and is told so.

    :raises Refusal: the first thing that forbids it, naming the entry.
    """
    work_order = store.get(WorkOrder, command.work_order_id, missing=WorkOrderUnknown)
    stage = work_order.stage(command.stage_id)
    scene = queries.scene(
        store, work_order, stage, work_date=command.work_date, inmates=[e.inmate_id for e in command.entries]
    )
    today = clock.today(scene.zone, store.at)
    work_order.must_take_output(work_date=command.work_date, today=today)
    if scene.closed and not command.confirmed:
        raise WorkDayAlreadyClosed(field="/work_date", work_date=str(command.work_date))
    bundles = bundle_queries.bundles(store, {e.bundle_id for e in command.entries if e.bundle_id})
    act = _Act(command=command, work_order=work_order, stage=stage, scene=scene, bundles=bundles)
    _check(act)
    lines = {b.id: b.line for b in bundles.values()}
    portions, events = _flow(act, store)
    store.run(bundle_queries.INSERT_EVENT, events)
    _keep(act, portions, store)
    _settle(work_order, stage, scene.flow, [p for ps in portions for p in ps], store)
    store.tell(_progressed(command, work_order, stage, scene.flow))
    _accept(act, portions, lines, store)
    completed = work_order.complete_if_all_passed(today=today)
    if completed is not None:
        store.tell(completed)
    return Standing(state=work_order.state, stage=scene.flow.total(stage.no))


def undo_output(command: UndoOutput, store: Store) -> UUID:
    """Take an entry back by its opposite; return the work order. Of a bundle everything at this stage is taken back.

    :raises OutputUnknown, OutputAlreadyUndone, OutputAlreadyCredited, PiecesMovedOn, UndoAnotherDay:
    :raises WorkDayAlreadyClosed, BundleMovedOn, OutputFromStock:
    """
    work_order_id = queries.work_order_of(store, command.id)
    work_order = store.get(WorkOrder, work_order_id, missing=OutputUnknown)
    entry = queries.recorded(store, command.id)
    stage = work_order.route.stages[entry.stage_no - 1]
    if entry.undone:
        raise OutputAlreadyUndone
    if entry.allocation_id is not None:
        raise OutputFromStock
    if entry.credited or (stage.counts_quality and any(p.good for p in entry.portions)):
        raise OutputAlreadyCredited
    scene = queries.scene(store, work_order, stage, work_date=entry.work_date, inmates=[])
    if clock.today(scene.zone, entry.recorded_at) != clock.today(scene.zone, store.at) and not store.principal.may(
        CORRECT
    ):
        raise UndoAnotherDay(permission=CORRECT)
    if scene.closed:
        raise WorkDayAlreadyClosed(work_date=str(entry.work_date))
    work_order.must_be_open()
    _take_back(work_order, stage, scene, entry, new_id_=command.new_id, reason=None, store=store)
    return work_order.id


def reverse_output(command: ReverseOutput, store: Store) -> UUID:
    """Take an entry back even if it is credited or of a closed day; return the work order.

    What it made count at quality control counts no more: each credit gets its opposite.

    :raises OutputUnknown, OutputAlreadyUndone, PiecesMovedOn, PiecesBundledSince, BundleMovedOn:
    :raises CompletedNotReversed, WorkOrderCancelled, CreditsNotTraced, OutputFromStock:
    """
    work_order_id = queries.work_order_of(store, command.id)
    work_order = store.get(WorkOrder, work_order_id, missing=OutputUnknown)
    entry = queries.recorded(store, command.id)
    if entry.undone:
        raise OutputAlreadyUndone
    if entry.allocation_id is not None:
        raise OutputFromStock
    if work_order.state is State.COMPLETED:
        raise CompletedNotReversed(completed_on=str(work_order.completed_on))
    work_order.must_be_open()
    stage = work_order.route.stages[entry.stage_no - 1]
    quality = work_order.route.quality
    if stage.no < quality.no and entry.credited:
        raise PiecesMovedOn(stage=quality.name)
    scene = queries.scene(store, work_order, stage, work_date=entry.work_date, inmates=[])
    _take_back(work_order, stage, scene, entry, new_id_=command.new_id, reason=command.reason, store=store)
    store.audit("output.reverse", command.id, reason=command.reason, work_order_id=str(work_order.id))
    return work_order.id


def take_back_to_stock(allocation_id: UUID, store: Store) -> None:
    """Take back what was handed out to an order, stage by stage; its work order is locked by the caller.

    :raises CompletedNotReversed, WorkOrderCancelled, WorkDayAlreadyClosed, PiecesMovedOn:
    """
    for id_ in queries.handed_out(store, allocation_id):
        work_order = store.get(WorkOrder, queries.work_order_of(store, id_), missing=OutputUnknown)
        if work_order.state is State.COMPLETED:
            raise CompletedNotReversed(completed_on=str(work_order.completed_on))
        work_order.must_be_open()
        entry = queries.recorded(store, id_)
        stage = work_order.route.stages[entry.stage_no - 1]
        scene = queries.scene(store, work_order, stage, work_date=entry.work_date, inmates=[])
        if scene.closed:
            raise WorkDayAlreadyClosed(work_date=str(entry.work_date))
        _take_back(work_order, stage, scene, entry, new_id_=new_id(), reason=None, store=store)


def _check(act: _Act) -> None:
    """Let pass entries of people who may work, that make sense and name bundles of this work order."""
    defects = {d.key for d in act.work_order.route.defects}
    for nth, entry in enumerate(act.command.entries):
        at = f"/entries/{nth}"
        known = defects
        if entry.inmate_id is not None:
            worker = act.scene.workers.get(entry.inmate_id)
            if worker is None:
                raise InmateUnknown(field=f"{at}/inmate_id")
            worker.must_be_allowed_on(act.command.work_date, field=f"{at}/inmate_id")
        elif act.command.inspection_id is None:
            known = {LOST}
        entry.check(defects=known, at=at)
        if entry.bundle_id is not None:
            bundle = act.bundles.get(entry.bundle_id)
            if bundle is None:
                raise BundleUnknown(field=f"{at}/bundle_id")
            if bundle.work_order_id != act.work_order.id:
                raise BundleOfAnotherOrder(field=f"{at}/bundle_id", code=bundle.code)


def _flow(act: _Act, store: Store) -> tuple[list[list[Portion]], list[dict[str, object]]]:
    """Let the pieces of all entries flow; return how they fall on cells, and what happened to bundles."""
    portions: list[list[Portion]] = [[] for _ in act.command.entries]
    groups: dict[UUID, list[int]] = {}
    for nth, entry in enumerate(act.command.entries):
        if entry.bundle_id is None:
            portions[nth] = act.scene.flow.record(act.stage.no, entry, at=f"/entries/{nth}")
        else:
            groups.setdefault(entry.bundle_id, []).append(nth)
    events = []
    codes = bundle_queries.fresh_codes(store, len(groups))
    for (bundle_id, places), child_code in zip(groups.items(), codes, strict=True):
        bundle = act.bundles[bundle_id]
        entries = [act.command.entries[n] for n in places]
        _must_be_recordable(act, bundle, entries, f"/entries/{places[0]}", store)
        for nth, parts in zip(places, act.scene.flow.record_bundle(act.stage.no, bundle, entries), strict=True):
            portions[nth] = parts
        passage, child = bundle.record(
            last_stage=act.scene.flow.last_stage,
            good=sum(e.good for e in entries),
            rework=sum(e.rework for e in entries),
            reject=sum(e.reject for e in entries),
            mend_no=_mended_at(act.stage, entries),
            child_id=new_id(),
            child_code=child_code,
            at=store.at,
        )
        events.append(bundle_queries.event(store, bundle, "recorded", id_=new_id(), passage=passage))
        if child is not None:
            store.add(child)
            events.append(bundle_queries.event(store, child, "cut", id_=new_id(), other_id=bundle.id))
    return portions, events


def _mended_at(stage: Stage, entries: Sequence[Entry]) -> int | None:
    """Return the earliest stage that is to mend what is rework, if it is before this one."""
    named = [e.responsible_no for e in entries if e.rework and e.responsible_no is not None]
    return min(named) if named and min(named) < stage.no else None


def _must_be_recordable(act: _Act, bundle: Bundle, entries: Sequence[Entry], at: str, store: Store) -> None:
    stages = act.scene.flow.stages
    gone = bundle.state is BundleState.DONE
    if gone or (bundle.state is BundleState.OPEN and bundle.stage_no != act.stage.no):
        before = bundle_queries.last_recorded(store, bundle.id, act.stage.no)
        if before is not None:
            raise BundleAlreadyRecorded(
                field=f"{at}/bundle_id",
                code=bundle.code,
                stage=act.stage.name,
                at=f"{before['at'].astimezone(ZoneInfo(act.scene.zone)):%d-%m-%Y %H.%M}",
                by=before["by"].partition(":")[0],
                now="selesai" if gone else stages[bundle.stage_no - 1],
            )
    if len({e.from_rework for e in entries}) > 1:
        raise BundleMixed(field=f"{at}/from_rework", code=bundle.code)
    bundle.must_be_recordable(
        stage_no=act.stage.no,
        from_rework=entries[0].from_rework,
        asked=sum(e.asked for e in entries),
        stages=stages,
        at=at,
    )


def _take_back(
    work_order: WorkOrder,
    stage: Stage,
    scene: Scene,
    entry: Recorded,
    *,
    new_id_: UUID,
    reason: str | None,
    store: Store,
) -> None:
    """Let the pieces of an entry flow back, of a bundle all that were recorded with it; tell what that changes."""
    together = [entry] if entry.bundle_id is None else queries.recorded_together(store, entry)
    if reason is None and any(e.credited for e in together):
        raise OutputAlreadyCredited
    portions = [p for e in together for p in e.portions]
    if entry.bundle_id is None:
        back = scene.flow.take_back(stage.no, portions, from_rework=entry.from_rework)
    else:
        back = _bring_back(stage, scene, entry.bundle_id, portions, entry.from_rework, store)
    if reason is not None:
        _uncredit(work_order, stage, together, store)
    opposites = {e.id: new_id_ if e.id == entry.id else new_id() for e in together}
    queries.insert_opposites(store, opposites, reason=reason or "undo", reverses=reason is not None)
    _settle(work_order, stage, scene.flow, back, store)
    defects: dict[str, int] = {}
    for one in together:
        if one.defect:
            faults = sum(p.rework + p.reject for p in one.portions)
            defects[one.defect] = defects.get(one.defect, 0) - faults
    store.tell(
        _stage_progressed(
            work_order,
            stage,
            scene.flow,
            work_date=entry.work_date,
            good=sum(p.good for p in back),
            rework=sum(p.rework for p in back),
            reject=sum(p.reject for p in back),
            defects=defects,
        )
    )


def _bring_back(
    stage: Stage, scene: Scene, bundle_id: UUID, portions: Sequence[Portion], from_rework: bool, store: Store
) -> list[Portion]:
    event_id, passage = bundle_queries.passage(store, bundle_id, stage.no, from_rework=from_rework)
    ids = [bundle_id, *([passage.child_id] if passage.child_id else [])]
    found = bundle_queries.bundles(store, ids)
    bundle, child = found[bundle_id], found.get(passage.child_id) if passage.child_id else None
    bundle.take_back(passage, child, since=bundle_queries.since(store, event_id, ids))
    back = scene.flow.take_back(stage.no, portions, from_rework=from_rework, bundled=True)
    bundle_queries.mark_undone(store, event_id)
    store.run(
        bundle_queries.INSERT_EVENT,
        bundle_queries.event(store, bundle, "taken_back", id_=new_id()),
    )
    return back


def _uncredit(work_order: WorkOrder, stage: Stage, together: Sequence[Recorded], store: Store) -> None:
    """Give every credit that entries made count its opposite, and tell of it."""
    if stage.no < work_order.route.quality.no:
        return
    good = sum(p.good for e in together for p in e.portions)
    credits_ = queries.credits_of(store, [e.id for e in together])
    before = sum(c.pieces for c in credits_ if c.made.stage_no < stage.no)
    earlier = stage.no - FIRST if stage.counts_quality else 0
    if before != earlier * good:
        raise CreditsNotTraced
    queries.insert_uncredits(store, work_order, credits_)
    store.tell(*_reversed(work_order, credits_))


def _keep(act: _Act, portions: Sequence[Sequence[Portion]], store: Store) -> None:
    command, work_order, stage = act.command, act.work_order, act.stage
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
                "responsible_no": entry.responsible_no if portion.rework or portion.reject else None,
                "from_rework": entry.from_rework,
                "bundle_id": entry.bundle_id,
                "team_id": entry.team_id,
                "inspection_id": command.inspection_id,
                "allocation_id": command.allocation_id,
                "credited": portion.good if credits_now and entry.inmate_id is not None else 0,
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


def _accept(act: _Act, portions: Sequence[Sequence[Portion]], lines: Mapping[UUID, Line], store: Store) -> None:
    """Credit what was made here, at quality control and after it, and what passes quality control, before it."""
    command, work_order, stage = act.command, act.work_order, act.stage
    if stage.no < work_order.route.quality.no or command.allocation_id is not None:
        return
    good = [
        (id_, entry, portion)
        for id_, entry, parts in zip(command.ids, command.entries, portions, strict=True)
        for portion in parts
        if portion.good
    ]
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
            passed_by=id_,
        )
        for id_, entry, portion in good
        if entry.inmate_id is not None
    ]
    before: list[Credit] = []
    if stage.counts_quality and stage.no > FIRST and good:
        passings = [
            Passing(
                output_id=id_,
                cell_no=portion.cell_no,
                pieces=portion.good,
                bundle_id=entry.bundle_id,
                line=lines.get(entry.bundle_id, Line()) if entry.bundle_id else Line(),
            )
            for id_, entry, portion in good
        ]
        before = credit_passed(
            passings, queries.uncredited(store, work_order, stage, passings), stages=range(FIRST, stage.no)
        )
        queries.add_credited(store, work_order.lapas_id, before)
    queries.insert_credits(store, work_order, [*before, *here])
    store.tell(*_accepted(work_order, [*before, *here]))


def _accepted(work_order: WorkOrder, credits_: Sequence[Credit]) -> list[OutputAccepted]:
    return [
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
        for stage, inmate_id, work_date, pieces in _sums(work_order, credits_)
    ]


def _reversed(work_order: WorkOrder, credits_: Sequence[Credit]) -> list[OutputReversed]:
    return [
        OutputReversed(
            work_order_id=work_order.id,
            order_id=work_order.order_id,
            line_id=work_order.line_id,
            inmate_id=inmate_id,
            stage=stage.key,
            competence=stage.competence,
            workshop_kind=work_order.workshop_kind,
            work_date=work_date,
            pieces=pieces,
            minutes=pieces * stage.standard_minutes,
        )
        for stage, inmate_id, work_date, pieces in _sums(work_order, credits_)
    ]


def _sums(work_order: WorkOrder, credits_: Sequence[Credit]) -> list[tuple[Stage, UUID, date, int]]:
    """Return what is credited to each inmate at a stage on a day."""
    sums: dict[tuple[int, UUID, date], int] = {}
    for one in credits_:
        key = (one.made.stage_no, one.made.inmate_id, one.made.work_date)
        sums[key] = sums.get(key, 0) + one.pieces
    return [
        (work_order.route.stages[stage_no - 1], inmate_id, work_date, pieces)
        for (stage_no, inmate_id, work_date), pieces in sums.items()
    ]


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
