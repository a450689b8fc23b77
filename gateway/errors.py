"""One error class per stage of the gateway, each with a code that tells the stage and the reason apart."""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """Base of every error the gateway raises on purpose: `message` is one sentence for a person, `code` is for a program."""

    code: ClassVar[str] = "GATEWAY_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SupergraphError(GatewayError):
    """Raised when a supergraph SDL cannot be read: it does not parse, or its join machinery is missing or contradicts itself."""

    code = "INVALID_SUPERGRAPH"


class CompositionFailed(GatewayError):
    """Raised by callers that need a supergraph when composition ended with errors."""

    code = "COMPOSITION_FAILED"


class PlanningError(GatewayError):
    """Raised when no plan can be made for a valid operation (a bug, or a supergraph that is not satisfiable)."""

    code = "PLANNING_FAILED"


class PlanningLimitExceeded(PlanningError):
    """Raised when planning would pass its deadline or its bound on candidates."""

    code = "PLANNING_LIMIT_EXCEEDED"


class TransportError(GatewayError):
    """Base of what goes wrong between the gateway and a subgraph; `subgraph_name` says which one."""

    code = "SUBGRAPH_UNREACHABLE"

    def __init__(self, subgraph_name: str, message: str) -> None:
        super().__init__(message)
        self.subgraph_name = subgraph_name


class SubgraphUnreachable(TransportError):
    """Raised when no connection can be made, or it breaks before the answer is whole."""

    code = "SUBGRAPH_UNREACHABLE"


class SubgraphTimeout(TransportError):
    """Raised when a subgraph has not answered within the time given to it."""

    code = "SUBGRAPH_TIMEOUT"


class SubgraphOverloaded(TransportError):
    """Raised without asking the subgraph: its circuit breaker is open or its concurrency limit is reached."""

    code = "SUBGRAPH_OVERLOADED"


class SubgraphProtocolError(TransportError):
    """Raised when what a subgraph sent is not HTTP, not JSON, not a GraphQL answer, or larger than allowed."""

    code = "SUBGRAPH_PROTOCOL_ERROR"
