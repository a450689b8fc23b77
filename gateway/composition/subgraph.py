"""A subgraph: its name, URL and schema, read from SDL and checked by itself."""

from __future__ import annotations

from dataclasses import dataclass

from .error_codes import ErrorCode
from .errors import CompositionError, InvalidSchema, invalid
from .metadata import SubgraphMetadata
from .schema import Kind, RootKind, Schema
from .schema.build import build_subgraph_schema
from .schema.validity import schema_errors
from .subgraph_rules import SUBGRAPH_RULES, rename_root_types

RESERVED_NAME = "_"


@dataclass(frozen=True, slots=True)
class SubgraphDefinition:
    """What a subgraph is composed from."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True, slots=True, eq=False)
class Subgraph:
    """A subgraph whose schema could be built."""

    name: str
    url: str
    schema: Schema
    metadata: SubgraphMetadata


def load_subgraph(definition: SubgraphDefinition) -> Subgraph:
    """Build and check one subgraph. Raises InvalidSchema, its errors naming the subgraph."""
    try:
        schema = build_subgraph_schema(definition.sdl, definition.name)
        if definition.name == RESERVED_NAME:
            message = f"Invalid name {RESERVED_NAME} for a subgraph: this name is reserved"
            raise invalid(ErrorCode.INVALID_SUBGRAPH_NAME, message)
    except InvalidSchema as problem:
        raise InvalidSchema(found.in_subgraph(definition.name) for found in problem.errors) from problem
    subgraph = Subgraph(definition.name, definition.url, schema, SubgraphMetadata(schema))
    check_subgraph(subgraph)
    return subgraph


def check_subgraph(subgraph: Subgraph) -> None:
    """Raises InvalidSchema, its errors naming the subgraph, when its schema is not valid by itself."""
    errors = _errors(subgraph)
    if errors:
        raise InvalidSchema(found.in_subgraph(subgraph.name) for found in errors)


def _errors(subgraph: Subgraph) -> list[CompositionError]:
    schema = subgraph.schema
    _add_service_field(schema)
    errors = schema_errors(schema)
    if schema.features is not None:
        errors += schema.features.shadowing_errors(schema)
    # What federation asks for would only repeat, in other words, what is wrong with the GraphQL.
    if errors:
        return errors
    errors = list(rename_root_types(schema))
    subgraph.metadata.forget()
    if not subgraph.metadata.is_federation_2:
        return errors
    try:
        for rule in SUBGRAPH_RULES:
            errors.extend(rule(subgraph.metadata))
    except InvalidSchema as problem:
        return list(problem.errors)
    return errors


def _add_service_field(schema: Schema) -> None:
    """Federation adds _service to the query root, so there always is one, and it is never empty. It is not merged."""
    query = schema.root(RootKind.QUERY)
    if query is None and "Query" not in schema.types:
        query = schema.add_type("Query", Kind.OBJECT)
    if query is not None and "_service" not in query.fields:
        query.add_field("_service", "String!")
