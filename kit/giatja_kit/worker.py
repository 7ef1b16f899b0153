"""The worker of a service: a Celery consumer, the relay, and the timers that need no Redis.

Celery announces *that* something happened; the source's log says *what*. The settings below were
found by trying, not taken from examples; see docs/decisions.
"""

import gc
import os
import socket
import threading
import warnings
from collections.abc import Callable
from time import monotonic
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from giatja_kit import audit, clock, idempotency
from giatja_kit.broker import broker_answers
from giatja_kit.client import ServiceUnavailable
from giatja_kit.events.relay import Relay
from giatja_kit.events.subscriptions import queue_of, queues_for
from giatja_kit.logs import configure_logs, get_logger, trace
from giatja_kit.service import Service
from giatja_kit.settings import Settings

log = get_logger(__name__)

LOOK_SECONDS = 10.0
RETRY_SECONDS = 1.0
SEAL_SECONDS = 1.0
CANARY_SECONDS = 10.0
SILENT_SECONDS = 60.0
HOUSEKEEPING_SECONDS = 3600.0
KEEP_HEARD_DAYS = 400
_NICE = 5

_SOCKET = {"socket_timeout": 5, "socket_connect_timeout": 2, "health_check_interval": 10, "socket_keepalive": True}


def celery_app(service: Service) -> Celery:
    """Make the Celery application of a service."""
    app = Celery(f"giatja.{service.name}", broker=service.settings.broker_url, set_as_current=False)
    app.conf.update(
        broker_transport_options={**_SOCKET, "visibility_timeout": 60, "unacked_restore_interval": 5},
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        broker_channel_error_retry=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_create_missing_queues=True,
        task_default_queue=queue_of(service.name),
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        result_backend=None,
    )
    return app


class Heartbeat:
    """When this process last consumed something from its queue, kept where the health check looks."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.heartbeat_file
        self._last = monotonic()

    def beat(self) -> None:
        """Note that something was consumed."""
        self._last = monotonic()
        self._file.touch()

    @property
    def silent_for(self) -> float:
        """Seconds since something was consumed."""
        return monotonic() - self._last


class Worker:
    """One worker process."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.app = celery_app(service)
        self.database = service.database("worker", connections=6)
        self.receiver = service.receiver(self.database)
        self.heartbeat = Heartbeat(service.settings)
        self._stop = threading.Event()
        dsn = service.settings.database_url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.relay = Relay(self.database, dsn, self._announce)
        self._timers = [
            self._every(LOOK_SECONDS, "look", self.look_everywhere),
            self._every(RETRY_SECONDS, "retry", self._retry_due),
            self._every(CANARY_SECONDS, "canary", self._canary),
            self._every(SEAL_SECONDS, "seal", self._seal),
            self._every(HOUSEKEEPING_SECONDS, "housekeeping", self._housekeeping),
        ]
        self._declare_tasks()

    def _declare_tasks(self) -> None:
        @self.app.task(name="giatja.hear", shared=False)
        def hear(source: str, head: int, traceparent: str | None = None) -> None:
            self.heartbeat.beat()
            with trace(traceparent):
                self._look(source, announced=head)

        @self.app.task(name="giatja.canary", shared=False)
        def canary() -> None:
            self.heartbeat.beat()

    def _announce(self, types: frozenset[str], head: int) -> None:
        for queue in queues_for(types, dict(self.service.heard_by)):
            self._send("giatja.hear", queue, source=self.service.name, head=head)

    def _send(self, task: str, queue: str, **values: Any) -> None:
        try:
            self.app.send_task(task, kwargs=values, queue=queue, ignore_result=True, retry=False, expires=300)
        except Exception as error:  # noqa: BLE001 - kombu raises many kinds; the timers make up for it
            log.warning("announcement_not_sent", queue=queue, error=type(error).__name__)

    def _look(self, source: str, *, announced: int | None = None) -> None:
        try:
            count = self.receiver.catch_up(source, announced=announced)
        except ServiceUnavailable as error:
            log.info("feed_unavailable", source=source, error=str(error))
        else:
            if count:
                log.debug("facts_heard", source=source, count=count)

    def look_everywhere(self) -> None:
        """Read every source's feed, whether or not anything was announced."""
        for source in self.service.subscriptions.sources:
            self._look(source)

    def _retry_due(self) -> None:
        self.receiver.retry_due()
        for chore in self.service.chores:
            chore(self.service)

    def _canary(self) -> None:
        self._send("giatja.canary", queue_of(self.service.name))
        if self.heartbeat.silent_for > SILENT_SECONDS and broker_answers(self.service.settings):
            log.error("worker_hears_nothing", seconds=round(self.heartbeat.silent_for))
            os._exit(70)

    def _seal(self) -> None:
        """Seal the audit trail, where this worker leads; beside the relay, so that no fact waits for it."""
        if not self.relay.leading:
            return
        with self.database.transaction(at=clock.now(), repeatable=True) as store:
            audit.seal(store)

    def _housekeeping(self) -> None:
        with self.database.transaction(at=clock.now()) as store:
            store.run("SELECT giatja_log_partitions()")
            idempotency.forget_old(store)
            audit.seal(store, everything=True)
            store.run(f"DELETE FROM heard_fact WHERE heard_at < now() - interval '{KEEP_HEARD_DAYS} days'")  # noqa: S608

    def _every(self, seconds: float, name: str, act: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            while not self._stop.is_set():
                try:
                    act()
                except Exception as error:  # noqa: BLE001 - a timer that dies is a fault nobody sees
                    log.warning("timer_failed", timer=name, error=f"{type(error).__name__}: {error}")
                self._stop.wait(seconds)

        return threading.Thread(target=run, name=name, daemon=True)

    def start(self) -> None:
        """Start the relay and the timers."""
        gc.collect()
        gc.freeze()  # what was loaded stays; the collector need not walk through it again and again
        self.heartbeat.beat()
        self.relay.start()
        for timer in self._timers:
            timer.start()

    def stop(self) -> None:
        """Stop them."""
        self._stop.set()
        self.relay.stop()

    def run(self) -> None:
        """Consume until told to stop."""
        worker_ready.connect(lambda **_: self.start(), weak=False)
        worker_shutting_down.connect(lambda **_: self.stop(), weak=False)
        name = f"{self.service.name}@{socket.gethostname()}-{os.getpid()}"
        arguments = ["worker", "--pool=threads", "--concurrency=4", f"--queues={queue_of(self.service.name)}"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
        self.app.worker_main(["--quiet", *arguments, *quiet, f"--hostname={name}"])


def run_worker(service: Service) -> None:
    """Run the worker process of a service."""
    configure_logs(service.name, "worker", service.settings.log_level)
    # Containers give the process a user of its own; on a laptop or in a container being root is known.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # People wait for requests, nobody for a fact: where both want the processor, requests go first, and
    # facts that waited a moment are heard together for less.
    os.nice(_NICE)
    setup_logging.connect(lambda **_: None, weak=False)
    Worker(service).run()
