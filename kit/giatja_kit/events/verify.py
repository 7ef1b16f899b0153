"""Comparing what each source has told with what each subscriber has heard, fact by fact if need be.

Whoever asks, the command line or a page, brings a function that asks a service; the verdict is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from giatja_kit.client import ServiceUnavailable

Ask = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]
State = Literal["whole", "broken", "ahead", "unreachable"]
Reason = Literal["lost", "repeated", "out_of_order", "held_but_gone"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What comparing one subscriber with one source found, up to where the subscriber stands.

    ``held`` facts wait, with those of the same subject, to be tried again; ``broken_at`` is the first
    position at which the two differ.
    """

    subscriber: str
    source: str
    state: State
    position: int = 0
    told: int = 0
    heard: int = 0
    lag: int = 0
    held: int = 0
    discarded: int = 0
    reason: Reason | None = None
    broken_at: int | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong: all was heard once and in order, and nothing waits for a person."""
        return self.state == "whole" and not self.held


def statuses(ask: Ask, services: Sequence[str]) -> dict[str, Mapping[str, Any] | None]:
    """Ask each service where it stands; nothing for one that does not answer."""

    def status(service: str) -> Mapping[str, Any] | None:
        try:
            return ask(service, "/facts/status", {})
        except ServiceUnavailable:
            return None

    return {service: status(service) for service in services}


def verify(ask: Ask, services: Sequence[str]) -> list[Verdict]:
    """Compare every subscriber with every source it reads."""
    found = statuses(ask, services)
    verdicts = []
    for subscriber, status in found.items():
        if status is None:
            verdicts.append(Verdict(subscriber=subscriber, source="*", state="unreachable"))
            continue
        verdicts += [_compare(ask, subscriber, cursor, found.get(cursor["source"])) for cursor in status["cursors"]]
    return verdicts


def _compare(ask: Ask, subscriber: str, cursor: Mapping[str, Any], told_by: Mapping[str, Any] | None) -> Verdict:
    source, position = cursor["source"], cursor["position"]
    if told_by is None:
        return Verdict(subscriber=subscriber, source=source, state="unreachable", position=position)
    if _is_ahead(cursor, told_by):
        return Verdict(subscriber=subscriber, source=source, state="ahead", position=position)

    def both(upto: int, after: int | None = None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        begin = {} if after is None else {"after": after}
        told = ask(source, "/facts/digest", {"of": "told", "upto": upto, **begin})
        heard = ask(
            subscriber, "/facts/digest", {"of": "heard", "source": source, "upto": upto, "after": told["after"]}
        )
        return told, heard

    try:
        told, heard = both(position)
        where, reason = _difference(both, told, heard)
    except ServiceUnavailable:
        return Verdict(subscriber=subscriber, source=source, state="unreachable", position=position)
    return Verdict(
        subscriber=subscriber,
        source=source,
        state="broken" if reason else "whole",
        position=position,
        told=told["count"],
        heard=heard["count"],
        lag=max(told_by["head"] - position, 0),
        held=heard["held"],
        discarded=heard["discarded"],
        reason=reason,
        broken_at=where,
    )


def _is_ahead(cursor: Mapping[str, Any], told_by: Mapping[str, Any]) -> bool:
    other_epoch = cursor["epoch"] not in (None, told_by["epoch"])
    return (
        cursor["state"] == "ahead"
        or cursor["position"] > told_by["head"]
        or (other_epoch and cursor["position"] > told_by["epoch_from"])
    )


Both = Callable[[int, int | None], tuple[Mapping[str, Any], Mapping[str, Any]]]


def _difference(both: Both, told: Mapping[str, Any], heard: Mapping[str, Any]) -> tuple[int | None, Reason | None]:
    """Return the first position at which the two sides differ and how, or nothing and nothing."""
    if _same(told, heard):
        return (None, "held_but_gone") if heard["held"] != heard["parked"] else (None, None)
    # Digests are of prefixes: once they differ they differ for good, so the first place can be halved out.
    start, low, high = told["after"], told["after"], told["upto"]
    while high - low > 1:
        middle = (low + high) // 2
        if _same(*both(middle, start)):
            low = middle
        else:
            high = middle
    told, heard = both(high, start)
    if heard["count"] < told["count"]:
        return high, "lost"
    return high, "repeated" if heard["count"] > told["count"] else "out_of_order"


def _same(told: Mapping[str, Any], heard: Mapping[str, Any]) -> bool:
    return bool(told["count"] == heard["count"] and told["digest"] == heard["digest"])
