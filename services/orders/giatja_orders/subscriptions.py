"""The facts the orders service hears, each given to the same handler that HTTP uses."""

from datetime import date
from uuid import UUID

from giatja_contracts.units import Pieces
from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.subscriptions import Subscriptions
from giatja_orders.lapas import handlers as lapas
from giatja_orders.ordering import handlers as ordering

subscriptions = Subscriptions()


@subscriptions.on("giatja.gateway.lapas_registered.v1")
@subscriptions.on("giatja.gateway.lapas_changed.v1")
def keep_lapas(fact: Envelope, store: Store) -> None:
    """Know the Lapas of this deployment, for its time zone and its name."""
    lapas.keep_lapas(lapas.KeepLapas.from_fact(fact.data), store)


@subscriptions.on("giatja.production.work_order_opened.v1")
def follow_line(fact: Envelope, store: Store) -> None:
    """Know the stages a line will go through."""
    ordering.follow_line(
        ordering.FollowLine(
            order_id=UUID(fact.data["order_id"]),
            line_id=UUID(fact.data["line_id"]),
            work_order_id=UUID(fact.data["work_order_id"]),
            stages=fact.data["stages"],
            at=fact.time,
        ),
        store,
    )


@subscriptions.on("giatja.production.stage_progressed.v1")
def keep_progress(fact: Envelope, store: Store) -> None:
    """Know what a stage of a line holds now."""
    ordering.keep_progress(
        ordering.KeepProgress(
            order_id=UUID(fact.data["order_id"]),
            line_id=UUID(fact.data["line_id"]),
            stage_id=UUID(fact.data["stage_id"]),
            good=Pieces(fact.data["stage_good"]),
            waiting=Pieces(fact.data["stage_waiting"]),
            rework=Pieces(fact.data["stage_rework"]),
            reject=Pieces(fact.data["stage_reject"]),
            at=fact.time,
        ),
        store,
    )


@subscriptions.on("giatja.production.work_order_completed.v1")
def complete_line(fact: Envelope, store: Store) -> None:
    """Know that a line went through its whole route."""
    ordering.complete_line(
        ordering.CompleteLine(
            order_id=UUID(fact.data["order_id"]),
            line_id=UUID(fact.data["line_id"]),
            passed=Pieces(fact.data["passed"]),
            completed_on=date.fromisoformat(fact.data["completed_on"]),
            at=fact.time,
        ),
        store,
    )


@subscriptions.on("giatja.production.material_balance_changed.v1")
def keep_material(fact: Envelope, store: Store) -> None:
    """Know whether production holds material of the partner."""
    ordering.keep_material(
        ordering.KeepMaterial(order_id=UUID(fact.data["order_id"]), material=fact.data["state"], at=fact.time), store
    )


@subscriptions.on("giatja.production.material_settled.v1")
def settle_material(fact: Envelope, store: Store) -> None:
    """Know that both sides signed for it."""
    ordering.keep_material(
        ordering.KeepMaterial(
            order_id=UUID(fact.data["order_id"]), material="settled", at=fact.time, number=fact.data["number"]
        ),
        store,
    )


@subscriptions.on("giatja.production.order_forecast_changed.v1")
def keep_forecast(fact: Envelope, store: Store) -> None:
    """Know when production thinks the order will be finished."""
    ordering.keep_forecast(ordering.KeepForecast.from_fact(fact.data), store)
