"""Every code with which a graphql-transport-ws socket is closed on purpose, and what it tells the other side."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """The codes of the protocol document, the few of RFC 6455 that we send ourselves, and two of our own.

    The common client (npm graphql-ws) gives up on 4004, 4005, 4400, 4401, 4406, 4409, 4429 and 4500 and connects
    again after any other; that is why our own two lie outside that set.
    """

    NORMAL = 1000
    MESSAGE_TOO_BIG = 1009
    SERVICE_RESTART = 1012

    BAD_RESPONSE = 4004  # client -> server: the server sent what the protocol does not know
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401  # subscribe before the connection is acknowledged
    FORBIDDEN = 4403  # connection_init refused, or the token it came with has expired
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429
    INTERNAL_SERVER_ERROR = 4500
    CONNECTION_ACKNOWLEDGEMENT_TIMEOUT = 4504  # client -> server

    SLOW_CONSUMER = 4413  # ours: the client reads more slowly than it is sent, and its bounded queue is full
    HEARTBEAT_TIMEOUT = 4414  # ours: no answer to our ping in time
