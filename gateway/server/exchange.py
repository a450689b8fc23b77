"""Exchange: one HTTP request on its way to its answer; what every form of answer needs of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.types import Receive, Send

from .compression import compressed_aside
from .media_types import JSON, Accepted
from .refusals import HeaderPairs
from .request import Caller
from .settings import CompressionSettings


@dataclass(slots=True)
class Exchange:
    """The two ends of the connection, who asks, and what the client can read."""

    method: str
    accepted: Accepted
    cors: HeaderPairs
    receive: Receive
    send: Send
    caller: Caller
    accept_encoding: bytes = b""
    compression: CompressionSettings = field(default_factory=CompressionSettings)

    async def respond(self, status: int, body: bytes, headers: HeaderPairs = ()) -> None:
        """Answer in one piece, in the JSON type that the client prefers."""
        request_id = (b"x-request-id", self.caller.request_id.encode("latin-1"))
        content_type = self.accepted.single or JSON
        body, encoding = await compressed_aside(body, self.accept_encoding, self.compression)
        await respond(self.send, status, body, content_type, (*self.cors, request_id, *encoding, *headers))

    async def start_stream(self, content_type: bytes) -> None:
        """Begin an answer of unknown length."""
        headers = [
            (b"content-type", content_type),
            (b"cache-control", b"no-store"),
            # nginx holds streamed answers back unless it is told not to.
            (b"x-accel-buffering", b"no"),
            (b"x-request-id", self.caller.request_id.encode("latin-1")),
            *self.cors,
        ]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})

    async def stream(self, body: bytes) -> None:
        """Send a further piece."""
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def end_stream(self, body: bytes = b"") -> None:
        """Send the last piece."""
        await self.send({"type": "http.response.body", "body": body})

    async def client_has_gone(self) -> None:
        """Return when the client has closed the connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def respond(send: Send, status: int, body: bytes, content_type: bytes, headers: HeaderPairs) -> None:
    """Answer in one piece."""
    start = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
