"""multipart/mixed answers: Apollo's subscription protocol over HTTP, and incremental delivery for @defer.

Protocols: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol and
https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from __future__ import annotations

from contextlib import aclosing

import orjson

from ..execution import ExecutionResult
from .exchange import Exchange
from .graph import Graph
from .live import LiveSubscriptions, QueuedSubscriber, serve_stream
from .operations import KnownOperation
from .request import GraphqlRequest
from .settings import Settings

SUBSCRIPTION_TYPE = b'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
INCREMENTAL_TYPE = b'multipart/mixed;boundary="-"'
_PART_HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
_HEARTBEAT = _PART_HEAD + b"{}\r\n--graphql"


class MultipartResponses:
    """Answers a request with several parts. The boundary that ends a part is sent with it, so that no client has to
    wait for the next part to see this one.
    """

    def __init__(self, settings: Settings, live: LiveSubscriptions) -> None:
        self._live = live
        self._heartbeat = settings.subscriptions.heartbeat
        self._settings = settings.websocket
        self._leeway = settings.jwt.leeway

    async def incremental(self, result: ExecutionResult, exchange: Exchange) -> bool:
        """Answer an operation with @defer: what is there first, then each deferred part as it comes. Return True at the end."""
        await exchange.start_stream(INCREMENTAL_TYPE)
        await exchange.stream(b"\r\n---" + _PART_HEAD + result.to_bytes() + b"\r\n---")
        assert result.patches is not None
        async with aclosing(result.patches) as patches:
            async for patch in patches:
                await exchange.stream(_PART_HEAD + patch + b"\r\n---")
        await exchange.end_stream(b"--\r\n")
        return True

    async def subscription(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, exchange: Exchange
    ) -> None:
        """Answer a subscription: a part for each event, `{}` as a sign of life, the closing boundary at the end."""
        exchange.caller.protocol = "multipart"
        subscriber = QueuedSubscriber(self._settings.queue_messages, self._settings.queue_bytes)
        leave = self._live.join(graph, known, request, exchange.caller, subscriber)
        try:
            await exchange.start_stream(SUBSCRIPTION_TYPE)
            await serve_stream(self._stream(subscriber, exchange), subscriber, leave, exchange, self._leeway)
        finally:
            leave()

    async def _stream(self, subscriber: QueuedSubscriber, exchange: Exchange) -> None:
        await exchange.stream(b"\r\n--graphql" + _HEARTBEAT)
        while True:
            try:
                answer = await subscriber.next(self._heartbeat)
            except TimeoutError:
                await exchange.stream(_HEARTBEAT)
                continue
            if answer is None:
                break
            await exchange.stream(_PART_HEAD + f'{{"payload":{answer}}}'.encode() + b"\r\n--graphql")
        if subscriber.is_dropped:
            return
        if subscriber.errors:
            # Errors of the transport stand beside a null payload, those of the operation inside it.
            body = orjson.dumps({"payload": None, "errors": subscriber.errors})
            await exchange.stream(_PART_HEAD + body + b"\r\n--graphql")
        await exchange.end_stream(b"--\r\n")
