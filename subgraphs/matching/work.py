"""One transaction and what follows its commit: events to the followers, the outbox relay, searches for partners, matches to form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.driver_session import DriverSession, driver_statement, driver_transaction
from ..kit.events import Event, Outbox
from .models import Match, MatchRequest
from .rules import Language
from .streams import EventType, NewEvent, Streams


class PartnerSearch(Protocol):
    """Looks for partners of those who want one now."""

    def look_for(self, language: Language) -> None: ...


class MatchFormation(Protocol):
    """Where matches go that want a question now."""

    def submit(self, match: Match | UUID) -> None: ...


@dataclass(slots=True)
class UnitOfWork:
    """What one transaction collects while it runs. Nothing of it happens when the transaction is rolled back."""

    session: AsyncSession
    outbox: Outbox
    absence: timedelta
    """After how long without a sign of life somebody who followed counts as gone."""
    events: list[NewEvent] = field(default_factory=list)
    searching: set[Language] = field(default_factory=set)
    """Languages in which somebody wants a partner now."""
    forming: list[Match | UUID] = field(default_factory=list)
    """Matches, or the ids of those that must be looked up."""
    has_published: bool = False

    def tell(self, user_id: UUID, type: EventType, **data: Any) -> None:
        """Append an event to a person's stream."""
        self.events.append(NewEvent(user_id, type, {name: _plain(value) for name, value in data.items()}))

    def publish(self, type: str, subject: UUID, **data: Any) -> None:
        """Write an event for the other subgraphs to the outbox."""
        plain = {name: _plain(value) for name, value in data.items()}
        self.outbox.add(self.session, Event(type=type, subject=str(subject), data=plain))
        self.has_published = True

    def look_for_partner(self, ticket: MatchRequest) -> None:
        self.searching.add(Language(ticket.preferred_language))


@dataclass(slots=True)
class DriverUnit:
    """What a transaction on the driver itself collects."""

    driver: DriverSession
    events: list[NewEvent] = field(default_factory=list)
    forming: list[Match | UUID] = field(default_factory=list)


class UnitsOfWork:
    """Begins units of work, and does what follows them."""

    def __init__(
        self, database: Database, outbox: Outbox, streams: Streams, absence: timedelta = timedelta(seconds=11)
    ) -> None:
        self.absence = absence
        self._database = database
        self._outbox = outbox
        self._streams = streams
        self.search: PartnerSearch | None = None
        self.formation: MatchFormation | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that is committed at the end of the block; what was collected follows the commit."""
        async with self._database.transaction() as session:
            unit = self.within(session)
            yield unit
            await self.finish(unit)
        await self.follow_up(unit)

    @asynccontextmanager
    async def begin_on_driver(self, first: str) -> AsyncIterator[DriverUnit]:
        """As `begin`, on the driver itself; `first` is SQL without parameters that goes with the BEGIN."""
        async with driver_transaction(self._database, first) as driver:
            unit = DriverUnit(driver)
            yield unit
            await self._streams.append_on(driver, unit.events)
        await self.after(told=[event.user_id for event in unit.events], forming=unit.forming)

    def within(self, session: AsyncSession) -> UnitOfWork:
        """A unit in somebody else's transaction, who calls `finish` before the commit and `follow_up` after it."""
        return UnitOfWork(session, self._outbox, self.absence)

    async def finish(self, unit: UnitOfWork) -> None:
        """Number the events: last, as it locks the streams."""
        await self._streams.append(unit.session, unit.events)

    async def follow_up(self, unit: UnitOfWork) -> None:
        """Wake everybody whom the committed transaction concerns."""
        await self.after(
            told=[event.user_id for event in unit.events],
            searching=unit.searching,
            forming=unit.forming,
            has_published=unit.has_published,
        )

    def statement(self) -> AbstractAsyncContextManager[DriverSession]:
        """For one statement that is a transaction by itself; call `after` with what it did."""
        return driver_statement(self._database)

    async def after(
        self,
        *,
        told: Iterable[UUID] = (),
        searching: Iterable[Language] = (),
        forming: Iterable[Match | UUID] = (),
        has_published: bool = False,
    ) -> None:
        """What follows a commit: searches and formations begin, followers and the relay wake."""
        if has_published:
            self._outbox.wake()
        if self.search is not None:
            for language in searching:
                self.search.look_for(language)
        if self.formation is not None:
            for match in forming:
                self.formation.submit(match)
        await self._streams.announce(told)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
