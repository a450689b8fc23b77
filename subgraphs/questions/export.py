"""What this subgraph knows of a person: submissions, progress, and what an author has written of questions."""

from __future__ import annotations

SECTIONS = {
    "attempts": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(attempts) - 'event_id' AS item FROM questions.attempts
        WHERE user_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "progress": """
        SELECT question_id::text COLLATE "C" AS key, to_jsonb(question_progress) AS item FROM questions.question_progress
        WHERE user_id = :user_id AND question_id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "revisions": """
        SELECT (question_id::text || ':' || lpad(version::text, 10, '0')) COLLATE "C" AS key,
               to_jsonb(question_revisions) AS item
        FROM questions.question_revisions
        WHERE changed_by = :user_id
          AND (question_id::text || ':' || lpad(version::text, 10, '0')) COLLATE "C" > :after
        ORDER BY key LIMIT :limit
    """,
}
