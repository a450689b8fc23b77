"""Live subscriptions: each event is resolved once for all clients that asked the same with the same identity.

    upstream events -> one Feed (resolve, project, serialise once) -> the same text to every Subscriber

A subscriber has a bounded queue of its own, so a slow one neither holds up the feed nor the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, Protocol

from .error_answers import ErrorAnswers
from .exchange import Exchange
from .graph import Graph
from .operations import KnownOperation
from .pipeline import Pipeline, error_body
from .refusals import JsonObject, Overloaded, Unauthenticated
from .request import Caller, GraphqlRequest
from .settings import SubscriptionSettings
from .telemetry import Telemetry

# Seconds for which an old and a new upstream subscription run side by side when a reload replaces one.
OVERLAP = 0.3
# Seconds until a subscription whose operation cannot be planned now asks again.
PLANNING_PAUSE = 0.2
# Seconds for which a client that was too slow may still read what is queued, and that it was too slow.
SLOW_CONSUMER_DRAIN = 10.0


SLOW_CONSUMER: JsonObject = {
    "message": "The client reads more slowly than it is sent.",
    "extensions": {"code": "SLOW_CONSUMER"},
}


class Subscriber(Protocol):
    """A client's end of a subscription. Neither method waits: what cannot be sent now is queued, within bounds."""

    def deliver(self, answer: str) -> None:
        """Take one answer: the JSON text of a GraphQL response."""
        ...

    def finish(self, errors: list[JsonObject] | None) -> None:
        """Take the end: None when the subgraph has completed, errors when it cannot go on."""
        ...

    def forbid(self) -> None:
        """Take notice, after the answer that says so, that a subgraph refuses who asks: the token is good no more."""
        ...


class LiveSubscriptions:
    """All live subscriptions of the process, by what makes them identical."""

    def __init__(
        self, settings: SubscriptionSettings, pipeline: Pipeline, error_answers: ErrorAnswers, telemetry: Telemetry
    ) -> None:
        self._settings = settings
        self.pipeline = pipeline
        self.error_answers = error_answers
        self.telemetry = telemetry
        self._private_fields = frozenset(settings.private_fields)
        self._feeds: dict[object, Feed] = {}
        self._count = 0

    def join(
        self,
        graph: Graph,
        known: KnownOperation,
        request: GraphqlRequest,
        caller: Caller,
        subscriber: Subscriber,
    ) -> Callable[[], None]:
        """Give a subscriber what its operation yields from now on; return how to leave. Raises RequestRefused."""
        if self._count >= self._settings.max_per_process:
            raise Overloaded("The gateway has as many live subscriptions as it may have.")
        key = self._key(known, request, caller)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(self, key, graph, known, request, caller)
            feed.start()
        feed.subscribers[subscriber] = None
        self._changed(+1)
        return lambda: self._leave(feed, subscriber)

    def drop_streams(self) -> None:
        """Break off every streamed answer without its end, so that its client asks again: the process is about to
        end.
        """
        for feed in self.feeds:
            for subscriber in list(feed.subscribers):
                if isinstance(subscriber, QueuedSubscriber):
                    subscriber.drop()

    def on_graph_change(self, new: Graph) -> None:
        """Move every subscription whose operation is still valid to the new graph, and end the others."""
        for feed in self.feeds:
            feed.start_moving(new)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """What is being resolved now."""
        return tuple(self._feeds.values())

    async def aclose(self) -> None:
        """End all of them."""
        feeds = self.feeds
        self._feeds.clear()
        await asyncio.gather(*(feed.aclose() for feed in feeds))

    def _key(self, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> object:
        if not self._settings.share_identical or not self._private_fields.isdisjoint(known.field_names):
            return object()
        # The grants, too: where no token is forwarded they are all that tells two people apart.
        return (request.query, request.operation_name, request.variables_key(), caller.identity, known.grants)

    def _leave(self, feed: Feed, subscriber: Subscriber) -> None:
        if subscriber not in feed.subscribers:
            return
        del feed.subscribers[subscriber]
        self._changed(-1)
        if not feed.subscribers:
            self._forget(feed)
            feed.stop()

    def _forget(self, feed: Feed) -> None:
        if self._feeds.get(feed.key) is feed:
            del self._feeds[feed.key]

    def finished(self, feed: Feed, errors: list[JsonObject] | None) -> None:
        """Tell everyone who follows a feed that it is over."""
        self._forget(feed)
        subscribers = list(feed.subscribers)
        feed.subscribers.clear()
        self._changed(-len(subscribers))
        for subscriber in subscribers:
            subscriber.finish(errors)

    def _changed(self, by: int) -> None:
        self._count += by
        self.telemetry.metrics.subscriptions.set(self._count)


class Feed:
    """One subscription upstream, and everyone who follows it; one task reads and hands out."""

    def __init__(
        self,
        owner: LiveSubscriptions,
        key: object,
        graph: Graph,
        known: KnownOperation,
        request: GraphqlRequest,
        caller: Caller,
    ) -> None:
        self._owner = owner
        self.key = key
        self.graph = graph
        self.known = known
        self.request = request
        self.caller = caller
        # A dict, not a set: who came first is served first.
        self.subscribers: dict[Subscriber, None] = {}
        # In the order of their start.
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._movers: set[asyncio.Task[None]] = set()
        self._speaker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read; the task ends with the subscription, or by `stop`."""
        self._speaker = self._start_task(self.graph, self.known)

    def stop(self) -> None:
        """End it: nobody follows any more."""
        for task in (*self._tasks, *self._movers):
            task.cancel()

    async def aclose(self) -> None:
        """End it and wait until the upstream subscription is given up."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def start_moving(self, graph: Graph) -> None:
        """Go on under a new graph: as it is if nothing changed for this operation, else by a new subscription upstream."""
        self._movers.add(mover := asyncio.create_task(self._move_to(graph)))
        mover.add_done_callback(self._movers.discard)

    async def _move_to(self, graph: Graph) -> None:
        try:
            current, known = await self._find()
        except Exception:
            message = "The schema has changed and this operation is no longer valid."
            self._owner.finished(self, [{"message": message, "extensions": {"code": "SUBSCRIPTION_SCHEMA_RELOAD"}}])
            return self.stop()
        if current is not graph or not self.subscribers:
            return None  # a further graph has come, and with it a further move; or everyone has left
        old_graph, old_known, self.graph, self.known = self.graph, self.known, graph, known
        old_plan, new_plan = old_known.prepared.plan, known.prepared.plan
        if repr(old_plan) == repr(new_plan) and all(
            old_graph.transports.get(fetch.subgraph_name) is graph.transports.get(fetch.subgraph_name)
            for fetch in (new_plan.fetches if new_plan else ())
        ):
            return None
        new_task = self._start_task(graph, known)
        await asyncio.sleep(OVERLAP)
        self._speaker = new_task
        # Only those from before: a further reload may have started a further one meanwhile.
        for task in list(self._tasks):
            if task is new_task:
                break
            task.cancel()
        return None

    async def _find(self) -> tuple[Graph, KnownOperation]:
        while True:
            try:
                return await self._owner.pipeline.find(self.request, self.caller)
            except Overloaded:
                # All that is live is planned anew at once; until its turn comes this goes on under the old graph.
                await asyncio.sleep(PLANNING_PAUSE)

    def _start_task(self, graph: Graph, known: KnownOperation) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(graph, known), name=f"feed {known.hash}")
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    async def _run(self, graph: Graph, known: KnownOperation) -> None:
        pipeline, metrics = self._owner.pipeline, self._owner.telemetry.metrics
        this_task = asyncio.current_task()
        errors: list[JsonObject] | None = None
        try:
            results = pipeline.subscribe(graph, known, self.request, self.caller)
            async with aclosing(results):
                async for result in results:
                    # While two overlap, the new one is silent until the switch: no event is told twice.
                    if this_task is not self._speaker:
                        continue
                    answer = result.to_bytes().decode()
                    metrics.subscription_events.inc()
                    metrics.subscription_messages.inc(len(self.subscribers))
                    # A copy: a subscriber that overflows leaves while it is served.
                    for subscriber in list(self.subscribers):
                        subscriber.deliver(answer)
                    if result.errors and _is_refusal(result.errors):
                        for subscriber in list(self.subscribers):
                            subscriber.forbid()
        except Exception as error:
            errors = self._owner.error_answers.errors_of(error, self.caller)
        if this_task is self._speaker or errors is not None:
            self._owner.finished(self, errors)
            self.stop()


