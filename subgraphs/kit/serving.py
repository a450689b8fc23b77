"""Serve a subgraph so that it can be replaced while people use it: SIGTERM first sends everybody elsewhere, then ends what is in flight."""

from __future__ import annotations

import gc
import signal
import socket
import time
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from .settings import SubgraphSettings

MAX_MESSAGE_BYTES = 1024 * 1024  # a WebSocket message between the gateway and a subgraph
LEAVE = (b"connection", b"close")
# A look at everything takes 50 ms, in which nobody is answered: it is made once, at the start. What comes later is little, and hardly
# ever in cycles, so the collector looks less often, but looks at all of it.
GC_THRESHOLDS = (20_000, 10, 3)


def serve(app: Starlette, settings: SubgraphSettings) -> None:
    """Serve until a signal ends it; `app.state.is_stopping` says so to readiness probes."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace)),
        date_header=False,
        server_header=False,
    )
    SubgraphServer(config, app, settings.shutdown_notice).run()


class SubgraphServer(uvicorn.Server):
    """uvicorn's server with a notice before the end.

    While the notice lasts it answers as ever, is not ready, and asks every caller to use another connection next time. So at its
    end nobody is about to write to a connection that closes: the gateway uses none again that has been idle for 4 s.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, notice: float) -> None:
        super().__init__(config)
        self._app = app
        self._notice = notice
        self._leaves_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then take everything made so far out of the garbage collector's sight: it stays until the end."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM begins the notice; SIGINT, or being asked twice, ends it."""
        if sig != signal.SIGTERM or self._leaves_at is not None or self._notice == 0:
            super().handle_exit(sig, frame)
            return
        self._leaves_at = time.monotonic() + self._notice
        self._app.state.is_stopping = True
        # uvicorn makes the headers of all answers anew from these each second.
        self.config.encoded_headers.append(LEAVE)
        self.server_state.default_headers = [*self.server_state.default_headers, LEAVE]

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        if self._leaves_at is not None and time.monotonic() >= self._leaves_at:
            self.should_exit = True
        return await super().on_tick(counter)
