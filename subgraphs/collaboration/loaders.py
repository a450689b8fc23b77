"""Gather what one request asks for of many sessions, one by one, into one statement each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.context import RequestContext
from ..kit.outage import patient
from .models import LogRow, MessageRow, ParticipantRow, RunRow, SessionRow

Context = RequestContext[Any]
T = TypeVar("T")


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
    async def load(ids: list[UUID]) -> list[LogRow | None]:
        found = await context.services.sessions.logs(ids)
        return [found.get(id) for id in ids]

    return _loader(context, "logs", load)


def presence_loader(context: Context) -> DataLoader[UUID, frozenset[UUID]]:
    """Who is there, by session."""

    async def load(ids: list[UUID]) -> list[frozenset[UUID]]:
        online = await context.services.presence.online(ids)
        return [frozenset(user_id for session_id, user_id in online if session_id == id) for id in ids]

    return _loader(context, "presence", load)


def message_loader(context: Context) -> DataLoader[UUID, MessageRow | None]:
    """Chat messages; only asked for messages of sessions that the viewer may see."""

    chat = context.services.chat

    async def load(ids: list[UUID]) -> list[MessageRow | None]:
        found = await chat.get_many(ids)
        return [found.get(id) for id in ids]

    return _shared_loader(context, "messages", load)


def run_loader(context: Context) -> DataLoader[UUID, RunRow | None]:
    """Runs; only asked for runs of sessions that the viewer may see."""

    execution = context.services.execution

    async def load(ids: list[UUID]) -> list[RunRow | None]:
        found = await execution.get_many(ids)
        return [found.get(id) for id in ids]

    return _shared_loader(context, "runs", load)


def _loader(context: Context, name: str, load: Callable[[list[UUID]], Awaitable[list[T]]]) -> DataLoader[UUID, T]:
    loader = context.loaders.get(name)
    if loader is None:
        loader = context.loaders[name] = DataLoader(patient(context, load), cache=not context.handshake_headers)
    known: DataLoader[UUID, T] = loader
    return known


def _shared_loader(
    context: Context, name: str, load: Callable[[list[UUID]], Awaitable[list[T]]]
) -> DataLoader[UUID, T]:
    """For what does not depend on the viewer: all who follow a session are told of an event at the same moment, and read it together."""
    if not context.handshake_headers:
        return _loader(context, name, load)
    loaders = context.services.shared_loaders
    if name not in loaders:
        loaders[name] = DataLoader(patient(context, load), cache=False)
    known: DataLoader[UUID, T] = loaders[name]
    return known
