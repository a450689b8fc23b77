"""Take nobody whose time is up, and find what was closed long ago: tickets, invitations, and matches that came to nothing."""

from alembic import op

revision = "matching_0007"
down_revision = "matching_0006"
branch_labels = None
depends_on = None

TICKET_SEARCH = ("matching.match_requests", "ix_match_requests_waiting", "preferred_language, bucket, created_at, id")
TOPIC_SEARCH = (
    "matching.waiting_topics",
    "ix_waiting_topics_waiting",
    "language, topic, bucket, created_at, ticket_id",
)
OLD_SEARCHED = "user_id, avoids_recent"
SEARCHED = f"{OLD_SEARCHED}, expires_at"
MOMENT = "at timestamptz"
FIND_PARAMETERS = """
    line text, topics text[], topic_buckets smallint[], topic_created_by timestamptz[],
    buckets smallint[], created_by timestamptz[],
    excluded uuid[], recent uuid[], recent_created_by timestamptz[], taken uuid[]
"""
TAKE_PARAMETERS = """
    line text, seekers uuid[],
    topic_ends integer[], topics text[], topic_buckets smallint[], topic_created_by timestamptz[],
    bucket_ends integer[], buckets smallint[], created_by timestamptz[],
    excluded_ends integer[], excluded uuid[],
    recent_ends integer[], recent uuid[], recent_created_by timestamptz[]
"""


def upgrade() -> None:
    op.execute("ALTER TABLE matching.waiting_topics ADD COLUMN expires_at timestamptz NOT NULL DEFAULT 'infinity'")
    op.execute("""
        UPDATE matching.waiting_topics SET expires_at = ticket.expires_at
        FROM matching.match_requests AS ticket WHERE ticket.id = waiting_topics.ticket_id
    """)
    _replace_searched(SEARCHED)
    _replace_topics_function(", expires_at")
    _follow_extensions()
    _drop_functions("")
    _create_functions(
        parameter=f", {MOMENT} DEFAULT statement_timestamp()", condition="w.expires_at > at AND ", passed=", at"
    )
    # What is told to operators of the last hours, and what is kept no longer, is found by when it was closed.
    op.execute(
        "CREATE INDEX ix_match_requests_closed_at ON matching.match_requests (closed_at) WHERE closed_at IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_invitations_closed ON matching.invitations (expires_at) WHERE status <> 'open'")
    op.execute("CREATE INDEX ix_matches_cancelled ON matching.matches (ended_at) WHERE status = 'cancelled'")


def downgrade() -> None:
    op.execute("DROP INDEX matching.ix_matches_cancelled")
    op.execute("DROP INDEX matching.ix_invitations_closed")
    op.execute("DROP INDEX matching.ix_match_requests_closed_at")
    _drop_functions(f", {MOMENT}")
    _create_functions(parameter="", condition="", passed="")
    op.execute("DROP TRIGGER keep_waiting_until ON matching.match_requests")
    op.execute("DROP FUNCTION matching.keep_waiting_until()")
    _replace_topics_function("")
    _replace_searched(OLD_SEARCHED)
    op.execute("ALTER TABLE matching.waiting_topics DROP COLUMN expires_at")


def _replace_searched(searched: str) -> None:
    """What a search reads stands in the index, so that it need not look at the rows."""
    for table, name, columns in (TICKET_SEARCH, TOPIC_SEARCH):
        where = "WHERE status = 'pending'" if table.endswith("match_requests") else ""
        op.execute(f"DROP INDEX matching.{name}")
        op.execute(f"CREATE INDEX {name} ON {table} ({columns}) INCLUDE ({searched}) {where}")


