"""Ask another subgraph directly over GraphQL, as a service and not as a person."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import stamina

from .auth import SECRET_HEADER, SERVICE_HEADER
from .errors import Unavailable
from .events import JsonObject

TIMEOUT = 3.0  # seconds for one call
KEEP_IDLE = 4.0  # seconds an unused connection is kept: less than the 5 s after which uvicorn closes it
ATTEMPTS = 2


class AnsweredWithErrors(Unavailable):
    """Raised when a subgraph answers, but with errors; `reason` is the code of the first of them."""

    def __init__(self, message: str, reason: str | None) -> None:
        super().__init__(message)
        self.reason = reason


class ServiceClient:
    """GraphQL calls from this subgraph (`caller`) to the subgraph at `url`."""

    def __init__(self, url: str, *, caller: str, secret: str | None) -> None:
        self._url = f"{url.rstrip('/')}/graphql"
        self._headers = {"content-type": "application/json", SERVICE_HEADER: caller}
        if secret:
            self._headers[SECRET_HEADER] = secret
        self._client: aiohttp.ClientSession | None = None

    async def query(self, document: str, variables: JsonObject | None = None) -> JsonObject:
        """The `data` of the answer. Tried twice. Raises Unavailable when there is no good answer; AnsweredWithErrors is one."""
        body = orjson.dumps({"query": document, "variables": variables or {}})
        try:
            async for attempt in stamina.retry_context(
                on=(aiohttp.ClientError, TimeoutError), attempts=ATTEMPTS, timeout=2 * TIMEOUT
            ):
                with attempt:
                    return await self._send(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{self._url} does not answer; try again in a moment.") from error
        raise AssertionError("stamina always runs one attempt")

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _send(self, request: bytes) -> JsonObject:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_IDLE),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            )
        async with self._client.post(self._url, data=request, headers=self._headers) as response:
            body = await response.read()
        try:
            answer: Any = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            # A proxy in between answers for a service that is down.
            raise Unavailable(f"{self._url} answered {response.status} with something that is no JSON.") from error
        if not isinstance(answer, dict) or answer.get("errors") or not isinstance(answer.get("data"), dict):
            errors = answer.get("errors") if isinstance(answer, dict) else None
            raise AnsweredWithErrors(f"{self._url} answered with errors: {errors or answer!r}", _code_of(errors))
        return dict(answer["data"])


def _code_of(errors: Any) -> str | None:
    try:
        return str(errors[0]["extensions"]["code"])
    except (TypeError, LookupError):
        return None
