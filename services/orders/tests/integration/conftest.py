"""The orders service on a real PostgreSQL, asked over HTTP in process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.database import Database, Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.receive import apply
from giatja_kit.ids import new_id
from giatja_kit.testing import Caller
from giatja_kit.web import create_app
from giatja_ops.pytest_plugin import RealParts
from giatja_orders.bootstrap import make_service
from giatja_orders.lapas.handlers import KeepLapas, keep_lapas
from giatja_orders.settings import OrdersSettings
from giatja_orders.subscriptions import subscriptions


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    database = database_of("orders")
    with database.transaction(at=clock.now()) as store:
        for lapas_id, name in (("PKL", "Lapas Pekalongan"), ("BTG", "Lapas Batang")):
            keep_lapas(KeepLapas(lapas_id=lapas_id, name=name, zone="Asia/Jakarta"), store)
    return database


@pytest.fixture
def client(real_parts: RealParts, database: Database) -> Iterator[FlaskClient]:
    app = create_app(make_service(real_parts.settings(OrdersSettings)))
    yield app.test_client()
    app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def as_role(real_parts: RealParts, client: FlaskClient) -> Callable[..., Caller]:
    """Return a function: role, Lapas -> somebody who asks with that role's token."""
    return lambda role, lapas="PKL": Caller(client, "/api/orders/v1", real_parts.keys.person(role, lapas))


@pytest.fixture
def kasi(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasi_giatja")


@pytest.fixture
def gateway(real_parts: RealParts, client: FlaskClient) -> Caller:
    """Return the gateway asking in its own name."""
    return Caller(client, "/api/orders/v1", real_parts.keys.service("gateway"))


@dataclass(kw_only=True)
class Shop:
    """Somebody with a partner and two products, who can write an order in one line."""

    caller: Caller
    partner: str = ""
    long: str = ""
    short: str = ""
    due: date = field(default_factory=lambda: clock.today("Asia/Jakarta", clock.now()) + timedelta(days=30))

    def __post_init__(self) -> None:
        self.partner = self.caller.post("/partners", {"name": "DMA Collection"}).json["id"]
        self.long = self._product("Koko lengan panjang", 7000)
        self.short = self._product("Koko lengan pendek", 6000)

    def _product(self, name: str, rate: int) -> str:
        product = {"name": name, "workshop_kind": "garmen", "rate": rate, "sizes": ["M", "L"], "colours": ["putih"]}
        return str(self.caller.post("/products", product).json["id"])

    def content(self, **changes: Any) -> dict[str, Any]:
        """Return the koko order of Ramadan: two products at two rates, 400 pieces."""
        return {
            "partner_id": self.partner,
            "material_owner": "partner",
            "due_date": str(self.due),
            "lines": [self.line(self.long, M=120, L=80), self.line(self.short, M=100, L=100)],
            **changes,
        }

    @staticmethod
    def line(product: str, **sizes: int) -> dict[str, Any]:
        cells = [{"size": size, "colour": "putih", "quantity": q} for size, q in sizes.items()]
        return {"product_id": product, "cells": cells}

    def draft(self, **changes: Any) -> dict[str, Any]:
        """Write an order and return its receipt."""
        made = self.caller.post("/orders", self.content(**changes))
        assert made.status_code == 201, made.json
        return dict(made.json)

    def accepted(self, **changes: Any) -> dict[str, Any]:
        """Write an order, accept it, and return it as it is shown."""
        made = self.draft(**changes)
        answer = self.caller.post(f"/orders/{made['id']}/accept", version=made["version"])
        assert answer.status_code == 200, answer.json
        return dict(self.caller.get(f"/orders/{made['id']}").json)


@pytest.fixture
def shop(kasi: Caller) -> Shop:
    return Shop(caller=kasi)


@dataclass(kw_only=True)
class Production:
    """Tells facts as production would, and has the service hear each at once."""

    database: Database
    store: Store | None = None
    position: int = 0
    work_orders: dict[str, str] = field(default_factory=dict)
    stages: dict[str, dict[str, str]] = field(default_factory=dict)

    def tell(self, type_: str, data: Mapping[str, Any], lapas: str = "PKL") -> None:
        """Have one fact heard."""
        self.position += 1
        fact = Envelope(
            id=new_id(),
            source="production",
            type=f"giatja.production.{type_}.v1",
            subject=str(data.get("work_order_id") or data["order_id"]),
            time=clock.now(),
            position=self.position,
            epoch=UUID(int=1),
            lapas=lapas,
            actor="petugas:person-9",
            traceparent="",
            causation=None,
            data=dict(data),
        )
        hear = subscriptions.handler(fact.type)
        assert hear is not None
        if self.store:
            apply(hear, fact, self.store)
            return
        with self.database.transaction(at=clock.now()) as store:
            apply(hear, fact, store)

    @contextmanager
    def in_one_batch(self) -> Iterator[None]:
        """Have everything told inside heard in one transaction, as after a time away."""
        with self.database.transaction(at=clock.now()) as self.store:
            yield
        self.store = None

    def opens(self, order: Mapping[str, Any]) -> None:
        """Open a work order for each line, with three stages."""
        for line in order["lines"]:
            self.work_orders[line["id"]] = str(new_id())
            self.stages[line["id"]] = {key: str(new_id()) for key in ("potong", "jahit", "qc")}
            stages = [
                {"stage_id": id_, "key": key, "name": key.title(), "counts_quality": key == "qc"}
                for key, id_ in self.stages[line["id"]].items()
            ]
            data = {**self._about(order, line), "workshop_id": str(new_id()), "workshop_kind": "garmen"}
            self.tell("work_order_opened", {**data, "quantity": line["quantity"], "stages": stages})

    def progresses(self, order: Mapping[str, Any], line: Mapping[str, Any], stage: str, good: int) -> None:
        """Report what a stage holds now."""
        data = {
            **self._about(order, line),
            "stage_id": self.stages[line["id"]][stage],
            "stage": stage,
            "workshop_kind": "garmen",
            "work_date": "2025-02-10",
            "good": good,
            "rework": 0,
            "reject": 0,
            "defects": {},
            "stage_good": good,
            "stage_waiting": 3,
            "stage_rework": 2,
            "stage_reject": 1,
        }
        self.tell("stage_progressed", data)

    def completes(self, order: Mapping[str, Any], line: Mapping[str, Any], passed: int | None = None) -> None:
        """Report that a line's work order is through."""
        data = {**self._about(order, line), "quantity": line["quantity"], "passed": passed or line["quantity"]}
        self.tell("work_order_completed", {**data, "rejected": 3, "completed_on": "2025-03-10"})

    def _about(self, order: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, str]:
        work_order = self.work_orders.setdefault(line["id"], str(new_id()))
        return {"work_order_id": work_order, "order_id": order["id"], "line_id": line["id"]}


@pytest.fixture
def production(database: Database) -> Production:
    return Production(database=database)
