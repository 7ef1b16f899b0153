"""What may be asked for about plant batches and their stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from giatja_kit import clock
from giatja_kit.database import Row, Store
from giatja_kit.errors import Stale
from giatja_kit.ids import new_id
from giatja_production.batches import queries
from giatja_production.batches.domain import (
    PLANTS,
    Allocation,
    AllocationUnknown,
    Batch,
    BatchNotForWorkshop,
    BatchUnknown,
    Care,
    CareNotThere,
    CareUnknown,
    DayInFuture,
    EntryAlreadyUndone,
    EntryUnknown,
    Growth,
    MoreThanOrdered,
    OfficerUnknown,
    OrderLineUnknown,
    Purpose,
    UndoAnotherDay,
    check_paper,
    check_stages,
    key_for,
    must_be_free,
)
from giatja_production.days.domain import WorkDayAlreadyClosed
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Entry, Shift
from giatja_production.output.handlers import RecordOutput, record_output, take_back_to_stock
from giatja_production.work_orders.domain import WorkOrder
from giatja_production.workers.domain import InmateUnknown
from giatja_production.workshops.domain import Workshop, WorkshopUnknown

CORRECT = "output.correct"
_NOON = 12


@dataclass(frozen=True, kw_only=True)
class StartBatch:
    """Start a batch.

    :param stages: its growth stages; without them those of the workshop's route up to quality control.
    """

    id: UUID
    workshop_id: UUID
    plant: str
    origin: str
    unit: str
    started: int
    started_on: date
    stages: Sequence[Growth]
    note: str


@dataclass(frozen=True, kw_only=True)
class MoveBatch:
    """Bring a batch to another growth stage on a day."""

    id: UUID
    version: int
    stage_no: int
    day: date


@dataclass(frozen=True, kw_only=True)
class RecordCare:
    """Write down how a batch was cared for on a day.

    :param led_by: the officer who led the work; :param workers: minutes that each inmate worked.
    """

    id: UUID
    batch_id: UUID
    day: date
    kind: str
    note: str
    led_by: UUID | None
    workers: Mapping[UUID, int]


@dataclass(frozen=True, kw_only=True)
class AddCare:
    """Give a kind of care of its own to the Lapas."""

    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class ChangeCare:
    """Rename a kind of care or take it out of use; lines that have it keep it."""

    key: str
    version: int
    name: str
    name_en: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class RecordLoss:
    """Count plants as lost, with their cause."""

    id: UUID
    batch_id: UUID
    day: date
    pieces: int
    cause: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Harvest:
    """Bring plants of a ready batch into stock."""

    id: UUID
    batch_id: UUID
    day: date
    pieces: int
    note: str


@dataclass(frozen=True, kw_only=True)
class UndoEntry:
    """Take a loss or a harvest back, or strike out a line of the care log."""

    id: UUID


@dataclass(frozen=True, kw_only=True)
class AllocateStock:
    """Reserve a part of a batch's stock for a line of an order or by a document, or hand it out at once."""

    id: UUID
    batch_id: UUID
    pieces: int
    purpose: Purpose
    work_order_id: UUID | None
    document: str
    handed_out: bool


@dataclass(frozen=True, kw_only=True)
class SettleAllocation:
    """Hand out what was reserved, release it, or take back what was handed out."""

    id: UUID
    version: int


def start_batch(command: StartBatch, store: Store) -> None:
    """Start a batch at its first stage.

    :raises WorkshopUnknown, WorkshopClosed, BatchNotForWorkshop, DayInFuture, StageRepeated:
    """
    workshop = store.get(Workshop, command.workshop_id, missing=WorkshopUnknown)
    workshop.must_be_open()
    if not workshop.kind.startswith(PLANTS):
        raise BatchNotForWorkshop(field="/workshop_id")
    day = today(store)
    if command.started_on > day:
        raise DayInFuture(field="/started_on", day=str(command.started_on), today=str(day))
    route = workshop.route
    stages = tuple(command.stages) or tuple(
        Growth(name=s.name, name_en=s.name_en) for s in route.stages if s.no <= route.quality.no
    )
    check_stages(stages)
    batch = Batch(
        lapas_id=store.lapas_id,
        id=command.id,
        code=queries.next_code(store, command.started_on.year),
        workshop_id=workshop.id,
        plant=command.plant,
        origin=command.origin,
        unit=command.unit,
        started_on=command.started_on,
        started=command.started,
        stages=stages,
        entered_on=command.started_on,
        note=command.note,
        living=command.started,
    )
    store.add(batch)
    queries.insert_stage(store, batch)


