"""Who fits whom, and since when: pure decisions over tickets, a clock and settled relaxation stages.

The whole rule is in one idea: for every way two tickets can differ there is a *required wait*, and both people must have waited at
least that long. So relaxing needs no timers, is mutual by construction, and the database can answer it with index ranges over
`created_at` (see `probes`), at a cost that does not depend on how many wait.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID


class Language(StrEnum):
    """Languages people practise in; nobody is matched across languages."""

    PYTHON = "PYTHON"
    JAVASCRIPT = "JAVASCRIPT"
    JAVA = "JAVA"
    CPP = "CPP"
    C = "C"


class Difficulty(StrEnum):
    """How hard the question shall be."""

    EASY = "EASY"
    MEDIUM = "MEDIUM"
    HARD = "HARD"


class SkillLevel(StrEnum):
    """How far a person is, as the users service knows it; never as the client says."""

    BEGINNER = "BEGINNER"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"


class Role(StrEnum):
    """The side of the interview a person wants; two of the same side do not meet."""

    ANY = "ANY"
    INTERVIEWER = "INTERVIEWER"
    CANDIDATE = "CANDIDATE"


DIFFICULTIES = tuple(Difficulty)
SKILL_LEVELS = tuple(SkillLevel)
ROLES = tuple(Role)
# The six ranges of partner levels that can be asked for, as ranks; their position is part of a bucket's number, so only append.
LEVEL_RANGES = ((0, 2), (0, 0), (0, 1), (1, 1), (1, 2), (2, 2))
NEVER = datetime.max.replace(tzinfo=UTC)
NO_TOPIC = ""  # how "any topic" is stored among topics


@dataclass(frozen=True, slots=True)
class Stage:
    """What a ticket accepts once it has waited `after` seconds. Distances are in ranks: EASY to HARD is 2."""

    name: str
    after: float
    difficulty_distance: int = 0
    skill_distance: int = 0
    any_topic: bool = False


DEFAULT_STAGES = (
    Stage("EXACT", 0.0, difficulty_distance=0, skill_distance=1),
    Stage("ADJACENT_DIFFICULTY", 10.0, difficulty_distance=1, skill_distance=1),
    Stage("WIDER_SKILL", 20.0, difficulty_distance=1, skill_distance=2),
    Stage("ANY_TOPIC", 30.0, difficulty_distance=1, skill_distance=2, any_topic=True),
)


@dataclass(frozen=True, slots=True)
class PairingRules:
    """The settings that the decisions depend on; the same on every replica."""

    stages: tuple[Stage, ...] = DEFAULT_STAGES
    recent_penalty: float = 20.0
    """Seconds two people must both have waited to meet again right after they met; halves every `recent_half_life`."""
    recent_half_life: float = 24 * 3600.0
    recent_window: float = 7 * 24 * 3600.0
    """Seconds after which a past partner is as good as a stranger, also for those who avoid recent partners."""


class Bucket:
    """A small number for what pairing reads of a ticket besides language and topics: difficulty, skill, role, accepted partner levels."""

    COUNT = 3 * 3 * 3 * len(LEVEL_RANGES)

    @staticmethod
    def pack(difficulty: int, skill: int, role: int, level_range: int) -> int:
        return ((difficulty * 3 + skill) * 3 + role) * len(LEVEL_RANGES) + level_range

    @staticmethod
    def unpack(bucket: int) -> tuple[int, int, int, int]:
        rest, level_range = divmod(bucket, len(LEVEL_RANGES))
        rest, role = divmod(rest, 3)
        difficulty, skill = divmod(rest, 3)
        return difficulty, skill, role, level_range


@dataclass(frozen=True, slots=True)
class Ticket:
    """A waiting match request, as far as pairing cares. No topics means any topic."""

    id: UUID
    user_id: UUID
    language: Language
    difficulty: Difficulty
    skill: SkillLevel
    topics: frozenset[str]
    created_at: datetime
    role: Role = Role.ANY
    min_level: SkillLevel = SkillLevel.BEGINNER
    max_level: SkillLevel = SkillLevel.ADVANCED
    avoids_recent: bool = False
    expires_at: datetime = NEVER

    @property
    def bucket(self) -> int:
        return self.bucket_of(self.difficulty, self.skill, self.role, self.min_level, self.max_level)

    @staticmethod
    def bucket_of(
        difficulty: Difficulty, skill: SkillLevel, role: Role, min_level: SkillLevel, max_level: SkillLevel
    ) -> int:
        level_range = (SKILL_LEVELS.index(min_level), SKILL_LEVELS.index(max_level))
        return Bucket.pack(
            DIFFICULTIES.index(difficulty),
            SKILL_LEVELS.index(skill),
            ROLES.index(role),
            LEVEL_RANGES.index(level_range),
        )

    @property
    def place(self) -> tuple[datetime, UUID]:
        """The order of waiting: whoever came first is served first."""
        return (self.created_at, self.id)


@dataclass(frozen=True, slots=True)
class Bond:
    """What is between two people: a block by either, and when they last met."""

    is_blocked: bool = False
    last_met_at: datetime | None = None


NO_BOND = Bond()


def are_compatible(a: Ticket, b: Ticket, bond: Bond, now: datetime, rules: PairingRules) -> bool:
    """True when these two may be paired at `now`: every criterion of both, each at the stage its own waiting time has reached.

    Nobody may whose time is up, told or not.
    """
    if a.user_id == b.user_id or a.language != b.language or min(a.expires_at, b.expires_at) <= now:
        return False
    required = required_wait(a, b, bond, now, rules)
    return required is not None and max(a.created_at, b.created_at) + required <= now


def required_wait(a: Ticket, b: Ticket, bond: Bond, now: datetime, rules: PairingRules) -> timedelta | None:
    """How long both must have waited to be paired with each other; None when no waiting helps."""
    by_bucket = bucket_wait(a.bucket, b.bucket, rules.stages, is_topic_shared=share_topic(a.topics, b.topics))
    if by_bucket is None:
        return None
    by_bond = bond_wait(bond, now, rules, avoided=a.avoids_recent or b.avoids_recent)
    if by_bond is None:
        return None
    return max(by_bucket, by_bond)


def share_topic(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two choices of topics meet; an empty choice meets every other."""
    return not a or not b or not a.isdisjoint(b)


