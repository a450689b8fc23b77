"""Read a subgraph's response: the GraphQL answer in it, or why it is none."""

from __future__ import annotations

from typing import Any

import orjson

from ..errors import SubgraphProtocolError, TransportError
from ..transport.interface import SubgraphResponse


def parse_answer(subgraph_name: str, response: SubgraphResponse) -> dict[str, Any] | TransportError:
    """The GraphQL answer in a response, or why it is none."""
    try:
        answer = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return _no_answer(subgraph_name, response, "something that is not JSON")
    if not isinstance(answer, dict):
        return _no_answer(subgraph_name, response, "JSON that is not an object")
    data, errors = answer.get("data"), answer.get("errors")
    if errors is not None and not isinstance(errors, list):
        return _no_answer(subgraph_name, response, "`errors` that are not a list")
    if not isinstance(data, dict) and (data is not None or not errors):
        return _no_answer(subgraph_name, response, "neither data nor errors")
    return answer


def _no_answer(subgraph_name: str, response: SubgraphResponse, what: str) -> SubgraphProtocolError:
    return SubgraphProtocolError(
        subgraph_name, f'Subgraph "{subgraph_name}" answered with {what} (HTTP status {response.status}).'
    )
