"""Interfaces and unions spread over subgraphs, type names, and interface objects."""

from __future__ import annotations

import orjson
import pytest

from tests.gateway.federation.harness import Federation, Fixture, Row

MEDIA: list[Row] = [
    {"__typename": "Book", "id": "1", "title": "Sand", "pages": 200},
    {"__typename": "Film", "id": "2", "title": "Heat", "minutes": 170},
    {"__typename": "Song", "id": "3", "title": "Blue"},
]
LIBRARY = Fixture(
    "library",
    """type Query { media: [Media] any: [Anything] first: Media }
    interface Media { id: ID! title: String }
    union Anything = Book | Film
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
    type Song implements Media @key(fields: "id") { id: ID! title: String }""",
    rows={name: [row for row in MEDIA if row["__typename"] == name] for name in ("Book", "Film", "Song")},
    roots={"media": MEDIA, "any": MEDIA[:2], "first": MEDIA[0]},
)
PRICES = Fixture(
    "prices",
    """type Book @key(fields: "id") { id: ID! price: Int } type Film @key(fields: "id") { id: ID! price: Int rental: Int }""",
    rows={"Book": [{"id": "1", "price": 10}], "Film": [{"id": "2", "price": 20, "rental": 3}]},
)


async def test_fields_of_two_types_from_another_subgraph_come_in_one_fetch() -> None:
    text = "{ media { title ... on Book { price } ... on Film { price rental } } }"
    async with Federation(LIBRARY, PRICES) as shop:
        assert await shop.answer(text) == {
            "data": {
                "media": [
                    {"title": "Sand", "price": 10},
                    {"title": "Heat", "price": 20, "rental": 3},
                    {"title": "Blue"},
                ]
            }
        }
        assert shop.asked() == {"library": 1, "prices": 1}


async def test_a_fragment_on_an_interface_inside_a_fragment_on_an_object() -> None:
    text = "{ any { ... on Media { ... on Book { pages title } ... on Film { ... on Media { title } } } } }"
    async with Federation(LIBRARY, PRICES) as shop:
        assert await shop.data(text) == {"any": [{"pages": 200, "title": "Sand"}, {"title": "Heat"}]}


async def test_an_object_fragment_inside_an_interface_fragment_that_another_subgraph_answers() -> None:
    text = "{ any { ... on Media { ... on Film { rental } } } }"
    async with Federation(LIBRARY, PRICES) as shop:
        assert await shop.data(text) == {"any": [{}, {"rental": 3}]}


async def test_type_names_are_told_under_any_alias() -> None:
    async with Federation(LIBRARY, PRICES) as shop:
        assert await shop.data(
            "{ __typename first { kind: __typename } media { __typename } any { t: __typename } }"
        ) == {
            "__typename": "Query",
            "first": {"kind": "Book"},
            "media": [{"__typename": "Book"}, {"__typename": "Film"}, {"__typename": "Song"}],
            "any": [{"t": "Book"}, {"t": "Film"}],
        }


async def test_a_type_name_alias_that_hides_the_type() -> None:
    async with Federation(LIBRARY, PRICES) as shop:
        assert await shop.data("{ media { __typename: title id: __typename ... on Book { price } } }") == {
            "media": [
                {"__typename": "Sand", "id": "Book", "price": 10},
                {"__typename": "Heat", "id": "Film"},
                {"__typename": "Blue", "id": "Song"},
            ]
        }


async def test_the_same_field_with_different_types_in_the_members_of_a_union() -> None:
    rows: list[Row] = [{"__typename": "A", "v": "one"}, {"__typename": "B", "v": 2}]
    mixed = Fixture(
        "mixed", "type Query { all: [U] } union U = A | B type A { v: String! } type B { v: Int }", roots={"all": rows}
    )
    async with Federation(mixed) as graph:
        assert await graph.data("{ all { ... on A { v } ... on B { w: v } } }") == {"all": [{"v": "one"}, {"w": 2}]}


async def test_a_union_whose_members_differ_between_subgraphs() -> None:
    left = Fixture(
        "left",
        """type Query { result: Result @shareable } union Result = Ok | Busy type Ok @shareable { text: String } type Busy { wait: Int }""",
        roots={"result": {"__typename": "Ok", "text": "fine"}},
    )
    right = Fixture(
        "right",
        """type Query { result: Result @shareable other: Result } union Result = Ok | Gone
        type Ok @shareable { text: String } type Gone { at: Int }""",
        roots={"result": {"__typename": "Ok", "text": "fine"}, "other": {"__typename": "Gone", "at": 5}},
    )
    async with Federation(left, right) as graph:
        text = "{ result { ... on Ok { text } ... on Busy { wait } ... on Gone { at } } other { ... on Gone { at } ... on Busy { wait } } }"
        assert await graph.data(text) == {"result": {"text": "fine"}, "other": {"at": 5}}


# -- interface objects --

