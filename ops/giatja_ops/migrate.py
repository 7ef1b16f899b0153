"""Makes the roles and databases of the services and brings each schema to its newest form; safe to repeat."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString, Self

import click
import psycopg
from psycopg import sql
from sqlalchemy import URL

from giatja_ops.names import SERVICES, app_role, database, owner_role

WAIT = 60.0
# One migration at a time on a server; any number will do, as long as it stays.
_LOCK = 0x61746A67
# What no request of a service may exceed (docs: reliability). The owner, who migrates, sets its own.
_APP_LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}


class SecretMissing(click.ClickException):
    """A secret that migrating needs is neither in the environment nor in the folder of secrets."""


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def migrate(services: tuple[str, ...]) -> None:
    """Make roles and databases, and run the migrations of SERVICES (all of them without an argument)."""
    try:
        run(os.environ, services or SERVICES, say=click.echo)
    except psycopg.Error as error:
        raise click.ClickException(f"PostgreSQL refused: {error}") from error


def run(environment: Mapping[str, str], services: tuple[str, ...], *, say: Callable[[str], None]) -> None:
    """Make roles, databases and schemas of services.

    :param environment: ``GIATJA_DATABASE_HOST`` and so on; see ``.env.example``.
    :raises SecretMissing: naming the setting.
    """
    # Loads SQLAlchemy and Alembic, which the other commands do without.
    from giatja_kit.migrations import upgrade

    server = Server.read(environment)
    passwords = read_passwords(environment, services)
    server.wait(say)
    with server.connect("postgres") as connection, _alone(connection):
        make_databases(server, services, passwords)
        for service in services:
            upgrade(f"giatja_{service}", server.url(service, passwords[owner_role(service)]))
            with server.connect(database(service)) as own:
                # Readiness compares the schema's revision with the code's.
                own.execute(sql.SQL("GRANT SELECT ON alembic_version TO {}").format(sql.Identifier(app_role(service))))
            say(f"{database(service)}: schema is at its newest form")


@dataclass(frozen=True, kw_only=True)
class Server:
    """The PostgreSQL server, reached as its superuser."""

    host: str
    port: int
    superuser: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read where it is.

        :raises SecretMissing: naming the setting.
        """
        host = environment.get("GIATJA_DATABASE_HOST", "")
        if not host:
            raise SecretMissing("GIATJA_DATABASE_HOST is missing.")
        return cls(
            host=host,
            port=int(environment.get("GIATJA_DATABASE_PORT", "5432")),
            superuser=environment.get("GIATJA_DATABASE_SUPERUSER", "postgres"),
            password=_secret(environment, "database_superuser_password"),
        )

    def connect(self, name: str) -> psycopg.Connection:
        """Open a connection to one of its databases, every statement its own transaction."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.superuser,
            password=self.password,
            dbname=name,
            autocommit=True,
            connect_timeout=5,
        )

    def url(self, service: str, password: str) -> URL:
        """Return the address of a service's database as its owner."""
        return URL.create(
            "postgresql+psycopg",
            username=owner_role(service),
            password=password,
            host=self.host,
            port=self.port,
            database=database(service),
        )

    def wait(self, say: Callable[[str], None]) -> None:
        """Wait until it answers.

        :raises psycopg.OperationalError: when it does not in time, or refuses the password.
        """
        end = time.monotonic() + WAIT
        told = False
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError as error:
                # A wrong password does not become right by waiting.
                if time.monotonic() > end or "password authentication failed" in str(error):
                    raise
            else:
                return
            if not told:
                say("waiting for PostgreSQL")
                told = True
            time.sleep(0.3)


def read_passwords(environment: Mapping[str, str], services: tuple[str, ...]) -> dict[str, str]:
    """Return role -> password of the two roles of each service.

    :raises SecretMissing: naming the setting.
    """
    owners = {owner_role(service): _secret(environment, f"owner_password_{service}") for service in services}
    apps = {app_role(service): _secret(environment, f"app_password_{service}") for service in services}
    return owners | apps


def make_databases(server: Server, services: tuple[str, ...], passwords: Mapping[str, str]) -> None:
    """Make or mend the roles and the database of each service, closed to the roles of the others."""
    with server.connect("postgres") as connection:
        _close_to_strangers(connection, "postgres", "template1")
        for service in services:
            _make_roles(connection, service, passwords)
            _make_database(connection, service)
            with server.connect(database(service)) as own:
                _narrow_schema(own, service)


def _secret(environment: Mapping[str, str], name: str) -> str:
    """Return a secret from the environment, or else from its file."""
    setting = f"GIATJA_{name.upper()}"
    if value := environment.get(setting):
        return value
    folder = environment.get("GIATJA_SECRETS_DIR")
    path = None if not folder else Path(folder) / f"giatja_{name}"
    if path is None or not path.exists():
        raise SecretMissing(f"{setting} is missing, and so is its file {path or 'in GIATJA_SECRETS_DIR'}.")
    return path.read_text().strip()


@contextmanager
def _alone(server: psycopg.Connection) -> Iterator[None]:
    server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        server.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _close_to_strangers(server: psycopg.Connection, *names: str) -> None:
    """Let no service's role into the databases that every PostgreSQL has."""
    for name in names:
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _make_roles(server: psycopg.Connection, service: str, passwords: Mapping[str, str]) -> None:
    for role in (owner_role(service), app_role(service)):
        if not _exists(server, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            server.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        # Only the verifier travels, so no log of statements ever holds a password.
        verifier = server.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256")
        server.execute(
            sql.SQL(
                "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
            ).format(sql.Identifier(role), sql.Literal(verifier.decode()))
        )
    for setting, value in _APP_LIMITS.items():
        server.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(app_role(service)), sql.Identifier(setting), sql.Literal(value)
            )
        )


def _make_database(server: psycopg.Connection, service: str) -> None:
    name = sql.Identifier(database(service))
    if not _exists(server, "SELECT 1 FROM pg_database WHERE datname = %s", database(service)):
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                name, sql.Identifier(owner_role(service))
            )
        )
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(app_role(service))))


def _narrow_schema(own: psycopg.Connection, service: str) -> None:
    """Give the schema to the owner and only a look into it to the service; tables get their grants one by one."""
    own.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    own.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(owner_role(service))))
    own.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(app_role(service))))


def _exists(server: psycopg.Connection, question: LiteralString, name: str) -> bool:
    return server.execute(question, [name]).fetchone() is not None
