"""The REST face: the same rules as in GraphQL, with problems, entity tags and links."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from subgraphs.users.rest import OPERATIONS

from .conftest import PASSWORD, UsersClient


async def send(client: UsersClient, method: str, path: str, json: Any = None, **headers: str) -> httpx2.Response:
    sent = {**client.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await client.http.request(method, f"/v1{path}", json=json, headers=sent)


async def test_an_account_is_made_used_and_left_over_rest_alone(users: UsersClient) -> None:
    email = f"{uuid4().hex}@example.com"
    made = await send(users, "POST", "/accounts", {"name": "Ada", "email": email, "password": PASSWORD})
    assert made.status_code == 201
    again = await send(users, "POST", "/sessions", {"email": email, "password": PASSWORD})
    assert again.status_code == 201
    ada = users.with_token(again.json()["accessToken"])
    me = await send(ada, "GET", "/me")
    assert (me.status_code, me.json()["email"], me.headers["etag"]) == (200, email, '"v1"')
    assert me.headers["cache-control"] == "no-store"
    sessions = (await send(ada, "GET", "/me/sessions")).json()["items"]
    assert len(sessions) == 2
    refreshed = await send(users, "POST", "/sessions/refresh", {"refreshToken": again.json()["refreshToken"]})
    assert refreshed.status_code == 200
    asked = await send(ada, "POST", "/me/exports")
    assert (asked.status_code, asked.json()["isReady"]) == (202, False)
    assert (await send(ada, "GET", asked.headers["location"].removeprefix("/v1"))).json()["id"] == asked.json()["id"]
    unready = await send(ada, "GET", asked.headers["location"].removeprefix("/v1") + "/document")
    assert (unready.status_code, unready.json()["code"]) == (404, "NOT_FOUND")
    assert (await send(ada, "DELETE", "/me/sessions/current")).status_code == 204
    assert (await send(ada, "GET", "/me")).status_code == 401


async def test_a_failure_is_a_problem_document_with_the_code_that_graphql_gives(users: UsersClient) -> None:
    body = {"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    await send(users, "POST", "/accounts", body)
    taken = await send(users, "POST", "/accounts", body)
    assert (taken.status_code, taken.headers["content-type"]) == (409, "application/problem+json")
    assert taken.json() == {
        "type": "urn:tandem:problem:EMAIL_TAKEN",
        "title": "Email taken",
        "status": 409,
        "detail": "An account with this e-mail address exists already; log in instead.",
        "code": "EMAIL_TAKEN",
        "retryable": False,
        "field": "email",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "Ada", "email": "ada@example.com"}, "body/password"),
        ({"name": 7, "email": "ada@example.com", "password": PASSWORD}, "body/name"),
        ({"name": "Ada", "email": "ada@example.com", "password": PASSWORD, "role": "admin"}, "body/role"),
        ([], "body"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_with_the_place(users: UsersClient, body: Any, pointer: str) -> None:
    answer = await send(users, "POST", "/accounts", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_body_that_is_not_json_is_refused_by_its_media_type(users: UsersClient) -> None:
    answer = await users.http.post("/v1/accounts", content=b"name=Ada", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_that_is_too_large_is_refused_while_it_is_read(users: UsersClient) -> None:
    content = b'"' + b"x" * (3 * 1024 * 1024) + b'"'
    answer = await users.http.post("/v1/accounts", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_if_match_guards_against_lost_updates(users: UsersClient) -> None:
    ada = await users.signed_up()
    changed = await send(ada, "PATCH", "/me", {"bio": "First."}, if_match='"v1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
    stale = await send(ada, "PATCH", "/me", {"bio": "Second."}, if_match='"v1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    assert stale.json()["currentVersion"] == 2
    unread = await send(ada, "PATCH", "/me", {"bio": "Third."}, if_match="nonsense")
    assert (unread.status_code, unread.json()["code"]) == (412, "VERSION_CONFLICT")
    assert (await send(ada, "GET", "/me")).json()["bio"] == "First."


async def test_an_unchanged_thing_is_not_sent_again(users: UsersClient) -> None:
    ada = await users.signed_up()
    assert (await send(ada, "GET", f"/users/{ada.user_id}", if_none_match='"v1"')).status_code == 304
    assert (await send(ada, "GET", f"/users/{ada.user_id}", if_none_match='"v2"')).status_code == 200


async def test_a_shared_cache_keeps_neither_tokens_nor_what_depends_on_who_asks(users: UsersClient) -> None:
    ada = await users.signed_up()
    body = {"email": ada.person["email"], "password": ada.person["password"]}
    tokens = await send(users, "POST", "/sessions", body)
    assert (tokens.status_code, tokens.headers["cache-control"]) == (201, "no-store")
    for viewer in (users, ada):
        for headers in ({}, {"if_none_match": '"v1"'}):
            answer = await send(viewer, "GET", f"/users/{ada.user_id}", **headers)
            assert "Authorization" in answer.headers["vary"], answer.status_code


async def test_null_clears_a_field_and_what_is_left_out_stays(users: UsersClient) -> None:
    ada = await users.signed_up()
    await send(ada, "PATCH", "/me", {"bio": "Mine.", "timeZone": "Europe/London"})
    answer = (await send(ada, "PATCH", "/me", {"timeZone": None})).json()
    assert (answer["bio"], answer["timeZone"]) == ("Mine.", None)


async def test_strangers_see_a_person_without_what_is_private(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    seen = (await send(users, "GET", f"/users/{ada.user_id}")).json()
    assert (seen["name"], seen["email"], seen["role"], seen["emailVerified"]) == ("Ada", None, None, None)


async def test_unknown_people_and_what_cannot_be_an_id_are_not_found(users: UsersClient) -> None:
    for id in (str(uuid4()), "nonsense"):
        answer = await send(users, "GET", f"/users/{id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_method_that_is_not_offered_is_named_with_those_that_are(users: UsersClient) -> None:
    answer = await send(users, "DELETE", "/accounts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_bad_token_is_refused_where_none_is_needed_too(users: UsersClient) -> None:
    answer = await send(users.with_token("nonsense"), "GET", f"/users/{uuid4()}")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_list_is_followed_by_its_links_without_loss_or_repeat(users: UsersClient) -> None:
    admin = await users.signed_up("Root")
    await users.services.admin.make_admin(admin.person["email"])
    marker = uuid4().hex[:10]
    people = {(await users.signed_up(f"{marker} {number}")).user_id for number in range(7)}
    found: list[str] = []
    path = f"/users?search={marker}&first=3&sort=name"
    while path:
        answer = await send(admin, "GET", path)
        assert answer.status_code == 200, answer.text
        found += [item["id"] for item in answer.json()["items"]]
        link = re.match(r'<(?:/v1)?([^>]+)>; rel="next"', answer.headers.get("link", ""))
        path = link[1] if link else ""
    assert sorted(found) == sorted(people)


@pytest.mark.parametrize(
    "query", ["first=0", "first=101", "first=x", "after=nonsense", "sort=by-shoe-size", "colour=red"]
)
async def test_a_bad_query_parameter_is_refused(users: UsersClient, query: str) -> None:
    admin = await users.signed_up("Root")
    await users.services.admin.make_admin(admin.person["email"])
    assert (await send(admin, "GET", f"/users?{query}")).status_code == 422


async def test_what_is_for_admins_is_refused_to_everybody_else(users: UsersClient) -> None:
    ada = await users.signed_up()
    other = await users.signed_up()
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/users", None),
        ("POST", "/users", {"name": "Eve", "email": "eve@example.com"}),
        ("DELETE", f"/users/{other.user_id}", None),
        ("PUT", f"/users/{other.user_id}/role", {"role": "admin"}),
        ("PUT", f"/users/{ada.user_id}/role", {"role": "admin"}),
        ("PUT", f"/users/{other.user_id}/suspension", {"reason": "Because."}),
        ("DELETE", f"/users/{other.user_id}/suspension", None),
    ]
    for method, path, body in calls:
        assert (await send(ada, method, path, body)).status_code == 403, (method, path)
        assert (await send(users, method, path, body)).status_code == 401, (method, path)


async def test_the_openapi_document_tells_of_every_operation_and_its_references_lead_somewhere(
    users: UsersClient,
) -> None:
    document = (await users.http.get("/v1/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert told == {(operation.method, f"/v1{operation.path}") for operation in OPERATIONS}
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    for reference in re.findall(
        r'"\$ref": ?"#/components/schemas/(\w+)"', (await users.http.get("/v1/openapi.json")).text
    ):
        assert reference in document["components"]["schemas"]
    links = [
        link
        for methods in document["paths"].values()
        for one in methods.values()
        for response in one["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert {link["operationId"] for link in links} == {"revokeSession", "getExport", "getExportDocument", "getErasure"}
    assert {link["operationId"] for link in links} <= set(ids)


async def test_the_docs_page_loads_nothing_from_elsewhere(users: UsersClient) -> None:
    page = await users.http.get("/v1/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"(?:src|href)=\"https?:", page.text)
