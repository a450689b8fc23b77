"""One NATS client that stays: it connects again by itself, and one that does not find back to the server is replaced by a new one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client as NatsClient
from nats.errors import Error as NatsError

logger = structlog.get_logger(__name__)

LOOK_INTERVAL = 1.0  # seconds between looks whether NATS is connected
FLUSH_TIMEOUT = 2  # seconds at the end for what waits to be sent
GIVE_UP_AFTER = 15.0  # seconds without a connection after which its client is replaced


class NatsConnection:
    """`connect` makes a client that is ready for use; `on_replaced` is called after another one has taken its place."""

    def __init__(
        self, connect: Callable[[], Awaitable[NatsClient]], on_replaced: Callable[[], None] = lambda: None
    ) -> None:
        self._connect = connect
        self._on_replaced = on_replaced
        self._client: NatsClient | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def client(self) -> NatsClient:
        """The client of now; whoever keeps it looks here again when it fails."""
        if self._client is None:
            raise RuntimeError("the connection to NATS is not started")
        return self._client

    async def start(self) -> None:
        """Connect. Raises what `connect` raises."""
        self._client = await self._connect()
        self._keeping = asyncio.create_task(self._keep_connected())

    async def aclose(self) -> None:
        """Send what waits to be sent, and close."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._client is None:
            return
        if self._client.is_connected:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await self._client.flush(FLUSH_TIMEOUT)
        await _close(self._client)

    async def _keep_connected(self) -> None:
        """The client connects again by itself, but one that was refused is closed for good, and its task may end by an error."""
        loop = asyncio.get_running_loop()
        connected_at = loop.time()
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            if self.client.is_connected:
                connected_at = loop.time()
            elif self.client.is_closed or loop.time() - connected_at > GIVE_UP_AFTER:
                await self._replace(self.client)

    async def _replace(self, old: NatsClient) -> None:
        try:
            async with asyncio.timeout(GIVE_UP_AFTER):
                self._client = await self._connect()
        except (NatsError, OSError, TimeoutError) as error:
            logger.warning("nats.connect_failed", error=str(error) or type(error).__name__)
            return
        await _close(old)
        self._on_replaced()


async def _close(client: NatsClient) -> None:
    with contextlib.suppress(NatsError, OSError, TimeoutError):
        async with asyncio.timeout(GIVE_UP_AFTER):
            await client.close()
