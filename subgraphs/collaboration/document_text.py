"""Turn document updates into readable text, and text into the first update of a Y.Text. The server never re-encodes what clients wrote."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain, count
from typing import TypeVar

import pycrdt

from .errors import InvalidUpdate
from .update_format import ClockRange, UpdateStructure, read_update

T = TypeVar("T")
MAX_SERVER_CLIENT = 2**32 - 1  # Yjs draws its client numbers from 32 bits too
MERGED_AT_ONCE = 500  # updates; some milliseconds, in which this process does nothing else
NOTHING = b"\x00\x00"  # an update that writes and deletes nothing


def check_update(update: bytes) -> UpdateStructure:
    """The structure of an update that pycrdt can read as well. Raises InvalidUpdate."""
    structure = read_update(update)
    # Twice read: by our bounded reader above, and by the library that will apply it, on a document of its own.
    apply_safely(pycrdt.Doc(), update)
    return structure


def first_update(text_name: str, content: str) -> tuple[int, bytes]:
    """A client number, and the update by which that client writes the first content of an empty text.

    It is made in a document of its own, so it refers to nothing that clients wrote.
    """
    client = secrets.randbelow(MAX_SERVER_CLIENT) + 1
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=client)
    text = document.get(text_name, type=pycrdt.Text)
    text += content
    return client, document.get_update()


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL has no place for."""
    return text.replace("\x00", "\ufffd")


class CausalOrder:
    """Holds updates back until what they build on has come.

    pycrdt 0.14 makes a wrong text of updates that arrive before what they build on (34 of 40 random orders; Yjs itself does not),
    so here an update is applied only when it fits. Merging updates before they are applied is right in any order.

    An update that does not fit waits for one thing at a time: anybody can send a hundred thousand that never do.
    """

    def __init__(self) -> None:
        self._clocks: dict[int, int] = {}
        self._waiting: dict[int, list[tuple[int, int, _Held]]] = {}
        """By client, as heaps: at which clock of it to look again, a number that keeps them apart, the update."""
        self._numbers = count()

    def take(self, update: bytes) -> list[bytes]:
        """The updates that can be applied now, in this order. Raises InvalidUpdate for bytes that are none."""
        structure = read_update(update)
        looked_at = deque([_Held(update, structure.written, _built_on(structure))])
        fitting: list[bytes] = []
        while looked_at:
            held = looked_at.popleft()
            missing = next((need for need in held.needs if self._clocks.get(need[0], 0) < need[1]), None)
            if missing is not None:
                client, clock = missing
                heappush(self._waiting.setdefault(client, []), (clock, next(self._numbers), held))
                continue
            fitting.append(held.update)
            for item in held.written:
                self._clocks[item.client] = max(self._clocks.get(item.client, 0), item.clock + item.length)
                looked_at.extend(self._awoken(item.client))
        return fitting

    def _awoken(self, client: int) -> Iterator[_Held]:
        waiting = self._waiting.get(client, [])
        while waiting and waiting[0][0] <= self._clocks[client]:
            yield heappop(waiting)[2]


@dataclass(frozen=True, slots=True)
class _Held:
    """An update, and what it needs, as (client, clock) pairs; those that were there once are not looked at again."""

    update: bytes
    written: tuple[ClockRange, ...]
    needs: Iterator[tuple[int, int]]


def _built_on(structure: UpdateStructure) -> Iterator[tuple[int, int]]:
    """How far the clocks of which clients must have come for the update to fit, beyond what it brings itself."""
    brought: dict[int, int] = {}
    for item in sorted(structure.written, key=lambda item: (item.client, item.clock)):
        if item.clock > brought.get(item.client, 0):
            yield item.client, item.clock
        brought[item.client] = max(brought.get(item.client, 0), item.clock + item.length)
    ends = ((item.client, item.clock + item.length) for item in structure.deleted)
    for client, clock in chain(ends, structure.needed.items()):
        if clock > brought.get(client, 0):
            yield client, clock


class DocumentReader:
    """The updates of one document, merged, for reading its texts; of bytes in any order. It is thrown away when an update breaks it."""

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self._merged = NOTHING
        self._new: list[bytes] = []
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Raises InvalidUpdate when the library refuses the updates."""
        self._new.append(update)
        if len(self._new) >= MERGED_AT_ONCE:
            self._merge()

    def text(self, name: str) -> str:
        """The content of the text `name`; empty when nobody has written in it. Raises InvalidUpdate as `apply` does."""
        self._merge()
        document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        apply_safely(document, self._merged)
        return str(document.get(name, type=pycrdt.Text))

    def _merge(self) -> None:
        if self._new:
            merged = _safely(lambda: pycrdt.merge_updates(self._merged, *self._new))
            self._merged, self._new = merged, []


def apply_safely(document: pycrdt.Doc[pycrdt.Text], update: bytes) -> None:
    """Raises InvalidUpdate when the library refuses the update, or fails on it."""
    _safely(lambda: document.apply_update(update))


def _safely(act: Callable[[], T]) -> T:
    try:
        return act()
    except BaseException as error:  # a panic of the native code is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise InvalidUpdate("The update is not a Yjs update that can be applied.", field="input.updates") from error
