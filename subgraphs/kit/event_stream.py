"""Follow a numbered event log from a position: replay what was missed, then go live, without loss or repeat, on any replica."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from .signals import SignalQueue, Signals

POLL_INTERVAL = 5.0  # seconds between looks without a signal, for the signal that got lost
REPLAY_BATCH = 200  # events read at once


class Numbered(Protocol):
    """An event with its number in the stream; numbers rise by commit order and are never reused."""

    @property
    def seq(self) -> int: ...


E = TypeVar("E", bound=Numbered)


async def follow(
    read_after: Callable[[int, int], Awaitable[Sequence[E]]],
    signals: Signals,
    channel: str,
    after: int,
    *,
    poll_interval: float = POLL_INTERVAL,
) -> AsyncIterator[E]:
    """Every event after number `after`, for ever. `read_after(seq, limit)` reads the log in order.

    The subscription to signals is made before the first read, so that nothing falls between replay and live.
    """
    async with signals.subscribe(channel) as queue:
        position = after
        while True:
            events = await read_after(position, REPLAY_BATCH)
            for event in events:
                yield event
                position = event.seq
            if len(events) < REPLAY_BATCH:
                await next_signal(queue, poll_interval)


async def next_signal(queue: SignalQueue, timeout: float) -> bytes | None:
    """Wait for one signal and take all that wait with it; the last one's payload, or None when the time is up."""
    try:
        # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the signal.
        async with asyncio.timeout(timeout):
            payload = await queue.get()
    except TimeoutError:
        return None
    while not queue.empty():
        payload = queue.get_nowait()
    return payload
