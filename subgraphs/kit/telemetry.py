"""What operators see of a subgraph: JSON logs with the request's id, and Prometheus metrics; `tracing` has the traces."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("tandem_requests_total", "HTTP requests answered", ["subgraph", "route", "status"])
REQUEST_SECONDS = Histogram(
    "tandem_request_seconds",
    "Time to answer an HTTP request",
    ["subgraph", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OPEN_SOCKETS = Gauge("tandem_open_sockets", "WebSocket connections open now", ["subgraph"])
EVENTS_PUBLISHED = Counter("tandem_events_published_total", "Events handed from the outbox to the bus", ["source"])
OUTBOX_WAITING = Gauge("tandem_outbox_waiting_seconds", "Age of the oldest event not yet on the bus", ["subgraph"])
EVENTS_BEHIND = Gauge("tandem_events_behind", "Events on the bus that this consumer has not handled", ["consumer"])
EVENTS_HANDLED = Counter("tandem_events_handled_total", "Events handled", ["consumer", "type"])
ROWS_PURGED = Counter(
    "tandem_rows_purged_total", "Rows deleted because they were kept long enough", ["subgraph", "kind"]
)


def configure_logging(service: str, level: str) -> None:
    """JSON lines on standard output, in the form that Cloud Logging reads (severity, message, time)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _name_for_cloud_logging(service),
            structlog.processors.JSONRenderer(serializer=_dump),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )


def _name_for_cloud_logging(service: str) -> Any:
    def rename(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["severity"] = {"warn": "WARNING", "exception": "ERROR"}.get(method, method.upper())
        event["message"] = event.pop("event")
        event["service"] = service
        return event

    return rename


def _dump(value: object, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
