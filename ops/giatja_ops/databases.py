"""The databases of the services, opened by a command as each service itself would."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import URL

from giatja_kit.database import Database
from giatja_ops.names import app_role, database
from giatja_ops.reach import ISSUER, NotReachable
from giatja_ops.secrets import read_secret


def ops_settings(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Return the settings of `ops`: of the environment, or else of the system that runs in this folder.

    :raises NotReachable: neither is there.
    """
    if "GIATJA_DATABASE_HOST" in environment:
        return environment
    from giatja_ops.local import OFFSETS, LocalSystem, running_state  # an image has no local parts

    root = Path.cwd()
    state = running_state(root)
    if state is None:
        raise NotReachable(f"Nothing runs in {root}. Start it with `make run`, or set GIATJA_DATABASE_HOST.")
    return LocalSystem(root, state.ports["internal"] - OFFSETS["internal"]).settings_env(ISSUER)


@contextmanager
def open_database(service: str, settings: Mapping[str, str]) -> Iterator[Database]:
    """Open the database of a service as the role the service connects as.

    :raises click.ClickException: naming the secret that is missing.
    """
    name = f"giatja_app_password_{service}"
    try:
        password = settings.get(name.upper()) or read_secret(Path(settings["GIATJA_SECRETS_DIR"]), name)
    except (KeyError, FileNotFoundError):
        raise click.ClickException(f"{name.upper()} is missing, or its file in GIATJA_SECRETS_DIR.") from None
    url = URL.create(
        "postgresql+psycopg",
        username=app_role(service),
        password=password,
        host=settings["GIATJA_DATABASE_HOST"],
        port=int(settings.get("GIATJA_DATABASE_PORT", "5432")),
        database=database(service),
    )
    opened = Database.connect(url, service=service, connections=2, process=ISSUER)
    try:
        yield opened
    finally:
        opened.engine.dispose()
