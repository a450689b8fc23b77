"""Merge valid federation 2 subgraphs into one supergraph.

Reading order: state (what is shared), sources, report; prepare (link specs, with federation_version, composed_directives and
aliases); types, then one file per kind: object_types, interface_types, union_types, enum_types, input_types; what they have in
common: fields, overrides, external_fields, arguments, type_references, default_values, descriptions, join_types, join_fields,
join_directives; then directive_definitions, schema_definition, applied_directives (with access_control) and
interface_object_fields.
"""

from __future__ import annotations

from ..error_codes import ErrorCode
from ..schema import Kind, RootKind
from ..subgraph import Subgraph
from .applied_directives import AppliedDirectives
from .directive_definitions import add_directive_names, merge_directive_definitions
from .enum_usages import EnumUsages
from .interface_object_fields import add_interface_object_fields
from .merging import Merging
from .prepare import prepare_supergraph
from .report import Report
from .schema_definition import merge_schema_definition
from .state import Merge
from .types import TypeMerger, add_type_names

__all__ = ["Merge", "Report", "merge_subgraphs"]


def merge_subgraphs(subgraphs: tuple[Subgraph, ...]) -> Merge:
    """Everything merged that could be; with errors in its report, the supergraph is not complete."""
    report = Report([subgraph.name for subgraph in subgraphs])
    state = prepare_supergraph(subgraphs, report)
    # With wrong links, later steps would only tell the same again, less clearly.
    if report.errors:
        return state
    add_type_names(state)
    add_directive_names(state)
    merging = Merging(state, AppliedDirectives(state), EnumUsages())
    types = TypeMerger(merging)
    types.merge_implementations()
    types.merge_all_of(Kind.UNION)
    merge_schema_definition(merging)
    types.merge_all_of(Kind.SCALAR, Kind.INPUT_OBJECT, Kind.INTERFACE, Kind.OBJECT)
    merge_directive_definitions(merging)
    # Last, because how the values of an enum merge depends on where it is used.
    types.merge_all_of(Kind.ENUM)
    if state.supergraph.root(RootKind.QUERY) is None:
        message = "No queries found in any subgraph: a supergraph must have a query root type."
        report.error(ErrorCode.NO_QUERIES, message)
    merging.applied.merge_all()
    add_interface_object_fields(merging)
    return state
