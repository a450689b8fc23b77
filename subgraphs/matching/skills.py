"""How far people are: asked of the users service, remembered for a while by all replicas, and guessed only when it does not answer."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import orjson
import structlog

from ..kit.database import Database
from ..kit.errors import Unavailable
from ..kit.service_client import ServiceClient
from ..kit.signals import MISSED, Signals
from .repository import TicketRepository
from .rules import SkillLevel

logger = structlog.get_logger(__name__)

MAX_TOLD = 20_000  # people whose skill a replica remembers
CHANNEL = "skills"  # of the signals by which one replica tells the others what it was told
SKILL_LEVELS = "query SkillLevels($userIds: [ID!]!) { skillLevels(userIds: $userIds) { userId level } }"


@dataclass(frozen=True, slots=True)
class Skill:
    """A level, and whether the users service said so just now (or recently) rather than long ago or never."""

    level: SkillLevel
    is_known: bool


class SkillSource(Protocol):
    """Tells how far people are."""

    async def of(self, user_id: UUID) -> Skill: ...


class Skills:
    """Skill is never taken from the client. When the users service is silent: the last level known, else the middle."""

    def __init__(
        self, users: ServiceClient, database: Database, signals: Signals, timeout: float, max_age: float
    ) -> None:
        self._users = users
        self._database = database
        self._signals = signals
        self._timeout = timeout
        self._max_age = max_age
        self._told: OrderedDict[UUID, tuple[float, SkillLevel]] = OrderedDict()

    async def of(self, user_id: UUID) -> Skill:
        told_at, level = self._told.get(user_id, (float("-inf"), SkillLevel.INTERMEDIATE))
        if time.monotonic() - told_at < self._max_age:
            return Skill(level, is_known=True)
        try:
            async with asyncio.timeout(self._timeout):
                level = await self._ask(user_id)
        except (Unavailable, TimeoutError, KeyError, ValueError, TypeError) as error:
            logger.warning("skill.unknown", user_id=str(user_id), error=repr(error))
            return Skill(await self._last_known(user_id), is_known=False)
        self._remember(user_id, level)
        await self._signals.publish(CHANNEL, orjson.dumps([str(user_id), level]))
        return Skill(level, is_known=True)

    async def run(self) -> None:
        """Remember what other replicas were told, for ever: whoever follows here may ask for a partner there."""
        async with self._signals.subscribe(CHANNEL) as queue:
            while True:
                if (payload := await queue.get()) != MISSED:
                    # Replicas of another release may know other levels.
                    with suppress(ValueError):
                        user_id, level = orjson.loads(payload)
                        self._remember(UUID(user_id), SkillLevel(level))

    def _remember(self, user_id: UUID, level: SkillLevel) -> None:
        self._told[user_id] = (time.monotonic(), level)
        self._told.move_to_end(user_id)
        if len(self._told) > MAX_TOLD:
            self._told.popitem(last=False)

    async def _ask(self, user_id: UUID) -> SkillLevel:
        data = await self._users.query(SKILL_LEVELS, {"userIds": [str(user_id)]})
        found = {str(skill["userId"]): str(skill["level"]).upper() for skill in data["skillLevels"]}
        return SkillLevel(found[str(user_id)])

    async def _last_known(self, user_id: UUID) -> SkillLevel:
        async with self._database.session() as session:
            last = await TicketRepository(session).latest_of(user_id)
        return SkillLevel(last.skill_level) if last is not None else SkillLevel.INTERMEDIATE