@lru_cache(maxsize=200_000)
def bucket_wait(a: int, b: int, stages: tuple[Stage, ...], *, is_topic_shared: bool) -> timedelta | None:
    """The wait after which tickets of these two buckets accept each other; None for never."""
    difficulty_a, skill_a, role_a, range_a = Bucket.unpack(a)
    difficulty_b, skill_b, role_b, range_b = Bucket.unpack(b)
    if role_a == role_b != ROLES.index(Role.ANY):
        return None
    if not LEVEL_RANGES[range_a][0] <= skill_b <= LEVEL_RANGES[range_a][1]:
        return None
    if not LEVEL_RANGES[range_b][0] <= skill_a <= LEVEL_RANGES[range_b][1]:
        return None
    for stage in stages:
        if (
            abs(difficulty_a - difficulty_b) <= stage.difficulty_distance
            and abs(skill_a - skill_b) <= stage.skill_distance
            and (is_topic_shared or stage.any_topic)
        ):
            return timedelta(seconds=stage.after)
    return None


def bond_wait(bond: Bond, now: datetime, rules: PairingRules, *, avoided: bool) -> timedelta | None:
    """The wait that what is between two people asks for: nothing for strangers, a decaying penalty for recent partners, None for never."""
    if bond.is_blocked:
        return None
    if bond.last_met_at is None:
        return timedelta()
    since = (now - bond.last_met_at).total_seconds()
    if since >= rules.recent_window:
        return timedelta()
    if avoided:
        return None
    return timedelta(seconds=rules.recent_penalty * 0.5 ** (max(since, 0.0) / rules.recent_half_life))


def best_partner(
    seeker: Ticket, waiting: Iterable[Ticket], bonds: Mapping[UUID, Bond], now: datetime, rules: PairingRules
) -> Ticket | None:
    """The compatible ticket that has waited longest. `bonds` are those of the seeker, by the other's user id."""
    fitting = (
        other for other in waiting if are_compatible(seeker, other, bonds.get(other.user_id, NO_BOND), now, rules)
    )
    return min(fitting, key=lambda other: other.place, default=None)


