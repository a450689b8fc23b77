"""What the suites of the public federation gateway audit probe, with schemas and data of our own.

README.md beside this file tells which test stands for which suite.
"""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.errors import PlanningError
from tests.gateway.federation.harness import Federation, Fixture, Row

CATS: list[Row] = [{"__typename": "Cat", "id": "c", "name": "Tom"}]
DOGS: list[Row] = [{"__typename": "Dog", "id": "d", "name": "Rex"}]


async def test_one_field_that_is_null_in_one_subgraph_and_never_in_another() -> None:
    """`code` is `ID` here and `ID!` there: side by side in a union they would not merge."""
    people: list[Row] = [{"__typename": "Person", "code": "p", "name": "Ada"}]
    left = Fixture(
        "left",
        "type Query { people: [Person!]! } type Person { code: ID @shareable }",
        roots={"people": [{"code": "p"}]},
    )
    robot: Row = {"__typename": "Robot", "code": "r", "name": "Rob", "friends": people}
    right = Fixture(
        "right",
        """type Query { accounts: [Account!]! } union Account = Person | Robot
        type Person @key(fields: "code") { code: ID! name: String friends: [Account!]! }
        type Robot { code: ID name: String friends: [Account!]! }""",
        rows={"Person": [{**people[0], "friends": [robot]}]},
        roots={"accounts": [{**people[0], "friends": [robot]}, robot]},
    )
    async with Federation(left, right) as graph:
        text = """{ people { code name } accounts {
            ... on Person { code name friends { ... on Person { code } ... on Robot { code name } } } ... on Robot { code name } } }"""
        assert await graph.answer(text) == {
            "data": {
                "people": [{"code": "p", "name": "Ada"}],
                "accounts": [
                    {"code": "p", "name": "Ada", "friends": [{"code": "r", "name": "Rob"}]},
                    {"code": "r", "name": "Rob"},
                ],
            }
        }


async def test_an_interface_field_that_leads_back_to_the_interface() -> None:
    first: Row = {"__typename": "Cat", "id": "1"}
    second: Row = {"__typename": "Cat", "id": "2", "twin": first}
    first["twin"] = second
    animals = Fixture(
        "animals",
        """type Query { animal: Animal } interface Animal { twin: Animal }
        type Cat implements Animal @key(fields: "id") { id: ID! twin: Cat @provides(fields: "age") age: Int @external }""",
        rows={"Cat": [first, second]},
        roots={"animal": first},
        fields={"Cat.age": lambda row: int(row["id"]) * 3},
    )
    ages = Fixture(
        "ages",
        'type Cat @key(fields: "id") { id: ID! age: Int @shareable }',
        rows={"Cat": [{"id": "1", "age": 3}, {"id": "2", "age": 6}]},
    )
    async with Federation(animals, ages) as graph:
        text = "{ animal { __typename twin { ... on Animal { twin { __typename ... on Cat { id age } } } } ... on Cat { id age } } }"
        assert await graph.answer(text) == {
            "data": {
                "animal": {
                    "__typename": "Cat",
                    "twin": {"twin": {"__typename": "Cat", "id": "1", "age": 3}},
                    "id": "1",
                    "age": 3,
                }
            }
        }


NODE_SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }
type Query @join__type(graph: A) @join__type(graph: B) { node(id: ID!): Node }
interface Node @join__type(graph: A) @join__type(graph: B) { id: ID! }
type Account implements Node @join__implements(graph: A, interface: "Node") @join__implements(graph: B, interface: "Node")
  @join__type(graph: A) @join__type(graph: B) {
  id: ID! @join__field(graph: A) @join__field(graph: B, external: true) username: String! @join__field(graph: A) }
type Chat implements Node @join__implements(graph: A, interface: "Node") @join__implements(graph: B, interface: "Node")
  @join__type(graph: A) @join__type(graph: B) {
  id: ID! @join__field(graph: A, external: true) @join__field(graph: B) text: String! @join__field(graph: B) }
