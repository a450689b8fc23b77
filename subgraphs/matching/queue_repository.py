"""The SQL statements about the queue as a whole: lines, waits, groups of waiting people, and the operators' figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from .models import MatchRequest, TicketStatus
from .rules import Language
from .sql_values import literals

# Of a long line only every so many-th ticket is read: places in it are told as exactly as anybody can use.
_LINES = text("""
    SELECT language, difficulty, total, step, array_agg(created_at ORDER BY created_at) AS marks
    FROM (
        SELECT *, greatest(1, total / :marks) AS step FROM (
            SELECT preferred_language AS language, preferred_difficulty AS difficulty, created_at,
                   row_number() OVER (PARTITION BY preferred_language, preferred_difficulty ORDER BY created_at) AS position,
                   count(*) OVER (PARTITION BY preferred_language, preferred_difficulty) AS total
            FROM matching.match_requests WHERE status = 'pending'
        ) AS numbered
    ) AS stepped
    WHERE (position - 1) % step = 0 GROUP BY 1, 2, 3, 4
""")
_WAITS = text("""
    SELECT extract(epoch FROM closed_at - created_at)::float8 AS wait FROM matching.match_requests
    WHERE preferred_language = :language AND preferred_difficulty = :difficulty AND status = 'matched'
      AND closed_at IS NOT NULL AND closed_at > now() - make_interval(secs => :age)
    ORDER BY closed_at DESC LIMIT :limit
""")
_CLOSED = text("""
    SELECT count(*) FILTER (WHERE status = 'matched') AS matched, count(*) FILTER (WHERE status = 'expired') AS expired,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled, count(*) FILTER (WHERE status = 'declined') AS declined,
           percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - created_at)::float8)
               FILTER (WHERE status = 'matched') AS waits
    FROM matching.match_requests WHERE closed_at > now() - make_interval(secs => :seconds)
""")
_OPENED = text("""
    SELECT (SELECT count(*) FROM matching.matches WHERE created_at > now() - make_interval(secs => :seconds)) AS made,
           (SELECT count(*) FROM matching.participants WHERE is_live) AS people,
           (SELECT min(created_at) FROM matching.match_requests WHERE status = 'pending') AS oldest
""")
# Of each language the longest-waiting, by what the rules judge alike.
_GROUPS = text("""
    SELECT language, bucket, topics, array_agg(created_at ORDER BY created_at) AS times
    FROM unnest(CAST(:languages AS text[])) AS lines (language) CROSS JOIN LATERAL (
        SELECT bucket, preferred_topics AS topics, created_at FROM matching.match_requests
        WHERE status = 'pending' AND preferred_language = language AND expires_at > now() ORDER BY created_at, id LIMIT :limit
    ) AS waiting
    GROUP BY language, bucket, topics
""")


class QueueRepository:
    """What is read of the queue as a whole; nothing is written."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lines(self, marks: int) -> Sequence[Any]:
        """Each language and difficulty in which people wait: `total`, and in `marks` when every `step`-th of them came."""
        return (await self.session.execute(_LINES, {"marks": marks})).all()

    async def waits(self, language: str, difficulty: str, *, age: float, limit: int) -> list[float]:
        """How many seconds those waited who were paired in the last `age` seconds, the newest `limit` of them."""
        values = {"language": language, "difficulty": difficulty, "age": age, "limit": limit}
        return list((await self.session.execute(_WAITS, values)).scalars().all())

    async def groups(self, limit: int) -> Sequence[Any]:
        """`language`, `bucket`, `topics` and `times` (when each was made, the first one first), of `limit` tickets per language."""
        values = {"languages": [language.value for language in Language], "limit": limit}
        return (await self.session.execute(_GROUPS, values)).all()

    async def waiting_of(self, user_ids: Iterable[UUID]) -> Sequence[MatchRequest]:
        """The tickets of those of these people who wait."""
        statement = select(MatchRequest).where(
            MatchRequest.user_id.in_(list(user_ids)),
            MatchRequest.status.in_(literals([TicketStatus.PENDING])),
            MatchRequest.expires_at > func.now(),
        )
        return (await self.session.scalars(statement)).all()

    async def closed_in(self, seconds: int) -> Any:
        """How many tickets were closed in the last `seconds`, by how, and the percentiles of the `waits` of the matched ones."""
        return (await self.session.execute(_CLOSED, {"seconds": seconds})).one()

    async def opened_in(self, seconds: int) -> Any:
        """How many matches were `made` in the last `seconds`, how many `people` are in one, and since when the `oldest` ticket waits."""
        return (await self.session.execute(_OPENED, {"seconds": seconds})).one()
