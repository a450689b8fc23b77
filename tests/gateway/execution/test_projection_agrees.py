"""The fast projection and the complete one agree on every tree, however broken: what the fast one answers, the other answers too."""

from __future__ import annotations

from typing import Any

from graphql import build_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.answer_selection import SelectionBuilder
from gateway.execution.completion import Completion
from gateway.execution.error_list import ErrorList
from gateway.execution.projection import UNUSUAL, build_projection
from gateway.planning.query_plan import ProjectedField
from tests.gateway.execution.plans import projection

SCHEMA = build_schema("""
type Query { pet: Pet pets: [Pet!] must: Item! item: Item grid: [[Item]] names: [String!]! any: Any }
interface Pet { name: String }
type Cat implements Pet { name: String! lives: Int! }
type Dog implements Pet { name: String size: Size }
union Any = Cat | Item
enum Size { S M }
scalar Json
type Item { id: ID! price: Float! ok: Boolean tags: [[Int!]] raw: Json item: Item }
""")


def pet_fields() -> tuple[ProjectedField, ...]:
    types: Any = SCHEMA.type_map
    strict = {"Cat": types["Cat"].fields["name"].type}
    name = ProjectedField("name", "name", "name", types["Pet"].fields["name"].type, strict_types=strict)
    typename = ProjectedField("__typename", "__typename", "__typename", name.type)
    lives = projection(SCHEMA, "Cat", "{ lives }")[0]
    size = projection(SCHEMA, "Dog", "{ size }")[0]
    return (
        typename,
        name,
        ProjectedField("lives", "lives", "lives", lives.type, type_names=frozenset({"Cat"})),
        ProjectedField("size", "size", "size", size.type, type_names=frozenset({"Dog"})),
    )


def fields() -> tuple[ProjectedField, ...]:
    item = "{ id price ok tags raw item { id } }"
    plain = projection(SCHEMA, "Query", f"{{ must {item} item {item} grid {item} names }}")
    query: Any = SCHEMA.query_type
    return (
        *plain,
        ProjectedField("pet", "pet", "pet", query.fields["pet"].type, pet_fields()),
        ProjectedField("pets", "pets", "pets", query.fields["pets"].type, pet_fields()[:2]),
    )


SELECTION = SelectionBuilder(SCHEMA, {}).build("Query", fields())
PROJECT = build_projection(SCHEMA, SELECTION, frozenset())

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2**33),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["x", "S", "L"]),
)
items = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.one_of(st.just("1"), scalars),
            "price": st.one_of(st.just(1.5), scalars),
            "ok": scalars,
            "tags": st.one_of(st.lists(st.lists(scalars, max_size=2), max_size=2), scalars),
            "raw": st.one_of(scalars, st.just({"a": [1]})),
        },
    ),
    lambda inner: st.builds(lambda item, below: {**item, "item": below}, inner, st.one_of(inner, scalars)),
    max_leaves=3,
)
good_items = st.fixed_dictionaries(
    {
        "id": st.just("1"),
        "price": st.just(2.0),
        "ok": st.just(True),
        "tags": st.just([[1]]),
        "raw": st.just({}),
        "item": st.none(),
    }
)
pets = st.fixed_dictionaries(
    {"__typename": st.sampled_from(["Cat", "Dog", "Pet", "Fish", None])},
    optional={"name": scalars, "lives": scalars, "size": scalars},
)
good_pets = st.sampled_from(
    [{"__typename": "Cat", "name": "T", "lives": 9}, {"__typename": "Dog", "name": None, "size": "S"}]
)
either_item, either_pet = st.one_of(good_items, good_items, items), st.one_of(good_pets, pets)
trees = st.fixed_dictionaries(
    {
        "must": st.one_of(either_item, scalars),
        "item": st.one_of(either_item, scalars),
        "grid": st.one_of(
            st.lists(st.one_of(st.lists(st.one_of(either_item, scalars), max_size=2), scalars), max_size=2), scalars
        ),
        "names": st.one_of(st.lists(scalars, max_size=3), st.just([]), scalars),
        "pet": st.one_of(either_pet, scalars),
        "pets": st.one_of(st.lists(st.one_of(either_pet, scalars), max_size=3), scalars),
    }
)


good_trees = st.fixed_dictionaries(
    {
        "must": good_items,
        "item": st.one_of(good_items, st.none()),
        "grid": st.one_of(
            st.lists(st.one_of(st.lists(st.one_of(good_items, st.none()), max_size=2), st.none()), max_size=2),
            st.none(),
        ),
        "names": st.lists(st.just("x"), max_size=3),
        "pet": st.one_of(good_pets, st.none()),
        "pets": st.one_of(st.lists(good_pets, max_size=3), st.none()),
    }
)


@given(trees)
@settings(max_examples=300, deadline=None)
def test_what_the_fast_projection_answers_is_the_complete_answer_without_errors(tree: dict[str, Any]) -> None:
    errors = ErrorList(100)
    completed = Completion(SCHEMA, errors).complete(SELECTION, tree)
    try:
        projected = PROJECT(tree)
    except UNUSUAL:
        return
    assert projected == completed
    assert (errors.errors, errors.hidden) == ([], [])


@given(good_trees)
@settings(max_examples=100, deadline=None)
def test_a_tree_in_which_all_is_well_is_projected_the_fast_way(tree: dict[str, Any]) -> None:
    errors = ErrorList(100)
    assert PROJECT(tree) == Completion(SCHEMA, errors).complete(SELECTION, tree)
    assert errors.errors == []
