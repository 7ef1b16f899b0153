"""PostgreSQL, Valkey and the edge on this machine: started, found, killed, stopped."""

import json
import os
import socket
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from giatja_ops import local, secrets
from giatja_ops.local import LocalSystem, PortBusy, RunsAlready, StartFailed, running_state

NO_RETRY = Retry(NoBackoff(), 0)


def a_system(folder: Path, *processes: str) -> LocalSystem:
    return LocalSystem(folder, processes=processes or ("postgres", "valkey"), durable=False)


def connect(system: LocalSystem) -> psycopg.Connection:
    password = secrets.read_secret(system.secrets / "stores", "giatja_database_superuser_password")
    return psycopg.connect(
        host="127.0.0.1", port=system.port_of("postgres"), user="postgres", password=password, autocommit=True
    )


def connect_redis(system: LocalSystem) -> redis.Redis:
    password = secrets.read_secret(system.secrets / "stores", "giatja_redis_password")
    return redis.Redis(
        host="127.0.0.1", port=system.port_of("valkey"), password=password, decode_responses=True, retry=NO_RETRY
    )


def family() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}


class TestStart:
    def test_leaves_nothing_running_after_the_stop(self, folder: Path) -> None:
        before = family()
        with a_system(folder, "postgres", "valkey", "edge") as system:
            # PostgreSQL with its backends, Valkey, Caddy and the keeper.
            assert len(family() - before) >= 6
            state = running_state(folder)
            assert state is not None
            assert (state.pid, state.url) == (os.getpid(), system.public_url)
            assert state.ports["postgres"] == system.port_of("postgres")
        assert family() == before
        assert running_state(folder) is None

    def test_keeps_the_data_for_the_next_start(self, folder: Path) -> None:
        with a_system(folder) as system:
            with connect(system) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            with connect_redis(system) as store:
                store.set("kept", "42")
        with a_system(folder) as system:
            with connect(system) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            with connect_redis(system) as store:
                assert store.get("kept") == "42"

    def test_says_that_it_runs_already_and_where(self, folder: Path) -> None:
        with a_system(folder, "valkey") as first:
            with pytest.raises(RunsAlready, match=f"already runs here at {first.public_url} .process {os.getpid()}"):
                a_system(folder, "valkey").start()
            assert first.process("valkey").running

    @pytest.mark.parametrize(
        ("part", "setting"),
        [("edge", "GIATJA_PORT="), ("internal", "GIATJA_PORT_BASE="), ("valkey", "GIATJA_PORT_BASE=")],
    )
    def test_names_a_busy_port_and_the_setting_that_moves_it(self, folder: Path, part: str, setting: str) -> None:
        system = a_system(folder, "valkey", "edge")
        with (
            socket.create_server(("127.0.0.1", system.port_of(part))),
            pytest.raises(PortBusy, match=rf"(?s)Port {system.port_of(part)}.*process {os.getpid()}.*{setting}\d+"),
        ):
            system.start()
        assert running_state(folder) is None

    def test_says_which_module_is_missing(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(local, "SERVICES", ("absent",))
        monkeypatch.setattr(local, "PROCESSES", ("absent",))
        monkeypatch.setitem(local.OFFSETS, "absent", 1)
        system = LocalSystem(folder, processes=("absent",))
        with pytest.raises(StartFailed, match=r"The module giatja_absent\.wsgi does not exist"):
            system.start()
        assert running_state(folder) is None

    def test_knows_the_names_it_is_asked_for(self, folder: Path) -> None:
        with pytest.raises(LookupError, match="no process oders; there are postgres,"):
            a_system(folder, "oders")

    def test_takes_other_ports_than_a_system_beside_it(self, folder: Path) -> None:
        first, second = a_system(folder / "a"), a_system(folder / "b")
        spans = [set(range(system.port_base, system.port_base + 8)) for system in (first, second)]
        assert not spans[0] & spans[1]

    def test_hides_the_settings_of_the_shell(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIATJA_DATABASE_HOST", "elsewhere.example")
        env = a_system(folder).settings_env("orders")
        assert env["GIATJA_DATABASE_HOST"] == "127.0.0.1"
        assert env["GIATJA_SECRETS_DIR"] == str(folder / "var" / "secrets" / "orders")


class TestStores:
    def test_confirm_only_what_is_on_disk(self, folder: Path) -> None:
        with LocalSystem(folder, processes=("postgres", "valkey")) as system:
            with connect(system) as connection:
                settings: dict[str, str] = dict(
                    connection.execute(
                        "SELECT name, setting FROM pg_settings"
                        " WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums')"
                    ).fetchall()
                )
            assert set(settings.values()) == {"on"}
            with connect_redis(system) as store:
                assert store.config_get("appendonly", "maxmemory-policy") == {
                    "appendonly": "yes",
                    "maxmemory-policy": "noeviction",
                }

    def test_want_a_password(self, stores: LocalSystem) -> None:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host="127.0.0.1", port=stores.port_of("postgres"), user="postgres", password="postgres")
        with (
            redis.Redis(host="127.0.0.1", port=stores.port_of("valkey"), retry=NO_RETRY) as store,
            pytest.raises(redis.AuthenticationError),
        ):
            store.ping()

    def test_listen_on_this_machine_only(self, stores: LocalSystem) -> None:
        for name in ("postgres", "valkey"):
            listening = [c for c in psutil.Process(stores.process(name).pid).net_connections() if c.status == "LISTEN"]
            assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}

    @pytest.mark.parametrize("name", ["postgres", "valkey"])
    def test_come_back_after_a_kill(self, stores: LocalSystem, name: str) -> None:
        process = stores.process(name)
        first = process.pid
        process.kill()
        process.wait_ready()
        assert process.pid != first

    def test_can_be_stopped_and_started(self, stores: LocalSystem) -> None:
        stores.stop_process("valkey")
        with connect_redis(stores) as store, pytest.raises(redis.ConnectionError):
            store.ping()
        stores.start_process("valkey")
        with connect_redis(stores) as store:
            assert store.ping()

    def test_show_no_password_in_the_list_of_processes(self, stores: LocalSystem) -> None:
        shown = " ".join(
            " ".join(process.cmdline()) for process in psutil.Process().children(recursive=True) if process.is_running()
        )
        for path in (stores.secrets / "stores").iterdir():
            assert path.read_text() not in shown

    def test_know_who_runs_postgres(self, stores: LocalSystem) -> None:
        assert psutil.Process(stores.process("postgres").pid).uids().effective != 0
        assert json.loads((stores.run / "state.json").read_text())["pid"] == os.getpid()
