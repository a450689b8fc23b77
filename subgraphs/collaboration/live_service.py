"""What matters only now: cursors (awareness), typing, WebRTC signals. Checked and capped, passed on, never stored."""

from __future__ import annotations

import base64
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from ..kit.database import Database
from ..kit.errors import InvalidInput, RateLimited
from .awareness import read_awareness
from .errors import SessionClosed, SessionNotFound
from .log_events import LiveEvent, LiveKind
from .log_repository import LogRepository
from .repository import SessionRepository
from .room import Rooms, awareness_event
from .rules import MAX_SIGNAL_BYTES, PersonalCaps, Role, require_writer

SEAT_MAX_AGE = 2.0  # seconds a look at who may do what is believed, for things that come twenty times a second
MAX_KEPT = 5000
MAX_CLIENTS_OF_A_PERSON = 500  # Yjs clients in one session, each a row that stays: one per page that was opened
AWARENESS_PER_SECOND, AWARENESS_BURST = 20.0, 40.0
SIGNALS_PER_SECOND, SIGNAL_BURST = 20.0, 100.0
TYPING_PER_SECOND, TYPING_BURST = 2.0, 6.0


class SignalKind(StrEnum):
    OFFER = "offer"
    ANSWER = "answer"
    CANDIDATE = "candidate"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class IceServer:
    """Where a browser finds a way through NAT. `username` and `credential` are for TURN servers, good until `expires_at`."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class IceSettings:
    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str | None = None
    ttl: int = 3600
    """Seconds that TURN credentials are good for."""


@dataclass(frozen=True, slots=True)
class _Seats:
    roles: dict[UUID, Role]
    is_closed: bool
    read_at: float


class LiveService:
    """One per process."""

    def __init__(self, database: Database, rooms: Rooms, ice: IceSettings) -> None:
        self._database = database
        self._rooms = rooms
        self._ice = ice
        self._seats: OrderedDict[UUID, _Seats] = OrderedDict()
        self._owners: OrderedDict[tuple[UUID, int], UUID | None] = OrderedDict()
        self._awareness_caps = PersonalCaps(AWARENESS_PER_SECOND, AWARENESS_BURST, "cursor movements")
        self._typing_caps = PersonalCaps(TYPING_PER_SECOND, TYPING_BURST, "typing notices")
        self._signal_caps = PersonalCaps(SIGNALS_PER_SECOND, SIGNAL_BURST, "signals")

    async def set_awareness(self, user_id: UUID, session_id: UUID, update: bytes) -> None:
        """Pass on where a person's cursor is. Raises InvalidInput for anything but states of his own clients."""
        self._awareness_caps.take(user_id, time.monotonic())
        states = read_awareness(update)
        await self._require_seat(session_id, user_id)
        for state in states:
            owner = await self._owner(session_id, state.client, user_id)
            if owner != user_id:
                raise InvalidInput(
                    f"update speaks for client {state.client}, which is not yours.", field="input.update"
                )
        await self._rooms.publish([awareness_event(session_id, user_id, update)])

    async def set_typing(self, user_id: UUID, session_id: UUID, is_typing: bool) -> None:
        """Tell the others that a message is being written."""
        self._typing_caps.take(user_id, time.monotonic())
        require_writer(await self._require_seat(session_id, user_id))
        await self._rooms.publish([LiveEvent(session_id, LiveKind.TYPING, user_id, {"is_typing": is_typing})])

    async def send_signal(self, user_id: UUID, session_id: UUID, to: UUID, kind: SignalKind, payload: str) -> None:
        """Pass a WebRTC offer, answer or candidate to the other participant, and to nobody else."""
        self._signal_caps.take(user_id, time.monotonic())
        if len(payload.encode()) > MAX_SIGNAL_BYTES:
            raise InvalidInput(
                f"payload is {len(payload.encode())} bytes; at most {MAX_SIGNAL_BYTES} are allowed.",
                field="input.payload",
            )
        # Signals are few: who may send them is looked up each time.
        self._seats.pop(session_id, None)
        require_writer(await self._require_seat(session_id, user_id))
        if to == user_id or self._seats[session_id].roles.get(to) in (None, Role.VIEWER):
            raise InvalidInput("toUserId must be the other participant of this session.", field="input.toUserId")
        data = {"signal": kind.value, "payload": payload}
        await self._rooms.publish([LiveEvent(session_id, LiveKind.SIGNAL, user_id, data, to=to)])

    async def ice_servers(self, user_id: UUID, session_id: UUID) -> list[IceServer]:
        """STUN and TURN servers, with credentials as coturn's REST scheme makes them (draft-uberti-behave-turn-rest)."""
        require_writer(await self._require_seat(session_id, user_id))
        servers = [IceServer(self._ice.stun_urls)] if self._ice.stun_urls else []
        if self._ice.turn_urls and self._ice.turn_secret:
            servers.append(turn_server(self._ice, self._ice.turn_secret, user_id, int(time.time())))
        return servers

    async def _require_seat(self, session_id: UUID, user_id: UUID) -> Role:
        seats = self._seats.get(session_id)
        if seats is None or time.monotonic() - seats.read_at > SEAT_MAX_AGE:
            seats = await self._read_seats(session_id)
            self._seats[session_id] = seats
            if len(self._seats) > MAX_KEPT:
                self._seats.popitem(last=False)
        role = seats.roles.get(user_id)
        if role is None:
            raise SessionNotFound(session_id)
        if seats.is_closed:
            raise SessionClosed
        return role

    async def _read_seats(self, session_id: UUID) -> _Seats:
        async with self._database.session() as session:
            log = await LogRepository(session).get(session_id)
            participants = (await SessionRepository(session).participants([session_id])).get(session_id, [])
        roles = {row.user_id: Role(row.role) for row in participants}
        return _Seats(roles, log is None or log.is_closed, time.monotonic())

    async def _owner(self, session_id: UUID, client: int, user_id: UUID) -> UUID | None:
        key = (session_id, client)
        if key not in self._owners:
            async with self._database.transaction() as session:
                if await SessionRepository(session).count_clients(session_id, user_id) >= MAX_CLIENTS_OF_A_PERSON:
                    raise RateLimited(
                        f"You have used {MAX_CLIENTS_OF_A_PERSON} Yjs clients in this session.", retry_after=3600.0
                    )
                self._owners[key] = await LogRepository(session).client_owner(session_id, client, user_id)
            if len(self._owners) > MAX_KEPT:
                self._owners.popitem(last=False)
        return self._owners[key]


def turn_server(ice: IceSettings, secret: str, user_id: UUID, now: int) -> IceServer:
    """TURN with a user name that carries its end and a password that proves it: base64(HMAC-SHA1(secret, username))."""
    expires_at = now + ice.ttl
    username = f"{expires_at}:{user_id}"
    digest = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return IceServer(ice.turn_urls, username, base64.b64encode(digest).decode(), expires_at)
