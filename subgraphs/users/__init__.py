"""Accounts: who people are, how they log in, what they may do, how good they are.

Reading order: rules and errors (what is allowed), service (accounts), session_service (logging in), then what those stand on: accounts,
sessions, refresh_tokens, access_tokens, signing_keys, passwords, allowances; skills; models, repository and session_repository; and the
GraphQL face: types, inputs, results, queries, mutations, loaders, context, schema; settings and app.
"""
