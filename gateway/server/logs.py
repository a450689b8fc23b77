"""Structured logs: JSON lines on standard error, written in batches so that a request never waits for the terminal."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import IO, Any

import orjson
import structlog

_FLUSH_DELAY = 0.1  # seconds
_FLUSH_BYTES = 64 * 1024

# Without the values of local variables: tokens and variables of operations are among them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logging(level: str) -> None:
    """Set structlog and the standard library's loggers up to write one JSON object a line."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _TRACEBACKS,
            _for_cloud_logging,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _TRACEBACKS,
                _for_cloud_logging,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


class AccessLog:
    """The line per operation. Lines are kept for a moment and written together: one system call for many requests."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, line: dict[str, Any]) -> None:
        """Add one line."""
        self.write_line(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def write_line(self, text: bytes) -> None:
        """Add one line that is JSON already, with its end."""
        self._lines.append(text)
        self._size += len(text)
        if self._size >= _FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_DELAY, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._lines:
            return
        lines, self._lines, self._size = self._lines, [], 0
        self._stream.write(b"".join(lines))
        self._stream.flush()


def _for_cloud_logging(logger: object, method: str, event: Any) -> Any:
    """Name level and text as Cloud Logging reads them; `event` stays, for whoever searches by it."""
    event["severity"] = str(event.pop("level", method)).upper()
    event["message"] = event.get("event", "")
    return event


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
