"""Starts processes in order, waits until each is ready, restarts what dies, and stops all of them.

Every process leads a session of its own: a Ctrl-C in the terminal reaches the supervisor alone, and
what a process leaves behind can be ended as one group. `keeper.py` does the stopping where the
supervisor itself is killed.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

State = Literal["stopped", "starting", "ready", "waiting"]

LOG_LIMIT = 10 * 1024 * 1024
LOGS_KEPT = 3
# A process that lived this long starts its next life without the delay of the former ones.
SETTLED = 30.0
DELAYS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class StartFailed(Exception):
    """A process could not be started, or did not become ready."""


class Interrupted(Exception):
    """Somebody asked to stop while things were still starting."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What one process is: how to start it, to see that it is ready, and to stop it.

    ``tier`` 0 are the stores, 1 those that use them and so stop first. ``user`` is a user id to become.
    ``why`` tells what it is waiting for while it is not ready.
    Before each life the files of ``forget`` are removed and the folder ``scratch`` is emptied.
    """

    name: str
    label: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    ready: Callable[[], bool]
    why: Callable[[], str] = lambda: ""
    ready_within: float = 60.0
    tier: Literal[0, 1] = 1
    stop_signal: signal.Signals = signal.SIGTERM
    user: int | None = None
    forget: Sequence[Path] = ()
    scratch: Path | None = None
    port: int | None = None


class Keeper:
    """The process that stops the others if this one is killed."""

    def __init__(self, lock: int | None = None) -> None:
        """Start it; while it lives it holds the lock too, so that nobody starts beside a stopping system."""
        self._lock_file = lock
        self._guard = threading.Lock()
        self._known: dict[int, str] = {}
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            pass_fds=() if self._lock_file is None else (self._lock_file,),
        )

    def add(self, pid: int, tier: int, stop_signal: int) -> None:
        """Tell it of a process."""
        with self._guard:
            self._known[pid] = f"add {pid} {tier} {int(stop_signal)}"
            self._tell(self._known[pid])

    def drop(self, pid: int) -> None:
        """Tell it that a process is gone."""
        with self._guard:
            if self._known.pop(pid, None):
                self._tell(f"drop {pid}")

    def check(self) -> None:
        """Start it anew if somebody killed it."""
        with self._guard:
            if self._process.poll() is not None:
                self._renew()

    def close(self) -> None:
        """Let it go, with nothing left to stop."""
        with self._guard:
            with contextlib.suppress(OSError):
                self._write("farewell")
            with contextlib.suppress(OSError):
                self._stdin.close()
            self._process.wait()

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def _stdin(self) -> IO[str]:
        if self._process.stdin is None:
            raise RuntimeError("the keeper was started without a pipe")
        return self._process.stdin

    def _write(self, line: str) -> None:
        self._stdin.write(line + "\n")
        self._stdin.flush()

    def _tell(self, line: str) -> None:
        try:
            self._write(line)
        except OSError:
            self._renew()

    def _renew(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._process.wait()
        self._process = self._start()
        for line in self._known.values():
            self._write(line)


@dataclass(kw_only=True)
class Process:
    """One process under supervision, through all its lives."""

    spec: Spec
    log: Path
    keeper: Keeper
    state: State = "stopped"
    restarts: int = 0
    watched: bool = False
    _child: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _next_start: float = 0.0
    _quick_deaths: int = 0
    _guard: threading.RLock = field(default_factory=threading.RLock)

    @property
    def name(self) -> str:
        """Return its name."""
        return self.spec.name

    @property
    def pid(self) -> int:
        """Return the id of the process that runs now.

        :raises ProcessLookupError: when none does.
        """
        child = self._child
        if child is None or child.poll() is not None:
            raise ProcessLookupError(f"{self.name} is not running")
        return child.pid

    @property
    def running(self) -> bool:
        """Tell whether it runs now."""
        return self._child is not None and self._child.poll() is None

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it; ``environment`` is added for this one life only."""
        with self._guard:
            if self.running:
                return
            self._bury()
            for path in self.spec.forget:
                path.unlink(missing_ok=True)
            if self.spec.scratch is not None:
                shutil.rmtree(self.spec.scratch, ignore_errors=True)
                self.spec.scratch.mkdir(parents=True)
            # As another user it could not open a log that belongs to this one.
            with self.log.open("ab") as log:
                try:
                    self._child = subprocess.Popen(
                        list(self.spec.command),
                        cwd=self.spec.folder,
                        env={**self.spec.environment, **(environment or {})},
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        user=self.spec.user,
                        group=None if self.spec.user is None else _group_of(self.spec.user),
                        extra_groups=None if self.spec.user is None else [],
                    )
                except OSError as error:
                    raise StartFailed(f"{self.spec.label} cannot be started: {error}") from error
            self.keeper.add(self._child.pid, self.spec.tier, self.spec.stop_signal)
            self._started = time.monotonic()
            self.state = "starting"

    def check_ready(self) -> bool:
        """Tell whether it has become ready in its present life.

        :raises StartFailed: when it ended instead and nobody will start it again, or takes too long.
        """
        if not self.running:
            if self.watched and self.state != "stopped":
                return False
            code = None if self._child is None else self._child.returncode
            raise StartFailed(f"{self.spec.label} {_ending(code)} while starting.\n{self.log_end()}")
        if self.state == "ready":
            return True
        if self.spec.ready():
            self.state = "ready"
            return True
        if time.monotonic() - self._started > self.spec.ready_within:
            raise self._too_late()
        return False

    def wait_ready(self) -> None:
        """Wait until it is ready, through restarts if it is watched over.

        :raises StartFailed: as in :meth:`check_ready`.
        """
        end = time.monotonic() + self.spec.ready_within
        while not self.check_ready():
            if time.monotonic() > end:
                raise self._too_late()
            time.sleep(0.05)

    def _too_late(self) -> StartFailed:
        why = self.spec.why()
        return StartFailed(
            f"{self.spec.label} is not ready after {self.spec.ready_within:.0f} s.{why and ' It says: ' + why}\n"
            f"{self.log_end()}"
        )

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process (not to its children); after SIGKILL it is gone when this returns."""
        os.kill(self.pid, number)
        if number == signal.SIGKILL and self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(5)

    def ask_to_stop(self) -> None:
        """Want it no more, and ask it to end."""
        with self._guard:
            self.state = "stopped"
            if self._child is not None and self.running:
                self._child.send_signal(self.spec.stop_signal)
                self._child.send_signal(signal.SIGCONT)

    def wait_stopped(self, until: float) -> None:
        """Wait for its end until a moment of the monotonic clock, then end it and its children by force."""
        with self._guard:
            if self._child is not None:
                try:
                    self._child.wait(max(0.0, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    if self.spec.tier == 0:
                        self._child.send_signal(signal.SIGQUIT)
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            self._child.wait(0.5)
                self._bury()

    def stop(self, grace: float = 6.0) -> None:
        """Stop it and wait for its end."""
        self.ask_to_stop()
        self.wait_stopped(time.monotonic() + grace)

    def restart(self) -> None:
        """Stop it, start it again and wait until it is ready."""
        self.stop()
        self.start()
        self.wait_ready()

    def revive(self, say: Callable[[str], None]) -> None:
        """Start it again if it died though it is wanted, later each time that it dies young."""
        # Whoever stops or starts it just now holds the guard; the others must not wait for that.
        if not self._guard.acquire(blocking=False):
            return
        try:
            if self.state == "stopped" or self.running:
                return
            now = time.monotonic()
            if self.state != "waiting":
                code = None if self._child is None else self._child.returncode
                self._bury()
                delay = self._delay(now)
                self._next_start = now + delay
                self.state = "waiting"
                say(f"{self.spec.label} {_ending(code)}; starting it again in {delay:.1f} s (its log: {self.log})")
            if now >= self._next_start:
                self.restarts += 1
                with contextlib.suppress(StartFailed):
                    self.start()
        finally:
            self._guard.release()

    def _delay(self, now: float) -> float:
        self._quick_deaths = 0 if now - self._started > SETTLED else self._quick_deaths + 1
        return DELAYS[min(self._quick_deaths, len(DELAYS) - 1)]

    def rotate_log(self) -> None:
        """Keep the log small: copy it away and begin anew.

        The process holds the file open for appending, so cutting it is what it cannot notice; a line
        written between the copy and the cut is lost, which a development log can bear.
        """
        if not self.log.exists() or self.log.stat().st_size < LOG_LIMIT:
            return
        for number in range(LOGS_KEPT - 1, 0, -1):
            older = self.log.with_name(f"{self.log.name}.{number}")
            if older.exists():
                older.replace(self.log.with_name(f"{self.log.name}.{number + 1}"))
        self.log.with_name(f"{self.log.name}.1").write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)

    def log_end(self, lines: int = 15) -> str:
        """Return the last lines of its log, with the path."""
        text = self.log.read_text(errors="replace").splitlines()[-lines:] if self.log.exists() else []
        return "\n".join([f"  The end of {self.log}:", *(f"    {line}" for line in text)])

    def _bury(self) -> None:
        """End what the former life left in its group, and forget it."""
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self.keeper.drop(self._child.pid)


class Supervisor:
    """Keeps a set of processes running."""

    def __init__(self, keeper: Keeper, logs: Path, say: Callable[[str], None]) -> None:
        """Begin with none; ``say`` is told of deaths and restarts."""
        self._keeper = keeper
        self._logs = logs
        self._say = say
        self._processes: dict[str, Process] = {}
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._watch_over, name="supervisor", daemon=True)

    def add(self, spec: Spec) -> Process:
        """Take in a process, not yet started."""
        process = Process(spec=spec, log=self._logs / f"{spec.name}.log", keeper=self._keeper)
        process.watched = self._watch.is_alive()
        self._processes[spec.name] = process
        return process

    def get(self, name: str) -> Process:
        """Return a process by its name.

        :raises LookupError: when there is none, naming those there are.
        """
        try:
            return self._processes[name]
        except KeyError:
            raise LookupError(f"no process {name!r}; there are {', '.join(self._processes)}") from None

    @property
    def processes(self) -> list[Process]:
        """Return all, in the order in which they were taken in."""
        return list(self._processes.values())

    def start(
        self,
        names: Iterable[str],
        *,
        stopping: threading.Event,
        ready: Callable[[Process, float], None],
        awaiting: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start processes together and wait until all are ready, telling of each.

        :param awaiting: is told again and again whom it waits for.
        :raises StartFailed: when one does not become ready.
        :raises Interrupted: when ``stopping`` was set meanwhile.
        """
        began = time.monotonic()
        pending = [self.get(name) for name in names]
        for process in pending:
            process.start()
        while pending:
            if stopping.wait(0.05):
                raise Interrupted
            for process in list(pending):
                if process.check_ready():
                    pending.remove(process)
                    ready(process, time.monotonic() - began)
            awaiting(", ".join(process.spec.label for process in pending))

    def watch(self) -> None:
        """Begin to restart what dies."""
        for process in self.processes:
            process.watched = True
        self._watch.start()

    def stop(self) -> None:
        """Stop everything: those that use the stores first, the stores after them."""
        self._ending.set()
        if self._watch.is_alive():
            self._watch.join()
        for tier, grace in ((1, 5.0), (0, 3.0)):
            ours = [process for process in self.processes if process.spec.tier == tier]
            for process in ours:
                process.ask_to_stop()
            until = time.monotonic() + grace
            for process in ours:
                process.wait_stopped(until)

    def _watch_over(self) -> None:
        round_ = 0
        while not self._ending.wait(0.1):
            self._keeper.check()
            for process in self.processes:
                process.revive(self._say)
                if process.state == "starting":
                    with contextlib.suppress(StartFailed):
                        process.check_ready()
                if round_ % 300 == 0:
                    process.rotate_log()
            round_ += 1


def run_once(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    keeper: Keeper,
    stopping: threading.Event,
    awaiting: Callable[[], None] = lambda: None,
) -> int:
    """Run a command to its end, its output into a log, and return its exit code.

    :param awaiting: is called again and again meanwhile.
    :raises Interrupted: when ``stopping`` was set meanwhile; the command is ended then.
    """
    with log.open("ab") as file:
        child = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    keeper.add(child.pid, 1, signal.SIGTERM)
    try:
        while child.poll() is None:
            if stopping.wait(0.05):
                raise Interrupted
            awaiting()
        return child.returncode
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        keeper.drop(child.pid)


def _group_of(user: int) -> int:
    import pwd

    return pwd.getpwuid(user).pw_gid


def _ending(code: int | None) -> str:
    if code is None:
        return "is not running"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
