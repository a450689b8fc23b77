"""@join__field: which subgraphs have a field, and what each of them says about it. Left out where it would say nothing."""

from __future__ import annotations

from ...specs.feature import ConstValue
from ...specs.join import FIELD
from ..contexts import parse_context
from ..schema import Directive, Field
from .field_context import FieldOverrides
from .merging import Merging
from .sources import Sources, present


def fields_from_context(merging: Merging) -> set[str]:
    """Coordinates of fields that have an argument with @fromContext in some subgraph."""
    found = set()
    for subgraph in merging.state.subgraphs:
        for application in subgraph.metadata.applications("fromContext"):
            field = getattr(application.parent, "parent", None)
            if isinstance(field, Field):
                found.add(field.coordinate)
    return found


def add_join_field(
    merging: Merging,
    sources: Sources[Field],
    destination: Field,
    *,
    same_types: bool,
    overrides: FieldOverrides,
    from_context: set[str],
) -> None:
    state = merging.state
    if (
        same_types
        and not overrides.needs_join_field
        and not _needs_join_field(merging, sources, destination, overrides, from_context)
    ):
        return
    for index, source in present(sources):
        label = overrides.labels.get(index)
        if index in overrides.unused and not label:
            continue
        metadata = state.subgraphs[index].metadata
        override = metadata.applied(source, "override")
        arguments: dict[str, ConstValue] = {
            "graph": state.graph_values[index],
            "requires": _field_set(metadata.applied(source, "requires")),
            "provides": _field_set(metadata.applied(source, "provides")),
            "override": override[-1].arguments.get("from") if override else None,
            "type": None if same_types else source.type,
            "external": True if metadata.is_external(source) else None,
            "usedOverridden": True if index in overrides.used else None,
            "overrideLabel": label,
            "contextArguments": _context_arguments(merging, index, source)
            if source.coordinate in from_context
            else None,
        }
        destination.apply(FIELD, {name: value for name, value in arguments.items() if value is not None})


def _needs_join_field(
    merging: Merging, sources: Sources[Field], destination: Field, overrides: FieldOverrides, from_context: set[str]
) -> bool:
    """Not when every subgraph with the type has the field, and in none there is more to say about it."""
    state = merging.state
    if destination.coordinate in from_context:
        return True
    declaring = 0
    for index, source in present(sources):
        if index in overrides.unused:
            return True
        declaring += 1
        metadata = state.subgraphs[index].metadata
        if metadata.is_external(source) or (
            source.directives and (metadata.has(source, "provides") or metadata.has(source, "requires"))
        ):
            return True
    return declaring < len(state.positions_by_type.get(destination.parent.name, ()))


def _field_set(applications: list[Directive]) -> ConstValue:
    return applications[0].arguments.get("fields") if applications else None


def _context_arguments(merging: Merging, index: int, source: Field) -> list[dict[str, ConstValue]] | None:
    subgraph = merging.state.subgraphs[index]
    found = []
    for argument in source.arguments.values():
        applied = argument.applied(subgraph.metadata.name_of("fromContext"))
        context, selection = parse_context(applied[0].arguments.get("field")) if applied else (None, "")
        if context:
            found.append(
                {
                    "context": f"{subgraph.name}__{context}",
                    "name": argument.name,
                    "type": argument.type,
                    "selection": selection,
                }
            )
    return found or None
