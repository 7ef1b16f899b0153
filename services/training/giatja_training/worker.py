"""The worker process: ``python -m giatja_training.worker``."""

from giatja_kit.worker import run_worker
from giatja_training.bootstrap import make_service

if __name__ == "__main__":
    run_worker(make_service())
