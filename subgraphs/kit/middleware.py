"""Give every request an id, log it once when it is answered, count it: plain ASGI, so that streams and sockets pass untouched."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .telemetry import REQUEST_SECONDS, REQUESTS

logger = structlog.get_logger("access")

MAX_BODY_BYTES = 2 * 1024 * 1024
REQUEST_ID_HEADER = "x-request-id"
REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})


class RequestMiddleware:
    """Accepts the caller's `x-request-id` when it is well formed, makes one otherwise, and answers with it."""

    def __init__(self, app: ASGIApp, *, subgraph_name: str) -> None:
        self._app = app
        self._subgraph_name = subgraph_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if REQUEST_ID.match(given) else uuid4().hex
        scope["tandem.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._answer(scope, receive, send, request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            path = scope["path"]
            route = path if path in QUIET_PATHS or path.startswith("/graphql") else "rest"
            REQUESTS.labels(self._subgraph_name, route, str(status)).inc()
            REQUEST_SECONDS.labels(self._subgraph_name, route).observe(seconds)
            if path not in QUIET_PATHS:
                # What comes with every keystroke is counted, and logged only where somebody looks for it.
                log = logger.debug if scope.get("tandem.is_frequent") else logger.info
                log("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 2))
