"""How far people are: asked of the users service, remembered for a while, and guessed only when it does not answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from ..kit.errors import Unavailable
from ..kit.service_client import ServiceClient
from .models import MatchRequest
from .rules import SkillLevel

logger = structlog.get_logger(__name__)

SKILL_LEVELS = "query SkillLevels($userIds: [ID!]!) { skillLevels(userIds: $userIds) { userId level } }"


@dataclass(frozen=True, slots=True)
class Skill:
    """A level, and whether the users service said so just now (or recently) rather than long ago or never."""

    level: SkillLevel
    is_known: bool


class Skills:
    """Skill is never taken from the client. When the users service is silent: the last level known, else the middle."""

    def __init__(self, users: ServiceClient, timeout: float, max_age: float) -> None:
        self._users = users
        self._timeout = timeout
        self._max_age = timedelta(seconds=max_age)

    async def of(self, user_id: UUID, last_ticket: MatchRequest | None) -> Skill:
        """The level of this person; `last_ticket` is what we knew before."""
        if last_ticket is not None and last_ticket.is_skill_known and _age(last_ticket) < self._max_age:
            return Skill(SkillLevel(last_ticket.skill_level), is_known=True)
        try:
            async with asyncio.timeout(self._timeout):
                data = await self._users.query(SKILL_LEVELS, {"userIds": [str(user_id)]})
            found = {str(skill["userId"]): str(skill["level"]).upper() for skill in data["skillLevels"]}
            return Skill(SkillLevel(found[str(user_id)]), is_known=True)
        except (Unavailable, TimeoutError, KeyError, ValueError, TypeError) as error:
            logger.warning("skill.unknown", user_id=str(user_id), error=repr(error))
        level = SkillLevel(last_ticket.skill_level) if last_ticket is not None else SkillLevel.INTERMEDIATE
        return Skill(level, is_known=False)


def _age(ticket: MatchRequest) -> timedelta:
    return datetime.now(UTC) - ticket.created_at
