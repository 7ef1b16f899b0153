"""Fills a region for measuring: a year of 46 Lapas, written straight into the tables of every service.

No facts are told: the rows of each service, the regional figures included, are what its own rules and the facts
would have made of the year, and work goes on from them. A replay of facts into a rebuilt read model drops it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from giatja_gateway.lapas import handlers as registry
from giatja_kit import clock
from giatja_ops.demo import Row
from giatja_ops.demo.cast import KANWIL, OPS, PASSWORD, PLACES, Account, Place, staff
from giatja_ops.demo.days import Calendar
from giatja_ops.demo.deployment import DemoFailed, Deployment, Say
from giatja_ops.demo.lapas_year import LapasYear
from giatja_ops.demo.story import SINCE, add_people
from giatja_ops.names import SERVICES
from giatja_orders.lapas import handlers as orders_lapas
from giatja_production.lapas import handlers as production_lapas
from giatja_training.competences import handlers as competences
from giatja_training.lapas import handlers as training_lapas
from giatja_training.permits import handlers as permits

_ZONE: Final = ZoneInfo("Asia/Jakarta")
_WITH_ACCOUNTS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large the region is.

    :param orders: of each Lapas in the whole time; an order makes about a hundred rows of output.
    """

    lapas: int = 46
    inmates: int = 12_000
    workers: int = 4_000
    days: int = 365
    orders: int = 218


# The seats of prisons in Central Java and Yogyakarta; what happens in them here is made up.
_SEATS: Final = [
    "Kendal",
    "Tegal",
    "Brebes",
    "Pemalang",
    "Slawi",
    "Purwokerto",
    "Purbalingga",
    "Banjarnegara",
    "Cilacap",
    "Kebumen",
    "Purworejo",
    "Wonosobo",
    "Temanggung",
    "Magelang",
    "Salatiga",
    "Ambarawa",
    "Ungaran",
    "Boyolali",
    "Klaten",
    "Sukoharjo",
    "Wonogiri",
    "Karanganyar",
    "Sragen",
    "Surakarta",
    "Purwodadi",
    "Blora",
    "Rembang",
    "Pati",
    "Kudus",
    "Jepara",
    "Demak",
    "Batu",
    "Besi",
    "Kembangkuning",
    "Permisan",
    "Narmada",
    "Yogyakarta",
    "Sleman",
    "Bantul",
    "Wonosari",
    "Wates",
    "Bumiayu",
    "Kajen",
]
_CLASSES: Final = ("IIA", "IIB", "IIB", "III")


def places(count: int) -> list[Place]:
    """Return that many Lapas: those of the small demonstration first."""
    more = [
        Place(code=f"L{nth:02}", name=f"Lapas Kelas {lapas_class} {seat}", short=seat, lapas_class=lapas_class)
        for nth, seat in enumerate(_SEATS, start=len(PLACES) + 1)
        for lapas_class in (_CLASSES[nth % len(_CLASSES)],)
    ]
    return [*PLACES, *more][:count]


def load_region(settings: Mapping[str, str], *, seed: int, say: Say, add: bool = False) -> list[Row]:
    """Fill a region of 46 Lapas and return some sign-ins.

    :param add: also where there is data; Lapas that are registered stay as they are.
    :raises DemoFailed: there is data, and nobody asked to add to it.
    """
    deployment = Deployment.reached_by(settings, say=say)
    with ExitStack() as stack:
        stack.callback(deployment.close)
        return fill(deployment, Scale(), seed=seed, add=add)


