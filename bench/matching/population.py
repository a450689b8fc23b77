"""Who waits and who arrives: candidates fill the queue, interviewers arrive, so that only arrivals can be paired."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.matching.rules import Difficulty, Language, Role
from subgraphs.matching.service import Wish
from subgraphs.matching.topics import TOPICS

TOPICS_PER_PERSON = 2
FILL_BATCH = 10_000  # tickets in one statement

# The rows that the service would have written: wishes at random, at most ten minutes old, all of them candidates.
_FILL = text("""
    WITH people AS (
        SELECT n, (ARRAY['PYTHON', 'JAVASCRIPT', 'JAVA', 'CPP', 'C'])[1 + floor(random() * 5)::integer] AS language,
               floor(random() * 3)::integer AS difficulty, floor(random() * 3)::integer AS skill,
               floor(random() * topic_count)::integer AS topic, 1 + floor(random() * (topic_count - 1))::integer AS other,
               CAST(:topics AS text[]) AS topics, topic_count
        FROM generate_series(1, :count) AS n, cardinality(CAST(:topics AS text[])) AS topic_count
    )
    INSERT INTO matching.match_requests (user_id, skill_level, preferred_language, preferred_difficulty, preferred_topics, role,
        bucket, created_at, expires_at, next_look_at)
    SELECT gen_random_uuid(), (ARRAY['BEGINNER', 'INTERMEDIATE', 'ADVANCED'])[1 + skill], language,
           (ARRAY['EASY', 'MEDIUM', 'HARD'])[1 + difficulty],
           jsonb_build_array(topics[1 + topic], topics[1 + (topic + other) % topic_count]), 'CANDIDATE',
           (difficulty * 3 + skill) * 18 + 2 * 6, now() - make_interval(secs => 60 + random() * 540),
           now() + interval '1 hour', NULL
    FROM people
""")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person who comes and asks."""

    user_id: UUID
    wish: Wish


async def fill_database(url: str, count: int, topics: Sequence[str] = TOPICS) -> None:
    """Let `count` candidates wait who want two of these topics, and leave the server nothing to do in the background."""
    database = Database(url)
    for start in range(0, count, FILL_BATCH):
        async with database.transaction() as session:
            await session.execute(_FILL, {"count": min(FILL_BATCH, count - start), "topics": list(topics)})
    async with database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM ANALYZE"))
        await autocommit.execute(text("CHECKPOINT"))
    await database.dispose()


def arrivals(count: int, chance: random.Random, *, alternate: bool) -> list[Arrival]:
    """Interviewers with wishes at random; `alternate`: every two of them are a candidate and an interviewer who fit each other."""
    made: list[Arrival] = []
    for number in range(count):
        role = Role.CANDIDATE if alternate and number % 2 == 0 else Role.INTERVIEWER
        if alternate and number % 2:
            wish = made[-1].wish
            wish = Wish(wish.language, wish.difficulty, wish.topics, role)
        else:
            wish = Wish(
                chance.choice(list(Language)),
                chance.choice(list(Difficulty)),
                tuple(chance.sample(TOPICS, TOPICS_PER_PERSON)),
                role,
            )
        made.append(Arrival(uuid4(), wish))
    return made
