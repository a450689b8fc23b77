"""@requires and @provides: plain, nested, chained, with arguments, behind aliases and fragments."""

from __future__ import annotations

from typing import Any

from tests.gateway.federation.harness import Federation, Fixture, Row

PRODUCTS: list[Row] = [
    {"upc": "1", "name": "Desk", "price": 90, "weight": 40},
    {"upc": "2", "name": "Sofa", "price": 1200, "weight": 70},
    {"upc": "3", "name": "Mug", "price": None, "weight": 1},
]
CATALOGUE = Fixture(
    "catalogue",
    """type Query { products: [Product] }
    type Product @key(fields: "upc") { upc: ID! name: String price: Int weight: Int }""",
    rows={"Product": PRODUCTS},
    roots={"products": PRODUCTS},
)


def shipping(row: Row) -> int | None:
    return None if row["price"] is None else row["price"] + row["weight"]


SHIPPING = Fixture(
    "shipping",
    """type Product @key(fields: "upc") { upc: ID! price: Int @external weight: Int @external
      shipping: Int @requires(fields: "price weight") slow: Boolean @requires(fields: "weight") }""",
    fields={"Product.shipping": shipping, "Product.slow": lambda row: row["weight"] > 50},
)


async def test_required_fields_travel_in_the_representation_and_stay_out_of_the_answer() -> None:
    async with Federation(CATALOGUE, SHIPPING) as shop:
        assert await shop.answer("{ products { shipping } }") == {
            "data": {"products": [{"shipping": 130}, {"shipping": 1270}, {"shipping": None}]}
        }
        assert shop.representations("shipping") == [
            [
                {"__typename": "Product", "upc": "1", "price": 90, "weight": 40},
                {"__typename": "Product", "upc": "2", "price": 1200, "weight": 70},
                {"__typename": "Product", "upc": "3", "price": None, "weight": 1},
            ]
        ]


async def test_aliases_that_hide_required_fields() -> None:
    async with Federation(CATALOGUE, SHIPPING) as shop:
        assert await shop.answer("{ products { price: name weight: upc upc: weight shipping } }") == {
            "data": {
                "products": [
                    {"price": "Desk", "weight": "1", "upc": 40, "shipping": 130},
                    {"price": "Sofa", "weight": "2", "upc": 70, "shipping": 1270},
                    {"price": "Mug", "weight": "3", "upc": 1, "shipping": None},
                ]
            }
        }


async def test_two_fields_with_requirements_of_one_subgraph() -> None:
    async with Federation(CATALOGUE, SHIPPING) as shop:
        assert await shop.data("{ products { slow shipping } }") == {
            "products": [
                {"slow": False, "shipping": 130},
                {"slow": True, "shipping": 1270},
                {"slow": False, "shipping": None},
            ]
        }


async def test_skip_and_include_on_a_field_with_requirements() -> None:
    text = "query ($no: Boolean!) { products { name shipping @skip(if: $no) } }"
    async with Federation(CATALOGUE, SHIPPING) as shop:
        assert await shop.data(text, {"no": True}) == {
            "products": [{"name": "Desk"}, {"name": "Sofa"}, {"name": "Mug"}]
        }
        assert shop.asked() == {"catalogue": 1}
        answer = await shop.data(text, {"no": False})
        assert answer["products"][0] == {"name": "Desk", "shipping": 130}


async def test_a_requirement_on_a_field_that_itself_requires_leads_back_to_an_earlier_subgraph() -> None:
    # rating needs size (its own subgraph needs weight), weight is where we came from; then label is back in catalogue.
    sizes = Fixture(
        "sizes",
        """type Product @key(fields: "upc") { upc: ID! weight: Int @external size: String @requires(fields: "weight") }""",
        fields={"Product.size": lambda row: "XL" if row["weight"] > 50 else "S"},
    )
    labels = Fixture(
        "labels",
        """type Product @key(fields: "upc") { upc: ID! size: String @external name: String @external
          label: String @requires(fields: "size name") }""",
        fields={"Product.label": lambda row: f"{row['name']} ({row['size']})"},
    )
    async with Federation(CATALOGUE, sizes, labels) as shop:
        assert await shop.data("{ products { label } }") == {
            "products": [{"label": "Desk (S)"}, {"label": "Sofa (XL)"}, {"label": "Mug (S)"}]
        }


async def test_two_subgraphs_that_require_from_each_other() -> None:
    left = Fixture(
        "left",
        """type Query { items: [Item] } type Item @key(fields: "id") { id: ID! a: Int c: Int @requires(fields: "b") b: Int @external }""",
        rows={"Item": [{"id": "1", "a": 1}]},
        roots={"items": [{"id": "1", "a": 1}]},
        fields={"Item.c": lambda row: row["b"] + 1},
    )
    right = Fixture(
        "right",
        """type Item @key(fields: "id") { id: ID! a: Int @external c: Int @external
          b: Int @requires(fields: "a") d: Int @requires(fields: "c") }""",
        fields={"Item.b": lambda row: row["a"] + 10, "Item.d": lambda row: row["c"] * 2},
    )
    async with Federation(left, right) as pair:
        assert await pair.data("{ items { d c b a } }") == {"items": [{"d": 24, "c": 12, "b": 11, "a": 1}]}


