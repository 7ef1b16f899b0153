"""Every route x role x Lapas, generated from the OpenAPI documents: nobody reaches what is not theirs."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import requests

from giatja_contracts.permissions import ROLES
from giatja_kit.testing import TestKeys
from giatja_ops.local import LocalSystem
from tests.story import Story, eventually

SERVICES = ("orders", "production", "training", "gateway")
ELSEWHERE = "BTG"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation of one service."""

    service: str
    method: str
    path: str
    permission: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture(scope="module")
def routes(system: LocalSystem) -> list[Route]:
    found = []
    for service in SERVICES:
        document = requests.get(f"{system.public_url}/api/{service}/docs/openapi.json", timeout=20).json()
        assert document["openapi"].startswith("3.1")
        for path, operations in document["paths"].items():
            if "/facts" in path or "/audit" in path:
                continue  # not published; another test asks the public listener for them
            found += [
                Route(service=service, method=method.upper(), path=path, permission=operation["x-permission"])
                for method, operation in operations.items()
            ]
    assert len(found) > 60
    return found


@pytest.fixture(scope="module")
def keys(system: LocalSystem) -> TestKeys:
    private = {issuer: (system.secrets / issuer / "giatja_signing_key").read_text() for issuer in (*SERVICES, "ops")}
    return TestKeys(private=private, trusted_keys_file=system.secrets / "trusted_keys.json")


@pytest.fixture(scope="module")
def things(story: Story, keys: TestKeys) -> dict[str, str]:
    """Make one of each thing in Pekalongan; return the id that stands for ``{id}`` in a path."""
    story.open_lapas()
    inmate = story.admit_worker(901)
    partner, product = story.partner("Mitra akses"), story.product("Barang akses", 100)
    receipt = story.draft(partner, [(product, 100, 1)])
    story.accept(receipt)
    work_order = story.work_orders(receipt["id"], 1)[0]
    story.known_to_production(work_order, [inmate])
    output = story.record(work_order, work_order["stages"][0], [{"inmate_id": inmate, "good": 1}])
    bimker, ops = story.person("bimker"), story.person("ops")
    ops.post("gateway", "/lapas", {"lapas_id": ELSEWHERE, "name": "Lapas Kelas IIB Batang", "class": "IIB"})
    permit = bimker.get("training", f"/inmates/{inmate}/permits")["items"][0]
    headers = {"Authorization": f"Bearer {keys.person('kasi_giatja', ELSEWHERE)}"}
    for address in ("orders/v1/orders/summary", "production/v1/production/summary", "training/v1/training/summary"):
        look = partial(_answers, f"{story.address}/api/{address}", headers)
        eventually(f"{ELSEWHERE} known to {address}", look)
    return {
        "/orders/v1/partners/": partner,
        "/orders/v1/products/": product,
        "/orders/v1/orders/": receipt["id"],
        "/production/v1/work-orders/": work_order["id"],
        "/production/v1/workshops/": work_order["workshop_id"],
        "/production/v1/output/": output["entries"][0]["id"],
        "/production/v1/placements/of/": inmate,
        "/training/v1/inmates/": inmate,
        "/training/v1/passports/": inmate,
        "/training/v1/permits/": permit["id"],
        "/gateway/v1/people/": ops.get("gateway", "/people")["items"][0]["id"],
    }


def _answers(url: str, headers: dict[str, str]) -> bool:
    return requests.get(url, headers=headers, timeout=20).status_code == 200


def ask(system: LocalSystem, route: Route, path: str, token: str | None) -> requests.Response:
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"v1"'}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body: dict[str, Any] = {} if route.method == "GET" else {"json": {}}
    return requests.request(route.method, system.public_url + path, headers=headers, timeout=20, **body)


def filled(path: str, things: dict[str, str]) -> str | None:
    """Return the address with the ids of Pekalongan's things, or nothing where we have none."""
    for prefix, identifier in things.items():
        if f"{prefix}{{id}}" in path:
            path = path.replace("{id}", identifier)
    path = path.replace("{assignment_id}", str(uuid4()))
    return None if "{" in path else path


