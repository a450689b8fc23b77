"""Events from an outbox over either bus to another subgraph's inbox: each handled once, in order, whatever dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

from nats.errors import Error as NatsError
from sqlalchemy import func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database import Database
from subgraphs.kit.events import Event, EventBus, Inbox, Outbox
from subgraphs.kit.nats_bus import NatsBus
from subgraphs.kit.postgres_bus import PostgresBus, Turns
from subgraphs.questions import models


@asynccontextmanager
async def running(bus: EventBus) -> AsyncIterator[EventBus]:
    await bus.start()
    try:
        yield bus
    finally:
        await bus.aclose()


class Recorder:
    """Handles events by noting their subjects; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.subjects: list[str] = []
        self._failures = failures
        self._arrived = asyncio.Condition()

    async def __call__(self, session: AsyncSession, event: Event) -> None:
        if self._failures:
            self._failures -= 1
            raise RuntimeError("not this time")
        async with self._arrived:
            self.subjects.append(event.subject)
            self._arrived.notify_all()

    async def wait_for(self, count: int) -> list[str]:
        async with asyncio.timeout(60):
            async with self._arrived:
                await self._arrived.wait_for(lambda: len(self.subjects) >= count)
        await asyncio.sleep(0.2)  # time for one too many to show itself
        return self.subjects


async def publish_in_the_end(bus: EventBus, event: Event) -> None:
    """As the relay does it: what was not acknowledged in time is published again, under the same id."""
    async with asyncio.timeout(60):
        while True:
            try:
                await bus.publish([event])
                return
            except (NatsError, TimeoutError):
                await asyncio.sleep(0.1)


async def test_events_arrive_once_and_in_order_though_two_replicas_relay_and_consume(
    fresh_database_url: str, make_bus: Callable[[], EventBus]
) -> None:
    database = Database(fresh_database_url)
    outbox = Outbox(models.Outbox, "questions")
    recorder = Recorder()
    inbox = Inbox(models.Inbox, "watcher", {"thing.happened": recorder})
    expected = [f"s{number:03}" for number in range(250)]
    async with running(make_bus()) as first, running(make_bus()) as second, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(work)
            for bus in (first, second)
            for work in (outbox.relay(database, bus), inbox.run(database, bus))
        ]
        for subject in expected:
            async with database.transaction() as session:
                outbox.add(session, Event("thing.happened", subject))
        outbox.wake()

        assert await recorder.wait_for(len(expected)) == expected
        for task in tasks:
            task.cancel()
    await database.dispose()


