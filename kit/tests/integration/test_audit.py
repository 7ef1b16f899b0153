"""The audit trail cannot be edited unnoticed."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from giatja_kit import audit, clock
from giatja_kit.database import Database


@pytest.fixture
def trail(make_database: Callable[[str], Database]) -> Database:
    database = make_database("trail")
    for n in range(5):
        with database.transaction(at=clock.now()) as store:
            store.audit("orders.accept", f"order-{n}", lapas_id="PKL", reason="sesuai")
    with database.transaction(at=clock.now()) as store:
        assert audit.seal(store) == 5
    return database


def verdict(database: Database) -> audit.Verdict:
    with database.transaction(at=clock.now()) as store:
        return audit.verify(store)


class TestTrail:
    def test_is_whole_while_nobody_touches_it(self, trail: Database) -> None:
        with trail.transaction(at=clock.now()) as store:
            store.audit("orders.hold", "order-9", lapas_id="PKL")
        found = verdict(trail)
        assert (found.whole, found.checked, found.unsealed) == (True, 5, 1)

    @pytest.mark.parametrize(
        "sql", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "DELETE FROM audit_seal"]
    )
    def test_refuses_the_service_itself(self, trail: Database, sql: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), trail.transaction(at=clock.now()) as store:
            store.run(sql)

    @pytest.mark.parametrize(
        ("sql", "reason"),
        [
            ("UPDATE audit_log SET actor = 'kalapas:1' WHERE subject = 'order-2'", "the entry was changed"),
            ("DELETE FROM audit_seal WHERE position = 3", "a seal is missing"),
        ],
    )
    def test_shows_where_an_owner_changed_it(self, trail: Database, real_parts: object, sql: str, reason: str) -> None:
        owner = real_parts.owner_url("orders").rsplit("/", 1)[0] + "/" + trail.engine.url.database  # type: ignore[attr-defined]
        with psycopg.connect(owner) as connection:
            connection.execute("SELECT set_config('giatja.lapas', '*', false)")
            connection.execute(sql)
        found = verdict(trail)
        assert not found.whole
        assert (found.broken_at in (3, 4), found.reason) == (True, reason)
