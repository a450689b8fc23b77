"""Accounts: who people are, how they log in, what they may do, how good they are.

What may be: rules, errors, refresh_tokens (when one may be swapped), glicko2 and skills (what a session does to a rating): pure.
What happens: service (sign up, profiles), session_service (log in, refresh, log out), credential_service (passwords, confirmed addresses),
admin_service, erasure_service, export_service with export_collector, rating_service; each owns its transactions.
What they stand on: accounts (a viewer's account as it is now), sessions, access_tokens and signing_keys, passwords, allowances,
post_room with mail and mail_texts, housekeeping; models and the repositories (repository, and session_, mail_, rating_, erasure_, export_).
What is seen: types, account_types, export_types, enums, inputs, results, queries, mutations, loaders, context, schema (GraphQL);
rest, rest_handlers and rest_models.
How it runs: settings, app, and `python -m subgraphs.users` (the first admin).
"""
