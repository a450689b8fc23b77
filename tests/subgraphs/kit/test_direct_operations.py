"""Direct operations: the same answer as the executor's for everything they take, and everything else is left to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.scalars import Base64
from strawberry.types.graphql import OperationType

from subgraphs.kit import errors
from subgraphs.kit.direct_operations import DirectOperation, DirectOperations
from subgraphs.kit.graphql_errors import InvalidInput, NotFound
from subgraphs.kit.schema import create_subgraph_schema


@strawberry.enum
class Mood(Enum):
    GOOD = "good"


@strawberry.type
class Stored:
    seq: int
    names: list[str]
    data: Base64
    at: datetime
    mood: Mood
    note: str | None = None

    @strawberry.field
    def loud(self) -> str:
        return "!" * self.seq


@strawberry.input
class StoreInput:
    id: strawberry.ID
    updates: list[Base64]
    moods: list[Mood] = strawberry.field(default_factory=list)
    number: int | None = None
    is_last: bool = False


StoreResult = Annotated[Stored | InvalidInput | NotFound, strawberry.union("StoreResult")]


@strawberry.type
class Query:
    hello: str = "hello"


def _stored(number: int) -> Stored:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Stored(seq=number, names=["a", "b"], data=Base64(b"\x00\xff"), at=at, mood=Mood.GOOD)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def store(self, info: strawberry.Info[Any, None], input: StoreInput) -> StoreResult:
        match input.id:
            case "invalid":
                raise errors.InvalidInput("It is not right.", field="input.id")
            case "limited":
                raise errors.RateLimited("Too fast.", retry_after=2.5)
            case "bug":
                raise ZeroDivisionError("a secret")
        weight = sum(100 for mood in input.moods if mood is Mood.GOOD)
        return _stored((input.number or 0) + len(input.updates) + len(info.context.who) + input.is_last + weight)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def stream(self, info: strawberry.Info[Any, None], after: int | None = None) -> AsyncGenerator[Stored, None]:
        yield _stored(after or 0)
        if after == 13:
            raise errors.NotFound("It is gone.")


@dataclass(slots=True)
class Context:
    who: str = "me"


SCHEMA = create_subgraph_schema(query=Query, mutation=Mutation, subscription=Subscription)
DIRECT = DirectOperations(SCHEMA, frozenset({"store", "stream"}))
STORE = """mutation Store($input: StoreInput!) { store(input: $input) {
    __typename ... on Stored { seq n: names data at mood note } ...Failed } }
