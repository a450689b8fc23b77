"""The matching subgraph: who waits for a partner, who is paired with whom, and the events that tell them.

Reading order: rules (who fits whom), settings, errors, models, topics, repository, *_repository and ticket_statements (SQL), streams
(numbered events), work (a transaction and what follows it), skills, enqueueing (new tickets), partner_search (who fits, in SQL), pairing
(a batch of pairs), matchmaker (keeps pairing), formation (question and session), dissolving, ready_check, invitations, service (what
people do), presence, reactions (events of others), upkeep (what is due), housekeeping (what is not kept for ever), outlook (why one
waits, counted), board (what is told of the queue), places (who is told, and when), feed; then the GraphQL face: context, loaders, types,
queue_types, event_types, inputs, results, queries, mutations, subscriptions, schema, app.
"""
