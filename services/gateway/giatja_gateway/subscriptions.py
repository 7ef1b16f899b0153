"""The facts the gateway hears; all of them make the regional read model, so it can be made again."""

from datetime import date
from uuid import UUID

from giatja_gateway.region import handlers as region
from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.subscriptions import Subscriptions

subscriptions = Subscriptions(rebuild=region.rebuild)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@subscriptions.on("giatja.orders.order_accepted.v1")
def order_accepted(fact: Envelope, store: Store) -> None:
    """Know the order; its partner is not needed here."""
    lines = fact.data["lines"]
    region.keep_order(
        region.KeepOrder(
            order_id=UUID(fact.subject),
            number=fact.data["number"],
            internal=fact.data["internal"],
            products=[line["product_name"] for line in lines],
            quantity=sum(line["quantity"] for line in lines),
            accepted_on=date.fromisoformat(fact.data["accepted_on"]),
            due_date=date.fromisoformat(fact.data["due_date"]),
        ),
        store,
    )


@subscriptions.on("giatja.orders.order_changed.v1")
def order_changed(fact: Envelope, store: Store) -> None:
    """Move the due date."""
    due_date = date.fromisoformat(fact.data["due_date"])
    region.move_due_date(region.MoveDueDate(order_id=UUID(fact.subject), due_date=due_date), store)


@subscriptions.on("giatja.orders.order_held.v1")
def order_held(fact: Envelope, store: Store) -> None:
    """Mark it as held."""
    region.mark_order(region.MarkOrder(order_id=UUID(fact.subject), state="held"), store)


@subscriptions.on("giatja.orders.order_resumed.v1")
def order_resumed(fact: Envelope, store: Store) -> None:
    """Mark it as going on."""
    region.mark_order(region.MarkOrder(order_id=UUID(fact.subject), state="open"), store)


@subscriptions.on("giatja.orders.order_cancelled.v1")
def order_cancelled(fact: Envelope, store: Store) -> None:
    """Mark it as cancelled."""
    region.mark_order(region.MarkOrder(order_id=UUID(fact.subject), state="cancelled", cancelled_at=fact.time), store)


@subscriptions.on("giatja.orders.order_completed.v1")
def order_completed(fact: Envelope, store: Store) -> None:
    """Count it, on time or late."""
    region.finish_order(
        region.FinishOrder(
            order_id=UUID(fact.subject),
            completed_on=date.fromisoformat(fact.data["completed_on"]),
            on_time=fact.data["on_time"],
        ),
        store,
    )


@subscriptions.on("giatja.production.work_order_opened.v1")
def work_order_opened(fact: Envelope, store: Store) -> None:
    """Know the stage at which pieces count: quality control, or the last where none is marked."""
    stages = fact.data["stages"]
    counting = [s for s in stages if s["counts_quality"]] or stages
    region.keep_work_order(
        region.KeepWorkOrder(
            work_order_id=UUID(fact.subject),
            order_id=UUID(fact.data["order_id"]),
            workshop_kind=fact.data["workshop_kind"],
            quantity=fact.data["quantity"],
            counting_stage_id=UUID(counting[-1]["stage_id"]),
        ),
        store,
    )


@subscriptions.on("giatja.production.stage_progressed.v1")
def stage_progressed(fact: Envelope, store: Store) -> None:
    """Add the output and the defects of the day."""
    region.add_output(
        region.AddOutput(
            work_order_id=UUID(fact.subject),
            stage_id=UUID(fact.data["stage_id"]),
            workshop_kind=fact.data["workshop_kind"],
            day=date.fromisoformat(fact.data["work_date"]),
            good=fact.data["good"],
            rework=fact.data["rework"],
            reject=fact.data["reject"],
            defects=fact.data["defects"],
        ),
        store,
    )


