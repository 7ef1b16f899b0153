"""All processes, on free ports, for the tests of the whole."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from giatja_ops.local import LocalSystem
from tests.story import PASSWORD, Story


def person_adder(system: LocalSystem) -> "AddPerson":
    """Return what adds a person to a system: `giatja person add`."""
    return AddPerson(system)


class AddPerson:
    """Makes people with the command an operator would use."""

    def __init__(self, system: LocalSystem) -> None:
        self._system = system

    def __call__(self, username: str, role: str, lapas: str) -> None:
        command = [
            sys.executable,
            "-m",
            "giatja_ops",
            "person",
            "add",
            "--username",
            username,
            "--name",
            f"Uji {username}",
        ]
        subprocess.run(
            [*command, "--role", role, "--lapas", lapas, "--password-stdin"],
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            capture_output=True,
            env={**os.environ, **self._system.settings_env("ops")},
        )


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start every process once."""
    with LocalSystem(tmp_path_factory.mktemp("whole"), durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def story(system: LocalSystem) -> Story:
    """Return the deployment as the story meets it."""
    return Story(system.public_url, person_adder(system), suffix=" e2e")
