"""Tickets, matches and their participants, the events of each person, blocks, invitations."""

from alembic import op
from subgraphs.kit.migration_parts import create_outbox_and_inbox, drop_outbox_and_inbox

revision = "matching_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "invitations",
    "barred_users",
    "reputations",
    "blocks",
    "followers",
    "match_events",
    "streams",
    "participants",
    "matches",
    "waiting_topics",
    "match_requests",
)


def upgrade() -> None:
    create_outbox_and_inbox("matching")
    _create_tickets()
    _create_waiting_topics()
    _create_matches()
    _create_streams()
    _create_people()


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE matching.{table}")
    op.execute("DROP FUNCTION matching.keep_waiting_topics()")
    drop_outbox_and_inbox("matching")


def _create_tickets() -> None:
    # The queue is short-lived rows at the head of small indexes: vacuum early, so that a search never wades through the dead.
    op.execute("""
        CREATE TABLE matching.match_requests (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_match_requests PRIMARY KEY,
            user_id uuid NOT NULL,
            skill_level varchar(50) NOT NULL,
            preferred_language varchar(50) NOT NULL,
            preferred_difficulty varchar(50) NOT NULL,
            preferred_topics jsonb NOT NULL,
            status varchar(50) NOT NULL DEFAULT 'pending'
                CONSTRAINT ck_match_requests_status
                CHECK (status IN ('pending', 'proposed', 'matched', 'cancelled', 'declined', 'expired')),
            created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            expires_at timestamptz NOT NULL,
            role varchar(20) NOT NULL DEFAULT 'ANY',
            partner_min_level varchar(50) NOT NULL DEFAULT 'BEGINNER',
            partner_max_level varchar(50) NOT NULL DEFAULT 'ADVANCED',
            avoids_recent boolean NOT NULL DEFAULT false,
            is_skill_known boolean NOT NULL DEFAULT true,
            bucket smallint NOT NULL,
            stage smallint NOT NULL DEFAULT 0,
            next_look_at timestamptz,
            closed_at timestamptz,
            match_id uuid
        ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, fillfactor = 85)
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_match_requests_live_user_id ON matching.match_requests (user_id)
        WHERE status IN ('pending', 'proposed')
    """)
    op.execute("""
        CREATE INDEX ix_match_requests_waiting ON matching.match_requests (preferred_language, bucket, created_at, id)
        INCLUDE (user_id, avoids_recent) WHERE status = 'pending'
    """)
    op.execute(
        "CREATE INDEX ix_match_requests_next_look_at ON matching.match_requests (next_look_at) WHERE status = 'pending'"
    )
    op.execute(
        "CREATE INDEX ix_match_requests_expires_at ON matching.match_requests (expires_at) WHERE status = 'pending'"
    )
    op.execute("CREATE INDEX ix_match_requests_user_id ON matching.match_requests (user_id, created_at DESC, id DESC)")
    op.execute("""
        CREATE INDEX ix_match_requests_closed ON matching.match_requests
        (preferred_language, preferred_difficulty, status, closed_at DESC) WHERE closed_at IS NOT NULL
    """)


def _create_waiting_topics() -> None:
    # One row per topic of a pending ticket ('' for a ticket that takes any), so that "the oldest in this bucket who wants this
    # topic" is one index probe. A trigger keeps it, so that no statement can forget to.
    op.execute("""
        CREATE TABLE matching.waiting_topics (
            language varchar(50) NOT NULL,
            topic varchar(50) NOT NULL,
            bucket smallint NOT NULL,
            created_at timestamptz NOT NULL,
            ticket_id uuid NOT NULL,
            user_id uuid NOT NULL,
            avoids_recent boolean NOT NULL,
            CONSTRAINT pk_waiting_topics PRIMARY KEY (ticket_id, topic)
        ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)
    """)
    op.execute("""
        CREATE INDEX ix_waiting_topics_waiting ON matching.waiting_topics (language, topic, bucket, created_at, ticket_id)
        INCLUDE (user_id, avoids_recent)
    """)
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