ITEMS: list[Row] = [
    {"__typename": "Chair", "id": "1", "legs": 4},
    {"__typename": "Lamp", "id": "2", "watts": 40},
]
FURNITURE = Fixture(
    "furniture",
    """type Query { items: [Item] }
    interface Item @key(fields: "id") { id: ID! }
    type Chair implements Item @key(fields: "id") { id: ID! legs: Int }
    type Lamp implements Item @key(fields: "id") { id: ID! watts: Int }""",
    rows={"Chair": ITEMS[:1], "Lamp": ITEMS[1:]},
    roots={"items": ITEMS},
)
RATINGS = Fixture(
    "ratings",
    """type Query { best: [Item] } type Item @key(fields: "id") @interfaceObject { id: ID! stars: Int }""",
    rows={"Item": [{"id": "1", "stars": 5}, {"id": "2", "stars": 3}]},
    roots={"best": [{"id": "2", "stars": 3}, {"id": "1", "stars": 5}]},
)


async def test_a_field_that_an_interface_object_adds_to_all_implementations() -> None:
    async with Federation(FURNITURE, RATINGS) as shop:
        assert await shop.data("{ items { stars __typename ... on Chair { legs } } }") == {
            "items": [{"stars": 5, "__typename": "Chair", "legs": 4}, {"stars": 3, "__typename": "Lamp"}]
        }
        assert shop.representations("ratings") == [
            [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}]
        ]


async def test_an_interface_object_at_the_root_learns_its_types_from_the_other_subgraph() -> None:
    async with Federation(FURNITURE, RATINGS) as shop:
        assert await shop.data("{ best { stars __typename ... on Lamp { watts } } }") == {
            "best": [{"stars": 3, "__typename": "Lamp", "watts": 40}, {"stars": 5, "__typename": "Chair"}]
        }


async def test_an_interface_objects_own_fields_need_no_type() -> None:
    async with Federation(FURNITURE, RATINGS) as shop:
        assert await shop.data("{ best { stars id } }") == {"best": [{"stars": 3, "id": "2"}, {"stars": 5, "id": "1"}]}
        assert shop.asked() == {"ratings": 1}


async def test_an_interface_objects_field_beside_and_inside_a_fragment_on_one_implementation() -> None:
    async with Federation(FURNITURE, RATINGS) as shop:
        assert await shop.data("{ items { id ... on Lamp { stars watts } } }") == {
            "items": [{"id": "1"}, {"id": "2", "stars": 3, "watts": 40}]
        }


async def test_an_interface_field_answered_by_different_subgraphs_for_different_types() -> None:
    feed: list[Row] = [{"__typename": "Text", "id": "t"}, {"__typename": "Image", "id": "i"}]
    posts = Fixture(
        "posts",
        """type Query { feed: [Post] } interface Post { id: ID! author: String }
        type Text implements Post @key(fields: "id") { id: ID! author: String }
        type Image implements Post @key(fields: "id") { id: ID! author: String @external }""",
        rows={"Text": [{"id": "t", "author": "Ana"}]},
        roots={"feed": [{**feed[0], "author": "Ana"}, feed[1]]},
    )
    images = Fixture(
        "images",
        """type Image @key(fields: "id") { id: ID! author: String }""",
        rows={"Image": [{"id": "i", "author": "Ben"}]},
    )
    async with Federation(posts, images) as blog:
        assert await blog.data("{ feed { id author } }") == {
            "feed": [{"id": "t", "author": "Ana"}, {"id": "i", "author": "Ben"}]
        }


@pytest.mark.parametrize("is_broken", [False, True])
async def test_what_an_object_type_promises_holds_where_its_interface_promises_less(is_broken: bool) -> None:
    first = Fixture(
        "first",
        """type Query { items: [Item] } interface Item @key(fields: "id") { id: ID! }
        type Book implements Item @key(fields: "id") { id: ID! } type Film implements Item @key(fields: "id") { id: ID! }""",
        roots={
            "items": [{"__typename": name, "id": number} for name in ("Book", "Film") for number in ("1", "2", "3")]
        },
    )
    second = Fixture(
        "second",
        """interface Item @key(fields: "id") { id: ID! name: String tags: [String] }
        type Book implements Item @key(fields: "id") { id: ID! name: String! tags: [String!] }
        type Film implements Item @key(fields: "id") { id: ID! name: String tags: [String] }""",
        rows={name: [{"id": "1", "name": "A", "tags": ["x"]}] for name in ("Book", "Film")},
    )
    async with Federation(first, second) as shop:
        assert await shop.data("{ items { ... on Book { id } } }")
        if is_broken:
            data = [{"name": "A", "tags": ["x"]}, {"name": "A", "tags": ["x", None]}, {"name": None, "tags": None}]
            shop.broken["second"] = orjson.dumps({"data": {"_entities": data + data}})
        answer = await shop.answer("{ items { name tags } }")
    full, nothing = {"name": "A", "tags": ["x"]}, {"name": None, "tags": None}
    if is_broken:
        book, film = {"name": "A", "tags": None}, {"name": "A", "tags": ["x", None]}
        assert answer["data"] == {"items": [full, book, None, full, film, nothing]}
        assert [error["path"] for error in answer["errors"]] == [["items", 1, "tags", 1], ["items", 2, "name"]]
    else:
        assert answer["data"] == {"items": [full, None, None, full, nothing, nothing]}
        assert [error["path"] for error in answer["errors"]] == [["items", 1, "name"], ["items", 2, "name"]]
