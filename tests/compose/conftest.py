"""The composed system, built and started once for all of these tests."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.composed import Composed
from tests.story import Story


@pytest.fixture(scope="session")
def engine() -> None:
    """Require a Docker engine and Compose; without them nothing here can be shown."""
    if not shutil.which("docker"):
        pytest.fail("There is no Docker here: install it, or leave `make compose-test` out.", pytrace=False)
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.fail(f"{' '.join(command)}: {done.stderr.strip()}", pytrace=False)


@pytest.fixture(scope="session")
def built(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Composed:
    """Build the images; returns the system that is yet to be started."""
    system = Composed(f"giatja-test-{os.getpid()}", tmp_path_factory.mktemp("whole"))
    system.build()
    return system


@pytest.fixture(scope="session")
def system(built: Composed) -> Iterator[Composed]:
    """Start everything, as the README says."""
    try:
        built.up()
        yield built
    finally:
        built.down()


@pytest.fixture(scope="session")
def story(system: Composed) -> Story:
    """Return the composed system as the story meets it, with one Lapas and its people."""
    told = system.story(suffix=" compose")
    told.open_lapas()
    return told


@pytest.fixture
def another(built: Composed, tmp_path: Path) -> Iterator[Composed]:
    """Give a second system, empty, from the same images."""
    system = Composed(f"{built.project}-b", tmp_path)
    try:
        yield system
    finally:
        system.down()
