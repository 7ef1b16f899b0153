"""What may be asked for about bundles: cut, split, merge, lose and find again, mend, dissolve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from giatja_kit import clock
from giatja_kit.database import Store
from giatja_kit.ids import new_id
from giatja_production.bundles import queries
from giatja_production.bundles.domain import (
    Bundle,
    BundleNotLost,
    BundleUnknown,
    Kind,
    Lay,
    MoreThanLoose,
    NoSuchStage,
    NoSuchVariant,
    NothingLoose,
    Stack,
    State,
    divide,
    stacks_of,
)
from giatja_production.output.domain import FIRST, LOST, Entry, Shift
from giatja_production.output.handlers import RecordOutput, record_output
from giatja_production.work_orders.domain import WorkOrder, WorkOrderUnknown
from giatja_production.workers.domain import InmateUnknown

# Bundles are made of what has been cut, unless somebody says otherwise.
AFTER_CUTTING = FIRST + 1


@dataclass(frozen=True, kw_only=True)
class Lot:
    """Pieces of one cell to be made into lots; all loose ones when no number is given."""

    size: str
    colour: str
    pieces: int | None = None


@dataclass(frozen=True, kw_only=True)
class CutBundles:
    """Make bundles of loose pieces that wait at a stage; of all of them when neither lays nor lots are given.

    :param stage_no: the stage; the one after the first when it is left out.
    :param most: pieces in a bundle at the most.
    """

    work_order_id: UUID
    kind: Kind
    most: int
    stage_no: int | None = None
    lays: Sequence[Lay] = ()
    lots: Sequence[Lot] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The bundles that cutting would make, and the pieces it would leave loose."""

    stage_no: int
    bundles: Sequence[Stack]
    loose: dict[int, int]


@dataclass(frozen=True, kw_only=True)
class SplitBundle:
    """Make several bundles of one."""

    id: UUID
    version: int
    parts: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class MergeBundles:
    """Make one bundle of several."""

    id: UUID
    version: int
    others: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class LoseBundle:
    """Record that a bundle is lost."""

    id: UUID
    version: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class FindBundle:
    """Record that a lost bundle was found."""

    id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class WriteOffBundle:
    """Reject all pieces of a lost bundle: they will not be found."""

    id: UUID
    version: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MendBundle:
    """Record who mended a bundle, which comes back to be looked at again."""

    id: UUID
    version: int
    inmate_id: UUID


@dataclass(frozen=True, kw_only=True)
class DissolveBundle:
    """Let the pieces of a bundle go loose."""

    id: UUID
    version: int
    reason: str


def plan_bundles(command: CutBundles, store: Store) -> Plan:
    """Return what cutting would make, without doing it.

    :raises WorkOrderUnknown, NoSuchStage, NoSuchVariant, MoreThanLoose, NothingLoose, TooManyBundles:
    """
    return _plan(command, store.get(WorkOrder, command.work_order_id, missing=WorkOrderUnknown), store)


def cut_bundles(command: CutBundles, store: Store) -> list[Bundle]:
    """Make bundles of loose pieces; return them.

    :raises WorkOrderUnknown, WorkOrderAlreadyCompleted, WorkOrderCancelled, Refusal: as planning does.
    """
    work_order = store.get(WorkOrder, command.work_order_id, missing=WorkOrderUnknown)
    work_order.must_be_open()
    plan = _plan(command, work_order, store)
    codes = queries.fresh_codes(store, len(plan.bundles))
    first = queries.next_no(store, work_order.id)
    made = [
        Bundle(
            lapas_id=work_order.lapas_id,
            id=new_id(),
            work_order_id=work_order.id,
            no=no,
            code=code,
            kind=command.kind,
            cell_no=stack.cell_no,
            pieces=stack.pieces,
            stage_no=plan.stage_no,
            made_at=store.at,
        )
        for no, (stack, code) in enumerate(zip(plan.bundles, codes, strict=True), start=first)
    ]
    store.session.add_all(made)
    store.run(queries.INSERT_EVENT, [queries.event(store, b, "cut", id_=new_id()) for b in made])
    return made


