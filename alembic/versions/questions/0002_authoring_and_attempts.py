"""Revisions of questions, everybody's attempts, and search that forgives typing errors."""

from alembic import op

revision = "questions_0002"
down_revision = "questions_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE questions.question_revisions (
            question_id uuid NOT NULL CONSTRAINT fk_question_revisions_question_id
                REFERENCES questions.questions (id) ON DELETE CASCADE,
            version integer NOT NULL,
            content jsonb NOT NULL,
            note varchar(500) NOT NULL DEFAULT '',
            changed_by uuid,
            changed_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_question_revisions PRIMARY KEY (question_id, version)
        )
    """)
    op.execute("""
        CREATE TABLE questions.attempts (
            id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_attempts PRIMARY KEY,
            event_id uuid NOT NULL,
            user_id uuid NOT NULL,
            question_id uuid NOT NULL CONSTRAINT fk_attempts_question_id REFERENCES questions.questions (id) ON DELETE CASCADE,
            session_id uuid,
            language varchar(20) NOT NULL,
            verdict varchar(40) NOT NULL,
            passed integer NOT NULL,
            total integer NOT NULL,
            time_ms integer,
            submitted_at timestamptz NOT NULL,
            CONSTRAINT uq_attempts_event_id_user_id UNIQUE (event_id, user_id)
        )
    """)
    op.execute("CREATE INDEX ix_attempts_user_id ON questions.attempts (user_id, submitted_at, id)")
    op.execute("CREATE INDEX ix_attempts_question_id ON questions.attempts (question_id, verdict)")
    # Trigrams of our own, in plain SQL: the extension pg_trgm is not everywhere where PostgreSQL is.
    op.execute("""
        CREATE FUNCTION questions.trigrams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT substr(word, start, 3)), '{}')
            FROM regexp_split_to_table(lower(words), '[^[:alnum:]]+') AS plain,
                 LATERAL (SELECT '  ' || plain || ' ' AS word) AS padded,
                 generate_series(1, length(word) - 2) AS start
            WHERE plain <> ''
        $$
    """)
    op.execute("""
        CREATE FUNCTION questions.share_of(wanted text[], found text[]) RETURNS double precision
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT coalesce(count(*) FILTER (WHERE entry = ANY (found))::double precision / nullif(count(*), 0), 0)
            FROM unnest(wanted) AS entry
        $$
    """)
    op.execute("""
        ALTER TABLE questions.questions
            ADD COLUMN title_trigrams text[] GENERATED ALWAYS AS (questions.trigrams(title)) STORED
    """)
    op.execute("CREATE INDEX ix_questions_title_trigrams ON questions.questions USING gin (title_trigrams)")


def downgrade() -> None:
    op.execute("ALTER TABLE questions.questions DROP COLUMN title_trigrams")
    op.execute("DROP FUNCTION questions.share_of(text[], text[])")
    op.execute("DROP FUNCTION questions.trigrams(text)")
    op.execute("DROP TABLE questions.attempts")
    op.execute("DROP TABLE questions.question_revisions")
