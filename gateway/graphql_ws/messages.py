"""The messages of graphql-transport-ws as they are on the wire, and the reading and writing of their text.

The protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

import orjson

SUBPROTOCOL = "graphql-transport-ws"

JsonObject: TypeAlias = dict[str, Any]


class ConnectionInitMessage(TypedDict):
    """Client -> server, once, first."""

    type: Literal["connection_init"]
    payload: NotRequired[JsonObject]


class ConnectionAckMessage(TypedDict):
    """Server -> client, the answer to connection_init."""

    type: Literal["connection_ack"]
    payload: NotRequired[JsonObject]


class PingMessage(TypedDict):
    """Both ways, at any time; must be answered with a pong."""

    type: Literal["ping"]
    payload: NotRequired[JsonObject]


class PongMessage(TypedDict):
    """Both ways; also allowed unasked, as a heartbeat in one direction."""

    type: Literal["pong"]
    payload: NotRequired[JsonObject]


class SubscribePayload(TypedDict):
    """One GraphQL request: a query, a mutation or a subscription."""

    query: str
    operationName: NotRequired[str | None]
    variables: NotRequired[JsonObject | None]
    extensions: NotRequired[JsonObject | None]


class SubscribeMessage(TypedDict):
    """Client -> server: start an operation under an id that no running operation of this connection has."""

    id: str
    type: Literal["subscribe"]
    payload: SubscribePayload


class NextMessage(TypedDict):
    """Server -> client: one answer of the operation."""

    id: str
    type: Literal["next"]
    payload: JsonObject


class ErrorMessage(TypedDict):
    """Server -> client: the operation could not start or cannot go on. Ends it; no complete follows."""

    id: str
    type: Literal["error"]
    payload: list[JsonObject]


class CompleteMessage(TypedDict):
    """Server -> client: no more answers. Client -> server: no longer interested."""

    id: str
    type: Literal["complete"]


Message: TypeAlias = (
    ConnectionInitMessage
    | ConnectionAckMessage
    | PingMessage
    | PongMessage
    | SubscribeMessage
    | NextMessage
    | ErrorMessage
    | CompleteMessage
)


class LocalProtocolError(Exception):
    """Raised when our own side asks a connection for a message that the protocol does not allow now: a bug of the
    caller.
    """


class InvalidMessage(Exception):
    """Raised inside this package when a received text is no message of the protocol; `reason` fits a close frame."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        # A close frame carries at most 123 bytes of reason (RFC 6455, 5.5.1).
        self.reason = reason.encode()[:123].decode(errors="ignore")


def parse_message(text: str | bytes) -> JsonObject:
    """Read one message: a JSON object with a string `type` and, where present, a string `id`."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidMessage("Invalid message: not JSON") from error
    if not isinstance(message, dict):
        raise InvalidMessage("Invalid message: not a JSON object")
    if not isinstance(message.get("type"), str):
        raise InvalidMessage("Invalid message: 'type' must be a string")
    return message


def require_id(message: JsonObject) -> str:
    """Return the message's `id`, which must be a string that is not empty."""
    message_id = message.get("id")
    if not isinstance(message_id, str) or not message_id:
        raise InvalidMessage(f"Invalid message: {message['type']} needs an 'id' that is a string and not empty")
    return message_id


def optional_payload(message: JsonObject) -> JsonObject | None:
    """Return the message's `payload`, which must be an object where it is present (null counts as absent)."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise InvalidMessage(f"Invalid message: the 'payload' of {message['type']} must be an object")
    return payload


def message_text(message: Message) -> str:
    """Write one message."""
    return orjson.dumps(message).decode()


def payload_message_text(kind: str, payload: JsonObject | None) -> str:
    """Write a message that has a type and perhaps a payload, but no id."""
    if payload is None:
        return f'{{"type":"{kind}"}}'
    return orjson.dumps({"type": kind, "payload": payload}).decode()
