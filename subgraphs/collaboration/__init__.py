"""The collaboration subgraph: sessions of two people, with a shared document, chat, presence and calls.

Reading order: rules, errors, models, log_events, update_format (read hostile bytes), document_text, awareness; log_repository and
repository (every SQL statement); document_log (group commit), room (fan-out), writing (one transaction on one session); the use
cases: service, document_service, chat_service, live_service, presence, stream, question_source; GraphQL: types, event_types, error_types,
inputs, queries, mutations, subscriptions, loaders; context, schema, settings, app.
"""
