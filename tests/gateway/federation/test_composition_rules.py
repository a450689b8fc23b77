"""What composition settles and execution must honour: @override, @inaccessible, @shareable roots, enums, inputs, federation 1."""

from __future__ import annotations

from tests.gateway.federation.harness import Federation, Fixture, Row


def _override(label: str = "") -> tuple[Fixture, Fixture]:
    rows: list[Row] = [{"id": "1"}]
    old = Fixture(
        "old",
        """type Query { users: [User] } type User @key(fields: "id") { id: ID! email: String name: String }""",
        rows={"User": [{"id": "1", "email": "old@x", "name": "Ana"}]},
        roots={"users": [{"id": "1", "email": "old@x", "name": "Ana"}]},
    )
    new = Fixture(
        "new",
        f"""type User @key(fields: "id") {{ id: ID! email: String @override(from: "old"{label}) }}""",
        rows={"User": [{**rows[0], "email": "new@x"}]},
    )
    return old, new


async def test_an_overridden_field_comes_from_its_new_owner() -> None:
    async with Federation(*_override()) as users:
        assert await users.data("{ users { email name } }") == {"users": [{"email": "new@x", "name": "Ana"}]}


async def test_a_progressive_override_follows_the_active_labels() -> None:
    async with Federation(*_override(', label: "percent(20)"')) as users:
        assert await users.data("{ users { email } }") == {"users": [{"email": "old@x"}]}
        assert users.asked() == {"old": 1}
        assert await users.data("{ users { email } }", labels=("percent(20)",)) == {"users": [{"email": "new@x"}]}


async def test_inaccessible_fields_cannot_be_asked_for_but_serve_as_keys() -> None:
    first = Fixture(
        "first",
        """type Query { items: [Item] } type Item @key(fields: "secret") { secret: ID! @inaccessible name: String }""",
        roots={"items": [{"secret": "s1", "name": "A"}]},
    )
    second = Fixture(
        "second",
        """type Item @key(fields: "secret") { secret: ID! stock: Int }""",
        rows={"Item": [{"secret": "s1", "stock": 4}]},
    )
    async with Federation(first, second) as shop:
        assert await shop.data("{ items { name stock } }") == {"items": [{"name": "A", "stock": 4}]}
        assert await shop.answer("{ items { secret } }") == {"errors": ["Cannot query field 'secret' on type 'Item'."]}


async def test_hidden_enum_values_and_types_become_null_without_telling_their_names() -> None:
    only = Fixture(
        "only",
        """type Query { colours: [Colour] shapes: [Shape] }
        enum Colour { RED SECRET @inaccessible }
        interface Shape { size: Int } type Round implements Shape { size: Int } type Odd implements Shape @inaccessible { size: Int }""",
        roots={
            "colours": ["RED", "SECRET"],
            "shapes": [{"__typename": "Odd", "size": 1}, {"__typename": "Round", "size": 2}],
        },
    )
    async with Federation(only) as graph:
        assert await graph.answer("{ colours shapes { size __typename } }") == {
            "data": {"colours": ["RED", None], "shapes": [None, {"size": 2, "__typename": "Round"}]},
            "extensions": {
                "valueCompletion": [
                    {
                        "message": 'The value that the subgraph sent is not part of enum "Colour".',
                        "path": ["colours", 1],
                    },
                    {"message": "The type of this object is not a possible type of Shape.", "path": ["shapes", 0]},
                ]
            },
        }


async def test_a_shared_root_field_is_put_together_from_all_its_subgraphs() -> None:
    parts = {"a": ("price", 5), "b": ("name", "Desk"), "c": ("stock", 2)}
    types = {"price": "Int", "name": "String", "stock": "Int"}
    fixtures = [
        Fixture(
            subgraph,
            f"type Query {{ product: Product @shareable }} type Product @shareable {{ id: ID! {key}: {types[key]} }}",
            roots={"product": {"id": "1", key: value}},
        )
        for subgraph, (key, value) in parts.items()
    ]
    async with Federation(*fixtures) as shop:
        assert await shop.data("{ product { id name stock price } }") == {
            "product": {"id": "1", "name": "Desk", "stock": 2, "price": 5}
        }


async def test_mutations_run_one_after_the_other_across_subgraphs() -> None:
    log: list[str] = []

    def note(what: str) -> int:
        log.append(what)
        return len(log)

    left = Fixture(
        "left",
        "type Query { x: Int } type Mutation { a: Int c: Int }",
        roots={"a": lambda: note("a"), "c": lambda: note("c")},
    )
    right = Fixture("right", "type Mutation { b: Int d: Int }", roots={"b": lambda: note("b"), "d": lambda: note("d")})
    async with Federation(left, right) as graph:
        assert await graph.data("mutation { b a d c }") == {"b": 1, "a": 2, "d": 3, "c": 4}
    assert log == ["b", "a", "d", "c"]


async def test_inputs_and_enums_keep_what_all_subgraphs_know() -> None:
    seen: list[Row] = []

    def search(by: Row) -> int:
        seen.append(by)
        return len(by)

    left = Fixture(
        "left",
        'type Query { search(by: By!): Int } input By { text: String = "all" size: Size limit: Int } enum Size { S M }',
        roots={"search": search},
    )
    right = Fixture(
        "right", 'type Query { other(by: By): Int } input By { text: String = "all" size: Size } enum Size { S M L }'
    )
    async with Federation(left, right) as graph:
        assert await graph.data("query ($by: By!) { search(by: $by) }", {"by": {"size": "S"}}) == {"search": 2}
        assert seen == [{"text": "all", "size": "S"}]
        refused = await graph.answer("{ search(by: { limit: 1 }) }")
        assert "data" not in refused


