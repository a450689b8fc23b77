"""The callback form of a transport: a fetch is started at once and tells its outcome later, without a task of its own.

The hot path of the gateway uses this form: a task per fetch costs more than everything else this side of the socket. `execute` of the
port is the same call, awaited.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Protocol, TypeAlias

from ..errors import SubgraphProtocolError, SubgraphUnreachable, TransportError
from .interface import SubgraphRequest, SubgraphResponse, SubgraphTransport

Outcome: TypeAlias = SubgraphResponse | TransportError
AnswerCallback: TypeAlias = Callable[[Outcome], None]


class Cancellable(Protocol):
    """A fetch on its way."""

    def cancel(self) -> None:
        """Give the fetch up: its callback is not called any more. Does nothing when the outcome is already told."""
        ...


class NothingToCancel:
    """The handle of a fetch whose outcome was known at once."""

    __slots__ = ()

    def cancel(self) -> None:
        return


NOTHING_TO_CANCEL = NothingToCancel()


class DispatchingTransport(ABC):
    """Base of transports and wrappers that start a fetch by `dispatch`."""

    @abstractmethod
    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        """Start a query or mutation; `on_outcome` is called exactly once (it may be called before this returns), unless cancelled."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close all connections; what is in flight fails."""

    def start_anew(self) -> None:  # noqa: B027  most have nothing to do
        """Let no fetch share one that is in flight now: what a subgraph tells may have been invalidated meanwhile."""

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Send a query or mutation and return its whole answer."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        handle = self.dispatch(request, partial(_settle, future))
        try:
            outcome = await future
        except asyncio.CancelledError:
            handle.cancel()
            raise
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        """Refuse: this transport has no subscriptions."""
        raise SubgraphProtocolError(
            request.subgraph_name, f'Subgraph "{request.subgraph_name}" has no transport for subscriptions.'
        )


class WrappingTransport(DispatchingTransport):
    """Base of wrappers: subscriptions and closing go straight to the transport inside."""

    def __init__(self, inner: SubgraphTransport) -> None:
        self._inner = as_dispatching(inner)

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        return self._inner.subscribe(request)

    def start_anew(self) -> None:
        self._inner.start_anew()

    async def aclose(self) -> None:
        await self._inner.aclose()


class TaskDispatch(DispatchingTransport):
    """Gives a transport that only has `execute` the callback form, by a task per fetch."""

    def __init__(self, inner: SubgraphTransport) -> None:
        self._inner = inner
        self._tasks: set[asyncio.Task[None]] = set()

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        task = asyncio.get_running_loop().create_task(self._run(request, on_outcome))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _TaskHandle(task)

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        return self._inner.subscribe(request)

    async def aclose(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await self._inner.aclose()

    async def _run(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> None:
        outcome: Outcome
        try:
            outcome = await self._inner.execute(request)
        except TransportError as error:
            outcome = error
        except Exception as error:
            # A transport that breaks the rule must not leave the request waiting for ever.
            outcome = SubgraphUnreachable(request.subgraph_name, f"The transport failed: {type(error).__name__}.")
        on_outcome(outcome)


def as_dispatching(transport: SubgraphTransport) -> DispatchingTransport:
    """The transport itself when it has the callback form, else the transport with a task per fetch."""
    if isinstance(transport, DispatchingTransport):
        return transport
    return TaskDispatch(transport)


class _TaskHandle:
    __slots__ = ("_task",)

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def cancel(self) -> None:
        self._task.cancel()


def _settle(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)
