"""ClientConnection: the client's end of one graphql-transport-ws connection, from calls to texts and from received
texts to events.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar

import orjson

from .close_codes import CloseCode
from .events import (
    AckReceived,
    ClientEvent,
    CompleteReceived,
    ConnectionClosed,
    ErrorReceived,
    NextReceived,
    PingReceived,
    PongReceived,
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


class ClientState(StrEnum):
    """Where a connection stands; the arrows are in `ClientConnection`'s docstring."""

    OPENED = "opened"
    INITIALISING = "initialising"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class ClientConnection:
    """OPENED -initialise()-> INITIALISING -connection_ack-> ACKNOWLEDGED; every violation of the server leads to
    CLOSED.

    `receive(text)` returns what the text means; the other methods return the text to send. The caller keeps the time:
    it calls `acknowledgement_timed_out` when no connection_ack has come.
    """

    def __init__(self) -> None:
        self.state = ClientState.OPENED
        self.operation_ids: set[str] = set()

    def initialise(self, payload: JsonObject | None = None) -> str:
        """Ask to be let in; the payload is the server's business (a token, most often)."""
        if self.state is not ClientState.OPENED:
            raise LocalProtocolError(f"connection_init is sent once, first; this connection is {self.state}")
        self.state = ClientState.INITIALISING
        return payload_message_text("connection_init", payload)

    def subscribe(self, operation_id: str, request_body: bytes) -> str:
        """Start an operation; `request_body` is the JSON object of the request, written already."""
        if self.state is not ClientState.ACKNOWLEDGED:
            raise LocalProtocolError(f"subscribe needs an acknowledged connection; this one is {self.state}")
        if operation_id in self.operation_ids:
            raise LocalProtocolError(f"an operation '{operation_id}' is running already")
        self.operation_ids.add(operation_id)
        return f'{{"id":{orjson.dumps(operation_id).decode()},"type":"subscribe","payload":{request_body.decode()}}}'

    def complete(self, operation_id: str) -> str | None:
        """Give up an operation; None when it has ended already and there is nothing to tell the server."""
        if operation_id not in self.operation_ids:
            return None
        self.operation_ids.remove(operation_id)
        return message_text({"id": operation_id, "type": "complete"})

    def ping(self, payload: JsonObject | None = None) -> str:
        """Ask whether the server is alive."""
        return payload_message_text("ping", payload)

    def pong(self, payload: JsonObject | None = None) -> str:
        """Answer a ping."""
        return payload_message_text("pong", payload)

    def receive(self, text: str | bytes) -> ClientEvent | None:
        """Take one message from the server; None when it has no meaning any more (an answer to what we gave up)."""
        if self.state is ClientState.CLOSED:
            return None
        try:
            message = parse_message(text)
            handler = self._HANDLERS.get(message["type"])
            if handler is None:
                raise InvalidMessage(f"Invalid message: a server must not send type '{message['type']}'")
            return handler(self, message)
        except InvalidMessage as invalid:
            return self.close(CloseCode.BAD_RESPONSE, invalid.reason)

    def acknowledgement_timed_out(self) -> ConnectionClosed | None:
        """Tell that the time for connection_ack is over; None when it has come in time."""
        if self.state is not ClientState.INITIALISING:
            return None
        return self.close(CloseCode.CONNECTION_ACKNOWLEDGEMENT_TIMEOUT, "Connection acknowledgement timeout")

    def close(self, code: CloseCode, reason: str) -> ConnectionClosed:
        """End the connection from our side."""
        self.state = ClientState.CLOSED
        self.operation_ids.clear()
        return ConnectionClosed(code, reason)

    def _receive_ack(self, message: JsonObject) -> ClientEvent:
        payload = optional_payload(message)
        if self.state is not ClientState.INITIALISING:
            raise InvalidMessage("Invalid message: connection_ack without a connection_init that waits for it")
        self.state = ClientState.ACKNOWLEDGED
        return AckReceived(payload)

    def _receive_next(self, message: JsonObject) -> ClientEvent | None:
        operation_id = require_id(message)
        payload = optional_payload(message)
        if payload is None:
            raise InvalidMessage("Invalid message: next needs a 'payload' that is an object")
        # We may have completed it while this answer was on its way.
        if operation_id not in self.operation_ids:
            return None
        return NextReceived(operation_id, payload)

    def _receive_error(self, message: JsonObject) -> ClientEvent | None:
        operation_id = require_id(message)
        errors = message.get("payload")
        if not isinstance(errors, list) or not errors or not all(isinstance(error, dict) for error in errors):
            raise InvalidMessage("Invalid message: error needs a 'payload' that is a list of GraphQL errors")
        if operation_id not in self.operation_ids:
            return None
        self.operation_ids.remove(operation_id)
        return ErrorReceived(operation_id, errors)

    def _receive_complete(self, message: JsonObject) -> ClientEvent | None:
        operation_id = require_id(message)
        if operation_id not in self.operation_ids:
            return None
        self.operation_ids.remove(operation_id)
        return CompleteReceived(operation_id)

    def _receive_ping(self, message: JsonObject) -> ClientEvent:
        return PingReceived(optional_payload(message))

    def _receive_pong(self, message: JsonObject) -> ClientEvent:
        return PongReceived(optional_payload(message))

    _HANDLERS: ClassVar[dict[str, Callable[[ClientConnection, JsonObject], ClientEvent | None]]] = {
        "connection_ack": _receive_ack,
        "next": _receive_next,
        "error": _receive_error,
        "complete": _receive_complete,
        "ping": _receive_ping,
        "pong": _receive_pong,
    }
