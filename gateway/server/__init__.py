"""The gateway as a server: what stands between the internet and the graph.

Read in this order:

    settings, settings_file, settings_table    every option, where it is read from, how it is documented
    app, gateway_app     create_app, the one place where all of this is put together; paths, start and stop
    run                  the process: uvicorn, signals, graceful stop, several workers
    http, websocket, sse, multipart     the ways in; media_types, cors, csrf, request, exchange, compression,
                         refusals beside them
    callers, proxies, headers, auth, token_issuer    who asks, and what of the request reaches the subgraphs
    pipeline, operations     what every operation goes through: limits, cost, authorization, forbidden_fields,
                             persisted, rate_limit, response_cache, cache_tags, invalidation,
                             plan_extension, error_answers
    live                     subscriptions: resolved once per event, fanned out
    graph, transports        the supergraph in force; supergraph_source, sdl_poll, reload: taking up a new one
    telemetry                what can be seen from outside: metrics, logs, tracing, health, overload
    pages, built_files       folders of built pages, and their compressed files
    explorer                 the page for a browser
"""

from .app import create_app
from .gateway_app import GatewayApp
from .run import run_server
from .settings import Settings
from .settings_file import InvalidSettings, load_settings, settings_schema
from .settings_table import settings_table

__all__ = [
    "GatewayApp",
    "InvalidSettings",
    "Settings",
    "create_app",
    "load_settings",
    "run_server",
    "settings_schema",
    "settings_table",
]
