"""One trace from a request over an event to whoever handles it, on either bus."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable

import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Message, Receive, Scope, Send

from subgraphs.kit import tracing
from subgraphs.kit.database import Database
from subgraphs.kit.events import Event, EventBus, Inbox, Outbox
from subgraphs.kit.middleware import RequestMiddleware
from subgraphs.matching import models as matching
from subgraphs.questions import models as questions

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER_SPAN = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{CALLER_SPAN}-01"


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """Where the spans of this module go: the library takes one provider for the life of a process."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.record_with(provider)
    return exporter


async def test_an_event_continues_the_trace_of_the_request_in_its_consumer(
    spans: InMemorySpanExporter, make_bus: Callable[[], EventBus], fresh_database_url: str
) -> None:
    spans.clear()
    database = Database(fresh_database_url)
    outbox = Outbox(questions.Outbox, "questions")
    handled = asyncio.Event()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async with database.transaction() as session:
            outbox.add(session, Event("question.tried", "q1"))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def handle(session: AsyncSession, event: Event) -> None:
        handled.set()

    bus = make_bus()
    await bus.start()
    inbox = Inbox(matching.Inbox, "matching", {"question.tried": handle})
    work = [asyncio.create_task(outbox.relay(database, bus)), asyncio.create_task(inbox.run(database, bus))]
    try:
        app = RequestMiddleware(answer, subgraph_name="questions")
        await call(app, {"traceparent": TRACEPARENT})
        async with asyncio.timeout(30):
            await handled.wait()
            while len(spans.get_finished_spans()) < 2:
                await asyncio.sleep(0.05)
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await bus.aclose()
        await database.dispose()

    request, event = spans.get_finished_spans()
    assert (request.name, request.kind) == ("POST /graphql", SpanKind.SERVER)
    assert (event.name, event.kind) == ("process question.tried", SpanKind.CONSUMER)
    assert request.context is not None
    assert request.parent is not None
    assert event.parent is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == CALLER_SPAN
    assert event.parent.trace_id == request.context.trace_id
    assert event.parent.span_id == request.context.span_id


# In a process of its own: a logger keeps the stream that it first wrote to.
LOGGED_REQUEST = """
from opentelemetry.sdk.trace import TracerProvider
from starlette.testclient import TestClient
from subgraphs.kit import tracing
from subgraphs.kit.middleware import RequestMiddleware
from subgraphs.kit.telemetry import configure_logging

configure_logging("questions", "INFO")
tracing.record_with(TracerProvider())

async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})

client = TestClient(RequestMiddleware(answer, subgraph_name="questions"))
client.get("/v1/questions?search=secret", headers={"traceparent": "%s"})
"""


def test_log_lines_have_the_form_of_cloud_logging() -> None:
    command = [sys.executable, "-c", LOGGED_REQUEST % TRACEPARENT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    line = orjson.loads(done.stdout.splitlines()[-1])
    assert line["severity"] == "INFO"
    assert line["message"] == "request"
    assert line["logging.googleapis.com/trace"] == TRACE
    assert len(line["logging.googleapis.com/spanId"]) == 16
    assert line["httpRequest"].pop("latency").endswith("s")
    assert line["httpRequest"] == {"requestMethod": "GET", "requestUrl": "/v1/questions", "status": 404}
    assert line["time"].endswith("Z")


async def call(app: RequestMiddleware, headers: dict[str, str]) -> None:
    """One POST /graphql, in this loop."""
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        return None

    await app(scope, receive, send)
