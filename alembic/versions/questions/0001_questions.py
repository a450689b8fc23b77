"""Questions with full-text search, picks for matches, progress per person."""

from alembic import op
from subgraphs.kit.migration_parts import (
    create_outbox_and_inbox,
    create_touch_function,
    drop_outbox_and_inbox,
    drop_touch_function,
    touch_updated_at,
)

revision = "questions_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_outbox_and_inbox("questions")
    create_touch_function("questions")
    # array_to_string is only STABLE, and a generated column wants IMMUTABLE; for text arrays it is.
    op.execute("""
        CREATE FUNCTION questions.words_of(words text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT array_to_string(words, ' ') $$
    """)
    op.execute("""
        CREATE TABLE questions.questions (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_questions PRIMARY KEY,
            title varchar(255) NOT NULL,
            description text NOT NULL,
            difficulty varchar(50) NOT NULL CONSTRAINT ck_questions_difficulty CHECK (difficulty IN ('EASY', 'MEDIUM', 'HARD')),
            category text[] NOT NULL,
            examples text,
            constraints text,
            test_cases jsonb,
            created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
            slug varchar(120) NOT NULL,
            source varchar(60) NOT NULL DEFAULT 'tandem',
            status varchar(20) NOT NULL DEFAULT 'PUBLISHED'
                CONSTRAINT ck_questions_status CHECK (status IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
            version integer NOT NULL DEFAULT 1,
            tags text[] NOT NULL DEFAULT '{}',
            companies text[] NOT NULL DEFAULT '{}',
            hints text[] NOT NULL DEFAULT '{}',
            editorial text NOT NULL DEFAULT '',
            signature jsonb NOT NULL,
            comparison jsonb NOT NULL,
            starter_code jsonb NOT NULL,
            solution jsonb NOT NULL DEFAULT '{}',
            provenance jsonb NOT NULL DEFAULT '{}',
            time_limit_ms integer NOT NULL,
            memory_limit_mb integer NOT NULL,
            languages text[] NOT NULL,
            search_vector tsvector GENERATED ALWAYS AS (
                setweight(to_tsvector('english', title), 'A')
                || setweight(to_tsvector('english', questions.words_of(category || tags)), 'B')
                || setweight(to_tsvector('english', description), 'C')
            ) STORED,
            CONSTRAINT uq_questions_source_slug UNIQUE (source, slug)
        )
    """)
    op.execute("CREATE INDEX ix_questions_created_at ON questions.questions (created_at, id)")
    op.execute("CREATE INDEX ix_questions_category ON questions.questions USING gin (category)")
    op.execute("CREATE INDEX ix_questions_search ON questions.questions USING gin (search_vector)")
    touch_updated_at("questions", "questions")
    op.execute("""
        CREATE TABLE questions.question_picks (
            match_id uuid CONSTRAINT pk_question_picks PRIMARY KEY,
            question_id uuid NOT NULL CONSTRAINT fk_question_picks_question_id REFERENCES questions.questions (id),
            is_new_to_all boolean NOT NULL,
            picked_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE questions.question_progress (
            user_id uuid NOT NULL,
            question_id uuid NOT NULL CONSTRAINT fk_question_progress_question_id
                REFERENCES questions.questions (id) ON DELETE CASCADE,
            status varchar(20) NOT NULL CONSTRAINT ck_question_progress_status CHECK (status IN ('SEEN', 'ATTEMPTED', 'SOLVED')),
            attempts integer NOT NULL DEFAULT 0,
            best_time_ms integer,
            first_seen_at timestamptz NOT NULL DEFAULT now(),
            solved_at timestamptz,
            CONSTRAINT pk_question_progress PRIMARY KEY (user_id, question_id)
        )
    """)
    op.execute("CREATE INDEX ix_question_progress_question_id ON questions.question_progress (question_id)")


def downgrade() -> None:
    op.execute("DROP TABLE questions.question_progress")
    op.execute("DROP TABLE questions.question_picks")
    op.execute("DROP TABLE questions.questions")
    op.execute("DROP FUNCTION questions.words_of(text[])")
    drop_touch_function("questions")
    drop_outbox_and_inbox("questions")
