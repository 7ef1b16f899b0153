"""A load generator that costs little: all clients in one thread, over keep-alive sockets of their own.

Whatever the generator burns is taken from the system on the same two cores, so it builds requests
as bytes, reads answers without parsing more than their length, and waits in one selector.
"""

import json
import selectors
import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

CLIENTS = 8
_CHUNK = 262_144
_END = b"\r\n\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """Return a header's value, empty without it."""
        wanted = name.lower().encode() + b":"
        for line in self.head.split(b"\r\n")[1:]:
            if line.lower().startswith(wanted):
                return line[len(wanted) :].strip().decode()
        return ""


class WrongAnswer(Exception):
    """A unit of work got an answer it did not expect."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body[:300].decode(errors='replace')}")


Unit = Generator[bytes, Answer, None]
"""One unit of work, e.g. create and accept an order: it yields requests and is sent the answers."""


def request(method: str, path: str, *, token: str = "", body: Any = None, **headers: str) -> bytes:
    """Return a request as it goes over the wire.

    :param headers: further ones, with ``_`` for ``-``.
    """
    payload = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def expect(answer: Answer, *statuses: int) -> Answer:
    """Return the answer if its status is one of those.

    :raises WrongAnswer: otherwise.
    """
    if answer.status not in statuses:
        raise WrongAnswer(answer)
    return answer


@dataclass(kw_only=True)
class Outcome:
    """What a run of load found: how long each unit took, and what went wrong."""

    seconds: float
    took: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""

    @property
    def rate(self) -> float:
        """Units a second."""
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the time, in seconds, within which a share of the units ended."""
        return percentile(self.took, share)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, nan without any."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


class _Client:
    """One caller: a socket, the unit it is at, and what it has read of an answer."""

    def __init__(self, address: tuple[str, int], make: Callable[[], Unit]) -> None:
        self._address = address
        self._make = make
        self.socket = self._connect()
        self._read = b""
        self._unit: Unit
        self.began = 0.0

    def _connect(self) -> socket.socket:
        made = socket.create_connection(self._address, timeout=30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def begin(self) -> None:
        """Send the first request of a new unit."""
        self._unit = self._make()
        self.began = perf_counter()
        self.socket.sendall(next(self._unit))

    def receive(self) -> bool:
        """Take what has arrived; return whether the unit has ended."""
        part = self.socket.recv(_CHUNK)
        if not part:
            raise ConnectionError("closed by the other side")
        self._read += part
        taken = take_answer(self._read)
        if taken is None:
            return False
        answer, self._read = taken
        try:
            self.socket.sendall(self._unit.send(answer))
        except StopIteration:
            return True
        return False

    def renew(self) -> socket.socket:
        """Begin anew after a broken connection."""
        self.socket.close()
        self._read = b""
        self.socket = self._connect()
        return self.socket


def take_answer(read: bytes) -> tuple[Answer, bytes] | None:
    """Return the first whole answer in what was read, and what follows it; nothing while it is not whole."""
    end = read.find(_END)
    if end < 0:
        return None
    head, start = read[:end], end + len(_END)
    status = int(head[9:12])
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    if status in (204, 304):
        size = 0
    elif at >= 0:
        size = int(lowered[at + 17 :].split(b"\r\n", 1)[0])
    else:
        return _take_chunks(head, status, read, start)
    if len(read) < start + size:
        return None
    return Answer(status=status, head=head, body=read[start : start + size]), read[start + size :]


def _take_chunks(head: bytes, status: int, read: bytes, at: int) -> tuple[Answer, bytes] | None:
    body = b""
    while True:
        line = read.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(read[at:line].split(b";")[0], 16)
        at = line + 2 + size + 2
        if len(read) < at:
            return None
        if size == 0:
            return Answer(status=status, head=head, body=body), read[at:]
        body += read[line + 2 : line + 2 + size]


def run(port: int, make: Callable[[], Unit], *, seconds: float, warm: float = 1.5, clients: int = CLIENTS) -> Outcome:
    """Have clients repeat units of work for some seconds, after a time that is not counted."""
    outcome = Outcome(seconds=seconds)
    callers = [_Client(("127.0.0.1", port), make) for _ in range(clients)]
    with selectors.DefaultSelector() as waiting:
        for caller in callers:
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
            caller.begin()
        counted_from = perf_counter() + warm
        until = counted_from + seconds
        while perf_counter() < until:
            for key, _ in waiting.select(timeout=1.0):
                caller = key.data
                try:
                    ended = caller.receive()
                except (WrongAnswer, OSError) as error:
                    outcome.errors += 1
                    outcome.first_error = outcome.first_error or str(error)
                    waiting.unregister(key.fileobj)
                    waiting.register(caller.renew(), selectors.EVENT_READ, caller)
                    caller.begin()
                    continue
                if ended:
                    now = perf_counter()
                    if counted_from <= now <= until:
                        outcome.took.append(now - caller.began)
                    caller.begin()
    for caller in callers:
        caller.socket.close()
    return outcome


def once(port: int, unit: Unit) -> None:
    """Do one unit of work, by one client."""
    client = _Client(("127.0.0.1", port), lambda: unit)
    client.begin()
    while not client.receive():
        pass
    client.socket.close()
