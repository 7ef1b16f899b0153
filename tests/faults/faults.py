"""The faults: each breaks something real, waits a little, and puts back what does not come back by itself."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
import redis

from giatja_kit.crash import POINTS
from giatja_ops.local import LocalSystem

WEB = ("orders", "production", "training", "gateway")
WORKERS = tuple(f"{s}-worker" for s in WEB)


@dataclass(frozen=True)
class Fault:
    """One fault by name."""

    name: str
    strike: Callable[[], None]


class Saboteur:
    """Breaks one system, from a seed."""

    def __init__(self, system: LocalSystem, seed: int) -> None:
        self.system = system
        self.random = random.Random(seed)

    # -- kills

    def kill(self, name: str) -> Fault:
        """SIGKILL a process with its children, so that requests in hand die too; it is started again at once."""

        def strike() -> None:
            process = self.system.process(name)
            os.killpg(process.pid, signal.SIGKILL)
            self._until_it_dies(name, seconds=5.0)
            self.system.start_process(name)

        return Fault(f"SIGKILL {name}", strike)

    def crash(self, name: str, point: str) -> Fault:
        """Let a process die at a crash point, then start it without."""

        def strike() -> None:
            self.system.stop_process(name)
            self.system.start_process(name, environment={"GIATJA_CRASH_AT": f"{point}:0.3"}, wait=False)
            self._until_it_dies(name, seconds=3.0)
            self.system.stop_process(name)
            self.system.start_process(name)

        return Fault(f"{point} in {name}", strike)

    def _until_it_dies(self, name: str, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.system.process(name).running:
            time.sleep(0.05)

    def freeze(self, name: str, seconds: float) -> Fault:
        """SIGSTOP a process for a while; it wakes into a world that went on."""

        def strike() -> None:
            process = self.system.process(name)
            process.kill(signal.SIGSTOP)
            time.sleep(seconds)
            process.kill(signal.SIGCONT)

        return Fault(f"freeze {name} {seconds} s", strike)

    # -- broker

    def flush(self) -> Fault:
        """Make the broker forget everything."""

        def strike() -> None:
            self._broker().flushall()

        return Fault("FLUSHALL", strike)

    def broker_away(self, seconds: float) -> Fault:
        """Stop the broker for a while."""

        def strike() -> None:
            self.system.process("valkey").kill(signal.SIGKILL)
            time.sleep(seconds)
            self.system.start_process("valkey")

        return Fault(f"broker away {seconds} s", strike)

    def repeat_announcements(self) -> Fault:
        """Announce everything three times, shuffled, with heads old and new."""

        def strike() -> None:
            from giatja_kit.settings import read_settings
            from giatja_kit.worker import celery_app
            from giatja_orders.bootstrap import make_service
            from giatja_orders.settings import OrdersSettings

            app = celery_app(make_service(read_settings(OrdersSettings, self.system.settings_env("orders"))))
            sent = [(s, h) for s in WEB for h in (1, 5, 10**6)] * 3
            self.random.shuffle(sent)
            for source, head in sent:
                queue = f"{self.random.choice(WEB)}.events"
                app.send_task("giatja.hear", kwargs={"source": source, "head": head}, queue=queue)

        return Fault("announcements repeated and shuffled", strike)

    def _broker(self) -> redis.Redis:
        password = (self.system.secrets / "stores" / "giatja_redis_password").read_text().strip()
        return redis.Redis(port=self.system.port_of("valkey"), password=password)

    # -- database

    def terminate_backends(self, service: str) -> Fault:
        """Cut every connection to a service's database."""

        def strike() -> None:
            secret = (self.system.secrets / "stores" / "giatja_database_superuser_password").read_text().strip()
            address = f"postgresql://postgres:{secret}@127.0.0.1:{self.system.port_of('postgres')}/postgres"
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (f"giatja_{service}",)
                )

        return Fault(f"backends of {service} terminated", strike)

    # -- plans

    def quick(self) -> Sequence[Callable[[], Fault]]:
        """Return the faults that take no longer than a process takes to start."""
        pick = self.random.choice
        return (
            lambda: self.kill(pick(WORKERS)),
            lambda: self.kill(pick(("production", "orders", "training"))),
            self.flush,
            lambda: self.terminate_backends(pick(WEB)),
            self.repeat_announcements,
        )

    def plan(self, count: int) -> list[Fault]:
        """Return a mixed series of quick faults."""
        kinds = self.quick()
        return [kinds[n % len(kinds)]() for n in range(count)]

    def crashes(self) -> list[Fault]:
        """Return one crash at every point there is, in a process that passes it."""
        where = {
            "before-commit": ("orders", "production"),
            "after-commit": ("orders", "production"),
            "relay-before-position": ("orders-worker",),
            "relay-after-position": ("orders-worker", "production-worker"),
            "relay-after-announce": ("production-worker",),
            "hear-before-commit": ("production-worker", "training-worker"),
            "hear-after-commit": ("orders-worker", "gateway-worker"),
        }
        assert set(where) == set(POINTS)
        return [self.crash(name, point) for point, names in where.items() for name in names]
