"""The topics that can be asked for are those that questions have."""

from __future__ import annotations

from subgraphs.matching.topics import TOPICS
from subgraphs.questions.bank.question import CATEGORIES


def test_the_topics_are_the_categories_of_the_bank() -> None:
    # Matching asks no other service to know them: a request is checked without waiting for anybody.
    assert TOPICS == CATEGORIES
