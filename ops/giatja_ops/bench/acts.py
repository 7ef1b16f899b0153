"""What the clients do over and over, each a unit of one or two requests."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import requests

from giatja_kit import clock
from giatja_ops.bench import load
from giatja_ops.bench.load import Unit, expect, request
from giatja_ops.bench.stage import LAPAS, ROLE, Stage
from giatja_ops.demo.cast import PASSWORD, accounts

_ORDERS, _PRODUCTION = "/api/orders/v1", "/api/production/v1"
_PEOPLE_A_SHIFT = 3
Make = Callable[[], Unit]


def hello() -> Unit:
    """Ask the floor."""
    expect((yield request("GET", "/api/orders/hello")), 200)


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """What is sent: the same in the run and when its statements are recorded for the floor."""

    order: dict[str, object]
    products: Sequence[UUID]
    partner: UUID

    @classmethod
    def known_to(cls, stage: Stage) -> "Bodies":
        """Make them from a partner and the products that are there."""
        with stage.superuser("orders") as connection:
            partner = connection.execute(
                "SELECT id FROM partner WHERE lapas_id = %s AND active ORDER BY name LIMIT 1", (LAPAS,)
            ).fetchone()
            products = connection.execute(
                "SELECT id, sizes, colours FROM product WHERE lapas_id = %s AND active ORDER BY name", (LAPAS,)
            ).fetchall()
        if partner is None or not products:
            raise LookupError("the demonstration has no partner or no product")
        chosen = [products[nth % len(products)] for nth in range(3)]
        lines = [
            {
                "product_id": str(id_),
                "cells": [{"size": size, "colour": colours[0], "quantity": 5000} for size in sizes[:2]],
            }
            for id_, sizes, colours in chosen
        ]
        due = clock.now().date() + timedelta(days=60)
        return cls(
            order={"partner_id": str(partner[0]), "due_date": due.isoformat(), "lines": lines},
            products=[id_ for id_, _, _ in chosen],
            partner=partner[0],
        )


def create_and_accept(token: str, bodies: Bodies, drafts: list[UUID] | None = None) -> Make:
    """Write down an order of three lines and accept it; with ``drafts`` leave it unaccepted and note it there."""

    def unit() -> Unit:
        made = expect(
            (yield request("POST", f"{_ORDERS}/orders", token=token, body=bodies.order, Idempotency_Key=str(uuid4()))),
            201,
        )
        id_ = made.json()["id"]
        if drafts is not None:
            drafts.append(UUID(id_))
            return
        expect((yield accept(token, id_)), 200)

    return unit


def accept(token: str, id_: object) -> bytes:
    """Return the request that accepts a draft."""
    key = str(uuid4())
    return request("POST", f"{_ORDERS}/orders/{id_}/accept", token=token, body={}, If_Match='"v1"', Idempotency_Key=key)


def list_orders(token: str, cursors: Sequence[str]) -> Make:
    """Read a random page of fifty."""
    random = Random(1)  # noqa: S311 - the same pages each time

    def unit() -> Unit:
        expect((yield request("GET", f"{_ORDERS}/orders?limit=50&cursor={random.choice(cursors)}", token=token)), 200)

    return unit


def cursors(port: int, token: str) -> list[str]:
    """Walk through the whole list once and return the cursors of its pages."""
    found: list[str] = []

    def walk() -> Unit:
        cursor = ""
        while True:
            answer = expect((yield request("GET", f"{_ORDERS}/orders?limit=200{cursor}", token=token)), 200)
            following = json.loads(answer.body)["next"]
            if following is None:
                return
            found.append(following)
            cursor = f"&cursor={following}"

    load.once(port, walk())
    return found[:-1]


def one_order(token: str, ids: Sequence[UUID]) -> Make:
    """Read one order with its lines, cells, stages and timeline."""
    random = Random(2)  # noqa: S311 - the same orders each time

    def unit() -> Unit:
        expect((yield request("GET", f"{_ORDERS}/orders/{random.choice(ids)}", token=token)), 200)

    return unit


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Where output may be recorded: first stages of open work orders, and who may work."""

    places: Sequence[tuple[UUID, UUID]]
    people: Sequence[UUID]

    @classmethod
    def known_to(cls, stage: Stage, *, most: int) -> "Floor":
        """Look for work orders with pieces at their first stage."""
        with stage.superuser("production") as connection:
            places = connection.execute(
                "SELECT id, (route -> 'stages' -> 0 ->> 'id')::uuid FROM work_order WHERE lapas_id = %s"
                " AND state IN ('released', 'in_progress') AND quantity >= 5000 ORDER BY id LIMIT %s",
                (LAPAS, most),
            ).fetchall()
            people = connection.execute(
                "SELECT w.inmate_id FROM worker w JOIN work_permission p USING (lapas_id, inmate_id)"
                " WHERE w.lapas_id = %s AND w.fitness = 'fit' AND w.left_on IS NULL AND p.valid_from <= current_date"
                " AND coalesce(p.valid_until, 'infinity') > current_date ORDER BY 1 LIMIT %s",
                (LAPAS, _PEOPLE_A_SHIFT),
            ).fetchall()
        if not places or len(people) < _PEOPLE_A_SHIFT:
            raise LookupError(f"{len(places)} work orders and {len(people)} people to record output for")
        return cls(places=[(order, at) for order, at in places], people=[one for (one,) in people])

    def body(self, place: tuple[UUID, UUID]) -> dict[str, object]:
        """Return what an officer sends for three people."""
        return {
            "work_order_id": str(place[0]),
            "stage_id": str(place[1]),
            "work_date": clock.today("Asia/Jakarta", clock.now()).isoformat(),
            "shift": "pagi",
            "entries": [{"inmate_id": str(one), "good": 1} for one in self.people],
        }


def record_output(token: str, floor: Floor) -> Make:
    """Record a shift's output of three people at the first stage of some work order."""
    random = Random(3)  # noqa: S311 - the same work orders each time

    def unit() -> Unit:
        body = floor.body(random.choice(floor.places))
        sent = request("POST", f"{_PRODUCTION}/output", token=token, body=body, Idempotency_Key=str(uuid4()))
        expect((yield sent), 201)

    return unit


def beranda(cookies: str) -> Make:
    """Open the first page, signed in."""

    def unit() -> Unit:
        answer = expect((yield request("GET", "/", Cookie=cookies)), 200)
        if b"</html>" not in answer.body:
            raise load.WrongAnswer(answer)

    return unit


def sign_in(stage: Stage) -> str:
    """Sign in as a person does and return the cookies."""
    person = next(one for one in accounts() if one.role == ROLE and one.lapas == LAPAS)
    address = f"http://127.0.0.1:{stage.port}/masuk"
    with requests.Session() as browser:
        browser.trust_env = False
        form = browser.get(address, headers={"Host": "localhost"}, timeout=10).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        if token is None:
            raise LookupError("the sign-in page has no form")
        sent = {"username": person.username, "password": PASSWORD, "csrf_token": token[1]}
        browser.post(address, data=sent, headers={"Host": "localhost"}, timeout=10, allow_redirects=False)
        return "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
