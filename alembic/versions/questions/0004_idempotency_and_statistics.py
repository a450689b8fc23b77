"""Idempotency keys, statistics that are counted when they change, log-ins that were ended."""

from alembic import op
from subgraphs.kit.migration_parts import (
    create_idempotency_keys,
    create_inbox_age_index,
    create_sign_outs,
    drop_idempotency_keys,
    drop_inbox_age_index,
    drop_sign_outs,
)

revision = "questions_0004"
down_revision = "questions_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_inbox_age_index("questions")
    create_sign_outs("questions")
    create_idempotency_keys("questions")
    op.execute("""
        CREATE TABLE questions.question_statistics (
            question_id uuid CONSTRAINT pk_question_statistics PRIMARY KEY
                CONSTRAINT fk_question_statistics_question_id REFERENCES questions.questions (id) ON DELETE CASCADE,
            attempts bigint NOT NULL DEFAULT 0,
            accepted bigint NOT NULL DEFAULT 0,
            solvers bigint NOT NULL DEFAULT 0
        )
    """)
    op.execute("""
        INSERT INTO questions.question_statistics (question_id, attempts, accepted, solvers)
        SELECT question_id, count(*), count(*) FILTER (WHERE verdict = 'ACCEPTED'),
               count(DISTINCT user_id) FILTER (WHERE verdict = 'ACCEPTED')
        FROM questions.attempts GROUP BY question_id
    """)
    # Nothing but the counts was ever looked up by it.
    op.execute("DROP INDEX questions.ix_attempts_question_id")


def downgrade() -> None:
    op.execute("CREATE INDEX ix_attempts_question_id ON questions.attempts (question_id, verdict)")
    op.execute("DROP TABLE questions.question_statistics")
    drop_idempotency_keys("questions")
    drop_sign_outs("questions")
    drop_inbox_age_index("questions")
