"""Normalize an operation: choose it, spread fragments in, merge equal fields, sort selections by the object types they stand for.

Reading order: select_operation, collect_fields (fragments, @skip / @include, @defer), split_introspection, remove_covered,
build_selections (tree keys), field_set_selections (the same for a @key or @requires).
"""

from __future__ import annotations

from graphql import DocumentNode

from ...errors import PlanningError
from ...supergraph import Supergraph
from ..operation import Operation
from ..positions import Position
from .build_selections import SelectionBuilder
from .collect_fields import FieldCollector
from .select_operation import operation_kind, select_operation
from .split_introspection import split_introspection

__all__ = ["SelectionBuilder", "normalize_operation"]


def normalize_operation(
    supergraph: Supergraph, document: DocumentNode, operation_name: str | None, builder: SelectionBuilder
) -> Operation:
    """Turn the chosen operation of a valid document into its normalized form."""
    definition, fragments = select_operation(document, operation_name)
    kind = operation_kind(definition)
    root_type = supergraph.root_types.get(kind)
    if root_type is None:
        raise PlanningError(f"no subgraph has a {kind} type")
    builder.collector = FieldCollector(supergraph, fragments, builder.deadline)
    collected, introspection = split_introspection(
        builder.collector.collect_operation(root_type, definition), fragments
    )
    root = Position()
    return Operation(
        kind=kind,
        name=definition.name.value if definition.name else None,
        root_type=root_type,
        definition=definition,
        root=root,
        regions=builder.regions(root_type, collected, root),
        introspection=introspection,
        defer_marks=tuple(collected.defer_marks),
    )
