"""`giatja up` in a terminal of its own: every way in which it may end."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from giatja_ops.local import LocalSystem, running_state
from giatja_ops.up import reset


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Terminal:
    """A pseudo terminal with `giatja up` in its foreground."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Only to learn ports that are free; it is never started.
        self.plan = LocalSystem(folder)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ |= {"GIATJA_PORT": str(self.plan.port), "GIATJA_PORT_BASE": str(self.plan.port_base)}
            only = [word for name in ("postgres", "valkey", "edge") for word in ("--only", name)]
            os.execv(sys.executable, [sys.executable, "-m", "giatja_ops", "up", *only])
        self.text = ""

    def read_until(self, words: str) -> None:
        while words not in self.text:
            try:
                self.text += os.read(self.master, 4096).decode()
            except OSError:
                pytest.fail(f"ended without {words!r}:\n{self.text}")

    def family(self) -> list[int]:
        return [self.pid, *(process.pid for process in psutil.Process(self.pid).children(recursive=True))]

    def reap(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.read_until("Ctrl-C stops it")
    return terminal


class TestUp:
    def test_stops_everything_at_ctrl_c(self, terminal: Terminal) -> None:
        assert f"http://localhost:{terminal.plan.port}" in terminal.text
        family = terminal.family()
        assert len(family) >= 7
        began = time.monotonic()
        # What the key does: the terminal sends SIGINT to its whole foreground group.
        os.write(terminal.master, b"\x03")
        terminal.read_until("Stopped after")
        assert terminal.reap() == 0
        assert time.monotonic() - began < 10
        assert all(map(gone, family))

    def test_stops_everything_when_the_terminal_is_closed(self, terminal: Terminal) -> None:
        family = terminal.family()
        os.close(terminal.master)
        terminal.reap()
        assert until(lambda: all(map(gone, family)), 10)

    def test_leaves_no_orphan_when_it_is_killed_and_starts_again(self, terminal: Terminal) -> None:
        family = terminal.family()
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.reap()
        again = LocalSystem(
            terminal.folder, terminal.plan.port_base, processes=("postgres", "valkey", "edge"), durable=False
        )
        with again:
            assert all(map(gone, family)), "it waited until the former one's processes were gone"
        os.close(terminal.master)

    def test_says_in_a_second_terminal_that_it_runs_already(self, terminal: Terminal) -> None:
        second = subprocess.run(
            [sys.executable, "-m", "giatja_ops", "up"], cwd=terminal.folder, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert f"already runs here at http://localhost:{terminal.plan.port}" in second.stderr
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.read_until("Stopped after")
        assert terminal.reap() == 0

    def test_refuses_a_port_that_is_none(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "giatja_ops", "up"],
            cwd=tmp_path, env={**os.environ, "GIATJA_PORT": "80a"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert "GIATJA_PORT='80a' is not a port" in done.stderr


class TestReset:
    def test_asks_and_keeps_everything_at_a_no(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "var" / "postgres").mkdir(parents=True)
        answer = CliRunner().invoke(reset, input="n\n")
        assert answer.exit_code == 1
        assert "Really delete it?" in answer.output
        assert (tmp_path / "var" / "postgres").exists()

    def test_clears_at_a_yes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "var" / "postgres").mkdir(parents=True)
        assert CliRunner().invoke(reset, input="y\n").exit_code == 0
        assert not (tmp_path / "var").exists()

    def test_refuses_while_it_runs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with LocalSystem(tmp_path, processes=("valkey",)):
            answer = CliRunner().invoke(reset, ["--yes"])
            assert answer.exit_code == 1
            assert "stop it first" in answer.output
            assert running_state(tmp_path) is not None
