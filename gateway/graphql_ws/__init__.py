"""The graphql-transport-ws protocol without I/O: both ends of a connection as pure state machines over text messages.

Reading order: messages (the wire, as named in the protocol document), close_codes, events (what a received message
means), server_connection and client_connection. Sockets and clocks are somebody else's: the gateway's server holds
the first, its websocket transport the second.
"""

from .client_connection import ClientConnection
from .close_codes import CloseCode
from .events import (
    AckReceived,
    CompleteReceived,
    ConnectionClosed,
    ErrorReceived,
    InitReceived,
    NextReceived,
    PingReceived,
    PongReceived,
    SubscribeReceived,
)
from .messages import SUBPROTOCOL, LocalProtocolError
from .server_connection import ServerConnection

__all__ = [
    "SUBPROTOCOL",
    "AckReceived",
    "ClientConnection",
    "CloseCode",
    "CompleteReceived",
    "ConnectionClosed",
    "ErrorReceived",
    "InitReceived",
    "LocalProtocolError",
    "NextReceived",
    "PingReceived",
    "PongReceived",
    "ServerConnection",
    "SubscribeReceived",
]
