"""Named points at which a test may kill the process, to prove that dying there loses nothing.

``GIATJA_CRASH_AT=after-commit`` kills at that point; ``after-commit:0.1`` in one of ten passes.
Unset, which is everywhere but in the fault tests, a point costs one comparison.
"""

import os
import random
import signal

POINTS = (
    "before-commit",
    "after-commit",
    "relay-before-position",
    "relay-after-position",
    "relay-after-announce",
    "hear-before-commit",
    "hear-after-commit",
)
_wanted, _, _chance = os.environ.get("GIATJA_CRASH_AT", "").partition(":")
if _wanted and _wanted not in POINTS:
    raise SystemExit(f"GIATJA_CRASH_AT: no point named {_wanted!r}; there are {', '.join(POINTS)}")


def crash_point(name: str) -> None:
    """Die here with SIGKILL if a test asked for it."""
    if _wanted == name and (not _chance or random.random() < float(_chance)):  # noqa: S311 - not a secret
        os.kill(os.getpid(), signal.SIGKILL)
