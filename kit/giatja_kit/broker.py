"""Whether the broker answers; apart from the worker, so that a web process does not load Celery."""

import redis

from giatja_kit.settings import Settings


def broker_answers(settings: Settings) -> bool:
    """Return whether Redis answers now."""
    try:
        with redis.Redis.from_url(settings.broker_url, socket_timeout=1, socket_connect_timeout=1) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False
