"""Whatever subgraphs send, a request ends with an answer that fits the schema; it never fails as a whole and never hangs."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import build_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution import Executor, RequestContext
from gateway.planning.query_plan import (
    EntityInput,
    EntityTarget,
    FetchNode,
    ItemsStep,
    KeyStep,
    ProjectedField,
    QueryPlan,
    Representation,
    RequiredField,
    TypeStep,
)
from gateway.transport import MockTransport
from tests.gateway.execution.plans import prepared, projection

SCHEMA = build_schema("""
type Query { pets: [Pet!] }
interface Pet { id: ID! name: String }
type Cat implements Pet { id: ID! name: String lives: Int! owner: Owner }
type Dog implements Pet { id: ID! name: String }
type Owner { id: ID! age: Int }
""")
CAT = frozenset({"Cat"})


def fetch(number: int, subgraph: str, target: EntityTarget, fields: str, *depends_on: int) -> FetchNode:
    document = f"query($r:[_Any!]!){{_entities(representations:$r){{{fields}}}}}"
    return FetchNode(
        number, subgraph, "query", document, None, (), depends_on, (EntityInput("_entities", "r", (target,)),)
    )


def the_plan() -> QueryPlan:
    key = RequiredField("id", "id", is_key=True)
    nested = RequiredField("owner", "owner", (RequiredField("id", "id"),), CAT)
    pets = (KeyStep("pets"), ItemsStep())
    owners = (*pets, TypeStep(CAT), KeyStep("owner"))
    cat = projection(SCHEMA, "Cat", "{ id lives owner { id age } }")
    query: Any = SCHEMA.query_type
    typename = ProjectedField("__typename", "__typename", "__typename", cat[0].type)
    own = tuple(ProjectedField(f.response_key, f.tree_key, f.field_name, f.type, f.selections, CAT) for f in cat[1:])
    return QueryPlan(
        "query",
        None,
        (
            FetchNode(0, "a", "query", "{pets{__typename id ...on Cat{owner{id}}}}", None, ()),
            fetch(
                1,
                "b",
                EntityTarget((*pets, TypeStep(CAT)), (Representation(CAT, None, (key, nested)),)),
                "...on Cat{lives}",
                0,
            ),
            fetch(2, "c", EntityTarget(owners, (Representation(None, "Owner", (key,)),)), "...on Owner{age}", 0),
        ),
        (ProjectedField("pets", "pets", "pets", query.fields["pets"].type, (typename, cat[0], *own)),),
        "Query",
    )


PLAN = prepared(the_plan(), SCHEMA)
NAMES = (
    "__typename",
    "id",
    "owner",
    "lives",
    "age",
    "pets",
    "_entities",
    "data",
    "errors",
    "message",
    "path",
    "extensions",
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.just(2**40), st.sampled_from(["", "1", "Cat", "Dog", "Pet"])
)
garbage = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)),
    max_leaves=8,
)
owners = st.one_of(st.none(), st.fixed_dictionaries({"id": st.sampled_from(["1", "2"])}), garbage)
pets = st.one_of(
    st.fixed_dictionaries({"__typename": st.just("Cat"), "id": st.sampled_from(["1", "2"]), "owner": owners}),
    st.fixed_dictionaries({"__typename": st.one_of(st.just("Dog"), garbage), "id": leaves}),
    garbage,
)
errors = st.lists(
    st.one_of(
        garbage,
        st.fixed_dictionaries(
            {"message": leaves, "path": st.lists(st.one_of(leaves, st.sampled_from(NAMES))), "extensions": garbage}
        ),
    ),
    max_size=2,
)


def answers(data: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.fixed_dictionaries({"data": data}),
        st.fixed_dictionaries({"data": data, "errors": st.one_of(errors, garbage)}),
        garbage,
    )


first = answers(st.fixed_dictionaries({"pets": st.one_of(st.lists(pets, max_size=3), garbage)}))
entity = st.one_of(st.fixed_dictionaries({"lives": st.just(9)}), st.fixed_dictionaries({"age": st.just(3)}), garbage)
later = answers(st.fixed_dictionaries({"_entities": st.one_of(st.lists(entity, max_size=3), garbage)}))


@given(first, later, later)
@settings(max_examples=120, deadline=None)
async def test_no_answer_of_a_subgraph_breaks_a_request(a: Any, b: Any, c: Any) -> None:
    executor = Executor({name: MockTransport([sent]) for name, sent in (("a", a), ("b", b), ("c", c))})
    result = await executor.execute(PLAN, None, RequestContext())
    answer = orjson.loads(result.to_bytes())
    assert set(answer) <= {"data", "errors", "extensions"}
    pets = answer["data"]["pets"]
    assert pets is None or all(pet["__typename"] in ("Cat", "Dog") and isinstance(pet["id"], str) for pet in pets)
    for pet in pets or ():
        assert pet["__typename"] == "Dog" or isinstance(pet["lives"], int)
    for error in answer.get("errors", ()):
        assert isinstance(error["message"], str)
