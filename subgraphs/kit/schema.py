"""Build a subgraph's federated schema with the chassis' error handling and settings, and print it as SDL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from .graphql_errors import COMMON_HANDLERS, DomainErrorHandler, ErrorExtension

FEDERATION_VERSION: Final = "2.11"  # the newest that Strawberry knows

KNOWN_OPERATIONS = 500  # parsed and validated operations that a process remembers


class SubgraphSchema(Schema):
    """Leaves logging to ErrorExtension: a person's mistake is no error of ours, and a bug is logged once."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        return None


def create_subgraph_schema(
    *,
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    types: Sequence[type] = (),
    error_handlers: Sequence[DomainErrorHandler[Any]] = (),
    extensions: Sequence[type[SchemaExtension]] = (),
) -> Schema:
    """A federation 2 schema. Handlers of the subgraph come before the common ones, so that the more special error wins."""
    return SubgraphSchema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=types,
        extensions=[
            ErrorExtension,
            # The gateway sends the same few operations over and over; checking one takes longer than answering it.
            lambda: ParserCache(maxsize=KNOWN_OPERATIONS),
            lambda: ValidationCache(maxsize=KNOWN_OPERATIONS),
            *extensions,
        ],
        exception_handlers=[*error_handlers, *COMMON_HANDLERS],
        config=StrawberryConfig(disable_field_suggestions=True, relay_max_results=100),
        federation_version=FEDERATION_VERSION,
    )


def print_subgraph_sdl(schema: Schema) -> str:
    """The SDL as it is composed and committed under `schema/`, with one newline at the end."""
    return schema.as_str().strip() + "\n"
