"""Errors in the client's terms: partial data, null propagation, paths through aliases and entities, subgraphs that fail."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError

from gateway.execution import ExecutionSettings, InvalidVariables
from tests.gateway.federation.harness import Federation, Fixture, Row

ITEMS: list[Row] = [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}, {"id": "1", "name": "A"}]


def boom(*_: Any, **__: Any) -> Any:
    raise GraphQLError("boom", extensions={"code": "BOOM", "hint": "x"})


FIRST = Fixture(
    "first",
    """type Query { items: [Item] item: Item strict: [Item!]! broken: Int }
    type Item @key(fields: "id") { id: ID! name: String bad: Int }""",
    rows={"Item": ITEMS},
    roots={"items": ITEMS, "item": ITEMS[0], "strict": ITEMS, "broken": boom},
    fields={"Item.bad": boom},
)
SECOND = Fixture(
    "second",
    """type Item @key(fields: "id") { id: ID! stock: Int must: Int! parts: [Part] } type Part { weight: Int }""",
    rows={"Item": [{"id": "1", "stock": 1, "must": 1, "parts": [{"weight": 1}]}, {"id": "2", "stock": 2, "must": 2}]},
    fields={
        "Item.stock": lambda row: row["stock"] if row["id"] == "2" else boom(),
        "Item.must": lambda row: row["must"] if row["id"] == "2" else None,
        "Part.weight": boom,
    },
)
SHOWN = {"code": "BOOM", "hint": "x", "serviceName": "second"}


async def test_an_error_of_an_entity_field_stands_at_every_place_of_that_entity() -> None:
    async with Federation(FIRST, SECOND) as shop:
        assert await shop.answer("{ all: items { amount: stock name } }") == {
            "errors": [
                {"message": "boom", "path": ["all", 0, "amount"], "extensions": SHOWN},
                {"message": "boom", "path": ["all", 2, "amount"], "extensions": SHOWN},
            ],
            "data": {
                "all": [
                    {"amount": None, "name": "A"},
                    {"amount": 2, "name": "B"},
                    {"amount": None, "name": "A"},
                ]
            },
        }


async def test_an_error_deep_inside_an_entity_keeps_the_rest_of_its_path() -> None:
    async with Federation(FIRST, SECOND) as shop:
        answer = await shop.answer("{ item { pieces: parts { w: weight } } }")
        assert answer["data"] == {"item": {"pieces": [{"w": None}]}}
        assert answer["errors"] == [{"message": "boom", "path": ["item", "pieces", 0, "w"], "extensions": SHOWN}]


async def test_an_error_inside_lists_of_lists_from_a_second_subgraph() -> None:
    cells = [[{"mark": "x"}, {"mark": "o"}], [{"mark": "-"}]]
    board = Fixture(
        "board",
        """type Query { board: Board } type Board @key(fields: "id") { id: ID! rows: [[Cell!]] @shareable }
        type Cell { mark: String @shareable }""",
        roots={"board": {"id": "b", "rows": cells}},
    )
    colours = Fixture(
        "second",
        """type Board @key(fields: "id") { id: ID! rows: [[Cell!]] @shareable } type Cell { colour: String! }""",
        rows={"Board": [{"id": "b", "rows": [[{"n": 0}, {"n": 1}], [{"n": 2}]]}]},
        fields={"Cell.colour": lambda row: boom() if row["n"] == 1 else f"c{row['n']}"},
    )
    async with Federation(board, colours) as game:
        answer = await game.answer("{ board { lines: rows { mark tint: colour } } }")
        # The first line is null: its second cell may not be null, and the subgraph has already made it so.
        assert answer["data"] == {"board": {"lines": [None, [{"mark": "-", "tint": "c2"}]]}}
        assert answer["errors"] == [
            {"message": "boom", "path": ["board", "lines", 0, 1, "tint"], "extensions": SHOWN},
        ]


async def test_an_error_of_a_root_field_keeps_its_siblings() -> None:
    async with Federation(FIRST, SECOND) as shop:
        assert await shop.answer("{ oops: broken item { name } }") == {
            "errors": [
                {
                    "message": "boom",
                    "path": ["oops"],
                    "extensions": {"code": "BOOM", "hint": "x", "serviceName": "first"},
                }
            ],
            "data": {"oops": None, "item": {"name": "A"}},
        }


async def test_a_null_from_another_subgraph_climbs_to_the_nearest_nullable_place() -> None:
    async with Federation(FIRST, SECOND) as shop:
        answer = await shop.answer("{ items { must } }")
        assert answer["data"] == {"items": [None, {"must": 2}, None]}
        assert [error["path"] for error in answer["errors"]] == [["items", 0, "must"], ["items", 2, "must"]]


async def test_a_null_climbs_through_non_null_lists_to_the_top() -> None:
    async with Federation(FIRST, SECOND) as shop:
        answer = await shop.answer("{ strict { must } }")
        assert answer["data"] is None
        assert answer["errors"][0]["path"] == ["strict", 0, "must"]


async def test_a_subgraph_that_is_down_costs_only_its_own_fields() -> None:
    async with Federation(FIRST, SECOND) as shop:
        shop.broken["second"] = None
        answer = await shop.answer("{ item { name count: stock } }")
        assert answer["data"] == {"item": {"name": "A", "count": None}}
        assert answer["errors"] == [
            {
                "message": 'Subgraph "second" closed the connection before its answer was whole.',
                "path": ["item", "count"],
                "extensions": {"code": "SUBGRAPH_UNREACHABLE", "serviceName": "second"},
            }
        ]


async def test_a_root_subgraph_that_is_down_leaves_nulls_at_its_fields() -> None:
    async with Federation(FIRST, SECOND) as shop:
        shop.broken["first"] = None
        answer = await shop.answer("{ a: item { name stock } broken }")
        assert answer["data"] == {"a": None, "broken": None}
        assert [error["path"] for error in answer["errors"]] == [["a"], ["broken"]]
        assert shop.asked() == {"first": 1}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"not json", 'Subgraph "second" answered with something that is not JSON (HTTP status 200).'),
        (b"[1]", 'Subgraph "second" answered with JSON that is not an object (HTTP status 200).'),
        (b"{}", 'Subgraph "second" answered with neither data nor errors (HTTP status 200).'),
        (b'{"data":[]}', 'Subgraph "second" answered with neither data nor errors (HTTP status 200).'),
        (b'{"data":{},"errors":7}', 'Subgraph "second" answered with `errors` that are not a list (HTTP status 200).'),
        (b'{"data":{"_entities":[]}}', 'Subgraph "second" did not answer with one entity for each asked.'),
        (b'{"data":{"_entities":7}}', 'Subgraph "second" did not answer with one entity for each asked.'),
    ],
)
async def test_garbage_from_a_subgraph_is_an_error_at_its_fields(sent: bytes, message: str) -> None:
    async with Federation(FIRST, SECOND) as shop:
        shop.broken["second"] = sent
        assert await shop.answer("{ item { name stock } }") == {
            "errors": [
                {
                    "message": message,
                    "path": ["item", "stock"],
                    "extensions": {"code": "SUBGRAPH_PROTOCOL_ERROR", "serviceName": "second"},
                }
            ],
            "data": {"item": {"name": "A", "stock": None}},
        }


@pytest.mark.parametrize(
    ("sent", "data"),
    [
        (b'{"data":{"items":"text"}}', {"items": None}),
        (b'{"data":{"items":{"id":"1"}}}', {"items": None}),
        (
            b'{"data":{"items":[7,{"id":"1","name":["x"]},{"name":"B"}]}}',
            {"items": [None, {"name": None}, {"name": "B"}]},
        ),
        (b'{"data":{"items":[{"id":{"x":1},"name":"A"}]}}', {"items": [{"name": "A"}]}),
    ],
)
async def test_values_of_the_wrong_shape_become_null_with_an_error(sent: bytes, data: Row) -> None:
    async with Federation(FIRST, SECOND) as shop:
        shop.broken["first"] = sent
        shop.broken["second"] = b'{"data":{"_entities":[{"stock":1}]}}'
        answer = await shop.answer("{ items { name } }")
        assert answer["data"] == data
        assert data == {"items": [{"name": "A"}]} or answer["errors"]
        gathered = await shop.answer("{ items { name stock } }")
        assert "items" in gathered["data"]


async def test_subgraph_errors_can_be_masked() -> None:
    async with Federation(
        FIRST, SECOND, settings=ExecutionSettings(expose_subgraph_errors=False, masked_message="Sorry.")
    ) as shop:
        answer = await shop.answer("{ item { stock } }")
        assert answer["errors"] == [{"message": "Sorry.", "path": ["item", "stock"], "extensions": {"code": "BOOM"}}]


async def test_the_number_of_errors_is_bounded() -> None:
    many = Fixture(
        "first", FIRST.sdl, rows={"Item": ITEMS}, roots={"items": ITEMS * 100}, fields={"Item.bad": lambda row: 1}
    )
    async with Federation(many, SECOND, settings=ExecutionSettings(max_error_paths=7)) as shop:
        answer = await shop.answer("{ items { stock } }")
        assert len(answer["data"]["items"]) == 300
        assert len(answer["errors"]) == 7


async def test_variables_that_do_not_fit_are_told_before_anything_is_fetched() -> None:
    only = Fixture("only", "type Query { f(n: Int!, s: [String!]): Int }", roots={"f": lambda n, s=None: n})
    async with Federation(only) as graph:
        text = 'query ($n: Int!, $s: [String!] = ["d"]) { f(n: $n, s: $s) }'
        assert await graph.data(text, {"n": 3, "unknown": 1}) == {"f": 3}
        with pytest.raises(InvalidVariables, match=r"Variable '\$n' has invalid value"):
            await graph.answer(text, {"n": "three"})
        with pytest.raises(InvalidVariables, match="to be provided"):
            await graph.answer(text, {})
        assert graph.asked() == {"only": 1}
