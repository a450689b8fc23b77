"""Exports of all that is known of a person, a search that has an index, and what finds old rows."""

from alembic import op
from subgraphs.kit.migration_parts import (
    create_inbox_age_index,
    drop_inbox_age_index,
)

revision = "users_0003"
down_revision = "users_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_inbox_age_index("users")
    op.execute("""
        CREATE TABLE users.data_exports (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_data_exports PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_data_exports_user_id REFERENCES users.users ON DELETE CASCADE,
            requested_at timestamptz NOT NULL,
            completed_at timestamptz,
            expires_at timestamptz NOT NULL,
            next_attempt_at timestamptz NOT NULL,
            failures integer NOT NULL DEFAULT 0
        )
    """)
    op.execute("CREATE INDEX ix_data_exports_user_id ON users.data_exports (user_id, requested_at)")
    op.execute("CREATE INDEX ix_data_exports_due ON users.data_exports (next_attempt_at) WHERE completed_at IS NULL")
    op.execute("CREATE INDEX ix_data_exports_expires_at ON users.data_exports (expires_at)")
    op.execute("""
        CREATE TABLE users.data_export_parts (
            export_id uuid NOT NULL CONSTRAINT fk_data_export_parts_export_id
                REFERENCES users.data_exports ON DELETE CASCADE,
            subgraph varchar(50) NOT NULL,
            document jsonb NOT NULL,
            items integer NOT NULL,
            sha256 varchar(64) NOT NULL,
            collected_at timestamptz NOT NULL,
            CONSTRAINT pk_data_export_parts PRIMARY KEY (export_id, subgraph)
        )
    """)
    # Every three characters in a row of the name and the address, in plain SQL: pg_trgm is not everywhere where PostgreSQL is.
    op.execute("""
        CREATE FUNCTION users.grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT substr(lower(words), start, 3)), '{}')
            FROM generate_series(1, length(words) - 2) AS start
        $$
    """)
    op.execute("""
        ALTER TABLE users.users
            ADD COLUMN search_grams text[] GENERATED ALWAYS AS (users.grams(name) || users.grams(email)) STORED
    """)
    op.execute("CREATE INDEX ix_users_search_grams ON users.users USING gin (search_grams)")
    op.execute("CREATE INDEX ix_auth_sessions_expires_at ON users.auth_sessions (expires_at)")
    op.execute("CREATE INDEX ix_auth_sessions_revoked_at ON users.auth_sessions (revoked_at)")
    op.execute("CREATE INDEX ix_refresh_tokens_expires_at ON users.refresh_tokens (expires_at)")
    op.execute("CREATE INDEX ix_confirmations_expires_at ON users.confirmations (expires_at)")


def downgrade() -> None:
    op.execute("DROP INDEX users.ix_confirmations_expires_at")
    op.execute("DROP INDEX users.ix_refresh_tokens_expires_at")
    op.execute("DROP INDEX users.ix_auth_sessions_revoked_at")
    op.execute("DROP INDEX users.ix_auth_sessions_expires_at")
    op.execute("ALTER TABLE users.users DROP COLUMN search_grams")
    op.execute("DROP FUNCTION users.grams(text)")
    op.execute("DROP TABLE users.data_export_parts")
    op.execute("DROP TABLE users.data_exports")
    drop_inbox_age_index("users")
