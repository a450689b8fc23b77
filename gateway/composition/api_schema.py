"""The API schema: what clients see of a supergraph, without what is @inaccessible and without the machinery of the specs."""

from __future__ import annotations

from collections.abc import Iterator

from .error_codes import ErrorCode
from .errors import CompositionError, error
from .schema import DirectiveDefinition, Element, Kind, Schema, TypeDefinition
from .schema.references import referencers

_KEPT_DIRECTIVES = ("deprecated", "specifiedBy")


def build_api_schema(supergraph: Schema, inaccessible: str | None) -> Schema:
    """A copy; the supergraph stays as it is."""
    api = Schema()
    api.description = supergraph.description
    hidden = {type_.name for type_ in supergraph.types.values() if type_.has(inaccessible)}
    for definition in supergraph.directive_definitions.values():
        if not is_of_spec(supergraph, definition) and definition.name not in ("defer", "stream"):
            _copy_definition(api, definition, inaccessible)
    for type_ in supergraph.types.values():
        if type_.name not in hidden and not is_of_spec(supergraph, type_):
            _copy_type(api, type_, hidden, inaccessible)
    for kind, root in supergraph.roots.items():
        if root.type.name in api.types:
            api.roots[kind] = type(root)(api.types[root.type.name])
    return api


def is_of_spec(schema: Schema, element: TypeDefinition | DirectiveDefinition) -> bool:
    return schema.features is not None and any(feature.owns(element) for feature in schema.features.all())


def references_to_specs(supergraph: Schema) -> Iterator[CompositionError]:
    """Elements of the API schema must not use types of specs, which are not part of it."""
    for type_ in supergraph.types.values():
        # The machinery of join and link is only used by itself.
        if type_.name.startswith(("join__", "link__")) or not is_of_spec(supergraph, type_):
            continue
        referring = [found for found in referencers(supergraph, type_.name) if not _is_inside_spec(supergraph, found)]
        if referring:
            names = ", ".join(found.coordinate for found in referring)
            message = (
                f"Cannot remove elements of a feature as feature type {type_.name} is referenced by elements: {names}"
            )
            yield error(ErrorCode.REFERENCED_INACCESSIBLE, message, *referring)


def _is_inside_spec(schema: Schema, element: Element) -> bool:
    while (parent := getattr(element, "parent", None)) is not None:
        element = parent
    return isinstance(element, TypeDefinition | DirectiveDefinition) and is_of_spec(schema, element)


def _copy_common(source: Element, copy: Element) -> None:
    copy.description = source.description
    for directive in source.directives:
        if directive.name in _KEPT_DIRECTIVES:
            copy.apply(directive.name, directive.arguments)


def _copy_definition(api: Schema, source: DirectiveDefinition, inaccessible: str | None) -> None:
    copy = api.add_directive(source.name)
    copy.locations = source.locations
    copy.is_repeatable = source.is_repeatable
    _copy_common(source, copy)
    for argument in source.arguments.values():
        if not argument.has(inaccessible):
            _copy_common(argument, copy.add_argument(argument.name, argument.type, argument.default))


def _copy_type(api: Schema, source: TypeDefinition, hidden: set[str], inaccessible: str | None) -> None:
    copy = TypeDefinition(source.name, api, Kind(source.kind), is_defined=True)
    api.types[source.name] = copy
    copy.interfaces = {name: None for name in source.interfaces if name not in hidden}
    copy.members = {name: None for name in source.members if name not in hidden}
    _copy_common(source, copy)
    for field in source.fields.values():
        if field.has(inaccessible):
            continue
        new = copy.add_field(field.name, field.type)
        new.default = field.default
        _copy_common(field, new)
        for argument in field.arguments.values():
            if not argument.has(inaccessible):
                _copy_common(argument, new.add_argument(argument.name, argument.type, argument.default))
    for value in source.values.values():
        if not value.has(inaccessible):
            _copy_common(value, copy.add_value(value.name))
