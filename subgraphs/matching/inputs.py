"""What clients send, turned into commands of the services."""

from __future__ import annotations

from uuid import UUID

import strawberry

from ..kit.errors import InvalidInput
from .rules import Difficulty, Language, Role, SkillLevel
from .service import Wish
from .streams import Cursor
from .types import uuid_from


@strawberry.federation.input(description="Whom you want to meet; these are never relaxed.")
class MatchPreferences:
    min_level: SkillLevel = strawberry.field(
        default=SkillLevel.BEGINNER, description="The lowest level the partner may have."
    )
    max_level: SkillLevel = strawberry.field(
        default=SkillLevel.ADVANCED, description="The highest level the partner may have."
    )
    role: Role = strawberry.field(default=Role.ANY, description="Your side of the interview.")
    avoid_recent_partners: bool = strawberry.field(
        default=False, description="True: nobody you met in the last days; false: such people later than others."
    )


@strawberry.federation.input(description="What you want to practise.")
class RequestMatchInput:
    language: Language = strawberry.field(description="Only people who ask for the same are matched.")
    difficulty: Difficulty = strawberry.field(description="Relaxed by one step after a while.")
    topics: list[str] = strawberry.field(default_factory=list, description="Categories of questions; none means any.")
    preferences: MatchPreferences | None = strawberry.field(default=None, description="Whom to meet.")

    def to_wish(self) -> Wish:
        preferences = self.preferences or MatchPreferences()
        return Wish(
            language=self.language,
            difficulty=self.difficulty,
            topics=tuple(self.topics),
            role=preferences.role,
            min_level=preferences.min_level,
            max_level=preferences.max_level,
            avoids_recent=preferences.avoid_recent_partners,
        )


@strawberry.federation.input(description="A private match for whoever holds the link.")
class CreateMatchInvitationInput:
    language: Language = strawberry.field(description="The language of the match.")
    difficulty: Difficulty = strawberry.field(description="The difficulty of its question.")
    topics: list[str] = strawberry.field(default_factory=list, description="Categories of questions; none means any.")
    role: Role = strawberry.field(default=Role.ANY, description="Your own side of the interview.")


@strawberry.federation.input(description="By the link's token, or by id where the invitation is meant for you.")
class AcceptMatchInvitationInput:
    token: str | None = strawberry.field(default=None, description="What the link carries.")
    id: strawberry.ID | None = strawberry.field(default=None, description="Of an invitation that is meant for you.")

    def to_reference(self) -> tuple[str | None, UUID | None]:
        """The token or the id. Raises InvalidInput unless exactly one is given."""
        if (self.token is None) == (self.id is None):
            raise InvalidInput("Give either token or id, and not both.", field="input.token")
        return self.token, uuid_from(self.id, "input.id") if self.id is not None else None


@strawberry.federation.input(
    name="MatchEventCursorInput", description="The `epoch` and `seq` of the last event you have."
)
class CursorInput:
    epoch: str = strawberry.field(description="Which numbering `seq` belongs to.")
    seq: int = strawberry.field(description="The number of the last event you have.")

    def to_cursor(self) -> Cursor:
        return Cursor(self.epoch, self.seq)
