"""The newest revision is known without Alembic, and Alembic agrees."""

import pytest

from giatja_kit import migrations, schema_state
from giatja_ops.names import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_newest_revision_is_the_one_head_alembic_knows(service: str) -> None:
    assert schema_state.newest(f"giatja_{service}") == migrations.head(f"giatja_{service}")