async def test_of_the_replicas_of_a_consumer_one_goes_first_as_long_as_it_works(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    handled: list[tuple[str, str]] = []

    def turns_of(name: str) -> Turns:
        async def handle(event: Event) -> None:
            handled.append((name, event.subject))

        return Turns(database, "watcher", handle)

    async with running(PostgresBus(fresh_database_url)) as bus:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO bus.consumers (name, position) VALUES ('watcher', 0)"))
        first, second = turns_of("first"), turns_of("second")
        for subject in ("a", "b"):
            await bus.publish([Event("thing.happened", subject)])
            await first.take()
            await second.take()
        assert (first.is_standing_by, second.is_standing_by) == (False, True)
        await first.take()
        await second.take()
        assert (first.is_standing_by, second.is_standing_by) == (False, True)
        # The first one is slow, or gone.
        await bus.publish([Event("thing.happened", "c")])
        await second.take()
        await first.take()
        assert (first.is_standing_by, second.is_standing_by) == (True, False)
        assert handled == [("first", "a"), ("first", "b"), ("second", "c")]
    await database.dispose()


async def test_a_replica_stands_by_while_another_one_is_at_work(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    is_handling, may_go_on = asyncio.Event(), asyncio.Event()

    async def handle_slowly(event: Event) -> None:
        is_handling.set()
        await may_go_on.wait()

    async def handle(event: Event) -> None:
        raise AssertionError("another replica has it")

    async with running(PostgresBus(fresh_database_url)) as bus, asyncio.TaskGroup() as group:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO bus.consumers (name, position) VALUES ('watcher', 0)"))
        await bus.publish([Event("thing.happened", "a")])
        group.create_task(Turns(database, "watcher", handle_slowly).take())
        await is_handling.wait()
        second = Turns(database, "watcher", handle)
        assert await second.take() is False
        assert second.is_standing_by
        may_go_on.set()
    await database.dispose()


async def test_an_event_whose_transaction_is_rolled_back_is_never_told(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    outbox = Outbox(models.Outbox, "questions")
    try:
        async with database.transaction() as session:
            outbox.add(session, Event("thing.happened", "s"))
            raise RuntimeError("rolled back")
    except RuntimeError:
        pass

    async with database.session() as session:
        assert (await session.execute(select(func.count()).select_from(models.Outbox))).scalar_one() == 0
    await database.dispose()


async def test_an_event_whose_handler_fails_comes_again(
    fresh_database_url: str, make_bus: Callable[[], EventBus]
) -> None:
    database = Database(fresh_database_url)
    recorder = Recorder(failures=1)
    inbox = Inbox(models.Inbox, "watcher", {"thing.happened": recorder})
    async with running(make_bus()) as bus:
        await bus.publish([Event("thing.happened", "a"), Event("thing.happened", "b")])
        task = asyncio.create_task(inbox.run(database, bus))

        assert await recorder.wait_for(2) == ["a", "b"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await database.dispose()


async def test_a_nats_client_that_is_closed_for_good_is_replaced_and_no_event_is_missed(
    fresh_database_url: str, nats_url: str
) -> None:
    database = Database(fresh_database_url)
    recorder = Recorder()
    inbox = Inbox(models.Inbox, "watcher", {"thing.happened": recorder})
    async with running(NatsBus(nats_url)) as here, running(NatsBus(nats_url)) as there:
        task = asyncio.create_task(inbox.run(database, here))
        await publish_in_the_end(there, Event("thing.happened", "before"))
        assert await recorder.wait_for(1) == ["before"]
        # As when the server has refused it: the library does not try again after that.
        assert isinstance(here, NatsBus)
        await here._connection.client.close()
        await publish_in_the_end(there, Event("thing.happened", "meanwhile"))

        assert await recorder.wait_for(2) == ["before", "meanwhile"]
        await publish_in_the_end(here, Event("thing.happened", "after"))
        assert await recorder.wait_for(3) == ["before", "meanwhile", "after"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await database.dispose()


async def test_a_subgraph_whose_role_may_not_write_to_the_bus_relays_as_the_role_of_the_bus(
    fresh_database_url: str,
) -> None:
    owner = Database(fresh_database_url)
    role = f"narrow_{uuid4().hex[:8]}"
    async with owner.transaction() as session:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT USAGE ON SCHEMA questions TO {role}",
            f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA questions TO {role}",
        ):
            await session.execute(text(statement))
    database = Database(make_url(fresh_database_url).set(username=role).render_as_string(hide_password=False))
    outbox, recorder = Outbox(models.Outbox, "questions"), Recorder()
    inbox = Inbox(models.Inbox, "watcher", {"thing.happened": recorder})
    try:
        async with running(PostgresBus(fresh_database_url, is_beside_outbox=True)) as bus, asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(outbox.relay(database, bus)),
                group.create_task(inbox.run(owner, bus)),
            ]
            for subject in ("a", "b"):
                async with database.transaction() as session:
                    outbox.add(session, Event("thing.happened", subject))
                outbox.wake()

            assert await recorder.wait_for(2) == ["a", "b"]
            for task in tasks:
                task.cancel()
    finally:
        await database.dispose()
        async with owner.transaction() as session:
            await session.execute(text(f"DROP OWNED BY {role}"))
            await session.execute(text(f"DROP ROLE {role}"))
        await owner.dispose()


async def test_an_event_published_twice_is_handled_once(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    recorder = Recorder()
    inbox = Inbox(models.Inbox, "watcher", {"thing.happened": recorder})
    event = Event("thing.happened", "a")

    handled = [await inbox.handle(database, event) for _ in range(3)]

    assert handled == [True, False, False]
    assert recorder.subjects == ["a"]
    await database.dispose()
