"""Small plans by hand, so that execution is tested without planning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, build_schema, parse

from gateway.execution import (
    ExecutionResult,
    ExecutionSettings,
    Executor,
    PreparedOperation,
    RequestContext,
    VariableCoercion,
    compile_plan,
)
from gateway.planning.query_plan import (
    Condition,
    EntityInput,
    EntityTarget,
    FetchNode,
    ItemsStep,
    KeyStep,
    OperationKind,
    ProjectedField,
    QueryPlan,
    Representation,
    RequiredField,
    ResponsePath,
)
from gateway.transport import SubgraphTransport

SHOP = build_schema("""
type Query { items: [Item] item: Item a: Int b: Int }
type Mutation { one: Int two: Int }
type Subscription { changed: Item }
type Item { id: ID! name: String stock: Int near: [Item] tag: Tag }
type Tag { a: Int b: Int }
""")


def path(text: str) -> ResponsePath:
    """`items.@.tag` as steps."""
    return tuple(ItemsStep() if part == "@" else KeyStep(part) for part in text.split(".") if part)


def root_fetch(
    number: int,
    subgraph: str,
    document: str,
    *depends_on: int,
    kind: OperationKind = "query",
    variables: tuple[str, ...] = (),
    unless: str | None = None,
) -> FetchNode:
    """A fetch of root fields; left out when the variable `unless` is true."""
    conditions = ((Condition(unless, negated=True),),) if unless else ()
    return FetchNode(number, subgraph, kind, document, None, variables, depends_on, conditions=conditions)


def entity_fetch(
    number: int, subgraph: str, selections: str, targets: tuple[str, ...], *depends_on: int, required: str = ""
) -> FetchNode:
    """A fetch of Items by id (and the `required` field) at some paths."""
    fields: tuple[RequiredField, ...] = (RequiredField("id", "id", is_key=True),)
    if required:
        fields += (RequiredField(required, required),)
    representation = Representation(None, "Item", fields)
    return FetchNode(
        number,
        subgraph,
        "query",
        f"query($r:[_Any!]!){{_entities(representations:$r){{...on Item{{{selections}}}}}}}",
        None,
        (),
        depends_on,
        (EntityInput("_entities", "r", tuple(EntityTarget(path(text), (representation,)) for text in targets)),),
    )


def projection(schema: GraphQLSchema, type_name: str, text: str) -> tuple[ProjectedField, ...]:
    """The projection of `{ a b { c } key: d }`; an alias is `response: tree`."""
    node = parse(text, no_location=True).definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return _fields(schema, type_name, node.selection_set.selections)


def plan_of(text: str, *fetches: FetchNode, schema: GraphQLSchema = SHOP, kind: OperationKind = "query") -> QueryPlan:
    """A plan whose projection is written as a selection."""
    root = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}[kind]
    return QueryPlan(kind, None, fetches, projection(schema, root, text), root)


def prepared(plan: QueryPlan, schema: GraphQLSchema = SHOP, variables: str = "") -> PreparedOperation:
    """The plan as the executor takes it. `variables` are variable definitions, without brackets."""
    document = parse(f"query {f'({variables})' if variables else ''} {{ __typename }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return PreparedOperation(document, operation, compile_plan(plan, schema), VariableCoercion(schema, operation))


async def run_plan(
    plan: QueryPlan,
    transports: Mapping[str, SubgraphTransport],
    *,
    variables: dict[str, Any] | None = None,
    definitions: str = "",
    schema: GraphQLSchema = SHOP,
    context: RequestContext | None = None,
    settings: ExecutionSettings | None = None,
) -> ExecutionResult:
    """The result of a plan."""
    operation = prepared(plan, schema, definitions)
    return await Executor(transports, settings).execute(operation, variables, context or RequestContext())


def answer_of(result: ExecutionResult) -> dict[str, Any]:
    """The answer as a client reads it."""
    answer: dict[str, Any] = orjson.loads(result.to_bytes())
    return answer


def _fields(schema: GraphQLSchema, type_name: str, selections: Any) -> tuple[ProjectedField, ...]:
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    fields = []
    for node in selections:
        field = type_.fields[node.name.value]
        named: Any = field.type
        while hasattr(named, "of_type"):
            named = named.of_type
        below = _fields(schema, named.name, node.selection_set.selections) if node.selection_set else ()
        response_key = node.alias.value if node.alias else node.name.value
        fields.append(ProjectedField(response_key, node.name.value, node.name.value, field.type, below))
    return tuple(fields)
