"""Logs: one JSON object a line, a constant event name with fields, the trace id everywhere."""

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_traceparent: ContextVar[str] = ContextVar("traceparent", default="")


def configure_logs(service: str, process: str, level: str = "INFO") -> None:
    """Send structured logs, and those of libraries, to standard output as JSON."""
    shared: list[structlog.typing.Processor] = [
        _add_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _named(service, process),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("urllib3", "kombu", "celery.worker.strategy", "celery.app.trace", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _named(service: str, process: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, fields: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, "process": process, **fields}

    return add


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def traceparent() -> str:
    """Return the W3C trace context of what is being done now, starting one if there is none."""
    return _traceparent.get() or _new_traceparent()


def trace_id() -> str:
    """Return the 32 hexadecimal digits that join a request, its facts and its tasks in the logs."""
    return traceparent().split("-")[1]


def _new_traceparent() -> str:
    value = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    _traceparent.set(value)
    return value


def _well_formed(value: str) -> bool:
    parts = value.split("-")
    return [len(p) for p in parts] == [2, 32, 16, 2] and all(c in "0123456789abcdef" for p in parts for c in p)


@contextmanager
def trace(incoming: str | None) -> Iterator[str]:
    """Follow the trace that came in, or begin one; yields the trace id."""
    if incoming and _well_formed(incoming):
        value = f"{incoming[:36]}{secrets.token_hex(8)}-01"
    else:
        value = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    token = _traceparent.set(value)
    try:
        yield value[3:35]
    finally:
        _traceparent.reset(token)


def _add_trace(_logger: object, _method: str, fields: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Say which trace a line belongs to: asked when there is a line, not bound with each request."""
    followed = _traceparent.get()
    return {"trace": followed.split("-")[1], **fields} if followed else fields
