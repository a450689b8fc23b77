"""Find where the arguments filled by @fromContext come from: the nearest object further up whose type carries the context."""

from __future__ import annotations

from ..query_graph import FieldEdge
from ..supergraph import ContextArgumentDefinition, Supergraph
from .normalize import SelectionBuilder
from .paths import ContextNeed, Place, Unresolvable


def find_context_needs(
    supergraph: Supergraph, builder: SelectionBuilder, place: Place, edge: FieldEdge
) -> tuple[ContextNeed, ...]:
    """One need per context argument of a field of the objects at `place`. Raises Unresolvable when no ancestor has the context."""
    return tuple(
        _find_need(supergraph, builder, place, edge, definition) for definition in edge.field.context_arguments
    )


def _find_need(
    supergraph: Supergraph,
    builder: SelectionBuilder,
    place: Place,
    edge: FieldEdge,
    definition: ContextArgumentDefinition,
) -> ContextNeed:
    levels_up = 0
    ancestor: Place | None = place
    while ancestor is not None and ancestor.parent is not None:
        levels_up += 1 + ancestor.position.list_depth
        ancestor = ancestor.parent
        if _carries(supergraph, ancestor, definition.context):
            regions = builder.field_set_regions(ancestor.type_name, definition.selection, ancestor.position)
            return ContextNeed(definition, ancestor, levels_up, regions)
    raise Unresolvable(
        f'the argument "{definition.name}" of "{place.type_name}.{edge.field_name}" needs the context "{definition.context}",'
        " which no type above it carries"
    )


def _carries(supergraph: Supergraph, place: Place, context: str) -> bool:
    """Whether all objects of a place have the context, by their own type or by an interface or union they belong to."""
    carriers = {name for name, type_ in supergraph.types.items() if context in type_.contexts}
    covered: frozenset[str] = frozenset().union(*(supergraph.possible_types[name] for name in carriers))
    return place.possible <= covered
