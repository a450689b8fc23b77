"""Add to subgraphs the fields that they can only provide: supergraphs of federation 1 (join v0.1) do not list these as external."""

from __future__ import annotations

from collections.abc import Mapping

from ..language import FieldSet, FieldSetFragment
from .model import SubgraphField, SupergraphType, TypeKind


def add_provided_fields(types: Mapping[str, SupergraphType]) -> None:
    """Make every field that a @provides names known, as external, to the subgraph that provides it. Later versions list them all."""
    for type_ in types.values():
        for field in type_.fields.values():
            for graph, subgraph_field in list(field.by_graph.items()):
                if subgraph_field.provides:
                    _add(types, field.named_type, graph, subgraph_field.provides)


def _add(types: Mapping[str, SupergraphType], type_name: str, graph: str, provided: FieldSet) -> None:
    type_ = types.get(type_name)
    if type_ is None:
        return
    for selection in provided:
        if isinstance(selection, FieldSetFragment):
            _add(types, selection.type_condition or type_name, graph, selection.selections)
            continue
        # What is provided on an interface is provided on whatever implements it.
        for owner in (type_, *_implementations(types, type_)):
            field = owner.fields.get(selection.field_name)
            if field is None or graph not in owner.by_graph:
                continue
            if graph not in field.by_graph:
                external = SubgraphField(graph, field.type_text, is_external=True)
                field.by_graph[graph] = external  # type: ignore[index]  # a dict while the supergraph is being read
            _add(types, field.named_type, graph, selection.selections)


def _implementations(types: Mapping[str, SupergraphType], type_: SupergraphType) -> list[SupergraphType]:
    if type_.kind is not TypeKind.INTERFACE:
        return []
    return [other for other in types.values() if type_.name in other.interfaces]
