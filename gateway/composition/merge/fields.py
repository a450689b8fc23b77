"""Merge the fields of objects and interfaces: what the subgraphs that resolve a field say of it, checked against those that do not."""

from __future__ import annotations

from collections.abc import Sequence

from ..error_codes import ErrorCode
from ..errors import print_list, print_subgraph_names, print_types
from ..hint_codes import HintCode
from ..schema import Field, RootKind, TypeDefinition
from ..schema.build_members import OPERATION_FIELDS
from .arguments import merge_arguments
from .descriptions import merge_description
from .external_fields import check_external_fields
from .field_context import FieldOverrides
from .join_directives import add_join_directives
from .join_fields import add_join_field
from .merging import Merging
from .sources import Sources, present
from .type_references import merge_type_reference


def add_fields(
    merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition
) -> dict[str, Sources[Field]]:
    """Add every field that some subgraph has; the declarations of each.

    With None for the subgraphs without it, where they count: for inputs, and where an @interfaceObject may stand for the type. For
    others that would be long lists: a root type is in all subgraphs, and each of its fields in one.
    """
    state = merging.state
    ordered: Sequence[int] = ()
    if standing_in := state.positions_standing_in_for(destination):
        ordered = sorted({*standing_in, *state.positions_by_type.get(destination.name, ())})
    elif destination.is_input_object:
        ordered = state.positions_by_type[destination.name]
    added: dict[str, Sources[Field]] = {}
    for index, source in present(sources):
        is_query = state.subgraphs[index].schema.root(RootKind.QUERY) is source
        for field in source.fields.values():
            if is_query and field.name in OPERATION_FIELDS:
                continue
            declarations = added.get(field.name)
            if declarations is None:
                declarations = added[field.name] = dict.fromkeys(ordered)
                if field.name not in destination.fields:
                    destination.add_field(field.name)
            declarations[index] = field
    return added


def merge_field(
    merging: Merging,
    sources: Sources[Field],
    destination: Field,
    overrides: FieldOverrides,
    from_context: set[str],
) -> None:
    state = merging.state
    if _is_external_everywhere(merging, sources, destination):
        _report_missing_base(merging, sources, destination)
        return
    resolving = _without_externals(merging, sources)
    # With an @interfaceObject elsewhere, all declarations of the field itself may be external.
    has_resolving = any(source is not None for source in resolving.values())
    if has_resolving:
        merge_description(state.report, resolving, destination)
        merging.applied.record_with_access_control(resolving, destination)
        merge_arguments(merging, resolving, destination)
    same_types = merge_type_reference(merging, resolving if has_resolving else sources, destination, is_input=False)
    check_external_fields(merging, sources, destination, same_types=same_types)
    add_join_field(merging, sources, destination, same_types=same_types, overrides=overrides, from_context=from_context)
    add_join_directives(state, sources, destination)


def _is_external_everywhere(merging: Merging, sources: Sources[Field], destination: Field) -> bool:
    state = merging.state
    for index, source in sources.items():
        if source is not None:
            if not state.is_external(index, source):
                return False
        elif not all(state.is_external(index, field) for field in state.abstracting_fields(destination, index)):
            return False
    return True


def _report_missing_base(merging: Merging, sources: Sources[Field], destination: Field) -> None:
    state = merging.state
    names = []
    for index, source in sources.items():
        name = state.subgraphs[index].name
        if source is not None:
            names.append(name)
        elif stand_ins := state.abstracting_fields(destination, index):
            names.append(f"{name} (through @interfaceObject {print_types([field.parent.name for field in stand_ins])})")
    state.report.error(
        ErrorCode.EXTERNAL_MISSING_ON_BASE,
        f'Field "{destination.coordinate}" is marked @external on all the subgraphs in which it is listed'
        f" ({print_subgraph_names(names)}).",
        *sources.values(),
    )


