"""The questions subgraph: a bank of coding questions, found by filter and search, picked for a match, remembered per person.

Reading order: models, rules, errors, repository, service, types, queries, mutations, loaders, context, schema, settings, app;
`bank/` holds the questions as files and knows nothing of the database.
"""
