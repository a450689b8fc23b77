"""Accounts, the sessions they are logged in with, refresh tokens, the keys that sign access tokens, and allowances."""

from alembic import op
from subgraphs.kit.migration_parts import (
    create_outbox_and_inbox,
    create_touch_function,
    drop_outbox_and_inbox,
    drop_touch_function,
    touch_updated_at,
)

revision = "users_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_touch_function("users")
    create_outbox_and_inbox("users")
    op.execute("""
        CREATE TABLE users.users (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_users PRIMARY KEY,
            email varchar(255) NOT NULL CONSTRAINT uq_users_email UNIQUE,
            name varchar(255) NOT NULL,
            role varchar(50) NOT NULL DEFAULT 'user',
            skill_level varchar(50) NOT NULL DEFAULT 'beginner',
            created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            password_hash text,
            issuer text NOT NULL DEFAULT '',
            email_verified_at timestamptz,
            self_assessment varchar(50),
            bio text NOT NULL DEFAULT '',
            avatar_url text,
            time_zone varchar(64),
            preferred_languages jsonb NOT NULL DEFAULT '[]',
            preferred_topics jsonb NOT NULL DEFAULT '[]',
            links jsonb NOT NULL DEFAULT '[]',
            version integer NOT NULL DEFAULT 1,
            suspended_at timestamptz,
            suspension_reason text,
            deleted_at timestamptz,
            CONSTRAINT ck_users_email_is_lower_case CHECK (email = lower(email)),
            CONSTRAINT ck_users_role_is_known CHECK (role IN ('user', 'moderator', 'admin')),
            CONSTRAINT ck_users_skill_level_is_known CHECK (skill_level IN ('beginner', 'intermediate', 'advanced')),
            CONSTRAINT ck_users_self_assessment_is_known CHECK (self_assessment IN ('beginner', 'intermediate', 'advanced'))
        )
    """)
    touch_updated_at("users", "users")
    op.execute("CREATE INDEX ix_users_created_at_id ON users.users (created_at, id)")
    op.execute("CREATE INDEX ix_users_name_id ON users.users (name, id)")
    op.execute("""
        CREATE TABLE users.auth_sessions (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_auth_sessions PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_auth_sessions_user_id REFERENCES users.users ON DELETE CASCADE,
            created_at timestamptz NOT NULL,
            last_used_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            revoked_reason varchar(50),
            user_agent varchar(300),
            address varchar(64)
        )
    """)
    op.execute("CREATE INDEX ix_auth_sessions_user_id ON users.auth_sessions (user_id, last_used_at DESC)")
    op.execute("""
        CREATE TABLE users.refresh_tokens (
            token_hash bytea CONSTRAINT pk_refresh_tokens PRIMARY KEY,
            session_id uuid NOT NULL CONSTRAINT fk_refresh_tokens_session_id REFERENCES users.auth_sessions ON DELETE CASCADE,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            successor_hash bytea,
            successor_salt bytea
        )
    """)
    op.execute("CREATE INDEX ix_refresh_tokens_session_id ON users.refresh_tokens (session_id)")
    op.execute("""
        CREATE TABLE users.signing_keys (
            kid varchar(64) CONSTRAINT pk_signing_keys PRIMARY KEY,
            public_key jsonb NOT NULL,
            private_key bytea NOT NULL,
            is_encrypted boolean NOT NULL,
            created_at timestamptz NOT NULL,
            active_from timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE users.allowances (
            key varchar(120) CONSTRAINT pk_allowances PRIMARY KEY,
            free_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_allowances_free_at ON users.allowances (free_at)")


def downgrade() -> None:
    for table in ("allowances", "signing_keys", "refresh_tokens", "auth_sessions", "users"):
        op.execute(f"DROP TABLE users.{table}")
    drop_outbox_and_inbox("users")
    drop_touch_function("users")