def move_batch(command: MoveBatch, store: Store) -> None:
    """Bring a batch to another stage.

    :raises BatchUnknown, Stale, BatchEnded, DayInFuture, DayBeforeStart, StageUnknown, StageTheSame, DayBeforeStage,
        HarvestedAlready:
    """
    batch = store.get(Batch, command.id, version=command.version, missing=BatchUnknown)
    batch.move(command.stage_no, day=command.day, today=today(store))
    queries.insert_stage(store, batch)


def record_care(command: RecordCare, store: Store) -> None:
    """Write a line of the care log; whoever worked was allowed to on that day.

    :raises BatchUnknown, BatchEnded, DayInFuture, DayBeforeStart, CareUnknown, WorkDayAlreadyClosed, InmateUnknown,
        InmateLeft, InmateUnderAge, InmateNotFit, NoWorkPermission, OfficerUnknown:
    """
    batch = store.get(Batch, command.batch_id, missing=BatchUnknown)
    batch.must_take(command.day, today=today(store))
    if command.kind not in {c.key for c in queries.cares(store)[0] if c.active}:
        raise CareUnknown(field="/kind", kind=command.kind)
    if command.led_by is not None and not queries.is_officer(store, command.led_by):
        raise OfficerUnknown(field="/led_by")
    if command.workers:
        if queries.is_closed(store, batch.workshop_id, command.day):
            raise WorkDayAlreadyClosed(field="/day", work_date=str(command.day))
        known = queries.workers(store, command.workers, command.day)
        for nth, inmate_id in enumerate(command.workers):
            field = f"/workers/{nth}/inmate_id"
            if inmate_id not in known:
                raise InmateUnknown(field=field)
            known[inmate_id].must_be_allowed_on(command.day, field=field)
    queries.insert_care(store, command)


def add_care(command: AddCare, store: Store) -> Care:
    """Add a kind of care at the end of the list.

    :raises CareNameTaken:
    """
    there = _own_cares(store)
    must_be_free(command.name, there)
    care = Care(
        key=key_for(command.name, [c.key for c in there]),
        no=max(c.no for c in there) + 1,
        name=command.name,
        name_en=command.name_en,
    )
    queries.insert_cares(store, [care])
    return care


def change_care(command: ChangeCare, store: Store) -> Care:
    """Change a kind of care the caller has seen.

    :raises CareNotThere, CareNameTaken, Stale:
    """
    there = _own_cares(store)
    old = next((c for c in there if c.key == command.key), None)
    if old is None:
        raise CareNotThere
    if old.version != command.version:
        raise Stale(version=old.version)
    must_be_free(command.name, there, but=old.key)
    new = replace(old, name=command.name, name_en=command.name_en, active=command.active, version=old.version + 1)
    queries.update_care(store, new)
    return new


def _own_cares(store: Store) -> list[Care]:
    """Return the kinds of care of the Lapas, those that are shipped taken over first; nobody else changes them now."""
    store.row("SELECT FROM lapas WHERE lapas_id = :lapas_id FOR NO KEY UPDATE", lapas_id=store.lapas_id)
    found, own = queries.cares(store)
    if not own:
        queries.insert_cares(store, found)
    return found