def _plan(command: CutBundles, work_order: WorkOrder, store: Store) -> Plan:
    stages = work_order.route.stages
    stage_no = command.stage_no or min(AFTER_CUTTING, len(stages))
    if stage_no > len(stages):
        raise NoSuchStage(field="/stage_no", no=stage_no)
    loose = queries.loose(store, work_order.id, stage_no)
    cells = {(c.size, c.colour): c.no for c in work_order.cells}
    if command.lays:
        stacks = stacks_of(command.lays, cells)
    elif command.lots:
        stacks = _lots(command.lots, cells, loose)
    else:
        stacks = [Stack(cell_no=c.no, pieces=loose[c.no]) for c in work_order.cells if loose.get(c.no)]
    if not stacks:
        raise NothingLoose(stage=stages[stage_no - 1].name)
    left = dict(loose)
    for stack in stacks:
        left[stack.cell_no] = left.get(stack.cell_no, 0) - stack.pieces
    for cell in work_order.cells:
        if left.get(cell.no, 0) < 0:
            raise MoreThanLoose(
                field="/lays" if command.lays else "/lots",
                stage=stages[stage_no - 1].name,
                cell=" ".join(filter(None, (cell.size, cell.colour))) or work_order.product_name,
                loose=loose.get(cell.no, 0),
                asked=loose.get(cell.no, 0) - left[cell.no],
            )
    return Plan(
        stage_no=stage_no,
        bundles=divide(stacks, most=command.most, evenly=command.kind is Kind.BUNDLE),
        loose={c.no: left.get(c.no, 0) for c in work_order.cells},
    )


def _lots(lots: Sequence[Lot], cells: dict[tuple[str, str], int], loose: dict[int, int]) -> list[Stack]:
    stacks = []
    for nth, lot in enumerate(lots):
        cell_no = cells.get((lot.size, lot.colour))
        if cell_no is None:
            raise NoSuchVariant(field=f"/lots/{nth}/colour", size=lot.size or "-", colour=lot.colour or "-")
        pieces = loose.get(cell_no, 0) if lot.pieces is None else lot.pieces
        if pieces:
            stacks.append(Stack(cell_no=cell_no, pieces=pieces))
    return stacks


def split_bundle(command: SplitBundle, store: Store) -> list[Bundle]:
    """Make several bundles of one, at the same place; return them.

    :raises BundleUnknown, Stale, BundleNotOpen, PartsNotWhole:
    """
    bundle = _bundle(command.id, command.version, store)
    parts = bundle.split(
        command.parts,
        ids=[new_id() for _ in command.parts],
        codes=queries.fresh_codes(store, len(command.parts)),
        at=store.at,
    )
    store.session.add_all(parts)
    events = [queries.event(store, bundle, "split", id_=new_id())]
    events += [queries.event(store, p, "cut", id_=new_id(), other_id=bundle.id) for p in parts]
    store.run(queries.INSERT_EVENT, events)
    return parts


def merge_bundles(command: MergeBundles, store: Store) -> Bundle:
    """Make one bundle of several of the same cell at the same place; return it.

    :raises BundleUnknown, Stale, BundleNotOpen, BundleWithItself, NotTheSamePlace:
    """
    bundle = _bundle(command.id, command.version, store)
    found = queries.bundles(store, command.others)
    missing = next((n for n, id_ in enumerate(command.others) if id_ not in found), None)
    if missing is not None:
        raise BundleUnknown(field=f"/others/{missing}")
    others = list(found.values())
    bundle.merge(others)
    events = [queries.event(store, o, "merged", id_=new_id(), other_id=bundle.id) for o in others]
    events += [queries.event(store, bundle, "merged", id_=new_id(), other_id=o.id) for o in others]
    store.run(queries.INSERT_EVENT, events)
    return bundle


