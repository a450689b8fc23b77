"""Pieces of DDL that all subgraphs share: outbox, inbox, idempotency keys, sign-outs, and the trigger that keeps `updated_at` true."""

from __future__ import annotations

from alembic import op


def create_outbox_and_inbox(schema: str) -> None:
    """The tables of `models.OutboxRow` and `models.InboxRow`."""
    op.execute(f"""
        CREATE TABLE {schema}.outbox (
            seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
            event_id uuid NOT NULL CONSTRAINT uq_outbox_event_id UNIQUE,
            type varchar(100) NOT NULL,
            subject varchar(100) NOT NULL,
            data jsonb NOT NULL,
            traceparent text,
            occurred_at timestamptz NOT NULL DEFAULT now(),
            published_at timestamptz
        )
    """)
    op.execute(f"CREATE INDEX ix_outbox_unpublished ON {schema}.outbox (seq) WHERE published_at IS NULL")
    op.execute(f"""
        CREATE TABLE {schema}.inbox (
            event_id uuid CONSTRAINT pk_inbox PRIMARY KEY,
            type varchar(100) NOT NULL,
            handled_at timestamptz NOT NULL DEFAULT now()
        )
    """)


def drop_outbox_and_inbox(schema: str) -> None:
    op.execute(f"DROP TABLE {schema}.inbox")
    op.execute(f"DROP TABLE {schema}.outbox")


def create_idempotency_keys(schema: str) -> None:
    """The table of `idempotency.IdempotencyRow`."""
    op.execute(f"""
        CREATE TABLE {schema}.idempotency_keys (
            owner varchar(64) NOT NULL,
            operation varchar(64) NOT NULL,
            key varchar(100) NOT NULL,
            fingerprint bytea NOT NULL,
            result jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_idempotency_keys PRIMARY KEY (owner, operation, key)
        )
    """)
    op.execute(f"CREATE INDEX ix_idempotency_keys_created_at ON {schema}.idempotency_keys (created_at)")


def drop_idempotency_keys(schema: str) -> None:
    op.execute(f"DROP TABLE {schema}.idempotency_keys")


def create_touch_function(schema: str) -> None:
    """The trigger function behind `touch_updated_at`; once per schema."""
    op.execute(f"""
        CREATE FUNCTION {schema}.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at = now();
            RETURN NEW;
        END
        $$
    """)


def drop_touch_function(schema: str) -> None:
    op.execute(f"DROP FUNCTION {schema}.touch_updated_at()")


def touch_updated_at(schema: str, table: str) -> None:
    """Keep `updated_at` of this table true, whoever updates a row."""
    op.execute(f"""
        CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {schema}.{table}
        FOR EACH ROW EXECUTE FUNCTION {schema}.touch_updated_at()
    """)


def create_inbox_age_index(schema: str) -> None:
    """What finds the oldest rows of the inbox when they are purged."""
    op.execute(f"CREATE INDEX ix_inbox_handled_at ON {schema}.inbox (handled_at)")


def drop_inbox_age_index(schema: str) -> None:
    op.execute(f"DROP INDEX {schema}.ix_inbox_handled_at")


def create_sign_outs(schema: str) -> None:
    """The table of `models.SignOutRow`."""
    op.execute(f"""
        CREATE TABLE {schema}.sign_outs (
            key varchar(80) CONSTRAINT pk_sign_outs PRIMARY KEY,
            ended_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute(f"CREATE INDEX ix_sign_outs_ended_at ON {schema}.sign_outs (ended_at)")


def drop_sign_outs(schema: str) -> None:
    op.execute(f"DROP TABLE {schema}.sign_outs")
