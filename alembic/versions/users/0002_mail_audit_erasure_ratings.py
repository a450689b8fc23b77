"""Mail that waits to be sent and the links in it, the audit log, proofs of erasure, ratings with their history, idempotency keys."""

from alembic import op
from subgraphs.kit.migration_parts import create_idempotency_keys, drop_idempotency_keys

revision = "users_0002"
down_revision = "users_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_idempotency_keys("users")
    op.execute("""
        CREATE TABLE users.mail_requests (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_mail_requests PRIMARY KEY,
            kind varchar(50) NOT NULL,
            email varchar(255) NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 0,
            next_attempt_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("CREATE INDEX ix_mail_requests_next_attempt_at ON users.mail_requests (next_attempt_at, id)")
    op.execute("""
        CREATE TABLE users.confirmations (
            token_hash bytea CONSTRAINT pk_confirmations PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_confirmations_user_id REFERENCES users.users ON DELETE CASCADE,
            purpose varchar(50) NOT NULL,
            email varchar(255) NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_confirmations_user_id ON users.confirmations (user_id)")
    op.execute("""
        CREATE TABLE users.audit_entries (
            seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit_entries PRIMARY KEY,
            actor_id uuid,
            action varchar(50) NOT NULL,
            user_id uuid NOT NULL,
            details jsonb NOT NULL DEFAULT '{}',
            recorded_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("CREATE INDEX ix_audit_entries_user_id ON users.audit_entries (user_id, seq)")
    op.execute("""
        CREATE TABLE users.erasures (
            user_id uuid CONSTRAINT pk_erasures PRIMARY KEY,
            receipt uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT uq_erasures_receipt UNIQUE,
            requested_at timestamptz NOT NULL,
            completed_at timestamptz
        )
    """)
    op.execute("""
        CREATE TABLE users.erasure_proofs (
            user_id uuid NOT NULL CONSTRAINT fk_erasure_proofs_user_id REFERENCES users.erasures ON DELETE CASCADE,
            subgraph varchar(50) NOT NULL,
            erased_at timestamptz NOT NULL,
            CONSTRAINT pk_erasure_proofs PRIMARY KEY (user_id, subgraph)
        )
    """)
    op.execute("""
        CREATE TABLE users.ratings (
            user_id uuid NOT NULL CONSTRAINT fk_ratings_user_id REFERENCES users.users ON DELETE CASCADE,
            topic varchar(100) NOT NULL,
            rating double precision NOT NULL,
            deviation double precision NOT NULL,
            volatility double precision NOT NULL,
            sessions integer NOT NULL,
            moved_at timestamptz NOT NULL,
            CONSTRAINT pk_ratings PRIMARY KEY (user_id, topic)
        )
    """)
    op.execute("""
        CREATE TABLE users.rating_changes (
            seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_rating_changes PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_rating_changes_user_id REFERENCES users.users ON DELETE CASCADE,
            topic varchar(100) NOT NULL,
            session_id uuid NOT NULL,
            rating double precision NOT NULL,
            deviation double precision NOT NULL,
            recorded_at timestamptz NOT NULL,
            CONSTRAINT uq_rating_changes_user_id_topic_session_id UNIQUE (user_id, topic, session_id)
        )
    """)
    op.execute("CREATE INDEX ix_rating_changes_user_id_topic ON users.rating_changes (user_id, topic, seq)")


def downgrade() -> None:
    tables = (
        "rating_changes",
        "ratings",
        "erasure_proofs",
        "erasures",
        "audit_entries",
        "confirmations",
        "mail_requests",
    )
    for table in tables:
        op.execute(f"DROP TABLE users.{table}")
    drop_idempotency_keys("users")
