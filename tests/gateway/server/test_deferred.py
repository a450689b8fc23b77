"""@defer over multipart: the first part, then the patches, then the closing boundary."""

from __future__ import annotations

import orjson
import pytest

from tests.gateway.server.conftest import Gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = '{ hello ... @defer(label: "later") { people(first: 1) { name } } }'


async def test_a_deferred_part_comes_as_a_part_of_its_own(gateway: Gateway) -> None:
    headers = {"accept": "multipart/mixed, application/json"}
    async with gateway.client.post(f"{gateway.url}/graphql", json={"query": QUERY}, headers=headers) as response:
        assert response.headers["content-type"] == 'multipart/mixed;boundary="-"'
        text = await response.text()
    parts = text.split("\r\n---")
    assert parts[0] == ""
    assert parts[-1] == "--\r\n"
    bodies = [orjson.loads(part.partition("\r\n\r\n")[2]) for part in parts[1:-1]]
    assert bodies[0]["data"] == {"hello": "hello world"}
    assert bodies[0]["hasNext"] is True
    assert bodies[-1]["hasNext"] is False
    assert "Person 0" in str(bodies[1:])


async def test_a_client_that_takes_one_piece_gets_one(gateway: Gateway) -> None:
    assert await gateway.post(QUERY) == {"data": {"hello": "hello world", "people": [{"name": "Person 0"}]}}