class TestEveryRoute:
    def test_wants_a_token(self, system: LocalSystem, routes: list[Route]) -> None:
        answers = {str(r): ask(system, r, r.path.replace("{", "").replace("}", ""), None).status_code for r in routes}
        assert {name for name, status in answers.items() if status != 401} == set()
        assert [str(r) for r in routes if r.permission == "public"] == ["POST /api/gateway/v1/tokens"]

    def test_refuses_every_role_without_its_permission(
        self, system: LocalSystem, routes: list[Route], keys: TestKeys
    ) -> None:
        tokens = {
            role: keys.person(role, "*" if role in ("kanwil", "ops") else "PKL") for role in ROLES if role != "service"
        }
        let_in = []
        for route in routes:
            for role, token in tokens.items():
                if route.permission == "public" or route.permission in ROLES[role]:
                    continue
                answer = ask(system, route, route.path.replace("{id}", str(uuid4())), token)
                if answer.status_code != 403:
                    let_in.append(f"{role}: {route}: {answer.status_code}")
        assert let_in == []

    def test_shows_a_thing_of_another_lapas_as_one_that_does_not_exist(
        self, system: LocalSystem, routes: list[Route], keys: TestKeys, things: dict[str, str]
    ) -> None:
        compared, different = 0, []
        for route in routes:
            address = filled(route.path, things)
            if address is None or "{id}" not in route.path or "/gateway/" in route.path:
                continue
            for role in ROLES:
                if role in ("service", "kanwil", "ops") or route.permission not in ROLES[role]:
                    continue
                token = keys.person(role, ELSEWHERE)
                foreign = ask(system, route, address, token)
                unknown = ask(system, route, route.path.replace("{id}", str(uuid4())), token)
                compared += 1
                same = (foreign.status_code, foreign.json()["type"]) == (unknown.status_code, unknown.json()["type"])
                if not same or foreign.status_code < 400 or (route.method == "GET" and foreign.status_code != 404):
                    different.append(f"{role}: {route}: {foreign.status_code}, unknown: {unknown.status_code}")
        assert different == []
        assert compared > 60

    def test_lists_nothing_of_another_lapas(
        self, system: LocalSystem, routes: list[Route], keys: TestKeys, things: dict[str, str]
    ) -> None:
        leaks = []
        for route in routes:
            if route.method != "GET" or "{" in route.path:
                continue
            for role in ROLES:
                if role in ("service", "kanwil", "ops") or route.permission not in ROLES[role]:
                    continue
                text = ask(system, route, route.path, keys.person(role, ELSEWHERE)).text
                leaks += [f"{role}: {route}: {i}" for i in things.values() if i in text]
        assert leaks == []

    def test_lets_nobody_choose_another_lapas(
        self, system: LocalSystem, keys: TestKeys, things: dict[str, str]
    ) -> None:
        token = keys.person("kasi_giatja", ELSEWHERE)
        for extra in ({"params": {"lapas_id": "PKL"}}, {"headers": {"X-Lapas": "PKL", "X-Forwarded-User": "kasi"}}):
            headers = {"Authorization": f"Bearer {token}", **extra.get("headers", {})}
            answer = requests.get(
                f"{system.public_url}/api/orders/v1/partners", headers=headers, params=extra.get("params"), timeout=20
            )
            assert answer.status_code == 200
            assert answer.json()["items"] == []
        made = requests.post(
            f"{system.public_url}/api/orders/v1/partners",
            json={"name": "Milik orang", "lapas_id": "PKL"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "x"},
            timeout=20,
        )
        assert made.status_code == 422


class TestPublicListener:
    @pytest.mark.parametrize(
        "path", ["/facts", "/facts/status", "/facts/parked", "/facts/digest?upto=1", "/audit/verify"]
    )
    @pytest.mark.parametrize("service", SERVICES)
    def test_never_answers_what_is_for_services(
        self, system: LocalSystem, keys: TestKeys, service: str, path: str
    ) -> None:
        headers = {"Authorization": f"Bearer {keys.service(service)}"}
        answer = requests.get(f"{system.public_url}/api/{service}/v1{path}", headers=headers, timeout=20)
        assert answer.status_code == 404

    @pytest.mark.parametrize("path", ["/metrics", "/readyz", "/version"])
    def test_hides_the_inside(self, system: LocalSystem, path: str) -> None:
        assert requests.get(system.public_url + path, timeout=20).status_code == 404
