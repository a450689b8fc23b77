"""Copy a schema, so that its upgrade leaves the original alone. Copies point to the same nodes of the SDL."""

from __future__ import annotations

from ..schema import Argument, DirectiveDefinition, Element, EnumValue, Field, Schema, TypeDefinition
from ..schema.features import LinkedFeatures
from ..schema.schema import Root


def clone_schema(source: Schema) -> Schema:
    copy = Schema()
    copy.is_defined = source.is_defined
    copy.extensions = list(source.extensions)
    for definition in source.directive_definitions.values():
        _copy_directive_definition(copy, definition)
    for type_ in source.types.values():
        _copy_type(copy, type_)
    copy.roots = {kind: Root(copy.types[root.type.name], root.extension) for kind, root in source.roots.items()}
    _copy_common(source, copy)
    if source.features is not None:
        link, *others = source.features.all()
        copy.features = LinkedFeatures(link)
        for feature in others:
            copy.features.add(feature)
    return copy


def _copy_common(source: Element, copy: Element) -> None:
    copy.description = source.description
    copy.node = source.node
    for directive in source.directives:
        copy.apply(directive.name, directive.arguments, node=directive.node).extension = directive.extension


def _copy_directive_definition(schema: Schema, source: DirectiveDefinition) -> None:
    copy = schema.add_directive(source.name)
    copy.locations = source.locations
    copy.is_repeatable = source.is_repeatable
    _copy_common(source, copy)
    _copy_arguments(source, copy)


def _copy_arguments(source: Field | DirectiveDefinition, copy: Field | DirectiveDefinition) -> None:
    for argument in source.arguments.values():
        new: Argument = copy.add_argument(argument.name, argument.type, argument.default)
        _copy_common(argument, new)


def _copy_type(schema: Schema, source: TypeDefinition) -> None:
    copy = TypeDefinition(source.name, schema, source.kind, is_defined=source.is_defined)
    schema.types[source.name] = copy
    copy.interfaces = dict(source.interfaces)
    copy.members = dict(source.members)
    copy.extensions = list(source.extensions)
    for field in source.fields.values():
        new = copy.add_field(field.name, field.type)
        new.default = field.default
        new.extension = field.extension
        _copy_arguments(field, new)
        _copy_common(field, new)
    for value in source.values.values():
        new_value: EnumValue = copy.add_value(value.name)
        new_value.extension = value.extension
        _copy_common(value, new_value)
    _copy_common(source, copy)
