"""Runs the whole system on one machine without Docker: the same processes, from one command."""

import contextlib
import fcntl
import http.client
import importlib.util
import json
import os
import secrets as random_source
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from giatja_ops import parts, secrets
from giatja_ops.names import PROCESSES, SERVICES, STORES, WORKERS
from giatja_ops.supervisor import Interrupted, Keeper, Process, Spec, StartFailed, Supervisor, run_once

DEFAULT_PORT = 8080
DEFAULT_PORT_BASE = 18080
OFFSETS = {"internal": 1, "gateway": 2, "orders": 3, "production": 4, "training": 5, "postgres": 6, "valkey": 7}
LABELS = {"postgres": "PostgreSQL", "valkey": "Valkey", "edge": "edge (Caddy)"}


class RunsAlready(Exception):
    """The system of this folder runs already."""


class PortBusy(Exception):
    """Somebody else listens where a process should."""


class LocalSystem:
    """The processes of one deployment, below one folder.

    ``with LocalSystem(tmp_path) as system:`` starts everything on free ports and stops it at the end.
    """

    def __init__(
        self,
        root: Path,
        port_base: int | None = None,
        *,
        port: int | None = None,
        processes: Iterable[str] = PROCESSES,
        durable: bool = True,
        demo: bool = False,
        restart: bool = True,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        say: Callable[[str], None] = lambda _: None,
        awaiting: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Plan a system; nothing is started yet.

        :param root: the folder whose ``var`` holds data, secrets, logs and what runs.
        :param port_base: see ``OFFSETS``; a free range is chosen without it.
        :param port: the edge's; ``port_base`` itself without it.
        :param processes: which to start; the databases of the services among them are migrated first.
        :param durable: False lets PostgreSQL forget what it confirmed if the machine fails (tests).
        :param demo: tells the gateway that demonstration accounts may exist.
        :param restart: whether what dies is started again.
        :param environment: process -> variables it gets besides its own, in every life.
        :param say: is told of deaths and restarts.
        :param awaiting: is told again and again what a start waits for.
        """
        self.root = root.resolve()
        self.var = self.root / "var"
        self.durable = durable
        self.demo = demo
        self.stopping = threading.Event()
        wanted = set(processes)
        if unknown := wanted - set(PROCESSES):
            raise LookupError(f"no process {', '.join(sorted(unknown))}; there are {', '.join(PROCESSES)}")
        self.names = tuple(name for name in PROCESSES if name in wanted)
        self._restart = restart
        self._environment = {name: dict(values) for name, values in (environment or {}).items()}
        self._say = say
        self._awaiting = awaiting
        self._range = None if port_base is not None else _FreeRange()
        self.port_base = port_base if port_base is not None else self._free_range.base
        self.port = port if port is not None else self.port_base
        self._lock: int | None = None
        self._keeper: Keeper | None = None
        self._supervisor: Supervisor | None = None

    # -- where things are

    @property
    def public_url(self) -> str:
        """Return the address people use."""
        return f"http://localhost:{self.port}"

    @property
    def internal_url(self) -> str:
        """Return the address services use to reach each other through the edge."""
        return f"http://127.0.0.1:{self.port_of('internal')}"

    def url(self, service: str) -> str:
        """Return the address of one service's own process, past the edge."""
        return f"http://127.0.0.1:{self.port_of(service)}"

    def port_of(self, name: str) -> int:
        """Return the port of a process, or of ``internal``, the edge's second listener."""
        return self.port if name == "edge" else self.port_base + OFFSETS[name]

    @property
    def _free_range(self) -> "_FreeRange":
        if self._range is None:
            raise RuntimeError("the ports were given")
        return self._range

    @property
    def secrets(self) -> Path:
        """Return the folder of secrets, which has one folder per reader."""
        return self.var / "secrets"

    @property
    def logs(self) -> Path:
        """Return the folder of logs."""
        return self.var / "logs"

    @property
    def run(self) -> Path:
        """Return the folder of what exists only while the system runs."""
        return self.var / "run"

    # -- environment of each process

    def settings_env(self, reader: str) -> dict[str, str]:
        """Return the settings of a service, of ``migrate`` or of ``ops``, as environment variables."""
        settings = {
            "GIATJA_DATABASE_HOST": "127.0.0.1",
            "GIATJA_DATABASE_PORT": str(self.port_of("postgres")),
            "GIATJA_REDIS_HOST": "127.0.0.1",
            "GIATJA_REDIS_PORT": str(self.port_of("valkey")),
            "GIATJA_INTERNAL_URL": self.internal_url,
            "GIATJA_PUBLIC_URL": self.public_url,
            "GIATJA_SECRETS_DIR": str(self.secrets / reader),
            "GIATJA_TRUSTED_KEYS_FILE": str(self.secrets / secrets.TRUSTED_KEYS),
            "GIATJA_LOG_LEVEL": os.environ.get("GIATJA_LOG_LEVEL", "INFO"),
        }
        if reader == "gateway":
            settings["GIATJA_DEMO"] = "1" if self.demo else "0"
        return settings

    def _process_env(self, name: str) -> dict[str, str]:
        # Settings of the person's own shell must not leak in: what a process knows is said here.
        given = {key: value for key, value in os.environ.items() if not key.startswith("GIATJA_")}
        if name in SERVICES:
            given |= self.settings_env(name)
            given["GIATJA_BIND"] = f"127.0.0.1:{self.port_of(name)}"
            given |= {k: os.environ[k] for k in ("GIATJA_WEB_WORKERS", "GIATJA_WEB_THREADS") if k in os.environ}
        elif name in WORKERS:
            given |= self.settings_env(name.removesuffix("-worker"))
            given["GIATJA_HEARTBEAT_FILE"] = str(self._heartbeat(name))
        elif name == "edge":
            given |= self._edge_env()
        if name in (*SERVICES, *WORKERS):
            # Where the threads and processes of one service add up their figures.
            given["PROMETHEUS_MULTIPROC_DIR"] = str(self._scratch(name))
        return given | self._environment.get(name, {})

    def _scratch(self, name: str) -> Path:
        return self.run / "metrics" / name

    def _edge_env(self) -> dict[str, str]:
        upstreams = {f"GIATJA_{service.upper()}_HOST": "localhost" for service in SERVICES}
        upstreams |= {f"GIATJA_{service.upper()}_PORT": str(self.port_of(service)) for service in SERVICES}
        return upstreams | {
            "GIATJA_SITES": "http://",
            "GIATJA_STATIC": str(_module_folder("giatja_gateway") / "static"),
            "GIATJA_HTTP_PORT": str(self.port),
            "GIATJA_INTERNAL_PORT": str(self.port_of("internal")),
            "GIATJA_EDGE_BIND": "127.0.0.1",
            "XDG_DATA_HOME": str(self.var / "caddy"),
            "XDG_CONFIG_HOME": str(self.var / "caddy"),
        }

    def _heartbeat(self, worker: str) -> Path:
        return self.run / f"{worker}.beat"

    # -- life

    def start(self, *, ready: Callable[[Process | str, float], None] | None = None) -> None:
        """Start everything, in order, and wait until it is ready.

        :param ready: is told of each part that became ready, and after how many seconds.
        :raises RunsAlready, PortBusy, StartFailed, Interrupted: with everything stopped again.
        """
        tell = ready or (lambda _what, _seconds: None)
        self._take_lock()
        try:
            self.check_ports()
            self._prepare()
            supervisor = self._new_supervisor()
            stores = [name for name in self.names if name in STORES]
            supervisor.start(stores, stopping=self.stopping, ready=tell, awaiting=self._awaiting)
            services = [service for service in SERVICES if {service, f"{service}-worker"} & set(self.names)]
            if services and "postgres" in stores:
                began = time.monotonic()
                self.migrate(services)
                tell("migrations", time.monotonic() - began)
            rest = [name for name in self.names if name not in STORES]
            supervisor.start(rest, stopping=self.stopping, ready=tell, awaiting=self._awaiting)
            if self._restart:
                supervisor.watch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, children included, within ten seconds."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
        if self._lock is not None:
            (self.run / "state.json").unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        """Start everything."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    @property
    def started(self) -> bool:
        """Tell whether there is something to stop."""
        return self._supervisor is not None

    # -- single processes

    def process(self, name: str) -> Process:
        """Return one process: its ``pid``, ``kill(signal)``, ``restart()``, ``wait_ready()``."""
        return self._running.get(name)

    @property
    def processes(self) -> list[Process]:
        """Return all processes."""
        return self._running.processes

    def start_process(self, name: str, *, environment: Mapping[str, str] | None = None, wait: bool = True) -> Process:
        """Start a process that was stopped, or was not among those started first.

        :param environment: variables for this one life; a restart after a death has them no more.
        """
        if name not in [process.name for process in self.processes]:
            self._running.add(self._spec(name))
        process = self.process(name)
        process.start(environment)
        if wait:
            process.wait_ready()
        return process

    def stop_process(self, name: str) -> None:
        """Stop one process; it stays away until it is started again."""
        self.process(name).stop()

    def add_replica(self, worker: str, name: str) -> Process:
        """Start one more worker beside another, under a name of its own.

        :param worker: one of the four; web processes have one port each and so no replicas here.
        """
        spec = self._spec(worker)
        beat = self.run / f"{name}.beat"
        self._running.add(
            Spec(
                name=name,
                label=name,
                command=spec.command,
                environment={
                    **spec.environment,
                    "GIATJA_HEARTBEAT_FILE": str(beat),
                    "PROMETHEUS_MULTIPROC_DIR": str(self._scratch(name)),
                },
                folder=spec.folder,
                ready=lambda: _beats(beat),
                forget=(beat,),
                scratch=self._scratch(name),
            )
        )
        return self.start_process(name)

    def migrate(self, services: Collection[str] = SERVICES) -> None:
        """Make roles and databases, and bring the schemas of services to their newest form.

        :raises StartFailed: when that fails, with the end of its log.
        """
        log = self.logs / "migrate.log"
        log.unlink(missing_ok=True)
        self.run_command(
            [sys.executable, "-m", "giatja_ops", "migrate", *services],
            environment=self.settings_env("migrate"),
            label="migrations",
            log=log,
        )

    def run_command(self, command: Collection[str], *, environment: Mapping[str, str], label: str, log: Path) -> None:
        """Run a command of ours to its end; it is stopped with the system.

        :raises StartFailed: when it fails, with the end of its log.
        """
        given = {key: value for key, value in os.environ.items() if not key.startswith("GIATJA_")}

        def awaiting() -> None:
            lines = log.read_text(errors="replace").splitlines()
            self._awaiting(f"{label}: {lines[-1]}" if lines else label)

        code = run_once(
            list(command),
            environment={**given, **environment},
            log=log,
            keeper=self._kept,
            stopping=self.stopping,
            awaiting=awaiting,
        )
        if code != 0:
            end = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-25:])
            raise StartFailed(f"{label} failed (code {code}).\n  The end of {log}:\n{end}")

    @property
    def _running(self) -> Supervisor:
        if self._supervisor is None:
            raise RuntimeError("the system is not running")
        return self._supervisor

    @property
    def _kept(self) -> Keeper:
        if self._keeper is None:
            raise RuntimeError("the system is not running")
        return self._keeper

    # -- preparation

    def check_ports(self) -> None:
        """Look whether every port is free.

        :raises PortBusy: naming the port, who has it, and the setting that moves it.
        """
        wanted = {name: self.port_of(name) for name in self.names if name not in WORKERS}
        if "edge" in wanted:
            wanted["internal"] = self.port_of("internal")
        problems = []
        for name, port in wanted.items():
            if not _is_free(port):
                elsewhere = self.port_base + 10_000 if self.port_base < 50_000 else DEFAULT_PORT_BASE
                setting, example = ("GIATJA_PORT", port + 1) if name == "edge" else ("GIATJA_PORT_BASE", elsewhere)
                problems.append(
                    f"Port {port}, wanted for {LABELS.get(name, name)}, is taken{_holder(port)}.\n"
                    f"  Free it, or move ours: {setting}={example} make run"
                )
        if problems:
            raise PortBusy("\n".join(problems))

    def _prepare(self) -> None:
        self.logs.mkdir(exist_ok=True)
        (self.var / "caddy").mkdir(exist_ok=True)
        secrets.write_local(self.secrets)
        stores = self.secrets / "stores"
        if "postgres" in self.names:
            data = self.var / "postgres"
            parts.prepare_postgres(
                data,
                password=secrets.read_secret(stores, "giatja_database_superuser_password"),
                user=parts.postgres_user(data),
                careless=not self.durable,
            )
        if "valkey" in self.names:
            (self.var / "valkey").mkdir(mode=0o700, exist_ok=True)
            configuration = parts.valkey_configuration(
                self.var / "valkey",
                port=self.port_of("valkey"),
                password=secrets.read_secret(stores, "giatja_redis_password"),
            )
            secrets.write_private(self.run / "valkey.conf", configuration)

    def _new_supervisor(self) -> Supervisor:
        self._keeper = Keeper(self._lock)
        self._supervisor = Supervisor(self._keeper, self.logs, self._say)
        for name in self.names:
            self._supervisor.add(self._spec(name))
        return self._supervisor

    def _take_lock(self) -> None:
        """Be the only one in this folder, from here to the end of the last process."""
        self.run.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        state = self.run / "state.json"
        end = time.monotonic() + 15
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            other = running_state(self.root)
            if other is not None or time.monotonic() > end:
                os.close(lock)
                where = f" at {other.url} (process {other.pid})" if other else ""
                raise RunsAlready(f"Giatja already runs here{where}. Stop it there with Ctrl-C.")
            # Nobody leads it any more: a killed one's keeper is still stopping the rest.
            time.sleep(0.2)
        self._lock = lock
        secrets.write_private(state, json.dumps(asdict(self._state())))

    def _state(self) -> "Running":
        ports = {name: self.port_of(name) for name in (*PROCESSES, "internal") if name not in WORKERS}
        return Running(pid=os.getpid(), url=self.public_url, ports=ports, processes=list(self.names))

    def _spec(self, name: str) -> Spec:
        environment = self._process_env(name)
        if name == "postgres":
            return self._postgres_spec(environment)
        if name == "valkey":
            return Spec(
                name=name,
                label=LABELS[name],
                command=[str(parts.valkey_program()), str(self.run / "valkey.conf")],
                environment=environment,
                folder=self.var / "valkey",
                ready=lambda: _answers_ping(
                    self.port_of(name), secrets.read_secret(self.secrets / "stores", "giatja_redis_password")
                ),
                tier=0,
                port=self.port_of(name),
            )
        if name == "edge":
            caddyfile = _module_folder("giatja_gateway") / "edge" / "Caddyfile"
            if not caddyfile.exists():
                raise StartFailed(f"The edge has no configuration: {caddyfile} is not there.")
            return Spec(
                name=name,
                label=LABELS[name],
                command=[str(parts.caddy_program()), "run", "--config", str(caddyfile), "--adapter", "caddyfile"],
                environment=environment,
                folder=self.var / "caddy",
                ready=lambda: ask(self.port, "/livez")[0] == http.client.OK,
                port=self.port,
            )
        if name in WORKERS:
            module = f"giatja_{name.removesuffix('-worker')}.worker"
            _require_module(module)
            beat = self._heartbeat(name)
            return Spec(
                name=name,
                label=name,
                command=[sys.executable, "-m", module],
                environment=environment,
                folder=self.run,
                ready=lambda: _beats(beat),
                forget=(beat,),
                scratch=self._scratch(name),
            )
        _require_module(f"giatja_{name}.wsgi")
        return Spec(
            name=name,
            label=name,
            command=[
                sys.executable, "-m", "gunicorn", "--config", "python:giatja_kit.gunicorn", f"giatja_{name}.wsgi:app",
            ],
            environment=environment,
            folder=self.run,
            ready=lambda: ask(self.port_of(name), "/readyz")[0] == http.client.OK,
            why=lambda: ask(self.port_of(name), "/readyz")[1],
            scratch=self._scratch(name),
            port=self.port_of(name),
        )  # fmt: skip

    def _postgres_spec(self, environment: Mapping[str, str]) -> Spec:
        data = self.var / "postgres"
        command, user = parts.postgres_command(
            parts.postgres_arguments(data, port=self.port_of("postgres"), careless=not self.durable),
            user=parts.postgres_user(data),
            data=data,
        )
        return Spec(
            name="postgres",
            label=LABELS["postgres"],
            command=command,
            environment=environment,
            folder=Path("/"),
            ready=lambda: _accepts_postgres(self.port_of("postgres")),
            tier=0,
            # Its "fast" shutdown: ends the sessions, keeps every confirmed write.
            stop_signal=signal.SIGINT,
            user=user,
            port=self.port_of("postgres"),
        )


@dataclass(frozen=True, kw_only=True)
class Running:
    """What is known of a system that runs."""

    pid: int
    url: str
    ports: Mapping[str, int]
    processes: Collection[str]


def running_state(root: Path) -> Running | None:
    """Return what is known of the system that runs in a folder; nothing if none does."""
    run = root / "var" / "run"
    try:
        state = Running(**json.loads((run / "state.json").read_text()))
        os.kill(state.pid, 0)
        lock = os.open(run / "lock", os.O_RDWR | os.O_CLOEXEC)
    except (OSError, ValueError, TypeError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return state
    finally:
        os.close(lock)
    return None


class _FreeRange:
    """Eight ports that nobody uses, held against other tests on this machine while this object lives."""

    _SPAN = 8

    def __init__(self) -> None:
        for _ in range(500):
            # Below the range from which systems take ports for outgoing connections.
            base = 20000 + random_source.randbelow(1500) * self._SPAN
            path = Path(tempfile.gettempdir()) / f"giatja-ports-{os.getuid()}-{base}"
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if all(_is_free(base + offset) for offset in range(self._SPAN)):
                    self.base = base
                    return
            os.close(self._file)
        raise PortBusy("No eight free ports in a row between 20000 and 32000.")

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.close(self._file)


def _is_free(port: int) -> bool:
    with socket.socket() as asking:
        asking.settimeout(0.5)
        # Somebody on all addresses does not keep one address from being bound everywhere.
        if asking.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as taking:
        taking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taking.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """Return who listens on a port, as far as this user may know."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def _require_module(name: str) -> None:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise StartFailed(f"The module {name} does not exist, so its process cannot be started.")


def _module_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StartFailed(f"The package {name} is not installed; `make .venv` installs it.")
    return Path(spec.origin).parent


def ask(port: int, path: str) -> tuple[int, str]:
    """Return the status and text with which a process of this machine answers; 0 and the reason if it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _accepts_postgres(port: int) -> bool:
    done = subprocess.run(
        [str(parts.postgres_program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
    )
    return done.returncode == 0


def _answers_ping(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                more = connection.recv(256)
                if not more:
                    return False
                answer += more
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _beats(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < 60
    except OSError:
        return False


__all__ = ["Interrupted", "LocalSystem", "PortBusy", "Running", "RunsAlready", "StartFailed", "ask", "running_state"]
