"""The main story over HTTP: from a partner's order to an inmate's evidence and the region's figures.

Told the same way against the local processes, under Compose and wherever else a deployment
answers. Everything goes through the public address, as any caller of the API would go.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

PASSWORD = "kain mori putih bersih"
LAPAS = "PKL"
HEAL_SECONDS = 30.0

PEOPLE = {
    "ops": ("ops", "*"),
    "kasi": ("kasi_giatja", LAPAS),
    "bimker": ("kasubsi_bimker", LAPAS),
    "petugas": ("petugas", LAPAS),
    "binadik": ("binadik", LAPAS),
    "kanwil": ("kanwil", "*"),
}


class Caller:
    """One person who asks the API."""

    def __init__(self, address: str, username: str, *, verify: str | bool = True) -> None:
        self.address = address.rstrip("/")
        self.username = username
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        answer = self.session.post(
            f"{self.address}/api/gateway/v1/tokens",
            json={"username": username, "password": PASSWORD},
            headers={"Idempotency-Key": str(uuid4())},
            timeout=20,
        )
        assert answer.status_code == 200, f"{username}: {answer.status_code} {answer.text}"
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, service: str, path: str, **query: Any) -> Any:
        """Return the JSON of a question that has to succeed."""
        answer = self.try_get(service, path, **query)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def try_get(self, service: str, path: str, **query: Any) -> requests.Response:
        """Return the answer to a question, whatever it is."""
        return self.session.get(f"{self.address}/api/{service}/v1{path}", params=query, timeout=20)

    def post(self, service: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Return the JSON of an act that has to succeed."""
        answer = self.try_post(service, path, body, version=version)
        assert answer.status_code in (200, 201), f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def try_post(
        self, service: str, path: str, body: Any = None, *, version: int | None = None, key: str | None = None
    ) -> requests.Response:
        """Return the answer to an act, whatever it is."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"v{version}"'
        url = f"{self.address}/api/{service}/v1{path}"
        return self.session.post(url, json=body or {}, headers=headers, timeout=20)


def eventually(what: str, look: Callable[[], Any], *, seconds: float = HEAL_SECONDS) -> Any:
    """Return what ``look`` finds, once it finds something; facts take their moment."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


