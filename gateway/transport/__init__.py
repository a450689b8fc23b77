"""How the gateway talks to subgraphs: one small port, a lean HTTP client, and wrappers of one concern each.

Read in this order:
    interface        SubgraphTransport, the port; SubgraphRequest and SubgraphResponse
    dispatch         its callback form, which the hot path uses
    http, http_connection    HTTP/1.1 with keep-alive connections
    in_flight        equal work under way is done once
    dedupe, retry, breaker, limit    wrappers
    stack            all of them put together, by settings
    mock             a scripted subgraph for tests
"""

from .breaker import BreakerSettings, BreakerState, BreakerTransport
from .dedupe import DedupeTransport
from .dispatch import NOTHING_TO_CANCEL, AnswerCallback, Cancellable, DispatchingTransport, Outcome, as_dispatching
from .http import HttpSettings, HttpTransport
from .in_flight import InFlight
from .interface import SubgraphRequest, SubgraphResponse, SubgraphTransport
from .limit import LimitTransport
from .mock import MockAnswer, MockTransport
from .retry import RetrySettings, RetryTransport
from .stack import SplitTransport, TransportSettings, build_transport

__all__ = [
    "NOTHING_TO_CANCEL",
    "AnswerCallback",
    "BreakerSettings",
    "BreakerState",
    "BreakerTransport",
    "Cancellable",
    "DedupeTransport",
    "DispatchingTransport",
    "HttpSettings",
    "HttpTransport",
    "InFlight",
    "LimitTransport",
    "MockAnswer",
    "MockTransport",
    "Outcome",
    "RetrySettings",
    "RetryTransport",
    "SplitTransport",
    "SubgraphRequest",
    "SubgraphResponse",
    "SubgraphTransport",
    "TransportSettings",
    "as_dispatching",
    "build_transport",
]
