"""The production service on a real PostgreSQL, asked over HTTP in process, hearing facts of the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events import receive
from giatja_kit.events.fact import Envelope
from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller
from giatja_kit.web import create_app
from giatja_ops.pytest_plugin import RealParts
from giatja_production.bootstrap import make_service
from giatja_production.lapas.handlers import KeepLapas, keep_lapas
from giatja_production.settings import ProductionSettings
from giatja_production.subscriptions import subscriptions

OPENED = "2025-02-03"
WORKED = "2025-02-10"


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    database = database_of("production")
    with database.transaction(at=clock.now()) as store:
        for lapas_id, name in (("PKL", "Lapas Pekalongan"), ("BTG", "Lapas Batang")):
            keep_lapas(KeepLapas(lapas_id=lapas_id, name=name, zone="Asia/Jakarta"), store)
    return database


@pytest.fixture
def client(real_parts: RealParts, database: Database) -> Iterator[FlaskClient]:
    app = create_app(make_service(real_parts.settings(ProductionSettings)))
    yield app.test_client()
    app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def as_role(real_parts: RealParts, client: FlaskClient) -> Callable[..., Caller]:
    """Return a function: role, Lapas -> somebody who asks with that role's token."""
    return lambda role, lapas="PKL": Caller(client, "/api/production/v1", real_parts.keys.person(role, lapas))


@pytest.fixture
def kasi(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasi_giatja")


@pytest.fixture
def petugas(as_role: Callable[..., Caller]) -> Caller:
    return as_role("petugas")


@dataclass
class World:
    """The other services, as far as production hears of them."""

    database: Database

    def tell(self, type_: str, data: dict[str, Any], *, lapas: str = "PKL", subject: str | None = None) -> None:
        """Let production hear one fact."""
        owner = type_.split(".", maxsplit=1)[0]
        envelope = Envelope(
            id=new_id(),
            source=owner,
            type=f"giatja.{type_}.v1",
            subject=subject or str(next(iter(data.values()))),
            time=clock.now(),
            position=1,
            epoch=new_id(),
            lapas=lapas,
            actor="person-1",
            traceparent="",
            causation=None,
            data=data,
        )
        hear = subscriptions.handler(envelope.type)
        assert hear is not None
        with self.database.transaction(at=clock.now()) as store:
            receive.apply(hear, envelope, store)

    def worker(
        self,
        *,
        adult_on: str = "2000-01-01",
        fitness: str = "fit",
        valid_from: str | None = "2025-01-15",
        valid_until: str | None = None,
        lapas: str = "PKL",
    ) -> str:
        """Register an inmate with a decree; return the id."""
        inmate_id = str(new_id())
        self.tell(
            "training.inmate_registered",
            {"inmate_id": inmate_id, "adult_on": adult_on, "fitness": fitness},
            lapas=lapas,
        )
        if valid_from:
            self.tell(
                "training.work_permission_granted",
                {
                    "inmate_id": inmate_id,
                    "permission_id": str(new_id()),
                    "valid_from": valid_from,
                    "valid_until": valid_until,
                },
                lapas=lapas,
            )
        return inmate_id

    def order(
        self,
        *cells: tuple[str, str, int],
        kind: str = "garmen",
        lapas: str = "PKL",
        due: str = "2025-03-14",
        lines: int = 1,
    ) -> str:
        """Accept an order of some lines, each with the same grid; return the order's id."""
        grid = [{"size": s, "colour": c, "quantity": q} for s, c, q in cells or (("M", "putih", 10),)]
        order_id = str(new_id())
        self.tell(
            "orders.order_accepted",
            {
                "order_id": order_id,
                "number": "PKL-2025-0001",
                "partner_id": str(new_id()),
                "partner_name": "DMA Collection",
                "internal": False,
                "accepted_on": OPENED,
                "due_date": due,
                "material_owner": "partner",
                "lines": [
                    {
                        "line_id": str(new_id()),
                        "product_id": str(new_id()),
                        "product_name": "Koko lengan panjang",
                        "workshop_kind": kind,
                        "unit": "pcs",
                        "quantity": sum(c["quantity"] for c in grid),
                        "cells": grid,
                    }
                    for _ in range(lines)
                ],
            },
            lapas=lapas,
        )
        return order_id

    def opened(self, *cells: tuple[str, str, int], kind: str = "umum", **more: Any) -> "Job":
        """Accept an order of one line and return its work order."""
        order_id = self.order(*cells, kind=kind, **more)
        with self.database.transaction(at=clock.now()) as store:
            row = store.row("SELECT id, route FROM work_order WHERE order_id = :id", id=UUID(order_id))
        assert row is not None
        return Job(id=str(row["id"]), order_id=order_id, stages={s["key"]: s["id"] for s in row["route"]["stages"]})

    def count(self, sql: str, **values: Any) -> Any:
        """Ask the database for one value."""
        with self.database.transaction(at=clock.now()) as store:
            return store.value(sql, **values)


@dataclass
class Job:
    """A work order that a test records output for."""

    id: str
    order_id: str
    stages: dict[str, str]

    def body(self, stage: str, *entries: dict[str, Any], on: str = WORKED, shift: str = "pagi") -> dict[str, Any]:
        """Return the body of POST /output."""
        return {
            "work_order_id": self.id,
            "stage_id": self.stages[stage],
            "work_date": on,
            "shift": shift,
            "entries": list(entries),
        }

    def record(self, caller: Caller, stage: str, *entries: dict[str, Any], **more: Any) -> Answer:
        """Record output."""
        return caller.post("/output", self.body(stage, *entries, **more))


@pytest.fixture
def world(database: Database, client: FlaskClient) -> World:
    return World(database=database)
