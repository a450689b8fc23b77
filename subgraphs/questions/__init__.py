"""The questions subgraph: a bank of coding questions, found by filter and search, picked for a match, remembered per person.

Reading order: models, rules, errors, repository, picking, service, authored and case_edits with authoring_service, progress_service,
export,
types, inputs, queries, mutations, loaders, rest with rest_handlers and its models, context, schema, settings, app;
`bank/` holds the questions as files and knows nothing of the database.
"""
