"""What the suites of the public audit about @provides, @requires and @external probe, with schemas and data of our own.

README.md beside this file tells which test stands for which suite.
"""

from __future__ import annotations

import pytest

from tests.gateway.federation.harness import Federation, Fixture, Row

CATS: list[Row] = [{"__typename": "Cat", "id": "c", "name": "Tom"}]
DOGS: list[Row] = [{"__typename": "Dog", "id": "d", "name": "Rex"}]


@pytest.mark.parametrize("form", ["extend type User", "type User @extends"])
@pytest.mark.parametrize("is_federation_1", [True, False])
async def test_an_extended_type_with_external_fields(form: str, is_federation_1: bool) -> None:
    head, _, directive = form.partition(" @")
    directive = f"@{directive}" if directive else ""
    left = Fixture(
        "left",
        f"""type Query {{ some: User known: User @provides(fields: "name") }}
        {head} @key(fields: "id") {directive} {{ id: ID! @external name: String! @external age: Int }}""",
        rows={"User": [{"id": "1", "age": 9}]},
        roots={"some": {"id": "1", "age": 9}, "known": {"id": "1", "name": "Ada", "age": 9}},
        is_federation_1=is_federation_1,
    )
    shareable = "" if is_federation_1 else "@shareable"
    right = Fixture(
        "right",
        f"""type Query {{ byId(id: ID): User }}
        type User @key(fields: "id") {{ id: ID! name: String! {shareable} nick: String }}""",
        rows={"User": [{"id": "1", "name": "Ada", "nick": "A"}, {"id": "2", "name": "Bo", "nick": "B"}]},
        roots={"byId": lambda id: {"id": id, "name": "Bo", "nick": "B"}},
        is_federation_1=is_federation_1,
    )
    async with Federation(left, right) as graph:
        if not is_federation_1:
            assert graph.supergraph.types["User"].fields["id"].by_graph.keys() == {"LEFT", "RIGHT"}
        assert await graph.answer('{ some { id name age } byId(id: "2") { id name nick } }') == {
            "data": {"some": {"id": "1", "name": "Ada", "age": 9}, "byId": {"id": "2", "name": "Bo", "nick": "B"}}
        }
        for requests in graph.requests.values():
            requests.clear()
        assert await graph.answer("{ known { id name age } }") == {
            "data": {"known": {"id": "1", "name": "Ada", "age": 9}}
        }
        assert graph.asked() == {"left": 1}


async def test_what_is_provided_below_what_is_provided() -> None:
    shelf: Row = {"id": "s", "boxes": [{"id": "b", "label": "B", "inner": [{"id": "i", "label": "I"}]}]}
    shelves = Fixture(
        "shelves",
        """type Query { shelves: [Shelf] @provides(fields: "boxes { id label inner { id label } }") }
        type Shelf @key(fields: "id") { id: ID! boxes: [Box] @external }
        type Box @key(fields: "id") { id: ID! label: String @external inner: [Box] @external }""",
        roots={"shelves": [shelf]},
    )
    boxes = Fixture(
        "boxes",
        """type Shelf @key(fields: "id") { id: ID! boxes: [Box] @shareable }
        type Box @key(fields: "id") { id: ID! label: String @shareable inner: [Box] @shareable weight: Int }""",
        rows={"Shelf": [shelf], "Box": [{"id": "b", "weight": 2}, {"id": "i", "weight": 1}]},
        fields={"Box.weight": lambda row: {"b": 2, "i": 1}[row["id"]]},
    )
    async with Federation(shelves, boxes) as graph:
        assert await graph.answer("{ shelves { boxes { label inner { label } } } }") == {
            "data": {"shelves": [{"boxes": [{"label": "B", "inner": [{"label": "I"}]}]}]}
        }
        assert graph.asked() == {"shelves": 1}
        assert await graph.data("{ shelves { boxes { inner { weight } } } }") == {
            "shelves": [{"boxes": [{"inner": [{"weight": 1}]}]}]
        }


