"""A GraphQL federation gateway: it composes subgraph schemas, plans operations over them, executes the plans and serves the answers.

Reading order: errors, language, specs, supergraph, query_graph, composition, planning, transport, execution, graphql_ws, server,
and `__main__`, which prints any stage.
"""
