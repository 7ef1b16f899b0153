"""The worker process: ``python -m giatja_gateway.worker``."""

from giatja_gateway.bootstrap import make_service
from giatja_kit.worker import run_worker

if __name__ == "__main__":
    run_worker(make_service())
