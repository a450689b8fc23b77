"""uvicorn's WebSocket protocol with two things that ASGI has no words for: write without waiting, and close a blocked
socket.
"""

from __future__ import annotations

from typing import Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "gateway.socket"


class DirectSocket(Protocol):
    """What an endpoint finds in `scope["extensions"]["gateway.socket"]` under our own server, and nowhere else."""

    def write_text(self, text: str) -> bool:
        """Write a message now; False when the client's buffer is full or the socket is closing."""
        ...

    def close_now(self, code: int, reason: str) -> None:
        """Put a close frame behind what is in the buffer, and drop the connection if it does not get through."""
        ...


class GatewayWebSocketProtocol(WebSocketsSansIOProtocol):
    """Implements DirectSocket. A fan-out to many clients writes to each socket without switching tasks."""

    def handle_connect(self, event: Request) -> None:
        """Start the endpoint; its task has not run yet, so it will see the extension."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions = cast("dict[str, object]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def write_text(self, text: str) -> bool:
        """Write a message now; False when the client's buffer is full or the socket is closing."""
        if not self.writable.is_set() or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def close_now(self, code: int, reason: str) -> None:
        """Put a close frame behind what is in the buffer, and drop the connection if it does not get through."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