async def test_required_arguments_differ_from_the_clients_on_the_same_field() -> None:
    prices = {"EUR": 10, "USD": 12}
    catalogue = Fixture(
        "catalogue",
        """type Query { products: [Product] } type Product @key(fields: "upc") { upc: ID! price(currency: String = "USD"): Int }""",
        rows={"Product": [{"upc": "1", "price": lambda currency: prices[currency]}]},
        roots={"products": [{"upc": "1", "price": lambda currency: prices[currency]}]},
    )
    tax = Fixture(
        "tax",
        """type Product @key(fields: "upc") { upc: ID! price(currency: String = "USD"): Int @external
          tax: Int @requires(fields: "price(currency: \\"EUR\\")") }""",
        fields={"Product.tax": lambda row: row["price"] * 100},
    )
    async with Federation(catalogue, tax) as shop:
        assert await shop.data("{ products { price tax } }") == {"products": [{"price": 12, "tax": 1000}]}
        assert await shop.data(
            'query ($c: String) { products { tax price(currency: $c) other: price(currency: "EUR") } }'
        ) == {"products": [{"tax": 1000, "price": 12, "other": 10}]}


async def test_objects_in_nested_lists_inside_a_field_set() -> None:
    rows: list[Row] = [{"id": "1", "grid": [[{"v": 1, "w": 5}, {"v": 2, "w": 6}], [{"v": 3, "w": 7}], []]}]
    grids = Fixture(
        "grids",
        """type Query { grids: [Grid] } type Grid @key(fields: "id") { id: ID! grid: [[Cell!]!]! } type Cell { v: Int! w: Int! }""",
        rows={"Grid": rows},
        roots={"grids": rows},
    )
    sums = Fixture(
        "sums",
        """type Grid @key(fields: "id") { id: ID! grid: [[Cell!]!]! @external sum: Int @requires(fields: "grid { v }") }
        type Cell @external { v: Int! }""",
        fields={"Grid.sum": lambda row: sum(cell["v"] for line in row["grid"] for cell in line)},
    )
    async with Federation(grids, sums) as maths:
        assert await maths.data("{ grids { sum grid { w } } }") == {
            "grids": [{"sum": 6, "grid": [[{"w": 5}, {"w": 6}], [{"w": 7}], []]}]
        }
        assert maths.representations("sums") == [
            [{"__typename": "Grid", "id": "1", "grid": [[{"v": 1}, {"v": 2}], [{"v": 3}], []]}]
        ]


async def test_fragments_in_a_field_set() -> None:
    rows: list[Row] = [
        {"id": "1", "pet": {"__typename": "Cat", "name": "Tom", "lives": 9}},
        {"id": "2", "pet": {"__typename": "Dog", "name": "Rex", "tricks": 3}},
        {"id": "3", "pet": None},
    ]
    pets = (
        "interface Pet { name: String } type Cat implements Pet %s { name: String lives: Int } "
        "type Dog implements Pet %s { name: String tricks: Int }"
    )
    owners = Fixture(
        "owners",
        """type Query { owners: [Owner] } type Owner @key(fields: "id") { id: ID! pet: Pet } """
        + pets % ("@shareable", "@shareable"),
        rows={"Owner": rows},
        roots={"owners": rows},
    )

    def score(row: Row) -> Any:
        pet = row["pet"]
        return None if pet is None else pet.get("lives", 0) * 10 + pet.get("tricks", 0)

    scores = Fixture(
        "scores",
        """type Owner @key(fields: "id") { id: ID! pet: Pet @external
          score: Int @requires(fields: "pet { ... on Cat { lives } ... on Dog { tricks } }") } """
        + pets % ("@shareable", "@shareable"),
        fields={"Owner.score": score},
    )
    async with Federation(owners, scores) as club:
        assert await club.data("{ owners { score } }") == {"owners": [{"score": 90}, {"score": 3}, {"score": None}]}


async def test_a_mutation_that_returns_an_entity_with_requirements() -> None:
    store = Fixture(
        "store",
        """type Query { x: Int } type Mutation { add(upc: ID!): Product }
        type Product @key(fields: "upc") { upc: ID! price: Int weight: Int }""",
        rows={"Product": PRODUCTS},
        roots={"add": lambda upc: next(row for row in PRODUCTS if row["upc"] == upc)},
    )
    async with Federation(store, SHIPPING) as shop:
        assert await shop.data('mutation { add(upc: "1") { shipping upc } }') == {"add": {"shipping": 130, "upc": "1"}}


async def test_what_is_provided_is_not_fetched_again() -> None:
    people = Fixture(
        "people",
        """type Person @key(fields: "id") { id: ID! name: String @shareable age: Int }""",
        rows={"Person": [{"id": "p", "name": "Ana", "age": 30}]},
    )
    posts = Fixture(
        "posts",
        """type Query { posts: [Post] } type Post { author: Person @provides(fields: "name") writer: Person }
        type Person @key(fields: "id") { id: ID! name: String @external }""",
        roots={"posts": [{"author": {"id": "p", "name": "Ana"}, "writer": {"id": "p"}}]},
    )
    async with Federation(people, posts) as blog:
        assert await blog.data("{ posts { author { name } } }") == {"posts": [{"author": {"name": "Ana"}}]}
        assert blog.asked() == {"posts": 1}
        assert await blog.data("{ posts { writer { name age } author { name } } }") == {
            "posts": [{"writer": {"name": "Ana", "age": 30}, "author": {"name": "Ana"}}]
        }
        assert blog.asked() == {"posts": 2, "people": 1}