async def test_federation_1_subgraphs_extend_types_of_each_other() -> None:
    users = Fixture(
        "users",
        """type Query { me: User } type User @key(fields: "id") { id: ID! name: String }""",
        rows={"User": [{"id": "1", "name": "Ana"}]},
        roots={"me": {"id": "1", "name": "Ana"}},
        is_federation_1=True,
    )
    posts = Fixture(
        "posts",
        """extend type Query { posts: [Post] } type Post { title: String author: User }
        extend type User @key(fields: "id") { id: ID! @external posts: [Post] }""",
        rows={"User": [{"id": "1", "posts": [{"title": "Hi", "author": {"id": "1"}}]}]},
        roots={"posts": [{"title": "Hi", "author": {"id": "1"}}]},
        is_federation_1=True,
    )
    async with Federation(users, posts) as blog:
        assert await blog.data("{ me { name posts { title author { name } } } posts { author { name } } }") == {
            "me": {"name": "Ana", "posts": [{"title": "Hi", "author": {"name": "Ana"}}]},
            "posts": [{"author": {"name": "Ana"}}],
        }


async def test_an_argument_from_the_context_of_an_ancestor() -> None:
    shops: list[Row] = [
        {"id": "1", "currency": "EUR", "items": [{"id": "a"}, {"id": "b"}]},
        {"id": "2", "currency": "USD", "items": [{"id": "a"}]},
        {"id": "3", "currency": "EUR", "items": []},
    ]
    rates = {"EUR": 1, "USD": 2}
    store = Fixture(
        "store",
        """type Query { shops: [Shop] }
        type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String items: [Item] }
        type Item @key(fields: "id") { id: ID! price(currency: String @fromContext(field: "$shop { currency }")): Int }""",
        rows={"Shop": shops, "Item": [{"id": "a"}, {"id": "b"}]},
        roots={"shops": shops},
        fields={"Item.price": lambda row, currency: rates[currency] * (10 if row["id"] == "a" else 20)},
    )
    async with Federation(store) as graph:
        # The same item costs something else in each shop.
        assert await graph.data("{ shops { items { id price } } }") == {
            "shops": [
                {"items": [{"id": "a", "price": 10}, {"id": "b", "price": 20}]},
                {"items": [{"id": "a", "price": 20}]},
                {"items": []},
            ]
        }


async def test_skip_and_include_by_variables_at_every_level() -> None:
    first = Fixture(
        "first",
        """type Query { item: Item } type Item @key(fields: "id") { id: ID! name: String tag: Tag } type Tag { a: Int b: Int }""",
        roots={"item": {"id": "1", "name": "N", "tag": {"a": 1, "b": 2}}},
    )
    second = Fixture(
        "second", """type Item @key(fields: "id") { id: ID! stock: Int }""", rows={"Item": [{"id": "1", "stock": 7}]}
    )
    text = """query ($x: Boolean!, $y: Boolean!) {
      item { id @include(if: $x) ... @skip(if: $y) { stock } tag @include(if: $x) { a } tag @include(if: $y) { b } }
      other: item @include(if: $y) { name }
    }"""
    expected: dict[tuple[bool, bool], Row] = {
        (True, True): {"item": {"id": "1", "tag": {"a": 1, "b": 2}}, "other": {"name": "N"}},
        (True, False): {"item": {"id": "1", "stock": 7, "tag": {"a": 1}}},
        (False, True): {"item": {"tag": {"b": 2}}, "other": {"name": "N"}},
        (False, False): {"item": {"stock": 7}},
    }
    async with Federation(first, second) as graph:
        for (x, y), data in expected.items():
            assert await graph.data(text, {"x": x, "y": y}) == data
        assert graph.asked() == {"first": 4, "second": 2}


async def test_introspection_shows_the_api_schema_beside_data() -> None:
    only = Fixture(
        "only",
        "type Query { a: Int hidden: Int @inaccessible } type Product { x: Int }",
        roots={"a": 1},
    )
    async with Federation(only) as graph:
        text = """query ($name: String!) { a __schema { queryType { ...Fields } } type: __type(name: $name) { name } }
        fragment Fields on __Type { name fields { name } }"""
        assert await graph.data(text, {"name": "Product"}) == {
            "a": 1,
            "__schema": {"queryType": {"name": "Query", "fields": [{"name": "a"}]}},
            "type": {"name": "Product"},
        }
        assert await graph.data("{ __typename __schema { queryType { name } } }") == {
            "__typename": "Query",
            "__schema": {"queryType": {"name": "Query"}},
        }
        assert graph.asked() == {"only": 1}


async def test_an_empty_selection_set_is_refused() -> None:
    only = Fixture("only", "type Query { a: A } type A { x: Int }", roots={"a": {"x": 1}})
    async with Federation(only) as graph:
        answer = await graph.answer("{ a { } }")
        assert answer["errors"] == ["Syntax Error: Expected Name, found '}'."]
