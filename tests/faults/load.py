"""Work that goes on while things break: orders from draft to evidence, each write repeated until it is answered."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import requests

from tests.story import Story

GIVE_UP_SECONDS = 60.0


@dataclass
class Answered:
    """What was answered, to be found again at the end."""

    orders: dict[str, str] = field(default_factory=dict)
    output: int = 0
    repeats: int = 0
    slowest: float = 0.0


class Load:
    """A few clerks who work without pause.

    :param story: a deployment that is open, with a partner, a product and inmates who may work.
    """

    def __init__(self, story: Story, *, partner: str, product: str, inmates: list[str], clerks: int = 2) -> None:
        self.story = story
        self.partner = partner
        self.product = product
        self.inmates = inmates
        self.answered = Answered()
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, name=f"clerk-{n}", daemon=True) for n in range(clerks)]

    def __enter__(self) -> Self:
        """Begin to work."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the order in hand and stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=GIVE_UP_SECONDS * 2)
            assert not thread.is_alive(), f"{thread.name} never came to an end"

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._one_order()
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                return

    def _one_order(self) -> None:
        order = {
            "partner_id": self.partner,
            "due_date": self.story.in_days(30),
            "lines": [
                {"product_id": self.product, "cells": [{"size": "M", "colour": "putih", "quantity": len(self.inmates)}]}
            ],
        }
        made = self.write("kasi", "orders", "/orders", order)
        with self._lock:
            self.answered.orders[made["id"]] = made["number"]
        self.write("kasi", "orders", f"/orders/{made['id']}/accept", {}, version=made["version"])
        work_order = self._opened(made["id"])
        if work_order is None:
            return
        for stage in work_order["stages"]:
            entries = [{"inmate_id": inmate, "good": 1} for inmate in self.inmates]
            record = {
                "work_order_id": work_order["id"],
                "stage_id": stage["id"],
                "work_date": self.story.today,
                "shift": "pagi",
                "entries": entries,
            }
            self.write("petugas", "production", "/output", record)
            with self._lock:
                self.answered.output += len(entries)

    def _opened(self, order_id: str) -> dict[str, Any] | None:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self.story.person("petugas").try_get(
                    "production", "/work-orders", order_id=order_id, state="all"
                )
                if answer.status_code == 200 and answer.json()["items"]:
                    return dict(answer.json()["items"][0])
            except requests.RequestException:
                pass
            time.sleep(0.1)
        if self._stop.is_set():
            return None
        raise TimeoutError(f"no work order for {order_id}")

    def write(self, who: str, service: str, path: str, body: Any, *, version: int | None = None) -> dict[str, Any]:
        """Ask for an act with one key until it is answered; an answer that is lost is asked for again."""
        key, began = str(uuid4()), time.monotonic()
        while True:
            answer = self._try(who, service, path, body, version=version, key=key)
            if answer is not None and answer.status_code < 500:
                assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
                with self._lock:
                    self.answered.slowest = max(self.answered.slowest, time.monotonic() - began)
                return dict(answer.json())
            if time.monotonic() - began > GIVE_UP_SECONDS:
                said = "nothing" if answer is None else f"{answer.status_code} {answer.text}"
                raise TimeoutError(f"{path} was not answered within {GIVE_UP_SECONDS} s, last: {said}")
            self.answered.repeats += 1
            time.sleep(0.2)

    def _try(self, who: str, service: str, path: str, body: Any, **sent: Any) -> requests.Response | None:
        try:
            return self.story.person(who).try_post(service, path, body, **sent)
        except requests.RequestException:
            return None
