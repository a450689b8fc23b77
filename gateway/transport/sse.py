"""Read server-sent events of graphql-sse (distinct connections) from the chunks of an HTTP answer.

Formats: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream and
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from collections.abc import Iterator

from .http_stream import END, StreamItem, StreamTooLong

SSE_ACCEPT = "text/event-stream"


class EventStreamParser:
    """`feed(chunk)` yields an answer for each `next` event, and END for `complete`."""

    content_type = "text/event-stream"

    def __init__(self, content_type: str, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[StreamItem]:
        """Take a chunk. Raises StreamTooLong when one event is larger than allowed."""
        text = (self._rest + chunk).replace(b"\r\n", b"\n")
        # A CR at the end may be the first half of a CRLF.
        *events, self._rest = text.split(b"\n\n")
        if len(self._rest) > self._max_bytes:
            raise StreamTooLong
        for event in events:
            yield from self._item(event)

    def _item(self, event: bytes) -> Iterator[StreamItem]:
        name, data = b"message", []
        for line in event.split(b"\n"):
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"event":
                name = value
            elif field == b"data":
                data.append(value)
        if name == b"complete":
            yield END
        elif name == b"next" and data:
            yield b"\n".join(data)
