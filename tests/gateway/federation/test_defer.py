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


def merged(parts: list[Row]) -> Row:
    """Several parts as one; `hasNext` must be right."""
    assert [part.pop("hasNext") for part in parts] == [True] * (len(parts) - 1) + [False]
    found: Row = {}
    for part in parts:
        for key, entries in part.items():
            found.setdefault(key, []).extend(entries)
    return found


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


async def test_a_deferred_fragment_inside_another_is_announced_when_that_is_complete() -> None:
    text = '{ item { name ... @defer(label: "a") { detail { text } ... @defer(label: "b") { stock } } } }'
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    assert parts[0] == {
        "data": {"item": {"name": "A"}},
        "pending": [{"id": "0", "path": ["item"], "label": "a"}],
        "hasNext": True,
    }
    assert merged(parts[1:]) == {
        "pending": [{"id": "1", "path": ["item"], "label": "b"}],
        "incremental": [{"id": "0", "data": {"detail": {"text": "long"}}}, {"id": "1", "data": {"stock": 7}}],
        "completed": [{"id": "0"}, {"id": "1"}],
    }


async def test_what_two_deferred_fragments_select_comes_once() -> None:
    text = """{ item { ... @defer(label: "a") { name stock } ... @defer(label: "b") { name detail { text } } } }"""
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    assert parts[0] == {
        "data": {"item": {}},
        "pending": [
            {"id": "0", "path": ["item"], "label": "a"},
            {"id": "1", "path": ["item"], "label": "b"},
        ],
        "hasNext": True,
    }
    later = merged(parts[1:])
    # `b` needs no further fetch: it is complete first, and brings the name for both.
    assert later["incremental"] == [
        {"id": "1", "data": {"name": "A"}},
        {"id": "1", "data": {"detail": {"text": "long"}}},
        {"id": "0", "data": {"stock": 7}},
    ]
    assert later["completed"] == [{"id": "1"}, {"id": "0"}]


async def test_what_the_answer_holds_already_does_not_come_again() -> None:
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, "{ item { name ... @defer { name stock } } }")
        assert [piece["data"] for piece in parts[1]["incremental"]] == [{"stock": 7}]
        # A fragment that brings nothing is not even announced; the one inside it is, at once.
        parts = await parts_of(shop, '{ item { name ... @defer { name ... @defer(label: "in") { stock } } } }')
        assert parts[0]["pending"] == [{"id": "0", "path": ["item"], "label": "in"}]
        assert await parts_of(shop, "{ item { name ... @defer { name } } }") == [{"data": {"item": {"name": "A"}}}]


async def test_fields_below_a_field_of_two_fragments_come_by_the_way_there() -> None:
    text = """{ item { ... @defer(label: "a") { detail { text } } ... @defer(label: "b") { detail { text more: text } } } }"""
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    later = merged(parts[1:])
    assert {"id": "1", "subPath": ["detail"], "data": {"more": "long"}} in later["incremental"]
    assert {"id": "0", "data": {"detail": {"text": "long"}}} in later["incremental"]


async def test_a_fragment_inside_one_that_fails_is_never_announced() -> None:
    text = '{ items { name ... @defer(label: "a") { must ... @defer(label: "b") { stock } } } }'
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    later = merged(parts[1:])
    assert later["pending"] == [{"id": "2", "path": ["items", 0], "label": "b"}]
    assert [(one["id"], "errors" in one) for one in later["completed"]] == [("0", False), ("1", True), ("2", False)]


async def test_errors_of_a_deferred_field_wait_for_its_part() -> None:
    """Also when the fetch is over before the first part is sent, because the answer itself needs something else of it."""
    text = "{ items { name other: stock ... @defer { stock } } }"
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    assert [error["path"] for error in parts[0]["errors"]] == [["items", 1, "other"]]
    assert [piece.get("errors", [{}])[0].get("path") for piece in parts[1]["incremental"]] == [
        None,
        ["items", 1, "stock"],
    ]


async def test_a_fragment_that_is_not_deferred_belongs_to_the_one_around_it() -> None:
    text = 'query ($in: Boolean!) { item { name ... @defer(label: "a") { ... @defer(if: $in) { stock } } } }'
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text, {"in": False})
    assert parts == [
        {
            "data": {"item": {"name": "A"}},
            "pending": [{"id": "0", "path": ["item"], "label": "a"}],
            "hasNext": True,
        },
        {"incremental": [{"id": "0", "data": {"stock": 7}}], "completed": [{"id": "0"}], "hasNext": False},
    ]


async def test_deferred_fields_of_the_root_and_of_object_types() -> None:
    text = """query { ... @defer(label: "root") { items { name } } item { ... on Item @defer(label: "typed") { stock } } }"""
    async with Federation(FIRST, SECOND) as shop:
        parts = await parts_of(shop, text)
    assert parts[0]["data"] == {"item": {}}
    assert parts[0]["pending"] == [
        {"id": "0", "path": [], "label": "root"},
        {"id": "1", "path": ["item"], "label": "typed"},
    ]
    pieces = {piece["id"]: piece["data"] for part in parts[1:] for piece in part.get("incremental", [])}
    assert pieces == {"0": {"items": [{"name": "A"}, {"name": "B"}]}, "1": {"stock": 7}}


async def test_a_deferred_part_below_a_null_is_never_announced() -> None:
    none = Fixture("first", FIRST.sdl, rows={"Item": []}, roots={"item": None})
    async with Federation(none, SECOND) as shop:
        assert await parts_of(shop, "{ item { name ... @defer { stock } } }") == [{"data": {"item": None}}]
