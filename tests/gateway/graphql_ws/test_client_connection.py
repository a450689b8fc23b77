"""Each message a server may send, and each close code its violations lead to."""

from __future__ import annotations

import pytest

from gateway.graphql_ws import (
    AckReceived,
    ClientConnection,
    CloseCode,
    CompleteReceived,
    ConnectionClosed,
    ErrorReceived,
    InitReceived,
    LocalProtocolError,
    NextReceived,
    PingReceived,
    PongReceived,
    ServerConnection,
    SubscribeReceived,
)

REQUEST = b'{"query":"subscription { a }"}'


def acknowledged_connection() -> ClientConnection:
    connection = ClientConnection()
    connection.initialise()
    connection.receive('{"type":"connection_ack"}')
    return connection


def test_connection_init_carries_the_payload_and_waits_for_its_acknowledgement() -> None:
    connection = ClientConnection()
    assert connection.initialise({"token": "x"}) == '{"type":"connection_init","payload":{"token":"x"}}'
    assert connection.receive('{"type":"connection_ack","payload":{"a":1}}') == AckReceived({"a": 1})


def test_connection_init_is_sent_once() -> None:
    connection = ClientConnection()
    connection.initialise()
    with pytest.raises(LocalProtocolError, match="sent once"):
        connection.initialise()


def test_subscribe_before_the_acknowledgement_is_a_local_error() -> None:
    connection = ClientConnection()
    connection.initialise()
    with pytest.raises(LocalProtocolError, match="acknowledged"):
        connection.subscribe("1", REQUEST)


def test_subscribe_writes_the_request_as_it_is() -> None:
    text = acknowledged_connection().subscribe("1", REQUEST)
    assert text == '{"id":"1","type":"subscribe","payload":{"query":"subscription { a }"}}'


def test_subscribe_under_a_running_id_is_a_local_error() -> None:
    connection = acknowledged_connection()
    connection.subscribe("1", REQUEST)
    with pytest.raises(LocalProtocolError, match="running already"):
        connection.subscribe("1", REQUEST)


def test_next_error_and_complete_are_told_with_their_id() -> None:
    connection = acknowledged_connection()
    connection.subscribe("1", REQUEST)
    connection.subscribe("2", REQUEST)
    assert connection.receive('{"id":"1","type":"next","payload":{"data":{"a":1}}}') == NextReceived(
        "1", {"data": {"a": 1}}
    )
    assert connection.receive('{"id":"1","type":"complete"}') == CompleteReceived("1")
    assert connection.receive('{"id":"2","type":"error","payload":[{"message":"no"}]}') == ErrorReceived(
        "2", [{"message": "no"}]
    )
    assert connection.operation_ids == set()


@pytest.mark.parametrize(
    "text",
    [
        '{"id":"1","type":"next","payload":{"data":null}}',
        '{"id":"1","type":"error","payload":[{"message":"no"}]}',
        '{"id":"1","type":"complete"}',
    ],
)
def test_what_still_arrives_for_an_operation_we_gave_up_means_nothing(text: str) -> None:
    connection = acknowledged_connection()
    connection.subscribe("1", REQUEST)
    assert connection.complete("1") == '{"id":"1","type":"complete"}'
    assert connection.receive(text) is None


def test_giving_up_what_has_ended_sends_nothing() -> None:
    connection = acknowledged_connection()
    connection.subscribe("1", REQUEST)
    connection.receive('{"id":"1","type":"complete"}')
    assert connection.complete("1") is None


def test_ping_and_pong_are_told_and_written() -> None:
    connection = acknowledged_connection()
    assert connection.receive('{"type":"ping"}') == PingReceived(None)
    assert connection.pong() == '{"type":"pong"}'
    assert connection.ping() == '{"type":"ping"}'
    assert connection.receive('{"type":"pong","payload":{"n":1}}') == PongReceived({"n": 1})


def test_missing_acknowledgement_closes_with_4504_when_the_time_is_over() -> None:
    connection = ClientConnection()
    connection.initialise()
    assert connection.acknowledgement_timed_out() == ConnectionClosed(
        CloseCode.CONNECTION_ACKNOWLEDGEMENT_TIMEOUT, "Connection acknowledgement timeout"
    )


def test_the_timer_is_without_effect_after_the_acknowledgement() -> None:
    assert acknowledged_connection().acknowledgement_timed_out() is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "Invalid message: not JSON"),
        ('{"type":"subscribe","id":"1"}', "Invalid message: a server must not send type 'subscribe'"),
        (
            '{"type":"connection_ack"}',
            "Invalid message: connection_ack without a connection_init that waits for it",
        ),
        (
            '{"type":"next","payload":{}}',
            "Invalid message: next needs an 'id' that is a string and not empty",
        ),
        ('{"type":"next","id":"1"}', "Invalid message: next needs a 'payload' that is an object"),
        (
            '{"type":"error","id":"1","payload":[]}',
            "Invalid message: error needs a 'payload' that is a list of GraphQL errors",
        ),
        (
            '{"type":"error","id":"1","payload":{"message":"no"}}',
            "Invalid message: error needs a 'payload' that is a list of GraphQL errors",
        ),
    ],
)
def test_what_is_no_message_of_the_protocol_closes_with_4004(text: str, reason: str) -> None:
    connection = acknowledged_connection()
    connection.subscribe("1", REQUEST)
    assert connection.receive(text) == ConnectionClosed(CloseCode.BAD_RESPONSE, reason)
    assert connection.receive('{"type":"ping"}') is None


def test_both_ends_understand_each_other() -> None:
    client, server = ClientConnection(), ServerConnection()
    assert server.receive(client.initialise({"a": 1})) == InitReceived({"a": 1})
    assert client.receive(server.acknowledge()) == AckReceived(None)
    assert server.receive(client.subscribe("x", REQUEST)) == SubscribeReceived(
        "x", "subscription { a }", None, None, None
    )
    assert client.receive(server.next("x", '{"data":null}')) == NextReceived("x", {"data": None})
    assert client.receive(server.complete("x")) == CompleteReceived("x")
