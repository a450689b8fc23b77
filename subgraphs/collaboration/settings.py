"""What the collaboration subgraph can be told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from ..kit.settings import SubgraphSettings


class CollaborationSettings(SubgraphSettings):
    """The chassis' settings with this subgraph's own port, its end rules and its helpers for calls."""

    port: int = 4004

    leave_grace: float = Field(
        default=180.0, gt=0, description="Seconds after both have left until the session is ended."
    )
    join_grace: float = Field(default=900.0, gt=0, description="Seconds a new session waits for its first visitor.")
    idle_limit: float = Field(
        default=1800.0, gt=0, description="Seconds without anything happening until the session is ended."
    )

    stun_urls: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="STUN servers for calls, separated by commas, e.g. stun:stun.example.org:3478.",
    )
    turn_urls: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="TURN servers for calls, separated by commas, e.g. turn:turn.example.org:3478.",
    )
    turn_secret: str | None = Field(
        default=None, description="The static-auth-secret of the TURN servers (coturn: use-auth-secret)."
    )
    turn_ttl: int = Field(default=3600, ge=60, le=86400, description="Seconds that TURN credentials are good for.")

    @field_validator("stun_urls", "turn_urls", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        if isinstance(value, str):
            return [url.strip() for url in value.split(",") if url.strip()]
        return value
