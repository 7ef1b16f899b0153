"""The facts the training service hears, each given to the same handler that HTTP uses."""

from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.subscriptions import Subscriptions
from giatja_training.competences import handlers as competences
from giatja_training.lapas import handlers as lapas
from giatja_training.passport import handlers as passport
from giatja_training.permits import handlers as permits

# What is heard of work can be made again from the facts; the register of inmates cannot and is left alone.
subscriptions = Subscriptions(rebuild=passport.forget_heard_work)


@subscriptions.on("giatja.gateway.lapas_registered.v1")
@subscriptions.on("giatja.gateway.lapas_changed.v1")
def keep_lapas(fact: Envelope, store: Store) -> None:
    """Know the Lapas, and give a new one the competences and the checklist it may start from."""
    command = lapas.KeepLapas.from_fact(fact.data)
    lapas.keep_lapas(command, store)
    competences.ship_catalogue(command.lapas_id, store)
    permits.ship_requirements(command.lapas_id, store)


@subscriptions.on("giatja.production.output_accepted.v1")
def credit_practice(fact: Envelope, store: Store) -> None:
    """Credit practice to the one who did the work."""
    passport.credit_practice(passport.CreditPractice.from_fact(fact.data), store)


@subscriptions.on("giatja.production.output_reversed.v1")
def take_practice_back(fact: Envelope, store: Store) -> None:
    """Take back practice whose entry was reversed."""
    passport.take_practice_back(passport.TakePracticeBack.from_fact(fact.data), store)


@subscriptions.on("giatja.orders.order_completed.v1")
def keep_completed_order(fact: Envelope, store: Store) -> None:
    """Know that an order was completed: evidence for everyone who worked on it."""
    passport.keep_completed_order(passport.KeepCompletedOrder.from_fact(fact.data), store)
