"""Two services with nothing but the kit's tables, on real databases; no HTTP in between."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

from giatja_kit import clock
from giatja_kit.database import Database, Store
from giatja_kit.events.fact import Envelope, Fact
from giatja_kit.events.receive import Receiver
from giatja_kit.events.subscriptions import Subscriptions
from giatja_kit.schema import create_kit_tables, secure
from giatja_kit.testing import LocalFeed
from giatja_ops.pytest_plugin import RealParts

APP = "giatja_orders_app"


@dataclass(frozen=True, kw_only=True)
class Counted(Fact):
    """A fact of these tests: a number about a thing."""

    type: ClassVar[str] = "giatja.source.counted.v1"
    subject: ClassVar[str] = "thing"
    thing: str
    number: int


@pytest.fixture
def make_database(real_parts: RealParts) -> Iterator[Callable[[str], Database]]:
    """Return a function: service name -> a new database with the kit's tables and one table of effects."""
    real_parts.migrate("orders")
    made: list[tuple[Database, str]] = []
    superuser = (real_parts.system.secrets / "migrate" / "giatja_database_superuser_password").read_text().strip()
    address = f"127.0.0.1:{real_parts.system.port_of('postgres')}"
    server = f"postgresql://postgres:{superuser}@{address}/postgres"

    def make(service: str) -> Database:
        name = f"kit_{service}_{secrets.token_hex(4)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER giatja_orders")
        owner = real_parts.owner_url("orders").replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(owner.rsplit("/", 1)[0] + "/" + name)
        with engine.begin() as connection:
            connection.execute(text("SELECT set_config('giatja.lapas', '*', true)"))
            with Operations.context(MigrationContext.configure(connection)) as op:
                create_kit_tables(APP)
                op.execute(
                    "CREATE TABLE effect (lapas_id text, nth bigint GENERATED ALWAYS AS IDENTITY, thing text, number int)"
                )
                secure("effect", app=APP)
        engine.dispose()
        password = (real_parts.system.secrets / "migrate" / "giatja_app_password_orders").read_text().strip()
        url = f"postgresql+psycopg://{APP}:{password}@{address}/{name}"
        database = Database.connect(url, service=service, connections=8, process="test")
        made.append((database, name))
        return database

    yield make
    for database, name in made:
        database.engine.dispose()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _clear_effects(store: Store) -> None:
    store.run("DELETE FROM effect")


class Listener:
    """A subscriber that writes down what it hears."""

    def __init__(self, database: Database, feed: LocalFeed) -> None:
        self.database = database
        self.poison: set[int] = set()
        self.subscriptions = Subscriptions(rebuild=_clear_effects)
        self.subscriptions.on(Counted.type)(self._hear)
        self.receiver = Receiver("listener", database, self.subscriptions, feed)

    def _hear(self, fact: Envelope, store: Store) -> None:
        number = fact.data["number"]
        store.run(
            "INSERT INTO effect (lapas_id, thing, number) VALUES (:lapas, :thing, :number)",
            {"lapas": store.lapas_id, "thing": fact.subject, "number": number},
        )
        if number in self.poison:
            raise ValueError(f"cannot digest {number}")

    def catch_up(self, announced: int | None = None) -> int:
        return self.receiver.catch_up("source", announced=announced)

    def effects(self) -> list[tuple[str, int]]:
        with self.database.transaction(at=clock.now()) as store:
            return [(r["thing"], r["number"]) for r in store.rows("SELECT thing, number FROM effect ORDER BY nth")]

    def ask(self, sql: str) -> list[dict[str, object]]:
        with self.database.transaction(at=clock.now()) as store:
            return [dict(r) for r in store.rows(sql)]


@pytest.fixture
def source(make_database: Callable[[str], Database]) -> Database:
    return make_database("source")


@pytest.fixture
def listener(make_database: Callable[[str], Database], source: Database) -> Listener:
    return Listener(make_database("listener"), LocalFeed({"source": source}))


def tell(database: Database, *numbers: tuple[str, int], lapas: str = "PKL") -> None:
    """Tell numbers in one transaction."""
    with database.transaction(at=clock.now()) as store:
        store.tell(*(Counted(thing=t, number=n) for t, n in numbers), lapas_id=lapas)