def _without_externals(merging: Merging, sources: Sources[Field]) -> Sources[Field]:
    """The declarations that are resolved; the external ones must not have directives that would be merged."""
    state = merging.state
    resolving: Sources[Field] = {}
    for index, source in sources.items():
        if source is None or not state.is_external(index, source):
            resolving[index] = source
            continue
        resolving[index] = None
        for directive in source.directives:
            # Custom directives are let through: only what is merged by default is told.
            if directive.name not in state.join_directives and (
                directive.name in state.spec_directives or directive.name in state.supergraph.built_in_directives
            ):
                state.report.error(
                    ErrorCode.MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL,
                    f"[{state.subgraphs[index].name}] Cannot apply merged directive {directive} to external field"
                    f' "{source.coordinate}"',
                    directive,
                )
    return resolving


def check_sharing(merging: Merging, sources: Sources[Field], destination: Field, overrides: FieldOverrides) -> None:
    """A field that several subgraphs resolve must be shareable in all of them."""
    state = merging.state
    resolving: list[tuple[int, str, Field]] = []
    for index, source in sources.items():
        name = f'"{state.subgraphs[index].name}"'
        if source is None:
            for field in state.abstracting_fields(destination, index):
                resolving.append((index, f'{name} (through @interfaceObject field "{field.coordinate}")', field))
        elif not overrides.is_overridden(index):
            resolving.append((index, name, source))
    if len(resolving) < 2:
        return
    resolving = [item for item in resolving if not state.subgraphs[item[0]].metadata.is_fully_external(item[2])]
    not_shareable = [item for item in resolving if not state.subgraphs[item[0]].metadata.is_shareable(item[2])]
    if not not_shareable or len(resolving) < 2:
        return

    def print_subgraphs(items: list[tuple[int, str, Field]]) -> str:
        return print_list([name for _, name, _ in items], one="subgraph", many="subgraphs", cutoff=500)

    where = "all of them" if len(not_shareable) == len(resolving) else print_subgraphs(not_shareable)
    hint = ""
    mistaken = next((name for index, name, _ in not_shareable if index in overrides.unknown_target), None)
    if mistaken is not None:
        hint = (
            f' (please note that "{destination.coordinate}" has an @override directive in {mistaken} that targets an unknown'
            " subgraph so this could be due to misspelling the @override(from:) argument)"
        )
    state.report.error(
        ErrorCode.INVALID_FIELD_SHARING,
        f'Non-shareable field "{destination.coordinate}" is resolved from multiple subgraphs: it is resolved from'
        f" {print_subgraphs(resolving)} and defined as non-shareable in {where}{hint}",
        *(field for _, _, field in resolving),
    )


def hint_on_missing_fields(
    merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition, field: Field
) -> None:
    """A value type whose field is not in all its subgraphs: queries that reach the type there cannot have it."""
    state = merging.state
    if not any(_misses(merging, index, source, destination, field) for index, source in present(sources)):
        return
    is_interface = destination.is_interface
    kind = "interface" if is_interface else "non-entity object"
    code = (
        HintCode.INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD
        if is_interface
        else HintCode.INCONSISTENT_OBJECT_VALUE_TYPE_FIELD
    )
    state.report.presence_hint(
        code,
        f'Field "{field.coordinate}" of {kind} type "{destination.name}" is defined in some but not all subgraphs that define'
        f' "{destination.name}": ',
        destination,
        sources,
        lambda source: field.name in source.fields,
        f'"{field.coordinate}" is defined in {{}}',
    )


def _misses(merging: Merging, index: int, source: TypeDefinition, destination: TypeDefinition, field: Field) -> bool:
    metadata = merging.state.subgraphs[index].metadata
    if field.name in source.fields or metadata.is_interface_object(source):
        return False
    if all(metadata.is_external(own) for own in source.fields.values()):
        return False
    return not (
        destination.is_interface and merging.state.is_provided_by_interface_object(field.name, destination.name)
    )
