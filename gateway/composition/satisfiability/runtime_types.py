"""A shared field must be able to return the same object types wherever it is resolved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...query_graph import Node, NodeKind, QueryGraph
from ...specs.join import FIELD, TYPE
from ..error_codes import ErrorCode
from ..errors import CompositionError, error, join_strings, print_list, print_subgraph_names
from ..hint_codes import HintCode
from ..hints import CompositionHint
from ..merge.state import Merge
from ..schema import Field, Schema, TypeDefinition


def is_shareable(merge: Merge, api_field: Field) -> bool:
    """Whether more than one subgraph resolves the field."""
    type_ = merge.supergraph.types[api_field.parent.name]
    if not type_.is_object:
        return False
    joins = type_.fields[api_field.name].applied(FIELD)
    if not joins:
        return len(type_.applied(TYPE)) > 1
    resolving = [
        join for join in joins if not join.arguments.get("external") and not join.arguments.get("usedOverridden")
    ]
    return len(resolving) > 1


def check_runtime_types(
    merge: Merge,
    graph: QueryGraph,
    nodes: Iterable[Node],
    api_field: Field,
    returned: TypeDefinition,
    api_schema: Schema,
    query: str,
) -> CompositionError | CompositionHint | None:
    """An error when the subgraphs have no possible type in common, a hint when they differ."""
    names = dict(zip(merge.graph_values, merge.names, strict=True))
    expected = sorted(type_.name for type_ in api_schema.possible_types(returned))
    types_by_subgraph: dict[str, list[str]] = {}
    for node in nodes:
        types = sorted(graph.possible_types(node))
        # An @interfaceObject stands for every implementation, and is no problem here.
        if node.kind is not NodeKind.INTERFACE_OBJECT:
            types_by_subgraph[names[node.graph]] = types
    if len(types_by_subgraph) < 2 or not any(types_by_subgraph.values()):
        return None
    common = [name for name in expected if all(name in types for types in types_by_subgraph.values())]
    at = [merge.subgraphs[merge.names.index(name)].schema.element(api_field.coordinate) for name in types_by_subgraph]
    if not common:
        return _no_common_type(api_field, types_by_subgraph, query, at)
    if len({tuple(types) for types in types_by_subgraph.values()}) == 1:
        return None
    return _different_types(api_field, types_by_subgraph, common, query, at)


def _print_types(types: Iterable[str]) -> str:
    return print_list([f'"{name}"' for name in types], one="type", many="types")


def _no_common_type(
    api_field: Field, types_by_subgraph: dict[str, list[str]], query: str, at: Sequence[object]
) -> CompositionError:
    subgraphs_by_types: dict[str, list[str]] = {}
    for name, types in types_by_subgraph.items():
        plural = "types" if len(types) > 1 else "type"
        printed = f"{plural} {join_strings([f'{chr(34)}{type_}{chr(34)}' for type_ in types])}"
        subgraphs_by_types.setdefault(printed if types else "no runtime type is defined", []).append(name)
    lines = ";\n".join(f" - in {print_subgraph_names(names)}, {types}" for types, names in subgraphs_by_types.items())
    return error(
        ErrorCode.SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES,
        f"For the following supergraph API query:\n{query}\n"
        f'Shared field "{api_field.coordinate}" return type "{api_field.type}" has a non-intersecting set of possible runtime'
        f" types across subgraphs. Runtime types in subgraphs are:\n{lines}.\n"
        "This is not allowed as shared fields must resolve the same way in all subgraphs, and that implies at least some common"
        " runtime types between the subgraphs.",
        *at,
    )


def _different_types(
    api_field: Field, types_by_subgraph: dict[str, list[str]], common: list[str], query: str, at: Sequence[object]
) -> CompositionHint:
    coordinate = api_field.coordinate
    lines = []
    for name, types in types_by_subgraph.items():
        others = [type_ for type_ in types if type_ not in common]
        if others:
            lines.append(
                f' - subgraph "{name}" should never resolve "{coordinate}" to an object of {_print_types(others)}'
            )
    particular = ";\n".join(lines)
    message = (
        f"For the following supergraph API query:\n{query}\n"
        f'Shared field "{coordinate}" return type "{api_field.type}" has different sets of possible runtime types across'
        " subgraphs.\nSince a shared field must be resolved the same way in all subgraphs, make sure that"
        f' {print_subgraph_names(list(types_by_subgraph))} only resolve "{coordinate}" to objects of {_print_types(common)}. In'
        f" particular:\n{particular}.\nOtherwise the @shareable contract will be broken."
    )
    nodes = tuple(node for element in at if (node := getattr(element, "node", None)) is not None)
    return CompositionHint(HintCode.INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN, message, coordinate, nodes)
