"""@fromContext: on arguments of object fields, naming a context that is set, and selecting one field of the argument's type."""

from __future__ import annotations

from collections.abc import Iterator

from ..contexts import parse_context
from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import UNSET, Argument, Directive, Field, TypeDefinition
from .context_selections import context_selection_errors


def from_context_arguments(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    types_by_context: dict[object, list[TypeDefinition]] = {}
    for application in metadata.applications("context"):
        if isinstance(application.parent, TypeDefinition):
            types_by_context.setdefault(application.arguments.get("name"), []).append(application.parent)
    for application in metadata.applications("fromContext"):
        argument = application.parent
        if isinstance(argument, Argument):
            yield from _check(metadata, application, argument, types_by_context)


def _check(
    metadata: SubgraphMetadata,
    application: Directive,
    argument: Argument,
    types_by_context: dict[object, list[TypeDefinition]],
) -> Iterator[CompositionError]:
    field = argument.parent
    if not isinstance(field, Field):
        message = f'@fromContext argument cannot be used on a directive definition "{argument.coordinate}".'
        yield error(ErrorCode.CONTEXT_NOT_SET, message, application)
        return
    if not field.parent.is_object:
        message = (
            f'@fromContext argument cannot be used on a field that exists on an abstract type "{argument.coordinate}".'
        )
        yield error(ErrorCode.CONTEXT_NOT_SET, message, application)
        return
    for name in field.parent.interfaces:
        interface = metadata.schema.types.get(name)
        implemented = interface.fields.get(field.name) if interface else None
        if implemented is not None:
            message = (
                "@fromContext argument cannot be used on a field implementing an interface field"
                f' "{implemented.coordinate}".'
            )
            yield error(ErrorCode.CONTEXT_NOT_SET, message, application)
    if argument.default is not UNSET:
        message = f'@fromContext arguments may not have a default value: "{argument.coordinate}".'
        yield error(ErrorCode.CONTEXT_NOT_SET, message, application)

    value = application.arguments.get("field")
    context, selection = parse_context(value)
    if not context or not selection:
        message = f'@fromContext argument does not reference a context "{value}".'
        yield error(ErrorCode.NO_CONTEXT_IN_SELECTION, message, application)
        return
    types = types_by_context.get(context)
    if types is None:
        message = f'Context "{context}" is used at location "{argument.coordinate}" but is never set.'
        yield error(ErrorCode.CONTEXT_NOT_SET, message, application)
    else:
        yield from context_selection_errors(metadata, argument, context, selection, types)
    if not any(key.arguments.get("resolvable") in (True, None) for key in metadata.applied(field.parent, "key")):
        message = f'Object "{field.parent.name}" has no resolvable key but has a field with a contextual argument.'
        yield error(ErrorCode.CONTEXT_NO_RESOLVABLE_KEY, message, field.parent)
