"""@shareable: once per declaration, and only on objects and their fields."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Directive, Extension, Field, Kind, TypeDefinition


def shareable_usage(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for type_ in metadata.schema.types_of(Kind.OBJECT):
        yield from _check_repetition(metadata, type_)
        for field in type_.fields.values():
            yield from _check_repetition(metadata, field)
    for application in metadata.applications("shareable"):
        element = application.parent
        if isinstance(element, Field) and not element.parent.is_object:
            yield error(
                ErrorCode.INVALID_SHAREABLE_USAGE,
                f'Invalid use of @shareable on field "{element.coordinate}": only object type fields can be marked with'
                " @shareable",
                application,
                element.parent,
            )


def _check_repetition(metadata: SubgraphMetadata, element: TypeDefinition | Field) -> Iterator[CompositionError]:
    applications = metadata.applied(element, "shareable")
    if len(applications) <= 1:
        return
    by_declaration: dict[Extension | None, list[Directive]] = {}
    for application in applications:
        by_declaration.setdefault(application.extension, []).append(application)
    for group in by_declaration.values():
        if len(group) > 1:
            what = "field" if isinstance(element, Field) else "the same type declaration of"
            yield error(
                ErrorCode.INVALID_SHAREABLE_USAGE,
                f'Invalid duplicate application of @shareable on {what} "{element.coordinate}": @shareable is only repeatable on'
                " types so it can be used simultaneously on a type definition and its extensions, but it should not be"
                " duplicated on the same definition/extension declaration",
                *group,
            )
