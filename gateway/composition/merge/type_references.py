"""Merge the types of a field or argument: the widest for output, the narrowest for input, if they are compatible at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..error_codes import ErrorCode
from ..hint_codes import HintCode
from ..schema import Argument, Field, Schema
from ..schema.type_reference import TypeReference, base_name, is_strict_subtype
from .merging import Merging
from .sources import present

Typed = TypeVar("Typed", Field, Argument)


def merge_type_reference(
    merging: Merging, sources: Mapping[int, Typed | None], destination: Typed, *, is_input: bool
) -> bool:
    """Set the destination's type. Whether all sources have exactly the same type; an error is reported when they cannot be merged."""
    merged: TypeReference | None = None
    merged_in: Schema = merging.state.supergraph
    has_subtypes = False
    is_incompatible = False
    example: Typed | None = None
    for _, source in present(sources):
        example = example or source
        if merged is None or merged == source.type:
            merged, merged_in = source.type, source.schema
        elif _is_strict_subtype(merging, merged, merged_in, source.type):
            has_subtypes = True
            if is_input:
                merged, merged_in = source.type, source.schema
        elif _is_strict_subtype(merging, source.type, source.schema, merged):
            has_subtypes = True
            if not is_input:
                merged, merged_in = source.type, source.schema
        else:
            is_incompatible = True
    assert merged is not None
    assert example is not None
    destination.type = merged
    _record_enum(merging, destination, example, is_input)
    kind = "argument" if isinstance(destination, Argument) else "field"
    report = merging.state.report
    if is_incompatible:
        is_argument = isinstance(destination, Argument)
        report.mismatch_error(
            ErrorCode.FIELD_ARGUMENT_TYPE_MISMATCH if is_argument else ErrorCode.FIELD_TYPE_MISMATCH,
            f'Type of {kind} "{destination.coordinate}" is incompatible across subgraphs: it has ',
            sources,
            lambda source: f'type "{source.type}"',
            f'type "{merged}"',
        )
        return False
    if has_subtypes:
        _hint_on_subtypes(merging, sources, destination, kind, is_input)
        return False
    return True


def _record_enum(merging: Merging, destination: Typed, example: Field | Argument, is_input: bool) -> None:
    type_ = merging.state.supergraph.type(base_name(destination.type))
    if type_ is None or not type_.is_enum:
        return
    if is_input:
        merging.enum_usages.record_input(type_.name, example)
    elif isinstance(example, Field):
        merging.enum_usages.record_output(type_.name, example)


def _hint_on_subtypes(
    merging: Merging,
    sources: Mapping[int, Typed | None],
    destination: Typed,
    kind: str,
    is_input: bool,
) -> None:
    report = merging.state.report
    relation = "supertype" if is_input else "subtype"
    coordinate = destination.coordinate
    found = report.distribution(
        sources,
        lambda source: source.type,
        destination.type,
        lambda type_, names: f'will use type "{type_}" (from {names}) in supergraph but "{coordinate}" has ',
        lambda type_, names: f'{relation} "{type_}" in {names}',
    )
    code = (
        HintCode.INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE
        if isinstance(destination, Argument)
        else HintCode.INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE
    )
    message = f'Type of {kind} "{coordinate}" is inconsistent but compatible across subgraphs: '
    report.hint(code, found.continued(message) + ".", destination, *found.nodes)


def _is_strict_subtype(merging: Merging, reference: TypeReference, schema: Schema, candidate: TypeReference) -> bool:
    """Implementations and members are those of the supergraph; but what is no abstract type in its subgraph has none."""
    supergraph = merging.state.supergraph

    def is_direct(abstract: str, name: str) -> bool:
        type_ = schema.type(abstract)
        return type_ is not None and type_.is_abstract and supergraph.is_direct_subtype(abstract, name)

    return is_strict_subtype(reference, candidate, is_direct)
