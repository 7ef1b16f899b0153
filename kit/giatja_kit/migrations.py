"""Alembic, one history per service, run as the role that owns the tables."""

from collections.abc import Callable
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool


def _config(package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files(package) / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def head(package: str) -> str:
    """Return the newest revision of a service's schema."""
    revision = ScriptDirectory.from_config(_config(package)).get_current_head()
    if revision is None:
        raise LookupError(f"{package} has no migrations")
    return revision


def upgrade(package: str, url: str | URL, revision: str = "head") -> None:
    """Bring a service's schema to a revision, in one transaction per step, with short locks.

    :param url: SQLAlchemy address as the owner of the tables.
    """
    _run(package, url, lambda config: command.upgrade(config, revision))


def downgrade(package: str, url: str | URL, revision: str) -> None:
    """Take a service's schema back to a revision."""
    _run(package, url, lambda config: command.downgrade(config, revision))


def _run(package: str, url: str | URL, act: Callable[[Config], None]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '3s'"))
        connection.execute(text("SET statement_timeout = '10min'"))
        # The owner is bound by row-level security too, and a migration moves the rows of every Lapas.
        connection.execute(text("SELECT set_config('giatja.lapas', '*', false)"))
        connection.commit()
        config = _config(package)
        config.attributes["connection"] = connection
        act(config)
    engine.dispose()


def run_env(target_metadata: object) -> None:
    """Do what a service's ``migrations/env.py`` is for: run on the connection it was given."""
    from alembic import context  # only importable inside an Alembic run

    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=target_metadata,  # type: ignore[arg-type]
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
