"""GraphQL over HTTP, as a client sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.server.explorer import Explorer
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"content-type": "application/json"}
STRICT = {"accept": "application/graphql-response+json", **JSON}


async def test_a_query_is_answered(gateway: Gateway) -> None:
    assert await gateway.post("{ hello }") == {"data": {"hello": "hello world"}}


async def test_variables_and_operation_name_are_used(gateway: Gateway) -> None:
    query = 'query A($n: String!) { hello(name: $n) } query B { hello(name: "B") }'
    assert await gateway.post(query, {"n": "Ada"}, operationName="A") == {"data": {"hello": "hello Ada"}}


async def test_a_mutation_is_answered(gateway: Gateway) -> None:
    answer = await gateway.post('mutation { rename(id: "1", name: "Ada") { id name } }')
    assert answer == {"data": {"rename": {"id": "1", "name": "Ada"}}}


async def test_a_query_by_get_needs_something_that_other_sites_cannot_send(gateway: Gateway) -> None:
    async with gateway.client.get(f"{gateway.url}/graphql?query={{hello}}") as response:
        assert response.status == 400
        assert (await response.json())["errors"][0]["extensions"]["code"] == "PREFLIGHT_REQUIRED"
    headers = {"gateway-preflight": "1"}
    async with gateway.client.get(f"{gateway.url}/graphql?query={{hello}}", headers=headers) as response:
        assert await response.json() == {"data": {"hello": "hello world"}}
    headers = {"sec-fetch-site": "same-origin"}
    async with gateway.client.get(f"{gateway.url}/graphql?query={{hello}}", headers=headers) as response:
        assert response.status == 200


async def test_a_mutation_by_get_is_refused_and_not_executed(gateway: Gateway, people: PeopleSubgraph) -> None:
    before = people.requests
    params = {"query": 'mutation { rename(id: "1", name: "x") { id } }'}
    async with gateway.client.get(f"{gateway.url}/graphql", params=params, headers=JSON) as response:
        assert response.status == 405
        assert response.headers["allow"] == "POST"
    assert people.requests == before


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_a_post_of_a_simple_type_is_refused(gateway: Gateway, content_type: str) -> None:
    headers = {"content-type": content_type}
    async with gateway.client.post(
        f"{gateway.url}/graphql", data=b'{"query":"{ hello }"}', headers=headers
    ) as response:
        assert response.status == 415


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "has no body"),
        (b"{", "is not JSON"),
        (b'"text"', "must be a JSON object"),
        (b"{}", "'query' is missing"),
        (b'{"query":1}', "'query' must be a string"),
        (b'{"query":"{ hello }","variables":[]}', "'variables' must be an object"),
        (b'{"query":"{ hello }","operationName":{}}', "'operationName' must be a string"),
        (b'{"query":"{ hello }","extensions":1}', "'extensions' must be an object"),
        (b'[{"query":"{ hello }"}]', "Several operations in one request are not supported"),
    ],
)
async def test_what_is_no_graphql_request_is_answered_with_400(gateway: Gateway, body: bytes, message: str) -> None:
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=JSON) as response:
        assert response.status == 400
        assert message in (await response.json())["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("query Q { hello } query Q { hello }", "Q"),
    ],
)
async def test_request_errors_have_status_400_only_in_the_newer_media_type(
    gateway: Gateway, query: str, message: str
) -> None:
    body = orjson.dumps({"query": query})
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=STRICT) as response:
        assert response.status == 400
        assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
        answer = await response.json()
        assert message in answer["errors"][0]["message"]
        assert "data" not in answer
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=JSON) as response:
        assert response.status == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_variables_that_do_not_fit_are_refused_before_anything_is_sent(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    before = people.requests
    answer = await gateway.post("query($n: String!) { hello(name: $n) }", {"n": 1})
    assert "$n" in answer["errors"][0]["message"]
    assert people.requests == before


async def test_an_error_of_a_subgraph_is_a_partial_answer_with_status_200(gateway: Gateway) -> None:
    body = orjson.dumps({"query": "{ hello broken }"})
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=STRICT) as response:
        assert response.status == 200
        answer = await response.json()
    assert answer["data"] == {"hello": "hello world", "broken": None}
    assert answer["errors"][0]["path"] == ["broken"]


async def test_an_answer_that_nobody_can_read_is_refused_with_406(gateway: Gateway) -> None:
    headers = {**JSON, "accept": "image/png"}
    async with gateway.client.post(
        f"{gateway.url}/graphql", data=b'{"query":"{ hello }"}', headers=headers
    ) as response:
        assert response.status == 406


async def test_a_body_over_the_limit_is_refused_with_413(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"body": 2000})
    body = orjson.dumps({"query": "{ hello }", "variables": {"x": "x" * 2000}})
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=JSON) as response:
        assert response.status == 413

    async def chunks() -> Any:
        for start in range(0, len(body), 500):
            yield body[start : start + 500]

    async with gateway.client.post(f"{gateway.url}/graphql", data=chunks(), headers=JSON) as response:
        assert response.status == 413


async def test_a_batch_is_answered_in_order_where_the_setting_allows_it(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(batching=2)
    batch = [{"query": '{ hello(name: "a") }'}, {"query": "{ nothing }"}]
    async with gateway.client.post(f"{gateway.url}/graphql", json=batch) as response:
        first, second = await response.json()
    assert first == {"data": {"hello": "hello a"}}
    assert "nothing" in second["errors"][0]["message"]
    async with gateway.client.post(f"{gateway.url}/graphql", json=batch * 2) as response:
        assert response.status == 400


async def test_other_methods_are_refused_with_405(gateway: Gateway) -> None:
    async with gateway.client.put(f"{gateway.url}/graphql", json={"query": "{ hello }"}) as response:
        assert response.status == 405
        assert response.headers["allow"] == "GET, POST, OPTIONS"


async def test_the_request_id_comes_back_and_reaches_the_subgraph(gateway: Gateway) -> None:
    headers = {**JSON, "x-request-id": "abc-1"}
    body = b'{"query":"{ seenHeader(name: \\"x-request-id\\") }"}'
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=headers) as response:
        assert response.headers["x-request-id"] == "abc-1"
        assert (await response.json())["data"]["seenHeader"] == "abc-1"
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=JSON) as response:
        assert (await response.json())["data"]["seenHeader"] == response.headers["x-request-id"]


async def test_a_request_id_that_is_unfit_for_logs_is_replaced(gateway: Gateway) -> None:
    headers = {**JSON, "x-request-id": "x" * 500}
    async with gateway.client.post(
        f"{gateway.url}/graphql", data=b'{"query":"{ hello }"}', headers=headers
    ) as response:
        assert len(response.headers["x-request-id"]) < 50


async def test_a_browser_gets_the_explorer_and_a_client_does_not(gateway: Gateway) -> None:
    async with gateway.client.get(f"{gateway.url}/graphql", headers={"accept": "text/html,*/*;q=0.8"}) as response:
        assert response.status == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert (await response.text()).startswith("<!doctype html>")
    async with gateway.client.get(f"{gateway.url}/graphql") as response:
        assert response.status == 400


async def test_without_a_built_bundle_the_page_says_where_it_comes_from(tmp_path: Path) -> None:
    page = Explorer(True, "/graphql", bundle=tmp_path).page().decode()
    assert "loads GraphiQL from unpkg.com" in page
    assert 'url: "/graphql"' in page


async def test_unknown_paths_are_answered_with_404(gateway: Gateway) -> None:
    async with gateway.client.get(f"{gateway.url}/nothing") as response:
        assert response.status == 404
    async with gateway.client.get(f"{gateway.url}/explorer/../app.py") as response:
        assert response.status == 404


async def test_health_and_ready_tell_the_state(gateway: Gateway) -> None:
    async with gateway.client.get(f"{gateway.url}/health") as response:
        assert await response.json() == {"status": "ok"}
    async with gateway.client.get(f"{gateway.url}/ready") as response:
        state = await response.json()
    assert state["status"] == "ready"
    assert state["supergraph"]["generation"] == 1


async def test_a_subgraph_that_is_down_leaves_the_rest_of_the_answer(
    start_gateway: StartGateway, unused_port: int
) -> None:
    gateway = await start_gateway(port=unused_port)
    body = orjson.dumps({"query": "{ __typename broken }"})
    async with gateway.client.post(f"{gateway.url}/graphql", data=body, headers=STRICT) as response:
        assert response.status == 200
        answer = await response.json()
    assert answer["data"] == {"__typename": "Query", "broken": None}
    assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNREACHABLE"