"""


async def test_a_field_that_no_single_subgraph_has_for_all_types_cannot_be_planned() -> None:
    node = "type Query { node(id: ID!): Node } interface Node { id: ID! }"
    types = (
        "type Account implements Node { id: ID! username: String! } type Chat implements Node { id: ID! text: String! }"
    )
    account: Row = {"__typename": "Account", "id": "x", "username": "ada"}
    left = Fixture("a", node + types, roots={"node": lambda id: account if id == "x" else None})
    right = Fixture("b", node + types, roots={"node": lambda id: None})
    async with Federation(left, right, supergraph_sdl=NODE_SUPERGRAPH) as graph:
        with pytest.raises(PlanningError):
            await graph.answer('{ node(id: "x") { id } }')
        assert await graph.answer('{ node(id: "x") { ... on Account { username } } }') == {
            "data": {"node": {"username": "ada"}}
        }


async def test_keys_some_of_which_lead_nowhere() -> None:
    thing: Row = {"id": "1", "part": "p", "pair": {"one": "o", "two": "t", "three": "h"}}
    names = Fixture(
        "names",
        """type Thing @key(fields: "id") @key(fields: "part", resolvable: false) @key(fields: "pair { one two }", resolvable: false)
          @key(fields: "id pair { two three }", resolvable: false) { id: ID! part: ID! pair: Pair name: String! }
        type Pair @shareable { one: ID! two: ID! three: ID! }""",
        rows={"Thing": [{**thing, "name": "N"}]},
    )
    boxes = Fixture(
        "boxes",
        """type Query { box: Box } type Box @key(fields: "id") { id: ID! things: [Thing!]! }
        type Thing @key(fields: "pair { one two }", resolvable: false) @key(fields: "id pair { two three }")
          @key(fields: "part", resolvable: false) @key(fields: "id", resolvable: false) {
          id: ID! part: ID! @shareable pair: Pair @shareable name: String! @external shout: String! @requires(fields: "name") }
        type Pair @shareable { one: ID! two: ID! three: ID! }""",
        rows={"Thing": [thing]},
        roots={"box": {"id": "b", "things": [thing]}},
        fields={"Thing.shout": lambda row: row["name"] + "!"},
    )
    names_sdl = names.sdl.replace("part: ID! pair: Pair", "part: ID! @shareable pair: Pair @shareable")
    async with Federation(Fixture("names", names_sdl, rows=names.rows), boxes) as graph:
        assert await graph.answer("{ box { id things { id name shout } } }") == {
            "data": {"box": {"id": "b", "things": [{"id": "1", "name": "N", "shout": "N!"}]}}
        }
        assert graph.representations("boxes") == [
            [{"__typename": "Thing", "id": "1", "pair": {"two": "t", "three": "h"}, "name": "N"}]
        ]


async def test_objects_that_the_root_knows_only_by_their_interface_and_key() -> None:
    roots = Fixture(
        "roots",
        """type Query { pet: Pet other: Pet } interface Pet { id: ID! }
        type Cat implements Pet @key(fields: "id") { id: ID! } type Dog implements Pet @key(fields: "id") { id: ID! }""",
        roots={"pet": {"__typename": "Cat", "id": "c"}, "other": {"__typename": "Dog", "id": "d"}},
    )
    names = Fixture(
        "names",
        """interface Pet { id: ID! } type Cat implements Pet @key(fields: "id") { id: ID! name: String }
        type Dog implements Pet @key(fields: "id") { id: ID! name: String }""",
        rows={"Cat": CATS, "Dog": DOGS},
    )
    async with Federation(roots, names) as graph:
        text = "{ pet { ... on Cat { __typename name } ... on Dog { name } } other { id ... on Cat { name } } }"
        assert await graph.answer(text) == {"data": {"pet": {"__typename": "Cat", "name": "Tom"}, "other": {"id": "d"}}}


INTERFACE_OBJECT_SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }
type Query @join__type(graph: A) @join__type(graph: B) { a: Node @join__field(graph: A) b: Node @join__field(graph: B) }
interface Node @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false, isInterfaceObject: true) {
  id: ID! field: String @join__field(graph: B) }
"""


async def test_an_interface_object_that_cannot_be_entered() -> None:
    left = Fixture("a", "type Query { a: Node } interface Node { id: ID! }", roots={"a": None})
    right = Fixture(
        "b", "type Query { b: Node } type Node { id: ID! field: String }", roots={"b": {"id": "1", "field": "f"}}
    )
    async with Federation(left, right, supergraph_sdl=INTERFACE_OBJECT_SUPERGRAPH) as graph:
        assert await graph.answer("{ b { id field } }") == {"data": {"b": {"id": "1", "field": "f"}}}
        with pytest.raises(PlanningError):
            graph.planner.plan(parse("{ a { field } }"))


async def test_an_overridden_field_of_a_type_behind_an_interface() -> None:
    old = Fixture(
        "old",
        """type Query { feed: [Post] } interface Post { id: ID! date: String! }
        type Image implements Post @key(fields: "id") { id: ID! date: String! }""",
        roots={"feed": [{"__typename": "Image", "id": "i", "date": "old"}]},
    )
    new = Fixture(
        "new",
        """type Query { other: [Other] } interface Post { id: ID! date: String! } interface Other { id: ID! date: String! }
        type Text implements Post @key(fields: "id") { id: ID! date: String! body: String! }
        type Image implements Other @key(fields: "id") { id: ID! date: String! @override(from: "old") }""",
        rows={"Image": [{"__typename": "Image", "id": "i", "date": "new"}]},
        roots={"other": [{"__typename": "Image", "id": "i", "date": "new"}]},
    )
    async with Federation(old, new) as graph:
        assert await graph.answer("{ feed { id date ... on Text { body } } other { date } }") == {
            "data": {"feed": [{"id": "i", "date": "new"}], "other": [{"date": "new"}]}
        }


