"""What the matching subgraph can be told beyond the common settings: stages of relaxation, times and bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, Field, model_validator

from ..kit.settings import SubgraphSettings
from .rules import DEFAULT_STAGES, PairingRules, Stage

# A live replica's heartbeat may come late; only then does the grace period begin.
HEARTBEAT_SLACK = timedelta(seconds=1)


class StageSettings(BaseModel):
    """One stage of relaxation, as it stands in MATCHING_STAGES (a JSON list)."""

    name: str = Field(min_length=1, max_length=50, pattern="^[A-Z][A-Z0-9_]*$")
    after: float = Field(ge=0, description="Seconds of waiting after which it begins.")
    difficulty_distance: int = Field(default=0, ge=0, le=2)
    skill_distance: int = Field(default=0, ge=0, le=2)
    any_topic: bool = False


class MatchingSettings(SubgraphSettings):
    """Settings of the matching subgraph, with the seed's port."""

    port: int = Field(default=4003, ge=0, le=65535)

    matching_stages: list[StageSettings] = Field(
        default_factory=lambda: [
            StageSettings(
                name=stage.name,
                after=stage.after,
                difficulty_distance=stage.difficulty_distance,
                skill_distance=stage.skill_distance,
                any_topic=stage.any_topic,
            )
            for stage in DEFAULT_STAGES
        ],
        min_length=1,
        max_length=10,
    )
    recent_penalty: float = Field(default=20.0, ge=0, description="Seconds past partners wait to meet again at once.")
    recent_half_life: float = Field(default=24 * 3600.0, gt=0, description="Seconds in which that penalty halves.")
    recent_window: float = Field(default=7 * 24 * 3600.0, ge=0, description="Seconds that count as recent.")

    ticket_lifetime: timedelta = Field(default=timedelta(minutes=5), gt=timedelta())
    max_ticket_lifetime: timedelta = Field(default=timedelta(minutes=30), description="With all extensions.")
    disconnect_grace: timedelta = Field(
        default=timedelta(seconds=10), description="How long the place of a disconnected person is kept."
    )
    ready_check_seconds: float = Field(default=0.0, ge=0, le=600, description="0: no ready check.")
    match_lifetime: timedelta = Field(
        default=timedelta(hours=6),
        gt=timedelta(),
        le=timedelta(days=1),
        description="A match that is still open then is ended: its session was forgotten.",
    )
    invitation_lifetime: timedelta = Field(default=timedelta(hours=24), gt=timedelta())
    question_patience: timedelta = Field(
        default=timedelta(seconds=30), description="How long a pair waits for a question before both go back in line."
    )
    event_lifetime: timedelta = Field(default=timedelta(hours=24), description="How long events can be replayed.")
    closed_retention_days: int = Field(
        default=90,
        ge=2,
        le=3650,
        description="Days that closed tickets, invitations and matches that came to nothing are kept.",
    )
    skill_timeout: float = Field(default=0.5, gt=0, description="Seconds the users service gets to tell a skill.")
    skill_max_age: float = Field(default=60.0, ge=0, description="Seconds a told skill is used again.")
    position_interval: float = Field(
        default=2.0, gt=0, description="Seconds between looks at somebody's place; more where many follow."
    )
    upkeep_interval: float = Field(default=0.25, gt=0, description="Seconds between looks for what is due.")

    @model_validator(mode="after")
    def _stages_only_widen(self) -> Self:
        if self.matching_stages[0].after != 0:
            raise ValueError("MATCHING_STAGES: the first stage must begin after 0 seconds")
        for narrow, wide in zip(self.matching_stages, self.matching_stages[1:], strict=False):
            if (
                wide.after <= narrow.after
                or wide.difficulty_distance < narrow.difficulty_distance
                or wide.skill_distance < narrow.skill_distance
                or wide.any_topic < narrow.any_topic
            ):
                raise ValueError(
                    f"MATCHING_STAGES: {wide.name} must begin later than {narrow.name} and accept everything that {narrow.name} does"
                )
        return self

    @property
    def absence(self) -> timedelta:
        """After how long without a sign of life somebody who followed the own events counts as gone."""
        return self.disconnect_grace + HEARTBEAT_SLACK

    @property
    def pairing_rules(self) -> PairingRules:
        return PairingRules(
            stages=tuple(Stage(**stage.model_dump()) for stage in self.matching_stages),
            recent_penalty=self.recent_penalty,
            recent_half_life=self.recent_half_life,
            recent_window=self.recent_window,
        )
