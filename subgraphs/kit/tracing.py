"""Traces: what a subgraph does for a request, or because of an event, is part of the trace of whoever caused it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from opentelemetry import trace
from opentelemetry.propagate import inject
from opentelemetry.trace import Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_tracer = trace.get_tracer("tandem")
_propagator = TraceContextTextMapPropagator()
_is_recording = False


def configure_tracing(service: str, endpoint: str | None) -> None:
    """Send spans to an OTLP collector; without an endpoint nothing is recorded, and traces pass through all the same."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    record_with(provider)


def record_with(provider: trace.TracerProvider) -> None:
    """Record spans with this provider from now on."""
    global _is_recording, _tracer
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("tandem")
    _is_recording = True


@contextmanager
def continued_trace(
    name: str, kind: SpanKind, traceparent: str | None, attributes: Mapping[str, str] | None = None
) -> Iterator[Span | None]:
    """Run the block in a span below the one that `traceparent` (W3C) names; its logs carry the trace, its events pass it on.

    Without a traceparent, and with nobody to send spans to, there is no span and no cost.
    """
    if traceparent is None and not _is_recording:
        yield None
        return
    parent = _propagator.extract({"traceparent": traceparent}) if traceparent else None
    # Messages of exceptions may show what people wrote: a span tells only that it failed.
    with (
        _tracer.start_as_current_span(
            name,
            context=parent,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span,
        structlog.contextvars.bound_contextvars(**log_fields(span.get_span_context())),
    ):
        yield span


def current_traceparent() -> str | None:
    """The W3C traceparent of the running span, to travel with an event."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def log_fields(context: SpanContext) -> dict[str, str]:
    """The names by which Cloud Logging finds the log lines of a trace."""
    if not context.is_valid:
        return {}
    return {
        "logging.googleapis.com/trace": f"{context.trace_id:032x}",
        "logging.googleapis.com/spanId": f"{context.span_id:016x}",
    }
