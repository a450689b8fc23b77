"""What the collaboration subgraph can be told."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
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

    execution: str = Field(
        default="child",
        description="Where code is run: child (a runner process of our own), off, or the address of a runner as host:port.",
    )
    execution_languages: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["python", "javascript", "java", "cpp", "c"],
        description="Languages to offer, separated by commas; those whose toolchain is missing are left out.",
    )
    execution_workers: int = Field(default=2, ge=1, le=64, description="Runs at the same time, for a child runner.")
    runner_secret: str | None = Field(default=None, description="The RUNNER_SECRET of a runner at an address.")

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

    @model_validator(mode="after")
    def _runner_needs_a_secret(self) -> Self:
        if self.execution not in ("child", "off"):
            if not re.fullmatch(r"[^:\s]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", self.execution):
                raise ValueError(f"EXECUTION is {self.execution!r}; it must be child, off, or host:port")
            if not self.runner_secret:
                raise ValueError("RUNNER_SECRET must be set when EXECUTION names the address of a runner")
        return self

    @model_validator(mode="after")
    def _turn_needs_a_secret(self) -> Self:
        if self.turn_urls and not self.turn_secret:
            raise ValueError("TURN_SECRET must be set when TURN_URLS names servers: nobody is let in without")
        return self

    @field_validator("stun_urls", "turn_urls")
    @classmethod
    def _check_urls_of_calls(cls, value: list[str], info: ValidationInfo) -> list[str]:
        scheme = "stun" if info.field_name == "stun_urls" else "turn"
        for url in value:
            if not url.startswith((f"{scheme}:", f"{scheme}s:")):
                raise ValueError(f"{url!r} is not of the form {scheme}:host:port")
        return value

    @field_validator("stun_urls", "turn_urls", "execution_languages", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        if isinstance(value, str):
            return [url.strip() for url in value.split(",") if url.strip()]
        return value
