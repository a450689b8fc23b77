"""The event bus on PostgreSQL: events in commit order, and how far each consumer has come."""

from alembic import op

revision = "bus_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bus.events (
            seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id uuid NOT NULL CONSTRAINT uq_events_event_id UNIQUE,
            type varchar(100) NOT NULL,
            source varchar(50) NOT NULL,
            subject varchar(100) NOT NULL,
            data jsonb NOT NULL,
            traceparent text,
            occurred_at timestamptz NOT NULL,
            published_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE bus.consumers (
            name varchar(50) PRIMARY KEY,
            position bigint NOT NULL,
            moved_at timestamptz NOT NULL DEFAULT now()
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE bus.consumers")
    op.execute("DROP TABLE bus.events")
