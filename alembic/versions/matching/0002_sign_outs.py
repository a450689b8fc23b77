"""Log-ins that were ended, and what finds old rows of the inbox."""

from subgraphs.kit.migration_parts import (
    create_inbox_age_index,
    create_sign_outs,
    drop_inbox_age_index,
    drop_sign_outs,
)

revision = "matching_0002"
down_revision = "matching_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_inbox_age_index("matching")
    create_sign_outs("matching")


def downgrade() -> None:
    drop_sign_outs("matching")
    drop_inbox_age_index("matching")
