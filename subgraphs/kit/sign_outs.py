"""Log-ins that were ended before their tokens: every replica refuses them and ends their subscriptions.

auth_session.revoked, user.suspended, user.deleted ──▶ a row, by the replica that handles events ──▶ a signal ──▶ all replicas
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import orjson
from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .auth import Viewer
from .database import Database
from .errors import NotAuthenticated
from .events import Event, JsonObject
from .models import SignOutRow
from .signals import MISSED, Signals

T = TypeVar("T")

EVENT_TYPES = ("auth_session.revoked", "user.suspended", "user.reinstated", "user.deleted")
CHANNEL = "sign-outs"
LOOK_INTERVAL = 300.0  # seconds between looks at the table: to forget what is old, and for the signal that got lost
SESSIONS_KEPT = timedelta(days=1)  # our access tokens live 15 minutes
MAX_KNOWN = 200_000  # keys in memory, some 30 MB; the oldest of more than that have long run out
END_GRACE = (
    1.5  # seconds in which a subscription may still tell what the sign-out has caused ("your search was cancelled")
)
TOKEN_LEEWAY = 5.0  # seconds that a subscription outlives its token


class SignOuts:
    """What one process knows of ended log-ins. Without a table (the users subgraph looks sessions up itself) it knows of none."""

    def __init__(self, database: Database, signals: Signals, row_class: type[SignOutRow] | None) -> None:
        self._database = database
        self._signals = signals
        self._row_class = row_class
        self._known: frozenset[str] = frozenset()
        self._watchers: dict[str, set[Callable[[], None]]] = {}

    @property
    def is_kept(self) -> bool:
        return self._row_class is not None

    def is_out(self, viewer: Viewer) -> bool:
        """Whether tokens of this log-in, or of this person, are refused."""
        return not self._known.isdisjoint(_keys_of(viewer))

    @contextmanager
    def watching(self, viewer: Viewer, end: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `end` is called as soon as the viewer is signed out."""
        keys = _keys_of(viewer)
        for key in keys:
            self._watchers.setdefault(key, set()).add(end)
        try:
            yield
        finally:
            for key in keys:
                self._watchers[key].discard(end)
                if not self._watchers[key]:
                    del self._watchers[key]

    async def note(self, session: AsyncSession, event: Event) -> None:
        """Keep what an event tells, in the transaction of its handler."""
        row = self._row_class
        assert row is not None, "only subgraphs with a table handle these events"
        ended, restored = _keys_in(event)
        if ended:
            statement = insert(row).values([{"key": key} for key in ended]).on_conflict_do_nothing()
            await session.execute(statement)
        if restored:
            await session.execute(delete(row).where(row.key.in_(restored)))

    async def tell(self, event: Event) -> None:
        """Wake all replicas; only after the commit."""
        if event.type in EVENT_TYPES and self.is_kept:
            ended, restored = _keys_in(event)
            await self._signals.publish(CHANNEL, orjson.dumps({"ended": ended, "restored": restored}))

    async def run(self) -> None:
        """Learn of sign-outs for ever."""
        if self._row_class is None:
            return
        async with self._signals.subscribe(CHANNEL) as queue:
            while True:
                await self._load(self._row_class)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_INTERVAL):
                        while (signal := await queue.get()) != MISSED:
                            self._apply(orjson.loads(signal))

    async def _load(self, row: type[SignOutRow]) -> None:
        """Read all that still matters: at the start, after signals may have been lost, and now and then."""
        is_recent = row.ended_at > func.now() - SESSIONS_KEPT
        statement = select(row.key).where(or_(row.key.startswith("user:"), is_recent))
        async with self._database.session() as session:
            found = frozenset(await session.scalars(statement.order_by(row.ended_at.desc()).limit(MAX_KNOWN)))
        self._known = found
        self._end_watched(found)

    def _apply(self, change: JsonObject) -> None:
        ended = frozenset(change["ended"])
        self._known = (self._known | ended) - frozenset(change["restored"])
        self._end_watched(ended)

    def _end_watched(self, keys: frozenset[str]) -> None:
        for key in keys & self._watchers.keys():
            for end in tuple(self._watchers[key]):
                end()


async def while_signed_in(sign_outs: SignOuts, viewer: Viewer, items: AsyncIterator[T]) -> AsyncIterator[T]:
    """The items of a subscription until its token runs out or its log-in is ended. Raises NotAuthenticated then."""
    if sign_outs.is_out(viewer):
        # The socket may be older than the sign-out: the gateway keeps one for all subscriptions of a token.
        raise NotAuthenticated("You have been signed out; log in again.")
    guard = _Guard(viewer)
    with sign_outs.watching(viewer, guard.end):
        while True:
            try:
                async with asyncio.timeout(guard.seconds_left) as guard.scope:
                    item = await anext(items)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                if guard.scope is None or not guard.scope.expired():
                    raise
                raise guard.reason from error
            guard.scope = None
            yield item


class _Guard:
    """When waiting for the next item has to end, and why."""

    def __init__(self, viewer: Viewer) -> None:
        self._expires_at = viewer.expires_at
        self._ends_at: float | None = None
        self.scope: asyncio.Timeout | None = None

    @property
    def seconds_left(self) -> float | None:
        if self._ends_at is not None:
            return self._ends_at - asyncio.get_running_loop().time()
        return None if self._expires_at is None else self._expires_at + TOKEN_LEEWAY - time.time()

    @property
    def reason(self) -> NotAuthenticated:
        if self._ends_at is not None:
            return NotAuthenticated("You have been signed out; log in again.")
        return NotAuthenticated("The access token has expired; subscribe again with a fresh one and your last cursor.")

    def end(self) -> None:
        self._ends_at = asyncio.get_running_loop().time() + END_GRACE
        if self.scope is not None and not self.scope.expired():
            self.scope.reschedule(self._ends_at)


def _keys_of(viewer: Viewer) -> tuple[str, ...]:
    if viewer.user_id is None:
        return ()
    own = f"user:{viewer.user_id}"
    return (own, f"session:{viewer.session_id}") if viewer.session_id else (own,)


def _keys_in(event: Event) -> tuple[list[str], list[str]]:
    """The keys that an event ends, and those that it restores."""
    person = f"user:{event.data['user_id']}"
    if event.type == "auth_session.revoked":
        return [f"session:{id}" for id in event.data["session_ids"]], []
    return ([], [person]) if event.type == "user.reinstated" else ([person], [])
