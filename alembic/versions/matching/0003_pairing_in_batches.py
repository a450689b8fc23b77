"""Search for partners of a whole batch in one call, and keep the topics of waiting tickets with one statement per batch."""

from alembic import op

revision = "matching_0003"
down_revision = "matching_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _keep_topics_by_statement()
    _create_search()
    _create_take_partners()


def downgrade() -> None:
    op.execute("DROP FUNCTION matching.take_partners")
    op.execute("DROP FUNCTION matching.find_partner")
    op.execute("DROP TRIGGER keep_waiting_topics_of_new ON matching.match_requests")
    op.execute("DROP TRIGGER keep_waiting_topics_of_changed ON matching.match_requests")
    op.execute("DROP FUNCTION matching.keep_waiting_topics()")
    op.execute("""
        CREATE FUNCTION matching.keep_waiting_topics() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.status = 'pending' THEN
                DELETE FROM matching.waiting_topics WHERE ticket_id = OLD.id;
            END IF;
            IF NEW.status = 'pending' THEN
                INSERT INTO matching.waiting_topics
                SELECT NEW.preferred_language, topic, NEW.bucket, NEW.created_at, NEW.id, NEW.user_id, NEW.avoids_recent
                FROM jsonb_array_elements_text(
                    CASE WHEN NEW.preferred_topics = '[]' THEN '[""]' ELSE NEW.preferred_topics END
                ) AS topics (topic);
            END IF;
            RETURN NULL;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER keep_waiting_topics AFTER INSERT OR UPDATE OF status ON matching.match_requests
        FOR EACH ROW EXECUTE FUNCTION matching.keep_waiting_topics()
    """)


def _keep_topics_by_statement() -> None:
    op.execute("DROP TRIGGER keep_waiting_topics ON matching.match_requests")
    op.execute("DROP FUNCTION matching.keep_waiting_topics()")
    # The settings keep the plans index ranges whatever size the table had when they were made.
    op.execute("""
        CREATE FUNCTION matching.keep_waiting_topics() RETURNS trigger LANGUAGE plpgsql
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
                SELECT preferred_language, topic, bucket, created_at, id, user_id, avoids_recent
                FROM new_rows CROSS JOIN LATERAL jsonb_array_elements_text(
                    CASE WHEN preferred_topics = '[]' THEN '[""]' ELSE preferred_topics END
                ) AS topics (topic)
                WHERE status = 'pending' AND id = ANY (arrived);
            END IF;
            RETURN NULL;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER keep_waiting_topics_of_new AFTER INSERT ON matching.match_requests
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION matching.keep_waiting_topics()
    """)
    op.execute("""
        CREATE TRIGGER keep_waiting_topics_of_changed AFTER UPDATE ON matching.match_requests
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION matching.keep_waiting_topics()
    """)


def _create_search() -> None:
    # Every probe is the first row of an index range; so the cost is that of the probes, not of the queue.
    fits = """
        w.created_at <= probe.created_by AND w.user_id <> ALL (excluded) AND w.{id} <> ALL (taken)
        AND (array_position(recent, w.user_id) IS NULL
             OR (NOT w.avoids_recent AND w.created_at <= recent_created_by[array_position(recent, w.user_id)]))
    """
    # PostgreSQL inlines it into the statement that calls it.
    op.execute(f"""
        CREATE FUNCTION matching.find_partner(
            line text, topics text[], topic_buckets smallint[], topic_created_by timestamptz[],
            buckets smallint[], created_by timestamptz[],
            excluded uuid[], recent uuid[], recent_created_by timestamptz[], taken uuid[]
        ) RETURNS TABLE (id uuid) LANGUAGE sql STABLE AS $$
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


def _create_take_partners() -> None:
    # Arrays of all seekers lie one after the other; `x_ends[n]` is where those of the n-th seeker end. Whoever is locked by somebody
    # else at this moment is being cancelled or closed, and passed over.
    op.execute("""
        CREATE FUNCTION matching.take_partners(
            line text, seekers uuid[],
            topic_ends integer[], topics text[], topic_buckets smallint[], topic_created_by timestamptz[],
            bucket_ends integer[], buckets smallint[], created_by timestamptz[],
            excluded_ends integer[], excluded uuid[],
            recent_ends integer[], recent uuid[], recent_created_by timestamptz[]
        ) RETURNS TABLE (seeker_id uuid, partner_id uuid) LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
            taken uuid[] := '{}';
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
                        excluded[e0:e1], recent[r0:r1], recent_created_by[r0:r1], taken
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
