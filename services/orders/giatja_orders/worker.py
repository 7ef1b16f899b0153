"""The worker process: ``python -m giatja_orders.worker``."""

from giatja_kit.worker import run_worker
from giatja_orders.bootstrap import make_service

if __name__ == "__main__":
    run_worker(make_service())
