"""Real parts for tests: one PostgreSQL for a test process, its databases emptied before each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg
import pytest

from giatja_kit.database import Database
from giatja_kit.settings import Settings, read_settings
from giatja_kit.testing import TestKeys
from giatja_ops.local import LocalSystem
from giatja_ops.names import SERVICES
from giatja_ops.secrets import TRUSTED_KEYS

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class RealParts:
    """PostgreSQL with the databases of all services, and the keys everyone trusts."""

    system: LocalSystem
    migrated: set[str] = field(default_factory=set)

    def migrate(self, service: str) -> None:
        """Bring a service's database to its newest schema, once in a test process."""
        if service not in self.migrated:
            self.system.migrate([service])
            self.migrated.add(service)

    @property
    def keys(self) -> TestKeys:
        """Return the private keys of this deployment, for making tokens."""
        private = {
            issuer: (self.system.secrets / issuer / "giatja_signing_key").read_text() for issuer in (*SERVICES, "ops")
        }
        return TestKeys(private=private, trusted_keys_file=self.system.secrets / TRUSTED_KEYS)

    def settings(self, settings: type[S]) -> S:
        """Return the settings of a service, as its processes would read them."""
        return read_settings(settings, self.system.settings_env(settings.service))

    def owner_url(self, service: str) -> str:
        """Return the address of a service's database as the role that owns its tables."""
        secret = (self.system.secrets / "migrate" / f"giatja_owner_password_{service}").read_text().strip()
        port = self.system.port_of("postgres")
        return f"postgresql://giatja_{service}:{secret}@127.0.0.1:{port}/giatja_{service}"

    def empty(self, service: str) -> None:
        """Empty all tables of a service, as after its first migration."""
        self.migrate(service)
        with psycopg.connect(self.owner_url(service), autocommit=True) as connection:
            names = connection.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
                " AND c.relname NOT IN ('alembic_version', 'event_head', 'event_epoch')"
            ).fetchall()
            connection.execute("SELECT set_config('giatja.lapas', '*', false)")
            connection.execute(f"TRUNCATE {', '.join(name for (name,) in names)} RESTART IDENTITY CASCADE")
            connection.execute("UPDATE event_head SET position = 0")
            connection.execute("UPDATE event_epoch SET from_position = 0")


@pytest.fixture(scope="session")
def real_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealParts]:
    """Start PostgreSQL; each database comes to its newest schema when a test first asks for it."""
    folder = tmp_path_factory.mktemp("parts")
    system = LocalSystem(folder, processes=("postgres",), durable=False)
    with system:
        yield RealParts(system=system)


@pytest.fixture
def database_of(real_parts: RealParts) -> Iterator[Callable[[str], Database]]:
    """Return a function that gives an empty database of a service, as the service itself connects."""
    opened: list[Database] = []

    def give(service: str) -> Database:
        real_parts.empty(service)
        port = real_parts.system.port_of("postgres")
        secret = _password(real_parts, service)
        url = f"postgresql+psycopg://giatja_{service}_app:{secret}@127.0.0.1:{port}/giatja_{service}"
        database = Database.connect(url, service=service, connections=10, process="test")
        opened.append(database)
        return database

    yield give
    for database in opened:
        database.engine.dispose()


def _password(parts: RealParts, service: str) -> str:
    return (parts.system.secrets / "migrate" / f"giatja_app_password_{service}").read_text().strip()
