"""Random tickets and bonds for property tests, and how to put them into a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.driver_session import driver_connection
from subgraphs.matching.models import Block, Match, MatchRequest, Participant
from subgraphs.matching.pairing import PairingOutcome, first_of_pairing, pair
from subgraphs.matching.rules import (
    LEVEL_RANGES,
    SKILL_LEVELS,
    Bond,
    Difficulty,
    Language,
    PairingRules,
    Role,
    SkillLevel,
    Stage,
    Ticket,
)

EPOCH = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
LATER = EPOCH + timedelta(hours=1)
TOPICS = ("Arrays", "Graphs", "Trees")


ages = st.sampled_from((5_000, 15_000, 25_000, 35_000, 35_000)).flatmap(
    lambda age: st.integers(age - 5_000, age + 4_999)
)


# Several came in the same moment, and some have waited for long.
tied_ages = st.sampled_from((0, 0, 9_999, 10_000, 20_000, 20_000, 30_000, 3_600_000))


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    """A ticket that has waited up to 40 seconds at EPOCH, in all stages alike. Much alike, so that people meet."""
    low, high = draw(st.sampled_from((LEVEL_RANGES[0],) * 8 + LEVEL_RANGES))
    return Ticket(
        id=uuid4(),
        user_id=uuid4(),
        language=draw(st.sampled_from((Language.PYTHON, Language.PYTHON, Language.PYTHON, Language.JAVA))),
        difficulty=draw(st.sampled_from((Difficulty.MEDIUM, *Difficulty))),
        skill=draw(st.sampled_from((SkillLevel.INTERMEDIATE, *SkillLevel))),
        topics=draw(st.frozensets(st.sampled_from(TOPICS), max_size=2)),
        created_at=EPOCH - timedelta(milliseconds=draw(ages)),
        role=draw(st.sampled_from((Role.ANY, Role.ANY, Role.ANY, Role.INTERVIEWER, Role.CANDIDATE))),
        min_level=SKILL_LEVELS[low],
        max_level=SKILL_LEVELS[high],
        avoids_recent=draw(st.booleans()),
        expires_at=draw(st.sampled_from((LATER,) * 6 + (EPOCH - timedelta(seconds=1),))),
    )


@st.composite
def odd_tickets(draw: st.DrawFn) -> Ticket:
    """A ticket at the edges: of the same moment as others, with no topic or all of them, with a level range of one."""
    low, high = draw(st.sampled_from(LEVEL_RANGES))
    return replace(
        draw(tickets()),
        topics=draw(st.sampled_from((frozenset[str](), frozenset(TOPICS), frozenset({TOPICS[0]})))),
        created_at=EPOCH - timedelta(milliseconds=draw(tied_ages)),
        min_level=SKILL_LEVELS[low],
        max_level=SKILL_LEVELS[high],
    )


@st.composite
def odd_rules(draw: st.DrawFn) -> PairingRules:
    """Any settings that are accepted: one stage or many, that begin close together or late, penalties of nothing or of an hour."""
    begins = sorted(draw(st.lists(st.sampled_from((0.001, 1.0, 10.0, 10.5, 20.0, 3_600.0)), unique=True, max_size=5)))
    difficulties, skills = (sorted(draw(st.lists(st.integers(0, 2), min_size=6, max_size=6))) for _ in range(2))
    topics = sorted(draw(st.lists(st.booleans(), min_size=6, max_size=6)))
    stages = tuple(
        Stage(f"STAGE_{number}", after, difficulties[number], skills[number], topics[number])
        for number, after in enumerate((0.0, *begins))
    )
    return PairingRules(
        stages,
        recent_penalty=draw(st.sampled_from((0.0, 20.0, 3_600.0))),
        recent_half_life=draw(st.sampled_from((1.0, 24 * 3_600.0))),
        recent_window=draw(st.sampled_from((0.0, 3_600.0, 7 * 24 * 3_600.0))),
    )


bonds = st.builds(
    Bond,
    is_blocked=st.sampled_from((False, False, False, True)),
    last_met_at=st.none()
    | st.just(EPOCH - timedelta(days=2))
    | st.integers(0, 9 * 24 * 60).map(lambda minutes: EPOCH - timedelta(minutes=minutes)),
)


async def insert_tickets(session: AsyncSession, made: Iterable[Ticket]) -> None:
    """Pending tickets exactly as the service would have made them."""
    for ticket in made:
        session.add(
            MatchRequest(
                id=ticket.id,
                user_id=ticket.user_id,
                skill_level=ticket.skill.value,
                preferred_language=ticket.language.value,
                preferred_difficulty=ticket.difficulty.value,
                preferred_topics=sorted(ticket.topics),
                status="pending",
                created_at=ticket.created_at,
                expires_at=min(ticket.expires_at, ticket.created_at + timedelta(hours=2)),
                role=ticket.role.value,
                partner_min_level=ticket.min_level.value,
                partner_max_level=ticket.max_level.value,
                avoids_recent=ticket.avoids_recent,
                bucket=ticket.bucket,
                next_look_at=ticket.created_at,
            )
        )
    await session.flush()


async def insert_bonds(session: AsyncSession, between: Mapping[frozenset[UUID], Bond]) -> None:
    """Blocks, and past matches that had a session."""
    for people, bond in between.items():
        one, other = sorted(people)
        if bond.is_blocked:
            session.add(Block(blocker_id=one, blocked_id=other))
        if bond.last_met_at is not None:
            match = Match(
                id=uuid4(),
                user1_id=one,
                user2_id=other,
                status="completed",
                created_at=bond.last_met_at,
                language="PYTHON",
                difficulty="EASY",
                difficulties=["EASY"],
                topics=[],
            )
            session.add(match)
            await session.flush()
            for person, partner in ((one, other), (other, one)):
                session.add(
                    Participant(
                        match_id=match.id,
                        user_id=person,
                        partner_id=partner,
                        is_live=False,
                        has_met=True,
                        created_at=bond.last_met_at,
                    )
                )
    await session.flush()


async def database_time(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return now


async def pair_within(
    session: AsyncSession, language: Language, rules: PairingRules, ready_check: float
) -> PairingOutcome:
    """Pair in the transaction of a session that may have done something before."""
    await session.execute(text(first_of_pairing(language)))
    return await pair(await driver_connection(session), language, rules, ready_check)
