"""What happens to work whose client has gone: a query is given up, a mutation goes on to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()


async def unless_gone(work: Coroutine[Any, Any, T], client_has_gone: Coroutine[Any, Any, None]) -> T | None:
    """Return what the work yields; when the client goes first, give the work up and return None."""
    async with asyncio.TaskGroup() as group:
        working, watching = group.create_task(_caught(work)), group.create_task(client_has_gone)
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        # Both may have ended in the same turn of the loop: then there is an answer, and nobody is hurt by it.
        is_given_up = not working.done()
        (working if is_given_up else watching).cancel()
    if is_given_up:
        return None
    outcome = working.result()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Return what the work yields; whoever is cancelled while it waits does not stop the work."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_over)
    return await asyncio.shield(task)


async def _caught(work: Coroutine[Any, Any, T]) -> T | Exception:
    # As a value: an exception would end the group as an ExceptionGroup.
    try:
        return await work
    except Exception as error:
        return error


def _over(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # looked at: whoever still waits is told by the shield
