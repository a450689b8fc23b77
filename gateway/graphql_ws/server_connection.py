"""ServerConnection: the server's end of one graphql-transport-ws connection, from received texts to events and from
calls to texts.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar

import orjson

from .close_codes import CloseCode
from .events import (
    CompleteReceived,
    ConnectionClosed,
    InitReceived,
    PingReceived,
    PongReceived,
    ServerEvent,
    SubscribeReceived,
)
from .messages import (
    InvalidMessage,
    JsonObject,
    LocalProtocolError,
    message_text,
    optional_payload,
    parse_message,
    payload_message_text,
    require_id,
)


class ServerState(StrEnum):
    """Where a connection stands; the arrows are in `ServerConnection`'s docstring."""

    OPENED = "opened"
    INITIALISING = "initialising"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class ServerConnection:
    """OPENED -connection_init-> INITIALISING -acknowledge()-> ACKNOWLEDGED; every violation leads to CLOSED.

    `receive(text)` returns what the text means; the other methods return the text to send. An id belongs to an
    operation from its `subscribe` until `error`, `complete` of either side. The connection knows neither sockets nor
    time: the caller starts the timer for connection_init and calls `initialisation_timed_out` when it rings.
    """

    def __init__(self) -> None:
        self.state = ServerState.OPENED
        self.operation_ids: set[str] = set()

    def receive(self, text: str | bytes) -> ServerEvent | None:
        """Take one message from the client; None when it has no meaning any more (a late complete, or anything after
        the close).
        """
        if self.state is ServerState.CLOSED:
            return None
        try:
            message = parse_message(text)
            handler = self._HANDLERS.get(message["type"])
            if handler is None:
                raise InvalidMessage(f"Invalid message: a client must not send type '{message['type']}'")
            return handler(self, message)
        except InvalidMessage as invalid:
            return self.close(CloseCode.BAD_REQUEST, invalid.reason)

    def acknowledge(self, payload: JsonObject | None = None) -> str:
        """Let the client in."""
        if self.state is not ServerState.INITIALISING:
            raise LocalProtocolError(f"connection_ack answers a connection_init; this connection is {self.state}")
        self.state = ServerState.ACKNOWLEDGED
        return payload_message_text("connection_ack", payload)

    def next(self, operation_id: str, payload: str) -> str:
        """Send one answer: `payload` is the JSON text of the whole GraphQL response, so that a fan-out serialises it
        once.
        """
        if operation_id not in self.operation_ids:
            raise LocalProtocolError(f"no operation '{operation_id}' is running")
        return next_text(operation_id, payload)

    def error(self, operation_id: str, errors: list[JsonObject]) -> str:
        """End an operation with errors (not empty): it never started, or it cannot go on."""
        self._end(operation_id)
        return message_text({"id": operation_id, "type": "error", "payload": errors})

    def complete(self, operation_id: str) -> str:
        """End an operation: it has no more answers."""
        self._end(operation_id)
        return message_text({"id": operation_id, "type": "complete"})

    def ping(self, payload: JsonObject | None = None) -> str:
        """Ask whether the client is alive."""
        return payload_message_text("ping", payload)

    def pong(self, payload: JsonObject | None = None) -> str:
        """Answer a ping."""
        return payload_message_text("pong", payload)

    def initialisation_timed_out(self) -> ConnectionClosed | None:
        """Tell that the time for connection_init is over; None when it has come in time."""
        if self.state is not ServerState.OPENED:
            return None
        return self.close(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout")

    def close(self, code: CloseCode, reason: str) -> ConnectionClosed:
        """End the connection from our side."""
        self.state = ServerState.CLOSED
        self.operation_ids.clear()
        return ConnectionClosed(code, reason)

    def _end(self, operation_id: str) -> None:
        if operation_id not in self.operation_ids:
            raise LocalProtocolError(f"no operation '{operation_id}' is running")
        self.operation_ids.remove(operation_id)

    def _receive_init(self, message: JsonObject) -> ServerEvent:
        payload = optional_payload(message)
        if self.state is not ServerState.OPENED:
            return self.close(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
        self.state = ServerState.INITIALISING
        return InitReceived(payload)

    def _receive_subscribe(self, message: JsonObject) -> ServerEvent:
        operation_id = require_id(message)
        event = _subscribe_event(operation_id, optional_payload(message))
        if self.state is not ServerState.ACKNOWLEDGED:
            return self.close(CloseCode.UNAUTHORIZED, "Unauthorized")
        if operation_id in self.operation_ids:
            reason = InvalidMessage(f"Subscriber for {operation_id} already exists").reason
            return self.close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason)
        self.operation_ids.add(operation_id)
        return event

    def _receive_complete(self, message: JsonObject) -> ServerEvent | None:
        operation_id = require_id(message)
        # Our own complete may have crossed the client's on the way: that is no violation.
        if operation_id not in self.operation_ids:
            return None
        self.operation_ids.remove(operation_id)
        return CompleteReceived(operation_id)

    def _receive_ping(self, message: JsonObject) -> ServerEvent:
        return PingReceived(optional_payload(message))

    def _receive_pong(self, message: JsonObject) -> ServerEvent:
        return PongReceived(optional_payload(message))

    _HANDLERS: ClassVar[dict[str, Callable[[ServerConnection, JsonObject], ServerEvent | None]]] = {
        "connection_init": _receive_init,
        "subscribe": _receive_subscribe,
        "complete": _receive_complete,
        "ping": _receive_ping,
        "pong": _receive_pong,
    }


def next_text(operation_id: str, payload: str) -> str:
    """Write a next message around a payload that is JSON text already."""
    return f'{{"id":{orjson.dumps(operation_id).decode()},"type":"next","payload":{payload}}}'


def _subscribe_event(operation_id: str, payload: JsonObject | None) -> SubscribeReceived:
    if payload is None:
        raise InvalidMessage("Invalid message: subscribe needs a 'payload' that is an object")
    # A persisted operation is named in extensions and has no text.
    query = payload.get("query", "")
    if not isinstance(query, str):
        raise InvalidMessage("Invalid message: 'payload.query' must be a string")
    if not query and not payload.get("extensions"):
        raise InvalidMessage("Invalid message: 'payload.query' is missing")
    operation_name = payload.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise InvalidMessage("Invalid message: 'payload.operationName' must be a string")
    return SubscribeReceived(
        operation_id,
        query,
        operation_name,
        _optional_object(payload, "variables"),
        _optional_object(payload, "extensions"),
    )


def _optional_object(payload: JsonObject, name: str) -> JsonObject | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, dict):
        raise InvalidMessage(f"Invalid message: 'payload.{name}' must be an object")
    return value
