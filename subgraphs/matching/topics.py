"""The topics people can ask for: the categories of the question bank."""

from __future__ import annotations

from collections.abc import Sequence

from ..kit.errors import InvalidInput

MAX_TOPICS = 8  # that one ticket can name; whoever wants more wants any
TOPICS = (
    "Arrays",
    "Strings",
    "Hash Tables",
    "Two Pointers",
    "Sliding Window",
    "Stacks",
    "Queues",
    "Linked Lists",
    "Trees",
    "Graphs",
    "Dynamic Programming",
    "Greedy",
    "Binary Search",
    "Sorting",
    "Math",
    "Bit Manipulation",
    "Backtracking",
    "Heaps",
    "Intervals",
    "Recursion",
)
_BY_KEY = {topic.casefold(): topic for topic in TOPICS}


def checked_topics(topics: Sequence[str]) -> tuple[str, ...]:
    """The topics in the bank's own spelling, each once. Raises InvalidInput for unknown ones and for too many."""
    found: dict[str, None] = {}
    for topic in topics:
        known = _BY_KEY.get(topic.strip().casefold())
        if known is None:
            raise InvalidInput(f"{topic[:50]!r} is not a topic; there are: {', '.join(TOPICS)}.", field="input.topics")
        found[known] = None
    if len(found) > MAX_TOPICS:
        raise InvalidInput(
            f"topics has {len(found)} values; at most {MAX_TOPICS} are allowed, none means any.", field="input.topics"
        )
    return tuple(found)
