"""Why a ticket waits: how many people fit it now, fully relaxed, and with each criterion given up. Pure, and cheap for long lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from .rules import (
    DIFFICULTIES,
    NO_BOND,
    Bond,
    Language,
    PairingRules,
    Role,
    SkillLevel,
    Ticket,
    are_compatible,
    bucket_wait,
    share_topic,
)

FARTHEST = 2  # ranks between the lowest and the highest level


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How many people would fit now if the ticket gave up this one criterion."""

    criterion: str
    compatible: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Why a ticket waits: who fits, and what each criterion costs."""

    compatible_now: int
    willing_when_relaxed: int
    relaxations: tuple[Relaxation, ...] = ()


Times: TypeAlias = Sequence[datetime]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who waits in each language: since when, earliest first, by bucket and then by topics. The rules judge those of one group alike."""

    groups: Mapping[Language, Mapping[int, Mapping[frozenset[str], Times]]]

    def count_fitting(
        self, seeker: Ticket, known: Sequence[Ticket], bonds: Mapping[UUID, Bond], now: datetime, rules: PairingRules
    ) -> int:
        """How many are compatible with the seeker at `now`. `known` are the tickets of everybody in `bonds` and the seeker's own."""
        total, own_bucket = 0, seeker.bucket
        buckets = self.groups.get(seeker.language, {})
        for bucket, by_topics in buckets.items():
            latest = _Latest(seeker, own_bucket, bucket, now, rules)
            if latest.if_shared is None:
                continue
            for topics, times in by_topics.items():
                moment = latest.of(topics)
                if moment is not None:
                    total += bisect_right(times, moment)
        for other in known:
            if other.language == seeker.language and _has(buckets, other):
                moment = _Latest(seeker, own_bucket, other.bucket, now, rules).of(other.topics)
                total -= moment is not None and other.created_at <= moment
                total += are_compatible(seeker, other, bonds.get(other.user_id, NO_BOND), now, rules)
        return total


def outlook(
    seeker: Ticket,
    crowd: Crowd,
    known: Sequence[Ticket],
    bonds: Mapping[UUID, Bond],
    now: datetime,
    rules: PairingRules,
) -> Outlook:
    """Count who of the crowd fits the seeker now, at its last stage, and with each criterion given up alone."""

    def count(candidate: Ticket, judged_by: PairingRules = rules) -> int:
        return crowd.count_fitting(candidate, known, bonds, now, judged_by)

    oldest = now - timedelta(seconds=rules.stages[-1].after)
    any_level = replace(rules, stages=tuple(replace(stage, skill_distance=FARTHEST) for stage in rules.stages))
    given_up = {
        "DIFFICULTY": max(count(replace(seeker, difficulty=difficulty)) for difficulty in DIFFICULTIES),
        "SKILL": count(seeker, any_level),
        "TOPICS": count(replace(seeker, topics=frozenset())),
        "ROLE": count(replace(seeker, role=Role.ANY)),
        "PARTNER_LEVELS": count(replace(seeker, min_level=SkillLevel.BEGINNER, max_level=SkillLevel.ADVANCED)),
        "RECENT_PARTNERS": count(replace(seeker, avoids_recent=False)),
        "LANGUAGE": max(count(replace(seeker, language=language)) for language in Language),
    }
    return Outlook(
        compatible_now=count(seeker),
        willing_when_relaxed=count(replace(seeker, created_at=min(seeker.created_at, oldest))),
        relaxations=tuple(Relaxation(criterion, compatible) for criterion, compatible in given_up.items()),
    )


class _Latest:
    """When a ticket of this bucket was made at the latest that fits the seeker at `now`, what is between the two people apart."""

    __slots__ = ("if_not_shared", "if_shared", "wished")

    def __init__(self, seeker: Ticket, own_bucket: int, bucket: int, now: datetime, rules: PairingRules) -> None:
        def latest(*, is_topic_shared: bool) -> datetime | None:
            wait = bucket_wait(own_bucket, bucket, rules.stages, is_topic_shared=is_topic_shared)
            return None if wait is None or seeker.created_at + wait > now else now - wait

        self.wished = seeker.topics
        self.if_shared = latest(is_topic_shared=True)
        self.if_not_shared = latest(is_topic_shared=False)

    def of(self, topics: frozenset[str]) -> datetime | None:
        """None when no ticket with these topics fits."""
        return self.if_shared if share_topic(self.wished, topics) else self.if_not_shared


def _has(buckets: Mapping[int, Mapping[frozenset[str], Times]], ticket: Ticket) -> bool:
    times = buckets.get(ticket.bucket, {}).get(ticket.topics, ())
    position = bisect_left(times, ticket.created_at)
    return position < len(times) and times[position] == ticket.created_at
