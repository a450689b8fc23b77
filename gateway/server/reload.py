"""Reloader: takes up the supergraph at the start, and a new one when files change, SIGHUP asks, or subgraphs tell
another SDL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
import watchfiles

from ..errors import GatewayError
from .graph import GraphHolder
from .metrics import Metrics
from .sdl_poll import SdlPoll
from .settings import ReloadSettings
from .supergraph_source import SupergraphSource

logger = structlog.get_logger("gateway")


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

    def load_first(self) -> None:
        """Load the graph that the process starts with. Raises GatewayError: without one there is nothing to serve.

        Where only the subgraphs can tell, the process starts without, and is not ready before they have.
        """
        if self._graphs.is_ready:
            return
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
            # Editors and deployments replace files: what is watched are the folders, and events of other files are
            # skipped.
            wanted = {str(file.resolve()) for file in files}
            folders = {file.resolve().parent for file in files if file.parent.is_dir()}
            async for changes in watchfiles.awatch(*folders, recursive=False, debounce=200, step=50):
                if any(text in wanted for _, text in changes):
                    self.ask()
                    break
