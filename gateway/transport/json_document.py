"""Read one JSON document over HTTP, as a key server publishes it."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

TIMEOUT = 5.0  # seconds
MAX_BYTES = 1024 * 1024


class JsonDocument:
    """The document at a URL, read anew each time. It is asked rarely: no connection is kept."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def read(self) -> Any:
        """Return it. Raises OSError when it cannot be fetched and ValueError when it is too large or not JSON."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(self._url) as response:
                response.raise_for_status()
                body = await response.content.read(MAX_BYTES + 1)
                while len(body) <= MAX_BYTES and not response.content.at_eof():
                    body += await response.content.read(MAX_BYTES + 1 - len(body))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(f"{self._url}: {error or type(error).__name__}") from error
        if len(body) > MAX_BYTES:
            raise ValueError(f"{self._url}: the document is larger than {MAX_BYTES} bytes")
        return orjson.loads(body)
