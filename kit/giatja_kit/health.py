"""``python -m giatja_kit.health``: succeeds while the worker beside it proves that it consumes."""

import os
import sys
import time
from pathlib import Path

MAX_AGE_SECONDS = 60.0


def main() -> int:
    """Return 0 when the heartbeat is fresh, else 1 with the reason."""
    file = Path(os.environ.get("GIATJA_HEARTBEAT_FILE", "/tmp/giatja-worker.beat"))  # noqa: S108
    try:
        age = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        print(f"no heartbeat yet at {file}", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    if age > MAX_AGE_SECONDS:
        print(f"nothing consumed for {age:.0f} s", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