@dataclass
class Story:
    """One deployment and the people in it.

    :param add_person: makes a person outside HTTP: username, role, Lapas; the first of all can only come so.
    """

    address: str
    add_person: Callable[[str, str, str], None]
    verify: str | bool = True
    suffix: str = ""
    people: dict[str, Caller] = field(default_factory=dict)

    def person(self, name: str) -> Caller:
        """Return somebody, signed in."""
        if name not in self.people:
            self.people[name] = Caller(self.address, name, verify=self.verify)
        return self.people[name]

    @property
    def today(self) -> str:
        """Return the day in Pekalongan."""
        return (datetime.now(UTC) + timedelta(hours=7)).date().isoformat()

    def in_days(self, days: int) -> str:
        """Return a later day."""
        return (datetime.now(UTC) + timedelta(hours=7, days=days)).date().isoformat()

    # -- beginning

    def open_lapas(self) -> None:
        """Register the Lapas and its people, unless that was done."""
        if self.people:
            return
        self.add_person("ops", *PEOPLE["ops"])
        self.person("ops").post(
            "gateway", "/lapas", {"lapas_id": LAPAS, "name": "Lapas Kelas IIA Pekalongan", "class": "IIA"}
        )
        for name, (role, lapas) in PEOPLE.items():
            if name != "ops":
                self.add_person(name, role, lapas)

    def admit_workers(self, count: int) -> list[str]:
        """Register inmates and give each an SK; return their ids."""
        return [self.admit_worker(n) for n in range(1, count + 1)]

    def admit_worker(self, number: int, *, born: str = "1990-05-01") -> str:
        """Register one inmate and give them an SK, each step by whom it belongs to."""
        bimker, binadik = self.person("bimker"), self.person("binadik")
        inmate = bimker.post(
            "training",
            "/inmates",
            {"register_number": f"BI.{number}/{self.suffix}", "name": f"Warga Uji {number}", "date_of_birth": born},
        )
        permit = bimker.post("training", f"/inmates/{inmate['id']}/permits", {"proposed_on": self.today})
        requirements = [item["key"] for item in permit["checklist"]]
        permit = bimker.post(
            "training", f"/permits/{permit['id']}/checklist", {"done": requirements}, version=permit["version"]
        )
        permit = binadik.post(
            "training",
            f"/permits/{permit['id']}/decision",
            {"decision": "approved", "decided_on": self.today},
            version=permit["version"],
        )
        binadik.post(
            "training",
            f"/permits/{permit['id']}/issue",
            {"sk_number": f"SK-{number}", "valid_from": self.today},
            version=permit["version"],
        )
        return str(inmate["id"])

    # -- ordering

    def partner(self, name: str) -> str:
        """Return the id of a new partner."""
        return str(self.person("kasi").post("orders", "/partners", {"name": f"{name}{self.suffix}"})["id"])

    def product(self, name: str, rate: int, kind: str = "garmen") -> str:
        """Return the id of a new product."""
        product = {
            "name": f"{name}{self.suffix}",
            "workshop_kind": kind,
            "unit": "kodi",
            "rate": rate,
            "sizes": ["M", "L"],
            "colours": ["putih"],
        }
        return str(self.person("kasi").post("orders", "/products", product)["id"])

    def draft(self, partner: str | None, lines: list[tuple[str, int, int]]) -> dict[str, Any]:
        """Return the receipt of a new order: lines of product, rate and pieces per size."""
        order = {
            "partner_id": partner,
            "due_date": self.in_days(30),
            "lines": [
                {
                    "product_id": product,
                    "rate": rate,
                    "cells": [{"size": size, "colour": "putih", "quantity": pieces} for size in ("M", "L")],
                }
                for product, rate, pieces in lines
            ],
        }
        receipt: dict[str, Any] = self.person("kasi").post("orders", "/orders", order)
        return receipt

    def accept(self, receipt: dict[str, Any]) -> dict[str, Any]:
        """Accept an order."""
        path = f"/orders/{receipt['id']}/accept"
        accepted: dict[str, Any] = self.person("kasi").post("orders", path, version=receipt["version"])
        return accepted

    def order(self, order_id: str) -> dict[str, Any]:
        """Return an order."""
        found: dict[str, Any] = self.person("kasi").get("orders", f"/orders/{order_id}")
        return found

    # -- producing

    def work_orders(self, order_id: str, count: int) -> list[dict[str, Any]]:
        """Return the work orders that an order opened, once they are there."""

        def look() -> list[dict[str, Any]]:
            found = self.person("petugas").get("production", "/work-orders", order_id=order_id, state="all")["items"]
            return found if len(found) == count else []

        opened: list[dict[str, Any]] = eventually("work orders opened", look)
        return opened

    def known_to_production(self, work_order: dict[str, Any], inmates: list[str]) -> None:
        """Wait until production knows that these may work."""
        stage = work_order["stages"][0]

        def look() -> bool:
            floor = self.person("petugas").get(
                "production",
                "/floor",
                workshop_id=work_order["workshop_id"],
                work_order_id=work_order["id"],
                stage_id=stage["id"],
                work_date=self.today,
                shift="pagi",
            )
            return set(inmates) <= {worker["inmate_id"] for worker in floor["workers"]}

        eventually("workers known", look)

    def record(
        self, work_order: dict[str, Any], stage: dict[str, Any], entries: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Record what inmates made at a stage this morning."""
        recorded: dict[str, Any] = self.person("petugas").post(
            "production",
            "/output",
            {
                "work_order_id": work_order["id"],
                "stage_id": stage["id"],
                "work_date": self.today,
                "shift": "pagi",
                "entries": entries,
            },
        )
        return recorded

    def make_all(self, work_order: dict[str, Any], inmates: list[str], *, faulty: bool = False) -> None:
        """Take the whole work order through its route; one piece may have to be done again, one made anew."""
        for stage in work_order["stages"]:
            share, rest = divmod(work_order["quantity"], len(inmates))
            shares = [share + (n < rest) for n in range(len(inmates))]
            self.record(
                work_order, stage, [{"inmate_id": i, "good": n} for i, n in zip(inmates, shares, strict=True) if n]
            )
            if faulty and stage is work_order["stages"][0]:
                self._spoil_one(work_order, inmates[0])

    def _spoil_one(self, work_order: dict[str, Any], inmate: str) -> None:
        first, second = work_order["stages"][:2]
        defect = self.person("petugas").get("production", f"/workshops/{work_order['workshop_id']}")["defects"][0][
            "key"
        ]
        self.record(work_order, second, [{"inmate_id": inmate, "rework": 1, "defect": defect}])
        self.record(work_order, second, [{"inmate_id": inmate, "reject": 1, "from_rework": True, "defect": defect}])
        # The rejected piece is replaced: the first stage may make one more.
        self.record(work_order, first, [{"inmate_id": inmate, "good": 1}])

    def completed(self, order_id: str) -> dict[str, Any]:
        """Return the order, once it is completed."""

        def look() -> dict[str, Any] | None:
            order = self.order(order_id)
            return order if order["state"] == "completed" else None

        done: dict[str, Any] = eventually("order completed", look)
        return done

    # -- what comes of it

    def evidence(self, inmate: str, order_id: str) -> dict[str, Any]:
        """Return the evidence an inmate has of an order, once it is there."""

        def look() -> dict[str, Any] | None:
            passport = self.person("bimker").get("training", f"/passports/{inmate}")
            return next((e for e in passport["evidence"] if e["order_id"] == order_id), None)

        found: dict[str, Any] = eventually("evidence in the passport", look)
        return found

    def figures(self) -> dict[str, int]:
        """Return the figures of the Lapas that the story is going to change."""
        names = ("accepted", "completed", "on_time", "passed", "reject")
        overview = self.person("kanwil").get("gateway", "/region")
        here = next((x for x in overview["lapas"] if x["lapas_id"] == LAPAS), dict.fromkeys(names, 0))
        return {name: here[name] for name in names}

    def region(self, *, passed: int) -> dict[str, Any]:
        """Return what the regional office sees of the Lapas, once the figures are there."""

        def look() -> dict[str, Any] | None:
            overview = self.person("kanwil").get("gateway", "/region")
            return next((x for x in overview["lapas"] if x["lapas_id"] == LAPAS and x["passed"] >= passed), None)

        found: dict[str, Any] = eventually("figures of the region", look)
        return found

    def tell(self, *, workers: int = 4) -> dict[str, Any]:
        """Tell the whole story with its assertions; return what there is at the end."""
        self.open_lapas()
        before = self.figures()
        inmates = self.admit_workers(workers)
        partner = self.partner("DMA Collection")
        long, short = self.product("Koko lengan panjang", 7000), self.product("Koko lengan pendek", 6000)
        receipt = self.draft(partner, [(long, 7000, 10), (short, 6000, 6)])
        assert receipt["number"].startswith(f"{LAPAS}-")
        self.accept(receipt)
        work_orders = self.work_orders(receipt["id"], 2)
        assert sorted(w["quantity"] for w in work_orders) == [12, 20]
        self.known_to_production(work_orders[0], inmates)
        self.make_all(work_orders[0], inmates, faulty=True)
        assert self.order(receipt["id"])["state"] != "completed"
        self.make_all(work_orders[1], inmates)
        order = self.completed(receipt["id"])
        assert [line["passed"] for line in order["lines"]] == [line["quantity"] for line in order["lines"]]
        assert [line["rate"] for line in order["lines"]] == [7000, 6000]
        evidence = [self.evidence(inmate, receipt["id"]) for inmate in inmates]
        # Every stage credits each piece once, the rejected one never; the whole grid went through each stage.
        stages = len(work_orders[0]["stages"])
        assert sum(e["pieces"] for e in evidence) == 32 * stages
        region = self.region(passed=before["passed"] + 32)
        grown = {name: region[name] - before[name] for name in before}
        assert grown == {"accepted": 1, "completed": 1, "on_time": 1, "passed": 32, "reject": 1}
        assert region["workers"]["few"], "fewer than five are not told to the region"
        return {"order": order, "inmates": inmates, "work_orders": work_orders, "region": region}
