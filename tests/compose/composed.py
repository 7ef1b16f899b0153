"""One composed system of a test: its own project, ports, secrets and volumes; nothing of it stays."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from giatja_kit.testing import ISSUERS, TestKeys
from tests.story import PASSWORD, Story

ROOT = Path(__file__).parents[2]
VERSION = "compose-test"
SERVICES = ("gateway", "orders", "production", "training")
WORKERS = tuple(f"{service}-worker" for service in SERVICES)
PROCESSES = ("postgres", "redis", *SERVICES, *WORKERS, "edge")


class ComposeFailed(Exception):
    """A command of Compose failed; has what it printed."""


class Composed:
    """A system under Compose, driven as an operator and as a caller would."""

    def __init__(self, project: str, folder: Path) -> None:
        self.project = project
        self.folder = folder
        self.http_port, self.https_port = free_ports(2)
        self.https = f"https://localhost:{self.https_port}"
        self.http = f"http://localhost:{self.http_port}"
        given = {k: v for k, v in os.environ.items() if not k.startswith(("GIATJA_", "COMPOSE_PROJECT"))}
        self.environment = given | {
            "GIATJA_VERSION": VERSION,
            "GIATJA_SECRETS": str(folder / "secrets"),
            "GIATJA_PORT": str(self.http_port),
            "GIATJA_HTTPS_PORT": str(self.https_port),
            "GIATJA_PUBLIC_URL": self.https,
            "GIATJA_DEMO": "1",
        }
        subprocess.run(
            [sys.executable, "-m", "giatja_ops", "env", "--folder", str(folder)],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )

    # -- as an operator

    def compose(self, *arguments: str, check: bool = True, seconds: float = 300, typed: str | None = None) -> str:
        """Run a command of Compose, give it what is ``typed``, and return what it printed.

        :raises ComposeFailed: unless ``check`` is false.
        """
        command = ["docker", "compose", "--env-file", str(self.folder / ".env"), "-p", self.project, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if check and done.returncode != 0:
            raise ComposeFailed(f"{' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self) -> None:
        """Build every image; one after the other, so that the classic builder makes a shared layer once."""
        self.environment["COMPOSE_PARALLEL_LIMIT"] = "1"
        self.compose("build", seconds=1200)
        del self.environment["COMPOSE_PARALLEL_LIMIT"]

    def up(self, *services: str, scale: Mapping[str, int] | None = None) -> None:
        """Start what is named, or everything, and wait until it is healthy."""
        scales = [f"--scale={name}={count}" for name, count in (scale or {}).items()]
        self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "240", *scales, *services)

    def down(self) -> None:
        """Remove everything, volumes included; what was logged is kept beside the test's results."""
        logs = ROOT / "test-results" / "compose"
        logs.mkdir(parents=True, exist_ok=True)
        (logs / f"{self.project}.log").write_text(
            self.compose("ps", "--all", check=False) + self.compose("logs", "--no-color", "--timestamps", check=False)
        )
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "10", check=False)

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine knows of each container of a service, stopped ones included."""
        ids = self.compose("ps", "--all", "--quiet", service, check=False).split()
        return [] if not ids else list(json.loads(docker("inspect", *ids)))

    def running(self) -> set[str]:
        """Return the services that have a running container."""
        return set(self.compose("ps", "--services", "--status", "running").split())

    def is_healthy(self, service: str) -> bool:
        """Return whether every container of a service runs and is healthy."""
        found = self.containers(service)
        return bool(found) and all(
            c["State"]["Running"] and c["State"].get("Health", {}).get("Status") == "healthy" for c in found
        )

    def crash(self, service: str, index: int = 0) -> None:
        """End the first process of a container with SIGKILL, from outside, as the machine would when memory is short.

        Not ``docker kill``: the engine takes that for the wish of a person and leaves the container away.
        """
        pid = self.containers(service)[index]["State"]["Pid"]
        image = f"giatja-ops:{VERSION}"
        docker(
            "run", "--rm", "--pid=host", "--network=none", "--user=0", "--entrypoint=sh", image, "-c", f"kill -9 {pid}"
        )

    def giatja(self, *arguments: str, typed: str | None = None) -> str:
        """Run a command of ``giatja`` as the documentation for operators says."""
        return self.compose("run", "--rm", "--no-deps", "-T", "ops", *arguments, typed=typed)

    def ask_inside(self, service: str, path: str, *, token: str = "", index: int = 1) -> tuple[int, str]:
        """Ask a web service in its own container, past the edge."""
        script = (
            "import sys, urllib.request as u\n"
            "r = u.Request('http://127.0.0.1:8000' + sys.argv[1], headers={'Authorization': 'Bearer ' + sys.argv[2]})\n"
            "try: a = u.urlopen(r, timeout=10)\n"
            "except u.HTTPError as e: a = e\n"
            "print(a.status, a.read().decode())"
        )
        printed = self.compose("exec", "-T", f"--index={index}", service, "python", "-c", script, path, token)
        status, _, body = printed.partition(" ")
        return int(status), body

    def sql(self, service: str, question: str) -> str:
        """Ask PostgreSQL something about a service's database, as its superuser."""
        return self.compose(
            "exec", "-T", "postgres", "psql", "-U", "postgres", "-h", "/var/run/postgresql", "-d", f"giatja_{service}",
            "-At", "-c", question,
        ).strip()  # fmt: skip

    # -- as a caller

    @property
    def authority(self) -> Path:
        """The certificate of the edge's own authority, which people trust once."""
        file = self.folder / "root.crt"
        if not file.exists():
            root = "/var/lib/caddy/caddy/pki/authorities/local/root.crt"
            file.write_text(self.compose("exec", "-T", "edge", "cat", root))
        return file

    @property
    def keys(self) -> TestKeys:
        """The keys of this deployment, for making tokens."""
        secrets = self.folder / "secrets"
        private = {issuer: (secrets / f"signing_key_{issuer}").read_text() for issuer in ISSUERS}
        return TestKeys(private=private, trusted_keys_file=secrets / "trusted_keys.json")

    def story(self, *, suffix: str) -> Story:
        """Return this system as the main story meets it; its people are made by an operator's command."""

        def add_person(username: str, role: str, lapas: str) -> None:
            who = ("--username", username, "--name", f"Uji {username}", "--role", role, "--lapas", lapas)
            self.giatja("person", "add", *who, "--password-stdin", typed=f"{PASSWORD}\n")

        return Story(self.https, add_person, verify=str(self.authority), suffix=suffix)

    def session(self, token: str = "") -> requests.Session:
        """Return an HTTPS session that trusts the edge's authority and nothing else."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.authority)
        if token:
            session.headers["Authorization"] = f"Bearer {token}"
        return session


@dataclass
class Load:
    """What callers saw while something was done to the system."""

    answers: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)


@contextmanager
def load(acts: list[Callable[[], requests.Response]], *, pause: float = 0.02) -> Iterator[Load]:
    """Let one caller per act repeat it until the block ends, and note what each saw."""
    seen, lock, over = Load(), threading.Lock(), threading.Event()

    def caller(act: Callable[[], requests.Response]) -> None:
        while not over.wait(pause):
            began = time.monotonic()
            try:
                answer = act()
                problem = "" if answer.status_code < 400 else f"{answer.status_code} {answer.text[:200]}"
            except requests.RequestException as error:
                problem = f"{type(error).__name__}: {error}"[:300]
            with lock:
                seen.answers += 1
                seen.slowest = max(seen.slowest, time.monotonic() - began)
                if problem:
                    seen.failures.append(f"{time.strftime('%H:%M:%S')} {problem}")

    threads = [threading.Thread(target=caller, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def docker(*arguments: str) -> str:
    """Run a command of the engine and return what it printed."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=120).stdout


def seconds_until(holds: Callable[[], bool], *, within: float, every: float = 0.25) -> float:
    """Return after how many seconds something held.

    :raises AssertionError: it did not.
    """
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within:
            raise AssertionError(f"did not hold within {within:.0f} s")
        time.sleep(every)
    return time.monotonic() - began


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