class QueuedSubscriber:
    """A Subscriber for answers that are read one after the other (SSE, multipart): a bounded queue with
    an async end.
    """

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._bytes = 0
        self._is_over = False
        self.errors: list[JsonObject] | None = None
        self.is_dropped = False
        self.overflowed = asyncio.Event()

    def deliver(self, answer: str) -> None:
        """Queue one answer; past the bounds the client is given up."""
        if self._is_over:
            return
        if self._answers.qsize() >= self._max_messages or self._bytes + len(answer) > self._max_bytes:
            self.finish([SLOW_CONSUMER])
            self.overflowed.set()
            return
        self._bytes += len(answer)
        self._answers.put_nowait(answer)

    def finish(self, errors: list[JsonObject] | None) -> None:
        """Queue the end."""
        if not self._is_over:
            self._is_over = True
            self.errors = errors
            self._answers.put_nowait(None)

    def forbid(self) -> None:
        """Nothing more: a stream has one subscription, which its subgraph ends."""

    def drop(self) -> None:
        """End without an end, so that the client asks again: see `is_dropped`."""
        self.is_dropped = True
        self.finish(None)

    async def next(self, timeout: float) -> str | None:
        """Return the next answer; None is the end. Raises TimeoutError when there is none for `timeout` seconds."""
        async with asyncio.timeout(timeout):
            answer = await self._answers.get()
        if answer is not None:
            self._bytes -= len(answer)
        return answer


async def serve_stream(
    stream: Coroutine[Any, Any, None],
    subscriber: QueuedSubscriber,
    leave: Callable[[], None],
    exchange: Exchange,
    leeway: float,
) -> None:
    """Run a stream until it ends, its client has gone, or the client's token is good no more. One that is too slow may read what
    is queued for it for a while.
    """
    left = exchange.caller.seconds_left(leeway)
    expired = Unauthenticated("The token has expired.").formatted()
    ending = asyncio.get_running_loop().call_later(left, subscriber.finish, [expired]) if left is not None else None

    async def given_up() -> None:
        await subscriber.overflowed.wait()
        leave()
        await asyncio.sleep(SLOW_CONSUMER_DRAIN)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(it) for it in (exchange.client_has_gone(), stream, given_up())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
    finally:
        if ending is not None:
            ending.cancel()


def _is_refusal(errors: list[JsonObject]) -> bool:
    """Whether a subgraph says that it does not know the caller (any more)."""
    return any((error.get("extensions") or {}).get("code") == Unauthenticated.code for error in errors)


def errors_text(errors: list[JsonObject]) -> str:
    """Return errors as the text of an answer."""
    return error_body(errors).decode()
