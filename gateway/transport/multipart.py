"""Read the parts of Apollo's multipart subscription protocol from the chunks of an HTTP answer.

Protocol: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from .http_stream import END, StreamItem, StreamTooLong

MULTIPART_ACCEPT = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json'

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


class MultipartParser:
    """`feed(chunk)` yields an answer for each part that carries one, and END for the closing boundary."""

    content_type = "multipart/mixed"

    def __init__(self, content_type: str, max_bytes: int) -> None:
        found = _BOUNDARY.search(content_type)
        self._boundary = b"--" + (found.group(1) if found else "-").encode()
        self._max_bytes = max_bytes
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[StreamItem]:
        """Take a chunk. Raises StreamTooLong when one part is larger than allowed."""
        *parts, self._rest = (self._rest + chunk).split(self._boundary)
        if len(self._rest) > self._max_bytes:
            raise StreamTooLong
        for part in parts:
            yield from self._items(part)
        if self._rest.startswith(b"--"):
            self._rest = b""
            yield END

    def _items(self, part: bytes) -> Iterator[StreamItem]:
        _, separator, body = part.replace(b"\r\n", b"\n").partition(b"\n\n")
        if not separator:
            return
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if not isinstance(value, dict):
            return
        # {} is a sign of life; {"payload": null, "errors": [...]} an error of the transport, after which the end comes.
        if value.get("payload") is not None:
            yield orjson.dumps(value["payload"])
        elif value.get("errors"):
            yield orjson.dumps({"errors": value["errors"]})
