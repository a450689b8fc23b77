"""Sessions, their log, and everything that belongs to one."""

from alembic import op
from subgraphs.kit.migration_parts import create_outbox_and_inbox, drop_outbox_and_inbox

revision = "collaboration_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE collaboration.sessions (
        id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_sessions PRIMARY KEY,
        match_id uuid CONSTRAINT uq_sessions_match_id UNIQUE,
        question_id uuid,
        code text NOT NULL DEFAULT '',
        code_seq bigint NOT NULL DEFAULT 0,
        language varchar(50) NOT NULL DEFAULT 'javascript',
        status varchar(50) NOT NULL DEFAULT 'active' CONSTRAINT ck_sessions_status CHECK (status IN ('active', 'ended')),
        text_name varchar(120) NOT NULL,
        round integer NOT NULL DEFAULT 1,
        phase varchar(30) NOT NULL DEFAULT 'introduction',
        phase_started_at timestamptz NOT NULL DEFAULT now(),
        phase_ends_at timestamptz,
        difficulty varchar(50),
        topics jsonb NOT NULL DEFAULT '[]'::jsonb,
        end_reason varchar(30),
        ended_by uuid,
        outcome_sent_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        ended_at timestamptz
    )
    """,
    "CREATE INDEX ix_sessions_active ON collaboration.sessions (created_at) WHERE status = 'active'",
    """
    CREATE INDEX ix_sessions_outcome_due ON collaboration.sessions (ended_at)
    WHERE status = 'ended' AND outcome_sent_at IS NULL
    """,
    # A keystroke updates this row: room on its page keeps those updates cheap (HOT) without touching an index.
    """
    CREATE TABLE collaboration.session_logs (
        session_id uuid CONSTRAINT pk_session_logs PRIMARY KEY
            CONSTRAINT fk_session_logs_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        epoch uuid NOT NULL DEFAULT gen_random_uuid(),
        head_seq bigint NOT NULL DEFAULT 0,
        document_seq bigint NOT NULL DEFAULT 0,
        document_bytes bigint NOT NULL DEFAULT 0,
        is_closed boolean NOT NULL DEFAULT false,
        active_at timestamptz NOT NULL DEFAULT now(),
        empty_since timestamptz DEFAULT now()
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE collaboration.participants (
        session_id uuid NOT NULL
            CONSTRAINT fk_participants_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        role varchar(30) NOT NULL,
        color varchar(9) NOT NULL,
        is_polite boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        joined_at timestamptz,
        removed_at timestamptz,
        CONSTRAINT pk_participants PRIMARY KEY (session_id, user_id)
    )
    """,
    "CREATE INDEX ix_participants_user_id ON collaboration.participants (user_id, session_id)",
    """
    CREATE TABLE collaboration.session_events (
        session_id uuid NOT NULL
            CONSTRAINT fk_session_events_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        seq bigint NOT NULL,
        kind varchar(30) NOT NULL,
        user_id uuid,
        data jsonb NOT NULL DEFAULT '{}'::jsonb,
        update bytea,
        client_id varchar(64),
        client_seq bigint,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_session_events PRIMARY KEY (session_id, seq)
    )
    """,
    """
    CREATE INDEX ix_session_events_updates ON collaboration.session_events (session_id, seq)
    WHERE update IS NOT NULL
    """,
    """
    CREATE INDEX ix_session_events_client ON collaboration.session_events (session_id, client_id, client_seq)
    WHERE client_id IS NOT NULL
    """,
    """
    CREATE TABLE collaboration.document_clients (
        session_id uuid NOT NULL
            CONSTRAINT fk_document_clients_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        client bigint NOT NULL,
        user_id uuid,
        CONSTRAINT pk_document_clients PRIMARY KEY (session_id, client)
    )
    """,
    """
    CREATE TABLE collaboration.document_texts (
        session_id uuid NOT NULL
            CONSTRAINT fk_document_texts_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        name varchar(120) NOT NULL,
        language varchar(50) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_document_texts PRIMARY KEY (session_id, name)
    )
    """,
    """
    CREATE TABLE collaboration.document_snapshots (
        session_id uuid CONSTRAINT pk_document_snapshots PRIMARY KEY
            CONSTRAINT fk_document_snapshots_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        seq bigint NOT NULL,
        data bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE collaboration.session_messages (
        id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_session_messages PRIMARY KEY,
        session_id uuid NOT NULL
            CONSTRAINT fk_session_messages_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        user_id uuid,
        message text NOT NULL,
        nonce varchar(64),
        reply_to_id uuid
            CONSTRAINT fk_session_messages_reply_to_id REFERENCES collaboration.session_messages (id) ON DELETE SET NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        edited_at timestamptz,
        deleted_at timestamptz,
        CONSTRAINT uq_session_messages_nonce UNIQUE (session_id, user_id, nonce)
    )
    """,
    """
    CREATE INDEX ix_session_messages_session_id ON collaboration.session_messages (session_id, created_at, id)
    """,
    # Presence is worth nothing after a crash of the database, so it is not written ahead.
    """
    CREATE UNLOGGED TABLE collaboration.connections (
        id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_connections PRIMARY KEY,
        session_id uuid NOT NULL
            CONSTRAINT fk_connections_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        replica varchar(64) NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX ix_connections_session_id ON collaboration.connections (session_id)",
    "CREATE INDEX ix_connections_replica ON collaboration.connections (replica)",
    "CREATE INDEX ix_connections_seen_at ON collaboration.connections (seen_at)",
    """
    CREATE TABLE collaboration.session_runs (
        id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_session_runs PRIMARY KEY,
        session_id uuid NOT NULL
            CONSTRAINT fk_session_runs_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        user_id uuid,
        question_id uuid,
        kind varchar(20) NOT NULL,
        language varchar(50) NOT NULL,
        source text NOT NULL,
        status varchar(20) NOT NULL,
        verdict varchar(30),
        passed integer NOT NULL DEFAULT 0,
        total integer NOT NULL DEFAULT 0,
        result jsonb NOT NULL DEFAULT '{}'::jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    "CREATE INDEX ix_session_runs_session_id ON collaboration.session_runs (session_id, created_at, id)",
    "CREATE INDEX ix_session_runs_unfinished ON collaboration.session_runs (created_at) WHERE finished_at IS NULL",
    """
    CREATE TABLE collaboration.session_notes (
        session_id uuid NOT NULL
            CONSTRAINT fk_session_notes_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        text text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_session_notes PRIMARY KEY (session_id, user_id)
    )
    """,
    """
    CREATE TABLE collaboration.session_feedback (
        session_id uuid NOT NULL
            CONSTRAINT fk_session_feedback_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        author_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        rating integer NOT NULL CONSTRAINT ck_session_feedback_rating CHECK (rating BETWEEN 1 AND 5),
        has_solved boolean,
        rubric jsonb NOT NULL DEFAULT '{}'::jsonb,
        comment text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_session_feedback PRIMARY KEY (session_id, author_id)
    )
    """,
    """
    CREATE TABLE collaboration.invitations (
        id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_invitations PRIMARY KEY,
        code_hash varchar(64) NOT NULL CONSTRAINT uq_invitations_code_hash UNIQUE,
        inviter_id uuid NOT NULL,
        session_id uuid
            CONSTRAINT fk_invitations_session_id REFERENCES collaboration.sessions (id) ON DELETE CASCADE,
        question_id uuid,
        language varchar(50) NOT NULL,
        role varchar(30) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        accepted_by uuid,
        accepted_at timestamptz
    )
    """,
    "CREATE INDEX ix_invitations_inviter_id ON collaboration.invitations (inviter_id, created_at)",
)

TABLE_NAMES = (
    "invitations",
    "session_feedback",
    "session_notes",
    "session_runs",
    "connections",
    "session_messages",
    "document_snapshots",
    "document_texts",
    "document_clients",
    "session_events",
    "participants",
    "session_logs",
    "sessions",
)


def upgrade() -> None:
    create_outbox_and_inbox("collaboration")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    for name in TABLE_NAMES:
        op.execute(f"DROP TABLE collaboration.{name}")
    drop_outbox_and_inbox("collaboration")
