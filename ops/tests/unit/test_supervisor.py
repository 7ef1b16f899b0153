"""The supervisor, with small real processes: order, death, restart, and an end without leftovers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from giatja_ops import supervisor as subject
from giatja_ops.supervisor import Keeper, Process, Spec, StartFailed, Supervisor

SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('up', 'w'); time.sleep(600)"
PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); open('up', 'w'); time.sleep(600)"


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


class Stage:
    """A supervisor in a folder, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.keeper = Keeper()
        self.supervisor = Supervisor(self.keeper, folder, self.said.append)

    def add(self, name: str, code: str, *, ready: Callable[[], bool] = lambda: True, within: float = 10.0) -> Process:
        return self.supervisor.add(
            Spec(
                name=name,
                label=name,
                command=[sys.executable, "-c", code],
                environment=dict(os.environ),
                folder=self.folder,
                ready=ready,
                ready_within=within,
            )
        )

    def start(self, *names: str) -> list[str]:
        order: list[str] = []
        self.supervisor.start(names, stopping=threading.Event(), ready=lambda process, _: order.append(process.name))
        return order


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.supervisor.stop()
    stage.keeper.close()


class TestStart:
    def test_waits_until_each_is_ready(self, stage: Stage) -> None:
        stage.add("late", "import time; time.sleep(0.6); open('up', 'w'); time.sleep(600)",
                  ready=(stage.folder / "up").exists)  # fmt: skip
        stage.add("early", SLEEP)
        assert stage.start("late", "early") == ["early", "late"]

    def test_shows_the_end_of_the_log_of_one_that_fails(self, stage: Stage) -> None:
        stage.add("broken", "raise SystemExit('no such setting: GIATJA_X')", ready=lambda: False)
        with pytest.raises(StartFailed, match=r"(?s)broken ended with code 1 .*no such setting: GIATJA_X"):
            stage.start("broken")

    def test_gives_up_on_one_that_never_becomes_ready(self, stage: Stage) -> None:
        stage.add("mute", SLEEP, ready=lambda: False, within=0.3)
        with pytest.raises(StartFailed, match="mute is not ready after"):
            stage.start("mute")

    def test_can_be_interrupted(self, stage: Stage) -> None:
        stage.add("mute", SLEEP, ready=lambda: False)
        stopping = threading.Event()
        threading.Timer(0.2, stopping.set).start()
        with pytest.raises(subject.Interrupted):
            stage.supervisor.start(["mute"], stopping=stopping, ready=lambda *_: None)

    def test_names_what_there_is_when_asked_for_another(self, stage: Stage) -> None:
        stage.add("one", SLEEP)
        with pytest.raises(LookupError, match="no process 'two'; there are one"):
            stage.supervisor.get("two")


class TestWatch:
    def test_starts_again_what_was_killed(self, stage: Stage) -> None:
        process = stage.add("victim", SLEEP)
        stage.start("victim")
        stage.supervisor.watch()
        first = process.pid
        process.kill()
        assert until(lambda: process.running and process.pid != first)
        process.wait_ready()
        assert process.restarts == 1
        assert "victim was ended by SIGKILL" in stage.said[0]

    def test_waits_longer_each_time_that_one_dies_young(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subject, "DELAYS", (0.1, 0.3, 0.9, 30.0))
        stage.add("brittle", "import time; time.sleep(0.2)")
        stage.start("brittle")
        stage.supervisor.watch()
        assert until(lambda: len(stage.said) == 3)
        assert [text.partition(" in ")[2].split()[0] for text in stage.said] == ["0.3", "0.9", "30.0"]

    def test_leaves_alone_what_was_stopped(self, stage: Stage) -> None:
        process = stage.add("one", SLEEP)
        stage.start("one")
        stage.supervisor.watch()
        process.stop()
        time.sleep(0.5)
        assert not process.running
        assert stage.said == []

    def test_adds_an_environment_for_one_life_only(self, stage: Stage) -> None:
        process = stage.add("echo", "import os, time; print(os.environ.get('ONCE'), flush=True); time.sleep(600)")
        process.start({"ONCE": "yes"})
        assert until(lambda: process.log.read_text() == "yes\n")
        process.stop()
        process.start()
        assert until(lambda: process.log.read_text() == "yes\nNone\n")


class TestStop:
    def test_ends_one_that_does_not_listen(self, stage: Stage) -> None:
        process = stage.add("deaf", DEAF, ready=(stage.folder / "up").exists)
        stage.start("deaf")
        pid = process.pid
        process.stop(grace=0.5)
        assert gone(pid)

    def test_ends_a_frozen_one(self, stage: Stage) -> None:
        process = stage.add("frozen", SLEEP)
        stage.start("frozen")
        process.kill(signal.SIGSTOP)
        began = time.monotonic()
        process.stop()
        assert time.monotonic() - began < 2

    def test_ends_the_children_too(self, stage: Stage) -> None:
        process = stage.add("parent", PARENT, ready=(stage.folder / "up").exists)
        stage.start("parent")
        child = psutil.Process(process.pid).children()[0]
        process.stop()
        assert until(lambda: gone(child.pid), 2)


class TestKeeper:
    def test_stops_everything_when_the_supervisor_is_killed(self, tmp_path: Path) -> None:
        program = f"""
import sys, threading, time
sys.path[:0] = {sys.path!r}
from pathlib import Path
from giatja_ops.supervisor import Keeper, Spec, Supervisor
keeper = Keeper()
supervisor = Supervisor(keeper, Path({str(tmp_path)!r}), print)
for name, code in (("plain", {SLEEP!r}), ("deaf", {DEAF!r}), ("parent", {PARENT!r})):
    folder = Path({str(tmp_path)!r}) / name
    folder.mkdir()
    supervisor.add(Spec(name=name, label=name, command=[sys.executable, "-c", code], environment={{}}, folder=folder,
        ready=lambda folder=folder, name=name: name == "plain" or (folder / "up").exists()))
supervisor.start(["plain", "deaf", "parent"], stopping=threading.Event(), ready=lambda *_: None)
print("up", flush=True)
time.sleep(600)
"""
        leader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        assert leader.stdout is not None
        assert leader.stdout.readline() == "up\n"
        family = [process.pid for process in psutil.Process(leader.pid).children(recursive=True)]
        assert len(family) == 5
        leader.kill()
        leader.wait()
        leader.stdout.close()
        assert until(lambda: all(map(gone, family)), 10), [psutil.Process(pid) for pid in family if not gone(pid)]

    def test_is_started_again_when_it_is_killed(self, stage: Stage) -> None:
        process = stage.add("one", SLEEP)
        stage.start("one")
        stage.supervisor.watch()
        first = stage.keeper.pid
        os.kill(first, signal.SIGKILL)
        assert until(lambda: stage.keeper.pid != first)
        assert process.running


class TestLog:
    def test_is_cut_and_kept_aside_when_it_grows(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subject, "LOG_LIMIT", 1000)
        process = stage.add(
            "chatty", "import time\nfor n in range(600): print('line', n, flush=True); time.sleep(0.005)"
        )
        process.start()
        assert until(lambda: process.log.stat().st_size > 1000)
        process.rotate_log()
        assert process.log.stat().st_size < 1000
        assert process.log.with_name("chatty.log.1").read_text().startswith("line 0\n")
        assert until(lambda: process.log.stat().st_size > 1000), "it goes on writing into the shortened file"
        assert "\0" not in process.log.read_text()
        process.rotate_log()
        assert process.log.with_name("chatty.log.2").read_text().startswith("line 0\n")
