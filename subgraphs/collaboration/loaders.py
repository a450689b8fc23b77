"""Gather what one request asks for of many sessions, one by one, into one statement each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.coalescing import Coalescing
from ..kit.context import RequestContext
from ..kit.outage import patient, through_outage
from .models import LogRow, MessageRow, ParticipantRow, RunRow, SessionRow

Context = RequestContext[Any]
T = TypeVar("T")
GetMany: TypeAlias = Callable[[list[UUID]], Awaitable[Mapping[UUID, T]]]


def session_loader(context: Context) -> DataLoader[UUID, SessionRow | None]:
    """Sessions that the viewer may see."""

    async def load(ids: list[UUID]) -> list[SessionRow | None]:
        found = await context.services.sessions.get_many(context.viewer, ids)
        return [found.get(id) for id in ids]

    return _loader(context, "sessions", load)


def participants_loader(context: Context) -> DataLoader[UUID, list[ParticipantRow]]:
    async def load(ids: list[UUID]) -> list[list[ParticipantRow]]:
        found = await context.services.sessions.participants(ids)
        return [found.get(id, []) for id in ids]

    return _loader(context, "participants", load)


def log_loader(context: Context) -> DataLoader[UUID, LogRow | None]:
    return _loader(context, "logs", _in_order(context.services.sessions.logs))


def presence_loader(context: Context) -> DataLoader[UUID, frozenset[UUID]]:
    """Who is there, by session."""

    async def load(ids: list[UUID]) -> list[frozenset[UUID]]:
        online = await context.services.presence.online(ids)
        return [frozenset(user_id for session_id, user_id in online if session_id == id) for id in ids]

    return _loader(context, "presence", load)


async def message_of(context: Context, id: UUID) -> MessageRow | None:
    """A chat message; only asked for messages of sessions that the viewer may see."""
    if context.handshake_headers:
        message: MessageRow | None = await context.services.messages_of_events.get(id)
        return message
    return await _loader(context, "messages", _in_order(context.services.chat.get_many)).load(id)


async def run_of(context: Context, id: UUID) -> RunRow | None:
    """A run; only asked for runs of sessions that the viewer may see."""
    if context.handshake_headers:
        run: RunRow | None = await context.services.runs_of_events.get(id)
        return run
    return await _loader(context, "runs", _in_order(context.services.execution.get_many)).load(id)


def of_events(get_many: GetMany[T]) -> Coalescing[UUID, T | None]:
    """What events tell of, whoever asks: all who follow a session are told at the same moment, and read it together."""
    load = _in_order(get_many)
    return Coalescing(lambda ids: through_outage(partial(load, list(ids))))


def _in_order(get_many: GetMany[T]) -> Callable[[list[UUID]], Awaitable[list[T | None]]]:
    async def load(ids: list[UUID]) -> list[T | None]:
        found = await get_many(ids)
        return [found.get(id) for id in ids]

    return load


def _loader(context: Context, name: str, load: Callable[[list[UUID]], Awaitable[list[T]]]) -> DataLoader[UUID, T]:
    loader = context.loaders.get(name)
    if loader is None:
        loader = context.loaders[name] = DataLoader(patient(context, load), cache=not context.handshake_headers)
    known: DataLoader[UUID, T] = loader
    return known
