"""Whatever a client may write in an operation: names like ours, conditions in great number, introspection in many pieces."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import PlanningError, PlanningLimitExceeded
from gateway.execution import InvalidVariables
from gateway.planning import Planner
from tests.gateway.federation.harness import Federation, Fixture

ITEMS = Fixture(
    "items",
    """type Query { item: Item @shareable items: [Item] } type Item @key(fields: "id") { id: ID! name: String }""",
    roots={"item": {"id": "1", "name": "A"}, "items": [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}]},
)
STOCK = Fixture(
    "stock",
    """type Item @key(fields: "id") { id: ID! stock(at: Int, names: [String]): Int price(at: Int): Int }""",
    rows={"Item": [{"id": "1"}, {"id": "2"}]},
    fields={
        "Item.stock": lambda item, at=0, names=(): int(item["id"]) * 10 + at + len(names or ()),
        "Item.price": lambda item, at=0: int(item["id"]) * 100 + at,
    },
)


async def test_variables_may_be_called_like_those_of_fetches() -> None:
    names = ("representations", "representations_0", "representations_1", "_representations")
    async with Federation(ITEMS, STOCK) as shop:
        for name in names:
            text = "query ($NAME: Int) { item { stock(at: $NAME) } items { price(at: $NAME) } }".replace("NAME", name)
            assert await shop.data(text, {name: 3}) == {
                "item": {"stock": 13},
                "items": [{"price": 103}, {"price": 203}],
            }


async def test_a_field_under_very_many_conditions_is_there_only_when_one_of_them_holds() -> None:
    definitions = ", ".join(f"$v{n}: Boolean = false" for n in range(50))
    fields = " ".join(f"stock @include(if: $v{n})" for n in range(50))
    async with Federation(ITEMS, STOCK) as shop:
        text = f"query ({definitions}) {{ item {{ name {fields} }} }}"
        assert await shop.data(text) == {"item": {"name": "A"}}
        assert await shop.data(text, {"v49": True}) == {"item": {"name": "A", "stock": 10}}
        too_many = text.replace("$v0: Boolean", "$w0: Boolean, $v0: Boolean")
        for n in range(40):
            too_many = too_many.replace("{ name", f"{{ name stock @include(if: $u{n})", 1)
            too_many = too_many.replace("query (", f"query ($u{n}: Boolean = false, ", 1)
        too_many = too_many.replace("$w0: Boolean, ", "")
        with pytest.raises(PlanningLimitExceeded, match="different combinations of conditions"):
            await shop.answer(too_many)


async def test_pieces_of_introspection_keep_their_own_conditions() -> None:
    text = """query ($yes: Boolean!, $no: Boolean!) {
        __schema { queryType { name } }
        __schema @include(if: $no) { mutationType { name } }
        ... @include(if: $yes) { __schema @skip(if: $no) { subscriptionType { name } } }
        one: __type(name: "Item") @include(if: $yes) { name }
        one: __type(name: "Item") @include(if: $no) { kind }
    }"""
    async with Federation(ITEMS, STOCK) as shop:
        assert await shop.data(text, {"yes": True, "no": False}) == {
            "__schema": {"queryType": {"name": "Query"}, "subscriptionType": None},
            "one": {"name": "Item"},
        }
        assert await shop.data(text, {"yes": False, "no": True}) == {
            "__schema": {"queryType": {"name": "Query"}, "mutationType": None},
            "one": {"kind": "OBJECT"},
        }


async def test_fragments_that_double_in_introspection_are_answered() -> None:
    levels = 40
    fragments = [f"fragment F{n} on __Type {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    text = "{ __schema { queryType { ...F0 } } }" + " ".join(fragments) + f"fragment F{levels} on __Type {{ name }}"
    async with Federation(ITEMS, STOCK) as shop:
        shop.planner = Planner(shop.supergraph, deadline=30.0)
        answer: Any = await shop.data(text)
        assert answer == {"__schema": {"queryType": {"name": "Query"}}}


async def test_introspection_below_the_root_is_refused_with_a_reason() -> None:
    below = Fixture("below", "type Query { again: Query }", roots={"again": {}})
    async with Federation(ITEMS, below) as shop:
        assert await shop.data("{ again { item { name } __typename } }") == {
            "again": {"item": {"name": "A"}, "__typename": "Query"}
        }
        with pytest.raises(PlanningError, match='"__schema" can be selected at the root of a query only'):
            await shop.answer("{ again { __schema { queryType { name } } } }")


async def test_a_condition_that_is_null_is_an_error_whoever_would_have_been_asked() -> None:
    """A nullable variable with a default may stand there; null given for it must not count as false."""
    async with Federation(ITEMS, STOCK) as shop:
        for text in (
            "query ($b: Boolean = true) { item @include(if: $b) { name } }",
            "query ($b: Boolean = true) { item { name stock @skip(if: $b) } }",
        ):
            assert "errors" not in await shop.answer(text)
            with pytest.raises(InvalidVariables, match="Expected variable '\\$b' provided to non-null type 'Boolean!'"):
                await shop.answer(text, {"b": None})
        assert len(shop.requests["items"]) == 2
