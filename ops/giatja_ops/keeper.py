"""Outlives a killed supervisor for as long as it takes to stop what that one had started.

It holds the reading end of a pipe whose only writer is the supervisor. However that one dies, the
pipe ends, and the keeper stops every process it was told of: those that use the stores first, the
stores after them. One mechanism for Linux and macOS. Standard library only, and started by its path,
so that it costs little memory.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

# Together within the ten seconds in which everything must be gone, and the last resort after them.
_GRACE = {1: 5.0, 0: 3.0}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # Where nobody collects orphans (a container without an init), the dead stay listed.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _end_group(pid: int) -> None:
    """Kill what is left of a process and of the children in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _stop(known: dict[int, tuple[int, int]]) -> None:
    for tier, grace in _GRACE.items():
        pids = [pid for pid, (its_tier, _) in known.items() if its_tier == tier]
        for pid in pids:
            _send(pid, known[pid][1])
            # A frozen process could not hear it.
            _send(pid, signal.SIGCONT)
        end = time.monotonic() + grace
        while any(map(_alive, pids)) and time.monotonic() < end:
            time.sleep(0.05)
        if tier == 0 and any(map(_alive, pids)):
            # PostgreSQL's own last resort: its backends are in groups of their own and follow it.
            for pid in pids:
                _send(pid, signal.SIGQUIT)
            time.sleep(0.5)
        for pid in pids:
            _end_group(pid)


def main() -> None:
    """Note the processes named on standard input; when it ends without a farewell, stop them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    known: dict[int, tuple[int, int]] = {}
    for line in sys.stdin:
        word, *numbers = line.split()
        if word == "add":
            pid, tier, stop_signal = map(int, numbers)
            known[pid] = (tier, stop_signal)
        elif word == "drop":
            known.pop(int(numbers[0]), None)
        elif word == "farewell":
            return
    _stop(known)


if __name__ == "__main__":
    main()
