"""What this subgraph knows of a person: tickets, matches, invitations, blocks, events. Who the partners were is theirs to tell."""

from __future__ import annotations

SECTIONS = {
    "matchRequests": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(match_requests) - 'bucket' - 'next_look_at' AS item
        FROM matching.match_requests
        WHERE user_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "matches": """
        SELECT matches.id::text COLLATE "C" AS key,
               jsonb_build_object(
                   'id', matches.id, 'question_id', question_id, 'session_id', session_id, 'status', status,
                   'language', language, 'difficulty', difficulty, 'topics', topics, 'created_at', matches.created_at,
                   'ended_at', ended_at, 'end_reason', end_reason, 'was_interviewer', interviewer_id = :user_id,
                   'has_met', has_met
               ) AS item
        FROM matching.participants JOIN matching.matches ON matches.id = participants.match_id
        WHERE user_id = :user_id AND matches.id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "invitations": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(invitations) - 'token_hash' - 'invitee_id' AS item
        FROM matching.invitations
        WHERE inviter_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "blocks": """
        SELECT blocked_id::text COLLATE "C" AS key,
               jsonb_build_object('blocked_id', blocked_id, 'created_at', created_at) AS item
        FROM matching.blocks
        WHERE blocker_id = :user_id AND blocked_id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "reputation": """
        SELECT 'reputation' AS key, to_jsonb(reputations) AS item FROM matching.reputations
        WHERE user_id = :user_id AND :after = '' LIMIT :limit
    """,
    "events": """
        SELECT lpad(seq::text, 20, '0') COLLATE "C" AS key,
               jsonb_build_object('seq', seq, 'type', type, 'data', data, 'created_at', created_at) AS item
        FROM matching.match_events
        WHERE user_id = :user_id AND lpad(seq::text, 20, '0') COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
}
