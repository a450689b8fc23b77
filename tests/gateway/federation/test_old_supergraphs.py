"""Supergraphs as federation 1 composed them (join v0.1, @join__owner) are served like any other."""

from __future__ import annotations

from tests.gateway.federation.harness import Federation, Fixture, Row

SUPERGRAPH = """
schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query }
directive @core(feature: String!) repeatable on SCHEMA
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE
directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
scalar join__FieldSet
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts" url: "http://accounts")
  INVENTORY @join__graph(name: "inventory" url: "http://inventory")
  PRODUCTS @join__graph(name: "products" url: "http://products")
  REVIEWS @join__graph(name: "reviews" url: "http://reviews")
}
type Query {
  me: User @join__field(graph: ACCOUNTS)
  topProducts(first: Int = 5): [Product] @join__field(graph: PRODUCTS)
}
interface Product { upc: String! name: String price: Int size: Size reviews: [Review] }
type Book implements Product @join__owner(graph: PRODUCTS) @join__type(graph: PRODUCTS, key: "upc")
  @join__type(graph: REVIEWS, key: "upc") @join__type(graph: INVENTORY, key: "upc") {
  upc: String! @join__field(graph: PRODUCTS)
  name: String @join__field(graph: PRODUCTS)
  price: Int @join__field(graph: PRODUCTS)
  pages: Int @join__field(graph: PRODUCTS)
  size: Size @join__field(graph: PRODUCTS)
  inStock: Boolean @join__field(graph: INVENTORY)
  shippingEstimate: Int @join__field(graph: INVENTORY, requires: "price size { grams }")
  reviews: [Review] @join__field(graph: REVIEWS)
}
type Review @join__owner(graph: REVIEWS) @join__type(graph: REVIEWS, key: "id") {
  id: ID! @join__field(graph: REVIEWS)
  body: String @join__field(graph: REVIEWS)
  author: User @join__field(graph: REVIEWS, provides: "username")
  product: Product @join__field(graph: REVIEWS)
}
type Size { grams: Int }
type User @join__owner(graph: ACCOUNTS) @join__type(graph: ACCOUNTS, key: "id") @join__type(graph: ACCOUNTS, key: "email")
  @join__type(graph: REVIEWS, key: "id") {
  id: ID! @join__field(graph: ACCOUNTS)
  email: String @join__field(graph: ACCOUNTS)
  username: String @join__field(graph: ACCOUNTS)
  birthday: String @join__field(graph: ACCOUNTS)
  reviews: [Review] @join__field(graph: REVIEWS)
}
"""
USER: Row = {"id": "u", "email": "u@example.org", "username": "ada", "birthday": "1815-12-10"}
BOOKS: list[Row] = [
    {"__typename": "Book", "upc": "b1", "name": "Notes", "price": 30, "pages": 66, "size": {"grams": 200}},
    {"__typename": "Book", "upc": "b2", "name": "Looms", "price": 12, "pages": 9, "size": {"grams": 80}},
]
REVIEW: Row = {
    "id": "r",
    "body": "Long",
    "author": {"id": "u", "username": "ada"},
    "product": {"__typename": "Book", "upc": "b1"},
}
SUBGRAPHS = (
    Fixture(
        "accounts",
        """extend type Query { me: User }
        type User @key(fields: "id") @key(fields: "email") { id: ID! email: String username: String birthday: String }""",
        rows={"User": [USER]},
        roots={"me": USER},
    ),
    Fixture(
        "products",
        """extend type Query { topProducts(first: Int = 5): [Product] }
        interface Product { upc: String! name: String price: Int size: Size }
        type Book implements Product @key(fields: "upc") { upc: String! name: String price: Int pages: Int size: Size }
        type Size { grams: Int }""",
        rows={"Book": BOOKS},
        roots={"topProducts": lambda first: BOOKS[:first]},
    ),
    Fixture(
        "inventory",
        """type Book @key(fields: "upc") { upc: String! price: Int size: Size inStock: Boolean shippingEstimate: Int }
        type Size { grams: Int }""",
        rows={"Book": [{"upc": "b1", "inStock": True}, {"upc": "b2", "inStock": False}]},
        fields={"Book.shippingEstimate": lambda row: row["price"] + row["size"]["grams"]},
    ),
    Fixture(
        "reviews",
        """interface Product { upc: String! reviews: [Review] }
        type Book implements Product @key(fields: "upc") { upc: String! reviews: [Review] }
        type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
        type User @key(fields: "id") { id: ID! username: String reviews: [Review] }""",
        rows={
            "Book": [{"upc": "b1", "reviews": [REVIEW]}, {"upc": "b2", "reviews": []}],
            "User": [{"id": "u", "reviews": [REVIEW]}],
            "Review": [REVIEW],
        },
    ),
)


async def test_an_operation_over_all_owners_is_answered_as_a_whole() -> None:
    text = """query ($first: Int) {
      me { username reviews { body product { __typename upc name ... on Book { pages shippingEstimate } } } }
      topProducts(first: $first) {
        name size { grams } reviews { id author { username birthday } } ... on Book { inStock shippingEstimate }
      }
    }"""
    async with Federation(*SUBGRAPHS, supergraph_sdl=SUPERGRAPH) as shop:
        assert await shop.answer(text, {"first": 2}) == {
            "data": {
                "me": {
                    "username": "ada",
                    "reviews": [
                        {
                            "body": "Long",
                            "product": {
                                "__typename": "Book",
                                "upc": "b1",
                                "name": "Notes",
                                "pages": 66,
                                "shippingEstimate": 230,
                            },
                        }
                    ],
                },
                "topProducts": [
                    {
                        "name": "Notes",
                        "size": {"grams": 200},
                        "reviews": [{"id": "r", "author": {"username": "ada", "birthday": "1815-12-10"}}],
                        "inStock": True,
                        "shippingEstimate": 230,
                    },
                    {"name": "Looms", "size": {"grams": 80}, "reviews": [], "inStock": False, "shippingEstimate": 92},
                ],
            }
        }


async def test_what_the_owner_of_the_parent_provides_is_not_fetched_from_the_owner() -> None:
    async with Federation(*SUBGRAPHS, supergraph_sdl=SUPERGRAPH) as shop:
        await shop.data("{ topProducts { reviews { author { id username } } } }")
        assert set(shop.asked()) == {"products", "reviews"}


async def test_the_keys_of_owners_are_used_whichever_subgraph_has_the_object() -> None:
    async with Federation(*SUBGRAPHS, supergraph_sdl=SUPERGRAPH) as shop:
        assert await shop.data("{ me { reviews { author { email } } } }") == {
            "me": {"reviews": [{"author": {"email": "u@example.org"}}]}
        }
        assert shop.representations("accounts") == [[{"__typename": "User", "id": "u"}]]
