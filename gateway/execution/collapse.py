"""RequestCollapse: equal requests in flight at the same time are answered once, and the same bytes go to all who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class RequestCollapse(Generic[Answer]):
    """Runs one request per key at a time. For queries only, and the key must hold the identity of who asks."""

    def __init__(self) -> None:
        self._running: dict[Hashable, _Shared[Answer]] = {}
        self.collapsed = 0

    async def run(self, key: Hashable, answer: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of whoever asked first. When the last of those who wait is cancelled, the request itself is."""
        shared = self._running.get(key)
        if shared is None:
            task = asyncio.ensure_future(answer())
            shared = self._running[key] = _Shared(task)
            task.add_done_callback(lambda _: self._running.pop(key, None))
        else:
            self.collapsed += 1
        shared.followers += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.followers -= 1
            if shared.followers == 0 and not shared.task.done():
                self._running.pop(key, None)
                shared.task.cancel()


class _Shared(Generic[Answer]):
    __slots__ = ("followers", "task")

    def __init__(self, task: asyncio.Future[Answer]) -> None:
        self.task = task
        self.followers = 0
