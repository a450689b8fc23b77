"""Federation's @cacheTag: what is in an answer, by which it can be invalidated.

A format is evaluated for each fetch, as Apollo's specification has it: on a root field with the arguments that the subgraph is given
(`{$args.id}`), on an entity type with the key of each entity that it is asked for (`{$key.id}`).
https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#cachetag
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import orjson
from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

from ..transport import SubgraphRequest, SubgraphResponse, SubgraphTransport
from ..transport.dispatch import AnswerCallback, Cancellable, Outcome, WrappingTransport

# Travels with the headers of the subgraph's answer, under a name that no server can send.
CACHE_TAGS_HEADER = b":cache-tags"

_DIRECTIVE = "federation__cacheTag"
_PLACEHOLDER = re.compile(r"\{\s*\$(args|key)\.([^}\s]+)\s*\}")
# Texts of fetches whose fields and arguments are kept.
_MAX_KNOWN_TEXTS = 2_000

Formats: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubgraphTags:
    """The formats that one subgraph declares."""

    by_root_field: dict[str, Formats] = field(default_factory=dict)
    by_type: dict[str, Formats] = field(default_factory=dict)
    defaults: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of the arguments of those root fields."""


@dataclass(frozen=True, slots=True)
class _RootField:
    name: str
    arguments: dict[str, Any]
    """Each is a value, or the VariableNode that stands for one."""


class CacheTagTransport(WrappingTransport):
    """Adds to each answer of a subgraph the tags of what it was asked for."""

    def __init__(self, inner: SubgraphTransport, tags: SubgraphTags) -> None:
        super().__init__(inner)
        self._tags = tags
        self._fields: OrderedDict[str, tuple[_RootField, ...]] = OrderedDict()

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if request.operation_kind != "query":
            return self._inner.dispatch(request, on_outcome)
        return self._inner.dispatch(request, partial(self._tagged, request.body, on_outcome))

    def _tagged(self, body: bytes, on_outcome: AnswerCallback, outcome: Outcome) -> None:
        if isinstance(outcome, SubgraphResponse):
            pair = (CACHE_TAGS_HEADER, orjson.dumps(sorted(self.tags_of(body))))
            # A new one: the answer may be shared with others who ask the same.
            outcome = SubgraphResponse(outcome.status, (*outcome.headers, pair), outcome.body)
        on_outcome(outcome)

    def tags_of(self, body: bytes) -> set[str]:
        """Return the tags of what a request asks for."""
        request = orjson.loads(body)
        variables = request.get("variables") or {}
        tags: set[str] = set()
        for root_field in self._fields_of(request["query"]):
            arguments = dict(self._tags.defaults.get(root_field.name, {}))
            for name, value in root_field.arguments.items():
                if not isinstance(value, VariableNode):
                    arguments[name] = value
                elif value.name.value in variables:
                    arguments[name] = variables[value.name.value]
            if root_field.name != "_entities":
                tags.update(_evaluated(self._tags.by_root_field.get(root_field.name, ()), "args", arguments))
                continue
            for representation in arguments.get("representations") or ():
                formats = self._tags.by_type.get(representation.get("__typename"), ())
                tags.update(_evaluated(formats, "key", representation))
        return tags

    def _fields_of(self, text: str) -> tuple[_RootField, ...]:
        known = self._fields.get(text)
        if known is None:
            known = self._fields[text] = tuple(_root_fields(parse(text, no_location=True)))
            if len(self._fields) > _MAX_KNOWN_TEXTS:
                self._fields.popitem(last=False)
        return known


def with_cache_tags(
    transports: Mapping[str, SubgraphTransport], document: DocumentNode, query_type: str
) -> dict[str, SubgraphTransport]:
    """Wrap the transports of the subgraphs that declare tags in this supergraph."""
    tags = tags_by_subgraph(document, query_type)
    return {
        name: CacheTagTransport(transport, tags[name]) if name in tags else transport
        for name, transport in transports.items()
    }


def tags_by_subgraph(document: DocumentNode, query_type: str) -> dict[str, SubgraphTags]:
    """Read a supergraph's @join__directive(name: "federation__cacheTag")."""
    names: dict[str, str] = {}
    found: dict[str, SubgraphTags] = {}
    for definition in document.definitions:
        if isinstance(definition, EnumTypeDefinitionNode) and definition.name.value == "join__Graph":
            names = {
                value.name.value: _graph_name(value.directives, value.name.value) for value in definition.values or ()
            }
    for definition in document.definitions:
        if not isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            continue
        for graph, text in _formats(definition.directives):
            by_type = found.setdefault(names[graph], SubgraphTags()).by_type
            by_type[definition.name.value] = (*by_type.get(definition.name.value, ()), text)
        if definition.name.value != query_type:
            continue
        for member in definition.fields or ():
            for graph, text in _formats(member.directives):
                tags = found.setdefault(names[graph], SubgraphTags())
                tags.by_root_field[member.name.value] = (*tags.by_root_field.get(member.name.value, ()), text)
                tags.defaults[member.name.value] = {
                    it.name.value: value_from_ast_untyped(it.default_value)
                    for it in member.arguments or ()
                    if it.default_value is not None
                }
    return found


def _formats(directives: tuple[ConstDirectiveNode, ...] | None) -> Iterator[tuple[str, str]]:
    for directive in directives or ():
        if directive.name.value != "join__directive":
            continue
        arguments = {it.name.value: value_from_ast_untyped(it.value) for it in directive.arguments or ()}
        if arguments.get("name") == _DIRECTIVE:
            for graph in arguments.get("graphs") or ():
                yield graph, arguments["args"]["format"]


def _graph_name(directives: tuple[ConstDirectiveNode, ...] | None, default: str) -> str:
    for directive in directives or ():
        for argument in directive.arguments or ():
            if directive.name.value == "join__graph" and argument.name.value == "name":
                return str(value_from_ast_untyped(argument.value))
    return default


def _root_fields(document: DocumentNode) -> Iterator[_RootField]:
    fragments = {it.name.value: it for it in document.definitions if isinstance(it, FragmentDefinitionNode)}

    def fields_of(selection_set: SelectionSetNode) -> Iterator[_RootField]:
        for selection in selection_set.selections:
            if isinstance(selection, InlineFragmentNode):
                yield from fields_of(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                yield from fields_of(fragments[selection.name.value].selection_set)
            elif isinstance(selection, FieldNode):
                arguments = {
                    it.name.value: it.value if isinstance(it.value, VariableNode) else value_from_ast_untyped(it.value)
                    for it in selection.arguments or ()
                }
                yield _RootField(selection.name.value, arguments)

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield from fields_of(definition.selection_set)


def _evaluated(formats: Formats, source: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tags; one that names a value which is not there names nothing, and is left out."""
    for text in formats:
        is_whole = True

        def value_of(match: re.Match[str]) -> str:
            nonlocal is_whole
            value: Any = values if match[1] == source else None
            for step in match[2].split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
            if isinstance(value, bool):
                return "true" if value else "false"
            if isinstance(value, str | int | float):
                return str(value)
            is_whole = False
            return ""

        tag = _PLACEHOLDER.sub(value_of, text)
        if is_whole:
            yield tag
