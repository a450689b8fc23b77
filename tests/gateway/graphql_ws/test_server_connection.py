"""Each message a client may send, and each close code its violations lead to."""

from __future__ import annotations

import json

import pytest

from gateway.graphql_ws import (
    CloseCode,
    CompleteReceived,
    ConnectionClosed,
    InitReceived,
    LocalProtocolError,
    PingReceived,
    PongReceived,
    ServerConnection,
    SubscribeReceived,
)

SUBSCRIBE = '{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}'


def acknowledged_connection() -> ServerConnection:
    connection = ServerConnection()
    connection.receive('{"type":"connection_init"}')
    connection.acknowledge()
    return connection


def test_connection_init_is_told_with_its_payload_and_acknowledged() -> None:
    connection = ServerConnection()
    event = connection.receive('{"type":"connection_init","payload":{"authorization":"Bearer x"}}')
    assert event == InitReceived({"authorization": "Bearer x"})
    assert connection.acknowledge() == '{"type":"connection_ack"}'


def test_connection_ack_may_carry_a_payload() -> None:
    connection = ServerConnection()
    connection.receive('{"type":"connection_init"}')
    assert connection.acknowledge({"a": 1}) == '{"type":"connection_ack","payload":{"a":1}}'


def test_acknowledging_before_connection_init_is_a_local_error() -> None:
    with pytest.raises(LocalProtocolError, match="this connection is opened"):
        ServerConnection().acknowledge()