def pair_all(
    seekers: Sequence[Ticket],
    waiting: Iterable[Ticket],
    bonds: Mapping[frozenset[UUID], Bond],
    now: datetime,
    rules: PairingRules,
) -> list[tuple[Ticket, Ticket]]:
    """What one pairing transaction does: each seeker in order of waiting takes the longest-waiting compatible ticket that is left.

    It leaves out those who search after it: they choose for themselves, and may fit somebody who has waited longer than it has.
    """
    left = {ticket.id: ticket for ticket in waiting}
    unsearched = {seeker.id for seeker in seekers}
    pairs = []
    for seeker in sorted(seekers, key=lambda ticket: ticket.place):
        unsearched.discard(seeker.id)
        if seeker.id not in left:
            continue
        others = (other for other in left.values() if other.id != seeker.id and other.id not in unsearched)
        own = {
            user_id: bond
            for pair, bond in bonds.items()
            if seeker.user_id in pair
            for user_id in pair - {seeker.user_id}
        }
        partner = best_partner(seeker, others, own, now, rules)
        if partner is not None:
            del left[seeker.id], left[partner.id]
            pairs.append((seeker, partner))
    return pairs


@dataclass(frozen=True, slots=True)
class Probe:
    """One place to look for a partner: the oldest ticket of this bucket (and topic; None: whatever its topics), if it was made by then."""

    topic: str | None
    bucket: int
    created_by: datetime


def probes(seeker: Ticket, now: datetime, rules: PairingRules, waiting: Container[int]) -> Iterator[Probe]:
    """Where the partners of this seeker can be: together exactly the tickets that `are_compatible` accepts, bonds apart.

    `waiting` has the buckets in which anybody waits; the others are not worth a look.
    """
    waited = now - seeker.created_at
    any_topic_waits: dict[int, timedelta] = dict(_accepting_buckets(seeker.bucket, rules.stages, False))
    for bucket, wait in _accepting_buckets(seeker.bucket, rules.stages, True):
        if wait > waited or bucket not in waiting:
            continue
        if not seeker.topics:
            yield Probe(None, bucket, now - wait)
            continue
        for topic in (*sorted(seeker.topics), NO_TOPIC):
            yield Probe(topic, bucket, now - wait)
        any_topic_wait = any_topic_waits.get(bucket)
        if any_topic_wait is not None and any_topic_wait <= waited:
            yield Probe(None, bucket, now - any_topic_wait)


@lru_cache(maxsize=2 * Bucket.COUNT * 8)
def _accepting_buckets(
    bucket: int, stages: tuple[Stage, ...], is_topic_shared: bool
) -> tuple[tuple[int, timedelta], ...]:
    return tuple(
        (other, wait)
        for other in range(Bucket.COUNT)
        if (wait := bucket_wait(bucket, other, stages, is_topic_shared=is_topic_shared)) is not None
    )


def stage_at(waited: timedelta, stages: Sequence[Stage]) -> int:
    """The position of the stage that this waiting time has reached."""
    seconds = waited.total_seconds()
    return max(position for position, stage in enumerate(stages) if stage.after <= seconds or position == 0)


def next_look(created_at: datetime, now: datetime, bonds: Iterable[Bond], rules: PairingRules) -> datetime | None:
    """When this ticket's own waiting next lets somebody in who was kept out: a stage begins, or a past partner's penalty ends."""
    waits = {timedelta(seconds=stage.after) for stage in rules.stages}
    waits |= {wait for bond in bonds if (wait := bond_wait(bond, now, rules, avoided=False)) is not None}
    return min((created_at + wait for wait in waits if created_at + wait > now), default=None)


def interviewer_of(a: Ticket, b: Ticket) -> UUID | None:
    """Who interviews: whoever asked to, or the partner of whoever asked to be the candidate; None when neither cares."""
    for one, other in ((a, b), (b, a)):
        if one.role is Role.INTERVIEWER or other.role is Role.CANDIDATE:
            return one.user_id
    return None


def agreed_difficulty(a: Ticket, b: Ticket) -> Difficulty:
    """The difficulty of the pair: the easier of the two wishes, so that nobody is thrown in above what they asked for."""
    return min(a.difficulty, b.difficulty, key=DIFFICULTIES.index)


def agreed_topics(a: Ticket, b: Ticket) -> tuple[str, ...]:
    """The topics both chose; where they chose none in common, those of either."""
    common = a.topics & b.topics if a.topics and b.topics else a.topics | b.topics
    return tuple(sorted(common or a.topics | b.topics))


def wished_difficulties(a: Difficulty, b: Difficulty) -> tuple[Difficulty, ...]:
    """Both wishes, the easier first."""
    return tuple(sorted({a, b}, key=DIFFICULTIES.index))
