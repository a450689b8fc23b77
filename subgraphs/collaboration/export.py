"""What this subgraph knows of a person: sessions and their code, messages, runs, notes, feedback, what is in the logs by the person's hand.

Messages, runs and notes of the partner are the partner's; feedback that is still sealed is told to nobody, not even here.
Single keystrokes are left out: `sessionExport` has them for each session, in the words of both who made them.
"""

from __future__ import annotations

SECTIONS = {
    "sessions": """
        SELECT sessions.id::text COLLATE "C" AS key,
               jsonb_build_object(
                   'id', sessions.id, 'match_id', match_id, 'question_id', question_id, 'role', participants.role,
                   'language', language, 'status', status,
                   'code', CASE WHEN participants.role <> 'viewer' THEN code END, 'difficulty', difficulty, 'topics', topics,
                   'end_reason', end_reason, 'created_at', sessions.created_at, 'joined_at', participants.joined_at,
                   'started_at', started_at, 'ended_at', ended_at
               ) AS item
        FROM collaboration.participants JOIN collaboration.sessions ON sessions.id = participants.session_id
        WHERE user_id = :user_id AND sessions.id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "messages": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(session_messages) - 'nonce' AS item
        FROM collaboration.session_messages
        WHERE user_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "runs": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(session_runs) AS item FROM collaboration.session_runs
        WHERE user_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "notes": """
        SELECT session_id::text COLLATE "C" AS key, to_jsonb(session_notes) AS item FROM collaboration.session_notes
        WHERE user_id = :user_id AND session_id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "feedbackGiven": """
        SELECT session_id::text COLLATE "C" AS key, to_jsonb(session_feedback) - 'subject_id' AS item
        FROM collaboration.session_feedback
        WHERE author_id = :user_id AND session_id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "feedbackReceived": """
        SELECT got.session_id::text COLLATE "C" AS key, to_jsonb(got) - 'author_id' AS item
        FROM collaboration.session_feedback AS got JOIN collaboration.sessions ON sessions.id = got.session_id
        WHERE got.subject_id = :user_id AND got.session_id::text COLLATE "C" > :after
          AND (sessions.ended_at < now() - interval '24 hours' OR EXISTS (
              SELECT FROM collaboration.session_feedback AS given
              WHERE given.session_id = got.session_id AND given.author_id = :user_id
          ))
        ORDER BY key LIMIT :limit
    """,
    "invitations": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(invitations) - 'code_hash' - 'accepted_by' AS item
        FROM collaboration.invitations
        WHERE inviter_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "events": """
        SELECT (session_id::text || ':' || lpad(seq::text, 20, '0')) COLLATE "C" AS key,
               jsonb_build_object(
                   'session_id', session_id, 'seq', seq, 'kind', kind, 'data', data, 'created_at', created_at
               ) AS item
        FROM collaboration.session_events
        WHERE user_id = :user_id AND update IS NULL AND session_id IN (
                  SELECT session_id FROM collaboration.participants WHERE user_id = :user_id
              )
          AND (session_id::text || ':' || lpad(seq::text, 20, '0')) COLLATE "C" > :after
        ORDER BY key LIMIT :limit
    """,
}
