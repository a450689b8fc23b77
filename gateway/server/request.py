"""A GraphQL request as a client sends it, whichever way it came, and who sent it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

import orjson

from .refusals import BadRequest, HeaderPairs, JsonObject

Claims: TypeAlias = Mapping[str, Any]
PlanRequest: TypeAlias = Literal["", "include", "dry-run"]


@dataclass(slots=True)
class GraphqlRequest:
    """One operation with its variables. `query` is empty where `extensions.persistedQuery` names the operation by its
    hash.
    """

    query: str
    operation_name: str | None = None
    variables: JsonObject | None = None
    extensions: JsonObject | None = None
    document_id: str | None = None

    def variables_key(self) -> bytes:
        """Return what equal variables have in common, however they are written. Raises BadRequest."""
        if not self.variables:
            return b""
        try:
            return orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            # What can be read may be nested more deeply than what can be written.
            raise BadRequest(f"'variables' cannot be used: {error}.") from error


@dataclass(slots=True)
class Caller:
    """Who asks, and what of the request travels on to the subgraphs."""

    request_id: str
    address: str = ""
    """Address of the client: the one thing known of who sends no token."""
    protocol: Literal["http", "websocket", "sse", "multipart"] = "http"
    headers: HeaderPairs = ()
    """Header pairs for every subgraph."""
    subgraph_headers: Mapping[str, HeaderPairs] = field(default_factory=dict)
    """More pairs, by subgraph."""
    identity: str = ""
    """Whatever of the request can make subgraphs answer differently: only equals ever share an answer."""
    claims: Claims | None = None
    """Of the verified token; None for the anonymous."""
    expires_at: float | None = None
    """Unix time at which the token ends."""
    plan: PlanRequest = ""
    wants_cost: bool = False
    traceparent: str = ""

    def seconds_left(self, leeway: float) -> float | None:
        """Return for how long the token is good, None where it has no end; one taken within the leeway has that much left."""
        if self.expires_at is None:
            return None
        left = self.expires_at - time.time()
        return max(0.0, left if left > 0 else left + leeway)


def parse_json_body(body: bytes) -> Any:
    """Read a request body."""
    if not body:
        raise BadRequest("The request has no body; send a JSON object with 'query'.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The request body is not JSON: {error}.") from error


def request_from_json(value: Any) -> GraphqlRequest:
    """Check the parameters of a request (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters)."""
    if not isinstance(value, dict):
        raise BadRequest("The request body must be a JSON object with 'query'.")
    query = value.get("query")
    extensions = value.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("'extensions' must be an object.")
    document_id = value.get("documentId")
    if document_id is not None and not isinstance(document_id, str):
        raise BadRequest("'documentId' must be a string.")
    if query is None and (extensions or document_id):
        query = ""
    elif not isinstance(query, str):
        raise BadRequest("'query' is missing." if query is None else "'query' must be a string.")
    operation_name = value.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("'operationName' must be a string.")
    variables = value.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("'variables' must be an object.")
    return GraphqlRequest(query, operation_name or None, variables, extensions, document_id)


def request_from_query_string(query_string: bytes) -> GraphqlRequest | None:
    """Read a request from the parameters of a GET; None when nothing in it names an operation."""
    parameters: dict[str, Any] = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
    if parameters.keys().isdisjoint(("query", "extensions", "documentId")):
        return None
    for name in ("variables", "extensions"):
        if text := parameters.pop(name, ""):
            try:
                parameters[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise BadRequest(f"The parameter '{name}' is not JSON: {error}.") from error
    return request_from_json(parameters)
