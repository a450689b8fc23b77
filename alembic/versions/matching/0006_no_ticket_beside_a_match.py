"""Write no ticket for somebody who is being paired at this moment: beside the match it would stop the pairing of its language."""

from alembic import op

revision = "matching_0006"
down_revision = "matching_0005"
branch_labels = None
depends_on = None

# The insert waits for a pairing transaction that takes the old ticket, and finds the way free once that is closed; only a statement
# after it sees the match.
_TAKE_BACK = """
            paired := ARRAY(SELECT user_id FROM matching.participants WHERE user_id = ANY (free) AND is_live);
            IF cardinality(paired) > 0 THEN
                DELETE FROM matching.waiting_topics WHERE user_id = ANY (paired) AND ticket_id = ANY (ids);
                DELETE FROM matching.match_requests WHERE user_id = ANY (paired) AND id = ANY (ids);
                free := ARRAY(SELECT unnest(free) EXCEPT SELECT unnest(paired));
            END IF;"""


def upgrade() -> None:
    _replace_enqueue(_TAKE_BACK)


def downgrade() -> None:
    _replace_enqueue("")


def _replace_enqueue(take_back: str) -> None:
    # The locks come first, so that every statement after them sees what the ones before us did. A microsecond between tickets of one
    # batch keeps the order in which they were asked for. What is told is numbered last, as it locks the streams until the commit.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION matching.enqueue(
            wished jsonb, lifetime interval, lock_class integer, lock_keys integer[]
        ) RETURNS SETOF matching.match_requests LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
        DECLARE
            wishing uuid[] := ARRAY(SELECT CAST(wish->>'user_id' AS uuid) FROM jsonb_array_elements(wished) AS wish);
            ids uuid[] := ARRAY(SELECT CAST(wish->>'id' AS uuid) FROM jsonb_array_elements(wished) AS wish);
            free uuid[];
            paired uuid[];
            at timestamptz;
        BEGIN
            PERFORM pg_advisory_xact_lock(lock_class, key) FROM unnest(lock_keys) AS keys (key);
            at := clock_timestamp();
            free := ARRAY(
                SELECT person FROM unnest(wishing) AS people (person)
                WHERE NOT EXISTS (SELECT FROM matching.barred_users WHERE user_id = person)
                  AND NOT EXISTS (SELECT FROM matching.participants WHERE user_id = person AND is_live)
            );
            INSERT INTO matching.match_requests (id, user_id, skill_level, is_skill_known, preferred_language,
                preferred_difficulty, preferred_topics, role, partner_min_level, partner_max_level, avoids_recent, bucket,
                created_at, expires_at, next_look_at)
            SELECT id, user_id, skill_level, is_skill_known, language, difficulty, topics, role, min_level, max_level, avoids_recent,
                bucket, at + position * interval '1 microsecond', at + lifetime, at
            FROM jsonb_to_recordset(wished) AS wish (position integer, id uuid, user_id uuid, skill_level text,
                is_skill_known boolean, language text, difficulty text, topics jsonb, role text, min_level text, max_level text,
                avoids_recent boolean, bucket smallint)
            WHERE user_id = ANY (free)
            ORDER BY user_id
            ON CONFLICT (user_id) WHERE status IN ('pending', 'proposed') DO NOTHING;{take_back}
            RETURN QUERY SELECT * FROM matching.match_requests AS ticket
                WHERE ticket.user_id = ANY (free) AND ticket.status IN ('pending', 'proposed');
            WITH told AS (
                SELECT CAST(wish->>'user_id' AS uuid) AS user_id, CAST(wish->>'id' AS uuid) AS ticket_id
                FROM jsonb_array_elements(wished) AS wish
                WHERE EXISTS (SELECT FROM matching.match_requests WHERE id = CAST(wish->>'id' AS uuid))
            ), advanced AS (
                INSERT INTO matching.streams (user_id, last_seq) SELECT user_id, 1 FROM told ORDER BY user_id
                ON CONFLICT (user_id) DO UPDATE SET last_seq = streams.last_seq + 1
                RETURNING user_id, last_seq
            )
            INSERT INTO matching.match_events (user_id, seq, type, data)
            SELECT user_id, last_seq, 'queued', jsonb_build_object('ticket_id', ticket_id) FROM told JOIN advanced USING (user_id);
        END
        $$
    """)
