"""Wait for a database that is away for a moment, where giving up would lose something that nobody asks for again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .context import RequestContext
from .errors import Unavailable

K = TypeVar("K")
T = TypeVar("T")
logger = structlog.get_logger(__name__)

PATIENCE = 60.0  # seconds; a crashed PostgreSQL replays its log, a failover takes half a minute
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between two attempts
_AWAY = (
    OSError,
    TimeoutError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, ended by an administrator
    asyncpg.InsufficientResourcesError,  # too many connections: after a restart all come at once
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
)


async def through_outage(read: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """What `read` returns, asked again while the database is away. Raises Unavailable when it is away for longer than `patience`.

    `read` must take its connection itself and change nothing. Errors of other kinds are raised at once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    pause = FIRST_PAUSE
    while True:
        try:
            return await read()
        except Exception as error:
            if not is_away(error):
                raise
            if loop.time() >= deadline:
                raise Unavailable("The database does not answer; try again in a moment.") from error
            logger.warning("database.away", error=str(error) or type(error).__name__)
        await asyncio.sleep(random.uniform(pause / 2, pause))
        pause = min(pause * 2, LONGEST_PAUSE)


def patient(context: RequestContext[Any], load: Callable[[K], Awaitable[T]]) -> Callable[[K], Awaitable[T]]:
    """A loader that waits for the database where it is asked over a WebSocket.

    An event is told once, and its subscriber's position moves on with it: what it says is waited for. Over HTTP the client is told at once.
    """
    if not context.handshake_headers:
        return load
    return lambda keys: through_outage(partial(load, keys))


def is_away(error: BaseException) -> bool:
    """Whether the error tells of a database that cannot be reached, and not of a statement that is wrong."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        is_lost = error.connection_invalidated or isinstance(error, (InterfaceError, OperationalError))
        return is_lost or (cause is not None and is_away(cause))
    # A value that does not fit its column is an InterfaceError of the driver, too.
    return isinstance(error, _AWAY) and not isinstance(error, asyncpg.DataError | ValueError)
