"""Who tries links that nobody made has to wait; a screen that shows a link that worked before goes on."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Final

MOST_WRONG: Final = 20
WAIT_SECONDS: Final = 600.0
_REMEMBERED: Final = 2000


@dataclass(kw_only=True)
class _Tries:
    began: float
    wrong: set[bytes] = field(default_factory=set)


class Guesses:
    """Counts the different wrong links that came from an address; one process counts for itself.

    A link has 192 random bits, so nobody finds one; this keeps those who try anyway from keeping the services busy.
    The same wrong link counts once: a screen whose link was revoked does not lock out its neighbours behind one address.
    """

    def __init__(self, most: int = MOST_WRONG, wait: float = WAIT_SECONDS) -> None:
        self._most = most
        self._wait = wait
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, token: str, at: float) -> int:
        """Return for how many seconds an address has to wait before it may try a link, usually 0."""
        with self._lock:
            tries = self._tries.get(address)
            if tries is None or len(tries.wrong) < self._most or _mark(token) in self._right:
                return 0
            left = tries.began + self._wait - at
            if left <= 0:
                del self._tries[address]
                return 0
            return int(left) + 1

    def was_wrong(self, address: str, token: str, at: float) -> None:
        """Note a link that nobody made, or that has ended."""
        with self._lock:
            self._right.pop(_mark(token), None)
            tries = self._tries.get(address)
            if tries is None or at - tries.began >= self._wait:
                tries = self._tries[address] = _Tries(began=at)
            tries.wrong.add(_mark(token))
            while len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)

    def was_right(self, token: str) -> None:
        """Note a link that works."""
        with self._lock:
            self._right[_mark(token)] = None
            self._right.move_to_end(_mark(token))
            while len(self._right) > _REMEMBERED:
                self._right.popitem(last=False)


def _mark(token: str) -> bytes:
    return sha256(token.encode()).digest()
