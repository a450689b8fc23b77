"""What is checked of every field set, of @key, @requires and @provides alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import print_ast

from ..errors import CompositionError, InvalidSchema, directive_code, error
from ..metadata import SubgraphMetadata
from ..schema import Directive, Field, TypeDefinition
from ..schema.field_sets import at_field_set, describe_target, parse_field_set
from ..schema.selections import FieldOf, SelectedField, Selections, field_of


@dataclass(frozen=True, slots=True)
class FieldSetRule:
    """The checks for one directive."""

    directive: str
    allows_interfaces: bool = False
    allows_arguments: bool = False
    allows_local_leaves: bool = False
    """Whether what the subgraph resolves itself may be selected: in a key yes, in what is required or provided no."""
    field_accessor: FieldOf = field_of

    def errors(
        self, metadata: SubgraphMetadata, application: Directive, type_: TypeDefinition
    ) -> Iterator[CompositionError]:
        parent = type_ if self.directive == "key" else _parent_type(application)
        if parent is not None and parent.is_interface and not self.allows_interfaces:
            yield self._on_interface(metadata, application, parent)
        try:
            selections = parse_field_set(type_, application, self.directive, self.field_accessor)
        except InvalidSchema as problem:
            yield from problem.errors
            return
        for found in self._selection_errors(metadata, selections, has_external_parent=False):
            yield at_field_set(application, self.directive, found)

    def _on_interface(
        self, metadata: SubgraphMetadata, application: Directive, parent: TypeDefinition
    ) -> CompositionError:
        at = f"@{metadata.name_of(self.directive)}"
        if self.directive == "key":
            message = f'Cannot use {at} on interface "{parent.name}": {at} is not yet supported on interfaces'
        else:
            message = (
                f'Cannot use {at} on {describe_target(application)} of parent type "{parent.name}": {at} is not yet supported'
                " within interfaces"
            )
        return error(directive_code(self.directive, "UNSUPPORTED_ON_INTERFACE"), message, application, parent)

    def _selection_errors(
        self, metadata: SubgraphMetadata, selections: Selections, *, has_external_parent: bool
    ) -> Iterator[CompositionError]:
        for selection in selections:
            if selection.directives:
                printed = ", ".join(print_ast(directive) for directive in selection.directives)
                yield error(
                    directive_code(self.directive, "DIRECTIVE_IN_FIELDS_ARG"),
                    f"cannot have directive applications in the @{metadata.name_of(self.directive)}(fields:) argument but"
                    f" found {printed}.",
                )
            is_below_external = has_external_parent
            if isinstance(selection, SelectedField):
                yield from self._field_errors(metadata, selection, has_external_parent)
                is_below_external = has_external_parent or _may_be_external(metadata, selection.field)
            yield from self._selection_errors(metadata, selection.selections, has_external_parent=is_below_external)

    def _field_errors(
        self, metadata: SubgraphMetadata, selection: SelectedField, has_external_parent: bool
    ) -> Iterator[CompositionError]:
        field = selection.field
        name = metadata.name_of(self.directive)
        if field.arguments and not self.allows_arguments:
            yield error(
                directive_code(self.directive, "FIELDS_HAS_ARGS"),
                f"field {field.coordinate} cannot be included because it has arguments (fields with argument are not allowed"
                f" in @{name})",
                field,
            )
        must_be_external = not selection.selections and not self.allows_local_leaves and not has_external_parent
        if not must_be_external or metadata.is_external(field):
            return
        if metadata.is_fake_external(field):
            reason = (
                'it is already "effectively" provided by this subgraph (while it is marked @external, it is a @key field of an'
                " extension type, which are not internally considered external for historical/backward compatibility reasons)"
            )
        else:
            reason = "it is already provided by this subgraph (it is not marked @external)"
        yield error(
            directive_code(self.directive, "FIELDS_MISSING_EXTERNAL"),
            f'field "{field.coordinate}" should not be part of a @{name} since {reason}',
            field,
        )


def _parent_type(application: Directive) -> TypeDefinition | None:
    return application.parent.parent if isinstance(application.parent, Field) else None


def _may_be_external(metadata: SubgraphMetadata, field: Field) -> bool:
    """Of an interface's field, some implementation may be external."""
    if metadata.is_external(field):
        return True
    if not field.parent.is_interface:
        return False
    implementing = (type_.fields.get(field.name) for type_ in metadata.schema.possible_types(field.parent))
    return any(known is not None and metadata.is_external(known) for known in implementing)
