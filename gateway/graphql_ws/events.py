"""What a received message means to the one who holds the connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .close_codes import CloseCode
from .messages import JsonObject


@dataclass(frozen=True, slots=True)
class InitReceived:
    """The client asks to be let in. Answer with `acknowledge`, or close with FORBIDDEN."""

    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class AckReceived:
    """The server has let us in: subscriptions may start."""

    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class SubscribeReceived:
    """The client starts an operation."""

    id: str
    query: str
    operation_name: str | None
    variables: JsonObject | None
    extensions: JsonObject | None


@dataclass(frozen=True, slots=True)
class NextReceived:
    """One answer of one of our operations."""

    id: str
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class ErrorReceived:
    """One of our operations has ended with errors."""

    id: str
    errors: list[JsonObject]


@dataclass(frozen=True, slots=True)
class CompleteReceived:
    """The operation is over: the server has no more answers, or the client wants no more."""

    id: str


@dataclass(frozen=True, slots=True)
class PingReceived:
    """Answer with `pong(payload)`."""

    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class PongReceived:
    """The other side is alive."""

    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The connection is over by the rules of the protocol: close the socket with this code and reason."""

    code: CloseCode
    reason: str


ServerEvent: TypeAlias = (
    InitReceived | SubscribeReceived | CompleteReceived | PingReceived | PongReceived | ConnectionClosed
)
ClientEvent: TypeAlias = (
    AckReceived | NextReceived | ErrorReceived | CompleteReceived | PingReceived | PongReceived | ConnectionClosed
)
