"""What the images hold, and as whom they run."""

import json

import pytest

from tests.compose.composed import SERVICES, VERSION, Composed, docker

PACKAGES = ("giatja_kit", "giatja_contracts", "giatja_ops", *(f"giatja_{service}" for service in SERVICES))
FOUND = f"import importlib.util as u, json; print(json.dumps([p for p in {PACKAGES} if u.find_spec(p)]))"


def inside(image: str, *command: str) -> str:
    return docker("run", "--rm", "--network=none", "--read-only", f"giatja-{image}:{VERSION}", *command).strip()


@pytest.mark.usefixtures("built")
class TestImages:
    @pytest.mark.parametrize("service", SERVICES)
    def test_hold_their_own_service_only(self, service: str) -> None:
        found = json.loads(inside(service, "python", "-c", FOUND))
        assert set(found) == {"giatja_kit", "giatja_contracts", f"giatja_{service}"}

    def test_hold_every_package_for_migrations(self) -> None:
        assert set(json.loads(inside("ops", "python", "-c", FOUND))) == set(PACKAGES)

    @pytest.mark.parametrize("image", ["edge", "ops", *SERVICES])
    def test_run_as_nobody_special(self, image: str) -> None:
        assert inside(image, "id", "-u") == "10001"

    @pytest.mark.parametrize("service", SERVICES)
    def test_hold_no_tests_and_nothing_that_installs(self, service: str) -> None:
        assert (
            inside(service, "sh", "-c", "ls -d /app/lib/python3*/site-packages/pip /app/bin/pip* 2>/dev/null || true")
            == ""
        )
        tests = "find / -path /proc -prune -o -path '*giatja*/tests' -print 2>/dev/null || true"
        assert inside(service, "sh", "-c", tests) == ""


class TestContainers:
    def test_run_as_nobody_special(self, system: Composed) -> None:
        owners = {
            container["Name"]: docker("top", container["Id"], "-eo", "pid,uid").split()[3::2]
            for service in system.running()
            for container in system.containers(service)
        }
        assert {name: uids for name, uids in owners.items() if "0" in uids} == {}

    def test_carry_no_capability(self, system: Composed) -> None:
        for service in ("orders", "orders-worker", "postgres", "redis", "edge"):
            status = system.compose("exec", "-T", service, "cat", "/proc/1/status")
            held = {line.split()[0]: line.split()[1] for line in status.splitlines() if line.startswith("Cap")}
            assert {held["CapEff:"], held["CapPrm:"], held["CapAmb:"]} == {"0" * 16}, service

    def test_cannot_change_their_own_files(self, system: Composed) -> None:
        for service in ("orders", "orders-worker", "edge"):
            tried = system.compose("exec", "-T", service, "sh", "-c", "touch /app/x /srv/x 2>&1; true")
            assert tried.count("Read-only file system") >= 1, service

    def test_cannot_read_the_secrets_of_others(self, system: Composed) -> None:
        names = system.compose("exec", "-T", "orders", "ls", "/run/secrets").split()
        assert set(names) == {
            "giatja_database_password",
            "giatja_redis_password",
            "giatja_signing_key",
            "giatja_trusted_keys.json",
        }

    def test_cannot_leave_the_network_of_the_stores(self, system: Composed) -> None:
        (address,) = [n["IPAddress"] for n in system.containers("edge")[0]["NetworkSettings"]["Networks"].values()]
        knock = ("timeout", "3", "bash", "-c", f": < /dev/tcp/{address}/8080 && echo open || true")
        assert system.compose("exec", "-T", "orders", *knock).strip() == "open"
        for store in ("redis", "postgres"):
            assert system.compose("exec", "-T", store, *knock, check=False).strip() == ""

    def test_ask_redis_for_a_password_and_may_not_empty_it(self, system: Composed) -> None:
        assert "NOAUTH" in system.compose("exec", "-T", "redis", "redis-cli", "ping")
        flush = 'REDISCLI_AUTH="$(cat /run/secrets/giatja_redis_password)" redis-cli flushall'
        assert "NOPERM" in system.compose("exec", "-T", "redis", "sh", "-c", flush)
