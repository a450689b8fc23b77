"""One set of data, served twice: by five subgraphs that each hold a part of it, and by one server, the oracle.

async with Depot() as depot:
    await depot.agrees("{ items { freight } }")
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from graphql import GraphQLError, execute_sync, parse, validate

from gateway.planning.query_plan import QueryPlan
from tests.gateway.federation.harness import Federation, Fixture, Row

MAKERS: list[Row] = [
    {"id": "m1", "country": {"code": "DE"}, "number": 7, "name": "Kiel & Co", "street": "Hafen 1", "staff": 12},
    {"id": "m2", "country": {"code": "NO"}, "number": 9, "name": "Fjord", "street": None, "staff": 3},
]
ITEMS: list[Row] = [
    {
        "__typename": "Item",
        "id": "1",
        "title": "Desk",
        "weight": 40,
        "parts": [[{"code": "leg", "grams": 900}, {"code": "top", "grams": 9000}], []],
        "maker": MAKERS[0],
        "stamp": {"year": 1999, "tags": ["a", {"b": None}]},
        "price": 90,
        "score": 5,
        "must": "yes",
    },
    {
        "__typename": "Item",
        "id": "2",
        "title": None,
        "weight": 70,
        "parts": [None, [{"code": "arm", "grams": None}, None]],
        "maker": None,
        "stamp": 5,
        "price": None,
        "score": None,
        "must": None,
    },
    {
        "__typename": "Item",
        "id": "3",
        "title": "Mug",
        "weight": 1,
        "parts": [],
        "maker": MAKERS[1],
        "stamp": None,
        "price": 7,
        "score": 3,
        "must": "yes",
    },
]
GIFTS: list[Row] = [{"__typename": "Gift", "id": "g", "title": "Card", "message": "Hi", "score": 4, "pages": 2}]
SHELVES: list[Row] = [
    {"id": "s1", "unit": "kg", "items": [ITEMS[0], None, ITEMS[2]]},
    {"id": "s2", "unit": "lb", "items": [ITEMS[0]]},
]
GRID: list[Any] = [[{"a": 1, "b": 10}, None, {"a": 2, "b": "boom"}], None, [], [{"a": None, "b": 30}]]
ROOTS: Row = {
    "items": [ITEMS[0], None, ITEMS[1], ITEMS[2]],
    "item": lambda id: next((item for item in ITEMS if item["id"] == id), None),
    "things": [ITEMS[0], GIFTS[0], None, ITEMS[2]],
    "found": [GIFTS[0], ITEMS[1]],
    "shelves": SHELVES,
    "grid": GRID,
    "shared": {"left": "l", "right": "r", "both": "b"},
    "addItem": lambda input: {**ITEMS[2], "stamp": input},
    "touch": lambda id: next((item for item in ITEMS if item["id"] == id), None),
    "count": lambda filter: len(filter["words"]) + filter["most"],
}


def freight(row: Row) -> int:
    return int(row["weight"]) * 2


def insured(row: Row) -> int | None:
    return None if row["price"] is None else freight_of(row) + int(row["price"])


def freight_of(row: Row) -> int:
    return int(row["freight"]) if "freight" in row else freight(row)


def total(row: Row) -> str:
    return f"{row['title']}: {row['insured'] if 'insured' in row else insured(row)}"


def packing(row: Row) -> str:
    return str(
        [[part and (part["code"], part["grams"]) for part in box] if box is not None else None for box in row["parts"]]
    )


def size(row: Row, unit: str = "CM") -> int:
    return int(row["weight"]) * (10 if unit == "MM" else 1)


def label(row: Row) -> str:
    # The depot gets the size in MM in the representation, whatever the client asked for.
    return f"{row['size'] if 'size' in row else size(row, 'MM')} mm"


def rated(row: Row) -> str:
    return f"{row['title']}!"


def weighed(row: Row, unit: str) -> str:
    return f"{row['id']} in {unit}"


def cell(row: Row) -> Any:
    if row["b"] == "boom":
        raise GraphQLError("boom")
    return row["b"]


def must(row: Row) -> Any:
    return row["must"]


FIELDS: dict[str, Any] = {
    "Item.freight": freight,
    "Item.insured": insured,
    "Item.total": total,
    "Item.packing": packing,
    "Item.size": size,
    "Item.label": label,
    "Item.rated": rated,
    "Gift.rated": rated,
    "Thing.rated": rated,
    "Item.weighed": weighed,
    "Cell.b": cell,
}

WHOLE_SDL = """
scalar Stamp
enum Unit { MM CM }
input NewItem { title: String! weight: Int = 3 }
input Filter { words: [String!]! most: Int! = 2 }
type Query {
  items: [Item] item(id: ID!): Item things: [Thing] found: [Found] shelves: [Shelf] grid: [[Cell]] shared: Shared
  count(filter: Filter!): Int
}
type Mutation { addItem(input: NewItem!): Item touch(id: ID!): Item }
type Subscription { changed: Item }
interface Thing { id: ID! title: String score: Int rated: String }
type Item implements Thing {
  id: ID! title: String weight: Int size(unit: Unit = CM): Int parts: [[Part]] maker: Maker stamp: Stamp total: String
  freight: Int insured: Int packing: String label: String price: Int must: String! nested: Item! score: Int rated: String
}
type Gift implements Thing { id: ID! title: String message: String pages: Int score: Int rated: String }
union Found = Item | Gift
type Part { code: String grams: Int }
type Maker { id: ID! country: Country number: Int name: String street: String staff: Int }
type Country { code: String }
type Shelf { id: ID! unit: String items: [ShelfItem] }
type ShelfItem { id: ID! weighed: String }
type Cell { a: Int b: Int }
type Shared { left: String right: String both: String }
"""
WHOLE = Fixture(
    "whole",
    WHOLE_SDL,
    roots=ROOTS,
    fields={
        **FIELDS,
        "Item.nested": lambda row: row if row["must"] else None,
        "ShelfItem.weighed": lambda row: weighed(row, row["unit"]),
        "Shelf.items": lambda shelf: [item and {**item, "unit": shelf["unit"]} for item in shelf["items"]],
    },
)


def part_of(rows: list[Row], *names: str) -> list[Row]:
    """The rows with these fields only: a subgraph knows nothing of the others' data."""
    return [{name: row[name] for name in ("__typename", *names) if name in row} for row in rows]


