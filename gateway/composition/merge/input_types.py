"""Merge input objects: the fields that all subgraphs with the type have."""

from __future__ import annotations

from ..error_codes import ErrorCode
from ..errors import print_subgraph_names
from ..hint_codes import HintCode
from ..schema import Field, TypeDefinition
from .default_values import merge_default_value
from .descriptions import merge_description
from .field_context import FieldOverrides
from .fields import add_fields
from .join_fields import add_join_field
from .merging import Merging
from .sources import Sources, present
from .type_references import merge_type_reference


def merge_input(
    merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition, overrides: FieldOverrides
) -> None:
    state = merging.state
    for name, declarations in add_fields(merging, sources, destination).items():
        field = destination.fields[name]
        # Merged even if it is left out below: its types are compared, and whether it is hidden is seen.
        _merge_input_field(merging, declarations, field, overrides)
        is_hidden = state.inaccessible is not None and field.has(state.inaccessible)
        if not is_hidden and any(source is None for source in declarations.values()):
            _report_missing(merging, declarations, destination, field)
            field.is_removed = True
            field.remove_applications()
            del destination.fields[name]
    if not destination.fields:
        state.report.error(
            ErrorCode.EMPTY_MERGED_INPUT_TYPE,
            f'None of the fields of input object type "{destination.name}" are consistently defined in all the subgraphs defining'
            " that type. As only fields common to all subgraphs are merged, this would result in an empty type.",
            *sources.values(),
        )


def _merge_input_field(
    merging: Merging, sources: Sources[Field], destination: Field, overrides: FieldOverrides
) -> None:
    merge_description(merging.state.report, sources, destination)
    merging.applied.record(sources, destination)
    same_types = merge_type_reference(merging, sources, destination, is_input=True)
    add_join_field(merging, sources, destination, same_types=same_types, overrides=overrides, from_context=set())
    merge_default_value(merging.state.report, sources, destination)


def _report_missing(merging: Merging, sources: Sources[Field], destination: TypeDefinition, field: Field) -> None:
    """An error if some subgraph cannot do without the field, else a hint that it is left out."""
    state = merging.state
    required = [state.subgraphs[index].name for index, source in present(sources) if source.is_required]
    if required:
        missing = [state.subgraphs[index].name for index, source in sources.items() if source is None]
        state.report.error(
            ErrorCode.REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH,
            f'Input object field "{field.coordinate}" is required in some subgraphs but does not appear in all subgraphs: it is'
            f" required in {print_subgraph_names(required)} but does not appear in {print_subgraph_names(missing)}",
            *sources.values(),
        )
        return
    state.report.presence_hint(
        HintCode.INCONSISTENT_INPUT_OBJECT_FIELD,
        f'Input object field "{field.name}" will not be added to "{destination.name}" in the supergraph as it does not appear in'
        " all subgraphs: ",
        field,
        sources,
        lambda _: True,
        "it is defined in {}",
        include_missing=True,
    )
