"""Let no seeker take somebody who is about to search: that one may fit a person who has waited longer."""

from alembic import op

revision = "matching_0005"
down_revision = "matching_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace_take_partners("taken || seekers[n + 1:]")


def downgrade() -> None:
    _replace_take_partners("taken")


def _replace_take_partners(unavailable: str) -> None:
    # Arrays of all seekers lie one after the other; `x_ends[n]` is where those of the n-th seeker end. Whoever is locked by somebody
    # else at this moment is being cancelled or closed, and passed over.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION matching.take_partners(
            line text, seekers uuid[],
            topic_ends integer[], topics text[], topic_buckets smallint[], topic_created_by timestamptz[],
            bucket_ends integer[], buckets smallint[], created_by timestamptz[],
            excluded_ends integer[], excluded uuid[],
            recent_ends integer[], recent uuid[], recent_created_by timestamptz[]
        ) RETURNS TABLE (seeker_id uuid, partner_id uuid) LANGUAGE plpgsql
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
                        excluded[e0:e1], recent[r0:r1], recent_created_by[r0:r1], {unavailable}
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
