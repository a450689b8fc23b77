"""Read the structure of a Yjs update (version 1): which client wrote which clock range, what it deletes; refuse what is not one.

This is the first reader of bytes that strangers send, before any native code sees them: every count and length is held against
the bytes that are really there. The format is that of `encodeStateAsUpdate` in Yjs (UpdateEncoderV1 on lib0's encoding).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .errors import InvalidUpdate

MAX_CLIENT = 2**53 - 1  # the largest client number that JavaScript holds exactly
MAX_CLOCK = 2**31 - 1
MAX_NESTING = 32  # of values in content of kind Any

BITS_INFO = 0b0001_1111  # the kind of content
BIT_PARENT_SUB = 0b0010_0000
BIT_RIGHT_ORIGIN = 0b0100_0000
BIT_ORIGIN = 0b1000_0000
GC = 0
SKIP = 10
TYPE_REFS_WITH_NAME = (3, 5)  # XmlElement and XmlHook carry a node name
TYPE_REF_WEAK = 7
MAX_TYPE_REF = 9
STRING = 4  # the kind of content that text is

ItemId: TypeAlias = tuple[int, int]
"""A client and its clock."""


@dataclass(frozen=True, slots=True)
class ClockRange:
    """`length` clock ticks of a client, from `clock` on. One tick is one UTF-16 unit of text or one other value."""

    client: int
    clock: int
    length: int


@dataclass(frozen=True, slots=True)
class UpdateStructure:
    """What an update writes and what it deletes."""

    written: tuple[ClockRange, ...]
    deleted: tuple[ClockRange, ...]
    root_names: frozenset[str]
    needed: Mapping[int, int]
    """By client, how far its clock must have come for the update to fit: behind everything that is written next to."""

    @property
    def writers(self) -> frozenset[int]:
        return frozenset(item.client for item in self.written)


def read_update(update: bytes) -> UpdateStructure:
    """The structure of an update. Raises InvalidUpdate for anything that is not exactly one well-formed update."""
    reader = UpdateReader(update)
    written: list[ClockRange] = []
    root_names: set[str] = set()
    needed: dict[int, int] = {}
    for _ in range(reader.count()):
        structs = reader.count()
        client = reader.number(MAX_CLIENT)
        clock = reader.number(MAX_CLOCK)
        start = clock
        for _ in range(structs):
            is_gap, length = _read_struct(reader, root_names, needed)
            if length < 1:
                raise InvalidUpdate("The update contains an item without content.")
            if is_gap:
                # Merged updates leave gaps for what they do not know.
                if clock > start:
                    written.append(ClockRange(client, start, clock - start))
                start = clock + length
            clock += length
        if clock > MAX_CLOCK:
            raise InvalidUpdate("The update counts further than a client's clock goes.")
        if clock > start:
            written.append(ClockRange(client, start, clock - start))
    deleted = _read_delete_set(reader)
    if not reader.is_at_end:
        raise InvalidUpdate("Bytes follow the end of the update.")
    return UpdateStructure(tuple(written), tuple(deleted), frozenset(root_names), needed)


def _read_struct(reader: UpdateReader, root_names: set[str], needed: dict[int, int]) -> tuple[bool, int]:
    """Whether it is a gap, and how many clock ticks it has."""
    info = reader.byte()
    kind = info & BITS_INFO
    if kind in (GC, SKIP):
        return kind == SKIP, reader.number(MAX_CLOCK)
    has_origin = bool(info & BIT_ORIGIN)
    has_right_origin = bool(info & BIT_RIGHT_ORIGIN)
    if has_origin:
        reader.id(needed)
    if has_right_origin:
        reader.id(needed)
    if not has_origin and not has_right_origin:
        if reader.number(1):
            root_names.add(reader.string())
        else:
            reader.id(needed)
        if info & BIT_PARENT_SUB:
            reader.string()
    return False, read_content(reader, kind)


def read_content(reader: UpdateReader, kind: int) -> int:
    """Read the content of an item; how many clock ticks it has."""
    read = _CONTENT.get(kind)
    if read is None:
        raise InvalidUpdate(f"The update contains content of the unknown kind {kind}.")
    return read(reader)


def _read_delete_set(reader: UpdateReader) -> list[ClockRange]:
    deleted = []
    for _ in range(reader.count()):
        client = reader.number(MAX_CLIENT)
        for _ in range(reader.count()):
            clock = reader.number(MAX_CLOCK)
            length = reader.number(MAX_CLOCK)
            if clock + length > MAX_CLOCK:
                raise InvalidUpdate("The update deletes further than a client's clock goes.")
            deleted.append(ClockRange(client, clock, length))
    return deleted


def _deleted_content(reader: UpdateReader) -> int:
    return reader.number(MAX_CLOCK)


def _json_content(reader: UpdateReader) -> int:
    count = reader.count()
    for _ in range(count):
        reader.string()
    return count


def _binary_content(reader: UpdateReader) -> int:
    reader.take(reader.count())
    return 1


def _string_content(reader: UpdateReader) -> int:
    return utf16_length(reader.string())


def _embed_content(reader: UpdateReader) -> int:
    reader.string()
    return 1


def _format_content(reader: UpdateReader) -> int:
    reader.string()
    reader.string()
    return 1


def _type_content(reader: UpdateReader) -> int:
    type_ref = reader.number(127)
    # Links of the weak kind are a preview of yrs that no released Yjs reads.
    if type_ref > MAX_TYPE_REF or type_ref == TYPE_REF_WEAK:
        raise InvalidUpdate(f"The update contains a shared type of the unknown kind {type_ref}.")
    if type_ref in TYPE_REFS_WITH_NAME:
        reader.string()
    return 1


def _any_content(reader: UpdateReader) -> int:
    count = reader.count()
    for _ in range(count):
        reader.any_value(0)
    return count


def _document_content(reader: UpdateReader) -> int:
    raise InvalidUpdate("The update contains a document within the document, which sessions do not have.")


_CONTENT: dict[int, Callable[[UpdateReader], int]] = {
    1: _deleted_content,
    2: _json_content,
    3: _binary_content,
    STRING: _string_content,
    5: _embed_content,
    6: _format_content,
    7: _type_content,
    8: _any_content,
    9: _document_content,
}


def utf16_length(text: str) -> int:
    """How many UTF-16 units a text has: what JavaScript calls its length."""
    return len(text) + sum(character > "\uffff" for character in text)


class UpdateReader:
    """lib0's encoding, read with a bound on everything."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def is_at_end(self) -> bool:
        return self._position == len(self._data)

    @property
    def position(self) -> int:
        return self._position

    def since(self, position: int) -> bytes:
        """What was read since then."""
        return self._data[position : self._position]

    def rest(self) -> bytes:
        """What was not read yet."""
        return self._data[self._position :]

    def byte(self) -> int:
        if self._position >= len(self._data):
            raise InvalidUpdate("The update ends in the middle.")
        self._position += 1
        return self._data[self._position - 1]

    def number(self, limit: int) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise InvalidUpdate("The update contains a number that is too long.")
        if value > limit:
            raise InvalidUpdate(f"The update contains the number {value} where at most {limit} is possible.")
        return value

    def count(self) -> int:
        """A number of things that follow: each takes at least one byte."""
        return self.number(len(self._data) - self._position)

    def take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self._data):
            raise InvalidUpdate("The update ends in the middle.")
        piece = self._data[self._position : end]
        self._position = end
        return piece

    def string(self) -> str:
        try:
            return self.take(self.count()).decode()
        except UnicodeDecodeError as error:
            raise InvalidUpdate("The update contains text that is not UTF-8.") from error

    def item_id(self) -> ItemId:
        return self.number(MAX_CLIENT), self.number(MAX_CLOCK)

    def id(self, needed: dict[int, int]) -> None:
        client, clock = self.item_id()
        needed[client] = max(needed.get(client, 0), clock + 1)

    def any_value(self, depth: int) -> None:
        if depth > MAX_NESTING:
            raise InvalidUpdate(f"The update nests values deeper than {MAX_NESTING}.")
        kind = self.byte()
        match kind:
            case 127 | 126 | 121 | 120:  # undefined, null, false, true
                pass
            case 125:
                self._signed_number()
            case 124:
                self.take(4)
            case 123 | 122:
                self.take(8)
            case 119:
                self.string()
            case 118:
                for _ in range(self.count()):
                    self.string()
                    self.any_value(depth + 1)
            case 117:
                for _ in range(self.count()):
                    self.any_value(depth + 1)
            case 116:
                self.take(self.count())
            case _:
                raise InvalidUpdate(f"The update contains a value of the unknown kind {kind}.")

    def _signed_number(self) -> None:
        for _ in range(9):
            if self.byte() < 0x80:
                return
        raise InvalidUpdate("The update contains a number that is too long.")