async def test_an_override_from_a_subgraph_that_is_gone() -> None:
    one = Fixture(
        "one",
        """type Query { feed: [Post] @shareable ones: [Post] } type Post @key(fields: "id") { id: ID! date: String! @shareable }""",
        roots={"feed": [{"id": "1", "date": "d"}], "ones": [{"id": "1", "date": "d"}]},
    )
    two = Fixture(
        "two",
        """type Query { feed: [Post] @shareable twos: [Post] }
        type Post @key(fields: "id") { id: ID! date: String! @override(from: "gone") @shareable }""",
        roots={"feed": [{"id": "1", "date": "d"}], "twos": [{"id": "1", "date": "d"}]},
    )
    async with Federation(one, two) as graph:
        assert await graph.data("{ feed { date } }") == {"feed": [{"date": "d"}]}
        assert sum(graph.asked().values()) == 1
        assert await graph.data("{ ones { date } twos { date } }") == {"ones": [{"date": "d"}], "twos": [{"date": "d"}]}


async def test_an_argument_and_a_default_that_clients_cannot_see() -> None:
    friends: dict[str, list[Row]] = {"FAMILY": [{"id": "2"}], "FRIEND": [{"id": "3"}]}
    ages = Fixture(
        "ages",
        """type Query { users: [User!]! } type User @key(fields: "id") { id: ID! age: Int }""",
        roots={"users": [{"id": "1", "age": 4}]},
    )
    people = Fixture(
        "people",
        """type User @key(fields: "id") { id: ID! friends(kind: Kind = FAMILY @inaccessible): [User!]! kind: Kind }
        enum Kind { FAMILY @inaccessible FRIEND }""",
        rows={"User": [{"id": "1", "kind": "FAMILY"}, {"id": "2", "kind": "FRIEND"}, {"id": "3"}]},
        fields={"User.friends": lambda _row, kind: friends[kind]},
    )
    async with Federation(ages, people) as graph:
        assert await graph.data("{ users { friends { id } kind } }") == {
            "users": [{"friends": [{"id": "2"}], "kind": None}]
        }
        assert "errors" in await graph.answer("{ users { friends(kind: FRIEND) { id } } }")


async def test_an_interface_that_a_type_implements_in_another_subgraph_only() -> None:
    oven: Row = {"__typename": "Oven", "id": "o"}
    toaster: Row = {"__typename": "Toaster", "id": "t", "years": 2}
    shop = Fixture(
        "shop",
        """type Query { products: [Product] nodes: [Node] } union Product = Oven | Toaster interface Node { id: ID! }
        type Oven @key(fields: "id") { id: ID! } type Toaster implements Node @key(fields: "id") { id: ID! years: Int }""",
        rows={"Toaster": [toaster]},
        roots={"products": [oven, toaster], "nodes": [toaster]},
    )
    service = Fixture(
        "service",
        """interface Node { id: ID! } type Oven implements Node @key(fields: "id") { id: ID! years: Int }""",
        rows={"Oven": [{**oven, "years": 5}]},
    )
    async with Federation(shop, service) as graph:
        assert await graph.answer(
            "{ products { ... on Node { id } ... on Oven { years } ... on Toaster { years } } }"
        ) == {"data": {"products": [{"id": "o", "years": 5}, {"id": "t", "years": 2}]}}
        assert await graph.answer("{ nodes { id ... on Toaster { years } ... on Oven { id } } }") == {
            "data": {"nodes": [{"id": "t", "years": 2}]}
        }


async def test_an_entity_whose_key_is_a_list_of_other_entities() -> None:
    first: Row = {"id": "1", "pid": "p1", "tag": "x"}
    basket: Row = {"products": [first, {"id": "2", "pid": "p2", "tag": "y"}]}
    lists = Fixture(
        "lists",
        """type Query { basket: Basket! } type Basket @key(fields: "products { id }") { products: [Product!]! @shareable }
        type Product @key(fields: "id") { id: ID! tag: String @shareable }""",
        rows={"Product": [{"id": "1", "tag": "x"}, {"id": "2", "tag": "y"}]},
        roots={"basket": {"products": [{"id": "1", "tag": "x"}, {"id": "2", "tag": "y"}]}},
    )
    links = Fixture(
        "links",
        """type Product @key(fields: "id") @key(fields: "id pid") { id: ID! pid: ID @shareable }""",
        rows={"Product": [{"id": "1", "pid": "p1"}, {"id": "2", "pid": "p2"}]},
    )
    prices = Fixture(
        "prices",
        """type Basket @key(fields: "products { id pid tag }") { products: [Product!]! @shareable best: Product total: Int }
        type Product @key(fields: "id pid tag") { id: ID! pid: ID @shareable tag: String @shareable price: Int }""",
        rows={
            "Basket": [{**basket, "best": first, "total": 7}],
            "Product": basket["products"],
        },
        fields={"Product.price": lambda _row: 3},
    )
    async with Federation(lists, links, prices) as graph:
        assert await graph.answer("{ basket { total best { id price } products { price } } }") == {
            "data": {"basket": {"total": 7, "best": {"id": "1", "price": 3}, "products": [{"price": 3}, {"price": 3}]}}
        }
