"""Pure decisions about questions: what a search means, in which order wishes are dropped when nothing fits, who may see what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from ..kit.errors import InvalidInput
from .errors import WrongStatus

MAX_SEARCH_LENGTH = 200
MAX_FILTER_VALUES = 50
MAX_FILTER_VALUE = 100  # characters of one of them over REST; no name of a category or tag is longer
AUTHOR_ROLES = ("moderator", "admin")


class QuestionStatus(StrEnum):
    """Drafts are seen by authors only; retired questions stay readable for those who met them, but are no longer found or picked."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class ProgressStatus(StrEnum):
    """How far a person has come with a question; it only ever rises."""

    SEEN = "SEEN"
    ATTEMPTED = "ATTEMPTED"
    SOLVED = "SOLVED"


class ProgressFilter(StrEnum):
    """How far the asking person has come; NEW has no progress row at all."""

    NEW = "NEW"
    SEEN = "SEEN"
    ATTEMPTED = "ATTEMPTED"
    SOLVED = "SOLVED"


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """What to find: any of the values within one criterion, all of the criteria together. Empty means: any."""

    difficulties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    search: str | None = None
    statuses: tuple[str, ...] = (QuestionStatus.PUBLISHED,)
    languages: tuple[str, ...] = ()
    progress: tuple[ProgressFilter, ...] = ()
    """How far `user_id` has come; needs one."""
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PickWish:
    """What a pair would like to solve: difficulties and topics best first, topics empty for any."""

    difficulties: tuple[str, ...]
    topics: tuple[str, ...]
    language: str


def checked_filter(question_filter: QuestionFilter, known_categories: Sequence[str]) -> QuestionFilter:
    """The filter with its search trimmed. Raises InvalidInput for unknown categories and overlong values."""
    for field, values in (("categories", question_filter.categories), ("tags", question_filter.tags)):
        if len(values) > MAX_FILTER_VALUES:
            raise InvalidInput(
                f"{field} has {len(values)} values; at most {MAX_FILTER_VALUES} are allowed.", field=f"filter.{field}"
            )
    unknown = [category for category in question_filter.categories if category not in known_categories]
    if unknown:
        listing = ", ".join(known_categories)
        raise InvalidInput(f"{unknown[0]!r} is not a category; there are: {listing}.", field="filter.categories")
    search = (question_filter.search or "").strip()
    if len(search) > MAX_SEARCH_LENGTH:
        raise InvalidInput(
            f"search has {len(search)} characters; at most {MAX_SEARCH_LENGTH} are allowed.", field="filter.search"
        )
    return replace(question_filter, search=search or None)


def relaxations(wish: PickWish) -> Iterator[tuple[PickWish, bool]]:
    """The wish and then ever weaker ones, each with whether it must be new to everybody.

    New questions are kept as long as possible: first the topics go, then the difficulty, and only then may it be a known one.
    """
    any_topic = PickWish(wish.difficulties, (), wish.language)
    anything = PickWish((), (), wish.language)
    for must_be_new in (True, False):
        for weaker in (wish, any_topic, anything):
            yield weaker, must_be_new


def may_see(status: str, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles may see a question of this status."""
    return status != QuestionStatus.DRAFT or bool(roles.intersection(AUTHOR_ROLES))


def next_status(current: str, wanted: QuestionStatus) -> QuestionStatus:
    """The status a question gets. Raises WrongStatus for a step that makes no sense: a published one never becomes a draft."""
    allowed = {
        QuestionStatus.PUBLISHED: (QuestionStatus.DRAFT, QuestionStatus.RETIRED),
        QuestionStatus.RETIRED: (QuestionStatus.PUBLISHED,),
        QuestionStatus.DRAFT: (),
    }[wanted]
    if current not in allowed:
        wanted_before = " or ".join(status.lower() for status in allowed) or "new"
        raise WrongStatus(f"The question is {current.lower()}; only a {wanted_before} one can become {wanted.lower()}.")
    return wanted


def may_see_hints(progress: str | None, roles: frozenset[str]) -> bool:
    """Hints are for those who have tried."""
    return progress in (ProgressStatus.ATTEMPTED, ProgressStatus.SOLVED) or bool(roles.intersection(AUTHOR_ROLES))


def may_see_editorial(progress: str | None, roles: frozenset[str]) -> bool:
    """The solution is explained to those who have found one."""
    return progress == ProgressStatus.SOLVED or bool(roles.intersection(AUTHOR_ROLES))


def may_see_cases(roles: frozenset[str]) -> bool:
    """Hidden test cases are for authors (and, by a way of its own, for the judge)."""
    return bool(roles.intersection(AUTHOR_ROLES))


def streaks(days: Sequence[date], today: date) -> tuple[int, int]:
    """The current and the longest run of consecutive days in `days` (each once, rising); one that ended yesterday is still current."""
    longest = run = 0
    previous: date | None = None
    for day in days:
        run = run + 1 if previous is not None and (day - previous).days == 1 else 1
        longest = max(longest, run)
        previous = day
    is_alive = previous is not None and (today - previous).days <= 1
    return (run if is_alive else 0), longest
