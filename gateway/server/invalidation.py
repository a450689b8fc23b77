"""POST /invalidate: cached answers with a tag are forgotten here, in the other workers behind the port, and in all replicas.

Replicas hear of it through a NATS server. Whoever was cut off from it may have missed something, and forgets everything.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .response_cache import ResponseCache
from .siblings import Siblings

logger = structlog.get_logger("gateway")

# Bytes of the body of one request: some thousand tags, and less than a NATS server takes in one message (1 MiB by default).
MAX_BODY = 256 * 1024


class Messenger(Protocol):
    """Reaches the other processes."""

    def start(self) -> None:
        """Begin."""
        ...

    async def deliver(self, message: bytes) -> bool:
        """Tell all others; return whether they will hear of it."""
        ...

    async def aclose(self) -> None:
        """End."""
        ...


class SharedInvalidations:
    """A service of the process: `async with` starts and ends it. `connect` is given what to call with each message of the others,
    and whenever messages can be heard (again).
    """

    def __init__(
        self, cache: ResponseCache, connect: Callable[[Callable[[bytes], None], Callable[[], None]], Messenger]
    ) -> None:
        self._cache = cache
        self.messenger = connect(self._receive, cache.clear)

    async def __aenter__(self) -> SharedInvalidations:
        self.messenger.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.messenger.aclose()

    async def tell(self, tags: list[str]) -> bool:
        """Have all other processes forget these tags; return whether they will hear of it."""
        return await self.messenger.deliver(orjson.dumps(tags))

    def _receive(self, message: bytes) -> None:
        tags = _tags(message)
        if tags is None:
            logger.warning("invalidation.unreadable", bytes=len(message))
        else:
            self._cache.invalidate(tags)


class InvalidationEndpoint:
    """POST /invalidate {"tags": [...]} with the bearer secret of the settings."""

    def __init__(
        self,
        cache: ResponseCache,
        secret: str,
        siblings: Siblings | None = None,
        replicas: SharedInvalidations | None = None,
    ) -> None:
        self._cache = cache
        self._siblings = siblings
        self._replicas = replicas
        self._expected = f"Bearer {secret}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with how many answers were forgotten in this replica."""
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method != "POST":
            return Response("Use POST.", 405, {"allow": "POST"})
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, self._expected):
            return Response("The secret does not fit.", 401)
        body = await _bounded_body(request)
        if body is None:
            return Response(f"The body must have at most {MAX_BODY} bytes; send the tags in parts.", 413)
        tags = _tags(body, "tags")
        if tags is None:
            return Response('The body must be {"tags": ["..."]}.', 400)
        if self._siblings is None:
            count = self._cache.invalidate(tags)
        else:
            count = sum(await self._siblings.ask_all("invalidate", tags))
        if self._replicas is not None and not await self._replicas.tell(tags):
            error = "The other replicas cannot be told now; ask again."
            return JSONResponse({"invalidated": count, "error": error}, 503, {"retry-after": "1"})
        return JSONResponse({"invalidated": count})


async def _bounded_body(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body


def _tags(text: bytes, member: str | None = None) -> list[str] | None:
    try:
        tags = orjson.loads(text)
        if member is not None:
            tags = tags[member]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
        return None
    return tags if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags) else None
