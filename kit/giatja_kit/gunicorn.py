"""gunicorn's settings, the same for every service and everywhere it runs."""

import gc
import os
from typing import Any

import uuid_utils

from giatja_kit import metrics
from giatja_kit.logs import configure_logs

bind = os.environ.get("GIATJA_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("GIATJA_WEB_WORKERS", "1"))
threads = int(os.environ.get("GIATJA_WEB_THREADS", "8"))
worker_class = "gthread"
# The edge gives its idle connections up earlier than this, so it never writes into a closing one.
keepalive = 75
timeout = 30
graceful_timeout = 8
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
forwarded_allow_ips = "*"
# Loaded once and shared by the workers; a single worker would only share with a master that does nothing.
preload_app = workers > 1
accesslog = None
# Nobody talks to it, and its socket would need a home to lie in.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Log in the same form as the service from the first line on."""
    configure_logs(os.environ.get("GIATJA_PROCESS", "web"), "gunicorn", "WARNING")


def when_ready(_server: Any) -> None:
    """Put what was loaded beyond the reach of the collector, whose marks would unshare it page by page."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, _worker: Any) -> None:
    """Give each worker random numbers of its own: identifiers are made of them."""
    uuid_utils.reseed_rng()


def post_worker_init(_worker: Any) -> None:
    """Spare the collector from walking through all code again and again while requests wait."""
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Let the figures of a worker that has gone be counted once."""
    metrics.forget(worker.pid)
