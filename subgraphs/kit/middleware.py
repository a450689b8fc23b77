"""Give every request an id, log it once when it is answered, count it: plain ASGI, so that streams and sockets pass untouched."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .telemetry import REQUEST_SECONDS, REQUESTS
from .tracing import continued_trace

logger = structlog.get_logger("access")

MAX_BODY_BYTES = 2 * 1024 * 1024
CLIENT_LEFT = 499  # counted and logged, never sent
REQUEST_ID_HEADER = "x-request-id"
REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})


class RequestMiddleware:
    """Accepts the caller's `x-request-id` when it is well formed, makes one otherwise, and answers with it.

    `endpoint` is the app of the path /graphql: services that post to it, which is what comes with every keystroke, are handed to it
    without the way through routes and rules for browsers.
    """

    def __init__(self, app: ASGIApp, *, subgraph_name: str, endpoint: ASGIApp | None = None) -> None:
        self._app = app
        self._subgraph_name = subgraph_name
        self._endpoint = endpoint or app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        request_id = given if REQUEST_ID.match(given) else uuid4().hex
        scope["tandem.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
                return
            name = f"{scope['method']} {_route(scope['path'])}"
            is_from_service = scope["path"] == "/graphql" and scope["method"] == "POST" and "origin" not in headers
            app = self._endpoint if is_from_service else self._app
            with continued_trace(name, SpanKind.SERVER, headers.get("traceparent")):
                await self._answer(app, scope, receive, send, request_id)

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await app(scope, receive, send_with_id)
        except ClientDisconnect:
            # Nobody is there to be answered, and nothing is wrong with us.
            status = CLIENT_LEFT
        finally:
            seconds = time.perf_counter() - started
            path = scope["path"]
            route = _route(path)
            REQUESTS.labels(self._subgraph_name, route, str(status)).inc()
            REQUEST_SECONDS.labels(self._subgraph_name, route).observe(seconds)
            if path not in QUIET_PATHS:
                # What comes with every keystroke is counted, and logged only where somebody looks for it.
                log = logger.debug if scope.get("tandem.is_frequent") else logger.info
                log("request", httpRequest=_for_cloud_logging(scope, status, seconds))


def _route(path: str) -> str:
    """What a path is counted under: few values, whatever is asked for."""
    return path if path in QUIET_PATHS or path == "/graphql" else "rest"


def _for_cloud_logging(scope: Scope, status: int, seconds: float) -> dict[str, str | int]:
    """The request as Cloud Logging shows it beside the message; the query string may hold what people wrote."""
    return {
        "requestMethod": scope["method"],
        "requestUrl": scope["path"],
        "status": status,
        "latency": f"{seconds:.6f}s",
    }
