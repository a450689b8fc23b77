"""What the questions subgraph can be told."""

from __future__ import annotations

from ..kit.settings import SubgraphSettings


class QuestionsSettings(SubgraphSettings):
    """The chassis' settings with this subgraph's own port."""

    port: int = 4002
