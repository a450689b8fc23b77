"""Events between subgraphs: written to an outbox with what they tell of, relayed to the bus, handled once by every subgraph that cares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy import TextClause, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Database
from .driver_session import driver_statement, driver_transaction
from .models import InboxRow, OutboxRow
from .telemetry import EVENTS_HANDLED, EVENTS_PUBLISHED
from .tracing import continued_trace, current_traceparent

logger = structlog.get_logger(__name__)

JsonObject: TypeAlias = dict[str, Any]
RELAY_BATCH = 100
RELAY_LOCK = 0x7A6E  # first half of the advisory lock of the one that relays
RELAY_POLL = 1.0  # seconds between looks at the outbox without a wake-up
RELAY_TURN = 0.01  # seconds until a relay that has something to publish asks again whether the other one is done
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock, hashtext(:source)) AS is_ours")
RETRY_PAUSE = 1.0  # seconds after the bus or a handler failed


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `type` like "user.deleted", `subject` the id of what it happened to, `data` a JSON object."""

    type: str
    subject: str
    data: JsonObject = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)
    source: str = ""
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class OneStatement:
    """A handler whose work is one statement, which writes the event into the inbox too: for what people wait for.

    `handle` commits by itself; it returns False, with nothing done, for an event that was handled before.
    """

    handle: Callable[[Event], Awaitable[bool]]


EventHandler: TypeAlias = Callable[[AsyncSession, Event], Awaitable[None]]
AnyHandler: TypeAlias = EventHandler | OneStatement