def fill(deployment: Deployment, scale: Scale, *, seed: int, add: bool = False) -> list[Row]:
    """Fill a region of some scale, one Lapas after the other, and return some sign-ins.

    :raises DemoFailed: there is data, and nobody asked to add to it.
    """
    calendar = _calendar(deployment, add=add)
    known = set(_registered(deployment))
    todo = [place for place in places(scale.lapas) if place.code not in known]
    accounts: list[Account] = [KANWIL, OPS]
    add_people(deployment, accounts, calendar)
    outputs = 0
    writing: list[Future[None]] = []
    # One Lapas is made while the one before is written: two cores are busy, and no more than two are in memory.
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as writers:
        for nth, place in enumerate(todo):
            sheets = _year(place, scale, calendar, seed).sheets()
            _finish(writing, deployment, todo[nth - 1], calendar)
            _begin(deployment, place, calendar)
            writing = [writers.submit(sheets[service].write, deployment[service]) for service in SERVICES]
            outputs += len(sheets["production"].rows("output"))
            deployment.say(f"{nth + 1}/{len(todo)} {place.name}: {outputs:,} entries so far".replace(",", "."))
        _finish(writing, deployment, todo[-1] if todo else PLACES[0], calendar)
    first = [one for place in places(scale.lapas)[:_WITH_ACCOUNTS] for one in staff(place).values()]
    add_people(deployment, first, calendar)
    return [(one.who, one.username, PASSWORD) for one in [*first, *accounts]]


def _year(place: Place, scale: Scale, calendar: Calendar, seed: int) -> LapasYear:
    nth = [one.code for one in places(scale.lapas)].index(place.code)
    return LapasYear(
        place=place,
        nth=nth,
        calendar=replace(calendar, zone=ZoneInfo(place.zone)),
        random=Random(f"{seed} {place.code} year"),  # noqa: S311 - the same region each time
        inmates=_part(scale.inmates, scale.lapas, nth),
        workers=_part(scale.workers, scale.lapas, nth),
        days=scale.days,
        orders=scale.orders,
    )


def _part(whole: int, parts: int, nth: int) -> int:
    """Return the nth of nearly equal parts that add up to the whole."""
    return whole * (nth + 1) // parts - whole * nth // parts


def _begin(deployment: Deployment, place: Place, calendar: Calendar) -> None:
    """Let the services know a Lapas, as they do when they hear of it; hearing it again changes nothing."""
    known = {"lapas_id": place.code, "name": place.name, "zone": place.zone}
    at = _opened(calendar)
    with deployment["orders"].transaction(at=at) as store:
        orders_lapas.keep_lapas(orders_lapas.KeepLapas(**known), store)
    with deployment["production"].transaction(at=at) as store:
        production_lapas.keep_lapas(production_lapas.KeepLapas(**known), store)
    with deployment["training"].transaction(at=at) as store:
        training_lapas.keep_lapas(training_lapas.KeepLapas(**known), store)
        competences.ship_catalogue(place.code, store)
        permits.ship_requirements(place.code, store)


def _finish(writing: Sequence[Future[None]], deployment: Deployment, place: Place, calendar: Calendar) -> None:
    """Wait until a Lapas is written, and register it last: what is registered is whole."""
    if not writing:
        return
    for one in writing:
        one.result()
    with deployment["gateway"].transaction(at=_opened(calendar)) as store:
        registry.register_lapas(
            registry.RegisterLapas(
                lapas_id=place.code, name=place.name, lapas_class=place.lapas_class, zone=place.zone
            ),
            store,
        )


def _opened(calendar: Calendar) -> datetime:
    return calendar.at(calendar.today - SINCE, "08:00")


def _registered(deployment: Deployment) -> Sequence[str]:
    return deployment.ask("gateway", "SELECT coalesce(array_agg(lapas_id), '{}') FROM lapas") or ()


def _calendar(deployment: Deployment, *, add: bool) -> Calendar:
    """Return the days of the year that ends today, or on the day on which loading began before.

    :raises DemoFailed: there is data, and nobody asked to add to it.
    """
    began: date | None = deployment.ask(
        "gateway", "SELECT min(starts_on) FROM assignment WHERE person_id = :id", id=OPS.id
    )
    if not add and (_registered(deployment) or deployment.ask("gateway", "SELECT EXISTS (SELECT FROM person)")):
        raise DemoFailed("This deployment has data already; say --add to put the region beside it.")
    today = began + SINCE if began else clock.today(_ZONE.key, clock.now())
    # The hour of loading must not show: loading that was broken off goes on later and has to make the same rows again.
    return Calendar(today=today, now=datetime.combine(today, time(), tzinfo=_ZONE), zone=_ZONE)
