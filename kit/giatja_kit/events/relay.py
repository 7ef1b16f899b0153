"""The relay: gives committed facts their position and has Celery announce that there are some.

Any number of workers may run one; a session-level advisory lock elects the leader, and a leader
that dies gives the lock back with its connection.
"""

import threading
from collections.abc import Callable
from time import monotonic

import psycopg

from giatja_kit import clock
from giatja_kit.crash import crash_point
from giatja_kit.database import Database
from giatja_kit.events import log as event_log
from giatja_kit.logs import get_logger

log = get_logger(__name__)

_LOCK = 72_001
_ELECTION_SECONDS = 2.0
_LOOK_SECONDS = 1.0
# Under load it is the rounds that cost, here and in every subscriber: facts that come thick are placed and
# announced together, and where very many come, more of them.
_GATHER_SECONDS = 0.01
_GATHER_MANY_SECONDS = 0.1
_MANY_A_SECOND = 50

Announce = Callable[[frozenset[str], int], None]


class Relay:
    """One candidate for the relay of a service.

    :param announce: sends announcements for the types just placed and the new head; may fail, since
        subscribers also look by themselves.
    """

    def __init__(self, database: Database, dsn: str, announce: Announce) -> None:
        self._database = database
        self._dsn = dsn
        self._announce = announce
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self.leading = False

    def start(self) -> None:
        """Begin to stand for election."""
        self._thread.start()

    def stop(self) -> None:
        """Step down."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._dsn, autocommit=True, connect_timeout=3, application_name="giatja-relay"
                ) as connection:
                    self._stand(connection)
            except Exception as error:  # noqa: BLE001 - whatever it was, the relay has to go on
                log.warning("relay_interrupted", error=f"{type(error).__name__}: {error}")
            self.leading = False
            self._stop.wait(_ELECTION_SECONDS / 2)

    def _stand(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
            if row and row[0]:
                break
            self._stop.wait(_ELECTION_SECONDS)
        else:
            return
        self.leading = True
        log.info("relay_leading")
        connection.execute("LISTEN giatja_facts")
        gather, counted, since = _GATHER_SECONDS, 0, monotonic()
        while not self._stop.is_set():
            began = monotonic()
            counted += self.place_and_announce()
            if began - since >= 1:
                gather = _GATHER_MANY_SECONDS if counted / (began - since) > _MANY_A_SECOND else _GATHER_SECONDS
                counted, since = 0, began
            for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                pass
            self._stop.wait(max(0.0, began + gather - monotonic()))

    def place_and_announce(self) -> int:
        """Give what is committed its position, announce it, and return how many facts that was."""
        total = 0
        while True:
            crash_point("relay-before-position")
            with self._database.transaction(at=clock.now()) as store:
                placed = event_log.place(store)
            if not placed.count:
                return total
            crash_point("relay-after-position")
            total += placed.count
            self._announce(placed.types, placed.head)
            crash_point("relay-after-announce")
            if placed.count < event_log.MOST_PLACED:
                return total
