"""The facts the production service hears, each given to the same handler that HTTP uses."""

from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.subscriptions import Subscriptions
from giatja_production.assignments import handlers as assignments
from giatja_production.batches import handlers as batches
from giatja_production.lapas import handlers as lapas
from giatja_production.materials import handlers as materials
from giatja_production.premi import handlers as premi
from giatja_production.premi.domain import Split
from giatja_production.work_orders import handlers as work_orders
from giatja_production.workers import handlers as workers

subscriptions = Subscriptions()


@subscriptions.on("giatja.gateway.lapas_registered.v1")
@subscriptions.on("giatja.gateway.lapas_changed.v1")
def keep_lapas(fact: Envelope, store: Store) -> None:
    """Know the Lapas of this deployment, for its time zone and its name."""
    lapas.keep_lapas(lapas.KeepLapas.from_fact(fact.data), store)


@subscriptions.on("giatja.orders.order_accepted.v1")
def open_work_orders(fact: Envelope, store: Store) -> None:
    """Open a work order for each line, and know whose material it uses."""
    work_orders.open_work_orders(work_orders.OpenWorkOrders.from_fact(fact.data), store)
    materials.know_order(materials.KnowOrder.from_fact(fact.data), store)


@subscriptions.on("giatja.orders.order_held.v1")
def hold_order(fact: Envelope, store: Store) -> None:
    """Stop work for now."""
    work_orders.hold_order(
        work_orders.HoldOrder(order_id=UUID(fact.data["order_id"]), reason=fact.data["reason"]), store
    )


@subscriptions.on("giatja.orders.order_resumed.v1")
def resume_order(fact: Envelope, store: Store) -> None:
    """Go on."""
    work_orders.resume_order(work_orders.ResumeOrder(order_id=UUID(fact.data["order_id"])), store)


@subscriptions.on("giatja.orders.order_cancelled.v1")
def cancel_order(fact: Envelope, store: Store) -> None:
    """Give it up; what was reserved for it in the stock is free again."""
    batches.release_of_order(UUID(fact.data["order_id"]), store)
    work_orders.cancel_order(
        work_orders.CancelOrder(order_id=UUID(fact.data["order_id"]), reason=fact.data["reason"]), store
    )


@subscriptions.on("giatja.orders.order_changed.v1")
def reschedule_order(fact: Envelope, store: Store) -> None:
    """Take over the new due date."""
    work_orders.reschedule_order(
        work_orders.RescheduleOrder(
            order_id=UUID(fact.data["order_id"]), due_date=date.fromisoformat(fact.data["due_date"])
        ),
        store,
    )


@subscriptions.on("giatja.orders.order_completed.v1")
def close_order(fact: Envelope, store: Store) -> None:
    """Know that the whole order is done."""
    work_orders.close_order(
        work_orders.CloseOrder(
            order_id=UUID(fact.data["order_id"]), completed_on=date.fromisoformat(fact.data["completed_on"])
        ),
        store,
    )


@subscriptions.on("giatja.orders.order_closed.v1")
def close_materials(fact: Envelope, store: Store) -> None:
    """Move no material of the order any more."""
    materials.close_order(
        materials.CloseOrder(
            order_id=UUID(fact.data["order_id"]), closed_on=date.fromisoformat(fact.data["closed_on"])
        ),
        store,
    )


@subscriptions.on("giatja.orders.proceeds_split.v1")
def pay_premi(fact: Envelope, store: Store) -> None:
    """Make premi payable as far as the money has come, or no more where it went back."""
    data, split_on = fact.data, date.fromisoformat(fact.data["split_on"])
    if data["reverses"]:
        premi.reverse_proceeds(
            premi.ReverseProceeds(
                id=UUID(data["reverses"]),
                new_id=UUID(data["split_id"]),
                document=data["document"],
                reason=data["reason"] or data["document"],
                split_on=split_on,
                twice_is_once=True,
            ),
            store,
        )
        return
    premi.record_proceeds(
        premi.RecordProceeds(
            id=UUID(data["split_id"]),
            order_id=UUID(data["order_id"]),
            base=data["base"],
            split=Split.of(data),
            document=data["document"],
            split_on=split_on,
            twice_is_once=True,
        ),
        store,
    )


@subscriptions.on("giatja.training.inmate_registered.v1")
def register_worker(fact: Envelope, store: Store) -> None:
    """Know somebody who may come to work; who had left is back, and so is what waited to be handed over."""
    workers.register_worker(_worker(fact), store)
    premi.take_back(UUID(fact.data["inmate_id"]), store)


@subscriptions.on("giatja.training.inmate_changed.v1")
def change_worker(fact: Envelope, store: Store) -> None:
    """Take over the correction; whoever may not work by it has no placement any more."""
    worker = _worker(fact)
    workers.change_worker(worker, store)
    assignments.end_unsuitable(
        worker.inmate_id, fitness=worker.fitness, adult_on=worker.adult_on, at=fact.time, store=store
    )


@subscriptions.on("giatja.training.inmate_left.v1")
def let_worker_go(fact: Envelope, store: Store) -> None:
    """Know that somebody left; the placement ends with the last day here."""
    leaves = workers.WorkerLeaves(
        inmate_id=UUID(fact.data["inmate_id"]), left_on=date.fromisoformat(fact.data["left_on"])
    )
    workers.let_worker_go(leaves, store)
    assignments.end_by_fact(
        assignments.EndByFact(inmate_id=leaves.inmate_id, on=leaves.left_on, reason=fact.data["reason"]), store
    )
    premi.let_go(premi.Leaves(inmate_id=leaves.inmate_id, left_on=leaves.left_on, reason=fact.data["reason"]), store)


@subscriptions.on("giatja.training.work_permission_granted.v1")
def keep_permission(fact: Envelope, store: Store) -> None:
    """Know the period of a decree."""
    until = fact.data["valid_until"]
    workers.keep_permission(
        workers.KeepPermission(
            inmate_id=UUID(fact.data["inmate_id"]),
            permission_id=UUID(fact.data["permission_id"]),
            valid_from=date.fromisoformat(fact.data["valid_from"]),
            valid_until=date.fromisoformat(until) if until else None,
        ),
        store,
    )


@subscriptions.on("giatja.training.work_permission_ended.v1")
def end_permission(fact: Envelope, store: Store) -> None:
    """Know its last day; without another decree the placement ends with it."""
    ends = workers.EndPermission(
        inmate_id=UUID(fact.data["inmate_id"]),
        permission_id=UUID(fact.data["permission_id"]),
        ended_on=date.fromisoformat(fact.data["ended_on"]),
    )
    workers.end_permission(ends, store)
    reason = fact.data["reason"]
    if reason != "expired":  # then it makes way for a new decree, which is told next
        assignments.end_without_permission(
            ends.inmate_id,
            on=ends.ended_on,
            reason=reason if reason in ("transfer", "release") else "permission_ended",
            store=store,
        )


@subscriptions.on("giatja.training.competence_awarded.v1")
def keep_competence(fact: Envelope, store: Store) -> None:
    """Know what somebody is able to do."""
    workers.keep_competence(
        workers.KeepCompetence(
            inmate_id=UUID(fact.data["inmate_id"]),
            competence=fact.data["competence"],
            awarded_on=date.fromisoformat(fact.data["awarded_on"]),
        ),
        store,
    )


def _worker(fact: Envelope) -> workers.KeepWorker:
    return workers.KeepWorker(
        inmate_id=UUID(fact.data["inmate_id"]),
        adult_on=date.fromisoformat(fact.data["adult_on"]),
        fitness=fact.data["fitness"],
    )