def record_loss(command: RecordLoss, store: Store) -> None:
    """Count plants as lost.

    :raises BatchUnknown, BatchEnded, DayInFuture, DayBeforeStart, CauseUnknown, MoreThanLiving:
    """
    batch = store.get(Batch, command.batch_id, missing=BatchUnknown)
    workshop = store.get(Workshop, batch.workshop_id)
    causes = {d.key for d in workshop.route.defects}
    batch.lose(command.pieces, cause=command.cause, causes=causes, day=command.day, today=today(store))
    queries.insert_movement(
        store,
        id=command.id,
        batch_id=batch.id,
        kind="lost",
        day=command.day,
        pieces=command.pieces,
        cause=command.cause,
        note=command.note,
    )


def harvest(command: Harvest, store: Store) -> None:
    """Bring plants into stock.

    :raises BatchUnknown, BatchEnded, DayInFuture, DayBeforeStart, BatchNotReady, MoreThanLiving:
    """
    batch = store.get(Batch, command.batch_id, missing=BatchUnknown)
    batch.harvest(command.pieces, day=command.day, today=today(store))
    queries.insert_movement(
        store,
        id=command.id,
        batch_id=batch.id,
        kind="harvested",
        day=command.day,
        pieces=command.pieces,
        cause=None,
        note=command.note,
    )


def undo_movement(command: UndoEntry, store: Store) -> UUID:
    """Take a loss or a harvest back by its opposite; return the batch.

    :raises EntryUnknown, EntryAlreadyUndone, UndoAnotherDay, StockAlreadyTaken:
    """
    batch_id = queries.batch_of(store, "batch_movement", command.id)
    batch = store.get(Batch, batch_id, missing=EntryUnknown)
    entry = queries.movement(store, command.id)
    if entry["undone"] or entry["undoes"] is not None:
        raise EntryAlreadyUndone
    day = _must_be_of_today(entry, store)
    if entry["kind"] == "lost":
        batch.find_again(entry["pieces"], today=day)
    else:
        batch.plant_again(entry["pieces"], today=day)
    queries.insert_opposite(store, command.id, new_id())
    return batch_id


def undo_care(command: UndoEntry, store: Store) -> UUID:
    """Strike out a line of the care log; return the batch.

    :raises EntryUnknown, EntryAlreadyUndone, UndoAnotherDay, WorkDayAlreadyClosed:
    """
    batch_id = queries.batch_of(store, "batch_care", command.id)
    batch = store.get(Batch, batch_id, missing=EntryUnknown)
    entry = queries.care(store, command.id)
    if entry["undone"]:
        raise EntryAlreadyUndone
    _must_be_of_today(entry, store)
    if queries.is_closed(store, batch.workshop_id, entry["day"]):
        raise WorkDayAlreadyClosed(work_date=str(entry["day"]))
    queries.strike_out(store, command.id)
    return batch_id


def allocate_stock(command: AllocateStock, store: Store) -> None:
    """Reserve a part of the stock, or hand it out at once.

    :raises BatchUnknown, AllocationWithoutPaper, AllocationNotForSale, OrderLineUnknown, MoreThanStock, MoreThanOrdered:
    :raises WorkOrderOnHold, WorkOrderAlreadyCompleted, WorkOrderCancelled, WorkDayAlreadyClosed:
    """
    batch = store.get(Batch, command.batch_id, missing=BatchUnknown)
    check_paper(work_order_id=command.work_order_id, document=command.document, purpose=command.purpose)
    day = today(store)
    batch.reserve(command.pieces)
    if command.work_order_id is not None:
        _must_be_wanted(command.work_order_id, command.pieces, store)
    allocation = Allocation(
        lapas_id=store.lapas_id,
        id=command.id,
        batch_id=batch.id,
        pieces=command.pieces,
        purpose=command.purpose.value,
        work_order_id=command.work_order_id,
        document=command.document,
        allocated_on=day,
        allocated_by=store.actor,
    )
    store.add(allocation)
    if command.handed_out:
        store.session.flush()
        _hand_out(allocation, batch, store)


