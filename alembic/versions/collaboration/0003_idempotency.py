"""Creating calls that were done, by the key of their client."""

from subgraphs.kit.migration_parts import create_idempotency_keys, drop_idempotency_keys

revision = "collaboration_0003"
down_revision = "collaboration_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_idempotency_keys("collaboration")


def downgrade() -> None:
    drop_idempotency_keys("collaboration")
