"""Merge objects: the union of their fields."""

from __future__ import annotations

from ..error_codes import ErrorCode
from ..hint_codes import HintCode
from ..schema import Field, RootKind, TypeDefinition
from .fields import add_fields, check_sharing, hint_on_missing_fields, merge_field
from .merging import Merging
from .overrides import check_overrides
from .sources import Sources, present


def merge_object(
    merging: Merging,
    sources: Sources[TypeDefinition],
    destination: TypeDefinition,
    overridden: set[str],
    from_context: set[str],
) -> None:
    supergraph = merging.state.supergraph
    is_entity = _hint_on_missing_keys(merging, sources, destination)
    is_value_type = not is_entity and not supergraph.is_root(destination)
    is_subscription = supergraph.root(RootKind.SUBSCRIPTION) is destination
    added = add_fields(merging, sources, destination)
    if not added:
        # Only Query can have nothing of its own: in the rare case that there are no queries at all.
        supergraph.remove_type(destination)
        return
    for name, declarations in added.items():
        field = destination.fields[name]
        if is_value_type:
            hint_on_missing_fields(merging, sources, destination, field)
        overrides = check_overrides(merging, declarations, field, overridden)
        if is_subscription:
            _check_subscription_field(merging, declarations)
        merge_field(merging, declarations, field, overrides, from_context)
        check_sharing(merging, declarations, field, overrides)


def _hint_on_missing_keys(merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition) -> bool:
    """Whether the type is an entity in any subgraph."""
    state = merging.state
    entities = {id(source) for index, source in present(sources) if state.subgraphs[index].metadata.is_entity(source)}
    if entities and len(entities) < sum(1 for _ in present(sources)):
        state.report.presence_hint(
            HintCode.INCONSISTENT_ENTITY,
            f'Type "{destination.name}" is declared as an entity (has a @key applied) in some but not all defining subgraphs: ',
            destination,
            sources,
            lambda source: id(source) in entities,
            "it has no @key in {}",
            "but has some @key in {}",
            is_in_supergraph=False,
        )
    return bool(entities)


def _check_subscription_field(merging: Merging, sources: Sources[Field]) -> None:
    """Events come from one subgraph only."""
    state = merging.state
    shared = [source for index, source in present(sources) if state.subgraphs[index].metadata.has(source, "shareable")]
    if shared:
        message = "Fields on root level subscription object cannot be marked as shareable"
        state.report.error(ErrorCode.INVALID_FIELD_SHARING, message, *shared)
