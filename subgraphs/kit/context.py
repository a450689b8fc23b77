"""What every resolver finds at `info.context`: who asks, under which request id, and the subgraph's own services and loaders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from strawberry.types import Info

from .auth import ANONYMOUS, Viewer
from .sign_outs import SignOuts

S = TypeVar("S")


@dataclass(slots=True, kw_only=True)
class RequestContext(Generic[S]):
    """One per HTTP request or WebSocket connection. `services` is what the subgraph wired in its `context.py`."""

    services: S
    sign_outs: SignOuts
    viewer: Viewer = ANONYMOUS
    request_id: str = ""
    client_address: str = ""
    idempotency_key: str | None = None
    user_agent: str | None = None
    handshake_headers: dict[str, str] = field(default_factory=dict)
    """Headers of a WebSocket's opening request, by lower-case name."""
    connection_params: dict[str, Any] | None = None
    """What the client of a WebSocket sent in `connection_init`; set by Strawberry."""
    loaders: dict[str, Any] = field(default_factory=dict)
    """DataLoaders by name, made on first use, so that nothing is shared between requests."""


def viewer_of(info: Info[RequestContext[Any], None]) -> Viewer:
    """Who asks."""
    return info.context.viewer