fragment Failed on Error { code message retryable ... on InvalidInput { field } }"""


def found(text: str, name: str | None = None) -> DirectOperation:
    operation = DIRECT.find(text, name)
    assert isinstance(operation, DirectOperation)
    return operation


async def by_executor(text: str, variables: Any) -> Any:
    result = await SCHEMA.execute(text, variable_values=variables, context_value=Context())
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return answer


@pytest.mark.parametrize(
    "given",
    [
        {"id": "1", "updates": ["AAE="]},
        {"id": "1", "updates": [], "number": 7, "isLast": True},
        {"id": "1", "updates": [], "number": None},
        {"id": "1", "updates": [], "moods": ["GOOD", "GOOD"]},
        {"id": "invalid", "updates": []},
        {"id": "limited", "updates": []},
    ],
)
async def test_a_mutation_is_answered_as_the_executor_answers_it(given: dict[str, Any]) -> None:
    operation = found(STORE)
    arguments = operation.read({"input": given})
    assert arguments is not None
    assert await operation.answer(Context(), arguments) == await by_executor(STORE, {"input": given})


async def test_a_bug_is_masked_with_the_same_place_and_code() -> None:
    operation = found(STORE)
    arguments = operation.read({"input": {"id": "bug", "updates": []}})
    assert arguments is not None
    ours = await operation.answer(Context(), arguments)
    theirs = await by_executor(STORE, {"input": {"id": "bug", "updates": []}})
    assert ours["data"] == theirs["data"]
    (error,), (other,) = ours["errors"], theirs["errors"]
    assert "secret" not in str(error)
    assert (error["path"], error["locations"]) == (other["path"], other["locations"])
    assert error["extensions"]["code"] == other["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(
    "variables",
    [
        None,
        {},
        {"input": None},
        {"input": []},
        {"input": {"updates": []}},
        {"input": {"id": None, "updates": []}},
        {"input": {"id": 1, "updates": []}},
        {"input": {"id": "1", "updates": "AAE="}},
        {"input": {"id": "1", "updates": ["not base64"]}},
        {"input": {"id": "1", "updates": [None]}},
        {"input": {"id": "1", "updates": [], "number": True}},
        {"input": {"id": "1", "updates": [], "number": 2**31}},
        {"input": {"id": "1", "updates": [], "number": 1.0}},
        {"input": {"id": "1", "updates": [], "unknown": 1}},
        {"input": {"id": "1", "updates": [], "moods": ["good"]}},
        {"input": {"id": "1", "updates": [], "moods": ["BAD"]}},
    ],
)
def test_an_input_that_is_not_exactly_as_declared_is_left_to_the_executor(variables: Any) -> None:
    assert found(STORE).read(variables) is None


@pytest.mark.parametrize(
    "text",
    [
        "{ hello }",
        "mutation { store(input: {id: 1, updates: []}) { __typename } }",
        "mutation ($input: StoreInput!) { store(input: $input) { ... on Stored { loud } } }",
        "mutation ($input: StoreInput!) { store(input: $input) { __typename @include(if: true) } }",
        "mutation ($input: StoreInput!) { store(input: $input) @skip(if: false) { __typename } }",
        "mutation ($input: StoreInput!) { a: store(input: $input) { __typename } b: store(input: $input) { __typename } }",
        "mutation ($input: StoreInput!, $more: Int) { store(input: $input) { __typename } }",
        'mutation ($input: StoreInput = {id: "1", updates: []}) { store(input: $input) { __typename } }',
        "mutation A($input: StoreInput!) { store(input: $input) { __typename } } query B { hello }",
        "mutation ($input: StoreInput!) { store(input: $input) { nonsense } }",
        "mutation ($input: StoreInput!) { store(input: $input) {",
    ],
)
def test_an_operation_that_takes_more_than_picking_is_left_to_the_executor(text: str) -> None:
    assert DIRECT.find(text) is None


def test_another_operation_name_is_left_to_the_executor() -> None:
    assert DIRECT.find(STORE, "Store") is not None
    assert DIRECT.find(STORE, "Other") is None


@pytest.mark.parametrize("after", [None, 5, 13])
async def test_a_subscription_tells_the_same_events_and_the_same_end(after: int | None) -> None:
    text = "subscription ($after: Int) { stream(after: $after) { __typename seq at } }"
    operation = found(text)
    arguments = operation.read({"after": after})
    assert arguments is not None
    ours = [response async for _, response in operation.events(Context(), arguments)]
    theirs = []
    stream = await SCHEMA.subscribe(text, variable_values={"after": after}, context_value=Context())
    async for result in stream:
        errors_shown = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
        theirs.append({"data": result.data, **errors_shown})
    assert ours == theirs
    assert len(ours) == (2 if after == 13 else 1)


async def test_an_event_with_a_resolved_field_is_made_by_the_executor() -> None:
    text = "subscription ($after: Int) { stream(after: $after) { seq loud } }"
    operation = found(text)
    ((event, response),) = [item async for item in operation.events(Context(), {"after": 3})]
    assert response is None
    allowed = {OperationType.SUBSCRIPTION}
    result = await SCHEMA.execute(text, root_value=event, context_value=Context(), allowed_operation_types=allowed)
    assert result.data == {"stream": {"seq": 3, "loud": "!!!"}}