def _replace_topics_function(columns: str) -> None:
    # The settings keep the plans index ranges whatever size the table had when they were made.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION matching.keep_waiting_topics() RETURNS trigger LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_bitmapscan = off AS $$
        DECLARE
            arrived uuid[];
        BEGIN
            IF TG_OP = 'INSERT' THEN
                arrived := ARRAY(SELECT id FROM new_rows WHERE status = 'pending');
            ELSE
                arrived := ARRAY(SELECT id FROM old_rows WHERE status <> 'pending');
                DELETE FROM matching.waiting_topics
                WHERE ticket_id = ANY (ARRAY(SELECT id FROM new_rows WHERE status <> 'pending'));
            END IF;
            IF cardinality(arrived) > 0 THEN
                INSERT INTO matching.waiting_topics
                    (language, topic, bucket, created_at, ticket_id, user_id, avoids_recent{columns})
                SELECT preferred_language, topic, bucket, created_at, id, user_id, avoids_recent{columns}
                FROM new_rows CROSS JOIN LATERAL jsonb_array_elements_text(
                    CASE WHEN preferred_topics = '[]' THEN '[""]' ELSE preferred_topics END
                ) AS topics (topic)
                WHERE status = 'pending' AND id = ANY (arrived);
            END IF;
            RETURN NULL;
        END
        $$
    """)


def _follow_extensions() -> None:
    """Only statements that set expires_at pay for it; whoever gets back in line is written anew anyway."""
    op.execute("""
        CREATE FUNCTION matching.keep_waiting_until() RETURNS trigger LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_bitmapscan = off AS $$
        BEGIN
            UPDATE matching.waiting_topics SET expires_at = NEW.expires_at WHERE ticket_id = NEW.id;
            RETURN NULL;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER keep_waiting_until AFTER UPDATE OF expires_at ON matching.match_requests FOR EACH ROW
        WHEN (OLD.status = 'pending' AND NEW.status = 'pending' AND OLD.expires_at <> NEW.expires_at)
        EXECUTE FUNCTION matching.keep_waiting_until()
    """)


def _drop_functions(parameter: str) -> None:
    op.execute(f"DROP FUNCTION matching.take_partners({TAKE_PARAMETERS}{parameter})")
    op.execute(f"DROP FUNCTION matching.find_partner({FIND_PARAMETERS}{parameter})")


def _create_functions(parameter: str, condition: str, passed: str) -> None:
    """The last parameter may be missing: so does the release before call them."""
    # Every probe is the first row of an index range; so the cost is that of the probes, not of the queue.
    fits = f"""
        w.created_at <= probe.created_by AND {condition}w.user_id <> ALL (excluded) AND w.{{id}} <> ALL (taken)
        AND (array_position(recent, w.user_id) IS NULL
             OR (NOT w.avoids_recent AND w.created_at <= recent_created_by[array_position(recent, w.user_id)]))
    """
    # PostgreSQL inlines it into the statement that calls it.
    op.execute(f"""
        CREATE FUNCTION matching.find_partner({FIND_PARAMETERS}{parameter}) RETURNS TABLE (id uuid) LANGUAGE sql STABLE AS $$
            SELECT candidates.id FROM (
                SELECT best.ticket_id AS id, best.created_at
                FROM unnest(topics, topic_buckets, topic_created_by) AS probe (topic, bucket, created_by)
                CROSS JOIN LATERAL (
                    SELECT w.ticket_id, w.created_at FROM matching.waiting_topics AS w
                    WHERE w.language = line AND w.topic = probe.topic AND w.bucket = probe.bucket
                      AND {fits.format(id="ticket_id")}
                    ORDER BY w.created_at, w.ticket_id LIMIT 1
                ) AS best
                UNION ALL
                SELECT best.id, best.created_at
                FROM unnest(buckets, created_by) AS probe (bucket, created_by)
                CROSS JOIN LATERAL (
                    SELECT w.id, w.created_at FROM matching.match_requests AS w
                    WHERE w.status = 'pending' AND w.preferred_language = line AND w.bucket = probe.bucket
                      AND {fits.format(id="id")}
                    ORDER BY w.created_at, w.id LIMIT 1
                ) AS best
            ) AS candidates
            ORDER BY candidates.created_at, candidates.id LIMIT 1
        $$
    """)
    # Arrays of all seekers lie one after the other; `x_ends[n]` is where those of the n-th seeker end. Whoever is locked by somebody
    # else at this moment is being cancelled or closed, and passed over.
    op.execute(f"""
        CREATE FUNCTION matching.take_partners({TAKE_PARAMETERS}{parameter})
        RETURNS TABLE (seeker_id uuid, partner_id uuid) LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
            taken uuid[] := '{{}}';
            t0 integer; t1 integer; b0 integer; b1 integer; e0 integer; e1 integer; r0 integer; r1 integer;
        BEGIN
            FOR n IN 1 .. cardinality(seekers) LOOP
                CONTINUE WHEN seekers[n] = ANY (taken);
                t0 := coalesce(topic_ends[n - 1], 0) + 1;    t1 := topic_ends[n];
                b0 := coalesce(bucket_ends[n - 1], 0) + 1;   b1 := bucket_ends[n];
                e0 := coalesce(excluded_ends[n - 1], 0) + 1; e1 := excluded_ends[n];
                r0 := coalesce(recent_ends[n - 1], 0) + 1;   r1 := recent_ends[n];
                LOOP
                    SELECT found.id INTO partner_id FROM matching.find_partner(
                        line, topics[t0:t1], topic_buckets[t0:t1], topic_created_by[t0:t1], buckets[b0:b1], created_by[b0:b1],
                        excluded[e0:e1], recent[r0:r1], recent_created_by[r0:r1], taken || seekers[n + 1:]{passed}
                    ) AS found;
                    EXIT WHEN partner_id IS NULL;
                    taken := array_append(taken, partner_id);
                    PERFORM FROM matching.match_requests AS t
                    WHERE t.id = partner_id AND t.status = 'pending' FOR UPDATE SKIP LOCKED;
                    IF FOUND THEN
                        seeker_id := seekers[n];
                        taken := array_append(taken, seeker_id);
                        RETURN NEXT;
                        EXIT;
                    END IF;
                END LOOP;
            END LOOP;
        END
        $$
    """)