@pytest.mark.parametrize("acknowledge_between", [False, True])
def test_second_connection_init_closes_with_4429(acknowledge_between: bool) -> None:
    connection = ServerConnection()
    connection.receive('{"type":"connection_init"}')
    if acknowledge_between:
        connection.acknowledge()
    closed = connection.receive('{"type":"connection_init"}')
    assert closed == ConnectionClosed(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")


def test_missing_connection_init_closes_with_4408_when_the_time_is_over() -> None:
    connection = ServerConnection()
    closed = connection.initialisation_timed_out()
    assert closed == ConnectionClosed(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout")


def test_the_timer_is_without_effect_after_connection_init() -> None:
    connection = ServerConnection()
    connection.receive('{"type":"connection_init"}')
    assert connection.initialisation_timed_out() is None


def test_subscribe_is_told_with_all_its_parts() -> None:
    event = acknowledged_connection().receive(
        '{"id":"1","type":"subscribe","payload":{"query":"query Q { a }","operationName":"Q",'
        '"variables":{"v":1},"extensions":{"e":2}}}'
    )
    assert event == SubscribeReceived("1", "query Q { a }", "Q", {"v": 1}, {"e": 2})


def test_subscribe_needs_no_text_when_extensions_name_a_persisted_operation() -> None:
    event = acknowledged_connection().receive(
        '{"id":"1","type":"subscribe","payload":{"extensions":{"persistedQuery":{}}}}'
    )
    assert event == SubscribeReceived("1", "", None, None, {"persistedQuery": {}})


@pytest.mark.parametrize("init_first", [False, True])
def test_subscribe_before_the_acknowledgement_closes_with_4401(init_first: bool) -> None:
    connection = ServerConnection()
    if init_first:
        connection.receive('{"type":"connection_init"}')
    assert connection.receive(SUBSCRIBE) == ConnectionClosed(CloseCode.UNAUTHORIZED, "Unauthorized")


def test_subscribe_under_a_running_id_closes_with_4409() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    closed = connection.receive(SUBSCRIBE)
    assert closed == ConnectionClosed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, "Subscriber for 1 already exists")


@pytest.mark.parametrize("end", ["complete by client", "complete by server", "error"])
def test_an_id_may_be_used_again_after_its_operation_has_ended(end: str) -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    if end == "complete by client":
        assert connection.receive('{"id":"1","type":"complete"}') == CompleteReceived("1")
    elif end == "complete by server":
        connection.complete("1")
    else:
        connection.error("1", [{"message": "no"}])
    assert isinstance(connection.receive(SUBSCRIBE), SubscribeReceived)


def test_answers_are_written_around_the_payload_as_it_is() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    assert connection.next("1", '{"data":{"a":1}}') == '{"id":"1","type":"next","payload":{"data":{"a":1}}}'


def test_an_id_with_quotes_is_escaped_in_answers() -> None:
    connection = acknowledged_connection()
    connection.receive(json.dumps({"id": 'a"b', "type": "subscribe", "payload": {"query": "{ a }"}}))
    assert json.loads(connection.next('a"b', "{}")) == {"id": 'a"b', "type": "next", "payload": {}}


def test_error_ends_the_operation() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    text = connection.error("1", [{"message": "no"}])
    assert text == '{"id":"1","type":"error","payload":[{"message":"no"}]}'
    with pytest.raises(LocalProtocolError, match="no operation '1' is running"):
        connection.next("1", "{}")


def test_complete_ends_the_operation() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    assert connection.complete("1") == '{"id":"1","type":"complete"}'
    with pytest.raises(LocalProtocolError):
        connection.complete("1")


def test_a_late_complete_of_the_client_means_nothing() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    connection.complete("1")
    assert connection.receive('{"id":"1","type":"complete"}') is None


def test_ping_may_come_at_any_time_and_is_answered_with_a_pong() -> None:
    connection = ServerConnection()
    assert connection.receive('{"type":"ping","payload":{"n":1}}') == PingReceived({"n": 1})
    assert connection.pong({"n": 1}) == '{"type":"pong","payload":{"n":1}}'


def test_pong_is_told() -> None:
    connection = acknowledged_connection()
    assert connection.ping() == '{"type":"ping"}'
    assert connection.receive('{"type":"pong"}') == PongReceived(None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "Invalid message: not JSON"),
        ("[]", "Invalid message: not a JSON object"),
        ("{}", "Invalid message: 'type' must be a string"),
        ('{"type":1}', "Invalid message: 'type' must be a string"),
        ('{"type":"next","id":"1","payload":{}}', "Invalid message: a client must not send type 'next'"),
        ('{"type":"connection_ack"}', "Invalid message: a client must not send type 'connection_ack'"),
        (
            '{"type":"connection_init","payload":[]}',
            "Invalid message: the 'payload' of connection_init must be an object",
        ),
        ('{"type":"ping","payload":1}', "Invalid message: the 'payload' of ping must be an object"),
        (
            '{"type":"subscribe","payload":{"query":"{ a }"}}',
            "Invalid message: subscribe needs an 'id' that is a string and not empty",
        ),
        (
            '{"type":"subscribe","id":"","payload":{"query":"{ a }"}}',
            "Invalid message: subscribe needs an 'id' that is a string and not empty",
        ),
        (
            '{"type":"subscribe","id":"1"}',
            "Invalid message: subscribe needs a 'payload' that is an object",
        ),
        ('{"type":"subscribe","id":"1","payload":{}}', "Invalid message: 'payload.query' is missing"),
        (
            '{"type":"subscribe","id":"1","payload":{"query":1}}',
            "Invalid message: 'payload.query' must be a string",
        ),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":1}}',
            "Invalid message: 'payload.operationName' must be a string",
        ),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}',
            "Invalid message: 'payload.variables' must be an object",
        ),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{ a }","extensions":1}}',
            "Invalid message: 'payload.extensions' must be an object",
        ),
        ('{"type":"complete"}', "Invalid message: complete needs an 'id' that is a string and not empty"),
    ],
)
def test_what_is_no_message_of_the_protocol_closes_with_4400(text: str, reason: str) -> None:
    assert acknowledged_connection().receive(text) == ConnectionClosed(CloseCode.BAD_REQUEST, reason)


def test_the_reason_of_a_close_fits_its_frame() -> None:
    closed = acknowledged_connection().receive('{"type":"' + "ü" * 200 + '"}')
    assert isinstance(closed, ConnectionClosed)
    assert len(closed.reason.encode()) <= 123


def test_nothing_is_told_after_the_close() -> None:
    connection = acknowledged_connection()
    connection.receive("nonsense")
    assert connection.receive(SUBSCRIBE) is None


def test_closing_from_our_side_forgets_all_operations() -> None:
    connection = acknowledged_connection()
    connection.receive(SUBSCRIBE)
    assert connection.close(CloseCode.FORBIDDEN, "Token expired") == ConnectionClosed(
        CloseCode.FORBIDDEN, "Token expired"
    )
    assert connection.operation_ids == set()
