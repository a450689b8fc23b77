"""The process around the app: uvicorn with our options, signals, a graceful stop, and several workers behind one
port.

SIGTERM: /ready says 503 at once, requests are still taken for `shutdown.grace`, then sockets are closed with 1012 one
after the other, and what is in work has `shutdown.drain` to end. SIGINT (Ctrl-C) leaves the grace out. SIGHUP reads
the supergraph again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import structlog
import uvicorn
import uvloop

from ..errors import GatewayError
from ..supergraph import supergraph_from_sdl
from .app import create_app
from .gateway_app import GatewayApp
from .http_protocol import CLOSE, GatewayHttpProtocol
from .logs import configure_logging
from .settings import Settings
from .supergraph_source import source_from_settings
from .websocket_protocol import GatewayWebSocketProtocol

logger = structlog.get_logger("gateway")

# uvloop takes one new connection in each turn of the loop and listening socket, and turns are long when much is to do: with one socket,
# connections wait in the queue until it is full, and then for seconds until TCP tries again.
LISTENING_SOCKETS = 16

# A worker that ends on its own is replaced after this pause, so that a faulty start does not become a busy loop.
RESTART_PAUSE = 1.0

# Objects of the hot path hold no reference cycles, so the collector finds little: it looks less often (10 to 20 % of CPU). The last
# number is for what operations leave behind that were forgotten: their generated functions and the namespaces of those.
GC_THRESHOLDS = (20_000, 10, 3)


class PortTaken(GatewayError):
    """Raised when the address cannot be listened on."""

    code = "PORT_TAKEN"


def run_server(settings: Settings) -> None:
    """Serve until a signal says stop. Raises GatewayError when it cannot start."""
    # A faulty source is told here, in one sentence, and not by each worker.
    sdl = source_from_settings(settings).read()
    listener = _listen(settings)
    if settings.workers == 1:
        _run_worker(settings, sdl, listener)
    else:
        if sdl is not None:
            supergraph_from_sdl(sdl)
        configure_logging(settings.telemetry.log_level)
        with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
            _run_workers(settings, sdl, listener, Path(folder))


def server_config(app: GatewayApp, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn runs the app; tests use it, too."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=partial(GatewayHttpProtocol, app.direct),  # type: ignore[arg-type]  # uvicorn only calls it
        ws=GatewayWebSocketProtocol,
        ws_max_size=settings.websocket.max_message_size,
        ws_ping_interval=settings.websocket.ping_interval,
        ws_ping_timeout=settings.websocket.ping_timeout,
        # Answers are small and many: a deflate context for each socket costs more memory than it saves bandwidth.
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.connections.idle_timeout,  # type: ignore[arg-type]  # a float does as well
        timeout_graceful_shutdown=max(1, round(settings.shutdown.drain)),
    )


class GatewayServer(uvicorn.Server):
    """uvicorn's server without its signal handling, which would end with the signal's own exit status."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to `_serve`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then take everything made so far out of the garbage collector's sight: it stays until the end."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)

    def give_notice(self) -> None:
        """Ask each client with its next answer to use another connection from then on, so that none writes to one that closes."""
        # uvicorn makes the headers of all answers anew from these each second.
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]


def _run_worker(
    settings: Settings, sdl: str | None, listener: socket.socket, worker_folder: Path | None = None
) -> None:
    app = create_app(settings, sdl, worker_folder)
    # Before there is a server: what cannot be used is an error of the command.
    app.parts.reloader.load_first()
    configure_logging(settings.telemetry.log_level)
    server = GatewayServer(server_config(app, settings))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(server, app, settings, listener))


async def _serve(server: GatewayServer, app: GatewayApp, settings: Settings, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []

    def stop(grace: float) -> None:
        if stopping:
            server.should_exit = True  # asked twice: at once
            return
        server.give_notice()
        stopping.append(loop.create_task(app.stop(grace, server)))

    loop.add_signal_handler(signal.SIGTERM, stop, settings.shutdown.grace)
    loop.add_signal_handler(signal.SIGINT, stop, 0.0)
    loop.add_signal_handler(signal.SIGHUP, app.parts.reloader.ask)
    host, port = listener.getsockname()[:2]
    logger.info("gateway.starting", url=f"http://{host}:{port}{settings.path}", pid=os.getpid())
    await server.serve(sockets=[listener, *(listener.dup() for _ in range(LISTENING_SOCKETS - 1))])
    for task in stopping:
        await task


def _run_workers(settings: Settings, sdl: str | None, listener: socket.socket, folder: Path) -> None:
    """Fork the workers before there is an event loop, and replace those that end on their own."""
    workers: set[int] = set()
    is_stopping = False

    def pass_on(number: int) -> Callable[..., None]:
        def handler(*_: object) -> None:
            nonlocal is_stopping
            is_stopping = is_stopping or number != signal.SIGHUP
            for pid in list(workers):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

        return handler

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on(number))
    for _ in range(settings.workers):
        workers.add(_fork(settings, sdl, listener, folder))
    while workers:
        try:
            pid, status = os.wait()
        except InterruptedError:
            continue
        workers.discard(pid)
        if not is_stopping:
            logger.error("worker.ended", pid=pid, status=os.waitstatus_to_exitcode(status))
            signal.sigtimedwait([], RESTART_PAUSE)
            if not is_stopping:
                workers.add(_fork(settings, sdl, listener, folder))


def _fork(settings: Settings, sdl: str | None, listener: socket.socket, folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _run_worker(settings, sdl, listener, folder)
        status = 0
    except BaseException as error:
        logger.error("worker.failed", problem=str(error) or type(error).__name__)
    finally:
        sys.stderr.flush()
        # Not sys.exit: the parent's own clean-up must not run in the child.
        os._exit(status)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from error
    listener.set_inheritable(True)
    return listener
