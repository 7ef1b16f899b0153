"""Which revision a service's schema is at, without loading Alembic into every process."""

from importlib.resources import files

from sqlalchemy import Connection, text


def newest(package: str) -> str:
    """Return the newest revision of a service's migrations; their files begin with it."""
    versions = files(package).joinpath("migrations", "versions").iterdir()
    names = [file.name for file in versions if file.name.endswith(".py") and file.name[0].isdigit()]
    if not names:
        raise LookupError(f"{package} has no migrations")
    return max(names).split("_")[0]


def current(connection: Connection) -> str:
    """Return the revision a database is at, empty before the first migration."""
    known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "") if known else ""
