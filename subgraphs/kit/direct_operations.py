"""Answer the few operations that come most often without the generic executor: the same answer, for a fraction of the work.

An operation is direct when it is one mutation or subscription with one root field that a subgraph named as direct, its arguments are
variables, it has no directives, and what it selects are plain values. It is looked at once, by the schema; afterwards only the
variables are read and the values picked. Everything else, and every input that is not exactly as declared, is left to the executor,
so that its messages are the only ones.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
    parse,
    type_from_ast,
    validate,
)
from strawberry.federation import Schema
from strawberry.types.field import StrawberryField

from .direct_entities import ENTITIES, DirectLookup, plan_lookup
from .direct_values import DirectInfo, NotPlain, NotUnderstood, Reader, input_reader, plain_selections
from .errors import DomainError
from .events import JsonObject
from .graphql_errors import DomainErrorHandler, error_type_from, present_error

KNOWN_TEXTS = 500  # operation texts whose plan (or lack of one) is remembered
MAX_TEXT = 10_000  # characters; longer texts are not worth remembering

Picker = Callable[[Any], JsonObject]


@dataclass(frozen=True, slots=True)
class DirectOperation:
    """One operation text, ready to be answered."""

    name: str | None
    """The operation's own name."""
    key: str
    """The name of the root field in the answer."""
    node: FieldNode
    is_subscription: bool
    is_nullable: bool
    readers: tuple[tuple[str, str, bool, Reader], ...]
    """Python name of each argument, the variable it comes from, whether that must be given, and how it is read."""
    resolve: Callable[..., Any]
    pickers: Mapping[str, Picker]
    """What is selected of a type; types that are missing need the executor."""
    errors: tuple[DomainErrorHandler[Any], ...]
    """Handlers of errors that are members of the answer's union."""

    def read(self, variables: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The arguments; None when the executor has to say what is wrong with them."""
        given = variables or {}
        arguments = {}
        try:
            for name, key, is_required, reader in self.readers:
                if key in given:
                    arguments[name] = reader(given[key])
                elif is_required:
                    return None
        except NotUnderstood:
            return None
        return arguments

    async def answer(self, context: Any, arguments: Mapping[str, Any]) -> JsonObject:
        """The response of a mutation: `data`, and `errors` where there are any."""
        try:
            value = await self.resolve(None, DirectInfo(context), **arguments)
        except DomainError as error:
            handler = next((item for item in self.errors if isinstance(error, item.exception_type)), None)
            if handler is None:
                return self.failed(error)
            value = error_type_from(handler.error_type, error)
        except Exception as error:
            return self.failed(error)
        return {"data": {self.key: self.pickers[type_name_of(value)](value)}}

    async def events(
        self, context: Any, arguments: Mapping[str, Any]
    ) -> AsyncGenerator[tuple[Any, JsonObject | None], None]:
        """The events of a subscription, each with its response, or with None when the executor has to make it.

        A failure is the last response, as in the executor.
        """
        try:
            async with aclosing(self.resolve(None, DirectInfo(context), **arguments)) as source:
                async for value in source:
                    picker = self.pickers.get(type_name_of(value))
                    yield value, None if picker is None else {"data": {self.key: picker(value)}}
        except Exception as error:
            # The source failed, not a field of an event: no path, as in the executor.
            yield (
                None,
                {"data": None, "errors": [present_error(GraphQLError(str(error), original_error=error)).formatted]},
            )

    def failed(self, error: Exception) -> JsonObject:
        located = GraphQLError(str(error), nodes=[self.node], path=[self.key], original_error=error)
        data = {self.key: None} if self.is_nullable else None
        return {"data": data, "errors": [present_error(located).formatted]}


class DirectOperations:
    """The direct operations of one schema. `fields` are the names of root fields as in SDL."""

    def __init__(self, schema: Schema, fields: frozenset[str]) -> None:
        self._schema = schema
        self._graphql_schema: GraphQLSchema = schema._schema
        self._fields = fields
        self._known: dict[str, DirectOperation | DirectLookup | None] = {}

    def find(self, text: object, operation_name: object = None) -> DirectOperation | DirectLookup | None:
        """The plan of an operation text; None when the executor has to answer it."""
        if not isinstance(text, str):
            return None
        try:
            found = self._known[text]
        except KeyError:
            if len(text) > MAX_TEXT:
                return None
            if len(self._known) >= KNOWN_TEXTS:
                self._known.clear()
            found = self._known[text] = self._plan(text)
        # Another name than the operation's is for the executor to refuse.
        return found if found is None or operation_name is None or operation_name == found.name else None

    def _plan(self, text: str) -> DirectOperation | DirectLookup | None:
        # Most texts are of other operations: they are not parsed twice.
        if ENTITIES not in text and not any(name in text for name in self._fields):
            return None
        try:
            document = parse(text)
            if validate(self._graphql_schema, document):
                return None
            return self._plan_document(document)
        except (GraphQLError, NotPlain):
            return None

    def _plan_document(self, document: DocumentNode) -> DirectOperation | DirectLookup:
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if len(operations) != 1 or operations[0].directives:
            raise NotPlain
        (operation,) = operations
        lookup = plan_lookup(self._schema, document, operation)
        if lookup is not None:
            return lookup
        root = {
            OperationType.MUTATION: self._graphql_schema.mutation_type,
            OperationType.SUBSCRIPTION: self._graphql_schema.subscription_type,
        }.get(operation.operation)
        if root is None or len(operation.selection_set.selections) != 1:
            raise NotPlain
        (node,) = operation.selection_set.selections
        if not isinstance(node, FieldNode) or node.name.value not in self._fields or node.directives:
            raise NotPlain
        if any(item.default_value is not None or item.directives for item in operation.variable_definitions or ()):
            raise NotPlain
        return self._plan_field(document, root, node, operation)

    def _plan_field(
        self, document: DocumentNode, root: GraphQLObjectType, node: FieldNode, operation: OperationDefinitionNode
    ) -> DirectOperation:
        field = root.fields[node.name.value]
        definition = self._schema.get_field_for_type(node.name.value, root.name)
        if definition is None or definition.base_resolver is None or node.selection_set is None:
            raise NotPlain
        is_subscription = operation.operation is OperationType.SUBSCRIPTION
        return DirectOperation(
            name=operation.name.value if operation.name else None,
            key=node.alias.value if node.alias else node.name.value,
            node=node,
            is_subscription=is_subscription,
            is_nullable=not isinstance(field.type, GraphQLNonNull),
            readers=self._readers(node, operation, definition),
            resolve=cast("Callable[..., Any]", definition.base_resolver.wrapped_func),
            pickers=self._pickers(document, node.selection_set, field.type, all_of_them=not is_subscription),
            errors=self._handlers(field.type),
        )

    def _readers(
        self, node: FieldNode, operation: OperationDefinitionNode, definition: StrawberryField
    ) -> tuple[tuple[str, str, bool, Reader], ...]:
        convert = self._schema.config.name_converter.get_graphql_name
        python_names = {convert(argument): argument.python_name for argument in definition.arguments}
        declared = {
            item.variable.name.value: type_from_ast(self._graphql_schema, item.type)
            for item in operation.variable_definitions or ()
        }
        readers = []
        for argument in node.arguments or ():
            if not isinstance(argument.value, VariableNode):
                raise NotPlain
            key = argument.value.name.value
            is_required = isinstance(declared[key], GraphQLNonNull)
            reader = input_reader(declared[key], self._schema)
            readers.append((python_names[argument.name.value], key, is_required, reader))
        if {key for _, key, _, _ in readers} != declared.keys():
            raise NotPlain  # a variable that no argument takes would not be checked
        return tuple(readers)

    def _possible(self, type_: Any) -> list[GraphQLObjectType]:
        named = get_named_type(type_)
        if is_abstract_type(named):
            return list(self._graphql_schema.get_possible_types(named))
        if is_object_type(named):
            return [named]
        raise NotPlain

    def _pickers(
        self, document: DocumentNode, selected: SelectionSetNode, type_: Any, *, all_of_them: bool
    ) -> dict[str, Picker]:
        pickers = {}
        for possible in self._possible(type_):
            try:
                pickers[possible.name] = plain_selections(self._schema, document, selected, possible)
            except NotPlain:
                if all_of_them:
                    raise
        return pickers

    def _handlers(self, type_: Any) -> tuple[DomainErrorHandler[Any], ...]:
        members = {possible.name for possible in self._possible(type_)}
        return tuple(
            handler
            for handler in self._schema.exception_handlers
            if isinstance(handler, DomainErrorHandler) and handler.error_type.__strawberry_definition__.name in members
        )


def type_name_of(value: Any) -> str:
    """The GraphQL type of a resolver's value."""
    name: str = type(value).__strawberry_definition__.name
    return name
