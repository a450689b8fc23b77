"""Server-sent events: graphql-sse, distinct connections mode (one operation, one response).

Protocol: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from .exchange import Exchange
from .graph import Graph
from .live import LiveSubscriptions, QueuedSubscriber, errors_text, serve_stream
from .media_types import EVENT_STREAM
from .operations import KnownOperation
from .request import GraphqlRequest
from .settings import Settings

HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


def next_event(answer: str) -> bytes:
    """Write one answer; JSON has no line breaks of its own."""
    return f"event: next\ndata: {answer}\n\n".encode()


class EventStreamResponses:
    """Answers a request with a stream of events."""

    def __init__(self, settings: Settings, live: LiveSubscriptions) -> None:
        self._live = live
        self._heartbeat = settings.subscriptions.heartbeat
        self._settings = settings.websocket
        self._leeway = settings.jwt.leeway

    async def single(self, body: bytes, exchange: Exchange) -> None:
        """Answer a query or mutation: one `next`, then `complete`."""
        await exchange.start_stream(EVENT_STREAM)
        await exchange.end_stream(next_event(body.decode()) + COMPLETE)

    async def subscription(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, exchange: Exchange
    ) -> None:
        """Answer a subscription: `next` for each event, comments as signs of life, `complete` at the end."""
        exchange.caller.protocol = "sse"
        subscriber = QueuedSubscriber(self._settings.queue_messages, self._settings.queue_bytes)
        leave = self._live.join(graph, known, request, exchange.caller, subscriber)
        try:
            await exchange.start_stream(EVENT_STREAM)
            await serve_stream(self._stream(subscriber, exchange), subscriber, leave, exchange, self._leeway)
        finally:
            leave()

    async def _stream(self, subscriber: QueuedSubscriber, exchange: Exchange) -> None:
        # A first sign of life: the client's `fetch` resolves, and proxies pass the head on.
        await exchange.stream(HEARTBEAT)
        while True:
            try:
                answer = await subscriber.next(self._heartbeat)
            except TimeoutError:
                await exchange.stream(HEARTBEAT)
                continue
            if answer is None:
                break
            await exchange.stream(next_event(answer))
        if subscriber.is_dropped:
            return
        errors = subscriber.errors
        await exchange.end_stream((next_event(errors_text(errors)) if errors else b"") + COMPLETE)
