"""What every table has, asked of the real databases."""

import psycopg
import pytest

from giatja_kit import migrations
from giatja_ops.pytest_plugin import RealParts

SERVICES = ("orders", "production", "training", "gateway")
TABLES = (
    "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
    " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid), pg_get_userbyid(c.relowner)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'alembic_version'"
)


@pytest.mark.parametrize("service", SERVICES)
class TestTables:
    def test_each_has_forced_row_security_and_another_owner(self, real_parts: RealParts, service: str) -> None:
        real_parts.migrate(service)
        with psycopg.connect(real_parts.owner_url(service)) as connection:
            rows = connection.execute(TABLES).fetchall()
        assert len(rows) > 10
        assert [r for r in rows if r[1:] != (True, True, True, f"giatja_{service}")] == []

    def test_a_transaction_without_a_lapas_sees_no_row(self, real_parts: RealParts, service: str) -> None:
        real_parts.migrate(service)
        with psycopg.connect(real_parts.owner_url(service)) as connection:
            for name, *_ in connection.execute(TABLES).fetchall():
                found = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
                assert found == (0,), name

    def test_the_model_and_the_migrations_agree(self, real_parts: RealParts, service: str) -> None:
        from importlib import import_module

        from alembic.autogenerate import compare_metadata
        from alembic.runtime.migration import MigrationContext
        from sqlalchemy import create_engine

        from giatja_kit.schema import KIT_TABLES

        real_parts.migrate(service)
        tables = import_module(f"giatja_{service}.tables")
        tables.map_all()

        def ours(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
            table = getattr(_object, "table", None)
            owner = name if kind == "table" else getattr(table, "name", "")
            return (owner not in KIT_TABLES and not str(owner).startswith("event_log_") and kind == "table") or (
                kind == "column" and owner not in KIT_TABLES
            )

        engine = create_engine(real_parts.owner_url(service).replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": ours})
            assert compare_metadata(context, tables.metadata) == []
        engine.dispose()

    def test_the_history_goes_down_and_up_again(self, real_parts: RealParts, service: str) -> None:
        real_parts.migrate(service)
        url = real_parts.owner_url(service).replace("postgresql://", "postgresql+psycopg://")
        migrations.downgrade(f"giatja_{service}", url, "base")
        with psycopg.connect(real_parts.owner_url(service)) as connection:
            assert connection.execute(TABLES).fetchall() == []
        migrations.upgrade(f"giatja_{service}", url)
        with psycopg.connect(real_parts.owner_url(service)) as connection:
            assert len(connection.execute(TABLES).fetchall()) > 10
