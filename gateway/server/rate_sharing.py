"""SharedRates: several processes that count a client's requests together.

Each process decides alone and at once, and tells the others a few times a second whom it has let in; what they have let in counts here
as if it had been let in here. So a limit holds over all replicas and workers to within what comes in one interval, no request waits for
a network, and while the server in between is away each process limits by itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Protocol

import orjson
import structlog

from .rate_limit import RateLimiter

logger = structlog.get_logger("gateway")

# Clients in one message: some 100 KB, a tenth of what a NATS server takes by default.
CLIENTS_IN_MESSAGE = 1_000


class Messenger(Protocol):
    """Reaches the other processes."""

    @property
    def is_connected(self) -> bool:
        """Whether the others can be reached now."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    async def send(self, message: bytes) -> None:
        """Tell all others."""
        ...

    async def aclose(self) -> None:
        """End."""
        ...


class SharedRates:
    """A service of the process: `async with` starts and ends it."""

    def __init__(
        self, limiter: RateLimiter, connect: Callable[[Callable[[bytes], None]], Messenger], interval: float
    ) -> None:
        self.limiter = limiter
        self._messenger = connect(self._receive)
        self._interval = interval
        self._admitted: defaultdict[str, float] = defaultdict(float)
        self._telling: asyncio.Task[None] | None = None
        limiter.on_admitted = self._note

    async def __aenter__(self) -> SharedRates:
        self._messenger.start()
        self._telling = asyncio.create_task(self._tell_regularly(), name="shared rates")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._telling is not None
        self._telling.cancel()
        await self._messenger.aclose()

    @property
    def is_connected(self) -> bool:
        """Whether this process counts together with the others now."""
        return self._messenger.is_connected

    def _note(self, client: str, requests: float) -> None:
        self._admitted[client] += requests

    def _receive(self, message: bytes) -> None:
        try:
            told = orjson.loads(message)
            for client, requests in told.items():
                self.limiter.add(client, float(requests))
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            logger.warning("rates.unreadable", bytes=len(message))

    async def _tell_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            for message in self._messages():
                await self._messenger.send(message)

    def _messages(self) -> Iterator[bytes]:
        admitted, self._admitted = self._admitted, defaultdict(float)
        items = list(admitted.items())
        for start in range(0, len(items), CLIENTS_IN_MESSAGE):
            yield orjson.dumps(dict(items[start : start + CLIENTS_IN_MESSAGE]))
