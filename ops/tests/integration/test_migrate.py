"""Roles and databases: each service in its own, and in no other."""

from collections.abc import Callable

import psycopg
import pytest

from giatja_ops.local import LocalSystem
from giatja_ops.migrate import SecretMissing, Server, make_databases, read_passwords
from giatja_ops.names import SERVICES, app_role, database, owner_role

Connect = Callable[[str, str], psycopg.Connection]


@pytest.fixture(scope="module")
def passwords(stores: LocalSystem) -> dict[str, str]:
    environment = stores.settings_env("migrate")
    passwords = read_passwords(environment, SERVICES)
    server = Server.read(environment)
    make_databases(server, SERVICES, passwords)
    make_databases(server, SERVICES, passwords)
    return passwords


@pytest.fixture
def connect_as(stores: LocalSystem, passwords: dict[str, str]) -> Connect:
    def connect(role: str, name: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=stores.port_of("postgres"), user=role, password=passwords[role], dbname=name,
            autocommit=True,
        )  # fmt: skip

    return connect


class TestMakeDatabases:
    @pytest.mark.parametrize("service", SERVICES)
    def test_lets_a_service_into_its_own_database_only(self, connect_as: Connect, service: str) -> None:
        connect_as(app_role(service), database(service)).close()
        others = [database(other) for other in SERVICES if other != service]
        for name in (*others, "postgres", "template1"):
            for role in (app_role(service), owner_role(service)):
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    connect_as(role, name)

    @pytest.mark.parametrize("service", SERVICES)
    def test_gives_the_service_no_power_over_the_schema(self, connect_as: Connect, service: str) -> None:
        with connect_as(app_role(service), database(service)) as app:
            for act in ("CREATE TABLE mine (a int)", "CREATE TEMP TABLE mine (a int)", "CREATE SCHEMA mine"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(act)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"SET ROLE {owner_role(service)}")

    def test_makes_roles_that_row_level_security_binds(self, connect_as: Connect) -> None:
        with connect_as(app_role("orders"), database("orders")) as app:
            rows = app.execute(
                "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles"
                " WHERE rolname LIKE 'giatja%'"
            ).fetchall()
        assert len(rows) == 2 * len(SERVICES)
        assert not any(any(row[1:]) for row in rows), rows

    def test_limits_how_long_a_request_may_hold_things(self, connect_as: Connect) -> None:
        with connect_as(app_role("training"), database("training")) as app:
            for setting, value in (
                ("statement_timeout", "10s"),
                ("lock_timeout", "3s"),
                ("idle_in_transaction_session_timeout", "15s"),
                ("TimeZone", "UTC"),
            ):
                assert app.execute("SELECT current_setting(%s)", [setting]).fetchone() == (value,)

    def test_lets_the_owner_make_tables(self, connect_as: Connect) -> None:
        with connect_as(owner_role("orders"), database("orders")) as owner:
            owner.execute("CREATE TABLE made (a int)")
            owner.execute("DROP TABLE made")


class TestSecrets:
    def test_names_the_setting_that_is_missing(self, stores: LocalSystem) -> None:
        environment = stores.settings_env("migrate") | {"GIATJA_SECRETS_DIR": str(stores.secrets / "orders")}
        with pytest.raises(SecretMissing, match="GIATJA_DATABASE_SUPERUSER_PASSWORD is missing"):
            Server.read(environment)

    def test_takes_the_environment_before_the_file(self, stores: LocalSystem) -> None:
        environment = stores.settings_env("migrate") | {"GIATJA_APP_PASSWORD_ORDERS": "given"}
        assert read_passwords(environment, ("orders",))[app_role("orders")] == "given"

    def test_refuses_a_wrong_password_at_once(self, stores: LocalSystem) -> None:
        environment = stores.settings_env("migrate") | {"GIATJA_DATABASE_SUPERUSER_PASSWORD": "wrong"}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            Server.read(environment).wait(lambda _: None)
