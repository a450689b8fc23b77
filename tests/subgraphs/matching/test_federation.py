"""What matching adds to the graph: matches of a person, and matches as entities, for those who may see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from subgraphs.kit import migrations
from subgraphs.kit.schema import print_subgraph_sdl
from subgraphs.matching.schema import schema

from .clients import Person, ask_as_service
from .conftest import System

ENTITIES = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on User { id matches(first: 2) { id partner { id } question { id } session { id } } }
    ... on Match { id partner { id } status } } }"""
HISTORY = """query ($representations: [_Any!]!, $filter: MatchHistoryFilter, $first: Int!, $after: String) {
    _entities(representations: $representations) { ... on User {
        matchHistory(filter: $filter, first: $first, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id language } } } } } }"""


async def play(system: System, ada: Person, language: str = "PYTHON") -> str:
    """A match of ada with somebody new, from request to the end of its session; its id."""
    partner = system.person()
    ada.events.clear()
    async with ada.following():
        await ada.request(language=language)
        await partner.request(language=language)
        match_id: str = (await ada.event("MatchMade"))["match"]["id"]
        await system.publish("session.ended", "collaboration", session_id="x", match_id=match_id, reason="COMPLETED")
        await ada.event("MatchEnded")
    return match_id


def user(person: Person) -> dict[str, Any]:
    return {"__typename": "User", "id": str(person.id)}


async def test_matches_and_history_of_a_person_page_newest_first(system: System) -> None:
    ada = system.person()
    played = [await play(system, ada, language) for language in ("PYTHON", "JAVA", "PYTHON")]
    (entity,) = (await ada.ask(ENTITIES, representations=[user(ada)]))["_entities"]
    assert [match["id"] for match in entity["matches"]] == played[:0:-1]
    assert all(match["question"] and match["session"] for match in entity["matches"])
    values: dict[str, Any] = {"representations": [user(ada)], "filter": {"languages": ["PYTHON"]}, "first": 1}
    seen, after = [], None
    for _ in range(2):
        page = (await ada.ask(HISTORY, **values, after=after))["_entities"][0]["matchHistory"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 2
    assert seen == [played[2], played[0]]
    assert not page["pageInfo"]["hasNextPage"]


async def test_times_that_no_clock_can_show_are_refused_with_the_field(system: System) -> None:
    ada = system.person()
    values: dict[str, Any] = {"representations": [user(ada)], "first": 1, "after": None}
    for field, time in (("since", "0001-01-01T00:00:00+14:00"), ("until", "9999-12-31T23:59:59-14:00")):
        answer = await ada.send(HISTORY, **values, filter={field: time})
        assert answer["errors"][0]["extensions"]["field"] == f"filter.{field}"
    assert (await ada.send(HISTORY, **values, filter={"since": "2026-01-01T00:00:00"}))["data"]["_entities"] != [None]


async def test_matches_are_for_the_two_people_staff_and_services(system: System) -> None:
    ada, eve, root = system.person(), system.person(), system.person("admin")
    match_id = await play(system, ada)
    representation = [{"__typename": "Match", "id": match_id}]
    assert (await eve.ask(ENTITIES, representations=representation))["_entities"] == [None]
    assert (await root.ask(ENTITIES, representations=representation))["_entities"][0]["id"] == match_id
    answer = await ask_as_service(system.urls[0], ENTITIES, representations=representation)
    assert answer["data"]["_entities"][0]["status"] == "COMPLETED"
    refused = await eve.send(ENTITIES, representations=[user(ada)])
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await root.ask(ENTITIES, representations=[user(ada)]))["_entities"][0]["matches"][0]["id"] == match_id


def test_the_exported_schema_is_current() -> None:
    exported = Path(__file__).resolve().parents[3] / "schema" / "matching.graphql"
    assert exported.read_text(encoding="utf-8") == print_subgraph_sdl(schema)


def test_the_migration_goes_down_and_up_again(fresh_database_url: str) -> None:
    migrations.downgrade("matching", fresh_database_url, "base")
    migrations.upgrade("matching", fresh_database_url)
