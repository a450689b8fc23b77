"""DedupeTransport: identical queries in flight at the same time share one fetch."""

from __future__ import annotations

from typing import TypeAlias

from .dispatch import AnswerCallback, Cancellable, Outcome, WrappingTransport
from .interface import SubgraphRequest, SubgraphTransport

DedupeKey: TypeAlias = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]

# They differ from request to request and cannot change an answer.
PER_REQUEST_HEADERS = frozenset({b"x-request-id", b"traceparent", b"tracestate"})


class DedupeTransport(WrappingTransport):
    """Collapses queries with equal body, headers (but those that name the request) and identity. Mutations always go through.

    The fetch is given up only when everyone who waits for it has given up. Its timeout is that of the request that started it: one
    that joins later cannot wait longer than the first.
    """

    def __init__(self, inner: SubgraphTransport) -> None:
        super().__init__(inner)
        self._shared: dict[DedupeKey, SharedFetch] = {}

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if request.operation_kind != "query":
            return self._inner.dispatch(request, on_outcome)
        key = (request.identity, request.body, tuple(it for it in request.headers if it[0] not in PER_REQUEST_HEADERS))
        shared = self._shared.get(key)
        if shared is not None:
            return shared.join(on_outcome)
        shared = self._shared[key] = SharedFetch(self._shared, key)
        follower = shared.join(on_outcome)
        shared.handle = self._inner.dispatch(request, shared.settle)
        return follower


class SharedFetch:
    """One fetch and all who wait for it."""

    __slots__ = ("_fetches", "_followers", "_key", "handle")

    def __init__(self, fetches: dict[DedupeKey, SharedFetch], key: DedupeKey) -> None:
        self._fetches = fetches
        self._key = key
        self._followers: list[Follower] = []
        self.handle: Cancellable | None = None

    def join(self, on_outcome: AnswerCallback) -> Follower:
        """Wait for this fetch too."""
        follower = Follower(self, on_outcome)
        self._followers.append(follower)
        return follower

    def leave(self, follower: Follower) -> None:
        """Stop waiting; the last one to leave cancels the fetch."""
        if follower not in self._followers:
            return
        self._followers.remove(follower)
        if not self._followers and self._fetches.pop(self._key, None) is not None and self.handle is not None:
            self.handle.cancel()

    def settle(self, outcome: Outcome) -> None:
        """Tell the outcome to all; whoever asks from now on starts a new fetch."""
        self._fetches.pop(self._key, None)
        followers, self._followers = self._followers, []
        for follower in followers:
            follower.on_outcome(outcome)


class Follower:
    """One who waits for a shared fetch."""

    __slots__ = ("_shared", "on_outcome")

    def __init__(self, shared: SharedFetch, on_outcome: AnswerCallback) -> None:
        self._shared = shared
        self.on_outcome = on_outcome

    def cancel(self) -> None:
        self._shared.leave(self)
