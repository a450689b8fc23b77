"""Telemetry: what the server tells of its work, to the logs and to the metrics, in one place that the rest calls."""

from __future__ import annotations

import itertools
import os
import sys
from datetime import UTC, datetime

import orjson

from ..execution import FetchEvent
from .logs import AccessLog
from .metrics import Metrics
from .operations import KnownOperation
from .overload import OverloadWatch
from .request import Caller
from .settings import TelemetrySettings
from .settings_safety import LimitMode


class Telemetry:
    """Logs and metrics of one process. No variable, token or text of an operation passes through here."""

    def __init__(self, settings: TelemetrySettings, metrics: Metrics, overload: OverloadWatch) -> None:
        self.metrics = metrics
        self._overload = overload
        self._access = AccessLog(sys.stderr.buffer) if settings.access_log else None
        # Unique without asking the kernel for randomness on each request.
        self._id_prefix = os.urandom(6).hex().encode()
        self._id_numbers = itertools.count(1)
        self.on_fetch = self._count_fetch if settings.metrics else None

    def new_request_id(self) -> bytes:
        """Return an id for a request that came without one."""
        return b"%b-%x" % (self._id_prefix, next(self._id_numbers))

    def operation(
        self,
        caller: Caller,
        known: KnownOperation,
        seconds: float,
        errors: int,
        *,
        status: int = 200,
        answer_bytes: int = 0,
    ) -> None:
        """Tell of one operation that was executed."""
        prepared = known.prepared
        self.metrics.operation(prepared.operation_kind, prepared.operation_name, caller.protocol, errors > 0, seconds)
        if self._access is None:
            return
        # Written by hand, at a quarter of the price of a dictionary: nothing in it but the trace needs escaping.
        trace = b""
        if caller.traceparent:
            trace = b',"logging.googleapis.com/trace":%b' % orjson.dumps(caller.traceparent[3:35])
        self._access.write_line(
            b'{"severity":"INFO","message":"operation","event":"operation","time":"%b","request_id":"%b","protocol":"%b",%b,'
            b'"errors":%d,"httpRequest":{"status":%d,"latency":"%.6fs","responseSize":"%d"}%b}\n'
            % (
                _now(),
                caller.request_id.encode("latin-1"),
                caller.protocol.encode(),
                known.log_fields,
                errors,
                status,
                seconds,
                answer_bytes,
                trace,
            )
        )

    def refused(self, caller: Caller, code: str, status: int) -> None:
        """Tell of a request that was refused before work."""
        self.metrics.refused.labels(code).inc()
        if self._access is not None:
            self._access.write(
                {
                    "severity": "WARNING",
                    "message": "refused",
                    "event": "refused",
                    "time": _now().decode(),
                    "request_id": caller.request_id,
                    "protocol": caller.protocol,
                    "code": code,
                    "httpRequest": {"status": status},
                }
            )

    def limit_exceeded(self, name: str, mode: LimitMode) -> None:
        """Tell of an operation that passes a limit."""
        self.metrics.limit_exceeded.labels(name, mode.value).inc()

    def shed(self) -> None:
        """Tell of a request refused because too many are in work."""
        self.metrics.shed.inc()
        self._overload.refused()

    def disconnected(self) -> None:
        """Tell of a query that was given up because its client has gone."""
        self.metrics.disconnects.inc()

    def masked(self) -> None:
        """Tell of an unforeseen error."""
        self.metrics.masked_errors.inc()

    def reconnected(self, subgraph_name: str) -> None:
        """Tell of a socket to a subgraph that was opened again."""
        self.metrics.upstream_reconnects.labels(subgraph_name).inc()

    def flush(self) -> None:
        """Write what waits to be written."""
        if self._access is not None:
            self._access.flush()

    def _count_fetch(self, event: FetchEvent) -> None:
        outcome = event.error_code or "ok"
        if event.status is not None and event.status >= 400 and event.error_code is None:
            outcome = f"http_{event.status // 100}xx"
        self.metrics.fetch(event.subgraph_name, outcome, event.ended - event.started)


def _now() -> bytes:
    """The time as Cloud Logging reads it."""
    return datetime.now(UTC).isoformat().encode()
