"""@listSize: on lists, with a size that is not negative, slicing arguments that are integers and sized fields that are lists.

https://ibm.github.io/graphql-specs/cost-spec.html#sec-The-List-Size-Directive
"""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Directive, Field
from ..schema.type_reference import base_name, is_list_or_non_null_list


def list_sizes(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for application in metadata.applications("listSize"):
        field = application.parent
        if isinstance(field, Field):
            yield from _check(application, field)


def _check(application: Directive, field: Field) -> Iterator[CompositionError]:
    sized_fields = application.arguments.get("sizedFields") or []
    if not sized_fields and not is_list_or_non_null_list(field.type):
        yield error(ErrorCode.LIST_SIZE_APPLIED_TO_NON_LIST, f'"{field.coordinate}" is not a list', application, field)
    assumed = application.arguments.get("assumedSize")
    if isinstance(assumed, int) and assumed < 0:
        message = f'Assumed size of "{field.coordinate}" cannot be negative'
        yield error(ErrorCode.LIST_SIZE_INVALID_ASSUMED_SIZE, message, application, field)
    for name in application.arguments.get("slicingArguments") or []:
        argument = field.arguments.get(name)
        if argument is None:
            message = f'Slicing argument "{name}" is not an argument of "{field.coordinate}"'
            yield error(ErrorCode.LIST_SIZE_INVALID_SLICING_ARGUMENT, message, application, field)
        elif argument.type not in ("Int", "Int!"):
            message = f'Slicing argument "{argument.coordinate}" must be Int or Int!'
            yield error(ErrorCode.LIST_SIZE_INVALID_SLICING_ARGUMENT, message, application, field)
    if sized_fields:
        yield from _check_sized_fields(application, field, sized_fields)


def _check_sized_fields(application: Directive, field: Field, names: list[str]) -> Iterator[CompositionError]:
    type_ = field.schema.type(base_name(field.type))
    if type_ is None or not type_.is_composite:
        message = f'Sized fields cannot be used because "{field.type}" is not a composite type'
        yield error(ErrorCode.LIST_SIZE_INVALID_SIZED_FIELD, message, application, field)
        return
    for name in names:
        sized = type_.field(name)
        if sized is None:
            message = f'Sized field "{name}" is not a field on type "{type_.name}"'
            yield error(ErrorCode.LIST_SIZE_INVALID_SIZED_FIELD, message, application, field)
        elif not is_list_or_non_null_list(sized.type):
            message = f'Sized field "{sized.coordinate}" is not a list'
            yield error(ErrorCode.LIST_SIZE_APPLIED_TO_NON_LIST, message, application, field)
