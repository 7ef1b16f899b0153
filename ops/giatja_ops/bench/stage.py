"""What a run of the benchmark stands on: the whole system in a temporary folder, and the floors beside it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import psutil
import psycopg

from giatja_kit import clock
from giatja_kit.auth import Signer
from giatja_ops import parts
from giatja_ops.demo.cast import accounts
from giatja_ops.local import LocalSystem, ask
from giatja_ops.names import SERVICES, database
from giatja_ops.secrets import read_secret

LAPAS: Final = "PKL"
ROLE: Final = "kasi_giatja"
WEB_WORKERS: Final = "2"
# Beside the eight ports of the system.
_HELLO, _HELLO_EDGE, _HELLO_INNER = 8, 9, 10
_SPAN: Final = 11


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A system that runs, and how to reach its parts."""

    system: LocalSystem
    hello_port: int

    @property
    def port(self) -> int:
        """The public port of the edge."""
        return self.system.port

    def token(self) -> str:
        """Return a token for the head of the workshops, as the gateway would issue it."""
        person = next(one for one in accounts() if one.role == ROLE and one.lapas == LAPAS)
        return self.token_of(str(person.id), ROLE, LAPAS)

    def token_of(self, subject: str, role: str, lapas: str) -> str:
        """Return a token for an hour, as the gateway would issue it."""
        return self.gateway.token({"sub": subject, "role": role, "lapas": lapas}, at=clock.now(), seconds=3600)

    @property
    def gateway(self) -> Signer:
        """Who signs for the gateway."""
        return Signer("gateway", read_secret(self.system.secrets / "gateway", "giatja_signing_key"))

    def superuser(self, service: str) -> "psycopg.Connection[tuple[Any, ...]]":
        """Open a service's database past its row-level security, to fill it and to look into it."""
        password = read_secret(self.system.secrets / "migrate", "giatja_database_superuser_password")
        return psycopg.connect(
            host="127.0.0.1",
            port=self.system.port_of("postgres"),
            user="postgres",
            password=password,
            dbname=database(service),
            autocommit=True,
        )


@dataclass(frozen=True, kw_only=True)
class Starts:
    """How long it took to start from an empty folder, and again."""

    first: float
    second: float


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What all processes of the idle system hold, in bytes: shared pages by share, and counted in full each time."""

    pss: int
    rss: int
    by_process: dict[str, int]


@contextmanager
def whole_system() -> Iterator[tuple[LocalSystem, Starts]]:
    """Start everything from nothing, stop it, start it again; keep it running meanwhile."""
    os.environ["GIATJA_WEB_WORKERS"] = WEB_WORKERS
    with tempfile.TemporaryDirectory(prefix="giatja-bench-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)  # PostgreSQL may run as another user
        system = LocalSystem(root, durable=True, demo=True)
        first = _start(system)
        with _superuser(system) as connection:
            # Says for each row when its transaction committed, which is what a fact's latency is made of.
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        system.stop()
        second = _start(system)
        try:
            yield system, Starts(first=first, second=second)
        finally:
            system.stop()


def _start(system: LocalSystem) -> float:
    began = monotonic()
    system.start()
    return monotonic() - began


def _superuser(system: LocalSystem) -> "psycopg.Connection[tuple[Any, ...]]":
    return Stage(system=system, hello_port=0).superuser(SERVICES[0])


def memory(system: LocalSystem) -> Memory:
    """Measure what the system's processes and their children hold."""
    pss: dict[str, int] = {}
    rss = 0
    for process in system.processes:
        leader = psutil.Process(process.pid)
        for one in [leader, *leader.children(recursive=True)]:
            held = one.memory_full_info()
            pss[process.name] = pss.get(process.name, 0) + int(getattr(held, "pss", held.uss))
            rss += held.rss
    return Memory(pss=sum(pss.values()), rss=rss, by_process=pss)


@contextmanager
def with_hello(system: LocalSystem) -> Iterator[Stage]:
    """Run the hello application beside the system: the same gunicorn behind the same Caddy, ports apart."""
    hello, edge, inner = (system.port_base + offset for offset in (_HELLO, _HELLO_EDGE, _HELLO_INNER))
    caddy = next(process for process in system.processes if process.name == "edge").spec
    gunicorn = next(process for process in system.processes if process.name == "orders").spec
    ours = {"GIATJA_BIND": f"127.0.0.1:{hello}", "GIATJA_WEB_WORKERS": WEB_WORKERS}
    theirs = {
        "GIATJA_ORDERS_PORT": str(hello),
        "GIATJA_HTTP_PORT": str(edge),
        "GIATJA_INTERNAL_PORT": str(inner),
    }
    command = [*gunicorn.command[:-1], "giatja_ops.bench.hello:app"]
    with (
        _running(command, {**os.environ, **ours}, system.logs / "hello.log"),
        _running(list(caddy.command), {**caddy.environment, **theirs}, system.logs / "hello-edge.log"),
    ):
        until = monotonic() + 20
        while ask(edge, "/api/orders/hello")[0] != 200:
            if monotonic() > until:
                raise TimeoutError("the hello application did not start")
            sleep(0.1)
        yield Stage(system=system, hello_port=edge)


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("ab") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            yield
        finally:
            process.terminate()


def machine() -> list[str]:
    """Describe where this was measured."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        named = (line for line in information.read_text().splitlines() if line.startswith("model name"))
        model = next(named, f": {model}").partition(":")[2].strip()
    total = psutil.virtual_memory().total / 2**30
    kernel = os.uname()
    versions = ", ".join(f"{name} {number}" for name, number in parts.versions().items())
    return [
        f"{os.cpu_count()} cores ({model}), {total:.0f} GiB, {kernel.sysname} {kernel.release} {kernel.machine}",
        f"Python {sys.version.split()[0]}, {versions}",
        f"fsync on; {WEB_WORKERS} web workers a service; the load generator on the same cores",
    ]
