"""Reloader: reads the supergraph at the start, and again when its files change or SIGHUP asks for it."""

from __future__ import annotations

import asyncio

import structlog
import watchfiles

from ..errors import GatewayError
from .graph import GraphHolder
from .metrics import Metrics
from .settings import ReloadSettings
from .supergraph_source import SupergraphSource

logger = structlog.get_logger("gateway")


class Reloader:
    """Keeps the current graph in step with its source; a source that cannot be used is told of and changes nothing."""

    def __init__(
        self,
        settings: ReloadSettings,
        source: SupergraphSource,
        graphs: GraphHolder,
        metrics: Metrics,
        first_sdl: str | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._graphs = graphs
        self._metrics = metrics
        self._first_sdl = first_sdl
        self._asked = asyncio.Event()

    def load_first(self) -> None:
        """Load the graph that the process starts with. Raises GatewayError: without one there is nothing to serve."""
        self._graphs.load(self._source.read() if self._first_sdl is None else self._first_sdl)
        self._first_sdl = None

    def ask(self) -> None:
        """Read the source again soon; the handler of SIGHUP."""
        self._asked.set()

    async def run(self) -> None:
        """Reload whenever there is a reason, until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._settings.watch:
                group.create_task(self._watch_files())
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self.reload()

    async def reload(self) -> None:
        """Read the source and take up what is new. Never raises GatewayError."""
        try:
            # Composition and planning structures take a moment: the event loop goes on meanwhile.
            sdl = await asyncio.to_thread(self._source.read)
            changed = self._graphs.load(sdl)
        except GatewayError as error:
            self._graphs.last_error = f"{error.code}: {error.message}"
            self._metrics.reloads.labels("failed").inc()
            logger.error("supergraph.reload_failed", code=error.code, problem=error.message)
            return
        self._metrics.reloads.labels("changed" if changed else "unchanged").inc()
        if changed:
            logger.info("supergraph.reloaded", version=self._graphs.current.version)

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
