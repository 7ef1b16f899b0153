"""Which facts a service hears, and the handler each is given to."""

from collections.abc import Callable, Iterable

from giatja_kit.database import Store
from giatja_kit.events.fact import Envelope

Hear = Callable[[Envelope, Store], None]


def source_of(type_: str) -> str:
    """Return the service that tells a type: ``giatja.orders.order_completed.v1`` -> ``orders``."""
    return type_.split(".")[1]


def queue_of(service: str) -> str:
    """Return the name of the queue on which a service hears announcements."""
    return f"{service}.events"


class Subscriptions:
    """The facts a service hears, by type.

    :param rebuild: clears the read model that is made of these facts alone, so that ``giatja facts
        replay`` can make it again from the beginning; a service without one cannot be replayed.
    """

    def __init__(self, *, rebuild: Callable[[Store], None] | None = None) -> None:
        self._hear: dict[str, Hear] = {}
        self.rebuild = rebuild

    def on(self, type_: str) -> Callable[[Hear], Hear]:
        """Give facts of this type to the decorated function."""

        def register(hear: Hear) -> Hear:
            if type_ in self._hear:
                raise ValueError(f"{type_} already has a handler")
            self._hear[type_] = hear
            return hear

        return register

    def handler(self, type_: str) -> Hear | None:
        """Return who hears a type, if anyone."""
        return self._hear.get(type_)

    @property
    def types(self) -> frozenset[str]:
        """The types that are heard."""
        return frozenset(self._hear)

    @property
    def sources(self) -> tuple[str, ...]:
        """The services whose feeds are read, in a fixed order."""
        return tuple(sorted({source_of(t) for t in self._hear}))


def queues_for(types: Iterable[str], heard_by: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the queues on which facts of these types are announced."""
    return tuple(sorted({queue_of(service) for t in types for service in heard_by.get(t, ())}))