@subscriptions.on("giatja.production.work_order_completed.v1")
def work_order_completed(fact: Envelope, store: Store) -> None:
    """Know that it is done."""
    completed_on = date.fromisoformat(fact.data["completed_on"])
    region.finish_work_order(region.FinishWorkOrder(work_order_id=UUID(fact.subject), completed_on=completed_on), store)


@subscriptions.on("giatja.production.output_accepted.v1")
def output_accepted(fact: Envelope, store: Store) -> None:
    """Count the inmate among those at work."""
    region.add_work(
        region.AddWork(
            inmate_id=UUID(fact.data["inmate_id"]),
            workshop_kind=fact.data["workshop_kind"],
            day=date.fromisoformat(fact.data["work_date"]),
            minutes=fact.data["minutes"],
        ),
        store,
    )


@subscriptions.on("giatja.production.output_reversed.v1")
def output_reversed(fact: Envelope, store: Store) -> None:
    """Count the inmate no more where nothing else is left."""
    region.take_work_back(
        region.TakeWorkBack(
            inmate_id=UUID(fact.data["inmate_id"]),
            day=date.fromisoformat(fact.data["work_date"]),
            minutes=fact.data["minutes"],
        ),
        store,
    )


@subscriptions.on("giatja.training.inmate_registered.v1")
def inmate_registered(fact: Envelope, store: Store) -> None:
    """Count the inmate."""
    region.keep_inmate(region.KeepInmate(inmate_id=UUID(fact.subject), left_on=None), store)


@subscriptions.on("giatja.training.inmate_left.v1")
def inmate_left(fact: Envelope, store: Store) -> None:
    """Count the inmate until that day."""
    region.keep_inmate(region.KeepInmate(inmate_id=UUID(fact.subject), left_on=_day(fact.data["left_on"])), store)


@subscriptions.on("giatja.training.work_permission_granted.v1")
def work_permission_granted(fact: Envelope, store: Store) -> None:
    """Count the inmate among those who may work."""
    region.keep_permit(
        region.KeepPermit(
            permission_id=UUID(fact.data["permission_id"]),
            inmate_id=UUID(fact.subject),
            valid_from=date.fromisoformat(fact.data["valid_from"]),
            valid_until=_day(fact.data["valid_until"]),
        ),
        store,
    )


@subscriptions.on("giatja.training.work_permission_ended.v1")
def work_permission_ended(fact: Envelope, store: Store) -> None:
    """Count the inmate among those who may work until that day."""
    region.end_permit(
        region.EndPermit(
            permission_id=UUID(fact.data["permission_id"]), ended_on=date.fromisoformat(fact.data["ended_on"])
        ),
        store,
    )


@subscriptions.on("giatja.training.competence_awarded.v1")
def competence_awarded(fact: Envelope, store: Store) -> None:
    """Count the competence."""
    region.keep_competence(
        region.KeepCompetence(
            inmate_id=UUID(fact.subject),
            competence=fact.data["competence"],
            awarded_on=date.fromisoformat(fact.data["awarded_on"]),
        ),
        store,
    )


@subscriptions.on("giatja.production.safety_incident_reported.v1")
def incident_reported(fact: Envelope, store: Store) -> None:
    """Count it; what happened stays in the Lapas."""
    region.keep_incident(
        region.KeepIncident(
            incident_id=UUID(fact.subject),
            day=date.fromisoformat(fact.data["happened_on"]),
            workshop_kind=fact.data["workshop_kind"],
            kind=fact.data["kind"],
            severity=fact.data["severity"],
        ),
        store,
    )


@subscriptions.on("giatja.production.premi_credited.v1")
def premi_credited(fact: Envelope, store: Store) -> None:
    """Sum it up; whose it is stays in the Lapas."""
    region.keep_premi(
        region.KeepPremi(
            credit_id=UUID(fact.data["credit_id"]),
            month=date.fromisoformat(fact.data["period"]),
            people=fact.data["people"],
            amount=fact.data["saved"] + fact.data["received"],
        ),
        store,
    )
