"""The collaboration subgraph: sessions of two people, with a shared document, chat, presence, calls, and code that runs.

Reading order:
values and decisions: rules, errors, models, log_events, text_positions, update_format (read hostile bytes), document_text, awareness,
    playback, judging, compaction;
SQL: log_repository, opening, repository, people_repository;
machinery: known_logs and document_log (group commit), room (fan-out), writing (one transaction on one session), stream (follow one);
use cases: service, document_service, chat_service, live_service, presence, execution_service, history_service, feedback_service,
    notes_service, invitation_service, lifecycle, access, erasure, question_source; `execution/` is the sandboxed runner;
GraphQL: types, event_types, run_types, practice_types, history_types, error_types, inputs, practice_inputs, queries, mutations,
    practice_mutations, subscriptions, loaders;
wiring: context, schema, settings, app.
"""
