"""Direct lookups of entities: the same answer as the executor's for everything they take, and everything else is left to it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
import strawberry

from subgraphs.kit import errors
from subgraphs.kit.direct_entities import DirectLookup
from subgraphs.kit.direct_operations import DirectOperations
from subgraphs.kit.schema import create_subgraph_schema


@strawberry.enum
class Mood(Enum):
    GOOD = "good"


@strawberry.federation.type(keys=["id"])
class Person:
    id: strawberry.ID
    name: str
    mood: Mood | None = None

    @strawberry.field
    def loud(self) -> str:
        return self.name.upper()

    @classmethod
    async def resolve_reference(cls, info: strawberry.Info[Any, None], id: strawberry.ID) -> Person | None:
        match id:
            case "nobody":
                return None
            case "hidden":
                raise errors.NotAllowed("This is not for you.")
            case "bug":
                raise ZeroDivisionError("a secret")
            case "nameless":
                return cls(id=id, name=None)  # type: ignore[arg-type]
        return cls(id=id, name=f"{info.context.who} {id}", mood=Mood.GOOD)


@strawberry.federation.type(keys=["id"])
class Thing:
    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Thing:
        return cls(id=id)


@strawberry.federation.type(keys=["id"])
class Stub:
    id: strawberry.ID
    owner: Person | None = None


@strawberry.type
class Query:
    people: list[Person]
    things: list[Thing]
    stubs: list[Stub]


@dataclass(slots=True)
class Context:
    who: str = "me"


SCHEMA = create_subgraph_schema(query=Query)
DIRECT = DirectOperations(SCHEMA, frozenset())
LOOKUP = """query People($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Person { __typename id called: name mood } ... on Thing { id } } }"""


def found(text: str) -> DirectLookup:
    lookup = DIRECT.find(text)
    assert isinstance(lookup, DirectLookup)
    return lookup


def reference(id: str, type_name: str = "Person") -> dict[str, Any]:
    return {"__typename": type_name, "id": id}


async def both(text: str, representations: list[dict[str, Any]]) -> tuple[Any, Any]:
    lookup = found(text)
    arguments = lookup.read({"representations": representations})
    assert arguments is not None
    ours = await lookup.answer(Context(), arguments)
    # The executor takes the type names out of what it is given.
    variables = {"representations": copy.deepcopy(representations)}
    result = await SCHEMA.execute(text, variable_values=variables, context_value=Context())
    theirs: dict[str, Any] = {"data": result.data}
    if result.errors:
        theirs["errors"] = [error.formatted for error in result.errors]
    return ours, theirs


@pytest.mark.parametrize(
    "representations",
    [
        [],
        [reference("1")],
        [reference("1"), reference("2", "Thing"), reference("1")],
        [reference("nobody"), reference("3")],
        [reference("hidden"), reference("4"), reference("hidden")],
    ],
)
async def test_a_lookup_is_answered_as_the_executor_answers_it(representations: list[dict[str, Any]]) -> None:
    ours, theirs = await both(LOOKUP, representations)

    assert ours == theirs


@pytest.mark.parametrize("id", ["bug", "nameless"])
async def test_a_bug_is_masked_and_takes_one_entity_only(id: str) -> None:
    ours, theirs = await both(LOOKUP, [reference("1"), reference(id)])

    assert ours["data"] == theirs["data"]
    assert [entity is None for entity in ours["data"]["_entities"]] == [False, True]
    (error,), (other,) = ours["errors"], theirs["errors"]
    assert "secret" not in str(error)
    assert error["path"] == other["path"][:2] == ["_entities", 1]
    assert error["extensions"]["code"] == other["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(
    "variables",
    [
        None,
        {},
        {"representations": None},
        {"representations": reference("1")},
        {"representations": [None]},
        {"representations": [{"__typename": "Person"}]},
        {"representations": [{"__typename": "Person", "id": 1}]},
        {"representations": [{"__typename": "Person", "id": "1", "name": "given"}]},
        {"representations": [reference("1", "Stub")]},
        {"representations": [reference("1", "Unknown")]},
        {"representations": [reference("1")], "more": 1},
    ],
)
def test_representations_that_are_more_than_a_type_and_an_id_are_left_to_the_executor(variables: Any) -> None:
    assert found(LOOKUP).read(variables) is None


@pytest.mark.parametrize(
    "text",
    [
        'query { _entities(representations: [{__typename: "Person", id: "1"}]) { __typename } }',
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { loud } } }",
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { id @skip(if: true) } } }",
        "query ($r: [_Any!]!) { _entities(representations: $r) @include(if: true) { ... on Person { id } } }",
        "query ($r: [_Any!]!) { a: _entities(representations: $r) { ... on Person { id } } __typename }",
        "query ($r: [_Any!]!, $more: Int) { _entities(representations: $r) { ... on Person { id } } }",
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { nonsense } } }",
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person {",
        "query { _entities { __typename } }",
    ],
)
def test_a_lookup_that_takes_more_than_picking_is_left_to_the_executor(text: str) -> None:
    lookup = DIRECT.find(text)
    assert lookup is None or lookup.read({"r": [reference("1")]}) is None