class EventBus(Protocol):
    """Carries events to every consumer at least once, in the order of their publication per source."""

    async def start(self) -> None: ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Return when the bus has them on disk; an event published twice (same id) is delivered once or twice, never lost."""
        ...

    async def consume(
        self,
        consumer: str,
        handle: Callable[[Event], Awaitable[None]],
        types: frozenset[str] | None = None,
    ) -> None:
        """Hand over every event in order, for ever; an event whose handler raises comes again.

        Events of other types than `types` (None: all) need not come at once, and need not come at all.
        """
        ...

    async def behind(self, consumer: str) -> int:
        """How many events the consumer has not handled yet."""
        ...

    def relay_statement(self, outbox_table: str) -> TextClause | None:
        """One statement that does a whole turn of the relay, where the bus lies beside this outbox; None where it does not.

        It takes `relay_lock`, `source` and `limit`, and answers with one row: `is_ours`, `count`.
        """
        ...

    async def aclose(self) -> None: ...


class Outbox:
    """The outbox of one subgraph: `add` inside the transaction, `relay` in the background of every replica."""

    def __init__(self, row_class: type[OutboxRow], source: str) -> None:
        self._row_class = row_class
        self._source = source
        self._table: str = row_class.__table__.fullname  # type: ignore[attr-defined]
        self._waiting = text(f"""
            SELECT seq, event_id, type, subject, data, occurred_at, traceparent FROM {self._table}
            WHERE published_at IS NULL ORDER BY seq LIMIT :limit
        """)
        self._published = text(
            f"UPDATE {self._table} SET published_at = now() WHERE seq = ANY(CAST(:seqs AS bigint[]))"
        )
        self._wake = asyncio.Event()
        self._may_write_to_bus = True

    def add(self, session: AsyncSession, event: Event) -> None:
        """Write the event with the transaction of `session`."""
        row = self._row_class()
        row.event_id = event.id
        row.type = event.type
        row.subject = event.subject
        row.data = event.data
        row.traceparent = event.traceparent or current_traceparent()
        session.add(row)

    def wake(self) -> None:
        """Tell the relay that something was committed; without it the relay looks once a second."""
        self._wake.set()

    async def relay(self, database: Database, bus: EventBus) -> None:
        """Publish what waits, for ever. Any number of replicas may run it: one publishes at a time, so that order is kept."""
        is_awake = False
        while True:
            try:
                count = await self._relay_batch(database, bus)
            except Exception:
                logger.exception("outbox.relay_failed")
                await asyncio.sleep(RETRY_PAUSE)
                continue
            if count is None and is_awake:
                # The one that publishes now may have looked before our event was committed, and nobody wakes it for us.
                await asyncio.sleep(RELAY_TURN)
            elif count is None or count < RELAY_BATCH:
                is_awake = await self._woken()

    async def _woken(self) -> bool:
        """Wait for a wake-up, or until it is time to look without one; True when there was one."""
        try:
            # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the wake-up.
            async with asyncio.timeout(RELAY_POLL):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def _relay_batch(self, database: Database, bus: EventBus) -> int | None:
        """Publish the next events; how many, or None when another replica publishes at this moment."""
        statement = bus.relay_statement(self._table) if self._may_write_to_bus else None
        if statement is not None:
            try:
                return await self._relay_at_once(database, statement)
            except asyncpg.InsufficientPrivilegeError as error:
                # The role of this subgraph may not; that of the bus may.
                logger.warning("outbox.relayed_by_bus", reason=str(error))
                self._may_write_to_bus = False
        async with driver_transaction(database) as session:
            (lock,) = await session.execute(_TRY_LOCK, {"lock": RELAY_LOCK, "source": self._source})
            if not lock["is_ours"]:
                return None
            rows = await session.execute(self._waiting, {"limit": RELAY_BATCH})
            if not rows:
                return 0
            await bus.publish([self._event_from(row) for row in rows])
            await session.execute(self._published, {"seqs": [row["seq"] for row in rows]})
        EVENTS_PUBLISHED.labels(self._source).inc(len(rows))
        return len(rows)

    async def _relay_at_once(self, database: Database, statement: TextClause) -> int | None:
        values = {"relay_lock": RELAY_LOCK, "source": self._source, "limit": RELAY_BATCH}
        async with driver_statement(database) as driver:
            (row,) = await driver.execute(statement, values)
        EVENTS_PUBLISHED.labels(self._source).inc(row["count"])
        return row["count"] if row["is_ours"] else None

    async def waiting_seconds(self, database: Database) -> float:
        """The age of the oldest event that is not published yet; 0 when nothing waits."""
        age = func.extract("epoch", func.now() - func.min(self._row_class.occurred_at))
        async with database.session() as session:
            seconds = (await session.execute(select(age).where(self._row_class.published_at.is_(None)))).scalar_one()
        return float(seconds or 0)

    def _event_from(self, row: Any) -> Event:
        names = ("type", "subject", "data", "occurred_at", "traceparent")
        return Event(id=row["event_id"], source=self._source, **{name: row[name] for name in names})


class Inbox:
    """Handles the events a subgraph cares for, each once: its id is written in the handler's own transaction."""

    def __init__(self, row_class: type[InboxRow], consumer: str, handlers: Mapping[str, AnyHandler]) -> None:
        self._row_class = row_class
        self._consumer = consumer
        self._handlers = handlers
        self.after_commit: Callable[[Event], Awaitable[None]] | None = None
        """Called after an event's transaction is committed: for signals and wake-ups."""

    async def run(self, database: Database, bus: EventBus) -> None:
        """Handle events for ever."""

        async def handle(event: Event) -> None:
            await self.handle(database, event)

        while True:
            try:
                await bus.consume(self._consumer, handle, frozenset(self._handlers))
            except Exception:
                logger.exception("inbox.consume_failed", consumer=self._consumer)
            await asyncio.sleep(RETRY_PAUSE)

    async def handle(self, database: Database, event: Event) -> bool:
        """Handle one event unless it was handled before; True when it was handled now."""
        handler = self._handlers.get(event.type)
        if handler is None:
            return False
        attributes = {"messaging.consumer.group.name": self._consumer, "messaging.message.id": str(event.id)}
        with continued_trace(f"process {event.type}", SpanKind.CONSUMER, event.traceparent, attributes):
            return await self._handle(database, event, handler)

    async def _handle(self, database: Database, event: Event, handler: AnyHandler) -> bool:
        if isinstance(handler, OneStatement):
            is_new = await handler.handle(event)
        else:
            is_new = await self._handle_within_transaction(database, event, handler)
        if not is_new:
            return False
        EVENTS_HANDLED.labels(self._consumer, event.type).inc()
        if self.after_commit is not None:
            await self.after_commit(event)
        return True

    async def _handle_within_transaction(self, database: Database, event: Event, handler: EventHandler) -> bool:
        async with database.transaction() as session:
            row = {"event_id": event.id, "type": event.type}
            statement = insert(self._row_class).values(row).on_conflict_do_nothing().returning(self._row_class.event_id)
            if (await session.execute(statement)).first() is None:
                return False
            await handler(session, event)
        return True
