"""@defer over several subgraphs: what comes first, what comes later, and how it is told."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import GraphQLError

from gateway.execution import RequestContext
from tests.gateway.federation.harness import Federation, Fixture, Row

FIRST = Fixture(
    "first",
    """type Query { items: [Item] item: Item } type Item @key(fields: "id") { id: ID! name: String detail: Detail }
    type Detail { text: String }""",
    rows={"Item": [{"id": "1", "name": "A", "detail": {"text": "long"}}]},
    roots={
        "items": [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}],
        "item": {"id": "1", "name": "A", "detail": {"text": "long"}},
    },
)


def slow(row: Row) -> Any:
    if row["id"] == "2":
        raise GraphQLError("gone")
    return 7


SECOND = Fixture(
    "second",
    """type Item @key(fields: "id") { id: ID! stock: Int must: Int! }""",
    rows={"Item": [{"id": "1"}, {"id": "2"}]},
    fields={"Item.stock": slow, "Item.must": slow},
)


async def parts_of(federation: Federation, text: str, variables: Row | None = None) -> list[Row]:
    prepared = federation.cache.prepare(text)
    result = await federation.executor.execute(prepared, variables, federation.context)
    parts = [orjson.loads(result.to_bytes())]
    if result.patches is not None:
        parts += [orjson.loads(patch) async for patch in result.patches]
    return parts


async def test_a_deferred_fragment_comes_in_a_second_part() -> None:
    async with Federation(FIRST, SECOND) as shop:
        assert await parts_of(shop, '{ item { name ... @defer(label: "more") { count: stock } } }') == [
            {
                "data": {"item": {"name": "A"}},
                "pending": [{"id": "0", "path": ["item"], "label": "more"}],
                "hasNext": True,
            },
            {"incremental": [{"id": "0", "data": {"count": 7}}], "completed": [{"id": "0"}], "hasNext": False},
        ]


async def test_each_object_of_a_list_has_its_own_deferred_part_with_its_own_errors() -> None:
    async with Federation(FIRST, SECOND) as shop:
        first, second = await parts_of(shop, "{ items { name ... @defer { stock } } }")
        assert first == {
            "data": {"items": [{"name": "A"}, {"name": "B"}]},
            "pending": [{"id": "0", "path": ["items", 0]}, {"id": "1", "path": ["items", 1]}],
            "hasNext": True,
        }
        error = {
            "message": "gone",
            "path": ["items", 1, "stock"],
            "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "second"},
        }
        assert second == {
            "incremental": [{"id": "0", "data": {"stock": 7}}, {"id": "1", "data": {"stock": None}, "errors": [error]}],
            "completed": [{"id": "0"}, {"id": "1"}],
            "hasNext": False,
        }


async def test_a_null_that_climbs_out_of_a_deferred_part_leaves_the_first_part_alone() -> None:
    async with Federation(FIRST, SECOND) as shop:
        _, second = await parts_of(shop, "{ items { name ... @defer { must } } }")
        assert second["incremental"] == [{"id": "0", "data": {"must": 7}}]
        assert [completed["id"] for completed in second["completed"]] == ["0", "1"]
        assert second["completed"][1]["errors"][0]["path"] == ["items", 1, "must"]


async def test_defer_can_be_turned_off_by_a_variable() -> None:
    text = "query ($later: Boolean!) { item { name ... @defer(if: $later) { stock } } }"
    async with Federation(FIRST, SECOND) as shop:
        assert await parts_of(shop, text, {"later": False}) == [{"data": {"item": {"name": "A", "stock": 7}}}]
        assert len(await parts_of(shop, text, {"later": True})) == 2


async def test_a_client_that_cannot_read_parts_gets_one_answer() -> None:
    async with Federation(FIRST, SECOND) as shop:
        shop.context = RequestContext(accepts_incremental=False)
        assert await parts_of(shop, "{ item { name ... @defer { stock } } }") == [
            {"data": {"item": {"name": "A", "stock": 7}}}
        ]


async def test_a_deferred_fragment_inside_a_deferred_fragment() -> None:
    async with Federation(FIRST, SECOND) as shop:
        text = '{ item { name ... @defer(label: "a") { detail { text } ... @defer(label: "b") { stock } } } }'
        parts = await parts_of(shop, text)
        merged: Row = {}
        for part in parts[1:]:
            for piece in part.get("incremental", []):
                merged.update(piece["data"])
        assert parts[0]["data"] == {"item": {"name": "A"}}
        assert merged == {"detail": {"text": "long"}, "stock": 7}
        assert parts[-1]["hasNext"] is False


async def test_a_deferred_part_below_a_null_is_never_announced() -> None:
    none = Fixture("first", FIRST.sdl, rows={"Item": []}, roots={"item": None})
    async with Federation(none, SECOND) as shop:
        assert await parts_of(shop, "{ item { name ... @defer { stock } } }") == [{"data": {"item": None}}]