async def test_two_subgraphs_that_require_an_overridden_field() -> None:
    user: Row = {"id": "1"}
    asks = """type Query { %s: User }
      type User @key(fields: "id") { id: ID! name: String! @external %sName: String! @requires(fields: "name") }"""
    a = Fixture("a", asks % ("inA", "a"), roots={"inA": user}, fields={"User.aName": lambda row: "a " + row["name"]})
    c = Fixture("c", asks % ("inC", "c"), roots={"inC": user}, fields={"User.cName": lambda row: "c " + row["name"]})
    b = Fixture(
        "b",
        """type Query { inB: User } type User @key(fields: "id") { id: ID! name: String! @override(from: "c") }""",
        rows={"User": [{"id": "1", "name": "Ada"}]},
        roots={"inB": {"id": "1", "name": "Ada"}},
    )
    whole = {"name": "Ada", "aName": "a Ada", "cName": "c Ada"}
    async with Federation(a, b, c) as graph:
        text = "{ inA { ...All } inB { ...All } inC { ...All } } fragment All on User { name aName cName }"
        assert await graph.answer(text) == {"data": {"inA": whole, "inB": whole, "inC": whole}}


async def test_what_is_provided_for_one_type_of_an_interface_or_union() -> None:
    owner = Fixture(
        "owner",
        """type Query { pets: [Pet] zoo: Zoo @provides(fields: "pets { ... on Dog { name } }")
          animals: [Any] @provides(fields: "... on Dog { name }") }
        union Any = Cat | Dog interface Pet { id: ID! } type Zoo @key(fields: "id") { id: ID! pets: [Pet] @shareable }
        type Cat implements Pet @key(fields: "id") { id: ID! }
        type Dog implements Pet @key(fields: "id") { id: ID! name: String @external }""",
        roots={"zoo": {"id": "z", "pets": [*CATS, *DOGS]}, "animals": [*CATS, *DOGS], "pets": []},
    )
    names = Fixture(
        "names",
        """type Cat @key(fields: "id") { id: ID! name: String } type Dog @key(fields: "id") { id: ID! name: String @shareable }""",
        rows={"Cat": CATS, "Dog": DOGS},
    )
    async with Federation(owner, names) as graph:
        assert await graph.data("{ zoo { pets { ... on Dog { name } } } animals { ... on Dog { name } } }") == {
            "zoo": {"pets": [{}, {"name": "Rex"}]},
            "animals": [{}, {"name": "Rex"}],
        }
        assert graph.asked() == {"owner": 1}
        assert await graph.data("{ zoo { pets { id ... on Cat { name } ... on Dog { name } } } }") == {
            "zoo": {"pets": [{"id": "c", "name": "Tom"}, {"id": "d", "name": "Rex"}]}
        }
        assert graph.representations("names") == [[{"__typename": "Cat", "id": "c"}]]


async def test_a_requirement_through_an_interface_whose_types_differ_between_subgraphs() -> None:
    home: Row = {"__typename": "Home", "id": "h"}
    work: Row = {"__typename": "Work", "id": "w"}
    boat: Row = {"__typename": "Boat", "id": "b"}
    people = {"1": home, "2": work, "3": boat}
    kinds = """interface Place { id: ID! } type Home implements Place @key(fields: "id") { id: ID! }
      type Work implements Place @key(fields: "id") { id: ID! }"""
    left = Fixture(
        "left",
        f"""type Query {{ left: [User] }} {kinds} type User @key(fields: "id") {{ id: ID! place: Place @external
          city: String @requires(fields: "place {{ id }}") country: String @requires(fields: "place {{ ... on Work {{ id }} }}") }}""",
        roots={"left": [{"id": "1"}, {"id": "2"}]},
        fields={
            "User.city": lambda row: f"city of {row['place']['id']}",
            "User.country": lambda row: f"country of {row['place']['__typename']}",
        },
    )
    right = Fixture(
        "right",
        f"""type Query {{ right: [User] }} {kinds} type Boat implements Place @key(fields: "id") {{ id: ID! }}
        type User @key(fields: "id") {{ id: ID! place: Place }}""",
        rows={"User": [{"id": ident, "place": place} for ident, place in people.items()]},
        roots={"right": [{"id": ident, "place": place} for ident, place in people.items()]},
    )
    async with Federation(left, right) as graph:
        assert await graph.data("{ left { city country } right { city place { __typename } } }") == {
            "left": [
                {"city": "city of h", "country": "country of Home"},
                {"city": "city of w", "country": "country of Work"},
            ],
            "right": [
                {"city": "city of h", "place": {"__typename": "Home"}},
                {"city": "city of w", "place": {"__typename": "Work"}},
                {"city": "city of b", "place": {"__typename": "Boat"}},
            ],
        }
