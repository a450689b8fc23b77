"""Samples and the number of cases apart from the test cases, which can be large and which lists do not need."""

from alembic import op

revision = "questions_0003"
down_revision = "questions_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE questions.questions
            ADD COLUMN samples jsonb GENERATED ALWAYS AS
                (jsonb_path_query_array(coalesce(test_cases, '[]'), '$[*] ? (@.sample == true)')) STORED,
            ADD COLUMN case_count integer GENERATED ALWAYS AS (jsonb_array_length(coalesce(test_cases, '[]'))) STORED
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE questions.questions DROP COLUMN case_count, DROP COLUMN samples")
