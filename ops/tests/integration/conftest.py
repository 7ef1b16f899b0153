"""What the tests of ops share: a folder of its own for each system."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from giatja_ops.local import LocalSystem


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """PostgreSQL and Valkey, running."""
    with LocalSystem(tmp_path_factory.mktemp("stores"), processes=("postgres", "valkey"), durable=False) as system:
        yield system


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which nothing runs yet."""
    return tmp_path
