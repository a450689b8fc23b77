"""Turn lookups that are asked for at about the same time into one: what is asked while one batch is loaded goes into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_BATCH = 200


class Coalescing(Generic[K, V]):
    """Asks `load` for many keys at once. Nothing is remembered, and an answer is never older than its question."""

    def __init__(self, load: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self._load = load
        self._asked: list[tuple[K, asyncio.Future[V]]] = []
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V:
        """The value of this key. Raises what `load` raises."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._asked.append((key, future))
        if self._task is None:
            # It ends by itself as soon as nobody asks.
            self._task = asyncio.create_task(self._answer())
        return await future

    async def _answer(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:MAX_BATCH], self._asked[MAX_BATCH:]
                await self._answer_batch([(key, future) for key, future in batch if not future.done()])
        finally:
            self._task = None

    async def _answer_batch(self, batch: Sequence[tuple[K, asyncio.Future[V]]]) -> None:
        if not batch:
            return
        try:
            values = await self._load([key for key, _ in batch])
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), value in zip(batch, values, strict=True):
            if not future.done():
                future.set_result(value)
