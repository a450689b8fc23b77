"""What travels in a session's stream: numbered events of the log, and live events that are gone once delivered."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import orjson

from ..kit.events import JsonObject


class EventKind(StrEnum):
    """What a numbered event tells of."""

    UPDATE = "update"
    MESSAGE_POSTED = "message_posted"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_DELETED = "message_deleted"
    TEXT_CHANGED = "text_changed"
    ROLES_CHANGED = "roles_changed"
    QUESTION_CHANGED = "question_changed"
    PHASE_CHANGED = "phase_changed"
    TIMER_ELAPSED = "timer_elapsed"
    RUN_STARTED = "run_started"
    RUN_FINISHED = "run_finished"
    ENDED = "ended"


class LiveKind(StrEnum):
    """What a live event tells of."""

    AWARENESS = "awareness"
    AWARENESS_WANTED = "awareness_wanted"
    PRESENCE = "presence"
    TYPING = "typing"
    SIGNAL = "signal"
    RUN_PROGRESS = "run_progress"
    ACCESS_CHANGED = "access_changed"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One entry of a session's log; `seq` rises by one from entry to entry, in commit order."""

    session_id: UUID
    seq: int
    kind: EventKind
    user_id: UUID | None
    at: datetime
    data: JsonObject = field(default_factory=dict)
    update: bytes | None = None


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something that only matters now: never stored, may be dropped for a client that is slow."""

    session_id: UUID
    kind: LiveKind
    user_id: UUID | None
    data: JsonObject = field(default_factory=dict)
    update: bytes | None = None
    to: UUID | None = None
    """The only person who gets it; None for all."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


StreamEvent: TypeAlias = LogEvent | LiveEvent


def encode_events(origin: str, events: list[StreamEvent]) -> bytes:
    """The signal that carries events from the replica `origin` to the others."""
    return orjson.dumps([origin, [_to_json(event) for event in events]])


def is_from(origin: str, payload: bytes) -> bool:
    """Whether this replica sent the signal; told from its first bytes, because a replica hears every signal of its own."""
    return payload.startswith(b'["%b"' % origin.encode())


def decode_events(payload: bytes) -> list[StreamEvent]:
    """Read what `encode_events` wrote."""
    _, items = orjson.loads(payload)
    return [_from_json(item) for item in items]


def _to_json(event: StreamEvent) -> JsonObject:
    update = None if event.update is None else base64.b64encode(event.update).decode()
    values: JsonObject = {
        "session": str(event.session_id),
        "kind": event.kind,
        "user": _text(event.user_id),
        "at": event.at,
        "data": event.data,
        "update": update,
    }
    if isinstance(event, LogEvent):
        return values | {"seq": event.seq}
    return values | {"to": _text(event.to)}


def _text(id: UUID | None) -> str | None:
    # asyncpg's UUIDs are a class of their own, which orjson does not know.
    return None if id is None else str(id)


def _from_json(item: JsonObject) -> StreamEvent:
    session_id = UUID(item["session"])
    user_id = UUID(item["user"]) if item["user"] else None
    at = datetime.fromisoformat(item["at"])
    update = None if item["update"] is None else base64.b64decode(item["update"])
    if "seq" in item:
        return LogEvent(session_id, item["seq"], EventKind(item["kind"]), user_id, at, item["data"], update)
    to = UUID(item["to"]) if item["to"] else None
    return LiveEvent(session_id, LiveKind(item["kind"]), user_id, item["data"], update, to, at)