def _create_matches() -> None:
    op.execute("""
        CREATE TABLE matching.matches (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_matches PRIMARY KEY,
            user1_id uuid,
            user2_id uuid,
            question_id uuid,
            status varchar(50) NOT NULL DEFAULT 'active'
                CONSTRAINT ck_matches_status
                CHECK (status IN ('proposed', 'forming', 'opening', 'active', 'completed', 'cancelled')),
            created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            ended_at timestamptz,
            end_reason varchar(50),
            session_id uuid CONSTRAINT uq_matches_session_id UNIQUE,
            language varchar(50) NOT NULL,
            difficulty varchar(50) NOT NULL,
            difficulties jsonb NOT NULL,
            topics jsonb NOT NULL,
            interviewer_id uuid,
            ticket1_id uuid,
            ticket2_id uuid,
            accepted1 boolean NOT NULL DEFAULT true,
            accepted2 boolean NOT NULL DEFAULT true,
            respond_by timestamptz,
            next_attempt_at timestamptz,
            CONSTRAINT ck_matches_two_people CHECK (user1_id <> user2_id)
        )
    """)
    op.execute("CREATE INDEX ix_matches_respond_by ON matching.matches (respond_by) WHERE status = 'proposed'")
    op.execute("CREATE INDEX ix_matches_next_attempt_at ON matching.matches (next_attempt_at) WHERE status = 'forming'")
    op.execute("CREATE INDEX ix_matches_open ON matching.matches (created_at) WHERE status IN ('opening', 'active')")
    op.execute("CREATE INDEX ix_matches_created_at ON matching.matches (created_at)")
    op.execute("""
        CREATE TABLE matching.participants (
            match_id uuid NOT NULL,
            user_id uuid NOT NULL,
            partner_id uuid,
            is_live boolean NOT NULL,
            has_met boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_participants PRIMARY KEY (match_id, user_id),
            CONSTRAINT fk_participants_match_id FOREIGN KEY (match_id) REFERENCES matching.matches (id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_participants_live_user_id ON matching.participants (user_id) WHERE is_live")
    op.execute(
        "CREATE INDEX ix_participants_user_id ON matching.participants (user_id, created_at DESC, match_id DESC)"
    )


def _create_streams() -> None:
    op.execute("""
        CREATE TABLE matching.streams (
            user_id uuid CONSTRAINT pk_streams PRIMARY KEY,
            epoch varchar(36) NOT NULL DEFAULT gen_random_uuid()::text,
            last_seq bigint NOT NULL,
            trimmed_seq bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 85)
    """)
    op.execute("""
        CREATE TABLE matching.match_events (
            user_id uuid NOT NULL,
            seq bigint NOT NULL,
            type varchar(50) NOT NULL,
            data jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_match_events PRIMARY KEY (user_id, seq)
        )
    """)
    op.execute("CREATE INDEX ix_match_events_created_at ON matching.match_events (created_at)")
    # Who is there right now: written every few seconds, worth nothing after a crash.
    op.execute("""
        CREATE UNLOGGED TABLE matching.followers (
            user_id uuid CONSTRAINT pk_followers PRIMARY KEY,
            seen_at timestamptz NOT NULL
        ) WITH (fillfactor = 50)
    """)
    op.execute("CREATE INDEX ix_followers_seen_at ON matching.followers (seen_at)")


def _create_people() -> None:
    op.execute("""
        CREATE TABLE matching.blocks (
            blocker_id uuid NOT NULL,
            blocked_id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_blocks PRIMARY KEY (blocker_id, blocked_id),
            CONSTRAINT ck_blocks_two_people CHECK (blocker_id <> blocked_id)
        )
    """)
    op.execute("CREATE INDEX ix_blocks_blocked_id ON matching.blocks (blocked_id)")
    op.execute("""
        CREATE TABLE matching.reputations (
            user_id uuid CONSTRAINT pk_reputations PRIMARY KEY,
            no_shows integer NOT NULL DEFAULT 0,
            declines integer NOT NULL DEFAULT 0,
            last_no_show_at timestamptz
        )
    """)
    op.execute("""
        CREATE TABLE matching.barred_users (
            user_id uuid CONSTRAINT pk_barred_users PRIMARY KEY,
            reason varchar(20) NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE matching.invitations (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_invitations PRIMARY KEY,
            token_hash bytea NOT NULL CONSTRAINT uq_invitations_token_hash UNIQUE,
            inviter_id uuid NOT NULL,
            invitee_id uuid,
            language varchar(50) NOT NULL,
            difficulty varchar(50) NOT NULL,
            topics jsonb NOT NULL,
            inviter_role varchar(20) NOT NULL DEFAULT 'ANY',
            status varchar(20) NOT NULL DEFAULT 'open'
                CONSTRAINT ck_invitations_status CHECK (status IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')),
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            match_id uuid
        )
    """)
    op.execute("CREATE INDEX ix_invitations_inviter_id ON matching.invitations (inviter_id, created_at DESC)")
    op.execute("CREATE INDEX ix_invitations_invitee_id ON matching.invitations (invitee_id, created_at DESC)")
    op.execute("CREATE INDEX ix_invitations_expires_at ON matching.invitations (expires_at) WHERE status = 'open'")