def lose_bundle(command: LoseBundle, store: Store) -> Bundle:
    """Record that a bundle is lost; its pieces stay in the balance of its stage until they are written off.

    :raises BundleUnknown, Stale, BundleNotOpen:
    """
    bundle = _bundle(command.id, command.version, store)
    bundle.lose()
    store.run(queries.INSERT_EVENT, queries.event(store, bundle, "lost", id_=new_id(), reason=command.reason))
    return bundle


def find_bundle(command: FindBundle, store: Store) -> Bundle:
    """Record that a lost bundle was found where it was.

    :raises BundleUnknown, Stale, BundleNotLost:
    """
    bundle = _bundle(command.id, command.version, store)
    bundle.find()
    store.run(queries.INSERT_EVENT, queries.event(store, bundle, "found", id_=new_id()))
    return bundle


def write_off_bundle(command: WriteOffBundle, store: Store) -> Bundle:
    """Reject all pieces of a lost bundle; what replaces them waits at the first stage.

    It is output of nobody, on the day it is written off, and that day may be closed: no inmate's work changes.

    :raises BundleUnknown, Stale, BundleNotLost, WorkOrderOnHold:
    """
    bundle = _bundle(command.id, command.version, store)
    if bundle.state is not State.LOST:
        raise BundleNotLost(code=bundle.code)
    bundle.state, bundle.mend_no = State.OPEN, None
    store.flush()
    work_order = store.get(WorkOrder, bundle.work_order_id)
    zone = queries.zone(store)
    entry = Entry(
        inmate_id=None,
        good=0,
        reject=bundle.pieces,
        defect=LOST,
        from_rework=bundle.in_rework,
        bundle_id=bundle.id,
    )
    record_output(
        RecordOutput(
            work_order_id=work_order.id,
            stage_id=work_order.route.stages[bundle.stage_no - 1].id,
            work_date=clock.today(zone, store.at),
            shift=_shift(store.at, zone),
            entries=[entry],
            ids=[new_id()],
            confirmed=True,
        ),
        store,
    )
    store.audit("bundles.write_off", bundle.id, code=bundle.code, pieces=bundle.pieces, reason=command.reason)
    return bundle


def mend_bundle(command: MendBundle, store: Store) -> Bundle:
    """Record who mended a bundle; it waits to be looked at again.

    :raises BundleUnknown, Stale, BundleNotOpen, NothingToMend, InmateUnknown, InmateLeft, NoWorkPermission:
    """
    bundle = _bundle(command.id, command.version, store)
    worker = queries.worker(store, command.inmate_id, clock.today(queries.zone(store), store.at))
    if worker is None:
        raise InmateUnknown(field="/inmate_id")
    worker.must_be_allowed_on(clock.today(queries.zone(store), store.at), field="/inmate_id")
    event = queries.event(store, bundle, "mended", id_=new_id(), inmate_id=command.inmate_id)
    mended_at = bundle.come_mended()
    store.run(queries.INSERT_EVENT, {**event, "stage_no": mended_at})
    return bundle


def dissolve_bundle(command: DissolveBundle, store: Store) -> Bundle:
    """Let the pieces of a bundle go loose where they are; its card is worth nothing any more.

    :raises BundleUnknown, Stale, BundleNotOpen:
    """
    bundle = _bundle(command.id, command.version, store)
    bundle.dissolve()
    store.run(queries.INSERT_EVENT, queries.event(store, bundle, "dissolved", id_=new_id(), reason=command.reason))
    return bundle


def _bundle(id_: UUID, version: int, store: Store) -> Bundle:
    """Load a bundle, its work order locked first as recording does, so that two acts never wait for each other.

    :raises BundleUnknown, Stale, WorkOrderAlreadyCompleted, WorkOrderCancelled:
    """
    work_order_id = queries.work_order_of(store, id_)
    store.get(WorkOrder, work_order_id, missing=BundleUnknown).must_be_open()
    return store.get(Bundle, id_, version=version, missing=BundleUnknown)


def _shift(at: datetime, zone: str) -> Shift:
    hour = at.astimezone(ZoneInfo(zone)).hour
    return Shift.MORNING if hour < 13 else Shift.AFTERNOON if hour < 18 else Shift.NIGHT
