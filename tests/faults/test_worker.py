"""A worker that looks alive and hears nothing ends itself, and waits patiently where there is no broker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from giatja_ops.local import LocalSystem

# A worker of the training service whose consumer was never started: as deaf as one that hangs.
DEAF = """
import time
from giatja_kit import worker
from giatja_training.bootstrap import make_service

worker.SILENT_SECONDS = 0.2
deaf = worker.Worker(make_service())
time.sleep(0.5)
deaf._canary()
print("goes on")
"""


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[LocalSystem]:
    with LocalSystem(tmp_path, processes=("postgres", "valkey"), durable=False) as system:
        yield system


def run_deaf(system: LocalSystem, beat: Path) -> subprocess.CompletedProcess[str]:
    settings = {**system.settings_env("training"), "GIATJA_HEARTBEAT_FILE": str(beat)}
    return subprocess.run(
        [sys.executable, "-c", DEAF], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )


class TestDeafWorker:
    def test_ends_itself_while_the_broker_answers(self, parts: LocalSystem, tmp_path: Path) -> None:
        done = run_deaf(parts, tmp_path / "beat")
        assert done.returncode == 70, done.stderr
        assert "goes on" not in done.stdout

    def test_goes_on_while_there_is_no_broker(self, parts: LocalSystem, tmp_path: Path) -> None:
        parts.stop_process("valkey")
        done = run_deaf(parts, tmp_path / "beat")
        assert done.returncode == 0, done.stderr
        assert "goes on" in done.stdout


class TestHealth:
    @pytest.mark.parametrize(("age", "code"), [(0, 0), (120, 1), (None, 1)])
    def test_is_what_the_heartbeat_says(self, tmp_path: Path, age: int | None, code: int) -> None:
        beat = tmp_path / "beat"
        if age is not None:
            beat.touch()
            os.utime(beat, (beat.stat().st_mtime - age,) * 2)
        done = subprocess.run(
            [sys.executable, "-m", "giatja_kit.health"],
            env={**os.environ, "GIATJA_HEARTBEAT_FILE": str(beat)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code
