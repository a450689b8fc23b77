"""Entities: keys of every kind, chains of them, batching, and what is missing in the middle."""

from __future__ import annotations

from tests.gateway.federation.harness import Federation, Fixture, Row

BOOKS: list[Row] = [{"isbn": "b1", "title": "Sand"}, {"isbn": "b2", "title": "Salt"}, {"isbn": "b3", "title": "Silt"}]

CATALOGUE = Fixture(
    "catalogue",
    """
    type Query { books: [Book] book(isbn: ID!): Book shelf: Shelf }
    type Shelf { label: String! books: [Book!] }
    type Book @key(fields: "isbn") { isbn: ID! title: String }
    """,
    rows={"Book": BOOKS},
    roots={
        "books": BOOKS,
        "book": lambda isbn: next((row for row in BOOKS if row["isbn"] == isbn), None),
        "shelf": {"label": "S", "books": [BOOKS[0], BOOKS[2], BOOKS[0]]},
    },
)
STOCK = Fixture(
    "stock",
    """type Book @key(fields: "isbn") { isbn: ID! copies: Int }""",
    rows={"Book": [{"isbn": "b1", "copies": 3}, {"isbn": "b3", "copies": 0}]},
)


async def test_fields_of_two_subgraphs_meet_in_one_object() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        assert await library.answer('{ book(isbn: "b1") { title copies } }') == {
            "data": {"book": {"title": "Sand", "copies": 3}}
        }


async def test_entities_of_a_list_are_asked_for_in_one_fetch() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        await library.answer("{ books { title copies } }")
        assert library.asked() == {"catalogue": 1, "stock": 1}


async def test_an_entity_that_is_unknown_elsewhere_leaves_null_in_its_place_only() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        assert await library.answer("{ books { copies title } }") == {
            "data": {
                "books": [
                    {"copies": 3, "title": "Sand"},
                    {"copies": None, "title": "Salt"},
                    {"copies": 0, "title": "Silt"},
                ]
            }
        }


async def test_an_entity_met_twice_is_asked_for_once_and_stands_in_both_places() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        assert await library.answer("{ shelf { label books { copies isbn } } }") == {
            "data": {
                "shelf": {
                    "label": "S",
                    "books": [{"copies": 3, "isbn": "b1"}, {"copies": 0, "isbn": "b3"}, {"copies": 3, "isbn": "b1"}],
                }
            }
        }
        assert library.representations("stock") == [
            [{"__typename": "Book", "isbn": "b1"}, {"__typename": "Book", "isbn": "b3"}]
        ]


async def test_nothing_is_fetched_for_an_empty_list_or_a_null() -> None:
    empty = Fixture("catalogue", CATALOGUE.sdl, rows={"Book": []}, roots={"books": [], "shelf": {"label": "S"}})
    async with Federation(empty, STOCK) as library:
        assert await library.data('{ books { copies } shelf { books { copies } } book(isbn: "x") { copies } }') == {
            "books": [],
            "shelf": {"books": None},
            "book": None,
        }
        assert library.asked() == {"catalogue": 1}


async def test_a_field_answered_where_the_root_is_needs_no_second_fetch() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        await library.answer("{ books { isbn title } }")
        assert library.asked() == {"catalogue": 1}


async def test_fields_are_in_the_order_of_the_operation() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        answer = await library.answer('{ book(isbn: "b1") { copies __typename title isbn } }')
        assert list(answer["data"]["book"].items()) == [
            ("copies", 3),
            ("__typename", "Book"),
            ("title", "Sand"),
            ("isbn", "b1"),
        ]


async def test_a_chain_of_keys_leads_through_a_subgraph_that_only_translates() -> None:
    # reviews knows a film by its slug, archive by its number; only registry knows both.
    reviews = Fixture(
        "reviews",
        """type Query { latest: [Film] } type Film @key(fields: "slug") { slug: ID! }""",
        roots={"latest": [{"slug": "dune"}, {"slug": "lost"}, {"slug": "heat"}]},
    )
    registry = Fixture(
        "registry",
        """type Film @key(fields: "slug") @key(fields: "number") { slug: ID! number: Int! }""",
        rows={"Film": [{"slug": "dune", "number": 7}, {"slug": "heat", "number": 9}]},
    )
    archive = Fixture(
        "archive",
        """type Film @key(fields: "number") { number: Int! reels: Int }""",
        rows={"Film": [{"number": 7, "reels": 5}, {"number": 9, "reels": 4}]},
    )
    async with Federation(reviews, registry, archive) as cinema:
        assert await cinema.answer("{ latest { slug reels } }") == {
            "data": {
                "latest": [
                    {"slug": "dune", "reels": 5},
                    {"slug": "lost", "reels": None},
                    {"slug": "heat", "reels": 4},
                ]
            }
        }
        assert cinema.asked() == {"reviews": 1, "registry": 1, "archive": 1}
        assert cinema.representations("archive") == [
            [{"__typename": "Film", "number": 7}, {"__typename": "Film", "number": 9}]
        ]


