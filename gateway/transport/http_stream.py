"""HttpStreamTransport: subscriptions to one subgraph over a streamed HTTP answer, as SSE or as multipart.

An answer that breaks off before its end is asked for again with backoff, as `WebSocketTransport` does with sockets.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, Protocol, TypeAlias

import aiohttp

from ..errors import SubgraphProtocolError, SubgraphTimeout, SubgraphUnreachable
from .interface import SubgraphRequest, SubgraphResponse


class _End:
    """The subgraph has completed the subscription."""


END: Final = _End()
StreamItem: TypeAlias = bytes | _End


class StreamTooLong(Exception):
    """Raised by a parser when one answer is larger than allowed."""


class StreamParser(Protocol):
    """From the chunks of an answer to the GraphQL answers in it."""

    content_type: str

    def feed(self, chunk: bytes) -> Iterator[StreamItem]:
        """Take a chunk and yield what is complete with it."""
        ...


ParserFactory: TypeAlias = Callable[[str, int], StreamParser]


class HttpStreamTransport:
    """A `SubgraphTransport` for subscriptions; each has a connection of its own, which is what these protocols ask
    for.
    """

    def __init__(
        self,
        subgraph_name: str,
        url: str,
        accept: str,
        parser: ParserFactory,
        *,
        reconnect_window: float = 60.0,
        silence: float = 60.0,
        max_answer_bytes: int = 10 * 1024 * 1024,
        on_reconnect: Callable[[str], None] | None = None,
    ) -> None:
        self._subgraph_name = subgraph_name
        self._url = url
        self._accept = accept
        self._parser = parser
        self._reconnect_window = reconnect_window  # seconds; a longer outage ends the subscription
        self._silence = silence  # seconds without even a sign of life after which the connection counts as broken
        self._max_answer_bytes = max_answer_bytes
        self._on_reconnect = on_reconnect
        self._session: aiohttp.ClientSession | None = None

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Refuse: queries and mutations have a transport of their own."""
        raise SubgraphProtocolError(self._subgraph_name, "this transport carries subscriptions only")

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        """Yield the answers of one subscription until the subgraph completes it."""
        last_good = time.monotonic()
        backoff = 0.1
        has_started = False
        while True:
            problem: Exception | str = "the answer ended before the subscription was complete"
            try:
                async with self._open(request) as response:
                    parser = self._parser_for(response)
                    if has_started and self._on_reconnect is not None:
                        self._on_reconnect(self._subgraph_name)
                    has_started = True
                    async for chunk in response.content.iter_any():
                        last_good, backoff = time.monotonic(), 0.1
                        for item in parser.feed(chunk):
                            if not isinstance(item, bytes):
                                return
                            yield item
            except StreamTooLong as error:
                message = f"an answer is larger than {self._max_answer_bytes} bytes"
                raise SubgraphProtocolError(self._subgraph_name, message) from error
            except TimeoutError as error:
                if not has_started:
                    message = f"no answer within {request.timeout} s"
                    raise SubgraphTimeout(self._subgraph_name, message) from error
                problem = error
            except (aiohttp.ClientError, OSError) as error:
                problem = error
            allowed = self._reconnect_window if has_started else request.timeout
            if time.monotonic() - last_good + backoff > allowed:
                message = (
                    f"the stream could not be opened (again) within {allowed} s: {problem or type(problem).__name__}"
                )
                raise SubgraphUnreachable(self._subgraph_name, message)
            # Full jitter, so that a restarted subgraph is not met by everyone at once.
            await asyncio.sleep(random.uniform(backoff / 2, backoff))
            backoff = min(backoff * 2, 5.0)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self, request: SubgraphRequest) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        headers |= {"accept": self._accept, "content-type": "application/json"}
        timeout = aiohttp.ClientTimeout(sock_connect=request.timeout, sock_read=self._silence)
        return self._session.post(self._url, data=request.body, headers=headers, timeout=timeout, allow_redirects=False)

    def _parser_for(self, response: aiohttp.ClientResponse) -> StreamParser:
        content_type = response.headers.get("content-type", "")
        parser = self._parser(content_type, self._max_answer_bytes)
        if response.status >= 500 or response.status == 429:
            raise aiohttp.ClientError(f"HTTP {response.status}")
        if response.status != 200 or not content_type.startswith(parser.content_type):
            message = (
                f"a subscription was answered with HTTP {response.status} {content_type or 'without a content type'}"
            )
            raise SubgraphProtocolError(self._subgraph_name, message)
        return parser
