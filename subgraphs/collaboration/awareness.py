"""Read and write the awareness messages of y-protocols: who has his cursor where, one JSON state per client, newest clock wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import orjson

from ..kit.errors import InvalidInput
from .rules import MAX_AWARENESS_BYTES

OUTDATED_AFTER = 30.0  # seconds without a sign of life, as in y-protocols, whose clients repeat their state every 15 s
MAX_CLIENTS = 8  # states in one message; a provider sends its own
MAX_OF_A_PERSON = 16  # clients with a state at the same time: pages that are open
FIELD = "input.update"


@dataclass(frozen=True, slots=True)
class ClientState:
    """What one Yjs client says of itself; `state` is JSON text, "null" when it has left."""

    client: int
    clock: int
    state: str

    @property
    def has_left(self) -> bool:
        return self.state == "null"


@dataclass(slots=True)
class _Known:
    state: ClientState
    user_id: UUID | None
    seen_at: float


class AwarenessStates:
    """The newest state of every client of one room. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._by_client: dict[int, _Known] = {}

    def apply(self, states: Iterable[ClientState], user_id: UUID | None, now: float) -> None:
        """Take what is newer than what is known."""
        for state in states:
            known = self._by_client.get(state.client)
            if known is not None and state.clock < known.state.clock:
                continue
            if known is not None and state.clock == known.state.clock and not state.has_left:
                known.seen_at = now
                continue
            self._by_client[state.client] = _Known(state, user_id, now)
            if known is None and user_id is not None:
                self._forget_oldest_of(user_id)

    def current(self) -> list[ClientState]:
        return [known.state for known in self._by_client.values() if not known.state.has_left]

    def owner(self, client: int) -> UUID | None:
        known = self._by_client.get(client)
        return known.user_id if known else None

    def remove_user(self, user_id: UUID) -> list[ClientState]:
        """Forget a person's clients; the states that tell the others so."""
        return self._remove([client for client, known in self._by_client.items() if known.user_id == user_id])

    def remove_outdated(self, now: float) -> list[ClientState]:
        """Forget clients without a sign of life; the states that tell the others so."""
        return self._remove(
            [client for client, known in self._by_client.items() if now - known.seen_at > OUTDATED_AFTER]
        )

    def _forget_oldest_of(self, user_id: UUID) -> None:
        """What a late joiner is told has a bound, whoever opens how many clients."""
        mine = [client for client, known in self._by_client.items() if known.user_id == user_id]
        if len(mine) > MAX_OF_A_PERSON:
            del self._by_client[min(mine, key=lambda client: self._by_client[client].seen_at)]

    def _remove(self, clients: list[int]) -> list[ClientState]:
        gone = [self._by_client.pop(client).state for client in clients]
        # The clock rises by one, as y-protocols does it, so that clients believe it.
        return [ClientState(state.client, state.clock + 1, "null") for state in gone if not state.has_left]


def read_awareness(update: bytes) -> list[ClientState]:
    """The states in an awareness message. Raises InvalidInput when it is none, or larger than allowed."""
    if len(update) > MAX_AWARENESS_BYTES:
        raise InvalidInput(
            f"update is {len(update)} bytes; an awareness message has at most {MAX_AWARENESS_BYTES}.", field=FIELD
        )
    try:
        return _read(update)
    except (IndexError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise InvalidInput("update is not an awareness message of y-protocols.", field=FIELD) from error


def write_awareness(states: Iterable[ClientState]) -> bytes:
    """The message that carries these states."""
    items = list(states)
    parts = [_var_uint(len(items))]
    for item in items:
        encoded = item.state.encode()
        parts += [_var_uint(item.client), _var_uint(item.clock), _var_uint(len(encoded)), encoded]
    return b"".join(parts)


def _read(update: bytes) -> list[ClientState]:
    count, position = _read_var_uint(update, 0)
    if not 1 <= count <= MAX_CLIENTS:
        raise InvalidInput(f"update has {count} states; send from 1 to {MAX_CLIENTS}.", field=FIELD)
    states = []
    for _ in range(count):
        client, position = _read_var_uint(update, position)
        clock, position = _read_var_uint(update, position)
        length, position = _read_var_uint(update, position)
        if position + length > len(update):
            raise IndexError("the message ends in the middle")
        state = update[position : position + length].decode()
        position += length
        if not isinstance(orjson.loads(state), dict | None):
            raise InvalidInput("an awareness state is a JSON object or null.", field=FIELD)
        states.append(ClientState(client, clock, state))
    if position != len(update):
        raise IndexError("bytes follow the end of the message")
    return states


def _read_var_uint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 49:
            raise IndexError("a number is too long")
    if value >= 2**53:
        raise IndexError("a number is too large")
    return value, position


def _var_uint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(0x80 | (value & 0x7F))
        value >>= 7
    parts.append(value)
    return bytes(parts)
