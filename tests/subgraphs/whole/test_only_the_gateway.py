"""R16: in production every subgraph refuses whoever cannot show that it is the gateway, over HTTP and on sockets."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from gateway.server.headers import SignedSecret
from subgraphs.collaboration.app import create_app as create_collaboration
from subgraphs.collaboration.settings import CollaborationSettings
from subgraphs.matching.app import create_app as create_matching
from subgraphs.matching.settings import MatchingSettings
from subgraphs.questions.app import create_app as create_questions
from subgraphs.questions.settings import QuestionsSettings
from subgraphs.users.app import create_app as create_users
from subgraphs.users.settings import UsersSettings

SECRET = "the-services-know-each-other"
SUBGRAPHS: dict[str, tuple[Callable[[Any], Starlette], type[Any]]] = {
    "users": (create_users, UsersSettings),
    "questions": (create_questions, QuestionsSettings),
    "matching": (create_matching, MatchingSettings),
    "collaboration": (create_collaboration, CollaborationSettings),
}


def signature(secret: str, age: float) -> str:
    """The header that a gateway with a clock that is so many seconds late sends."""
    return SignedSecret(secret, clock=lambda: time.time() - age).pair()[1].decode()


@pytest.fixture(scope="module", params=SUBGRAPHS)
def client(request: pytest.FixtureRequest) -> TestClient:
    create_app, settings = SUBGRAPHS[request.param]
    # Nothing that is asked here needs the database, so the app is not started.
    more = {"database_url": "postgresql+asyncpg://nobody@127.0.0.1:9/none", "signing_key_secret": "x" * 40}
    return TestClient(create_app(settings(_env_file=None, environment="production", service_secret=SECRET, **more)))


def status_with(client: TestClient, secret: str | None) -> int:
    headers = {} if secret is None else {"x-gateway-secret": secret}
    return client.post("/graphql", json={"query": "{ __typename }"}, headers=headers).status_code


def forged() -> list[str | None]:
    now = str(int(time.time()))
    return [
        None,
        "",
        "guess",
        SECRET + " ",
        signature("another-secret", 0),
        signature(SECRET, 75),
        signature(SECRET, -75),
        f"t={now},v1=",
        f"t={now},v1={'0' * 64}",
        # Signed for another time than it says.
        f"t={now},v1={hmac.new(SECRET.encode(), b'0', hashlib.sha256).hexdigest()}",
        signature(SECRET, 0) + ",v1=x",
    ]


def test_only_who_knows_the_secret_is_answered(client: TestClient) -> None:
    for proof in (SECRET, signature(SECRET, 0), signature(SECRET, 30), signature(SECRET, -30)):
        assert status_with(client, proof) == 200, proof
    for wrong in forged():
        assert status_with(client, wrong) == 401, wrong


def test_a_socket_is_acknowledged_only_for_who_knows_the_secret(client: TestClient) -> None:
    for proof, is_taken in ((signature(SECRET, 0), True), (SECRET, True), (None, False), (signature("x", 0), False)):
        headers = {} if proof is None else {"x-gateway-secret": proof}
        with client.websocket_connect("/graphql", ["graphql-transport-ws"], headers=headers) as socket:
            socket.send_json({"type": "connection_init"})
            if is_taken:
                assert socket.receive_json() == {"type": "connection_ack"}
            else:
                with pytest.raises(WebSocketDisconnect) as closed:
                    socket.receive_json()
                assert closed.value.code == 4403