def hand_out(command: SettleAllocation, store: Store) -> UUID:
    """Hand out what was reserved; return the batch.

    :raises AllocationUnknown, Stale, AllocationSettled:
    :raises WorkOrderOnHold, WorkOrderAlreadyCompleted, WorkOrderCancelled, WorkDayAlreadyClosed, MoreThanReleased:
    """
    allocation, batch = _allocated(command, store)
    _hand_out(allocation, batch, store)
    return batch.id


def _hand_out(allocation: Allocation, batch: Batch, store: Store) -> None:
    """Let it leave the stock; what an order gets counts as made, through all of its stages."""
    day = today(store)
    allocation.settle("sold", today=day)
    batch.hand_out(allocation.pieces, today=day)
    if allocation.work_order_id is None:
        return
    work_order = store.get(WorkOrder, allocation.work_order_id, missing=OrderLineUnknown)
    morning = store.at.astimezone(ZoneInfo(queries.zone(store))).hour < _NOON
    for stage in work_order.route.stages:
        command = RecordOutput(
            work_order_id=work_order.id,
            stage_id=stage.id,
            work_date=day,
            shift=Shift.MORNING if morning else Shift.AFTERNOON,
            entries=[Entry(inmate_id=None, good=allocation.pieces)],
            ids=[new_id()],
            allocation_id=allocation.id,
        )
        record_output(command, store)


def take_back(command: SettleAllocation, store: Store) -> UUID:
    """Take back what was handed out, on the same day or as a correction; it is reserved again. Return the batch.

    :raises AllocationUnknown, Stale, AllocationNotHandedOut, UndoAnotherDay, CompletedNotReversed, WorkDayAlreadyClosed:
    """
    allocation, batch = _allocated(command, store)
    settled_on, day = allocation.settled_on, today(store)
    allocation.take_back()
    if settled_on != day and not store.principal.may(CORRECT):
        raise UndoAnotherDay(permission=CORRECT)
    batch.take_back(allocation.pieces, today=day)
    if allocation.work_order_id is not None:
        take_back_to_stock(allocation.id, store)
    return batch.id


def release(command: SettleAllocation, store: Store) -> UUID:
    """Release what was reserved; return the batch.

    :raises AllocationUnknown, Stale, AllocationSettled:
    """
    allocation, batch = _allocated(command, store)
    allocation.settle("released", today=today(store))
    batch.release(allocation.pieces)
    return batch.id


def release_of_order(order_id: UUID, store: Store) -> None:
    """Release what is reserved for an order that was cancelled."""
    for batch_id, id_ in queries.reserved_for(store, order_id):
        batch = store.get(Batch, batch_id)
        allocation = store.get(Allocation, id_)
        if allocation.state == "reserved":  # asked again now that the batch is locked
            allocation.settle("released", today=today(store))
            batch.release(allocation.pieces)


def _must_be_wanted(work_order_id: UUID, pieces: int, store: Store) -> None:
    """Let pass what an order of plants still waits for; its work order is locked, so of two clerks one comes second."""
    work_order = store.get(WorkOrder, work_order_id, missing=OrderLineUnknown)
    if not work_order.workshop_kind.startswith(PLANTS):
        raise OrderLineUnknown(id=work_order_id)
    day = today(store)
    work_order.must_take_output(work_date=day, today=day)
    left = queries.wanted_of(store, work_order_id)
    if pieces > left:
        raise MoreThanOrdered(field="/pieces", number=work_order.order_number, left=left, asked=pieces)


def _allocated(command: SettleAllocation, store: Store) -> tuple[Allocation, Batch]:
    """Load and lock the batch before its allocation, as everybody does."""
    batch_id = queries.batch_of(store, "stock_allocation", command.id, missing=AllocationUnknown)
    batch = store.get(Batch, batch_id, missing=AllocationUnknown)
    return store.get(Allocation, command.id, version=command.version, missing=AllocationUnknown), batch


def _must_be_of_today(entry: Row, store: Store) -> date:
    zone = queries.zone(store)
    day = clock.today(zone, store.at)
    if clock.today(zone, entry["recorded_at"]) != day and not store.principal.may(CORRECT):
        raise UndoAnotherDay(permission=CORRECT)
    return day