def owned(value: Any, *names: str) -> Any:
    """The same for whatever a root field answers: lists, nulls, functions."""
    if callable(value):
        return lambda **arguments: owned(value(**arguments), *names)
    if isinstance(value, list):
        return [owned(item, *names) for item in value]
    return {name: value[name] for name in ("__typename", *names) if name in value} if isinstance(value, dict) else value


IN_CATALOGUE = ("id", "title", "weight", "parts", "maker", "stamp")
CATALOGUE = Fixture(
    "catalogue",
    """
    scalar Stamp
    enum Unit { MM CM }
    input NewItem { title: String! weight: Int = 3 }
    input Filter { words: [String!]! most: Int! = 2 }
    type Query {
      items: [Item] item(id: ID!): Item things: [Thing] found: [Found] grid: [[Cell]] @shareable shared: Shared @shareable
      count(filter: Filter!): Int
    }
    type Mutation { addItem(input: NewItem!): Item touch(id: ID!): Item }
    type Subscription { changed: Item }
    interface Thing @key(fields: "id") { id: ID! title: String }
    union Found = Item | Gift
    type Item implements Thing @key(fields: "id") {
      id: ID! title: String weight: Int size(unit: Unit = CM): Int parts: [[Part]] maker: Maker stamp: Stamp
      insured: Int @external total: String @requires(fields: "insured")
    }
    type Gift implements Thing @key(fields: "id") { id: ID! title: String message: String }
    type Part { code: String grams: Int }
    type Maker @key(fields: "id") { id: ID! }
    type Cell @shareable { a: Int }
    type Shared @shareable { left: String both: String }
    """,
    rows={"Item": part_of(ITEMS, *IN_CATALOGUE), "Gift": part_of(GIFTS, "id", "title", "message")},
    roots={
        **{
            name: owned(ROOTS[name], *IN_CATALOGUE, "message") for name in ("items", "item", "things", "found", "touch")
        },
        "addItem": owned(ROOTS["addItem"], *IN_CATALOGUE),
        "grid": [[cell and {"a": cell["a"]} for cell in row] if row is not None else None for row in GRID],
        "shared": {"left": "l", "both": "b"},
        "count": ROOTS["count"],
    },
    fields={name: FIELDS[name] for name in ("Item.total", "Item.size")},
)
DEPOT = Fixture(
    "depot",
    """
    enum Unit { MM CM }
    type Item @key(fields: "id") {
      id: ID! weight: Int @external price: Int @external parts: [[Part]] @external size(unit: Unit = CM): Int @external
      freight: Int @requires(fields: "weight") insured: Int @requires(fields: "price weight")
      packing: String @requires(fields: "parts { code grams }") label: String @requires(fields: "size(unit: MM)")
      must: String! nested: Item!
    }
    type Part { code: String @external grams: Int @external }
    """,
    rows={"Item": part_of(ITEMS, "id", "must")},
    fields={
        **{name: FIELDS[name] for name in ("Item.freight", "Item.insured", "Item.packing", "Item.label")},
        "Item.nested": lambda row: row if row["must"] else None,
    },
)
BILLING = Fixture(
    "billing",
    """
    type Query { grid: [[Cell]] @shareable shared: Shared @shareable }
    type Item @key(fields: "id") { id: ID! price: Int }
    type Gift @key(fields: "id") { id: ID! pages: Int }
    type Cell @shareable { b: Int }
    type Shared @shareable { right: String both: String }
    """,
    rows={"Item": part_of(ITEMS, "id", "price"), "Gift": part_of(GIFTS, "id", "pages")},
    roots={
        "grid": [[cell and {"b": cell["b"]} for cell in row] if row is not None else None for row in GRID],
        "shared": {"right": "r", "both": "b"},
    },
    fields={"Cell.b": cell},
)
MAKERS_BY_ID = Fixture(
    "directory",
    """type Maker @key(fields: "id") @key(fields: "country { code } number") {
      id: ID! country: Country @shareable number: Int @shareable name: String }
    type Country @shareable { code: String }
    type Thing @key(fields: "id") @interfaceObject {
      id: ID! title: String @external score: Int rated: String @requires(fields: "title") }""",
    rows={
        "Maker": part_of(MAKERS, "id", "country", "number", "name"),
        "Thing": [{"id": row["id"], "score": row["score"]} for row in (*ITEMS, *GIFTS)],
    },
    fields={"Thing.rated": rated},
)
OFFICES = Fixture(
    "offices",
    """type Query { shelves: [Shelf] }
    type Maker @key(fields: "country { code } number") { country: Country @shareable number: Int @shareable street: String staff: Int }
    type Country @shareable { code: String }
    type Shelf @key(fields: "id") @context(name: "shelf") { id: ID! unit: String items: [ShelfItem] }
    type ShelfItem @key(fields: "id") { id: ID! weighed(unit: String @fromContext(field: "$shelf { unit }")): String }""",
    rows={
        "Maker": part_of(MAKERS, "country", "number", "street", "staff"),
        "Shelf": SHELVES,
        "ShelfItem": [{"id": row["id"]} for row in ITEMS],
    },
    roots={"shelves": [{**shelf, "items": owned(shelf["items"], "id")} for shelf in SHELVES]},
    fields={"ShelfItem.weighed": weighed},
)


class Depot:
    """The subgraphs as a running federation, and the oracle beside it."""

    def __init__(self) -> None:
        self.federation = Federation(CATALOGUE, DEPOT, BILLING, MAKERS_BY_ID, OFFICES)
        self._schema = WHOLE.schema()

    async def __aenter__(self) -> Self:
        await self.federation.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.federation.__aexit__(kind, error, traceback)

    def expected(self, text: str, variables: Row | None = None) -> Row:
        """What one server answers: data, and where errors are."""
        document = parse(text)
        assert not validate(self._schema, document)
        result = execute_sync(self._schema, document, variable_values=variables)
        return {"data": result.data, "errors": sorted(str(error.path) for error in result.errors or ())}

    async def agrees(self, text: str, variables: Row | None = None) -> Any:
        """Assert that the federation answers as one server does; returns the data."""
        answer = await self.federation.answer(text, variables)
        errors = sorted(str(error["path"]) for error in answer.get("errors", ()))
        expected = self.expected(text, variables)
        assert {"data": answer["data"], "errors": errors} == expected, answer.get("errors")
        return expected["data"]

    def plan(self, text: str) -> QueryPlan:
        """The plan of an operation."""
        return self.federation.plan(text)
