"""What was closed long ago goes, and nothing that anybody still reads."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.retention import BATCH, Retention
from subgraphs.matching.housekeeping import matching_purges

KEPT = timedelta(days=90)
MATCH = "user1_id, user2_id, language, difficulty, difficulties, topics, status, ended_at, session_id"
FILL = (
    f"""
    INSERT INTO matching.match_requests (user_id, skill_level, preferred_language, preferred_difficulty, preferred_topics, status,
        expires_at, bucket, created_at, closed_at)
    SELECT gen_random_uuid(), 'BEGINNER', 'PYTHON', 'EASY', '[]', 'expired', now(), 0, now() - interval '99 days',
        now() - interval '91 days' FROM generate_series(1, {BATCH + 5})
    """,
    """
    INSERT INTO matching.match_requests (user_id, skill_level, preferred_language, preferred_difficulty, preferred_topics, status,
        expires_at, bucket, created_at, closed_at)
    VALUES (gen_random_uuid(), 'BEGINNER', 'PYTHON', 'EASY', '[]', 'matched', now(), 0, now() - interval '99 days',
            now() - interval '89 days'),
           (gen_random_uuid(), 'BEGINNER', 'PYTHON', 'EASY', '[]', 'pending', now(), 0, now() - interval '99 days', NULL)
    """,
    f"""
    INSERT INTO matching.matches ({MATCH})
    SELECT gen_random_uuid(), gen_random_uuid(), 'PYTHON', 'EASY', '[]', '[]', status, ended_at, NULL
    FROM (VALUES ('cancelled', now() - interval '91 days'), ('cancelled', now() - interval '89 days'),
                 ('completed', now() - interval '900 days'), ('active', NULL)) AS kinds (status, ended_at)
    """,
    """
    INSERT INTO matching.participants (match_id, user_id, partner_id, is_live, created_at)
    SELECT id, user1_id, user2_id, false, created_at FROM matching.matches
    """,
    """
    INSERT INTO matching.invitations (token_hash, inviter_id, language, difficulty, topics, status, expires_at)
    SELECT decode(md5(status || days::text), 'hex'), gen_random_uuid(), 'PYTHON', 'EASY', '[]', status, now() - make_interval(days => days)
    FROM (VALUES ('accepted', 91), ('expired', 91), ('expired', 89), ('open', 91)) AS kinds (status, days)
    """,
)


async def test_what_was_closed_long_ago_goes_in_batches_and_histories_stay(database: Database) -> None:
    async with database.transaction() as session:
        for statement in FILL:
            await session.execute(text(statement))
    retention = Retention(database, "matching", matching_purges(KEPT))
    assert await retention.purge_all() == {"match_requests": BATCH + 5, "invitations": 2, "cancelled_matches": 1}
    assert set((await retention.purge_all()).values()) == {0}
    async with database.session() as session:
        tickets = await session.execute(text("SELECT status FROM matching.match_requests ORDER BY status"))
        matches = await session.execute(text("SELECT status FROM matching.matches ORDER BY status"))
        participants = await session.execute(text("SELECT count(*) FROM matching.participants"))
        assert list(tickets.scalars()) == ["matched", "pending"]
        assert list(matches.scalars()) == ["active", "cancelled", "completed"]
        assert participants.scalar_one() == 3


async def test_what_is_old_is_found_by_its_age(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, index in (
            ("SELECT id FROM matching.match_requests WHERE closed_at < now()", "ix_match_requests_closed_at"),
            (
                "SELECT id FROM matching.invitations WHERE status <> 'open' AND expires_at < now()",
                "ix_invitations_closed",
            ),
            ("SELECT id FROM matching.matches WHERE status = 'cancelled' AND ended_at < now()", "ix_matches_cancelled"),
        ):
            plan = "\n".join((await session.execute(text(f"EXPLAIN {statement}"))).scalars())
            assert index in plan