async def test_a_key_that_is_null_is_no_key() -> None:
    boxes = Fixture(
        "boxes",
        """type Query { boxes: [Box] } type Box { book: Book } type Book @key(fields: "upc") { upc: ID! }""",
        roots={"boxes": [{"book": {"upc": "1"}}, {"book": None}, {"book": {"upc": "3"}}]},
    )
    numbers = Fixture(
        "numbers",
        """type Book @key(fields: "id") @key(fields: "upc") { id: ID upc: ID! }""",
        rows={"Book": [{"upc": "1", "id": "i1"}, {"upc": "3", "id": None}]},
    )
    writers = Fixture(
        "writers",
        """type Book @key(fields: "id") { id: ID writer: String }""",
        rows={"Book": [{"id": "i1", "writer": "Ana"}, {"id": None, "writer": "nobody"}]},
    )
    async with Federation(boxes, numbers, writers) as shop:
        assert await shop.answer("{ boxes { book { upc writer } } }") == {
            "data": {
                "boxes": [
                    {"book": {"upc": "1", "writer": "Ana"}},
                    {"book": None},
                    {"book": {"upc": "3", "writer": None}},
                ]
            }
        }


async def test_a_composite_key_with_an_object_and_a_list_inside() -> None:
    sites = [
        {"id": "1", "region": {"code": "eu", "zones": [{"n": 1}, {"n": 2}]}},
        {"id": "1", "region": {"code": "us", "zones": []}},
    ]
    shared = "type Region @shareable { code: ID! zones: [Zone!]! } type Zone @shareable { n: Int! }"
    key = '@key(fields: "id region { code zones { n } }")'
    first = Fixture(
        "first",
        f"type Query {{ sites: [Site!]! }} type Site {key} {{ id: ID! region: Region! }} {shared}",
        roots={"sites": sites},
    )
    second = Fixture(
        "second",
        f"type Site {key} {{ id: ID! region: Region! load: Float }} {shared}",
        rows={"Site": [{**sites[0], "load": 0.5}, {**sites[1], "load": 0.75}]},
    )
    async with Federation(first, second) as hosting:
        assert await hosting.answer("{ sites { load region { code } } }") == {
            "data": {
                "sites": [
                    {"load": 0.5, "region": {"code": "eu"}},
                    {"load": 0.75, "region": {"code": "us"}},
                ]
            }
        }
        assert hosting.representations("second") == [
            [
                {"__typename": "Site", "id": "1", "region": {"code": "eu", "zones": [{"n": 1}, {"n": 2}]}},
                {"__typename": "Site", "id": "1", "region": {"code": "us", "zones": []}},
            ]
        ]


async def test_a_value_type_is_fetched_through_its_parent_entity() -> None:
    # A category has no key: its details can only be reached through the product above it.
    products = Fixture(
        "products",
        """type Query { products: [Product] } type Product @key(fields: "id") { id: ID! category: Category @shareable }
        type Category { details: String @shareable }""",
        roots={"products": [{"id": "1", "category": {"details": "d1"}}, {"id": "2", "category": None}]},
    )
    pricing = Fixture(
        "pricing",
        """type Product @key(fields: "id") { id: ID! category: Category @shareable } type Category { margin: Int }""",
        rows={"Product": [{"id": "1", "category": {"margin": 30}}, {"id": "2", "category": None}]},
    )
    async with Federation(products, pricing) as shop:
        assert await shop.answer("{ products { category { margin details } } }") == {
            "data": {"products": [{"category": {"margin": 30, "details": "d1"}}, {"category": None}]}
        }


async def test_lists_of_lists_from_two_subgraphs_merge_item_by_item() -> None:
    board = Fixture(
        "board",
        """type Query { board: Board } type Board @key(fields: "id") { id: ID! rows: [[Cell]] @shareable }
        type Cell { mark: String @shareable }""",
        roots={"board": {"id": "b", "rows": [[{"mark": "x"}, None], [], None]}},
    )
    colours = Fixture(
        "colours",
        """type Board @key(fields: "id") { id: ID! rows: [[Cell]] @shareable } type Cell { colour: String }""",
        rows={"Board": [{"id": "b", "rows": [[{"colour": "red"}, None], [], None]}]},
    )
    async with Federation(board, colours) as game:
        assert await game.answer("{ board { rows { mark colour } } }") == {
            "data": {"board": {"rows": [[{"mark": "x", "colour": "red"}, None], [], None]}}
        }


async def test_aliases_that_hide_a_key_do_not_confuse_the_entity_fetch() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        assert await library.answer('{ book(isbn: "b1") { isbn: title title: copies key: isbn } }') == {
            "data": {"book": {"isbn": "Sand", "title": 3, "key": "b1"}}
        }


async def test_one_field_twice_with_different_arguments() -> None:
    async with Federation(CATALOGUE, STOCK) as library:
        text = '{ one: book(isbn: "b1") { copies } two: book(isbn: "b3") { copies title } none: book(isbn: "b9") { copies } }'
        assert await library.answer(text) == {
            "data": {"one": {"copies": 3}, "two": {"copies": 0, "title": "Silt"}, "none": None}
        }
        assert library.asked() == {"catalogue": 1, "stock": 1}


async def test_one_entity_at_two_places_with_different_fields_keeps_them_apart() -> None:
    # The same author below both fields; `name` means something else at each.
    people = [{"id": "p1", "name": "Ana", "city": "Porto"}]
    posts = Fixture(
        "posts",
        """type Query { first: Post last: Post } type Post { author: Person } type Person @key(fields: "id") { id: ID! }""",
        roots={"first": {"author": {"id": "p1"}}, "last": {"author": {"id": "p1"}}},
    )
    persons = Fixture(
        "persons", """type Person @key(fields: "id") { id: ID! name: String city: String }""", rows={"Person": people}
    )
    async with Federation(posts, persons) as blog:
        assert await blog.answer("{ first { author { name } } last { author { name: city } } }") == {
            "data": {"first": {"author": {"name": "Ana"}}, "last": {"author": {"name": "Porto"}}}
        }
