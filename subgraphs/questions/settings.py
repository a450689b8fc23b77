"""What the questions subgraph can be told."""

from __future__ import annotations

from pydantic import Field

from ..kit.settings import SubgraphSettings


class QuestionsSettings(SubgraphSettings):
    """The chassis' settings with this subgraph's own port."""

    port: int = 4002
    database_replica_url: str | None = Field(
        default=None,
        description="A read replica of DATABASE_URL for browsing and searching questions; without it the primary answers everything.",
    )
