"""OpenTelemetry traces: a span for each operation and one for each fetch below it, sent by OTLP. Off without an
endpoint.

Names and attributes follow the GraphQL semantic conventions: the span is called by the operation's type, never by its
name, and neither its text nor its variables are in it.
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ..execution import FetchEvent
from .operations import KnownOperation
from .refusals import HeaderPairs
from .request import Caller
from .settings import TelemetrySettings


class Tracing:
    """Starts the trace of each operation."""

    def __init__(self, ratio: float, exporter: SpanExporter) -> None:
        resource = Resource.create({"service.name": "gateway"})
        self._provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(ratio)))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = self._provider.get_tracer("gateway")
        self._propagator = TraceContextTextMapPropagator()

    @classmethod
    def from_settings(cls, settings: TelemetrySettings) -> Tracing | None:
        """Return what the settings describe; None without an endpoint."""
        if settings.otlp_endpoint is None:
            return None
        return cls(settings.trace_ratio, OTLPSpanExporter(traces_url(settings.otlp_endpoint)))

    def start(self, caller: Caller, known: KnownOperation) -> OperationTrace:
        """Start the span of an operation, below the client's if it sent one; the caller's headers get ours instead."""
        parent = self._propagator.extract({"traceparent": caller.traceparent}) if caller.traceparent else None
        prepared = known.prepared
        span = self.tracer.start_span(
            prepared.operation_kind,
            context=parent,
            kind=SpanKind.SERVER,
            attributes={
                "graphql.operation.type": prepared.operation_kind,
                "graphql.document.hash": known.hash,
                "gateway.protocol": caller.protocol,
                "gateway.request_id": caller.request_id,
            },
        )
        if prepared.operation_name is not None:
            span.set_attribute("graphql.operation.name", prepared.operation_name)
        caller.headers = tuple(header for header in caller.headers if header[0] != b"traceparent")
        caller.traceparent = traceparent_of(span)
        return OperationTrace(self, span)

    def shutdown(self) -> None:
        """Send what waits; takes up to the exporter's timeout."""
        self._provider.shutdown()


class OperationTrace:
    """The span of one operation, and of its fetches while they are on their way."""

    def __init__(self, tracing: Tracing, span: Span) -> None:
        self._tracer = tracing.tracer
        self._span = span
        self._fetches: dict[int, Span] = {}

    def before_fetch(self, subgraph_name: str, fetch_id: int) -> HeaderPairs:
        """Start the span of a fetch, and return the header that makes it the parent of what the subgraph does."""
        span = self._tracer.start_span(
            "fetch",
            context=set_span_in_context(self._span),
            kind=SpanKind.CLIENT,
            attributes={"gateway.subgraph": subgraph_name, "gateway.fetch": fetch_id},
        )
        self._fetches[fetch_id] = span
        return ((b"traceparent", traceparent_of(span).encode()),)

    def on_fetch(self, event: FetchEvent) -> None:
        """End the span of a fetch."""
        span = self._fetches.pop(event.fetch_id, None)
        if span is None:
            return
        if event.status is not None:
            span.set_attribute("http.response.status_code", event.status)
        if event.error_code is not None:
            span.set_status(Status(StatusCode.ERROR, event.error_code))
        # The event tells the loop's time; spans want nanoseconds since the epoch.
        late = asyncio.get_running_loop().time() - event.ended
        span.end(time.time_ns() - int(late * 1e9))

    def end(self, errors: int) -> None:
        """End the span of the operation."""
        for span in self._fetches.values():
            span.end()
        if errors:
            self._span.set_status(Status(StatusCode.ERROR))
            self._span.set_attribute("graphql.errors", errors)
        self._span.end()


def traces_url(endpoint: str) -> str:
    """Return where traces go: the collector's base address is enough, as with OTEL_EXPORTER_OTLP_ENDPOINT."""
    return endpoint if urlsplit(endpoint).path.strip("/") else f"{endpoint.rstrip('/')}/v1/traces"


def traceparent_of(span: Span) -> str:
    """Return the W3C header of a span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
