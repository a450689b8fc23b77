"""Give implementations the fields that only an @interfaceObject resolves for them."""

from __future__ import annotations

from ...specs.join import FIELD
from ..schema import Argument, Field, Kind
from .field_context import NO_OVERRIDES
from .fields import check_sharing
from .merging import Merging
from .sources import Sources
from .state import Merge


def add_interface_object_fields(merging: Merging) -> None:
    """After everything else is merged: what is added is copied from the merged interface."""
    state = merging.state
    for type_ in state.supergraph.types_of(Kind.OBJECT):
        for name in type_.interfaces:
            interface = state.supergraph.types[name]
            for field in interface.fields.values():
                existing = type_.fields.get(field.name)
                if existing is not None:
                    joins = existing.applied(FIELD)
                    is_only_external = bool(joins) and all(join.arguments.get("external") for join in joins)
                    if is_only_external and state.is_provided_by_interface_object(field.name, name):
                        _copy_directives(merging, field, existing)
                elif state.is_provided_by_interface_object(field.name, name):
                    added = type_.add_field(field.name, field.type)
                    _copy(merging, field, added)
                    # Without a graph: it comes from no subgraph directly.
                    added.apply(FIELD)
                    asked: Sources[Field] = dict.fromkeys(sorted(state.positions_standing_in_for(type_)))
                    check_sharing(merging, asked, added, NO_OVERRIDES)


def _copy(merging: Merging, source: Field, destination: Field) -> None:
    destination.description = source.description
    _copy_directives(merging, source, destination)
    for argument in source.arguments.values():
        added = destination.add_argument(argument.name, argument.type, argument.default)
        added.description = argument.description
        _copy_directives(merging, argument, added)


def _copy_directives(merging: Merging, source: Field | Argument, destination: Field | Argument) -> None:
    state: Merge = merging.state
    if isinstance(destination, Field):
        for directive, name in state.access_control.items():
            others = merging.applied.access_control.of(destination.coordinate, directive)
            if others:
                merging.applied.merge(name, dict(enumerate(others)), destination)
    for applied in source.directives:
        if not applied.name.startswith("join__") and applied.name not in state.access_control.values():
            destination.apply(applied.name, dict(applied.arguments))
