"""InFlight: equal pieces of work that are under way at the same time are done once, and all who wait are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from .dispatch import Cancellable

Key = TypeVar("Key")
Outcome = TypeVar("Outcome")
Start: TypeAlias = Callable[[Callable[[Outcome], None]], Cancellable]


class InFlight(Generic[Key, Outcome]):
    """The work of one kind that is under way, by its key. The key must hold the identity of who asks."""

    def __init__(self, for_others: Callable[[Outcome], Outcome] | None = None) -> None:
        """`for_others` makes of an outcome what all but one who wait for it are told."""
        self._for_others = for_others
        self._shared: dict[Key, SharedWork[Key, Outcome]] = {}
        self.collapsed = 0
        """How many asked for what was under way already."""

    def start_anew(self) -> None:
        """Let nobody join what is under way now: it may tell what is true no more. Who waits for it goes on waiting."""
        self._shared = {}

    def join(self, key: Key, start: Start[Outcome], on_outcome: Callable[[Outcome], None]) -> Cancellable:
        """Wait for the work of that key; it is started if nobody else has. Whatever `start` raises is raised here.

        The work is given up only when everyone who waits for it has given up.
        """
        shared = self._shared.get(key)
        if shared is not None:
            self.collapsed += 1
            return shared.join(on_outcome)
        shared = self._shared[key] = SharedWork(self._shared, key, self._for_others)
        follower = shared.join(on_outcome)
        try:
            shared.handle = start(shared.settle)
        except BaseException:
            shared.close()
            raise
        return follower


class SharedWork(Generic[Key, Outcome]):
    """One piece of work and all who wait for it."""

    __slots__ = ("_followers", "_for_others", "_key", "_under_way", "handle")

    def __init__(
        self,
        under_way: dict[Key, SharedWork[Key, Outcome]],
        key: Key,
        for_others: Callable[[Outcome], Outcome] | None,
    ) -> None:
        self._under_way = under_way
        self._key = key
        self._for_others = for_others
        self._followers: list[Follower[Key, Outcome]] = []
        self.handle: Cancellable | None = None

    def join(self, on_outcome: Callable[[Outcome], None]) -> Follower[Key, Outcome]:
        """Wait for it too."""
        follower = Follower(self, on_outcome)
        self._followers.append(follower)
        return follower

    def leave(self, follower: Follower[Key, Outcome]) -> None:
        """Stop waiting; the last one to leave gives the work up."""
        if follower not in self._followers:
            return
        self._followers.remove(follower)
        if not self._followers and self._under_way.pop(self._key, None) is not None and self.handle is not None:
            self.handle.cancel()

    def settle(self, outcome: Outcome) -> None:
        """Tell the outcome to all; whoever asks from now on starts anew."""
        self._under_way.pop(self._key, None)
        followers, self._followers = self._followers, []
        if self._for_others is not None and len(followers) > 1:
            followers.pop(0).on_outcome(outcome)
            outcome = self._for_others(outcome)
        for follower in followers:
            follower.on_outcome(outcome)

    def close(self) -> None:
        """Let nobody join any more."""
        self._under_way.pop(self._key, None)


class Follower(Generic[Key, Outcome]):
    """One who waits."""

    __slots__ = ("_shared", "on_outcome")

    def __init__(self, shared: SharedWork[Key, Outcome], on_outcome: Callable[[Outcome], None]) -> None:
        self._shared = shared
        self.on_outcome = on_outcome

    def cancel(self) -> None:
        """Stop waiting; does nothing when the outcome is told."""
        self._shared.leave(self)
