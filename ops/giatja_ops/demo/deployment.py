"""The databases of a running deployment, each as its own service connects, and the facts between them."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import click
from sqlalchemy import URL

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.database import Database
from giatja_ops.names import SERVICES, app_role, database
from giatja_ops.secrets import read_secret

PATIENCE: Final = 90.0
_LOOK_EVERY: Final = 0.1
_NOT_PLACED: Final = 2**62
Say = Callable[[str], None]


class DemoFailed(click.ClickException):
    """The demonstration cannot be loaded here; says why."""


class Deployment:
    """The four databases, and whether what one service told has been heard by the others."""

    def __init__(self, databases: Mapping[str, Database], *, public_url: str = "", say: Say = print) -> None:
        """Take databases that are open.

        :param say: is told of progress, line by line.
        """
        self._databases = databases
        self.public_url = public_url
        self.say = say

    @classmethod
    def reached_by(cls, settings: Mapping[str, str], *, say: Say) -> Self:
        """Open the databases with the settings of ``ops``, each in the role of its service.

        :raises DemoFailed: naming the setting that is missing.
        """
        know_tables()
        return cls(
            {service: _open(service, settings) for service in SERVICES},
            public_url=settings.get("GIATJA_PUBLIC_URL", ""),
            say=say,
        )

    def __getitem__(self, service: str) -> Database:
        """Return the database of a service."""
        return self._databases[service]

    def close(self) -> None:
        """Close every connection."""
        for one in self._databases.values():
            one.engine.dispose()

    def ask(self, service: str, sql: str, **values: Any) -> Any:
        """Return the first value of a question to one service's database, asked as the service itself."""
        with self[service].transaction(at=clock.now()) as store:
            return store.value(sql, **values)

    def let_hear(self, *sources: str, what: str) -> None:
        """Wait until everything these sources told, and what followed from it, was heard by everybody.

        :raises DemoFailed: a fact was set aside, or nobody heard it in time.
        """
        end = time.monotonic() + PATIENCE
        before: tuple[int, ...] = ()
        told = 0.0
        while True:
            heads = tuple(self._head(source) for source in SERVICES)
            behind = [f"{who} of {source}" for who, source in self._behind(sources or SERVICES)]
            # What was heard may have made somebody tell more: still only when nothing grew meanwhile.
            if not behind and heads == before:
                return
            before = heads
            if time.monotonic() > end:
                raise DemoFailed(
                    f"{what}: {', '.join(behind)} did not come through in {PATIENCE:.0f} s. Do the workers run?"
                )
            if behind and time.monotonic() - told > 2:
                self.say(f"{what}: waiting for {', '.join(behind)}")
                told = time.monotonic()
            time.sleep(_LOOK_EVERY)

    def _head(self, source: str) -> int:
        """Return how far a log is placed, or -1 while something in it is not."""
        with self[source].transaction(at=clock.now()) as store:
            row = store.row(
                "SELECT position, EXISTS (SELECT FROM event_log WHERE position IS NULL) AS waiting FROM event_head"
            )
        return -1 if row is None or row["waiting"] else int(row["position"])

    def _behind(self, sources: Iterable[str]) -> list[tuple[str, str]]:
        return [
            (who, source)
            for (who, source), types in _HEARINGS.items()
            if source in sources and self._heard(who, source) < self._newest(source, types)
        ]

    def _newest(self, source: str, types: Sequence[str]) -> int:
        """Return how far somebody who hears these types has to come; beyond it nothing is announced to them."""
        with self[source].transaction(at=clock.now()) as store:
            row = store.row(
                "SELECT coalesce(max(position), 0) AS newest, count(*) > count(position) AS waiting"
                " FROM event_log WHERE type = ANY (:types)",
                types=list(types),
            )
        return _NOT_PLACED if row is None or row["waiting"] else int(row["newest"])

    def _heard(self, who: str, source: str) -> int:
        with self[who].transaction(at=clock.now()) as store:
            parked = store.row("SELECT type, error FROM parked_fact WHERE source = :source LIMIT 1", source=source)
            if parked is not None:
                raise DemoFailed(f"{who} set aside a {parked['type']}: {parked['error']}")
            return int(store.value("SELECT position FROM event_cursor WHERE source = :source", source=source) or 0)


def _hearings() -> Mapping[tuple[str, str], Sequence[str]]:
    """Return who hears whom, and which types."""
    found: dict[tuple[str, str], list[str]] = {}
    for fact in catalogue().values():
        for who in fact.heard_by:
            found.setdefault((who, fact.owner), []).append(fact.type)
    return found


_HEARINGS: Final = _hearings()


def _open(service: str, settings: Mapping[str, str]) -> Database:
    host = settings.get("GIATJA_DATABASE_HOST")
    if not host:
        raise DemoFailed("GIATJA_DATABASE_HOST is missing.")
    url = URL.create(
        "postgresql+psycopg",
        username=app_role(service),
        password=_password(service, settings),
        host=host,
        port=int(settings.get("GIATJA_DATABASE_PORT", "5432")),
        database=database(service),
    )
    return Database.connect(url, service=service, connections=3, process="demo")


def _password(service: str, settings: Mapping[str, str]) -> str:
    name = f"app_password_{service}"
    if given := settings.get(f"GIATJA_{name.upper()}"):
        return given
    folder = Path(settings.get("GIATJA_SECRETS_DIR", ""))
    if not (folder / f"giatja_{name}").is_file():
        raise DemoFailed(f"GIATJA_{name.upper()} is missing, and so is its file in GIATJA_SECRETS_DIR.")
    return read_secret(folder, f"giatja_{name}")


def know_tables() -> None:
    """Tie the classes of every service to its tables, as each service does when it starts."""
    import giatja_gateway.tables
    import giatja_orders.tables
    import giatja_production.tables
    import giatja_training.tables

    for service in (giatja_gateway, giatja_orders, giatja_production, giatja_training):
        service.tables.map_all()
