"""What callers notice of a system that grows, shrinks, loses parts and waits for others: nothing, or little."""

import time
import uuid
from collections.abc import Callable

import pytest
import requests

from tests.compose.composed import PROCESSES, SERVICES, Composed, docker, load, seconds_until
from tests.story import LAPAS, Story

RECOVERY = 30.0
ORDERS, PRODUCTION = "/api/orders/v1/partners", "/api/production/v1/workshops"


def somebody(system: Composed) -> requests.Session:
    return system.session(system.keys.person("kasi_giatja", LAPAS, seconds=3600))


def reader(system: Composed, path: str) -> Callable[[], requests.Response]:
    """Give somebody who looks at the same list again and again."""
    session = somebody(system)
    return lambda: session.get(f"{system.https}{path}", timeout=30)


def writer(system: Composed, path: str, names: list[str] | None = None) -> Callable[[], requests.Response]:
    """Give somebody who adds things to a list; a name is noted once its answer was seen."""
    session = somebody(system)

    def write() -> requests.Response:
        body = {"name": f"Uji {uuid.uuid4().hex}"} | ({"template": "garmen"} if path == PRODUCTION else {})
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = session.post(f"{system.https}{path}", json=body, headers=headers, timeout=30)
        if answer.status_code == 201 and names is not None:
            names.append(body["name"])
        return answer

    return write


def everybody(system: Composed, names: list[str] | None = None) -> list[Callable[[], requests.Response]]:
    return [
        reader(system, ORDERS),
        writer(system, ORDERS, names),
        reader(system, f"{PRODUCTION}/{first_workshop(system)}"),
        writer(system, PRODUCTION),
    ]


def first_workshop(system: Composed) -> str:
    """Return the id of a workshop, made if there is none."""
    found = reader(system, PRODUCTION)().json()["items"] or [writer(system, PRODUCTION)().json()]
    return str(found[0]["id"])


@pytest.mark.usefixtures("story")
class TestReplicas:
    def test_come_and_go_without_a_failed_request(self, system: Composed) -> None:
        with load(everybody(system)) as seen:
            system.up(scale={"production": 3, "production-worker": 2})
            assert len(system.containers("production")) == 3
            assert len(system.containers("production-worker")) == 2
            before = [self._served(system, index) for index in (1, 2, 3)]
            answered = seen.answers
            seconds_until(lambda: seen.answers > answered + 200, within=60)
            after = [self._served(system, index) for index in (1, 2, 3)]
            system.up(scale={"production": 1, "production-worker": 1})
            time.sleep(3)
        assert seen.failures == []
        assert len(system.containers("production")) == 1
        assert min(late - early for early, late in zip(before, after, strict=True)) > 0, "a replica had no work"

    @staticmethod
    def _served(system: Composed, index: int) -> float:
        _, figures = system.ask_inside("production", "/metrics", index=index)
        lines = [x for x in figures.splitlines() if x.startswith("giatja_request_seconds_count") and "/workshops" in x]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def test_are_restarted_without_a_failed_request(self, system: Composed) -> None:
        with load(everybody(system)) as seen:
            time.sleep(1)
            system.compose("restart", "orders", "production")
            time.sleep(3)
        assert seen.failures == []
        assert seen.answers > 50

    def test_killed_are_not_missed(self, system: Composed) -> None:
        names: list[str] = []
        system.up(scale={"orders": 2})
        with load(everybody(system, names)) as seen:
            time.sleep(1)
            docker("kill", system.containers("orders")[1]["Id"])
            time.sleep(3)
        system.up(scale={"orders": 1})
        assert seen.failures == []
        kept = system.sql("orders", "SELECT count(*), count(DISTINCT name) FROM partner WHERE name LIKE 'Uji %'")
        assert len(set(kept.split("|"))) == 1, "a repeated request was done twice"
        found = int(system.sql("orders", f"SELECT count(*) FROM partner WHERE name = ANY('{{{','.join(names)}}}')"))
        assert found == len(names) > 0, "an answered write was lost"


@pytest.mark.usefixtures("story")
class TestCrash:
    @pytest.mark.parametrize("process", PROCESSES)
    def test_is_over_within_30_seconds(self, system: Composed, process: str) -> None:
        before = system.containers(process)[0]["State"]["StartedAt"]
        system.crash(process)
        seconds_until(lambda: system.containers(process)[0]["State"]["StartedAt"] != before, within=RECOVERY)
        back = seconds_until(lambda: system.is_healthy(process), within=RECOVERY)
        read, write = reader(system, PRODUCTION), writer(system, ORDERS)
        served = seconds_until(lambda: read().status_code == 200 and write().status_code == 201, within=RECOVERY - back)
        seconds_until(lambda: all(system.is_healthy(name) for name in PROCESSES), within=RECOVERY)
        assert back + served <= RECOVERY

    @pytest.mark.parametrize("service", SERVICES)
    def test_of_a_killed_container_is_mended_by_an_operator(self, system: Composed, service: str) -> None:
        docker("kill", system.containers(service)[0]["Id"])
        assert service not in system.running()
        system.up(service)
        assert system.is_healthy(service)


@pytest.mark.usefixtures("story")
class TestRedis:
    def test_frozen_costs_no_write(self, system: Composed) -> None:
        names: list[str] = []
        container = system.containers("redis")[0]["Id"]
        with load(everybody(system, names)) as seen:
            time.sleep(1)
            docker("pause", container)
            try:
                written = len(names)
                time.sleep(15)
            finally:
                docker("unpause", container)
            during = len(names) - written
            time.sleep(3)
        assert seen.failures == []
        assert during > 50
        assert seen.slowest < 5, "somebody waited for Redis"
        seconds_until(lambda: all(system.is_healthy(name) for name in PROCESSES), within=RECOVERY)

    def test_frozen_only_delays_facts(self, system: Composed, story: Story) -> None:
        partner, product = story.partner("Mitra saat Redis beku"), story.product("Koko saat Redis beku", 7000)
        container = system.containers("redis")[0]["Id"]
        docker("pause", container)
        try:
            receipt = story.draft(partner, [(product, 7000, 2)])
            story.accept(receipt)
            assert len(story.work_orders(receipt["id"], 1)) == 1
        finally:
            docker("unpause", container)


class TestOneDomainAlone:
    def test_starts_answers_and_hears_the_others_when_they_come(self, another: Composed) -> None:
        another.up("production")
        assert another.running() == {"postgres", "redis", "production"}
        token = another.keys.person("kasi_giatja", LAPAS)
        assert another.ask_inside("production", "/readyz")[0] == 200
        assert another.ask_inside("production", "/api/production/v1/workshop-templates", token=token)[0] == 200

        another.up("production-worker", "edge")
        assert another.is_healthy("production-worker")
        session = another.session(token)
        templates = session.get(f"{another.https}/api/production/v1/workshop-templates", timeout=30)
        assert templates.status_code == 200
        absent = session.get(f"{another.https}/api/orders/v1/orders", timeout=30)
        assert absent.status_code == 503
        assert absent.headers["Content-Type"] == "application/problem+json"

        assert session.get(f"{another.https}{PRODUCTION}", timeout=30).status_code == 409, "no Lapas was told of yet"
        another.up("gateway", "gateway-worker")
        another.story(suffix=" alone").open_lapas()
        seconds_until(
            lambda: session.get(f"{another.https}{PRODUCTION}", timeout=30).status_code == 200, within=RECOVERY
        )
