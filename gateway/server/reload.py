"""Reloader: takes up the supergraph at the start, and a new one when files change, SIGHUP asks, or subgraphs tell
another SDL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog
from watchfiles import awatch

from ..errors import GatewayError
from .graph import GraphHolder
from .metrics import Metrics
from .sdl_poll import SdlPoll
from .settings import ReloadSettings
from .supergraph_source import SupergraphSource

logger = structlog.get_logger("gateway")

# Seconds between two looks at the files, beside what the system tells of them.
LOOK_AGAIN = 1.0


class Reloader:
    """Keeps the current graph in step with its source; a source that cannot be used is told of and changes nothing."""

    def __init__(
        self,
        settings: ReloadSettings,
        source: SupergraphSource,
        poll: SdlPoll,
        graphs: GraphHolder,
        metrics: Metrics,
        first_sdl: str | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._poll = poll
        self._graphs = graphs
        self._metrics = metrics
        self._first_sdl = first_sdl
        self._asked = asyncio.Event()
        self._seen: list[tuple[int, int, int] | None] | None = None

    def load_first(self) -> None:
        """Load the graph that the process starts with. Raises GatewayError: without one there is nothing to serve.

        Where only the subgraphs can tell, the process starts without, and is not ready before they have.
        """
        if self._graphs.is_ready:
            return
        # Before it is read: what is written meanwhile counts as a change.
        self._seen = _state_of(self._source.files()) if self._first_sdl is None else None
        sdl = self._source.read() if self._first_sdl is None else self._first_sdl
        self._first_sdl = None
        if sdl is not None:
            self._graphs.load(sdl)

    def ask(self) -> None:
        """Read the source again soon; the handler of SIGHUP."""
        self._asked.set()

    async def run(self) -> None:
        """Reload whenever there is a reason, until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._settings.watch:
                group.create_task(self._watch_files())
            if self._settings.poll_interval:
                group.create_task(self._poll_subgraphs())
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self.take_up(self._read_source)

    async def take_up(self, read: Callable[[], Awaitable[str | None]]) -> None:
        """Read an SDL and take it up. Never raises: a bug that one schema brings out must not end all further reloads."""
        try:
            sdl = await read()
            changed = sdl is not None and await self._graphs.load_aside(sdl)
        except Exception as error:
            is_known = isinstance(error, GatewayError)
            self._graphs.last_error = (
                f"{error.code}: {error.message}" if isinstance(error, GatewayError) else "Unexpected error."
            )
            self._metrics.reloads.labels("failed").inc()
            problem = str(error) or type(error).__name__
            logger.error("supergraph.reload_failed", problem=problem, exc_info=None if is_known else error)
            return
        self._metrics.reloads.labels("changed" if changed else "unchanged").inc()
        if changed:
            logger.info("supergraph.reloaded", version=self._graphs.current.version)

    async def _read_source(self) -> str | None:
        # With subgraphs that are asked, the files are only where it began.
        if self._settings.poll_interval:
            return await self._poll.read()
        # Composition takes a moment: the event loop goes on meanwhile.
        return await asyncio.to_thread(self._source.read)

    async def _poll_subgraphs(self) -> None:
        while True:
            await self.take_up(self._poll.read)
            # Until all have answered once there is nothing to serve: ask more often.
            await asyncio.sleep(self._settings.poll_interval if self._graphs.is_ready else 0.5)

    async def _watch_files(self) -> None:
        while True:
            files = self._source.files()
            # Editors and deployments replace files, so what is watched are the folders.
            folders = {file.resolve().parent for file in files if file.parent.is_dir()}
            if not folders:
                await asyncio.sleep(LOOK_AGAIN)
                continue
            # Nobody tells of a change before the watch began, nor of a link elsewhere (as in a ConfigMap): so it looks now and then, too.
            watching = awatch(
                *folders,
                recursive=False,
                debounce=200,
                step=50,
                yield_on_timeout=True,
                rust_timeout=round(LOOK_AGAIN * 1000),
            )
            async for _ in watching:
                if self._have_changed(files):
                    self.ask()
                    break

    def _have_changed(self, files: Sequence[Path]) -> bool:
        before, self._seen = self._seen, _state_of(files)
        return before != self._seen


def _state_of(files: Sequence[Path]) -> list[tuple[int, int, int] | None]:
    """Return what differs after a file was written or replaced."""
    states: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            states.append(None)
        else:
            states.append((state.st_mtime_ns, state.st_size, state.st_ino))
    return states
