"""connect v0.1 to v0.4: @connect and @source (REST connectors). Composition only passes them through, with @join__directive."""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    FeatureVersion,
    InputObjectSpec,
    Purpose,
    ScalarSpec,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

CONNECT_IDENTITY = apollo_identity("connect")

_TYPES = by_name(
    ScalarSpec("URLPathTemplate"),
    ScalarSpec("JSONSelection"),
    InputObjectSpec(
        "ConnectorErrors",
        (ArgumentSpec("message", "{JSONSelection}"), ArgumentSpec("extensions", "{JSONSelection}")),
    ),
    InputObjectSpec(
        "HTTPHeaderMapping",
        (ArgumentSpec("name", "String!"), ArgumentSpec("from", "String"), ArgumentSpec("value", "String")),
    ),
    InputObjectSpec("ConnectBatch", (ArgumentSpec("maxSize", "Int"),)),
    InputObjectSpec(
        "SourceHTTP",
        (
            ArgumentSpec("baseURL", "String!"),
            ArgumentSpec("headers", "[{HTTPHeaderMapping}!]"),
            ArgumentSpec("path", "{JSONSelection}"),
            ArgumentSpec("queryParams", "{JSONSelection}"),
        ),
    ),
    InputObjectSpec(
        "ConnectHTTP",
        (
            *(ArgumentSpec(method, "{URLPathTemplate}") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
            ArgumentSpec("body", "{JSONSelection}"),
            ArgumentSpec("headers", "[{HTTPHeaderMapping}!]"),
            ArgumentSpec("path", "{JSONSelection}"),
            ArgumentSpec("queryParams", "{JSONSelection}"),
        ),
    ),
)
_CONNECT = DirectiveSpec(
    "connect",
    ("FIELD_DEFINITION", "OBJECT"),
    (
        ArgumentSpec("source", "String"),
        ArgumentSpec("id", "String"),
        ArgumentSpec("http", "{ConnectHTTP}"),
        ArgumentSpec("batch", "{ConnectBatch}"),
        ArgumentSpec("errors", "{ConnectorErrors}"),
        ArgumentSpec("selection", "{JSONSelection}!"),
        ArgumentSpec("entity", "Boolean", False),
        ArgumentSpec("isSuccess", "{JSONSelection}"),
    ),
    repeatable=True,
)
_SOURCE = DirectiveSpec(
    "source",
    ("SCHEMA",),
    (
        ArgumentSpec("name", "String!"),
        ArgumentSpec("http", "{SourceHTTP}!"),
        ArgumentSpec("errors", "{ConnectorErrors}"),
        ArgumentSpec("isSuccess", "{JSONSelection}"),
    ),
    repeatable=True,
)
_FEDERATION_VERSION_NEEDED = {1: (2, 10), 2: (2, 11), 3: (2, 12), 4: (2, 13)}

CONNECT_VERSIONS = SpecVersions(
    CONNECT_IDENTITY,
    [
        FeatureSpec(
            apollo_url("connect", 0, minor),
            by_name(_CONNECT, _SOURCE),
            _TYPES,
            FeatureVersion(*needed),
            Purpose.EXECUTION,
        )
        for minor, needed in _FEDERATION_VERSION_NEEDED.items()
    ],
    previews=[FeatureVersion(0, 4)],
)
