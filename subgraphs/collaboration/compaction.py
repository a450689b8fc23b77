"""Merge raw updates into one, and join what was typed key by key into runs: bytes in, bytes out, never written by a document.

Who types "abc" sends three items, each of which says that it stands behind the one before. In a document that has all of them they are the
same as one item "abc", as Yjs itself joins and splits them:

    a(after o, before r)  b(after a, before r)  c(after b, before r)   =   abc(after o, before r)

20,000 keys are 204 kB as they came, and 20 kB joined, and who joins late has to build 20,000 items, or one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pycrdt
import structlog

from .errors import InvalidUpdate
from .update_format import (
    BIT_ORIGIN,
    BIT_PARENT_SUB,
    BIT_RIGHT_ORIGIN,
    BITS_INFO,
    GC,
    MAX_CLIENT,
    MAX_CLOCK,
    SKIP,
    STRING,
    ItemId,
    UpdateReader,
    read_content,
)

logger = structlog.get_logger(__name__)

MAX_ITEMS = 50_000  # of one update: so many take a third of a second in Python, beside what the process has to do


class _LeftAsItIs(Exception):
    """Raised inside for an update with map entries, of which each replaces the one before, or with too many items."""


@dataclass(slots=True)
class _Run:
    """Text of one client without a gap: the first item's head, and the text of all."""

    head: bytes
    right_origin: ItemId | None
    last: ItemId
    """The last character: the next item of the run stands behind it."""
    text: bytearray


def compact_updates(updates: Sequence[bytes]) -> bytes:
    """One update that means what `updates` mean together."""
    merged = pycrdt.merge_updates(*updates)
    try:
        joined = join_runs(merged)
        # Everybody begins with it: let the library say, too, that it is well-formed and as long as it was.
        if pycrdt.get_state(joined) == pycrdt.get_state(merged):
            return joined
        logger.error("compaction.joined_differs", bytes=len(merged))
    except InvalidUpdate as error:
        logger.warning("compaction.not_joined", error=str(error))
    return merged


def join_runs(update: bytes) -> bytes:
    """The same update with the items of each run as one. Raises InvalidUpdate for what is none."""
    reader = UpdateReader(update)
    clients = reader.count()
    joined = bytearray(_number(clients))
    items = 0
    try:
        for _ in range(clients):
            structs = reader.count()
            items += structs
            if items > MAX_ITEMS:
                raise _LeftAsItIs
            joined += _client_block(reader, structs)
    except _LeftAsItIs:
        return update
    return bytes(joined) + reader.rest()


def _client_block(reader: UpdateReader, structs: int) -> bytes:
    """The items of one client, joined."""
    client, clock = reader.number(MAX_CLIENT), reader.number(MAX_CLOCK)
    first_clock = clock
    written: list[bytes] = []
    run: _Run | None = None
    for _ in range(structs):
        start = reader.position
        info = reader.byte()
        if info & BIT_PARENT_SUB:
            raise _LeftAsItIs
        kind = info & BITS_INFO
        if kind in (GC, SKIP):
            clock += reader.number(MAX_CLOCK)
            _end(run, written)
            run = None
            written.append(reader.since(start))
            continue
        origin, right_origin = _read_place(reader, info)
        content = reader.position
        length = read_content(reader, kind)
        if kind != STRING:
            _end(run, written)
            run = None
            written.append(reader.since(start))
        else:
            whole = reader.since(start)
            text = _text(reader.since(content))
            if run is not None and origin == run.last and right_origin == run.right_origin:
                run.text += text
            else:
                _end(run, written)
                run = _Run(whole[: content - start], right_origin, (client, clock), bytearray(text))
            run.last = (client, clock + length - 1)
        clock += length
    _end(run, written)
    return b"".join((_number(len(written)), _number(client), _number(first_clock), *written))


def _read_place(reader: UpdateReader, info: int) -> tuple[ItemId | None, ItemId | None]:
    """Behind what and before what an item stands."""
    origin = reader.item_id() if info & BIT_ORIGIN else None
    right_origin = reader.item_id() if info & BIT_RIGHT_ORIGIN else None
    if origin is None and right_origin is None:
        if reader.number(1):
            reader.string()
        else:
            reader.item_id()
    return origin, right_origin


def _end(run: _Run | None, written: list[bytes]) -> None:
    if run is not None:
        written.append(b"".join((run.head, _number(len(run.text)), run.text)))


def _text(content: bytes) -> bytes:
    """The bytes of a string without its length."""
    return UpdateReader(content).string().encode()


def _number(value: int) -> bytes:
    """As lib0 writes it: seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
