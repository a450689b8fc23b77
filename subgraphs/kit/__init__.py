"""The shared chassis of the four subgraphs; it knows no domain.

Reading order: settings, errors, models, database, driver_session (statements on the driver itself), repository, direct_rows (lookups by
id on the driver), pagination, auth, context, graphql_errors, schema, direct_values, direct_entities, direct_operations and direct_socket
(what comes most often, without the generic executor), graphql_view, app, telemetry, nats_connection, signals (a wake-up that is allowed
to get lost), event_stream (numbered events a client can resume), outage (waiting for a database that is away), coalescing (lookups of
many subscribers that go together), events (outbox, inbox, bus), sign_outs (log-ins that end before their tokens), retention (what is not
kept for ever), personal_data (parts of an export), service_client, rest, migrations.
"""
